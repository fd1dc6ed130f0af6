"""Makes another version a pipeline's model in a draft of the schedule file, and retires the present one."""

from __future__ import annotations

from dataclasses import dataclass

from controller.config.arns import ModelArn, model_arn
from controller.config.model import Pipeline
from controller.config.selection import pipeline_named
from controller.editing.draft import Draft
from controller.editing.edits import Append, RemoveItems, SetValue
from controller.errors import ConflictError, RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The edit that makes ``new`` the model; ``pipeline`` is as the file before has it."""

    before: Draft
    after: Draft
    pipeline: Pipeline
    new: ModelArn


def promote_version(draft: Draft, name: str, arn: str, earlier: Promotion | None = None) -> Promotion:
    """The edit that makes the version ``arn`` the model of the pipeline ``name``.

    Raises:
        RequestError: there is no such pipeline, or ``arn`` is not of its project.
        ConflictError: the pipeline has another model than ``earlier`` would have retired.
    """
    pipeline = pipeline_named(draft.config, name)
    if earlier is not None and pipeline.model.arn != earlier.pipeline.model.arn:
        raise ConflictError(draft.config.file)
    new = _version_of(pipeline, arn)
    return Promotion(before=draft, after=_promoted(draft, pipeline, new.arn), pipeline=pipeline, new=new)


def _version_of(pipeline: Pipeline, arn: str) -> ModelArn:
    """``arn``, once it is known to be of the pipeline's project."""
    try:
        new, old = model_arn(arn), model_arn(pipeline.model.arn)
    except ValueError as error:
        raise RequestError(str(error), option="ARN") from None
    if not new.beside(old):
        message = (
            f"it is of project {new.project} in {new.region} of account {new.account}; {pipeline.name} has "
            f"{old.project} in {old.region} of account {old.account}"
        )
        raise RequestError(message, option="ARN")
    return new


def _promoted(draft: Draft, pipeline: Pipeline, arn: str) -> Draft:
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
