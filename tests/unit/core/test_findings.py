"""Every reason of every condition, from the decision that has it."""

from __future__ import annotations

import pytest

from controller.core.actions import FailureKind
from controller.core.memory import Memory
from controller.core.messages import REMEDIES, STEPS
from controller.core.reasons import Reason
from controller.core.states import ModelStatus
from controller.core.table import ModelClass, Step, classify_model
from tests.unit.core.cases import (
    AT_MOST_FORTY,
    BACKED_OFF,
    CLOSED,
    CONDITIONS,
    NO_QUEUE,
    OPEN,
    WAS_READY,
    refused,
)
from tests.unit.core.conftest import assessed, at, seen


@pytest.mark.parametrize(
    ("result", "assessment"), [case[1:] for case in CONDITIONS], ids=[case[0] for case in CONDITIONS]
)
def test_a_condition_has_its_status_and_its_reason(result, assessment):
    type_ = result.split()[0]
    (condition,) = (each for each in assessment.conditions if each.type == type_)
    assert f"{type_} {condition.status} {condition.reason}" == result


def test_every_reason_of_a_condition_has_a_case():
    shown = {result.split()[2] for _, result, _ in CONDITIONS}
    assert {reason.value for reason in Reason} <= shown


def test_every_step_and_every_model_that_cannot_run_has_a_text():
    assert set(STEPS) == set(Step)
    unusable = {status for status in ModelStatus if classify_model(status) is ModelClass.UNUSABLE}
    assert set(REMEDIES) == unusable


@pytest.mark.parametrize("moment", [OPEN, CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize("observed", [NO_QUEUE, seen("STOPPED", "Disabled", queue_missing=True)])
def test_a_queue_that_does_not_exist_stalls_the_pipeline_whatever_is_desired(moment, observed):
    result = assessed("09:00" if moment is OPEN else "18:00", moment, observed)
    (stalled,) = (each for each in result.conditions if each.type == "Stalled")
    assert (stalled.status, stalled.reason) == ("True", "QueueMissing")


def test_a_queue_that_does_not_exist_is_no_drift():
    result = assessed("09:00", OPEN, NO_QUEUE, memory=WAS_READY)
    (drifted,) = (each for each in result.conditions if each.type == "Drifted")
    assert (drifted.status, drifted.reason) == ("False", "NotDrifted")


def test_what_is_not_yet_as_desired_is_not_taken_for_moved():
    """Ready under one file; the file changes, and what it asks for now is still under way."""
    under_way = assessed("09:00", OPEN, seen("STOPPED", "Disabled"), memory=WAS_READY, fingerprint="edited")
    assert under_way.memory.ready_for is None


ENDED = Memory(failed_starts=1, next_start_at=at("09:00"), unit_hours=500.0, counted_to=at("00:00"))


@pytest.mark.parametrize(
    ("clock", "observed", "more", "next_check"),
    [
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.QUOTA)},
            "17:00",
            id="quota",
        ),
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.TERMINAL)},
            "17:00",
            id="refused for good",
        ),
        pytest.param(
            "09:00",
            seen("RUNNING", "Enabled"),
            {"memory": BACKED_OFF},
            "17:00",
            id="the next start of a model that runs",
        ),
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"settings": AT_MOST_FORTY, "memory": ENDED},
            "17:00",
            id="a backoff that ends now, while the budget holds the start back",
        ),
        pytest.param(
            "17:00", seen("RUNNING", "Enabled"), {}, None, id="an opening that lasts until this instant"
        ),
    ],
)
def test_nothing_is_looked_at_again_before_it_can_have_changed(clock, observed, more, next_check):
    result = assessed(clock, OPEN, observed, **more)
    assert result.next_check == (at(next_check) if next_check else None)
