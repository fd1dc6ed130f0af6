"""``diff --base``: a file against an earlier commit of it, in repositories made here."""

from __future__ import annotations

import pytest

from tests.support.desk import FILE
from tests.support.git import commit_all, git

ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//a//b//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261204
SUMMARY:Inventory
END:VEVENT
END:VCALENDAR
"""
WITH_ICS = FILE.replace(
    "  us: {country: US, except: [Columbus Day, Veterans Day]}", "  us: {ics: closures.ics}"
)


@pytest.fixture
def repository(desk):
    """One commit on ``main``, of the file as it is."""
    commit_all(desk)
    return desk


def test_what_is_edited_since_the_commit_is_what_changes(repository):
    assert repository("diff", "--base", "main", "--exit-code").code == 0
    repository.write(FILE.replace("08:30-17:00", "08:00-17:00"))
    said = repository("diff", "--base", "main", "config/schedule.yaml", "--exit-code")
    assert said.code == 3
    assert ".office.hours.mon-thu" in said.out
    assert repository("diff", "--base", "main", "config/schedule.yaml").code == 0
    assert repository("diff", "--base", "main", "--json").data["old"] == "config/schedule.yaml (main)"


def test_a_file_that_is_new_since_the_commit_is_compared_with_none(repository):
    repository.write(FILE, "config/other.yaml")
    said = repository("diff", "--base", "HEAD", "config/other.yaml", "--json")
    assert (said.code, said.data["old"]) == (0, None)
    (pipeline,) = said.data["pipelines"]
    assert pipeline["before"] is None
    assert "is new since HEAD" in said.err


def test_a_calendar_file_is_that_of_the_same_commit(repository):
    repository.write(WITH_ICS)
    repository.write(ICS, "config/closures.ics")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "second")
    repository.write(ICS.replace("20261204", "20261203"), "config/closures.ics")
    data = repository("diff", "--base", "HEAD", "--json").data
    starts = [change["start"][:10] for change in data["pipelines"][0]["openings"]]
    assert starts == ["2026-12-03", "2026-12-04", "2026-12-04"]


def test_a_calendar_file_that_the_commit_lacks_is_an_error_and_nothing_is_computed(repository):
    repository.write(WITH_ICS)
    git(repository, "commit", "-am", "without its calendar")
    repository.write(ICS, "config/closures.ics")
    said = repository("diff", "--base", "HEAD")
    assert (said.code, said.out) == (2, "")
    error, following = said.err.splitlines()[-2:]
    assert "closures.ics cannot be read" in error
    assert error.endswith(": not in HEAD")
    assert error.startswith("config/schedule.yaml (HEAD):")
    assert following.startswith("next: ")
    assert "--base" in following


@pytest.mark.parametrize("revision", ["nope", "--help", "--output=x", "main:config", ""])
def test_what_is_no_commit_is_refused(repository, revision):
    said = repository("diff", f"--base={revision}")
    assert (said.code, said.out) == (2, "")
    assert "--base" in said.err


def test_a_committed_link_is_followed(repository):
    (repository.home / "link.yaml").symlink_to("config/schedule.yaml")
    (repository.home / "config/again.yaml").symlink_to("../link.yaml")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "links")
    assert repository("diff", "--base", "HEAD", "link.yaml", "--exit-code").code == 0
    repository.write(FILE.replace("08:30-17:00", "08:00-17:00"))
    for name in ("link.yaml", "config/again.yaml"):
        said = repository("diff", "--base", "HEAD", name, "--exit-code")
        assert said.code == 3
        assert ".office.hours.mon-thu" in said.out


@pytest.mark.parametrize("target", ["/etc/hostname", "../../outside.yaml", "nowhere.yaml", "link.yaml"])
def test_a_committed_link_that_leads_to_no_file_of_the_commit_is_refused(repository, target):
    link = repository.home / "link.yaml"
    link.symlink_to(target)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "a link")
    link.unlink()
    repository.write(FILE, "link.yaml")
    said = repository("diff", "--base", "HEAD", "link.yaml")
    assert (said.code, said.out) == (2, "")
    assert "link.yaml in HEAD" in said.err


def test_outside_of_a_repository_and_in_s3_there_is_no_base(desk):
    said = desk("diff", "--base", "main", LANGUAGE="de", LC_ALL="de_DE.UTF-8")
    assert (said.code, said.out) == (2, "")
    assert "fatal" not in said.err
    assert "OLD NEW" in said.err
    assert desk("diff", "--base", "main", "s3://bucket/schedule.yaml").code != 0


@pytest.mark.parametrize("files", [(), ("config/schedule.yaml",), ("a", "b", "c")])
def test_two_files_are_compared_or_one_with_its_base(repository, files):
    assert repository("diff", *files).code == 2
    if len(files) > 1:
        assert repository("diff", "--base", "main", *files).code == 2
