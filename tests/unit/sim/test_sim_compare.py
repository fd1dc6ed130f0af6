"""The same days under every policy: what is the same, and what must come out differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.sim.policies.compare import Policy, PolicyComparison, compare
from controller.sim.result import Activity, PipelineResult
from controller.sim.simulate import SimulationRequest, simulate
from tests.support.embedded import a_pipeline
from tests.support.loop import a_config, utc
from tests.support.schedules import spec

HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-17:00")
MONDAY = utc("2026-11-23T00:00")


@pytest.fixture(scope="module")
def config():
    return a_config(a_pipeline(), specs=(replace(spec(days=HOURS), name="office"),))


def compared(config, *, faults: bool) -> PolicyComparison:
    return compare(
        config, SimulationRequest(start=MONDAY, end=MONDAY + timedelta(days=2), seed=3, faults=faults)
    )


@pytest.fixture(scope="module")
def two_days(config) -> PolicyComparison:
    return compared(config, faults=False)


def of(comparison: PolicyComparison, policy: Policy) -> PipelineResult:
    (result,) = comparison.under(policy).pipelines
    return result


def start_minutes(result: PipelineResult) -> list[float]:
    spans = (span for span in result.spans if span.activity is Activity.STARTING)
    return [round((span.end - span.start) / timedelta(minutes=1), 3) for span in spans]


def test_every_policy_has_a_run_in_order(two_days):
    assert [run.policy for run in two_days.runs] == list(Policy)


def test_every_policy_gets_the_same_messages(two_days):
    assert len({of(two_days, policy).messages.arrived for policy in Policy}) == 1
    assert of(two_days, Policy.ORACLE).messages.arrived > 100


def test_the_kth_start_takes_equally_long_under_every_policy(two_days):
    first, second = start_minutes(of(two_days, Policy.ORACLE))
    for policy in (Policy.CONTROLLER, Policy.TWO_CRONS, Policy.TWO_CRONS_CAREFUL):
        assert start_minutes(of(two_days, policy)) == pytest.approx([first, second], abs=0.001)
    assert first != second


def test_the_controllers_run_is_what_simulate_tells(config, two_days):
    assert two_days.runs[0].pipelines == simulate(config, two_days.request).pipelines


def test_without_faults_the_oracle_is_the_cheapest_that_serves_every_opening(two_days):
    oracle = of(two_days, Policy.ORACLE)
    assert oracle.unserved_minutes == pytest.approx(0, abs=0.001)
    every = [of(two_days, policy) for policy in Policy]
    full = [each for each in every if each.unserved_minutes < 0.01]
    assert min(each.billed_unit_hours for each in full) == oracle.billed_unit_hours


def test_usual_crons_receive_in_vain_while_the_model_starts(two_days):
    usual, careful = of(two_days, Policy.TWO_CRONS), of(two_days, Policy.TWO_CRONS_CAREFUL)
    assert [(end - start) < timedelta(minutes=30) for start, end in usual.receiving_without_model] == [
        True,
        True,
    ]
    assert usual.messages.failed_receives > 0
    assert (careful.receiving_without_model, careful.messages.failed_receives) == ((), 0)


def test_always_on_bills_every_hour_since_it_came_up(two_days):
    always_on = of(two_days, Policy.ALWAYS_ON)
    came_up = start_minutes(always_on)[0] / 60
    assert always_on.billed_unit_hours == pytest.approx(48 - came_up, abs=0.001)


def test_the_backlog_is_counted_every_quarter_of_an_hour(two_days):
    for policy in Policy:
        assert len(of(two_days, policy).backlog) == 2 * 96
        assert of(two_days, policy).backlog[0] == 0
    assert max(of(two_days, Policy.ORACLE).backlog) > 10


def test_a_comparison_with_faults_is_the_same_under_the_same_seed(config):
    assert compared(config, faults=True) == compared(config, faults=True)


def test_progress_rises_to_the_end(config):
    shares: list[float] = []
    compare(config, SimulationRequest(start=MONDAY, end=MONDAY + timedelta(hours=6)), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
