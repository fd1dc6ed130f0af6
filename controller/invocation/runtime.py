"""One invocation: ticks until nothing settles within the budget, then log lines, metrics and events.

It writes a log line for each pipeline and tick, events for transitions, and the metrics once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from controller.config.shard import ALL, Shard, shard_of
from controller.core.settings import DEFAULT_TICK
from controller.errors import Diagnostic
from controller.invocation.metrics import (
    NAMESPACE,
    SERVICE,
    Metric,
    PipelineMetrics,
    Sample,
    pipeline_metrics,
    worst,
)
from controller.loop.act import execute
from controller.loop.context import (
    Clock,
    InvocationState,
    LoopContext,
    Memories,
    PipelineContext,
    pipeline_contexts,
)
from controller.loop.reconcile import reconcile, settle
from controller.loop.report import PipelineReport, Report, instant, pipeline_as_json
from controller.loop.workers import Monotonic, SideBySide, Workers
from controller.storage.deployment import Deployment

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory
    from controller.config.model import Config, Pipeline
    from controller.invocation.publisher import PublishResult

_LOG = logging.getLogger(__name__)


SHORTEST_TICK = timedelta(seconds=15)
"""Every look is given so much time, the last one of an invocation too: there is more in reserve."""


class EventError(ValueError):
    """The event, or the environment, asks for something that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationRequest:
    """The request in an event; ``pipelines`` of ``None`` are all."""

    pipelines: frozenset[str] | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The settings of the function, from its environment variables."""

    location: str
    tick: timedelta = DEFAULT_TICK
    settle: timedelta = timedelta(0)
    dry_run: bool = False
    max_units: int | None = None
    service: str = SERVICE
    shard: Shard = ALL
    pipeline_metrics: PipelineMetrics = PipelineMetrics.ALL


class CurrentConfig(Protocol):
    """The configuration in use; ``degraded`` holds the reasons why a newer one is not."""

    @property
    def config(self) -> Config: ...


class ConfigProvider(Protocol):
    def current(self) -> CurrentConfig:
        """Raises ``ConfigError`` or ``AwsError`` when there is none at all."""


class Publisher(Protocol):
    def publish(self, config: Config, report: Report, /) -> PublishResult: ...


@dataclass(kw_only=True)
class Runtime:
    """What is kept between the invocations of a process, which Lambda runs one at a time."""

    environment: Environment
    configs: ConfigProvider
    clients: ClientFactory
    memories: Memories
    publisher: Publisher
    clock: Clock
    sleep: Callable[[float], None]
    monotonic: Monotonic = time.monotonic
    workers: Workers = field(default_factory=SideBySide)
    identify: Callable[[str], None] = lambda _request_id: None
    deployed: Callable[[datetime], Deployment] = lambda _now: Deployment()
    _made: tuple[Config, tuple[PipelineContext, ...]] | None = None
    _last_at: dict[str, datetime] = field(default_factory=dict)
    _introduced: set[tuple[str, str | None]] = field(default_factory=set)
    _deployment: Deployment | None = None

    def invoke(self, order: InvocationRequest, available: timedelta) -> Report:
        """Looks at least once, and again as far as ``available`` and the settle budget allow.

        Reading the configuration is a part of ``available``.
        """
        until_s = self.monotonic() + available.total_seconds()
        self.deployment()
        config = bounded(self._current().config, self.environment.max_units)
        left = timedelta(seconds=until_s - self.monotonic())
        invocation = Invocation(runtime=self, order=order, config=config, until_s=until_s)
        ticks = settle(
            invocation.tick,
            clock=self.clock,
            monotonic=self.monotonic,
            sleep=self.sleep,
            budget=max(min(left, self.environment.settle), timedelta(0)),
        )
        reports = tuple(map(invocation.note, ticks))
        invocation.emit_metrics()
        return reports[-1]

    def deployment(self) -> Deployment:
        """What this process is, recorded and logged by its first invocation."""
        if self._deployment is None:
            self._deployment = self.deployed(self.clock())
            fields = {"dry_run": self.environment.dry_run, "versions": dict(self._deployment.versions)}
            _LOG.info("started", extra=fields | _since(self._deployment))
        return self._deployment

    def _current(self) -> CurrentConfig:
        try:
            return self.configs.current()
        except Exception:
            emit({Metric.CONFIGURATION_VALID: (0,)}, self.environment.service)
            raise

    def contexts(self, config: Config) -> tuple[PipelineContext, ...]:
        """Made once for a configuration, so that schedules and clients live as long as it."""
        if self._made is None or self._made[0] != config:
            self._made = config, pipeline_contexts(config, self.clients)
        return self._made[1]

    def last_look(self, pipeline: str, at: datetime) -> datetime | None:
        """When this process looked before; from now on that is ``at``."""
        before = self._last_at.get(pipeline)
        self._last_at[pipeline] = at
        return before

    def introduces(self, context: PipelineContext) -> bool:
        """Whether this is the first time that this process sees the pipeline with this mapping."""
        known = (context.pipeline.name, context.pipeline.mapping_uuid)
        is_new = known not in self._introduced
        self._introduced.add(known)
        return is_new


class Invocation:
    """The work of one event: its ticks, and their log lines, metrics and events."""

    def __init__(self, *, runtime: Runtime, order: InvocationRequest, config: Config, until_s: float) -> None:
        self._runtime = runtime
        self._config = config
        self._dry_run = order.dry_run or runtime.environment.dry_run
        self._contexts = _chosen(runtime.contexts(config), order.pipelines, runtime.environment.shard)
        self._until_s = until_s
        self._looks: dict[str, list[Sample]] = {context.pipeline.name: [] for context in self._contexts}
        self._unpublished: dict[str, int] = dict.fromkeys(self._looks, 0)
        self._announcements: list[PublishResult] = []
        self._world = LoopContext(
            contexts=self._contexts,
            memories=runtime.memories,
            clock=runtime.clock,
            tick=runtime.environment.tick,
            workers=runtime.workers,
            monotonic=runtime.monotonic,
        )

    def tick(self, state: InvocationState) -> Report:
        until_s = max(self._until_s, self._world.monotonic() + SHORTEST_TICK.total_seconds())
        world = replace(self._world, until_s=until_s)
        return reconcile(world, act=None if self._dry_run else execute, invocation=state)

    def note(self, report: Report) -> Report:
        """Keeps a look, logs it, and tells of its transitions, of which a dry run makes none."""
        for context, each in zip(self._contexts, report.pipelines, strict=True):
            self._isolated(each.name, partial(self._note, context, each, report.at))
        if not self._dry_run:
            self._announcements.append(self._runtime.publisher.publish(self._config, report))
        return report

    def emit_metrics(self) -> None:
        service, wanted = self._runtime.environment.service, self._runtime.environment.pipeline_metrics
        by_pipeline: dict[str, dict[Metric, float]] = {name: {} for name in self._looks}
        for name, each in by_pipeline.items():
            self._isolated(name, partial(self._measure, name, each))
            each[Metric.RECONCILE_ERRORS] = each.get(Metric.RECONCILE_ERRORS, 0) + self._unpublished[name]
            own = {metric: (value,) for metric, value in each.items() if wanted.includes(metric)}
            if own:
                emit(own, service, pipeline=name)
        emit(worst(by_pipeline.values()) | self._of_the_whole(), service)

    def _isolated(self, pipeline: str, tell: Callable[[], None]) -> None:
        """An error in one pipeline's logs, events or metrics counts as its own, and the others go on."""
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - the boundary around each pipeline, as in a tick
            self._unpublished[pipeline] += 1
            reason = f"{type(error).__name__}: {error}"
            _LOG.warning("a pipeline cannot be reported", extra={"pipeline": pipeline, "error": reason})

    def _note(self, context: PipelineContext, report: PipelineReport, at: datetime) -> None:
        self._looks[report.name].append(self._look(context, report, at))
        self._log(context, report)

    def _measure(self, pipeline: str, values: dict[Metric, float]) -> None:
        values |= pipeline_metrics(tuple(self._looks[pipeline]))

    def _of_the_whole(self) -> dict[Metric, tuple[float, ...]]:
        whole: dict[Metric, float] = {
            Metric.CONFIGURATION_VALID: not self._config.degraded,
            Metric.EVENTS_FAILED: sum(not each.complete for each in self._announcements),
            Metric.PIPELINES_DROPPED: sum(each.dropped for each in self._announcements),
            Metric.DRY_RUN: self._runtime.environment.dry_run,
            Metric.HEARTBEAT: 1,
        }
        return {metric: (value,) for metric, value in whole.items()}

    def _look(self, context: PipelineContext, report: PipelineReport, at: datetime) -> Sample:
        return Sample(
            at=at,
            report=report,
            moment=context.moment(at),
            settings=context.pipeline.settings,
            tick=self._runtime.environment.tick,
            last_at=self._runtime.last_look(report.name, at),
        )

    def _log(self, context: PipelineContext, report: PipelineReport) -> None:
        """A wrong UUID is seen by the function and the queue that it names."""
        fields = pipeline_as_json(report)
        fields["pipeline"] = fields.pop("name")
        fields["dry_run"] = self._dry_run
        fields |= _since(self._runtime.deployment())
        if self._runtime.introduces(context) and report.observed is not None:
            fields |= {"function": report.observed.function_arn, "queue": report.observed.queue_arn}
        _LOG.log(logging.WARNING if report.failed else logging.INFO, "tick", extra=fields)


def bounded(config: Config, most: int | None) -> Config:
    """With no model of more inference units than ``most``; a model that the file gives more is a doubt."""
    if most is None:
        return config
    over = tuple(each for each in config.pipelines if _units(each) > most)
    if not over:
        return config
    doubts = tuple(_too_many(each, most) for each in over)
    pipelines = tuple(_with_at_most(each, most) if each in over else each for each in config.pipelines)
    return replace(config, pipelines=pipelines, degraded=(*config.degraded, *doubts))


def _units(pipeline: Pipeline) -> int:
    return max(pipeline.model.inference_units, pipeline.model.max_inference_units or 0)


def _too_many(pipeline: Pipeline, most: int) -> Diagnostic:
    message = (
        f"{_units(pipeline)} is more than the stack allows, so the model is started with {most}: lower it, "
        "or raise the stack's MaxInferenceUnits"
    )
    path = f"pipelines.{pipeline.name}.model.inference_units"
    return Diagnostic(message=message, path=path, line=pipeline.line)


def _with_at_most(pipeline: Pipeline, most: int) -> Pipeline:
    model = pipeline.model
    scaled = None if model.max_inference_units is None else min(model.max_inference_units, most)
    units = min(model.inference_units, most)
    return replace(pipeline, model=replace(model, inference_units=units, max_inference_units=scaled))


def _since(deployment: Deployment) -> dict[str, object]:
    """Only of a stack that is in dry run."""
    since = deployment.dry_run_since
    return {} if since is None else {"dry_run_since": instant(since)}


def _chosen(
    every: tuple[PipelineContext, ...], names: frozenset[str] | None, shard: Shard
) -> tuple[PipelineContext, ...]:
    """Those of the event that are of this shard; without any in the event all of this shard."""
    own = tuple(context for context in every if shard.owns(context.pipeline.name))
    if names is None:
        return own
    known = [context.pipeline.name for context in every]
    if unknown := sorted(names - set(known)):
        raise EventError(f"no such pipeline: {', '.join(unknown)}; the file has {', '.join(known) or 'none'}")
    if others := sorted(names - {context.pipeline.name for context in own}):
        where = ", ".join(f"{name} is in {shard_of(name, shard.count)}" for name in others)
        raise EventError(f"this function runs shard {shard}: {where}")
    return tuple(context for context in own if context.pipeline.name in names)


def emit(values: Mapping[Metric, tuple[float, ...]], service: str, *, pipeline: str | None = None) -> None:
    """Prints one line in CloudWatch's embedded metric format, with one set of dimensions."""
    from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415 - not needed at import

    metrics = EphemeralMetrics(service=service, namespace=NAMESPACE)
    metrics.add_dimension("service", service)
    if pipeline is not None:
        metrics.add_dimension("pipeline", pipeline)
    for metric, datapoints in values.items():
        for value in datapoints:
            metrics.add_metric(name=metric, unit=metric.unit, value=value)
    metrics.flush_metrics()
