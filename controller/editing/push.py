"""Plans and executes the upload of a schedule file and its calendar files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.aws.clients import ClientFactory
from controller.aws.mapping import Mappings
from controller.aws.rekognition import Models
from controller.aws.remedies import format_error
from controller.aws.stacks import Stacks
from controller.config.build import parse
from controller.config.model import STANDARD, Config
from controller.core.states import MappingState, ModelStatus
from controller.core.table import MappingClass, ModelClass, classify_mapping, classify_model
from controller.editing.changes import ConfigComparison, RemovedMapping, RemovedModel, compare
from controller.errors import AwsError, ConfigError, RequestError
from controller.storage.documents import Document, document_at
from controller.storage.last_good import LastGoodConfig
from controller.storage.sources import beside, calendar_source, is_s3, read_text, text_at

CONFIG_URI = "ConfigUri"
"""The stack's output with the location at which its Lambda reads the file."""

_UP = frozenset({ModelClass.RUNNING, ModelClass.STARTING, ModelClass.STOPPING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigBundle:
    """A valid schedule file with its bytes, and the bytes of its calendar files by name."""

    config: Config
    text: bytes
    calendars: dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedModelState:
    """The status of a model that the file no longer names; ``error``: why it could not be read."""

    model: RemovedModel
    status: ModelStatus
    error: str | None = None

    @property
    def is_up(self) -> bool:
        return classify_model(self.status) in _UP

    @property
    def is_unknown(self) -> bool:
        return classify_model(self.status) is ModelClass.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedMappingState:
    """The state of a mapping that the file no longer names; ``error``: why it could not be read."""

    mapping: RemovedMapping
    state: MappingState
    error: str | None = None

    @property
    def is_unknown(self) -> bool:
        return classify_mapping(self.state) is MappingClass.UNKNOWN

    @property
    def consumes(self) -> bool:
        """Also one that is in transition, which may end in Enabled."""
        off = (MappingClass.DISABLED, MappingClass.ABSENT, MappingClass.UNUSABLE)
        return classify_mapping(self.state) not in off and not self.is_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """The upload of a file, not yet begun.

    ``texts`` are the documents as read, each with its new text: calendars first, the file last, since a new
    file that goes before its calendars would be read without them.
    """

    config: Config
    before: Config | None
    texts: tuple[tuple[Document, bytes], ...]
    changes: ConfigComparison
    removed_models: tuple[RemovedModelState, ...]
    removed_mappings: tuple[RemovedMappingState, ...]

    @property
    def location(self) -> str:
        return self.texts[-1][0].location

    @property
    def changed(self) -> tuple[tuple[Document, bytes], ...]:
        """Those of ``texts`` that differ from what is there."""
        return tuple((old, new) for old, new in self.texts if not old.exists or old.text != new)

    def upload(self) -> Iterator[str]:
        """The location of each text, after it has been written.

        Raises:
            ConflictError: one was changed since it was read; those before it have been written.
            AwsError: one cannot be written; the same.
        """
        for document, new in self.changed:
            document.replace(new)
            yield document.location


def destination(to: str | None, stack: str | None, clients: ClientFactory) -> str:
    """The ``s3://`` URL that was named, or that the stack names."""
    if (to is None) == (stack is None):
        raise RequestError("name s3://bucket/key or --stack, one of them")
    location = to if stack is None else _of_stack(stack, clients)
    if location is None or not is_s3(location):
        raise RequestError(f'"{location}" is not an s3:// URL (s3://bucket/schedule.yaml)')
    return location


def _of_stack(name: str, clients: ClientFactory) -> str:
    outputs = Stacks(clients("cloudformation", STANDARD)).outputs(name)
    if outputs is None:
        message = f'there is no stack "{name}" in this account and region (--profile, --region)'
        raise RequestError(message, option="--stack")
    if CONFIG_URI not in outputs:
        raise RequestError(f'stack "{name}" has no output {CONFIG_URI}', option="--stack")
    return outputs[CONFIG_URI]


def read_bundle(location: str, clients: ClientFactory) -> ConfigBundle:
    """The file at ``location`` and the calendar files beside it.

    Raises:
        ConfigError: they are not valid; a degraded configuration is not, either.
    """
    calendars: dict[str, bytes] = {}

    def calendar(name: str) -> bytes:
        calendars[name] = read_text(calendar_source(location, name, clients))
        return calendars[name]

    text = text_at(location, clients)
    config = parse(text, file=location, calendar_files=calendar)
    if config.degraded:
        raise ConfigError(location, config.degraded)
    return ConfigBundle(config=config, text=text, calendars=calendars)


def plan_push(bundle: ConfigBundle, location: str, clients: ClientFactory, now: datetime) -> PushPlan:
    """The upload of ``bundle`` to ``location``, which is only read here."""
    # What is written over is read before what is compared: an edit in between is then refused as a conflict.
    document = document_at(location, clients)
    calendars = tuple(
        (document_at(beside(location, name), clients), data) for name, data in bundle.calendars.items()
    )
    before = _in_use(location, clients)
    changes = compare(before, bundle.config, now)
    return PushPlan(
        config=bundle.config,
        before=before,
        texts=(*calendars, (document, bundle.text)),
        changes=changes,
        removed_models=tuple(_state(model, clients) for model in changes.removed_models),
        removed_mappings=tuple(_mapping_state(each, clients) for each in changes.removed_mappings),
    )


def _in_use(location: str, clients: ClientFactory) -> Config | None:
    """The configuration that the Lambda uses now, perhaps an earlier version; ``None``: none is valid."""
    try:
        return LastGoodConfig(location, clients).current().config
    except ConfigError:
        return None


def _state(model: RemovedModel, clients: ClientFactory) -> RemovedModelState:
    try:
        return RemovedModelState(model=model, status=_status(model, clients))
    except AwsError as error:
        return RemovedModelState(model=model, status=ModelStatus.UNREADABLE, error=format_error(error))


def _mapping_state(mapping: RemovedMapping, clients: ClientFactory) -> RemovedMappingState:
    try:
        mappings = Mappings(clients("lambda", mapping.pipeline.own_consumer.target))
        return RemovedMappingState(mapping=mapping, state=mappings.get(mapping.uuid).state)
    except AwsError as error:
        return RemovedMappingState(mapping=mapping, state=MappingState.UNREADABLE, error=format_error(error))


def _status(model: RemovedModel, clients: ClientFactory) -> ModelStatus:
    named = model.pipeline.model
    models = Models(clients("rekognition", named.target))
    project_arn = named.project_arn or models.project_arn(named.project)
    versions = models.versions(project_arn) if project_arn else None
    return next((each.status for each in versions or () if each.arn == model.arn), ModelStatus.ABSENT)
