"""The consumer's Lambda function, of which nothing is ever written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call, count, seconds

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MOST_CONCURRENCY: Final = 10**9
MOST_TIMEOUT: Final = timedelta(days=1)
"""Beyond these an answer is not believed; Lambda allows 15 minutes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """A function's configuration; values of ``environment`` may be secrets: compare, never show or keep them.

    It is empty where it is encrypted with a key that the caller may not use. ``role`` is an ARN.
    """

    arn: str
    timeout: timedelta
    environment: dict[str, str] = field(repr=False)
    role: str | None = None

    def names(self, model_arn: str) -> bool:
        """Whether ``model_arn`` stands in the value of a variable, as the whole of it or a part."""
        whole = re.compile(re.escape(model_arn) + r"(?!\d)")
        return any(whole.search(value) for value in self.environment.values())


class Functions:
    """Every method may raise ``TransientError`` or ``TerminalError``; the latter where there is none."""

    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def timeout(self, arn: str) -> timedelta:
        """How long one invocation may take; of the version or alias, where ``arn`` names one."""
        return self.settings(arn).timeout

    def settings(self, arn: str) -> FunctionSettings:
        """As it is configured.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
        """
        call = Call(name="lambda:GetFunctionConfiguration", resource=arn)
        with call.sending():
            answer = self._client.get_function_configuration(FunctionName=arn)
        with call.reading():
            return FunctionSettings(
                arn=arn,
                timeout=seconds(answer["Timeout"], MOST_TIMEOUT, "Timeout"),
                environment=dict((answer.get("Environment") or {}).get("Variables") or {}),
                role=answer.get("Role"),
            )

    def reserved_concurrency(self, arn: str) -> int | None:
        """Of the function, whichever version or alias ``arn`` names; 0: it never runs, ``None``: no limit.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
        """
        call = Call(name="lambda:GetFunctionConcurrency", resource=arn)
        function = ":".join(arn.split(":")[:7])
        with call.sending():
            answer = self._client.get_function_concurrency(FunctionName=function)
        with call.reading():
            reserved = answer.get("ReservedConcurrentExecutions")
            return count(reserved, MOST_CONCURRENCY, "ReservedConcurrentExecutions")
