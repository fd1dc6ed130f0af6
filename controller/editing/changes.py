"""Compares two configurations: openings, costs, models, values, and lost holds and overrides. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from controller.config.retention_check import RetentionFinding, retention_finding
from controller.core.states import Desired
from controller.costs import AverageMonth, average_month
from controller.editing.lost_entries import LostHold, LostOverride, lost_holds, lost_overrides
from controller.schedule import Schedule
from controller.schedule.model import Rule, SpanOverride
from controller.schedule.timeline import HORIZON
from controller.schedule.walltime import latest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from controller.config.model import Config, Pipeline
    from controller.editing.value_changes import ValueChange

_DAY = timedelta(days=1)
_BEYOND = timedelta(days=2)
"""A window of the last date may run into the next one, and the date itself into the next one of UTC."""


class ChangeKind(StrEnum):
    """Whether the time becomes open (``ADDED``) or closed."""

    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningChange:
    """``[start, end)``, aware UTC, is open in one configuration and closed in the other.

    ``reason_before`` and ``reason_after`` are those of the two schedules; ``zone`` is the schedule's.
    """

    kind: ChangeKind
    start: datetime
    end: datetime
    reason_before: str
    reason_after: str
    zone: ZoneInfo

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def opening_changes(
    before: Schedule | None, after: Schedule | None, start: datetime, end: datetime
) -> tuple[OpeningChange, ...]:
    """What differs in ``[start, end)``, in time order; ``None`` is a schedule that is never open."""
    return tuple(_opening_changes(before, after, start, end))


def _opening_changes(
    before: Schedule | None, after: Schedule | None, start: datetime, end: datetime
) -> Iterator[OpeningChange]:
    edges = sorted({start, end, *_edges(before, start, end), *_edges(after, start, end)})
    spans = ((_change_kind(before, after, since), since, until) for since, until in pairwise(edges))
    for kind, run in groupby(spans, key=lambda span: span[0]):
        if kind is not None and (one := after or before):
            same = tuple(run)
            since, until = same[0][1], same[-1][2]
            yield OpeningChange(
                kind=kind,
                start=since,
                end=until,
                reason_before=_reason(before, since, until),
                reason_after=_reason(after, since, until),
                zone=one.zone,
            )


def _edges(schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[datetime]:
    for opening in schedule.openings(start, end) if schedule else ():
        yield opening.start
        yield opening.end


def _change_kind(before: Schedule | None, after: Schedule | None, at: datetime) -> ChangeKind | None:
    was, is_ = (schedule is not None and schedule.is_open(at) for schedule in (before, after))
    if was == is_:
        return None
    return ChangeKind.ADDED if is_ else ChangeKind.REMOVED


def _reason(schedule: Schedule | None, start: datetime, end: datetime) -> str:
    """The reason of an interval that is all open, or all closed."""
    if schedule is None:
        return "no pipeline"
    spans = schedule.openings(start, end) or schedule.closures(start, end)
    return "; ".join(span.reason for span in spans)


def signed_hours(changes: Iterable[OpeningChange]) -> float:
    """The hours added less those removed."""
    return _signed_length(changes) / timedelta(hours=1)


def _signed_length(changes: Iterable[OpeningChange]) -> timedelta:
    signs = {ChangeKind.ADDED: 1, ChangeKind.REMOVED: -1}
    return sum((signs[change.kind] * change.length for change in changes), timedelta(0))


def length_by_day(changes: Iterable[OpeningChange]) -> dict[date, timedelta]:
    """The time added less the time removed, of each local date on which something changes."""
    found: dict[date, list[OpeningChange]] = {}
    for change in changes:
        for part in _by_day(change):
            found.setdefault(part.start.astimezone(part.zone).date(), []).append(part)
    return {day: _signed_length(parts) for day, parts in found.items()}


def _by_day(change: OpeningChange) -> Iterator[OpeningChange]:
    """The change cut at each local midnight."""
    start = change.start
    while start < change.end:
        end = min(change.end, _day_end(start, change.zone))
        yield replace(change, start=start, end=end)
        start = end


def _day_end(at: datetime, zone: ZoneInfo) -> datetime:
    """The end of the local date of ``at``."""
    return latest(datetime.combine(at.astimezone(zone).date() + _DAY, time.min), zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSnapshot:
    """A pipeline as one of the two configurations has it; ``schedule`` is as its hold leaves it."""

    pipeline: Pipeline
    schedule: Schedule
    month: AverageMonth
    retention: RetentionFinding | None

    @property
    def risk(self) -> str | None:
        """Why messages may expire, in a clause; ``None``: by the schedule none does."""
        settings = self.pipeline.settings
        if not settings.consumer:
            return None
        if self.retention is not None and self.retention.lost:
            return self.retention.message
        if settings.manual_start:
            return "a person starts the model (start: manual); until then nothing is consumed or rescued"
        if self.month.over_budget:
            return "the enforced budget ends before the month does; what expires until the next one is lost"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineChange:
    """A pipeline before and after; ``None``: the configuration does not have it."""

    name: str
    before: PipelineSnapshot | None
    after: PipelineSnapshot | None
    openings: tuple[OpeningChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedModel:
    """A model that only the file before names: the controller no longer stops it.

    ``pipeline`` is the one that named it, as it was.
    """

    pipeline: Pipeline
    arn: str
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedMapping:
    """An event source mapping that only the file before names: the controller no longer disables it.

    ``pipeline`` is the one that named it, as it was.
    """

    pipeline: Pipeline
    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigComparison:
    """What changes when one configuration replaces another.

    Openings begin in ``[start, end)``, which ends with a local date; where pipelines have several zones, with
    the last of them. ``pipelines`` are in the order of the file after, then those
    removed; ``added_models`` are ARNs. ``lost_holds`` are in force, ``lost_overrides`` still to come.
    """

    start: datetime
    end: datetime
    pipelines: tuple[PipelineChange, ...]
    removed_models: tuple[RemovedModel, ...]
    removed_mappings: tuple[RemovedMapping, ...]
    added_models: tuple[str, ...]
    values: tuple[ValueChange, ...]
    lost_holds: tuple[LostHold, ...]
    lost_overrides: tuple[LostOverride, ...]


def compare(before: Config | None, after: Config, now: datetime) -> ConfigComparison:
    """The changes from ``before`` (``None``: there was no configuration) to ``after``; ``now`` is aware."""
    from controller.editing.value_changes import value_changes  # noqa: PLC0415 - late, for --help

    old, new = ({} if config is None else _snapshots(config, now) for config in (before, after))
    horizon = _horizon(before, after, now)
    zones = {each.schedule.zone for each in (*old.values(), *new.values())}
    changes_between = cache(lambda was, is_: _changes_from(was, is_, now, horizon))
    return ConfigComparison(
        start=now,
        end=max((_day_end(horizon, zone) for zone in zones), default=horizon),
        pipelines=tuple(
            _pipeline(name, old.get(name), new.get(name), changes_between)
            for name in dict.fromkeys((*new, *old))
        ),
        removed_models=removed_models(before, after),
        removed_mappings=tuple(_removed_mappings(before, after)),
        added_models=_only(after, before),
        values=value_changes(before, after, now.date(), horizon.date()),
        lost_holds=lost_holds(before, after, now) if before else (),
        lost_overrides=lost_overrides(before, after, now) if before else (),
    )


def _changes_from(
    before: Schedule | None, after: Schedule | None, start: datetime, horizon: datetime
) -> tuple[OpeningChange, ...]:
    """Those that begin until the end of the horizon's date; one that lasts for another date is cut there."""
    schedule = after or before
    if schedule is None:
        return ()
    end = _day_end(horizon, schedule.zone)
    found = opening_changes(before, after, start, end + _DAY)
    return tuple(
        replace(each, end=end) if each.end == end + _DAY else each for each in found if each.start < end
    )


def _horizon(before: Config | None, after: Config, now: datetime) -> datetime:
    from controller.config.file_values import last_date  # noqa: PLC0415 - late, for --help
    from controller.editing.value_changes import last_event  # noqa: PLC0415 - as above

    configs = [config for config in (before, after) if config is not None]
    dates = (date for config in configs for date in (last_date(config), last_event(config, now.date())))
    ends = (datetime.combine(date, time.min, UTC) + _BEYOND for date in dates if date is not None)
    return max((now + HORIZON, *ends))


def removed_models(before: Config | None, after: Config) -> tuple[RemovedModel, ...]:
    """The models that only ``before`` names, in the order of its file."""
    removed = _only(before, after)
    return tuple(
        RemovedModel(pipeline=pipeline, arn=arn, retired=arn != pipeline.model.arn)
        for pipeline in (before.pipelines if before else ())
        for arn in pipeline.model.arns
        if arn in removed
    )


def _removed_mappings(before: Config | None, after: Config) -> Iterator[RemovedMapping]:
    named = {each.mapping_uuid for each in after.pipelines}
    for pipeline in before.pipelines if before else ():
        uuid = pipeline.mapping_uuid
        if uuid is not None and uuid not in named:
            yield RemovedMapping(pipeline=pipeline, uuid=uuid)


def _snapshots(config: Config, now: datetime) -> dict[str, PipelineSnapshot]:
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    return {
        pipeline.name: _snapshot(pipeline, schedules[pipeline.schedule], now) for pipeline in config.pipelines
    }


def _snapshot(pipeline: Pipeline, schedule: Schedule, now: datetime) -> PipelineSnapshot:
    held = _as_held(pipeline, schedule, now)
    return PipelineSnapshot(
        pipeline=pipeline,
        schedule=held,
        month=average_month(pipeline, held, now),
        retention=retention_finding(pipeline, schedule, now),
    )


def _as_held(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Schedule:
    """With the time until the end of its hold open or closed; under ``as-is`` nobody knows which."""
    hold = pipeline.settings.hold
    if hold is None or hold.until <= now or hold.desired is Desired.AS_IS:
        return schedule
    rule = Rule(label=f"hold ({hold.reason})", line=pipeline.settings.lines["hold"])
    span = SpanOverride(start=now, end=hold.until, state_open=hold.desired is Desired.ON, rule=rule)
    return Schedule(replace(schedule.spec, overrides=(*schedule.spec.overrides, span)))


def _pipeline(
    name: str,
    before: PipelineSnapshot | None,
    after: PipelineSnapshot | None,
    changes_between: Callable[[Schedule | None, Schedule | None], tuple[OpeningChange, ...]],
) -> PipelineChange:
    old, new = (snapshot.schedule if snapshot else None for snapshot in (before, after))
    return PipelineChange(name=name, before=before, after=after, openings=changes_between(old, new))


def _only(config: Config | None, other: Config | None) -> tuple[str, ...]:
    """The models that ``config`` names and ``other`` does not."""
    known = {arn for pipeline in (other.pipelines if other else ()) for arn in pipeline.model.arns}
    named = (arn for pipeline in (config.pipelines if config else ()) for arn in pipeline.model.arns)
    return tuple(arn for arn in named if arn not in known)
