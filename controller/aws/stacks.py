"""Outputs and parameters of CloudFormation stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.aws.calls import Call
from controller.errors import TerminalError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class Stacks:
    def __init__(self, client: CloudFormationClient) -> None:
        self._client = client

    def outputs(self, name: str) -> dict[str, str] | None:
        """By key; ``None`` if there is no such stack. Raises ``TransientError`` or ``TerminalError``."""
        return self._pairs(name, "Output")

    def parameters(self, name: str) -> dict[str, str] | None:
        """Those of the latest deployment. As ``outputs``."""
        return self._pairs(name, "Parameter")

    def _pairs(self, name: str, kind: str) -> dict[str, str] | None:
        """``kind`` is ``Output`` or ``Parameter``.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
        """
        call = Call(name="cloudformation:DescribeStacks", resource=name)
        try:
            with call.sending():
                answer = self._client.describe_stacks(StackName=name)
        except TerminalError as error:
            # A stack that does not exist has no code of its own, only these words.
            if error.code == "ValidationError" and "does not exist" in error.message:
                return None
            raise
        with call.reading():
            stack: Any = answer["Stacks"][0]
            return {each[f"{kind}Key"]: each[f"{kind}Value"] for each in stack.get(f"{kind}s", [])}
