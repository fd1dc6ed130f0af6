"""git in the folder of a desk, as somebody who is nobody on this machine."""

from __future__ import annotations

import os
import subprocess

from tests.support.desk import Desk

WHO = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")


def git(desk: Desk, *args: str) -> None:
    own = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *WHO, *args], cwd=desk.home, env=own, check=True, capture_output=True)  # noqa: S603, S607 - our own command


def commit_all(desk: Desk) -> None:
    """The first commit, on ``main``."""
    git(desk, "init", "-b", "main")
    git(desk, "add", ".")
    git(desk, "commit", "-m", "first")
