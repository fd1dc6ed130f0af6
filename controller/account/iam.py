"""The IAM policy that a configuration needs, each action on the resources that the file names.

What the file does not name (the functions behind the mappings, their queues) may be given; otherwise it is
every function and queue of the pipeline's account and region. A file in S3 is the deployed controller's: it
keeps its memory beside it, and tells of transitions.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from controller.config.arns import unqualified
from controller.config.model import Config, Model, Pipeline
from controller.storage.sources import beside, bucket_of

Json = dict[str, object]

EVERY: Final = "*"
_FUNCTION: Final = re.compile(r"arn:[a-z-]+:lambda:[^:]+:[^:]+:function:[^*]+$")
"""One function, not a pattern for many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement, limited to mappings that invoke one of ``functions``, or to keys under ``prefix``.

    ``why`` is said of what is not narrow.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    functions: tuple[str, ...] = ()
    prefix: str = ""
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """ARNs that the file does not contain, where they were looked up or given; otherwise empty."""

    functions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


NOTHING_KNOWN: Final = Known()


def needed(config: Config, known: Known = NOTHING_KNOWN, *, role: str | None = None) -> tuple[Statement, ...]:
    """What the identity needs that reconciles ``config``, or a ``role`` that it assumes for some pipelines.

    Whoever assumes roles needs nothing for those roles' pipelines but to assume them.
    """
    own = tuple(each for each in config.pipelines if each.model.target.role_arn == role)
    statements = [*_of_pipelines(own, known)] if own else []
    if role is None:
        statements += [*_of_roles(config), *_of_storage(config)]
    return tuple(statements)


def needed_to_push(config: Config, location: str) -> tuple[Statement, ...]:
    """What the identity needs that pushes ``config`` to the ``s3://`` location, such as a pipeline of CI.

    It reads what is in force there, writes the file with its calendars, and looks whether a model that the
    file no longer names runs.
    """
    there = replace(config, file=location)
    names = (location.rpartition("/")[2], *(each.file for each in config.calendars if each.file is not None))
    models = [each.model for each in config.pipelines]
    return (
        *_of_reading(there),
        Statement(
            sid="WriteConfig",
            actions=("s3:PutObject",),
            resources=_once(_objects(there, name) for name in names),
        ),
        *_of_descriptions(models),
    )


def document(statements: Iterable[Statement]) -> Json:
    """The policy document in IAM's format, which has no place for a comment."""
    return {"Version": "2012-10-17", "Statement": [_as_json(each) for each in statements]}


def _as_json(statement: Statement) -> Json:
    made: Json = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": list(_written(statement.resources)),
    }
    if statement.functions:
        made["Condition"] = {"ArnLike": {"lambda:FunctionArn": list(with_aliases(statement.functions))}}
    if statement.prefix:
        made["Condition"] = {"StringLike": {"s3:prefix": f"{statement.prefix}*"}}
    return made


def _written(resources: tuple[str, ...]) -> tuple[str, ...]:
    """Functions in every form; everything else as it is."""
    forms = (with_aliases((arn,)) if _FUNCTION.match(arn) else (arn,) for arn in resources)
    return _once(form for each in forms for form in each)


def with_aliases(functions: Iterable[str]) -> tuple[str, ...]:
    """Each function alone, and with any version or alias of it.

    AWS does not document whether ``lambda:FunctionArn`` carries the alias that a mapping names. It is the
    same function, so either form is allowed.
    """
    own = _once(map(unqualified, functions))
    return tuple(form for arn in own for form in (arn, f"{arn}:*"))


def _of_pipelines(pipelines: tuple[Pipeline, ...], known: Known) -> Iterator[Statement]:
    yield from _of_models([each.model for each in pipelines])
    if consuming := tuple(each for each in pipelines if each.consumer is not None):
        yield from _of_consumers(consuming, known)
    yield Statement(
        sid="ReadMetrics",
        actions=("cloudwatch:GetMetricData",),
        resources=(EVERY,),
        why="IAM knows no resource for it",
    )


def _of_models(models: list[Model]) -> Iterator[Statement]:
    yield Statement(
        sid="RunModels",
        actions=("rekognition:StartProjectVersion", "rekognition:StopProjectVersion"),
        resources=_once(model.arn for model in models),
    )
    if retired := _once(arn for model in models for arn in model.retired):
        yield Statement(
            sid="StopRetiredModels", actions=("rekognition:StopProjectVersion",), resources=retired
        )
    yield from _of_descriptions(models)


def _of_descriptions(models: list[Model]) -> Iterator[Statement]:
    yield Statement(
        sid="DescribeModels",
        actions=("rekognition:DescribeProjectVersions",),
        resources=_once(map(_project, models)),
    )
    yield Statement(
        sid="DescribeProjects",
        actions=("rekognition:DescribeProjects",),
        resources=(EVERY,),
        why="IAM knows no resource for it; it finds a project's ARN by the name",
    )


def _of_consumers(pipelines: tuple[Pipeline, ...], known: Known) -> Iterator[Statement]:
    mappings = _once(
        _beside(each, f"lambda:{{}}:event-source-mapping:{each.mapping_uuid}") for each in pipelines
    )
    functions = known.functions or _once(_beside(each, "lambda:{}:function:*") for each in pipelines)
    queues = known.queues or _once(_beside(each, "sqs:{}:*") for each in pipelines)
    yield Statement(
        sid="GetMappings",
        actions=("lambda:GetEventSourceMapping",),
        resources=(EVERY,),
        why="people report refusals where a policy names the mapping; it reads no message and no code",
    )
    yield Statement(
        sid="UpdateMappings",
        actions=("lambda:UpdateEventSourceMapping",),
        resources=mappings,
        functions=known.functions,
    )
    yield Statement(
        sid="GetFunctionConfigurations",
        actions=("lambda:GetFunctionConfiguration",),
        resources=functions,
        why=None if known.functions else "the file does not name the functions; --function does",
    )
    yield Statement(
        sid="CountMessages",
        actions=("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
        resources=queues,
        why=None if known.queues else "the file does not name the queues; --queue does",
    )


def _of_roles(config: Config) -> Iterator[Statement]:
    roles = _once(each.model.target.role_arn for each in config.pipelines if each.model.target.role_arn)
    if roles:
        yield Statement(sid="AssumeRoles", actions=("sts:AssumeRole",), resources=roles)


def _of_storage(config: Config) -> Iterator[Statement]:
    """Of a file in S3: what lies beside it is read, memory is kept under ``status/``, events are sent."""
    if bucket_of(config.file) is None:
        return
    yield from _of_reading(config)
    yield Statement(sid="WriteState", actions=("s3:PutObject",), resources=(_objects(config, "status/*"),))
    yield Statement(
        sid="PutEvents",
        actions=("events:PutEvents",),
        resources=(f"arn:{_common_partition(config)}:events:*:*:event-bus/default",),
        why="the file does not say in which account and region the controller is",
    )


def _of_reading(config: Config) -> Iterator[Statement]:
    """Of a file in S3, its calendars, its earlier versions and the state beside it."""
    bucket, partition = bucket_of(config.file), _common_partition(config)
    yield Statement(
        sid="ReadConfig",
        actions=("s3:GetObject", "s3:GetObjectVersion"),
        resources=(_objects(config, "*"),),
    )
    yield Statement(
        sid="ListConfigBucket",
        actions=("s3:ListBucket",),
        resources=(f"arn:{partition}:s3:::{bucket}",),
    )
    yield Statement(
        sid="ListConfigVersions",
        actions=("s3:ListBucketVersions",),
        resources=(f"arn:{partition}:s3:::{bucket}",),
        prefix=beside(config.file, "").removeprefix(f"s3://{bucket}/"),
    )


def _objects(config: Config, name: str) -> str:
    """The ARN of ``name`` beside the file, which is in S3."""
    return beside(config.file, name).replace("s3://", f"arn:{_common_partition(config)}:s3:::", 1)


def _common_partition(config: Config) -> str:
    """Roles do not reach from one partition into another, so all pipelines are in one."""
    return next((_partition(each.model) for each in config.pipelines), "aws")


def _partition(model: Model) -> str:
    return model.arn.split(":")[1]


def _project(model: Model) -> str:
    """With ``*`` for what follows the name, where it is not known."""
    if model.project_arn is not None:
        return model.project_arn
    return (
        f"arn:{_partition(model)}:rekognition:{model.target.region}:{model.account}:project/{model.project}/*"
    )


def _beside(pipeline: Pipeline, resource: str) -> str:
    """The ARN of ``lambda:{}:…`` in the account and region of the pipeline's consumer."""
    target = pipeline.own_consumer.target
    account = target.role_arn.split(":")[4] if target.role_arn else pipeline.model.account
    return f"arn:{_partition(pipeline.model)}:{resource.format(f'{target.region}:{account}')}"


def _once(arns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(arns))
