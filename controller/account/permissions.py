"""Checks the controller's permissions with IAM's policy simulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from controller.account.facts import Permissions
from controller.account.findings import Remark, serious
from controller.account.iam import Known, Statement, needed
from controller.aws.policies import Question
from controller.config.model import Config, Pipeline, Target


def refusals(permissions: Permissions) -> Iterator[Remark]:
    for denial in permissions.denied:
        yield serious(
            f"{permissions.principal} may not {denial.action} on {denial.resource}",
            f"allow it for {permissions.principal}; `iam-policy` prints all that is needed",
        )


def of_pipeline(config: Config, pipeline: Pipeline, known: Known) -> tuple[Question, ...]:
    """What is needed for one pipeline, by the role that it names or by the controller's own identity."""
    alone = replace(config, file="", pipelines=(pipeline,))
    return _questions(needed(alone, known, role=pipeline.model.target.role_arn))


def of_controller(config: Config) -> tuple[Question, ...]:
    """What is needed besides: to read a file in S3 and remember beside it, and to assume the roles."""
    by_roles = tuple(each for each in config.pipelines if each.model.target.role_arn is not None)
    return _questions(needed(replace(config, pipelines=by_roles)))


WRITES = frozenset(
    {
        "lambda:UpdateEventSourceMapping",
        "rekognition:StartProjectVersion",
        "rekognition:StopProjectVersion",
    }
)
"""What starts and stops a pipeline."""


def of_writers(config: Config, target: Target) -> tuple[Question, ...]:
    """What somebody else would need to start and stop the pipelines of an account and region."""
    there = tuple(each for each in config.pipelines if target in each.targets)
    own = replace(config, file="", pipelines=there)
    asked = _questions(needed(own, role=target.role_arn))
    return tuple(each for each in asked if WRITES.issuperset(each.actions))


def _questions(statements: tuple[Statement, ...]) -> tuple[Question, ...]:
    """The simulator asks of one resource; one whose account and region nobody knows cannot be asked of."""
    return tuple(
        Question(actions=each.actions, resources=resources, functions=each.functions)
        for each in statements
        if (resources := tuple(arn for arn in each.resources if ":*:*:" not in arn))
    )
