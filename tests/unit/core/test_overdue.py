"""When a transition or an action in vain has gone on for too long: open from 08:30 to 17:00."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.actions import Action, ActionKind, Attempt, FailureKind, Outcome
from controller.core.memory import Condition, Memory
from controller.core.observed import OtherVersion
from controller.core.settings import Budget, Hold, Settings
from controller.core.states import Desired
from tests.unit.core.conftest import assessed, at, closure, opening, seen

OPEN, CLOSED = opening("08:30", "17:00"), closure("17:00", "23:00")


def tried(action: ActionKind, since: str, version: str | None = None, error: str | None = None) -> Memory:
    return Memory(attempts=(Attempt(action=action, version=version, since=at(since), count=7, error=error),))


def stalled(clock, moment, observed, **more):
    result = assessed(clock, moment, observed, **more)
    found = next(each for each in result.conditions if each.type == "Stalled")
    return found.status, found.reason


def not_ready(since: str, status: str = "False") -> Memory:
    return Memory(
        conditions=(Condition(type="Ready", status=status, reason="X", message="", since=at(since)),)
    )


@pytest.mark.parametrize(
    ("moment", "observed", "memory", "last", "first", "reason"),
    [
        pytest.param(
            *(OPEN, seen("STARTING", "Disabled"), Memory(starting_since=at("09:00"))),
            *("10:00", "10:00:01", "StartTakesTooLong"),
            id="a start",
        ),
        pytest.param(
            *(OPEN, seen("STOPPING", "Disabled"), Memory(stopping_since=at("09:00"))),
            *("10:00", "10:00:01", "StopTakesTooLong"),
            id="a stop",
        ),
        pytest.param(
            *(OPEN, seen("RUNNING", "Enabling"), Memory(moving_since=at("09:00"))),
            *("09:10", "09:10:01", "MappingTakesTooLong"),
            id="a mapping",
        ),
        pytest.param(
            *(OPEN, seen("STOPPED", "Disabled"), tried(ActionKind.START_MODEL, "09:00")),
            *("10:00", "10:00:01", "StartHasNoEffect"),
            id="starts in vain",
        ),
        pytest.param(
            *(CLOSED, seen("RUNNING", "Disabled", mapping_changed_at=at("16:00"))),
            *(tried(ActionKind.STOP_MODEL, "17:00"), "18:00", "18:00:01", "StopHasNoEffect"),
            id="stops in vain",
        ),
        pytest.param(
            *(OPEN, seen("RUNNING", "Disabled"), tried(ActionKind.ENABLE_MAPPING, "09:00")),
            *("09:10", "09:10:01", "EnableHasNoEffect"),
            id="enables in vain",
        ),
        pytest.param(
            *(OPEN, seen("STARTING", "Enabled"), tried(ActionKind.DISABLE_MAPPING, "09:00")),
            *("09:10", "09:10:01", "DisableHasNoEffect"),
            id="disables in vain",
        ),
        pytest.param(
            *(OPEN, seen("RUNNING", "Disabled"), not_ready("09:00")),
            *("12:00", "12:00:01", "NotConverging"),
            id="hours without a cause",
        ),
        pytest.param(
            *(OPEN, seen("UNKNOWN", "Enabled"), not_ready("09:00", "Unknown")),
            *("10:00", "10:00:01", "ModelUnreadable"),
            id="a status that is not known",
        ),
    ],
)
def test_what_takes_longer_than_its_bound_is_stalled(moment, observed, memory, last, first, reason):
    assert stalled(last, moment, observed, memory=memory)[0] != "True"
    assert stalled(first, moment, observed, memory=memory) == ("True", reason)


@pytest.mark.parametrize(
    ("clock", "moment", "observed", "more"),
    [
        pytest.param(
            *(
                "16:00",
                OPEN,
                seen("RUNNING", "Enabled"),
                {"memory": tried(ActionKind.DISABLE_MAPPING, "09:00")},
            ),
            id="consuming: nothing is wanted any more",
        ),
        pytest.param(
            *("16:00", OPEN, seen("STARTING", "Disabled"), {"memory": tried(ActionKind.STOP_MODEL, "09:00")}),
            id="the stop is not wanted any more",
        ),
        pytest.param(
            *(
                "18:00",
                CLOSED,
                seen("STOPPING", "Disabled"),
                {"memory": tried(ActionKind.START_MODEL, "09:00")},
            ),
            id="the start is not wanted any more",
        ),
        pytest.param(
            *("18:00", CLOSED, seen("STOPPED", "Disabled")),
            {"memory": tried(ActionKind.STOP_MODEL, "09:00", "arn:old")},
            id="the retired version has stopped",
        ),
        pytest.param(
            *("16:00", OPEN, seen("RUNNING", "Disabled")),
            {
                "memory": tried(ActionKind.ENABLE_MAPPING, "09:00"),
                "settings": Settings(hold=Hold(desired=Desired.AS_IS, until=at("20:00"), reason="")),
            },
            id="a hold has taken the hands off",
        ),
        pytest.param(
            *("16:00", OPEN, seen("UNREADABLE", "Enabled"), {"memory": not_ready("09:00", "Unknown")}),
            id="unreadable: the calls that fail are told",
        ),
    ],
)
def test_what_is_not_wanted_or_not_seen_is_not_overdue(clock, moment, observed, more):
    assert stalled(clock, moment, observed, **more)[0] != "True"


def test_a_start_that_is_withheld_on_purpose_does_not_take_too_long():
    settings = Settings(budget=Budget(unit_hours_per_month=40, enforce=True))
    memory = replace(not_ready("09:00"), unit_hours=500.0, counted_to=at("00:00"))
    found = stalled("16:00", OPEN, seen("STOPPED", "Disabled"), settings=settings, memory=memory)
    assert found == ("True", "OverBudget")


def test_an_attempt_on_a_retired_version_lasts_while_that_version_runs():
    memory = tried(ActionKind.STOP_MODEL, "17:05", "arn:old")
    old = seen("STOPPED", "Disabled", others=(OtherVersion(arn="arn:old", units=1, retired=True),))
    assert stalled("18:06", CLOSED, old, memory=memory) == ("True", "StopHasNoEffect")


def test_an_action_in_vain_is_told_with_its_number_its_beginning_and_the_last_answer():
    memory = tried(ActionKind.ENABLE_MAPPING, "09:00", error="AWS said no")
    result = assessed("09:30", OPEN, seen("RUNNING", "Disabled"), memory=memory)
    message = next(each.message for each in result.conditions if each.type == "Stalled")
    for told in ("EnableMapping", "7 times", "2026-11-23T09:00:00Z", "AWS said no", "mapping Disabled"):
        assert told in message


@pytest.mark.parametrize(
    ("observed", "memory", "outcomes", "next_at"),
    [
        pytest.param(
            seen("RUNNING", "Enabling"), Memory(moving_since=at("09:50")), (), "10:00:10", id="moving"
        ),
        pytest.param(
            seen("RUNNING", "Enabling"), Memory(moving_since=at("09:49")), (), "17:00", id="moving on"
        ),
        pytest.param(
            seen("STOPPING", "Disabled"), Memory(stopping_since=at("09:00")), (), "10:01", id="stopping"
        ),
        pytest.param(
            seen("STOPPING", "Disabled"), Memory(stopping_since=at("08:59")), (), "17:00", id="and on"
        ),
        pytest.param(
            seen("RUNNING", "Disabled"),
            tried(ActionKind.ENABLE_MAPPING, "09:50"),
            (Outcome(action=Action.own(ActionKind.ENABLE_MAPPING), refusal=FailureKind.BUSY, error="busy"),),
            "10:00:30",
            id="refused",
        ),
        pytest.param(
            seen("RUNNING", "Disabled"),
            tried(ActionKind.ENABLE_MAPPING, "09:49"),
            (Outcome(action=Action.own(ActionKind.ENABLE_MAPPING), refusal=FailureKind.BUSY, error="busy"),),
            "17:00",
            id="refused in vain",
        ),
    ],
)
def test_what_is_overdue_is_looked_at_in_the_next_tick_and_not_sooner(observed, memory, outcomes, next_at):
    assert assessed("10:00", OPEN, observed, memory=memory, outcomes=outcomes).next_check == at(next_at)


IN_DOUBT = seen("RUNNING", "Enabled", others=(OtherVersion(arn="arn:old", units=1, retired=True),))


def test_a_function_that_cannot_be_read_wants_a_person_after_ten_minutes():
    memory, found = Memory(), []
    for clock in ("09:00", "09:05", "09:10", "09:15"):
        result = assessed(clock, OPEN, replace(IN_DOUBT, function_arn="arn:f"), memory=memory)
        memory = result.memory
        stalled_ = next(each for each in result.conditions if each.type == "Stalled")
        found.append((stalled_.status, stalled_.reason))
    assert found == [(status, "RetiredVersionUnproven") for status in ("Unknown", "Unknown", "True", "True")]


@pytest.mark.parametrize(
    ("observed", "kept"),
    [
        pytest.param(IN_DOUBT, True, id="a retired version runs"),
        pytest.param(seen("UNREADABLE", "Enabled"), True, id="the versions could not be read"),
        pytest.param(seen("RUNNING", "Enabled"), False, id="none runs"),
    ],
)
def test_since_when_the_function_uses_the_model_is_forgotten_with_the_retired_version(observed, kept):
    result = assessed("09:00", OPEN, observed, memory=Memory(superseded_since=at("08:50")))
    assert result.memory.superseded_since == (at("08:50") if kept else None)


def test_starts_that_fail_tell_the_last_answer_and_a_model_that_runs_for_now():
    memory = replace(tried(ActionKind.START_MODEL, "09:00", error="AWS said no"), failed_starts=3)
    refused = assessed("09:30", OPEN, seen("STOPPED", "Disabled"), memory=memory)
    running = Memory(failed_starts=3, running_since=at("09:25"))
    up = assessed("09:30", OPEN, seen("RUNNING", "Enabled"), memory=running)
    messages = [
        each.message for result in (refused, up) for each in result.conditions if each.type == "Stalled"
    ]
    assert "AWS said no" in messages[0]
    assert "since 2026-11-23T09:25:00Z" in messages[1]
