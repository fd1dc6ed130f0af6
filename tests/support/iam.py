"""What an IAM policy allows, as far as our policies go: allowing statements, ``ArnLike``, ``StringLike``.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def actions(policy: dict) -> set[str]:
    return {action for statement in policy["Statement"] for action in listed(statement["Action"])}


def allows(policy: dict, action: str, resource: str, **context: str) -> bool:
    """``context`` has the request's condition keys, ``lambda_FunctionArn`` for ``lambda:FunctionArn``."""
    keys = {key.replace("_", ":", 1): value for key, value in context.items()}
    return any(_applies(statement, action, resource, keys) for statement in policy["Statement"])


def merged(policies: Iterable[dict]) -> dict:
    return {"Statement": [statement for policy in policies for statement in policy["Statement"]]}


def _applies(statement: dict, action: str, resource: str, keys: dict[str, str]) -> bool:
    assert statement["Effect"] == "Allow"
    condition = statement.get("Condition", {})
    assert set(condition) <= {"ArnLike", "StringLike"}
    patterns = [pair for operator in condition.values() for pair in operator.items()]
    return (
        action in listed(statement["Action"])
        and _matches(resource, listed(statement["Resource"]))
        and all(_matches(keys.get(key, ""), listed(values)) for key, values in patterns)
    )


def _matches(value: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)
