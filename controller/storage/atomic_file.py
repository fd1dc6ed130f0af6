"""Replaces a file in one step: a reader sees the old contents or the new ones, never a part."""

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
"""The mode of a new file, less the umask."""


def replace_file(path: Path, data: bytes, *, is_unchanged: Callable[[], bool]) -> None:
    """Writes ``data``, if ``is_unchanged`` is true under the lock.

    Permissions and group are kept, and the owner where the system lets it. A symbolic link stays one: what it
    points at is replaced.

    Raises:
        ConflictError: ``is_unchanged`` is false.
        OSError: nothing was written; the former contents are there. A file that is read-only, though the
            folder would let it be replaced, is a PermissionError.
    """
    target = path.resolve()
    with _locked(target.parent):
        if not is_unchanged():
            raise ConflictError(str(path))
        former = target.stat() if target.exists() else None
        if former is not None and (why := _not_writable(target, former)):
            raise PermissionError(errno.EACCES, why, str(path))
        try:
            _swap(target, data, former)
        except OSError as error:
            error.filename, error.filename2 = str(path), None  # not that of the temporary file
            raise


def _not_writable(target: Path, former: os.stat_result) -> str | None:
    if not former.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):  # to root everything is writable
        return f"it is read-only (chmod u+w {target} makes it writable)"
    return None if os.access(target, os.W_OK) else "you may not write it"


def _swap(target: Path, data: bytes, former: os.stat_result | None) -> None:
    # In the same folder, since a rename is one step only within a file system.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    mode = _USUAL_MODE if former is None else stat.S_IMODE(former.st_mode)
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if former is not None:
            _keep_owner(temporary, former)
            temporary.chmod(mode)  # after the owner, which takes bits away, and without the umask
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _keep_owner(temporary: Path, former: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    now = temporary.stat()
    if (now.st_uid, now.st_gid) == (former.st_uid, former.st_gid):
        return
    try:
        os.chown(temporary, former.st_uid, former.st_gid)
    except PermissionError:
        with suppress(PermissionError):
            os.chown(temporary, -1, former.st_gid)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Locks out other writers of this module. The folder is locked, since the file is another one afterwards.

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
