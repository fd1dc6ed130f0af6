"""What is said of a calendar file is one line, and quotes nothing of it but titles and dates."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.schedule.ics import read_ics
from controller.storage.load import read
from tests.support.config_file import schedule

WORD = "hunter2"
TEXT = schedule(
    "    hours: {}\n    holidays: {calendars: [company]}\n",
    also="calendars:\n  company: {ics: closures.ics, also: {2026-12-24: Eve}}\n",
)


def event(*lines: str) -> bytes:
    whole = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:P", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


BROKEN = {
    "a file of passwords": f"root:{WORD}:0:0".encode(),
    "a first line of its own": f"{WORD}\nBEGIN:VCALENDAR\nEND:VCALENDAR".encode(),
    "a line that is none": f"BEGIN:VCALENDAR\n{WORD}\nEND:VCALENDAR".encode(),
    "no end": f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nX-{WORD}:{WORD}".encode(),
    "no text": b"\xff\xfe\x00\xffhunter2",
    "nothing": b"",
    "a start": event(f"DTSTART;VALUE=DATE:{WORD}"),
    "a start and its zone": event(f"DTSTART;TZID={WORD}:20260101T0000{WORD}"),
    "an end": event("DTSTART;VALUE=DATE:20260101", f"DTEND;VALUE=DATE:{WORD}"),
    "a rule": event("DTSTART;VALUE=DATE:20260101", f"RRULE:FREQ={WORD}"),
    "a part of a rule": event("DTSTART;VALUE=DATE:20260101", f"RRULE:FREQ=DAILY;{WORD}=1"),
    "an exception": event("DTSTART;VALUE=DATE:20260101", f"EXRULE:FREQ=DAILY;{WORD}=1"),
    "a part beside one that is named": event("DTSTART;VALUE=DATE:20260101", f"RRULE:FREQ=DAILY;SKIP={WORD}"),
    "a day of a rule": event("DTSTART;VALUE=DATE:20260101", f"RRULE:FREQ=WEEKLY;BYDAY={WORD}"),
    "a date of a rule": event("DTSTART;VALUE=DATE:20260101", f"RRULE:FREQ=DAILY;UNTIL={WORD}"),
    "a date that is left out": event("DTSTART;VALUE=DATE:20260101", f"EXDATE:{WORD}"),
    "a length": event("DTSTART;VALUE=DATE:20260101", f"DURATION:{WORD}"),
    "a quoted name": event(f'DTSTART;TZID="{WORD}\r\n:20260101T000000'),
}
HARMLESS = {
    "a name": event("DTSTART;VALUE=DATE:20260101", f"{WORD}"),
    "a number": event("DTSTART;VALUE=DATE:20260101", f"SEQUENCE:{WORD}"),
    "two numbers": event("DTSTART;VALUE=DATE:20260101", f"SEQUENCE:1{WORD}", "SEQUENCE:2"),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_nothing_of_a_file_is_quoted(data):
    reading = read_ics(data)
    assert reading.errors
    for problem in (*reading.errors, *reading.warnings):
        assert WORD not in problem.casefold()
        assert problem.isprintable()


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_what_says_nothing_of_dates_is_no_diagnostic(data):
    assert read_ics(data).errors == ()


@given(
    st.lists(
        st.text(string.ascii_letters + string.digits + ':;="\n\r \x00é\u202e\\,-', max_size=30)
        | st.sampled_from(["BEGIN:VEVENT", "END:VEVENT", "DTSTART", "DTSTART;VALUE=DATE:20260101", "RRULE:"]),
        max_size=8,
    )
)
def test_every_complaint_is_one_line_that_can_be_printed(lines):
    for data in (event(*lines), "\n".join(lines).encode()):
        reading = read_ics(data)
        assert all(problem.isprintable() for problem in (*reading.errors, *reading.warnings))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    (made / "schedule.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "elsewhere.ics").write_bytes(event("DTSTART;VALUE=DATE:20260101"))
    return made


def test_a_link_that_leaves_the_folder_is_not_followed(folder):
    (folder / "closures.ics").symlink_to("../elsewhere.ics")
    (doubt,) = read(str(folder / "schedule.yaml")).degraded
    assert doubt.path == "calendars.company.ics"
    assert doubt.message.endswith("a link that leaves the folder")


def test_links_within_the_folder_are_followed_as_a_mounted_configmap_has_them(folder):
    (folder / "..2026").mkdir()
    (folder / "..2026" / "closures.ics").write_bytes(event("DTSTART;VALUE=DATE:20260101"))
    (folder / "..data").symlink_to("..2026")
    (folder / "closures.ics").symlink_to("..data/closures.ics")
    assert read((folder / "schedule.yaml").as_uri()).degraded == ()


def test_a_calendar_beside_what_the_schedule_file_links_to_may_be_linked_with_it(folder, tmp_path):
    (folder / "closures.ics").write_bytes(event("DTSTART;VALUE=DATE:20260101"))
    home = tmp_path / "home"
    home.mkdir()
    for name in ("schedule.yaml", "closures.ics"):
        (home / name).symlink_to(folder / name)
    assert read(str(home / "schedule.yaml")).degraded == ()
