from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.sim.aws.clock import Clock, History
from tests.support.embedded import MONDAY


def test_what_falls_due_happens_in_order_of_time_and_then_of_asking():
    clock, happened = Clock(MONDAY), []
    for after_s, name in ((60, "late"), (30, "first"), (30, "second")):
        clock.at(clock.now_s + after_s, lambda name=name: happened.append((name, clock.now())))
    clock.advance_to(clock.now_s + 59)
    assert happened == [(name, MONDAY + timedelta(seconds=30)) for name in ("first", "second")]
    assert clock.now() == MONDAY + timedelta(seconds=59)


def test_what_happens_may_ask_for_more_on_the_same_way():
    clock, times = Clock(MONDAY), []

    def again():
        times.append(clock.now())
        clock.at(clock.now_s + 10, again)

    again()
    clock.advance_to(clock.now_s + 25)
    assert times == [MONDAY + timedelta(seconds=seconds) for seconds in (0, 10, 20)]


def test_what_is_asked_for_too_late_happens_at_once_and_not_in_the_past():
    clock, times = Clock(MONDAY), []
    clock.at(clock.now_s - 100, lambda: times.append(clock.now()))
    clock.advance_to(clock.now_s)
    assert times == [MONDAY]


def test_time_does_not_go_back():
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="time does not go back"):
        clock.advance_to(clock.now_s - 1)


@pytest.mark.parametrize(
    ("moment_s", "value"),
    [
        pytest.param(100, "c", id="the latest of two changes at one instant"),
        pytest.param(99, "a", id="until the instant of a change the one before holds"),
        pytest.param(50, "a", id="the value that began before what is kept is kept as long as it held"),
        pytest.param(20, "a", id="before everything that is known, the oldest known"),
    ],
)
def test_a_history_answers_what_held(moment_s, value):
    history = History(60, 0, "forgotten")
    for at_s, then in ((30, "a"), (100, "b"), (100, "c")):
        history.note(at_s, then)
    assert history.at(moment_s) == value
