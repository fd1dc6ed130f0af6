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
from typing import TYPE_CHECKING

from controller.aws.events import Bus, Entry
from controller.aws.remedies import format_error as explained
from controller.config.model import STANDARD, Config
from controller.config.shard import ALL, Shard
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
from controller.storage.state import JsonFormat, StateStore, state_store, type_adapter

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory

DOCUMENT = "status/_events{}.json"
"""Beside the configuration; no pipeline's name begins with an underscore."""

ANNOUNCED_FORMAT = JsonFormat(
    name="the announced state",
    encode=type_adapter(AnnouncedState).dump_json,
    decode=type_adapter(AnnouncedState).validate_json,
)

_LOG = logging.getLogger(__name__)


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

    def __init__(
        self, bus: Callable[[], Bus], store: StateStore[AnnouncedState], service: str = SERVICE
    ) -> None:
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
        announced = self._store.read() or AnnouncedState()
        now = state_after(announced, config, report)
        found += transition_events(announced, now, config, report)
        if found:
            self._bus().put([_entry(event, self._service) for event in found])
        if now != announced:
            self._store.write(now)
        self._announced = now


def publisher(
    location: str, clients: ClientFactory, service: str = SERVICE, shard: Shard = ALL
) -> TransitionPublisher:
    """For the configuration at ``location``, on the account's default bus; one state for each shard."""
    store = state_store(location, DOCUMENT.format(shard.suffix), ANNOUNCED_FORMAT, clients)
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


def _failed(why: str, found: list[Event]) -> PublishResult:
    _LOG.warning("transitions are not published yet", extra={"error": why})
    return PublishResult(complete=False, dropped=_dropped(found))
