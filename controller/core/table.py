"""The decision table: one safe step for every combination of desired state, model, mapping and drain.

S1  consumption is enabled only while the model is observed RUNNING, and only if ON is desired
S2  the model is stopped only when consumption is observed off and the pipeline drained
S3  consumption is disabled while the model is not RUNNING, whatever is desired but AS_IS
S4  a model that can neither serve nor be started gets no start and no stop; one that cannot be read, nothing
S8  a mapping that cannot consume gets no start

Without a consumer there is no mapping (``MappingClass.NONE``), and of these rules S2 and S4 alone apply.

``Rows`` and ``Row`` require a field for every class of model status and of mapping state, and every ``match``
is closed by ``assert_never``: the type checker refuses a missing row, a missing cell and a new class alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import assert_never

from controller.core.actions import ActionKind
from controller.core.states import Desired, Drain, MappingState, ModelStatus


class Step(StrEnum):
    """The content of a cell of the table; the value is the reason of conditions."""

    AS_IS = "Held"
    CONSUMING = "Consuming"
    RUNNING = "Running"
    """As desired, where there is no consumption to enable."""
    WARM = "Warm"
    STOPPED = "Stopped"
    START = "StartingModel"
    DISABLE_AND_START = "DisablingThenStarting"
    DISABLE_NOT_RUNNING = "ModelNotRunning"
    ENABLE = "EnablingMapping"
    DISABLE = "DisablingMapping"
    STOP = "StoppingModel"
    WAIT_STARTING = "ModelStarting"
    WAIT_STOPPING = "ModelStopping"
    WAIT_MAPPING = "MappingInTransition"
    WAIT_DRAIN = "Draining"
    BLOCKED_MODEL = "ModelUnusable"
    BLOCKED_MAPPING = "MappingUnusable"
    UNREADABLE_MODEL = "ModelUnreadable"
    UNREADABLE_MAPPING = "MappingUnreadable"

    @property
    def actions(self) -> tuple[ActionKind, ...]:
        return _ACTIONS.get(self, ())


_ACTIONS = {
    Step.START: (ActionKind.START_MODEL,),
    Step.DISABLE_AND_START: (ActionKind.DISABLE_MAPPING, ActionKind.START_MODEL),
    Step.DISABLE_NOT_RUNNING: (ActionKind.DISABLE_MAPPING,),
    Step.ENABLE: (ActionKind.ENABLE_MAPPING,),
    Step.DISABLE: (ActionKind.DISABLE_MAPPING,),
    Step.STOP: (ActionKind.STOP_MODEL,),
}

SETTLED = frozenset({Step.AS_IS, Step.CONSUMING, Step.RUNNING, Step.WARM, Step.STOPPED})
"""The observed state is the desired one."""

WAITING = frozenset({Step.WAIT_STARTING, Step.WAIT_STOPPING, Step.WAIT_MAPPING, Step.WAIT_DRAIN})
"""A transition of AWS, or a drain, is under way: there is nothing to do until it ends."""

UNREADABLE = frozenset({Step.UNREADABLE_MODEL, Step.UNREADABLE_MAPPING})
"""The state could not be read, or is one that this version does not know."""


class ModelClass(StrEnum):
    """A class of model statuses that the table treats alike."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    STARTABLE = "startable"
    """Not running, not billed, and it can be started."""
    UNUSABLE = "unusable"
    """Not running, and it cannot be started either."""
    UNKNOWN = "unknown"


class MappingClass(StrEnum):
    """A class of mapping states that the table treats alike."""

    ENABLED = "enabled"
    ENABLING = "enabling"
    """Messages may be received already."""
    DISABLED = "disabled"
    IN_TRANSITION = "in transition"
    """No update is accepted until it ends, which it does by itself."""
    ABSENT = "absent"
    UNUSABLE = "unusable"
    """It cannot become the consumer."""
    UNKNOWN = "unknown"
    NONE = "none"
    """The pipeline has no consumer."""


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
            return ModelClass.STARTABLE
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
            return ModelClass.UNKNOWN
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
            return MappingClass.IN_TRANSITION
        case MappingState.ABSENT:
            return MappingClass.ABSENT
        case MappingState.DELETING | MappingState.NOT_SQS:
            return MappingClass.UNUSABLE
        case MappingState.UNKNOWN | MappingState.UNREADABLE:
            return MappingClass.UNKNOWN
        case MappingState.NONE:
            return MappingClass.NONE
        case _:
            assert_never(mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The steps for one desired state and one class of model status, by the class of the mapping's state.

    ``Step.STOP`` in a cell is ``Step.WAIT_DRAIN`` until the pipeline is drained.
    """

    enabled: Step
    enabling: Step
    disabled: Step
    in_transition: Step
    absent: Step
    unusable: Step
    unknown: Step
    none: Step

    def cell(self, mapping: MappingClass) -> Step:
        match mapping:
            case MappingClass.ENABLED:
                return self.enabled
            case MappingClass.ENABLING:
                return self.enabling
            case MappingClass.DISABLED:
                return self.disabled
            case MappingClass.IN_TRANSITION:
                return self.in_transition
            case MappingClass.ABSENT:
                return self.absent
            case MappingClass.UNUSABLE:
                return self.unusable
            case MappingClass.UNKNOWN:
                return self.unknown
            case MappingClass.NONE:
                return self.none
            case _:
                assert_never(mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows for one desired state, by the class of the model's status."""

    running: Row
    starting: Row
    stopping: Row
    startable: Row
    unusable: Row
    unknown: Row

    def row(self, model: ModelClass) -> Row:
        match model:
            case ModelClass.RUNNING:
                return self.running
            case ModelClass.STARTING:
                return self.starting
            case ModelClass.STOPPING:
                return self.stopping
            case ModelClass.STARTABLE:
                return self.startable
            case ModelClass.UNUSABLE:
                return self.unusable
            case ModelClass.UNKNOWN:
                return self.unknown
            case _:
                assert_never(model)


_STARTING = Row(
    enabled=Step.DISABLE_NOT_RUNNING,
    enabling=Step.DISABLE_NOT_RUNNING,
    disabled=Step.WAIT_STARTING,
    in_transition=Step.WAIT_STARTING,
    absent=Step.WAIT_STARTING,
    unusable=Step.WAIT_STARTING,
    unknown=Step.WAIT_STARTING,
    none=Step.WAIT_STARTING,
)
_STOPPING = Row(
    enabled=Step.DISABLE_NOT_RUNNING,
    enabling=Step.DISABLE_NOT_RUNNING,
    disabled=Step.WAIT_STOPPING,
    in_transition=Step.WAIT_STOPPING,
    absent=Step.WAIT_STOPPING,
    unusable=Step.WAIT_STOPPING,
    unknown=Step.WAIT_STOPPING,
    none=Step.WAIT_STOPPING,
)
_STARTABLE = Row(
    enabled=Step.DISABLE_AND_START,
    enabling=Step.DISABLE_AND_START,
    disabled=Step.START,
    in_transition=Step.START,
    absent=Step.BLOCKED_MAPPING,
    unusable=Step.BLOCKED_MAPPING,
    unknown=Step.UNREADABLE_MAPPING,
    none=Step.START,
)
_UNUSABLE = Row(
    enabled=Step.DISABLE_NOT_RUNNING,
    enabling=Step.DISABLE_NOT_RUNNING,
    disabled=Step.BLOCKED_MODEL,
    in_transition=Step.BLOCKED_MODEL,
    absent=Step.BLOCKED_MODEL,
    unusable=Step.BLOCKED_MODEL,
    unknown=Step.BLOCKED_MODEL,
    none=Step.BLOCKED_MODEL,
)
_UNKNOWN = Row(
    enabled=Step.UNREADABLE_MODEL,
    enabling=Step.UNREADABLE_MODEL,
    disabled=Step.UNREADABLE_MODEL,
    in_transition=Step.UNREADABLE_MODEL,
    absent=Step.UNREADABLE_MODEL,
    unusable=Step.UNREADABLE_MODEL,
    unknown=Step.UNREADABLE_MODEL,
    none=Step.UNREADABLE_MODEL,
)

ON = Rows(
    running=Row(
        enabled=Step.CONSUMING,
        enabling=Step.WAIT_MAPPING,
        disabled=Step.ENABLE,
        in_transition=Step.WAIT_MAPPING,
        absent=Step.BLOCKED_MAPPING,
        unusable=Step.BLOCKED_MAPPING,
        unknown=Step.UNREADABLE_MAPPING,
        none=Step.RUNNING,
    ),
    starting=_STARTING,
    stopping=_STOPPING,
    startable=_STARTABLE,
    unusable=_UNUSABLE,
    unknown=_UNKNOWN,
)

WARM = Rows(
    running=Row(
        enabled=Step.DISABLE,
        enabling=Step.DISABLE,
        disabled=Step.WARM,
        in_transition=Step.WAIT_MAPPING,
        absent=Step.BLOCKED_MAPPING,
        unusable=Step.BLOCKED_MAPPING,
        unknown=Step.UNREADABLE_MAPPING,
        none=Step.RUNNING,
    ),
    starting=_STARTING,
    stopping=_STOPPING,
    startable=_STARTABLE,
    unusable=_UNUSABLE,
    unknown=_UNKNOWN,
)

OFF = Rows(
    running=Row(
        enabled=Step.DISABLE,
        enabling=Step.DISABLE,
        disabled=Step.STOP,
        in_transition=Step.WAIT_MAPPING,
        absent=Step.STOP,
        unusable=Step.BLOCKED_MAPPING,
        unknown=Step.UNREADABLE_MAPPING,
        none=Step.STOP,
    ),
    starting=_STARTING,
    stopping=_STOPPING,
    startable=Row(
        enabled=Step.DISABLE_NOT_RUNNING,
        enabling=Step.DISABLE_NOT_RUNNING,
        disabled=Step.STOPPED,
        in_transition=Step.WAIT_MAPPING,
        absent=Step.STOPPED,
        unusable=Step.BLOCKED_MAPPING,
        unknown=Step.UNREADABLE_MAPPING,
        none=Step.STOPPED,
    ),
    unusable=_UNUSABLE,
    unknown=_UNKNOWN,
)


@cache
def decide(desired: Desired, model: ModelStatus, mapping: MappingState, drain: Drain) -> Step:
    """The step of the table's cell for these states."""
    match desired:
        case Desired.AS_IS:
            return Step.AS_IS
        case Desired.ON:
            rows = ON
        case Desired.WARM:
            rows = WARM
        case Desired.OFF:
            rows = OFF
        case _:
            assert_never(desired)
    step = rows.row(classify_model(model)).cell(classify_mapping(mapping))
    return Step.WAIT_DRAIN if step is Step.STOP and drain is not Drain.DRAINED else step


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One combination of states, and its step."""

    desired: Desired
    model: ModelStatus
    mapping: MappingState
    drain: Drain
    step: Step


def cases() -> tuple[Case, ...]:
    """All combinations, in the order of the enums."""
    return tuple(
        Case(
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
