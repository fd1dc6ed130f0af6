"""Lists the models and the SQS event source mappings of an account, for ``init``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.aws.clients import ClientFactory
from controller.aws.function import Functions
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues
from controller.aws.rekognition import Models, Version
from controller.config.arns import models_in
from controller.config.model import Target
from controller.core.table import ModelClass, classify_model
from controller.errors import AwsError


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundConsumer:
    """An event source mapping from a queue; ``asks`` are the model ARNs in its function's variables.

    ``retention`` is the queue's, ``None`` where it may not be read; so is ``asks`` empty.
    """

    uuid: str
    queue_arn: str
    function_arn: str
    asks: tuple[str, ...]
    retention: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Models that can be run, and mappings, in the order in which AWS lists them."""

    models: tuple[Version, ...]
    consumers: tuple[FoundConsumer, ...]

    def asked_models(self) -> tuple[Version, ...]:
        """Those that a function asks; all of them where none does."""
        asked = {arn for consumer in self.consumers for arn in consumer.asks}
        return tuple(model for model in self.models if model.arn in asked) or self.models

    def consumers_of(self, arn: str) -> tuple[FoundConsumer, ...]:
        """Those whose function asks this model; all of them where none does."""
        return tuple(consumer for consumer in self.consumers if arn in consumer.asks) or self.consumers


def list_inventory(clients: ClientFactory, target: Target, *, consumers: bool = True) -> Inventory:
    """Lists no mappings without ``consumers``; raises ``AwsError`` where one list cannot be had."""
    models = Models(clients("rekognition", target))
    versions = (version for arn in models.projects() for version in models.versions(arn) or ())
    return Inventory(
        models=tuple(version for version in versions if classify_model(version.status) not in _NO_USE),
        consumers=_consumers(clients, target) if consumers else (),
    )


_NO_USE = frozenset({ModelClass.UNUSABLE, ModelClass.UNKNOWN})


def _consumers(clients: ClientFactory, target: Target) -> tuple[FoundConsumer, ...]:
    mappings = Mappings(clients("lambda", target)).every()
    functions, queues = Functions(clients("lambda", target)), Queues(clients("sqs", target))
    return tuple(
        FoundConsumer(
            uuid=uuid,
            queue_arn=found.queue_arn,
            function_arn=found.function_arn,
            asks=_asked(functions, found.function_arn),
            retention=_retention(queues, found.queue_arn),
        )
        for uuid, found in mappings.items()
        if found.queue_arn and found.function_arn
    )


def _asked(functions: Functions, arn: str) -> tuple[str, ...]:
    try:
        values = functions.settings(arn).environment.values()
    except AwsError:  # then a person is asked
        return ()
    return tuple(model for value in values for model in models_in(value))


def _retention(queues: Queues, arn: str) -> timedelta | None:
    try:
        return queues.settings(arn).retention
    except AwsError:  # then the file assumes SQS's own
        return None
