"""The states over which the decision table is total: model, mapping, desired state, drain."""

from __future__ import annotations

from enum import StrEnum


class ModelStatus(StrEnum):
    """Status of a project version: the API's fourteen, and three of the controller.

    Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_ProjectVersionDescription.html
    """

    TRAINING_IN_PROGRESS = "TRAINING_IN_PROGRESS"
    TRAINING_COMPLETED = "TRAINING_COMPLETED"
    TRAINING_FAILED = "TRAINING_FAILED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"
    COPYING_IN_PROGRESS = "COPYING_IN_PROGRESS"
    COPYING_COMPLETED = "COPYING_COMPLETED"
    COPYING_FAILED = "COPYING_FAILED"
    DEPRECATED = "DEPRECATED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"
    """A value that the API added after this was written."""
    ABSENT = "ABSENT"
    """The answer was that it does not exist."""
    UNREADABLE = "UNREADABLE"
    """The call failed."""


class MappingState(StrEnum):
    """State of the event source mapping: Lambda's seven, and five of the controller.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
    """

    CREATING = "Creating"
    ENABLING = "Enabling"
    ENABLED = "Enabled"
    DISABLING = "Disabling"
    DISABLED = "Disabled"
    UPDATING = "Updating"
    DELETING = "Deleting"
    NOT_SQS = "NotSqs"
    """It exists, but no SQS queue feeds it: it is not the consumer of any pipeline."""
    UNKNOWN = "UNKNOWN"
    ABSENT = "ABSENT"
    UNREADABLE = "UNREADABLE"
    NONE = "None"
    """The pipeline has no consumer: nothing is gated, and nothing was asked."""


def in_words(state: ModelStatus | MappingState, word: str | None) -> str:
    """``RUNNING``; of a value that this version does not know: ``UNKNOWN (AWS says HIBERNATING)``."""
    return state.value if word is None else f"{state.value} (AWS says {word})"


class Desired(StrEnum):
    """What the rules can ask for."""

    ON = "ON"
    """The model runs, the consumer consumes."""
    WARM = "WARM"
    """The model runs, the consumer does not consume."""
    OFF = "OFF"
    AS_IS = "AS_IS"
    """The controller changes nothing."""


class Drain(StrEnum):
    """Whether the consumer's work in flight has ended since consumption went off."""

    DRAINED = "drained"
    DRAINING = "draining"
