"""Runs ticks until interrupted (``--watch``); the file is read again between two ticks."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import FrameType
from typing import Annotated, TypeAlias

import typer

from controller.cli.context import CliContext, Exit
from controller.cli.inputs import read_config
from controller.cli.render.terminal import print_error
from controller.config.model import Config
from controller.config.selection import pipeline_named
from controller.errors import AwsError, ConfigError
from controller.loop.act import Act
from controller.loop.context import InvocationState, LoopContext, pipeline_contexts
from controller.loop.reconcile import reconcile, settle
from controller.loop.report import Report
from controller.storage.sources import STDIN

Sleep: TypeAlias = Callable[[float], None]
Look: TypeAlias = Callable[[Sleep], tuple[Exit, datetime | None]]
"""Prints one observation; returns its exit code and the time of the next expected change."""

WatchOption: TypeAlias = Annotated[
    bool, typer.Option("--watch", help="Repeat at every tick until interrupted.")
]


class SignalGuard:
    """Delays SIGINT and SIGTERM until ``sleep``, which then raises ``KeyboardInterrupt``.

    The second signal ends at once, even within a tick: any later tick continues from there.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.requested = False
        self._sleep = sleep
        self._sleeping = False

    def sleep(self, seconds: float) -> None:
        self._sleeping = True
        try:
            if self.requested:
                raise KeyboardInterrupt  # noqa: TRY301 - as if Ctrl-C came now
            self._sleep(seconds)
        except KeyboardInterrupt:
            self.requested = True
            raise
        finally:
            self._sleeping = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(each, self._request) for each in signals]
        try:
            yield
        finally:
            for each, handler in zip(signals, before, strict=True):
                signal.signal(each, handler)

    def _request(self, _number: int, _frame: FrameType | None) -> None:
        again, self.requested = self.requested, True
        if self._sleeping or again:
            raise KeyboardInterrupt


@dataclass(slots=True, kw_only=True)
class WatchLoop:
    """Repeats invocations until interrupted; without ``act`` nothing is written.

    ``pipeline`` is the only one that is looked at; ``None``: all.
    """

    cli: CliContext
    location: str
    pipeline: str | None = None
    config: Config
    loop_context: LoopContext
    act: Act | None = None
    budget: timedelta = timedelta(0)
    watching: bool = False

    def invocation(self, sleep: Sleep) -> Iterator[Report]:
        return settle(
            self._look,
            clock=self.cli.clock,
            monotonic=self.cli.monotonic,
            sleep=sleep,
            budget=self.budget,
        )

    def _look(self, state: InvocationState) -> Report:
        """Between two invocations ``watch`` wakes at every ``next_check``: none is out of reach."""
        state = replace(state, budget=None) if self.watching else state
        return reconcile(self.loop_context, act=self.act, invocation=state)

    def watch(self, look: Look) -> Exit:
        """Calls ``look`` at each tick; returns the last exit code."""
        if self.location == STDIN:
            raise typer.BadParameter("the standard input can be read once; name a file", param_hint="--watch")
        self.watching = True
        interruption = SignalGuard(self.cli.sleep)
        with interruption.installed():
            while True:
                code, next_check = look(interruption.sleep)
                try:
                    interruption.sleep(_pause_s(self.cli.clock(), self.loop_context.tick, next_check))
                except KeyboardInterrupt:
                    return code
                self._refresh()

    def _refresh(self) -> None:
        """Reads the file again; an unusable one is reported, and the last valid one stays in use."""
        try:
            config = of_pipeline(read_config(self.location, self.cli.clients), self.pipeline)
            if config.digest != self.config.digest:
                self.loop_context = replace(
                    self.loop_context, contexts=pipeline_contexts(config, self.cli.clients)
                )
                self.config = config
        except (ConfigError, AwsError) as error:
            print_error(f"error: {error}\nThe last valid configuration stays in use.")


def of_pipeline(config: Config, name: str | None) -> Config:
    """The configuration with this pipeline alone; with all of them without a name.

    Raises:
        RequestError: there is no such pipeline.
    """
    return config if name is None else replace(config, pipelines=(pipeline_named(config, name),))


def _pause_s(now: datetime, every: timedelta, next_check: datetime | None) -> float:
    """Until the next multiple of the tick since 1970, or until something is expected, if that is nearer."""
    every_s, now_s = every.total_seconds(), now.timestamp()
    due_s = (math.floor(now_s / every_s) + 1) * every_s
    wake_s = due_s if next_check is None else min(due_s, next_check.timestamp())
    return max(wake_s - now_s, 1.0)
