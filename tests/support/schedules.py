"""Schedules for tests, written as the file writes them but without the file."""

from __future__ import annotations

from datetime import UTC, date, datetime

from controller.schedule import Schedule
from controller.schedule.model import (
    WHOLE_DATE,
    Closure,
    DateOverride,
    HolidayRule,
    Opening,
    Rule,
    SpanOverride,
    Spec,
    Window,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NO_WINDOWS: tuple[Window, ...] = ()


def windows(text: str) -> tuple[Window, ...]:
    match text:
        case "closed":
            return NO_WINDOWS
        case "open":
            return WHOLE_DATE
        case _:
            return tuple(_window(part.strip()) for part in text.split(","))


def _window(text: str) -> Window:
    start_s, end_s = (int(part[:2]) * 3600 + int(part[3:]) * 60 for part in text.split("-"))
    return Window(start_s=start_s, end_s=end_s if end_s > start_s else end_s + 86_400)


def rule(text: str, *, label: str = "", line: int = 1, explicit: bool = False) -> Rule:
    return Rule(label=label or text, line=line, windows=windows(text), explicit=explicit)


def week(daily: str = "closed", **days: str) -> tuple[Rule, Rule, Rule, Rule, Rule, Rule, Rule]:
    """``week(mon="08:30-17:00")``: Monday's rule stands in line 1, Sunday's in line 7."""
    rules = [
        rule(days.get(day, daily), label=f"{day} {days.get(day, daily)}", line=number)
        for number, day in enumerate(DAYS, start=1)
    ]
    mon, tue, wed, thu, fri, sat, sun = rules
    return mon, tue, wed, thu, fri, sat, sun


def holidays(names: dict[str, tuple[str, ...]], hours: str = "closed") -> HolidayRule:
    """Stands in line 10."""
    by_date = {date.fromisoformat(day): found for day, found in names.items()}
    return HolidayRule(
        rule=rule(hours, label=f"holidays {hours}", line=10), names=lambda day: by_date.get(day, ())
    )


def dated(dates: str, hours: str, *, line: int = 20) -> DateOverride:
    """``dated("2026-12-28..2026-12-31", "closed")``."""
    first, _, last = dates.partition("..")
    return DateOverride(
        first=date.fromisoformat(first),
        last=date.fromisoformat(last or first),
        rule=rule(hours, label=f"override {dates} {hours}", line=line, explicit=hours == "closed"),
    )


def span(start: str, end: str, state: str, *, line: int = 30) -> SpanOverride:
    return SpanOverride(
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        state_open=state == "open",
        rule=Rule(label=f"override {start}..{end} {state}", line=line, explicit=state == "closed"),
    )


def spec(
    zone: str = "UTC",
    daily: str = "closed",
    *,
    days: dict[str, str] | None = None,
    holidays: HolidayRule | None = None,
    overrides: tuple[DateOverride | SpanOverride, ...] = (),
) -> Spec:
    return Spec(
        name="test",
        zone=zone,
        week=week(daily, **(days or {})),
        holidays=() if holidays is None else (holidays,),
        overrides=overrides,
    )


def instant(text: str) -> datetime:
    """``2026-03-08T12:00`` (UTC) or with an offset of its own."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def told(schedule: Schedule, a: str, b: str) -> list[str]:
    """The openings of ``[a, b)`` in UTC, as ``2026-03-08T12:00 2026-03-08T13:00``."""
    return _told(schedule.openings(instant(a), instant(b)))


def told_closures(schedule: Schedule, a: str, b: str) -> list[str]:
    return _told(schedule.closures(instant(a), instant(b)))


def _told(intervals: tuple[Opening, ...] | tuple[Closure, ...]) -> list[str]:
    return [f"{interval.start:%Y-%m-%dT%H:%M} {interval.end:%Y-%m-%dT%H:%M}" for interval in intervals]
