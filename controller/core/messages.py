"""The texts of conditions: the state, its consequence, the remedy. Pure: values in, one line out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from controller.core.actions import ActionKind, Attempt
from controller.core.memory import Memory
from controller.core.observed import Observed
from controller.core.plan import Plan
from controller.core.settings import Budget
from controller.core.states import ModelStatus
from controller.core.table import Step
from controller.core.timefmt import utc

NOT_STALLED = "no action needed"
NOT_DRIFTED = "not changed by others"

STEPS = {
    Step.AS_IS: "hands off",
    Step.CONSUMING: "the model runs and messages are consumed",
    Step.RUNNING: "the model runs",
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

REMEDIES = {
    ModelStatus.TRAINING_IN_PROGRESS: "wait until training has ended",
    ModelStatus.COPYING_IN_PROGRESS: "wait until copying has ended",
    ModelStatus.TRAINING_FAILED: "train a version that succeeds and put its ARN into model.arn",
    ModelStatus.COPYING_FAILED: "copy the version again and put its ARN into model.arn",
    ModelStatus.DELETING: "put the ARN of another version into model.arn",
    ModelStatus.DEPRECATED: "train a new version and put its ARN into model.arn",
    ModelStatus.EXPIRED: "train a new version and put its ARN into model.arn",
    ModelStatus.ABSENT: "correct model.arn: no such version exists in that account and region",
}
"""For every status with which a model can neither serve nor be started."""


WITHOUT_CONSUMER = {
    Step.STOPPED: "the model is stopped",
    Step.WAIT_DRAIN: "the time for callers after the closing (drain) is not over: wait",
}


def step(plan: Plan) -> str:
    if plan.step is None:
        return "undecided"
    texts = STEPS if plan.desire.consumer else STEPS | WITHOUT_CONSUMER
    return texts[plan.step]


def plan_summary(plan: Plan) -> str:
    """Why the desired state is desired, and the actions toward it, in one line."""
    suppressed = "".join(f"; not yet: {each.message}" for each in plan.suppressed)
    retired = f"; stop the retired {', '.join(plan.retire)}" if plan.retire else ""
    return f"{plan.desire.rule}: {plan.desire.reason}; {step(plan)}{suppressed}{retired}"


def mapping_unusable(observed: Observed) -> str:
    return (
        f"the event source mapping is {observed.mapping_text}: nothing can be consumed, so the "
        f"model is not started{_cost(observed)}. Correct consumer.event_source_mapping, or create the mapping"
    )


def queue_missing(observed: Observed) -> str:
    return (
        f"the queue {observed.queue_arn} does not exist: nothing arrives and nothing can be consumed"
        f"{_cost(observed)}. Create it again, or let the mapping read from another"
    )


def _cost(observed: Observed) -> str:
    return "; the model RUNS and is paid for unused" if observed.model is ModelStatus.RUNNING else ""


def model_unusable(observed: Observed) -> str:
    return f"the model is {observed.model.value}{_quoted(observed.model_message)}: {REMEDIES[observed.model]}"


def starts_fail(memory: Memory) -> str:
    text = f"{memory.failed_starts} starts in a row have failed"
    if memory.running_since is not None:
        text += f"; the model has been RUNNING since {utc(memory.running_since)}, and may fail again"
    errors = (each.error for each in memory.attempts if each.action is ActionKind.START_MODEL and each.error)
    return "; the last: ".join((text, *errors))


def unreadable(observed: Observed) -> str:
    return "; ".join(_grouped(observed.errors)) or f"a state that this version does not know: {observed.text}"


def _grouped(errors: tuple[str, ...]) -> Iterator[str]:
    """Calls that failed alike are one: ``CALL on RESOURCE, CALL on RESOURCE: CODE: …``."""
    alike: dict[str, list[str]] = {}
    for error in errors:
        call, _, cause = error.partition(": ")
        alike.setdefault(cause, []).append(call)
    yield from (
        f"{', '.join(calls)}: {cause}" if cause else ", ".join(calls) for cause, calls in alike.items()
    )


def over_budget(budget: Budget) -> str:
    effect = "nothing is started" if budget.enforce else "overtime and bridge do not apply"
    return f"the budget of {budget.unit_hours_per_month:g} unit-hours this month is used up: {effect}"


def retired_running(observed: Observed) -> str:
    """Why a retired version that runs is not stopped, by what the function's environment names."""
    function = f"the environment of {observed.function_arn}"
    if observed.named is None:
        why = f"{function} could not be read: allow it, or stop it by hand"
    elif observed.named.retired:
        why = f"{function} names it: put model.arn there in its place"
    else:
        why = (
            f"{function} does not name model.arn, or may not be decrypted: name it, or stop the other by hand"
        )
    return (
        f"the retired {', '.join(observed.retired)} RUNS and is not stopped before the closing, since {why}"
    )


def start_too_long(since: datetime) -> str:
    return f"the model has been starting since {utc(since)}: AWS does not finish it; ask AWS Support"


def stop_too_long(since: datetime) -> str:
    return f"the model has been STOPPING since {utc(since)}: AWS does not finish it; ask AWS Support"


def mapping_too_long(observed: Observed, since: datetime) -> str:
    return (
        f"the event source mapping has been in transition since {utc(since)} and is {observed.mapping_text}"
        f"{_quoted(observed.mapping_reason)}: AWS does not finish it; ask AWS Support, or create the mapping "
        "anew"
    )


def no_effect(attempt: Attempt, observed: Observed) -> str:
    target = f" of the retired {attempt.version}" if attempt.version is not None else ""
    answer = f"; the last answer: {attempt.error}" if attempt.error else ""
    return (
        f"{attempt.action}{target} was asked for {attempt.count} times since {utc(attempt.since)}, "
        f"and in vain: {observed.text}{answer}. Do it by hand, and look for what prevents or undoes it"
    )


def not_converging(observed: Observed, since: datetime) -> str:
    return f"not as desired since {utc(since)}: {observed.text}; something undoes what is done"


def changed_elsewhere(observed: Observed) -> str:
    """With AWS's own words for the model's and the mapping's state, where it gives any."""
    known = _quoted("; ".join(filter(None, (observed.model_message, observed.mapping_reason))))
    return f"it was as desired and somebody or something changed it to {observed.text}{known}"


def other_version_running(observed: Observed) -> str:
    listed = ", ".join(
        f"{other.arn} ({other.units if other.units is not None else '?'} units"
        f"{', retired: to be stopped' if other.retired else ''})"
        for other in observed.others
    )
    return f"other versions of this project are RUNNING and paid for: {listed}"


def units_differ(observed: Observed, units: int, max_units: int | None) -> str:
    return (
        f"the model runs with {_units(observed.units, observed.max_units)} and the file asks for "
        f"{_units(units, max_units)}; applied at the next start"
    )


def _units(units: int | None, max_units: int | None) -> str:
    least = "an unknown number of" if units is None else str(units)
    noun = "unit" if (units, max_units) == (1, None) else "units"
    return f"{least} inference {noun}" if max_units is None else f"{least} to {max_units} inference {noun}"


def _quoted(text: str | None) -> str:
    return f" ({text})" if text else ""
