"""What ``--html``, ``--ics``, ``--output`` and ``--parameters`` may be written over, and what not."""

from __future__ import annotations

import os

import pytest

from tests.support.desk import FILE

ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:Shutdown\nEND:VEVENT\nEND:VCALENDAR\n"
WITH_ICS = FILE.replace("calendars:\n", "calendars:\n  ours: {ics: x.ics}\n", 1).replace(
    "calendars: [us]", "calendars: [us, ours]"
)
COMMANDS = [
    pytest.param(("calendar", "--ics"), id="a feed"),
    pytest.param(("calendar", "--html"), id="a page"),
    pytest.param(("compare", "--to", "2026-11-24", "--html"), id="a comparison"),
]


@pytest.fixture
def closed(desk):
    """A schedule file with a calendar file beside it, and links to both."""
    desk.write(WITH_ICS)
    desk.write(ICS, "config/x.ics")
    (desk.home / "link.html").symlink_to("config/schedule.yaml")
    (desk.home / "link.ics").symlink_to("config/x.ics")
    os.link(desk.home / "config/schedule.yaml", desk.home / "hard.html")
    return desk


def contents(desk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in desk.home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "target",
    [
        *("config/schedule.yaml", "config/../config/schedule.yaml", "link.html", "hard.html"),
        *("config/x.ics", "./config/x.ics", "link.ics"),
    ],
)
def test_no_output_replaces_the_schedule_file_or_its_calendar(closed, command, target):
    before = contents(closed)
    said = closed(*command, target)
    assert (said.code, said.out, contents(closed)) == (2, "", before)
    assert command[-1] in said.err


@pytest.mark.parametrize("where", ["file://{}/config/schedule.yaml", "{}/config/schedule.yaml"])
def test_nor_does_one_where_the_file_is_named_otherwise(closed, where):
    before = contents(closed)
    said = closed("calendar", where.format(closed.home), "--ics", "config/x.ics")
    assert (said.code, contents(closed)) == (2, before)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("name", "text"),
    [("other.yaml", FILE), ("page.html", "<!doctype html><p>mine</p>"), ("theirs.ics", ICS)],
)
def test_no_output_replaces_what_this_program_did_not_write(desk, command, name, text):
    desk.write(text, name)
    before = contents(desk)
    said = desk(*command, name)
    assert (said.code, contents(desk)) == (2, before)


def test_a_page_does_not_replace_a_feed_nor_a_feed_a_page(desk):
    assert desk("calendar", "--ics", "feed.ics", "--html", "page.html").code == 0
    before = contents(desk)
    assert desk("calendar", "--ics", "page.html").code == 2
    assert desk("calendar", "--html", "feed.ics").code == 2
    assert desk("calendar", "--html", "one", "--ics", "one").code == 2
    assert contents(desk) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_earlier_output_is_replaced(desk, command):
    desk.write("", "out")
    desk(*command, "out")
    first = contents(desk)["out"]
    desk.write(FILE.replace("America/New_York", "America/Chicago"))
    assert desk(*command, "out").code == 0
    assert b"" != contents(desk)["out"] != first != b""


@pytest.mark.parametrize("option", ["--ics", "--html"])
@pytest.mark.parametrize("target", ["nowhere/x", "config", ""])
def test_a_folder_or_none_is_no_output(desk, option, target):
    before = contents(desk)
    said = desk("calendar", option, target)
    assert (said.code, said.out, contents(desk)) == (2, "", before)
    assert option in said.err
