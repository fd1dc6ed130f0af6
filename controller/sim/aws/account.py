"""The embedded AWS as a whole: accounts, clients, the clock, and calls blocked by tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import merge
from itertools import count
from operator import attrgetter
from typing import Literal, TypeAlias, overload

from controller.config.model import Model, Pipeline, Target
from controller.sim.aws.cloudwatch import CloudWatchClient
from controller.sim.aws.faults import FaultInjector
from controller.sim.aws.lambda_ import LambdaClient
from controller.sim.aws.pipeline import AwsAccount, EmbeddedPipeline, Operator
from controller.sim.aws.rekognition import Project, RekognitionClient, created_ms
from controller.sim.aws.sqs import Sqs, SqsClient
from controller.sim.aws.transport import CallBlock, Endpoint, SentCall, Transport
from controller.sim.aws.world import Scenario, SimulatedWorld, StateChange

DENIED = {
    "cloudwatch": "AccessDenied",
    "lambda": "AccessDeniedException",
    "rekognition": "AccessDeniedException",
    "sqs": "AccessDenied",
}
DAY_MS = 86_400_000

Client: TypeAlias = RekognitionClient | LambdaClient | SqsClient | CloudWatchClient


class EmbeddedAws:
    """AWS on a virtual clock: ``advance_to`` and ``sleep`` let time pass, calls of clients take none."""

    def __init__(self, scenario: Scenario, home: str) -> None:
        self.pipelines: dict[str, EmbeddedPipeline] = {}
        self.world = SimulatedWorld(scenario)
        self._home = home
        self._accounts: dict[tuple[str, str], AwsAccount] = {}
        self._queues: dict[str, Sqs] = {}
        self._clients = count()
        self._transport = Transport(self.world, self._owners)

    @classmethod
    def for_pipelines(cls, pipelines: Sequence[Pipeline], scenario: Scenario) -> EmbeddedAws:
        """Every pipeline with a model that never ran, a Disabled mapping and an empty queue.

        The caller's own account is that of the first model that is reached without assuming a role.
        """
        without_role = [pipeline for pipeline in pipelines if pipeline.model.target.role_arn is None]
        home = next((pipeline.model.account for pipeline in without_role), "123456789012")
        aws = cls(scenario, home)
        for pipeline in sorted(pipelines, key=lambda pipeline: pipeline.model.project_arn is None):
            aws._project(pipeline.model)
        for pipeline in pipelines:
            aws._add(pipeline)
        return aws

    @property
    def injector(self) -> FaultInjector:
        """The faults; they also decide which ticks are skipped and doubled."""
        return self.world.injector

    @property
    def changes(self) -> tuple[StateChange, ...]:
        """The changes of state of all models and mappings, in order of time."""
        return tuple(merge(*(pipeline.changes for pipeline in self.pipelines.values()), key=attrgetter("at")))

    def now(self) -> datetime:
        return self.world.clock.now()

    def monotonic(self) -> float:
        """Seconds of virtual time."""
        return self.world.clock.now_s

    def advance_to(self, at: datetime) -> None:
        self.world.clock.advance_to(at.timestamp())

    def sleep(self, seconds: float) -> None:
        self.world.clock.advance_to(self.world.clock.now_s + seconds)

    @overload
    def clients(self, service: Literal["rekognition"], target: Target) -> RekognitionClient: ...
    @overload
    def clients(self, service: Literal["lambda"], target: Target) -> LambdaClient: ...
    @overload
    def clients(self, service: Literal["sqs"], target: Target) -> SqsClient: ...
    @overload
    def clients(self, service: Literal["cloudwatch"], target: Target) -> CloudWatchClient: ...
    @overload
    def clients(self, service: str, target: Target) -> Client: ...
    def clients(self, service: str, target: Target) -> Client:
        """What ``boto3.client(service)`` gives in the target's region, in the role's account if there is one.

        Every client draws its faults from streams of its own: the calls of others do not change them,
        whichever thread comes first.
        """
        account = self._account(self._account_of(target), target.region)
        endpoint = Endpoint(
            service=service, region=target.region, account=account.number, client=next(self._clients)
        )
        match service:
            case "rekognition":
                return RekognitionClient(self._transport, endpoint, account.rekognition, self.world)
            case "lambda":
                return LambdaClient(self._transport, endpoint, account.lambda_, self.world)
            case "sqs":
                return SqsClient(self._transport, endpoint, account.sqs)
            case "cloudwatch":
                return CloudWatchClient(self._transport, endpoint, account.metrics, self.world)
            case _:
                raise ValueError(f"the embedded AWS has no {service!r}, but {', '.join(DENIED)}")

    def listen(self, listener: Callable[[SentCall], None]) -> None:
        """Call ``listener`` with every call that a client makes, after it came back or failed."""
        self._transport.listeners.append(listener)

    def deny(self, operation: str, *, pipeline: str | None = None, code: str | None = None) -> None:
        """Refuse an operation from now on: for lack of permission, or with any other code."""
        service = _service_of(operation)
        self._transport.blocks.append(
            CallBlock(operation=operation, pipeline=pipeline, code=code or DENIED[service])
        )

    def cut_off(self, service: str | None = None, *, pipeline: str | None = None) -> None:
        """Let no call reach a service (or any) from now on."""
        self._transport.blocks.append(CallBlock(service=service, pipeline=pipeline))

    def unblock(self) -> None:
        """Undo ``deny`` and ``cut_off``."""
        self._transport.blocks.clear()

    def end_faults(self) -> None:
        """No fault happens from now on."""
        self.world.injector.disable()
        for pipeline in self.pipelines.values():
            pipeline.model.end_slow_start()

    def _add(self, pipeline: Pipeline) -> None:
        model, target = pipeline.model, pipeline.targets[-1]
        embedded = EmbeddedPipeline(
            self.world,
            pipeline,
            self._project(model),
            home=self._account(model.account, model.target.region),
            away=self._account(self._account_of(target), target.region),
        )
        embedded.receive_traffic(self.world.scenario.zones.get(pipeline.schedule, "UTC"))
        Operator(self.world, embedded)
        self.pipelines[pipeline.name] = embedded

    def _project(self, model: Model) -> Project:
        """A model's project, shared by its pipelines; a day older than the model if the file has no ARN."""
        projects = self._account(model.account, model.target.region).rekognition.projects
        existing = next((project for project in projects.values() if project.name == model.project), None)
        if existing:
            return existing
        prefix = model.arn.split("/version/")[0]
        arn = model.project_arn or f"{prefix}/{created_ms(model.arn) - DAY_MS}"
        return projects.setdefault(arn, Project(arn=arn))

    def _account(self, number: str, region: str) -> AwsAccount:
        if (number, region) not in self._accounts:
            sqs = self._queues.setdefault(region, Sqs())
            self._accounts[number, region] = AwsAccount(number=number, region=region, sqs=sqs)
        return self._accounts[number, region]

    def _account_of(self, target: Target) -> str:
        return target.role_arn.split(":")[4] if target.role_arn else self._home

    def _owners(self, resource: str) -> tuple[str, ...]:
        return tuple(name for name, pipeline in self.pipelines.items() if pipeline.has(resource))


def _service_of(operation: str) -> str:
    if "Project" in operation:
        return "rekognition"
    if "Metric" in operation:
        return "cloudwatch"
    return "sqs" if "Queue" in operation else "lambda"
