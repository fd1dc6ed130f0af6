"""Validators of hours, days, dates, instants and time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import partial

from controller.config.values import HintedError, each, matched, nearest, shown, wrong
from controller.schedule.model import DAY_S, WHOLE_DATE, Window
from controller.schedule.zones import zone_names

FIRST_YEAR, LAST_YEAR = 1970, 2199
_LEAP_YEAR = 2000

TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
WINDOW = rf"{TIME} *- *(?:{TIME}|24:00)"
WINDOWS = rf"{WINDOW}(?: *, *{WINDOW})*"
DAY = r"(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
DAYS = rf"(?:daily|{DAY}(?:-{DAY})?(?: *, *{DAY}(?:-{DAY})?)*)"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATES = rf"{DATE}\.\.{DATE}"
YEARLY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
INSTANT = rf"{DATE}T[0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?:Z|[+-](?:0[0-9]|1[0-8]):[0-5][0-9])?"

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEX = {name: index for names in (WEEK, _FULL) for index, name in enumerate(names)}

_DASH = re.compile("[\u2010-\u2015\u2212]")
"""What word processors make of a hyphen; it looks the same."""
_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-5][0-9]))? ?(?:(?P<half>[ap])\.?m\.?)?")
_NOON, _HOURS = 12, 24
_HOURS_EXAMPLE = "closed, open, 08:30-17:00 or [08:30-12:00, 13:00-16:00]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of a date: ``windows`` ascending and disjoint; ``label`` as they were written."""

    windows: tuple[Window, ...]
    label: str


CLOSED = Hours(windows=(), label="closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """A range of dates, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDay:
    """A month and a day, of every year that has them."""

    month: int
    day: int

    def __str__(self) -> str:
        """As it is written in the file."""
        return f"{self.month:02d}-{self.day:02d}"


def hours_kind(value: object) -> str:
    """Hours of each date, or a week of them."""
    return "week" if isinstance(value, dict) and value else "hours"


def hours(value: object) -> Hours:
    match value:
        case "closed":
            return CLOSED
        case "open":
            return Hours(windows=WHOLE_DATE, label="open")
        case _:
            return _joined(windows(value))


def windows(value: object) -> tuple[Window, ...]:
    """As they are written, in that order; they may overlap."""
    match value:
        case "closed":
            return ()
        case "open":
            return WHOLE_DATE
        case str():
            return tuple(_window(part.strip()) for part in value.split(","))
        case [_, *_]:
            return each(_window, value)
        case _:
            raise wrong(value, "hours", _HOURS_EXAMPLE)


def _joined(written: tuple[Window, ...]) -> Hours:
    label = ", ".join(map(clock_range, written))
    merged: list[Window] = []
    for window in sorted(written, key=lambda window: (window.start_s, window.end_s)):
        if merged and window.start_s <= merged[-1].end_s:
            last = merged.pop()
            window = Window(start_s=last.start_s, end_s=max(last.end_s, window.end_s))  # noqa: PLW2901 - the merged one
        merged.append(window)
    return Hours(windows=tuple(merged), label=label)


def clock_range(window: Window) -> str:
    """``22:00-06:00``."""
    end_s = window.end_s if window.end_s <= DAY_S else window.end_s - DAY_S
    return f"{_clock(window.start_s)}-{_clock(end_s)}"


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def _window(value: object) -> Window:
    """An end before the start is on the next date."""
    if isinstance(value, str) and value in {"closed", "open"}:
        raise ValueError(f"{shown(value)} is of the whole date, and stands alone: not beside other hours")
    start, hyphen, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not hyphen and isinstance(value, str) and _DASH.search(value):
        raise ValueError(f"{shown(value)} has a dash where a hyphen belongs: {shown(_DASH.sub('-', value))}")
    if not hyphen:
        raise wrong(value, "hours", _HOURS_EXAMPLE)
    start_s, end_s = _time_of_day(start.strip()), _time_of_day(end.strip(), end=True)
    if start_s == end_s:
        raise ValueError(f"{shown(value)} starts when it ends; for the whole date write open")
    return Window(start_s=start_s, end_s=end_s if end_s > start_s else end_s + DAY_S)


def _time_of_day(value: str, *, end: bool = False) -> int:
    if value == "24:00" and end:
        return DAY_S
    if value == "24:00":
        raise ValueError('"24:00" can end a window, not start one (00:00)')
    if not re.fullmatch(TIME, value):
        error = wrong(value, "a time of day", "HH:MM, 00:00 to 24:00")
        raise ValueError(f"{error}{_other_time(value, end=end)}")
    return int(value[:2]) * 3600 + int(value[3:]) * 60


def _other_time(value: str, *, end: bool) -> str:
    """What is probably meant by ``8:30``, ``9am`` or, as an end, ``26:00``; nothing if it is not clear."""
    found = _CLOCK.fullmatch(value.casefold())
    if found is None or (found["minute"] is None and found["half"] is None):
        return ""
    hour, minute = int(found["hour"]), found["minute"] or "00"
    if found["half"] is not None:
        if not 1 <= hour <= _NOON:
            return ""
        hour = hour % _NOON + (_NOON if found["half"] == "p" else 0)
    if hour < _HOURS:
        return f' (did you mean "{hour:02d}:{minute}"?)'
    if end and hour < 2 * _HOURS:
        return f' (an end on the next date is written as it is there: "{hour - _HOURS:02d}:{minute}")'
    return ""


def days(value: object) -> tuple[int, ...]:
    """Days of the week, Monday is 0, in the order written."""
    if isinstance(value, str) and value.casefold() == "daily":
        return tuple(range(7))
    parts = value.casefold().split(",") if isinstance(value, str) else [""]
    found = [day for part in parts for day in _day_range(value, part.strip())]
    twice = next((day for at, day in enumerate(found) if day in found[:at]), None)
    if twice is not None:
        raise ValueError(f"{shown(value)} names {WEEK[twice]} twice")
    return tuple(found)


def _day_range(value: object, part: str) -> list[int]:
    first, hyphen, last = (end.strip() for end in part.partition("-"))
    last = last if hyphen else first
    if first not in _INDEX or last not in _INDEX:
        near = _nearest_range(first, last) if hyphen else nearest(part, (*WEEK, "daily"))
        raise ValueError(f"{wrong(value, 'a day', 'mon … sun, mon-fri, mon,wed,fri or daily')}{near}")
    start = _INDEX[first]
    return [(start + step) % 7 for step in range((_INDEX[last] - start) % 7 + 1)]


def _nearest_range(first: str, last: str) -> str:
    """`` (did you mean "mon-thu"?)`` for ``mon-thur``; nothing if an end is near no day."""
    near = [
        next((day for day in WEEK if end.startswith(day) and end.isalpha()), None) for end in (first, last)
    ]
    return f' (did you mean "{near[0]}-{near[1]}"?)' if all(near) else ""


def days_label(value: str) -> str:
    """``Monday - Thursday, SUN`` → ``mon-thu,sun``."""
    short = re.sub(DAY, lambda day: day[0][:3], value.casefold())
    return re.sub(r"\s", "", short)


def day_key(value: object) -> str:
    """The key as written, once it is known to name days."""
    days(value)
    return str(value)


def local_date(value: object) -> date:
    written = matched(DATE, value, "a date", "YYYY-MM-DD: 2026-12-24")[0]
    try:
        return _in_range(date.fromisoformat(written))
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not a date ({_reason(error)})") from None


def holiday_date(value: object) -> date | YearDay:
    """``YYYY-MM-DD``, or ``MM-DD`` for every year."""
    found = re.fullmatch("([0-9]{2})-([0-9]{2})", value) if isinstance(value, str) else None
    if found is None:
        matched(DATE, value, "a date", "YYYY-MM-DD: 2026-12-24, or MM-DD for every year: 12-24")
        return local_date(value)
    month, day = int(found[1]), int(found[2])
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        raise ValueError(f"{shown(value)} is not a month and a day of any year (MM-DD: 12-24)") from None
    return YearDay(month=month, day=day)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"years {FIRST_YEAR} to {LAST_YEAR} can be written")
    return day


def _reason(error: ValueError) -> str:
    """The part of Python's message that is the same in every version of it."""
    message = str(error)
    return message if message.startswith("years") else "there is no such date"


def date_range(value: object) -> DateRange:
    if isinstance(value, str) and re.fullmatch(DATE, value):
        raise ValueError(f"{shown(value)} is one date; write it under date:, or {value}..{value}")
    written = matched(DATES, value, "a range of dates", "2026-12-28..2026-12-31")[0]
    first, last = (local_date(part) for part in written.split(".."))
    if last < first:
        raise ValueError(f"{shown(value)} ends before it begins")
    return DateRange(first=first, last=last)


def override_instant(value: object) -> datetime:
    """As ``instant``; an override may be of whole dates instead."""
    try:
        return instant(value)
    except ValueError as error:
        if isinstance(value, str) and re.fullmatch(DATE, value):
            raise ValueError(f"{error}; for whole dates use dates: A..B and hours:") from None
        raise


def instant(value: object) -> datetime:
    """Naive where no offset is written: wall time of the schedule's zone."""
    if isinstance(value, str) and re.fullmatch(DATE, value):
        raise ValueError(f"{shown(value)} has no time (2026-12-05T20:00)")
    matched(INSTANT, value, "a time", "2026-12-05T20:00, or with an offset: 2026-12-05T20:00-05:00")
    written = str(value)
    day, clock = local_date(written[:10]), written[11:]
    try:
        return datetime.combine(day, time.fromisoformat(_without_offset(clock)), _offset(clock))
    except ValueError:
        raise wrong(value, "a time", "hours 00 to 23, minutes and seconds 00 to 59") from None


def _without_offset(clock: str) -> str:
    wall = re.split(r"[Z+-]", clock)[0]
    if wall.startswith("24"):  # newer releases of Python take 24:00
        raise ValueError(wall)
    return wall


def _offset(clock: str) -> tzinfo | None:
    found = re.search(r"([+-])(..):(..)$", clock)
    if found is None:
        return UTC if clock.endswith("Z") else None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(size if found[1] == "+" else -size)


_CITIES = {
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "MDT": "America/Denver",
    "MT": "America/Denver",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "CT": "America/Chicago",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
}
"""Abbreviations of a winter or summer time that are no zones, and the zone that is probably meant."""


def zone(value: object) -> str:
    if isinstance(value, str) and value in zone_names():
        return value
    if isinstance(value, str) and (city := _CITIES.get(value.upper())):
        message = f"{shown(value)} is not a time zone, but a time of the year in one; write {city}"
        raise ValueError(message)
    error = wrong(value, "a time zone", "America/New_York")
    raise HintedError(str(error), partial(nearest, value, zone_names())) if isinstance(value, str) else error
