"""A month's unit-hours and dollars: as billed, as the schedule has them, and as always on would have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.config.model import Pipeline
from controller.core.timefmt import month_start
from controller.editing.changes import hours_of
from controller.schedule import Schedule

EXACT = 0.05
"""Unit-hours, half of the last digit that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Unit-hours of the calendar month in UTC, so far.

    ``planned`` are the openings' by the file as it is now, ``billed`` what CloudWatch saw of this version of
    the model; ``None``: not known.
    """

    planned: float
    always_on: float
    billed: float | None
    unit_hour_usd: float


def spending(pipeline: Pipeline, schedule: Schedule, now: datetime, billed: float | None) -> Spending:
    """``now`` is aware UTC."""
    since = month_start(now)
    units = pipeline.model.inference_units
    return Spending(
        planned=hours_of(schedule.openings(since, now)) * units,
        always_on=(now - since) / timedelta(hours=1) * units,
        billed=billed,
        unit_hour_usd=pipeline.unit_hour_usd,
    )


def month_lines(month: Spending) -> Iterator[str]:
    """A line each: what it is against always on, and how it differs from the openings."""
    known = month.planned if month.billed is None else month.billed
    what = "in the openings so far" if month.billed is None else "billed so far"
    saved = f", {_saved(known, month.always_on)} saved" if month.always_on else ""
    always_on = f"always on: {month.always_on:,.1f}, {_usd(month, month.always_on)}"
    yield f"{known:,.1f} unit-hours {what}, {_usd(month, known)} ({always_on}{saved})"
    if month.billed is not None:
        yield _difference(month.billed, month.planned)


def _usd(month: Spending, unit_hours: float) -> str:
    return f"{unit_hours * month.unit_hour_usd:,.2f} USD"


def _saved(known: float, always_on: float) -> str:
    return f"{max(1 - known / always_on, 0.0):.1%}"


def _difference(billed: float, planned: float) -> str:
    more = billed - planned
    if abs(more) < EXACT:
        return f"as the openings have them: {planned:,.1f}"
    why = "warm-ups, drains, rescues, other hands" if more > 0 else "late or failed starts, holds, on demand"
    return f"{abs(more):,.1f} {'more' if more > 0 else 'less'} than the {planned:,.1f} of the openings: {why}"
