"""Following a remedy for concurrency is possible, and earns no further diagnostic."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.account.concurrency import Limits, overload, throttled

UNITS = st.integers(1, 600)
LIMITS = st.builds(
    Limits,
    maximum=st.none() | st.integers(2, 1000),
    pollers=st.none() | st.integers(2, 2000),
    reserved=st.none() | st.integers(0, 2000),
).filter(lambda each: each.maximum is None or each.pollers is None)


def typed(limits: Limits, commands: str) -> Limits:
    """The settings after the commands, each of which is refused as AWS refuses it."""
    for command in commands.split("; then "):
        if found := re.search(r"--reserved-concurrent-executions (\d+)", command):
            limits = replace(limits, reserved=int(found[1]))
        elif "--provisioned-poller-config '{}'" in command:
            limits = replace(limits, pollers=None)
        else:
            maximum = int(re.search(r"MaximumConcurrency=(\d+)", command)[1])
            assert 2 <= maximum <= 1000
            assert limits.pollers is None, "a mapping in provisioned mode takes no maximum"
            limits = replace(limits, maximum=maximum)
    return limits


@given(LIMITS, UNITS)
def test_whoever_follows_a_remedy_is_told_nothing_more(limits, units):
    targets = [target for target in (overload(limits, units), throttled(limits, units)) if target]
    assert len(targets) < 2, "one cause, one remedy"
    for target in targets:
        commands = target.commands("uuid", "function", limits)
        assert commands
        after = typed(limits, commands)
        assert after != limits
        assert overload(after, units) is None
        assert throttled(after, units) is None


@pytest.mark.parametrize(
    ("maximum", "pollers", "reserved", "instances"),
    [
        (None, None, None, None),
        (4, None, None, 4),
        (4, None, 3, 3),
        (4, None, 0, 4),
        (None, 2, None, 20),
        (None, 2, 7, 7),
        (None, None, 7, 7),
    ],
)
def test_the_least_of_the_limits_holds(maximum, pollers, reserved, instances):
    assert Limits(maximum=maximum, pollers=pollers, reserved=reserved).instances == instances


@pytest.mark.parametrize(
    ("maximum", "pollers", "reserved", "units", "commands"),
    [
        pytest.param(
            None,
            None,
            1,
            1,
            "aws lambda put-function-concurrency --function-name F --reserved-concurrent-executions 2; then "
            "aws lambda update-event-source-mapping --uuid U --scaling-config MaximumConcurrency=2",
            id="no maximum fits a reservation of one",
        ),
        pytest.param(
            2,
            None,
            1,
            1,
            "aws lambda put-function-concurrency --function-name F --reserved-concurrent-executions 2",
            id="the least maximum stays",
        ),
        pytest.param(
            None,
            None,
            3,
            5,
            "aws lambda update-event-source-mapping --uuid U --scaling-config MaximumConcurrency=3",
            id="the mapping comes down to what is reserved",
        ),
        pytest.param(
            None,
            5,
            None,
            2,
            "aws lambda update-event-source-mapping --uuid U --provisioned-poller-config '{}'; then "
            "aws lambda update-event-source-mapping --uuid U --scaling-config MaximumConcurrency=2",
            id="provisioned mode ends first",
        ),
    ],
)
def test_a_remedy_names_its_commands_in_the_order_in_which_they_work(
    maximum, pollers, reserved, units, commands
):
    limits = Limits(maximum=maximum, pollers=pollers, reserved=reserved)
    target = overload(limits, units) or throttled(limits, units)
    assert target is not None
    assert target.commands("U", "F", limits) == commands
