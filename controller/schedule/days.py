"""Which rule governs a local date, and from when until when that makes the schedule open or closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from controller.schedule.model import (
    DAY_S,
    Cut,
    DateOverride,
    HolidayRule,
    Rule,
    SpanOverride,
    Spec,
)
from controller.schedule.walltime import earliest, latest

FIRST_YEAR = 3
LAST_YEAR = 9997
"""The years that schedules cover: a search for changes that starts in them stays within the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """What holds, and the rule that says so: in full, in short (``brief``), and by its name alone."""

    open: bool
    explicit: bool
    reason: str
    brief: str
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """``verdict`` holds in ``[start, end)``, aware UTC."""

    start: datetime
    end: datetime
    verdict: ScheduleState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A local date, ``[begins_at, the next date's begins_at)``; ``special`` took it from its weekday."""

    date: date
    begins_at: datetime
    rule: Rule
    special: DateOverride | HolidayRule | None = None
    holidays: tuple[str, ...] = ()


class LocalDays:
    """The dates of one schedule, as strokes on the timeline."""

    def __init__(self, spec: Spec, zone: ZoneInfo) -> None:
        self._spec = spec
        self._zone = zone
        self._dated = tuple(entry for entry in spec.overrides if isinstance(entry, DateOverride))
        self._spans = tuple(_span(entry, zone) for entry in spec.overrides if isinstance(entry, SpanOverride))
        self._has_nights = any(window.end_s > DAY_S for rule in _rules(spec) for window in rule.windows)

    def strokes(self, first: date, last: date) -> Iterator[StateSpan]:
        """What the dates ``first`` to ``last``, both inclusive, ask for; a later stroke covers earlier ones.

        First every date is closed, then its windows open it, then ``from``/``until`` overrides are laid over.
        A stroke may be empty, where the clocks skip all of it. The hours that a window loses at midnight are
        a stroke of their own, under the windows of the date that they fall on.
        """
        days = list(self._days(first, last + timedelta(days=1)))
        for day, tomorrow in pairwise(days):
            yield StateSpan(start=day.begins_at, end=tomorrow.begins_at, verdict=_closed(day))
        for day, tomorrow in pairwise(days):
            yield from self._windows(day, tomorrow)
        for span in self._spans:
            if span.start < days[-1].begins_at and span.end > days[0].begins_at:
                yield span

    def cuts(self, first: date, last: date) -> Iterator[Cut]:
        """Of the windows of the dates ``first`` to ``last``, both inclusive, those that midnight cuts."""
        if not self._has_nights:
            return
        for day, tomorrow in pairwise(self._days(first, last + timedelta(days=1))):
            if by := _cutting(day, tomorrow):
                for start, end in self._uncut(day, tomorrow.begins_at):
                    if end > tomorrow.begins_at:
                        at, named = tomorrow.begins_at, _name(tomorrow)
                        yield Cut(start=start, at=at, end=end, rule=day.rule, by=by, named=named)

    def _days(self, first: date, last: date) -> Iterator[_Day]:
        near = [entry for entry in self._dated if entry.first <= last and entry.last >= first]
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield self._day(date.fromordinal(ordinal), near)

    def _day(self, day: date, dated: Iterable[DateOverride]) -> _Day:
        begins_at = self._begin(day)
        naming = [entry for entry in dated if entry.first <= day <= entry.last]
        if naming:
            return _Day(date=day, begins_at=begins_at, rule=naming[-1].on(day), special=naming[-1])
        if holiday := self._spec.holiday(day):
            governing, names = holiday
            return _Day(date=day, begins_at=begins_at, rule=governing.rule, special=governing, holidays=names)
        return _Day(date=day, begins_at=begins_at, rule=self._spec.week[day.weekday()])

    def _begin(self, day: date) -> datetime:
        return earliest(datetime.combine(day, time.min), self._zone)

    def _windows(self, day: _Day, tomorrow: _Day) -> Iterator[StateSpan]:
        is_cut = _cutting(day, tomorrow) is not None
        for start, end in self._uncut(day, tomorrow.begins_at):
            if is_cut and end > tomorrow.begins_at:
                yield from self._cut(day, tomorrow, start, end)
            else:
                yield StateSpan(start=start, end=end, verdict=_open(day))

    def _uncut(self, day: _Day, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The windows of a date whose next one begins at ``ends_at``, whatever governs that."""
        for window in day.rule.windows:
            # Where the clocks go back over midnight, 00:00 comes twice and the date ends at the first.
            is_to_the_end = window.end_s == DAY_S
            end = ends_at if is_to_the_end else latest(_wall(day, window.end_s), self._zone)
            yield earliest(_wall(day, window.start_s), self._zone), end

    def _cut(self, day: _Day, tomorrow: _Day, start: datetime, end: datetime) -> Iterator[StateSpan]:
        """The two parts of a window, both of which say that it is cut, unless the next date opens at once."""
        opened, closed, midnight = _open(day), _closed(tomorrow), tomorrow.begins_at
        if self._opens_at_once(tomorrow):
            yield StateSpan(start=start, end=midnight, verdict=opened)
            return
        cut = f", cut at {midnight.astimezone(self._zone):%H:%M} by"
        reason, brief = f"{opened.reason}{cut} {_reason(tomorrow)}", f"{opened.brief}{cut} {_name(tomorrow)}"
        name = f"{opened.name}{cut} {_name(tomorrow)}"
        for since, until, verdict in ((start, midnight, opened), (midnight, end, closed)):
            said = replace(verdict, reason=reason, brief=brief, name=name)
            yield StateSpan(start=since, end=until, verdict=said)

    def _opens_at_once(self, day: _Day) -> bool:
        ends_at = self._begin(day.date + timedelta(days=1))
        return any(start == day.begins_at < min(end, ends_at) for start, end in self._uncut(day, ends_at))


def _rules(spec: Spec) -> Iterator[Rule]:
    """All that may govern a date."""
    yield from spec.week
    yield from (holiday.rule for holiday in spec.holidays)
    for entry in spec.overrides:
        if isinstance(entry, DateOverride):
            yield from entry.week or (entry.rule,)


def _cutting(day: _Day, tomorrow: _Day) -> DateOverride | HolidayRule | None:
    """What ends the windows of ``day`` where ``tomorrow`` begins, if anything does."""
    return None if tomorrow.special is day.special else tomorrow.special


def _wall(day: _Day, second: int) -> datetime:
    return datetime.combine(day.date, time.min) + timedelta(seconds=second)


def _open(day: _Day) -> ScheduleState:
    return ScheduleState(
        open=True,
        explicit=False,
        reason=_reason(day),
        brief=_brief(day),
        name=_name(day),
        line=day.rule.line,
    )


def _closed(day: _Day) -> ScheduleState:
    outside = "outside " if day.rule.windows else ""
    return ScheduleState(
        open=False,
        explicit=day.rule.explicit,
        reason=f"{outside}{_reason(day)}",
        brief=f"{outside}{_brief(day)}",
        name=_name(day),
        line=day.rule.line,
    )


def _reason(day: _Day) -> str:
    """``mon-thu 08:30-17:00 (line 24)``, ``holiday Thanksgiving Day, closed (line 27)``."""
    rule = day.rule
    if not day.holidays:
        return f"{rule.label} (line {rule.line})"
    return f"holiday {_name(day)}, {rule.label.removeprefix('holidays ')} (line {rule.line})"


def _brief(day: _Day) -> str:
    """``mon-thu 08:30-17:00``, ``Christmas Eve 08:30-12:00``, ``Thanksgiving Day``."""
    return f"{_name(day)} {day.rule.hours}".rstrip() if day.rule.windows else _name(day)


def _name(day: _Day) -> str:
    return " and ".join(day.holidays) or day.rule.called


def _span(entry: SpanOverride, zone: ZoneInfo) -> StateSpan:
    rule = entry.rule
    verdict = ScheduleState(
        open=entry.state_open,
        explicit=not entry.state_open,
        reason=f"{rule.label} (line {rule.line})",
        brief=rule.called,
        name=rule.called,
        line=rule.line,
    )
    start, end = _clip(entry.start), _clip(entry.end)
    return StateSpan(
        start=start.astimezone(UTC) if start.tzinfo else earliest(start, zone),
        end=end.astimezone(UTC) if end.tzinfo else latest(end, zone),
        verdict=verdict,
    )


def _clip(moment: datetime) -> datetime:
    """Into the years that schedules cover, so that no offset carries it out of the calendar."""
    if moment.year < FIRST_YEAR:
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    if moment.year > LAST_YEAR:
        return datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    return moment
