"""A finding is there exactly when some message would wait longer than the queue keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.config.retention_check import RetentionFinding, retention_finding
from controller.schedule import Schedule
from controller.schedule.timeline import HORIZON
from tests.support.config_file import edited, understood

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def closed_hours(schedule: Schedule, first: datetime) -> list[tuple[datetime, int]]:
    """Each run of closed hours of the 400 days from ``first``, by a scan of the hours: start and length."""
    runs: list[tuple[datetime, int]] = []
    start: datetime | None = None
    for step in range(-60 * 24, (HORIZON.days + 60) * 24):
        at = first + step * HOUR
        if not schedule.is_open(at):
            start = start or at
        elif start is not None:
            runs.append((start, (at - start) // HOUR))
            start = None
    return [
        (start, hours) for start, hours in runs if start < first + HORIZON and start + hours * HOUR > first
    ]


@st.composite
def files(draw: st.DrawFn) -> str:
    first = date(2026, 11, 10) + timedelta(days=draw(st.integers(0, 200)))
    last = first + timedelta(days=draw(st.integers(0, 25)))
    days = draw(st.sampled_from(["mon-fri", "daily", "mon,thu"]))
    hours = f"      {days}: 08:00-17:00\n    overrides: [{{dates: {first}..{last}, hours: closed}}]\n"
    rescue = draw(st.sampled_from(["never", "10m", "12h"]))
    text = edited("      mon-fri: 08:30-17:00\n", hours, edited("America/New_York", "UTC"))
    return f"{text}    rescue: {rescue}\n"


def finding(text: str, now: datetime, retention: timedelta) -> tuple[RetentionFinding | None, Schedule]:
    config = understood(text)
    schedule = Schedule(config.specs["office"])
    return retention_finding(config.pipelines[0], schedule, now, retention), schedule


@settings(max_examples=40, deadline=None)
@given(files(), st.integers(0, 40 * 24), st.integers(1, 14 * 24))
def test_a_finding_names_the_first_closure_beyond_the_retention_and_counts_them_all(text, after, kept):
    now, retention = NOW + after * HOUR, kept * HOUR
    found, schedule = finding(text, now, retention)
    too_long = [run for run in closed_hours(schedule, now) if run[1] > kept]
    if not too_long:
        assert found is None
    else:
        first_start, first_hours = too_long[0]
        assert found is not None
        assert (found.closed_at, found.opens_at) == (first_start, first_start + first_hours * HOUR)
        assert found.more == len(too_long) - 1
        assert found.longest == max(hours for _, hours in too_long) * HOUR


@settings(max_examples=40, deadline=None)
@given(files(), st.integers(1, 14 * 24))
def test_a_rescue_runs_before_the_first_message_expires_with_time_for_a_start(text, kept):
    found, _ = finding(text, NOW, kept * HOUR)
    if found is None:
        return
    margin = {"never": 0, "10m": 10, "12h": min(720, kept * 15)}[text.split()[-1]]  # in minutes
    assert found.lost is (margin < 30)
    if found.rescued_at is not None:
        assert found.expires_at - found.rescued_at == timedelta(minutes=margin)
        assert found.closed_at < found.rescued_at
