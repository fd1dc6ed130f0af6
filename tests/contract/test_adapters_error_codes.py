"""botocore's service models, as recorded, against our tables; what is newer goes by the rule."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from controller.aws import codes
from controller.aws.mapping import OURS as MAPPING_OURS
from controller.aws.rekognition import OURS as MODEL_OURS
from controller.core.states import MappingState, ModelStatus
from controller.errors import TerminalError, TransientError
from tests.contract.recorded import ServiceModels, installed, recorded, report

CODES = [pytest.param(code, id=f"{call}-{code}") for call, code, _ in recorded().codes()]
OUR_STATUSES = {status.value for status in set(ModelStatus) - MODEL_OURS}
OUR_STATES = {state.value for state in set(MappingState) - MAPPING_OURS}


@pytest.mark.parametrize("code", CODES)
def test_a_recorded_code_is_transient_or_terminal(code):
    assert code in codes.TRANSIENT | codes.TERMINAL


def test_no_code_is_both():
    assert not codes.TRANSIENT & codes.TERMINAL


def test_a_fault_of_the_server_is_never_terminal():
    faults = {code for _, code, status in recorded().codes() if status and status >= 500}
    assert {"InternalServerException", "PolicyEvaluationException", "ServiceException"} <= faults
    assert faults <= codes.TRANSIENT


def test_our_statuses_are_the_recorded_ones():
    assert set(recorded().model_statuses) == OUR_STATUSES


def test_our_states_of_a_mapping_are_the_recorded_ones():
    assert set(recorded().mapping_states) == OUR_STATES


def newer(than: ServiceModels, models: ServiceModels) -> list[str]:
    """What ``models`` have beyond ``than``, each with how it is handled."""
    unknown = [each for each in models.codes() if each[1] not in codes.TRANSIENT | codes.TERMINAL]
    return [
        *(
            f"{call} may answer {code} ({status}), taken as {codes.classify(code, status).__name__}"
            for call, code, status in unknown
            if code not in than.errors.get(call, {})
        ),
        *(f"the model status {each}" for each in sorted({*models.model_statuses} - {*than.model_statuses})),
        *(f"the mapping state {each}" for each in sorted({*models.mapping_states} - {*than.mapping_states})),
    ]


def test_what_is_newer_than_the_record_is_reported():
    report(newer(recorded(), installed()))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(400, TerminalError, id="the client's error"),
        pytest.param(503, TransientError, id="the server's error"),
        pytest.param(None, TerminalError, id="no status"),
    ],
)
def test_an_unknown_code_goes_by_its_status(status, kind):
    errors = deepcopy(recorded().errors)
    errors["sts:AssumeRole"]["NeverHeardOfException"] = status
    (told,) = newer(recorded(), replace(recorded(), errors=errors))
    assert told == f"sts:AssumeRole may answer NeverHeardOfException ({status}), taken as {kind.__name__}"
    with pytest.warns(UserWarning, match="newer than recorded: .*NeverHeardOfException"):
        report([told])


def test_a_new_status_and_a_new_state_are_reported():
    before = replace(recorded(), model_statuses=["RUNNING"], mapping_states=["Enabled"])
    after = replace(before, model_statuses=["RUNNING", "SULKING"], mapping_states=["Enabled", "Dozing"])
    assert newer(before, after) == ["the model status SULKING", "the mapping state Dozing"]
    assert newer(after, before) == []
