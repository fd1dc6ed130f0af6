"""From a situation to a plan: what is desired, the table's step, the limits as filters over its actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.core.decide import Step, decide
from controller.core.desired import Desire, desire
from controller.core.observed import Observed
from controller.core.situation import LAG, Fact, Situation, drain, drain_limit, off_since
from controller.core.states import Action, Desired, MappingState, ModelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """An action that the table asked for and a limit held back."""

    action: Action
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``needs`` are the facts to be read before there is a plan; until then ``step`` is ``None``."""

    desire: Desire
    step: Step | None = None
    actions: tuple[Action, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    needs: frozenset[Fact] = frozenset()


def plan(situation: Situation, observed: Observed) -> Plan:
    """One safe step toward what is desired, within the limits; or the facts that it depends on.

    A fact is asked for once: a rule whose fact could not be read decides for its safe side.
    """
    wanted = desire(situation)
    needs = (wanted.needs | _drain_needs(wanted, situation, observed)) - situation.facts_read
    if needs or wanted.desired is None:
        return Plan(desire=wanted, needs=needs)
    step = decide(wanted.desired, observed.model, observed.mapping, drain(situation, observed))
    made = Plan(desire=wanted, step=step, actions=step.actions)
    for limit in LIMITS:
        made = limit(made, situation)
    return made


def _drain_needs(wanted: Desire, situation: Situation, observed: Observed) -> frozenset[Fact]:
    stopping = wanted.desired is Desired.OFF and observed.model is ModelStatus.RUNNING
    if not stopping or observed.mapping is not MappingState.DISABLED:
        return frozenset()
    quiet = situation.now - off_since(situation, observed)
    return frozenset({Fact.COUNTS}) if LAG <= quiet < drain_limit(situation.settings) else frozenset()


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
    at = f"{memory.next_start_at:%Y-%m-%dT%H:%M:%SZ}"
    message = f"{memory.failed_starts} failed starts; the next is tried at {at}"
    return _withhold_start(made, "Backoff", message)


LIMITS: tuple[Limit, ...] = (once_per_invocation, backed_off)


def _withhold_start(made: Plan, reason: str, message: str) -> Plan:
    if Action.START_MODEL not in made.actions:
        return made
    return replace(
        made,
        actions=tuple(action for action in made.actions if action is not Action.START_MODEL),
        withheld=(*made.withheld, Withheld(action=Action.START_MODEL, reason=reason, message=message)),
    )
