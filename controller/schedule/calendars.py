"""Which holidays fall on a date: by country, by iCalendar file, by hand.

The one module of ``schedule`` that knows the ``holidays`` and iCalendar libraries; each is imported when it
is first asked. Years are computed one at a time and kept. What depends on a library's contents or on an
``.ics`` file's is told as a ``Doubt`` beside whatever can still be used.
"""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from importlib.util import find_spec, module_from_spec
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from holidays import HolidayBase
    from icalendar import Component, Event, vRecur
    from recurring_ical_events import CalendarQuery  # type: ignore[import-untyped]  # it ships no types

    from controller.schedule.model import HolidayNames

KNOWN_YEARS = range(2020, 2041)
"""A holiday's name is known if it occurs in any of them."""
MAX_ICS_BYTES = 512 * 1024
FIRST_YEAR = 1900
"""An event that recurs from further back takes too long to follow."""
ENGLISH = "en_US"

_DAY = timedelta(days=1)
_LISTED = 20
_LONGEST_TITLE = 200
_DAILY_AT_MOST = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_OF_A_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_STEPS_A_YEAR = {"DAILY": 366, "WEEKLY": 53, "MONTHLY": 24, "YEARLY": 8}
"""What it costs to follow a rule through a year: a date is a step, a longer period is somewhat more."""
_MOST_STEPS = 100_000
"""For all events of a file: about a second."""
_SEVERAL = frozenset({"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"})
_NUMBERS = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
"""How far the numbers of a part of a rule go; all but months count from the end, too.

Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
"""
_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
"""At most, of the months that have fewer than 31."""
_ENDLESS_SEARCHES = {
    "DAILY": frozenset({"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER", "BYSETPOS"}),
    "WEEKLY": frozenset({"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER", "BYSETPOS"}),
}
"""A rule that no date fits is followed through every day or week until the year 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """``key`` of the calendar, and the ``index`` in its list, say what is doubtful.

    ``hint`` ends the message: the nearest of many names, looked for only if they are to be told.
    """

    key: str
    index: int | None = None
    message: str
    hint: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Holidays by hand."""

    names: dict[date, str]

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return (self.names[day],) if day in self.names else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Public holidays of a country, less ``excepted`` by name.

    ``language`` is one that the library has of the country; ``None`` where it has no translations of it.
    """

    code: str
    subdivision: str | None = None
    language: str | None = None
    excepted: frozenset[str] = frozenset()

    def __call__(self, day: date, /) -> tuple[str, ...]:
        year = _year_of_country(self.code, self.subdivision, self.language, day.year)
        return tuple(
            holiday.name for holiday in year.get(day, ()) if self.excepted.isdisjoint(holiday.known_as)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holiday:
    """``known_as`` holds the name and, of "Christmas Day (observed)", what is observed."""

    name: str
    known_as: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """All-day events of an iCalendar file; ``endless`` if one of them recurs without an end."""

    data: bytes = field(repr=False)
    endless: bool

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return _year_of_events(self.data, day.year).get(day, ())

    def last(self, years: range) -> date | None:
        """The last date of an event in ``years``."""
        return max((day for year in years for day in _year_of_events(self.data, year)), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar of the file: its ``name``, its ``line`` and what it is made of."""

    name: str
    line: int
    parts: tuple[HolidayNames, ...]

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return _all_of(self.parts, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The calendars of a holiday rule, as one."""

    calendars: tuple[Calendar, ...]

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return _all_of(self.calendars, day)


def _all_of(parts: Iterable[HolidayNames], day: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part(day)))


def country(
    code: str, *, subdivision: str | None, language: str | None, excepted: tuple[str, ...]
) -> tuple[Country | None, tuple[Doubt, ...]]:
    """The country's holidays as far as the library knows them: ``None`` if it does not know the country."""
    entity = _entity(code)
    if entity is None:
        return None, (_unknown("country", code, "a country of the holidays library", _country_words()),)
    borrowed = entity.parent_entity.subdivisions if entity.parent_entity else ()
    places = (*entity.subdivisions, *entity.subdivisions_aliases, *borrowed)
    doubts = [
        _unknown(
            key, written, f"a {key} that the holidays library has of {code}", {word: word for word in known}
        )
        for key, written, known in (
            ("subdivision", subdivision, places),
            ("language", language, entity.supported_languages),
        )
        if written is not None and written not in known
    ]
    found = Country(
        code=code,
        subdivision=subdivision if subdivision in places else None,
        language=language if language in entity.supported_languages else _pinned_language(entity),
        excepted=frozenset(excepted),
    )
    return found, (*doubts, *_unknown_names(found, excepted))


def _pinned_language(entity: HolidayBase | type[HolidayBase]) -> str | None:
    """English where the library has it, else the country's own: never the process's locale.

    The library asks the locale when it is given no language, which matters only where it has translations.
    """
    return ENGLISH if ENGLISH in entity.supported_languages else entity.default_language


def _unknown_names(found: Country, excepted: tuple[str, ...]) -> Iterator[Doubt]:
    if not excepted:
        return
    known = _known_names(found.code, found.subdivision, found.language)
    years = f"{KNOWN_YEARS[0]} to {KNOWN_YEARS[-1]}"
    for index, name in enumerate(excepted):
        if name not in known:
            what = f"a holiday of {found.subdivision or found.code} in {years}"
            yield replace(_unknown("except", name, what, {word: word for word in sorted(known)}), index=index)


@lru_cache(maxsize=64)
def _known_names(code: str, subdivision: str | None, language: str | None) -> frozenset[str]:
    years = (_year_of_country(code, subdivision, language, year) for year in KNOWN_YEARS)
    return frozenset(
        name for year in years for day in year.values() for holiday in day for name in holiday.known_as
    )


def _unknown(key: str, word: str, what: str, known: dict[str, str]) -> Doubt:
    """``known`` maps what a person may have meant to what is to be written."""
    return Doubt(key=key, message=f'"{word}" is not {what}', hint=partial(_instead, word, known))


def _instead(word: str, known: dict[str, str]) -> str:
    by_fold = {name.casefold(): written for name, written in known.items()}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=3)
    meant = dict.fromkeys(by_fold[fold] for fold in close)
    near = " or ".join(f'"{name}"' for name in meant)
    return f" (did you mean {near}?)" if near else f" (there are: {_listed(known)})"


def _listed(words: Iterable[str]) -> str:
    first = sorted(words)
    return ", ".join(first[:_LISTED]) + (", …" if len(first) > _LISTED else "")


@cache
def _country_words() -> dict[str, str]:
    """Codes and names of countries, each with the code to write."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - the library is loaded when it is first asked

    words: dict[str, str] = {}
    for name, code, *aliases in COUNTRIES.values():
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        words |= dict.fromkeys((spaced, code, *aliases), code)
    return words


def _entity(code: str) -> HolidayBase | None:
    try:
        return _of_library(code)
    except NotImplementedError:
        return None


def _of_library(code: str, subdivision: str | None = None, language: str | None = None) -> HolidayBase:
    import holidays  # noqa: PLC0415 - the library is loaded when it is first asked

    _defer("holidays.countries")
    return holidays.country_holidays(code, subdiv=subdivision, language=language)


def _defer(package: str) -> None:
    """Put ``package`` in place to be run when a name in it is first asked for.

    The library loads a country's module when it is first asked, but to import a module runs its package, and
    this one imports every country there is: most of what a cold start would spend on holidays.
    """
    if package in sys.modules or (spec := find_spec(package)) is None or (loader := spec.loader) is None:
        return
    module = module_from_spec(spec)

    def run(name: str) -> object:
        vars(module).pop("__getattr__", None)
        loader.exec_module(module)
        return getattr(module, name)

    vars(module)["__getattr__"] = run
    sys.modules.setdefault(package, module)


@lru_cache(maxsize=512)
def _year_of_country(
    code: str, subdivision: str | None, language: str | None, year: int
) -> dict[date, tuple[_Holiday, ...]]:
    """Made from an instance of its own, since populating one is not safe among threads."""
    entity = _of_library(code, subdivision, language)
    entity.get(date(year, 1, 1))  # populates the year
    labels = _labels(entity)
    return {day: tuple(_holiday(name, labels) for name in entity.get_list(day)) for day in entity}


def _labels(entity: HolidayBase) -> tuple[re.Pattern[str], ...]:
    """How the library says of a holiday that it is observed, estimated or begins late."""
    written = (getattr(entity, name) for name in dir(type(entity)) if name.endswith("_label"))
    said = {entity.tr(label) for label in written if isinstance(label, str)}
    return tuple(re.compile(re.escape(label).replace("%s", "(.+)")) for label in said if _wraps(label))


def _wraps(label: str) -> bool:
    return label.count("%s") == 1


def _holiday(name: str, labels: tuple[re.Pattern[str], ...]) -> _Holiday:
    inner = {found[1] for label in labels if (found := label.fullmatch(name))}
    deeper = {found[1] for label in labels for part in inner if (found := label.fullmatch(part))}
    return _Holiday(name=name, known_as=frozenset({name, *inner, *deeper}))


def events(data: bytes) -> tuple[Events | None, tuple[str, ...]]:
    """The all-day events that can be used, and what is wrong with others; ``None`` if none can be read."""
    if len(data) > MAX_ICS_BYTES:
        return None, (f"larger than {MAX_ICS_BYTES // 1024} KiB",)
    try:
        read = _read(data)
    except Exception:  # noqa: BLE001 - whatever the libraries raise, the file is what is wrong
        return None, (f"not an iCalendar file that can be read: {_broken(data)}",)
    return Events(data=data, endless=any(_endless(event) for event in read.usable)), read.problems


_CONTENT_LINE = re.compile(r"[A-Za-z0-9-]+(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?:.*")
"""``NAME;PARAMETER=VALUE:VALUE``. Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.1"""


def _broken(data: bytes) -> str:
    """Why, without a word of what stands there: the file may be another one than was meant."""
    lines = data.decode("utf-8", errors="replace").lstrip("\N{BYTE ORDER MARK}").splitlines()
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        return "its first line is not BEGIN:VCALENDAR"
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith((" ", "\t")) and not _CONTENT_LINE.fullmatch(line):
            return f"line {number} is not of the form NAME:VALUE"
    calendars = sum(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines)
    return f"it holds {calendars} calendars" if calendars > 1 else "a BEGIN has no END, or an END no BEGIN"


def _one_line(text: str) -> str:
    """Nothing of it steers a terminal, or ends the line or the cell of a table in which it is shown."""
    shown = " ".join(text.split())[:_LONGEST_TITLE]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    query: CalendarQuery
    usable: tuple[Event, ...]
    problems: tuple[str, ...]


@lru_cache(maxsize=8)
def _read(data: bytes) -> _Read:
    import icalendar  # noqa: PLC0415 - the library is loaded when it is first asked
    from recurring_ical_events import CalendarQuery  # noqa: PLC0415 - as above

    calendar = icalendar.Calendar.from_ical(data)

    def follow(events: Iterable[Event]) -> CalendarQuery:
        # The library takes a calendar: this one has these events only.
        calendar.subcomponents = list(events)
        query = CalendarQuery(calendar)
        query.between(date(KNOWN_YEARS[0], 1, 1), date(KNOWN_YEARS[1], 1, 1))
        return query

    def alone(event: Event) -> None:
        follow((event,))

    usable, problems = _sorted_out(tuple(calendar.events), _problem)
    usable, too_many = _sorted_out(usable, _Budget().exceeded)
    try:
        query = follow(usable)
    except Exception:  # noqa: BLE001 - whatever the library raises: the events at which it does are left out
        usable, unfollowed = _sorted_out(usable, partial(_refused, alone))
        query, too_many = follow(usable), (*too_many, *unfollowed)
    return _Read(query=query, usable=usable, problems=(*problems, *too_many))


def _sorted_out(
    events: tuple[Event, ...], problem: Callable[[Event], str | None]
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """The events without a problem, and the problems that are to be told."""
    found = [(event, problem(event)) for event in events]
    usable = tuple(event for event, told in found if told is None)
    return usable, tuple(told for _, told in found if told)


def _problem(event: Event) -> str | None:
    """Why the event cannot be used; empty if it need not be told, since the event would be ignored anyway."""
    return _refused(_unusable, event)


def _refused(problem: Callable[[Event], str | None], event: Event) -> str | None:
    try:
        return problem(event)
    except Exception as error:  # noqa: BLE001 - whatever the libraries raise, this event is what is wrong
        return f'event "{_title(event)}" cannot be read: {_unread(event, error)}'


_ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "UID")
"""Of an event. Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.6.1"""
_EXAMPLES = {
    **dict.fromkeys(("DTSTART", "DTEND", "RECURRENCE-ID"), " (a date such as 20261127)"),
    **dict.fromkeys(("EXDATE", "RDATE"), " (dates such as 20261127)"),
    "RRULE": " (such as FREQ=YEARLY)",
    "DURATION": " (such as P1D)",
    "SEQUENCE": "",
}
"""What an event's dates are made of, each with an example of its value."""


def _unread(event: Event, error: Exception) -> str:
    """What is wrong, as far as that can be said without the words of the libraries: they quote the file."""
    several = next((key for key in _ONCE if isinstance(event.get(key), list)), None)
    if several is not None:
        return f"{several} stands more than once"
    if isinstance(error, OverflowError):
        return "a date is out of range"
    return "its dates do not fit together"


def _unusable(event: Event) -> str | None:
    if event.errors:
        key = str(event.errors[0][0]).upper()
        what = f"{key} is not valid{_EXAMPLES[key]}" if key in _EXAMPLES else "a line of it is not valid"
        return f'event "{_title(event)}" cannot be read: {what}'
    if "DTSTART" not in event:
        return f'event "{_title(event)}" has no start (DTSTART)'
    if isinstance(event.start, datetime):
        return _timed(event)
    rule = event.get("RRULE")
    if isinstance(rule, list) or (rule and "FREQ" not in rule):
        return f'event "{_title(event)}" needs one rule (RRULE) with one FREQ'
    if event.start.year < FIRST_YEAR:
        return f'event "{_title(event)}" starts before {FIRST_YEAR}'
    recurs = _cannot_recur(rule) if rule else None
    return recurs and f'event "{_title(event)}" recurs {recurs}'


def _cannot_recur(rule: vRecur) -> str | None:
    """Why not, of a rule that can be read."""
    if not _DAILY_AT_MOST.issuperset(rule.get("FREQ", ())) or not _OF_A_DAY.isdisjoint(rule):
        return "within a day; an all-day event cannot"
    if min(rule.get("INTERVAL", (1,))) < 1:
        return "at an INTERVAL below 1"
    for every, searches in _ENDLESS_SEARCHES.items():
        if every in rule.get("FREQ", ()) and (found := sorted(searches.intersection(rule))):
            return f"{every} by {found[0]}; write it as MONTHLY or YEARLY"
    part = _in_vain(rule)
    return part and f"on no date: {part}"


def _in_vain(rule: vRecur) -> str | None:
    """A part of the rule that no date fits: it would be searched for until the year 9999."""
    for key, most in _NUMBERS.items():
        for number in rule.get(key, ()):
            if not 1 <= (number if key == "BYMONTH" else abs(number)) <= most:
                return f"{key}={number}"
    longest = max((_DAYS.get(month, 31) for month in rule.get("BYMONTH", ())), default=31)
    beyond = [day for day in rule.get("BYMONTHDAY", ()) if abs(day) > longest]
    if beyond and len(beyond) == len(rule["BYMONTHDAY"]):
        return f"BYMONTHDAY={beyond[0]} of the months of BYMONTH"
    return None


@dataclass(slots=True, kw_only=True)
class _Budget:
    """What following the recurring events of a file may cost: known without following them."""

    steps: int = _MOST_STEPS

    def exceeded(self, event: Event) -> str | None:
        steps = _steps(event)
        if steps > self.steps:
            return f'event "{_title(event)}" recurs too often to be followed, beside those before it'
        self.steps -= steps
        return None


def _steps(event: Event) -> int:
    rule = event.get("RRULE")
    if not rule:
        return 0
    end = min([KNOWN_YEARS.stop, *(until.year + 1 for until in rule.get("UNTIL", ()))])
    a_year = _STEPS_A_YEAR[rule["FREQ"][0]] * prod(len(rule[key]) for key in _SEVERAL if key in rule)
    steps = a_year * max(end - event.start.year, 1) // rule.get("INTERVAL", (1,))[0]
    days: int = max((event.end - event.start).days, 1)
    times: int = min([max(steps, 1), *rule.get("COUNT", ())])
    return times * days


def _timed(event: Event) -> str:
    said = f'event "{_title(event)}" ({event.start:%Y-%m-%d %H:%M}) is not all-day; holidays are whole dates'
    return "" if _ignored(event) else said


def _title(event: Component) -> str:
    return _one_line(str(event.get("SUMMARY") or "")) or "all-day event"


def _ignored(event: Component) -> bool:
    """Cancelled, or marked as leaving the day free.

    Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.8.2.7
    """
    return (
        str(event.get("STATUS")).upper() == "CANCELLED" or str(event.get("TRANSP")).upper() == "TRANSPARENT"
    )


def _endless(event: Event) -> bool:
    rule = event.get("RRULE")
    return rule is not None and "UNTIL" not in rule and "COUNT" not in rule and not _ignored(event)


@lru_cache(maxsize=64)
def _year_of_events(data: bytes, year: int) -> dict[date, tuple[str, ...]]:
    names: dict[date, dict[str, None]] = {}
    for event in _read(data).query.between(date(year, 1, 1), date(year + 1, 1, 1)):
        if not _ignored(event) and not isinstance(event.start, datetime):
            for day in _dates(event, year):
                names.setdefault(day, {})[_title(event)] = None
    return {day: tuple(names[day]) for day in sorted(names)}


def _dates(event: Event, year: int) -> Iterator[date]:
    """The event's dates within ``year``; an event's end is exclusive, and it has one date at least."""
    first = max(event.start, date(year, 1, 1))
    last = min(max(event.end - _DAY, event.start), date(year, 12, 31))
    return (first + step * _DAY for step in range((last - first).days + 1))
