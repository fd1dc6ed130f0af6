"""The table of commands: the first line of the help and an example of each, without importing its module.

A command NAME is the function or the Typer group NAME of the module NAME in this folder, blanks and dashes as
underscores. The module is imported when the command is chosen, so that a list of commands, the version and
the completion of a command's name do not wait for the imports of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer
from typer.main import get_command


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """``summary`` is the first line of the command's help, ``example`` ends the help of a single command."""

    summary: str
    example: str = ""


COMMANDS: Final = {
    "init": CommandEntry(
        summary="Write a first schedule file from what the account has.",
        example="init --country US --output office.yaml",
    ),
    "validate": CommandEntry(
        summary="Report every error and warning in the schedule file.",
        example="validate config/schedule.yaml",
    ),
    "schema": CommandEntry(summary="Print the JSON Schema of the file, for editors.", example="schema"),
    "calendar": CommandEntry(
        summary="List the openings of a schedule.",
        example="calendar --month 2026-12 --html december.html",
    ),
    "explain": CommandEntry(
        summary="Explain rule by rule what is desired at a time.",
        example="explain logos --at 2026-12-24T11:59",
    ),
    "simulate": CommandEntry(
        summary="Simulate days with the real loop and an embedded AWS.",
        example="simulate --from 2026-12-21 --faults",
    ),
    "compare": CommandEntry(
        summary="Compare with crons, always on and an oracle.",
        example="compare --html comparison.html",
    ),
    "plan": CommandEntry(
        summary="Show what reconcile would do now, and why.", example="plan --at 2026-12-24T08:00"
    ),
    "status": CommandEntry(
        summary="Show each pipeline's state, cost and problems.", example="status --watch"
    ),
    "reconcile": CommandEntry(
        summary="Move every pipeline a safe step to its desired state.", example="reconcile --dry-run"
    ),
    "doctor": CommandEntry(
        summary="Check the AWS account; name a remedy for each problem.", example="doctor --json"
    ),
    "versions": CommandEntry(summary="List the versions of a model's project.", example="versions logos"),
    "diff": CommandEntry(
        summary="Show what changes from one schedule file to another.",
        example="diff config/schedule.yaml new.yaml",
    ),
    "push": CommandEntry(
        summary="Upload the schedule file to where the Lambda reads it.",
        example="push schedule.yaml s3://bucket/schedule.yaml",
    ),
    "hold": CommandEntry(
        summary="Hold a pipeline off, on, or as it is, until a time.",
        example="hold logos off --for 2h --reason incident",
    ),
    "promote": CommandEntry(
        summary="Replace the version of the model in the file.", example="promote logos v2 --dry-run"
    ),
    "iam-policy": CommandEntry(
        summary="Print the IAM policy that the file needs.",
        example="iam-policy --config schedule.yaml --look-up",
    ),
    "stack-parameters": CommandEntry(
        summary="Write the parameters with which the stack is deployed.",
        example="stack-parameters --set DryRun=false",
    ),
    "override": CommandEntry(summary="Open or close a schedule for a while."),
}
"""In the order of the help: from the first file to daily use."""


def example(line: str) -> str:
    """The last line of a command's help; ``line`` is short enough for one line."""
    return f"Example: rekognition-scheduler {line}"


def load_command(name: str) -> Any:  # noqa: ANN401 - a command of Click, from the package that Typer has it in
    """The command of that name in ``COMMANDS``, its module imported."""
    word = name.replace("-", "_")
    found = getattr(import_module(f"{__name__}.{word}"), word)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, epilog=example(COMMANDS[name].example))(found)
    return get_command(alone)
