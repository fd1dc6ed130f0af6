"""The law of `rescue`: no message expires in a closure that a rescue could have saved.

Drawn histories in the embedded AWS: messages that wait since long before the opening, that arrive at any
time, that were received any number of times; consumption that failed before the closing; any retention and
closure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from controller.core.settings import Settings
from controller.sim.aws.sqs import Message, Place
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import TICK, Stage, a_config, utc
from tests.support.schedules import span, spec

OPENS, CLOSES = utc("2026-11-23T12:00"), utc("2026-11-23T16:00")
HOUR = timedelta(hours=1)
COMING_UP = timedelta(minutes=35)
"""Two ticks, a start of ten minutes, the mapping's transition, and the visibility timeout of what failed."""
RETENTIONS = tuple(timedelta(hours=hours) for hours in (1, 2, 6, 24, 96, 336))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """``backlog`` are ages at the opening as shares of the retention, ``arrivals`` come in hours after it.

    Each with how often it was received before. ``dies`` says so many minutes before the closing the model
    fails and cannot be started before it.
    """

    retention: timedelta
    closed_h: float
    backlog: tuple[tuple[float, int], ...]
    arrivals: tuple[tuple[float, int], ...]
    dies_min: int | None

    @property
    def margin(self) -> timedelta:
        return Settings().rescue_margin(self.retention)


RECEIVES = st.sampled_from((0, 2, 3, 4))


@st.composite
def histories(draw: st.DrawFn, *, backlog: bool = True) -> History:
    retention = draw(st.sampled_from(RETENTIONS))
    closed_h = draw(st.floats(1, min(240.0, 2.2 * retention / HOUR + 6)))
    olds = st.lists(st.tuples(st.floats(0, 0.99), RECEIVES), max_size=3)
    news = st.lists(st.tuples(st.floats(0.5, 4 + closed_h), RECEIVES), max_size=5)
    return History(
        retention=retention,
        closed_h=closed_h,
        backlog=tuple(draw(olds)) if backlog else (),
        arrivals=tuple(sorted(draw(news))),
        dies_min=draw(st.none() | st.integers(10, 239)) if backlog else None,
    )


def lived(history: History) -> tuple[Stage, list[Message]]:
    pipeline = replace(a_pipeline(), settings=Settings(warm_up=timedelta(minutes=30)))
    pipeline = replace(pipeline, consumer=replace(pipeline.consumer, retention=history.retention))
    hours = spec(daily="closed", overrides=(span("2026-11-23T12:00", "2026-11-23T16:00", "open"),))
    stage = Stage(
        config=a_config(pipeline, specs=(replace(hours, name="office"),)),
        scenario=Scenario(start=OPENS - TICK, seed=1, traffic=QUIET, start_minutes=(10, 10)),
    )
    messages = [
        sent(stage, receives, OPENS - history.retention * share) for share, receives in history.backlog
    ]
    stage.aws.advance_to(OPENS)
    for at, event, receives in sorted(events(history), key=lambda each: each[0]):
        until(stage, at)
        if event == "arrives":
            messages.append(sent(stage, receives, at))
        elif event == "dies":
            stage.aws.deny("StartProjectVersion")
            if stage.pipeline.model.status in {"RUNNING", "STARTING"}:
                stage.pipeline.model.become("FAILED")
        else:
            stage.aws.unblock()
    until(stage, CLOSES + HOUR * history.closed_h)
    return stage, messages


def events(history: History) -> Iterator[tuple[datetime, str, int]]:
    yield from ((OPENS + HOUR * hours, "arrives", receives) for hours, receives in history.arrivals)
    if history.dies_min is not None:
        yield CLOSES - timedelta(minutes=history.dies_min), "dies", 0
        yield CLOSES, "mended", 0


def sent(stage: Stage, receives: int, enqueued: datetime) -> Message:
    queue = stage.pipeline.queue
    before = {id(message) for _, _, message in queue._by_age}
    queue.on_visible, wake = lambda: None, queue.on_visible
    queue.send(enqueued.timestamp())
    (message,) = (each for _, _, each in queue._by_age if id(each) not in before)
    message.receives = receives
    queue.on_visible = wake
    wake()
    return message


def until(stage: Stage, at: datetime) -> None:
    """Ticks on every whole five minutes."""
    while stage.aws.now() < at:
        now = stage.aws.now()
        if not (now - OPENS) % TICK:
            stage.tick()
        stage.aws.advance_to(min(now + TICK - (now - OPENS) % TICK, at))


def expired(message: Message, retention: timedelta) -> bool:
    return (
        message.place is Place.GONE and message.ended_at_s >= message.first_at_s + retention.total_seconds()
    )


def could_be_saved(message: Message, history: History) -> bool:
    """Whether from the closing, or when it was in danger, time enough was left for the model to come up."""
    expires_s = message.first_at_s + history.retention.total_seconds()
    in_danger_s = max(expires_s - history.margin.total_seconds(), CLOSES.timestamp())
    return expires_s - in_danger_s >= COMING_UP.total_seconds()


LENGTH = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


HIDDEN_BY_A_YOUNGER = History(
    retention=timedelta(days=4),
    closed_h=111,
    backlog=(),
    arrivals=((3.9, 3), (70.0, 0)),
    dies_min=60,
)
"""Left over at the closing and received three times, so that CloudWatch's age is that of the second alone."""


@LENGTH
@example(HIDDEN_BY_A_YOUNGER)
@given(histories())
def test_no_message_expires_in_a_closure_that_a_rescue_could_have_saved(history):
    _, messages = lived(history)
    lost = [each for each in messages if expired(each, history.retention) and could_be_saved(each, history)]
    assert not lost, [(each.first_at_s - CLOSES.timestamp(), each.receives) for each in lost]


@LENGTH
@given(histories(backlog=False))
def test_a_queue_that_was_seen_empty_is_not_rescued_before_a_message_is_in_danger(history):
    """But for how exactly it is known when it was empty: an hour or a sixteenth, a tick, a count's lag."""
    stage, messages = lived(history)
    early = Settings().queue_read_interval(history.retention) + 2 * TICK
    safe_s = (history.retention - history.margin - early).total_seconds()
    for change in stage.aws.changes:
        if change.resource == "model" and change.state == "STARTING" and change.at >= CLOSES:
            at_s = change.at.timestamp()
            there = [each.first_at_s for each in messages if each.first_at_s <= at_s < each.ended_at_s]
            assert there, "a rescue of nothing"
            assert at_s - min(there) >= safe_s


@pytest.mark.parametrize("receives", [0, 3, 4])
def test_a_message_as_old_as_can_be_is_saved_at_the_closing(receives):
    """It waits since before the opening, in which the model never runs, and has four hours left."""
    history = History(
        retention=timedelta(days=4),
        closed_h=12,
        backlog=((88 / 96, receives),),
        arrivals=(),
        dies_min=239,
    )
    _, (message,) = lived(history)
    assert could_be_saved(message, history)
    assert message.place is Place.GONE
    assert not expired(message, history.retention)
