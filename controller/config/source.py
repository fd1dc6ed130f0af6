"""Where a configuration is read from.

A ``Source`` is one place and what lies beside it: a file here; an object in S3 is another, with the same two
methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from controller.config.nodes import MAX_BYTES
from controller.errors import Complaint, ConfigError
from controller.schedule.calendars import MAX_ICS_BYTES


class Source(Protocol):
    def text(self) -> bytes:
        """The schedule file's bytes; of one that is too large, enough of them to tell.

        Raises:
            OSError: it cannot be had.
        """

    def beside(self, name: str) -> bytes:
        """The bytes of the file ``name`` beside it, in the same manner.

        Raises:
            OSError: it cannot be had.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    path: Path

    def text(self) -> bytes:
        return _read(self.path, MAX_BYTES)

    def beside(self, name: str) -> bytes:
        return _read(self.path.with_name(name), MAX_ICS_BYTES)


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def source_of(location: str) -> Source:
    """The source behind a path or a ``file://`` URL.

    Raises:
        ConfigError: the location is of another kind.
    """
    scheme, separator, rest = location.partition("://")
    if not separator:
        return FileSource(path=Path(location))
    if scheme != "file" or urlsplit(location).netloc not in {"", "localhost"}:
        message = "not a path or a file:// URL of this machine (config/schedule.yaml)"
        raise ConfigError(location, (Complaint(message=message),))
    from urllib.request import url2pathname  # noqa: PLC0415 - it takes long to load, and few write URLs

    return FileSource(path=Path(url2pathname(rest.removeprefix("localhost"))))
