"""Puts diagnostics in the order of the file, each once, and no more of them than a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HintedDiagnostic(Diagnostic):
    """A diagnostic whose message ends in ``hint``, computed only if shown: near names take long to find."""

    hint: Callable[[], str]


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By place, each place and message once: an alias brings its target's diagnostics again.

    Of more than ``MAX_SHOWN`` the first, and a last one that stands for the others.
    """
    once: dict[tuple[int | None, int | None, str], Diagnostic] = {}
    for each in found:
        once.setdefault((each.line, each.column, each.message), each)
    ordered = sorted(once.values(), key=lambda each: (each.line or 0, each.column or 0))
    shown, more = tuple(map(_with_hint, ordered[:MAX_SHOWN])), len(ordered) - MAX_SHOWN
    return (*shown, Diagnostic(message=f"and {more:,} more", count=more)) if more > 0 else shown


def _with_hint(found: Diagnostic) -> Diagnostic:
    if not isinstance(found, HintedDiagnostic):
        return found
    message = f"{found.message}{found.hint()}"
    return Diagnostic(message=message, path=found.path, line=found.line, column=found.column)
