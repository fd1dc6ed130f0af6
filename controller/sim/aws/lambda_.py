"""Embedded Lambda: event source mappings with delayed transitions, and the functions behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Unpack

from controller.sim.aws.clock import History, instant
from controller.sim.aws.faults import STALE_S
from controller.sim.aws.rekognition import OnChange
from controller.sim.aws.transport import Answer, Endpoint, Transport
from controller.sim.aws.world import Refused, SimulatedWorld

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        GetEventSourceMappingRequestTypeDef,
        GetFunctionConfigurationRequestTypeDef,
        UpdateEventSourceMappingRequestTypeDef,
    )

TRANSITION_S = (5.0, 60.0)
"""How long Enabling, Disabling and Updating take, drawn per update; AWS gives no figure."""
FUNCTION_TIMEOUT_S = 60
BATCH_SIZE = 10
SETTLED = frozenset({"Enabled", "Disabled"})
POLLING = frozenset({"Enabled", "Enabling", "Disabling"})
BUSY = ("ResourceInUseException", 400), ("ResourceConflictException", 409)
"""Both mean that another update is under way; which of the two comes is drawn.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    state: str
    last_modified: datetime


class EventSourceMapping:
    """An event source mapping, Disabled at first.

    An update with the value that it already has is accepted and passes through Updating, and ``LastModified``
    moves with it: AWS guarantees no more. ``next_transition_s`` is how long the next transition will take,
    which no client of AWS can know.
    """

    def __init__(
        self, world: SimulatedWorld, uuid: str, *, queue_arn: str, function_arn: str, on_change: OnChange
    ) -> None:
        self.uuid = uuid
        self.source_arn = queue_arn
        self.function_arn = function_arn
        self.batch_size = BATCH_SIZE
        self.batching_window_s = 0
        self.state = "Disabled"
        self.last_modified = instant(world.clock.now_s - 86_400)
        self._enabled = False
        self._world = world
        self._on_change = on_change
        self._chance = world.stream("mapping", uuid)
        self.next_transition_s = self._chance.uniform(*TRANSITION_S)
        self._snapshots = History(STALE_S, world.clock.now_s, self._snapshot())
        self._epoch = 0
        self._polls_until_s = world.clock.now_s
        self.on_quiet: Callable[[], None] = _ignore

    @property
    def polls(self) -> bool:
        """Whether messages may be received.

        AWS does not say from when and until when in a transition: here throughout both, which is the hardest
        on a controller, and with ``polls_on_s`` among the faults for a while after Disabled.
        """
        return self.state in POLLING or self.serves or self._world.clock.now_s < self._polls_until_s

    @property
    def serves(self) -> bool:
        """Whether messages are sure to be received: Enabled, or Updating what was enabled and stays so."""
        return self.state == "Enabled" or (self.state == "Updating" and self._enabled)

    def update(self, enabled: bool | None = None, *, cause: str = "") -> None:
        if self.state not in SETTLED:
            code, status = self._chance.choice(BUSY)
            raise Refused(code, f"the event source mapping {self.uuid} is {self.state}", status=status)
        changed = enabled is not None and enabled != self._enabled
        self._enabled = self._enabled if enabled is None else enabled
        transition, settled = ("Enabling", "Enabled") if self._enabled else ("Disabling", "Disabled")
        after_s, self.next_transition_s = self.next_transition_s, self._chance.uniform(*TRANSITION_S)
        self.become(transition if changed else "Updating", cause)
        self._later(after_s, settled)

    def become(self, state: str, cause: str = "") -> None:
        """Set a state at once, and drop the transition under way; tests set any state with it."""
        if state in SETTLED:
            self._enabled = state == "Enabled"
        if state == "Disabled" and self.state in POLLING:
            self._poll_on()
        self.state = state
        self.last_modified = self._world.clock.now()
        self._epoch += 1
        self._snapshots.note(self._world.clock.now_s, self._snapshot())
        self._on_change(state, cause)

    def _poll_on(self) -> None:
        self._polls_until_s = self._world.clock.now_s + self._world.injector.polls_on_s(self.uuid)
        self._world.clock.at(self._polls_until_s, self._end_polling)

    def _end_polling(self) -> None:
        self.on_quiet()

    def configuration(self, age_s: float = 0.0) -> Answer:
        snapshot = self._snapshots.at(self._world.clock.now_s - age_s) if age_s else self._snapshot()
        return {
            "UUID": self.uuid,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.batching_window_s,
            "EventSourceArn": self.source_arn,
            "FunctionArn": self.function_arn,
            "LastModified": snapshot.last_modified + self._clock_difference,
            "State": snapshot.state,
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }

    @property
    def _clock_difference(self) -> timedelta:
        """How far AWS's clock is from the controller's."""
        region = self.function_arn.split(":")[3]
        return timedelta(seconds=self._world.injector.clock_difference_s(region))

    def _snapshot(self) -> _Snapshot:
        return _Snapshot(state=self.state, last_modified=self.last_modified)

    def _later(self, seconds: float, state: str) -> None:
        epoch = self._epoch
        self._world.clock.at(
            self._world.clock.now_s + seconds, lambda: self.become(state) if self._epoch == epoch else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function; ``environment`` holds its variables, of every version and alias alike."""

    arn: str
    timeout_s: int = FUNCTION_TIMEOUT_S
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return function_name(self.arn)


def _ignore() -> None:
    """The default of ``on_quiet``."""


def function_name(text: str) -> str:
    """The name in a FunctionName: a name, an ARN or a partial ARN, with or without a qualifier."""
    return text.rsplit("function:", 1)[-1].split(":", maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Lambda:
    """The service in one account and region: mappings by UUID, functions by name."""

    mappings: dict[str, EventSourceMapping] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)

    def mapping(self, uuid: str) -> EventSourceMapping:
        if uuid not in self.mappings:
            raise Refused(
                "ResourceNotFoundException", "The resource you requested does not exist.", status=404
            )
        return self.mappings[uuid]

    def function(self, name: str) -> Function:
        if name not in self.functions:
            raise Refused("ResourceNotFoundException", f"Function not found: {name}", status=404)
        return self.functions[name]


class LambdaClient:
    """A client like ``boto3.client("lambda")``, for mappings and functions."""

    def __init__(
        self, transport: Transport, endpoint: Endpoint, service: Lambda, world: SimulatedWorld
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._service = service
        self._injector = world.injector

    def get_event_source_mapping(self, **request: Unpack[GetEventSourceMappingRequestTypeDef]) -> Answer:
        uuid = request["UUID"]
        return self._transport.send(
            self._endpoint.request("GetEventSourceMapping", uuid, request),
            lambda: self._service.mapping(uuid).configuration(
                self._injector.staleness_s(self._endpoint.chance_key(uuid))
            ),
        )

    def update_event_source_mapping(
        self, **request: Unpack[UpdateEventSourceMappingRequestTypeDef]
    ) -> Answer:
        return self._transport.send(
            self._endpoint.request("UpdateEventSourceMapping", request["UUID"], request),
            lambda: self._update(request),
        )

    def get_function_configuration(self, **request: Unpack[GetFunctionConfigurationRequestTypeDef]) -> Answer:
        name = function_name(request["FunctionName"])
        return self._transport.send(
            self._endpoint.request("GetFunctionConfiguration", name, request),
            lambda: _configuration(self._service.function(name)),
        )

    def _update(self, request: UpdateEventSourceMappingRequestTypeDef) -> Answer:
        """Batch size and function are set too, so that a controller which overwrites them is found out."""
        mapping = self._service.mapping(request["UUID"])
        mapping.update(request.get("Enabled"))
        mapping.batch_size = request.get("BatchSize", mapping.batch_size)
        mapping.function_arn = request.get("FunctionName", mapping.function_arn)
        return mapping.configuration()


def _configuration(function: Function) -> Answer:
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Timeout": function.timeout_s,
        "MemorySize": 256,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Environment": {"Variables": dict(function.environment)},
        "Version": "$LATEST",
    }
