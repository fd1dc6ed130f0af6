"""The inputs of a tick that outlive it: clock, configuration, AWS clients, memories, threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol, TypeAlias

from controller.aws.clients import ClientFactory
from controller.aws.cloudwatch import CloudWatch
from controller.aws.function import Functions
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues
from controller.aws.rekognition import Models
from controller.config.model import Config, Pipeline
from controller.core.inputs import DecisionInputs
from controller.core.memory import Memory, ServiceHours, Subject
from controller.core.plan import Plan
from controller.core.settings import DEFAULT_TICK
from controller.core.timefmt import utc
from controller.loop.workers import Monotonic, SideBySide, Workers
from controller.schedule import Schedule
from controller.schedule.model import Moment

Clock: TypeAlias = Callable[[], datetime]
"""Returns the time, aware UTC."""


class Memories(Protocol):
    """Stores each pipeline's memory between ticks; losing it is harmless. Neither method raises."""

    def load(self, pipeline: str, /) -> Memory: ...

    def save(self, pipeline: str, memory: Memory, /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class PipelineContext:
    """A pipeline with its schedule and its AWS clients; made once for a configuration.

    A client is made when it is first used, so that one which cannot be made is this pipeline's failure alone.
    ``fingerprint`` identifies the configuration; ``degraded`` is what a person must mend in it. ``siblings``
    are the models that other pipelines of the configuration name.
    """

    pipeline: Pipeline
    schedule: Schedule
    clients: ClientFactory
    fingerprint: str
    degraded: str | None
    siblings: frozenset[str] = frozenset()

    @cached_property
    def models(self) -> Models:
        return Models(self.clients("rekognition", self.pipeline.model.target))

    @cached_property
    def mappings(self) -> Mappings:
        return Mappings(self.clients("lambda", self.pipeline.own_consumer.target))

    @cached_property
    def queues(self) -> Queues:
        return Queues(self.clients("sqs", self.pipeline.own_consumer.target))

    @cached_property
    def functions(self) -> Functions:
        return Functions(self.clients("lambda", self.pipeline.own_consumer.target))

    @cached_property
    def queue_metrics(self) -> CloudWatch:
        return CloudWatch(self.clients("cloudwatch", self.pipeline.own_consumer.target))

    @cached_property
    def model_metrics(self) -> CloudWatch:
        return CloudWatch(self.clients("cloudwatch", self.pipeline.model.target))

    @property
    def name(self) -> str:
        return self.pipeline.name

    @cached_property
    def subject(self) -> Subject:
        """The model and the mapping that a memory of this pipeline is about."""
        model = self.pipeline.model
        return Subject(model=model.arn, retired=model.retired, mapping=self._mapping)

    @property
    def _mapping(self) -> str:
        """Empty where there is none."""
        consumer = self.pipeline.consumer
        if consumer is None:
            return ""
        role = consumer.target.role_arn
        account = role.split(":")[4] if role else ""
        return f"{consumer.target.region}:{account}:{consumer.event_source_mapping}"

    def service_hours(self, at: datetime) -> ServiceHours:
        moment = self.schedule.at(at)
        opens_at = moment.ends_at
        if moment.open and moment.ends_at is not None:
            opens_at = self.schedule.next_change(moment.ends_at)
        until, opening = (utc(each) if each is not None else None for each in (moment.ends_at, opens_at))
        return ServiceHours(open=moment.open, until=until, next_opening=opening)

    def moment(self, at: datetime) -> Moment:
        return self.schedule.at(at)

    def unobserved(self, now: datetime) -> DecisionInputs:
        """The inputs of an offline decision: AWS is not read, and nothing is remembered."""
        return DecisionInputs(now=now, settings=self.pipeline.settings, moment=self.moment(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopContext:
    """The pipelines of a tick and the means that they share.

    ``tick`` is the time between two invocations. A tick ends at ``until_s``, an instant of ``monotonic`` in
    seconds (``None``: never). ``workers`` outlive a tick, since a call that hangs does, too.
    """

    contexts: tuple[PipelineContext, ...]
    memories: Memories
    clock: Clock
    tick: timedelta = DEFAULT_TICK
    workers: Workers = field(default_factory=SideBySide)
    monotonic: Monotonic = time.monotonic
    until_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationState:
    """How far an invocation is, when one of its ticks begins.

    ``started`` are the pipelines of which it has requested a start. It began ``elapsed`` ago, and ticks again
    at every ``next_check`` within ``budget`` of its beginning (``None``: however long that takes).
    """

    started: frozenset[str] = frozenset()
    elapsed: timedelta = timedelta(0)
    budget: timedelta | None = timedelta(0)


ONLY_TICK = InvocationState()
"""That of an invocation which does not tick again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTick:
    """A pipeline that was observed: the inputs of the decision, and the plan.

    ``before`` is its memory as it was loaded; that of ``inputs`` has recorded the observation.
    """

    context: PipelineContext
    inputs: DecisionInputs
    plan: Plan
    before: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTick:
    """A pipeline whose tick raised an unforeseen exception; the others are not affected."""

    context: PipelineContext
    now: datetime
    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class UnobservedTick:
    """A pipeline that could not be observed in time; nothing is done to it in this tick."""

    context: PipelineContext
    now: datetime


PipelineTick: TypeAlias = PlannedTick | FailedTick | UnobservedTick


def pipeline_contexts(config: Config, clients: ClientFactory) -> tuple[PipelineContext, ...]:
    """The pipelines of a configuration in file order, each with its schedule and its clients."""
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    named = [arn for pipeline in config.pipelines for arn in pipeline.model.arns]
    degraded = "; ".join(diagnostic.located(config.file) for diagnostic in config.degraded) or None
    return tuple(
        PipelineContext(
            pipeline=pipeline,
            schedule=schedules[pipeline.schedule],
            clients=clients,
            fingerprint=config.digest,
            degraded=degraded,
            siblings=frozenset(named).difference(pipeline.model.arns),
        )
        for pipeline in config.pipelines
    )


def job_name(kind: str, context: PipelineContext) -> str:
    """The name of a pipeline's job among the workers; a job that hangs keeps the next of its name waiting."""
    return f"{kind} {context.name}"
