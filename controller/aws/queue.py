"""The SQS queue behind the mapping: its counts and its settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call, bounded, seconds
from controller.core.observed import QueueCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType, QueueAttributeNameType

WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Final = "ApproximateNumberOfMessagesDelayed"
RETENTION_S: Final = "MessageRetentionPeriod"
VISIBILITY_S: Final = "VisibilityTimeout"
REDRIVE: Final = "RedrivePolicy"
ATTRIBUTES: Final[tuple[QueueAttributeFilterType, ...]] = (WAITING, IN_FLIGHT, DELAYED, RETENTION_S)
SETTINGS: Final[tuple[QueueAttributeFilterType, ...]] = (RETENTION_S, VISIBILITY_S, REDRIVE)
MOST_MESSAGES: Final = 10**12
MOST_RETENTION: Final = timedelta(days=365)
MOST_VISIBILITY: Final = timedelta(days=30)
"""Bounds of what is believed, well beyond what SQS allows (14 days, 12 hours).

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """A redrive policy: where a message goes that was received ``max_receives`` times and never deleted."""

    queue_arn: str
    max_receives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """A queue's settings; without ``redrive`` a message is received until it expires."""

    arn: str
    retention: timedelta
    visibility: timedelta
    redrive: Redrive | None


class Queues:
    """Every method may raise ``TransientError`` or ``TerminalError``; the latter where there is no queue."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client
        # A queue made anew under the same ARN has the same URL, so that an entry never goes stale. Two
        # threads that miss it at once both ask, and get the same.
        self._urls: dict[str, str] = {}

    def counts(self, queue_arn: str) -> QueueCounts:
        call, attributes = self._attributes(queue_arn, ATTRIBUTES)
        with call.reading():
            return _counts(attributes)

    def settings(self, queue_arn: str) -> QueueSettings:
        """Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html."""
        call, attributes = self._attributes(queue_arn, SETTINGS)
        with call.reading():
            return _settings(queue_arn, attributes)

    def _attributes(
        self, queue_arn: str, names: tuple[QueueAttributeFilterType, ...]
    ) -> tuple[Call, Mapping[QueueAttributeNameType, str]]:
        url = self._url(queue_arn)
        call = Call(name="sqs:GetQueueAttributes", resource=queue_arn)
        with call.sending():
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
        with call.reading():
            return call, answer["Attributes"]

    def _url(self, queue_arn: str) -> str:
        if queue_arn not in self._urls:
            self._urls[queue_arn] = self._look_up(queue_arn)
        return self._urls[queue_arn]

    def _look_up(self, queue_arn: str) -> str:
        """The owner is named since the queue may be another account's.

        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html
        """
        call = Call(name="sqs:GetQueueUrl", resource=queue_arn)
        with call.reading():
            account, name = queue_arn.split(":")[4:]
        with call.sending():
            answer = self._client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
        with call.reading():
            return answer["QueueUrl"]


def _counts(attributes: Mapping[QueueAttributeNameType, str]) -> QueueCounts:
    return QueueCounts(
        waiting=_count(attributes, WAITING),
        in_flight=_count(attributes, IN_FLIGHT),
        delayed=_count(attributes, DELAYED),
        retention=_retention(attributes),
    )


def _count(attributes: Mapping[QueueAttributeNameType, str], name: QueueAttributeNameType) -> int:
    return int(bounded(int(attributes[name]), MOST_MESSAGES, name))


def _retention(attributes: Mapping[QueueAttributeNameType, str]) -> timedelta:
    return seconds(int(attributes[RETENTION_S]), MOST_RETENTION, RETENTION_S)


def _settings(queue_arn: str, attributes: Mapping[QueueAttributeNameType, str]) -> QueueSettings:
    policy = attributes.get(REDRIVE)
    return QueueSettings(
        arn=queue_arn,
        retention=_retention(attributes),
        visibility=seconds(int(attributes[VISIBILITY_S]), MOST_VISIBILITY, VISIBILITY_S),
        redrive=_redrive(policy) if policy else None,
    )


def _redrive(policy: str) -> Redrive:
    """AWS writes the number as a number; who set it may have written a text."""
    read = json.loads(policy)
    return Redrive(queue_arn=read["deadLetterTargetArn"], max_receives=int(read["maxReceiveCount"]))
