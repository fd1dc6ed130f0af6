"""S1 to S4 and S8 over the whole product, told by lists of API values and not by the table's own groups."""

from __future__ import annotations

import itertools

import pytest

from controller.core.actions import ActionKind
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import Case, cases

STARTABLE = {"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"}
CAN_CONSUME = {"Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating"}
NO_CONSUMER = "None"
CASES = cases()


def doing(action: ActionKind) -> list[Case]:
    return [case for case in CASES if action in case.step.actions]


def test_the_table_has_a_cell_for_every_combination_and_no_other():
    product = set(itertools.product(Desired, ModelStatus, MappingState, Drain))
    assert len(CASES) == len(product) == 4 * 17 * 12 * 2
    assert {(case.desired, case.model, case.mapping, case.drain) for case in CASES} == product


def test_s1_consumption_is_enabled_only_while_running_and_only_if_on_is_desired():
    assert {(case.desired, case.model.value) for case in doing(ActionKind.ENABLE_MAPPING)} == {
        (Desired.ON, "RUNNING")
    }


def test_s2_the_model_is_stopped_only_when_consumption_is_off_and_drained():
    stops = {
        (case.desired, case.model.value, case.mapping.value, case.drain)
        for case in doing(ActionKind.STOP_MODEL)
    }
    assert stops == {
        (Desired.OFF, "RUNNING", "Disabled", Drain.DRAINED),
        (Desired.OFF, "RUNNING", "ABSENT", Drain.DRAINED),
        (Desired.OFF, "RUNNING", NO_CONSUMER, Drain.DRAINED),
    }


def test_s3_consumption_is_disabled_whenever_the_model_does_not_run_whatever_is_desired_but_hands_off():
    burning = [
        case
        for case in CASES
        if case.desired is not Desired.AS_IS
        and case.model.value not in {"RUNNING", "UNKNOWN", "UNREADABLE"}
        and case.mapping.value in {"Enabled", "Enabling"}
    ]
    assert len(burning) == 3 * 14 * 2 * 2
    assert all(ActionKind.DISABLE_MAPPING in case.step.actions for case in burning)


def test_s4_only_a_startable_model_is_started_and_only_a_running_one_stopped():
    assert {case.model.value for case in doing(ActionKind.START_MODEL)} == STARTABLE
    assert {case.model.value for case in doing(ActionKind.STOP_MODEL)} == {"RUNNING"}


@pytest.mark.parametrize("opaque", ["UNKNOWN", "UNREADABLE"])
def test_s4_a_model_that_cannot_be_read_gets_no_action_at_all(opaque):
    assert {case.step.actions for case in CASES if case.model.value == opaque} == {()}


def test_s8_a_mapping_that_cannot_consume_gets_no_start_and_is_never_enabled_or_disabled():
    for case in CASES:
        if case.mapping.value not in {*CAN_CONSUME, NO_CONSUMER}:
            assert set(case.step.actions) <= {ActionKind.STOP_MODEL}


def test_hands_off_means_no_action_whatever_is_observed():
    assert {case.step.actions for case in CASES if case.desired is Desired.AS_IS} == {()}


def test_no_row_both_starts_and_stops_or_enables_and_disables():
    for case in CASES:
        assert not {ActionKind.START_MODEL, ActionKind.STOP_MODEL} <= set(case.step.actions)
        assert not {ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING} <= set(case.step.actions)


def test_without_a_consumer_the_model_alone_is_started_and_stopped_and_no_mapping_is_touched():
    without = [case for case in CASES if case.mapping.value == NO_CONSUMER]
    started = {
        (case.desired, case.model.value) for case in without if ActionKind.START_MODEL in case.step.actions
    }
    assert started == set(itertools.product((Desired.ON, Desired.WARM), STARTABLE))
    done = {action for case in without for action in case.step.actions}
    assert done == {ActionKind.START_MODEL, ActionKind.STOP_MODEL}


def test_off_never_starts_and_never_enables():
    done = {action for case in CASES if case.desired is Desired.OFF for action in case.step.actions}
    assert done == {ActionKind.DISABLE_MAPPING, ActionKind.STOP_MODEL}


def test_on_and_warm_never_stop():
    done = {case.desired for case in doing(ActionKind.STOP_MODEL)}
    assert done == {Desired.OFF}


@pytest.mark.parametrize(
    ("desired", "mapping"),
    [
        (Desired.ON, MappingState.ENABLED),
        (Desired.WARM, MappingState.DISABLED),
        (Desired.OFF, MappingState.DISABLED),
        (Desired.ON, MappingState.NONE),
        (Desired.WARM, MappingState.NONE),
        (Desired.OFF, MappingState.NONE),
    ],
)
def test_what_is_as_desired_is_left_alone(desired, mapping):
    model = ModelStatus.STOPPED if desired is Desired.OFF else ModelStatus.RUNNING
    settled = [c for c in CASES if (c.desired, c.model, c.mapping) == (desired, model, mapping)]
    assert {case.step.actions for case in settled} == {()}
