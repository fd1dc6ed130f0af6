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

from controller.core.states import Action, Desired, Drain, MappingState, ModelStatus


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
    def actions(self) -> tuple[Action, ...]:
        return _ACTIONS.get(self, ())


_ACTIONS = {
    Step.START: (Action.START_MODEL,),
    Step.PROTECT_AND_START: (Action.DISABLE_MAPPING, Action.START_MODEL),
    Step.PROTECT: (Action.DISABLE_MAPPING,),
    Step.ENABLE: (Action.ENABLE_MAPPING,),
    Step.DISABLE: (Action.DISABLE_MAPPING,),
    Step.STOP: (Action.STOP_MODEL,),
}

SETTLED = frozenset({Step.HELD, Step.CONSUMING, Step.WARM, Step.STOPPED})
"""Observed is what is desired."""

WAITING = frozenset({Step.WAIT_STARTING, Step.WAIT_STOPPING, Step.WAIT_MAPPING, Step.WAIT_DRAIN})
"""AWS, or work in flight, is on its way; there is nothing to do but look again."""

BLIND = frozenset({Step.BLIND_MODEL, Step.BLIND_MAPPING})
"""What is there could not be read, or not understood."""


class Power(StrEnum):
    """What a model's status means to the table."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    AT_REST = "at rest"
    """Not running, not billed, and it can be started."""
    UNUSABLE = "unusable"
    """Not running, and it cannot be started either."""
    OPAQUE = "opaque"


class Flow(StrEnum):
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
def power(model: ModelStatus) -> Power:
    """The startable statuses.

    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-start-model-sdk.html
    """
    match model:
        case ModelStatus.RUNNING:
            return Power.RUNNING
        case ModelStatus.STARTING:
            return Power.STARTING
        case ModelStatus.STOPPING:
            return Power.STOPPING
        case (
            ModelStatus.TRAINING_COMPLETED
            | ModelStatus.COPYING_COMPLETED
            | ModelStatus.STOPPED
            | ModelStatus.FAILED
        ):
            return Power.AT_REST
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
            return Power.UNUSABLE
        case ModelStatus.UNKNOWN | ModelStatus.UNREADABLE:
            return Power.OPAQUE
        case _:
            assert_never(model)


@cache
def flow(mapping: MappingState) -> Flow:
    match mapping:
        case MappingState.ENABLED:
            return Flow.ENABLED
        case MappingState.ENABLING:
            return Flow.ENABLING
        case MappingState.DISABLED:
            return Flow.DISABLED
        case MappingState.DISABLING | MappingState.CREATING | MappingState.UPDATING:
            return Flow.MOVING
        case MappingState.ABSENT:
            return Flow.ABSENT
        case MappingState.DELETING | MappingState.NOT_SQS:
            return Flow.UNUSABLE
        case MappingState.UNKNOWN | MappingState.UNREADABLE:
            return Flow.OPAQUE
        case _:
            assert_never(mapping)


@cache
def decide(desired: Desired, model: ModelStatus, mapping: MappingState, drain: Drain) -> Step:
    """The step for this row of the table."""
    match desired:
        case Desired.AS_IS:
            return Step.HELD
        case Desired.ON:
            return _on(power(model), flow(mapping))
        case Desired.WARM:
            return _warm(power(model), flow(mapping))
        case Desired.OFF:
            return _off(power(model), flow(mapping), drain)
        case _:
            assert_never(desired)


def _on(model: Power, mapping: Flow) -> Step:
    match model:
        case Power.RUNNING:
            return _consume(mapping)
        case Power.AT_REST:
            return _start(mapping)
        case Power.STARTING:
            return _protect(mapping, Step.WAIT_STARTING)
        case Power.STOPPING:
            return _protect(mapping, Step.WAIT_STOPPING)
        case Power.UNUSABLE:
            return _protect(mapping, Step.BLOCKED_MODEL)
        case Power.OPAQUE:
            return Step.BLIND_MODEL
        case _:
            assert_never(model)


def _warm(model: Power, mapping: Flow) -> Step:
    """As ``_on``, but a model that runs is kept from consumption."""
    match model:
        case Power.RUNNING:
            return _stand_by(mapping)
        case Power.AT_REST | Power.STARTING | Power.STOPPING | Power.UNUSABLE | Power.OPAQUE:
            return _on(model, mapping)
        case _:
            assert_never(model)


def _off(model: Power, mapping: Flow, drain: Drain) -> Step:
    match model:
        case Power.RUNNING:
            return _stop(mapping, drain)
        case Power.STARTING:
            return _protect(mapping, Step.WAIT_STARTING)
        case Power.STOPPING:
            return _protect(mapping, Step.WAIT_STOPPING)
        case Power.AT_REST:
            return _rest(mapping)
        case Power.UNUSABLE:
            return _protect(mapping, Step.BLOCKED_MODEL)
        case Power.OPAQUE:
            return Step.BLIND_MODEL
        case _:
            assert_never(model)


def _consume(mapping: Flow) -> Step:
    match mapping:
        case Flow.ENABLED:
            return Step.CONSUMING
        case Flow.DISABLED:
            return Step.ENABLE
        case Flow.ENABLING | Flow.MOVING:
            return Step.WAIT_MAPPING
        case Flow.ABSENT | Flow.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case Flow.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _stand_by(mapping: Flow) -> Step:
    match mapping:
        case Flow.ENABLED | Flow.ENABLING:
            return Step.DISABLE
        case Flow.DISABLED:
            return Step.WARM
        case Flow.MOVING:
            return Step.WAIT_MAPPING
        case Flow.ABSENT | Flow.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case Flow.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _start(mapping: Flow) -> Step:
    match mapping:
        case Flow.ENABLED | Flow.ENABLING:
            return Step.PROTECT_AND_START
        case Flow.DISABLED | Flow.MOVING:
            return Step.START
        case Flow.ABSENT | Flow.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case Flow.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _stop(mapping: Flow, drain: Drain) -> Step:
    match mapping:
        case Flow.ENABLED | Flow.ENABLING:
            return Step.DISABLE
        case Flow.MOVING:
            return Step.WAIT_MAPPING
        case Flow.DISABLED | Flow.ABSENT:
            return _drained(drain)
        case Flow.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case Flow.OPAQUE:
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


def _rest(mapping: Flow) -> Step:
    match mapping:
        case Flow.ENABLED | Flow.ENABLING:
            return Step.PROTECT
        case Flow.DISABLED | Flow.ABSENT:
            return Step.STOPPED
        case Flow.MOVING:
            return Step.WAIT_MAPPING
        case Flow.UNUSABLE:
            return Step.BLOCKED_MAPPING
        case Flow.OPAQUE:
            return Step.BLIND_MAPPING
        case _:
            assert_never(mapping)


def _protect(mapping: Flow, otherwise: Step) -> Step:
    """Messages must not burn their receives on a model that does not answer."""
    match mapping:
        case Flow.ENABLED | Flow.ENABLING:
            return Step.PROTECT
        case Flow.DISABLED | Flow.MOVING | Flow.ABSENT | Flow.UNUSABLE | Flow.OPAQUE:
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
