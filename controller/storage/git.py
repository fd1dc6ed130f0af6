"""Reads a file, and the files beside it, as a commit of the git repository around it has them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from controller.errors import RequestError

_OPTION = "--base"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedFolder:
    """The folder of a file in ``commit``, which a person has named ``revision`` (a branch, a tag, a hash)."""

    folder: Path
    revision: str
    commit: str

    def read(self, name: str) -> bytes | None:
        """The contents of the file ``name`` there; ``None``: the commit has no such file."""
        if not self._git("ls-tree", "--name-only", self.commit, "--", name):
            return None
        return self._git("show", f"{self.commit}:./{name}")

    def required(self, name: str) -> bytes:
        """As ``read``; raises ``FileNotFoundError``."""
        found = self.read(name)
        if found is None:
            raise FileNotFoundError(2, f"not in {self.revision}")
        return found

    def _git(self, *args: str) -> bytes:
        """Raises ``RequestError`` with git's own words."""
        command = ("git", "-C", str(self.folder), *args)
        try:
            done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell; the revision is checked
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
    there._git("rev-parse", "--is-inside-work-tree")  # noqa: SLF001 - its own
    try:
        found = there._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")  # noqa: SLF001 - its own
    except RequestError:
        message = f"{revision} is no commit, branch or tag here (origin/main; fetch it first)"
        raise RequestError(message, option=_OPTION) from None
    return replace(there, commit=found.decode().strip())


def _first_line(text: bytes) -> str:
    return next(iter(text.decode("utf-8", "replace").splitlines()), "git failed")
