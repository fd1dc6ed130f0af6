"""Where texts are kept: a file here, or an object in S3; the schedule file and whatever lies beside it.

A location is what a person writes: a path, ``file:///…`` or ``s3://bucket/key``. Of what is kept there no
more is read than shows that it is too long.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

from controller.aws.s3 import NoContent, Objects, StoredObject
from controller.config.model import STANDARD
from controller.errors import ConfigError, Diagnostic
from controller.schedule.ics import MAX_ICS_BYTES
from controller.storage.atomic_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from controller.aws.clients import ClientFactory

MOST_BYTES: Final = MAX_ICS_BYTES + 1
"""Calendar files may be longer than the schedule file."""

_PATIENCE_S: Final = 5.0
_S3: Final = "s3://"
_FILE: Final = "file://"
_BUCKET: Final = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_MOST_KEY_BYTES: Final = 1024
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """``tag`` is another one for other contents; ``version`` is their name for a person, if they have one."""

    data: bytes
    tag: str
    version: str | None = None


class Source(Protocol):
    """One text. A call to S3 that fails raises ``AwsError``, one to the file system ``OSError``."""

    def get(self, *, unless: str | None = None) -> StoredText | NoContent:
        """UNCHANGED if the tag is still ``unless``, ABSENT if there is nothing."""

    def put(self, data: bytes, *, over: str | None) -> StoredText:
        """Writes over what has the tag ``over``, or (``None``) where nothing is; all of it or nothing.

        Raises:
            ConflictError: something else is there now.
        """

    def former(self, *, besides: Collection[str]) -> Iterator[StoredText]:
        """What it has been, newest first, as far as that is kept; tags among ``besides`` are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """``within``, if there are any, are the folders out of which a symbolic link may not lead."""

    path: Path
    within: tuple[Path, ...] = ()

    def get(self, *, unless: str | None = None) -> StoredText | NoContent:
        try:
            if self.within and not any(map(self.path.resolve().is_relative_to, self.within)):
                raise OSError(errno.EPERM, "it is a link that leaves the folder")
            with open(self.path, "rb", opener=_opened) as file:
                data = file.read(MOST_BYTES)
        except FileNotFoundError:
            return NoContent.ABSENT
        except ValueError as error:  # a NUL in the path
            raise OSError(errno.EINVAL, str(error)) from None
        tag = _digest(data)
        return NoContent.UNCHANGED if tag == unless else StoredText(data=data, tag=tag)

    def put(self, data: bytes, *, over: str | None) -> StoredText:
        replace_file(self.path, data, still=lambda: self._tag() == over)
        return StoredText(data=data, tag=_digest(data))

    def former(self, *, besides: Collection[str]) -> Iterator[StoredText]:  # noqa: ARG002 - a file's past is not kept
        return iter(())

    def _tag(self) -> str | None:
        found = self.get()
        return found.tag if isinstance(found, StoredText) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Source:
    objects: Objects
    key: str

    def get(self, *, unless: str | None = None) -> StoredText | NoContent:
        found = self.objects.get(self.key, unless=unless)
        return _text(found) if isinstance(found, StoredObject) else found

    def put(self, data: bytes, *, over: str | None) -> StoredText:
        return _text(self.objects.put(self.key, data, over=over))

    def former(self, *, besides: Collection[str]) -> Iterator[StoredText]:
        return map(_text, self.objects.versions(self.key, besides=besides))


def source_of(location: str, clients: ClientFactory) -> Source:
    """The text at ``location``; ``clients`` is asked for S3's alone.

    Raises:
        ConfigError: the location is of another kind, or no proper one of its kind.
    """
    if location.startswith(_S3):
        bucket, key = _bucket_and_key(location)
        return S3Source(objects=Objects(clients("s3", STANDARD), bucket, most=MOST_BYTES), key=key)
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
    """``None`` for what is not in S3."""
    return location.removeprefix(_S3).partition("/")[0] if is_s3(location) else None


def beside(location: str, name: str) -> str:
    """The location of ``name`` (a relative path of our own making) in the folder of ``location``."""
    if "://" not in location:
        return str(Path(location).parent / name)
    folder = location.rpartition("/")[0]
    return f"{folder}/{name if is_s3(location) else quote(name)}"


def read_text(source: Source) -> bytes:
    """Its contents.

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
    """The contents of what a person has named.

    Raises:
        ConfigError: there are none, or they cannot be read.
        AwsError: S3 does not give them.
    """
    source = source_of(location, clients)
    try:
        return read_text(source)
    except IsADirectoryError:
        message = "this is a directory; name the file in it (schedule.yaml)"
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
    raise ConfigError(location, (Diagnostic(message=message),))


def _opened(path: str, flags: int) -> int:
    """A descriptor. A named pipe that nobody writes to would be waited for without an end.

    Raises:
        TimeoutError: nobody has written to the pipe within ``_PATIENCE_S``.
    """
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no such pipes
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode) and not select([descriptor], (), (), _PATIENCE_S)[0]:
        os.close(descriptor)
        raise TimeoutError(errno.ETIMEDOUT, "a pipe that nobody writes to", path)
    if sys.platform != "win32":
        os.set_blocking(descriptor, True)
    return descriptor


def _bucket_and_key(location: str) -> tuple[str, str]:
    bucket, _, key = location.removeprefix(_S3).partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise _refused(location, f'"{bucket}" is not the name of a bucket')
    if not key or key.endswith("/"):
        raise _refused(location, "this names no object; name the file in it")
    if {".", ".."} & set(key.split("/")) or not key.isprintable():
        raise _refused(location, f'"{key}" is not the key of a file')
    if len(key.encode()) > _MOST_KEY_BYTES:
        raise _refused(location, f"the key is longer than the {_MOST_KEY_BYTES} bytes that S3 allows")
    return bucket, key


def _refused(location: str, why: str) -> ConfigError:
    message = f"{why} (config/schedule.yaml, s3://bucket/schedule.yaml)"
    return ConfigError(location, (Diagnostic(message=message),))


def _text(stored: StoredObject) -> StoredText:
    return StoredText(data=stored.body, tag=stored.etag, version=stored.version)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
