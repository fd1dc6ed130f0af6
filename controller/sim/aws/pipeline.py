"""The embedded resources of one pipeline: model, mapping, function and queues."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from controller.config.model import Pipeline
from controller.sim.aws.accounting import Accounting, IntervalRecorder
from controller.sim.aws.cloudwatch import Metrics
from controller.sim.aws.consumer import ConsumerFunction
from controller.sim.aws.lambda_ import FUNCTION_TIMEOUT_S, EventSourceMapping, Function, Lambda
from controller.sim.aws.rekognition import OnChange, Project, ProjectVersion, Rekognition
from controller.sim.aws.sqs import Queue, QueueConfig, Sqs
from controller.sim.aws.traffic import schedule_arrivals
from controller.sim.aws.world import Refused, SimulatedWorld, StateChange
from controller.sim.result import Messages

VISIBILITY_S = 6.0 * FUNCTION_TIMEOUT_S
"""Six times the timeout. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""
DEAD_LETTER_RETENTION_S = 14 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccount:
    """The services of one account in one region."""

    number: str
    region: str
    rekognition: Rekognition = field(default_factory=Rekognition)
    lambda_: Lambda = field(default_factory=Lambda)
    sqs: Sqs

    @property
    def metrics(self) -> Metrics:
        return Metrics(account=self.number, rekognition=self.rekognition, sqs=self.sqs)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.number}:{rest}"


class ManualChange(StrEnum):
    """What an operator does by hand."""

    START = "start"
    STOP = "stop"
    ENABLE = "enable"
    DISABLE = "disable"


class EmbeddedPipeline:
    """Model, mapping, function and queues; ``home`` is the model's account, ``away`` that of the others.

    ``on_change`` are called with every change of state, after it. Tests may set any state:
    ``model.become("FAILED")``, ``mapping.become("Updating")``.
    """

    def __init__(
        self,
        world: SimulatedWorld,
        pipeline: Pipeline,
        project: Project,
        *,
        home: AwsAccount,
        away: AwsAccount,
    ) -> None:
        self.name = pipeline.name
        self.project = project
        self.changes: list[StateChange] = []
        self.on_change: list[Callable[[StateChange], None]] = []
        self._world = world
        self._home = home
        self._away = away
        self._units = pipeline.model.inference_units
        self._served = IntervalRecorder()
        self.model = ProjectVersion(
            world, pipeline.model.arn, status="TRAINING_COMPLETED", on_change=self._reporter("model")
        )
        project.versions.append(self.model)
        self.retired = tuple(self.add_version(arn) for arn in pipeline.model.retired)
        self.queue = self._new_queue((pipeline.consumer or pipeline.settings).retention.total_seconds())
        self.function = Function(
            arn=away.arn("lambda", f"function:{self.name}-inference"),
            environment={"MODEL_ARN": pipeline.model.arn},
        )
        self.mapping = self._new_mapping(pipeline.mapping_uuid or f"{self.name}-without-consumer")
        self._has_consumer = pipeline.consumer is not None
        self.consumer = ConsumerFunction(world, self.queue, self.mapping, self.model)
        if not self._has_consumer:
            self.mapping.become("Enabled")  # callers reach the model whenever it runs, and no message arrives

    def add_version(self, arn: str, status: str = "STOPPED") -> ProjectVersion:
        """Another version of the project, such as a retraining makes."""
        name = arn.split("/")[3]
        version = ProjectVersion(self._world, arn, status=status, on_change=self._reporter(name))
        self.project.versions.append(version)
        return version

    def has(self, resource: str) -> bool:
        """Whether a call on ``resource`` (ARN, UUID, name, ``project/version``) is one on this pipeline."""
        queue, mapping = self.queue.settings.name, self.mapping.uuid
        versions = (version.arn for version in (self.model, *self.retired))
        return resource in {
            self.project.arn,
            self.project.name,
            queue,
            mapping,
            self.function.name,
            f"{self.project.name}/{self.model.name}",
            *versions,
        }

    def delete_mapping(self) -> None:
        """Delete the mapping, as a stack update does that replaces it: nothing is received any more."""
        self.mapping.become("Deleting")
        del self._away.lambda_.mappings[self.mapping.uuid]

    @property
    def mapping_state(self) -> str:
        """As Lambda would answer it now, ``ABSENT`` where it is gone."""
        return self.mapping.state if self.mapping.uuid in self._away.lambda_.mappings else "ABSENT"

    def feed_from(self, source_arn: str) -> None:
        """Set another event source than the queue."""
        self.mapping.source_arn = source_arn

    def receive_traffic(self, zone: str) -> None:
        """Images arrive from now on, by the hours of ``zone``."""
        if not self._has_consumer:
            return
        clock, scenario = self._world.clock, self._world.scenario
        chance = self._world.stream("arrivals", self.name)
        schedule_arrivals(scenario.traffic.arrivals(clock.now_s, zone, chance), clock, self.queue.send)

    def change_by_hand(self, change: ManualChange) -> None:
        """Do what an operator does in the console; a refusal has no effect."""
        with suppress(Refused):
            match change:
                case ManualChange.START:
                    self._home.rekognition.start(self.model.arn, self._units, cause="by hand")
                case ManualChange.STOP:
                    self.model.stop(cause="by hand")
                case ManualChange.ENABLE:
                    self.mapping.update(enabled=True, cause="by hand")
                case ManualChange.DISABLE:
                    self.mapping.update(enabled=False, cause="by hand")

    def accounting(self) -> Accounting:
        versions = (self.model, *self.retired)
        return Accounting(
            served=self._served.until(self._world.clock.now()),
            billed_unit_hours=sum(version.unit_hours for version in versions),
            rounded_unit_hours=sum(version.rounded_unit_hours for version in versions),
            starts=sum(version.starts for version in versions),
            failed_starts=sum(version.failed_starts for version in versions),
            messages=self._messages(),
            delays_s=self.consumer.delays_s,
        )

    def _messages(self) -> Messages:
        queue = self.queue
        return Messages(
            arrived=queue.arrived,
            processed=queue.deleted,
            dead_lettered=queue.dead_lettered,
            expired=queue.expired,
            waiting=queue.waiting + queue.in_flight,
            failed_receives=self.consumer.failed_receives,
        )

    def _reporter(self, resource: str) -> OnChange:
        return lambda state, cause: self._changed(resource, state, cause)

    def _changed(self, resource: str, state: str, cause: str) -> None:
        now = self._world.clock.now()
        change = StateChange(at=now, pipeline=self.name, resource=resource, state=state, cause=cause)
        self.changes.append(change)
        self._served.note(now, active=self.model.status == "RUNNING" and self.mapping.serves)
        self.consumer.wake()
        for listener in self.on_change:
            listener(change)

    def _new_queue(self, retention_s: float) -> Queue:
        dead_letters = self._add_queue("images-dead", DEAD_LETTER_RETENTION_S)
        return self._add_queue("images", retention_s, dead_letters)

    def _add_queue(self, suffix: str, retention_s: float, dead_letters: Queue | None = None) -> Queue:
        settings = QueueConfig(
            arn=self._away.arn("sqs", f"{self.name}-{suffix}"),
            retention_s=retention_s,
            visibility_s=VISIBILITY_S,
            dead_letters=dead_letters,
        )
        queue = Queue(self._world, settings)
        self._away.sqs.add(queue)
        return queue

    def _new_mapping(self, uuid: str) -> EventSourceMapping:
        mapping = EventSourceMapping(
            self._world,
            uuid,
            queue_arn=self.queue.settings.arn,
            function_arn=self.function.arn,
            on_change=self._reporter("mapping"),
        )
        self._away.lambda_.mappings[uuid] = mapping
        self._away.lambda_.functions[self.function.name] = self.function
        return mapping


class Operator:
    """Starts, stops, enables or disables a pipeline by hand now and then, until the faults end."""

    def __init__(self, world: SimulatedWorld, pipeline: EmbeddedPipeline) -> None:
        self._clock = world.clock
        self._injector = world.injector
        self._pipeline = pipeline
        self._schedule_next()

    def _schedule_next(self) -> None:
        after_s = self._injector.manual_change_after_s(self._pipeline.name)
        if after_s is not None:
            self._clock.at(self._clock.now_s + after_s, self._act)

    def _act(self) -> None:
        if self._injector.faults.manual_changes:
            chance = self._injector.manual_change_chance(self._pipeline.name)
            self._pipeline.change_by_hand(chance.choice(tuple(ManualChange)))
            self._schedule_next()
