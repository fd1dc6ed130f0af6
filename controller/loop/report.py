"""The result of a tick, and the same as JSON: what ``plan``, ``status`` and ``reconcile`` print.

In JSON instants are ``2026-11-23T13:30:00Z``, numbers are numbers, and what is absent is ``None``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from controller.core.actions import Action, ActionKind, FailureKind, Outcome
from controller.core.conditions import assess
from controller.core.memory import Condition, Memory, after_outcomes
from controller.core.messages import plan_summary
from controller.core.observed import Observed
from controller.core.rules import DesiredState
from controller.core.states import MappingState
from controller.core.timefmt import utc
from controller.loop.context import FailedTick, PipelineContext, PipelineTick, PlannedTick, UnobservedTick

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineReport:
    """One pipeline in one tick: observed, desired, planned, done.

    ``next_change`` is the schedule's; while a hold is in force it is the hold's end. ``actions`` were
    planned, ``outcomes`` are their results (none in a dry run). ``before`` and ``memory`` are the pipeline's
    memory before the tick and after it. ``desire`` and ``observed`` are ``None`` when the tick failed, or
    could not observe in time; ``reason`` says how.
    """

    name: str
    desire: DesiredState | None
    observed: Observed | None
    actions: tuple[Action, ...]
    reason: str
    conditions: tuple[Condition, ...]
    outcomes: tuple[Outcome, ...] = ()
    next_check: datetime | None = None
    next_change: datetime | None = None
    before: Memory = field(default_factory=Memory)
    memory: Memory = field(default_factory=Memory)

    @property
    def failed(self) -> bool:
        """Whether a call failed; BUSY is no failure."""
        unreadable = self.observed is None or bool(self.observed.errors)
        return unreadable or any(outcome.refusal not in (None, FailureKind.BUSY) for outcome in self.outcomes)

    def condition(self, type_: str) -> Condition | None:
        """``None`` where the tick failed before its conditions were known."""
        return next((each for each in self.conditions if each.type == type_), None)

    def holds(self, type_: str) -> bool:
        """Whether the condition is there and ``True``."""
        condition = self.condition(type_)
        return condition is not None and condition.status == "True"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One tick of all pipelines, in file order; ``at`` is its one reading of the clock (aware UTC)."""

    at: datetime
    pipelines: tuple[PipelineReport, ...]

    @property
    def next_check(self) -> datetime | None:
        return min((each.next_check for each in self.pipelines if each.next_check), default=None)

    @property
    def started(self) -> frozenset[str]:
        """Names of the pipelines of which a start was requested, with whatever outcome."""
        return frozenset(each.name for each in self.pipelines if any(map(_is_start, each.outcomes)))


def _is_start(outcome: Outcome) -> bool:
    return outcome.action.kind is ActionKind.START_MODEL and outcome.refusal is not FailureKind.NOT_REACHED


def pipeline_report(tick: PipelineTick, outcomes: tuple[Outcome, ...]) -> PipelineReport:
    match tick:
        case PlannedTick():
            try:
                return _planned_report(tick, outcomes)
            except Exception as error:  # noqa: BLE001 - S7, as around the observation
                return failed_report(tick, error, outcomes)
        case FailedTick():
            return failed_report(tick, tick.error)
        case UnobservedTick():
            message = "not observed: AWS has not answered in time; nothing is done until it does"
            return _unknown(tick.context, tick.now, message, reason="NotObserved", stalled="Unknown")


def _planned_report(tick: PlannedTick, outcomes: tuple[Outcome, ...]) -> PipelineReport:
    inputs = tick.inputs
    memory = after_outcomes(inputs.memory, outcomes, inputs.now)
    assessed = assess(inputs, tick.plan, outcomes, memory)
    return PipelineReport(
        name=tick.context.name,
        desire=tick.plan.desire,
        observed=inputs.observed,
        actions=tick.plan.actions,
        reason=plan_summary(tick.plan),
        conditions=assessed.conditions,
        outcomes=outcomes,
        next_check=assessed.next_check,
        next_change=_next_change(tick.context, inputs.now),
        before=tick.before,
        memory=assessed.memory,
    )


def _next_change(context: PipelineContext, now: datetime) -> datetime | None:
    hold = context.pipeline.settings.hold
    return hold.until if hold is not None and now < hold.until else context.schedule.next_change(now)


def failed_report(
    tick: PlannedTick | FailedTick, error: Exception, outcomes: tuple[Outcome, ...] = ()
) -> PipelineReport:
    """That of a pipeline whose tick raised ``error``; what was done before stays reported."""
    message = f"this tick broke down: {type(error).__name__}: {error}"
    now, actions = (tick.now, ()) if isinstance(tick, FailedTick) else (tick.inputs.now, tick.plan.actions)
    report = _unknown(tick.context, now, message, reason="TickBroke", stalled="True")
    return replace(report, actions=actions, outcomes=outcomes)


def _unknown(
    context: PipelineContext, now: datetime, message: str, *, reason: str, stalled: str
) -> PipelineReport:
    """That of a pipeline whose state this tick does not know."""
    next_change = None
    with suppress(Exception):  # S7: it may be what broke the tick
        next_change = _next_change(context, now)
    return PipelineReport(
        name=context.name,
        next_change=next_change,
        desire=None,
        observed=None,
        actions=(),
        reason=message,
        conditions=(
            Condition(type="Ready", status="Unknown", reason=reason, message=message, since=now),
            Condition(type="Stalled", status=stalled, reason=reason, message=message, since=now),
        ),
    )


def as_json(report: Report) -> Json:
    return {"at": instant(report.at), "pipelines": [pipeline_as_json(each) for each in report.pipelines]}


def instant(at: datetime | None) -> str | None:
    """As ``utc``."""
    return None if at is None else utc(at)


def desired(desire: DesiredState | None) -> Json:
    """While it depends on facts that nobody has read, ``power`` is what it may be, ``consume`` ``None``."""
    if desire is None:
        return {"power": None, "consume": None}
    return {"power": desire.desired, "consume": desire.consume}


def pipeline_as_json(report: PipelineReport) -> Json:
    return {
        "name": report.name,
        "desired": desired(report.desire),
        "observed": _observed(report.observed),
        "actions": [action.kind for action in report.actions],
        "reason": report.reason,
        "conditions": [_condition(each) for each in report.conditions],
        "outcomes": [_outcome(each) for each in report.outcomes],
        "next_check": instant(report.next_check),
        "next_change": instant(report.next_change),
    }


def mapping_state(observed: Observed) -> MappingState | None:
    """``None`` where the pipeline has no consumer."""
    return None if observed.mapping is MappingState.NONE else observed.mapping


def own_words(observed: Observed) -> Json:
    """``model_word`` and ``mapping_word``, AWS's own, for what is UNKNOWN here; else nothing."""
    words = {"model_word": observed.model_word, "mapping_word": observed.mapping_word}
    return {name: word for name, word in words.items() if word is not None}


def _observed(observed: Observed | None) -> Json:
    queue = observed.queue if observed is not None else None
    age = observed.oldest_age if observed is not None else None
    return {
        "model": observed.model if observed is not None else None,
        "units": observed.units if observed is not None else None,
        "mapping": mapping_state(observed) if observed is not None else None,
        "waiting": queue.waiting if queue is not None else None,
        "in_flight": queue.in_flight if queue is not None else None,
        "oldest_age_s": age.total_seconds() if age is not None else None,
        **(own_words(observed) if observed is not None else {}),
    }


def _condition(condition: Condition) -> Json:
    return {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": condition.message,
        "since": instant(condition.since),
    }


def _outcome(outcome: Outcome) -> Json:
    return {"action": outcome.action.kind, "ok": outcome.ok, "error": outcome.error}
