"""Remedies for errors of AWS: one clause that says what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from controller.aws import codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from controller.errors import AwsError

_NAMELESS: Final = frozenset(
    {
        "cloudwatch:GetMetricData",
        "lambda:GetEventSourceMapping",
        "lambda:UpdateEventSourceMapping",
        "rekognition:DescribeProjects",
    }
)
"""Actions allowed on ``*``: they are about no resource, or those of mappings don't know the function's ARN.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

_REMEDIES: Final[tuple[tuple[Iterable[str], str], ...]] = (
    (
        ("NoCredentialsError", "PartialCredentialsError"),
        "give credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws configure`",
    ),
    (
        ("CredentialRetrievalError", "MetadataRetrievalError"),
        "the source of the credentials gives none: try it by hand (`aws sts get-caller-identity`)",
    ),
    (
        ("LoginRefreshRequired", "SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError"),
        "sign in again (`aws sso login` or `aws login`)",
    ),
    (codes.EXPIRED, "the credentials have expired: get new ones (`aws sso login`, or where these came from)"),
    (
        codes.NOT_RECOGNISED,
        "AWS does not accept these credentials: check them, and that the region is enabled in the account",
    ),
    (codes.CLOCK_SKEWED, "set this machine's clock: every request is signed with its time"),
    (codes.NOT_ENABLED, "enable the region or the service in the account, or correct the region"),
    (
        ("ProfileNotFound",),
        "correct --profile or AWS_PROFILE; `aws configure list-profiles` shows which there are",
    ),
    (("ConfigNotFound", "ConfigParseError"), "correct ~/.aws/config, or the file that AWS_CONFIG_FILE names"),
    (
        ("NoRegionError", "InvalidRegionError"),
        "name a region such as us-east-1: in the pipeline, by --region or by AWS_DEFAULT_REGION",
    ),
    (
        ("InvalidConfiguration",),
        "correct AWS_ENDPOINT_URL (such as http://localhost:4566) or the other AWS_… variable in question",
    ),
    (("SSLError",), "the certificate is not trusted: check AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the proxy"),
    (
        (
            "ConnectTimeoutError",
            "ConnectionClosedError",
            "EndpointConnectionError",
            "HTTPClientError",
            "ProxyConnectionError",
            "ReadTimeoutError",
        ),
        "no answer: check network, proxy, region and AWS_ENDPOINT_URL; a closed VPC needs a service endpoint",
    ),
    (
        ("ResponseParserError", codes.MALFORMED_ANSWER),
        "that was not AWS's own answer: check AWS_ENDPOINT_URL and the proxy",
    ),
    (codes.INVALID | {"ParamValidationError"}, "correct what the message names, in the pipeline's YAML"),
    (
        codes.LIMITED,
        "a quota is used up: stop another model, or raise it (Service Quotas, Amazon Rekognition)",
    ),
)
_BY_CODE: Final = {code: text for group, text in _REMEDIES for code in group}

_FUNCTION_GONE: Final = "the mapping's function is gone: make it again, or make the mapping anew"
_ABSENT_BY_SERVICE: Final = {
    "rekognition": "check the model's ARN in the file: account, region, project and version",
    "lambda": "check event_source_mapping and the region; `aws lambda list-event-source-mappings` shows them",
    "s3": "check the bucket's name; the deployed stack's output ConfigUri has it",
    "sqs": "the mapping's queue is gone (make it again), or its policy hides it from this account",
}


WHAT_TO_DO: Final = "; what to do: "


def format_error(error: AwsError) -> str:
    """``rekognition:DescribeProjects on logos: AccessDenied: …; what to do: …``."""
    advice = remedy(error)
    return f"{error}{WHAT_TO_DO}{advice}" if advice else str(error)


def remedy(error: AwsError) -> str | None:
    """What to do next, in a clause that starts small; ``None`` where the next tick is the remedy."""
    if error.code in codes.ABSENT:
        if error.call == "lambda:GetFunctionConfiguration":
            return _FUNCTION_GONE
        return _ABSENT_BY_SERVICE.get(error.call.partition(":")[0])
    if error.code in codes.DENIED:
        return _allow(error)
    return _BY_CODE.get(error.code)


def _allow(error: AwsError) -> str:
    if error.call == "sts:AssumeRole":
        return (
            f"the trust policy of {error.resource} must name the caller (and the external_id, if it asks for "
            "one), and the caller must be allowed sts:AssumeRole on it"
        )
    resource = "*" if error.call in _NAMELESS else error.resource
    return f"allow {error.call} on {resource} for the identity in the message"
