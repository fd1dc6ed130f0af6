"""The rules: what is desired, and why. The first that applies decides.

A rule is a pure function from the situation to a verdict. A verdict that depends on a fact which nobody has
read yet is neither yes nor no; it names the fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.situation import ENOUGH_STARTS, Fact, Situation
from controller.core.states import Desired, ModelStatus

RESTART = timedelta(minutes=15)
"""What a stop and a drain take beside the lead: a closure no longer than both is not worth a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``applies`` is ``None`` until the facts of ``needs`` are read; ``line`` is the rule's in the file."""

    rule: str
    applies: bool | None
    reason: str
    desired: Desired | None = None
    line: int | None = None
    needs: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desire:
    """The first verdict that applies; ``desired`` is ``None`` while it depends on ``needs``."""

    desired: Desired | None
    rule: str
    reason: str
    needs: frozenset[Fact] = frozenset()

    @property
    def consume(self) -> bool | None:
        """``None`` where it is not decided here: hands off, or dependent on the queue."""
        return None if self.desired in (None, Desired.AS_IS) else self.desired is Desired.ON


def hold(situation: Situation) -> Verdict:
    held, line = situation.settings.hold, situation.settings.lines.get("hold")
    if held is None:
        return Verdict(rule="hold", applies=False, reason="no hold")
    until = f"{held.until:%Y-%m-%dT%H:%M:%SZ}"
    if situation.now >= held.until:
        return Verdict(rule="hold", applies=False, line=line, reason=f"the hold ended at {until}")
    why = f": {held.reason}" if held.reason else ""
    return Verdict(
        rule="hold",
        applies=True,
        desired=held.desired,
        line=line,
        reason=f"held {held.desired.value.lower().replace('_', '-')} until {until}{why}",
    )


def opening(situation: Situation) -> Verdict:
    timing = situation.timing
    return Verdict(
        rule="open",
        applies=timing.open,
        desired=Desired.ON if timing.open else None,
        line=timing.line,
        reason=timing.reason,
    )


def warm_up(situation: Situation) -> Verdict:
    line = situation.settings.lines.get("warm_up")
    opens_at, starts_at = situation.timing.ends_at, warm_up_starts_at(situation)
    if opens_at is None or starts_at is None:
        reason = "the schedule is open" if situation.timing.open else "no opening ahead"
        return Verdict(rule="warm-up", applies=False, line=line, reason=reason)
    if situation.now < starts_at:
        reason = f"{_lead(situation)}: begins at {starts_at:%Y-%m-%dT%H:%M:%SZ}"
        return Verdict(rule="warm-up", applies=False, line=line, reason=reason)
    explicit = situation.timing.explicit
    return Verdict(
        rule="warm-up",
        applies=True,
        desired=Desired.WARM if explicit else Desired.ON,
        line=line,
        reason=f"{_lead(situation)} before the opening at {opens_at:%Y-%m-%dT%H:%M:%SZ}"
        + (f"; no consumption: {situation.timing.reason}" if explicit else ""),
    )


def warm_up_starts_at(situation: Situation) -> datetime | None:
    """The tick's length is added to the lead, so that a tick which comes late still comes in time."""
    timing = situation.timing
    if timing.open or timing.ends_at is None:
        return None
    return timing.ends_at - situation.lead - situation.tick


def _lead(situation: Situation) -> str:
    minutes = f"lead {situation.lead.total_seconds() / 60:g} min"
    if situation.settings.warm_up is not None:
        return minutes
    measured = len(situation.memory.start_durations_s)
    if measured < ENOUGH_STARTS:
        return f"{minutes} (the default: {measured} of {ENOUGH_STARTS} starts measured)"
    return f"{minutes} (90th percentile of {measured} starts and half a tick)"


def bridge(situation: Situation) -> Verdict:
    timing, limit = situation.timing, _bridge_limit(situation)
    applies, reason = False, ""
    if timing.open or timing.started_at is None or timing.ends_at is None:
        reason = "no closure between two openings"
    elif timing.explicit:
        reason = f"not in an explicit closure: {timing.reason}"
    elif timing.ends_at - timing.started_at > limit:
        reason = f"the closure is longer than {_minutes(limit)}"
    elif not _is_up(situation):
        reason = "the model is not up"
    else:
        applies = True
        length = _minutes(timing.ends_at - timing.started_at)
        reason = f"the closure of {length} is no longer than {_minutes(limit)}"
    return Verdict(
        rule="bridge",
        applies=applies,
        desired=Desired.ON if applies else None,
        line=situation.settings.lines.get("bridge"),
        reason=reason,
    )


def _bridge_limit(situation: Situation) -> timedelta:
    given = situation.settings.bridge
    return given if given is not None else situation.lead + RESTART


def _is_up(situation: Situation) -> bool:
    """Where nobody looked, the opening before the closure has left the model running."""
    observed = situation.observed
    return observed is None or observed.model in (ModelStatus.RUNNING, ModelStatus.STARTING)


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:g} min"


def closed(situation: Situation) -> Verdict:
    timing = situation.timing
    return Verdict(
        rule="closed",
        applies=not timing.open,
        desired=None if timing.open else Desired.OFF,
        line=timing.line,
        reason=timing.reason,
    )


Rule = Callable[[Situation], Verdict]

RULES: tuple[Rule, ...] = (hold, opening, warm_up, bridge, closed)


def desire(situation: Situation) -> Desire:
    """What is desired now. Rules behind the first that applies are not asked."""
    for rule in RULES:
        verdict = rule(situation)
        if verdict.applies is not False:
            return Desire(
                desired=verdict.desired, rule=verdict.rule, reason=verdict.reason, needs=verdict.needs
            )
    raise AssertionError("a schedule is either open or closed, so the last rule applies when no other does")


def verdicts(situation: Situation) -> tuple[Verdict, ...]:
    """Every rule's verdict, in order: the account of ``explain``."""
    return tuple(rule(situation) for rule in RULES)


def changes_at(situation: Situation) -> datetime | None:
    """The next instant at which a rule may decide otherwise with the queue and the model as they are."""
    timing, held = situation.timing, situation.settings.hold
    instants = (
        timing.ends_at,
        timing.explicit_changes_at,
        warm_up_starts_at(situation),
        held.until if held else None,
    )
    return min((at for at in instants if at is not None and at > situation.now), default=None)
