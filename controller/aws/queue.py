"""The SQS queue behind the mapping: how much waits, and for how long it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call
from controller.core.observed import QueueCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType, QueueAttributeNameType

WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Final = "ApproximateNumberOfMessagesDelayed"
RETENTION_S: Final = "MessageRetentionPeriod"
ATTRIBUTES: Final[tuple[QueueAttributeFilterType, ...]] = (WAITING, IN_FLIGHT, DELAYED, RETENTION_S)


class Queues:
    def __init__(self, client: SQSClient) -> None:
        self._client = client
        # A queue made anew under the same ARN has the same URL, so that an entry never goes stale. Two
        # threads that miss it at once both ask, and get the same.
        self._urls: dict[str, str] = {}

    def counts(self, queue_arn: str) -> QueueCounts:
        """Raises ``TransientError`` or ``TerminalError``, the latter too when there is no such queue."""
        url = self._url(queue_arn)
        call = Call(name="sqs:GetQueueAttributes", resource=queue_arn)
        with call.sending():
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=list(ATTRIBUTES))
        with call.reading():
            return _counts(answer["Attributes"])

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
        waiting=int(attributes[WAITING]),
        in_flight=int(attributes[IN_FLIGHT]),
        delayed=int(attributes[DELAYED]),
        retention=timedelta(seconds=int(attributes[RETENTION_S])),
    )
