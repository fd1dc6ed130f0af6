"""A virtual clock with scheduled events: advancing it runs those that fall due, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Clock:
    """The time of the embedded AWS, and what is scheduled for later.

    ``now_s`` is in seconds since 1970, UTC: the embedded AWS computes in these, and answers with datetimes.
    """

    def __init__(self, start: datetime) -> None:
        self.now_s = start.timestamp()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return instant(self.now_s)

    def at(self, when_s: float, act: Callable[[], None]) -> None:
        """Do ``act`` when time reaches ``when_s``; acts of one instant run in the order of these calls."""
        heappush(self._due, (max(when_s, self.now_s), next(self._order), act))

    def advance_to(self, when_s: float) -> None:
        if when_s < self.now_s:
            raise ValueError(f"time does not go back: {instant(when_s)} is before {self.now()}")
        due = self._due
        while due and due[0][0] <= when_s:
            self.now_s, _, act = heappop(due)
            act()
        self.now_s = when_s


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class History(Generic[T]):
    """The values of the last ``keep_s`` seconds, to be read as of an earlier moment."""

    def __init__(self, keep_s: float, at_s: float, value: T) -> None:
        self._keep_s = keep_s
        self._entries: deque[tuple[float, T]] = deque([(at_s, value)])

    def note(self, at_s: float, value: T) -> None:
        entries, horizon_s = self._entries, at_s - self._keep_s
        entries.append((at_s, value))
        while entries[1][0] <= horizon_s:
            entries.popleft()

    def at(self, moment_s: float) -> T:
        """The value that held at ``moment_s``; the oldest that is still known when that is longer ago."""
        for at_s, value in reversed(self._entries):
            if at_s <= moment_s:
                return value
        return self._entries[0][1]
