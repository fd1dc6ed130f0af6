"""The Lambda event source mapping, of which only ``Enabled`` is ever written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call, count, seconds, unknown_word, utc
from controller.aws.codes import is_absent
from controller.core.states import MappingState
from controller.errors import TerminalError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationResponseTypeDef,
        EventSourceMappingConfigurationTypeDef,
        ProvisionedPollerConfigTypeDef,
    )

DEFAULT_POLLERS: Final = 200
"""The most that provisioned mode comes to where nobody set it.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
"""
MOST: Final = 10**6
"""Messages of a batch, invocations at once, pollers: beyond it an answer is not believed."""
BATCHING_WINDOW_S: Final = "MaximumBatchingWindowInSeconds"
MOST_WINDOW: Final = timedelta(days=1)
"""Beyond it an answer is not believed; Lambda allows five minutes.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""
OURS: Final = frozenset(
    {
        MappingState.NOT_SQS,
        MappingState.UNKNOWN,
        MappingState.ABSENT,
        MappingState.UNREADABLE,
        MappingState.NONE,
    }
)
"""What only we say of a mapping; the same word from AWS would be a new one, thus UNKNOWN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDescription:
    """A mapping as Lambda describes it; one that is absent has a ``state`` only.

    ``last_modified`` is aware UTC, and moves when the state does.

    ``word`` is Lambda's own for a ``state`` that is UNKNOWN here.

    ``source_arn`` is of whatever feeds it, ``queue_arn`` the same if that is a queue. ``batching_window`` is
    how long messages that were received may be gathered before an invocation. ``maximum_concurrency`` is
    ``None`` without a limit, ``maximum_pollers`` unless the mapping is in provisioned mode;
    ``partial_batches``: the function says which messages of a batch failed.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
    """

    state: MappingState
    word: str | None = None
    last_modified: datetime | None = None
    function_arn: str | None = None
    source_arn: str | None = None
    queue_arn: str | None = None
    transition_reason: str | None = None
    batching_window: timedelta = timedelta(0)
    batch_size: int | None = None
    maximum_concurrency: int | None = None
    maximum_pollers: int | None = None
    partial_batches: bool = False


class Mappings:
    """Every method may raise ``TransientError`` or ``TerminalError``."""

    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def get(self, uuid: str) -> MappingDescription:
        """ABSENT when it does not exist, NOT_SQS when something else than an SQS queue feeds it.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
        """
        try:
            return self._get(uuid)
        except TerminalError as error:
            if is_absent(error):
                return MappingDescription(state=MappingState.ABSENT)
            raise

    def every(self) -> dict[str, MappingDescription]:
        """Those of the account and region, by UUID.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
        """
        call = Call(name="lambda:ListEventSourceMappings", resource="*")
        pages = call.pages(self._client.get_paginator("list_event_source_mappings").paginate())
        with call.reading():
            return {
                each["UUID"]: _description(each) for page in pages for each in page["EventSourceMappings"]
            }

    def set_enabled(self, uuid: str, *, enabled: bool) -> None:
        """Asks for the change, which then takes up to a minute; what the request omits stays as it is.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
        """
        with Call(name="lambda:UpdateEventSourceMapping", resource=uuid).sending():
            self._client.update_event_source_mapping(UUID=uuid, Enabled=enabled)

    def _get(self, uuid: str) -> MappingDescription:
        call = Call(name="lambda:GetEventSourceMapping", resource=uuid)
        with call.sending():
            answer = self._client.get_event_source_mapping(UUID=uuid)
        with call.reading():
            _ = answer["UUID"]  # every mapping has one; an answer without it is not about a mapping
            return _description(answer)


def _description(
    answer: EventSourceMappingConfigurationResponseTypeDef | EventSourceMappingConfigurationTypeDef,
) -> MappingDescription:
    source_arn = answer.get("EventSourceArn")
    queue_arn = _queue_arn(source_arn)
    scaling = answer.get("ScalingConfig") or {}
    state = MappingState.NOT_SQS if queue_arn is None else _state(answer.get("State"))
    return MappingDescription(
        state=state,
        word=unknown_word(answer.get("State")) if state is MappingState.UNKNOWN else None,
        last_modified=_utc(answer.get("LastModified")),
        function_arn=answer.get("FunctionArn"),
        source_arn=source_arn,
        queue_arn=queue_arn,
        transition_reason=answer.get("StateTransitionReason"),
        batching_window=seconds(answer.get(BATCHING_WINDOW_S) or 0, MOST_WINDOW, BATCHING_WINDOW_S),
        batch_size=count(answer.get("BatchSize"), MOST, "BatchSize"),
        maximum_concurrency=count(scaling.get("MaximumConcurrency"), MOST, "MaximumConcurrency"),
        maximum_pollers=_pollers(answer.get("ProvisionedPollerConfig")),
        partial_batches="ReportBatchItemFailures" in (answer.get("FunctionResponseTypes") or ()),
    )


def _pollers(provisioned: ProvisionedPollerConfigTypeDef | None) -> int | None:
    if not provisioned:
        return None
    return count(provisioned.get("MaximumPollers", DEFAULT_POLLERS), MOST, "MaximumPollers")


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else utc(instant, "LastModified")


def _queue_arn(source_arn: str | None) -> str | None:
    """``source_arn`` if it is a queue's; a self-managed Kafka cluster has none at all."""
    match (source_arn or "").split(":"):
        case ["arn", _, "sqs", _, _, _]:
            return source_arn
        case _:
            return None


def _state(value: str | None) -> MappingState:
    try:
        state = MappingState(value or MappingState.UNKNOWN)
    except ValueError:
        return MappingState.UNKNOWN
    return MappingState.UNKNOWN if state in OURS else state
