"""Translates schedule expressions of EventBridge into weekly hours: ``mon-fri 07:30-17:00 UTC``.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from controller.schedule import load_zone

DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""In AWS's order: SUN is 1."""
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?\)")
_EVERY: Final = frozenset({"*", "?"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Weekly times: ``times`` on each of ``days`` (0 is Sunday; the order is that of a week from Monday)."""

    days: tuple[int, ...]
    times: tuple[time, ...]
    zone: str

    def __str__(self) -> str:
        clocks = ", ".join(f"{each:%H:%M}" for each in self.times)
        return f"{_days_in_words(self.days)} {clocks} {self.zone}"


def in_words(expression: str, zone: str) -> str:
    """``mon-fri 17:00 UTC``, ``every 5 minutes``; the expression itself where it is more than that."""
    if times := weekly(expression, zone):
        return str(times)
    if found := _RATE.fullmatch(expression):
        number, unit = int(found[1]), found[2]
        return f"every {unit}" if number == 1 else f"every {number} {unit}s"
    if found := _AT.fullmatch(expression):
        return f"once, {found[1]} {found[2]} {zone}"
    return f"{expression} {zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CronHours:
    """The hours between a start and a stop: from ``opens`` on each of ``days`` until the next ``closes``."""

    days: tuple[int, ...]
    opens: time
    closes: time
    zone: str

    def __str__(self) -> str:
        return f"{_days_in_words(self.days)} {self.window} {self.zone}"

    @property
    def window(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    @property
    def file_days(self) -> str:
        """As the schedule file writes them: ``mon-fri``, ``mon,wed``, ``daily``."""
        return "daily" if len(self.days) == len(DAYS) else _days_in_words(self.days).replace(", ", ",")

    def in_zone(self, zone: str, on: date) -> CronHours | None:
        """The same hours in ``zone`` by its offset of that date; ``None`` where a time is on another day."""
        moved = [_moved(each, self.zone, zone, on) for each in (self.opens, self.closes)]
        opens, closes = moved
        if opens is None or closes is None:
            return None
        return CronHours(days=self.days, opens=opens, closes=closes, zone=zone)


def _moved(wall: time, old: str, new: str, on: date) -> time | None:
    there = datetime.combine(on, wall, load_zone(old)).astimezone(load_zone(new))
    return there.time() if there.date() == on else None


def together(one: Weekly, other: Weekly) -> CronHours | None:
    """The hours from a start to a stop; ``None`` unless each opening has just one closing before the next.

    A stop that is not later on the same day is on the day after.
    """
    if one.zone != other.zone or (len(one.times), len(other.times)) != (1, 1):
        return None
    opens, closes = one.times[0], other.times[0]
    overnight = 0 if closes > opens else 1
    if {(day + overnight) % 7 for day in one.days} != set(other.days) or opens == closes:
        return None
    return CronHours(days=one.days, opens=opens, closes=closes, zone=one.zone)


def weekly(expression: str, zone: str) -> Weekly | None:
    """``None`` where the expression is of another kind, or names dates, months or years."""
    found = _CRON.fullmatch(expression)
    if found is None or not _EVERY.issuperset((found[3], found[4], found[6])):
        return None
    minutes, hours = _numbers(found[1], 59), _numbers(found[2], 23)
    days = _weekdays(found[5])
    if minutes is None or hours is None or days is None:
        return None
    times = tuple(time(hour, minute) for hour in hours for minute in minutes)
    return Weekly(days=days, times=times, zone=zone) if len(times) <= _MOST_TIMES else None


_MOST_TIMES: Final = 6
"""More of them tell a person less than the expression."""


def _numbers(field: str, most: int) -> tuple[int, ...] | None:
    """A number, or some with commas."""
    parts = field.split(",")
    if not all(re.fullmatch(r"[0-9]{1,2}", part) and int(part) <= most for part in parts):
        return None
    return tuple(sorted({int(part) for part in parts}))


def _weekdays(field: str) -> tuple[int, ...] | None:
    if field in _EVERY:
        return _from_monday(range(7))
    found: set[int] = set()
    for part in field.split(","):
        ends = [_weekday(end) for end in part.split("-")]
        if None in ends or len(ends) > 2:  # noqa: PLR2004 - the two ends of a range
            return None
        first, last = (int(end or 0) for end in (ends[0], ends[-1]))
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return _from_monday(found)


def _weekday(text: str) -> int | None:
    if re.fullmatch(r"[1-7]", text):
        return int(text) - 1
    return DAYS.index(text.casefold()) if text.casefold() in DAYS else None


def _from_monday(days: set[int] | range) -> tuple[int, ...]:
    return tuple(sorted(days, key=lambda day: (day - 1) % 7))


def _days_in_words(days: tuple[int, ...]) -> str:
    """``every day``, ``mon-fri``, ``mon, wed, fri``; three days in a row and more are a range."""
    if len(days) == len(DAYS):
        return "every day"
    runs: list[list[int]] = []
    for day in days:
        if runs and (day - runs[-1][-1]) % 7 == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_in_words([DAYS[day] for day in run]) for run in runs)


def _run_in_words(names: list[str]) -> str:
    return f"{names[0]}-{names[-1]}" if len(names) > 2 else ", ".join(names)  # noqa: PLR2004 - as above
