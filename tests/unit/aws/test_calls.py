from __future__ import annotations

import traceback

import pytest
from botocore import exceptions as boto
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from controller.aws import codes
from controller.aws.calls import Call
from controller.aws.remedies import remedy
from controller.errors import TerminalError, TransientError

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
START = Call(name="rekognition:StartProjectVersion", resource=ARN)

PASSING = {
    "CapacityNotAvailableError",
    "ChecksumError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionError",
    "CredentialRetrievalError",
    "EndpointConnectionError",
    "HTTPClientError",
    "IncompleteReadError",
    "MetadataRetrievalError",
    "PaginationError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "ResponseStreamingError",
    "SSLError",
}


def refusal(code, message="No.", status=400):
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "StartProjectVersion")


def raised(error, call=START):
    """What leaves ``call`` when botocore raises ``error`` inside."""
    with pytest.raises((TransientError, TerminalError)) as caught, call.sending():
        raise error
    return caught.value


def bare(kind):
    """An exception of ``kind`` without the arguments that its text would need."""
    error = kind.__new__(kind)
    error.args = ("text",)
    return error


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, TransientError),
        ("Throttling", 400, TransientError),
        ("RequestLimitExceeded", 503, TransientError),
        ("TooManyRequestsException", 429, TransientError),
        ("ProvisionedThroughputExceededException", 400, TransientError),
        ("RequestThrottled", 403, TransientError),
        ("InternalServerError", 500, TransientError),
        ("InternalFailure", 500, TransientError),
        ("ServiceUnavailable", 503, TransientError),
        ("ServiceException", 500, TransientError),
        ("ResourceInUseException", 400, TransientError),
        ("ResourceConflictException", 409, TransientError),
        ("LimitExceededException", 400, TransientError),
        ("InvalidPaginationTokenException", 400, TransientError),
        ("AccessDenied", 403, TerminalError),
        ("AccessDeniedException", 400, TerminalError),
        ("ExpiredToken", 403, TerminalError),
        ("ExpiredTokenException", 400, TerminalError),
        ("UnrecognizedClientException", 400, TerminalError),
        ("InvalidClientTokenId", 403, TerminalError),
        ("InvalidSignatureException", 403, TerminalError),
        ("SignatureDoesNotMatch", 403, TerminalError),
        ("OptInRequired", 403, TerminalError),
        ("RegionDisabledException", 403, TerminalError),
        ("ResourceNotFoundException", 404, TerminalError),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, TerminalError),
        ("QueueDoesNotExist", 400, TerminalError),
        ("InvalidParameterException", 400, TerminalError),
        ("AddedLater", 400, TerminalError),
        ("AddedLater", 403, TerminalError),
        ("AddedLater", 429, TransientError),
        ("AddedLater", 500, TransientError),
        ("AddedLater", 503, TransientError),
        ("AddedLater", None, TerminalError),
        # A proxy's page, whose status botocore takes for the code.
        ("502", 502, TransientError),
        # A known code is judged by its meaning, whatever carries it.
        ("AccessDenied", 503, TerminalError),
    ],
)
def test_a_code_is_of_one_kind(code, status, kind):
    assert codes.classify(code, status) is kind
    assert type(raised(refusal(code, status=status))) is kind


BOTOCORE_ERRORS = [
    kind for kind in vars(boto).values() if isinstance(kind, type) and issubclass(kind, BotoCoreError)
]


@pytest.mark.parametrize("kind", BOTOCORE_ERRORS, ids=lambda kind: kind.__name__)
def test_only_what_brought_no_answer_is_transient(kind):
    """A kind that a release of botocore adds is judged as the one that it is derived from."""
    error = raised(bare(kind))
    expected = not PASSING.isdisjoint(base.__name__ for base in kind.__mro__)
    assert isinstance(error, TransientError) == expected
    assert (error.code, error.message) == (kind.__name__, "text")


def test_an_answer_that_botocore_cannot_parse_is_transient():
    assert raised(ResponseParserError("not XML")).code == "ResponseParserError"
    assert isinstance(raised(ResponseParserError("not XML")), TransientError)


def test_an_error_names_the_call_the_resource_the_code_and_the_message():
    error = raised(refusal("ResourceNotFoundException", "It is not there."))
    assert error.call.split(":") == ["rekognition", "StartProjectVersion"]
    assert (error.code, error.message) == ("ResourceNotFoundException", "It is not there.")
    assert str(error) == f"{error.call} on {ARN}: {error.code}: {error.message}"


def test_a_refusal_without_details_still_has_a_code_and_a_message():
    error = raised(ClientError({}, "StartProjectVersion"))
    assert (type(error), error.code, error.message) == (TerminalError, "Unknown", "no message")


def test_an_error_of_ours_passes_unchanged():
    """Credentials are asked for inside another call, whose error it must not become."""
    inner = raised(refusal("AccessDenied"), Call(name="sts:AssumeRole", resource="a role"))
    assert raised(inner) is inner


def test_a_mistake_of_ours_is_not_dressed_up_as_an_answer():
    with pytest.raises(ZeroDivisionError), START.sending():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "error",
    [
        AttributeError("Status"),
        IndexError("Status"),
        KeyError("Status"),
        OverflowError("Status"),
        RecursionError("Status"),
        TypeError("Status"),
        ValueError("Status"),
        ZeroDivisionError("Status"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_answer_that_makes_no_sense_is_transient(error):
    with pytest.raises(TransientError, match="Status") as caught, START.reading():
        raise error
    assert caught.value.code == "MalformedAnswer"


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("User with key AKIAIOSFODNN7EXAMPLE is not authorized", "IOSFODNN7"),
        ("ASIAIOSFODNN7EXAMPLE is disabled", "IOSFODNN7"),
        ("canonical: 'host:sts x-amz-security-token:IQoJb3JpZ2luX2Vj/short== x-amz-date:2026'", "IQoJ"),
        ("You may not. Encoded authorization failure message: 4GmCZ-kLrd8_no", "4GmCZ"),
        ("Could not connect to http://ana:hunter2@proxy:3128/", "hunter2"),
        ("token " + "aB3/" * 60, "aB3/"),
    ],
    ids=["access key", "temporary key", "session token", "authorization", "proxy password", "long run"],
)
def test_no_secret_is_repeated(message, secret):
    error = raised(refusal("AccessDenied", message))
    assert "…" in error.message
    assert secret not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "message",
    [
        f"User: arn:aws:iam::123456789012:user/ana is not authorized to perform: {START.name} on {ARN}",
        'Could not connect to the endpoint URL: "https://rekognition.us-east-1.amazonaws.com/"',
        "arn:aws:rekognition:us-east-1:1:project/" + "n" * 80 + "/version/" + "v" * 60,
    ],
    ids=["denied", "unreachable", "long names"],
)
def test_what_helps_is_repeated_whole(message):
    assert raised(refusal("AccessDeniedException", message)).message == message


def test_a_message_is_one_line_of_bounded_length():
    error = raised(refusal("ValidationException", "word\r\n\t" * 1_000))
    assert len(error.message) == 400
    assert error.message.startswith("word word word")
    assert error.message.endswith("…")


@pytest.mark.parametrize(
    ("code", "call", "busy", "absent", "quota"),
    [
        ("ResourceInUseException", "rekognition:StartProjectVersion", True, False, False),
        ("ResourceConflictException", "lambda:UpdateEventSourceMapping", True, False, False),
        ("ResourceNotFoundException", "rekognition:DescribeProjectVersions", False, True, False),
        ("QueueDoesNotExist", "sqs:GetQueueUrl", False, True, False),
        ("AWS.SimpleQueueService.NonExistentQueue", "sqs:GetQueueAttributes", False, True, False),
        ("LimitExceededException", "rekognition:StartProjectVersion", False, False, True),
        ("LimitExceededException", "rekognition:DescribeProjectVersions", False, False, False),
        ("ThrottlingException", "rekognition:StartProjectVersion", False, False, False),
    ],
)
def test_the_loop_tells_busy_absent_and_quota_apart(code, call, busy, absent, quota):
    error = raised(refusal(code), Call(name=call, resource=ARN))
    assert (codes.is_busy(error), codes.is_absent(error), codes.is_quota(error)) == (busy, absent, quota)


@pytest.mark.parametrize(
    ("call", "code", "advice"),
    [
        ("sts:AssumeRole", "NoCredentialsError", "AWS_PROFILE"),
        ("rekognition:CreateClient", "NoRegionError", "us-east-1"),
        ("rekognition:CreateClient", "ProfileNotFound", "aws configure list-profiles"),
        ("rekognition:CreateClient", "InvalidConfiguration", "AWS_ENDPOINT_URL"),
        ("rekognition:DescribeProjectVersions", "EndpointConnectionError", "AWS_ENDPOINT_URL"),
        ("rekognition:DescribeProjectVersions", "MalformedAnswer", "AWS_ENDPOINT_URL"),
        (
            "rekognition:StartProjectVersion",
            "AccessDeniedException",
            f"allow rekognition:StartProjectVersion on {ARN}",
        ),
        ("rekognition:DescribeProjects", "AccessDeniedException", "allow rekognition:DescribeProjects on * "),
        (
            "lambda:UpdateEventSourceMapping",
            "AccessDeniedException",
            "allow lambda:UpdateEventSourceMapping on * ",
        ),
        ("sqs:GetQueueAttributes", "AccessDenied", f"allow sqs:GetQueueAttributes on {ARN}"),
        ("sts:AssumeRole", "AccessDenied", f"trust policy of {ARN}"),
        ("lambda:GetEventSourceMapping", "ExpiredToken", "aws sso login"),
        ("lambda:GetEventSourceMapping", "SignatureDoesNotMatch", "check them"),
        ("lambda:GetEventSourceMapping", "RequestTimeTooSkewed", "clock"),
        ("rekognition:DescribeProjects", "OptInRequired", "enable the region"),
        ("rekognition:StartProjectVersion", "LimitExceededException", "stop another model"),
        ("rekognition:StartProjectVersion", "ResourceNotFoundException", "model's ARN"),
        ("lambda:UpdateEventSourceMapping", "ResourceNotFoundException", "event_source_mapping"),
        ("sqs:GetQueueUrl", "QueueDoesNotExist", "the mapping's queue"),
    ],
)
def test_the_usual_errors_say_what_to_do(call, code, advice):
    error = codes.classify(code)(call=call, resource=ARN, code=code, message="No.")
    assert advice in remedy(error)


def test_the_variable_that_names_a_region_is_the_one_that_boto_reads():
    _, variable, *_ = BOTOCORE_DEFAUT_SESSION_VARIABLES["region"]
    error = codes.classify("NoRegionError")(
        call=START.name, resource=ARN, code="NoRegionError", message="No."
    )
    assert remedy(error).split()[-1] == variable


@pytest.mark.parametrize("code", sorted(codes.TERMINAL))
def test_every_terminal_code_has_a_remedy(code):
    assert remedy(TerminalError(call=START.name, resource=ARN, code=code, message="No."))


@pytest.mark.parametrize("code", sorted(codes.THROTTLED | codes.SERVER_FAULT | codes.BUSY))
def test_what_the_next_tick_heals_asks_nothing_of_a_person(code):
    assert remedy(TransientError(call=START.name, resource=ARN, code=code, message="No.")) is None
