"""What was read of an account, before any check; every part may be ``Unreadable``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.account.findings import Readable, Unreadable
from controller.aws.function import FunctionSettings
from controller.aws.identity import Identity
from controller.aws.mapping import MappingDescription
from controller.aws.policies import Denial
from controller.aws.queue import QueueSettings
from controller.aws.quotas import Quotas
from controller.aws.rekognition import Version
from controller.aws.timers import Timed
from controller.config.model import Config, Pipeline
from controller.config.shard import Shard
from controller.schedule import Schedule
from controller.storage.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCaller:
    """A rule or schedule of EventBridge; ``environment`` are the variables of the function that it calls.

    ``may`` is what that function's role may do to the models and mappings of the file.
    """

    timed: Timed
    environment: Readable[dict[str, str]]
    may: Readable[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An event source mapping of the same account and region that is not in the file.

    ``names_model``: a variable of its function names the pipeline's model; read only where the pipeline's own
    mapping is gone.
    """

    uuid: str
    mapping: MappingDescription
    names_model: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """The actions that the controller needs and ``principal`` is denied."""

    principal: str
    denied: tuple[Denial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFacts:
    """What was read of one pipeline.

    ``known`` are the ARNs of all models in the file; ``reserved`` is the function's reserved concurrency.

    ``neighbours`` are the mappings of the consumer's account and region.
    """

    now: datetime
    pipeline: Pipeline
    schedule: Schedule
    known: frozenset[str]
    versions: Readable[tuple[Version, ...]]
    mapping: Readable[MappingDescription]
    neighbours: Readable[tuple[Neighbour, ...]]
    function: Readable[FunctionSettings]
    reserved: Readable[int | None]
    queue: Readable[QueueSettings]
    dead_letters: Readable[QueueSettings]
    quotas: Readable[Quotas]
    rules: Readable[tuple[ScheduledCaller, ...]]
    schedules: Readable[tuple[ScheduledCaller, ...]]
    permissions: Readable[Permissions]

    @property
    def model(self) -> Version | None:
        """The pipeline's own version, where it could be seen."""
        versions = () if isinstance(self.versions, Unreadable) else self.versions
        return next((each for each in versions if each.arn == self.pipeline.model.arn), None)

    def reads(self) -> Iterator[tuple[str, bool]]:
        """What the controller reads, too: the action, and whether it was answered."""
        yield "rekognition:DescribeProjectVersions", not isinstance(self.versions, Unreadable)
        yield "lambda:GetEventSourceMapping", not isinstance(self.mapping, Unreadable)
        yield "lambda:GetFunctionConfiguration", not isinstance(self.function, Unreadable)
        yield "sqs:GetQueueAttributes", not isinstance(self.queue, Unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What was read of the account as a whole.

    ``asked_at`` and ``heard_at`` are this machine's times before and after ``sts:GetCallerIdentity``.

    ``versioned`` is of the bucket that holds the file, ``None`` where it is in none; ``deployment`` is what
    the deployed controller wrote beside it, ``absent_shards`` are those that wrote nothing. ``permissions``
    are to read that file and to assume roles. ``quotas`` are by account and region.
    """

    config: Config
    asked_at: datetime
    heard_at: datetime
    identity: Readable[Identity]
    versioned: Readable[bool | None]
    deployment: Readable[Deployment | None]
    absent_shards: Readable[tuple[Shard, ...]]
    permissions: Readable[Permissions | None]
    quotas: dict[tuple[str, str], Readable[Quotas]]
