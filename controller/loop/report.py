"""A tick's report as data for programs: what ``plan``, ``status`` and ``reconcile`` print as JSON.

Instants are ``2026-11-23T13:30:00Z``, numbers are numbers, and what is absent is ``None``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from controller.core.actions import Outcome
from controller.core.memory import Condition
from controller.core.observed import Observed
from controller.core.rules import DesiredState
from controller.core.timefmt import utc
from controller.loop.reconcile import PipelineReport, Report

Json: TypeAlias = dict[str, object]


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
        "mapping": observed.mapping if observed is not None else None,
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
