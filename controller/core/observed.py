"""The state of one pipeline as AWS reports it, read at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.states import MappingState, ModelStatus, in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """The queue's approximate message counts, up to a minute late, and its retention.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """

    waiting: int
    in_flight: int
    delayed: int
    retention: timedelta

    @property
    def empty(self) -> bool:
        return not (self.waiting or self.in_flight or self.delayed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherVersion:
    """A version of the same project that runs beside this model; ``units`` is what it is billed by.

    ``retired``: the file says that it must never run.
    """

    arn: str
    units: int | None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedVersions:
    """Which model versions the environment of the mapping's function names: this one, a retired one."""

    model: bool
    retired: bool

    @property
    def only_model(self) -> bool:
        return self.model and not self.retired


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One observation of a pipeline: the model, the mapping, and the facts that were requested.

    ``model_word`` and ``mapping_word`` are AWS's values where this version does not know them (UNKNOWN).
    ``mapping_changed_at`` is when the mapping's state last changed (aware UTC).

    Facts, ``None`` unless requested and readable: ``queue``; ``oldest_age``, of the oldest message;
    ``unit_hours``, billed in this month so far; ``function_timeout``, of the mapping's function, and
    ``named``, by its environment. ``queue_missing``: AWS answered that there is no such queue.
    ``errors`` are the messages of the reads that failed.
    """

    model: ModelStatus
    mapping: MappingState
    model_word: str | None = None
    mapping_word: str | None = None
    model_message: str | None = None
    units: int | None = None
    max_units: int | None = None
    others: tuple[OtherVersion, ...] = ()
    mapping_changed_at: datetime | None = None
    mapping_reason: str | None = None
    function_arn: str | None = None
    queue_arn: str | None = None
    batching_window: timedelta = timedelta(0)
    queue: QueueCounts | None = None
    queue_missing: bool = False
    oldest_age: timedelta | None = None
    unit_hours: float | None = None
    function_timeout: timedelta | None = None
    named: NamedVersions | None = None
    errors: tuple[str, ...] = ()

    @property
    def consumes(self) -> bool:
        """Whether work reaches the model; without a consumer it does whenever the model runs."""
        gate_open = self.mapping in (MappingState.ENABLED, MappingState.NONE)
        return self.model is ModelStatus.RUNNING and gate_open

    @property
    def model_text(self) -> str:
        """The model's status as text."""
        return in_words(self.model, self.model_word)

    @property
    def mapping_text(self) -> str:
        """The mapping's state as text."""
        return in_words(self.mapping, self.mapping_word)

    @property
    def text(self) -> str:
        mapping = "" if self.mapping is MappingState.NONE else f", mapping {self.mapping_text}"
        return f"model {self.model_text}{mapping}"

    @property
    def retired(self) -> tuple[str, ...]:
        """The ARNs of retired versions that run."""
        return tuple(other.arn for other in self.others if other.retired)
