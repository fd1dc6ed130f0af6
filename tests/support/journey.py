"""From ``init`` on an account to an override that ends by itself: the transcript that stands in the runbook.

The account is moto's, the clock stands at 17:05 on a Friday in New York, and moto's own UUID is shown as a
stated one.
"""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from controller.cli.app import app
from controller.cli.context import CliContext
from tests.support.account import an_account

FRIDAY = datetime(2026, 12, 4, 22, 5, tzinfo=UTC)
"""17:05 in New York."""
UUID = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"


def travelled(commands: list[str]) -> str:
    """The commands (``rekognition-scheduler …``), one after another in one folder, each with its output."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        an_account(patch) as account,
    ):
        cli = CliContext(clock=lambda: FRIDAY, clients=account.clients, can_ask=lambda: False)
        with contextlib.chdir(folder):
            told = "".join(f"$ {command}\n{_said(command, cli)}" for command in commands)
        return told.replace(account.uuid, UUID)


def _said(command: str, cli: CliContext) -> str:
    program, *arguments = shlex.split(command)
    assert program == "rekognition-scheduler", command
    result = CliRunner().invoke(
        app,
        arguments,
        prog_name=program,
        obj=cli,
        env={"SCHEDULER_CONFIG": None, "USER": "ana", "COLUMNS": "120"},
    )
    assert result.exit_code == 0, result.output
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())
