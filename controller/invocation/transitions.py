"""Computes which transitions happened: the current state against the last published one. Pure.

An event is sent for every difference, and the new state is stored only after that: a transition is published
at least once, and again if the stored state was lost. ``event_detail`` gives the shape:

    {
      "version": 1,
      "service": "rekognition-scheduler",  the stack that sends it
      "transition": "Stalled",             as the detail-type
      "wants_person": true,
      "at": "2026-11-23T13:30:00Z",
      "pipeline": "logos",                 null for ConfigurationRejected
      "model_arn": "arn:…",                whose it is; for OtherVersionRunning the other version's
      "reason": "QuotaExceeded",           a CamelCase word, as in the conditions
      "message": "…",                      for a person, at most 1000 characters
      "command": "rekognition-scheduler status --config s3://…",    what shows more, or ends it
      "desired": {"power": "ON", "consume": true},      null, as the next, where nobody looked
      "observed": {"model": "STOPPED", "mapping": "Disabled"}
    }

Members may be added; none is taken away or changes its meaning within a version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from shlex import quote
from typing import Final

from controller.config.model import Config
from controller.core.observed import Observed
from controller.core.states import Desired, ModelStatus
from controller.core.table import MappingClass, ModelClass, classify_mapping, classify_model
from controller.loop.report import Json, PipelineReport, Report, desired, instant, mapping_state, own_words

SOURCE: Final = "rekognition-scheduler"
VERSION: Final = 1
LONGEST_MESSAGE: Final = 1000
"""In characters: an event holds 256 KB, a person reads less."""


class Transition(StrEnum):
    """The detail-type. The first five are phases, of which a pipeline is always in one."""

    STARTING = "Starting"
    RUNNING = "Running"
    """The model runs and nothing is consumed, yet or any more, without being about to stop."""
    CONSUMING = "Consuming"
    DRAINING = "Draining"
    """Consumption is off, and the model runs until the work in flight has ended and it has stopped."""
    STOPPED = "Stopped"
    """The model does not run; also when it failed, or can never run again."""
    STALLED = "Stalled"
    RECOVERED = "Recovered"
    DRIFT_HEALED = "DriftHealed"
    OTHER_VERSION_RUNNING = "OtherVersionRunning"
    PIPELINE_DROPPED = "PipelineDropped"
    CONFIGURATION_REJECTED = "ConfigurationRejected"


WANTS_PERSON: Final = frozenset(
    {
        Transition.STALLED,
        Transition.OTHER_VERSION_RUNNING,
        Transition.PIPELINE_DROPPED,
        Transition.CONFIGURATION_REJECTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineState:
    """The published state of a pipeline; ``phase`` is ``None`` until its model could be read."""

    arn: str
    phase: Transition | None = None
    stalled: bool = False
    drifted: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedState:
    """The last published state, by pipeline.

    ``rejected`` is the message about the file: one, however many pipelines work on with it.
    """

    pipelines: Mapping[str, PipelineState] = field(default_factory=dict)
    rejected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``report`` is that of the pipeline, where it was looked at; ``command`` is for a person's shell."""

    transition: Transition
    at: datetime
    reason: str
    message: str
    command: str
    pipeline: str | None = None
    arn: str | None = None
    report: PipelineReport | None = None


def pipeline_state(before: PipelineState | None, arn: str, report: PipelineReport) -> PipelineState:
    """Fields that this tick could not read keep their value; another model ARN starts from an empty state."""
    was = before if before is not None and before.arn == arn else PipelineState(arn=arn)
    observed, stalled = report.observed, _status(report, "Stalled")
    return PipelineState(
        arn=arn,
        phase=_phase(was.phase, report, observed) if observed is not None else was.phase,
        stalled=was.stalled if stalled == "Unknown" else stalled == "True",
        drifted=_drifted(was, report),
        others=_others(was, observed),
    )


def state_after(announced: AnnouncedState, config: Config, report: Report) -> AnnouncedState:
    """The state to be published after ``report``; a pipeline that it leaves out keeps its state."""
    looked = {each.name: each for each in report.pipelines}
    now: dict[str, PipelineState] = {}
    for pipeline in config.pipelines:
        name, was = pipeline.name, announced.pipelines.get(pipeline.name)
        if name in looked:
            now[name] = pipeline_state(was, pipeline.model.arn, looked[name])
        elif was is not None:
            now[name] = was
    return AnnouncedState(pipelines=now, rejected=_message(config))


def transition_events(
    announced: AnnouncedState, now: AnnouncedState, config: Config, report: Report
) -> tuple[Event, ...]:
    """What ``now`` has that is not in ``announced``: first of the file, then by pipeline in file order."""
    looked = {each.name: each for each in report.pipelines}
    found = [*_of_file(announced, now, config, report.at), *_dropped(announced, config, looked, report.at)]
    for name, each in now.pipelines.items():
        if name in looked:
            was = announced.pipelines.get(name)
            before = was if was is not None and was.arn == each.arn else PipelineState(arn=each.arn)
            found += _of_pipeline(before, each, looked[name], config, report.at)
    return tuple(found)


def event_detail(event: Event, service: str) -> Json:
    report = event.report
    return {
        "version": VERSION,
        "service": service,
        "transition": event.transition,
        "wants_person": event.transition in WANTS_PERSON,
        "at": instant(event.at),
        "pipeline": event.pipeline,
        "model_arn": event.arn,
        "reason": event.reason,
        "message": _shortened(event.message),
        "command": event.command,
        "desired": desired(report.desire) if report is not None else None,
        "observed": _seen(report.observed) if report is not None and report.observed is not None else None,
    }


def _seen(observed: Observed) -> Json:
    return {"model": observed.model, "mapping": mapping_state(observed), **own_words(observed)}


def _phase(was: Transition | None, report: PipelineReport, observed: Observed) -> Transition | None:
    match classify_model(observed.model):
        case ModelClass.RUNNING:
            return _running(was, report, observed)
        case ModelClass.STARTING:
            return Transition.STARTING
        case ModelClass.STARTABLE | ModelClass.UNUSABLE:
            return Transition.STOPPED
        case ModelClass.STOPPING | ModelClass.UNKNOWN:
            return was


def _running(was: Transition | None, report: PipelineReport, observed: Observed) -> Transition:
    """A mapping that moves by itself, or cannot be read, does not end the phase that was announced."""
    seen = classify_mapping(observed.mapping)
    if seen in (MappingClass.ENABLED, MappingClass.NONE):
        off = seen is MappingClass.NONE and _is_off(report)
        return Transition.DRAINING if off else Transition.CONSUMING
    up = (Transition.RUNNING, Transition.CONSUMING, Transition.DRAINING)
    if seen in (MappingClass.IN_TRANSITION, MappingClass.UNKNOWN) and was in up:
        return was
    return Transition.DRAINING if _is_off(report) else Transition.RUNNING


def _is_off(report: PipelineReport) -> bool:
    return report.desire is not None and report.desire.desired is Desired.OFF


def _drifted(was: PipelineState, report: PipelineReport) -> bool:
    drifted = report.condition("Drifted")
    if drifted is not None and (drifted.status, drifted.reason) == ("True", "ChangedElsewhere"):
        return True
    return was.drifted and _status(report, "Ready") != "True"


def _others(was: PipelineState, observed: Observed | None) -> tuple[str, ...]:
    if observed is None or observed.model is ModelStatus.UNREADABLE:
        return was.others
    return tuple(other.arn for other in observed.others)


def _status(report: PipelineReport, type_: str) -> str:
    found = report.condition(type_)
    return found.status if found is not None else "Unknown"


def _of_file(announced: AnnouncedState, now: AnnouncedState, config: Config, at: datetime) -> Iterator[Event]:
    if now.rejected is not None and now.rejected != announced.rejected:
        yield Event(
            transition=Transition.CONFIGURATION_REJECTED,
            at=at,
            reason="ConfigurationDoubtful",
            message=now.rejected,
            command=f"rekognition-scheduler validate {quote(config.file)}",
        )


def _dropped(
    announced: AnnouncedState, config: Config, looked: Collection[str], at: datetime
) -> Iterator[Event]:
    """Models that the file no longer names, neither as a pipeline's own nor as retired, and that are up.

    A pipeline that the file has and that this tick left out keeps its state, and is judged when it is looked
    at: else it would be told of again and again.
    """
    known = {arn for each in config.pipelines for arn in each.model.arns}
    waiting = {each.name for each in config.pipelines}.difference(looked)
    for name, was in announced.pipelines.items():
        if name not in waiting and was.arn not in known and was.phase not in (None, Transition.STOPPED):
            message = (
                f"{config.file} no longer names {was.arn} of pipeline {name}, which was last seen "
                f"{was.phase}: nobody stops it, and it is paid for. Stop it, or list it as retired"
            )
            yield Event(
                transition=Transition.PIPELINE_DROPPED,
                at=at,
                reason="NotInFile",
                message=message,
                command=_stop_model(was.arn),
                pipeline=name,
                arn=was.arn,
            )


def _stop_model(arn: str) -> str:
    region = arn.split(":")[3]
    return f"aws rekognition stop-project-version --project-version-arn {arn} --region {region}"


def _of_pipeline(
    was: PipelineState, now: PipelineState, report: PipelineReport, config: Config, at: datetime
) -> Iterator[Event]:
    for transition, type_, arn in _changes(was, now):
        found = report.condition(type_)
        yield Event(
            transition=transition,
            at=at,
            reason=found.reason if found is not None else "Unknown",
            message=found.message if found is not None and transition in WANTS_PERSON else report.reason,
            command=_command(transition, report.name, config.file),
            pipeline=report.name,
            arn=arn or now.arn,
            report=report,
        )


def _changes(was: PipelineState, now: PipelineState) -> Iterator[tuple[Transition, str, str | None]]:
    """Each with the condition that explains it, and the ARN where it is another's."""
    if now.phase is not None and now.phase is not was.phase:
        yield now.phase, "Ready", None
    if now.stalled and not was.stalled:
        yield Transition.STALLED, "Stalled", None
    if was.stalled and not now.stalled:
        yield Transition.RECOVERED, "Ready", None
    if was.drifted and not now.drifted:
        yield Transition.DRIFT_HEALED, "Ready", None
    for arn in now.others:
        if arn not in was.others:
            yield Transition.OTHER_VERSION_RUNNING, "Drifted", arn


def _command(transition: Transition, pipeline: str, file: str) -> str:
    shown = f"versions {pipeline}" if transition is Transition.OTHER_VERSION_RUNNING else "status"
    return f"rekognition-scheduler {shown} --config {quote(file)}"


def _message(config: Config) -> str | None:
    """Of a file that is passed over, and of one that is used and doubtful: a calendar that is gone, say."""
    return _shortened("; ".join(doubt.located(config.file) for doubt in config.degraded)) or None


def _shortened(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
