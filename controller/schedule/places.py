"""Reads a country or a subdivision as a person writes it: ``Germany``, ``DE``, ``Bavaria``, ``DE-BY``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from controller.schedule.calendars import (
    Country,
    country_words,
    folded,
    instead,
    library_country,
    subdivision_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST_NAME: Final = 4
"""Of a subdivision that is looked for in every country; codes are shorter, and mean many."""


class UnknownPlaceError(ValueError):
    """No country and no subdivision, or several; the text says what may be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayPlace:
    """A country, and one of its subdivisions or none; both are codes of the holidays library."""

    country: str
    subdivision: str | None = None

    @property
    def name(self) -> str:
        """``Germany``, ``Bavaria, Germany``."""
        own = _name(country_words(), self.country)
        if self.subdivision is None:
            return own
        return f"{_name(_subdivision_words(self.country), self.subdivision)}, {own}"

    def __str__(self) -> str:
        return self.country if self.subdivision is None else f"{self.country}-{self.subdivision}"

    def holidays(self, year: int) -> int:
        """How many dates of the year are holidays there."""
        return len(Country(code=self.country, subdivision=self.subdivision).year(year))

    def subdivisions(self) -> tuple[tuple[str, str], ...]:
        """The code and the name of each, by code; none for a subdivision."""
        words = {} if self.subdivision is not None else _subdivision_words(self.country)
        return tuple((code, _name(words, code)) for code in sorted(set(words.values())))

    def part(self, text: str) -> HolidayPlace:
        """The subdivision of this country that ``text`` names, with or without the country before it.

        Raises:
            UnknownPlaceError: the country has no such subdivision.
        """
        words = _subdivision_words(self.country)
        place = next((place for place in _with_hyphen(text) if place.country == self.country), None)
        code = place.subdivision if place else _folded(words).get(folded(text))
        if code is None:
            known = instead(text, words) if words else ""
            raise UnknownPlaceError(f'"{text}" is not a subdivision of {self.name}{known}')
        return HolidayPlace(country=self.country, subdivision=code)


def place_named(text: str, near: str | None = None) -> HolidayPlace:
    """The place that ``text`` names; ``near`` is the code of the country that is the likeliest.

    Of that country the codes of subdivisions are known, too: ``BY`` is Bavaria in Germany, and Belarus.

    Raises:
        UnknownPlaceError: it names none, or several.
    """
    found = tuple(dict.fromkeys(_places(text.strip(), near)))
    if len(found) > 1:
        clear = " or ".join(f"{_clear(each)} ({each.name})" for each in found)
        raise UnknownPlaceError(
            f'"{text}" may mean {" and ".join(each.name for each in found)}; write {clear}'
        )
    if found:
        return found[0]
    country, hyphen, _ = text.strip().partition("-")
    if hyphen and (code := _folded(country_words()).get(folded(country))):
        return HolidayPlace(country=code).part(text.strip())
    hint = instead(text.strip(), country_words())
    raise UnknownPlaceError(f'"{text}" is not a country of the holidays library{hint}')


def _places(text: str, near: str | None) -> Iterator[HolidayPlace]:
    word = folded(text)
    code = _folded(country_words()).get(word)
    if code is not None:
        yield HolidayPlace(country=code)
    yield from _with_hyphen(text)
    if near is not None and code != near and (own := _folded(_subdivision_words(near)).get(word)):
        yield HolidayPlace(country=near, subdivision=own)
    elif code is None and len(word) >= _SHORTEST_NAME:
        for each in sorted(set(country_words().values())):
            if own := _folded(_subdivision_words(each)).get(word):
                yield HolidayPlace(country=each, subdivision=own)


def _with_hyphen(text: str) -> Iterator[HolidayPlace]:
    """``DE-BY``, as ISO 3166-2 writes it."""
    first, hyphen, last = text.strip().partition("-")
    code = _folded(country_words()).get(folded(first)) if hyphen else None
    own = _folded(_subdivision_words(code)).get(folded(last)) if code else None
    if code is not None and own is not None:
        yield HolidayPlace(country=code, subdivision=own)


def _clear(place: HolidayPlace) -> str:
    """What can mean this one only: of a country the code with three letters."""
    if place.subdivision is not None:
        return str(place)
    codes = (word for word, code in country_words().items() if code == place.country)
    return next((word for word in codes if len(word) == len("DEU") and word.isupper()), place.country)


def _subdivision_words(country: str) -> dict[str, str]:
    entity = library_country(country)
    return {} if entity is None else subdivision_words(entity)


def _folded(words: dict[str, str]) -> dict[str, str]:
    return {folded(word): code for word, code in words.items()}


def _name(words: dict[str, str], code: str) -> str:
    """The last of the longer words: an English name stands after the country's own."""
    named = [word for word, meant in words.items() if meant == code and len(word) >= _SHORTEST_NAME]
    return named[-1] if named else code
