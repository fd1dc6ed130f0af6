"""Classifies AWS's error codes as transient or terminal.

Transient and terminal are about *who* must act next: the next tick, or a person. The codes of the operations
that we call come from the service models; the common ones, which the models leave out, from AWS's guides.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html
Source: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from controller.errors import AwsError, TerminalError, TransientError

MALFORMED_ANSWER: Final = "MalformedAnswer"
"""Our own code for an answer without what every answer of its kind has: not AWS, or something in between."""

BUSY: Final = frozenset({"ResourceInUseException", "ResourceConflictException"})
"""It is in transition, or already where we wanted it: the code does not say which, so look again."""

ABSENT: Final = frozenset(
    {
        "ResourceNotFoundException",
        "QueueDoesNotExist",
        # What SQS answers on the wire: it kept the code of its older protocol in the `x-amzn-query-error`
        # header, and botocore prefers that one.
        # Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchEntityException",
        "NoSuchKey",
        "NoSuchResourceException",
        "NoSuchVersion",
    }
)

UNCHANGED: Final = frozenset({"304"})
"""The object is as it was. The answer has no body, so botocore takes the status for the code."""

OUTRUN: Final = frozenset({"ConditionalRequestConflict", "PreconditionFailed"})
"""Somebody else wrote since it was read, or is writing now: read it again.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

SERVER_FAULT: Final = frozenset(
    {
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "PolicyEvaluation",
        "PolicyEvaluationException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)

DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)

EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException"})

CLOCK_SKEWED: Final = frozenset({"RequestExpired", "RequestTimeTooSkewed"})

NOT_RECOGNISED: Final = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

NOT_ENABLED: Final = frozenset(
    {
        "OptInRequired",
        "RegionDisabled",
        "RegionDisabledException",
        "SubscriptionRequiredException",
    }
)

INVALID: Final = frozenset(
    {
        "AWS.SimpleQueueService.UnsupportedOperation",
        "EncryptionTypeMismatch",
        "IllegalArgumentException",
        "InvalidAction",
        "InvalidAddress",
        "InvalidAttributeName",
        "InvalidBucketName",
        "InvalidContextAssertion",
        "InvalidContextAssertionException",
        "InvalidInput",
        "InvalidInputException",
        "InvalidObjectState",
        "InvalidParameterCombination",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "InvalidQueryParameter",
        "InvalidRequest",
        "InvalidSecurity",
        "InvalidWriteOffset",
        "MalformedPolicyDocument",
        "MalformedPolicyDocumentException",
        "MalformedQueryString",
        "MissingAction",
        "MissingParameter",
        "PackedPolicyTooLarge",
        "PackedPolicyTooLargeException",
        "SerializationException",
        "TooManyParts",
        "UnknownOperationException",
        "UnsupportedOperation",
        "ValidationError",
        "ValidationException",
    }
)

LIMITED: Final = frozenset({"LimitExceededException", "ServiceQuotaExceededException"})
"""A quota is used up. Another model that stops frees it, so the next tick may succeed."""

STALE_PAGE: Final = frozenset({"InvalidNextToken", "InvalidPaginationTokenException"})
"""We only ever send the token of the page before, so it went stale in between; the next tick begins anew."""

TRANSIENT: Final = (
    BUSY | LIMITED | OUTRUN | STALE_PAGE | THROTTLED | UNCHANGED | SERVER_FAULT | {MALFORMED_ANSWER}
)
TERMINAL: Final = ABSENT | DENIED | EXPIRED | CLOCK_SKEWED | NOT_RECOGNISED | NOT_ENABLED | INVALID


def classify(code: str, status: int | None = None) -> type[TransientError | TerminalError]:
    """The kind of ``code``; one that is in neither set is judged by ``status``, the answer's HTTP status.

    An unknown code is transient with 429 or 5xx. Otherwise it is terminal: AWS refused the request for a
    reason that was not known when this was written, and asking again without a person does not help.
    """
    if code in TRANSIENT:
        return TransientError
    if code in TERMINAL or status is None:
        return TerminalError
    again = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return TransientError if again else TerminalError


def is_busy(error: AwsError) -> bool:
    """Whether the resource is in transition, or already as wanted: observe it again before judging."""
    return error.code in BUSY


def is_absent(error: AwsError) -> bool:
    """Whether AWS answered that the resource does not exist."""
    return error.code in ABSENT


def is_queue_absent(error: AwsError) -> bool:
    """Whether SQS answered, in its own words, that the queue does not exist."""
    return error.code in {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}


def is_unchanged(error: AwsError) -> bool:
    """Whether S3 answered that the object is as it was when it was read."""
    return error.code in UNCHANGED


def is_precondition_failed(error: AwsError) -> bool:
    """Whether a conditional write was refused; one over an object that is gone is, too."""
    return error.code in OUTRUN or (error.call == "s3:PutObject" and error.code == "NoSuchKey")


def is_quota(error: AwsError) -> bool:
    """Whether a start was refused because too many models run already in this account and region.

    Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartProjectVersion.html
    """
    return error.code in LIMITED and error.call == "rekognition:StartProjectVersion"
