"""What ``hold`` does to the schedule file, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import typer

from controller.cli.edit_options import Wish
from controller.cli.inputs import bench
from controller.config.model import Pipeline
from controller.core.rules import Desire, desire
from controller.core.states import Desired
from controller.editing import entries
from controller.editing.changes import Change, Turn
from controller.editing.draft import Draft
from controller.editing.edits import Drop, Put
from controller.editing.time_range import Term, term
from controller.errors import ConflictError
from controller.loop.reconcile import Bench
from controller.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """``desire`` is what the rules ask for now, the model and the queue being as scheduled."""

    file: str
    pipeline: Pipeline
    schedule: Schedule
    desire: Desire


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """``was`` and ``now`` are the pipeline in the file before and after.

    ``changes`` are what the hold makes of the openings while it lasts; none where it is taken back.
    """

    before: Draft
    after: Draft
    was: Side
    now: Side
    changes: tuple[Change, ...] = ()


def held(draft: Draft, wish: Wish, now: datetime) -> Held:
    """With the hold that is wished for.

    Raises:
        BadParameter: there is no such pipeline, no such time, or another hold in force.
    """
    chosen = bench(draft.config, wish.target)
    over = term(wish.asked, chosen.schedule.zone, now)
    _refuse_another(draft, chosen.pipeline, now, force=wish.asked.force)
    value = entries.hold(wish.state, over.end, chosen.schedule.zone, wish.why)
    after = draft.edited(Put(path=_path(chosen.pipeline), value=value))
    was, made = _side(draft, wish.target, now), _side(after, wish.target, now)
    return Held(before=draft, after=after, was=was, now=made, changes=tuple(_changes(made, over)))


def cleared(draft: Draft, name: str, now: datetime, earlier: Held | None = None) -> Held:
    """Without the hold, if there is one.

    Raises:
        ConflictError: it is not the one that ``earlier`` would have taken away.
    """
    was = _side(draft, name, now)
    hold = was.pipeline.settings.hold
    if earlier is not None and hold not in {None, earlier.was.pipeline.settings.hold}:
        raise ConflictError(draft.config.file)
    after = draft.edited(Drop(path=_path(was.pipeline))) if hold is not None else draft
    return Held(before=draft, after=after, was=was, now=_side(after, name, now))


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


def _side(draft: Draft, name: str, now: datetime) -> Side:
    chosen: Bench = bench(draft.config, name)
    return Side(
        file=draft.config.file,
        pipeline=chosen.pipeline,
        schedule=chosen.schedule,
        desire=desire(chosen.unseen(now)),
    )


def _changes(side: Side, over: Term) -> Iterator[Change]:
    """Off takes the openings away, on adds the closures between them, as it is leaves them to a person."""
    hold = side.pipeline.settings.hold
    if hold is None or hold.desired is Desired.AS_IS:
        return
    is_off = hold.desired is Desired.OFF
    told = side.schedule.openings if is_off else side.schedule.closures
    for each in told(over.start, over.end):
        yield Change(
            turn=Turn.REMOVED if is_off else Turn.ADDED,
            start=each.start,
            end=each.end,
            was=each.reason,
            now=f"hold ({hold.reason})",
            zone=side.schedule.zone,
        )
