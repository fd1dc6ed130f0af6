"""A second evaluation of a schedule's hours, which shares no code with ``controller.schedule``.

Local dates are painted in layers: what governs a date, then its windows, then the overrides with ``from``.
The last that covers an instant holds. Only one direction of a zone is used, from an instant to wall time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from operator import attrgetter
from zoneinfo import ZoneInfo

from controller.schedule.model import DateOverride, Rule, SpanOverride, Spec

HORIZON = timedelta(days=400)
"""A change further away than this is not found."""
DAY = timedelta(days=1)
DAY_S = 86_400
CHUNK_DAYS = 20
CHUNKS = HORIZON // (CHUNK_DAYS * DAY) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedSpan:
    """An interval ``[start, end)`` that is open or closed; ``explicit`` if an override closed it."""

    start: datetime
    end: datetime
    open: bool
    explicit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """The state at an instant, and the bounds of its opening or closure (``None``: beyond ``HORIZON``)."""

    open: bool
    explicit: bool
    started_at: datetime | None
    ends_at: datetime | None


class HoursOracle:
    """Evaluates the hours of one schedule; ``zone`` is its time zone's data."""

    def __init__(self, spec: Spec, zone: ZoneInfo) -> None:
        self._spec = spec
        self._zone = zone
        self._chunk = lru_cache(64)(self._painted)
        self._governing = lru_cache(1024)(self._governs)
        self._latest: tuple[PaintedSpan, Instant] | None = None

    def at(self, t: datetime) -> Instant:
        """Of an aware instant."""
        if self._latest is None or not self._latest[0].start <= t < self._latest[0].end:
            self._latest = self._answer(t.astimezone(UTC))
        return self._latest[1]

    def _answer(self, t: datetime) -> tuple[PaintedSpan, Instant]:
        number = _number(t)
        chunk = self._chunk(number)
        place = bisect_right(chunk, t, key=attrgetter("start"))
        current = chunk[place - 1]
        ahead = chain(chunk[place:], *(self._later(number + step) for step in range(1, CHUNKS)))
        back = chain(reversed(chunk[:place]), *(self._earlier(number - step) for step in range(1, CHUNKS)))
        return current, Instant(
            open=current.open,
            explicit=current.explicit,
            started_at=next((each.end for each in back if each.open != current.open), None),
            ends_at=next((each.start for each in ahead if each.open != current.open), None),
        )

    def _later(self, number: int) -> Iterator[PaintedSpan]:
        """Painted only when it is looked at."""
        yield from self._chunk(number)

    def _earlier(self, number: int) -> Iterator[PaintedSpan]:
        yield from reversed(self._chunk(number))

    def _painted(self, number: int) -> tuple[PaintedSpan, ...]:
        """Touching pieces, each of one colour, that fill a chunk of ``CHUNK_DAYS`` days of UTC."""
        start = datetime.min.replace(tzinfo=UTC) + number * CHUNK_DAYS * DAY
        end = start + CHUNK_DAYS * DAY
        layers = [each for each in self._layers(start, end) if each.start < end and each.end > start]
        cuts = sorted(
            {start, end, *(cut for each in layers for cut in (each.start, each.end) if start < cut < end)}
        )
        return tuple(
            PaintedSpan(start=since, end=until, open=top.open, explicit=top.explicit)
            for since, until in pairwise(cuts)
            for top in [next(each for each in reversed(layers) if each.start <= since < each.end)]
        )

    def _layers(self, start: datetime, end: datetime) -> list[PaintedSpan]:
        """From the lowest to the highest."""
        days = range((start - 3 * DAY).toordinal(), (end + 3 * DAY).toordinal())
        dates = [date.fromordinal(number) for number in days]
        return [
            *map(self._whole, dates),
            *(each for day in dates for each in self._windows(day)),
            *self._spans(),
        ]

    def _whole(self, day: date) -> PaintedSpan:
        _, rule = self._governing(day)
        return PaintedSpan(
            start=self._first(day, 0), end=self._first(day + DAY, 0), open=False, explicit=rule.explicit
        )

    def _windows(self, day: date) -> Iterator[PaintedSpan]:
        """One that runs into the next date ends at that midnight if another exception begins there."""
        owner, rule = self._governing(day)
        next_owner, _ = self._governing(day + DAY)
        midnight = self._first(day + DAY, 0)
        for window in rule.windows:
            start = self._first(day, window.start_s)
            end = midnight if window.end_s == DAY_S else self._last(day, window.end_s)
            if next_owner is not None and next_owner != owner:
                end = min(end, midnight)
            yield PaintedSpan(start=start, end=max(start, end), open=True)

    def _governs(self, day: date) -> tuple[int | None, Rule]:
        """The rule of a date; the number is that of the exception that it belongs to, none for a weekday."""
        for place, entry in reversed(tuple(enumerate(self._spec.overrides))):
            if isinstance(entry, DateOverride) and entry.first <= day <= entry.last:
                return place, entry.week[day.weekday()] if entry.week else entry.rule
        for place, holidays in reversed(tuple(enumerate(self._spec.holidays))):
            if holidays.names(day):
                return -1 - place, holidays.rule
        return None, self._spec.week[day.weekday()]

    def _spans(self) -> Iterator[PaintedSpan]:
        for entry in self._spec.overrides:
            if isinstance(entry, SpanOverride):
                start, end = self._instant(entry.start, last=False), self._instant(entry.end, last=True)
                yield PaintedSpan(
                    start=start, end=max(start, end), open=entry.state_open, explicit=not entry.state_open
                )

    def _instant(self, moment: datetime, *, last: bool) -> datetime:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        return _instants(self._zone, moment)[-1 if last else 0]

    def _first(self, day: date, second: int) -> datetime:
        return _instants(self._zone, _wall(day, second))[0]

    def _last(self, day: date, second: int) -> datetime:
        return _instants(self._zone, _wall(day, second))[-1]


def _number(t: datetime) -> int:
    return (t - datetime.min.replace(tzinfo=UTC)) // (CHUNK_DAYS * DAY)


def _wall(day: date, second: int) -> datetime:
    return datetime.combine(day, time.min) + timedelta(seconds=second)


@lru_cache(4096)
def _instants(zone: ZoneInfo, wall: datetime) -> tuple[datetime, ...]:
    """When the clocks show ``wall``, in order; the instant of the jump where they skip it."""
    as_if_utc = wall.replace(tzinfo=UTC)
    offsets = {_offset(zone, as_if_utc + away) for away in (-DAY, DAY)}
    found = sorted(t for t in (as_if_utc - offset for offset in offsets) if _shown(zone, t) == wall)
    return tuple(found) or (_jump(zone, wall, as_if_utc - max(offsets), as_if_utc - min(offsets)),)


def _jump(zone: ZoneInfo, wall: datetime, before: datetime, after: datetime) -> datetime:
    """To the second, by halves: ``before`` it the clocks show less than ``wall``, ``after`` it more."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
        before, after = (middle, after) if _shown(zone, middle) < wall else (before, middle)
    return after.replace(microsecond=0)


def _shown(zone: ZoneInfo, t: datetime) -> datetime:
    return t.astimezone(zone).replace(tzinfo=None)


def _offset(zone: ZoneInfo, t: datetime) -> timedelta:
    return t.astimezone(zone).utcoffset() or timedelta(0)
