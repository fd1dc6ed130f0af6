"""``iam-policy``: what the identity that reconciles a configuration must be allowed to do."""

from __future__ import annotations

from typing import Annotated

import typer

from controller.cli.door import Exit
from controller.cli.inputs import load
from controller.cli.options import ConfigOption
from controller.cli.terminal import remark, say_json
from controller.config.arns import standard_queue
from controller.iam import Known, document, needed


def iam_policy(
    ctx: typer.Context,
    config: ConfigOption = None,
    function: Annotated[
        list[str] | None,
        typer.Option(metavar="ARN", help="A function that a mapping invokes; for each again."),
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option(metavar="ARN", help="A queue that feeds a mapping; for each again.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(metavar="ARN", help="Of this role_arn in the file, not of who assumes it."),
    ] = None,
) -> Exit:
    """Print the IAM policy that the file needs.

    Each action on what the file names; why something is wider is told on stderr.
    """
    loaded = load(config, ctx.obj.clients)
    known = Known(functions=tuple(function or ()), queues=tuple(map(_standard, queue or ())))
    statements = needed(loaded, known, role=role)
    if role is not None and not statements:
        raise typer.BadParameter(f"{loaded.file} has no pipeline with role_arn {role}", param_hint="--role")
    for each in statements:
        if each.why is not None:
            remark(f"note: {each.sid} is for {', '.join(each.resources)}: {each.why}")
    say_json(document(statements))
    return Exit.FINE


def _standard(queue: str) -> str:
    try:
        return standard_queue(queue)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--queue") from None
