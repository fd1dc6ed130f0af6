"""Openings that change, told: as rows for a person, as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from controller.cli.render.terminal import line, say, say_rest, table
from controller.cli.render.times import interval
from controller.editing.changes import Change, Turn
from controller.loop.report import instant

MOST_SHOWN = 20

SIGNS = {Turn.ADDED: ("+", "green"), Turn.REMOVED: ("-", "red")}


def say_changes(changes: Sequence[Change]) -> None:
    """The first of them."""
    if not changes:
        return
    say(table(("", "openings", "before", "after"), map(row, changes[:MOST_SHOWN])))
    say_rest(len(changes), MOST_SHOWN)


def row(change: Change) -> tuple[str | Text, ...]:
    return line(SIGNS[change.turn]), interval(change.start, change.end, change.zone), change.was, change.now


def as_data(change: Change) -> dict[str, object]:
    return {
        "change": change.turn,
        "start": instant(change.start),
        "end": instant(change.end),
        "was": change.was,
        "now": change.now,
    }


def signed_hours(changes: Iterable[Change]) -> float:
    """Added less removed."""
    signs = {Turn.ADDED: 1, Turn.REMOVED: -1}
    return sum(signs[change.turn] * change.length.total_seconds() / 3600 for change in changes)
