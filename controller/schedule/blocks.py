"""Precomputed blocks of 32 days of a schedule.

Blocks lie on a fixed grid of UTC dates, so that many instants share one. Each is computed from the dates that
touch it, independently of the others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise

from controller.schedule.days import FIRST_YEAR, LAST_YEAR, LocalDays, ScheduleState, StateSpan

BLOCK_DAYS = 32
FIRST_BLOCK = date(FIRST_YEAR, 1, 1).toordinal() // BLOCK_DAYS
LAST_BLOCK = date(LAST_YEAR, 12, 31).toordinal() // BLOCK_DAYS

# Wall time is less than a day away from UTC: the date on which the block ends is the last one that can begin
# within it, and a date's windows, which end within the next date, are over when three days have passed.
_REACH_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of 32 days: ``pieces`` cover it without a gap; ``starts`` are their starts.

    ``flips`` are the instants of the block at which open turns into closed or back: ``opens[i]`` holds before
    ``flips[i]``, and the last of ``opens`` after all of them.
    """

    starts: tuple[datetime, ...]
    pieces: tuple[StateSpan, ...]
    flips: tuple[datetime, ...]
    opens: tuple[bool, ...]


def block_of(t: datetime) -> int:
    """The number of the block that holds ``t`` (aware UTC)."""
    return t.toordinal() // BLOCK_DAYS


def block_start(number: int) -> datetime:
    return datetime.combine(date.fromordinal(number * BLOCK_DAYS), time.min, UTC)


def build(days: LocalDays, number: int) -> Block:
    """Computes a block.

    Raises:
        ValueError: the block is outside the years that schedules cover.
    """
    if not FIRST_BLOCK <= number <= LAST_BLOCK:
        raise ValueError(f"a schedule covers the years {FIRST_YEAR} to {LAST_YEAR}, and nothing outside them")
    start, end = block_start(number), block_start(number + 1)
    starts, states = _overlaid(days.spans(start.date() - _REACH_BACK, end.date()))
    pieces = _between(start, end, starts, states)
    was_open = [states[bisect_left(starts, start) - 1].open, *(piece.state.open for piece in pieces)]
    flips = [piece.start for piece, was in zip(pieces, was_open, strict=False) if piece.state.open != was]
    return Block(
        starts=tuple(piece.start for piece in pieces),
        pieces=pieces,
        flips=tuple(flips),
        opens=tuple(was_open[0] ^ bool(count % 2) for count in range(len(flips) + 1)),
    )


def _overlaid(spans: Iterable[StateSpan]) -> tuple[list[datetime], list[ScheduleState]]:
    """The spans merged, later ones over earlier: ``states[i]`` holds from ``starts[i]`` to the next start."""
    starts: list[datetime] = []
    states: list[ScheduleState] = []
    for span in spans:
        if span.start < span.end:
            first, after = bisect_left(starts, span.start), bisect_right(starts, span.end)
            resumed = states[after - 1] if after else span.state
            starts[first:after] = (span.start, span.end)
            states[first:after] = (span.state, resumed)
    return starts, states


def _between(
    start: datetime, end: datetime, starts: Sequence[datetime], states: Sequence[ScheduleState]
) -> tuple[StateSpan, ...]:
    """The merged spans within ``[start, end)``; neighbours of equal state become one piece."""
    inside = range(bisect_right(starts, start) - 1, bisect_left(starts, end))
    firsts = [next(same) for _, same in groupby(inside, key=states.__getitem__)]
    bounds = (start, *(starts[index] for index in firsts[1:]), end)
    return tuple(
        StateSpan(start=since, end=until, state=states[index])
        for index, (since, until) in zip(firsts, pairwise(bounds), strict=True)
    )
