"""What is desired of a pipeline, by a shorter way than the rules': the truth of the embedded AWS is at hand.

It allows what a rule may ask for, no more and hardly less: it is what the monitor holds the controller to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from controller.core.desired import RESTART
from controller.core.settings import Settings
from controller.core.situation import LONGEST_LEAD
from controller.core.states import Desired
from controller.reconcile import Bench
from controller.schedule.model import Moment
from controller.schedule.timeline import HORIZON
from controller.sim.embedded import EmbeddedAws
from controller.sim.wire import Call

DOUBT = timedelta(minutes=65)
"""How long before the last answer of an empty queue it may be remembered to have been empty, at most."""
LOOKS_EVERY = timedelta(minutes=5)
COUNTS = tuple(f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed"))
COMING_UP = timedelta(hours=2)
"""How long after a message was first in danger the model may have come up, failed starts and all."""


class Wishes:
    """Of the pipelines of ``made``, by name."""

    def __init__(self, aws: EmbeddedAws, made: Iterable[Bench], tick: timedelta) -> None:
        self._aws = aws
        self._benches = {bench.pipeline.name: bench for bench in made}
        self._tick = tick
        self._in_danger: dict[str, datetime] = {}
        self._empty_at: dict[str, datetime] = {}
        aws.listen(self._hear)
        self._watch()

    def _watch(self) -> None:
        """What was in danger is known also when it has expired before anybody asks."""
        self._look()
        clock = self._aws.world.clock
        clock.at(clock.now_s + LOOKS_EVERY.total_seconds(), self._watch)

    def _look(self) -> None:
        at = self._aws.now()
        for name, bench in self._benches.items():
            self._note_danger(name, at, bench.schedule.at(at))

    def lose_memory(self) -> None:
        """The controller's process began anew: nobody knows when the queues were last empty."""
        self._empty_at.clear()

    def _hear(self, call: Call) -> None:
        """An answer that a queue is empty: every message that waits later is younger."""
        counts = call.answer["Attributes"] if call.answer is not None and "Attributes" in call.answer else {}
        if isinstance(counts, dict) and {counts.get(name) for name in COUNTS} == {"0"}:
            for name in self._benches:
                if self._aws.pipelines[name].queue.settings.name == call.request.resource:
                    self._empty_at[name] = call.at

    def follow(self, made: Iterable[Bench]) -> None:
        """From now on another file counts; a rescue that began under the earlier one goes on."""
        self._look()
        self._benches = {bench.pipeline.name: bench for bench in made}

    def hands_off(self, name: str, at: datetime) -> bool:
        return self._held(name, at) is Desired.AS_IS

    def may_consume(self, name: str, at: datetime) -> bool:
        held = self._held(name, at)
        if held is not None:
            return held is Desired.ON
        bench = self._benches[name]
        settings, moment = bench.pipeline.settings, bench.schedule.at(at)
        if moment.open or self._is_rescue(name, at, moment):
            return True
        return not moment.explicit and (self._warms_up(settings, at, moment) or _is_bridged(settings, moment))

    def _held(self, name: str, at: datetime) -> Desired | None:
        hold = self._benches[name].pipeline.settings.hold
        return hold.desired if hold is not None and at < hold.until else None

    def _warms_up(self, settings: Settings, at: datetime, moment: Moment) -> bool:
        if settings.on_demand is not None or moment.ends_at is None:
            return False
        return moment.ends_at - at <= _lead(settings) + self._tick

    def _is_rescue(self, name: str, at: datetime, moment: Moment) -> bool:
        """From when a message may be in danger for all that the queue has shown, for as long as it takes."""
        self._note_danger(name, at, moment)
        margin, danger = self._margin(name), self._in_danger.get(name)
        return bool(margin) and danger is not None and at <= danger + margin + COMING_UP

    def _note_danger(self, name: str, at: datetime, moment: Moment) -> None:
        margin, retention = self._margin(name), self._retention(name)
        since = [moment.started_at if moment.started_at is not None else at - HORIZON]
        if self._aws.pipelines[name].queue.oldest_s is not None:
            since.append(self._empty_at.get(name, at - HORIZON) - min(DOUBT, retention / 8))
        if margin and at >= min(since) + retention - margin:
            self._in_danger[name] = at

    def _margin(self, name: str) -> timedelta:
        return min(self._benches[name].pipeline.settings.rescue or timedelta(0), self._retention(name) / 4)

    def _retention(self, name: str) -> timedelta:
        """The queue's own: somebody may have changed it."""
        return timedelta(seconds=self._aws.pipelines[name].queue.settings.retention_s)


def _lead(settings: Settings) -> timedelta:
    return settings.warm_up if settings.warm_up is not None else LONGEST_LEAD


def _is_bridged(settings: Settings, moment: Moment) -> bool:
    limit = settings.bridge if settings.bridge is not None else _lead(settings) + RESTART
    closure = moment.ends_at - moment.started_at if moment.ends_at and moment.started_at else None
    return closure is not None and closure <= limit
