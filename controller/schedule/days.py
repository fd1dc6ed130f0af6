"""The rule that governs each local date, and the spans in which it makes the schedule open or closed."""

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
"""The years that schedules cover; a search for changes from any of them stays within ``datetime``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """Open or closed, and the rule that governs: in full (``reason``), in short (``brief``), by name."""

    open: bool
    explicit: bool
    reason: str
    brief: str
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The state of a schedule in ``[start, end)``, aware UTC."""

    start: datetime
    end: datetime
    state: ScheduleState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A local date and the rule that governs it; ``special`` is the holiday or override, if one does."""

    date: date
    begins_at: datetime
    rule: Rule
    special: DateOverride | HolidayRule | None = None
    holidays: tuple[str, ...] = ()


class LocalDays:
    """The local dates of one schedule, as spans of instants."""

    def __init__(self, spec: Spec, zone: ZoneInfo) -> None:
        self._spec = spec
        self._zone = zone
        self._dated = tuple(entry for entry in spec.overrides if isinstance(entry, DateOverride))
        self._spans = tuple(_span(entry, zone) for entry in spec.overrides if isinstance(entry, SpanOverride))
        self._has_nights = any(window.end_s > DAY_S for rule in _rules(spec) for window in rule.windows)

    def spans(self, first: date, last: date) -> Iterator[StateSpan]:
        """The spans of the dates ``first`` to ``last``, both inclusive; a later one overrides earlier ones.

        First each date as closed, then its open windows, then the ``from``/``until`` overrides. A span may be
        empty, where the clocks skip all of it. The hours that a window loses at midnight are
        a span of their own, under the windows of the date that they fall on.
        """
        days = list(self._days(first, last + timedelta(days=1)))
        for day, tomorrow in pairwise(days):
            yield StateSpan(start=day.begins_at, end=tomorrow.begins_at, state=_closed(day))
        for day, tomorrow in pairwise(days):
            yield from self._windows(day, tomorrow)
        for span in self._spans:
            if span.start < days[-1].begins_at and span.end > days[0].begins_at:
                yield span

    def cuts(self, first: date, last: date) -> Iterator[Cut]:
        """The windows of the dates ``first`` to ``last``, both inclusive, that end early at midnight."""
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
                yield StateSpan(start=start, end=end, state=_open(day))

    def _uncut(self, day: _Day, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The windows of a date that ends at ``ends_at``, without regard to the next date's rule."""
        for window in day.rule.windows:
            # Where the clocks go back over midnight, 00:00 comes twice and the date ends at the first.
            is_to_the_end = window.end_s == DAY_S
            end = ends_at if is_to_the_end else latest(_wall(day, window.end_s), self._zone)
            yield earliest(_wall(day, window.start_s), self._zone), end

    def _cut(self, day: _Day, tomorrow: _Day, start: datetime, end: datetime) -> Iterator[StateSpan]:
        """The two parts of a window cut at midnight; the reasons tell it, unless the next date opens then."""
        opened, closed, midnight = _open(day), _closed(tomorrow), tomorrow.begins_at
        if self._opens_at_once(tomorrow):
            yield StateSpan(start=start, end=midnight, state=opened)
            return
        cut = f", cut at {midnight.astimezone(self._zone):%H:%M} by"
        reason, brief = f"{opened.reason}{cut} {_reason(tomorrow)}", f"{opened.brief}{cut} {_name(tomorrow)}"
        name = f"{opened.name}{cut} {_name(tomorrow)}"
        for since, until, state in ((start, midnight, opened), (midnight, end, closed)):
            cut_state = replace(state, reason=reason, brief=brief, name=name)
            yield StateSpan(start=since, end=until, state=cut_state)

    def _opens_at_once(self, day: _Day) -> bool:
        ends_at = self._begin(day.date + timedelta(days=1))
        return any(start == day.begins_at < min(end, ends_at) for start, end in self._uncut(day, ends_at))


def _rules(spec: Spec) -> Iterator[Rule]:
    """All rules that may govern a date."""
    yield from spec.week
    yield from (holiday.rule for holiday in spec.holidays)
    for entry in spec.overrides:
        if isinstance(entry, DateOverride):
            yield from entry.week or (entry.rule,)


def _cutting(day: _Day, tomorrow: _Day) -> DateOverride | HolidayRule | None:
    """The holiday or override of ``tomorrow`` that ends the windows of ``day`` at midnight, if one does."""
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
    state = ScheduleState(
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
        state=state,
    )


def _clip(moment: datetime) -> datetime:
    """Clipped to the years that schedules cover, so that no offset exceeds the range of ``datetime``."""
    if moment.year < FIRST_YEAR:
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    if moment.year > LAST_YEAR:
        return datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    return moment
