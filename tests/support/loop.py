"""The real loop on an embedded AWS, tick by tick, to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from controller.config.model import Config, Pipeline
from controller.config.yaml_tree import compose
from controller.core.memory import Condition
from controller.loop.act import execute
from controller.loop.context import ONLY_TICK, InvocationState, LoopContext, pipeline_contexts
from controller.loop.reconcile import reconcile
from controller.loop.report import PipelineReport, Report
from controller.loop.workers import InTurn
from controller.schedule.model import Spec
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.pipeline import EmbeddedPipeline
from controller.sim.aws.world import Scenario
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.simulate import monitored
from controller.storage.memories import ProcessMemories

TICK = timedelta(minutes=5)


def a_config(*pipelines: Pipeline, specs: tuple[Spec, ...]) -> Config:
    return Config(
        file="schedule.yaml",
        digest="1",
        specs={spec.name: spec for spec in specs},
        pipelines=pipelines,
        tree=compose(b"", "schedule.yaml"),
    )


@dataclass
class Stage:
    """A controller at work; ``tick`` is one look, ``until`` a tick every five minutes."""

    config: Config
    scenario: Scenario
    reports: list[Report] = field(default_factory=list)
    edits: int = 0

    def __post_init__(self) -> None:
        self.aws = EmbeddedAws.for_pipelines(self.config.pipelines, self.scenario)
        self.memories = ProcessMemories()
        self.bounds = ExpectedBounds(self.aws, self.config, TICK)
        self.monitor = monitored(self.aws, self.config, self.bounds)
        self.configure(self.config)

    def configure(self, config: Config) -> None:
        """From now on the controller reads another file."""
        self.edits += 1
        self.config = config = replace(config, digest=str(self.edits))
        made = pipeline_contexts(config, self.aws.clients)
        self.world = LoopContext(
            contexts=made, memories=self.memories, clock=self.aws.now, tick=TICK, workers=InTurn()
        )
        self.monitor.follow(config.pipelines)
        self.bounds.follow(config)

    def forget(self) -> None:
        """The process begins anew, and nothing was kept for it."""
        self.memories = ProcessMemories()
        self.world = replace(self.world, memories=self.memories)
        self.monitor.lose_memory()
        self.bounds.lose_memory()

    def converged(self, report: Report) -> bool:
        """Whether every pipeline is as desired by what AWS says, and the controller's ``Ready`` agrees."""
        return converged(self.bounds, report)

    @property
    def pipeline(self) -> EmbeddedPipeline:
        (only,) = self.aws.pipelines.values()
        return only

    @property
    def state(self) -> tuple[str, str]:
        return self.pipeline.model.status, self.pipeline.mapping.state

    def tick(self) -> Report:
        self.monitor.begin_invocation()
        return self.look(ONLY_TICK)

    def look(self, invocation: InvocationState) -> Report:
        self.monitor.begin_tick()
        report = reconcile(self.world, act=execute, invocation=invocation)
        self.monitor.end_tick(report.at)
        self.reports.append(report)
        return report

    def ticks(self, until: datetime) -> Iterator[Report]:
        """A tick now and every five minutes, as long as it is before ``until``; then time runs to it."""
        while self.aws.now() < until:
            yield self.tick()
            self.aws.advance_to(min(self.aws.now() + TICK, until))

    def until(self, until: datetime) -> Stage:
        for _ in self.ticks(until):
            pass
        assert self.monitor.violations == []
        return self

    def wait_for(self, holds: Callable[[Report], bool], *, ticks: int) -> int:
        """The number of ticks after which ``holds`` is true; fails if it takes more than ``ticks``."""
        for number in range(ticks + 1):
            if holds(self.tick()):
                return number
            self.aws.sleep(TICK.total_seconds())
        raise AssertionError(f"not within {ticks} ticks: {self.reports[-1]}")


def condition(report: PipelineReport, type_: str) -> Condition:
    return next(each for each in report.conditions if each.type == type_)


def is_ready(report: Report) -> bool:
    return all(condition(each, "Ready").status == "True" for each in report.pipelines)


def converged(bounds: ExpectedBounds, report: Report) -> bool:
    """By the embedded AWS's own word; a ``Ready`` that AWS's word contradicts is a failure."""
    so = {each.name: bounds.is_so(each.name, report.at) for each in report.pipelines}
    for each in report.pipelines:
        assert so[each.name] or condition(each, "Ready").status != "True", f"Ready, but AWS differs: {each}"
    return all(so.values()) and is_ready(report)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def with_settings(pipeline: Pipeline, **settings: object) -> Pipeline:
    return replace(pipeline, settings=replace(pipeline.settings, **settings))
