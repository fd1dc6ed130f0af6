"""The consumer's Lambda function, of which nothing is ever written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """``environment`` are its variables; ``reserved`` the concurrency kept for it, ``None``: none is.

    A reserved concurrency of 0 means that it never runs.
    """

    arn: str
    timeout: timedelta
    environment: dict[str, str]
    reserved: int | None = None


class Functions:
    """Every method may raise ``TransientError`` or ``TerminalError``; the latter where there is none."""

    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def timeout(self, arn: str) -> timedelta:
        """How long one invocation may take; of the version or alias, where ``arn`` names one.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
        """
        return self.settings(arn).timeout

    def settings(self, arn: str) -> FunctionSettings:
        """As it is configured; ``reserved`` is left out, being another call."""
        call = Call(name="lambda:GetFunctionConfiguration", resource=arn)
        with call.sending():
            answer = self._client.get_function_configuration(FunctionName=arn)
        with call.reading():
            return FunctionSettings(
                arn=arn,
                timeout=timedelta(seconds=answer["Timeout"]),
                environment=dict((answer.get("Environment") or {}).get("Variables") or {}),
            )

    def reserved_concurrency(self, arn: str) -> int | None:
        """Of the function, whichever version or alias ``arn`` names.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
        """
        call = Call(name="lambda:GetFunctionConcurrency", resource=arn)
        function = ":".join(arn.split(":")[:7])
        with call.sending():
            answer = self._client.get_function_concurrency(FunctionName=function)
        with call.reading():
            return answer.get("ReservedConcurrentExecutions")
