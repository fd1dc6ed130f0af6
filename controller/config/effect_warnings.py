"""Warnings of what stands in the file and has no effect. Pure: the clock is an argument."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never

from controller.config import times
from controller.config.country_warnings import calendars_of
from controller.config.yaml_tree import Mapping, Sequence, entries, find, items, plain
from controller.errors import Diagnostic
from controller.schedule.calendars import Country, Dates
from controller.schedule.ics import IcsEvents
from controller.schedule.model import DateOverride, SpanOverride
from controller.schedule.timeline import HORIZON
from controller.schedule.walltime import bounds, earliest, latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.config.model import Config
    from controller.config.yaml_tree import Node
    from controller.schedule import Schedule
    from controller.schedule.calendars import Calendar
    from controller.schedule.model import HolidayNames, Rule, Spec, Window

_WEEK = 7


def effect_warnings(config: Config, schedules: Iterable[Schedule], now: datetime) -> Iterator[Diagnostic]:
    """Of values of the whole file; ``schedules`` are those of ``config``, ``now`` is aware."""
    yield from _unused(config)
    yield from _windows_within_others(config.tree.root)
    calendars: dict[str, Calendar] = {}
    for schedule in schedules:
        calendars |= {each.name: each for each in calendars_of(schedule.spec)}
        yield from _overrides(schedule, now)
        yield from _skipped_windows(schedule, now)
    for calendar in calendars.values():
        if any(_is_emptied(part, now.year) for part in calendar.parts):
            path = f"calendars.{calendar.name}.except"
            if written := find(config.tree.root, *path.split(".")):
                message = "it leaves out every holiday: those dates are ordinary days"
                yield written.diagnostic(message, path)


def _unused(config: Config) -> Iterator[Diagnostic]:
    """Calendars without a schedule, schedules without a pipeline; nothing where there is no pipeline."""
    if not config.pipelines:
        return
    calendars = {each.name for spec in config.specs.values() for each in calendars_of(spec)}
    yield from _not_among(config, "calendars", calendars, "no schedule uses it; name it under holidays")
    schedules = {each.schedule for each in config.pipelines}
    yield from _not_among(config, "schedules", schedules, "no pipeline uses it; nothing runs by its hours")


def _not_among(config: Config, section: str, used: set[str], message: str) -> Iterator[Diagnostic]:
    for key, _ in entries(find(config.tree.root, section)):
        if key.text not in used:
            yield key.diagnostic(message, f"{section}.{key.text}")


def _windows_within_others(root: Node | None) -> Iterator[Diagnostic]:
    for path, node in _hours(root):
        for inner, outer in _pairs_within(times.windows(plain(node))):
            message = f"{times.clock_range(inner)} lies within {times.clock_range(outer)}: it has no effect"
            yield node.diagnostic(message, path)


def _hours(node: Node | None, path: str = "schedules") -> Iterator[tuple[str, Node]]:
    """The value of every day, holiday rule and override of the schedules that has hours, with its path."""
    for name, schedule in entries(find(node, "schedules")):
        of_schedule = f"{path}.{name.text}"
        yield from _of_days(find(schedule, "hours"), f"{of_schedule}.hours")
        for section in ("holidays", "overrides"):
            yield from _of_rules(find(schedule, section), f"{of_schedule}.{section}")


def _of_rules(node: Node | None, path: str) -> Iterator[tuple[str, Node]]:
    rules = [(f"{path}[{index}]", item) for index, item in enumerate(items(node))]
    for here, rule in rules if isinstance(node, Sequence) else [(path, node)]:
        yield from _of_days(find(rule, "hours"), f"{here}.hours")


def _of_days(node: Node | None, path: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from ((f"{path}.{day.text}", hours) for day, hours in node.entries)
    elif node is not None:
        yield path, node


def _pairs_within(windows: Iterable[Window]) -> Iterator[tuple[Window, Window]]:
    """Each window that adds nothing to a longer one, or to an equal one, with that one."""
    longest: Window | None = None
    for window in sorted(windows, key=lambda each: (each.start_s, -each.end_s)):
        if longest is not None and window.end_s <= longest.end_s:
            yield window, longest
        else:
            longest = window


def _is_emptied(part: HolidayNames, year: int) -> bool:
    """Whether the part has holidays, and all of them are excepted."""
    match part:
        case Country():
            holidays = [found for at in range(year - 1, year + 2) for found in part.year(at).values()]
            known = [each.known_as for found in holidays for each in found]
            return bool(known) and all(part.excepted.covers(each) for each in known)
        case Dates():
            names = part.all_names()
            return bool(names) and all(part.excepted.covers((each,)) for each in names)
        case IcsEvents():
            titles = part.titles()
            return bool(titles) and all(part.excepted.covers((each,)) for each in titles)
        case _:
            return False


def _overrides(schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """Of overrides that are not past yet: what is past needs no second warning."""
    overrides, path = schedule.spec.overrides, f"schedules.{schedule.spec.name}.overrides"
    weeks = (
        (index, each) for index, override in enumerate(overrides) for each in _days_without_dates(override)
    )
    for index, message in (*weeks, *_covered(schedule)):
        if bounds(overrides[index], schedule.zone)[1] > now:
            line = overrides[index].rule.line
            yield Diagnostic(message=message, path=f"{path}[{index}]", line=line)


def _days_without_dates(override: DateOverride | SpanOverride) -> Iterator[str]:
    """Of a week of hours over so few dates that some of its days are not among them."""
    if not isinstance(override, DateOverride) or override.week is None:
        return
    last = min(override.last, override.first + timedelta(days=_WEEK - 1))
    used = [override.on(day) for day in _dates(override.first, last)]
    closed = "" if any(each.windows for each in used) else "; all of them are closed"
    for rule in dict.fromkeys(override.week):
        if rule.windows and rule not in used:
            day = times.WEEK[override.week.index(rule)]
            yield f"no date of it is a {day}: the hours {rule.hours} have no effect{closed}"


def _dates(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _covered(schedule: Schedule) -> Iterator[tuple[int, str]]:
    """Overrides all of whose dates, or all of whose time, others govern: the index of each, and why."""
    every_span, dates, spans = _Cover(), _Cover(), _Cover()
    for override in schedule.spec.overrides:
        if isinstance(override, SpanOverride):
            every_span.add(*_seconds(override, schedule))
    for index, override in reversed(tuple(enumerate(schedule.spec.overrides))):
        start, end = _seconds(override, schedule)
        match override:
            case DateOverride(first=first, last=last):
                if dates.holds(first.toordinal(), last.toordinal() + 1):
                    yield index, _NO_DATE_LEFT
                elif every_span.holds(start, end):
                    yield index, _NO_TIME_LEFT
                dates.add(first.toordinal(), last.toordinal() + 1)
            case SpanOverride():
                if spans.holds(start, end):
                    yield index, _NO_TIME_LEFT
                spans.add(start, end)
            case _:
                assert_never(override)


def _seconds(override: DateOverride | SpanOverride, schedule: Schedule) -> tuple[float, float]:
    start, end = bounds(override, schedule.zone)
    return start.timestamp(), end.timestamp()


_NO_DATE_LEFT = "it has no effect: entries after it govern all of its dates; remove it, or move it after them"
_NO_TIME_LEFT = (
    "it has no effect: all of its time is in entries with from and until, which are applied last, in the "
    "order of the file"
)


@dataclass(slots=True)
class _Cover:
    """The union of half-open intervals, as ascending and disjoint ones."""

    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def holds(self, start: float, end: float) -> bool:
        """Whether all of ``[start, end)`` is in it."""
        at = bisect_right(self.starts, start) - 1
        return at >= 0 and end <= self.ends[at]

    def add(self, start: float, end: float) -> None:
        first, last = bisect_left(self.ends, start), bisect_right(self.starts, end)
        self.starts[first:last] = [min((start, *self.starts[first:last][:1]))]
        self.ends[first:last] = [max((end, *self.ends[first:last][-1:]))]


def _skipped_windows(schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """Hours of the week or of holidays that lie wholly in what the clocks skip on a date to come.

    An override gives that date other hours; its own are checked with it.
    """
    spec, zone = schedule.spec, schedule.zone
    today = now.astimezone(zone).date()
    for day in _dates(today, today + HORIZON):
        midnight = datetime.combine(day, time.min)
        if zone.utcoffset(midnight) == zone.utcoffset(midnight + timedelta(days=1)):
            continue
        for rule, section in _ordinary_rule(spec, day):
            for window in rule.windows:
                start, end = (midnight + timedelta(seconds=each) for each in (window.start_s, window.end_s))
                if now < latest(end, zone) <= earliest(start, zone):
                    path = f"schedules.{spec.name}.{section}"
                    yield Diagnostic(message=_skipped(day, window), path=path, line=rule.line)


def _skipped(day: date, window: Window) -> str:
    return (
        f"{day} {times.clock_range(window)} does not come, since the clocks skip it: nothing opens then; an "
        f"override gives the date other hours ({{date: {day}, hours: …}})"
    )


def _ordinary_rule(spec: Spec, day: date) -> Iterator[tuple[Rule, str]]:
    """The rule of the week or of holidays that governs ``day``, and its key; none where an override does."""
    if spec.override(day) is not None:
        return
    match spec.holiday(day):
        case None:
            yield spec.week[day.weekday()], "hours"
        case governing, _:
            index = f"[{spec.holidays.index(governing)}]" if len(spec.holidays) > 1 else ""
            yield governing.rule, f"holidays{index}"
