"""A Lambda runtime before the embedded AWS and a bus that keeps what it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

from controller.aws.events import Bus
from controller.config.model import Config, Target
from controller.config.shard import ALL, Shard
from controller.errors import Diagnostic
from controller.invocation.metrics import PipelineMetrics
from controller.invocation.publisher import TransitionPublisher
from controller.invocation.runtime import Environment, InvocationRequest, Runtime
from controller.loop.report import Report
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.world import Scenario
from controller.storage.memories import ProcessMemories
from controller.storage.state import ProcessStore
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import a_config, utc, with_settings
from tests.support.schedules import spec

LOGOS = with_settings(a_pipeline(), warm_up=timedelta(minutes=30))
STAMPS = with_settings(a_pipeline("stamps", 2), warm_up=timedelta(minutes=30))
LONG = timedelta(minutes=14)


class EventBridge:
    """What ``boto3.client("events")`` has of it; ``refuses`` is what it raises."""

    def __init__(self):
        self.entries = []
        self.refuses = None

    def put_events(self, *, Entries):  # noqa: N803 - AWS's own name
        if self.refuses is not None:
            raise self.refuses
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    @property
    def told(self):
        """``[("Starting", "logos"), …]``."""
        details = [json.loads(entry["Detail"]) for entry in self.entries]
        return [(detail["transition"], detail["pipeline"]) for detail in details]


@dataclass
class Current:
    config: Config


@dataclass
class Configurations:
    now: Current | Exception

    def current(self):
        if isinstance(self.now, Exception):
            raise self.now
        return self.now


@dataclass
class Scene:
    """``start`` is the clock's; the schedule is open from 08:30 to 17:00 UTC on every day."""

    pipelines: tuple = (LOGOS,)
    start: str = "2026-11-23T07:00"
    settle: timedelta = timedelta(0)
    dry_run: bool = False
    max_units: int | None = None
    shard: Shard = ALL
    pipeline_metrics: PipelineMetrics = PipelineMetrics.ALL
    bus: EventBridge = field(default_factory=EventBridge)

    def __post_init__(self):
        scenario = Scenario(start=utc(self.start), seed=1, traffic=QUIET, start_minutes=(10, 10))
        self.aws = EmbeddedAws.for_pipelines(self.pipelines, scenario)
        self.configs = Configurations(Current(self.file(*self.pipelines)))
        self.memories, self.notes = ProcessMemories(), ProcessStore()
        self.renew()

    @staticmethod
    def file(*pipelines):
        return a_config(*pipelines, specs=(replace(spec(daily="08:30-17:00"), name="office"),))

    def renew(self):
        """A new process: what lived in the old one is gone, what is stored is there."""
        self.runtime = Runtime(
            environment=Environment(
                location="schedule.yaml",
                settle=self.settle,
                dry_run=self.dry_run,
                max_units=self.max_units,
                shard=self.shard,
                pipeline_metrics=self.pipeline_metrics,
            ),
            configs=self.configs,
            clients=self.clients,
            memories=self.memories,
            publisher=TransitionPublisher(lambda: Bus(self.bus), self.notes),
            clock=self.aws.now,
            sleep=self.aws.sleep,
            monotonic=self.aws.monotonic,
            workers=InTurn(),
        )

    def clients(self, service: str, target: Target):
        return self.bus if service == "events" else self.aws.clients(service, target)

    def configure(self, *pipelines, degraded: tuple[Diagnostic, ...] = ()):
        config = replace(self.file(*pipelines), digest="another", degraded=degraded)
        self.configs.now = Current(config)

    def invoke(self, *names: str, dry_run: bool = False, available: timedelta = LONG) -> Report:
        order = InvocationRequest(pipelines=frozenset(names) if names else None, dry_run=dry_run)
        return self.runtime.invoke(order, available)

    def ticks(self, until: str) -> None:
        """One every five minutes, before ``until``."""
        while self.aws.now() < utc(until):
            self.invoke()
            self.aws.sleep(300)


OF_THE_WHOLE = {"ConfigurationValid", "EventsFailed", "PipelinesDropped", "DryRun", "Heartbeat"}


def figures(capsys, name, pipeline="logos"):
    """The values of a metric, one for each line that has it; of ``None`` those under the service alone."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    whose = None if name in OF_THE_WHOLE else pipeline
    return [line[name] for line in lines if name in line and line.get("pipeline") == whose]
