"""``promote``: replaces the model version of a pipeline in the schedule file, and retires the old one.

It asks for no confirmation: the pipeline must be held, and promoting the old version again reverses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from controller.aws.clients import ClientFactory
from controller.cli.commands.versions import project_versions
from controller.cli.context import Exit, command_boundary
from controller.cli.options.editing import DryRunOption, edited_file, print_written
from controller.cli.options.shared import ConfigOption, JsonOption, complete_pipelines
from controller.cli.render.terminal import line, print_info, print_json, print_out
from controller.cli.render.tick import selected_pipeline
from controller.config.arns import model_arn
from controller.config.model import Config
from controller.config.selection import pipeline_named
from controller.config.values import nearest
from controller.editing.draft import Draft
from controller.editing.promote import Promotion, promote_version
from controller.storage.sources import is_s3


@command_boundary
def promote(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: Annotated[
        str,
        typer.Argument(metavar="PIPELINE", autocompletion=complete_pipelines, help="The pipeline's name."),
    ],
    version: Annotated[
        str,
        typer.Argument(metavar="VERSION", help="Another version of the same project: its ARN, or its name."),
    ],
    force: Annotated[bool, typer.Option("--force", help="Even if the pipeline is not held.")] = False,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Replace the version of the model in the file.

    The current version becomes a retired one. Only the file is changed; what else must change is listed.
    The pipeline must be held off or as it is. A name, unlike an ARN, is looked up in AWS.
    """
    now: datetime = ctx.obj.clock()
    held_at = None if force or dry_run else now

    def make(draft: Draft, earlier: Promotion | None) -> Promotion:
        arn = earlier.new.arn if earlier else _arn(draft.config, pipeline, version, ctx.obj.clients)
        return promote_version(draft, pipeline, arn, held_at, earlier)

    edit, was_written = edited_file(ctx, config, make, dry_run=dry_run)
    if as_json:
        print_json(_as_data(edit, now, written=was_written))
    else:
        _print(edit)
    print_written(edit, now, was_written=was_written, dry_run=dry_run)
    if not as_json and edit.before.text != edit.after.text:
        for step in _steps(edit, now, is_push_named=was_written):
            print_info(f"next: {step}")
    return Exit.OK


def _arn(config: Config, name: str, version: str, clients: ClientFactory) -> str:
    """The ARN of a version that is given by its name; anything that looks like an ARN is one."""
    if ":" in version:
        return version
    context = selected_pipeline(config, name, clients)
    found = {model_arn(each.arn).version: each.arn for each in project_versions(context) or ()}
    if version not in found:
        there = nearest(version, found) or (f"; there are: {', '.join(found)}" if found else "")
        message = f'project {context.pipeline.model.project} has no version "{version}"{there}'
        raise typer.BadParameter(message, param_hint="VERSION")
    return found[version]


def _print(edit: Promotion) -> None:
    pipeline, new = edit.pipeline, edit.new
    if new.arn == pipeline.model.arn:
        print_out(f"{pipeline.name}: {new.version} is its model already")
        return
    print_out(line((pipeline.name, "bold")))
    print_out(f"  model    {new.arn} (new)")
    print_out(f"  retired  {pipeline.model.arn} (stopped whenever it runs)")


def _steps(edit: Promotion, now: datetime, *, is_push_named: bool = False) -> Iterator[str]:
    """What the file cannot change; ``is_push_named``: the push was already printed."""
    name, new, hold = edit.pipeline.name, edit.new.arn, edit.pipeline.settings.hold
    is_local = not is_s3(edit.after.config.file)
    yield f"allow the controller's role the new version, too, in its stack's ModelArns: {new}"
    if is_local and not is_push_named:
        yield "push the file"
    yield f"let the inference function call the new version, in its environment: MODEL_ARN={new}"
    if hold is not None and now < hold.until:
        yield f"hold {name} --clear{', and push --force, since that removes a hold' if is_local else ''}"


def _as_data(edit: Promotion, now: datetime, *, written: bool) -> dict[str, object]:
    pipeline = edit.pipeline
    model = pipeline_named(edit.after.config, pipeline.name).model
    return {
        "file": edit.after.config.file,
        "written": written,
        "pipeline": pipeline.name,
        "before": {"arn": pipeline.model.arn, "retired": list(pipeline.model.retired)},
        "after": {"arn": model.arn, "retired": list(model.retired)},
        "next": list(_steps(edit, now)) if model.arn != pipeline.model.arn else [],
    }
