"""Changed openings as rows of a table and as JSON data."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from controller.cli.render.terminal import line, print_out, print_rest, table
from controller.core.timefmt import interval
from controller.editing.changes import ChangeKind, OpeningChange
from controller.loop.report import instant

MOST_SHOWN = 20

SIGNS = {ChangeKind.ADDED: ("+", "green"), ChangeKind.REMOVED: ("-", "red")}


def print_changes(changes: Sequence[OpeningChange]) -> None:
    """The first of them."""
    if not changes:
        return
    print_out(table(("", "openings", "before", "after"), map(row, changes[:MOST_SHOWN])))
    print_rest(len(changes), MOST_SHOWN)


def row(change: OpeningChange) -> tuple[str | Text, ...]:
    when = interval(change.start, change.end, change.zone)
    return line(SIGNS[change.kind]), when, change.reason_before, change.reason_after


def as_data(change: OpeningChange) -> dict[str, object]:
    return {
        "change": change.kind,
        "start": instant(change.start),
        "end": instant(change.end),
        "was": change.reason_before,
        "now": change.reason_after,
    }
