"""``explain`` and the rules beyond the hours: what depends on the queue is said to depend."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import FILE

RULES = FILE.replace(
    "    warm_up: 30m\n", "    on_demand: {idle: 20m}\n    overtime: 45m\n    rescue: 1d\n"
).replace("    holidays:", "    overrides: [{dates: 2026-12-07..2026-12-24, hours: closed}]\n    holidays:")
LINES = {"on_demand": 21, "overtime": 22, "rescue": 23}


def source(key: str) -> str:
    return f"config/schedule.yaml:{LINES[key]}"


# Closed from Fri 2026-12-04 16:00 on; 14 days are kept, of which the rescue takes one.
DEPENDS = [
    pytest.param(
        "2026-11-23T09:00",
        "because open: on demand: ON while messages wait, else OFF",
        ("open", source("on_demand"), "on demand: ON while messages wait, else OFF"),
        id="on demand",
    ),
    pytest.param(
        "2026-11-23T17:44:59",
        "because overtime: while messages wait, until Mon 2026-11-23 17:45 EST at most",
        ("overtime", source("overtime"), "while messages wait, until Mon 2026-11-23 17:45 EST at most"),
        id="overtime",
    ),
    pytest.param(
        "2026-12-17T16:00",
        "because rescue: ON if a message expires within 24.0 h",
        ("rescue", source("rescue"), "ON if a message expires within 24.0 h"),
        id="rescue",
    ),
]


@pytest.mark.parametrize(("when", "answer", "row"), DEPENDS)
def test_a_rule_that_depends_on_the_queue_says_so(desk, when, answer, row):
    desk.write(RULES)
    first, *rows = desk("explain", "--at", when).out.splitlines()
    assert first.startswith("logos: ON if the queue asks for it at ")
    assert first.endswith(answer)
    (told,) = [each.split(maxsplit=3) for each in rows if each.startswith(row[0])]
    assert told == [row[0], "depends", *row[1:]]


@pytest.mark.parametrize(("when", "answer", "row"), DEPENDS)
def test_what_depends_on_the_queue_is_null_to_a_program(desk, when, answer, row):
    desk.write(RULES)
    answer, reason = (
        text.replace("Mon 2026-11-23 17:45 EST", "2026-11-23T22:45:00Z") for text in (answer, row[2])
    )
    data = desk("explain", "--at", when, "--json").data
    assert data["desired"] == {"power": "ON", "consume": None}
    assert answer.endswith(data["reason"])
    (told,) = [each for each in data["rules"] if each["rule"] == row[0]]
    assert told == {"rule": row[0], "source": row[1], "applies": None, "reason": reason}


@pytest.mark.parametrize(
    ("when", "following"),
    [
        pytest.param(
            "2026-11-23T17:10",
            "OFF (closed) from Mon 2026-11-23 17:45 EST",
            id="the overtime ends",
        ),
        pytest.param(
            "2026-12-10T00:00",
            "ON if the queue asks for it (rescue) from Thu 2026-12-17 16:00 EST",
            id="a rescue may begin",
        ),
    ],
)
def test_what_is_next_desired_may_depend_on_the_queue_too(desk, when, following):
    desk.write(RULES)
    assert desk("explain", "--at", when).out.splitlines()[-1] == f"Next desired: {following}"


def test_a_certain_opening_follows_a_rescue_that_depends(desk):
    desk.write(RULES.replace("    on_demand: {idle: 20m}\n", "    warm_up: 0m\n"))
    assert desk("explain", "--at", "2026-12-20T00:00").out.splitlines()[-1] == (
        "Next desired: ON (open) from Mon 2026-12-28 08:30 EST"
    )


@pytest.mark.parametrize(
    ("when", "rule", "reason"),
    [
        ("2026-11-23T17:45", "overtime", "45 min after the closing are over"),
        ("2026-12-08T09:00", "overtime", "not in an explicit closure"),
        ("2026-12-17T15:59", "rescue", "no message is in danger before 2026-12-17T21:00:00Z"),
        ("2026-11-23T08:10", "warm-up", "not with on_demand"),
    ],
)
def test_a_rule_that_does_not_apply_says_why(desk, when, rule, reason):
    desk.write(RULES)
    data = desk("explain", "--at", when, "--json").data
    assert data["desired"] == {"power": "OFF", "consume": False}
    (told,) = [each for each in data["rules"] if each["rule"] == rule]
    assert (told["applies"], told["reason"]) == (False, reason)


def test_never_is_said_of_a_rescue_that_is_never(desk):
    desk.write(RULES.replace("rescue: 1d", "rescue: never"))
    said = desk("explain", "--at", "2026-12-20T00:00").out
    assert "rescue    no       config/schedule.yaml:23  never\n" in said


@pytest.mark.parametrize(("enforce", "told"), [("true", True), ("false", False)])
def test_a_budget_that_is_enforced_is_told_for_it_is_no_rule(desk, enforce, told):
    desk.write(RULES.replace("rescue: 1d", f"budget: {{unit_hours_per_month: 20, enforce: {enforce}}}"))
    said = desk("explain", "--at", "2026-11-23T09:00").out
    limit = "Over its budget of 20 unit-hours a month (UTC) nothing is started, whatever the rules say.\n"
    assert (limit in said) is told
