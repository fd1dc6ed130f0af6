"""The conditions of a pipeline, as in Kubernetes, and the memory that carries them to the next tick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from controller.core import messages
from controller.core.actions import ActionKind, Attempt, FailureKind, Outcome
from controller.core.inputs import (
    COUNTS_VALID_AFTER,
    DecisionInputs,
    Fact,
    callers_end_at,
    drain_limit,
    off_since,
)
from controller.core.memory import Condition, Memory, is_used_up
from controller.core.observed import Observed
from controller.core.overdue import is_unknown_too_long, is_without_effect, not_converging, overdue
from controller.core.plan import Plan, is_replacing_retired, retire_at
from controller.core.reasons import Reason
from controller.core.rules import RuleName, rescue_ends_at
from controller.core.states import Desired, ModelStatus
from controller.core.table import (
    SETTLED,
    UNREADABLE,
    WAITING,
    MappingClass,
    ModelClass,
    Step,
    classify_mapping,
    classify_model,
)

FAILED_STARTS_MAX = 3
"""So many failed starts in a row need an operator."""
UNREADABLE_MAX = timedelta(minutes=10)
"""For so long a function's environment may be unreadable before an operator is needed."""

_RETRIED = {
    FailureKind.BUSY: Reason.BUSY,
    FailureKind.TRANSIENT: Reason.RETRYING,
    FailureKind.NOT_REACHED: Reason.NOT_REACHED,
}
"""Failures that the next tick may not meet again, each with the reason of the condition ``Progressing``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The result of a tick for one pipeline; ``next_check`` is when a change is next expected."""

    conditions: tuple[Condition, ...]
    memory: Memory
    next_check: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A condition without its type and its instant."""

    status: str
    reason: Reason | Step
    message: str


def assess(inputs: DecisionInputs, plan: Plan, outcomes: tuple[Outcome, ...], memory: Memory) -> Assessment:
    """The conditions after this tick's actions.

    ``memory`` is the one that has recorded this tick's outcomes; its conditions are the last tick's.
    """
    observed = inputs.observation
    ready = _ready(observed, plan)
    key = f"{plan.desire.desired}@{inputs.fingerprint}"
    findings = {
        "Ready": ready,
        "Progressing": _progressing(plan, outcomes),
        "Stalled": _stalled(inputs, plan, outcomes, memory),
        "Drifted": _drifted(inputs, ready, key),
    }
    if inputs.degraded is not None:
        findings["ConfigurationValid"] = _configuration_degraded(inputs.degraded)
    conditions = tuple(
        _since(type_, finding, memory.condition(type_), inputs.now) for type_, finding in findings.items()
    )
    carried = {
        "conditions": conditions,
        "ready_for": _ready_for(inputs, ready, key),
        "rescue_since": _rescue_since(inputs, plan, memory),
        "attempts": _outstanding(observed, plan, memory),
        "superseded_since": _superseded_since(observed, memory),
    }
    # The same object in most ticks, in which nothing changes: it is neither compared nor written again.
    is_same = all(getattr(memory, name) == value for name, value in carried.items())
    return Assessment(
        conditions=conditions,
        memory=memory if is_same else replace(memory, **carried),  # type: ignore[arg-type]  # each is its field's
        next_check=next_check(inputs, plan, outcomes, memory),
    )


def _superseded_since(observed: Observed, memory: Memory) -> datetime | None:
    """Kept only for the retired version for which it was observed, not for the next one that runs."""
    unseen = observed.model is ModelStatus.UNREADABLE
    return memory.superseded_since if observed.retired or unseen else None


_TOWARD = {
    Desired.ON: (ActionKind.START_MODEL, ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING),
    Desired.WARM: (ActionKind.START_MODEL, ActionKind.DISABLE_MAPPING),
    Desired.OFF: (ActionKind.STOP_MODEL, ActionKind.DISABLE_MAPPING),
    Desired.AS_IS: (),
}


def _outstanding(observed: Observed, plan: Plan, memory: Memory) -> tuple[Attempt, ...]:
    """The attempts that still lead to the desired state, which is not reached yet."""
    desired = plan.desire.desired
    if desired is Desired.AS_IS or plan.step is None or plan.step in UNREADABLE:
        return memory.attempts if desired is not Desired.AS_IS else ()
    toward = () if plan.step in SETTLED else _TOWARD[desired]
    return tuple(
        each
        for each in memory.attempts
        if (each.action in toward if each.version is None else each.version in observed.retired)
    )


def _rescue_since(inputs: DecisionInputs, plan: Plan, memory: Memory) -> datetime | None:
    ends_at = rescue_ends_at(inputs)
    begins = ends_at is None or (inputs.now >= ends_at and not inputs.observation.consumes)
    return inputs.now if plan.desire.rule is RuleName.RESCUE and begins else memory.rescue_since


def _since(type_: str, finding: _Finding, before: Condition | None, now: datetime) -> Condition:
    same = before is not None and before.status == finding.status
    return Condition(
        type=type_,
        status=finding.status,
        reason=finding.reason,
        message=finding.message,
        since=before.since if same and before is not None else now,
    )


def _ready(observed: Observed, plan: Plan) -> _Finding:
    state, reason = observed.text, _reason(plan)
    if plan.step is None or plan.step in UNREADABLE:
        return _Finding(status="Unknown", reason=reason, message=f"cannot be told: {state}")
    if observed.queue_missing and plan.desire.desired is Desired.ON:
        message = f"the queue is missing: {state}"
        return _Finding(status="False", reason=Reason.QUEUE_MISSING, message=message)
    if plan.step in SETTLED or _is_off(observed, plan):
        return _Finding(status="True", reason=reason, message=f"as desired: {state}")
    return _Finding(status="False", reason=reason, message=f"not as desired: {state}")


def _reason(plan: Plan) -> Reason | Step:
    return plan.step if plan.step is not None else Reason.UNDECIDED


def _is_off(observed: Observed, plan: Plan) -> bool:
    """OFF is met by a model that cannot run, too."""
    off = plan.desire.desired is Desired.OFF and classify_model(observed.model) is ModelClass.UNUSABLE
    return off and classify_mapping(observed.mapping) in (
        MappingClass.DISABLED,
        MappingClass.ABSENT,
        MappingClass.NONE,
    )


def _progressing(plan: Plan, outcomes: tuple[Outcome, ...]) -> _Finding:
    retried = next((outcome for outcome in outcomes if outcome.refusal in _RETRIED), None)
    if retried is not None and retried.refusal is not None:
        return _Finding(status="True", reason=_RETRIED[retried.refusal], message=retried.error or "")
    if plan.step in WAITING or any(action.retired_arn is None for action in plan.actions):
        return _Finding(status="True", reason=_reason(plan), message=messages.step(plan))
    if plan.suppressed:
        first = plan.suppressed[0]
        return _Finding(status="False", reason=first.reason, message=first.message)
    return _Finding(status="False", reason=_reason(plan), message=messages.step(plan))


def _stalled(inputs: DecisionInputs, plan: Plan, outcomes: tuple[Outcome, ...], memory: Memory) -> _Finding:
    """The first of what an operator has to act on, the most fundamental first."""
    observed = inputs.observation
    findings = (
        _unusable_mapping(observed),
        _missing_queue(observed),
        _unusable_model(observed),
        _failing_starts(outcomes, memory),
        _refused(outcomes),
        _still_refused(plan, memory),
        _overdue(inputs, plan, memory),
        _unreadable(inputs, plan),
        _over_budget(inputs, memory),
        _retired_running(inputs, plan),
    )
    return next(
        (finding for finding in findings if finding is not None),
        _Finding(status="False", reason=Reason.NOT_STALLED, message=messages.NOT_STALLED),
    )


def _true(reason: Reason, message: str) -> _Finding:
    return _Finding(status="True", reason=reason, message=message)


def _unusable_mapping(observed: Observed) -> _Finding | None:
    """S8, whatever is desired: the next opening could not be served."""
    if classify_mapping(observed.mapping) not in (MappingClass.ABSENT, MappingClass.UNUSABLE):
        return None
    return _true(Reason.MAPPING_UNUSABLE, messages.mapping_unusable(observed))


def _missing_queue(observed: Observed) -> _Finding | None:
    return _true(Reason.QUEUE_MISSING, messages.queue_missing(observed)) if observed.queue_missing else None


def _unusable_model(observed: Observed) -> _Finding | None:
    if classify_model(observed.model) is not ModelClass.UNUSABLE:
        return None
    return _true(Reason.MODEL_UNUSABLE, messages.model_unusable(observed))


def _failing_starts(outcomes: tuple[Outcome, ...], memory: Memory) -> _Finding | None:
    quota = next((outcome for outcome in outcomes if outcome.refusal is FailureKind.QUOTA), None)
    if quota is not None:
        return _true(Reason.QUOTA_EXCEEDED, quota.error or "")
    if memory.failed_starts < FAILED_STARTS_MAX:
        return None
    return _true(Reason.STARTS_FAIL, messages.starts_fail(memory))


def _refused(outcomes: tuple[Outcome, ...]) -> _Finding | None:
    refused = next((outcome for outcome in outcomes if outcome.refusal is FailureKind.TERMINAL), None)
    return None if refused is None else _true(Reason.REFUSED, refused.error or "")


_OF_STARTS = frozenset({Reason.QUOTA_EXCEEDED, Reason.REFUSED, Reason.STARTS_FAIL})


def _still_refused(plan: Plan, memory: Memory) -> _Finding | None:
    """While the next start waits for its time, or for the next invocation, the last refusal holds."""
    before = memory.condition("Stalled")
    if before is None or before.status != "True" or before.reason not in _OF_STARTS:
        return None
    waits = any(each.reason in (Reason.ALREADY_REQUESTED, Reason.BACKOFF) for each in plan.suppressed)
    return _true(Reason(before.reason), before.message) if waits else None


def _overdue(inputs: DecisionInputs, plan: Plan, memory: Memory) -> _Finding | None:
    """A pipeline whose start is suppressed on purpose may take long; the suppression has its own reason."""
    attempts = _outstanding(inputs.observation, plan, memory)
    outstanding = memory if attempts == memory.attempts else replace(memory, attempts=attempts)
    late = overdue(inputs.now, inputs.observation, outstanding)
    if late is None and not plan.suppressed:
        late = not_converging(inputs)
    return None if late is None else _true(late.reason, late.message)


def _unreadable(inputs: DecisionInputs, plan: Plan) -> _Finding | None:
    if plan.step not in UNREADABLE and plan.step is not None:
        return None
    status = "True" if is_unknown_too_long(inputs) else "Unknown"
    return _Finding(status=status, reason=_reason(plan), message=messages.unreadable(inputs.observation))


def _over_budget(inputs: DecisionInputs, memory: Memory) -> _Finding | None:
    budget = inputs.settings.budget
    if budget is None or not is_used_up(budget, memory, inputs.now):
        return None
    return _true(Reason.OVER_BUDGET, messages.over_budget(budget))


def _retired_running(inputs: DecisionInputs, plan: Plan) -> _Finding | None:
    """A retired version runs and is paid for, and the function's environment does not prove it unused."""
    observed = inputs.observation
    asked = Fact.FUNCTION in inputs.facts_read and is_replacing_retired(plan.desire.desired, observed)
    if not asked or (observed.named is not None and observed.named.only_model):
        return None
    message = messages.retired_running(observed)
    if observed.named is None:
        return _unreadable_function(inputs, message)
    return _true(Reason.RETIRED_IN_USE if observed.named.retired else Reason.RETIRED_UNPROVEN, message)


def _unreadable_function(inputs: DecisionInputs, message: str) -> _Finding:
    """A read that fails once needs no operator; one that fails for minutes does."""
    reason, before = Reason.RETIRED_UNPROVEN, inputs.memory.condition("Stalled")
    reported = before is not None and (before.status, before.reason) == ("True", reason)
    waited = before is not None and before.status == "Unknown" and inputs.now - before.since >= UNREADABLE_MAX
    return _Finding(status="True" if reported or waited else "Unknown", reason=reason, message=message)


def _configuration_degraded(message: str) -> _Finding:
    """The pipeline goes on with the configuration in force, so it is not Stalled by this."""
    return _Finding(status="False", reason=Reason.CONFIGURATION_DOUBTFUL, message=message)


def _drifted(inputs: DecisionInputs, ready: _Finding, key: str) -> _Finding:
    findings = (
        _changed_elsewhere(inputs, ready, key),
        _other_version(inputs.observation),
        _units_differ(inputs),
    )
    drifts = [finding for finding in findings if finding is not None]
    if not drifts:
        return _Finding(status="False", reason=Reason.NOT_DRIFTED, message=messages.NOT_DRIFTED)
    return replace(drifts[0], message="; ".join(finding.message for finding in drifts))


def _changed_elsewhere(inputs: DecisionInputs, ready: _Finding, key: str) -> _Finding | None:
    """It was as desired, the desired state has not changed, and now it is not as desired."""
    observed = inputs.observation
    if inputs.memory.ready_for != key or ready.status != "False" or observed.queue_missing:
        return None
    return _true(Reason.CHANGED_ELSEWHERE, messages.changed_elsewhere(observed))


def _ready_for(inputs: DecisionInputs, ready: _Finding, key: str) -> str | None:
    """Kept while a drift is corrected, so that it stays reported until then."""
    if ready.status == "True":
        return key
    return key if inputs.memory.ready_for == key else None


def _other_version(observed: Observed) -> _Finding | None:
    if not observed.others:
        return None
    return _true(Reason.OTHER_VERSION_RUNNING, messages.other_version_running(observed))


def _units_differ(inputs: DecisionInputs) -> _Finding | None:
    observed = inputs.observation
    if observed.model is not ModelStatus.RUNNING or not inputs.units_differ:
        return None
    return _true(Reason.UNITS_DIFFER, messages.units_differ(observed, inputs.units, inputs.max_units))


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
