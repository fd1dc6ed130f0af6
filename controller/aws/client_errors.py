"""Makes the exceptions that a boto3 client raises, for clients which are not boto3's."""

from __future__ import annotations

from typing import TypeAlias, TypedDict

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

CLIENT_EXCEPTIONS = (ClientError, BotoCoreError)
"""Every exception that a call of a client may raise."""
ClientException: TypeAlias = ClientError | BotoCoreError


class ResponseMetadata(TypedDict):
    """The ``ResponseMetadata`` of an answer, as botocore adds it."""

    RequestId: str
    HostId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, object]
    RetryAttempts: int


def response_metadata(status: int) -> ResponseMetadata:
    return {
        "RequestId": "00000000-0000-4000-8000-000000000000",
        "HostId": "",
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }


def error_answer(operation: str, code: str, message: str, status: int) -> ClientError:
    """The service answered ``operation`` with an error."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": response_metadata(status)},
        operation,
    )


def no_connection(url: str) -> EndpointConnectionError:
    """The call never reached the service."""
    return EndpointConnectionError(endpoint_url=url)


def no_answer(url: str) -> ReadTimeoutError:
    """The call reached the service, and its answer did not come."""
    return ReadTimeoutError(endpoint_url=url)


def error_code(error: ClientException) -> str:
    """The service's error code; the exception's name where no answer came."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
