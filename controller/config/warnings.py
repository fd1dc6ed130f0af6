"""What is valid and still worth a look. Pure: the clock is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import TYPE_CHECKING

from controller.config.country_warnings import calendars_of, country_warnings
from controller.config.effect_warnings import effect_warnings
from controller.config.problems import in_order
from controller.config.retention_check import USUAL_START, retention_finding
from controller.core.settings import DEFAULT_DRAIN, DEFAULT_LEAD, DEFAULT_TICK, STOP_AND_DRAIN
from controller.core.timefmt import clock, compact, local_minute, minute
from controller.errors import Diagnostic
from controller.schedule import Schedule
from controller.schedule.ics import IcsEvents
from controller.schedule.model import DAY_S, DateOverride, SpanOverride
from controller.schedule.timeline import HORIZON
from controller.schedule.walltime import bounds, earliest, latest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from controller.config.model import Config, Pipeline
    from controller.core.settings import Budget, Settings
    from controller.schedule.calendars import Calendar
    from controller.schedule.model import Cut, HolidayRule, Spec

CALENDAR_ENDS_SOON = timedelta(days=60)
RUNNING_MODELS_QUOTA = 2
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html"""
LONG_WARM_UP = timedelta(hours=2)
HOURS_OF_A_MONTH = 31 * 24
"""Of the longest month; budgets are of months in UTC."""

_YEARS_OF_A_CALENDAR = 10
_NAMED = 3


def warnings(
    config: Config,
    now: datetime,
    kept: Mapping[str, timedelta] | None = None,
    *,
    running_models_quota: int = RUNNING_MODELS_QUOTA,
    tick: timedelta = DEFAULT_TICK,
) -> tuple[Diagnostic, ...]:
    """In the order of the file; ``now`` is aware, and nothing else is a clock; ``kept`` as below."""
    schedules = _schedules(config)
    found = [
        *_of_the_file(config),
        *config.notices,
        *(each for schedule in schedules.values() for each in _of_a_schedule(schedule, now)),
        *effect_warnings(config, schedules.values(), now),
        *country_warnings(schedules.values(), now),
        *(each for schedule in schedules.values() for each in _night_warnings(schedule, now)),
        *(
            each
            for pipeline in config.pipelines
            for each in _of_a_pipeline(pipeline, schedules[pipeline.schedule], now)
        ),
        *_retention_warnings(config, schedules, now, kept),
        *_too_many_at_once(config, schedules, now, running_models_quota, tick),
    ]
    return in_order(found)


def retention_warnings(
    config: Config, now: datetime, kept: Mapping[str, timedelta] | None = None
) -> tuple[Diagnostic, ...]:
    """Closures that outlast a queue; ``kept`` is how long the queues of pipelines, by name, really keep."""
    return tuple(_retention_warnings(config, _schedules(config), now, kept))


def quota_warnings(
    config: Config, now: datetime, quota: int, tick: timedelta = DEFAULT_TICK
) -> tuple[Diagnostic, ...]:
    """The first time in each account and region at which more than ``quota`` models are up at once."""
    return tuple(_too_many_at_once(config, _schedules(config), now, quota, tick))


def _schedules(config: Config) -> dict[str, Schedule]:
    """By name; what one has computed of its hours serves whoever looks at it."""
    return {name: Schedule(spec) for name, spec in config.specs.items()}


def _retention_warnings(
    config: Config, schedules: dict[str, Schedule], now: datetime, kept: Mapping[str, timedelta] | None
) -> Iterator[Diagnostic]:
    for pipeline in config.pipelines:
        found = retention_finding(
            pipeline, schedules[pipeline.schedule], now, (kept or {}).get(pipeline.name)
        )
        if found is not None:
            key = "consumer.retention" if found.hold is None else "hold"
            yield _of_a_key(pipeline, key, found.message)


_ETC = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")
_WITHOUT_SUMMER = {"EST": "America/New_York", "MST": "America/Denver"}
"""Zones with the name of a city's winter time, and the city that is probably meant."""


def _of_the_file(config: Config) -> Iterator[Diagnostic]:
    if not config.pipelines:
        yield Diagnostic(message="there are no pipelines: nothing is started, and nothing is stopped")


def _of_a_schedule(schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    spec, path = schedule.spec, f"schedules.{schedule.spec.name}"
    if meant := _WITHOUT_SUMMER.get(spec.zone):
        message = f"{spec.zone} knows no daylight saving: in summer it is an hour off the clocks of {meant}"
        yield Diagnostic(message=message, path=f"{path}.timezone")
    if (found := _ETC.fullmatch(spec.zone)) and int(found[2]):
        side, other = ("behind", "-") if found[1] == "+" else ("ahead of", "+")
        message = (
            f"the clocks of {spec.zone} are {int(found[2])} hours {side} UTC: the sign of Etc is reversed; "
            f"for UTC{found[1]}{found[2]} write Etc/GMT{other}{found[2]}, or a city's zone, which knows "
            "daylight saving"
        )
        yield Diagnostic(message=message, path=f"{path}.timezone")
    if not schedule.openings(now, now + HORIZON):
        message = f"never opens in the {HORIZON.days} days from {now:%Y-%m-%d}"
        yield Diagnostic(message=message, path=f"{path}.hours", line=spec.week[0].line)
    for index, override in enumerate(spec.overrides):
        if bounds(override, schedule.zone)[1] <= now:
            message = f"{override.rule.label} is past; it can be removed"
            yield Diagnostic(message=message, path=f"{path}.overrides[{index}]", line=override.rule.line)
            continue
        if doubtful := next(_doubtful_times(override, schedule.zone), None):
            yield Diagnostic(message=doubtful, path=f"{path}.overrides[{index}]", line=override.rule.line)
        if isinstance(override, DateOverride) and (worked := _worked_holidays(override, spec)):
            message = (
                f"it governs holidays too, which open then: {worked}; an entry after it closes them "
                "({date: …, hours: closed})"
            )
            yield Diagnostic(message=message, path=f"{path}.overrides[{index}]", line=override.rule.line)
    for calendar in calendars_of(spec):
        yield from _ending_soon(calendar, now)


def _doubtful_times(override: DateOverride | SpanOverride, zone: ZoneInfo) -> Iterator[str]:
    """Wall times at which an override begins or ends, and which the clocks skip or show twice."""
    for wall in _walls(override):
        first, second = earliest(wall, zone), latest(wall, zone)
        if first != second:
            yield (
                f"{minute(wall)} comes twice, when the clocks go back: a start is the first, an end "
                "the second; from and until with an offset say which "
                f"({first.astimezone(zone).isoformat(timespec='minutes')})"
            )
        elif first.astimezone(zone).replace(tzinfo=None) != wall:
            yield (
                f"{minute(wall)} does not come, since the clocks skip it: "
                f"{clock(first.astimezone(zone))} is meant; what begins and ends there has no effect"
            )


def _walls(override: DateOverride | SpanOverride) -> Iterator[datetime]:
    """Without the midnights that begin and end a date, which are where the date does."""
    match override:
        case SpanOverride():
            yield from (each for each in (override.start, override.end) if each.tzinfo is None)
        case DateOverride(first=first, last=last):
            for day in _dates(first, min(last, first + HORIZON)):
                seconds = (
                    each for window in override.on(day).windows for each in (window.start_s, window.end_s)
                )
                midnight = datetime.combine(day, time.min)
                yield from (midnight + timedelta(seconds=each) for each in seconds if each not in {0, DAY_S})


def _worked_holidays(season: DateOverride, spec: Spec) -> str:
    """Dates that the calendars close, and that a week of hours opens as if they were ordinary ones."""
    if season.week is None:
        return ""
    later = spec.overrides[spec.overrides.index(season) + 1 :]
    found = [
        f"{day} {' and '.join(names)}"
        for day in _dates(season.first, min(season.last, season.first + HORIZON))
        if season.on(day).windows
        and (names := _closed_by(spec, day))
        and not any(isinstance(each, DateOverride) and each.first <= day <= each.last for each in later)
    ]
    return ", ".join((*found[:_NAMED], *("…" for _ in found[_NAMED : _NAMED + 1])))


def _dates(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _closed_by(spec: Spec, day: date) -> tuple[str, ...]:
    found = spec.holiday(day)
    return found[1] if found and not found[0].rule.windows else ()


def _ending_soon(calendar: Calendar, now: datetime) -> Iterator[Diagnostic]:
    years = range(now.year - 1, now.year + _YEARS_OF_A_CALENDAR)
    for part in calendar.parts:
        if not isinstance(part, IcsEvents) or part.endless:
            continue
        last = part.last(years)
        if last is None or last <= (now + CALENDAR_ENDS_SOON).date():
            message = _end_of(part, last, years)
            yield Diagnostic(message=message, path=f"calendars.{calendar.name}.ics", line=calendar.line)


def _end_of(events: IcsEvents, last: date | None, years: range) -> str:
    is_later = events.reaches(date(years.stop, 1, 1))
    if last is None and is_later:
        return (
            f"it has no event from {years[0]} to {years[-1]}; these are ordinary days until the file has more"
        )
    before = f" before {years.stop}" if is_later else ""
    tells = f"its last event{before} is on {last}" if last else f"it has no event since {years[0]}"
    return f"{tells}; dates after that are ordinary days until the file has more"


def _of_a_pipeline(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    hold, path = pipeline.settings.hold, f"pipelines.{pipeline.name}"
    if hold is not None and hold.until <= now:
        message = (
            f"the hold ended on {local_minute(hold.until, schedule.zone)} ({hold.reason}); it can be removed"
        )
        yield Diagnostic(message=message, path=f"{path}.hold", line=pipeline.settings.lines["hold"])
    for key, message in _doubtful_keys(pipeline, schedule, now):
        yield _of_a_key(pipeline, key, message)
    yield from _shorter_than_the_lead(pipeline, schedule, now)


def _of_a_key(pipeline: Pipeline, key: str, message: str) -> Diagnostic:
    """In the line of the key, or of the pipeline where the key is not written."""
    line = pipeline.settings.lines.get(key.rpartition(".")[2], pipeline.line)
    return Diagnostic(message=message, path=f"pipelines.{pipeline.name}.{key}", line=line)


_MANUAL_RESCUE = (
    "a person starts the model, for a rescue too: messages that would expire in a closure are lost unless "
    "somebody starts it. Write rescue: never to leave it at that, or start: auto"
)
_MANUAL_ON_DEMAND = (
    "with start: manual messages start nothing; on_demand only stops a model that nobody uses. "
    "Write start: auto to have them start it"
)


def _doubtful_keys(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Iterator[tuple[str, str]]:
    """Each with what is doubtful about its value."""
    settings = pipeline.settings
    if settings.warm_up is not None and settings.warm_up > LONG_WARM_UP:
        yield "warm_up", _long_warm_up(settings.warm_up)
    margin = settings.rescue_margin(settings.retention)
    if "rescue" in settings.lines and settings.rescue is not None and settings.rescue > margin:
        yield "rescue", _cut_rescue(settings.rescue, settings.retention, margin)
    if settings.manual_start and settings.consumer and settings.rescue is not None:
        yield "start", _MANUAL_RESCUE
    if settings.manual_start and settings.on_demand is not None:
        yield "on_demand", _MANUAL_ON_DEMAND
    if settings.budget is not None:
        units = pipeline.model.max_inference_units or pipeline.model.inference_units
        yield from (("budget", each) for each in _doubtful_budget(settings.budget, units))
    typical = _typical_closure(schedule, now)
    if typical is not None and settings.overtime > typical:
        yield "overtime", _long_overtime(settings.overtime, typical)


def _long_warm_up(warm_up: timedelta) -> str:
    return (
        f"{compact(warm_up)} are paid for before every opening; a start takes up to "
        f"{compact(USUAL_START)} (warm_up: auto learns how long)"
    )


def _cut_rescue(rescue: timedelta, retention: timedelta, margin: timedelta) -> str:
    than = "the retention" if rescue > retention else "a quarter of the retention"
    return (
        f"{compact(rescue)} is longer than {than} ({compact(retention)}); a rescue begins at most a "
        f"quarter of it before a message expires, here {compact(margin)}"
    )


def _doubtful_budget(budget: Budget, units: int) -> Iterator[str]:
    most = HOURS_OF_A_MONTH * units
    if budget.unit_hours_per_month > most:
        yield (
            f"no month has more than {most:,} unit-hours ({HOURS_OF_A_MONTH} h with {units} inference "
            f"{'units' if units > 1 else 'unit'}): a budget of {budget.unit_hours_per_month:g} has no effect"
        )
    elif budget.enforce:
        yield _enforced(budget)


def _enforced(budget: Budget) -> str:
    return (
        f"when the month's {budget.unit_hours_per_month:g} unit-hours are used up nothing is started until "
        "the next month, openings and rescue included: messages that expire until then are lost"
    )


def _typical_closure(schedule: Schedule, now: datetime) -> timedelta | None:
    """The median length; the two that may be cut by now and by the horizon are among hundreds."""
    lengths = sorted(closure.end - closure.start for closure in schedule.closures(now, now + HORIZON))
    return lengths[len(lengths) // 2] if lengths else None


def _long_overtime(overtime: timedelta, typical: timedelta) -> str:
    return (
        f"{compact(overtime)} is longer than a typical closure ({compact(typical)}): while messages "
        "wait the model does not stop between two openings"
    )


def _lead(settings: Settings) -> timedelta:
    return DEFAULT_LEAD if settings.warm_up is None else settings.warm_up


def _shorter_than_the_lead(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """One for each rule that makes such an opening, with its first date; openings cut by now are left out."""
    lead, told = _lead(pipeline.settings), set()
    if pipeline.settings.on_demand is not None:
        return
    for opening in schedule.openings(now, now + HORIZON):
        length = opening.end - opening.start
        if length >= lead or opening.start == now or opening.end == now + HORIZON or opening.reason in told:
            continue
        told.add(opening.reason)
        message = (
            f"the opening at {local_minute(opening.start, schedule.zone)} ({opening.reason}) lasts "
            f"{compact(length)}, less than its warm-up of {compact(lead)}: the model is paid for longer than "
            "it serves"
        )
        yield _of_a_key(pipeline, "warm_up", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunningSpan:
    """A model is up in ``[start, end)``: started by its lead, stopped after its overtime and drain."""

    pipeline: Pipeline
    start: datetime
    end: datetime


def _runs_of(
    pipeline: Pipeline, schedule: Schedule, now: datetime, tick: timedelta
) -> Iterator[_RunningSpan]:
    settings, lead = pipeline.settings, _lead(pipeline.settings) + tick
    before = timedelta(0) if settings.on_demand else lead
    after = settings.overtime + (settings.drain or DEFAULT_DRAIN)
    bridge = lead + STOP_AND_DRAIN if settings.bridge is None else settings.bridge
    start = end = None
    for opening in schedule.openings(now, now + HORIZON):
        if start and end and opening.start - end > max(bridge, before + after):
            yield _RunningSpan(pipeline=pipeline, start=start, end=end + after)
            start = None
        start, end = start or opening.start - before, opening.end
    if start and end:
        yield _RunningSpan(pipeline=pipeline, start=start, end=end + after)


def _too_many_at_once(
    config: Config, schedules: dict[str, Schedule], now: datetime, quota: int, tick: timedelta
) -> Iterator[Diagnostic]:
    by_place: dict[tuple[str, str], list[Pipeline]] = {}
    for pipeline in config.pipelines:
        place = pipeline.model.account, pipeline.model.target.region
        by_place.setdefault(place, []).append(pipeline)
    for place, pipelines in sorted(by_place.items()):
        runs = (_runs_of(each, schedules[each.schedule], now, tick) for each in pipelines)
        up: list[_RunningSpan] = []
        for run in merge(*runs, key=lambda run: run.start) if len(pipelines) > quota else ():
            up = [*(other for other in up if other.end > run.start), run]
            if len(up) > quota:
                yield _over_quota(up, place, quota)
                break


def _over_quota(up: list[_RunningSpan], place: tuple[str, str], quota: int) -> Diagnostic:
    account, region = place
    names = ", ".join(sorted(run.pipeline.name for run in up))
    last = max((run.pipeline for run in up), key=lambda pipeline: pipeline.line)
    message = (
        f"{len(up)} models are up at once at {minute(up[-1].start)} UTC in {region} of account "
        f"{account} ({names}; warm-up, overtime and drain counted), and the quota of running models is "
        f"{quota}: AWS refuses the start beyond it; raise the quota, or let the schedules take turns"
    )
    return Diagnostic(
        message=message, path=f"pipelines.{last.name}.schedule", line=last.settings.lines["schedule"]
    )


def _night_warnings(schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """One for each holiday rule and each override that cuts nights in the 400 days from ``now`` (aware)."""
    cuts = schedule.cuts(now, now + HORIZON)
    for rule, place in _places_of_rules(schedule.spec):
        if of_rule := [cut for cut in cuts if cut.by is rule]:
            path = f"schedules.{schedule.spec.name}.{place}"
            yield Diagnostic(message=_night_message(of_rule, schedule.zone), path=path, line=rule.rule.line)


def _places_of_rules(spec: Spec) -> Iterator[tuple[HolidayRule | DateOverride, str]]:
    for index, rule in enumerate(spec.holidays):
        yield rule, f"holidays[{index}]" if len(spec.holidays) > 1 else "holidays"
    for index, entry in enumerate(spec.overrides):
        if isinstance(entry, DateOverride):
            yield entry, f"overrides[{index}]"


def _night_message(cuts: list[Cut], zone: ZoneInfo) -> str:
    first, rest = cuts[0], len(cuts) - _NAMED
    named = "; ".join(_night(cut, zone) for cut in cuts[:_NAMED])
    more = f"; and {rest} more until {_wall_time(cuts[-1].start, zone):%Y-%m-%d}" if rest > 0 else ""
    start, end = (_wall_time(each, zone).isoformat(timespec="minutes") for each in (first.start, first.end))
    return (
        f"nights end at midnight, since another rule governs the next date: {named}{more}; an override keeps "
        f"one whole ({{from: {start}, until: {end}, state: open}})"
    )


def _night(cut: Cut, zone: ZoneInfo) -> str:
    """``2026-12-24 22:00-06:00 is cut at 00:00 by Christmas Day``."""
    start, at, end = (_wall_time(each, zone) for each in (cut.start, cut.at, cut.end))
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M} is cut at {at:%H:%M} by {cut.named}"


def _wall_time(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
