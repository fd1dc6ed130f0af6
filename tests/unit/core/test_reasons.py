"""Every branch of every rule: whether it applies, until when that holds, and the line that it names."""

from __future__ import annotations

import pytest

from controller.core.rules import RuleName
from tests.unit.core.cases import RULES


@pytest.mark.parametrize(("rule", "now", "applies", "until", "line"), RULES)
def test_a_result_says_whether_the_rule_applies_and_until_when_and_names_its_line(
    rule, now, applies, until, line
):
    result = rule(now)
    assert (result.applies, result.until, result.line) == (applies, until, line)
    assert (result.desired is None) == (applies is False)
    assert result.reason.strip()


def test_every_rule_has_a_case_in_which_it_applies_and_one_in_which_it_does_not():
    results = {(rule(now).rule, rule(now).applies) for rule, now, *_ in (case.values for case in RULES)}
    assert {(name, applies) for name in RuleName for applies in (True, False)} <= results


def test_the_hold_is_named_with_its_state_its_reason_and_its_end():
    (held,) = (case.values for case in RULES if case.id == "held")
    for word in ("as-is", "incident 42", "2026-11-23T12:00:00Z"):
        assert word in held[0](held[1]).reason
