"""A closure that outlasts the queue: the dates, the messages, the remedies; worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.config.retention_check import RetentionFinding, retention_finding
from controller.core.timefmt import compact
from controller.schedule import Schedule
from tests.support.config_file import MINIMAL, edited, understood

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def closed(first: str, last: str, *keys: str) -> str:
    """The minimal file, closed on these dates; ``keys`` are the pipeline's."""
    hours = "      mon-fri: 08:30-17:00\n"
    override = f"    overrides:\n      - {{dates: {first}..{last}, hours: closed}}\n"
    return edited(hours, f"{hours}{override}") + "".join(f"    {key}\n" for key in keys)


def found(text: str, now: datetime = NOW, retention: timedelta | None = None) -> RetentionFinding | None:
    config = understood(text)
    (pipeline,) = config.pipelines
    return retention_finding(pipeline, Schedule(config.specs[pipeline.schedule]), now, retention)


# Wednesday 2026-12-23 17:00 to Monday 2027-01-04 08:30: 11 days, 15 hours and a half. 4 days are kept.
CHRISTMAS = ("2026-12-24", "2027-01-03")
CLOSED = (
    "closed from 2026-12-23 17:00 until 2027-01-04 08:30 (11d15h30m), longer than the queue keeps a message "
)
OPEN_AN_HOUR = "open an hour before 2026-12-27 17:00 by an override, and one every 4d after it"

TOLD = [
    pytest.param(
        closed(*CHRISTMAS),
        None,
        (
            f"{CLOSED}(4d): messages that arrived since the closing would be lost from 2026-12-27 17:00 on, "
            "so rescue runs the model for them at about 2026-12-27 05:00 and every 3d12h after it; let the "
            f"queue keep messages for 12d and write it into consumer.retention, or {OPEN_AN_HOUR}"
        ),
        id="rescued",
    ),
    pytest.param(
        closed(*CHRISTMAS, "rescue: never"),
        None,
        (
            f"{CLOSED}(4d): from 2026-12-27 17:00 on, messages that arrived since the closing are lost "
            "(rescue is never); let the queue keep messages for 12d and write it into consumer.retention, or "
            f"{OPEN_AN_HOUR}, or let rescue run the model in time (rescue: 12h)"
        ),
        id="lost",
    ),
    pytest.param(
        closed(*CHRISTMAS, "rescue: 29m"),
        None,
        (
            f"{CLOSED}(4d): from 2026-12-27 17:00 on, messages that arrived since the closing are lost "
            "(rescue begins 29m before, too late for a start of 30m); let the queue keep messages for 12d "
            f"and write it into consumer.retention, or {OPEN_AN_HOUR}, or let rescue run the model in time "
            "(rescue: 12h)"
        ),
        id="rescued too late",
    ),
    pytest.param(
        closed(*CHRISTMAS),
        timedelta(days=10),
        (
            f"{CLOSED}(10d): messages that arrived since the closing would be lost from 2027-01-02 17:00 on, "
            "so rescue runs the model for them at about 2027-01-02 05:00; let the queue keep messages for "
            "12d, or open an hour before 2027-01-02 17:00 by an override"
        ),
        id="the queue's own retention, one rescue, one hour",
    ),
    pytest.param(
        closed(*CHRISTMAS),
        timedelta(minutes=116),
        (
            "closed from 2026-11-20 17:00 until 2026-11-23 08:30 (2d15h30m), longer than the queue keeps a "
            "message (1h56m), and 279 more in 400 days, the longest 11d15h30m: from 2026-11-20 18:56 on, "
            "messages that arrived since the closing are lost (rescue begins 29m before, too late for a "
            "start of 30m); let the queue keep messages for 12d, or open an hour at least every 1h56m: in "
            "hours for closures of every week, by overrides for the others"
        ),
        id="a queue that keeps nothing long enough for any rescue",
    ),
    pytest.param(
        closed("2026-12-22", "2027-01-05"),  # Monday 17:00 to Wednesday 08:30: 15 days, 15 hours and a half
        timedelta(days=14),
        (
            "closed from 2026-12-21 17:00 until 2027-01-06 08:30 (15d15h30m), longer than the queue keeps a "
            "message (14d): messages that arrived since the closing would be lost from 2027-01-04 17:00 on, "
            "so rescue runs the model for them at about 2027-01-04 05:00; open an hour before 2027-01-04 "
            "17:00 by an override (no queue keeps a message for longer than 14d)"
        ),
        id="longer than any queue keeps a message",
    ),
]


@pytest.mark.parametrize(("text", "retention", "message"), TOLD)
def test_a_closure_that_outlasts_the_queue_is_told_with_its_dates_and_remedies(text, retention, message):
    told = found(text, retention=retention)
    assert told is not None
    assert told.message == message
    assert told.lost is ("are lost" in message)


@pytest.mark.parametrize(
    ("retention", "outlasts"),
    [(timedelta(days=11, hours=15, minutes=29), True), (timedelta(days=11, hours=15, minutes=30), False)],
)
def test_a_closure_as_long_as_the_retention_is_none(retention, outlasts):
    assert (found(closed(*CHRISTMAS), retention=retention) is not None) is outlasts


def test_the_instants_are_utc():
    told = found(closed(*CHRISTMAS))
    assert told is not None
    assert (told.closed_at, told.expires_at, told.rescued_at, told.opens_at) == (
        datetime(2026, 12, 23, 22, tzinfo=UTC),
        datetime(2026, 12, 27, 22, tzinfo=UTC),
        datetime(2026, 12, 27, 10, tzinfo=UTC),
        datetime(2027, 1, 4, 13, 30, tzinfo=UTC),
    )


def test_a_closure_that_goes_on_already_counts_from_its_beginning():
    """Its last day is shorter than a weekend, and its messages are the ones in danger."""
    told = found(closed(*CHRISTMAS), datetime(2027, 1, 3, tzinfo=UTC))
    assert told is not None
    assert told.closed_at == datetime(2026, 12, 23, 22, tzinfo=UTC)


def test_a_schedule_that_never_opens_is_closed_on_and_on():
    told = found(edited("mon-fri: 08:30-17:00", "mon: closed"))
    assert told is not None
    assert told.opens_at is None
    assert (told.closed_at, told.expires_at, told.rescued_at) == (
        NOW,
        NOW + timedelta(days=4),
        NOW + timedelta(days=3, hours=12),
    )
    assert "every 3d12h after it" in told.message
    assert told.lost is False


def test_a_schedule_that_is_always_open_loses_nothing():
    assert found(edited("mon-fri: 08:30-17:00", "daily: open")) is None


@pytest.mark.parametrize("retention", [timedelta(days=4), timedelta(days=14)])
def test_ordinary_weekends_are_no_finding(retention):
    assert found(MINIMAL, retention=retention) is None


EVERY_WEEKEND = [
    # 400 days from 2026-11-23 end on 2027-12-28: 57 weekends begin from 27 November to 24 December.
    pytest.param("mon-fri: 08:30-17:00", "2026-11-27T22:00", "2026-11-30T13:30", 56, "2d16h30m", id="1d"),
    pytest.param("mon-thu: 08:30-17:00", "2026-11-26T22:00", "2026-11-30T13:30", 56, "3d16h30m", id="3 days"),
]


@pytest.mark.parametrize(("hours", "closed_at", "opens_at", "more", "longest"), EVERY_WEEKEND)
def test_of_closures_that_repeat_the_first_is_named_and_the_others_are_counted(
    hours, closed_at, opens_at, more, longest
):
    text = edited("mon-fri: 08:30-17:00", hours)
    told = found(text, datetime(2026, 11, 23, 14, tzinfo=UTC), timedelta(days=1))
    assert told is not None
    assert told.closed_at == datetime.fromisoformat(closed_at).replace(tzinfo=UTC)
    assert told.opens_at == datetime.fromisoformat(opens_at).replace(tzinfo=UTC)
    assert told.longest is not None
    assert (told.more, compact(told.longest)) == (more, longest)  # when the clocks go back
    assert all(f" {part}" in told.outcome for part in (f"{more} more", f"longest {longest}"))
    assert "at least every 1d" in told.remedy


def test_the_retention_that_is_enough_is_that_of_the_longest_closure():
    told = found(closed(*CHRISTMAS), datetime(2026, 11, 23, 14, tzinfo=UTC), timedelta(days=1))
    assert told is not None
    assert told.closed_at == datetime(2026, 11, 27, 22, tzinfo=UTC)
    assert "keep messages for 12d" in told.remedy
