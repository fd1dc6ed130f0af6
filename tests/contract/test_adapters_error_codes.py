"""botocore's service models against our tables: a code that botocore adds fails here until it is placed."""

from __future__ import annotations

import re

import pytest
from botocore.session import get_session

from controller.aws import codes
from controller.aws.mapping import OURS as MAPPING_OURS
from controller.aws.rekognition import OURS as MODEL_OURS
from controller.core.states import MappingState, ModelStatus

OPERATIONS = {
    "rekognition": (
        "DescribeProjects",
        "DescribeProjectVersions",
        "StartProjectVersion",
        "StopProjectVersion",
    ),
    "cloudwatch": ("GetMetricData",),
    "lambda": (
        "GetEventSourceMapping",
        "GetFunctionConcurrency",
        "GetFunctionConfiguration",
        "ListEventSourceMappings",
        "UpdateEventSourceMapping",
    ),
    "sqs": ("GetQueueUrl", "GetQueueAttributes"),
    "s3": ("GetBucketVersioning", "GetObject", "PutObject", "ListObjectVersions"),
    "sts": ("AssumeRole", "GetCallerIdentity"),
    "iam": ("SimulatePrincipalPolicy",),
    "events": ("ListRules", "ListTargetsByRule", "PutEvents"),
    "scheduler": ("GetSchedule", "ListSchedules"),
    "service-quotas": ("ListServiceQuotas",),
}
MODELS = {service: get_session().get_service_model(service) for service in OPERATIONS}
ERRORS = [
    (f"{service}:{operation}", shape)
    for service, operations in OPERATIONS.items()
    for operation in operations
    for shape in MODELS[service].operation_model(operation).error_shapes
]
# Some protocols send the name of the shape, some the code that the model gives it.
CODES = sorted({(call, code) for call, shape in ERRORS for code in (shape.name, shape.error_code)})


@pytest.mark.parametrize("code", [pytest.param(code, id=f"{call}-{code}") for call, code in CODES])
def test_a_code_of_the_service_model_is_transient_or_terminal(code):
    assert code in codes.TRANSIENT | codes.TERMINAL


def test_no_code_is_both():
    assert not codes.TRANSIENT & codes.TERMINAL


def test_a_fault_of_the_server_is_never_terminal():
    errors = {(shape.name, shape.metadata.get("error", {}).get("httpStatusCode", 0)) for _, shape in ERRORS}
    faults = {code for code, status in errors if status >= 500}
    assert faults == {"InternalServerException", "PolicyEvaluationException", "ServiceException"}
    assert faults <= codes.TRANSIENT


def test_our_statuses_are_those_of_the_service_model():
    of_the_api = MODELS["rekognition"].shape_for("ProjectVersionStatus").enum
    assert {status.value for status in set(ModelStatus) - MODEL_OURS} == set(of_the_api)


def test_the_states_of_a_mapping_are_those_that_its_reference_lists():
    """The model only has them in prose, so the prose is read; a list there would be the better source."""
    shape = MODELS["lambda"].shape_for("EventSourceMappingConfiguration").members["State"]
    of_the_api = re.findall("<code>(.*?)</code>", shape.documentation)
    assert {state.value for state in set(MappingState) - MAPPING_OURS} == set(of_the_api)
