"""What is said of one instant: the bounds of its interval, the rule, and whether an override closed it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from controller.schedule import Schedule
from controller.schedule.model import Moment
from tests.support.schedules import DAYS, dated, instant, span, spec
from tests.unit.schedule.cases import MOMENTS, OFFICE, THANKSGIVING

OUTSIDE = {"after a weekday's hours", "outside of an override's hours"}
RULES = {rule.line: rule.label for rule in OFFICE.spec.week} | {
    override.rule.line: override.rule.label for override in OFFICE.spec.overrides
}
RULES[10] = "Founders' Day and Harvest, closed"
LINES = {
    "open by a weekday": 1,
    "after a weekday's hours": 1,
    "a closed weekday": 3,
    "a holiday of two names": 10,
    "open by an override": 20,
    "outside of an override's hours": 20,
    "closed by an override": 21,
    "the night of yesterday": 5,
    "the date's own hours before yesterday's": 6,
    "open by a span": 30,
    "closed by a span": 31,
}


@pytest.mark.parametrize(("name", "line"), LINES.items())
def test_the_reason_of_an_instant_names_the_rule_that_governs_it(name, line):
    schedule, at = MOMENTS[name]
    moment = schedule.at(instant(at))
    assert moment.line == line
    assert moment.reason.endswith(f"{RULES[line]} (line {line})")
    assert moment.reason.startswith("outside ") is (name in OUTSIDE)


def test_a_holiday_with_hours_is_named_inside_and_outside_of_them():
    before, within = (THANKSGIVING.at(instant(f"2026-11-26T{hour}:00")) for hour in ("09", "11"))
    assert (before.open, within.open) == (False, True)
    assert before.reason == f"outside {within.reason}"
    assert "Thanksgiving Day, 10:00-14:00" in within.reason
    assert (before.line, within.line) == (10, 10)


def test_a_merged_opening_lists_its_rules_in_time_order():
    (opening,) = OFFICE.openings(instant("2026-11-27T12:00"), instant("2026-11-28T12:00"))
    assert opening.reason.split("; ") == ["fri 22:00-06:00 (line 5)", "sat 05:00-09:00 (line 6)"]


def test_a_closure_lists_its_rules_in_time_order_and_each_once():
    (closure,) = OFFICE.closures(instant("2026-11-23T17:00"), instant("2026-11-25T06:00"))
    outside, holiday, closed = closure.reason.split("; ")
    assert outside.startswith("outside mon 08:30-17:00 ")
    assert "Founders' Day and Harvest" in holiday
    assert closed == "wed closed (line 3)"
    assert re.findall(r"\(line (\d+)\)", closure.reason) == ["1", "10", "3"]
    (weeks,) = Schedule(spec()).closures(instant("2026-11-23T00:00"), instant("2026-12-07T00:00"))
    assert weeks.reason.split("; ") == [
        f"{day} closed (line {line})" for line, day in enumerate(DAYS, start=1)
    ]


def test_a_reason_lists_only_rules_of_what_was_asked_for():
    (opening,) = OFFICE.openings(instant("2026-11-28T06:00"), instant("2026-11-28T12:00"))
    assert opening.reason == "sat 05:00-09:00 (line 6)"


def test_an_instant_within_an_opening_knows_its_bounds():
    assert OFFICE.at(instant("2026-11-28T03:00")) == Moment(
        open=True,
        started_at=instant("2026-11-27T22:00"),
        ends_at=instant("2026-11-28T09:00"),
        explicit=False,
        explicit_changes_at=None,
        reason="fri 22:00-06:00 (line 5)",
        line=5,
        brief="fri 22:00-06:00",
    )


CLOSED_MONDAY = dated("2026-12-07", "closed")
EXPLICIT = [
    pytest.param((), False, None, id="an ordinary night"),
    pytest.param((dated("2026-12-07", "18:00-19:00"),), False, None, id="outside the hours of an override"),
    pytest.param((CLOSED_MONDAY,), True, "2026-12-08T00:00", id="a closed date, then an ordinary night"),
    pytest.param((dated("2026-12-07..2026-12-08", "closed"),), True, "2026-12-09T00:00", id="closed dates"),
    pytest.param((dated("2026-12-08", "closed"),), False, "2026-12-08T00:00", id="a closed date ahead"),
    pytest.param(
        (CLOSED_MONDAY, dated("2026-12-07", "09:00-10:00")), False, None, id="a later date override"
    ),
    pytest.param(
        (span("2026-12-07T11:00", "2026-12-08T08:00", "closed"),),
        True,
        None,
        id="a span that ends at an opening",
    ),
    pytest.param(
        (span("2026-12-07T11:00", "2026-12-07T13:00", "closed"),),
        True,
        "2026-12-07T13:00",
        id="a span that ends",
    ),
    pytest.param(
        (CLOSED_MONDAY, span("2026-12-07T11:00", "2026-12-07T13:00", "closed")),
        True,
        "2026-12-08T00:00",
        id="one override goes over into another",
    ),
    pytest.param(
        (CLOSED_MONDAY, span("2026-12-07T13:00", "2026-12-07T14:00", "open")),
        True,
        None,
        id="until a span opens",
    ),
    pytest.param(
        (CLOSED_MONDAY, span("2026-12-07T09:00", "2026-12-07T10:00", "open")),
        True,
        "2026-12-08T00:00",
        id="after a span that opened",
    ),
]


@pytest.mark.parametrize(("overrides", "explicit", "changes_at"), EXPLICIT)
def test_only_the_closed_of_an_override_is_explicit(overrides, explicit, changes_at):
    """At noon of a Monday whose ordinary hours are over; Tuesday opens at eight."""
    schedule = Schedule(spec(days={"tue": "08:00-09:00", "wed": "08:00-09:00"}, overrides=overrides))
    moment = schedule.at(instant("2026-12-07T12:00"))
    assert not moment.open
    assert (moment.explicit, moment.explicit_changes_at) == (explicit, changes_at and instant(changes_at))


def test_an_open_span_takes_the_explicitness_of_what_it_covers():
    overrides = (CLOSED_MONDAY, span("2026-12-07T09:00", "2026-12-07T10:00", "open"))
    moment = Schedule(spec(overrides=overrides)).at(instant("2026-12-07T09:30"))
    assert (moment.open, moment.explicit, moment.explicit_changes_at) == (True, False, None)


OPENS_AT = instant("2027-06-01T08:00")
RARE = spec(overrides=(dated("2027-06-01", "08:00-09:00"), dated("2027-05-01", "closed")))
TICK = timedelta(microseconds=1)
HORIZON = timedelta(days=400)


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        pytest.param(HORIZON, OPENS_AT, id="exactly 400 days"),
        pytest.param(HORIZON + TICK, None, id="a microsecond more"),
        pytest.param(HORIZON - TICK, OPENS_AT, id="a microsecond less"),
        pytest.param(timedelta(days=4000), None, id="many years"),
    ],
)
def test_a_change_is_told_up_to_400_days_ahead(before, seen):
    schedule = Schedule(RARE)
    assert schedule.next_change(OPENS_AT - before) == seen
    assert schedule.at(OPENS_AT - before).ends_at == seen


def test_a_past_change_is_told_for_400_days():
    schedule, closed_at = Schedule(RARE), instant("2027-06-01T09:00")
    assert schedule.at(closed_at + HORIZON - TICK).started_at == closed_at
    assert schedule.at(closed_at + HORIZON).started_at is None


HOURS_BEFORE = [
    pytest.param((span("2020-01-01T00:00", "2027-06-01T09:00", "open"),), id="the end of open years"),
    pytest.param((span("2027-06-01T08:00", "2027-06-01T09:00", "open"),), id="the end of an hour"),
    pytest.param(
        (dated("2027-06-01", "02:00-03:00, 05:00-06:00, 08:00-09:00"),), id="the last of some hours"
    ),
]


@pytest.mark.parametrize("overrides", HOURS_BEFORE)
@pytest.mark.parametrize("days", [0, 1, 20, 32, 40, 64, 100, 200, 399])
def test_a_closure_began_at_the_last_change_however_long_ago(days, overrides):
    schedule, closed_at = Schedule(spec(overrides=overrides)), instant("2027-06-01T09:00")
    assert schedule.at(closed_at + timedelta(days=days)).started_at == closed_at


def test_what_is_out_of_sight_stays_so_when_it_was_seen_from_elsewhere():
    schedule = Schedule(RARE)
    assert schedule.at(OPENS_AT - HORIZON).ends_at == OPENS_AT
    assert schedule.at(OPENS_AT - HORIZON - TICK).ends_at is None
    assert schedule.at(OPENS_AT - HORIZON).ends_at == OPENS_AT


def test_a_change_of_explicitness_is_told_up_to_400_days_ahead():
    schedule, closes_explicitly_at = Schedule(RARE), instant("2027-05-01T00:00")
    assert schedule.at(closes_explicitly_at - HORIZON).explicit_changes_at == closes_explicitly_at
    assert schedule.at(closes_explicitly_at - HORIZON - TICK).explicit_changes_at is None


@pytest.mark.parametrize("daily", ["open", "closed"])
def test_what_never_changes_has_no_next_change(daily):
    schedule, t = Schedule(spec("Europe/Berlin", daily)), instant("2026-12-07T12:00")
    moment = schedule.at(t)
    assert schedule.next_change(t) is moment.started_at is moment.ends_at is None
    assert schedule.is_open(t) == moment.open == (daily == "open")
