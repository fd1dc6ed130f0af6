"""The meaning of a schedule a second time, slow and plain: minute by minute, and no arithmetic on offsets.

Only one direction of the zone is used, from an instant to what the clocks show; where a wall time falls is
found by looking through all the minutes. Good for zones and schedules that know no seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from controller.schedule import Schedule
from controller.schedule.model import DateOverride, Rule, SpanOverride, Spec

MINUTE = timedelta(minutes=1)
MARGIN = timedelta(days=2)
DAY_S = 86_400


class Clocks:
    """What the clocks of a zone show in each minute from ``start`` (UTC) on."""

    def __init__(self, zone: ZoneInfo, start: datetime, minutes: int) -> None:
        self.start = start
        self.walls = [_shown(zone, start + minute * MINUTE) for minute in range(minutes)]
        self._last = dict(zip(self.walls, range(minutes), strict=True))
        self._first = dict(zip(reversed(self.walls), reversed(range(minutes)), strict=True))

    def first(self, wall: datetime) -> int:
        return self._first[wall] if wall in self._first else self._jump(wall)

    def last(self, wall: datetime) -> int:
        return self._last[wall] if wall in self._last else self._jump(wall)

    def _jump(self, wall: datetime) -> int:
        pairs = enumerate(zip(self.walls, self.walls[1:], strict=False), start=1)
        return next(minute for minute, (shown, then_shown) in pairs if shown < wall < then_shown)


def _shown(zone: ZoneInfo, t: datetime) -> datetime:
    # Many times quicker than t.astimezone(zone).replace(tzinfo=None), and the same.
    local = zone.fromutc(datetime.combine(t.date(), t.time(), zone))
    return datetime.combine(local.date(), local.time())


clocks = lru_cache(8)(Clocks)


@dataclass(frozen=True)
class Scan:
    """``open[i]`` says whether the minute ``start + i`` is open."""

    start: datetime
    open: list[bool]

    def openings(self) -> list[tuple[datetime, datetime]]:
        return [run for state, *run in self.runs() if state]

    def closures(self) -> list[tuple[datetime, datetime]]:
        return [run for state, *run in self.runs() if not state]

    def runs(self) -> Iterator[tuple[bool, datetime, datetime]]:
        minute = 0
        for state, run in groupby(self.open):
            since, minute = minute, minute + len(list(run))
            yield state, self.start + since * MINUTE, self.start + minute * MINUTE


def scan(spec: Spec, zone: ZoneInfo, start: datetime, end: datetime, *, is_cut: bool = True) -> Scan:
    """``is_cut`` is false for nights that run on, whatever governs the next date."""
    margin = MARGIN // MINUTE
    shown = clocks(zone, start - MARGIN, (end - start) // MINUTE + 2 * margin)
    minutes = [False] * len(shown.walls)
    for state, since, until in (*_from_dates(spec, shown, is_cut=is_cut), *_from_spans(spec, shown)):
        minutes[since:until] = [state] * (until - since)
    return Scan(start, minutes[margin:-margin])


def _from_dates(spec: Spec, shown: Clocks, *, is_cut: bool) -> Iterator[tuple[bool, int, int]]:
    for number in range(shown.walls[0].toordinal() + 1, shown.walls[-1].toordinal() - 1):
        day, tomorrow = date.fromordinal(number), date.fromordinal(number + 1)
        (owner, rule), (next_owner, _) = _governs(spec, day), _governs(spec, tomorrow)
        midnight = shown.first(_wall(tomorrow, 0))
        for window in rule.windows:
            since, until = shown.first(_wall(day, window.start_s)), shown.last(_wall(day, window.end_s))
            if window.end_s == DAY_S:
                until = midnight
            if is_cut and next_owner not in {"weekday", owner}:
                until = min(until, midnight)
            yield True, since, max(since, until)


def _governs(spec: Spec, day: date) -> tuple[str, Rule]:
    for index, entry in reversed(tuple(enumerate(spec.overrides))):
        if isinstance(entry, DateOverride) and entry.first <= day <= entry.last:
            return f"override {index}", entry.week[day.weekday()] if entry.week else entry.rule
    naming = [(index, rule) for index, rule in enumerate(spec.holidays) if rule.names(day)]
    if naming:
        return f"holiday {naming[-1][0]}", naming[-1][1].rule
    return "weekday", spec.week[day.weekday()]


def _from_spans(spec: Spec, shown: Clocks) -> Iterator[tuple[bool, int, int]]:
    for entry in spec.overrides:
        if isinstance(entry, SpanOverride):
            since, until = _minute(entry.start, shown, shown.first), _minute(entry.end, shown, shown.last)
            yield entry.state_open, since, max(since, until)


def _minute(moment: datetime, shown: Clocks, find: Callable[[datetime], int]) -> int:
    """Clipped to the minutes that there are: a span may begin and end anywhere."""
    if moment.tzinfo:
        return min(max((moment - shown.start) // MINUTE, 0), len(shown.walls))
    if moment < shown.walls[0]:
        return 0
    return find(moment) if moment <= shown.walls[-1] else len(shown.walls)


def _wall(day: date, second: int) -> datetime:
    return datetime.combine(day, time.min) + timedelta(seconds=second)


def assert_agrees(schedule: Schedule, start: datetime, end: datetime) -> None:
    """Every question that a scan of the minutes can answer gets the same answer, to the microsecond."""
    truth = scan(schedule.spec, schedule.zone, start, end)
    openings, closures = schedule.openings(start, end), schedule.closures(start, end)
    assert [[opening.start, opening.end] for opening in openings] == truth.openings()
    assert [[closure.start, closure.end] for closure in closures] == truth.closures()
    assert [schedule.is_open(start + minute * MINUTE) for minute in range(len(truth.open))] == truth.open
    for is_open, since, until in truth.runs():
        for t in (since, since + (until - since) / 2, until - datetime.resolution):
            moment = schedule.at(t)
            assert schedule.is_open(t) == moment.open == is_open
            assert until == end or schedule.next_change(t) == moment.ends_at == until
            assert since in {start, moment.started_at}


def assert_names_the_cuts(schedule: Schedule, start: datetime, end: datetime) -> None:
    """Cut is where a date begins with a closure that would be open, if nights ran on; there it says so."""
    truth, uncut = (
        scan(schedule.spec, schedule.zone, start, end, is_cut=is_cut).open for is_cut in (True, False)
    )
    dates = [_shown(schedule.zone, start + minute * MINUTE).date() for minute in range(len(truth))]
    cuts = schedule.cuts(start + MINUTE, end)
    assert [cut.at for cut in cuts] == [
        start + minute * MINUTE
        for minute in range(1, len(truth))
        if dates[minute - 1] < dates[minute] and truth[minute - 1] > truth[minute] < uncut[minute]
    ]
    for cut in cuts:
        assert cut.start <= cut.at < cut.end
        assert ", cut at " in schedule.at(cut.at).reason


def assert_agrees_around(schedule: Schedule, change: datetime) -> None:
    a_bit_more_than_a_day = timedelta(hours=26)
    middle = change.astimezone(UTC).replace(second=0, microsecond=0)
    start, end = middle - a_bit_more_than_a_day, middle + a_bit_more_than_a_day
    assert_agrees(schedule, start, end)
    assert_names_the_cuts(schedule, start, end)
