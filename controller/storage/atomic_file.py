"""A file's contents replaced in one step: a reader sees the old ones or the new ones, never a part."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from controller.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform != "win32":
    import fcntl


_USUAL_MODE = 0o666
"""Of a new file, less the umask."""


def replace_file(path: Path, data: bytes, *, still: Callable[[], bool]) -> None:
    """Writes ``data``, if ``still`` says under the lock that nothing has changed.

    Permissions and group are kept, and the owner where the system lets it. A symbolic link stays one: what it
    points at is replaced.

    Raises:
        ConflictError: ``still`` said no.
        OSError: nothing could be written; what was there is there. A file that is read-only, though the
            folder would let it be replaced, is a PermissionError.
    """
    target = path.resolve()
    with _locked(target.parent):
        if not still():
            raise ConflictError(str(path))
        former = target.stat() if target.exists() else None
        if former is not None and (why := _not_writable(target, former)):
            raise PermissionError(errno.EACCES, why, str(path))
        try:
            _swap(target, data, former)
        except OSError as error:
            error.filename, error.filename2 = str(path), None  # not that of the file in between
            raise


def _not_writable(target: Path, former: os.stat_result) -> str | None:
    if not former.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):  # to root everything is writable
        return f"it is read-only (chmod u+w {target} makes it writable)"
    return None if os.access(target, os.W_OK) else "you may not write it"


def _swap(target: Path, data: bytes, former: os.stat_result | None) -> None:
    # In the same folder, since a rename is one step only within a file system.
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    mode = _USUAL_MODE if former is None else stat.S_IMODE(former.st_mode)
    try:
        with open(fresh, "xb", opener=partial(os.open, mode=mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if former is not None:
            _keep_owner(fresh, former)
            fresh.chmod(mode)  # after the owner, which takes bits away, and without the umask
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _keep_owner(fresh: Path, former: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    now = fresh.stat()
    if (now.st_uid, now.st_gid) == (former.st_uid, former.st_gid):
        return
    try:
        os.chown(fresh, former.st_uid, former.st_gid)
    except PermissionError:
        with suppress(PermissionError):
            os.chown(fresh, -1, former.st_gid)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Among those who write through here. The folder is locked, since the file is another one afterwards.

    Where the system or the file system has no such lock, the check just before the swap is all there is.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
