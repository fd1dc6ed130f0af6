"""Lists the overrides of a schedule file, and those that a new one would overlap."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from controller.config.yaml_tree import Scalar, entries, find, items
from controller.schedule import load_zone
from controller.schedule.model import SpanOverride
from controller.schedule.walltime import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from controller.config.model import Config
    from controller.config.yaml_tree import Node


class Phase(StrEnum):
    """When an override applies, seen from now."""

    PAST = "past"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An override of the file.

    ``[start, end)`` is when it can matter (aware UTC); ``index`` is its place in the schedule's list.
    ``label`` is as in the reasons of openings. ``spans``: it has ``from`` and ``until``, and
    its ``state`` is ``open`` or ``closed``; else its ``state`` is the hours of its dates.
    """

    schedule: str
    index: int
    line: int
    start: datetime
    end: datetime
    label: str
    state: str
    spans: bool
    reason: str | None
    by: str | None

    def phase(self, now: datetime) -> Phase:
        if self.end <= now:
            return Phase.PAST
        return Phase.NOW if self.start <= now else Phase.AHEAD


def overrides(config: Config) -> tuple[Override, ...]:
    """The overrides of every schedule, in file order."""
    return tuple(each for name in config.specs for each in _of_schedule(config, name))


def _of_schedule(config: Config, name: str) -> Iterator[Override]:
    spec = config.specs[name]
    zone, nodes = load_zone(spec.zone), items(find(config.tree.root, "schedules", name, "overrides"))
    for index, (override, node) in enumerate(zip(spec.overrides, nodes, strict=True)):
        start, end = bounds(override, zone)
        yield Override(
            schedule=name,
            index=index,
            line=override.rule.line,
            start=start,
            end=end,
            label=override.rule.label,
            state=_text(node, "state") or _text(node, "hours") or "",
            spans=isinstance(override, SpanOverride),
            reason=_text(node, "reason"),
            by=_text(node, "by"),
        )


def _text(node: Node, key: str) -> str | None:
    """Hours may be a list of texts, or a week of hours."""
    found = find(node, key)
    if days := entries(found):
        return ", ".join(f"{day.text} {_listed(hours)}" for day, hours in days)
    return _listed(found) or None


def _listed(node: Node | None) -> str:
    return ", ".join(each.text for each in (items(node) or (node,)) if isinstance(each, Scalar))


def overlapping(
    known: tuple[Override, ...], schedule: str, start: datetime, end: datetime
) -> tuple[Override, ...]:
    """The overrides of ``schedule`` that have a part of ``[start, end)``, whatever their effect."""
    return tuple(
        each for each in known if each.schedule == schedule and each.start < end and each.end > start
    )
