"""Stores the state of the deployed function: whether it is in dry run and since when, and its versions.

One small document beside the configuration in S3. The function reads it once in a process and writes it when
something is different; ``status``, ``push`` and ``doctor`` read it with the permission that reads the
configuration, so that no permission to describe the stack or the function is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from controller.config.shard import ALL, Shard
from controller.storage.state import JsonFormat, StateStore, state_store, type_adapter
from controller.storage.versions import versions

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory

DOCUMENT: Final = "status/_deployment{}.json"
"""Beside the configuration; no pipeline's name begins with an underscore."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The state of the deployed function.

    ``dry_run_since`` is ``None`` unless nothing is started, stopped or switched; aware UTC. ``shards`` is how
    many functions share the pipelines.
    """

    dry_run_since: datetime | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    shards: int = 1


def deployment_at(location: str, clients: ClientFactory) -> Deployment | None:
    """The state of the function that reads the configuration at ``location``, as it was last written.

    ``None`` where none was, or none that can be decoded; a file is no function's.

    Raises:
        AwsError: S3 does not give it.
    """
    return _store(location, clients).read()


def missing_shards(location: str, clients: ClientFactory) -> tuple[Shard, ...]:
    """The shards whose function has not run a tick, of as many as the first one says that there are.

    Raises:
        AwsError: S3 does not say.
    """
    first = deployment_at(location, clients)
    count = first.shards if first is not None else 1
    others = (Shard(number=number, count=count) for number in range(2, count + 1))
    return tuple(each for each in others if _store(location, clients, each).read() is None)


def record(
    location: str, clients: ClientFactory, *, dry_run: bool, now: datetime, shard: Shard = ALL
) -> Deployment:
    """Writes the state of this process, if another one is written there; returns this one.

    It never raises: a tick does not depend on it.
    """
    try:
        return _recorded(_store(location, clients, shard), shard, dry_run=dry_run, now=now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the tick does not depend on it
        _LOG.warning("the deployment's state cannot be kept", extra={"error": str(error)})
        return Deployment(dry_run_since=now if dry_run else None, versions=versions(), shards=shard.count)


def _recorded(store: StateStore[Deployment], shard: Shard, *, dry_run: bool, now: datetime) -> Deployment:
    before = store.read()
    since = before.dry_run_since if before is not None else None
    current = Deployment(
        dry_run_since=(since or now) if dry_run else None, versions=versions(), shards=shard.count
    )
    if current != before:
        store.write(current)
    return current


def _store(location: str, clients: ClientFactory, shard: Shard = ALL) -> StateStore[Deployment]:
    deployment_format = JsonFormat(name="the deployment's state", encode=_encode, decode=_decode)
    return state_store(location, DOCUMENT.format(shard.suffix), deployment_format, clients)


def _encode(deployment: Deployment) -> bytes:
    return type_adapter(Deployment).dump_json(deployment)


def _decode(data: bytes) -> Deployment:
    found: Deployment = type_adapter(Deployment).validate_json(data)
    if found.dry_run_since is not None and found.dry_run_since.tzinfo is None:
        raise ValueError("dry_run_since has no offset from UTC")
    return found
