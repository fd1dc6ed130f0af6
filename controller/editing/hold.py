"""Sets and clears the hold of a pipeline in a draft of the schedule file; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.aws.clients import no_clients
from controller.config.model import Config, Pipeline
from controller.config.selection import pipeline_named
from controller.core.rules import DesiredState, desired_state
from controller.core.states import Desired
from controller.editing import entries
from controller.editing.changes import ChangeKind, OpeningChange
from controller.editing.draft import Draft
from controller.editing.edits import RemoveKey, SetValue
from controller.editing.request import EditRequest
from controller.editing.time_range import TimeRange, time_range
from controller.errors import ConflictError, RequestError
from controller.loop.context import PipelineContext, pipeline_contexts
from controller.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPipeline:
    """A pipeline with what the rules desire now, its model and queue being as scheduled."""

    file: str
    pipeline: Pipeline
    schedule: Schedule
    desire: DesiredState


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEdit:
    """A hold that is set or cleared, not yet written.

    ``changes`` are those of the openings while the hold lasts; none where it is cleared.
    """

    before: Draft
    after: Draft
    held_before: HeldPipeline
    held_after: HeldPipeline
    changes: tuple[OpeningChange, ...] = ()


def set_hold(draft: Draft, request: EditRequest, now: datetime) -> HoldEdit:
    """The edit that adds the requested hold.

    Raises:
        RequestError: there is no such pipeline, no such time, or another hold in force.
    """
    context = _context(draft.config, request.target)
    zone = context.schedule.zone
    lasting = time_range(request.times, zone, now)
    _refuse_another(draft, context.pipeline, now, force=request.times.force)
    value = entries.hold(request.state, lasting.end, zone, request.why)
    after = draft.edited(SetValue(path=_path(context.pipeline), value=value))
    held = _held(after, request.target, now)
    return HoldEdit(
        before=draft,
        after=after,
        held_before=_held(draft, request.target, now),
        held_after=held,
        changes=tuple(_changes(held, lasting)),
    )


def clear_hold(draft: Draft, name: str, now: datetime, earlier: HoldEdit | None = None) -> HoldEdit:
    """The edit that removes the hold of the pipeline ``name``, if it has one.

    Raises:
        ConflictError: it is not the one that ``earlier`` would have taken away.
    """
    held = _held(draft, name, now)
    hold = held.pipeline.settings.hold
    if earlier is not None and hold not in {None, earlier.held_before.pipeline.settings.hold}:
        raise ConflictError(draft.config.file)
    after = draft.edited(RemoveKey(path=_path(held.pipeline))) if hold is not None else draft
    return HoldEdit(before=draft, after=after, held_before=held, held_after=_held(after, name, now))


def _path(pipeline: Pipeline) -> tuple[str, ...]:
    return "pipelines", pipeline.name, "hold"


def _refuse_another(draft: Draft, pipeline: Pipeline, now: datetime, *, force: bool) -> None:
    another = pipeline.settings.hold
    if another is None or another.until <= now or force:
        return
    line = pipeline.settings.lines["hold"]
    raise RequestError(
        f"{draft.config.file}:{line} holds it already ({another.reason}); take that back "
        f"(hold {pipeline.name} --clear), or put this one in its place (--force)"
    )


def _held(draft: Draft, name: str, now: datetime) -> HeldPipeline:
    context = _context(draft.config, name)
    return HeldPipeline(
        file=draft.config.file,
        pipeline=context.pipeline,
        schedule=context.schedule,
        desire=desired_state(context.unobserved(now)),
    )


def _context(config: Config, name: str) -> PipelineContext:
    pipeline = pipeline_named(config, name)
    return next(each for each in pipeline_contexts(config, no_clients) if each.pipeline is pipeline)


def _changes(held: HeldPipeline, lasting: TimeRange) -> Iterator[OpeningChange]:
    """The openings that ``off`` removes, or the closures that ``on`` opens; ``as-is`` changes none."""
    hold = held.pipeline.settings.hold
    if hold is None or hold.desired is Desired.AS_IS:
        return
    is_off = hold.desired is Desired.OFF
    spans = held.schedule.openings if is_off else held.schedule.closures
    for each in spans(lasting.start, lasting.end):
        yield OpeningChange(
            kind=ChangeKind.REMOVED if is_off else ChangeKind.ADDED,
            start=each.start,
            end=each.end,
            reason_before=each.reason,
            reason_after=f"hold ({hold.reason})",
            zone=held.schedule.zone,
        )
