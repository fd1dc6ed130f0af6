"""The commands, in the order in which a person meets them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from controller.cli.calendar import calendar
from controller.cli.compare import compare
from controller.cli.diff import diff
from controller.cli.doctor import doctor
from controller.cli.door import DEBUG, Door, guarded
from controller.cli.explain import explain
from controller.cli.hold import hold
from controller.cli.iam_policy import iam_policy
from controller.cli.init import init
from controller.cli.override import app as overrides
from controller.cli.plan import plan
from controller.cli.promote import promote
from controller.cli.push import push
from controller.cli.reconcile import reconcile
from controller.cli.simulate import simulate
from controller.cli.status import status
from controller.cli.validate import validate
from controller.cli.versions import versions

DISTRIBUTION = "rekognition-scheduler"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and usage errors are plain text: they end up in pipes and logs, too
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    init,
    validate,
    calendar,
    explain,
    simulate,
    compare,
    plan,
    status,
    reconcile,
    doctor,
    versions,
    diff,
    push,
    hold,
    promote,
    iam_policy,
):
    app.command()(guarded(command))
app.add_typer(overrides, name="override")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{DISTRIBUTION} {_version()}")
        raise typer.Exit


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - seldom asked for

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "(not installed)"


@app.callback()
def _root(
    ctx: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", envvar=DEBUG, help="Show the traceback of a failure.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version.")
    ] = False,
) -> None:
    """Run Amazon Rekognition Custom Labels models by a business-hours schedule, and lose no message.

    Exit codes: 0 fine, 1 failed, 2 the input is wrong, 3 changes are pending (plan) or something wants a
    person (doctor).
    """
    ctx.obj = replace(ctx.obj or Door(), debug=debug)
