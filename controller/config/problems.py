"""From what was found to what is told: in the order of the file, each once, no more than a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_TOLD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinted(Complaint):
    """``hint`` ends the message; only asked for if the complaint is told, as near names take long to find."""

    hint: Callable[[], str]


def in_order(found: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """By place, each place and message once: an alias brings its target's complaints again.

    Of more than ``MOST_TOLD`` the first, and a last one that stands for the others.
    """
    once: dict[tuple[int | None, int | None, str], Complaint] = {}
    for each in found:
        once.setdefault((each.line, each.column, each.message), each)
    ordered = sorted(once.values(), key=lambda each: (each.line or 0, each.column or 0))
    told, more = tuple(map(_told, ordered[:MOST_TOLD])), len(ordered) - MOST_TOLD
    return (*told, Complaint(message=f"and {more:,} more", count=more)) if more > 0 else told


def _told(found: Complaint) -> Complaint:
    if not isinstance(found, Hinted):
        return found
    message = f"{found.message}{found.hint()}"
    return Complaint(message=message, path=found.path, line=found.line, column=found.column)
