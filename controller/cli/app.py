"""The Typer application: the options before the command, and the choice of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from controller.cli.commands import COMMANDS, load_command
from controller.cli.options.common import DebugOption, ProfileOption, QuietOption, RegionOption
from controller.cli.render.printable import printable_lines

DISTRIBUTION: Final = "rekognition-scheduler"

_USAGE_ERROR = typer.BadParameter.__bases__[0]
"""The base class of Typer's errors of arguments; which package has it depends on the release of Typer."""


class _UsageError(_USAGE_ERROR):  # type: ignore[misc, valid-type]  # known at run time
    """An error of the arguments, which a terminal shows wrapped between words."""

    def show(self, _file: object = None) -> None:
        from controller.cli.render.terminal import print_error  # noqa: PLC0415 - late, for --help

        print_error(f"Error: {self.format_message()}")


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are chosen; the list of commands needs none of them.

    Usage errors echo no argument that steers the terminal.
    """

    def make_context(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as Typer has it
        with _one_line_errors():
            return super().make_context(*args, **more)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as Typer has it
        name, summary, rest = super().resolve_command(ctx, args)
        return name, summary and load_command(str(name)), rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as Typer has it
        with _one_line_errors():
            return super().invoke(ctx)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """A usage error without the lines that Typer prints above it; an unknown name with where to look."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, _USAGE_ERROR) or type(error).__name__ == "NoArgsIsHelpError":
            raise
        usage: Any = error
        is_name = not isinstance(error, typer.BadParameter) and usage.ctx is not None
        hint = f"; see {usage.ctx.command_path} -h" if is_name else ""
        message = printable_lines(usage.format_message())
        raise _UsageError(f"{message.rstrip('.')}{hint}" if hint else message) from None


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and usage errors are plain text: they end up in pipes and logs, too
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _only_listed() -> None:
    """The entry of a command in the list of commands; ``LazyGroup`` replaces it by the command."""


for name, entry in COMMANDS.items():
    app.command(name, help=entry.summary)(_only_listed)


def _print_version(wanted: bool) -> None:
    """With the packages whose contents decide when something is open."""
    if wanted:
        from controller.storage.versions import listed, versions  # noqa: PLC0415 - for --version alone

        typer.echo(listed({DISTRIBUTION: "(not installed)"} | versions()))
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the versions.")
]


@app.callback()
def _root(
    _quiet: QuietOption = False,
    _debug: DebugOption = False,
    _profile: ProfileOption = None,
    _region: RegionOption = None,
    _version: VersionOption = False,
) -> None:
    """Run Amazon Rekognition Custom Labels models by a business-hours schedule, and lose no message.

    Exit codes: 0 fine, 1 failed, 2 the input is wrong, 3 changes are pending (plan) or action is needed
    (status, doctor); the first of 2, 1, 3 that applies.
    """
