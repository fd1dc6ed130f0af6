"""``explain`` and the rules beyond the hours: what depends on the queue is said to depend."""

from __future__ import annotations

import pytest

from tests.unit.cli.cases.files import QUEUE_RULES
from tests.unit.cli.explained import answer, next_desired

LINES = {"on_demand": 21, "overtime": 22, "rescue": 23}


def source(key: str) -> str:
    return f"config/schedule.yaml:{LINES[key]}"


IF_ASKED = "ON if the queue asks for it"
DEPENDS = [
    pytest.param("2026-11-23T09:00", "open", "on_demand", id="on demand"),
    pytest.param("2026-11-23T17:44:59", "overtime", "overtime", id="overtime"),
    pytest.param("2026-12-17T16:00", "rescue", "rescue", id="rescue"),
]
VALUES = {"open": "on demand", "overtime": "2026-11-23T22:45:00Z", "rescue": "24.0 h"}


@pytest.mark.parametrize(("when", "rule", "key"), DEPENDS)
def test_a_rule_that_depends_on_the_queue_says_so(desk, when, rule, key):
    desk.write(QUEUE_RULES)
    said = desk("explain", "--at", when)
    desired, _, decisive = answer(said)
    assert (desired, decisive) == (IF_ASKED, rule)
    assert [each.split()[1:3] for each in said.out.splitlines() if each.startswith(rule)] == [
        ["depends", source(key)]
    ]


@pytest.mark.parametrize(("when", "rule", "key"), DEPENDS)
def test_what_depends_on_the_queue_is_null_to_a_program(desk, when, rule, key):
    desk.write(QUEUE_RULES)
    data = desk("explain", "--at", when, "--json").data
    assert data["desired"] == {"power": "ON", "consume": None}
    assert VALUES[rule] in data["reason"]
    (told,) = [each for each in data["rules"] if each["rule"] == rule]
    assert told == {"rule": rule, "source": source(key), "applies": None, "reason": data["reason"]}


@pytest.mark.parametrize(
    ("when", "following"),
    [
        pytest.param(
            "2026-11-23T17:10",
            ("OFF", "closed", "Mon 2026-11-23 17:45 EST"),
            id="the overtime ends",
        ),
        pytest.param(
            "2026-12-10T00:00",
            (IF_ASKED, "rescue", "Thu 2026-12-17 16:00 EST"),
            id="a rescue may begin",
        ),
    ],
)
def test_what_is_next_desired_may_depend_on_the_queue_too(desk, when, following):
    desk.write(QUEUE_RULES)
    assert next_desired(desk("explain", "--at", when)) == following


def test_a_certain_opening_follows_a_rescue_that_depends(desk):
    desk.write(QUEUE_RULES.replace("    on_demand: {idle: 20m}\n", "    warm_up: 0m\n"))
    said = desk("explain", "--at", "2026-12-20T00:00")
    assert next_desired(said) == ("ON", "open", "Mon 2026-12-28 08:30 EST")


@pytest.mark.parametrize(
    ("when", "rule", "part"),
    [
        ("2026-11-23T17:45", "overtime", "45 min after the closing"),
        ("2026-12-08T09:00", "overtime", "not in an explicit closure"),
        ("2026-12-17T15:59", "rescue", "2026-12-17T21:00:00Z"),
        ("2026-11-23T08:10", "warm-up", "not with on_demand"),
    ],
)
def test_a_rule_that_does_not_apply_says_why(desk, when, rule, part):
    desk.write(QUEUE_RULES)
    data = desk("explain", "--at", when, "--json").data
    assert data["desired"] == {"power": "OFF", "consume": False}
    (told,) = [each for each in data["rules"] if each["rule"] == rule]
    assert told["applies"] is False
    assert part in told["reason"]


def test_never_is_said_of_a_rescue_that_is_never(desk):
    desk.write(QUEUE_RULES.replace("rescue: 1d", "rescue: never"))
    rules = desk("explain", "--at", "2026-12-20T00:00", "--json").data["rules"]
    assert [each for each in rules if each["rule"] == "rescue"] == [
        {"rule": "rescue", "source": source("rescue"), "applies": False, "reason": "never"}
    ]


@pytest.mark.parametrize(("enforce", "told"), [("true", True), ("false", False)])
def test_a_budget_that_is_enforced_is_told_for_it_is_no_rule(desk, enforce, told):
    desk.write(QUEUE_RULES.replace("rescue: 1d", f"budget: {{unit_hours_per_month: 20, enforce: {enforce}}}"))
    said = desk("explain", "--at", "2026-11-23T09:00").out
    assert ("budget of 20 unit-hours" in said) is told
