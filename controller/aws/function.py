"""The consumer's Lambda function, of which nothing is ever written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Functions:
    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def timeout(self, arn: str) -> timedelta:
        """How long one invocation may take; of the version or alias, where ``arn`` names one.

        Raises ``TransientError`` or ``TerminalError``, the latter too when there is no such function.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
        """
        call = Call(name="lambda:GetFunctionConfiguration", resource=arn)
        with call.sending():
            answer = self._client.get_function_configuration(FunctionName=arn)
        with call.reading():
            return timedelta(seconds=answer["Timeout"])
