"""What a person or a program may rely on about a pipeline, as in Kubernetes; and when to look again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core.actions import ActionKind, Attempt, FailureKind, Outcome
from controller.core.inputs import QUIET, DecisionInputs, Fact, drain_limit, off_since
from controller.core.memory import Condition, Memory, is_used_up
from controller.core.observed import Observed
from controller.core.overdue import is_in_vain, is_unknown_for_long, overdue, too_long_on_the_way
from controller.core.plan import Plan, in_its_place, retire_at
from controller.core.rules import rescue_ends_at
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
from controller.core.timefmt import utc

TOO_MANY_FAILURES = 3
PATIENCE = timedelta(minutes=10)
LOOK_AGAIN_MAPPING = timedelta(seconds=10)
"""A mapping's transition takes seconds to about a minute."""
LOOK_AGAIN_COUNTS = timedelta(seconds=15)
LOOK_AGAIN_MODEL = timedelta(seconds=60)
"""A model's start takes minutes."""
LOOK_AGAIN_REFUSED = timedelta(seconds=30)


NOT_REACHED = "NotReached"
_TRIED_AGAIN = {
    FailureKind.BUSY: "Busy",
    FailureKind.TRANSIENT: "Retrying",
    FailureKind.NOT_REACHED: NOT_REACHED,
}
"""Refusals that the next tick may not meet again, each with the reason of the condition ``Progressing``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A tick's end: the conditions, the memory that carries them on, and when something is next expected."""

    conditions: tuple[Condition, ...]
    memory: Memory
    next_check: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    status: str
    reason: str
    message: str


def assess(
    situation: DecisionInputs, made: Plan, outcomes: tuple[Outcome, ...], memory: Memory
) -> Assessment:
    """``memory`` is the one that has recorded this tick's outcomes; its conditions are the last tick's."""
    observed = situation.observation
    ready = _ready(observed, made)
    key = f"{made.desire.desired}@{situation.fingerprint}"
    findings = {
        "Ready": ready,
        "Progressing": _progressing(made, outcomes),
        "Stalled": _stalled(situation, made, outcomes, memory),
        "Drifted": _drifted(situation, ready, key),
    }
    if situation.doubt is not None:
        findings["ConfigurationValid"] = _doubtful(situation.doubt)
    conditions = tuple(
        _since(type_, finding, memory.condition(type_), situation.now) for type_, finding in findings.items()
    )
    carried = replace(
        memory,
        conditions=conditions,
        ready_for=_ready_for(situation, ready, key),
        rescue_since=_rescue_since(situation, made, memory),
        attempts=_outstanding(observed, made, memory),
        superseded_since=_superseded_since(observed, memory),
    )
    return Assessment(
        conditions=conditions,
        # While nothing changes it is the same object, and nobody compares or writes it again: most ticks.
        memory=memory if carried == memory else carried,
        next_check=next_check(situation, made, outcomes, memory),
    )


def _superseded_since(observed: Observed, memory: Memory) -> datetime | None:
    """What was seen of one retired version says nothing of the next that runs."""
    unseen = observed.model is ModelStatus.UNREADABLE
    return memory.superseded_since if observed.retired or unseen else None


_TOWARD = {
    Desired.ON: (ActionKind.START_MODEL, ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING),
    Desired.WARM: (ActionKind.START_MODEL, ActionKind.DISABLE_MAPPING),
    Desired.OFF: (ActionKind.STOP_MODEL, ActionKind.DISABLE_MAPPING),
    Desired.AS_IS: (),
}


def _outstanding(observed: Observed, made: Plan, memory: Memory) -> tuple[Attempt, ...]:
    """The attempts that still lead to what is desired, and is not there yet."""
    desired = made.desire.desired
    if desired is Desired.AS_IS or made.step is None or made.step in UNREADABLE:
        return memory.attempts if desired is not Desired.AS_IS else ()
    toward = () if made.step in SETTLED else _TOWARD[desired]
    return tuple(
        each
        for each in memory.attempts
        if (each.action in toward if each.version is None else each.version in observed.retired)
    )


def _rescue_since(situation: DecisionInputs, made: Plan, memory: Memory) -> datetime | None:
    ends_at = rescue_ends_at(situation)
    goes_on = situation.observation.consumes
    begins = ends_at is None or (situation.now >= ends_at and not goes_on)
    return situation.now if made.desire.rule == "rescue" and begins else memory.rescue_since


def _since(type_: str, finding: _Finding, before: Condition | None, now: datetime) -> Condition:
    same = before is not None and before.status == finding.status
    return Condition(
        type=type_,
        status=finding.status,
        reason=finding.reason,
        message=finding.message,
        since=before.since if same and before is not None else now,
    )


def _ready(observed: Observed, made: Plan) -> _Finding:
    state = observed.told
    if made.step is None or made.step in UNREADABLE:
        return _Finding(status="Unknown", reason=_reason(made), message=f"cannot be told: {state}")
    if observed.queue_missing and made.desire.desired is Desired.ON:
        return _Finding(status="False", reason="QueueMissing", message=f"the queue is missing: {state}")
    if made.step in SETTLED or _is_off(observed, made):
        return _Finding(status="True", reason=_reason(made), message=f"as desired: {state}")
    return _Finding(status="False", reason=_reason(made), message=f"not as desired: {state}")


def _reason(made: Plan) -> str:
    return made.step.value if made.step is not None else "Undecided"


def _is_off(observed: Observed, made: Plan) -> bool:
    """OFF is met by a model that cannot run, too."""
    off = made.desire.desired is Desired.OFF and classify_model(observed.model) is ModelClass.UNUSABLE
    return off and classify_mapping(observed.mapping) in (MappingClass.DISABLED, MappingClass.ABSENT)


def _progressing(made: Plan, outcomes: tuple[Outcome, ...]) -> _Finding:
    refused = next((outcome for outcome in outcomes if outcome.refusal in _TRIED_AGAIN), None)
    if refused is not None and refused.refusal is not None:
        reason = _TRIED_AGAIN[refused.refusal]
        return _Finding(status="True", reason=reason, message=refused.error or "")
    if made.step in WAITING or any(action.retired_arn is None for action in made.actions):
        return _Finding(status="True", reason=_reason(made), message=_account(made))
    if made.withheld:
        return _Finding(status="False", reason=made.withheld[0].reason, message=made.withheld[0].message)
    return _Finding(status="False", reason=_reason(made), message=_account(made))


def _account(made: Plan) -> str:
    return _ACCOUNTS[made.step] if made.step is not None else "undecided"


_ACCOUNTS = {
    Step.AS_IS: "hands off",
    Step.CONSUMING: "the model runs and messages are consumed",
    Step.WARM: "the model runs, consumption is off",
    Step.STOPPED: "the model is stopped, consumption is off",
    Step.START: "start the model",
    Step.DISABLE_AND_START: "consumption off while the model is down, and start the model",
    Step.DISABLE_NOT_RUNNING: "consumption off while the model is down",
    Step.ENABLE: "the model is RUNNING: consumption on",
    Step.DISABLE: "consumption off",
    Step.STOP: "drained: stop the model",
    Step.WAIT_STARTING: "the model is starting: wait",
    Step.WAIT_STOPPING: "the model is stopping: wait",
    Step.WAIT_MAPPING: "the mapping is in transition: wait",
    Step.WAIT_DRAIN: "the consumer's work in flight is ending: wait",
    Step.BLOCKED_MODEL: "the model can neither serve nor be started",
    Step.BLOCKED_MAPPING: "the mapping cannot consume",
    Step.UNREADABLE_MODEL: "the model's state is not known: hands off",
    Step.UNREADABLE_MAPPING: "the mapping's state is not known: hands off",
}


def monthly_account(made: Plan) -> str:
    """One line for a person: why this is desired, and what is done about it."""
    held_back = "".join(f"; not yet: {held.message}" for held in made.withheld)
    retired = f"; stop the retired {', '.join(made.retire)}" if made.retire else ""
    return f"{made.desire.rule}: {made.desire.reason}; {_account(made)}{held_back}{retired}"


def _stalled(
    situation: DecisionInputs, made: Plan, outcomes: tuple[Outcome, ...], memory: Memory
) -> _Finding:
    observed = situation.observation
    findings = (
        _stalled_mapping(observed),
        _stalled_queue(observed),
        _stalled_model(observed),
        _stalled_start(outcomes, memory),
        _refused(outcomes),
        _overdue(situation, made, memory),
        _unreadable(situation, made),
        _over_budget(situation, memory),
        _stalled_retired(situation, made),
    )
    return next(
        (finding for finding in findings if finding is not None),
        _Finding(status="False", reason="Nothing", message="nothing wants a person"),
    )


def _stalled_mapping(observed: Observed) -> _Finding | None:
    """S8, whatever is desired: the next opening could not be served."""
    if classify_mapping(observed.mapping) not in (MappingClass.ABSENT, MappingClass.UNUSABLE):
        return None
    cost = "; the model RUNS and is paid for unused" if observed.model is ModelStatus.RUNNING else ""
    message = (
        f"the event source mapping is {observed.mapping_told}: nothing can be consumed, so the "
        f"model is not started{cost}. Correct consumer.event_source_mapping, or create the mapping"
    )
    return _Finding(status="True", reason="MappingUnusable", message=message)


def _stalled_queue(observed: Observed) -> _Finding | None:
    if not observed.queue_missing:
        return None
    cost = "; the model RUNS and is paid for unused" if observed.model is ModelStatus.RUNNING else ""
    message = (
        f"the queue {observed.queue_arn} does not exist: nothing arrives and nothing can be consumed{cost}. "
        "Create it again, or let the mapping read from another"
    )
    return _Finding(status="True", reason="QueueMissing", message=message)


_REMEDIES = {
    ModelStatus.TRAINING_IN_PROGRESS: "wait until training has ended",
    ModelStatus.COPYING_IN_PROGRESS: "wait until copying has ended",
    ModelStatus.TRAINING_FAILED: "train a version that succeeds and put its ARN into model.arn",
    ModelStatus.COPYING_FAILED: "copy the version again and put its ARN into model.arn",
    ModelStatus.DELETING: "put the ARN of another version into model.arn",
    ModelStatus.DEPRECATED: "train a new version and put its ARN into model.arn",
    ModelStatus.EXPIRED: "train a new version and put its ARN into model.arn",
    ModelStatus.ABSENT: "correct model.arn: no such version exists in that account and region",
}


def _stalled_model(observed: Observed) -> _Finding | None:
    if classify_model(observed.model) is not ModelClass.UNUSABLE:
        return None
    said = f" ({observed.model_message})" if observed.model_message else ""
    message = f"the model is {observed.model.value}{said}: {_REMEDIES[observed.model]}"
    return _Finding(status="True", reason="ModelUnusable", message=message)


def _stalled_start(outcomes: tuple[Outcome, ...], memory: Memory) -> _Finding | None:
    quota = next((outcome for outcome in outcomes if outcome.refusal is FailureKind.QUOTA), None)
    if quota is not None:
        return _Finding(status="True", reason="QuotaExceeded", message=quota.error or "")
    if memory.failed_starts < TOO_MANY_FAILURES:
        return None
    message = f"{memory.failed_starts} starts in a row have failed"
    errors = (each.error for each in memory.attempts if each.action is ActionKind.START_MODEL and each.error)
    if memory.running_since is not None:
        message += f"; the model has been RUNNING since {utc(memory.running_since)}, and may fail again"
    return _Finding(status="True", reason="StartsFail", message="; the last: ".join((message, *errors)))


def _overdue(situation: DecisionInputs, made: Plan, memory: Memory) -> _Finding | None:
    """What takes too long; a start that is withheld on purpose is told with its reason instead."""
    observed = situation.observation
    outstanding = replace(memory, attempts=_outstanding(observed, made, memory))
    late = overdue(situation.now, observed, outstanding)
    if late is None and not made.withheld:
        late = too_long_on_the_way(situation)
    return None if late is None else _Finding(status="True", reason=late.reason, message=late.message)


def _refused(outcomes: tuple[Outcome, ...]) -> _Finding | None:
    refused = next((outcome for outcome in outcomes if outcome.refusal is FailureKind.TERMINAL), None)
    if refused is None:
        return None
    return _Finding(status="True", reason="Refused", message=refused.error or "")


def _unreadable(situation: DecisionInputs, made: Plan) -> _Finding | None:
    observed = situation.observation
    if made.step not in UNREADABLE and made.step is not None:
        return None
    message = "; ".join(observed.errors) or f"a state that this version does not know: {observed.told}"
    status = "True" if is_unknown_for_long(situation) else "Unknown"
    return _Finding(status=status, reason=_reason(made), message=message)


def _stalled_retired(situation: DecisionInputs, made: Plan) -> _Finding | None:
    """A retired version runs and is paid for, and only a person can show that nothing uses it."""
    observed = situation.observation
    asked = Fact.FUNCTION in situation.facts_read and in_its_place(made.desire.desired, observed)
    if not asked or (observed.named is not None and observed.named.only_model):
        return None
    running = f"the retired {', '.join(observed.retired)} RUNS and is not stopped before the closing"
    function = f"the environment of {observed.function_arn}"
    if observed.named is None:
        why = f"{function} could not be read: allow it, or stop it by hand"
        return _after_a_while(situation, "RetiredVersionUnproven", f"{running}, since {why}")
    if observed.named.retired:
        reason, why = "RetiredVersionInUse", f"{function} names it: put model.arn there in its place"
    else:
        reason = "RetiredVersionUnproven"
        why = (
            f"{function} does not name model.arn, or may not be decrypted: name it, or stop the other by hand"
        )
    return _Finding(status="True", reason=reason, message=f"{running}, since {why}")


def _after_a_while(situation: DecisionInputs, reason: str, message: str) -> _Finding:
    """A read that fails once wants nobody; one that fails for minutes does."""
    before = situation.memory.condition("Stalled")
    told = before is not None and (before.status, before.reason) == ("True", reason)
    waited = before is not None and before.status == "Unknown" and situation.now - before.since >= PATIENCE
    return _Finding(status="True" if told or waited else "Unknown", reason=reason, message=message)


def _doubtful(doubt: str) -> _Finding:
    """The pipeline goes on with the configuration in force, so it is not Stalled by this."""
    return _Finding(status="False", reason="ConfigurationDoubtful", message=doubt)


def _over_budget(situation: DecisionInputs, memory: Memory) -> _Finding | None:
    budget = situation.settings.budget
    if budget is None or not is_used_up(budget, memory, situation.now):
        return None
    what = "nothing is started" if budget.enforce else "overtime and bridge do not apply"
    message = f"the budget of {budget.unit_hours_per_month:g} unit-hours this month is used up: {what}"
    return _Finding(status="True", reason="OverBudget", message=message)


def _drifted(situation: DecisionInputs, ready: _Finding, key: str) -> _Finding:
    findings = (
        _moved(situation, ready, key),
        _other_version(situation.observation),
        _units_differ(situation),
    )
    found = [finding for finding in findings if finding is not None]
    if not found:
        return _Finding(status="False", reason="Nothing", message="as this left it")
    return replace(found[0], message="; ".join(finding.message for finding in found))


def _moved(situation: DecisionInputs, ready: _Finding, key: str) -> _Finding | None:
    """It was as desired, nothing that is desired has changed, and now it is not: somebody else moved it."""
    observed = situation.observation
    if situation.memory.ready_for != key or ready.status != "False" or observed.queue_missing:
        return None
    said = [text for text in (observed.model_message, observed.mapping_reason) if text]
    known = f" ({'; '.join(said)})" if said else ""
    message = f"it was as desired and somebody or something changed it to {observed.told}{known}"
    return _Finding(status="True", reason="ChangedElsewhere", message=message)


def _ready_for(situation: DecisionInputs, ready: _Finding, key: str) -> str | None:
    """Kept while a drift is being healed, so that it stays reported until it is."""
    if ready.status == "True":
        return key
    return key if situation.memory.ready_for == key else None


def _other_version(observed: Observed) -> _Finding | None:
    if not observed.others:
        return None
    listed = ", ".join(
        f"{other.arn} ({other.units if other.units is not None else '?'} units"
        f"{', retired: to be stopped' if other.retired else ''})"
        for other in observed.others
    )
    message = f"other versions of this project are RUNNING and paid for: {listed}"
    return _Finding(status="True", reason="OtherVersionRunning", message=message)


def _units_differ(situation: DecisionInputs) -> _Finding | None:
    observed = situation.observation
    if observed.model is not ModelStatus.RUNNING or not situation.units_differ:
        return None
    message = (
        f"the model runs with {_units(observed.units, observed.max_units)} and the file asks for "
        f"{_units(situation.units, situation.max_units)}; applied at the next start"
    )
    return _Finding(status="True", reason="UnitsDiffer", message=message)


def _units(units: int | None, max_units: int | None) -> str:
    least = "an unknown number of" if units is None else str(units)
    noun = "unit" if (units, max_units) == (1, None) else "units"
    return f"{least} inference {noun}" if max_units is None else f"{least} to {max_units} inference {noun}"


def next_check(
    situation: DecisionInputs, made: Plan, outcomes: tuple[Outcome, ...], memory: Memory
) -> datetime | None:
    """When something is next expected: a transition's end, the drain's, a retry's, or what the rules say.

    Of what is overdue nothing is expected: the next tick is soon enough.
    """
    now = situation.now
    instants = (
        made.desire.until,
        _settles_at(situation, made),
        *(_acted_at(outcome, situation.now) for outcome in outcomes if not _is_in_vain(outcome, memory, now)),
        situation.memory.next_start_at if made.withheld else None,
        retire_at(situation),
    )
    return min((at for at in instants if at is not None and at > situation.now), default=None)


def _settles_at(situation: DecisionInputs, made: Plan) -> datetime | None:
    observed = situation.observation
    if made.step is Step.WAIT_DRAIN:
        off = off_since(situation)
        limit = off + drain_limit(situation)
        return min(limit, max(off + QUIET, situation.now + LOOK_AGAIN_COUNTS))
    if overdue(situation.now, observed, situation.memory) is not None:
        return None
    if made.step is Step.WAIT_MAPPING:
        return situation.now + LOOK_AGAIN_MAPPING
    if made.step in (Step.WAIT_STARTING, Step.WAIT_STOPPING):
        return situation.now + LOOK_AGAIN_MODEL
    return situation.now + LOOK_AGAIN_REFUSED if made.step in UNREADABLE else None


def _is_in_vain(outcome: Outcome, memory: Memory, now: datetime) -> bool:
    return any(each.requested == outcome.action and is_in_vain(each, now) for each in memory.attempts)


def _acted_at(outcome: Outcome, now: datetime) -> datetime | None:
    match outcome.refusal:
        case None:
            mapping = outcome.action.kind in (ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING)
            return now + (LOOK_AGAIN_MAPPING if mapping else LOOK_AGAIN_MODEL)
        case FailureKind.TRANSIENT | FailureKind.BUSY | FailureKind.NOT_REACHED:
            return now + LOOK_AGAIN_REFUSED
        case FailureKind.QUOTA | FailureKind.TERMINAL:
            return None
