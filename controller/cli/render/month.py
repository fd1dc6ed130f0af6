"""A month or a year in the terminal: weeks as rows, open hours as bars."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from controller.cli.render.days import DAY_H, MONTHS, Day, special, weeks
from controller.cli.render.terminal import Grid, console, table, words
from controller.core.timefmt import WEEKDAYS, day

WIDE, NARROW = 12, 8
"""Characters of a date: two hours each where there is room, else three."""
LABEL, MARK = "Dec 28", "*"
OPEN, NAMED = "green", "yellow"

_BARS = {(True, True): "█", (True, False): "▌", (False, True): "▐"}


def cells() -> int:
    """How many characters a date may have where the output goes."""
    return WIDE if console().width >= len(LABEL) + len(WEEKDAYS) * (WIDE + 1) else NARROW


def draws_blocks() -> bool:
    try:
        "".join(_BARS.values()).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def month(days: Sequence[Day], size: int) -> Iterator[Text]:
    """Two lines a week: the dates, and what is open."""
    yield _row(_weekdays(), size)
    for week in weeks(days):
        yield _row((words(_number(each)) for each in week), size)
        yield _row((_bar(each, size) for each in week), size)


def year(days: Sequence[Day], size: int) -> Iterator[Text]:
    """A line a week, with the date on which it begins."""
    yield _row(_weekdays(), size, "")
    for week in weeks(days):
        first = next(each for each in week if each is not None)
        label = f"{MONTHS[first.date.month - 1][:3]} {first.date.day:2}"
        yield _row((_bar(each, size) for each in week), size, label)


def legend(size: int, mark: str = "") -> str:
    """``mark`` is what a special date has behind its number."""
    full, closed = ("█", "·") if draws_blocks() else ("#", ".")
    hours = f"{DAY_H / size:g} hours"
    return (
        f"{full} open  {closed} closed  - closed, on a date that is named below{mark}  a character is {hours}"
    )


def names(days: Sequence[Day]) -> Iterator[Text | Grid]:
    """What each special date is called, and when it is open."""
    rows = [(_dates(first, last), first.hours_text, "; ".join(first.names)) for first, last in special(days)]
    if rows:
        yield Text()
        yield table(("date", "open", "why"), rows)


def _dates(first: Day, last: Day) -> str:
    return day(first.date) if first is last else f"{day(first.date)} to {day(last.date)}"


def _weekdays() -> Iterator[Text]:
    return (words(name, "bold") for name in WEEKDAYS)


def _number(each: Day | None) -> str:
    return "" if each is None else f"{each.date.day}{MARK if each.names else ''}"


def _row(parts: Iterable[Text], size: int, label: str | None = None) -> Text:
    shown = [] if label is None else [words(f"{label:<{len(LABEL)}}")]
    for part in parts:
        part.pad_right(size - len(part))
        shown.append(part)
    return Text(" ").join(shown)


def _bar(each: Day | None, size: int) -> Text:
    if each is None:
        return Text()
    style = NAMED if each.names else OPEN
    return words("".join(_characters(each, size)), style)


def _characters(each: Day, size: int) -> Iterator[str]:
    has_blocks = draws_blocks()
    closed = "-" if each.names else "·" if has_blocks else "."
    slots = _slots(each, 2 * size)
    for left in range(0, 2 * size, 2):
        halves = left in slots, left + 1 in slots
        yield (_BARS[halves] if has_blocks else "#") if any(halves) else closed


def _slots(each: Day, number: int) -> set[int]:
    """Which of the equal parts of the date are open for the most part; no opening is left out altogether."""
    part = DAY_H / number
    filled = {place for place in range(number) if 2 * _open_h(each, place * part, (place + 1) * part) >= part}
    return filled | {min(int((start + end) / 2 / part), number - 1) for start, end in each.spans}


def _open_h(each: Day, since: float, until: float) -> float:
    return sum(max(min(end, until) - max(start, since), 0.0) for start, end in each.spans)
