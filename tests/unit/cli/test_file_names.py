"""What may stand where a schedule file is named: the standard input, a folder, an empty text."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.desk import FILE
from tests.unit.cli.test_cli_door import typed

HOLD = ("hold", "logos", "off", "--for", "1h")
OPEN = ("override", "open", "office", "--for", "2h", "--reason", "r")
PROMOTE = ("promote", "logos", "v2", "--dry-run")
TO = "s3://configuration/schedule.yaml"


@pytest.mark.parametrize(
    ("args", "option"),
    [
        (("validate", ""), "FILE"),
        (("validate", "--config", ""), "--config"),
        (("validate", "config/schedule.yaml", ""), "FILE"),
        (("diff", "", "config/schedule.yaml"), "FILE"),
        (("diff", "--base", "HEAD", ""), "FILE"),
        (("push", "", TO), "FILE"),
        (("init", "--output", ""), "--output"),
        *(
            ((command, ""), "FILE")
            for command in ("calendar", "compare", "iam-policy", "reconcile", "simulate", "stack-parameters")
        ),
        *(
            ((*command, "--config", ""), "--config")
            for command in (
                HOLD,
                OPEN,
                PROMOTE,
                ("plan",),
                ("status",),
                ("explain",),
                ("doctor",),
                ("calendar",),
            )
        ),
    ],
    ids=str,
)
def test_an_empty_name_is_no_file(desk, args, option):
    desk.write(FILE, "schedule.yaml")
    said = desk(*args)
    assert (said.code, said.out) == (2, "")
    assert "empty" in said.err
    assert option in said.err


def test_an_empty_variable_names_nothing(desk):
    assert desk("validate", SCHEDULER_CONFIG="").code == 0


@pytest.mark.parametrize("command", [HOLD, OPEN, ("override", "prune"), PROMOTE], ids=" ".join)
@pytest.mark.parametrize("where", ["-", "config"])
def test_neither_the_standard_input_nor_a_folder_can_be_edited(desk, command, where):
    said = desk(*command, "--config", where)
    assert (said.code, said.out) == (2, "")
    assert ("standard input" if where == "-" else "directory") in said.err
    assert not (desk.home / "-").exists()


@pytest.mark.parametrize("where", ["-", "config"])
def test_neither_is_pushed_or_begun(desk, where):
    for args in (("push", where, TO, "--yes"), ("init", "--output", where)):
        said = desk(*args)
        assert (said.code, said.out) == (2, "")
        assert ("standard input" if where == "-" else "directory") in said.err


@pytest.mark.parametrize(
    "args",
    [
        ("diff", "-", "-"),
        ("validate", "-", "-"),
        ("diff", "--base", "HEAD", "config"),
        ("reconcile", "--dry-run", "--watch", "config"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_is_wrong_input(desk, args):
    said = desk(*args)
    assert (said.code, said.out) == (2, "")


def test_the_standard_input_is_one_of_two_files_and_none_of_a_repository(desk):
    changed = FILE.replace("08:30", "08:00")
    for files in (("config/schedule.yaml", "-"), ("-", "config/schedule.yaml")):
        done = typed(desk, "diff", "--exit-code", *files, stdin=changed)
        assert (done.returncode, "08:00" in done.stdout) == (3, True)
    subprocess.run(["git", "init", "-q"], cwd=desk.home, check=True)  # noqa: S607 - any git
    done = typed(desk, "diff", "--base", "HEAD", "-", stdin=changed)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--base" in done.stderr


def test_the_standard_input_is_not_watched(desk):
    done = typed(desk, "reconcile", "--dry-run", "--watch", "-", stdin=FILE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--watch" in done.stderr
