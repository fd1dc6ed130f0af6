"""Looks up the ARNs that the file implies but does not contain: projects, functions, queues.

A mapping's UUID leads to its function and its queue, and the queue to its dead-letter queue; a model's ARN
names its project, whose own ARN ends in another number. The stack's parameters and the policy need them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from controller.aws.clients import ClientFactory
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues, QueueSettings
from controller.aws.rekognition import Models
from controller.aws.remedies import format_error
from controller.config.model import Pipeline
from controller.errors import AwsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResources:
    """ARNs of one pipeline; ``None`` where there is none or it could not be read, which ``problems`` say."""

    pipeline: Pipeline
    project: str | None
    function: str | None
    queue: str | None
    dead_letter_queue: str | None
    retention: timedelta | None
    problems: tuple[str, ...]


def resources_of(pipelines: Iterable[Pipeline], clients: ClientFactory) -> tuple[PipelineResources, ...]:
    """Never raises ``AwsError``: what cannot be read is a problem of its pipeline."""
    return tuple(_resources(pipeline, clients) for pipeline in pipelines)


def _resources(pipeline: Pipeline, clients: ClientFactory) -> PipelineResources:
    problems: list[str] = []
    model, consumer = pipeline.model, pipeline.consumer
    project = model.project_arn or _read(
        lambda: Models(clients("rekognition", model.target)).project_arn(model.project), problems
    )
    mapping = (
        _read(
            lambda: Mappings(clients("lambda", consumer.target)).get(consumer.event_source_mapping), problems
        )
        if consumer is not None
        else None
    )
    if mapping is not None and mapping.function_arn is None:
        problems.append(f"the mapping {pipeline.mapping_uuid} is {mapping.state}")
    queue = mapping.queue_arn if mapping is not None else None
    settings = _queue(pipeline, queue, clients, problems)
    return PipelineResources(
        pipeline=pipeline,
        project=project,
        function=mapping.function_arn if mapping is not None else None,
        queue=queue,
        dead_letter_queue=settings.redrive.queue_arn if settings is not None and settings.redrive else None,
        retention=settings.retention if settings is not None else None,
        problems=tuple(problems),
    )


def _queue(
    pipeline: Pipeline, queue: str | None, clients: ClientFactory, problems: list[str]
) -> QueueSettings | None:
    if queue is None:
        return None
    return _read(lambda: Queues(clients("sqs", pipeline.own_consumer.target)).settings(queue), problems)


def _read(read: Callable[[], T], problems: list[str]) -> T | None:
    try:
        return read()
    except AwsError as error:
        problems.append(format_error(error))
        return None
