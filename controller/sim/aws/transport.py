"""The transport between embedded clients and services: applies faults and blocks, calls listeners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import NoReturn, TypeAlias

from controller.aws.client_errors import (
    CLIENT_EXCEPTIONS,
    ClientException,
    error_answer,
    error_code,
    no_answer,
    no_connection,
    response_metadata,
)
from controller.sim.aws.faults import CallFault
from controller.sim.aws.world import Refused, SimulatedWorld

Answer: TypeAlias = dict[str, object]
"""A response in the shape of botocore's service model."""

Owners: TypeAlias = Callable[[str], tuple[str, ...]]
"""Gives the names of the pipelines that a resource belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A service of one account in one region; ``client`` numbers the clients."""

    service: str
    region: str
    account: str
    client: int

    @property
    def url(self) -> str:
        return f"https://{self.service}.{self.region}.amazonaws.com/"

    def chance_key(self, resource: str) -> str:
        """The name of the random stream that decides which calls on ``resource`` fail."""
        return f"{self.client} {resource}"

    def request(self, operation: str, resource: str, parameters: Mapping[str, object]) -> CallRequest:
        return CallRequest(endpoint=self, operation=operation, resource=resource, parameters=parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A call before it is made; ``resource`` is an ARN, a UUID, a name or a URL."""

    endpoint: Endpoint
    operation: str
    resource: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCall:
    """A call that a client made, with its answer or its error."""

    at: datetime
    request: CallRequest
    answer: Answer | None
    error: ClientException | None

    @property
    def code(self) -> str | None:
        """AWS's error code; the exception's name where no answer came."""
        return error_code(self.error) if self.error else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBlock:
    """Fails the calls that match, until cleared. ``None`` matches all; without a ``code`` no answer comes."""

    service: str | None = None
    operation: str | None = None
    pipeline: str | None = None
    code: str | None = None

    def blocks(self, request: CallRequest, owners: tuple[str, ...]) -> bool:
        return (
            self.service in {None, request.endpoint.service}
            and self.operation in {None, request.operation}
            and (self.pipeline is None or self.pipeline in owners)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceErrors:
    """Code and HTTP status with which a service answers a throttled call, and one that it fails to handle."""

    throttled: tuple[str, int]
    internal: tuple[str, int]


SERVICE_ERRORS = {
    "cloudwatch": ServiceErrors(throttled=("Throttling", 400), internal=("InternalFailure", 500)),
    "rekognition": ServiceErrors(
        throttled=("ThrottlingException", 400), internal=("InternalServerError", 500)
    ),
    "lambda": ServiceErrors(throttled=("TooManyRequestsException", 429), internal=("ServiceException", 500)),
    "sqs": ServiceErrors(throttled=("RequestThrottled", 400), internal=("InternalError", 500)),
}
OK_METADATA = response_metadata(200)


class Transport:
    """Sends every call, one at a time: clients may be used from several threads, as boto3's may."""

    def __init__(self, world: SimulatedWorld, owners: Owners) -> None:
        self.blocks: list[CallBlock] = []
        self.listeners: list[Callable[[SentCall], None]] = []
        self._world = world
        self._owners = owners
        self._lock = RLock()

    def send(self, request: CallRequest, act: Callable[[], Answer]) -> Answer:
        """Do ``act``, unless a block or a fault prevents it. Raises what a boto3 client raises."""
        with self._lock:
            try:
                answer = self._attempt(request, act)
            except CLIENT_EXCEPTIONS as error:
                self._notify(SentCall(at=self._world.clock.now(), request=request, answer=None, error=error))
                raise
            self._notify(SentCall(at=self._world.clock.now(), request=request, answer=answer, error=None))
            return answer

    def _attempt(self, request: CallRequest, act: Callable[[], Answer]) -> Answer:
        self._raise_if_blocked(request)
        fault = self._fault(request)
        if fault is not CallFault.NONE and fault is not CallFault.LOST_ANSWER:
            _fail(fault, request)
        try:
            answer = act()
        except Refused as refusal:
            raise error_answer(request.operation, refusal.code, refusal.message, refusal.status) from None
        if fault is CallFault.LOST_ANSWER:
            raise no_answer(request.endpoint.url)
        answer["ResponseMetadata"] = OK_METADATA
        return answer

    def _fault(self, request: CallRequest) -> CallFault:
        injector = self._world.injector
        if not injector.enabled:
            return CallFault.NONE
        return injector.call_fault(request.endpoint.chance_key(request.resource))

    def _raise_if_blocked(self, request: CallRequest) -> None:
        if not self.blocks:
            return
        owners = self._owners(request.resource)
        for block in self.blocks:
            if block.blocks(request, owners):
                if block.code is None:
                    raise no_connection(request.endpoint.url)
                raise error_answer(request.operation, block.code, f"{request.operation} is not allowed", 400)

    def _notify(self, call: SentCall) -> None:
        for listener in self.listeners:
            listener(call)


def _fail(fault: CallFault, request: CallRequest) -> NoReturn:
    errors = SERVICE_ERRORS[request.endpoint.service]
    match fault:
        case CallFault.THROTTLED:
            code, status = errors.throttled
            raise error_answer(request.operation, code, "Rate exceeded", status)
        case CallFault.INTERNAL_ERROR:
            code, status = errors.internal
            raise error_answer(request.operation, code, "An internal error occurred", status)
        case _:
            raise no_connection(request.endpoint.url)
