"""Adds and removes overrides in a draft of the schedule file; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.config.model import Config
from controller.config.selection import target_schedule
from controller.costs import usd_per_hour
from controller.editing import entries
from controller.editing.changes import OpeningChange, opening_changes, signed_hours
from controller.editing.draft import Draft
from controller.editing.edits import Append, RemoveItems
from controller.editing.overrides import Override, Phase, overlapping
from controller.editing.request import EditRequest
from controller.editing.time_range import minute, time_range
from controller.errors import ConflictError, RequestError
from controller.schedule import Schedule, load_zone
from controller.schedule.timeline import HORIZON

_DAY = timedelta(days=1)
"""How far beyond its dates an override matters: a window of the date before may run into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEdit:
    """Overrides that are added or removed, not yet written.

    ``changes`` are those of the openings, from now on, by schedule.
    """

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


def add_override(draft: Draft, request: EditRequest, now: datetime) -> OverrideEdit:
    """The edit that adds the requested override.

    Raises:
        RequestError: it is for nothing that the file has, at no proper time, or against another one.
    """
    name = target_schedule(draft.config, request.target)
    zone = load_zone(draft.config.specs[name].zone)
    lasting = time_range(request.times, zone, now)
    others = overlapping(draft.overrides, name, lasting.start, lasting.end)
    if others and not request.times.force:
        raise RequestError(_overlap(draft.config, others))
    entry = entries.override(lasting.start, lasting.end, request.state, zone, request.why)
    after = draft.edited(Append(path=("schedules", name, "overrides"), item=entry))
    new = [each for each in after.overrides if each.schedule == name][-1:]
    return _edited(draft, after, now, added=new)


def remove_overrides(draft: Draft, chosen: Sequence[Override], now: datetime) -> OverrideEdit:
    """The edit that removes ``chosen``, which ``draft`` has."""
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
    """The openings of one schedule that change from now on; of overrides that last for years, the first."""
    name = touched[0].schedule
    # The time range of an override begins at a full minute, too.
    start = max(min(each.start for each in touched) - _DAY, minute(now))
    end = min(max(each.end for each in touched) + _DAY, start + HORIZON)
    if start >= end:
        return ()
    return opening_changes(Schedule(before.specs[name]), Schedule(after.specs[name]), start, end)


def _overlap(config: Config, others: tuple[Override, ...]) -> str:
    listed = "; ".join(f"{config.file}:{each.line}: {each.label}" for each in others)
    return (
        f"it would overlap {listed}; choose another time, take that one back (override clear … --line "
        f"{others[0].line}), or lay this one over it (--force)"
    )


def overrides_of(draft: Draft, target: str | None) -> tuple[Override, ...]:
    """The overrides of a schedule or a pipeline, in file order; ``None``: of every schedule."""
    if target is None:
        return draft.overrides
    name = target_schedule(draft.config, target)
    return tuple(each for each in draft.overrides if each.schedule == name)


def in_lines(found: tuple[Override, ...], lines: Sequence[int]) -> tuple[Override, ...]:
    """Those of ``found`` that begin in ``lines``; raises ``RequestError`` where none does."""
    by_line = {each.line: each for each in found}
    for number in lines:
        if number not in by_line:
            known = ", ".join(map(str, by_line)) or "none"
            message = f"no override of it begins in line {number} (there are: {known}; override list)"
            raise RequestError(message, option="--line")
    return tuple(by_line[number] for number in dict.fromkeys(lines))


def same_as_removed(found: tuple[Override, ...], earlier: OverrideEdit) -> tuple[Override, ...]:
    """Those of ``found`` that ``earlier`` would have removed, in a file that was changed since.

    Raises:
        ConflictError: they are not all there, or one of them is there twice.
    """
    meant = [_meaning(each) for each in earlier.removed]
    chosen = tuple(each for each in found if _meaning(each) in meant)
    if sorted(map(_meaning, chosen)) != sorted(meant):
        raise ConflictError(earlier.before.config.file)
    return chosen


def _meaning(override: Override) -> tuple[str, datetime, datetime, str]:
    """What identifies an override wherever it stands in the file."""
    return override.schedule, override.start, override.end, override.label


def in_force(found: tuple[Override, ...], now: datetime) -> tuple[Override, ...]:
    """Those of ``found`` that apply now; those of dates only if no other does.

    Raises:
        RequestError: there is none.
    """
    current = tuple(each for each in found if each.phase(now) is Phase.NOW)
    if not current:
        ahead = (each for each in found if each.phase(now) is Phase.AHEAD)
        known = "; ".join(f"line {each.line}: {each.label}" for each in ahead)
        raise RequestError(f"no override holds now{known and f'; name one by --line ({known})'}")
    return tuple(each for each in current if each.spans) or current
