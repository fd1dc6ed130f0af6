"""Embedded SQS: a standard queue with visibility timeout, receive counts, redrive, expiry and late counts."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Unpack

from controller.sim.aws.clock import History
from controller.sim.aws.transport import Answer, Endpoint, Transport
from controller.sim.aws.world import Refused, SimulatedWorld

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import GetQueueAttributesRequestTypeDef, GetQueueUrlRequestTypeDef

MAX_RECEIVES = 5
"""AWS advises at least five.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""
COUNT_LAG_S = 60.0
"""How old counts are at most.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""
METRICS_IDLE_AFTER_S = 6 * 3600.0
"""How long the metrics of a queue go on after its last use."""
METRICS_WAKE_UP_S = 900.0
"""How long the metrics of an idle queue take to come back at most, drawn each time."""
AGE_MAX_RECEIVES = 3
"""A message received as often no longer counts for the age of the oldest.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""
ENDED_KEPT_S = 1800.0
"""How long an ended message is kept for the age of the oldest."""
QUEUE_MISSING = "AWS.SimpleQueueService.NonExistentQueue"


class Place(Enum):
    """Where a message of a queue is."""

    WAITING = auto()
    IN_FLIGHT = auto()
    GONE = auto()


class Message:
    """A message of one queue.

    ``first_at_s`` is when it was first enqueued, in any queue, ``ended_at_s`` when it left this one.
    ``stubborn`` is how many of its receives fail though the model is RUNNING (``None``: not drawn yet).
    """

    __slots__ = ("ended_at_s", "first_at_s", "place", "received_at_s", "receives", "stubborn")

    def __init__(self, first_at_s: float) -> None:
        self.first_at_s = first_at_s
        self.place = Place.WAITING
        self.receives = 0
        self.received_at_s = 0.0
        self.ended_at_s = inf
        self.stubborn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueConfig:
    """A queue's attributes; ``dead_letters`` gets what would be received over ``MAX_RECEIVES`` times."""

    arn: str
    retention_s: float
    visibility_s: float
    dead_letters: Queue | None = None

    @property
    def name(self) -> str:
        return self.arn.rsplit(":", 1)[1]


class Queue:
    """A standard queue: each arrived message is deleted, dead-lettered, expired, waiting or in flight.

    A message in flight at the end of its retention can still be deleted; it expires when it would be visible
    again. ``on_visible`` is called when one can be received, ``on_dead_letter`` before one is moved.
    """

    def __init__(self, world: SimulatedWorld, settings: QueueConfig) -> None:
        self.settings = settings
        self.arrived = self.deleted = self.dead_lettered = self.expired = self.waiting = self.in_flight = 0
        self.on_visible: Callable[[], None] = _ignore
        self.on_dead_letter: Callable[[Message], None] = _ignore_message
        self._clock = world.clock
        self._created_s = world.clock.now_s
        self._lag_chance = world.stream("lag", settings.arn)
        self._wake_up_chance = world.stream("waking", settings.arn)
        self._visible: deque[Message] = deque()
        self._by_age: list[tuple[float, int, Message]] = []
        self._order = count()
        self._expiry_due_s = inf
        self._counts = History(COUNT_LAG_S, world.clock.now_s, (0, 0))
        self._ended: deque[Message] = deque()
        self._used_at_s = world.clock.now_s
        self._metrics_since_s = world.clock.now_s

    def send(self, first_at_s: float | None = None) -> None:
        """Enqueue a message now; ``first_at_s`` when it comes from another queue."""
        message = Message(self._clock.now_s if first_at_s is None else first_at_s)
        expires_s = message.first_at_s + self.settings.retention_s
        heappush(self._by_age, (expires_s, next(self._order), message))
        self._schedule_expiry(expires_s)
        self.arrived += 1
        self.note_use()
        self._show(message)

    def receive(self) -> Message | None:
        self.note_use()
        while self._visible:
            message = self._visible.popleft()
            if message.place is not Place.WAITING:
                continue
            if message.receives >= MAX_RECEIVES and self.settings.dead_letters:
                self._dead_letter(message, self.settings.dead_letters)
                continue
            self._hide(message)
            return message
        return None

    def delete(self, message: Message) -> None:
        """The consumer deletes a message that it received."""
        self.in_flight -= 1
        self.deleted += 1
        self._end(message)

    def return_after_timeout(self, message: Message) -> None:
        """The consumer failed: the message is in flight until its visibility timeout, then visible again."""
        self._clock.at(message.received_at_s + self.settings.visibility_s, partial(self._return, message))

    @property
    def oldest_s(self) -> float | None:
        """When the oldest message that is waiting or in flight was first enqueued."""
        return self._by_age[0][2].first_at_s if self._by_age else None

    def counts(self) -> tuple[int, int]:
        """Waiting and in flight, as they were up to a minute ago."""
        return self._counts.at(self._clock.now_s - self._lag_chance.uniform(0, COUNT_LAG_S))

    def note_use(self) -> None:
        """Note a use of the queue: one that is unused for hours has no metrics.

        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
        """
        now_s = self._clock.now_s
        if now_s - self._used_at_s > METRICS_IDLE_AFTER_S:
            self._metrics_since_s = now_s + self._wake_up_chance.uniform(0, METRICS_WAKE_UP_S)
        self._used_at_s = now_s

    def oldest_ages(self, moments_s: Sequence[float]) -> Iterator[tuple[float, float]]:
        """Those of the moments at which the queue had metrics and held a message, with the oldest's age.

        Messages received three times and more don't count, as of now.
        """
        messages = (*(message for _, _, message in self._by_age), *self._ended)
        young = sorted((each for each in messages if each.receives < AGE_MAX_RECEIVES), key=_first_at_s)
        for at_s in moments_s:
            if self._metrics_since_s <= at_s <= self._used_at_s + METRICS_IDLE_AFTER_S:
                there = (each.first_at_s for each in young if each.first_at_s <= at_s < each.ended_at_s)
                oldest_s = next(there, None)
                if oldest_s is not None:
                    yield at_s, at_s - oldest_s

    def attributes(self) -> dict[str, str]:
        waiting, in_flight = self.counts()
        settings = self.settings
        shown = {
            "QueueArn": settings.arn,
            "ApproximateNumberOfMessages": waiting,
            "ApproximateNumberOfMessagesNotVisible": in_flight,
            "ApproximateNumberOfMessagesDelayed": 0,
            "CreatedTimestamp": int(self._created_s),
            "LastModifiedTimestamp": int(self._created_s),
            "VisibilityTimeout": int(settings.visibility_s),
            "MessageRetentionPeriod": int(settings.retention_s),
            "DelaySeconds": 0,
            "ReceiveMessageWaitTimeSeconds": 0,
            "MaximumMessageSize": 1_048_576,
            "SqsManagedSseEnabled": "true",
        }
        if settings.dead_letters:
            shown["RedrivePolicy"] = json.dumps(
                {
                    "deadLetterTargetArn": settings.dead_letters.settings.arn,
                    "maxReceiveCount": MAX_RECEIVES,
                }
            )
        return {name: str(value) for name, value in shown.items()}

    def _show(self, message: Message) -> None:
        message.place = Place.WAITING
        self.waiting += 1
        self._visible.append(message)
        self._note()
        self.on_visible()

    def _hide(self, message: Message) -> None:
        message.place = Place.IN_FLIGHT
        message.receives += 1
        message.received_at_s = self._clock.now_s
        self.waiting -= 1
        self.in_flight += 1
        self._note()

    def _return(self, message: Message) -> None:
        self.in_flight -= 1
        if self._clock.now_s >= message.first_at_s + self.settings.retention_s:
            self.expired += 1
            self._end(message)
        else:
            self._show(message)

    def _dead_letter(self, message: Message, dead_letters: Queue) -> None:
        self.waiting -= 1
        self.dead_lettered += 1
        self.on_dead_letter(message)
        self._end(message)
        dead_letters.send(message.first_at_s)

    def _end(self, message: Message) -> None:
        message.place = Place.GONE
        message.ended_at_s = self._clock.now_s
        self._ended.append(message)
        while self._ended[0].ended_at_s < self._clock.now_s - ENDED_KEPT_S:
            self._ended.popleft()
        self._note()
        while self._by_age and self._by_age[0][2].place is Place.GONE:
            heappop(self._by_age)

    def _schedule_expiry(self, expires_s: float) -> None:
        if expires_s < self._expiry_due_s:
            self._expiry_due_s = expires_s
            self._clock.at(expires_s, self._expire)

    def _expire(self) -> None:
        """Drop what is due, and look again when the next is; what is in flight is dropped on its return."""
        self._expiry_due_s = inf
        while self._by_age and self._by_age[0][0] <= self._clock.now_s:
            message = heappop(self._by_age)[2]
            if message.place is Place.WAITING:
                self.waiting -= 1
                self.expired += 1
                self._end(message)
        while self._visible and self._visible[0].place is Place.GONE:
            self._visible.popleft()
        if self._by_age:
            self._schedule_expiry(self._by_age[0][0])

    def _note(self) -> None:
        self._counts.note(self._clock.now_s, (self.waiting, self.in_flight))


def _first_at_s(message: Message) -> float:
    return message.first_at_s


def _ignore() -> None:
    """The default of ``on_visible``."""


def _ignore_message(message: Message) -> None:
    """The default of ``on_dead_letter``."""


@dataclass(frozen=True, slots=True)
class Sqs:
    """The service in one region: queues of every account, by account and name."""

    queues: dict[tuple[str, str], Queue] = field(default_factory=dict)

    def add(self, queue: Queue) -> None:
        account, name = queue.settings.arn.split(":")[4:]
        self.queues[account, name] = queue

    def queue(self, account: str, name: str) -> Queue:
        if (account, name) not in self.queues:
            raise Refused(QUEUE_MISSING, "The specified queue does not exist.")
        return self.queues[account, name]


class SqsClient:
    """A client like ``boto3.client("sqs")``, for URLs and attributes."""

    def __init__(self, transport: Transport, endpoint: Endpoint, service: Sqs) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._service = service

    def get_queue_url(self, **request: Unpack[GetQueueUrlRequestTypeDef]) -> Answer:
        name = request["QueueName"]
        account = request.get("QueueOwnerAWSAccountId", self._endpoint.account)
        return self._transport.send(
            self._endpoint.request("GetQueueUrl", name, request),
            lambda: {"QueueUrl": self._url(account, self._service.queue(account, name))},
        )

    def get_queue_attributes(self, **request: Unpack[GetQueueAttributesRequestTypeDef]) -> Answer:
        url = request["QueueUrl"]
        return self._transport.send(
            self._endpoint.request("GetQueueAttributes", url.rsplit("/", 1)[1], request),
            lambda: self._attributes(url, tuple(request.get("AttributeNames", ()))),
        )

    def _url(self, account: str, queue: Queue) -> str:
        return f"{self._endpoint.url}{account}/{queue.settings.name}"

    def _attributes(self, url: str, names: tuple[str, ...]) -> Answer:
        account, name = url.split("/")[-2:]
        queue = self._service.queue(account, name)
        queue.note_use()
        known = queue.attributes()
        wanted = tuple(known) if "All" in names else names
        unknown = [name for name in wanted if name not in known and name != "RedrivePolicy"]
        if unknown:
            raise Refused("InvalidAttributeName", f"Unknown Attribute {unknown[0]}.")
        return {"Attributes": {name: known[name] for name in wanted if name in known}}
