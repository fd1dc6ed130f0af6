"""A whole day of the built function, in seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.artifact.conftest import schedule

OPENED = [("model", "STARTING"), ("model", "RUNNING"), ("mapping", "Enabling"), ("mapping", "Enabled")]
CLOSED = [("mapping", "Disabling"), ("mapping", "Disabled"), ("model", "STOPPING"), ("model", "STOPPED")]
DAY = [*OPENED, *CLOSED]
TOLD = ["Stopped", "Starting", "Running", "Consuming", "Draining", "Stopped"]
MESSAGES = 5


LONG, SHORT = timedelta(days=2), timedelta(minutes=2)
"""By the function's clock: a quarter of an hour, and a second."""


def transitions(account) -> list[str]:
    return [each["transition"] for each in account.told]


def live_through_a_day(account, *functions) -> None:
    """However slow the machine is: once it is open, the opening is cut short."""
    account.push(schedule(now=account.now, open_for=LONG))
    account.invoke_until(lambda: account.states == OPENED, *functions)
    account.push(schedule(now=account.now, open_for=SHORT))
    account.invoke_until(lambda: account.states == DAY and has_told_the_end(account), *functions)


def has_told_the_end(account) -> bool:
    """Of two invocations at the same moment both may tell: whatever is told twice is told at least once."""
    told = transitions(account)
    return "Draining" in told and told[-1] == "Stopped"


def test_a_day_opens_and_closes_in_the_safe_order_and_loses_no_message(account):
    for _ in range(MESSAGES):
        account.pipeline.queue.send(account.server.aws.now().timestamp())
    live_through_a_day(account, account.start())
    assert account.states == DAY
    assert transitions(account) == TOLD
    messages = account.pipeline.accounting().messages
    assert (messages.processed, messages.failed_receives, messages.waiting) == (MESSAGES, 0, 0)
    assert len(account.stored("logos.json")["start_durations_s"]) == 1


def test_two_invocations_at_once_do_what_one_does(account):
    live_through_a_day(account, account.start(), account.start())
    assert account.states == DAY
    assert set(transitions(account)) == set(TOLD)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param("rekognition:start_project_version", id="after the start was accepted"),
        pytest.param("lambda:update_event_source_mapping", id="after consumption went on"),
        pytest.param("rekognition:describe_project_versions", id="while it looks"),
    ],
)
def test_a_process_that_dies_within_a_tick_is_followed_by_one_that_goes_on(account, operation):
    account.push(schedule(now=account.now, open_for=LONG))
    function, died = account.start(), []

    def die(asked):
        if asked.name == operation and not died:
            died.append(asked)
            function.kill()

    account.server.after = die
    while not died:
        answer = function.invoke()
    assert "errorType" in answer
    account.invoke_until(lambda: account.states == OPENED, function)
    assert account.pipeline.accounting().starts == 1


def test_a_closing_does_not_wait_for_the_next_invocation(account):
    account.push(schedule(now=account.now, open_for=LONG))
    account.invoke_until(lambda: account.states == OPENED, account.start())
    account.push(schedule())
    account.start(SCHEDULER_SETTLE="5m", timeout_s=400).invoke()
    assert account.states[: len(DAY) - 1] == DAY[:-1]
