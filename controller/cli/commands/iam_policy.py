"""``iam-policy``: the IAM policy of the identity that reconciles a configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Annotated

import typer

from controller.account.iam import NOTHING_KNOWN, Known, Statement, document, needed, needed_to_push
from controller.account.resources import resources_of
from controller.aws.clients import ClientFactory
from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import load
from controller.cli.options.shared import ConfigOption, FileArgument, JsonOption, chosen_file
from controller.cli.render.terminal import print_info, print_json
from controller.config.arns import function_arn, role_arn, standard_queue
from controller.config.model import Config, Pipeline
from controller.errors import ConfigError
from controller.storage.sources import bucket_and_key, is_s3


@command_boundary
def iam_policy(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument = None,
    config: ConfigOption = None,
    function: Annotated[
        list[str] | None,
        typer.Option(metavar="ARN", help="A function that a mapping invokes; repeatable."),
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option(metavar="ARN", help="A queue that feeds a mapping; repeatable.")
    ] = None,
    look_up: Annotated[
        bool, typer.Option("--look-up", help="Look up the functions, queues and projects in AWS.")
    ] = False,
    role: Annotated[
        str | None,
        typer.Option(metavar="ARN", help="For this role_arn in the file, not for what assumes it."),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="s3://BUCKET/KEY", help="For whoever pushes the file there, not for the Lambda."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> Exit:
    """Print the IAM policy that the file needs.

    Each action is limited to what the file names; stderr says why a resource is wider. --json has both.
    """
    known = Known(
        functions=_checked("--function", function_arn, function or ()),
        queues=_checked("--queue", standard_queue, queue or ()),
    )
    _checked("--role", role_arn, () if role is None else (role,))
    if push is not None:
        _check_push(push, alone=known == NOTHING_KNOWN and role is None and not look_up)
    loaded = load(chosen_file(ctx, file, config), ctx.obj.clients)
    if push is not None:
        _print(needed_to_push(loaded, push), as_json)
        return Exit.OK
    if look_up:
        loaded, known = _looked_up(loaded, known, role, ctx.obj.clients)
    statements = needed(loaded, known, role=role)
    if role is not None and not statements:
        raise typer.BadParameter(f"{loaded.file} has no pipeline with role_arn {role}", param_hint="--role")
    _print(statements, as_json)
    return Exit.OK


def _print(statements: tuple[Statement, ...], as_json: bool) -> None:
    if as_json:
        reasons = [
            {"sid": each.sid, "resources": list(each.resources), "why": each.why}
            for each in statements
            if each.why is not None
        ]
        print_json({"policy": document(statements), "wide": reasons})
        return
    for each in statements:
        if each.why is not None:
            print_info(f"note: {each.sid} is for {', '.join(each.resources)}: {each.why}")
    print_json(document(statements))


def _checked(option: str, check: Callable[[object], str], texts: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(map(check, texts))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _check_push(location: str, *, alone: bool) -> None:
    """Refuses what ``push`` would refuse, and options of the policy for the controller."""
    if not alone:
        others = "--function, --queue, --look-up and --role are for what reconciles"
        raise typer.BadParameter(f"whoever pushes reconciles nothing; {others}", param_hint="--push")
    if not is_s3(location):
        raise typer.BadParameter(f'"{location}" is not s3://bucket/key', param_hint="--push")
    try:
        bucket_and_key(location)
    except ConfigError as error:
        raise typer.BadParameter(error.diagnostics[0].message, param_hint="--push") from None


def _looked_up(
    config: Config, given: Known, role: str | None, clients: ClientFactory
) -> tuple[Config, Known]:
    """Adds the resources found in AWS for the pipelines of ``role``; unreadable ones stay unrestricted."""
    pipelines = tuple(each for each in config.pipelines if each.model.target.role_arn == role)
    found = resources_of(pipelines, clients)
    for each in found:
        for problem in each.problems:
            print_info(f"warning: {each.pipeline.name}: {problem}")
    functions = (each.function for each in found)
    queues = (each.queue for each in found)
    known = Known(functions=given.functions or _all_of(functions), queues=given.queues or _all_of(queues))
    projects = {each.pipeline.name: each.project for each in found}
    return replace(config, pipelines=tuple(_with_project(each, projects) for each in config.pipelines)), known


def _all_of(arns: Iterable[str | None]) -> tuple[str, ...]:
    """The ARNs if all of them are known, else none, which allows every resource."""
    found = tuple(dict.fromkeys(arns))
    known = tuple(arn for arn in found if arn is not None)
    return known if len(known) == len(found) else ()


def _with_project(pipeline: Pipeline, projects: dict[str, str | None]) -> Pipeline:
    arn = projects.get(pipeline.name) or pipeline.model.project_arn
    return replace(pipeline, model=replace(pipeline.model, project_arn=arn))
