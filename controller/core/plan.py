"""From a situation to a plan: what is desired, the table's step, the limits as filters over its actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.core.decide import Power, Step, decide, power
from controller.core.deeds import Deed
from controller.core.desired import Desire, desire, over_budget
from controller.core.instants import month, utc
from controller.core.observed import Observed
from controller.core.situation import QUIET, Fact, Situation, drain, drain_limit, knows_function, off_since
from controller.core.states import Action, Desired, Drain, MappingState, ModelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """An action that the table asked for and a limit held back."""

    action: Action
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``needs`` are the facts to be read before there is a plan; until then ``step`` is ``None``.

    ``retire`` are the ARNs of retired versions to be stopped, beside the ``actions`` on this pipeline's own
    model and mapping.
    """

    desire: Desire
    step: Step | None = None
    actions: tuple[Action, ...] = ()
    retire: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    needs: frozenset[Fact] = frozenset()

    @property
    def deeds(self) -> tuple[Deed, ...]:
        own = (Deed(action=action) for action in self.actions)
        return (*own, *(Deed(action=Action.STOP_MODEL, version=arn) for arn in self.retire))


def plan(situation: Situation, observed: Observed) -> Plan:
    """One safe step toward what is desired, within the limits; or the facts that it depends on.

    A fact is asked for once: a rule whose fact could not be read decides for its safe side.
    """
    wanted = desire(situation)
    needs = wanted.needs | _drain_needs(wanted, situation, observed)
    if needs:
        return Plan(desire=wanted, needs=needs)
    drained = drain(situation, observed)
    step = decide(wanted.desired, observed.model, observed.mapping, drained)
    if Action.START_MODEL in step.actions and over_budget(situation) is None:
        return Plan(desire=wanted, needs=frozenset({Fact.HOURS}))
    made = Plan(
        desire=wanted,
        step=step,
        actions=step.actions,
        retire=_retire(wanted.desired, observed, drained),
    )
    for limit in LIMITS:
        made = limit(made, situation)
    return made


def _drain_needs(wanted: Desire, situation: Situation, observed: Observed) -> frozenset[Fact]:
    """A drain asks how long the function may run, once; then for the counts while they can tell."""
    stopping = wanted.desired is Desired.OFF and observed.model is ModelStatus.RUNNING
    if not stopping or observed.mapping is not MappingState.DISABLED:
        return frozenset()
    if not (knows_function(situation) or Fact.FUNCTION in situation.facts_read):
        return frozenset({Fact.FUNCTION})
    quiet = situation.now - off_since(situation, observed)
    counts = frozenset({Fact.COUNTS}) if QUIET <= quiet < drain_limit(situation) else frozenset[Fact]()
    return counts - situation.facts_read


def _retire(desired: Desired, observed: Observed, drained: Drain) -> tuple[str, ...]:
    """Retired versions are stopped once this model runs in their place, or OFF is desired and drained."""
    replaced = desired in (Desired.ON, Desired.WARM) and observed.model is ModelStatus.RUNNING
    off = desired is Desired.OFF and drained is Drain.DRAINED and power(observed.model) is not Power.OPAQUE
    if not (replaced or off):
        return ()
    return tuple(other.arn for other in observed.others if other.retired)


Limit = Callable[[Plan, Situation], Plan]


def once_per_invocation(made: Plan, situation: Situation) -> Plan:
    """An invocation that looks again does not start again: its own start may not be visible yet."""
    if not situation.started:
        return made
    return _withhold_start(made, "AlreadyRequested", "a start was requested in this invocation already")


def backed_off(made: Plan, situation: Situation) -> Plan:
    """Starts that fail are tried more and more rarely."""
    memory = situation.memory
    if memory.next_start_at is None or situation.now >= memory.next_start_at:
        return made
    message = f"{memory.failed_starts} failed starts; the next is tried at {utc(memory.next_start_at)}"
    return _withhold_start(made, "Backoff", message)


def within_budget(made: Plan, situation: Situation) -> Plan:
    """An enforced budget that is used up starts nothing until the month ends."""
    budget = situation.settings.budget
    if budget is None or not budget.enforce or over_budget(situation) is not True:
        return made
    message = f"the budget of {budget.unit_hours_per_month:g} unit-hours in {month(situation.now)} is used up"
    return _withhold_start(made, "OverBudget", message)


LIMITS: tuple[Limit, ...] = (once_per_invocation, backed_off, within_budget)


def _withhold_start(made: Plan, reason: str, message: str) -> Plan:
    if Action.START_MODEL not in made.actions:
        return made
    return replace(
        made,
        actions=tuple(action for action in made.actions if action is not Action.START_MODEL),
        withheld=(*made.withheld, Withheld(action=Action.START_MODEL, reason=reason, message=message)),
    )
