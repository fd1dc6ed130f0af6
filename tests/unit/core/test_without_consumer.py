"""A pipeline whose callers use the model themselves, and a model that a person starts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.actions import ActionKind
from controller.core.observed import Observed
from controller.core.plan import plan
from controller.core.reasons import Reason
from controller.core.rules import desired_state, rescue
from controller.core.settings import Settings
from controller.core.states import Desired, MappingState, ModelStatus
from controller.core.table import Step
from tests.unit.core.conftest import assessed, at, closure, inputs, opening

WITHOUT = Settings(consumer=False, rescue=None)
OPEN, CLOSED = opening("08:30", "17:00"), closure("17:00", "23:30")


def alone(model: str) -> Observed:
    return Observed(model=ModelStatus(model), mapping=MappingState.NONE, units=1)


@pytest.mark.parametrize(
    ("clock", "moment", "model", "drain", "step", "actions"),
    [
        ("09:00", OPEN, "STOPPED", None, Step.START, [ActionKind.START_MODEL]),
        ("09:00", OPEN, "STARTING", None, Step.WAIT_STARTING, []),
        ("09:00", OPEN, "RUNNING", None, Step.RUNNING, []),
        ("17:00", CLOSED, "RUNNING", None, Step.STOP, [ActionKind.STOP_MODEL]),
        ("17:00", CLOSED, "RUNNING", 20, Step.WAIT_DRAIN, []),
        ("17:19", CLOSED, "RUNNING", 20, Step.WAIT_DRAIN, []),
        ("17:20", CLOSED, "RUNNING", 20, Step.STOP, [ActionKind.STOP_MODEL]),
        ("18:00", CLOSED, "STOPPED", None, Step.STOPPED, []),
        ("18:00", CLOSED, "DEPRECATED", None, Step.BLOCKED_MODEL, []),
        ("18:00", CLOSED, "UNREADABLE", None, Step.UNREADABLE_MODEL, []),
    ],
)
def test_the_model_runs_by_the_hours_alone(clock, moment, model, drain, step, actions):
    settings = Settings(
        consumer=False, rescue=None, drain=None if drain is None else timedelta(minutes=drain)
    )
    planned = plan(inputs(clock, moment, settings, observed=alone(model)))
    assert (planned.step, [each.kind for each in planned.actions]) == (step, actions)


def test_no_fact_of_a_queue_or_a_function_is_asked_for():
    for clock, moment in (("09:00", OPEN), ("17:00", CLOSED), ("23:00", CLOSED)):
        assert plan(inputs(clock, moment, WITHOUT, observed=alone("RUNNING"))).needs == frozenset()


def test_whether_it_consumes_is_not_decided_and_no_message_is_rescued():
    assert desired_state(inputs("09:00", OPEN, WITHOUT)).consume is None
    assert rescue(inputs("23:00", CLOSED, WITHOUT)).applies is False


def test_a_running_model_is_ready_and_a_drain_is_looked_at_again_when_it_ends():
    ready = assessed("09:00", OPEN, alone("RUNNING"), settings=WITHOUT)
    found = {each.type: (each.status, each.reason) for each in ready.conditions}
    assert (found["Ready"], found["Stalled"]) == (("True", "Running"), ("False", "NotStalled"))
    draining = assessed(
        "17:05",
        CLOSED,
        alone("RUNNING"),
        settings=Settings(consumer=False, rescue=None, drain=timedelta(minutes=20)),
    )
    assert draining.next_check == at("17:20")


@pytest.mark.parametrize("mapping", [MappingState.NONE, MappingState.DISABLED])
def test_a_model_that_a_person_starts_is_not_started_and_the_rest_is_done(mapping):
    by_hand = Settings(consumer=mapping is not MappingState.NONE, rescue=None, manual_start=True)
    down = Observed(model=ModelStatus.STOPPED, mapping=mapping, units=1)
    planned = plan(inputs("09:00", OPEN, by_hand, observed=down))
    assert planned.actions == ()
    assert [each.reason for each in planned.suppressed] == [Reason.MANUAL_START]
    up = Observed(model=ModelStatus.RUNNING, mapping=mapping, units=1)
    assert plan(inputs("09:00", OPEN, by_hand, observed=up)).desire.desired is Desired.ON
    stopped = plan(
        inputs(
            "18:00",
            CLOSED,
            by_hand,
            observed=Observed(model=ModelStatus.RUNNING, mapping=MappingState.NONE, units=1),
        )
    )
    assert [each.kind for each in stopped.actions] == [ActionKind.STOP_MODEL]
