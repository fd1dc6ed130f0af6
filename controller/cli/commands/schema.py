"""``schema``: the JSON Schema of the schedule file, for editors."""

from __future__ import annotations

import typer

from controller.cli.context import Exit, command_boundary
from controller.config.json_schema import text


@command_boundary
def schema(ctx: typer.Context) -> Exit:  # noqa: ARG001 - as every command
    """Print the JSON Schema of the file, for editors.

    Save it as schedule.schema.json beside the file; the file's first line names it:
    # yaml-language-server: $schema=schedule.schema.json
    """
    typer.echo(text(), nl=False)
    return Exit.OK
