"""The Rekognition Custom Labels project and its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from controller.aws.calls import MOST_PAGES, Call, count, next_token, unknown_word, utc
from controller.aws.codes import is_absent
from controller.core.states import ModelStatus
from controller.errors import TerminalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        DescribeProjectVersionsRequestTypeDef,
        ProjectVersionDescriptionTypeDef,
        StartProjectVersionRequestTypeDef,
    )

PAGE: Final = 100
"""The most that a page may hold, so that a project is almost always one call.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DescribeProjectVersions.html
"""

MOST_UNITS: Final = 10**6
"""Beyond it an answer is not believed; an account has some dozens."""

OURS: Final = frozenset({ModelStatus.UNKNOWN, ModelStatus.ABSENT, ModelStatus.UNREADABLE})
"""What only we say of a model; the same word from AWS would be a new one, thus UNKNOWN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A project version; ``units`` and ``max_units`` are those of its last start, where AWS names them.

    ``word`` is Rekognition's own for a ``status`` that is UNKNOWN here.
    """

    arn: str
    status: ModelStatus
    message: str | None
    units: int | None
    max_units: int | None
    word: str | None = None
    created_at: datetime | None = None


class Models:
    """Every method may raise ``TransientError`` or ``TerminalError``."""

    def __init__(self, client: RekognitionClient) -> None:
        self._client = client

    def project_arn(self, project: str) -> str | None:
        """By the project's name, since it does not follow from a version's ARN; ``None`` if there is none.

        Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DescribeProjects.html
        """
        call = Call(name="rekognition:DescribeProjects", resource=project)
        with call.sending():
            answer = self._client.describe_projects(ProjectNames=[project])
        with call.reading():
            arns = [description["ProjectArn"] for description in answer["ProjectDescriptions"]]
        # An endpoint that overlooks the filter must not hand us another project.
        return next((arn for arn in arns if f":project/{project}/" in arn), None)

    def projects(self) -> tuple[str, ...]:
        """The ARNs of all Custom Labels projects of the account and region.

        Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DescribeProjects.html
        """
        call = Call(name="rekognition:DescribeProjects", resource="*")
        paginator = self._client.get_paginator("describe_projects")
        pages = call.pages(paginator.paginate(Features=["CUSTOM_LABELS"]))
        with call.reading():
            return tuple(
                description["ProjectArn"] for page in pages for description in page["ProjectDescriptions"]
            )

    def versions(self, project_arn: str) -> tuple[Version, ...] | None:
        """All versions of the project, page after page; ``None`` if the project does not exist."""
        try:
            return tuple(self._versions(project_arn))
        except TerminalError as error:
            if is_absent(error):
                return None
            raise

    def start(self, arn: str, *, units: int, max_units: int | None) -> None:
        """Asks for the start, which then takes minutes; ``max_units`` lets Rekognition scale up to it.

        Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartProjectVersion.html
        """
        request: StartProjectVersionRequestTypeDef = {"ProjectVersionArn": arn, "MinInferenceUnits": units}
        if max_units is not None:
            request["MaxInferenceUnits"] = max_units
        with Call(name="rekognition:StartProjectVersion", resource=arn).sending():
            self._client.start_project_version(**request)

    def stop(self, arn: str) -> None:
        """Asks for the stop, which then takes minutes.

        Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StopProjectVersion.html
        """
        with Call(name="rekognition:StopProjectVersion", resource=arn).sending():
            self._client.stop_project_version(ProjectVersionArn=arn)

    def _versions(self, project_arn: str) -> Iterator[Version]:
        call = Call(name="rekognition:DescribeProjectVersions", resource=project_arn)
        request: DescribeProjectVersionsRequestTypeDef = {"ProjectArn": project_arn, "MaxResults": PAGE}
        for _ in range(MOST_PAGES):
            with call.sending():
                page = self._client.describe_project_versions(**request)
            with call.reading():
                yield from [_version(description) for description in page["ProjectVersionDescriptions"]]
                token = next_token(page.get("NextToken"), after=request.get("NextToken"))
            if token is None:
                return
            request["NextToken"] = token
        raise call.endless()


def _version(description: ProjectVersionDescriptionTypeDef) -> Version:
    value = description.get("Status")
    status = _status(value)
    return Version(
        arn=description["ProjectVersionArn"],
        status=status,
        word=unknown_word(value) if status is ModelStatus.UNKNOWN else None,
        message=description.get("StatusMessage"),
        units=count(description.get("MinInferenceUnits"), MOST_UNITS, "MinInferenceUnits"),
        max_units=count(description.get("MaxInferenceUnits"), MOST_UNITS, "MaxInferenceUnits"),
        created_at=_created_at(description.get("CreationTimestamp")),
    )


def _created_at(instant: datetime | None) -> datetime | None:
    return None if instant is None else utc(instant, "CreationTimestamp")


def _status(value: str | None) -> ModelStatus:
    try:
        status = ModelStatus(value or ModelStatus.UNKNOWN)
    except ValueError:
        return ModelStatus.UNKNOWN
    return ModelStatus.UNKNOWN if status in OURS else status
