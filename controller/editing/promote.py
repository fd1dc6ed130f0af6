"""Makes another version a pipeline's model in a draft of the schedule file, and retires the present one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller.config.arns import ModelArn, model_arn
from controller.config.model import Pipeline
from controller.config.selection import pipeline_named
from controller.core.states import Desired
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


def promote_version(
    draft: Draft, name: str, arn: str, now: datetime | None = None, earlier: Promotion | None = None
) -> Promotion:
    """The edit that makes the version ``arn`` the model of the pipeline ``name``.

    With ``now`` a hold must be in force then, so that neither version is started or consumes meanwhile.

    Raises:
        RequestError: there is no such pipeline, no such hold, or ``arn`` is not of its project.
        ConflictError: the pipeline has another model than ``earlier`` would have retired.
    """
    pipeline = pipeline_named(draft.config, name)
    if earlier is not None and pipeline.model.arn != earlier.pipeline.model.arn:
        raise ConflictError(draft.config.file)
    new = _version_of(pipeline, arn)
    if now is not None and new.arn != pipeline.model.arn and not _is_held(pipeline, now):
        raise RequestError(f"{name} is not held: {_HOLD.format(name=name)}, or say --force")
    return Promotion(before=draft, after=_promoted(draft, pipeline, new.arn), pipeline=pipeline, new=new)


_HOLD = (
    "its consumer would go on asking the old version; first "
    'rekognition-scheduler hold {name} off --for 1h --reason "new version"'
)


def _is_held(pipeline: Pipeline, now: datetime) -> bool:
    hold = pipeline.settings.hold
    return hold is not None and now < hold.until and hold.desired in {Desired.OFF, Desired.AS_IS}


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
