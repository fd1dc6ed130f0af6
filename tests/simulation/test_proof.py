"""The command of the proof: its table, and that it tells a promise which is not kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.sim.policies.compare import Policy
from controller.sim.policies.oracle import Foresight
from controller.sim.result import Messages, Violation
from tests.simulation import proof
from tests.support.embedded import MONDAY

MESSAGES = Messages(arrived=100, processed=100, failed_receives=0, dead_lettered=0, expired=0, waiting=0)
VIOLATION = Violation(rule="S2", at=MONDAY, pipeline="logos", detail="stopped")


@pytest.fixture(scope="module")
def two_days() -> proof.Results:
    jobs = [
        proof.Job(faults=faults, seed=seed, policy=policy, days=2)
        for faults in (False, True)
        for seed in (0, 1)
        for policy in (*Policy, *(() if faults else proof.LEAST))
    ]
    return proof.results(jobs, workers=1)


def test_the_table_has_a_row_for_every_policy(two_days):
    head, rule, *rows = proof.table(two_days, faults=False)
    assert [row.split(" | ")[0] for row in rows] == [f"| {policy}" for policy in Policy]
    assert {line.count("|") for line in (head, rule, *rows)} == {len(proof.COLUMNS) + 2}


def test_the_readme_holds_a_table_in_short_that_keeps_the_promises(two_days):
    head, rule, *rows = proof.in_short(two_days)
    assert {line.count("|") for line in (head, rule, *rows)} == {len(proof.IN_SHORT) + 2}
    readme = proof.README.read_text(encoding="utf-8")
    block = readme.split(proof.BEGIN)[1].split(proof.END)[0].strip().splitlines()
    assert block[:2] == [head, rule]
    assert [line.split(" | ")[0] for line in block[2:]] == [f"| {policy}" for policy in Policy]
    assert proof.in_place(readme, block) == readme
    controller = block[2].removesuffix(" |").split(" | ")
    assert float(controller[1].split()[0]) <= proof.MOST_OF_ORACLE
    assert (controller[3].split(" / ")[0], controller[-1]) == ("0", "0 / 0")


def test_the_least_without_foresight_lies_between_the_oracle_and_the_controller_and_serves_all(two_days):
    for place, bound in enumerate(two_days[False, Foresight.NOTHING]):
        oracles, ours = two_days[False, Policy.ORACLE][place], two_days[False, Policy.CONTROLLER][place]
        assert bound.unserved_minutes == pytest.approx(0, abs=1e-6)
        assert oracles.billed_unit_hours < bound.billed_unit_hours <= ours.billed_unit_hours * 1.005


@pytest.mark.parametrize("days", [4, 14])
def test_the_retention_of_the_proof_is_the_queues_and_the_files(days):
    (pipeline,) = proof.with_retention(proof.example(), days).pipelines
    assert {pipeline.consumer.retention, pipeline.settings.retention} == {timedelta(days=days)}


def test_the_seeds_are_not_the_same(two_days):
    first, second = two_days[True, Policy.CONTROLLER]
    assert first.messages.arrived != second.messages.arrived


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param([3], "3", id="one"),
        pytest.param([1, 2, 1000], "2 (1 to 1,000)", id="median, least and most"),
        pytest.param([2.1, 2.2], "2", id="the same once rounded"),
    ],
)
def test_a_spread_is_told(values, told):
    assert proof.spread(values, "{:,.0f}") == told


def years(two_days: proof.Results, **controller: object) -> proof.Results:
    """The oracle bills 100 unit-hours, and so does the controller unless told otherwise."""
    one = two_days[False, Policy.ORACLE][0]
    usual = replace(
        one, billed_unit_hours=100.0, open_minutes=1000.0, unserved_minutes=0.0, messages=MESSAGES
    )
    ours = replace(usual, **controller)
    return {
        (faults, policy): [ours if policy is Policy.CONTROLLER else usual]
        for faults in (False, True)
        for policy in Policy
    }


@pytest.mark.parametrize(
    ("controller", "diagnostics"),
    [
        pytest.param({}, [], id="kept"),
        pytest.param(
            {"billed_unit_hours": 105.1},
            ["without faults: 1.051 times the oracle's unit-hours"],
            id="too dear",
        ),
        pytest.param(
            {"unserved_minutes": 10.0},
            ["without faults: 1.00% of the open minutes unserved"],
            id="not served",
        ),
        pytest.param(
            {"messages": replace(MESSAGES, dead_lettered=3, expired=1), "own_doing": 1},
            ["without faults: 4 messages lost", "with faults: 2 messages lost"],
            id="lost",
        ),
        pytest.param(
            {"violations": (VIOLATION,)},
            [f"{kind} faults: 1 violations, the first {VIOLATION}" for kind in ("without", "with")],
            id="violated",
        ),
    ],
)
def test_a_promise_that_is_not_kept_is_told(two_days, controller, diagnostics):
    found = proof.broken(years(two_days, **controller))
    assert list(found) == [f"seed 0 {diagnostic}" for diagnostic in diagnostics]
