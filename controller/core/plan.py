"""The plan for one pipeline: the desired state, the table's step, and the limits that remove actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.actions import Action, ActionKind
from controller.core.inputs import (
    COUNTS_VALID_AFTER,
    DecisionInputs,
    Fact,
    drain,
    drain_limit,
    knows_own_function,
    off_since,
)
from controller.core.observed import Observed
from controller.core.reasons import Reason
from controller.core.rules import DesiredState, desired_state, over_budget, retention
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import ModelClass, Step, classify_model, decide
from controller.core.timefmt import month, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An action of the table's step that a limit removed from the plan."""

    action: Action
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The actions to take now, and why. An empty plan means: as desired, or nothing to do until later.

    ``needs`` are the facts to be read before there is a plan; until then ``step`` is ``None``.

    ``actions`` are those on this pipeline's own model and mapping, then the stops of retired versions.
    """

    desire: DesiredState
    step: Step | None = None
    actions: tuple[Action, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    needs: frozenset[Fact] = frozenset()

    @property
    def retire(self) -> tuple[str, ...]:
        """ARNs of the retired versions to stop."""
        return tuple(action.retired_arn for action in self.actions if action.retired_arn is not None)


def plan(inputs: DecisionInputs) -> Plan:
    """One safe step toward the desired state, within the limits; or the facts that it depends on.

    A fact is requested once: a rule whose fact could not be read takes its safe side.
    """
    observed = inputs.observation
    desired = desired_state(inputs)
    needs = desired.needs | _drain_needs(desired, inputs) | _queue_needs(inputs)
    needs |= _retire_needs(desired.desired, inputs)
    if needs:
        return Plan(desire=desired, needs=needs)
    drained = drain(inputs)
    step = decide(desired.desired, observed.model, observed.mapping, drained)
    if ActionKind.START_MODEL in step.actions and over_budget(inputs) is None:
        return Plan(desire=desired, needs=frozenset({Fact.HOURS}))
    result = Plan(
        desire=desired,
        step=step,
        actions=(
            *map(Action.own, step.actions),
            *map(Action.stop_retired, _retire(desired.desired, inputs, drained)),
        ),
    )
    for limit in LIMITS:
        result = limit(result, inputs)
    return result


def _drain_needs(desired: DesiredState, inputs: DecisionInputs) -> frozenset[Fact]:
    """A drain needs the function's timeout, read once an hour; then the counts, while they can end it."""
    observed = inputs.observation
    stopping = desired.desired is Desired.OFF and observed.model is ModelStatus.RUNNING
    if not stopping or observed.mapping is not MappingState.DISABLED:
        return frozenset()
    if not (knows_own_function(inputs) or Fact.FUNCTION in inputs.facts_read):
        return frozenset({Fact.FUNCTION})
    quiet = inputs.now - off_since(inputs)
    needed = COUNTS_VALID_AFTER <= quiet < drain_limit(inputs)
    return frozenset({Fact.COUNTS} if needed else ()) - inputs.facts_read


def _queue_needs(inputs: DecisionInputs) -> frozenset[Fact]:
    """The queue is read at least hourly, whatever is desired: it may be filled, changed or deleted.

    While it is consumed it is read in every tick until it is empty.
    """
    observed = inputs.observation
    if observed.queue_arn is None:
        return frozenset()
    memory, every = inputs.memory, inputs.settings.queue_read_interval(retention(inputs))
    read_at = (memory.queue_read_at, memory.oldest_after) if observed.consumes else (memory.queue_read_at,)
    due = any(at is None or inputs.now - at >= every for at in read_at)
    return frozenset({Fact.COUNTS} if due else ()) - inputs.facts_read


def _retire_needs(desired: Desired, inputs: DecisionInputs) -> frozenset[Fact]:
    """While this model is desired, the function's environment shows whether a retired one is in use."""
    observed = inputs.observation
    asked = is_replacing_retired(desired, observed) and observed.function_arn is not None
    return frozenset({Fact.FUNCTION} if asked else ()) - inputs.facts_read


def is_replacing_retired(desired: Desired, observed: Observed) -> bool:
    """Whether a retired version runs, while this model is desired and runs or can be started."""
    up = classify_model(observed.model) not in (ModelClass.UNUSABLE, ModelClass.UNKNOWN)
    return bool(observed.retired) and desired in (Desired.ON, Desired.WARM) and up


def retire_at(inputs: DecisionInputs) -> datetime | None:
    """When no invocation can use a retired version any more, by the function's environment of this tick.

    An invocation keeps the environment that it began with. An alias that sends a part of its invocations to
    a second version is not recognized: the environment is that of the first.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    observed = inputs.observation
    since = inputs.memory.superseded_since
    if since is None or observed.named is None or not observed.named.only_model:
        return None
    return since + drain_limit(inputs)


def _retire(desired: Desired, inputs: DecisionInputs, drained: Drain) -> tuple[str, ...]:
    """The retired versions to stop: OFF is desired and drained, or the function uses this model instead."""
    observed = inputs.observation
    if desired is Desired.OFF:
        safe = drained is Drain.DRAINED and classify_model(observed.model) is not ModelClass.UNKNOWN
    else:
        unused_from = retire_at(inputs)
        safe = (
            is_replacing_retired(desired, observed) and unused_from is not None and inputs.now >= unused_from
        )
    return observed.retired if safe else ()


Limit = Callable[[Plan, DecisionInputs], Plan]


def once_per_invocation(plan: Plan, inputs: DecisionInputs) -> Plan:
    """One start per invocation, which may observe again before its own start is visible."""
    if not inputs.started:
        return plan
    return _suppress_start(plan, Reason.ALREADY_REQUESTED, "a start was requested in this invocation already")


def started_by_hand(plan: Plan, inputs: DecisionInputs) -> Plan:
    """``start: manual``: the start is a person's, everything else is done."""
    if not inputs.settings.manual_start:
        return plan
    return _suppress_start(plan, Reason.MANUAL_START, "the model is started by hand (start: manual)")


def backed_off(plan: Plan, inputs: DecisionInputs) -> Plan:
    """Starts that fail are repeated at growing intervals."""
    memory = inputs.memory
    if memory.next_start_at is None or inputs.now >= memory.next_start_at:
        return plan
    message = f"{memory.failed_starts} failed starts; the next is tried at {utc(memory.next_start_at)}"
    return _suppress_start(plan, Reason.BACKOFF, message)


def within_budget(plan: Plan, inputs: DecisionInputs) -> Plan:
    """Nothing is started over an enforced budget until the month ends."""
    budget = inputs.settings.budget
    if budget is None or not budget.enforce or over_budget(inputs) is not True:
        return plan
    message = f"the budget of {budget.unit_hours_per_month:g} unit-hours in {month(inputs.now)} is used up"
    return _suppress_start(plan, Reason.OVER_BUDGET, message)


def queue_exists(plan: Plan, inputs: DecisionInputs) -> Plan:
    """A model whose queue does not exist would be paid for and not used."""
    observed = inputs.observation
    if not observed.queue_missing:
        return plan
    return _suppress_start(plan, Reason.QUEUE_MISSING, f"the queue {observed.queue_arn} does not exist")


LIMITS: tuple[Limit, ...] = (started_by_hand, queue_exists, once_per_invocation, backed_off, within_budget)


def _suppress_start(plan: Plan, reason: Reason, message: str) -> Plan:
    start = Action.own(ActionKind.START_MODEL)
    if start not in plan.actions:
        return plan
    return replace(
        plan,
        actions=tuple(action for action in plan.actions if action != start),
        suppressed=(*plan.suppressed, Suppressed(action=start, reason=reason, message=message)),
    )
