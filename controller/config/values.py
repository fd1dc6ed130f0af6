"""Validators of single values: from the text to its meaning, or a ``ValueError`` with a valid example.

A validator takes any value that a file may hold: a string, a list, a mapping as ``dict``, ``None`` for no
value.
"""

from __future__ import annotations

import difflib
import heapq
import json
import math
import re
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

T = TypeVar("T")

_LONGEST_SHOWN = 80
_MOST_COMPARED = 100
"""Names that are looked at closely for the nearest one: of thousands that would take seconds."""

NAME = r"[a-z0-9][a-z0-9-]{0,63}"
DURATION = r"(?=[0-9])(?:([0-9]{1,3})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,7})s)?"
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
WHOLE_NUMBER = r"[0-9]{1,9}"
DURATION_EXAMPLE = "90s, 30m, 1h30m or 2d"
MAX_TEXT = 200
MOST_PATTERNS = 100


class WrongError(ValueError):
    """Several things wrong inside one list: the index of each item and what is wrong with it."""

    def __init__(self, problems: tuple[tuple[int, str], ...]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


class HintedError(ValueError):
    """A wrong value whose message ends in ``hint``, computed only if it is shown."""

    def __init__(self, message: str, hint: Callable[[], str]) -> None:
        super().__init__(message)
        self.hint = hint


def shown(value: object) -> str:
    match value:
        case str():
            cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
            return json.dumps(cut, ensure_ascii=False)
        case []:
            return "an empty list"
        case list():
            return "a list"
        case _:
            return "a mapping"


def wrong(value: object, what: str, example: str) -> ValueError:
    """``"25:00" is not a time of day (HH:MM, 00:00 to 24:00)``."""
    if value is None:
        return ValueError(f"no value stands here; expected is {what} ({example})")
    return ValueError(f"{shown(value)} is not {what} ({example})")


def matched(pattern: str, value: object, what: str, example: str) -> re.Match[str]:
    found = re.fullmatch(pattern, value) if isinstance(value, str) else None
    if found is None:
        raise wrong(value, what, example)
    return found


def each(convert: Callable[[object], T], values: Iterable[object]) -> tuple[T, ...]:
    """Every item converted, or every problem with its index."""
    done, problems = [], []
    for index, value in enumerate(values):
        try:
            done.append(convert(value))
        except ValueError as error:
            problems.append((index, str(error)))
    if problems:
        raise WrongError(tuple(problems))
    return tuple(done)


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean "office"?)``, or nothing when nothing is near; case does not keep a word away."""
    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), _alike(word.casefold(), by_fold), n=3, cutoff=0.6)
    names = " or ".join(f'"{by_fold[fold]}"' for fold in close)
    return f" (did you mean {names}?)" if names else ""


def _alike(word: str, known: Collection[str]) -> Iterable[str]:
    """All of ``known``, or of very many those that share most pairs of letters with ``word``."""
    if len(known) <= _MOST_COMPARED:
        return known
    pairs = _pairs(word)
    return heapq.nlargest(_MOST_COMPARED, known, key=lambda name: len(pairs & _pairs(name)))


@lru_cache(maxsize=8192)
def _pairs(word: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(f" {word} ")))


def name(value: object) -> str:
    return matched(
        NAME, value, "a name", "lower-case letters, digits and hyphens, at most 64: office-berlin"
    )[0]


def version(value: object) -> int:
    if value != "1":
        raise wrong(value, "a version that this release reads", "1")
    return 1


def text(value: object) -> str:
    """One line for people: it ends up in reasons, logs and calendars."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(value, "a text", "Year-end shutdown")
    if len(value) > MAX_TEXT or not value.isprintable():
        raise ValueError(f"{shown(value)} is not one printable line of at most {MAX_TEXT} characters")
    return value.strip()


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise wrong(value, "a list of names", "[Columbus Day, Veterans Day]")
    return each(text, value)


def excepted(value: object) -> tuple[str, ...]:
    """Every pattern is held against every name, so there may be only so many of them."""
    found = texts(value)
    if sum("*" in name for name in found) > MOST_PATTERNS:
        raise ValueError(f"more than {MOST_PATTERNS} names have a * in them; one may cover many")
    return found


def categories(value: object) -> tuple[str, ...]:
    """Any words; the library that knows which there are checks them later."""
    if not isinstance(value, list) or not value:
        raise wrong(value, "a list of categories", "[public, bank]")
    return each(_category, value)


def _category(value: object) -> str:
    return _word(value, "a category", "public")


def names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise wrong(value, "a list of calendars", "[us, company]")
    return each(name, value)


def duration(value: object) -> timedelta:
    found = matched(DURATION, value, "a duration", DURATION_EXAMPLE)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def lasting(low: str, high: str) -> Callable[[object], timedelta]:
    """A validator of durations from ``low`` to ``high``, both included."""

    def validate(value: object) -> timedelta:
        found = duration(value)
        if not duration(low) <= found <= duration(high):
            raise ValueError(f"{shown(value)} is not between {low} and {high}")
        return found

    return validate


def lasting_at_most(high: str) -> Callable[[object], timedelta]:
    """A validator of durations up to ``high``, of which the shortest depends on other keys."""

    def validate(value: object) -> timedelta:
        found = duration(value)
        if found > duration(high):
            raise ValueError(f"{shown(value)} is longer than {high}")
        return found

    return validate


def word_or(word: str, convert: Callable[[object], timedelta]) -> Callable[[object], timedelta | None]:
    """A validator of durations, or of ``word``, which means ``None``."""

    def validate(value: object) -> timedelta | None:
        if value == word:
            return None
        matched(DURATION, value, f"a duration or {word}", f"{word}, {DURATION_EXAMPLE}")
        return convert(value)

    return validate


def units(value: object) -> int:
    """``1.0`` is a whole number to JSON, and so to editors.

    Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartProjectVersion.html
    """
    whole = rf"({WHOLE_NUMBER})(?:\.0{{1,9}})?"
    number = int(matched(whole, value, "a number of inference units", "1 or more")[1])
    if number < 1:
        raise wrong(value, "a number of inference units", "1 or more")
    return number


def price(value: object) -> float:
    found = float(matched(NUMBER, value, "a price in USD", "4.00")[0])
    if not math.isfinite(found) or found <= 0:
        raise wrong(value, "a price in USD", "4.00")
    return found


def unit_hours(value: object) -> float:
    found = float(matched(NUMBER, value, "a number of unit-hours", "200")[0])
    if not found:
        raise ValueError(
            f"{shown(value)} leaves no hour to run in; for a model that must not run write "
            "hold: {state: off, until: …}, for a budget a number above 0 (200)"
        )
    return found


def flag(value: object) -> bool:
    """As YAML 1.2 writes them; ``yes`` and ``on`` are texts there."""
    return matched("(true|True|TRUE)|false|False|FALSE", value, "a choice", "true | false")[1] is not None


def one_of(*choices: str) -> Callable[[object], str]:
    def validate(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise wrong(value, "a state", " | ".join(choices))
        return value

    return validate


def country(value: object) -> str:
    """Any text; the library that knows the countries checks it later."""
    return _word(value, "a country code", "US")


def subdivision(value: object) -> str:
    return _word(value, "a subdivision's code", "NY")


def language(value: object) -> str:
    return _word(value, "a language", "en_US")


def _word(value: object, what: str, example: str) -> str:
    return matched(r"[^\W_][\w .'-]{0,63}", value, what, example)[0].strip()


def file_name(value: object) -> str:
    """A bare name: the file lies beside the schedule, wherever that is."""
    pattern = r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]{0,250}\.ics"
    return matched(pattern, value, "the bare name of an iCalendar file beside this one", "closures.ics")[0]
