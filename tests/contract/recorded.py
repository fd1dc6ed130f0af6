"""The parts of botocore's service models that our tables answer for, as they were when last recorded.

``python -m tests.contract.recorded`` writes ``recorded.json`` from the installed botocore. The tests assert
against the record, so that a release of botocore never turns an unchanged checkout red: what is newer than
the record is handled by a stated rule, and shown as a warning at the end of the run.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import botocore
from botocore.session import get_session

FILE = Path(__file__).with_suffix(".json")
OPERATIONS = {
    "rekognition": (
        "DescribeProjects",
        "DescribeProjectVersions",
        "StartProjectVersion",
        "StopProjectVersion",
    ),
    "cloudwatch": ("GetMetricData",),
    "lambda": (
        "GetEventSourceMapping",
        "GetFunctionConcurrency",
        "GetFunctionConfiguration",
        "ListEventSourceMappings",
        "UpdateEventSourceMapping",
    ),
    "sqs": ("GetQueueUrl", "GetQueueAttributes"),
    "s3": ("GetBucketVersioning", "GetObject", "PutObject", "ListObjectVersions"),
    "sts": ("AssumeRole", "GetCallerIdentity"),
    "iam": ("SimulatePrincipalPolicy",),
    "events": ("ListRules", "ListTargetsByRule", "PutEvents"),
    "scheduler": ("GetSchedule", "ListSchedules"),
    "service-quotas": ("ListServiceQuotas",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceModels:
    """``errors`` has for each call its error codes, each with its HTTP status (``None`` if not modelled)."""

    botocore: str
    errors: dict[str, dict[str, int | None]]
    model_statuses: list[str]
    mapping_states: list[str]

    def codes(self) -> list[tuple[str, str, int | None]]:
        """``(call, code, status)`` of each."""
        return [(call, *each) for call, found in self.errors.items() for each in found.items()]


def recorded() -> ServiceModels:
    return ServiceModels(**json.loads(FILE.read_text(encoding="utf-8")))


def installed() -> ServiceModels:
    models = {service: get_session().get_service_model(service) for service in OPERATIONS}
    calls = [(service, name) for service, names in OPERATIONS.items() for name in names]
    statuses = models["rekognition"].shape_for("ProjectVersionStatus").enum
    # The model only has the states of a mapping in prose; a list there would be the better source.
    state = models["lambda"].shape_for("EventSourceMappingConfiguration").members["State"]
    return ServiceModels(
        botocore=botocore.__version__,
        errors={
            f"{service}:{name}": _errors(models[service].operation_model(name)) for service, name in calls
        },
        model_statuses=sorted(statuses),
        mapping_states=sorted(set(re.findall("<code>(.*?)</code>", state.documentation))),
    )


def _errors(operation) -> dict[str, int | None]:
    """Some protocols send the name of the shape, some the code that the model gives it."""
    return {
        code: _status(shape.metadata)
        for shape in sorted(operation.error_shapes, key=lambda shape: shape.name)
        for code in sorted({shape.name, shape.error_code})
    }


def _status(metadata) -> int | None:
    """Of an error shape; a model without statuses only marks what is the server's fault."""
    return metadata.get("error", {}).get("httpStatusCode") or (500 if metadata.get("fault") else None)


def report(newer: Iterable[str]) -> None:
    """``pyproject.toml`` exempts this warning from being an error, by its first words."""
    for each in newer:
        text = f"newer than recorded: {each}; `python -m {__name__}` records it"
        warnings.warn(text, stacklevel=2)


def main() -> None:
    FILE.write_text(f"{json.dumps(asdict(installed()), indent=1)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
