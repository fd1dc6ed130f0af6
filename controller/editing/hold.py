"""What ``hold`` does to the schedule file, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import typer

from controller.cli.edit_options import EditRequest
from controller.cli.inputs import context
from controller.config.model import Pipeline
from controller.core.rules import DesiredState, desire
from controller.core.states import Desired
from controller.editing import entries
from controller.editing.changes import ChangeKind, OpeningChange
from controller.editing.draft import Draft
from controller.editing.edits import RemoveKey, SetValue
from controller.editing.time_range import TimeRange, term
from controller.errors import ConflictError
from controller.loop.reconcile import PipelineContext
from controller.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPipeline:
    """``desire`` is what the rules ask for now, the model and the queue being as scheduled."""

    file: str
    pipeline: Pipeline
    schedule: Schedule
    desire: DesiredState


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEdit:
    """``was`` and ``now`` are the pipeline in the file before and after.

    ``changes`` are what the hold makes of the openings while it lasts; none where it is taken back.
    """

    before: Draft
    after: Draft
    was: HeldPipeline
    now: HeldPipeline
    changes: tuple[OpeningChange, ...] = ()


def held(draft: Draft, wish: EditRequest, now: datetime) -> HoldEdit:
    """With the hold that is wished for.

    Raises:
        BadParameter: there is no such pipeline, no such time, or another hold in force.
    """
    chosen = context(draft.config, wish.target)
    over = term(wish.asked, chosen.schedule.zone, now)
    _refuse_another(draft, chosen.pipeline, now, force=wish.asked.force)
    value = entries.hold(wish.state, over.end, chosen.schedule.zone, wish.why)
    after = draft.edited(SetValue(path=_path(chosen.pipeline), value=value))
    was, made = _side(draft, wish.target, now), _side(after, wish.target, now)
    return HoldEdit(before=draft, after=after, was=was, now=made, changes=tuple(_changes(made, over)))


def cleared(draft: Draft, name: str, now: datetime, earlier: HoldEdit | None = None) -> HoldEdit:
    """Without the hold, if there is one.

    Raises:
        ConflictError: it is not the one that ``earlier`` would have taken away.
    """
    was = _side(draft, name, now)
    hold = was.pipeline.settings.hold
    if earlier is not None and hold not in {None, earlier.was.pipeline.settings.hold}:
        raise ConflictError(draft.config.file)
    after = draft.edited(RemoveKey(path=_path(was.pipeline))) if hold is not None else draft
    return HoldEdit(before=draft, after=after, was=was, now=_side(after, name, now))


def _path(pipeline: Pipeline) -> tuple[str, ...]:
    return "pipelines", pipeline.name, "hold"


def _refuse_another(draft: Draft, pipeline: Pipeline, now: datetime, *, force: bool) -> None:
    another = pipeline.settings.hold
    if another is None or another.until <= now or force:
        return
    line = pipeline.settings.lines["hold"]
    raise typer.BadParameter(
        f"{draft.config.file}:{line} holds it already ({another.reason}); take that back "
        f"(hold {pipeline.name} --clear), or put this one in its place (--force)"
    )


def _side(draft: Draft, name: str, now: datetime) -> HeldPipeline:
    chosen: PipelineContext = context(draft.config, name)
    return HeldPipeline(
        file=draft.config.file,
        pipeline=chosen.pipeline,
        schedule=chosen.schedule,
        desire=desire(chosen.unseen(now)),
    )


def _changes(side: HeldPipeline, over: TimeRange) -> Iterator[OpeningChange]:
    """Off takes the openings away, on adds the closures between them, as it is leaves them to a person."""
    hold = side.pipeline.settings.hold
    if hold is None or hold.desired is Desired.AS_IS:
        return
    is_off = hold.desired is Desired.OFF
    told = side.schedule.openings if is_off else side.schedule.closures
    for each in told(over.start, over.end):
        yield OpeningChange(
            turn=ChangeKind.REMOVED if is_off else ChangeKind.ADDED,
            start=each.start,
            end=each.end,
            was=each.reason,
            now=f"hold ({hold.reason})",
            zone=side.schedule.zone,
        )
