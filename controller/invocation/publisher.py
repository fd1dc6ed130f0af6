"""Publishes transition events to EventBridge and stores the last published state.

The announced state is one small document beside the configuration. It is read on a cold start and before
events are sent, so that what another process has published is not published again, and it is written after
that. If it is lost or garbled, the current state is published once more. Where the configuration is no object
in S3, it lives in the process.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter

from controller.aws.events import Bus, Entry
from controller.aws.remedies import format_error as explained
from controller.config.model import STANDARD, Config
from controller.errors import AwsError, ConflictError
from controller.invocation.metrics import SERVICE
from controller.invocation.transitions import (
    SOURCE,
    AnnouncedState,
    Event,
    Transition,
    event_detail,
    state_after,
    transition_events,
)
from controller.loop.report import Report
from controller.storage.documents import Document, document_at
from controller.storage.sources import beside, is_s3

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory

DOCUMENT = "status/_events.json"
"""Beside the configuration; no pipeline's name begins with an underscore."""

_LOG = logging.getLogger(__name__)
_STATE_ADAPTER = TypeAdapter(AnnouncedState)


class AnnouncedStore(Protocol):
    """Where the last published state is stored."""

    def read(self) -> AnnouncedState: ...

    def write(self, announced: AnnouncedState, /) -> None: ...


class ProcessAnnouncedStore:
    def __init__(self) -> None:
        self._announced = AnnouncedState()

    def read(self) -> AnnouncedState:
        return self._announced

    def write(self, announced: AnnouncedState, /) -> None:
        self._announced = announced


class StoredAnnouncedStore:
    """Both methods raise what a document raises; what is written replaces what was read, and nothing else."""

    def __init__(self, location: str, clients: ClientFactory) -> None:
        self._location = location
        self._clients = clients
        self._document: Document | None = None

    def read(self) -> AnnouncedState:
        self._document = document_at(self._location, self._clients)
        return _understood(self._document.text)

    def write(self, announced: AnnouncedState, /) -> None:
        document = self._document or document_at(self._location, self._clients)
        self._document = document.replace(_STATE_ADAPTER.dump_json(announced))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """The result of ``publish``: ``complete`` if every event was sent.

    ``dropped`` counts the models that the file no longer names.
    """

    complete: bool
    dropped: int = 0


class TransitionPublisher:
    """Publishes events; a failure is only reported, since the tick's work is done by then.

    ``service`` names the stack in each event, so that two stacks in an account are told apart.
    """

    def __init__(self, bus: Callable[[], Bus], store: AnnouncedStore, service: str = SERVICE) -> None:
        self._bus = bus
        self._store = store
        self._service = service
        self._announced: AnnouncedState | None = None

    def publish(self, config: Config, report: Report) -> PublishResult:
        """Sends the events that were not sent yet; what fails is sent by the next call."""
        found: list[Event] = []
        try:
            self._send(config, report, found)
        except ConflictError:
            self._announced = None  # another process published at the same time; the state is read again
        except AwsError as error:
            return _failed(explained(error), found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the tick has done its work
            if len(report.pipelines) > 1:
                return self._one_by_one(config, report)
            return _failed(f"{type(error).__name__}: {error}", found)
        return PublishResult(complete=True, dropped=_dropped(found))

    def _one_by_one(self, config: Config, report: Report) -> PublishResult:
        """Pipeline by pipeline, so that an error in one keeps no other from being published."""
        each = [self.publish(config, replace(report, pipelines=(one,))) for one in report.pipelines]
        return PublishResult(
            complete=all(one.complete for one in each), dropped=max(one.dropped for one in each)
        )

    def _send(self, config: Config, report: Report, found: list[Event]) -> None:
        """``found`` is added to, so that it is known whatever fails afterwards."""
        if self._announced is not None and state_after(self._announced, config, report) == self._announced:
            return
        announced = self._store.read()
        now = state_after(announced, config, report)
        found += transition_events(announced, now, config, report)
        if found:
            self._bus().put([_entry(event, self._service) for event in found])
        if now != announced:
            self._store.write(now)
        self._announced = now


def publisher(location: str, clients: ClientFactory, service: str = SERVICE) -> TransitionPublisher:
    """For the configuration at ``location``, on the account's default bus."""
    stored = is_s3(location)
    store = StoredAnnouncedStore(beside(location, DOCUMENT), clients) if stored else ProcessAnnouncedStore()
    return TransitionPublisher(lambda: Bus(clients("events", STANDARD)), store, service)


def _dropped(found: list[Event]) -> int:
    return sum(event.transition is Transition.PIPELINE_DROPPED for event in found)


def _entry(event: Event, service: str) -> Entry:
    return Entry(
        source=SOURCE,
        detail_type=event.transition,
        detail=json.dumps(event_detail(event, service)),
        at=event.at,
        resources=(event.arn,) if event.arn is not None else (),
    )


def _understood(text: bytes) -> AnnouncedState:
    if not text:
        return AnnouncedState()
    try:
        return _STATE_ADAPTER.validate_json(text)
    except Exception as error:  # noqa: BLE001 - whatever a document raises, nothing counts as published
        _LOG.warning("the announced state cannot be read", extra={"error": str(error)})
        return AnnouncedState()


def _failed(why: str, found: list[Event]) -> PublishResult:
    _LOG.warning("transitions are not published yet", extra={"error": why})
    return PublishResult(complete=False, dropped=_dropped(found))
