"""A pipeline's served time, unit-hours and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from controller.sim.result import Messages

Interval: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Totals up to now, retired versions of the model included.

    ``served`` are the half-open intervals in which the model was RUNNING and the mapping received, in order;
    ``rounded_unit_hours`` is the bill by begun hours of every run; ``delays_s`` the seconds from
    first enqueue to success, one per processed message.
    """

    served: tuple[Interval, ...]
    billed_unit_hours: float
    rounded_unit_hours: float
    starts: int
    failed_starts: int
    messages: Messages
    delays_s: Sequence[float]


class IntervalRecorder:
    """Collects the intervals in which something was true."""

    def __init__(self) -> None:
        self._closed: list[Interval] = []
        self._since: datetime | None = None

    def note(self, now: datetime, *, active: bool) -> None:
        if active and self._since is None:
            self._since = now
        elif not active and self._since is not None:
            self._closed.append((self._since, now))
            self._since = None

    def until(self, now: datetime) -> tuple[Interval, ...]:
        current = () if self._since is None else ((self._since, now),)
        return (*self._closed, *current)
