"""Validators of ARNs, UUIDs and regions; the message names what an ARN of another kind is of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from controller.config.values import each, matched, shown, wrong

_PART = r"[a-zA-Z0-9_.\-]{1,255}"
REGION = r"[a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}"
_ACCOUNT = r"[0-9]{12}"
_PROJECT = rf"arn:(aws[a-z-]*):rekognition:({REGION}):({_ACCOUNT}):project/({_PART})"
MODEL = rf"{_PROJECT}/version/({_PART})/[0-9]{{1,20}}"
PROJECT = rf"{_PROJECT}/[0-9]{{1,20}}"
ROLE = rf"arn:aws[a-z-]*:iam::{_ACCOUNT}:role/[A-Za-z0-9_+=,.@/-]{{1,512}}"
EXTERNAL_ID = r"[A-Za-z0-9_+=,.@:/-]{2,1224}"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
FIFO = ".fifo"
"""What the name of a FIFO queue ends with, and of no other queue.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""
QUEUE = rf"arn:aws[a-z-]*:sqs:{REGION}:{_ACCOUNT}:[A-Za-z0-9_-]{{1,80}}(?:\.fifo)?"
_QUALIFIER = r"\$LATEST|[A-Za-z0-9_-]{1,128}"
FUNCTION = rf"arn:aws[a-z-]*:lambda:{REGION}:{_ACCOUNT}:function:[A-Za-z0-9_-]{{1,64}}(?::(?:{_QUALIFIER}))?"
"""With a version or an alias, or without.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
"""

MODEL_EXAMPLE = (
    "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/logos.2026-01-15T09.10.15/1768468215000"
)
PROJECT_EXAMPLE = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
ROLE_EXAMPLE = "arn:aws:iam::123456789012:role/rekognition-scheduler"
QUEUE_EXAMPLE = "arn:aws:sqs:us-east-1:123456789012:images"
FUNCTION_EXAMPLE = "arn:aws:lambda:us-east-1:123456789012:function:images"
UUID_EXAMPLE = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectArn:
    """The ARN of a project or of one of its models, with the parts that name the project."""

    arn: str
    partition: str
    region: str
    account: str
    project: str

    def beside(self, other: ProjectArn) -> bool:
        """Whether both are of the same project, as far as the ARNs say."""
        return (self.partition, self.region, self.account, self.project) == (
            other.partition,
            other.region,
            other.account,
            other.project,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArn(ProjectArn):
    """The ARN of a model, which is a version of a project.

    Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartProjectVersion.html
    """

    version: str


def model_arn(value: object) -> ModelArn:
    found = re.fullmatch(MODEL, value) if isinstance(value, str) else None
    if found is None:
        raise _not_a_model(value)
    partition, region, account, project, version = found.groups()
    return ModelArn(
        arn=found[0], partition=partition, region=region, account=account, project=project, version=version
    )


def models_in(text: str) -> tuple[str, ...]:
    """The ARNs of models that stand in a text, such as a variable of a function."""
    return tuple(found[0] for found in re.finditer(MODEL, text))


def _not_a_model(value: object) -> ValueError:
    if not isinstance(value, str) or not value.startswith("arn:"):
        return wrong(value, "the ARN of a model", MODEL_EXAMPLE)
    if re.fullmatch(PROJECT, value):
        hint = "aws rekognition describe-project-versions --project-arn … lists its models"
        return ValueError(f"{shown(value)} is the ARN of a project, not of a model in it ({hint})")
    service = value.split(":")[2] if value.count(":") > 1 else ""
    if service != "rekognition":
        hint = "a model's ARN stands in the Rekognition console under Custom Labels, Use model"
        return ValueError(
            f"{shown(value)} is an ARN of {service or 'no service'}, not of Rekognition ({hint})"
        )
    return wrong(value, "the ARN of a model", MODEL_EXAMPLE)


def retired_arns(value: object) -> tuple[ModelArn, ...]:
    if not isinstance(value, list):
        raise wrong(value, "a list of ARNs of models", f"[{MODEL_EXAMPLE}]")
    return each(model_arn, value)


def project_arn(value: object) -> ProjectArn:
    if isinstance(value, str) and re.fullmatch(MODEL, value):
        raise ValueError(f"{shown(value)} is the ARN of a model, not of its project ({PROJECT_EXAMPLE})")
    found = matched(PROJECT, value, "the ARN of a project", PROJECT_EXAMPLE)
    partition, region, account, project = found.groups()
    return ProjectArn(arn=found[0], partition=partition, region=region, account=account, project=project)


def mapping_uuid(value: object) -> str:
    """In lower case, as Lambda writes it."""
    if isinstance(value, str) and re.fullmatch(QUEUE, value):
        raise ValueError(f"{shown(value)} is the ARN of a queue; {_mapping_of(value)}")
    if isinstance(value, str) and ":event-source-mapping:" in value:
        uuid = value.rpartition(":")[2]
        raise ValueError(f"{shown(value)} is the mapping's ARN; its UUID is the last part ({uuid})")
    example = f"{UUID_EXAMPLE}; aws lambda list-event-source-mappings shows them"
    return matched(UUID, value, "the UUID of an event source mapping", example)[0].lower()


def unqualified(function: str) -> str:
    """The function's own ARN, of one that names a version or an alias."""
    return ":".join(function.split(":")[:7])


def _mapping_of(queue: str) -> str:
    if queue.endswith(FIFO):
        return "a FIFO queue is not supported: let a standard queue feed the function, and name its mapping"
    return f"name its mapping; aws lambda list-event-source-mappings --event-source-arn {queue} shows it"


def standard_queue(value: object) -> str:
    found = matched(QUEUE, value, "the ARN of a queue", QUEUE_EXAMPLE)[0]
    if found.endswith(FIFO):
        message = f"{shown(value)} is a FIFO queue; only standard queues are supported ({QUEUE_EXAMPLE})"
        raise ValueError(message)
    return found


def function_arn(value: object) -> str:
    return matched(FUNCTION, value, "the ARN of a function", FUNCTION_EXAMPLE)[0]


def region(value: object) -> str:
    return matched(REGION, value, "a region", "us-east-1")[0]


def role_arn(value: object) -> str:
    return matched(ROLE, value, "the ARN of a role", ROLE_EXAMPLE)[0]


def external_id(value: object) -> str:
    """Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""
    return matched(EXTERNAL_ID, value, "an external id", "2 to 1,224 letters, digits and +=,.@:/-_")[0]
