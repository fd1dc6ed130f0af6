"""A file's contents replaced in one step: a reader sees the old ones or the new ones, never a part."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from controller.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform != "win32":
    import fcntl


def replace_file(path: Path, data: bytes, *, still: Callable[[], bool]) -> None:
    """Writes ``data``, if ``still`` says under the lock that nothing has changed; permissions are kept.

    A symbolic link stays one: what it points at is replaced.

    Raises:
        ConflictError: ``still`` said no.
        OSError: nothing could be written; what was there is there.
    """
    target = path.resolve()
    with _locked(target.parent):
        if not still():
            raise ConflictError(str(path))
        _swap(target, data)


def _swap(target: Path, data: bytes) -> None:
    # In the same folder, since a rename is one step only within a file system.
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


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
