"""The way from a client into the embedded AWS and back: where calls fail, and where they are watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import NoReturn, TypeAlias, TypedDict

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from controller.sim.aws.faults import CallFault
from controller.sim.aws.world import Refused, SimulatedWorld

Answer: TypeAlias = dict[str, object]
"""A response in the shape of botocore's service model."""

Owners: TypeAlias = Callable[[str], tuple[str, ...]]
"""Says which pipelines a resource belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a client points: a service of one account in one region. ``client`` tells clients apart."""

    service: str
    region: str
    account: str
    client: int

    @property
    def url(self) -> str:
        return f"https://{self.service}.{self.region}.amazonaws.com/"

    def dice(self, resource: str) -> str:
        """The name of the stream that decides over the luck of a call on ``resource``."""
        return f"{self.client} {resource}"

    def request(self, operation: str, resource: str, parameters: Mapping[str, object]) -> CallRequest:
        return CallRequest(endpoint=self, operation=operation, resource=resource, parameters=parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """One call before it is made; ``resource`` is what it is made on (an ARN, a UUID, a name, a URL)."""

    endpoint: Endpoint
    operation: str
    resource: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCall:
    """One call that a client made, and how it came back: with an answer or an error."""

    at: datetime
    request: CallRequest
    answer: Answer | None
    error: ClientError | BotoCoreError | None

    @property
    def code(self) -> str | None:
        """AWS's error code; the exception's name where no answer came."""
        if isinstance(self.error, ClientError):
            return self.error.response["Error"]["Code"]
        return type(self.error).__name__ if self.error else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBlock:
    """Stands in the way of calls until cleared. ``None`` matches all; without a ``code`` no answer comes."""

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
class Dialect:
    """Code and HTTP status with which a service says the same thing."""

    throttled: tuple[str, int]
    internal: tuple[str, int]


DIALECTS = {
    "cloudwatch": Dialect(throttled=("Throttling", 400), internal=("InternalFailure", 500)),
    "rekognition": Dialect(throttled=("ThrottlingException", 400), internal=("InternalServerError", 500)),
    "lambda": Dialect(throttled=("TooManyRequestsException", 429), internal=("ServiceException", 500)),
    "sqs": Dialect(throttled=("RequestThrottled", 400), internal=("InternalError", 500)),
}


class Transport:
    """Carries every call. One at a time: clients may be used from several threads, as boto3's may."""

    def __init__(self, world: SimulatedWorld, owners: Owners) -> None:
        self.obstacles: list[CallBlock] = []
        self.listeners: list[Callable[[SentCall], None]] = []
        self._world = world
        self._owners = owners
        self._lock = RLock()

    def carry(self, request: CallRequest, act: Callable[[], Answer]) -> Answer:
        """Do ``act``, unless something stands in the way. Raises what a boto3 client raises."""
        with self._lock:
            try:
                answer = self._attempt(request, act)
            except (ClientError, BotoCoreError) as error:
                self._tell(SentCall(at=self._world.clock.now(), request=request, answer=None, error=error))
                raise
            self._tell(SentCall(at=self._world.clock.now(), request=request, answer=answer, error=None))
            return answer

    def _attempt(self, request: CallRequest, act: Callable[[], Answer]) -> Answer:
        self._obstruct(request)
        strike = self._strike(request)
        if strike is not CallFault.SPARED and strike is not CallFault.LOST_ANSWER:
            _fail(strike, request)
        try:
            answer = act()
        except Refused as refusal:
            raise _client_error(request, refusal) from None
        if strike is CallFault.LOST_ANSWER:
            raise ReadTimeoutError(endpoint_url=request.endpoint.url)
        answer["ResponseMetadata"] = OK_METADATA
        return answer

    def _strike(self, request: CallRequest) -> CallFault:
        trouble = self._world.trouble
        return trouble.strike(request.endpoint.dice(request.resource)) if trouble.abroad else CallFault.SPARED

    def _obstruct(self, request: CallRequest) -> None:
        if not self.obstacles:
            return
        owners = self._owners(request.resource)
        for obstacle in self.obstacles:
            if obstacle.blocks(request, owners):
                if obstacle.code is None:
                    _fail(CallFault.UNREACHED, request)
                raise _client_error(request, Refused(obstacle.code, f"{request.operation} is not allowed"))

    def _tell(self, call: SentCall) -> None:
        for listener in self.listeners:
            listener(call)


def _fail(strike: CallFault, request: CallRequest) -> NoReturn:
    dialect = DIALECTS[request.endpoint.service]
    match strike:
        case CallFault.THROTTLED:
            code, status = dialect.throttled
            raise _client_error(request, Refused(code, "Rate exceeded", status=status))
        case CallFault.INTERNAL_ERROR:
            code, status = dialect.internal
            raise _client_error(request, Refused(code, "An internal error occurred", status=status))
        case _:
            raise EndpointConnectionError(endpoint_url=request.endpoint.url)


def _client_error(request: CallRequest, refusal: Refused) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": refusal.code, "Message": refusal.message},
            "ResponseMetadata": _metadata(refusal.status),
        },
        request.operation,
    )


class Metadata(TypedDict):
    RequestId: str
    HostId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, object]
    RetryAttempts: int


def _metadata(status: int) -> Metadata:
    return {
        "RequestId": "00000000-0000-4000-8000-000000000000",
        "HostId": "",
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }


OK_METADATA = _metadata(200)
