"""Finds holds in force and overrides still to come that a replacement of the configuration lacks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from controller.core.states import Desired
from controller.schedule import load_zone
from controller.schedule.model import DateOverride, SpanOverride
from controller.schedule.walltime import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from controller.config.model import Config, Pipeline
    from controller.core.settings import Hold
    from controller.schedule.model import Spec


_DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHold:
    """A hold in force that the replacement ends early; ``instead`` is the pipeline's hold there, if any."""

    pipeline: str
    line: int
    hold: Hold
    instead: Hold | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostOverride:
    """An override still to come that the replacement lacks.

    ``[start, end)``, aware UTC, is when it can matter; ``label`` is as in the reasons of openings.
    """

    schedule: str
    line: int
    label: str
    start: datetime
    end: datetime


def lost_holds(before: Config, after: Config, now: datetime) -> tuple[LostHold, ...]:
    """The holds in force at ``now`` (aware) that the replacement ends early, or replaces by another state.

    Not so ``off`` of a pipeline whose model is named no more: nothing starts it.
    """
    return tuple(_holds(before, after, now))


def _holds(before: Config, after: Config, now: datetime) -> Iterator[LostHold]:
    named = {arn for each in after.pipelines for arn in each.model.arns}
    for pipeline in before.pipelines:
        hold, successor = pipeline.settings.hold, _successor(after, pipeline)
        if hold is None or hold.until <= now:
            continue
        if successor is None and hold.desired is Desired.OFF and named.isdisjoint(pipeline.model.arns):
            continue
        instead = successor.settings.hold if successor else None
        if instead is None or instead.desired is not hold.desired or instead.until < hold.until:
            line = pipeline.settings.lines["hold"]
            yield LostHold(pipeline=pipeline.name, line=line, hold=hold, instead=instead)


def _successor(config: Config, pipeline: Pipeline) -> Pipeline | None:
    """The pipeline of that name; where there is none, that which has its model under another name."""
    named = [each for each in config.pipelines if each.name == pipeline.name]
    renamed = [each for each in config.pipelines if each.model.arn == pipeline.model.arn]
    return next(iter((*named, *renamed)), None)


def lost_overrides(before: Config, after: Config, now: datetime) -> tuple[LostOverride, ...]:
    """The overrides that end after ``now`` (aware), and whose effect the replacement does not wholly keep."""
    return tuple(each for spec in before.specs.values() for each in _overrides(spec, before, after, now))


def _overrides(spec: Spec, before: Config, after: Config, now: datetime) -> Iterator[LostOverride]:
    zone, successors = load_zone(spec.zone), _successors(spec.name, before, after)
    for override in spec.overrides:
        start, end = bounds(override, zone)
        is_kept = successors and all(_keeps(each, spec, override, now) for each in successors)
        if end > now and not is_kept:
            rule = override.rule
            yield LostOverride(schedule=spec.name, line=rule.line, label=rule.label, start=start, end=end)


def _successors(name: str, before: Config, after: Config) -> list[Spec]:
    """The schedule of that name, and those that its pipelines have now."""
    users = {each.name for each in before.pipelines if each.schedule == name}
    names = {name, *(each.schedule for each in after.pipelines if each.name in users)}
    return [spec for each, spec in after.specs.items() if each in names]


def _keeps(successor: Spec, spec: Spec, override: DateOverride | SpanOverride, now: datetime) -> bool:
    """Whether one override of ``successor`` does the same from ``now`` until the end of ``override``."""
    return any(_covers(each, successor, override, spec, now) for each in successor.overrides)


def _covers(
    new: DateOverride | SpanOverride,
    successor: Spec,
    old: DateOverride | SpanOverride,
    spec: Spec,
    now: datetime,
) -> bool:
    zones = load_zone(successor.zone), load_zone(spec.zone)
    (starts, ends), (start, end) = bounds(new, zones[0]), bounds(old, zones[1])
    return _effect(new) == _effect(old) and starts <= max(start, now.astimezone(UTC)) and ends >= end


def _effect(override: DateOverride | SpanOverride) -> object:
    match override:
        case SpanOverride(state_open=state_open):
            return state_open
        case DateOverride(rule=rule, week=week):
            return tuple(each.windows for each in week or (rule,) * _DAYS_OF_A_WEEK)
