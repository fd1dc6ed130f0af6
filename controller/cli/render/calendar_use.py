"""Prints how many events of each calendar file are used and left out."""

from __future__ import annotations

from collections.abc import Iterator

from controller.cli.render.terminal import count
from controller.config.model import CalendarUse, Config
from controller.schedule.ics import LAST_COUNTED_DATE, IcsSummary


def calendar_lines(config: Config) -> Iterator[str]:
    """A line for each ``.ics`` file of which something is used."""
    for each in config.calendars:
        if each.summary is not None:
            yield f"calendar {each.name}: {each.file}: {_counted(each.summary)}"


def _counted(summary: IcsSummary) -> str:
    left_out = ", ".join(f"{number:,} {reason}" for reason, number in summary.left_out.items())
    rest = f", left out: {left_out}" if left_out else ""
    return f"{summary.used:,} of {count(summary.events, 'event')} used{_dates(summary)}{rest}"


def _dates(summary: IcsSummary) -> str:
    if summary.first is None:
        return f" (after {LAST_COUNTED_DATE.year})" if summary.used else ""
    return f" ({summary.first} to {summary.last})" if summary.last else f" ({summary.first} and on)"


def calendar_as_json(use: CalendarUse) -> dict[str, object]:
    """``events`` is ``None`` for a calendar without a file, and for one whose file cannot be used."""
    summary = use.summary
    return {
        "name": use.name,
        "events": None if summary is None else summary.events,
        "used": None if summary is None else summary.used,
        "left_out": {}
        if summary is None
        else {str(reason): each for reason, each in summary.left_out.items()},
        "first": None if summary is None or summary.first is None else str(summary.first),
        "last": None if summary is None or summary.last is None else str(summary.last),
    }
