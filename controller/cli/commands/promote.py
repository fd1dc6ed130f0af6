"""``promote``: another version of a pipeline's model in the schedule file, the old one among the retired.

As ``override``, it does not ask: promoting the old version again takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from controller.cli import complete
from controller.cli.context import Exit
from controller.cli.edit_options import DryRunOption, remark_written, written
from controller.cli.inputs import context
from controller.cli.options import ConfigOption, JsonOption
from controller.cli.render.terminal import line, remark, say, say_json
from controller.config.arns import model_arn
from controller.errors import ConflictError

if TYPE_CHECKING:
    from controller.config.arns import ModelArn
    from controller.config.model import Pipeline
    from controller.editing.draft import Draft


def promote(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: Annotated[
        str,
        typer.Argument(metavar="PIPELINE", autocompletion=complete.pipelines, help="The pipeline's name."),
    ],
    arn: Annotated[
        str, typer.Argument(metavar="ARN", help="The ARN of another version of the same project.")
    ],
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Put another version of the model into the file.

    Retire the one that is there, and say what else must change: nothing but the file is touched.
    """
    from controller.editing.draft import drafted  # noqa: PLC0415 - late, for --help

    edit, was_written = written(
        lambda: drafted(config, ctx.obj.clients),
        lambda draft, earlier: _promotion(draft, pipeline, arn, earlier),
        dry_run=dry_run,
    )
    if as_json:
        say_json(_as_data(edit, written=was_written))
    else:
        _say(edit)
    remark_written(edit, was_written=was_written, dry_run=dry_run)
    if not as_json and edit.before.text != edit.after.text:
        for step in _steps(edit.pipeline, edit.new):
            remark(f"next: {step}")
    return Exit.FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promotion:
    """``pipeline`` is as the file before has it."""

    before: Draft
    after: Draft
    pipeline: Pipeline
    new: ModelArn


def _promotion(draft: Draft, name: str, arn: str, earlier: _Promotion | None) -> _Promotion:
    """Raises ``ConflictError`` if the pipeline has another model than ``earlier`` would have retired."""
    chosen = context(draft.config, name).pipeline
    if earlier is not None and chosen.model.arn != earlier.pipeline.model.arn:
        raise ConflictError(draft.config.file)
    new = _version_of(chosen, arn)
    return _Promotion(before=draft, after=_promoted(draft, chosen, new.arn), pipeline=chosen, new=new)


def _version_of(pipeline: Pipeline, arn: str) -> ModelArn:
    """``arn``, once it is known to be of the pipeline's project."""
    try:
        new, old = model_arn(arn), model_arn(pipeline.model.arn)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ARN") from None
    if not new.beside(old):
        message = (
            f"it is of project {new.project} in {new.region} of account {new.account}; {pipeline.name} has "
            f"{old.project} in {old.region} of account {old.account}"
        )
        raise typer.BadParameter(message, param_hint="ARN")
    return new


def _promoted(draft: Draft, pipeline: Pipeline, arn: str) -> Draft:
    from controller.editing.edits import Append, RemoveItems, SetValue  # noqa: PLC0415 - late, for --help

    model = ("pipelines", pipeline.name, "model")
    old, retired = pipeline.model.arn, pipeline.model.retired
    if arn == old:
        return draft
    back = (
        [RemoveItems(path=(*model, "retired"), indexes=frozenset({retired.index(arn)}))]
        if arn in retired
        else []
    )
    return draft.edited(
        *back, SetValue(path=(*model, "arn"), value=arn), Append(path=(*model, "retired"), item=old)
    )


def _say(edit: _Promotion) -> None:
    pipeline, new = edit.pipeline, edit.new
    if new.arn == pipeline.model.arn:
        say(f"{pipeline.name}: {new.version} is its model already")
        return
    say(line((pipeline.name, "bold")))
    say(line((f"+ model    {new.arn}", "green")))
    say(line((f"- retired  {pipeline.model.arn}", "red")))


def _steps(pipeline: Pipeline, new: ModelArn) -> tuple[str, ...]:
    """What the file cannot change."""
    return (
        f"let the controller's role handle both versions (its stack's ModelArns: {new.arn}, too)",
        f"hold {pipeline.name} off for the change (hold {pipeline.name} off --for 1h --reason …), and push",
        f"let the inference function ask the new one (its environment: MODEL_ARN={new.arn})",
        f"take the hold back (hold {pipeline.name} --clear), and push --force, since that takes a hold away",
    )


def _as_data(edit: _Promotion, *, written: bool) -> dict[str, object]:
    pipeline, new = edit.pipeline, edit.new
    now = context(edit.after.config, pipeline.name).pipeline.model
    return {
        "file": edit.after.config.file,
        "written": written,
        "pipeline": pipeline.name,
        "before": {"arn": pipeline.model.arn, "retired": list(pipeline.model.retired)},
        "after": {"arn": now.arn, "retired": list(now.retired)},
        "next": list(_steps(pipeline, new)) if now.arn != pipeline.model.arn else [],
    }
