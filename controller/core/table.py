"""The table: one safe step for every (desired, model, mapping, drained).

S1  consumption is enabled only while the model is observed RUNNING, and only if ON is desired
S2  the model is stopped only when consumption is observed off and the pipeline drained
S3  consumption is disabled while the model is not RUNNING, whatever is desired but AS_IS
S4  a model that can neither serve nor be started gets no start and no stop; one that cannot be read, nothing
S8  a mapping that cannot consume gets no start

The type checker proves that no row is missing: every ``match`` is closed by ``assert_never``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import assert_never

from controller.core.states import ActionKind, Desired, Drain, MappingState, ModelStatus


class Step(StrEnum):
    """What a row of the table does; the value is the condition's reason."""

    HELD = "Held"
    CONSUMING = "Consuming"
    WARM = "Warm"
    STOPPED = "Stopped"
    START = "StartingModel"
    PROTECT_AND_START = "DisablingThenStarting"
    PROTECT = "ModelNotRunning"
    ENABLE = "EnablingMapping"
    DISABLE = "DisablingMapping"
    STOP = "StoppingModel"
    WAIT_STARTING = "ModelStarting"
    WAIT_STOPPING = "ModelStopping"
    WAIT_MAPPING = "MappingInTransition"
    WAIT_DRAIN = "Draining"
    BLOCKED_MODEL = "ModelUnusable"
    BLOCKED_MAPPING = "MappingUnusable"
    BLIND_MODEL = "ModelUnreadable"
    BLIND_MAPPING = "MappingUnreadable"

    @property
    def actions(self) -> tuple[ActionKind, ...]:
        return _ACTIONS.get(self, ())


_ACTIONS = {
    Step.START: (ActionKind.START_MODEL,),
    Step.PROTECT_AND_START: (ActionKind.DISABLE_MAPPING, ActionKind.START_MODEL),
    Step.PROTECT: (ActionKind.DISABLE_MAPPING,),
    Step.ENABLE: (ActionKind.ENABLE_MAPPING,),
    Step.DISABLE: (ActionKind.DISABLE_MAPPING,),
    Step.STOP: (ActionKind.STOP_MODEL,),
}

SETTLED = frozenset({Step.HELD, Step.CONSUMING, Step.WARM, Step.STOPPED})
"""Observed is what is desired."""

WAITING = frozenset({Step.WAIT_STARTING, Step.WAIT_STOPPING, Step.WAIT_MAPPING, Step.WAIT_DRAIN})
"""AWS, or work in flight, is on its way; there is nothing to do but look again."""

BLIND = frozenset({Step.BLIND_MODEL, Step.BLIND_MAPPING})
"""What is there could not be read, or not understood."""


class ModelClass(StrEnum):
    """What a model's status means to the table."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    AT_REST = "at rest"
    """Not running, not billed, and it can be started."""
    UNUSABLE = "unusable"
    """Not running, and it cannot be started either."""
    OPAQUE = "opaque"


class MappingClass(StrEnum):
    """What a mapping's state means to the table."""

    ENABLED = "enabled"
    ENABLING = "enabling"
    """Messages may be received already."""
    DISABLED = "disabled"
    MOVING = "moving"
    """In a transition that no update can join; it ends by itself."""
    ABSENT = "absent"
    UNUSABLE = "unusable"
    """It cannot become the consumer."""
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    desired: Desired
    model: ModelStatus
    mapping: MappingState
    drain: Drain
    step: Step


@cache
def classify_model(model: ModelStatus) -> ModelClass:
    """The startable statuses.

    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-start-model-sdk.html
    """
    match model:
        case ModelStatus.RUNNING:
            return ModelClass.RUNNING
        case ModelStatus.STARTING:
            return ModelClass.STARTING
        case ModelStatus.STOPPING:
            return ModelClass.STOPPING
        case (
            ModelStatus.TRAINING_COMPLETED
            | ModelStatus.COPYING_COMPLETED
            | ModelStatus.STOPPED
            | ModelStatus.FAILED
        ):
            return ModelClass.AT_REST
        case (
            ModelStatus.TRAINING_IN_PROGRESS
            | ModelStatus.TRAINING_FAILED
            | ModelStatus.COPYING_IN_PROGRESS
            | ModelStatus.COPYING_FAILED
            | ModelStatus.DELETING
            | ModelStatus.DEPRECATED
            | ModelStatus.EXPIRED
            | ModelStatus.ABSENT
        ):
            return ModelClass.UNUSABLE
        case ModelStatus.UNKNOWN | ModelStatus.UNREADABLE:
            return ModelClass.OPAQUE
        case _:
            assert_never(model)


@cache
def classify_mapping(mapping: MappingState) -> MappingClass:
    match mapping:
        case MappingState.ENABLED:
            return MappingClass.ENABLED
        case MappingState.ENABLING:
            return MappingClass.ENABLING
        case MappingState.DISABLED:
            return MappingClass.DISABLED
        case MappingState.DISABLING | MappingState.CREATING | MappingState.UPDATING:
            return MappingClass.MOVING
        case MappingState.ABSENT:
            return MappingClass.ABSENT
        case MappingState.DELETING | MappingState.NOT_SQS:
            return MappingClass.UNUSABLE
        case MappingState.UNKNOWN | MappingState.UNREADABLE:
            return MappingClass.OPAQUE
        case _:
            assert_never(mapping)


@cache
def decide(desired: Desired, model: ModelStatus, mapping: MappingState, drain: Drain) -> Step:
    """The step for this row of the table."""
    match desired:
        case Desired.AS_IS:
            return Step.HELD
        case Desired.ON:
            return _on(classify_model(model), classify_mapping(mapping))
        case Desired.WARM:
            return _warm(classify_model(model), classify_mapping(mapping))
        case Desired.OFF:
            return _off(classify_model(model), classify_mapping(mapping), drain)
        case _:
            assert_never(desired)


def _on(model: ModelClass, mapping: MappingClass) -> Step:
    match model:
        case ModelClass.RUNNING:
            return _consume(mapping)
        case ModelClass.AT_REST:
            return _start(mapping)
        case ModelClass.STARTING:
            return _protect(mapping, Step.WAIT_STARTING)
        case ModelClass.STOPPING:
            return _protect(mapping, Step.WAIT_STOPPING)
        case ModelClass.UNUSABLE:
            return _protect(mapping, Step.BLOCKED_MODEL)
        case ModelClass.OPAQUE:
            return Step.BLIND_MODEL
        case _:
            assert_never(model)


def _warm(model: ModelClass, mapping: MappingClass) -> Step:
    """As ``_on``, but a model that runs is kept from consumption."""
    match model:
        case ModelClass.RUNNING:
            return _stand_by(mapping)
        case (
            ModelClass.AT_REST
            | ModelClass.STARTING
            | ModelClass.STOPPING
            | ModelClass.UNUSABLE
            | ModelClass.OPAQUE
        ):
            return _on(model, mapping)
        case _:
            assert_never(model)


def _off(model: ModelClass, mapping: MappingClass, drain: Drain) -> Step:
    match model:
        case ModelClass.RUNNING:
            return _stop(mapping, drain)
        case ModelClass.STARTING:
            return _protect(mapping, Step.WAIT_STARTING)
        case ModelClass.STOPPING:
            return _protect(mapping, Step.WAIT_STOPPING)
        case ModelClass.AT_REST:
            return _rest(mapping)
        case ModelClass.UNUSABLE:
            return _protect(mapping, Step.BLOCKED_MODEL)
        case ModelClass.OPAQUE:
            return Step.BLIND_MODEL
        case _:
            assert_never(model)


def _consume(mapping: MappingClass) -> Step:
    match mapping:
        case MappingClass.ENABLED:
            return Step.CONSUMING
        case MappingClass.DISABLED:
            return Step.ENABLE
        case MappingClass.ENABLING | MappingClass.MOVING:
            return Step.WAIT_MAPPING
        case MappingClass.ABSENT | MappingClass.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case MappingClass.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _stand_by(mapping: MappingClass) -> Step:
    match mapping:
        case MappingClass.ENABLED | MappingClass.ENABLING:
            return Step.DISABLE
        case MappingClass.DISABLED:
            return Step.WARM
        case MappingClass.MOVING:
            return Step.WAIT_MAPPING
        case MappingClass.ABSENT | MappingClass.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case MappingClass.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _start(mapping: MappingClass) -> Step:
    match mapping:
        case MappingClass.ENABLED | MappingClass.ENABLING:
            return Step.PROTECT_AND_START
        case MappingClass.DISABLED | MappingClass.MOVING:
            return Step.START
        case MappingClass.ABSENT | MappingClass.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case MappingClass.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _stop(mapping: MappingClass, drain: Drain) -> Step:
    match mapping:
        case MappingClass.ENABLED | MappingClass.ENABLING:
            return Step.DISABLE
        case MappingClass.MOVING:
            return Step.WAIT_MAPPING
        case MappingClass.DISABLED | MappingClass.ABSENT:
            return _drained(drain)
        case MappingClass.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case MappingClass.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _drained(drain: Drain) -> Step:
    match drain:
        case Drain.DRAINED:
            return Step.STOP
        case Drain.DRAINING:
            return Step.WAIT_DRAIN
        case _:
            assert_never(drain)


def _rest(mapping: MappingClass) -> Step:
    match mapping:
        case MappingClass.ENABLED | MappingClass.ENABLING:
            return Step.PROTECT
        case MappingClass.DISABLED | MappingClass.ABSENT:
            return Step.STOPPED
        case MappingClass.MOVING:
            return Step.WAIT_MAPPING
        case MappingClass.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case MappingClass.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _protect(mapping: MappingClass, otherwise: Step) -> Step:
    """Messages must not burn their receives on a model that does not answer."""
    match mapping:
        case MappingClass.ENABLED | MappingClass.ENABLING:
            return Step.PROTECT
        case (
            MappingClass.DISABLED
            | MappingClass.MOVING
            | MappingClass.ABSENT
            | MappingClass.UNUSABLE
            | MappingClass.OPAQUE
        ):
            return otherwise
        case _:
            assert_never(mapping)


def rows() -> tuple[Row, ...]:
    """The whole product, in the order of the enums."""
    return tuple(
        Row(
            desired=desired,
            model=model,
            mapping=mapping,
            drain=drain,
            step=decide(desired, model, mapping, drain),
        )
        for desired in Desired
        for model in ModelStatus
        for mapping in MappingState
        for drain in Drain
    )
