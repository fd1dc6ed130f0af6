"""What a rule says: the words that stand in the log and in ``explain``, and until when they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.inputs import Fact
from controller.core.memory import Memory
from controller.core.observed import QueueCounts
from controller.core.rules import bridge, closed, hold, opening, overtime, rescue, warm_up
from controller.core.settings import Budget, Hold, OnDemand, Settings
from controller.core.states import Desired
from controller.schedule.model import Moment
from tests.unit.core.conftest import at, closure, inputs, seen
from tests.unit.core.conftest import opening as open_hours

OPEN, NIGHT, EVENING = open_hours("08:30", "17:00"), closure("00:00", "08:30"), closure("17:00", "23:00")
COUNTS = frozenset({Fact.COUNTS})
BOTH = frozenset({Fact.COUNTS, Fact.AGE})
DAYS_4 = timedelta(days=4)
KEYS = dict.fromkeys(("on_demand", "warm_up", "bridge", "overtime", "rescue", "hold"), 0)
LINES = {key: line for line, key in enumerate(KEYS, start=50)}
ON_DEMAND = Settings(on_demand=OnDemand(idle=timedelta(minutes=20)), lines=LINES)
HALF_HOUR = Settings(warm_up=timedelta(minutes=30), lines=LINES)
LATE = Settings(overtime=timedelta(minutes=45), lines=LINES)
PLAIN = Settings(lines=LINES)
CALM = Memory(oldest_after=at("16:00"))
ASLEEP = seen("STOPPED", "Disabled")


def queue(waiting: int = 0, in_flight: int = 0) -> QueueCounts:
    return QueueCounts(waiting=waiting, in_flight=in_flight, delayed=0, retention=DAYS_4)


def busy(model: str = "RUNNING", mapping: str = "Enabled", waiting: int = 9, in_flight: int = 0):
    return seen(model, mapping, queue=queue(waiting, in_flight))


def shut_since(hours: float) -> Moment:
    since = at("12:00") - timedelta(hours=hours)
    return Moment(open=False, started_at=since, ends_at=None, reason="shut", line=7)


def danger(**more) -> Memory:
    return Memory(oldest_after=at("12:00") - timedelta(hours=100), retention_s=DAYS_4.total_seconds(), **more)


def held(until: str, reason: str = "incident 42") -> Settings:
    return Settings(hold=Hold(desired=Desired.AS_IS, until=at(until), reason=reason), lines=LINES)


SAID = [
    pytest.param(hold, inputs("09:00", OPEN), False, "no hold", None, None, id="no hold"),
    pytest.param(
        hold,
        inputs("09:00", OPEN, held("12:00")),
        True,
        "held as-is until 2026-11-23T12:00:00Z: incident 42",
        at("12:00"),
        55,
        id="held",
    ),
    pytest.param(
        hold,
        inputs("09:00", OPEN, held("12:00", "")),
        True,
        "held as-is until 2026-11-23T12:00:00Z",
        at("12:00"),
        55,
        id="held without a reason",
    ),
    pytest.param(
        hold,
        inputs("13:00", OPEN, held("12:00")),
        False,
        "the hold ended at 2026-11-23T12:00:00Z",
        None,
        55,
        id="a hold that is over",
    ),
    pytest.param(opening, inputs("09:00", OPEN), True, "open by hand", at("17:00"), 6, id="open"),
    pytest.param(opening, inputs("03:00", NIGHT), False, "closed by hand", at("08:30"), 7, id="not open"),
    pytest.param(
        opening,
        inputs("09:00", OPEN, ON_DEMAND),
        None,
        "on demand: ON while messages wait, else OFF",
        at("17:00"),
        50,
        id="on demand, unread",
    ),
    pytest.param(
        opening,
        inputs("09:00", OPEN, ON_DEMAND, observed=seen("STOPPED", "Disabled"), facts_read=COUNTS),
        True,
        "on demand, but the queue cannot be read: as if messages waited",
        at("17:00"),
        50,
        id="on demand, unreadable",
    ),
    pytest.param(
        opening,
        inputs("09:00", OPEN, ON_DEMAND, observed=busy(waiting=9, in_flight=2), facts_read=COUNTS),
        True,
        "on demand: 9 messages wait, 2 are in flight",
        at("17:00"),
        50,
        id="on demand, busy",
    ),
    pytest.param(
        opening,
        inputs(
            "09:00",
            OPEN,
            ON_DEMAND,
            observed=busy(waiting=0),
            facts_read=COUNTS,
            memory=Memory(last_busy_at=at("08:50")),
        ),
        True,
        "on demand: the last message was seen at 2026-11-23T08:50:00Z, less than 20 min ago",
        at("09:10"),
        50,
        id="on demand, idle for less",
    ),
    pytest.param(
        opening,
        inputs(
            "09:00",
            OPEN,
            ON_DEMAND,
            observed=busy(waiting=0),
            facts_read=COUNTS,
            memory=Memory(last_busy_at=at("08:00")),
        ),
        True,
        "on demand: no message for 20 min",
        at("17:00"),
        50,
        id="on demand, idle",
    ),
    pytest.param(
        warm_up,
        inputs("09:00", OPEN, HALF_HOUR),
        False,
        "the schedule is open",
        None,
        51,
        id="no warm-up: open",
    ),
    pytest.param(
        warm_up,
        inputs("12:00", shut_since(9), HALF_HOUR),
        False,
        "no opening ahead",
        None,
        51,
        id="none ahead",
    ),
    pytest.param(
        warm_up,
        inputs("08:10", NIGHT, ON_DEMAND),
        False,
        "not with on_demand",
        None,
        51,
        id="not with on_demand",
    ),
    pytest.param(
        warm_up,
        inputs("03:00", NIGHT, HALF_HOUR),
        False,
        "lead 30 min: begins at 2026-11-23T08:00:00Z",
        at("08:00"),
        51,
        id="too early",
    ),
    pytest.param(
        warm_up,
        inputs("08:10", closure("00:00", "08:30", explicit=True, until="08:20"), HALF_HOUR),
        True,
        "lead 30 min before the opening at 2026-11-23T08:30:00Z; no consumption: closed by hand",
        at("08:20"),
        51,
        id="warm",
    ),
    pytest.param(
        warm_up,
        inputs("08:10", NIGHT, PLAIN, memory=Memory(start_durations_s=(600.0,) * 3)),
        True,
        "lead 30 min (the default: 3 of 5 starts measured) before the opening at 2026-11-23T08:30:00Z",
        at("08:30"),
        51,
        id="a default lead",
    ),
    pytest.param(
        warm_up,
        inputs("08:20", NIGHT, PLAIN, memory=Memory(start_durations_s=(600.0,) * 14)),
        True,
        "lead 12.5 min: 90th percentile of 14 starts, before the opening at 2026-11-23T08:30:00Z",
        at("08:30"),
        51,
        id="a learned lead",
    ),
    pytest.param(
        bridge,
        inputs("12:00", shut_since(9), PLAIN),
        False,
        "no closure between two openings",
        None,
        52,
        id="no bridge: one bank",
    ),
    pytest.param(
        bridge,
        inputs("12:02", closure("12:00", "12:40", explicit=True), HALF_HOUR),
        False,
        "not in an explicit closure: closed by hand",
        at("12:40"),
        52,
        id="no bridge: explicit",
    ),
    pytest.param(
        bridge,
        inputs("12:02", closure("12:00", "12:40"), HALF_HOUR, observed=seen("STOPPED", "Disabled")),
        False,
        "the model is not up",
        at("12:40"),
        52,
        id="no bridge: down",
    ),
    pytest.param(
        bridge,
        inputs("12:02", closure("12:00", "12:40"), HALF_HOUR),
        True,
        "the closure of 40 min is no longer than 45 min",
        at("12:40"),
        52,
        id="bridged",
    ),
    pytest.param(overtime, inputs("17:10", EVENING), False, "no overtime", None, None, id="no overtime"),
    pytest.param(
        overtime, inputs("09:00", OPEN, LATE), False, "the schedule is open", None, 53, id="not yet"
    ),
    pytest.param(
        overtime,
        inputs("17:10", closure("17:00", "23:00", explicit=True), LATE),
        False,
        "not in an explicit closure",
        None,
        53,
        id="no overtime in an explicit closure",
    ),
    pytest.param(
        overtime,
        inputs("17:45", EVENING, LATE),
        False,
        "45 min after the closing are over",
        None,
        53,
        id="over",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Disabled")),
        False,
        "consumption is not on",
        None,
        53,
        id="consumption is off",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Enabled")),
        None,
        "while messages wait, until 2026-11-23T17:45:00Z at most",
        at("17:45"),
        53,
        id="overtime, unread",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Enabled"), facts_read=COUNTS),
        False,
        "the queue cannot be read",
        None,
        53,
        id="overtime, unreadable",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=busy(waiting=0), facts_read=COUNTS),
        False,
        "no message waits",
        None,
        53,
        id="nothing waits",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=busy(), facts_read=COUNTS),
        True,
        "9 messages wait; until 2026-11-23T17:45:00Z at most",
        at("17:45"),
        53,
        id="overtime",
    ),
    pytest.param(
        overtime,
        inputs(
            "17:10",
            EVENING,
            Settings(overtime=timedelta(minutes=45), budget=Budget(unit_hours_per_month=9), lines=LINES),
            observed=busy(),
            facts_read=COUNTS,
            memory=Memory(unit_hours=500.0, counted_to=at("00:00")),
        ),
        False,
        "the month's budget of unit-hours is used up",
        None,
        53,
        id="overtime over the budget",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), Settings(rescue=None)),
        False,
        "never",
        None,
        None,
        id="never",
    ),
    pytest.param(
        rescue, inputs("09:00", OPEN, PLAIN), False, "the schedule is open", None, 54, id="no rescue: open"
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP),
        None,
        "ON if a message may expire within 12.0 h",
        None,
        54,
        id="nothing known, unread",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=Memory(oldest_after=at("11:00"))),
        False,
        "no message is in danger before 2026-11-26T23:00:00Z",
        at("11:00") + timedelta(hours=84),
        54,
        id="safe for days",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=busy("STOPPED", "Disabled"),
            memory=Memory(oldest_after=at("11:00"), queue_read_at=at("12:00")),
            facts_read=COUNTS,
        ),
        None,
        "ON if a message is older than was known",
        at("11:00") + timedelta(hours=84),
        54,
        id="safe for days, and the age unread",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN),
        False,
        "no message is in danger before 2026-11-26T15:00:00Z",
        at("12:00") + timedelta(hours=75),
        54,
        id="as scheduled, safe for days",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN),
        None,
        "ON if a message expires within 12.0 h",
        None,
        54,
        id="as scheduled, in danger",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger()),
        None,
        "ON if a message may expire within 12.0 h",
        None,
        54,
        id="in danger, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=busy("STOPPED", "Disabled"),
            memory=danger(),
            facts_read=COUNTS,
        ),
        True,
        "a message may be 100.0 h old, and expires after 96.0 h",
        None,
        54,
        id="in danger",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=busy("STOPPED", "Disabled"), facts_read=COUNTS),
        True,
        "messages wait, and the queue was not seen empty yet: any may expire",
        None,
        54,
        id="never seen empty",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00", shut_since(9), PLAIN, observed=replace(ASLEEP, queue_missing=True), facts_read=COUNTS
        ),
        False,
        "the queue does not exist",
        None,
        54,
        id="no queue",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=danger(), facts_read=COUNTS),
        None,
        "the queue cannot be read; ON if a message is in danger by its age",
        None,
        54,
        id="unreadable, the age unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=replace(ASLEEP, oldest_age=timedelta(hours=90)),
            memory=danger(),
            facts_read=BOTH,
        ),
        True,
        "the oldest message is 90.0 h old, and expires after 96.0 h",
        None,
        54,
        id="unreadable, in danger by its age",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=danger(), facts_read=BOTH),
        False,
        "the queue cannot be read; by the closure's length none is in danger before 2026-11-26T15:00:00Z",
        at("12:00") + timedelta(hours=75),
        54,
        id="unreadable, by arithmetic safe",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(), facts_read=BOTH),
        True,
        "the queue cannot be read; by the closure's length messages may expire",
        None,
        54,
        id="unreadable, by arithmetic in danger",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(rescue_since=at("06:00"))),
        None,
        "until the queue is empty",
        at("18:00"),
        54,
        id="a rescue under way, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(200),
            PLAIN,
            observed=busy(),
            memory=danger(rescue_since=at("06:00")),
            facts_read=COUNTS,
        ),
        True,
        "since 2026-11-23T06:00:00Z, until the queue is empty or 2026-11-23T18:00:00Z",
        at("18:00"),
        54,
        id="a rescue under way",
    ),
    pytest.param(
        rescue,
        inputs("18:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(rescue_since=at("06:00"))),
        None,
        "ON if a message may expire within 12.0 h",
        None,
        54,
        id="a rescue that had its time, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "18:00",
            shut_since(200),
            PLAIN,
            memory=danger(rescue_since=at("06:00")),
            observed=ASLEEP,
            facts_read=BOTH,
        ),
        False,
        "the queue cannot be read, and the rescue until 2026-11-23T18:00:00Z has had its time",
        None,
        54,
        id="a rescue that had its time, unreadable",
    ),
    pytest.param(closed, inputs("09:00", OPEN), False, "open by hand", None, 6, id="not closed"),
    pytest.param(
        closed,
        inputs("03:00", closure("00:00", "08:30", explicit=True, until="05:00")),
        True,
        "closed by hand",
        at("05:00"),
        7,
        id="closed",
    ),
]


@pytest.mark.parametrize(("rule", "now", "applies", "reason", "until", "line"), SAID)
def test_a_verdict_says_why_and_until_when_and_names_its_line(rule, now, applies, reason, until, line):
    verdict = rule(now)
    assert (verdict.applies, verdict.reason, verdict.until, verdict.line) == (applies, reason, until, line)
