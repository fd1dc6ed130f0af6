"""Reads a file, and the files beside it, as a commit of the git repository around it has them."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from controller.errors import RequestError

_OPTION = "--base"
_NO_REPOSITORY = "not a git repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedFolder:
    """The folder of a file in ``commit``, which a person has named ``revision`` (a branch, a tag, a hash)."""

    folder: Path
    revision: str
    commit: str

    def read(self, name: str) -> bytes | None:
        """The contents of the file ``name`` there; ``None``: the commit has no such file.

        Links are followed within the commit. Raises ``RequestError`` where one leads out of it or to no file.
        Source: https://git-scm.com/docs/git-cat-file (``--follow-symlinks``)
        """
        wanted = f"{self.commit}:./{name}\n".encode()
        answer = self._git("cat-file", "--batch", "--follow-symlinks", stdin=wanted)
        header, _, contents = answer.partition(b"\n")
        if header.endswith(b" missing"):
            return None
        found = re.fullmatch(rb"[0-9a-f]+ blob ([0-9]+)", header)
        if found is None:
            message = f"{name} in {self.revision} is a directory, or a link to no file of that commit"
            raise RequestError(message, option=_OPTION)
        return contents[: int(found[1])]

    def required(self, name: str) -> bytes:
        """As ``read``; raises ``FileNotFoundError``."""
        found = self.read(name)
        if found is None:
            raise FileNotFoundError(2, f"not in {self.revision}")
        return found

    def _git(self, *args: str, stdin: bytes = b"") -> bytes:
        """Raises ``RequestError`` with git's own words."""
        command = ("git", "-C", str(self.folder), *args)
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=_environment())  # noqa: S603 - no shell; the revision is checked
        except FileNotFoundError:
            raise RequestError("git is not installed", option=_OPTION) from None
        if done.returncode:
            raise RequestError(_first_line(done.stderr), option=_OPTION)
        return done.stdout


def committed_folder(folder: Path, revision: str) -> CommittedFolder:
    """The folder in that commit.

    Raises:
        RequestError: ``folder`` is in no repository, or nothing there is called ``revision``.
    """
    there = CommittedFolder(folder=folder, revision=revision, commit=revision)
    try:
        there._git("rev-parse", "--is-inside-work-tree")  # noqa: SLF001 - its own
    except RequestError as error:
        if _NO_REPOSITORY not in str(error):
            raise
        message = f"{folder.absolute()} is in no git repository; name a file in one, or two files (OLD NEW)"
        raise RequestError(message, option=_OPTION) from None
    try:
        found = there._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")  # noqa: SLF001 - its own
    except RequestError:
        message = f"{revision} is no commit, branch or tag here (origin/main; fetch it first)"
        raise RequestError(message, option=_OPTION) from None
    return replace(there, commit=found.decode().strip())


def _environment() -> dict[str, str]:
    """Git's errors in English, one of which is looked for."""
    return os.environ | {"LC_ALL": "C"}


def _first_line(text: bytes) -> str:
    return next(iter(text.decode("utf-8", "replace").splitlines()), "git failed")
