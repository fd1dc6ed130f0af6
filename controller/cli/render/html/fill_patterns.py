"""Fills rectangles with lines or dots, so that areas can be told apart without colour.

They are drawn one by one: browsers print SVG's own patterns as large pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

STEP = 5.0
"""Distance between two lines."""
DOT = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


def fill_path(kind: str, rect: Rect) -> str | None:
    """The ``d`` of a path; ``None`` for a kind that is plain."""
    pattern = _PATTERNS.get(kind)
    return "".join(pattern(rect)) or None if pattern is not None else None


def _rising(rect: Rect) -> Iterator[str]:
    """``x + y`` is the same along each line."""
    for total in _steps(rect.left + rect.top, rect.right + rect.bottom):
        first, last = max(rect.left, total - rect.bottom), min(rect.right, total - rect.top)
        yield _line(first, total - first, last, total - last)


def _falling(rect: Rect) -> Iterator[str]:
    """``x - y`` is the same along each line."""
    for apart in _steps(rect.left - rect.bottom, rect.right - rect.top):
        first, last = max(rect.left, apart + rect.top), min(rect.right, apart + rect.bottom)
        yield _line(first, first - apart, last, last - apart)


def _crossed(rect: Rect) -> Iterator[str]:
    yield from _rising(rect)
    yield from _falling(rect)


def _grid(rect: Rect) -> Iterator[str]:
    yield from (_line(x, rect.top, x, rect.bottom) for x in _steps(rect.left, rect.right))
    yield from (_line(rect.left, y, rect.right, y) for y in _steps(rect.top, rect.bottom))


def _dotted(rect: Rect) -> Iterator[str]:
    for x in _steps(rect.left, rect.right - DOT):
        yield from (f"M{x:.1f} {y:.1f}h{DOT}" for y in _steps(rect.top, rect.bottom))


_PATTERNS: dict[str, Callable[[Rect], Iterator[str]]] = {
    "starting": _rising,
    "stopping": _falling,
    "vain": _crossed,
    "down": _grid,
    "idle": _dotted,
}


def _steps(start: float, end: float) -> Iterator[float]:
    """The multiples of ``STEP`` strictly between: the patterns of neighbours fit together."""
    at = (ceil(start / STEP) + (start % STEP == 0)) * STEP
    while at < end:
        yield at
        at += STEP


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
