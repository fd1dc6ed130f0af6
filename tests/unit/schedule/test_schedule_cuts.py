"""A night that the next date's rule cuts at midnight: what the schedule says of it."""

from __future__ import annotations

import pytest

from controller.schedule import Schedule
from controller.schedule.model import Cut
from tests.support.schedules import dated, holidays, instant, span, spec

NIGHTS = "22:00-06:00"
CHRISTMAS = {"2026-12-25": ("Christmas Day",)}  # a Friday
THURSDAY = "thu 22:00-06:00 (line 4)"
CUT = f"{THURSDAY}, cut at 00:00 by holiday Christmas Day, closed (line 10)"


def nights(*overrides, daily=NIGHTS, zone="UTC", named=None, hours="closed") -> Schedule:
    found = holidays(CHRISTMAS if named is None else named, hours)
    return Schedule(spec(zone, daily, holidays=found, overrides=overrides))


def reason(schedule: Schedule, at: str) -> str:
    return schedule.at(instant(at)).reason


def test_the_opening_before_it_says_where_and_by_what_it_is_cut():
    (opening, *_) = nights().openings(instant("2026-12-24T12:00"), instant("2026-12-25T12:00"))
    assert opening.end == instant("2026-12-25T00:00")
    assert opening.reason == CUT


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-12-24T22:00", CUT),
        ("2026-12-24T21:59", f"outside {THURSDAY}"),
        ("2026-12-25T00:00", CUT),
        ("2026-12-25T05:59", CUT),
        ("2026-12-25T06:00", "holiday Christmas Day, closed (line 10)"),
        ("2026-12-23T23:00", "wed 22:00-06:00 (line 3)"),
        ("2026-12-24T03:00", "wed 22:00-06:00 (line 3)"),
    ],
)
def test_the_hours_that_it_would_have_had_say_the_same(at, says):
    assert reason(nights(), at) == says


def test_the_line_is_of_the_rule_that_governs_the_instant():
    schedule = nights()
    assert schedule.at(instant("2026-12-24T23:00")).line == 4
    assert schedule.at(instant("2026-12-25T01:00")).line == 10


@pytest.mark.parametrize(
    ("override", "by"),
    [
        pytest.param(dated("2026-12-25", "closed"), "override 2026-12-25 closed (line 20)", id="closed"),
        pytest.param(
            dated("2026-12-25", "05:00-09:00"), "override 2026-12-25 05:00-09:00 (line 20)", id="with hours"
        ),
    ],
)
def test_an_override_cuts_as_a_holiday_does(override, by):
    schedule = nights(override, named={})
    assert reason(schedule, "2026-12-24T23:00") == f"{THURSDAY}, cut at 00:00 by {by}"
    assert reason(schedule, "2026-12-25T04:59") == f"{THURSDAY}, cut at 00:00 by {by}"


def test_hours_of_the_next_date_stand_over_what_was_cut():
    override = dated("2026-12-25", "05:00-09:00")
    moment = nights(override, named={}).at(instant("2026-12-25T05:00"))
    assert (moment.reason, moment.line) == (f"{override.rule.label} (line 20)", 20)


def test_the_closure_that_an_override_makes_is_explicit_where_it_cuts_too():
    schedule = nights(dated("2026-12-25", "closed"), named={})
    assert schedule.at(instant("2026-12-25T01:00")).explicit
    assert not nights().at(instant("2026-12-25T01:00")).explicit


WHOLE = [
    pytest.param(nights(named={}), id="nothing governs the next date"),
    pytest.param(nights(dated("2026-12-24..2026-12-25", NIGHTS)), id="one override for both dates"),
    pytest.param(
        nights(named={"2026-12-24": ("Eve",)} | CHRISTMAS, hours=NIGHTS), id="one rule of holidays for both"
    ),
    pytest.param(nights(daily="08:00-24:00"), id="a window that ends at midnight"),
    pytest.param(nights(daily="open"), id="a whole date"),
    pytest.param(nights(hours="00:00-06:00"), id="hours that begin at midnight"),
    pytest.param(nights(hours="open"), id="the next date is open"),
]


@pytest.mark.parametrize("schedule", WHOLE)
def test_of_what_is_whole_nothing_is_said(schedule):
    a, b = instant("2026-12-24T12:00"), instant("2026-12-25T12:00")
    assert not any("cut" in each.reason for each in (*schedule.openings(a, b), *schedule.closures(a, b)))
    assert schedule.cuts(a, b) == ()


def test_another_window_of_the_date_is_not_said_to_be_cut():
    schedule = nights(daily="08:00-12:00, 22:00-06:00")
    assert "cut" not in reason(schedule, "2026-12-24T09:00")
    assert "cut" in reason(schedule, "2026-12-24T23:00")


@pytest.mark.parametrize(
    ("zone", "holiday", "at"),
    [
        pytest.param("America/Havana", "2026-03-08", "01:00", id="where the clocks skip midnight"),
        pytest.param("America/New_York", "2026-11-01", "00:00", id="where they go back later"),
    ],
)
def test_the_clock_shows_when_it_is_cut(zone, holiday, at):
    schedule = nights(zone=zone, named={holiday: ("Day",)})
    (cut,) = schedule.cuts(instant(f"{holiday}T00:00"), instant(f"{holiday}T12:00"))
    assert f", cut at {at} by holiday Day, " in schedule.at(cut.at).reason
    assert f"{cut.at.astimezone(schedule.zone):%H:%M}" == at


def cut(schedule: Schedule) -> Cut:
    (found,) = schedule.cuts(instant("2026-12-24T00:00"), instant("2026-12-26T00:00"))
    return found


def test_a_cut_tells_the_night_and_what_cuts_it():
    found = cut(nights())
    assert (found.start, found.at, found.end) == (
        instant("2026-12-24T22:00"),
        instant("2026-12-25T00:00"),
        instant("2026-12-25T06:00"),
    )
    assert (found.rule.line, found.by.rule.line, found.named) == (4, 10, "Christmas Day")


def test_a_cut_by_an_override_is_named_after_it():
    override = dated("2026-12-25", "closed")
    found = cut(nights(override))
    assert found.by == override
    assert found.named == "override 2026-12-25 closed"


def test_a_cut_belongs_to_the_interval_that_holds_its_midnight():
    schedule, at = nights(), instant("2026-12-25T00:00")
    assert schedule.cuts(at, at + (at - instant("2026-12-24T23:59"))) != ()
    assert schedule.cuts(instant("2026-12-24T00:00"), at) == ()


@pytest.mark.parametrize(
    "override",
    [
        pytest.param(span("2026-12-24T22:00", "2026-12-25T06:00", "open"), id="that opens the whole night"),
        pytest.param(span("2026-12-25T00:00", "2026-12-25T02:00", "open"), id="that opens after midnight"),
        pytest.param(span("2026-12-24T20:00", "2026-12-25T00:00", "closed"), id="that closes the evening"),
    ],
)
def test_a_span_leaves_nothing_to_be_cut(override):
    assert nights(override).cuts(instant("2026-12-24T00:00"), instant("2026-12-26T00:00")) == ()
