"""Stores small typed JSON documents beside the configuration: in S3, or as long as the process lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from controller.aws.s3 import StoredText
from controller.errors import ConflictError
from controller.storage.sources import beside, is_s3, source_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from controller.aws.clients import ClientFactory

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFormat(Generic[T]):
    """How a value is written as JSON; ``decode`` may raise any exception. ``name`` is for the log."""

    name: str
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


class StateStore(Protocol[T]):
    """Stores one value."""

    def read(self) -> T | None:
        """The stored value; ``None`` where there is none, or none that can be decoded."""

    def write(self, value: T, /) -> None:
        """Replaces the value that was last read or written here; before the first read, creates one.

        Raises:
            ConflictError: another process has written it since; ``read`` comes next.
        """


class ProcessStore(Generic[T]):
    """A value that lives as long as the process."""

    def __init__(self) -> None:
        self._value: T | None = None

    def read(self) -> T | None:
        return self._value

    def write(self, value: T, /) -> None:
        self._value = value


class JsonStore(Generic[T]):
    """A value in one small JSON document; both methods also raise ``AwsError``.

    A document that cannot be decoded counts as none, and is replaced by the next write.
    """

    def __init__(self, location: str, json_format: JsonFormat[T], clients: ClientFactory) -> None:
        self._location = location
        self._format = json_format
        self._clients = clients
        self._etag: str | None = None

    def read(self) -> T | None:
        found = source_of(self._location, self._clients).get()
        if not isinstance(found, StoredText):
            self._etag = None
            return None
        self._etag = found.etag
        try:
            return self._format.decode(found.data)
        except Exception as error:  # noqa: BLE001 - whatever a document raises, it counts as none
            _LOG.warning("%s is garbled, and is empty: %s", self._format.name, error)
            return None

    def write(self, value: T, /) -> None:
        source = source_of(self._location, self._clients)
        try:
            self._etag = source.put(self._format.encode(value), if_match=self._etag).etag
        except ConflictError:
            self._etag = None
            raise


def state_store(
    location: str, name: str, json_format: JsonFormat[T], clients: ClientFactory
) -> StateStore[T]:
    """The store of the document ``name`` beside the configuration at ``location``; a file has none."""
    if not is_s3(location):
        return ProcessStore()
    return JsonStore(beside(location, name), json_format, clients)


@cache
def type_adapter(kind: type[T]) -> TypeAdapter[T]:
    """Pydantic's adapter of ``kind``, made at the first use: the import is heavy."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and not needed at import

    return TypeAdapter(kind)
