"""Compares the values of two schedule files, and the dates of their ``.ics`` files. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from controller.config.file_values import file_of, file_values
from controller.schedule.ics import read_ics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.config.file_values import FileValue
    from controller.config.model import Config
    from controller.schedule.ics import IcsEvents

_DAY = timedelta(days=1)
_DIGITS = 12
_YEARS = 10
"""How far ahead the events of a calendar file are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A value that differs; ``None``: the value, or the item of a list, is not there."""

    path: str
    before: str | None
    after: str | None


def value_changes(before: Config | None, after: Config, start: date, end: date) -> tuple[ValueChange, ...]:
    """The values that differ, in the order of the keys; dates of ``.ics`` files in ``[start, end)``."""
    return (
        *_of_files(*(_by_path(config) for config in (before, after))),
        *_of_order(before, after),
        *_of_calendars(before, after, start, end),
    )


def _by_path(config: Config | None) -> dict[str, list[FileValue]]:
    found: dict[str, list[FileValue]] = {}
    for each in file_values(config) if config else ():
        found.setdefault(each.path, []).append(each)
    return found


def _of_files(old: dict[str, list[FileValue]], new: dict[str, list[FileValue]]) -> Iterator[ValueChange]:
    for path in dict.fromkeys((*new, *old)):
        was, now = old.get(path, []), new.get(path, [])
        if not was or not now:  # of a part that only one has, the defaults say nothing
            was, now = (list(filter(_is_written, each)) for each in (was, now))
        if _meanings(was) != _meanings(now):
            yield from _replaced(path, was, now)


def _is_written(value: FileValue) -> bool:
    return value.is_written


def _replaced(path: str, was: list[FileValue], now: list[FileValue]) -> Iterator[ValueChange]:
    if len(was) == len(now) == 1:
        yield ValueChange(path=path, before=was[0].shown, after=now[0].shown)
        return
    matcher = SequenceMatcher(a=_meanings(was), b=_meanings(now), autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            yield from (ValueChange(path=path, before=each.shown, after=None) for each in was[first:last])
            yield from (ValueChange(path=path, before=None, after=each.shown) for each in now[start:end])


def _meanings(values: list[FileValue]) -> list[str]:
    return [each.meaning for each in values]


def _of_order(before: Config | None, after: Config) -> Iterator[ValueChange]:
    """Models are started in the order of the file, so where a quota is short it matters."""
    names = [[each.name for each in config.pipelines] for config in (before, after) if config]
    common = set(names[0]).intersection(*names)
    was, now = (", ".join(name for name in side if name in common) for side in (names[0], names[-1]))
    if was != now:
        yield ValueChange(path="pipelines", before=f"in the order {was}", after=f"in the order {now}")


def _of_calendars(before: Config | None, after: Config, start: date, end: date) -> Iterator[ValueChange]:
    old, new = _ics_files(before), _ics_files(after)
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        dates = list(_of_dates(name, _events(was), _events(now), _days(start, end)))
        yield from dates
        if not dates:
            yield ValueChange(path=f"calendars.{name}.ics", before=_contents(was), after=_contents(now))


def _ics_files(config: Config | None) -> dict[str, bytes]:
    """The contents of each calendar's file by the calendar's name, as far as they could be read."""
    if config is None or not config.calendar_files:
        return {}
    calendars = file_of(config).calendars.items()
    known = config.calendar_files
    return {name: known[each.ics] for name, each in calendars if each.ics is not None and each.ics in known}


def last_event(config: Config, today: date) -> date | None:
    """The last date of its ``.ics`` files in the years ahead; of events that recur for ever there is none."""
    years = range(today.year, today.year + _YEARS)
    found = (_events(data) for data in _ics_files(config).values())
    dates = (each.last(years) for each in found if each is not None and not each.endless)
    return max((day for day in dates if day is not None), default=None)


def _events(data: bytes | None) -> IcsEvents | None:
    return None if data is None else read_ics(data).events


def _days(start: date, end: date) -> Iterable[date]:
    return (start + _DAY * index for index in range((end - start).days))


def _of_dates(
    name: str, old: IcsEvents | None, new: IcsEvents | None, days: Iterable[date]
) -> Iterator[ValueChange]:
    for day in days:
        was, now = (None if each is None else ", ".join(each(day)) or None for each in (old, new))
        if was != now:
            yield ValueChange(path=f"calendars.{name}.{day}", before=was, after=now)


def _contents(data: bytes | None) -> str | None:
    return None if data is None else f"contents {hashlib.sha256(data).hexdigest()[:_DIGITS]}"
