"""What a memory is about, hours of our own counting, and numbers that no tick can have written."""

from __future__ import annotations

import math
import typing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.core.inputs import Fact, drain_limit
from controller.core.memory import (
    FIELD_MAX,
    FIELDS_OF_ALL,
    FIELDS_OF_MAPPING,
    FIELDS_OF_MODEL,
    FIELDS_OF_PROJECT,
    FIELDS_OF_QUEUE,
    FIELDS_OF_RETIRED,
    Condition,
    Memory,
    ServiceHours,
    Subject,
    about,
    after_facts,
    after_observation,
    billed_unit_hours,
    count_hours,
    unit_hours,
)
from controller.core.observed import NamedVersions, Observed, QueueCounts
from controller.core.rules import over_budget, retention
from controller.core.settings import Budget, Settings
from controller.core.states import MappingState, ModelStatus
from tests.unit.core.conftest import at, closure, inputs, seen

PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos"
MODEL, NEWER = f"{PROJECT}/version/logos.1/1", f"{PROJECT}/version/logos.2/2"
SUBJECT = Subject(model=MODEL, mapping="us-east-1::uuid", queue="arn:q")
READY = Condition(type="Ready", status="True", reason="x", message="y", since=at("08:00"))
NAMES = [field.name for field in fields(Memory) if field.name != "subject"]


def full(subject: Subject = SUBJECT) -> Memory:
    """Every field differs from its default."""
    instants = {name: at("08:00") for name in NAMES if name.endswith(("_at", "_since", "_after", "_to"))}
    numbers = dict.fromkeys(("failed_starts", "busy_starts", "counted_units"), 1)
    seconds = dict.fromkeys(("retention_s", "function_timeout_s", "unit_hours"), 60.0)
    texts = {"project_arn": f"{PROJECT}/1", "ready_for": "ON@1", "function_arn": "arn:f"}
    return Memory(
        subject=subject,
        start_durations_s=(600.0,),
        seen_not_disabled=True,
        conditions=(READY,),
        attempts=("x",),
        schedule=ServiceHours(open=True, until=None, next_opening=None),
        **instants,
        **numbers,
        **seconds,
        **texts,
    )


def lost(memory: Memory) -> set[str]:
    return {name for name in NAMES if getattr(memory, name) == getattr(Memory(), name)}


def test_every_field_is_about_the_model_the_mapping_or_the_queue():
    assert {
        *FIELDS_OF_ALL,
        *FIELDS_OF_PROJECT,
        *FIELDS_OF_MODEL,
        *FIELDS_OF_RETIRED,
        *FIELDS_OF_MAPPING,
        *FIELDS_OF_QUEUE,
    } == set(NAMES)
    assert lost(full()) == set()


@pytest.mark.parametrize(
    ("now", "gone"),
    [
        pytest.param(SUBJECT, set(), id="the same"),
        pytest.param(Subject(model=NEWER), {*FIELDS_OF_MODEL, *FIELDS_OF_ALL}, id="another model"),
        pytest.param(
            Subject(mapping="us-east-1::other"), {*FIELDS_OF_MAPPING, *FIELDS_OF_ALL}, id="another mapping"
        ),
        pytest.param(Subject(queue="arn:q2"), set(FIELDS_OF_QUEUE), id="another queue"),
        pytest.param(Subject(model=MODEL), set(), id="the others are not known now"),
    ],
)
def test_what_is_about_something_else_is_lost_and_nothing_else(now, gone):
    known = about(full(), now)
    assert lost(known) == gone
    assert known.subject == Subject(
        model=now.model or MODEL, mapping=now.mapping or "us-east-1::uuid", queue=now.queue or "arn:q"
    )


def test_a_memory_that_does_not_say_what_it_is_about_is_kept_and_says_it_from_now_on():
    assert about(full(Subject()), SUBJECT) == full()


@pytest.mark.parametrize("project", ["labels", "logos-2"])
def test_the_arn_of_another_project_is_lost_though_a_memory_does_not_say_what_it_is_about(project):
    subject = Subject(model=MODEL)
    kept, other = Memory(project_arn=f"{PROJECT}/1"), f"{PROJECT.replace('logos', project)}/1"
    assert about(kept, subject) == replace(kept, subject=subject)
    assert about(Memory(project_arn=other), subject) == Memory(subject=subject)
    assert about(Memory(subject=subject, project_arn=other), subject) == Memory(subject=subject)


ONLY = NamedVersions(model=True, retired=False)


@pytest.mark.parametrize(
    ("function", "since"), [("arn:f", "08:00"), ("arn:g", "08:59")], ids=["the same", "another"]
)
def test_what_another_function_of_the_mapping_named_says_nothing_of_this_one(function, since):
    looked = seen("RUNNING", "Enabled", function_arn=function, named=ONLY)
    assert after_facts(full(), looked, Settings(), at("08:59")).superseded_since == at(since)


@pytest.mark.parametrize("read_at", ["08:00", None], ids=["an hour ago", "nobody knows when"])
def test_what_the_function_named_when_it_was_last_read_an_hour_ago_says_nothing_of_the_time_since(read_at):
    known = replace(full(), function_read_at=at(read_at) if read_at else None)
    timeout = timedelta(seconds=60)
    looked = seen("RUNNING", "Enabled", function_arn="arn:f", named=ONLY, function_timeout=timeout)
    first = after_facts(known, looked, Settings(), at("09:00"))
    assert (first.superseded_since, first.function_read_at) == (at("09:00"), at("09:00"))
    for clock in ("09:00", "09:25", "09:50", "10:15"):
        first = after_facts(first, looked, Settings(), at(clock))
        assert first.superseded_since == at("09:00")


def test_what_was_seen_of_some_retired_versions_says_nothing_of_others():
    known = full(replace(SUBJECT, retired=("arn:old",)))
    assert lost(about(known, Subject(retired=("arn:old",)))) == set()
    assert lost(about(known, Subject(retired=("arn:old", "arn:older")))) == {"superseded_since"}


def test_a_memory_of_the_same_is_the_same():
    memory = full()
    assert about(memory, Subject(model=MODEL)) is memory


# Unit-hours of our own counting.

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUNNING = Observed(model=ModelStatus.RUNNING, mapping=MappingState.ENABLED, units=2)
STOPPED = replace(RUNNING, model=ModelStatus.STOPPED)


def counted(*looks: tuple[float, Observed], memory: Memory | None = None):
    """Looks so many hours after noon."""
    memory = memory or Memory()
    for hours, observed in looks:
        memory = count_hours(memory, observed, NOON + timedelta(hours=hours))
    return memory


@pytest.mark.parametrize(
    ("looks", "after_h", "hours"),
    [
        pytest.param([], 5, 0, id="nothing was seen"),
        pytest.param([(0, STOPPED)], 5, 0, id="it does not run"),
        pytest.param([(0, RUNNING)], 0.5, 1, id="two units for half an hour"),
        pytest.param([(0, RUNNING), (0.5, STOPPED)], 9, 1, id="and then no more"),
        pytest.param([(0, RUNNING), (0.5, STOPPED), (1, RUNNING)], 1.25, 1.5, id="two runs"),
        pytest.param([(0, RUNNING), (1, RUNNING), (1.5, STOPPED)], 9, 3, id="written down on the hour"),
        pytest.param(
            [(0, RUNNING), (0.5, replace(RUNNING, units=1))], 1.5, 2, id="with fewer units: 1 and 1"
        ),
        pytest.param([(0, replace(RUNNING, units=None))], 3, 3, id="units unread: one"),
        pytest.param([(0, RUNNING), (9, STOPPED)], 9, 2, id="it stopped while nobody looked: an hour of it"),
        pytest.param([(0, RUNNING), (9, RUNNING)], 9, 18, id="it ran on while nobody looked"),
        pytest.param(
            [(0, RUNNING), (0.5, replace(RUNNING, model=ModelStatus.UNREADABLE)), (1, STOPPED)],
            9,
            2,
            id="unreadable: as it was",
        ),
        pytest.param(
            [(0, RUNNING), (0.5, replace(RUNNING, model=ModelStatus.UNKNOWN)), (1, STOPPED)],
            9,
            2,
            id="unknown: as it was",
        ),
    ],
)
def test_the_hours_that_the_model_was_seen_running_are_counted(looks, after_h, hours):
    assert unit_hours(counted(*looks), NOON + timedelta(hours=after_h)) == pytest.approx(hours)


MONTH_END = (datetime(2026, 12, 1, tzinfo=UTC) - NOON) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("looks", "after_h", "hours"),
    [
        pytest.param([(-2, RUNNING)], 1, 2, id="a run over the turn of the month"),
        pytest.param([(-2, RUNNING), (-1, STOPPED)], 1, 0, id="a run of the month before"),
        pytest.param([(-2, RUNNING), (-0.5, RUNNING), (0.25, STOPPED)], 1, 0.5, id="ended in this month"),
        pytest.param([(-9, RUNNING), (0.5, STOPPED)], 1, 0, id="it ended in the month before, unseen"),
        pytest.param([(-2, RUNNING), (0.5, RUNNING), (1, STOPPED)], 2, 2, id="written down in this month"),
    ],
)
def test_a_month_counts_its_own_hours(looks, after_h, hours):
    memory = counted(*((MONTH_END + each, observed) for each, observed in looks))
    assert unit_hours(memory, NOON + timedelta(hours=MONTH_END + after_h)) == pytest.approx(hours)


def test_a_steady_look_writes_the_hours_down_once_an_hour():
    first = counted((0, RUNNING))
    assert counted((0.99, RUNNING), memory=first) is first
    assert counted((1, RUNNING), memory=first) == replace(
        first, unit_hours=2.0, counted_to=NOON + timedelta(hours=1)
    )
    asleep = counted((0, STOPPED))
    assert asleep == Memory()
    assert counted((5, STOPPED), memory=asleep) is asleep


def test_a_count_whose_instant_was_lost_begins_anew():
    memory = replace(counted((0, RUNNING), (1, RUNNING)), counted_to=None)
    again = counted((1, RUNNING), (1.5, RUNNING), memory=memory)
    assert unit_hours(again, NOON + timedelta(hours=1.5)) == pytest.approx(1)


def test_hours_are_written_down_with_the_first_that_is_written_anyway():
    memory = replace(counted((0, RUNNING)), queue_read_at=NOON + timedelta(hours=0.5))
    assert counted((0.6, RUNNING), memory=memory) is memory
    noted = counted((0.5, RUNNING), memory=memory)
    assert (noted.unit_hours, noted.counted_to) == (1.0, memory.queue_read_at)
    assert counted((0.5, RUNNING), memory=noted) is noted


@pytest.mark.parametrize(
    ("by_metric", "memory", "larger"),
    [
        (None, Memory(), None),
        (None, Memory(counted_to=NOON, counted_units=1), None),
        (3.0, Memory(), 3.0),
        (0.0, Memory(unit_hours=4.0, counted_to=NOON), 4.0),
        (None, Memory(unit_hours=4.0, counted_to=NOON), 4.0),
        (5.0, Memory(unit_hours=4.0, counted_to=NOON), 5.0),
    ],
)
def test_what_is_billed_is_the_larger_of_both_counts(by_metric, memory, larger):
    assert billed_unit_hours(memory, by_metric, NOON) == larger


@pytest.mark.parametrize(("hours", "over"), [(1.99, None), (2, True)], ids=["just within", "just used up"])
def test_a_budget_is_used_up_by_our_own_count_too(hours, over):
    memory = counted((0, RUNNING), (hours, RUNNING))
    now = replace(inputs("12:00", closure("08:00", "20:00"), FOUR), memory=memory)
    assert over_budget(replace(now, now=NOON + timedelta(hours=hours))) is over


FOUR = Settings(budget=Budget(unit_hours_per_month=4))


@pytest.mark.parametrize("looked", [RUNNING, STOPPED], ids=["running", "stopped"])
def test_what_cloudwatch_counts_over_the_budget_is_counted_on_from_there(looked):
    before = counted((0, RUNNING), (1, looked))
    now = NOON + timedelta(hours=1)
    memory = after_facts(before, replace(looked, unit_hours=5.0), FOUR, now)
    assert unit_hours(memory, now) == 5
    later = unit_hours(counted((1.5, STOPPED), memory=memory), now + timedelta(hours=8))
    assert later == (6 if looked is RUNNING else 5)
    assert after_facts(before, replace(looked, unit_hours=3.9), FOUR, now) is before


def test_a_budget_that_is_raised_is_not_used_up_any_more():
    looked = replace(STOPPED, unit_hours=5.0)
    memory = after_facts(Memory(), looked, FOUR, NOON)
    raised = Settings(budget=Budget(unit_hours_per_month=40))
    for settings, over in ((FOUR, True), (raised, False)):
        now = inputs("12:00", closure("08:00", "20:00"), settings, observed=looked, memory=memory)
        assert over_budget(replace(now, facts_read=frozenset({Fact.HOURS}))) is over


# Numbers that no tick can have written.


def numeric(hint: object) -> bool:
    args = typing.get_args(hint)
    return hint in (int, float) or any(map(numeric, args))


def test_every_number_of_a_memory_has_a_bound():
    hints = typing.get_type_hints(Memory)
    assert {name for name, hint in hints.items() if numeric(hint)} == set(FIELD_MAX)


@pytest.mark.parametrize("name", FIELD_MAX)
@pytest.mark.parametrize("number", [9e11, -1.0, math.inf, math.nan], ids=str)
def test_a_number_that_is_impossible_counts_as_lost(name, number):
    value = (600.0, number) if name == "start_durations_s" else number
    memory = after_observation(
        Memory(**{name: value}),
        ModelStatus.UNKNOWN,
        MappingState.UNREADABLE,
        now=at("08:00"),
        open_since=None,
    )
    assert memory == Memory()


@pytest.mark.parametrize("name", FIELD_MAX)
def test_the_greatest_number_that_is_possible_is_kept(name):
    value = (FIELD_MAX[name],) if name == "start_durations_s" else FIELD_MAX[name]
    memory = Memory(**{name: value})
    noticed = after_observation(
        memory, ModelStatus.UNKNOWN, MappingState.UNREADABLE, now=at("08:00"), open_since=None
    )
    assert noticed == memory


def test_durations_of_aws_that_are_impossible_break_no_arithmetic():
    ages = timedelta(days=900_000_000)
    looked = seen(
        "RUNNING",
        "Disabled",
        function_arn="arn:f",
        batching_window=ages,
        function_timeout=ages,
        oldest_age=ages,
        queue=QueueCounts(waiting=1, in_flight=0, delayed=0, retention=ages),
    )
    memory = after_facts(Memory(oldest_after=at("08:00")), looked, Settings(rescue=ages), at("12:00"))
    assert memory.retention_s == 14 * 86_400
    assert memory.function_timeout_s == 900
    assert memory.oldest_after == at("12:00") - timedelta(days=14)
    now = inputs("12:00", closure("08:00", "20:00"), observed=looked, memory=memory)
    assert drain_limit(now) == timedelta(minutes=2 + 5 + 15 + 1)
    assert retention(replace(now, memory=Memory(), settings=Settings(retention=ages))) == timedelta(days=14)
