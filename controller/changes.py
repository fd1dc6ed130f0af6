"""What becomes of openings, models and money when one configuration takes another's place. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from controller.config.continuity import Finding, continuity
from controller.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from controller.config.model import Config, Pipeline
    from controller.schedule.model import Opening

AHEAD = timedelta(days=60)
"""How far the openings are compared."""
_YEAR = timedelta(days=365)
_MONTHS = 12


class Turn(StrEnum):
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``[start, end)``, aware UTC, is open in one configuration and closed in the other.

    ``was`` and ``now`` are the reasons of the one before and of the one after; ``zone`` is the schedule's.
    """

    turn: Turn
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
) -> tuple[Change, ...]:
    """What differs in ``[start, end)``, in time order; ``None`` is a schedule that is never open."""
    return tuple(_changes(before, after, start, end))


def _changes(
    before: Schedule | None, after: Schedule | None, start: datetime, end: datetime
) -> Iterator[Change]:
    edges = sorted({start, end, *_edges(before, start, end), *_edges(after, start, end)})
    spans = ((_turn(before, after, since), since, until) for since, until in pairwise(edges))
    for turn, run in groupby(spans, key=lambda span: span[0]):
        if turn is not None and (one := after or before):
            pieces = tuple(run)
            since, until = pieces[0][1], pieces[-1][2]
            was, now = _reason(before, since, until), _reason(after, since, until)
            yield Change(turn=turn, start=since, end=until, was=was, now=now, zone=one.zone)


def _edges(schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[datetime]:
    for opening in schedule.openings(start, end) if schedule else ():
        yield opening.start
        yield opening.end


def _turn(before: Schedule | None, after: Schedule | None, at: datetime) -> Turn | None:
    was, is_ = (schedule is not None and schedule.is_open(at) for schedule in (before, after))
    if was == is_:
        return None
    return Turn.ADDED if is_ else Turn.REMOVED


def _reason(schedule: Schedule | None, start: datetime, end: datetime) -> str:
    """Of an interval that is all open, or all closed."""
    if schedule is None:
        return "no pipeline"
    told = schedule.openings(start, end) or schedule.closures(start, end)
    return "; ".join(each.reason for each in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Opening hours in an average month of the year ahead, and what they cost (warm-ups are not in it)."""

    hours: float
    usd: float


def month(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Month:
    hours = hours_of(schedule.openings(now, now + _YEAR)) / _MONTHS
    return Month(hours=hours, usd=hours * usd_per_hour(pipeline))


def hours_of(spans: Iterable[Opening | Change]) -> float:
    return sum((span.end - span.start).total_seconds() for span in spans) / 3600


def usd_per_hour(pipeline: Pipeline) -> float:
    """With the units that it is started with."""
    return pipeline.model.inference_units * pipeline.unit_hour_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A pipeline as one of the two configurations has it."""

    pipeline: Pipeline
    schedule: Schedule
    month: Month
    continuity: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineChange:
    """``None``: the configuration does not have it."""

    name: str
    before: Side | None
    after: Side | None
    openings: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A model that the file before names and the one after does not, so that nobody would stop it.

    ``pipeline`` is the one that named it, as it was.
    """

    pipeline: Pipeline
    arn: str
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Openings are those of ``[start, end)``; pipelines in the order of the file after, then those gone."""

    start: datetime
    end: datetime
    pipelines: tuple[PipelineChange, ...]
    gone: tuple[Gone, ...]
    new: tuple[str, ...]
    """ARNs of models that only the file after names."""


def compare(before: Config | None, after: Config, now: datetime, ahead: timedelta = AHEAD) -> Comparison:
    """``before`` is ``None`` where there was no configuration; ``now`` is aware."""
    old, new = ({} if config is None else _sides(config, now) for config in (before, after))
    end = now + ahead
    return Comparison(
        start=now,
        end=end,
        pipelines=tuple(
            _pipeline(name, old.get(name), new.get(name), now, end) for name in dict.fromkeys((*new, *old))
        ),
        gone=gone(before, after),
        new=_only(after, before),
    )


def gone(before: Config | None, after: Config) -> tuple[Gone, ...]:
    """In the order of the file before."""
    lost = _only(before, after)
    return tuple(
        Gone(pipeline=pipeline, arn=arn, retired=arn != pipeline.model.arn)
        for pipeline in (before.pipelines if before else ())
        for arn in pipeline.model.arns
        if arn in lost
    )


def _sides(config: Config, now: datetime) -> dict[str, Side]:
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    return {
        pipeline.name: _side(pipeline, schedules[pipeline.schedule], now) for pipeline in config.pipelines
    }


def _side(pipeline: Pipeline, schedule: Schedule, now: datetime) -> Side:
    return Side(
        pipeline=pipeline,
        schedule=schedule,
        month=month(pipeline, schedule, now),
        continuity=continuity(pipeline, schedule, now),
    )


def _pipeline(
    name: str, before: Side | None, after: Side | None, start: datetime, end: datetime
) -> PipelineChange:
    old, new = (side.schedule if side else None for side in (before, after))
    return PipelineChange(name=name, before=before, after=after, openings=openings(old, new, start, end))


def _only(config: Config | None, other: Config | None) -> tuple[str, ...]:
    """The models that ``config`` names and ``other`` does not."""
    known = {arn for pipeline in (other.pipelines if other else ()) for arn in pipeline.model.arns}
    named = (arn for pipeline in (config.pipelines if config else ()) for arn in pipeline.model.arns)
    return tuple(arn for arn in named if arn not in known)
