"""The runner that both doors share: it looks again at ``next_check``, within its budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from controller.core.actions import Action, ActionKind, Outcome
from controller.loop.context import InvocationState
from controller.loop.reconcile import settle
from controller.loop.report import PipelineReport, Report

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass
class Invocation:
    """A clock, a sleep that moves it, and ticks that say after how many seconds to look again."""

    next_checks_s: list[float | None]
    now: datetime = NOON
    ticked_at_s: list[float] = field(default_factory=list)
    states: list[InvocationState] = field(default_factory=list)

    def tick(self, state: InvocationState) -> Report:
        self.ticked_at_s.append((self.now - NOON).total_seconds())
        self.states.append(state)
        after_s = self.next_checks_s.pop(0)
        outcome = Outcome(action=Action.own(ActionKind.START_MODEL))
        report = PipelineReport(
            name="logos",
            desire=None,
            observed=None,
            actions=(),
            reason="",
            conditions=(),
            outcomes=(outcome,) if len(self.ticked_at_s) == 1 else (),
            next_check=None if after_s is None else self.now + seconds(after_s),
        )
        return Report(at=self.now, pipelines=(report,))

    def sleep(self, for_s: float) -> None:
        assert for_s >= 0
        self.now += seconds(for_s)

    def monotonic(self) -> float:
        return (self.now - NOON).total_seconds()


@pytest.mark.parametrize(
    ("next_checks_s", "budget_s", "ticked_at_s"),
    [
        pytest.param([10, 10, 10], 0, [0], id="no budget: one tick"),
        pytest.param([None], 240, [0], id="nothing expected"),
        pytest.param([3600], 240, [0], id="expected too late"),
        pytest.param([10, 60, 200], 240, [0, 10, 70], id="until the next is out of reach"),
        pytest.param([240, 1], 240, [0, 240], id="just within the budget"),
    ],
)
def test_it_looks_again_when_something_is_expected_within_the_budget(next_checks_s, budget_s, ticked_at_s):
    invocation = Invocation(next_checks_s)
    reports = list(
        settle(
            invocation.tick,
            clock=lambda: invocation.now,
            monotonic=invocation.monotonic,
            sleep=invocation.sleep,
            budget=seconds(budget_s),
        )
    )
    assert invocation.ticked_at_s == ticked_at_s
    assert [(report.at - NOON).total_seconds() for report in reports] == ticked_at_s


def test_later_looks_know_which_pipelines_were_started_already():
    invocation = Invocation([10, 10, None])
    list(
        settle(
            invocation.tick,
            clock=lambda: invocation.now,
            monotonic=invocation.monotonic,
            sleep=invocation.sleep,
            budget=seconds(60),
        )
    )
    started = [state.started for state in invocation.states]
    assert started == [frozenset(), frozenset({"logos"}), frozenset({"logos"})]


def test_every_tick_knows_how_long_the_invocation_has_lasted_and_how_long_it_may():
    invocation = Invocation([10, 20, None])
    list(
        settle(
            invocation.tick,
            clock=lambda: invocation.now,
            monotonic=invocation.monotonic,
            sleep=invocation.sleep,
            budget=seconds(60),
        )
    )
    assert [state.elapsed for state in invocation.states] == [seconds(0), seconds(10), seconds(30)]
    assert {state.budget for state in invocation.states} == {seconds(60)}


def test_a_slow_tick_that_passes_its_own_next_check_is_followed_at_once():
    invocation = Invocation([10, None])

    def slow(state: InvocationState) -> Report:
        report = invocation.tick(state)
        invocation.now += seconds(30)
        return report

    list(
        settle(
            slow,
            clock=lambda: invocation.now,
            monotonic=invocation.monotonic,
            sleep=invocation.sleep,
            budget=seconds(60),
        )
    )
    assert invocation.ticked_at_s == [0, 30]


def test_a_clock_that_is_set_back_prolongs_no_sleep():
    invocation, slept_s = Invocation([10, None]), []
    ticks = settle(
        invocation.tick,
        clock=lambda: invocation.now,
        monotonic=invocation.monotonic,
        sleep=slept_s.append,
        budget=timedelta(minutes=4),
    )
    next(ticks)
    invocation.now -= timedelta(hours=1)
    next(ticks)
    assert slept_s == [10]


def test_a_budget_is_not_prolonged_by_a_clock_that_is_set_back():
    """Three hours back: by the wall's clock the budget of a minute would last for three hours more."""
    invocation, elapsed_s = Invocation([10] * 1000), [0.0]

    def sleep(for_s: float) -> None:
        elapsed_s[0] += for_s
        invocation.sleep(for_s)
        if elapsed_s[0] == 20:
            invocation.now -= timedelta(hours=3)

    ticks = settle(
        invocation.tick,
        clock=lambda: invocation.now,
        monotonic=lambda: elapsed_s[0],
        sleep=sleep,
        budget=seconds(60),
    )
    assert len(list(ticks)) == 7
