"""Every command that shows openings with their reasons says where a holiday cuts a night."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from tests.unit.cli.cases.files import NIGHTS

CUT = "mon-fri 22:00-06:00 (line 8), cut at 00:00 by holiday Christmas Day, closed (line 9)"
AT_MIDNIGHT = "cut at 00:00 by Christmas Day"
BRIEF = f"mon-fri, {AT_MIDNIGHT}"
AROUND = ("--from", "2026-12-24T12:00", "--to", "2026-12-26")


@pytest.fixture
def nights(desk):
    desk.write(NIGHTS)
    return desk


def test_the_list_of_openings_says_it(nights):
    assert nights("calendar", *AROUND).out.endswith(f"  {BRIEF}\n")


def test_the_json_of_openings_says_it(nights):
    (opening,) = nights("calendar", *AROUND, "--json").data["openings"]
    assert (opening["end_local"], opening["reason"]) == ("2026-12-25T00:00:00-05:00", CUT)


def test_the_feed_says_it(nights):
    nights("calendar", *AROUND, "--ics", "nights.ics")
    (event,) = Calendar.from_ical((nights.home / "nights.ics").read_bytes()).walk("VEVENT")
    assert str(event["DESCRIPTION"]) == BRIEF


def test_the_month_names_it_on_the_evening(nights):
    rows = {
        row.split("  ")[0]: " ".join(row.split())
        for row in nights("calendar", "--month", "2026-12").out.splitlines()
    }
    assert rows["Thu 2026-12-24"].endswith(f", 22:00-24:00 {AT_MIDNIGHT}")
    assert rows["Fri 2026-12-25"].endswith("closed Christmas Day")


def test_the_page_names_it_on_the_evening(nights):
    nights("calendar", "--month", "2026-12", "--html", "december.html")
    page = (nights.home / "december.html").read_text(encoding="utf-8")
    assert f'class="name">{AT_MIDNIGHT}</span>' in page


@pytest.mark.parametrize(
    ("at", "power"),
    [("2026-12-24T23:00", "ON"), ("2026-12-25T00:00", "OFF"), ("2026-12-25T05:59", "OFF")],
)
def test_explain_says_it_in_all_the_hours_of_the_night(nights, at, power):
    said = nights("explain", "--at", at, "--json").data
    assert (said["desired"]["power"], said["reason"]) == (power, CUT)
    assert f"{power} at " in nights("explain", "--at", at).out
    assert CUT in " ".join(nights("explain", "--at", at).out.split())


def test_validate_warns_of_it(nights):
    said = nights("validate", "--json").data
    assert said["valid"]
    (warning,) = [each for each in said["warnings"] if "is cut at 00:00" in each["message"]]
    assert (warning["line"], warning["path"]) == (9, "schedules.office.holidays")
