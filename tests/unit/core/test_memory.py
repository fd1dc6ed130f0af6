from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from types import UnionType

import pytest

from controller.core.actions import Action, ActionKind, Attempt, FailureKind, Outcome
from controller.core.memory import (
    BACKOFF_MAX,
    Condition,
    Memory,
    after_observation,
    after_outcomes,
    backoff,
)
from controller.core.states import MappingState, ModelStatus
from tests.unit.core.conftest import at

START = Outcome(action=Action.own(ActionKind.START_MODEL))


def look(
    memory: Memory, model: str, clock: str, mapping: str = "Disabled", open_since: str | None = None
) -> Memory:
    return after_observation(
        memory,
        ModelStatus(model),
        MappingState(mapping),
        now=at(clock),
        open_since=at(open_since) if open_since else None,
    )


def requested(clock: str) -> Memory:
    return after_outcomes(Memory(), (START,), at(clock))


def test_a_start_is_measured_until_running_is_observed():
    memory = look(requested("08:00"), "STARTING", "08:05")
    memory = look(memory, "STARTING", "08:10")
    memory = look(memory, "RUNNING", "08:16")
    assert memory.start_durations_s == (16 * 60.0,)
    assert memory.start_requested_at is None


def test_only_the_last_twenty_starts_are_kept():
    memory = Memory(start_durations_s=tuple(float(n) for n in range(20)))
    memory = after_outcomes(memory, (START,), at("08:00"))
    memory = look(memory, "RUNNING", "08:10")
    assert memory.start_durations_s == (*(float(n) for n in range(1, 20)), 600.0)


def test_a_start_that_succeeds_ends_the_row_of_failures():
    failed = look(look(requested("08:00"), "STARTING", "08:05"), "FAILED", "08:10")
    again = after_outcomes(failed, (START,), at("08:15"))
    for clock in ("08:25", "08:30", "08:39:59"):
        again = look(again, "RUNNING", clock)
        assert (again.failed_starts, again.running_since) == (1, at("08:25"))
    memory = look(again, "RUNNING", "08:40")
    assert (memory.failed_starts, memory.last_failure_at, memory.next_start_at) == (0, None, None)
    assert memory.running_since is None


@pytest.mark.parametrize(
    ("model", "clock", "failed", "running_since"),
    [
        pytest.param("FAILED", "08:30", 2, None, id="FAILED at once"),
        pytest.param("FAILED", "08:40", 2, None, id="FAILED within a quarter of an hour"),
        pytest.param("FAILED", "08:40:01", 0, None, id="FAILED later"),
        pytest.param("STOPPED", "08:30", 0, None, id="stopped, not failed"),
        pytest.param("STOPPING", "08:30", 0, None, id="about to be stopped"),
        pytest.param("UNREADABLE", "08:30", 1, at("08:25"), id="not seen"),
        pytest.param("UNKNOWN", "08:30", 1, at("08:25"), id="not understood"),
        pytest.param("STARTING", "08:30", 1, at("08:25"), id="an answer from before"),
    ],
)
def test_a_model_that_fails_soon_after_running_has_failed_to_start(model, clock, failed, running_since):
    failed_once = after_outcomes(Memory(failed_starts=1, last_failure_at=at("08:00")), (START,), at("08:15"))
    memory = look(look(failed_once, "RUNNING", "08:25"), model, clock)
    assert (memory.failed_starts, memory.running_since) == (failed, running_since)
    assert (memory.next_start_at is not None) is (failed == 2)


@pytest.mark.parametrize(("clock", "failed"), [("08:34:59", 3), ("08:35", 0)])
def test_a_row_of_failed_starts_ends_with_a_model_that_runs_on_whoever_started_it(clock, failed):
    """As after a start whose answer was lost, or one by hand."""
    memory = Memory(failed_starts=3, last_failure_at=at("08:10"), next_start_at=at("08:30"))
    memory = look(look(look(memory, "STARTING", "08:15"), "RUNNING", "08:20"), "RUNNING", clock)
    assert (memory.failed_starts, memory.next_start_at is None) == (failed, failed == 0)


def test_after_failed_starts_a_model_that_somebody_else_started_counts_when_it_fails_soon():
    memory = Memory(failed_starts=1, last_failure_at=at("08:10"))
    memory = look(look(memory, "RUNNING", "08:20"), "FAILED", "08:25")
    assert (memory.failed_starts, memory.next_start_at) == (2, at("08:35"))


def test_a_model_that_somebody_else_started_does_not_count_when_it_fails():
    memory = look(look(look(Memory(), "STARTING", "08:05"), "RUNNING", "08:20"), "FAILED", "08:25")
    assert (memory.failed_starts, memory.running_since) == (0, None)


def busy_starts(number: int, memory: Memory | None = None) -> Memory:
    memory = memory or Memory()
    busy = Outcome(action=Action.own(ActionKind.START_MODEL), refusal=FailureKind.BUSY, error="in use")
    for minute in range(number):
        memory = after_outcomes(memory, (busy,), at(f"08:{5 * minute:02}"))
    return memory


@pytest.mark.parametrize(
    ("number", "failed", "left"), [(1, 0, 1), (2, 0, 2), (3, 1, 0), (5, 1, 2), (9, 3, 0)]
)
def test_three_starts_in_a_row_that_are_refused_as_busy_count_as_one_that_failed(number, failed, left):
    memory = busy_starts(number)
    assert (memory.failed_starts, memory.busy_starts) == (failed, left)


@pytest.mark.parametrize(("opened", "left"), [("08:03", 2), ("08:05", 2), ("08:06", 0), (None, 2)])
def test_an_opening_after_the_last_of_them_ends_the_row_of_busy_starts(opened, left):
    memory = after_observation(
        busy_starts(2),
        ModelStatus.FAILED,
        MappingState.DISABLED,
        now=at("08:10"),
        open_since=None if opened is None else at(opened),
    )
    assert (memory.busy_starts, memory.failed_starts) == (left, 0)


def test_a_start_that_is_accepted_ends_the_row_of_busy_ones():
    assert busy_starts(2, after_outcomes(busy_starts(2), (START,), at("09:00"))).failed_starts == 0


def test_an_action_that_no_tick_reaches_waits_since_it_was_planned_and_was_not_asked_for():
    not_reached = Outcome(
        action=Action.own(ActionKind.STOP_MODEL), refusal=FailureKind.NOT_REACHED, error="no time"
    )
    memory = after_outcomes(
        after_outcomes(Memory(), (not_reached,), at("08:00")), (not_reached,), at("08:05")
    )
    (attempt,) = memory.attempts
    assert (attempt.since, attempt.count) == (at("08:00"), 0)


@pytest.mark.parametrize(
    ("field", "states", "since"),
    [
        pytest.param("stopping_since", [("STOPPING", "Disabled")] * 2, "08:00", id="the model stops"),
        pytest.param(
            "stopping_since", [("STOPPING", "Disabled"), ("UNREADABLE", "Disabled")], "08:00", id="unseen"
        ),
        pytest.param(
            "stopping_since", [("STOPPING", "Disabled"), ("STOPPED", "Disabled")], None, id="it stopped"
        ),
        pytest.param(
            "moving_since", [("RUNNING", "Enabling"), ("RUNNING", "Updating")], "08:00", id="it moves"
        ),
        pytest.param(
            "moving_since", [("RUNNING", "Creating"), ("RUNNING", "UNKNOWN")], "08:00", id="it is unseen"
        ),
        pytest.param(
            "moving_since", [("RUNNING", "Disabling"), ("RUNNING", "Disabled")], None, id="it moved"
        ),
        pytest.param(
            "moving_since", [("RUNNING", "Enabled"), ("RUNNING", "Deleting")], None, id="no transition"
        ),
    ],
)
def test_a_transition_is_remembered_from_when_it_was_first_seen_until_it_ends(field, states, since):
    memory = Memory()
    for minute, (model, mapping) in enumerate(states):
        memory = look(memory, model, f"08:{5 * minute:02}", mapping)
    assert getattr(memory, field) == (at(since) if since else None)


@pytest.mark.parametrize(
    ("action", "without", "with_"),
    [
        (ActionKind.START_MODEL, ("STOPPED", "STARTING", "FAILED", "UNREADABLE", "UNKNOWN"), ("RUNNING",)),
        (
            ActionKind.STOP_MODEL,
            ("RUNNING", "STOPPING", "STARTING", "UNREADABLE", "UNKNOWN"),
            ("STOPPED", "FAILED", "ABSENT", "DELETING"),
        ),
        (
            ActionKind.ENABLE_MAPPING,
            ("Disabled", "Enabling", "Updating", "UNREADABLE", "UNKNOWN"),
            ("Enabled",),
        ),
        (
            ActionKind.DISABLE_MAPPING,
            ("Enabled", "Disabling", "Updating", "UNREADABLE", "UNKNOWN"),
            ("Disabled",),
        ),
    ],
)
def test_an_action_is_an_attempt_until_its_effect_is_seen(action, without, with_):
    def seen(state):
        of_model = state in set(ModelStatus) and action in (ActionKind.START_MODEL, ActionKind.STOP_MODEL)
        model, mapping = (state, "UNREADABLE") if of_model else ("UNREADABLE", state)
        return look(memory, model, "08:10", mapping).attempts

    refused = Outcome(action=Action.own(action), refusal=FailureKind.TRANSIENT, error="no")
    memory = after_outcomes(
        after_outcomes(Memory(), (refused,), at("08:00")), (Outcome(action=Action.own(action)),), at("08:05")
    )
    attempt = Attempt(action=action, since=at("08:00"), count=2)
    assert {state: seen(state) for state in without} == dict.fromkeys(without, (attempt,))
    assert {state: seen(state) for state in with_} == dict.fromkeys(with_, ())


@pytest.mark.parametrize(("model", "left"), [("STARTING", 0), ("RUNNING", 0), ("FAILED", 2), ("UNKNOWN", 2)])
def test_a_row_of_busy_starts_ends_with_a_model_that_is_seen_to_start_or_to_run(model, left):
    assert look(busy_starts(2), model, "08:10").busy_starts == left


@pytest.mark.parametrize(
    ("failed_at", "forgotten"), [("08:29", True), ("08:30", False)], ids=["before it", "in it"]
)
def test_an_opening_forgets_the_failures_before_it(failed_at, forgotten):
    failed = Memory(failed_starts=2, last_failure_at=at(failed_at), next_start_at=at("08:40"))
    memory = look(failed, "FAILED", "08:35", open_since="08:30")
    assert memory == (
        Memory(disabled_seen_at=at("08:35")) if forgotten else replace(failed, disabled_seen_at=at("08:35"))
    )


def test_an_opening_ends_a_rescue_and_its_time():
    rescued = Memory(rescue_since=at("06:00"), failed_starts=1, disabled_seen_at=at("06:00"))
    assert look(rescued, "STOPPED", "08:35", open_since="08:30") == replace(rescued, rescue_since=None)


def test_a_start_that_somebody_else_made_is_not_measured():
    memory = look(look(Memory(), "STARTING", "08:05"), "RUNNING", "08:20")
    assert memory.start_durations_s == ()
    assert memory.starting_since is None


def test_failed_after_our_own_start_counts_once():
    memory = look(look(requested("08:00"), "STARTING", "08:05"), "FAILED", "08:10")
    assert (memory.failed_starts, memory.next_start_at) == (1, at("08:15"))
    assert look(memory, "FAILED", "08:15").failed_starts == 1


def test_failed_without_a_start_of_ours_does_not_count():
    assert look(look(Memory(), "RUNNING", "08:00"), "FAILED", "08:05").failed_starts == 0


def test_a_stale_failed_right_after_the_start_does_not_count():
    memory = look(requested("08:00"), "FAILED", "08:00:30")
    assert (memory.failed_starts, memory.start_requested_at) == (0, at("08:00"))


@pytest.mark.parametrize(
    ("refusal", "failures"),
    [(FailureKind.TERMINAL, 1), (FailureKind.TRANSIENT, 0), (FailureKind.BUSY, 0), (FailureKind.QUOTA, 0)],
)
def test_only_a_terminal_refusal_of_a_start_counts(refusal, failures):
    refused = Outcome(action=Action.own(ActionKind.START_MODEL), refusal=refusal, error="no")
    memory = after_outcomes(Memory(), (refused,), at("08:00"))
    assert (memory.failed_starts, memory.start_requested_at) == (failures, None)


def test_a_refusal_of_anything_else_does_not_count():
    refused = Outcome(action=Action.own(ActionKind.STOP_MODEL), refusal=FailureKind.TERMINAL, error="no")
    memory = after_outcomes(Memory(), (refused,), at("08:00"))
    assert memory == Memory(attempts=(Attempt(action=ActionKind.STOP_MODEL, since=at("08:00"), error="no"),))


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (1000, 60)]
)
def test_the_backoff_doubles_from_five_minutes_to_an_hour(failures, minutes):
    assert backoff(failures) == timedelta(minutes=minutes)


def test_an_opening_resets_the_backoff():
    memory = Memory(failed_starts=2, last_failure_at=at("08:20"), next_start_at=at("08:40"))
    assert look(memory, "FAILED", "08:25") == Memory(
        failed_starts=2, last_failure_at=at("08:20"), next_start_at=at("08:40"), disabled_seen_at=at("08:25")
    )
    opened = look(memory, "FAILED", "08:30", open_since="08:30")
    assert (opened.failed_starts, opened.next_start_at) == (0, None)


def test_a_failure_within_the_opening_is_not_reset_by_it():
    memory = Memory(failed_starts=2, last_failure_at=at("08:40"), next_start_at=at("08:50"))
    assert look(memory, "FAILED", "08:45", open_since="08:30").failed_starts == 2


@pytest.mark.parametrize("model", ["UNKNOWN", "UNREADABLE"])
def test_a_look_that_saw_nothing_teaches_nothing_of_the_model(model):
    memory = requested("08:00")
    assert look(memory, model, "08:10", mapping="UNREADABLE") == memory


def test_disabled_is_remembered_from_when_it_was_first_seen_until_it_ends():
    memory = look(Memory(), "RUNNING", "17:00")
    assert memory == Memory(disabled_seen_at=at("17:00"))
    assert look(memory, "RUNNING", "17:05").disabled_seen_at == at("17:00")
    assert look(memory, "RUNNING", "17:05", mapping="UNREADABLE").disabled_seen_at == at("17:00")
    assert look(memory, "RUNNING", "17:05", mapping="Enabled") == Memory(seen_not_disabled=True)


@pytest.mark.parametrize("state", sorted(set(MappingState) - {"Disabled", "UNREADABLE"}))
def test_a_mapping_that_was_seen_in_another_state_is_remembered_once(state):
    memory = look(Memory(), "RUNNING", "17:00", mapping=state)
    moving = at("17:00") if state in {"Creating", "Enabling", "Disabling", "Updating"} else None
    assert memory == Memory(seen_not_disabled=True, moving_since=moving)
    assert look(memory, "RUNNING", "17:05", mapping=state) is memory
    disabled = look(memory, "RUNNING", "17:10")
    assert disabled == Memory(seen_not_disabled=True, disabled_seen_at=at("17:10"))
    again = look(disabled, "RUNNING", "17:15", mapping=state)
    assert again == replace(memory, moving_since=at("17:15") if moving else None)


def test_a_model_stopped_by_somebody_while_starting_ends_the_start_without_a_count():
    memory = look(look(requested("08:00"), "STARTING", "08:05"), "STOPPED", "08:10")
    assert (memory.failed_starts, memory.start_requested_at, memory.starting_since) == (0, None, None)


def test_a_steady_look_changes_nothing():
    memory = look(Memory(), "STOPPED", "03:00")
    assert look(memory, "STOPPED", "03:05") is memory


LATER = Memory(
    project_arn="arn:aws:rekognition:us-east-1:123456789012:project/logos/1",
    start_requested_at=at("08:01"),
    starting_since=at("08:01"),
    start_durations_s=(600.0,),
    failed_starts=2,
    last_failure_at=at("08:01"),
    next_start_at=at("09:01"),
    last_busy_at=at("08:01"),
    rescue_since=at("08:01"),
    oldest_after=at("08:01"),
    queue_read_at=at("08:01"),
)


@pytest.mark.parametrize("early", [at("07:59"), at("08:00")], ids=["before", "at this instant"])
@pytest.mark.parametrize(
    "name",
    [
        *("start_requested_at", "starting_since", "last_failure_at", "next_start_at"),
        *("disabled_seen_at", "last_busy_at", "rescue_since", "oldest_after", "queue_read_at"),
    ],
)
def test_what_a_clock_that_was_set_back_leaves_behind_it_is_kept(name, early):
    """Each instant for itself: one that is still to come takes no other with it."""
    other = "last_busy_at" if name != "last_busy_at" else "queue_read_at"
    memory = Memory(**{name: early, other: at("08:01")})
    kept = after_observation(
        memory, ModelStatus.UNKNOWN, MappingState.UNREADABLE, now=at("08:00"), open_since=None
    )
    assert kept == Memory(**{name: early})


def holding(at_, hint):
    """A value of that type in which every instant is ``at_``; ``None`` where it can hold none."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is datetime:
        return at_
    if origin in (typing.Union, UnionType):
        return next((value for value in (holding(at_, each) for each in args) if value is not None), None)
    if origin is tuple:
        item = holding(at_, args[0])
        return None if item is None else (item,)
    if is_dataclass(hint):
        values = {name: holding(at_, each) for name, each in typing.get_type_hints(hint).items()}
        held = any(value is not None for value in values.values())
        return hint(**{name: value or "x" for name, value in values.items()}) if held else None
    return None


INSTANTS = [
    name for name, hint in typing.get_type_hints(Memory).items() if holding(at("08:00"), hint) is not None
]


def test_the_fields_that_hold_instants_are_found_by_their_types():
    named = {
        field.name for field in fields(Memory) if field.name.endswith(("_at", "_since", "_after", "_to"))
    }
    assert set(INSTANTS) == named | {"conditions", "attempts"}


@pytest.mark.parametrize("name", INSTANTS)
def test_no_instant_of_the_future_survives_whatever_field_it_is_in(name):
    far = at("08:00") + BACKOFF_MAX + timedelta(seconds=1)
    memory = Memory(**{name: holding(far, typing.get_type_hints(Memory)[name])})
    kept = after_observation(
        memory, ModelStatus.UNKNOWN, MappingState.UNREADABLE, now=at("08:00"), open_since=None
    )
    assert kept == Memory()


def test_a_condition_of_the_future_leaves_the_others():
    since = {"Ready": at("08:01"), "Stalled": at("08:00")}
    ready, stalled = (
        Condition(type=type_, status="False", reason="x", message="y", since=at_)
        for type_, at_ in since.items()
    )
    kept = look(Memory(conditions=(ready, stalled)), "UNKNOWN", "08:00", "UNREADABLE")
    assert kept.conditions == (stalled,)


def test_a_start_that_was_first_seen_in_the_future_was_not_seen():
    memory = after_observation(
        Memory(starting_since=at("08:01")),
        ModelStatus.UNKNOWN,
        MappingState.UNREADABLE,
        now=at("08:00"),
        open_since=None,
    )
    assert memory == Memory()


def test_what_a_clock_that_was_set_back_says_is_still_to_come_counts_as_lost():
    known = Memory(project_arn=LATER.project_arn, start_durations_s=(600.0,), failed_starts=2)
    assert look(LATER, "STOPPED", "08:00", "UNREADABLE") == known


def test_a_drain_that_is_still_to_begin_begins_now():
    assert look(Memory(disabled_seen_at=at("08:01")), "RUNNING", "08:00").disabled_seen_at == at("08:00")


def test_a_start_over_which_the_clock_was_set_back_is_not_measured():
    assert look(requested("09:00"), "RUNNING", "08:10").start_durations_s == ()
