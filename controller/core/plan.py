"""From a situation to a plan: what is desired, the table's step, the limits as filters over its actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.actions import Action, ActionKind
from controller.core.inputs import (
    QUIET,
    DecisionInputs,
    Fact,
    drain,
    drain_limit,
    knows_own_function,
    off_since,
)
from controller.core.observed import Observed
from controller.core.rules import DesiredState, desire, over_budget, retention
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import ModelClass, Step, classify_model, decide
from controller.core.timefmt import month, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An action that the table asked for and a limit held back."""

    action: Action
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``needs`` are the facts to be read before there is a plan; until then ``step`` is ``None``.

    ``actions`` are those on this pipeline's own model and mapping, then the stops of retired versions.
    """

    desire: DesiredState
    step: Step | None = None
    actions: tuple[Action, ...] = ()
    withheld: tuple[Suppressed, ...] = ()
    needs: frozenset[Fact] = frozenset()

    @property
    def retire(self) -> tuple[str, ...]:
        """ARNs of the retired versions to stop."""
        return tuple(action.retired_arn for action in self.actions if action.retired_arn is not None)


def plan(situation: DecisionInputs) -> Plan:
    """One safe step toward what is desired, within the limits; or the facts that it depends on.

    A fact is asked for once: a rule whose fact could not be read decides for its safe side.
    """
    observed = situation.observation
    wanted = desire(situation)
    needs = wanted.needs | _drain_needs(wanted, situation) | _queue_needs(situation)
    needs |= _retire_needs(wanted.desired, situation)
    if needs:
        return Plan(desire=wanted, needs=needs)
    drained = drain(situation)
    step = decide(wanted.desired, observed.model, observed.mapping, drained)
    if ActionKind.START_MODEL in step.actions and over_budget(situation) is None:
        return Plan(desire=wanted, needs=frozenset({Fact.HOURS}))
    made = Plan(
        desire=wanted,
        step=step,
        actions=(
            *map(Action.own, step.actions),
            *map(Action.stop_retired, _retire(wanted.desired, situation, drained)),
        ),
    )
    for limit in LIMITS:
        made = limit(made, situation)
    return made


def _drain_needs(wanted: DesiredState, situation: DecisionInputs) -> frozenset[Fact]:
    """A drain asks how long the function may run, once an hour; then for the counts while they can tell."""
    observed = situation.observation
    stopping = wanted.desired is Desired.OFF and observed.model is ModelStatus.RUNNING
    if not stopping or observed.mapping is not MappingState.DISABLED:
        return frozenset()
    if not (knows_own_function(situation) or Fact.FUNCTION in situation.facts_read):
        return frozenset({Fact.FUNCTION})
    quiet = situation.now - off_since(situation)
    counts = frozenset({Fact.COUNTS}) if QUIET <= quiet < drain_limit(situation) else frozenset[Fact]()
    return counts - situation.facts_read


def _queue_needs(situation: DecisionInputs) -> frozenset[Fact]:
    """The queue is read at least hourly, whatever is desired: others fill it, change it and delete it.

    While it is consumed it is read in every tick until it is seen empty.
    """
    observed = situation.observation
    if observed.queue_arn is None:
        return frozenset()
    memory, every = situation.memory, situation.settings.look_every(retention(situation))
    read_at = (memory.queue_read_at, memory.oldest_after) if observed.consumes else (memory.queue_read_at,)
    due = any(at is None or situation.now - at >= every for at in read_at)
    return frozenset({Fact.COUNTS} if due else ()) - situation.facts_read


def _retire_needs(desired: Desired, situation: DecisionInputs) -> frozenset[Fact]:
    """While the model is wanted, its function tells whether it may still use a retired version."""
    observed = situation.observation
    asked = in_its_place(desired, observed) and observed.function_arn is not None
    return frozenset({Fact.FUNCTION} if asked else ()) - situation.facts_read


def in_its_place(desired: Desired, observed: Observed) -> bool:
    """Whether a retired version runs, and this model is wanted and runs or can be made to run."""
    up = classify_model(observed.model) not in (ModelClass.UNUSABLE, ModelClass.UNKNOWN)
    return bool(observed.retired) and desired in (Desired.ON, Desired.WARM) and up


def retire_at(situation: DecisionInputs) -> datetime | None:
    """When no invocation can use a retired version any more, by the function's environment of this tick.

    An invocation keeps the environment that it began with. An alias that sends a part of its invocations to
    a second version is not recognized: the environment is that of the first.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    observed = situation.observation
    since = situation.memory.superseded_since
    if since is None or observed.named is None or not observed.named.only_model:
        return None
    return since + drain_limit(situation)


def _retire(desired: Desired, situation: DecisionInputs, drained: Drain) -> tuple[str, ...]:
    """The retired versions to stop: OFF is desired and drained, or the function uses this model instead."""
    observed = situation.observation
    if desired is Desired.OFF:
        safe = drained is Drain.DRAINED and classify_model(observed.model) is not ModelClass.UNKNOWN
    else:
        unused_from = retire_at(situation)
        safe = in_its_place(desired, observed) and unused_from is not None and situation.now >= unused_from
    return observed.retired if safe else ()


Limit = Callable[[Plan, DecisionInputs], Plan]


def once_per_invocation(made: Plan, situation: DecisionInputs) -> Plan:
    """An invocation that looks again does not start again: its own start may not be visible yet."""
    if not situation.started:
        return made
    return _withhold_start(made, "AlreadyRequested", "a start was requested in this invocation already")


def backed_off(made: Plan, situation: DecisionInputs) -> Plan:
    """Starts that fail are tried more and more rarely."""
    memory = situation.memory
    if memory.next_start_at is None or situation.now >= memory.next_start_at:
        return made
    message = f"{memory.failed_starts} failed starts; the next is tried at {utc(memory.next_start_at)}"
    return _withhold_start(made, "Backoff", message)


def within_budget(made: Plan, situation: DecisionInputs) -> Plan:
    """An enforced budget that is used up starts nothing until the month ends."""
    budget = situation.settings.budget
    if budget is None or not budget.enforce or over_budget(situation) is not True:
        return made
    message = f"the budget of {budget.unit_hours_per_month:g} unit-hours in {month(situation.now)} is used up"
    return _withhold_start(made, "OverBudget", message)


def fed(made: Plan, situation: DecisionInputs) -> Plan:
    """A model whose queue does not exist would be paid for and not used."""
    observed = situation.observation
    if not observed.queue_missing:
        return made
    return _withhold_start(made, "QueueMissing", f"the queue {observed.queue_arn} does not exist")


LIMITS: tuple[Limit, ...] = (fed, once_per_invocation, backed_off, within_budget)


def _withhold_start(made: Plan, reason: str, message: str) -> Plan:
    start = Action.own(ActionKind.START_MODEL)
    if start not in made.actions:
        return made
    return replace(
        made,
        actions=tuple(action for action in made.actions if action != start),
        withheld=(*made.withheld, Suppressed(action=start, reason=reason, message=message)),
    )
