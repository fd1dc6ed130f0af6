"""Bounds of what may be desired of a pipeline, from the true state of the embedded AWS.

The monitor holds the controller to them, so they share no code with the rules: the hours are evaluated by
``controller.sim.checks.hours``, and the numbers of the rules stand here a second time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from controller.config.model import Config
from controller.core.settings import Settings
from controller.core.states import Desired
from controller.schedule.zones import load_zone
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.rekognition import STARTABLE
from controller.sim.aws.transport import SentCall
from controller.sim.checks.hours import HORIZON, HoursOracle, Instant

SHORTEST_LEAD, LONGEST_LEAD = timedelta(minutes=5), timedelta(minutes=45)
"""The bounds of a learned lead."""
STOP_AND_DRAIN = timedelta(minutes=15)
"""A closure no longer than this and the lead is bridged."""
EMPTY_ANSWER_AGE = timedelta(minutes=65)
"""How much earlier than its last answer the queue may be remembered to have been empty, at most."""
DANGER_CHECK = timedelta(minutes=5)
COUNTS = tuple(f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed"))
LONGEST_START = timedelta(hours=2)
"""How long after a message was first in danger the model may come up, failed starts included."""

ON, WARM, OFF = (frozenset({each}) for each in (Desired.ON, Desired.WARM, Desired.OFF))
EITHER = ON | OFF


class ExpectedBounds:
    """What may be desired of each pipeline of ``config`` at an instant; pipelines by name."""

    def __init__(self, aws: EmbeddedAws, config: Config, tick: timedelta) -> None:
        self._aws = aws
        self._tick = tick
        self._in_danger: dict[str, datetime] = {}
        self._empty_at: dict[str, datetime] = {}
        self._read(config)
        aws.listen(self._hear)
        self._watch()

    def _read(self, config: Config) -> None:
        hours = {name: HoursOracle(spec, load_zone(spec.zone)) for name, spec in config.specs.items()}
        self._pipelines = {pipeline.name: pipeline for pipeline in config.pipelines}
        self._hours = {pipeline.name: hours[pipeline.schedule] for pipeline in config.pipelines}

    def _watch(self) -> None:
        """Check at intervals: a message may be in danger and expire between two calls."""
        self._look()
        clock = self._aws.world.clock
        clock.at(clock.now_s + DANGER_CHECK.total_seconds(), self._watch)

    def _look(self) -> None:
        at = self._aws.now()
        for name, hours in self._hours.items():
            self._note_danger(name, at, hours.at(at))

    def lose_memory(self) -> None:
        """The controller's process began anew, without knowledge of when the queues were last empty."""
        self._empty_at.clear()

    def _hear(self, call: SentCall) -> None:
        """An answer that a queue is empty: every message that waits later is younger."""
        counts = call.answer["Attributes"] if call.answer is not None and "Attributes" in call.answer else {}
        if isinstance(counts, dict) and {counts.get(name) for name in COUNTS} == {"0"}:
            for name in self._pipelines:
                if self._aws.pipelines[name].queue.settings.name == call.request.resource:
                    self._empty_at[name] = call.at

    def follow(self, config: Config) -> None:
        """Use another configuration; a rescue that began under the earlier one goes on."""
        self._look()
        self._read(config)

    def hands_off(self, name: str, at: datetime) -> bool:
        return self.possible(name, at) == {Desired.AS_IS}

    def may_consume(self, name: str, at: datetime) -> bool:
        """Whether consumption may be enabled; overtime enables nothing."""
        return Desired.ON in (self._held(name, at) or self._by_rules(name, at))

    def possible(self, name: str, at: datetime) -> frozenset[Desired]:
        """What the rules may ask for; more than one state where that depends on what they know."""
        held = self._held(name, at)
        return held or self._by_rules(name, at) | self._overtime(name, at)

    def opened_at(self, name: str, at: datetime) -> datetime | None:
        """When the opening began that the pipeline is in, if it is in one."""
        now = self._hours[name].at(at)
        return now.started_at if now.open else None

    def is_so(self, name: str, at: datetime) -> bool:
        """Whether the true states of model and mapping are among those that may be desired."""
        pipeline = self._aws.pipelines[name]
        model, mapping = pipeline.model.status, pipeline.mapping_state
        if self._pipelines[name].consumer is None:
            return any(_runs_as(desired, model) for desired in self.possible(name, at))
        return any(_is(desired, model, mapping) for desired in self.possible(name, at))

    def _held(self, name: str, at: datetime) -> frozenset[Desired]:
        """Empty without a hold in force."""
        hold = self._pipelines[name].settings.hold
        return frozenset({hold.desired} if hold is not None and at < hold.until else ())

    def _by_rules(self, name: str, at: datetime) -> frozenset[Desired]:
        settings, now = self._pipelines[name].settings, self._hours[name].at(at)
        if now.open:
            return ON if settings.on_demand is None else EITHER
        ahead = WARM if now.explicit else ON
        if self._warms_up(settings, at, now, _surest_lead(settings)):
            return ahead
        found = set(OFF)
        if self._warms_up(settings, at, now, _longest_lead(settings) + self._tick):
            found |= ahead
        if self._is_rescue(name, at, now) or (_is_bridged(settings, now) and not now.explicit):
            found |= ON
        return frozenset(found)

    def _overtime(self, name: str, at: datetime) -> frozenset[Desired]:
        now, length = self._hours[name].at(at), self._pipelines[name].settings.overtime
        if now.open or now.explicit or now.started_at is None or at >= now.started_at + length:
            return frozenset()
        return ON

    def _warms_up(self, settings: Settings, at: datetime, now: Instant, lead: timedelta) -> bool:
        if settings.on_demand is not None or now.ends_at is None:
            return False
        return now.ends_at - at <= lead

    def _is_rescue(self, name: str, at: datetime, now: Instant) -> bool:
        """From when a message may be in danger by the queue's answers, for as long as a start may take."""
        self._note_danger(name, at, now)
        margin, danger = self._margin(name), self._in_danger.get(name)
        return bool(margin) and danger is not None and at <= danger + margin + LONGEST_START

    def _note_danger(self, name: str, at: datetime, now: Instant) -> None:
        margin, retention = self._margin(name), self._retention(name)
        since = [now.started_at if now.started_at is not None else at - HORIZON]
        if self._aws.pipelines[name].queue.oldest_s is not None:
            since.append(self._empty_at.get(name, at - HORIZON) - min(EMPTY_ANSWER_AGE, retention / 8))
        if margin and at >= min(since) + retention - margin:
            self._in_danger[name] = at

    def _margin(self, name: str) -> timedelta:
        return min(self._pipelines[name].settings.rescue or timedelta(0), self._retention(name) / 4)

    def _retention(self, name: str) -> timedelta:
        """The queue's own, which may differ from the file's."""
        return timedelta(seconds=self._aws.pipelines[name].queue.settings.retention_s)


def _is(desired: Desired, model: str, mapping: str) -> bool:
    match desired:
        case Desired.ON:
            return (model, mapping) == ("RUNNING", "Enabled")
        case Desired.WARM:
            return (model, mapping) == ("RUNNING", "Disabled")
        case Desired.OFF:
            return model in STARTABLE and mapping in {"Disabled", "ABSENT"}
        case Desired.AS_IS:
            return True
        case _:
            assert_never(desired)


def _runs_as(desired: Desired, model: str) -> bool:
    """Without a consumer."""
    if desired is Desired.AS_IS:
        return True
    return model in STARTABLE if desired is Desired.OFF else model == "RUNNING"


def _surest_lead(settings: Settings) -> timedelta:
    """The least that the lead can be."""
    return settings.warm_up if settings.warm_up is not None else SHORTEST_LEAD


def _longest_lead(settings: Settings) -> timedelta:
    return settings.warm_up if settings.warm_up is not None else LONGEST_LEAD


def _is_bridged(settings: Settings, now: Instant) -> bool:
    limit = settings.bridge if settings.bridge is not None else _longest_lead(settings) + STOP_AND_DRAIN
    closure = now.ends_at - now.started_at if now.ends_at and now.started_at else None
    return closure is not None and closure <= limit
