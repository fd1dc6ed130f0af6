"""Reads and writes the text at a location: a file, or an object in S3.

A location is what a person writes: a path, ``file:///…`` or ``s3://bucket/key``. Of a text that is too long,
no more is read than shows that it is.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, urlsplit

from controller.aws.s3 import NoContent, Objects, StoredText
from controller.config.model import STANDARD
from controller.errors import ConfigError, Diagnostic
from controller.schedule.ics import MAX_ICS_BYTES
from controller.storage.atomic_file import replace_file

if sys.platform == "win32":
    from urllib.request import url2pathname
else:  # the same function, without the HTTP client that comes with that module
    from urllib.parse import unquote as url2pathname

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from controller.aws.clients import ClientFactory

STDIN: Final = "-"
"""The location of a schedule file that is read from the standard input."""
MAX_BYTES: Final = MAX_ICS_BYTES + 1
"""Calendar files may be longer than the schedule file."""

_PIPE_TIMEOUT_S: Final = 5.0
_S3: Final = "s3://"
_FILE: Final = "file://"
_BUCKET: Final = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_MAX_KEY_BYTES: Final = 1024
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


class Source(Protocol):
    """A text that can be read and replaced.

    A call to S3 that fails raises ``AwsError``, one to the file system ``OSError``.
    """

    def get(self, *, if_none_match: str | None = None) -> StoredText | NoContent:
        """NOT_MODIFIED if that is still the ETag, MISSING if there is no text."""

    def put(self, data: bytes, *, if_match: str | None) -> StoredText:
        """Replaces the text with the ETag ``if_match``, or (``None``) creates one; all of it or nothing.

        Raises:
            ConflictError: another text is there now.
        """

    def previous_versions(self, *, exclude_etags: Collection[str]) -> Iterator[StoredText]:
        """The versions that S3 keeps, newest first, without those whose ETag is excluded; none of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A text in a file; its ETag is a digest.

    ``within``, if there are any, are the folders out of which a symbolic link may not lead.
    """

    path: Path
    within: tuple[Path, ...] = ()

    def get(self, *, if_none_match: str | None = None) -> StoredText | NoContent:
        try:
            if self.within and not any(map(self.path.resolve().is_relative_to, self.within)):
                raise OSError(errno.EPERM, "it is a link that leaves the folder")
            with open(self.path, "rb", opener=_opened) as file:
                data = file.read(MAX_BYTES)
        except FileNotFoundError:
            return NoContent.MISSING
        except ValueError as error:  # a NUL in the path
            raise OSError(errno.EINVAL, str(error)) from None
        etag = _digest(data)
        return NoContent.NOT_MODIFIED if etag == if_none_match else StoredText(data=data, etag=etag)

    def put(self, data: bytes, *, if_match: str | None) -> StoredText:
        replace_file(self.path, data, is_unchanged=lambda: self._etag() == if_match)
        return StoredText(data=data, etag=_digest(data))

    def previous_versions(self, *, exclude_etags: Collection[str]) -> Iterator[StoredText]:  # noqa: ARG002 - as S3Source
        return iter(())

    def _etag(self) -> str | None:
        found = self.get()
        return found.etag if isinstance(found, StoredText) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Source:
    """A text in an S3 object."""

    objects: Objects
    key: str

    def get(self, *, if_none_match: str | None = None) -> StoredText | NoContent:
        return self.objects.get(self.key, if_none_match=if_none_match)

    def put(self, data: bytes, *, if_match: str | None) -> StoredText:
        return self.objects.put(self.key, data, if_match=if_match)

    def previous_versions(self, *, exclude_etags: Collection[str]) -> Iterator[StoredText]:
        return self.objects.versions(self.key, exclude_etags=exclude_etags)


def source_of(location: str, clients: ClientFactory) -> Source:
    """The source of the text at ``location``; ``clients`` is used for S3 only.

    Raises:
        ConfigError: the location is of another kind, or no proper one of its kind.
    """
    if location.startswith(_S3):
        bucket, key = bucket_and_key(location)
        return S3Source(objects=Objects(clients("s3", STANDARD), bucket, most=MAX_BYTES), key=key)
    if "://" not in location:
        return FileSource(path=Path(location))
    if not location.startswith(_FILE) or urlsplit(location).netloc not in {"", "localhost"}:
        raise _refused(location, "not a path, a file:// URL of this machine or an s3:// URL")
    rest = location.removeprefix(_FILE).removeprefix("localhost")
    return FileSource(path=Path(url2pathname(rest)))


def calendar_source(location: str, name: str, clients: ClientFactory) -> Source:
    """The calendar file of a bare ``name`` beside the schedule file at ``location``.

    It lies in the folder of the schedule file, or of what that links to: a link to elsewhere would show parts
    of another file to whoever reads diagnostics. Links within the folder are those of a mounted ConfigMap.

    Raises as ``source_of``.
    """
    file, source = source_of(location, clients), source_of(beside(location, name), clients)
    if isinstance(source, FileSource) and isinstance(file, FileSource):
        folders = (file.path.parent.resolve(), file.path.resolve().parent)
        return replace(source, within=folders)
    return source


def is_s3(location: str) -> bool:
    return location.startswith(_S3)


def bucket_of(location: str) -> str | None:
    """The bucket of an ``s3://`` location; ``None`` for any other."""
    return location.removeprefix(_S3).partition("/")[0] if is_s3(location) else None


def beside(location: str, name: str) -> str:
    """The location of ``name``, a relative path made by this package, in the folder of ``location``."""
    if "://" not in location:
        return str(Path(location).parent / name)
    folder = location.rpartition("/")[0]
    return f"{folder}/{name if is_s3(location) else quote(name)}"


def read_text(source: Source) -> bytes:
    """The contents of ``source``.

    Raises:
        OSError: there are none, or they cannot be read.
        AwsError: the same, of S3.
    """
    found = source.get()
    if isinstance(found, StoredText):
        return found.data
    missing = "no such object" if isinstance(source, S3Source) else os.strerror(errno.ENOENT)
    raise FileNotFoundError(errno.ENOENT, missing)


def text_at(location: str, clients: ClientFactory) -> bytes:
    """The contents of the text at ``location``, which a person has named.

    Raises:
        ConfigError: there are none, or they cannot be read.
        AwsError: S3 does not give them.
    """
    source = named_source(location, clients)
    with readable(location):
        return read_text(source)


def named_source(location: str, clients: ClientFactory) -> Source:
    """As ``source_of``, of a text that is not the standard input; raises ``ConfigError`` for that, too."""
    if location == STDIN:
        message = "the standard input can be checked and compared, not edited or pushed"
        raise ConfigError(location, (Diagnostic(message=message),), remedy="name a file (schedule.yaml)")
    return source_of(location, clients)


@contextmanager
def readable(location: str) -> Iterator[None]:
    """Raises ``ConfigError`` for an ``OSError`` while the text at ``location`` is read."""
    try:
        yield
    except IsADirectoryError:
        message = "this is a directory; name the file in it (schedule.yaml)"
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
    else:
        return
    raise ConfigError(location, (Diagnostic(message=message),))


def _opened(path: str, flags: int) -> int:
    """Opens a file descriptor; of a named pipe to which nothing is written, not without an end.

    Raises:
        TimeoutError: nothing was written to the pipe within ``_PIPE_TIMEOUT_S``.
    """
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no such pipes
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode) and not select([descriptor], (), (), _PIPE_TIMEOUT_S)[0]:
        os.close(descriptor)
        raise TimeoutError(errno.ETIMEDOUT, "a pipe that nobody writes to", path)
    if sys.platform != "win32":
        os.set_blocking(descriptor, True)
    return descriptor


def bucket_and_key(location: str) -> tuple[str, str]:
    """The parts of an ``s3://`` location; raises ``ConfigError`` if it names no object."""
    bucket, _, key = location.removeprefix(_S3).partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise _refused(location, f'"{bucket}" is not the name of a bucket')
    if not key or key.endswith("/"):
        raise _refused(location, "this names no object; name the file in it")
    if {".", ".."} & set(key.split("/")) or not key.isprintable():
        raise _refused(location, f'"{key}" is not the key of a file')
    if len(key.encode()) > _MAX_KEY_BYTES:
        raise _refused(location, f"the key is longer than the {_MAX_KEY_BYTES} bytes that S3 allows")
    return bucket, key


def _refused(location: str, why: str) -> ConfigError:
    message = f"{why} (config/schedule.yaml, s3://bucket/schedule.yaml)"
    return ConfigError(location, (Diagnostic(message=message),), remedy="correct the location")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
