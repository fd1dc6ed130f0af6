"""The schedule as a function of time: whether it is open, until when, and why."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from itertools import groupby, pairwise

from controller.schedule.days import FIRST_YEAR, LAST_YEAR, LocalDays, ScheduleState, StateSpan
from controller.schedule.model import Closure, Cut, Moment, Opening, Spec
from controller.schedule.zones import load_zone

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


HORIZON = timedelta(days=400)
"""Changes further away are ``None``: ahead inclusive, back exclusive."""

_HORIZON_BLOCKS = HORIZON.days // BLOCK_DAYS + 1
_KEPT_BLOCKS = 64
_KEPT_RANGES = 2
"""Of openings and closures: many pipelines of one schedule are checked over the same 400 days."""
_FARTHEST_DATE = timedelta(days=2)
"""Local dates differ from UTC dates by less; the date before a midnight is needed, too."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CachedMoment:
    """The ``moment`` that is valid for every instant of ``[since, until)``."""

    since: datetime
    until: datetime
    moment: Moment


class Schedule:
    """Open or closed, at every instant of the years 3 to 9997.

    Arguments are aware, in any zone (UTC is quickest); results are aware UTC. The methods agree with each
    other to the microsecond. They are pure and thread-safe; a few years at most are cached.

    All of them raise ``ValueError`` for a naive datetime and well outside those years; so does the
    constructor for a zone that does not exist.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.zone = load_zone(spec.zone)
        self._days = LocalDays(spec, self.zone)
        self._block: Callable[[int], Block] = lru_cache(_KEPT_BLOCKS)(partial(build, self._days))
        self._openings = lru_cache(_KEPT_RANGES)(self._find_openings)
        self._closures = lru_cache(_KEPT_RANGES)(self._find_closures)
        self._latest: _CachedMoment | None = None

    def is_open(self, t: datetime) -> bool:
        t = t if t.tzinfo is UTC else _utc(t)
        block = self._block(block_of(t))
        return block.opens[bisect_right(block.flips, t)]

    def next_change(self, t: datetime) -> datetime | None:
        """The next instant at which open turns into closed or back; ``None``: not within 400 days."""
        t = t if t.tzinfo is UTC else _utc(t)
        change = self._change_after(t)
        return change if change - t <= HORIZON else None

    def openings(self, a: datetime, b: datetime) -> tuple[Opening, ...]:
        """The maximal openings, clipped to ``[a, b)``, in time order; none if ``b`` is not after ``a``.

        A reason lists the rules of what is left after clipping, each of them once.
        """
        return self._openings(_utc(a), _utc(b))

    def _find_openings(self, a: datetime, b: datetime) -> tuple[Opening, ...]:
        return tuple(
            Opening(
                start=run[0].start,
                end=run[-1].end,
                reason=_list(piece.state.reason for piece in run),
                name=_list(piece.state.name for piece in run),
            )
            for run in self._runs(a, b, are_open=True)
        )

    def closures(self, a: datetime, b: datetime) -> tuple[Closure, ...]:
        """The complement of ``openings(a, b)``, in the same form."""
        return self._closures(_utc(a), _utc(b))

    def _find_closures(self, a: datetime, b: datetime) -> tuple[Closure, ...]:
        return tuple(
            Closure(start=run[0].start, end=run[-1].end, reason=_list(piece.state.reason for piece in run))
            for run in self._runs(a, b, are_open=False)
        )

    def cuts(self, a: datetime, b: datetime) -> tuple[Cut, ...]:
        """The midnights of ``[a, b)`` at which the next date's rule ends an opening early."""
        a, b = _utc(a), _utc(b)
        found = self._days.cuts(a.date() - _FARTHEST_DATE, b.date() + _FARTHEST_DATE)
        by_midnight = {each.at: each for each in found if a <= each.at < b}
        return tuple(each for at, each in by_midnight.items() if self._closes_at(at))

    def at(self, t: datetime) -> Moment:
        """The state at ``t``, its bounds and its reason; cheap while ``t`` moves within one piece."""
        t = t if t.tzinfo is UTC else _utc(t)
        latest = self._latest
        if latest is None or not latest.since <= t < latest.until:
            latest = self._latest = self._cached_moment(t)
        return latest.moment

    def _closes_at(self, t: datetime) -> bool:
        return self.is_open(t - datetime.resolution) and not self.is_open(t)

    def _change_after(self, t: datetime) -> datetime:
        """The next change; ``_NEVER`` if no instant of the block of ``t`` has one within the horizon."""
        number = block_of(t)
        flips = self._block(number).flips
        index = bisect_right(flips, t)
        if index < len(flips):
            return flips[index]
        for later in range(number + 1, _last_in_reach(number) + 1):
            if flips := self._block(later).flips:
                return flips[0]
        return _NEVER

    def _change_before(self, t: datetime) -> datetime:
        """The last change up to ``t`` inclusive, or ``_EVER``, as in ``_change_after``."""
        number = block_of(t)
        flips = self._block(number).flips
        index = bisect_right(flips, t)
        if index:
            return flips[index - 1]
        for earlier in range(number - 1, max(number - _HORIZON_BLOCKS, FIRST_BLOCK) - 1, -1):
            if flips := self._block(earlier).flips:
                return flips[-1]
        return _EVER

    def _turn_after(self, piece: StateSpan, closed_until: datetime) -> datetime:
        """When a closure that goes on after ``piece`` becomes explicit or ends to be so, or ``_NEVER``."""
        if piece.state.open:
            return _NEVER
        until = min(closed_until, block_start(_last_in_reach(block_of(piece.start)) + 1))
        following = self._pieces(piece.end, until)
        return next((then.start for then in following if then.state.explicit != piece.state.explicit), _NEVER)

    def _cached_moment(self, t: datetime) -> _CachedMoment:
        block = self._block(block_of(t))
        piece = block.pieces[bisect_right(block.starts, t) - 1]
        started_at, ends_at = self._change_before(t), self._change_after(t)
        turns_at = self._turn_after(piece, ends_at)
        # A change beyond the horizon of ``t`` may be within that of another instant of the piece.
        past, end, turn = edges = (started_at + HORIZON, ends_at - HORIZON, turns_at - HORIZON)
        moment = Moment(
            open=piece.state.open,
            started_at=started_at if t < past else None,
            ends_at=ends_at if t >= end else None,
            explicit=piece.state.explicit,
            explicit_changes_at=turns_at if t >= turn else None,
            reason=piece.state.reason,
            line=piece.state.line,
            brief=piece.state.brief,
        )
        return _CachedMoment(
            since=max((piece.start, *(edge for edge in edges if edge <= t))),
            until=min((piece.end, *(edge for edge in edges if edge > t))),
            moment=moment,
        )

    def _runs(self, a: datetime, b: datetime, *, are_open: bool) -> Iterator[tuple[StateSpan, ...]]:
        """Each run of pieces that are all open, or all closed."""
        for is_open, run in groupby(self._pieces(a, b), key=lambda piece: piece.state.open):
            if is_open == are_open:
                yield tuple(run)

    def _pieces(self, a: datetime, b: datetime) -> Iterator[StateSpan]:
        """The pieces of ``[a, b)``, clipped to it; a piece ends at the end of its block, too."""
        if a >= b:
            return
        for number in range(block_of(a), block_of(b - datetime.resolution) + 1):
            for piece in self._block(number).pieces:
                if piece.start >= a and piece.end <= b:
                    yield piece
                elif piece.start < b and piece.end > a:
                    yield StateSpan(start=max(a, piece.start), end=min(b, piece.end), state=piece.state)


def _list(rules: Iterable[str]) -> str:
    """Each of them once, in their order."""
    return "; ".join(dict.fromkeys(rules))


def _last_in_reach(number: int) -> int:
    """The last block within the horizon of any instant of block ``number``."""
    return min(number + _HORIZON_BLOCKS, LAST_BLOCK)


def _utc(t: datetime) -> datetime:
    if t.utcoffset() is None:
        raise ValueError(f"{t.isoformat()} has no UTC offset; say which instant is meant")
    try:
        return t.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{t.isoformat()} is outside the calendar in UTC") from None
