"""Ctrl-C and a polite kill: a watch ends after the tick that runs, or at once while it sleeps."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class SignalGuard:
    """``sleep`` raises ``KeyboardInterrupt`` when the end was asked for; nothing else is interrupted.

    Asked twice, it ends at once, in the middle of a tick too: the next tick of anyone picks up what is left.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.asked = False
        self._sleep = sleep
        self._sleeping = False

    def sleep(self, seconds: float) -> None:
        self._sleeping = True
        try:
            if self.asked:
                raise KeyboardInterrupt  # noqa: TRY301 - as if Ctrl-C came now
            self._sleep(seconds)
        except KeyboardInterrupt:
            self.asked = True
            raise
        finally:
            self._sleeping = False

    @contextmanager
    def heeded(self) -> Iterator[None]:
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(each, self._ask) for each in signals]
        try:
            yield
        finally:
            for each, handler in zip(signals, before, strict=True):
                signal.signal(each, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        again, self.asked = self.asked, True
        if self._sleeping or again:
            raise KeyboardInterrupt
