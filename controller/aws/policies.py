"""IAM's policy simulator: what an identity may do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Each action on each resource; ``functions`` (one or none) is that of the mapping to be updated."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    action: str
    resource: str


class Policies:
    def __init__(self, client: IAMClient) -> None:
        self._client = client

    def denied(self, principal: str, question: Question) -> tuple[Denial, ...]:
        """What ``principal`` (the ARN of a user or a role) may not do, policies of resources left out.

        Raises ``TransientError`` or ``TerminalError``.

        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
        """
        call = Call(name="iam:SimulatePrincipalPolicy", resource=principal)
        paginator = self._client.get_paginator("simulate_principal_policy")
        pages = call.pages(
            paginator.paginate(
                PolicySourceArn=principal,
                ActionNames=question.actions,
                ResourceArns=question.resources,
                ContextEntries=_context(question),
            )
        )
        with call.reading():
            return tuple(
                Denial(action=result["EvalActionName"], resource=result.get("EvalResourceName", "*"))
                for page in pages
                for result in page["EvaluationResults"]
                if result["EvalDecision"] != "allowed"
            )


def _context(question: Question) -> list[ContextEntryTypeDef]:
    return [
        {"ContextKeyName": "lambda:FunctionArn", "ContextKeyValues": [function], "ContextKeyType": "string"}
        for function in question.functions
    ]
