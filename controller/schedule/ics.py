"""Reads an iCalendar file as closures: local dates with the names of their events.

Every all-day event counts, whatever its TRANSP, CLASS or busy status says; cancelled ones do not. An event
is all-day if its value is a date, if Outlook's property says so, or if it lasts from a midnight to a later
one in its own zone. Timed events are left out. The `icalendar` library splits lines into properties and
parses rules and durations; properties other than dates, status and title are not read, so that they cannot
make a file unusable.

Source: https://www.rfc-editor.org/rfc/rfc5545
Source: https://www.rfc-editor.org/rfc/rfc2445#section-4.8.5.2 (EXRULE, which the later one has not)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from heapq import merge
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from controller.schedule.excepted import NONE, Excepted
from controller.schedule.recurrence import (
    LAST_DATE,
    Frequency,
    Recurrence,
    StepBudget,
    StepBudgetError,
    WeekdayPart,
    shifted,
)
from controller.schedule.zones import load_zone, zone_names

MAX_ICS_BYTES: Final = 512 * 1024
FIRST_RELEVANT_DATE: Final = date(2020, 1, 1)
"""An event that ended before is left out, whatever is wrong with it."""
LAST_COUNTED_DATE: Final = date(2040, 12, 31)
"""The dates of a file are counted up to here when it is read."""
STEPS_MAX: Final = 150_000
"""The most candidate dates of rules and dates of events in one file: about a second of work."""
EVENTS_MAX: Final = 10_000
SEARCH_STEPS_MAX: Final = 12_000
"""The most candidate dates after 2040 of one rule without an end, in search of one that fits."""

_SEARCHED: Final = 3
"""The most such rules of a file."""
_SEARCHED_TO: Final = date(2440, 12, 31)
"""400 years after those that are counted: the Gregorian calendar repeats after as many."""
_TITLE_LENGTH_MAX: Final = 200
_NAMED: Final = 3
_ONE_DAY: Final = timedelta(days=1)
_NOON: Final = time(12)
_ENDS_OF_DAY: Final = frozenset({time(23, 59), time(23, 59, 59)})
_VALUE: Final = re.compile(r"(\d{8})(?:T(\d{6}))?(Z?)")
_DAYS_OR_WEEKS: Final = re.compile(r"^([+-]?P)T(\d+[DW])$")
"""Synology writes ``PT1W`` for ``P1W``."""
_UNREADABLE_DAYS_MAX: Final = 366
"""The assumed most days of a past event whose end cannot be read."""
_PROPERTY: Final = re.compile(r"[A-Za-z0-9-]+")
_READ: Final = frozenset(
    {
        "BEGIN",
        "END",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "EXRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "UID",
        "X-CALENDAR-TYPE",
        "X-MICROSOFT-CDO-ALLDAYEVENT",
        "X-WR-TIMEZONE",
    }
)
_SEVERAL: Final = frozenset({"RDATE", "EXDATE"})
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERS: Final = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
"""The greatest number of each part of a rule; negative ones, of all but months, count from the end.

Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
"""
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_NUMBERS})
_PLAIN: Final = (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT"))
"""Parts that say what is true without them; programs of Apple and Google write them.

Source: https://www.rfc-editor.org/rfc/rfc7529#section-4
"""
_NOT_SUPPORTED: Final = ("RSCALE", "SKIP", "BYEASTER")
"""Parts that a message names; the name of any other may be anything."""
_AT_LEAST_ONE: Final = frozenset({"INTERVAL", "COUNT"})
"""Confluence writes -1 for one that is not set."""
_WITHIN_A_DAY: Final = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_EXPORT: Final = "export the calendar of closures alone, or only the years to come"


class SkipReason(StrEnum):
    """Why an event is left out; `validate` prints the counts by these words."""

    TIMED = "timed"
    CANCELLED = "cancelled"
    """By its STATUS, or because all its dates are excepted or changed."""
    PAST = "ended before 2020"
    SUPERSEDED = "superseded"
    """Another event of the same UID has a higher SEQUENCE, or its series no longer has the changed date."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcsSummary:
    """The counts of the events of a file: ``events`` is the sum of ``used`` and ``left_out``.

    ``first`` and ``last`` are dates from 2020 to 2040; ``last`` is ``None`` if an event recurs without end.
    """

    events: int
    used: int
    left_out: Mapping[str, int]
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IcsEvents:
    """The all-day events of a file, less ``excepted`` by title; ``endless`` if one recurs without an end."""

    data: bytes = field(repr=False)
    summary: IcsSummary
    endless: bool
    excepted: Excepted = NONE

    def __call__(self, day: date, /) -> tuple[str, ...]:
        """Titles of the events of ``day``, in the order of the file."""
        titles = _year(self.data, day.year).get(day, ())
        return tuple(title for title in titles if not self.excepted.covers((title,)))

    def last(self, years: range) -> date | None:
        """The last date of an event in ``years``."""
        days = (day for year in years for day in _year(self.data, year) if self(day))
        return max(days, default=None)

    def reaches(self, day: date) -> bool:
        """Whether an event may be on ``day`` or later, of one without an end its first dates."""
        singles = (
            max((each.first, *each.more)) if each.is_unlimited else each.last_start
            for each in _found(self.data).series
        )
        return any(last >= day for last in singles)

    def titles(self) -> frozenset[str]:
        """The titles of all its events, the excepted ones too."""
        return frozenset(series.title for series in _found(self.data).series)


@dataclass(frozen=True, slots=True, kw_only=True)
class IcsReading:
    """The result of reading a file: ``events`` is ``None`` if no event can be used.

    Each of ``errors`` and ``warnings`` is one line.
    """

    events: IcsEvents | None
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_ics(data: bytes) -> IcsReading:
    """Parses an iCalendar file: the usable events, and a problem for each other one. Pure; never raises."""
    try:
        found = _found(data)
    except _UnusableError as error:
        return IcsReading(events=None, errors=(str(error),))
    events = IcsEvents(
        data=data,
        summary=found.summary,
        endless=found.endless,
    )
    return IcsReading(
        events=events if found.summary.used else None, errors=found.errors, warnings=found.warnings
    )


class _UnusableError(ValueError):
    """The file as a whole cannot be used."""


class _EventError(ValueError):
    """An event that should count cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Property:
    """One content line: ``parameters`` have upper-case names."""

    name: str
    line: int
    value: str
    parameters: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class _Event:
    """The properties of a VEVENT as written; of one that may be repeated, all of them."""

    line: int
    zone: ZoneInfo | None
    properties: dict[str, list[_Property]] = field(default_factory=dict)

    def get(self, name: str) -> _Property | None:
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        found = self.get(name)
        return found.value.strip() if found else ""

    @property
    def title(self) -> str:
        return one_line(self.text("SUMMARY")) or "all-day event"

    @property
    def named(self) -> str:
        return f'event "{self.title}" (line {self.line})'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """The local dates that an event touches, ``days`` of them from ``first`` on; ``whole`` if all-day.

    ``backwards`` is the property that ends it before its start, in which case it is one day.
    """

    first: date
    days: int
    whole: bool = True
    backwards: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleParts:
    """The values of the parts of ``rule`` (RRULE or EXRULE), by upper-case names."""

    rule: str
    values: Mapping[str, list[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """An event with all its occurrences, each ``days`` dates long; none of them begins after ``until``.

    ``more`` (RDATE) are first dates beside the rule's, ``but`` (EXDATE and changed ones) and what the rules
    ``unless`` (EXRULE) give are none.
    """

    line: int
    title: str
    first: date
    days: int
    rule: Recurrence | None = None
    more: tuple[date, ...] = ()
    but: frozenset[date] = frozenset()
    unless: tuple[Recurrence, ...] = ()
    until: date = LAST_DATE

    @property
    def is_unlimited(self) -> bool:
        """Whether nothing says when it ends; its rule may still give no more dates."""
        return self.rule is not None and self.rule.until == self.until == LAST_DATE

    @property
    def last_start(self) -> date:
        """No occurrence begins later; one need not begin on it."""
        last = max((self.first, *self.more))
        return min(max(last, self.rule.until) if self.rule else last, self.until)

    def gives(self, day: date, budget: StepBudget) -> bool:
        """Whether an occurrence begins on ``day``."""
        budget.spend(1 + len(self.more) + len(self.unless))
        return any(self.starts(day, day, budget))

    def starts(self, first: date, last: date, budget: StepBudget) -> Iterator[date]:
        """The first dates of its occurrences from ``first`` to ``last``, in no order, each once."""
        seen, last = set[date](), min(last, self.until)
        single = (
            day
            for day in (self.first, *self.more)
            if first <= day <= last and not self._excludes(day, budget)
        )
        for day in chain(single, self._ruled(first, last, budget)):
            if day not in self.but and day not in seen:
                seen.add(day)
                yield day

    def _excludes(self, day: date, budget: StepBudget) -> bool:
        budget.spend(len(self.unless))
        return any(each.gives(day, budget) for each in self.unless)

    def _ruled(self, first: date, last: date, budget: StepBudget) -> Iterator[date]:
        """The dates of the rule that no EXRULE gives, in order."""
        excluded = merge(*(each.between(first, last, budget) for each in self.unless))
        out = next(excluded, None)
        for day in self.rule.between(first, last, budget) if self.rule else ():
            while out is not None and out < day:
                out = next(excluded, None)
            if day != out:
                yield day

    def dates(self, first: date, last: date, budget: StepBudget) -> Iterator[date]:
        """All its dates from ``first`` to ``last``."""
        for start in self.starts(shifted(first, 1 - self.days) or date.min, last, budget):
            end = shifted(start, self.days - 1) or LAST_DATE
            begin, finish = max(start, first), min(end, last)
            budget.spend(finish.toordinal() - begin.toordinal() + 1)
            for ordinal in range(begin.toordinal(), finish.toordinal() + 1):
                yield date.fromordinal(ordinal)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """An event with a RECURRENCE-ID: ``series`` (``None`` if it is left out) replaces the date ``day``."""

    uid: str
    sequence: int
    day: date
    following: bool
    series: _Series | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _IcsContents:
    """The parsed file."""

    series: tuple[_Series, ...]
    summary: IcsSummary
    endless: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def one_line(text: str) -> str:
    """The text without control characters and line breaks, for a terminal and the cell of a table."""
    shown = " ".join(text.split())[:_TITLE_LENGTH_MAX]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in shown)


@lru_cache(maxsize=8)
def _found(data: bytes) -> _IcsContents:
    events = _events(_decoded(data))
    reader = _Reader()
    for raw in events:
        reader.add(raw)
    return reader.found(len(events))


@lru_cache(maxsize=64)
def _year(data: bytes, year: int) -> dict[date, tuple[str, ...]]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    budget, names = StepBudget(left=10 * STEPS_MAX), dict[date, dict[str, None]]()
    for series in _found(data).series:
        for day in series.dates(first, last, budget):
            names.setdefault(day, {})[series.title] = None
    return {day: tuple(names[day]) for day in sorted(names)}


def _decoded(data: bytes) -> str:
    """Bytes that are not UTF-8 are replaced: dates and names of properties are ASCII."""
    if len(data) > MAX_ICS_BYTES:
        raise _UnusableError(f"larger than {MAX_ICS_BYTES // 1024} KiB; {_EXPORT}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:200]:
        raise _UnusableError("UTF-16 or not text at all; save the file as UTF-8")
    return data.decode("utf-8-sig", errors="replace")


def _events(text: str) -> list[_Event]:
    """The VEVENTs of all calendars of the file, in order; those within other components do not count."""
    _refuse_others(text)
    events, path = list[_Event](), list[str]()
    zone: ZoneInfo | None = None
    for line, content in _unfolded(text):
        prop = _property(line, content)
        if prop is None:
            continue
        name = prop.name
        word = prop.value.strip().upper()
        if name == "BEGIN":
            path.append(word)
            if word == "VEVENT":
                _begin(events, path, line, zone)
        elif name == "END":
            if not path or path.pop() != word:
                raise _UnusableError(f"the END in line {line} closes nothing; export it again")
        elif path == ["VCALENDAR"]:
            zone = _of_calendar(name, prop, zone)
        elif path == ["VCALENDAR", "VEVENT"]:
            events[-1].properties.setdefault(name, []).append(prop)
    if path:
        raise _UnusableError("it ends before its END:VCALENDAR: cut off; download it again")
    return events


def _begin(events: list[_Event], path: list[str], line: int, zone: ZoneInfo | None) -> None:
    if path[0] != "VCALENDAR":
        raise _UnusableError(f"an event outside of BEGIN:VCALENDAR in line {line}; export a whole calendar")
    if len(events) >= EVENTS_MAX:
        raise _UnusableError(f"more than {EVENTS_MAX:,} events at line {line}; {_EXPORT}")
    events.append(_Event(line=line, zone=zone))


def _of_calendar(name: str, prop: _Property, zone: ZoneInfo | None) -> ZoneInfo | None:
    """The calendar's zone, which a property of the calendar may set.

    Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-change-calendar.html
    """
    if name == "X-CALENDAR-TYPE" and prop.value.strip().upper() == "DEFAULT_CLOSED":
        raise _UnusableError(
            f"its events mean open (X-CALENDAR-TYPE:DEFAULT_CLOSED in line {prop.line}), and here they would "
            "close; export a calendar whose events are closures"
        )
    return _zone(prop.value) if name == "X-WR-TIMEZONE" else zone


def _refuse_others(text: str) -> None:
    """Raises for what is given by mistake: a web page, JSON, another format."""
    start = text.lstrip()[:200].upper()
    if start.startswith("<"):
        raise _UnusableError("a web page (HTML or XML), perhaps a login page; download the calendar itself")
    if start.startswith(("{", "[")):
        raise _UnusableError("JSON; export the calendar as iCalendar (.ics)")
    if not start.startswith("BEGIN:"):
        raise _UnusableError("not an iCalendar file: it does not begin with BEGIN:VCALENDAR")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Content lines, each with the number (from 1) of its first physical line."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line[:1] in {" ", "\t"} and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield begun, "".join(parts)
        begun, parts = number, [line]
    yield begun, "".join(parts)


def _property(line: int, content: str) -> _Property | None:
    """The property of a line; ``None`` if it is not read, cannot be split, or is empty (``RRULE:``)."""
    from icalendar.parser import Contentline  # noqa: PLC0415 - the library is loaded on first use

    name = _PROPERTY.match(content)
    if name is None or name[0].upper() not in _READ or content.rstrip().endswith(":"):
        return None
    try:
        _, parameters, value = Contentline(content).parts()  # type: ignore[no-untyped-call]  # it has no types
    except ValueError:
        return None
    flat = {str(key).upper(): _flat(given) for key, given in parameters.items()}
    return _Property(name=name[0].upper(), line=line, value=str(value), parameters=flat)


def _flat(given: object) -> str:
    return ",".join(map(str, given)) if isinstance(given, list) else str(given)


class _Reader:
    """Collects the events of a file, one after another, with its errors, warnings and counts."""

    def __init__(self) -> None:
        self._left_out: Counter[str] = Counter()
        self._errors: list[str] = []
        self._warnings: list[str] = []
        self._timed: list[_Event] = []
        self._budget = StepBudget(left=STEPS_MAX)
        self._series: list[tuple[_Event, _Series]] = []
        self._changes: list[_Change] = []
        self._used = 0

    def add(self, raw: _Event) -> None:
        try:
            self._add(raw)
        except _EventError as error:
            self._leave_out(SkipReason.UNREADABLE)
            self._errors.append(f"{raw.named} {error}")
        except StepBudgetError:
            raise _UnusableError(_too_much(raw.title, raw.line)) from None

    def _add(self, raw: _Event) -> None:
        cancelled = raw.text("STATUS").upper() == "CANCELLED"
        span = None if cancelled else _span(raw)
        reason = SkipReason.CANCELLED if span is None else _reason(raw, span)
        series = self._with_rule(raw, span) if span is not None and reason is None else None
        changed = raw.get("RECURRENCE-ID")
        if changed is not None:
            self._changes.append(_change(raw, changed, series))
        elif series is not None:
            self._series.append((raw, series))
        if reason is None:
            self._used += 1
        else:
            self._leave_out(reason)
        if reason is SkipReason.TIMED:
            self._timed.append(raw)

    def _leave_out(self, reason: SkipReason) -> None:
        self._left_out[reason] += 1

    def _with_rule(self, raw: _Event, span: _Span) -> _Series:
        ruled = _Series(
            line=raw.line,
            title=raw.title,
            first=span.first,
            days=span.days,
            rule=_rule(raw, span.first, self._budget),
            more=tuple(_days(raw, "RDATE")),
            but=frozenset(_days(raw, "EXDATE")),
            unless=tuple(_exceptions(raw, span.first, self._budget)),
        )
        if span.backwards:
            self._warnings.append(f"{raw.named} ends before it starts ({span.backwards}); it closes one day")
        if (
            _start_matters(raw, span)
            and ruled.rule
            and not ruled.rule.gives(span.first, self._budget)
            and ruled.gives(span.first, self._budget)
        ):
            self._warnings.append(
                f"{raw.named} starts on {span.first}, which its own rule does not give; it counts, too"
            )
        return ruled

    def found(self, events: int) -> _IcsContents:
        try:
            changed = tuple(self._changed(tuple(self._latest())))
        except StepBudgetError:
            raise _UnusableError(
                f"more changed dates of recurring events than can be followed; {_EXPORT}"
            ) from None
        days = set[date]()
        series = tuple(each for each in changed if self._counts(each, days))
        warnings = (*self._timed_warning(), *self._warnings)
        if not self._used and not self._errors:
            why = f"; {self._timed_names()}" if self._timed else ""
            self._errors.append(f"{_nothing(events, self._left_out)}{why}")
            warnings = tuple(self._warnings)
        endless = _is_endless(series)
        summary = IcsSummary(
            events=events,
            used=self._used,
            left_out=dict(self._left_out),
            first=min(days, default=None),
            last=None if endless else max(days, default=None),
        )
        return _IcsContents(
            series=series,
            summary=summary,
            endless=endless,
            errors=tuple(self._errors),
            warnings=warnings,
        )

    def _latest(self) -> Iterator[tuple[_Event, _Series]]:
        """Of the events with one UID those of the highest SEQUENCE; the others are earlier versions."""
        highest: dict[str, int] = {}
        for raw, _ in self._series:
            highest[raw.text("UID")] = max(highest.get(raw.text("UID"), 0), _sequence(raw))
        for raw, series in self._series:
            if raw.text("UID") and _sequence(raw) < highest[raw.text("UID")]:
                self._used -= 1
                self._leave_out(SkipReason.SUPERSEDED)
            else:
                yield raw, series

    def _changed(self, latest: Sequence[tuple[_Event, _Series]]) -> Iterator[_Series]:
        """The series, with single dates cancelled or moved by the RECURRENCE-ID of other events."""
        by_uid, done = dict[str, list[_Change]](), set[str]()
        current = tuple(self._current(latest))
        for change in current:
            by_uid.setdefault(change.uid, []).append(change)
        for raw, series in latest:
            uid = raw.text("UID")
            changes = by_uid.get(uid, []) if uid else []
            self._budget.spend(len(changes))
            but = {change.day for change in changes}
            ends = [change.day for change in changes if change.following]
            until = shifted(min(ends), -1) or date.min if ends else LAST_DATE
            yield replace(series, but=series.but | but, until=min(series.until, until))
            for change in changes if uid not in done else ():
                yield from self._in_place(series, change)
            done.add(uid)
        rest = (change.series for change in current if not change.uid or change.uid not in done)
        yield from (series for series in rest if series is not None)

    def _current(self, latest: Sequence[tuple[_Event, _Series]]) -> Iterator[_Change]:
        """The changes of dates that the latest version of their series still has."""
        by_uid = dict[str, list[tuple[int, _Series]]]()
        for raw, series in latest if self._changes else ():
            by_uid.setdefault(raw.text("UID"), []).append((_sequence(raw), series))
        for change in self._changes:
            versions = by_uid.get(change.uid, []) if change.uid else []
            self._budget.spend(len(versions))
            later = [series for sequence, series in versions if sequence > change.sequence]
            if change.series and later and not any(each.gives(change.day, self._budget) for each in later):
                self._used -= 1
                self._leave_out(SkipReason.SUPERSEDED)
            else:
                yield change

    def _in_place(self, series: _Series, change: _Change) -> Iterator[_Series]:
        """The replacement for one date of a series, or (RANGE=THISANDFUTURE) for all from that day on.

        A rule that the change repeats is that of its series.
        """
        if change.series is None:
            return
        new = replace(change.series, rule=None, more=(), but=frozenset(), unless=())
        if change.following:
            later = (new.first - change.day).days
            starts = series.starts(change.day, LAST_COUNTED_DATE, self._budget)
            moved = (shifted(start, later) for start in starts if start > change.day)
            new = replace(new, more=tuple(each for each in moved if each is not None))
        yield new

    def _counts(self, series: _Series, days: set[date]) -> bool:
        """Whether it has relevant dates, which are added to ``days``; it is left out if not.

        Finding the dates is most of the cost of reading a file, so that their bound bounds it.
        """
        try:
            found = set(series.dates(FIRST_RELEVANT_DATE, LAST_COUNTED_DATE, self._budget))
        except StepBudgetError:
            raise _UnusableError(_too_much(series.title, series.line)) from None
        days |= found
        if found or series.last_start > LAST_COUNTED_DATE:
            return True
        self._used -= 1
        self._leave_out(SkipReason.PAST if series.first < FIRST_RELEVANT_DATE else SkipReason.CANCELLED)
        return False

    def _timed_warning(self) -> Iterator[str]:
        if not self._timed:
            return
        number = len(self._timed)
        counted = "1 timed event is" if number == 1 else f"{number:,} timed events are"
        yield f"{counted} left out, {self._timed_names()}"

    def _timed_names(self) -> str:
        first = ", ".join(f'"{raw.title}" ({_shown_start(raw)})' for raw in self._timed[:_NAMED])
        more = f" and {len(self._timed) - _NAMED:,} more" if len(self._timed) > _NAMED else ""
        return (
            f"only whole days close: {first}{more}; close by hours with an override {{from: …, until: …, "
            "state: closed}"
        )


def _is_endless(series: Sequence[_Series]) -> bool:
    """Whether one of them has no end, and dates after those that are counted.

    A rule can give no date at all (the 30th of February). Of too many that must be searched, it is assumed.
    """
    for number, each in enumerate(each for each in series if each.is_unlimited):
        if number == _SEARCHED or _has_later_dates(each):
            return True
    return False


def _has_later_dates(series: _Series) -> bool:
    budget = StepBudget(left=SEARCH_STEPS_MAX)
    try:
        return any(True for _ in series.starts(LAST_COUNTED_DATE + _ONE_DAY, _SEARCHED_TO, budget))
    except StepBudgetError:
        return False


def _shown_start(raw: _Event) -> str:
    started = raw.get("DTSTART")
    return f"{_moment(started):%Y-%m-%d %H:%M}" if started is not None else ""


def _nothing(events: int, left_out: Mapping[str, int]) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
    return f"no event of it counts ({reasons}), so it closes nothing" if events else "it has no events"


def _too_much(title: str, line: int) -> str:
    return (
        f'event "{title}" (line {line}) has, beside those before it, more dates than can be followed, or '
        f"recurs on no date at all; {_EXPORT}"
    )


def _change(raw: _Event, changed: _Property, series: _Series | None) -> _Change:
    following = changed.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
    return _Change(
        uid=raw.text("UID"),
        sequence=_sequence(raw),
        day=_day(changed, raw),
        following=following,
        series=series,
    )


def _reason(raw: _Event, span: _Span) -> SkipReason | None:
    """Why an event with these dates is left out; ``None`` if it counts."""
    if _is_over(raw, span):
        return SkipReason.PAST
    return None if span.whole else SkipReason.TIMED


def _start_matters(raw: _Event, span: _Span) -> bool:
    """Whether the first dates are relevant, and not those of a change to a series."""
    last = shifted(span.first, span.days - 1) or LAST_DATE
    return raw.get("RECURRENCE-ID") is None and last >= FIRST_RELEVANT_DATE


def _sequence(raw: _Event) -> int:
    text = raw.text("SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - no real one is longer


def _span(raw: _Event) -> _Span:
    """The dates of an event; an end that cannot be read is no error if the event cannot count anyway."""
    started = raw.get("DTSTART")
    if started is None:
        raise _EventError("has no start (DTSTART)")
    start = _moment(started)
    try:
        return _readable_span(raw, start)
    except _EventError:
        guess = _timed(start, start)
        if _is_over(raw, replace(guess, days=_UNREADABLE_DAYS_MAX)) or not _may_be_whole(raw, start):
            return guess
        raise


def _timed(start: date, end: date) -> _Span:
    first, last = (each.date() if isinstance(each, datetime) else each for each in (start, end))
    return _Span(first=first, days=max((last - first).days, 0) + 1, whole=False)


def _may_be_whole(raw: _Event, start: date) -> bool:
    """Whether the event may be all-day, by its start alone."""
    if not isinstance(start, datetime) or start.time() == time.min:
        return True
    return _is_flagged(raw) or (start.tzinfo is UTC and raw.zone is not None)


def _is_flagged(raw: _Event) -> bool:
    return raw.text("X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"


def _readable_span(raw: _Event, start: date) -> _Span:
    if not isinstance(start, datetime):
        return _all_day(raw, start, _end_date(raw, start))
    end = _end_moment(raw, start)
    if _is_flagged(raw):
        return _all_day(raw, _nearest_date(start), _nearest_date(end))  # it may write local midnights in UTC
    whole = _whole_days(start.replace(tzinfo=None), end.replace(tzinfo=None))
    if whole is None and start.tzinfo is UTC and raw.zone is not None:
        whole = _whole_days(*(each.astimezone(raw.zone).replace(tzinfo=None) for each in (start, _utc(end))))
    return whole or _timed(start, end)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _whole_days(start: datetime, end: datetime) -> _Span | None:
    """From a midnight to a later one, or to a minute or a second before it (both naive)."""
    if end.time() in _ENDS_OF_DAY:
        end = datetime.combine(end.date(), time.min) + _ONE_DAY if end.date() < LAST_DATE else end
    if start.time() != time.min or end.time() != time.min or end <= start:
        return None
    return _Span(first=start.date(), days=(end.date() - start.date()).days)


def _all_day(raw: _Event, first: date, end: date) -> _Span:
    """To ``end``, exclusive; one day also where both are the same date, as many programs write it."""
    days = (end - first).days
    backwards = "" if days >= 0 else "DURATION" if raw.get("DTEND") is None else "DTEND"
    return _Span(first=first, days=max(days, 1), backwards=backwards)


def _nearest_date(moment: datetime) -> date:
    """That of the nearest midnight, which Outlook means by a local midnight in UTC."""
    return (shifted(moment.date(), 1) or LAST_DATE) if moment.time() >= _NOON else moment.date()


def _end_date(raw: _Event, start: date) -> date:
    ended = raw.get("DTEND")
    if ended is not None:
        end = _moment(ended)
        return end.date() if isinstance(end, datetime) else end
    length = _duration(raw)
    days = -(-length // _ONE_DAY) if length >= timedelta(0) else -1
    return shifted(start, days) or (LAST_DATE if days > 0 else start)


def _end_moment(raw: _Event, start: datetime) -> datetime:
    ended = raw.get("DTEND")
    if ended is None:
        try:
            return start + _duration(raw)
        except OverflowError:
            raise _EventError("lasts beyond the year 9999 (DURATION)") from None
    end = _moment(ended)
    return end if isinstance(end, datetime) else datetime.combine(end, time.min, start.tzinfo)


def _duration(raw: _Event) -> timedelta:
    from icalendar import vDuration  # noqa: PLC0415 - the library is loaded on first use

    text = _DAYS_OR_WEEKS.sub(r"\1\2", raw.text("DURATION"))
    if not text:
        return timedelta(0)
    try:
        length: timedelta = vDuration.from_ical(text)  # type: ignore[no-untyped-call]  # it has no types
    except (ValueError, OverflowError):
        raise _EventError("cannot be read: its DURATION is not valid (such as P1D)") from None
    return length


def _moment(prop: _Property) -> date | datetime:
    """The value as written: a date, or a wall time; aware only if it is in UTC.

    With ``VALUE=DATE`` a time, a zone and a stray ``Z`` are ignored.
    """
    found = _VALUE.fullmatch(prop.value.strip())
    day = _parsed_date(found[1]) if found else None
    if found is None or day is None:
        written = f" {found[0]}" if found else ""  # of another shape it may be anything
        raise _EventError(f"cannot be read: its {prop.name}{written} is not a date (such as 20261225)")
    if found[2] is None or prop.parameters.get("VALUE", "").upper() == "DATE":
        return day
    return datetime.combine(day, _time_of_day(prop.name, found[2]), UTC if found[3] else None)


def _parsed_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _time_of_day(name: str, digits: str) -> time:
    try:
        return time(int(digits[:2]), int(digits[2:4]), min(int(digits[4:]), 59))  # a leap second is the 59th
    except ValueError:
        raise _EventError(
            f"cannot be read: the time {digits} of its {name} does not exist (such as 083000)"
        ) from None


def _day(prop: _Property, raw: _Event) -> date:
    """The local date of a value, in the event's zone."""
    moment = _moment(prop)
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is not None:
        zone = _event_zone(raw)
        moment = moment.astimezone(zone) if zone is not None else moment
    return moment.date()


def _days(raw: _Event, name: str) -> Iterator[date]:
    """The dates of RDATE or EXDATE, in all their lines; of a period its start."""
    for prop in raw.properties.get(name, ()):
        for value in prop.value.split(","):
            start = value.partition("/")[0]
            if start.strip():
                yield _day(replace(prop, value=start), raw)


def _event_zone(raw: _Event) -> ZoneInfo | None:
    """The zone of an event in wall time; ``None`` where it is floating, in UTC, or in an unknown zone."""
    started = raw.get("DTSTART")
    if started is None:
        return None
    if started.value.strip().upper().endswith("Z"):
        return raw.zone if "VALUE" not in started.parameters else None
    return _zone(started.parameters.get("TZID", ""))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    """The IANA zone of a name, also of one by Windows and other vendors; ``None`` if it is unknown.

    ``W. Europe Standard Time``, ``/freeassociation.sourceforge.net/Europe/Berlin``.
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - as in _duration

    name = WINDOWS_TO_OLSON.get(name.strip(), name.strip())
    known = frozenset(zone_names())
    parts = name.split("/")
    tails = ("/".join(parts[index:]) for index in range(len(parts)))
    found = next((tail for tail in tails if tail in known), None)
    return load_zone(found) if found is not None else None


def _is_over(raw: _Event, span: _Span) -> bool:
    """Whether all of it ended before the first relevant date; checked before its rule is parsed."""
    if raw.get("RDATE") is not None:
        return False
    last = _until(raw) if raw.get("RRULE") is not None else span.first
    end = shifted(last, span.days - 1) if last is not None else None
    return end is not None and end < FIRST_RELEVANT_DATE


def _until(raw: _Event) -> date | None:
    """The date of UNTIL, read without the rest of the rule; ``None`` where there is none."""
    found = re.search(r"UNTIL=(\d{8})", raw.text("RRULE").upper())
    return _parsed_date(found[1]) if found else None


def _rule(raw: _Event, start: date, budget: StepBudget) -> Recurrence | None:
    """The rule of a recurring event, with COUNT converted to a last date.

    Raises:
        _EventError: it cannot be read, or an all-day event cannot have it.
        StepBudgetError: so many dates cost too much to find.
    """
    written = raw.properties.get("RRULE", [])
    if not written:
        return None
    if len(written) > 1:
        raise _EventError("has more than one rule (RRULE); make an event of each")
    return _recurrence(raw, written[0], start, budget)


def _exceptions(raw: _Event, start: date, budget: StepBudget) -> Iterator[Recurrence]:
    """The rules of the dates on which a series does not occur; raises as ``_rule``."""
    for prop in raw.properties.get("EXRULE", ()):
        yield _recurrence(raw, prop, start, budget)


def _recurrence(raw: _Event, prop: _Property, start: date, budget: StepBudget) -> Recurrence:
    parts = _parts(prop)
    rule = Recurrence(
        start=start,
        frequency=_frequency(parts),
        interval=_one(parts, "INTERVAL", 1),
        until=_until_of(raw, parts),
        week_start=_WEEKDAYS.index(str(parts.values["WKST"][0])) if "WKST" in parts.values else 0,
        months=_numbers(parts, "BYMONTH"),
        weeks=_numbers(parts, "BYWEEKNO"),
        year_days=_numbers(parts, "BYYEARDAY"),
        month_days=_numbers(parts, "BYMONTHDAY"),
        weekdays=frozenset(map(_weekday, parts.values.get("BYDAY", ()))),
        positions=_numbers(parts, "BYSETPOS"),
    ).completed()
    return rule.ending_after(_one(parts, "COUNT", 1), budget) if "COUNT" in parts.values else rule


def _parts(prop: _Property) -> _RuleParts:
    from icalendar import vRecur  # noqa: PLC0415 - the library is loaded on first use

    try:
        found = vRecur.from_ical(prop.value)
    except (ValueError, TypeError, OverflowError):
        raise _invalid_rule(prop.name) from None
    values = {str(key).upper(): value if isinstance(value, list) else [value] for key, value in found.items()}
    for name, plain in _PLAIN:
        if [each.upper() for each in values.get(name, ()) if isinstance(each, str)] == [plain]:
            del values[name]
    kept = {name: value for name, value in values.items() if name not in _AT_LEAST_ONE or value != [-1]}
    return _RuleParts(rule=prop.name, values=kept)


def _invalid_rule(name: str) -> _EventError:
    return _EventError(f"cannot be read: its {name} is not valid (such as FREQ=YEARLY)")


def _frequency(parts: _RuleParts) -> Frequency:
    if not _WITHIN_A_DAY.isdisjoint(parts.values):
        raise _EventError("recurs within a day; an all-day event cannot")
    if "FREQ" not in parts.values:
        raise _EventError(f"needs a FREQ in its {parts.rule} (such as FREQ=YEARLY)")
    if others := parts.values.keys() - _PARTS:
        known = " and ".join(name for name in _NOT_SUPPORTED if name in others)
        what = f"{known}, which is not supported" if known else "a part that is not of iCalendar"
        raise _EventError(f"cannot be read: its {parts.rule} has {what}")
    try:
        return Frequency(str(parts.values["FREQ"][0]))
    except ValueError:
        raise _EventError("recurs within a day; an all-day event cannot") from None


def _one(parts: _RuleParts, name: str, least: int) -> int:
    number = parts.values[name][0] if name in parts.values else least
    if not isinstance(number, int) or number < least:
        raise _EventError(f"recurs with {name} below {least}")
    return number


def _until_of(raw: _Event, parts: _RuleParts) -> date:
    if "UNTIL" not in parts.values:
        return LAST_DATE
    until = parts.values["UNTIL"][0]
    if isinstance(until, datetime):
        zone = _event_zone(raw) if until.tzinfo is not None else None
        return (until.astimezone(zone) if zone is not None else until).date()
    if isinstance(until, date):
        return until
    raise _EventError(f"cannot be read: the UNTIL of its {parts.rule} is not a date (such as 20301231)")


def _numbers(parts: _RuleParts, name: str) -> frozenset[int]:
    try:
        numbers = frozenset(int(str(value)) for value in parts.values.get(name, ()))
    except ValueError:
        raise _EventError(f"cannot be read: the {name} of its {parts.rule} is not a number") from None
    for number in sorted(numbers):
        if not 1 <= (number if name == "BYMONTH" else abs(number)) <= _NUMBERS[name]:
            raise _EventError(f"recurs on no date: {name}={number}")
    return numbers


def _weekday(value: object) -> WeekdayPart:
    text = str(value).upper()
    nth = text[:-2].removeprefix("+")
    return WeekdayPart(weekday=_WEEKDAYS.index(text[-2:]), nth=int(nth) if nth else 0)
