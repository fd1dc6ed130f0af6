"""What changes in openings, costs, models and values when one configuration replaces another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from controller.config.retention_check import RetentionFinding, retention_finding
from controller.core.inputs import DEFAULT_LEAD
from controller.core.rules import STOP_AND_DRAIN
from controller.editing.lost_entries import LostHold, LostOverride, lost_holds, lost_overrides
from controller.schedule import Schedule
from controller.schedule.timeline import HORIZON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from controller.config.model import Config, Pipeline
    from controller.core.settings import Settings
    from controller.editing.value_changes import ValueChange
    from controller.schedule.model import Opening

_BEYOND = timedelta(days=2)
"""A window of the last date may run into the next one, and the date itself into the next one of UTC."""
_YEAR = timedelta(days=365)
_MONTHS = 12


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningChange:
    """``[start, end)``, aware UTC, is open in one configuration and closed in the other.

    ``was`` and ``now`` are the reasons of the one before and of the one after; ``zone`` is the schedule's.
    """

    turn: ChangeKind
    start: datetime
    end: datetime
    was: str
    now: str
    zone: ZoneInfo

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def openings(
    before: Schedule | None, after: Schedule | None, start: datetime, end: datetime
) -> tuple[OpeningChange, ...]:
    """What differs in ``[start, end)``, in time order; ``None`` is a schedule that is never open."""
    return tuple(_changes(before, after, start, end))


def _changes(
    before: Schedule | None, after: Schedule | None, start: datetime, end: datetime
) -> Iterator[OpeningChange]:
    edges = sorted({start, end, *_edges(before, start, end), *_edges(after, start, end)})
    spans = ((_turn(before, after, since), since, until) for since, until in pairwise(edges))
    for turn, run in groupby(spans, key=lambda span: span[0]):
        if turn is not None and (one := after or before):
            pieces = tuple(run)
            since, until = pieces[0][1], pieces[-1][2]
            was, now = _reason(before, since, until), _reason(after, since, until)
            yield OpeningChange(turn=turn, start=since, end=until, was=was, now=now, zone=one.zone)


def _edges(schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[datetime]:
    for opening in schedule.openings(start, end) if schedule else ():
        yield opening.start
        yield opening.end


def _turn(before: Schedule | None, after: Schedule | None, at: datetime) -> ChangeKind | None:
    was, is_ = (schedule is not None and schedule.is_open(at) for schedule in (before, after))
    if was == is_:
        return None
    return ChangeKind.ADDED if is_ else ChangeKind.REMOVED


def _reason(schedule: Schedule | None, start: datetime, end: datetime) -> str:
    """Of an interval that is all open, or all closed."""
    if schedule is None:
        return "no pipeline"
    told = schedule.openings(start, end) or schedule.closures(start, end)
    return "; ".join(each.reason for each in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a model is billed for in an average month of the year ahead, by the hours of its schedule.

    ``hours`` is how long it is up: openings, warm-ups (30 minutes where they are ``auto``) and the closures
    that are run through. ``usd`` is with the units that it is started with, ``usd_at_most`` with those that
    Rekognition may scale to.
    """

    hours: float
    usd: float
    usd_at_most: float


def month(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Month:
    hours = _up(pipeline.settings, schedule, now, now + _YEAR) / timedelta(hours=1) / _MONTHS
    model = pipeline.model
    most = max(model.inference_units, model.max_inference_units or 0)
    return Month(
        hours=hours,
        usd=hours * usd_per_hour(pipeline),
        usd_at_most=hours * most * pipeline.unit_hour_usd,
    )


def _up(settings: Settings, schedule: Schedule, start: datetime, end: datetime) -> timedelta:
    lead, bridge = _lead_and_bridge(settings)
    total, up_until = timedelta(0), start
    for opening in schedule.openings(start, end):
        since = max(opening.start - lead, up_until)
        if total and opening.start - up_until <= bridge:
            since = up_until
        total += opening.end - since
        up_until = opening.end
    return total


def _lead_and_bridge(settings: Settings) -> tuple[timedelta, timedelta]:
    if settings.on_demand is not None:
        return timedelta(0), settings.bridge or timedelta(0)
    lead = DEFAULT_LEAD if settings.warm_up is None else settings.warm_up
    return lead, lead + STOP_AND_DRAIN if settings.bridge is None else settings.bridge


def hours_of(spans: Iterable[Opening | OpeningChange]) -> float:
    return sum((span.end - span.start).total_seconds() for span in spans) / 3600


def signed_hours(changes: Iterable[OpeningChange]) -> float:
    """The hours added less those removed."""
    signs = {ChangeKind.ADDED: 1, ChangeKind.REMOVED: -1}
    return sum(signs[change.turn] * change.length.total_seconds() / 3600 for change in changes)


def usd_per_hour(pipeline: Pipeline) -> float:
    """With the units that it is started with."""
    return pipeline.model.inference_units * pipeline.unit_hour_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSnapshot:
    """A pipeline as one of the two configurations has it."""

    pipeline: Pipeline
    schedule: Schedule
    month: Month
    retention: RetentionFinding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineChange:
    """``None``: the configuration does not have it."""

    name: str
    before: PipelineSnapshot | None
    after: PipelineSnapshot | None
    openings: tuple[OpeningChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedModel:
    """A model that the file before names and the one after does not, so that nobody would stop it.

    ``pipeline`` is the one that named it, as it was.
    """

    pipeline: Pipeline
    arn: str
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigComparison:
    """Openings are those of ``[start, end)``; pipelines in the order of the file after, then those gone.

    ``holds`` in force and ``overrides`` still to come are those that the file after takes away.
    """

    start: datetime
    end: datetime
    pipelines: tuple[PipelineChange, ...]
    gone: tuple[RemovedModel, ...]
    new: tuple[str, ...]
    """ARNs of models that only the file after names."""
    values: tuple[ValueChange, ...]
    holds: tuple[LostHold, ...]
    overrides: tuple[LostOverride, ...]


def compare(before: Config | None, after: Config, now: datetime) -> ConfigComparison:
    """``before`` is ``None`` where there was no configuration; ``now`` is aware."""
    from controller.editing.value_changes import value_changes  # noqa: PLC0415 - late, for --help

    old, new = ({} if config is None else _sides(config, now) for config in (before, after))
    end = _end(before, after, now)
    differing = cache(lambda was, is_: openings(was, is_, now, end))
    return ConfigComparison(
        start=now,
        end=end,
        pipelines=tuple(
            _pipeline(name, old.get(name), new.get(name), differing) for name in dict.fromkeys((*new, *old))
        ),
        gone=gone(before, after),
        new=_only(after, before),
        values=value_changes(before, after, now.date(), end.date()),
        holds=lost_holds(before, after, now) if before else (),
        overrides=lost_overrides(before, after, now) if before else (),
    )


def _end(before: Config | None, after: Config, now: datetime) -> datetime:
    from controller.config.file_values import last_date  # noqa: PLC0415 - late, for --help
    from controller.editing.value_changes import last_event  # noqa: PLC0415 - as above

    configs = [config for config in (before, after) if config is not None]
    dates = (date for config in configs for date in (last_date(config), last_event(config, now.date())))
    ends = (datetime.combine(date, time.min, UTC) + _BEYOND for date in dates if date is not None)
    return max((now + HORIZON, *ends))


def gone(before: Config | None, after: Config) -> tuple[RemovedModel, ...]:
    """In the order of the file before."""
    lost = _only(before, after)
    return tuple(
        RemovedModel(pipeline=pipeline, arn=arn, retired=arn != pipeline.model.arn)
        for pipeline in (before.pipelines if before else ())
        for arn in pipeline.model.arns
        if arn in lost
    )


def _sides(config: Config, now: datetime) -> dict[str, PipelineSnapshot]:
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    return {
        pipeline.name: _side(pipeline, schedules[pipeline.schedule], now) for pipeline in config.pipelines
    }


def _side(pipeline: Pipeline, schedule: Schedule, now: datetime) -> PipelineSnapshot:
    return PipelineSnapshot(
        pipeline=pipeline,
        schedule=schedule,
        month=month(pipeline, schedule, now),
        retention=retention_finding(pipeline, schedule, now),
    )


def _pipeline(
    name: str,
    before: PipelineSnapshot | None,
    after: PipelineSnapshot | None,
    differing: Callable[[Schedule | None, Schedule | None], tuple[OpeningChange, ...]],
) -> PipelineChange:
    old, new = (side.schedule if side else None for side in (before, after))
    return PipelineChange(name=name, before=before, after=after, openings=differing(old, new))


def _only(config: Config | None, other: Config | None) -> tuple[str, ...]:
    """The models that ``config`` names and ``other`` does not."""
    known = {arn for pipeline in (other.pipelines if other else ()) for arn in pipeline.model.arns}
    named = (arn for pipeline in (config.pipelines if config else ()) for arn in pipeline.model.arns)
    return tuple(arn for arn in named if arn not in known)
