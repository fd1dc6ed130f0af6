"""What goes on for longer than it may: transitions of AWS, and actions that are repeated in vain.

Every bound is counted from when this was first seen to begin, so that nothing is overdue after a memory was
lost. A bound that has passed wants a person: nothing here tries anything else by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.actions import ActionKind, Attempt
from controller.core.inputs import DecisionInputs
from controller.core.memory import Memory
from controller.core.observed import Observed
from controller.core.states import MappingState, ModelStatus
from controller.core.timefmt import utc

LONGEST_MODEL_TRANSITION = timedelta(minutes=60)
"""A start takes up to half an hour.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html
"""

LONGEST_MAPPING_TRANSITION = timedelta(minutes=10)
"""AWS names no time; a minute is long."""

LONGEST_WAY = timedelta(hours=3)
"""A stop, a start, two transitions of the mapping and a drain, each within its bound, take less."""

_BOUNDS = {
    ActionKind.START_MODEL: LONGEST_MODEL_TRANSITION,
    ActionKind.STOP_MODEL: LONGEST_MODEL_TRANSITION,
    ActionKind.ENABLE_MAPPING: LONGEST_MAPPING_TRANSITION,
    ActionKind.DISABLE_MAPPING: LONGEST_MAPPING_TRANSITION,
}
_REASONS = {
    ActionKind.START_MODEL: "StartHasNoEffect",
    ActionKind.STOP_MODEL: "StopHasNoEffect",
    ActionKind.ENABLE_MAPPING: "EnableHasNoEffect",
    ActionKind.DISABLE_MAPPING: "DisableHasNoEffect",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """``reason`` is the condition's."""

    reason: str
    message: str


def overdue(now: datetime, observed: Observed, memory: Memory) -> Overdue | None:
    """The first that has passed its bound: a transition, an action in vain, the way to what is desired."""
    findings = (
        _transition(now, "StartTakesTooLong", memory.starting_since, "the model has been starting"),
        _transition(now, "StopTakesTooLong", memory.stopping_since, "the model has been STOPPING"),
        _mapping(now, observed, memory),
        *(_in_vain(attempt, observed) for attempt in memory.attempts if is_in_vain(attempt, now)),
    )
    return next((finding for finding in findings if finding is not None), None)


def is_stuck(now: datetime, since: datetime | None, longest: timedelta) -> bool:
    return since is not None and now - since > longest


def is_in_vain(attempt: Attempt, now: datetime) -> bool:
    """Whether it has gone on for longer than the state that it asks for may take to come."""
    return now - attempt.since > _BOUNDS[attempt.action]


def is_unknown_for_long(situation: DecisionInputs) -> bool:
    """A status that AWS has added is no failure of a call, which would be told as one."""
    observed, ready = situation.observation, situation.memory.condition("Ready")
    unknown = observed.model is ModelStatus.UNKNOWN or observed.mapping is MappingState.UNKNOWN
    since = ready.since if ready is not None and ready.status == "Unknown" else None
    return unknown and is_stuck(situation.now, since, LONGEST_MODEL_TRANSITION)


def too_long_on_the_way(situation: DecisionInputs) -> Overdue | None:
    """Nothing by itself is overdue, and yet the pipeline has not been as desired for hours."""
    ready = situation.memory.condition("Ready")
    since = ready.since if ready is not None and ready.status == "False" else None
    if since is None or not is_stuck(situation.now, since, LONGEST_WAY):
        return None
    message = (
        f"not as desired since {utc(since)}: {situation.observation.told}; something undoes what is done"
    )
    return Overdue(reason="NotConverging", message=message)


def _transition(now: datetime, reason: str, since: datetime | None, what: str) -> Overdue | None:
    if since is None or not is_stuck(now, since, LONGEST_MODEL_TRANSITION):
        return None
    message = f"{what} since {utc(since)}"
    return Overdue(reason=reason, message=f"{message}: AWS does not finish it; ask AWS Support")


def _mapping(now: datetime, observed: Observed, memory: Memory) -> Overdue | None:
    since = memory.moving_since
    if since is None or not is_stuck(now, since, LONGEST_MAPPING_TRANSITION):
        return None
    said = f" ({observed.mapping_reason})" if observed.mapping_reason else ""
    message = (
        f"the event source mapping has been in transition since {utc(since)} and is {observed.mapping_told}"
        f"{said}: AWS does not finish it; ask AWS Support, or create the mapping anew"
    )
    return Overdue(reason="MappingTakesTooLong", message=message)


def _in_vain(attempt: Attempt, observed: Observed) -> Overdue:
    whose = f" of the retired {attempt.version}" if attempt.version is not None else ""
    said = f"; the last answer: {attempt.error}" if attempt.error else ""
    message = (
        f"{attempt.action}{whose} was asked for {attempt.count} times since {utc(attempt.since)}, "
        f"and in vain: {observed.told}{said}. Do it by hand, and look for what prevents or undoes it"
    )
    return Overdue(reason=_REASONS[attempt.action], message=message)
