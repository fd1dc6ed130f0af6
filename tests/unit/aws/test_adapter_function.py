"""On botocore's Stubber, and on the embedded AWS."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.function import Functions
from controller.aws.remedies import remedy
from controller.errors import TerminalError, TransientError
from tests.support.embedded import HERE, an_aws

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:logos-inference"


@pytest.fixture
def stub():
    with Stubber(boto3.client("lambda", region_name="us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("arn", [FUNCTION, f"{FUNCTION}:live"], ids=["newest", "alias"])
def test_the_timeout_is_that_of_what_the_arn_names(stub, arn):
    stub.add_response("get_function_configuration", {"Timeout": 900}, {"FunctionName": arn})
    assert Functions(stub.client).timeout(arn) == timedelta(minutes=15)


def test_the_embedded_function_is_read_alike():
    assert Functions(an_aws().clients("lambda", HERE)).timeout(FUNCTION) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        ("AccessDeniedException", TerminalError, f"allow lambda:GetFunctionConfiguration on {FUNCTION}"),
        ("ResourceNotFoundException", TerminalError, "the mapping's function is gone"),
        ("TooManyRequestsException", TransientError, None),
        ("ServiceException", TransientError, None),
    ],
)
def test_a_refusal_says_what_to_do(stub, code, kind, advice):
    stub.add_client_error("get_function_configuration", code)
    with pytest.raises(kind) as caught:
        Functions(stub.client).timeout(FUNCTION)
    assert caught.value.resource == FUNCTION
    told = remedy(caught.value)
    assert told is None if advice is None else told.startswith(advice)


def test_an_answer_without_a_timeout_cannot_be_read(stub):
    stub.add_response("get_function_configuration", {"FunctionName": "logos-inference"})
    with pytest.raises(TransientError, match=r"lambda:GetFunctionConfiguration.*MalformedAnswer.*Timeout"):
        Functions(stub.client).timeout(FUNCTION)


MODEL = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        pytest.param({"Variables": {"MODEL": MODEL}}, True, id="a variable is the ARN"),
        pytest.param({"Variables": {"MODELS": f'["{MODEL}", "x"]'}}, True, id="a variable holds the ARN"),
        pytest.param({"Variables": {MODEL.replace(":", "_"): "x"}}, False, id="no value does"),
        pytest.param({"Variables": {"MODEL": f"{MODEL}1"}}, False, id="the ARN goes on"),
        pytest.param({"Variables": {"A": MODEL[:20], "B": MODEL[20:]}}, False, id="in two halves"),
        pytest.param({}, False, id="no variables"),
        pytest.param({"Error": {"ErrorCode": "AccessDeniedException"}}, False, id="it may not be decrypted"),
    ],
)
def test_the_environment_of_the_alias_that_is_asked_names_a_model(stub, environment, named):
    answer = {"FunctionArn": f"{FUNCTION}:live", "Timeout": 60, "Environment": environment}
    stub.add_response("get_function_configuration", answer, {"FunctionName": f"{FUNCTION}:live"})
    settings = Functions(stub.client).settings(f"{FUNCTION}:live")
    assert settings.names(MODEL) is named
    assert MODEL not in repr(settings)


RESERVED = {"none": ({}, None), "no run at all": ({"ReservedConcurrentExecutions": 0}, 0)}


@pytest.mark.parametrize(("answer", "reserved"), RESERVED.values(), ids=RESERVED.keys())
@pytest.mark.parametrize("qualifier", ["", ":live", ":7"], ids=["newest", "alias", "version"])
def test_reserved_concurrency_is_that_of_the_function_whatever_the_arn_names(
    stub, qualifier, answer, reserved
):
    """Lambda refuses an ARN with a qualifier here."""
    stub.add_response("get_function_concurrency", answer, {"FunctionName": FUNCTION})
    assert Functions(stub.client).reserved_concurrency(FUNCTION + qualifier) == reserved
