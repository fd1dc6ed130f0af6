"""Whether a person agrees to what was just shown."""

from __future__ import annotations

import sys
from typing import Annotated, TypeAlias

import typer

from controller.cli.render.printable import printable

YesOption: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def agreed(question: str, *, yes: bool) -> bool:
    """Asks on stderr; the default is no.

    Raises:
        BadParameter: there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask at; say --yes", param_hint="--yes")
    return typer.confirm(printable(question), err=True)
