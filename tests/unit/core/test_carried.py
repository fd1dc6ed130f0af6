"""What a tick hands on to the next, field by field; and the words that go into the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.actions import Action, ActionKind, Attempt, FailureKind, Outcome
from controller.core.conditions import assess, next_check
from controller.core.inputs import Fact
from controller.core.memory import Memory, after_facts, after_observation, after_outcomes
from controller.core.messages import plan_summary
from controller.core.observed import NamedVersions, OtherVersion, QueueCounts
from controller.core.plan import Plan, plan
from controller.core.rules import DesiredState
from controller.core.settings import Settings
from controller.core.states import Desired, MappingState, ModelStatus
from controller.schedule.model import Moment
from tests.unit.core.conftest import at, closure, inputs, opening, seen

OPEN, CLOSED = opening("08:30", "17:00"), closure("17:00", "23:00")
FOREVER = Moment(
    open=False, started_at=at("12:00") - timedelta(hours=200), ends_at=None, reason="shut", line=7
)
DAYS_4 = timedelta(days=4)
FACTS = frozenset(Fact)
SINCE = at("08:00")


def queue(waiting: int = 0, delayed: int = 0) -> QueueCounts:
    return QueueCounts(waiting=waiting, in_flight=0, delayed=delayed, retention=DAYS_4)


def assessed(now, memory=None):
    return assess(now, plan(now), (), memory or now.memory).memory


def in_danger(memory: Memory):
    looked = seen("STOPPED", "Disabled", queue=queue(5), oldest_age=timedelta(hours=90))
    return inputs("12:00", FOREVER, observed=looked, memory=memory, facts_read=FACTS)


OLD = Memory(oldest_after=at("12:00") - timedelta(hours=90), retention_s=DAYS_4.total_seconds())


def test_a_rescue_begins_now_and_is_remembered():
    now = in_danger(OLD)
    assert assessed(now).rescue_since == at("12:00")


def test_a_rescue_that_goes_on_keeps_its_beginning():
    now = in_danger(Memory(rescue_since=at("11:00"), retention_s=DAYS_4.total_seconds()))
    assert assessed(now).rescue_since == at("11:00")


def test_the_rescue_that_follows_one_which_had_its_time_begins_now():
    now = in_danger(
        Memory(rescue_since=at("00:00"), oldest_after=OLD.oldest_after, retention_s=DAYS_4.total_seconds())
    )
    assert assessed(now).rescue_since == at("12:00")


def test_a_rescue_that_goes_on_beyond_its_time_keeps_its_beginning():
    """What waits was not received yet; it ends at the first look at which nothing does."""
    memory = Memory(
        rescue_since=at("00:00"), oldest_after=OLD.oldest_after, retention_s=DAYS_4.total_seconds()
    )
    looked = seen("RUNNING", "Enabled", queue=queue(5))
    now = inputs("12:00", FOREVER, observed=looked, memory=memory, facts_read=FACTS)
    assert assessed(now).rescue_since == at("00:00")


@pytest.mark.parametrize(("moment", "clock"), [(OPEN, "09:00"), (CLOSED, "18:00")], ids=["open", "closed"])
def test_no_other_rule_begins_a_rescue(moment, clock):
    looked = seen("STOPPED", "Disabled")
    now = inputs(clock, moment, observed=looked, memory=Memory(oldest_after=at("08:00")), facts_read=FACTS)
    assert assessed(now).rescue_since is None


def test_how_long_the_function_may_run_is_remembered_with_the_function():
    looked = seen("RUNNING", "Disabled", function_arn="arn:f", function_timeout=timedelta(seconds=60))
    before = Memory(failed_starts=1)
    assert after_facts(before, looked, Settings(), at("12:00")) == Memory(
        failed_starts=1, function_arn="arn:f", function_timeout_s=60.0, function_read_at=at("12:00")
    )


KNOWN = Memory(function_arn="arn:f", function_timeout_s=60.0, function_read_at=at("12:00"))


@pytest.mark.parametrize(
    ("arn", "timeout_s", "clock", "read_at"),
    [
        pytest.param("arn:f", 60, "12:29:59", "12:00", id="the same: written down twice an hour"),
        pytest.param("arn:f", 60, "12:30", "12:30", id="the same, half an hour later"),
        pytest.param("arn:f", 900, "12:05", "12:05", id="another timeout"),
        pytest.param("arn:g", 60, "12:05", "12:05", id="another function"),
    ],
)
def test_when_the_function_was_read_is_remembered_to_within_half_an_hour(arn, timeout_s, clock, read_at):
    looked = seen("RUNNING", "Disabled", function_arn=arn, function_timeout=timedelta(seconds=timeout_s))
    assert after_facts(KNOWN, looked, Settings(), at(clock)) == Memory(
        function_arn=arn, function_timeout_s=timeout_s, function_read_at=at(read_at)
    )


def test_an_empty_queue_is_noted_again_only_when_the_note_is_more_than_an_hour_old():
    known = Memory(
        oldest_after=at("11:00:01"), queue_read_at=at("11:00:01"), retention_s=DAYS_4.total_seconds()
    )
    assert after_facts(known, seen("STOPPED", "Disabled", queue=queue()), Settings(), at("12:00")) == known


def test_a_queue_with_nothing_but_delayed_messages_is_not_empty():
    known = Memory(
        rescue_since=at("11:00"),
        oldest_after=at("08:00"),
        queue_read_at=at("11:30"),
        retention_s=DAYS_4.total_seconds(),
    )
    assert (
        after_facts(known, seen("RUNNING", "Enabled", queue=queue(delayed=1)), Settings(), at("12:00"))
        == known
    )


def test_an_accepted_start_begins_its_measurement():
    memory = after_outcomes(
        Memory(failed_starts=1), (Outcome(action=Action.own(ActionKind.START_MODEL)),), at("08:00")
    )
    assert memory == Memory(
        failed_starts=1,
        start_requested_at=at("08:00"),
        starting_since=at("08:00"),
        attempts=(Attempt(action=ActionKind.START_MODEL, since=at("08:00")),),
    )


def look(memory: Memory, model: ModelStatus, clock: str) -> Memory:
    return after_observation(memory, model, MappingState.UNREADABLE, now=at(clock), open_since=None)


def test_starting_is_noted_from_when_it_was_first_seen():
    first = look(Memory(), ModelStatus.STARTING, "08:05")
    assert first == Memory(starting_since=at("08:05"))
    assert look(first, ModelStatus.STARTING, "08:10") is first


UNDER_WAY = Memory(start_requested_at=SINCE, starting_since=SINCE)


@pytest.mark.parametrize(
    ("before", "model", "clock", "after"),
    [
        pytest.param(
            Memory(starting_since=SINCE),
            ModelStatus.RUNNING,
            "08:20",
            Memory(),
            id="somebody else's start ends",
        ),
        pytest.param(UNDER_WAY, ModelStatus.STOPPED, "08:20", Memory(), id="stopped by somebody"),
        pytest.param(
            Memory(start_requested_at=SINCE, starting_since=SINCE),
            ModelStatus.STOPPED,
            "08:01",
            Memory(),
            id="a minute later a status is believed",
        ),
        pytest.param(
            UNDER_WAY,
            ModelStatus.RUNNING,
            "08:20",
            Memory(start_durations_s=(1200.0,), running_since=at("08:20")),
            id="measured, and yet to prove itself",
        ),
        pytest.param(
            UNDER_WAY,
            ModelStatus.FAILED,
            "08:20",
            Memory(failed_starts=1, last_failure_at=at("08:20"), next_start_at=at("08:25")),
            id="failed, and backed off",
        ),
    ],
)
def test_the_end_of_a_start_leaves_just_what_it_teaches(before, model, clock, after):
    assert look(before, model, clock) == after


def test_the_summary_names_what_is_suppressed_and_what_is_retired():
    memory = Memory(failed_starts=2, next_start_at=at("09:10"))
    looked = seen("FAILED", "Disabled")
    backed_off = plan(inputs("09:00", OPEN, observed=looked, memory=memory))
    assert backed_off.suppressed[0].message in plan_summary(backed_off)
    assert [(held.action, held.reason) for held in backed_off.suppressed] == [
        (Action.own(ActionKind.START_MODEL), "Backoff")
    ]
    others = tuple(OtherVersion(arn=arn, units=1, retired=True) for arn in ("arn:a", "arn:b"))
    named = NamedVersions(model=True, retired=False)
    looked = seen("RUNNING", "Enabled", others=others, function_arn="arn:f", named=named)
    memory = Memory(superseded_since=at("08:45"))
    now = inputs("09:00", OPEN, observed=looked, memory=memory, facts_read=frozenset({Fact.FUNCTION}))
    assert "arn:a, arn:b" in plan_summary(plan(now))


def test_a_plan_that_waits_for_facts_says_so():
    waiting = Plan(
        desire=DesiredState(
            desired=Desired.ON, rule="open", reason="on demand", needs=frozenset({Fact.COUNTS})
        ),
        needs=frozenset({Fact.COUNTS}),
    )
    assert plan_summary(waiting).startswith("open: on demand; ")


@pytest.mark.parametrize("refusal", [FailureKind.QUOTA, FailureKind.TERMINAL])
def test_what_a_person_must_mend_is_not_looked_at_sooner(refusal):
    looked = seen("STOPPED", "Disabled")
    now = inputs("09:00", OPEN, Settings(), observed=looked)
    outcome = Outcome(action=Action.own(ActionKind.START_MODEL), refusal=refusal, error="no")
    assert next_check(now, plan(now), (outcome,), Memory()) == at("17:00")
