"""``promote``: replaces the model version of a pipeline in the schedule file, and retires the old one.

It does not ask for confirmation: promoting the old version again reverses it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.options.editing import DryRunOption, edited_file, print_written
from controller.cli.options.shared import ConfigOption, JsonOption, complete_pipelines
from controller.cli.render.terminal import line, print_info, print_json, print_out
from controller.config.arns import ModelArn
from controller.config.model import Pipeline
from controller.config.selection import pipeline_named
from controller.editing.promote import Promotion, promote_version


@command_boundary
def promote(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: Annotated[
        str,
        typer.Argument(metavar="PIPELINE", autocompletion=complete_pipelines, help="The pipeline's name."),
    ],
    arn: Annotated[
        str, typer.Argument(metavar="ARN", help="The ARN of another version of the same project.")
    ],
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Replace the version of the model in the file.

    The current version becomes a retired one. Only the file is changed; what else must change is listed.
    """
    edit, was_written = edited_file(
        ctx, config, lambda draft, earlier: promote_version(draft, pipeline, arn, earlier), dry_run=dry_run
    )
    if as_json:
        print_json(_as_data(edit, written=was_written))
    else:
        _print(edit)
    print_written(edit, was_written=was_written, dry_run=dry_run)
    if not as_json and edit.before.text != edit.after.text:
        for step in _steps(edit.pipeline, edit.new):
            print_info(f"next: {step}")
    return Exit.OK


def _print(edit: Promotion) -> None:
    pipeline, new = edit.pipeline, edit.new
    if new.arn == pipeline.model.arn:
        print_out(f"{pipeline.name}: {new.version} is its model already")
        return
    print_out(line((pipeline.name, "bold")))
    print_out(line((f"+ model    {new.arn}", "green")))
    print_out(line((f"- retired  {pipeline.model.arn}", "red")))


def _steps(pipeline: Pipeline, new: ModelArn) -> tuple[str, ...]:
    """What the file cannot change."""
    return (
        f"let the controller's role handle both versions (its stack's ModelArns: {new.arn}, too)",
        f"hold {pipeline.name} off for the change (hold {pipeline.name} off --for 1h --reason …), and push",
        f"let the inference function ask the new one (its environment: MODEL_ARN={new.arn})",
        f"take the hold back (hold {pipeline.name} --clear), and push --force, since that takes a hold away",
    )


def _as_data(edit: Promotion, *, written: bool) -> dict[str, object]:
    pipeline, new = edit.pipeline, edit.new
    now = pipeline_named(edit.after.config, pipeline.name).model
    return {
        "file": edit.after.config.file,
        "written": written,
        "pipeline": pipeline.name,
        "before": {"arn": pipeline.model.arn, "retired": list(pipeline.model.retired)},
        "after": {"arn": now.arn, "retired": list(now.retired)},
        "next": list(_steps(pipeline, new)) if now.arn != pipeline.model.arn else [],
    }
