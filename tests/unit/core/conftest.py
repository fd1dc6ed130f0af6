"""Situations made by hand: 2026-11-23 is a Monday, all instants are UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.core.actions import Outcome
from controller.core.conditions import Assessment, assess
from controller.core.inputs import DecisionInputs, Fact
from controller.core.observed import Observed
from controller.core.plan import plan
from controller.core.settings import Settings
from controller.core.states import MappingState, ModelStatus
from controller.schedule.model import Moment


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=UTC)


def closure(start: str, end: str, *, explicit: bool = False, until: str | None = None) -> Moment:
    return Moment(
        open=False,
        started_at=at(start),
        ends_at=at(end),
        reason="closed by hand",
        line=7,
        explicit=explicit,
        explicit_changes_at=at(until) if until else None,
    )


def opening(start: str, end: str) -> Moment:
    return Moment(open=True, started_at=at(start), ends_at=at(end), reason="open by hand", line=6)


def inputs(clock: str, moment: Moment, settings: Settings | None = None, **more) -> DecisionInputs:
    return DecisionInputs(now=at(clock), moment=moment, settings=settings or Settings(), **more)


def seen(model: str, mapping: str, **more) -> Observed:
    return Observed(model=ModelStatus(model), mapping=MappingState(mapping), units=1, **more)


def assessed(
    clock: str, moment: Moment, observed: Observed, *, outcomes: tuple[Outcome, ...] = (), **more
) -> Assessment:
    """What a look comes to, once every fact was asked for."""
    now = inputs(clock, moment, observed=observed, **{"facts_read": frozenset(Fact), **more})
    return assess(now, plan(now), outcomes, now.memory)


@pytest.fixture
def night() -> Moment:
    return closure("00:00", "08:30")
