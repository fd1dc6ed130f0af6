"""The classes of a validated configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from controller.core.settings import Settings
from controller.errors import Diagnostic
from controller.schedule.ics import IcsSummary
from controller.schedule.model import Spec

if TYPE_CHECKING:
    from controller.config.yaml_tree import YamlTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The region that a client calls, and the role to assume there (another account's, or none).

    An empty ``region`` is the one of boto3's standard configuration.
    """

    region: str
    role_arn: str | None = None
    external_id: str | None = None


STANDARD: Final = Target(region="")
"""The region and credentials of the standard configuration, as the AWS CLI has them without options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The Rekognition project version of a pipeline; the names and the region are parts of its ARN."""

    arn: str
    project: str
    version: str
    account: str
    target: Target
    project_arn: str | None
    inference_units: int
    max_inference_units: int | None
    retired: tuple[str, ...]

    @property
    def arns(self) -> tuple[str, ...]:
        """The ARNs of every version that the file names: the model's own, then the retired ones."""
        return self.arn, *self.retired


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The event source mapping of a pipeline; ``retention`` is the queue's as the file assumes it."""

    event_source_mapping: str
    retention: timedelta
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A model and usually its consumer, and the name of the ``schedule`` by which they run.

    ``consumer`` is ``None`` where callers of their own use the model. ``line`` is the place in the file;
    ``unit_hour_usd`` the pipeline's own price or the file's.
    """

    name: str
    line: int
    schedule: str
    model: Model
    consumer: Consumer | None
    settings: Settings
    unit_hour_usd: float

    @property
    def own_consumer(self) -> Consumer:
        """For what is done only where there is a consumer.

        Raises:
            ValueError: there is none.
        """
        if self.consumer is None:
            raise ValueError(f"the pipeline {self.name} has no consumer")
        return self.consumer

    @property
    def mapping_uuid(self) -> str | None:
        return self.consumer.event_source_mapping if self.consumer is not None else None

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where its resources are: the model's account and region, then the consumer's."""
        return (self.model.target, *((self.consumer.target,) if self.consumer is not None else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarUse:
    """A calendar of the file, and a summary of its ``.ics`` file; ``None``: none, or none that is usable."""

    name: str
    file: str | None
    summary: IcsSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A validated schedule file with its calendar files.

    ``file`` as the person named it; ``digest`` identifies the text and the calendar files read with it.
    ``specs`` by name in file order; ``pipelines`` in file order.

    ``degraded`` are the reasons why the configuration works with less than is written in the file: an unknown
    holiday, a calendar file that cannot be read, a newer version that is invalid. They are errors to
    ``validate`` and ``push``, a condition to a tick. ``notices`` are warnings of that kind.

    ``tree`` is the file's text, parsed; ``calendar_files`` are the contents of the ``.ics`` files by name.
    By both, two configurations are compared value for value.
    """

    file: str
    digest: str
    specs: dict[str, Spec]
    pipelines: tuple[Pipeline, ...]
    tree: YamlTree = field(repr=False, compare=False)
    degraded: tuple[Diagnostic, ...] = ()
    notices: tuple[Diagnostic, ...] = ()
    calendars: tuple[CalendarUse, ...] = ()
    calendar_files: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)
