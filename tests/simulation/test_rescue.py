"""The law of `rescue`: no message expires in a closure that a rescue could have saved; and none too early.

An opening of an hour, a closure of up to ten days, and whatever arrives: before, with receives behind it, or
in the closure at any time. What had to be saved is reckoned here from the messages alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from controller.loop.act import execute
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.reconcile import reconcile
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.sqs import Message, Place
from controller.sim.aws.world import Scenario
from controller.storage.memories import ProcessMemories
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import a_config, utc, with_settings
from tests.support.schedules import span, spec

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
BEGINS, OPENS, CLOSES = (utc(f"2026-11-20T{clock}:00") for clock in ("15", "16", "17"))
RECEIVES = 4
"""A message that was received as often can be received once more."""
VISIBILITY_S = 360.0
MOVE_S = 5 * MINUTE_S
"""A mapping's transition, and some seconds for the messages."""
SETTLED_S = 5 * MINUTE_S
"""So long before the first tick there is what is older, so that its counts tell of it."""
LEAD = timedelta(minutes=30)


@dataclass(frozen=True)
class Sent:
    """``at_s`` is after the closing; the first ``fails`` receives after those that it had before fail."""

    at_s: float
    receives: int
    fails: int


@dataclass(frozen=True)
class Story:
    retention_s: float
    rescue_s: float
    closure_s: float
    sent: tuple[Sent, ...]
    consumed: bool
    """Whether the model starts for the opening; else no start is accepted before the closing."""
    forgets_s: tuple[float, ...] = ()
    """When the memory is lost, in seconds after the closing."""
    seed: int = 0

    @property
    def margin_s(self) -> float:
        return min(self.rescue_s, self.retention_s / 4)

    @property
    def start_s(self) -> float:
        """As slow as a start may be for a rescue that begins a margin before the end."""
        return min(30 * MINUTE_S, self.margin_s - 2 * self.tick_s - 2 * MINUTE_S)

    @property
    def tick_s(self) -> float:
        return (5 if self.retention_s < DAY_S else 15) * MINUTE_S

    @property
    def seen_within_s(self) -> float:
        """How long after a queue became empty it was seen so for certain; its counts are a minute old."""
        return min(HOUR_S, self.retention_s / 16) + self.tick_s + 2 * MINUTE_S


@dataclass
class Told:
    """What became of a story. ``early`` are rescues of young messages in a queue that was seen empty."""

    expired: list[Sent] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    rescues: int = 0


class Play:
    def __init__(self, story: Story) -> None:
        hours = spec(overrides=(span(f"{OPENS:%Y-%m-%dT%H:%M}", f"{CLOSES:%Y-%m-%dT%H:%M}", "open"),))
        usual = with_settings(a_pipeline(), warm_up=LEAD, rescue=timedelta(seconds=story.rescue_s))
        consumer = replace(usual.consumer, retention=timedelta(seconds=story.retention_s))
        config = a_config(replace(usual, consumer=consumer), specs=(replace(hours, name="office"),))
        minutes = story.start_s / MINUTE_S
        scenario = Scenario(
            start=BEGINS - timedelta(seconds=SETTLED_S),
            seed=story.seed,
            traffic=QUIET,
            start_minutes=(minutes, minutes),
        )
        self.story, self.told = story, Told()
        self.aws = EmbeddedAws.for_pipelines(config.pipelines, scenario)
        self.pipeline = self.aws.pipelines["logos"]
        self.queue = self.pipeline.queue
        self.messages: list[tuple[Sent, Message]] = []
        self.world = LoopContext(
            contexts=pipeline_contexts(config, self.aws.clients),
            memories=ProcessMemories(),
            clock=self.aws.now,
            tick=timedelta(seconds=story.tick_s),
            workers=InTurn(),
        )
        self.empty_since_s: float | None = None
        self.younger_than_s: float | None = None

    def __call__(self) -> Told:
        story, begins_s = self.story, (BEGINS - CLOSES).total_seconds()
        waiting = sorted(story.sent, key=lambda each: each.at_s, reverse=True)
        forgets = sorted(story.forgets_s, reverse=True)
        if not story.consumed:
            self.aws.deny("StartProjectVersion", code="ThrottlingException")
        now_s = begins_s
        while now_s < story.closure_s:
            while waiting and waiting[-1].at_s <= now_s:
                self.send(waiting.pop())
            self.aws.advance_to(CLOSES + timedelta(seconds=now_s))
            if now_s >= 0:
                self.aws.unblock()
            if forgets and forgets[-1] <= now_s:
                forgets.pop()
                self.world = replace(self.world, memories=ProcessMemories())
                self.empty_since_s = self.younger_than_s = None
            self.tick(now_s)
            now_s += story.tick_s
        self.told.expired = [sent for sent, message in self.messages if self.is_lost(sent, message)]
        return self.told

    def send(self, sent: Sent) -> None:
        at = CLOSES + timedelta(seconds=sent.at_s)
        self.aws.advance_to(max(at, self.aws.now()))
        if self.empty_since_s is not None and not (self.queue.waiting or self.queue.in_flight):
            seen = sent.at_s - self.empty_since_s >= self.story.seen_within_s
            self.younger_than_s = sent.at_s - self.story.seen_within_s if seen else None
        before = {id(message) for _, _, message in self.queue._by_age}
        self.queue.send(at.timestamp())
        (message,) = (each for _, _, each in self.queue._by_age if id(each) not in before)
        message.receives, message.stubborn = sent.receives, sent.receives + sent.fails
        self.messages.append((sent, message))

    def tick(self, now_s: float) -> None:
        before = self.pipeline.model.status
        reconcile(self.world, act=execute)
        if now_s > 0 and before != "STARTING" == self.pipeline.model.status:
            self.judge_rescue(now_s)
        if self.queue.waiting or self.queue.in_flight:
            self.empty_since_s = None
        elif self.empty_since_s is None:
            self.empty_since_s = now_s

    def judge_rescue(self, now_s: float) -> None:
        self.told.rescues += 1
        safe_for_s = self.story.retention_s - self.story.margin_s
        if self.younger_than_s is not None and now_s < self.younger_than_s + safe_for_s:
            self.told.early.append(f"{now_s / HOUR_S:.2f} h, and none from before {self.younger_than_s}")

    def is_lost(self, sent: Sent, message: Message) -> bool:
        """Whether it expired in the closure though there was time for a rescue."""
        expires_s = sent.at_s + self.story.retention_s
        ended_s = message.ended_at_s - CLOSES.timestamp()
        need_s = self.story.start_s + 2 * self.story.tick_s + MOVE_S + VISIBILITY_S * (1 + sent.fails)
        in_time = expires_s - max(sent.at_s, 0.0) >= need_s
        return message.place is Place.GONE and ended_s >= expires_s and in_time


RETENTIONS_H = (1, 2, 6, 24, 96, 336)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    retention_s = draw(st.sampled_from(RETENTIONS_H)) * HOUR_S
    rescue_s = draw(st.sampled_from((1, 6, 12, 48))) * HOUR_S
    closure_s = draw(st.sampled_from((0.2, 0.9, 1.1, 1.6, 2.6))) * retention_s
    closure_s = max(HOUR_S, min(closure_s, 240 * HOUR_S))
    slow = min(rescue_s, retention_s / 4) >= HOUR_S

    def some() -> st.SearchStrategy[Sent]:
        before, within = st.floats(-0.95, 0.0), st.floats(0.0, 1.0)
        at_s = st.one_of(before.map(lambda part: part * retention_s), within.map(lambda p: p * closure_s))
        receives = st.integers(0, RECEIVES)
        return st.tuples(at_s, receives, st.integers(0, 2 if slow else 0)).map(
            lambda each: Sent(each[0], each[1], min(each[2], RECEIVES - each[1]))
        )

    return Story(
        retention_s=retention_s,
        rescue_s=rescue_s,
        closure_s=closure_s,
        sent=tuple(draw(st.lists(some(), min_size=1, max_size=8))),
        consumed=draw(st.booleans()),
        forgets_s=tuple(draw(st.lists(st.floats(0.0, closure_s), max_size=1))),
        seed=draw(st.integers(0, 99)),
    )


FOUR_DAYS_S = 96 * HOUR_S
RECEIVED_THRICE = Story(
    retention_s=FOUR_DAYS_S,
    rescue_s=12 * HOUR_S,
    closure_s=111 * HOUR_S,
    sent=(Sent(-HOUR_S, 3, 0), Sent(66 * HOUR_S, 0, 0)),
    consumed=False,
)

READ_BETWEEN_TWO_NOTES = Story(
    retention_s=2 * HOUR_S,
    rescue_s=HOUR_S,
    closure_s=1.8 * HOUR_S,
    sent=tuple(Sent(at_s, 0, 0) for at_s in (-5400.0, -3600.0, -900.0, 582.1875)),
    consumed=True,
)
"""The queue is seen empty at the closing, shortly after that was last written down."""


@settings(deadline=None, max_examples=60)
@example(RECEIVED_THRICE)
@example(READ_BETWEEN_TWO_NOTES)
@given(stories())
def test_no_message_expires_that_a_rescue_could_have_saved_and_none_is_rescued_too_early(story):
    told = Play(story)()
    assert told.expired == []
    assert told.early == []


def test_a_message_that_was_received_three_times_is_rescued_and_the_young_one_with_it():
    assert Play(RECEIVED_THRICE)().rescues == 1
