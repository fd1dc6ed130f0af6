"""Holidays by date: of a country, from the file's own lists, and of calendars that combine them.

The one module of ``schedule`` that uses the ``holidays`` library, imported on first use; ``ics`` reads
iCalendar files. Years are computed one at a time and cached. What the library does not have is returned as a
``CalendarProblem`` beside the part that can still be used.
"""

from __future__ import annotations

import difflib
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

from controller.schedule.excepted import ANYTHING, NONE, Excepted, excepted, occurs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from holidays import HolidayBase

    from controller.schedule.model import HolidayNames

KNOWN_YEARS = range(2020, 2041)
"""A holiday's name is known if it occurs in any of them."""
ENGLISH = "en_US"

_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarProblem:
    """A value of a calendar that the library does not have: its ``key``, and its ``index`` in a list.

    ``hint`` ends the message with the nearest names; it is computed only when the message is shown.
    """

    key: str
    index: int | None = None
    message: str
    hint: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Holidays listed in the file: ``names`` by date, ``yearly`` by month and day; less ``excepted``."""

    names: dict[date, str]
    yearly: dict[tuple[int, int], str] = field(default_factory=dict)
    excepted: Excepted = NONE

    def __call__(self, day: date, /) -> tuple[str, ...]:
        found = (self.names.get(day), self.yearly.get((day.month, day.day)))
        if found == (None, None):  # most dates, in a loop over many
            return ()
        names = dict.fromkeys(name for name in found if name is not None)
        return tuple(name for name in names if not self.excepted.covers((name,)))

    def all_names(self) -> frozenset[str]:
        return frozenset((*self.names.values(), *self.yearly.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Holidays of a country from the library, less ``excepted`` by name.

    ``language`` is one that the library has of the country; ``None`` where it has no translations of it.
    ``categories`` are the library's kinds of holidays; none means its default, the public ones.
    """

    code: str
    subdivision: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    excepted: Excepted = NONE

    def __call__(self, day: date, /) -> tuple[str, ...]:
        holidays = self.year(day.year).get(day, ())
        return tuple(each.name for each in holidays if not self.excepted.covers(each.known_as))

    def year(self, year: int) -> dict[date, tuple[_Holiday, ...]]:
        """All holidays of a year, the excepted ones too."""
        return _year_of_country(self.code, self.subdivision, self.language, self.categories, year)

    @property
    def subdivisions(self) -> tuple[str, ...]:
        """The codes that the library has for the country itself, without those of a parent country."""
        return tuple(sorted(_of_library(self.code).subdivisions))

    def kept_by_most(self, first: date, last: date) -> Iterator[RegionalHoliday]:
        """Holidays that the country's own list lacks and more than half of its subdivisions keep.

        In time order, both ends inclusive. Names take the most time, so that they come last.
        """
        parts = tuple(replace(self, subdivision=code) for code in self.subdivisions)
        keeping = Counter(day for part in parts for day in part._dates(first, last))  # noqa: SLF001 - its own
        for day in sorted(keeping):
            if 2 * keeping[day] > len(parts) and day not in self.year(day.year):
                names = [" and ".join(found) for part in parts if (found := part(day))]
                if 2 * len(names) > len(parts):
                    name = max(names, key=names.count)
                    yield RegionalHoliday(day=day, name=name, kept_by=len(names), of=len(parts))

    def made_up_workdays(self, first: date, last: date) -> tuple[date, ...]:
        """Days of a week-end that are worked in place of another date, in time order, both ends inclusive.

        The library has them for few countries, once their governments have announced them.
        """
        a_year = timedelta(days=366)  # what is worked in one year may make up for a date of the next
        entity = self._populated(first - a_year, last + a_year)
        return tuple(sorted(day for day in entity.weekend_workdays if first <= day <= last))

    def _dates(self, first: date, last: date) -> Iterator[date]:
        return (day for day in self._populated(first, last) if first <= day <= last)

    def _populated(self, first: date, last: date) -> HolidayBase:
        entity = _of_library(self.code, self.subdivision, self.language, self.categories or None)
        for year in range(first.year, last.year + 1):
            entity.get(date(year, 1, 1))
        return entity


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalHoliday:
    """A holiday in ``kept_by`` of a country's ``of`` subdivisions, in most of them under ``name``."""

    day: date
    name: str
    kept_by: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holiday:
    """A holiday; ``known_as`` holds its name and, for "Christmas Day (observed)", the plain one."""

    name: str
    known_as: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar of the file: its ``name``, its ``line`` and its parts."""

    name: str
    line: int
    parts: tuple[HolidayNames, ...]

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return _all_of(self.parts, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The calendars of one holiday rule, combined."""

    calendars: tuple[Calendar, ...]

    def __call__(self, day: date, /) -> tuple[str, ...]:
        return _all_of(self.calendars, day)


def _all_of(parts: Iterable[HolidayNames], day: date) -> tuple[str, ...]:
    names = [name for part in parts for name in part(day)]
    return tuple(dict.fromkeys(names)) if names else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRequest:
    """A country calendar as the file has it; ``country`` resolves it against the library."""

    code: str
    subdivision: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()


def country(request: CountryRequest) -> tuple[Country | None, tuple[CalendarProblem, ...]]:
    """The country's holidays as far as the library has them: ``None`` if it does not have the country."""
    entity = library_country(request.code)
    if entity is None:
        what = "a country of the holidays library"
        return None, (_unknown("country", request.code, what, country_words()),)
    places, language = _places(entity), request.language
    kinds = entity.supported_categories
    found = Country(
        code=request.code,
        subdivision=request.subdivision if request.subdivision in places else None,
        language=language if language in entity.supported_languages else _pinned_language(entity),
        categories=tuple(kind for kind in request.categories if kind in kinds),
        excepted=excepted(request.excepted),
    )
    return found, (*_problems(request, entity), *_unknown_names(found, request.excepted))


def _places(entity: HolidayBase) -> dict[str, str]:
    """Codes and names of subdivisions, each with the code."""
    borrowed = entity.parent_entity.subdivisions if entity.parent_entity else ()
    codes = (*entity.subdivisions, *borrowed)
    return dict(entity.subdivisions_aliases) | {code: code for code in codes}


def _problems(request: CountryRequest, entity: HolidayBase) -> Iterator[CalendarProblem]:
    """The values that the library does not have for a country that it has."""
    code, languages = request.code, {word: word for word in entity.supported_languages}
    places, kinds = _places(entity), {word: word for word in entity.supported_categories}
    if request.subdivision is not None and not places:
        message = (
            f'"{request.subdivision}": the holidays library has no subdivisions of {code}; remove the key'
        )
        yield CalendarProblem(key="subdivision", message=message, hint=str)
    elif request.subdivision is not None and request.subdivision not in places:
        yield _unknown_subdivision(request.subdivision, code, entity)
    if request.language is not None and request.language not in languages:
        yield _unknown("language", request.language, _of_country("language", code), languages)
    for index, kind in enumerate(request.categories):
        if kind not in kinds:
            yield replace(_unknown("categories", kind, _of_country("category", code), kinds), index=index)


def _unknown_subdivision(written: str, code: str, entity: HolidayBase) -> CalendarProblem:
    """``DE-BY`` is compared as ``BY``: ISO 3166-2 writes the country before it."""
    doubt = _unknown("subdivision", written, _of_country("subdivision", code), subdivision_words(entity))
    country_, _, place = written.partition("-")
    if country_.casefold() not in {code.casefold(), entity.country.casefold()} or not place:
        return doubt
    return replace(doubt, hint=partial(instead, place, subdivision_words(entity)))


def _of_country(what: str, code: str) -> str:
    return f"a {what} that the holidays library has of {code}"


_ENGLISH_NAMES = {
    "AT": {
        "Carinthia": "2",
        "Lower Austria": "3",
        "Upper Austria": "4",
        "Styria": "6",
        "Tyrol": "7",
        "Vienna": "9",
    },
    "CH": {"Geneva": "GE", "Grisons": "GR", "Lucerne": "LU", "Zurich": "ZH"},
    "DE": {
        "Bavaria": "BY",
        "Hesse": "HE",
        "Lower Saxony": "NI",
        "Mecklenburg-Western Pomerania": "MV",
        "North Rhine-Westphalia": "NW",
        "Rhineland-Palatinate": "RP",
        "Saxony": "SN",
        "Saxony-Anhalt": "ST",
        "Thuringia": "TH",
    },
    "ES": {
        "Andalusia": "AN",
        "Balearic Islands": "IB",
        "Basque Country": "PV",
        "Catalonia": "CT",
        "Navarre": "NC",
    },
    "FI": {"Aland": "01"},
}
"""English names of subdivisions that the library has only in their own language, and far from the English."""


def subdivision_words(entity: HolidayBase) -> dict[str, str]:
    """Names and codes of subdivisions, each with the code; English names where the library has none."""
    return _places(entity) | _ENGLISH_NAMES.get(entity.country, {})


def _pinned_language(entity: HolidayBase | type[HolidayBase]) -> str | None:
    """English where the library has it, else the country's own: never the process's locale.

    Without a language the library takes the locale's, which matters only where it has translations.
    """
    return ENGLISH if ENGLISH in entity.supported_languages else entity.default_language


def _unknown_names(found: Country, written: tuple[str, ...]) -> Iterator[CalendarProblem]:
    if not written:
        return
    known = _known_names(replace(found, excepted=NONE))
    years = f"{KNOWN_YEARS[0]} to {KNOWN_YEARS[-1]}"
    yield from without_meaning(written, known, f"a holiday of {found.subdivision or found.code} in {years}")


def without_meaning(written: Iterable[str], known: Collection[str], what: str) -> Iterator[CalendarProblem]:
    """Problems for names of ``except`` that match none of ``known``; ``what`` describes those."""
    for index, name in enumerate(written):
        if not occurs(name, known):
            words = {word: word for word in sorted(known)}
            yield replace(_unknown("except", name, what, words), index=index)


@lru_cache(maxsize=64)
def _known_names(found: Country) -> frozenset[str]:
    years = (found.year(year) for year in KNOWN_YEARS)
    return frozenset(
        name for year in years for day in year.values() for holiday in day for name in holiday.known_as
    )


def _unknown(key: str, word: str, what: str, known: dict[str, str]) -> CalendarProblem:
    """``known`` maps what may have been meant to what is to be written."""
    return CalendarProblem(key=key, message=f'"{word}" is not {what}', hint=partial(instead, word, known))


def instead(word: str, known: dict[str, str]) -> str:
    """`` (did you mean "BY"?)``; ``known`` maps what may be meant to what is to be written."""
    by_fold = {folded(name): written for name, written in known.items()}
    close = difflib.get_close_matches(folded(word.replace(ANYTHING, "")), by_fold, n=3)
    meant = dict.fromkeys(by_fold[fold] for fold in close)
    near = " or ".join(f'"{name}"' for name in meant)
    return f" (did you mean {near}?)" if near else f" (there are: {_listed(known)})"


def folded(name: str) -> str:
    """Without case and accents, which are not on every keyboard."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _listed(words: Iterable[str]) -> str:
    first = sorted(words)
    return ", ".join(first[:_LISTED]) + (", …" if len(first) > _LISTED else "")


@cache
def country_words() -> dict[str, str]:
    """Codes and names of countries, each with the code to write."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - the library is loaded on first use

    words: dict[str, str] = {}
    for name, code, *aliases in COUNTRIES.values():
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        words |= dict.fromkeys((spaced, code, *aliases), code)
    return words


def library_country(code: str) -> HolidayBase | None:
    """The library's own object of a country, without a populated year; ``None`` if it has no such country."""
    try:
        return _of_library(code)
    except NotImplementedError:
        return None


def _of_library(
    code: str,
    subdivision: str | None = None,
    language: str | None = None,
    categories: tuple[str, ...] | None = None,
) -> HolidayBase:
    import holidays  # noqa: PLC0415 - the library is loaded on first use

    _defer("holidays.countries")
    return holidays.country_holidays(code, subdiv=subdivision, language=language, categories=categories)


def _defer(package: str) -> None:
    """Installs ``package`` so that it runs only when a name in it is first used.

    The library loads a country's module on first use, but to import a module runs its package, and this one
    imports every country: most of what a cold start would spend on holidays.
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
    code: str, subdivision: str | None, language: str | None, categories: tuple[str, ...], year: int
) -> dict[date, tuple[_Holiday, ...]]:
    """Computed from a new instance, since populating one is not thread-safe."""
    entity = _of_library(code, subdivision, language, categories or None)
    entity.get(date(year, 1, 1))  # populates the year
    labels = _labels(entity)
    return {day: tuple(_holiday(name, labels) for name in entity.get_list(day)) for day in entity}


def _labels(entity: HolidayBase) -> tuple[re.Pattern[str], ...]:
    """The library's labels for a holiday that is observed, estimated or begins late."""
    written = (getattr(entity, name) for name in dir(type(entity)) if name.endswith("_label"))
    labels = {entity.tr(label) for label in written if isinstance(label, str)}
    return tuple(re.compile(re.escape(label).replace("%s", "(.+)")) for label in labels if _wraps(label))


def _wraps(label: str) -> bool:
    return label.count("%s") == 1


def _holiday(name: str, labels: tuple[re.Pattern[str], ...]) -> _Holiday:
    inner = {found[1] for label in labels if (found := label.fullmatch(name))}
    deeper = {found[1] for label in labels for part in inner if (found := label.fullmatch(part))}
    return _Holiday(name=name, known_as=frozenset({name, *inner, *deeper}))
