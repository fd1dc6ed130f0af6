"""When a pipeline is worth another look, before the next tick of the schedule or after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from controller.core.actions import ActionKind, FailureKind, Outcome
from controller.core.inputs import COUNTS_VALID_AFTER, DecisionInputs, callers_end_at, drain_limit, off_since
from controller.core.memory import Memory
from controller.core.overdue import is_without_effect, overdue
from controller.core.plan import Plan, retire_at
from controller.core.table import UNREADABLE, Step

MAPPING_INTERVAL = timedelta(seconds=10)
"""A mapping's transition takes seconds to about a minute."""
COUNTS_INTERVAL = timedelta(seconds=15)
MODEL_INTERVAL = timedelta(seconds=60)
"""A model's start takes minutes."""
RETRY_INTERVAL = timedelta(seconds=30)


def next_check(
    inputs: DecisionInputs, plan: Plan, outcomes: tuple[Outcome, ...], memory: Memory
) -> datetime | None:
    """The earliest expected change: a transition's end, the drain's, a retry's, or a rule's.

    ``None`` where none is expected, and of what is overdue none is: the next tick is soon enough.
    """
    now = inputs.now
    instants = (
        plan.desire.until,
        _settles_at(inputs, plan),
        *(_effect_at(outcome, now) for outcome in outcomes if not _is_without_effect(outcome, memory, now)),
        inputs.memory.next_start_at if plan.suppressed else None,
        retire_at(inputs),
    )
    return min((at for at in instants if at is not None and at > now), default=None)


def _settles_at(inputs: DecisionInputs, plan: Plan) -> datetime | None:
    if plan.step is Step.WAIT_DRAIN and not inputs.settings.consumer:
        return callers_end_at(inputs)
    if plan.step is Step.WAIT_DRAIN:
        off_at = off_since(inputs)
        limit_at = off_at + drain_limit(inputs)
        return min(limit_at, max(off_at + COUNTS_VALID_AFTER, inputs.now + COUNTS_INTERVAL))
    if overdue(inputs.now, inputs.observation, inputs.memory) is not None:
        return None
    if plan.step is Step.WAIT_MAPPING:
        return inputs.now + MAPPING_INTERVAL
    if plan.step in (Step.WAIT_STARTING, Step.WAIT_STOPPING):
        return inputs.now + MODEL_INTERVAL
    return inputs.now + RETRY_INTERVAL if plan.step in UNREADABLE else None


def _is_without_effect(outcome: Outcome, memory: Memory, now: datetime) -> bool:
    return any(each.requested == outcome.action and is_without_effect(each, now) for each in memory.attempts)


def _effect_at(outcome: Outcome, now: datetime) -> datetime | None:
    match outcome.refusal:
        case None:
            mapping = outcome.action.kind in (ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING)
            return now + (MAPPING_INTERVAL if mapping else MODEL_INTERVAL)
        case FailureKind.TRANSIENT | FailureKind.BUSY | FailureKind.NOT_REACHED:
            return now + RETRY_INTERVAL
        case FailureKind.QUOTA | FailureKind.TERMINAL:
            return None
        case _:
            assert_never(outcome.refusal)
