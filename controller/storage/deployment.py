"""What the deployed function says of itself: whether it is in dry run and since when, and its versions.

One small document beside the configuration in S3. The function reads it once in a process and writes it when
something is different; ``status``, ``push`` and ``doctor`` read it with the permission that reads the
configuration, so that nobody needs to be allowed to describe the stack or the function.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from controller.errors import ConfigError
from controller.storage.documents import document_at
from controller.storage.sources import beside, is_s3

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from controller.aws.clients import ClientFactory

DOCUMENT: Final = "status/_deployment.json"
"""Beside the configuration; no pipeline's name begins with an underscore."""
PACKAGES: Final = ("rekognition-scheduler", "tzdata", "holidays")
"""This package, and those whose contents decide when something is open."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """``dry_run_since`` is ``None`` unless nothing is started, stopped or switched; aware UTC."""

    dry_run_since: datetime | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@cache
def _adapter() -> TypeAdapter[Deployment]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and not needed at import

    return TypeAdapter(Deployment)


def versions() -> dict[str, str]:
    """Of what is installed here, by the name of the package; one that says nothing of itself is left out."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def listed(found: Mapping[str, str]) -> str:
    """``rekognition-scheduler 0.1.0, tzdata 2026.6, holidays 0.109``."""
    return ", ".join(f"{name} {number}" for name, number in found.items())


def deployment_at(location: str, clients: ClientFactory) -> Deployment | None:
    """What the function that reads the configuration at ``location`` last wrote of itself.

    ``None`` where none did, or it cannot be understood; a file is no function's.

    Raises:
        AwsError: S3 does not give it.
    """
    if not is_s3(location):
        return None
    try:
        return _understood(document_at(beside(location, DOCUMENT), clients).text)
    except ConfigError as error:  # far too long to be one
        _LOG.warning("the deployment's state cannot be read", extra={"error": str(error)})
        return None


def record(location: str, clients: ClientFactory, *, dry_run: bool, now: datetime) -> Deployment:
    """Writes what this process is, if something else is written there; returns what stands.

    It never raises: a tick does not depend on it.
    """
    try:
        return _recorded(location, clients, dry_run=dry_run, now=now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the tick does not depend on it
        _LOG.warning("the deployment's state cannot be kept", extra={"error": str(error)})
        return Deployment(dry_run_since=now if dry_run else None, versions=versions())


def _recorded(location: str, clients: ClientFactory, *, dry_run: bool, now: datetime) -> Deployment:
    if not is_s3(location):
        return Deployment(dry_run_since=now if dry_run else None, versions=versions())
    document = document_at(beside(location, DOCUMENT), clients)
    before = _understood(document.text)
    since = before.dry_run_since if before is not None else None
    current = Deployment(dry_run_since=(since or now) if dry_run else None, versions=versions())
    if current != before:
        document.replace(_adapter().dump_json(current))
    return current


def _understood(text: bytes) -> Deployment | None:
    """A document that no function can have written counts as none."""
    try:
        found = _adapter().validate_json(text) if text else None
    except ValueError as error:  # pydantic's is one
        _LOG.warning("the deployment's state cannot be read", extra={"error": str(error)})
        return None
    is_naive = found is not None and found.dry_run_since is not None and found.dry_run_since.tzinfo is None
    return None if is_naive else found
