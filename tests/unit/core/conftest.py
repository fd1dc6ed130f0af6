"""Situations made by hand: 2026-11-23 is a Monday, all instants are UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.core.actions import Outcome
from controller.core.conditions import Assessment, assess
from controller.core.inputs import DecisionInputs, Fact, Timing
from controller.core.observed import Observed
from controller.core.plan import plan
from controller.core.settings import Settings
from controller.core.states import MappingState, ModelStatus


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=UTC)


def closure(start: str, end: str, *, explicit: bool = False, until: str | None = None) -> Timing:
    return Timing(
        open=False,
        started_at=at(start),
        ends_at=at(end),
        reason="closed by hand",
        line=7,
        explicit=explicit,
        explicit_changes_at=at(until) if until else None,
    )


def opening(start: str, end: str) -> Timing:
    return Timing(open=True, started_at=at(start), ends_at=at(end), reason="open by hand", line=6)


def situation(clock: str, timing: Timing, settings: Settings | None = None, **more) -> DecisionInputs:
    return DecisionInputs(now=at(clock), timing=timing, settings=settings or Settings(), **more)


def seen(model: str, mapping: str, **more) -> Observed:
    return Observed(model=ModelStatus(model), mapping=MappingState(mapping), units=1, **more)


def assessed(
    clock: str, timing: Timing, observed: Observed, *, outcomes: tuple[Outcome, ...] = (), **more
) -> Assessment:
    """What a look comes to, once every fact was asked for."""
    now = situation(clock, timing, observed=observed, **{"facts_read": frozenset(Fact), **more})
    return assess(now, observed, plan(now, observed), outcomes, now.memory)


@pytest.fixture
def night() -> Timing:
    return closure("00:00", "08:30")
