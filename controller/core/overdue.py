"""Transitions of AWS that exceed their bound, and actions that are repeated without effect.

Every bound is counted from the first observation, so that nothing is overdue after a memory was lost. What
is overdue is only reported: an operator has to act, and the controller does nothing new on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core import messages
from controller.core.actions import ActionKind, Attempt
from controller.core.inputs import DecisionInputs
from controller.core.memory import Memory
from controller.core.observed import Observed
from controller.core.reasons import Reason
from controller.core.states import MappingState, ModelStatus

MODEL_TRANSITION_MAX = timedelta(minutes=60)
"""A start takes up to half an hour.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html
"""

MAPPING_TRANSITION_MAX = timedelta(minutes=10)
"""AWS names no time; a minute is long."""

CONVERGENCE_MAX = timedelta(hours=3)
"""A stop, a start, two transitions of the mapping and a drain, each within its bound, take less."""

_EFFECT_MAX = {
    ActionKind.START_MODEL: MODEL_TRANSITION_MAX,
    ActionKind.STOP_MODEL: MODEL_TRANSITION_MAX,
    ActionKind.ENABLE_MAPPING: MAPPING_TRANSITION_MAX,
    ActionKind.DISABLE_MAPPING: MAPPING_TRANSITION_MAX,
}
_NO_EFFECT = {
    ActionKind.START_MODEL: Reason.START_NO_EFFECT,
    ActionKind.STOP_MODEL: Reason.STOP_NO_EFFECT,
    ActionKind.ENABLE_MAPPING: Reason.ENABLE_NO_EFFECT,
    ActionKind.DISABLE_MAPPING: Reason.DISABLE_NO_EFFECT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """``reason`` and ``message`` are those of the condition ``Stalled``."""

    reason: Reason
    message: str


def overdue(now: datetime, observed: Observed, memory: Memory) -> Overdue | None:
    """The first transition or action that has exceeded its bound."""
    starting, stopping, moving = memory.starting_since, memory.stopping_since, memory.moving_since
    if starting is not None and now - starting > MODEL_TRANSITION_MAX:
        return Overdue(reason=Reason.START_TOO_LONG, message=messages.start_too_long(starting))
    if stopping is not None and now - stopping > MODEL_TRANSITION_MAX:
        return Overdue(reason=Reason.STOP_TOO_LONG, message=messages.stop_too_long(stopping))
    if moving is not None and now - moving > MAPPING_TRANSITION_MAX:
        return Overdue(reason=Reason.MAPPING_TOO_LONG, message=messages.mapping_too_long(observed, moving))
    attempt = next((each for each in memory.attempts if is_without_effect(each, now)), None)
    if attempt is None:
        return None
    return Overdue(reason=_NO_EFFECT[attempt.action], message=messages.no_effect(attempt, observed))


def is_without_effect(attempt: Attempt, now: datetime) -> bool:
    """Whether it has gone on for longer than the requested state may take to appear."""
    return now - attempt.since > _EFFECT_MAX[attempt.action]


def is_unknown_too_long(inputs: DecisionInputs) -> bool:
    """For a status that AWS has added; a call that fails is reported as such."""
    observed = inputs.observation
    unknown = observed.model is ModelStatus.UNKNOWN or observed.mapping is MappingState.UNKNOWN
    since = _ready_since(inputs.memory, "Unknown")
    return unknown and since is not None and inputs.now - since > MODEL_TRANSITION_MAX


def not_converging(inputs: DecisionInputs) -> Overdue | None:
    """No single transition is overdue, and yet the pipeline has not been as desired for hours."""
    since = _ready_since(inputs.memory, "False")
    if since is None or inputs.now - since <= CONVERGENCE_MAX:
        return None
    return Overdue(reason=Reason.NOT_CONVERGING, message=messages.not_converging(inputs.observation, since))


def _ready_since(memory: Memory, status: str) -> datetime | None:
    """Since when ``Ready`` has had this status; ``None`` if it has another."""
    ready = memory.condition("Ready")
    return ready.since if ready is not None and ready.status == status else None
