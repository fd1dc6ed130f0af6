"""What ``override`` does to the schedule file, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import typer

from controller.cli.edit_options import EditRequest
from controller.cli.render.changes import signed_hours
from controller.config.model import Config
from controller.config.values import nearest
from controller.editing import entries
from controller.editing.changes import OpeningChange, openings, usd_per_hour
from controller.editing.draft import Draft
from controller.editing.edits import Append, RemoveItems
from controller.editing.overrides import Override, overlapping
from controller.editing.time_range import minute, term
from controller.errors import ConflictError
from controller.schedule import Schedule, load_zone
from controller.schedule.timeline import HORIZON

_DAY = timedelta(days=1)
"""How far beyond its dates an override matters: a window of the date before may run into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEdit:
    """``changes`` are those of the openings, from now on, by schedule."""

    before: Draft
    after: Draft
    added: tuple[Override, ...]
    removed: tuple[Override, ...]
    changes: tuple[tuple[str, tuple[OpeningChange, ...]], ...]

    @property
    def costs(self) -> Iterator[tuple[str, float, float]]:
        """Of each pipeline that has more or fewer open hours: its name, the hours, and USD."""
        for name, changes in self.changes:
            hours = signed_hours(changes)
            for pipeline in self.after.config.pipelines if hours else ():
                if pipeline.schedule == name:
                    yield pipeline.name, hours, hours * usd_per_hour(pipeline)


def added(draft: Draft, wish: EditRequest, now: datetime) -> OverrideEdit:
    """With the override that is wished for.

    Raises:
        BadParameter: it is for nothing that the file has, at no proper time, or against another one.
    """
    name = schedule_named(draft.config, wish.target)
    zone = load_zone(draft.config.specs[name].zone)
    over = term(wish.asked, zone, now)
    others = overlapping(draft.overrides, name, over.start, over.end)
    if others and not wish.asked.force:
        raise typer.BadParameter(_in_the_way(draft.config, others))
    entry = entries.override(over.start, over.end, wish.state, zone, wish.why)
    after = draft.edited(Append(path=("schedules", name, "overrides"), item=entry))
    new = [each for each in after.overrides if each.schedule == name][-1:]
    return _edited(draft, after, now, added=new)


def removed(draft: Draft, chosen: Sequence[Override], now: datetime) -> OverrideEdit:
    after = draft
    for name in dict.fromkeys(each.schedule for each in chosen):
        indexes = frozenset(each.index for each in chosen if each.schedule == name)
        after = after.edited(RemoveItems(path=("schedules", name, "overrides"), indexes=indexes))
    return _edited(draft, after, now, removed=chosen)


def _edited(
    before: Draft,
    after: Draft,
    now: datetime,
    *,
    added: Sequence[Override] = (),
    removed: Sequence[Override] = (),
) -> OverrideEdit:
    touched = (*added, *removed)
    return OverrideEdit(
        before=before,
        after=after,
        added=tuple(added),
        removed=tuple(removed),
        changes=tuple(
            (
                name,
                _changes(
                    before.config, after.config, [each for each in touched if each.schedule == name], now
                ),
            )
            for name in dict.fromkeys(each.schedule for each in touched)
        ),
    )


def _changes(
    before: Config, after: Config, touched: Sequence[Override], now: datetime
) -> tuple[OpeningChange, ...]:
    """Of the openings of one schedule, from now; of those that last for years, the first of them."""
    name = touched[0].schedule
    # From the minute that it is, as the term is: nobody reads of seconds.
    start = max(min(each.start for each in touched) - _DAY, minute(now))
    end = min(max(each.end for each in touched) + _DAY, start + HORIZON)
    if start >= end:
        return ()
    return openings(Schedule(before.specs[name]), Schedule(after.specs[name]), start, end)


def _in_the_way(config: Config, others: tuple[Override, ...]) -> str:
    them = "; ".join(f"{config.file}:{each.line}: {each.label}" for each in others)
    return (
        f"it would overlap {them}; choose another time, take that one back (override clear … --line "
        f"{others[0].line}), or lay this one over it (--force)"
    )


def of(draft: Draft, target: str | None) -> tuple[Override, ...]:
    """In file order; ``None``: of every schedule."""
    if target is None:
        return draft.overrides
    name = schedule_named(draft.config, target)
    return tuple(each for each in draft.overrides if each.schedule == name)


def in_lines(found: tuple[Override, ...], lines: list[int]) -> tuple[Override, ...]:
    by_line = {each.line: each for each in found}
    for number in lines:
        if number not in by_line:
            known = ", ".join(map(str, by_line)) or "none"
            message = f"no override of it begins in line {number} (there are: {known}; override list)"
            raise typer.BadParameter(message, param_hint="--line")
    return tuple(by_line[number] for number in dict.fromkeys(lines))


def the_same(found: tuple[Override, ...], earlier: OverrideEdit) -> tuple[Override, ...]:
    """Those that ``earlier`` would have taken away, in a file that somebody has changed since.

    Raises:
        ConflictError: they are not all there, or one of them is there twice.
    """
    meant = [_meaning(each) for each in earlier.removed]
    chosen = tuple(each for each in found if _meaning(each) in meant)
    if sorted(map(_meaning, chosen)) != sorted(meant):
        raise ConflictError(earlier.before.config.file)
    return chosen


def _meaning(override: Override) -> tuple[str, datetime, datetime, str]:
    """Wherever it stands."""
    return override.schedule, override.start, override.end, override.label


def in_force(found: tuple[Override, ...], now: datetime) -> tuple[Override, ...]:
    """Those with ``from`` and ``until`` that hold now; one of dates was planned, and is named by its line."""
    chosen = tuple(each for each in found if each.spans and each.start <= now < each.end)
    if not chosen:
        known = "; ".join(f"line {each.line}: {each.label}" for each in found) or "there is none"
        raise typer.BadParameter(f"no override from … until … holds now; name one by --line ({known})")
    return chosen


def schedule_named(config: Config, name: str) -> str:
    """The schedule of that name, or that of the pipeline of that name.

    ``schedules.NAME`` and ``pipelines.NAME`` say which of the two is meant.
    """
    by_pipeline = {pipeline.name: pipeline.schedule for pipeline in config.pipelines}
    meanings = {
        **{f"schedules.{each}": each for each in config.specs},
        **{f"pipelines.{each}": schedule for each, schedule in by_pipeline.items()},
    }
    if name in meanings:
        return meanings[name]
    found = {meanings[full] for full in (f"schedules.{name}", f"pipelines.{name}") if full in meanings}
    if len(found) > 1:
        full = f"schedules.{name} or pipelines.{name}"
        message = f'"{name}" is a schedule, and a pipeline with another one; say {full}'
        raise typer.BadParameter(message)
    if not found:
        known = (*by_pipeline, *config.specs)
        instead = nearest(name, known) or f"; {config.file} has {', '.join(known)}"
        raise typer.BadParameter(f'"{name}" is neither a pipeline nor a schedule{instead}')
    return found.pop()
