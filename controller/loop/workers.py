"""Runs one job for each of many pipelines, so that a job that hangs delays none of the others.

``SideBySide`` uses a thread for each job. ``InTurn`` runs them one after another in the caller's thread, as a
simulation needs it: with a virtual clock nothing hangs, and the order is always the same.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import inf
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
Monotonic = Callable[[], float]
"""Seconds of a clock that is never set back."""

AT_ONCE = 16
SLOT_S = 3.0
"""A job that has taken so long no longer counts among those that run at once."""


class Workers(Protocol):
    def run(
        self, jobs: Mapping[str, Callable[[], T]], *, patience_s: float, until_s: float | None = None
    ) -> dict[str, T]:
        """The results of the jobs, by name, of those that ended in time.

        Jobs begin in the order of the mapping, but first those that an earlier run left out. It returns when
        each has ended or has taken ``patience_s`` seconds, and at the instant ``until_s`` of the monotonic
        clock at the latest; what has not ended by then goes on, and its result is dropped. A job catches its
        own exceptions.
        """

    @property
    def busy(self) -> frozenset[str]:
        """Names of the jobs, of this ``run`` or an earlier one, that have not ended yet."""

    def wait(self, names: Collection[str], until_s: float) -> None:
        """Until none of the jobs is busy, or until that instant of the monotonic clock."""


class InTurn:
    """One job after another; none is ever left behind."""

    busy: frozenset[str] = frozenset()

    def run(
        self,
        jobs: Mapping[str, Callable[[], T]],
        *,
        patience_s: float,  # noqa: ARG002 - as Workers
        until_s: float | None = None,  # noqa: ARG002 - as Workers
    ) -> dict[str, T]:
        return {name: job() for name, job in jobs.items()}

    def wait(self, names: Collection[str], until_s: float) -> None:
        """Nothing is busy between two calls."""


@dataclass(slots=True, kw_only=True)
class SideBySide:
    """At most ``at_once`` jobs, not counting those that have taken longer than ``SLOT_S``.

    The threads are daemons: one that hangs keeps neither a tick nor the process from ending. At most one job
    of a name runs at a time: one whose name is ``busy`` must not be given again.
    """

    at_once: int = AT_ONCE
    monotonic: Monotonic = time.monotonic
    _running: set[str] = field(default_factory=set)
    _left_out: set[str] = field(default_factory=set)
    _changed: Condition = field(default_factory=Condition)

    @property
    def busy(self) -> frozenset[str]:
        with self._changed:
            return frozenset(self._running)

    def run(
        self, jobs: Mapping[str, Callable[[], T]], *, patience_s: float, until_s: float | None = None
    ) -> dict[str, T]:
        ordered = sorted(jobs.items(), key=lambda each: each[0] not in self._left_out)
        run = _Run(self, dict(ordered), patience_s, until_s)
        found = run.results()
        self._left_out = (self._left_out - jobs.keys()) | run.left_out
        return found

    def wait(self, names: Collection[str], until_s: float) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._running.isdisjoint(names), timeout=max(until_s - self.monotonic(), 0.0)
            )

    def start(self, name: str, job: Callable[[], T], ended: SimpleQueue[tuple[str, T]]) -> None:
        with self._changed:
            self._running.add(name)

        def work() -> None:
            try:
                result = job()
            finally:
                with self._changed:
                    self._running.discard(name)
                    self._changed.notify_all()
            ended.put((name, result))

        Thread(target=work, name=name, daemon=True).start()


class _Run(Generic[T]):
    """One call of ``SideBySide.run``: jobs that wait, and since when (monotonic) the others have run."""

    def __init__(
        self,
        pool: SideBySide,
        jobs: dict[str, Callable[[], T]],
        patience_s: float,
        until_s: float | None,
    ) -> None:
        self._pool = pool
        self._waiting = deque(jobs.items())
        self._patience_s = patience_s
        self._until_s = inf if until_s is None else until_s
        self._ended: SimpleQueue[tuple[str, T]] = SimpleQueue()
        self._since: dict[str, float] = {}

    @property
    def left_out(self) -> set[str]:
        """Names of the jobs that did not begin."""
        return {name for name, _ in self._waiting}

    def results(self) -> dict[str, T]:
        found: dict[str, T] = {}
        while (self._waiting or self._since) and self._pool.monotonic() < self._until_s:
            self._begin()
            try:
                name, result = self._ended.get(timeout=max(self._next_s() - self._pool.monotonic(), 0.0))
            except Empty:
                self._give_up()
            else:
                found[name] = result
                self._since.pop(name, None)
        return found

    def _begin(self) -> None:
        while self._waiting and len(self._holding_a_slot()) < self._pool.at_once:
            name, job = self._waiting.popleft()
            self._since[name] = self._pool.monotonic()
            self._pool.start(name, job, self._ended)

    def _holding_a_slot(self) -> list[str]:
        now = self._pool.monotonic()
        return [name for name, since in self._since.items() if now < since + SLOT_S]

    def _next_s(self) -> float:
        """When a slot is free, a job has had its time, or all time is up, whatever is first."""
        now = self._pool.monotonic()
        slots = (since + SLOT_S for since in self._since.values() if self._waiting and since + SLOT_S > now)
        ends = (since + self._patience_s for since in self._since.values())
        return min((*slots, *ends, self._until_s))

    def _give_up(self) -> None:
        now = self._pool.monotonic()
        self._since = {name: since for name, since in self._since.items() if now < since + self._patience_s}
