"""The commands, in the order in which a person meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from controller.cli.commands.calendar import calendar
from controller.cli.commands.compare import compare
from controller.cli.commands.diff import diff
from controller.cli.commands.doctor import doctor
from controller.cli.commands.explain import explain
from controller.cli.commands.hold import hold
from controller.cli.commands.iam_policy import iam_policy
from controller.cli.commands.init import init
from controller.cli.commands.override import app as overrides
from controller.cli.commands.plan import plan
from controller.cli.commands.promote import promote
from controller.cli.commands.push import push
from controller.cli.commands.reconcile import reconcile
from controller.cli.commands.simulate import simulate
from controller.cli.commands.stack_parameters import stack_parameters
from controller.cli.commands.status import status
from controller.cli.commands.validate import validate
from controller.cli.commands.versions import versions
from controller.cli.context import DEBUG, CliContext, Exit, command_boundary
from controller.cli.options import example
from controller.cli.render.terminal import be_quiet, printable_lines

DISTRIBUTION = "rekognition-scheduler"

_USAGE_ERROR = typer.BadParameter.__bases__[0]
"""What Typer raises of arguments; from which package depends on its release."""


class PrintableGroup(TyperGroup):
    """Commands whose usage errors echo no argument that steers the terminal."""

    def make_context(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as Typer has it
        with _printable_errors():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as Typer has it
        with _printable_errors():
            return super().invoke(ctx)


@contextmanager
def _printable_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if isinstance(error, _USAGE_ERROR):
            vars(error)["message"] = printable_lines(str(error))
        raise


app = typer.Typer(
    cls=PrintableGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and usage errors are plain text: they end up in pipes and logs, too
    context_settings={"help_option_names": ["-h", "--help"]},
)
EXAMPLES: dict[Callable[..., Exit], str] = {
    init: "init --country US --output office.yaml",
    validate: "validate config/schedule.yaml",
    calendar: "calendar --month 2026-12 --html december.html",
    explain: "explain logos --at 2026-12-24T11:59",
    simulate: "simulate --from 2026-12-21 --faults",
    compare: "compare --html comparison.html",
    plan: "plan --at 2026-12-24T08:00",
    status: "status --watch",
    reconcile: "reconcile --dry-run",
    doctor: "doctor --json",
    versions: "versions logos",
    diff: "diff config/schedule.yaml new.yaml",
    push: "push schedule.yaml s3://bucket/schedule.yaml",
    hold: "hold logos off --for 2h --reason incident",
    promote: "promote logos ARN --dry-run",
    iam_policy: "iam-policy --config schedule.yaml --look-up",
    stack_parameters: "stack-parameters --set DryRun=false",
}
"""Every command, with what ends its help."""

for command, line in EXAMPLES.items():
    app.command(epilog=example(line))(command_boundary(command))
app.add_typer(overrides, name="override")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(_version())
        raise typer.Exit


def _version() -> str:
    """With the packages whose contents decide when something is open."""
    from controller.storage.deployment import listed, versions  # noqa: PLC0415 - seldom asked for

    found = {DISTRIBUTION: "(not installed)"} | versions()
    return listed(found)


@app.callback()
def _root(
    ctx: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="On stderr, nothing but errors.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar=DEBUG, help="Show the traceback of a failure.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the versions.")
    ] = False,
) -> None:
    """Run Amazon Rekognition Custom Labels models by a business-hours schedule, and lose no message.

    Exit codes: 0 fine, 1 failed, 2 the input is wrong, 3 changes are pending (plan) or something wants a
    person (status, doctor); the first of 2, 1, 3 that applies.
    """
    be_quiet(quiet)
    ctx.obj = replace(ctx.obj or CliContext(), debug=debug)
