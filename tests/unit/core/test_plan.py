from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.actions import Action, ActionKind
from controller.core.inputs import Fact, drain, drain_limit, off_since
from controller.core.memory import Memory, after_observation
from controller.core.observed import NamedVersions, OtherVersion, QueueCounts
from controller.core.plan import plan
from controller.core.settings import Budget, Hold, Settings
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import Step
from tests.unit.core.conftest import at, closure, inputs, opening, seen

CLOSED, OPEN_DAY = closure("17:00", "23:00"), opening("08:30", "17:00")


def counts(in_flight: int) -> QueueCounts:
    return QueueCounts(waiting=9, in_flight=in_flight, delayed=0, retention=timedelta(days=4))


@pytest.mark.parametrize(
    ("clock", "in_flight", "settings", "drained"),
    [
        pytest.param("17:02:59", 0, Settings(), False, id="zero in flight too early: pollers go on"),
        pytest.param("17:03", 0, Settings(), True, id="zero in flight after three minutes"),
        pytest.param("17:03", 3, Settings(), False, id="work in flight"),
        pytest.param("17:14:59", 3, Settings(), False, id="work in flight just before the limit"),
        pytest.param("17:15", 3, Settings(), True, id="the limit of 15 minutes"),
        pytest.param("17:15", None, Settings(), True, id="counts unreadable: the limit alone"),
        pytest.param("17:05", None, Settings(), False, id="counts unreadable: not before the limit"),
        pytest.param("17:04", 3, Settings(drain=timedelta(minutes=4)), True, id="a limit of the file"),
    ],
)
def test_a_pipeline_is_drained_when_nothing_is_in_flight_or_the_limit_has_passed(
    clock, in_flight, settings, drained
):
    queue = None if in_flight is None else counts(in_flight)
    looked = seen("RUNNING", "Disabled", mapping_changed_at=at("17:00"), queue=queue)
    assert drain(inputs(clock, CLOSED, settings, observed=looked)) is (
        Drain.DRAINED if drained else Drain.DRAINING
    )


def test_without_last_modified_the_drain_counts_from_when_disabled_was_first_seen():
    looked = seen("RUNNING", "Disabled")
    first = inputs("17:20", CLOSED, memory=Memory(disabled_seen_at=at("17:05")), observed=looked)
    assert drain(first) is Drain.DRAINED
    assert drain(inputs("17:20", CLOSED, observed=looked)) is Drain.DRAINING


@pytest.mark.parametrize(
    "mapping",
    [m for m in MappingState if m not in (MappingState.DISABLED, MappingState.ABSENT, MappingState.NONE)],
)
def test_a_mapping_that_may_consume_is_never_drained(mapping):
    looked = seen("RUNNING", mapping, mapping_changed_at=at("17:00"), queue=counts(0))
    assert drain(inputs("19:00", CLOSED, observed=looked)) is Drain.DRAINING


def test_a_mapping_that_is_gone_has_nothing_to_drain():
    assert drain(inputs("17:00", CLOSED, observed=seen("RUNNING", "ABSENT"))) is Drain.DRAINED


@pytest.mark.parametrize(
    ("clock", "model", "mapping", "needed"),
    [
        pytest.param("17:04", "RUNNING", "Disabled", True, id="draining, counts can tell"),
        pytest.param("17:03", "RUNNING", "Disabled", True, id="draining, counts can just tell"),
        pytest.param("17:02:59", "RUNNING", "Disabled", False, id="draining, too early to tell"),
        pytest.param("17:15", "RUNNING", "Disabled", False, id="the limit has passed"),
        pytest.param("17:02", "RUNNING", "Enabled", False, id="still consuming"),
        pytest.param("17:02", "STOPPED", "Disabled", False, id="stopped"),
    ],
)
def test_the_queue_is_read_only_when_the_drain_depends_on_it(clock, model, mapping, needed):
    looked = seen(model, mapping, mapping_changed_at=at("17:00"))
    memory = Memory(oldest_after=at("16:00"))
    now = inputs(clock, CLOSED, observed=looked, memory=memory, facts_read=frozenset({Fact.FUNCTION}))
    made = plan(now)
    assert made.needs == (frozenset({Fact.COUNTS}) if needed else frozenset())
    assert (made.step is None) is needed
    assert (made.desire.desired, made.desire.rule) == (Desired.OFF, "closed")
    asked = plan(replace(now, facts_read=frozenset({Fact.COUNTS, Fact.FUNCTION})))
    assert asked.needs == frozenset()
    assert asked.step is not None


def test_a_start_under_a_budget_asks_for_the_months_hours_first():
    settings = Settings(budget=Budget(unit_hours_per_month=40))
    looked = seen("STOPPED", "Disabled")
    made = plan(inputs("09:00", opening("08:30", "17:00"), settings, observed=looked))
    assert (made.needs, made.step, made.desire.rule) == (frozenset({Fact.HOURS}), None, "open")


@pytest.mark.parametrize(
    ("ahead_s", "since"),
    [(90, "17:03:30"), (91, "17:02")],
    ids=["a clock that is a little behind", "one that is far behind: first seen counts"],
)
def test_consumption_is_off_since_aws_says_so_unless_that_is_well_ahead(ahead_s, since):
    changed_at = at("17:02") + timedelta(seconds=ahead_s)
    looked = seen("RUNNING", "Disabled", mapping_changed_at=changed_at)
    assert off_since(inputs("17:02", CLOSED, observed=looked)) == at(since)


@pytest.mark.parametrize(
    ("memory", "changed", "since"),
    [
        pytest.param(
            Memory(disabled_seen_at=at("17:02:40"), seen_not_disabled=True),
            "17:00:10",
            "17:02:40",
            id="a clock 150 seconds ahead: our own first sight",
        ),
        pytest.param(
            Memory(disabled_seen_at=at("17:00:10"), seen_not_disabled=True),
            "17:01:20",
            "17:01:20",
            id="a clock a little behind: what AWS says",
        ),
        pytest.param(
            Memory(disabled_seen_at=at("17:02:40")),
            "16:00",
            "16:00",
            id="never seen in another state: what AWS says",
        ),
        pytest.param(Memory(seen_not_disabled=True), "16:00", "17:03", id="our own sight is lost: it is now"),
    ],
)
def test_consumption_is_off_since_the_later_of_what_aws_says_and_what_was_seen(memory, changed, since):
    looked = seen("RUNNING", "Disabled", mapping_changed_at=at(changed))
    assert off_since(inputs("17:03", CLOSED, observed=looked, memory=memory)) == at(since)


def test_a_clock_that_is_ahead_stops_no_model_early():
    """Disabled at 17:00:10 by AWS, seen at once by a clock that is 150 seconds ahead."""
    memory = after_observation(
        Memory(seen_not_disabled=True),
        ModelStatus.RUNNING,
        MappingState.DISABLED,
        now=at("17:02:40"),
        open_since=None,
    )
    looked = seen("RUNNING", "Disabled", mapping_changed_at=at("17:00:10"), queue=counts(0))
    assert drain(inputs("17:05:39", CLOSED, memory=memory, observed=looked)) is Drain.DRAINING
    assert drain(inputs("17:05:40", CLOSED, memory=memory, observed=looked)) is Drain.DRAINED


READ = {"retention_s": 345_600.0}


@pytest.mark.parametrize("moment", [OPEN_DAY, CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize(
    ("looked", "memory", "read"),
    [
        pytest.param(
            seen("STOPPED", "Disabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:00:01"), oldest_after=at("00:00"), **READ),
            False,
            id="read less than an hour ago",
        ),
        pytest.param(
            seen("STOPPED", "Disabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:00"), oldest_after=at("11:59"), **READ),
            True,
            id="read an hour ago",
        ),
        pytest.param(
            seen("STOPPED", "Disabled", queue_arn="arn:q"),
            Memory(oldest_after=at("11:59")),
            True,
            id="nobody knows when it was read",
        ),
        pytest.param(
            seen("RUNNING", "Enabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:30"), oldest_after=at("11:00"), **READ),
            True,
            id="consumed, and not seen empty within the hour",
        ),
        pytest.param(
            seen("RUNNING", "Enabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:30"), oldest_after=at("11:00:01"), **READ),
            False,
            id="consumed, and seen empty within the hour",
        ),
        pytest.param(
            seen("RUNNING", "Enabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:30"), **READ),
            True,
            id="consumed, and not seen empty at all",
        ),
        pytest.param(
            seen("STOPPED", "Disabled", queue_arn="arn:q"),
            Memory(queue_read_at=at("11:56"), oldest_after=at("11:59"), retention_s=3600.0),
            True,
            id="a short retention: every sixteenth of it",
        ),
        pytest.param(
            seen("STOPPED", "ABSENT"), Memory(oldest_after=at("11:59")), False, id="no queue is known"
        ),
    ],
)
def test_the_queue_is_read_every_hour_and_while_it_is_consumed_until_it_is_seen_empty(
    moment, looked, memory, read
):
    now = inputs("12:00", replace(moment, started_at=at("11:00")), observed=looked, memory=memory)
    assert plan(now).needs == frozenset({Fact.COUNTS} if read else ())
    assert Fact.COUNTS not in plan(replace(now, facts_read=frozenset(Fact))).needs


def test_a_start_is_not_asked_for_twice_in_an_invocation_but_consumption_is_still_protected():
    looked = seen("STOPPED", "Enabled")
    made = plan(inputs("09:00", opening("08:30", "17:00"), started=True, observed=looked))
    assert made.step is Step.DISABLE_AND_START
    assert made.actions == (Action.own(ActionKind.DISABLE_MAPPING),)
    assert [held.reason for held in made.suppressed] == ["AlreadyRequested"]


@pytest.mark.parametrize(("clock", "starts"), [("09:04:59", False), ("09:05", True)])
def test_a_start_waits_for_its_backoff(clock, starts):
    memory = Memory(failed_starts=1, next_start_at=at("09:05"))
    made = plan(inputs(clock, opening("08:30", "17:00"), memory=memory, observed=seen("FAILED", "Disabled")))
    assert made.actions == ((Action.own(ActionKind.START_MODEL),) if starts else ())
    assert [held.reason for held in made.suppressed] == ([] if starts else ["Backoff"])


@pytest.mark.parametrize("missing", [False, True])
def test_nothing_is_started_for_a_queue_that_does_not_exist(missing):
    looked = seen("STOPPED", "Disabled", queue_arn="arn:q", queue_missing=missing)
    made = plan(inputs("09:00", OPEN_DAY, observed=looked, facts_read=frozenset(Fact)))
    assert made.actions == (() if missing else (Action.own(ActionKind.START_MODEL),))
    assert [held.reason for held in made.suppressed] == (["QueueMissing"] if missing else [])


def test_the_limits_leave_a_stop_alone():
    memory = Memory(next_start_at=at("19:00"), oldest_after=at("16:00"))
    looked = seen("RUNNING", "ABSENT")
    assert plan(inputs("17:30", CLOSED, memory=memory, started=True, observed=looked)).actions == (
        Action.own(ActionKind.STOP_MODEL),
    )


# The drain's limit follows the consumer's own time.


def of_function(seconds: float, read_at: str | None = "16:05:01") -> Memory:
    return Memory(
        function_arn="arn:f", function_timeout_s=seconds, function_read_at=at(read_at) if read_at else None
    )


@pytest.mark.parametrize(
    ("memory", "given", "limit_s"),
    [
        pytest.param(
            of_function(60), None, 120 + 5 + 60 + 60, id="pollers, batching window, timeout and a minute"
        ),
        pytest.param(of_function(60), timedelta(minutes=1), 245, id="a smaller drain is raised to it"),
        pytest.param(of_function(60), timedelta(minutes=10), 600, id="a larger drain stands"),
        pytest.param(Memory(), None, 900, id="unreadable: 15 minutes"),
        pytest.param(Memory(), timedelta(minutes=2), 120, id="unreadable: the file's"),
        pytest.param(
            replace(of_function(60), function_arn="arn:other"),
            None,
            900,
            id="remembered of another function",
        ),
        pytest.param(
            replace(of_function(60), function_timeout_s=None), None, 900, id="remembered without its timeout"
        ),
        pytest.param(of_function(60, "16:05"), None, 900, id="an hour old: it may be longer by now"),
        pytest.param(of_function(60, None), None, 900, id="nobody knows how old"),
        pytest.param(of_function(900, "16:05"), None, 1085, id="an hour old: it may be as long as it was"),
        pytest.param(of_function(60, "16:05"), timedelta(minutes=2), 245, id="an hour old: not below it"),
        pytest.param(of_function(60, "16:05"), timedelta(minutes=5), 300, id="an hour old: the file's"),
    ],
)
def test_the_limit_of_a_drain_is_the_consumers_own_time(memory, given, limit_s):
    looked = seen("RUNNING", "Disabled", function_arn="arn:f", batching_window=timedelta(seconds=5))
    now = inputs("17:05", CLOSED, Settings(drain=given), observed=looked, memory=memory)
    assert drain_limit(now) == timedelta(seconds=limit_s)


@pytest.mark.parametrize(
    ("read_at", "needed"),
    [("16:00:31", False), ("16:00:30", True), ("12:00", True), (None, True)],
    ids=["within the hour", "an hour ago", "long ago", "nobody knows when"],
)
def test_a_drain_reads_the_function_again_when_what_is_known_is_an_hour_old(read_at, needed):
    looked = seen("RUNNING", "Disabled", function_arn="arn:f", mapping_changed_at=at("17:00"))
    known = replace(of_function(60, read_at), oldest_after=at("16:00"))
    now = inputs("17:00:30", CLOSED, observed=looked, memory=known)
    assert plan(now).needs == (frozenset({Fact.FUNCTION}) if needed else frozenset())


def test_a_drain_asks_once_how_long_the_function_may_run():
    looked = seen("RUNNING", "Disabled", function_arn="arn:f", mapping_changed_at=at("17:00"))
    known = Memory(oldest_after=at("16:00"))
    first = inputs("17:00:30", CLOSED, observed=looked, memory=known)
    assert plan(first).needs == frozenset({Fact.FUNCTION})
    assert plan(replace(first, facts_read=frozenset({Fact.FUNCTION}))).needs == frozenset()
    remembered = replace(of_function(60), oldest_after=known.oldest_after)
    assert plan(replace(first, memory=remembered)).needs == frozenset()


# Retired versions.

OLD = OtherVersion(arn="arn:old", units=1, retired=True)
STRAY = OtherVersion(arn="arn:stray", units=1)


NEWER = NamedVersions(model=True, retired=False)
SINCE = Memory(
    oldest_after=at("08:00"),
    function_arn="arn:f",
    function_timeout_s=60,
    function_read_at=at("08:50"),
    superseded_since=at("08:50"),
)
"""The function may use an earlier environment for 2 minutes of polling, its own minute, and one more."""


@pytest.mark.parametrize(
    ("named", "memory", "clock", "retired"),
    [
        pytest.param(
            NEWER, SINCE, "08:54", True, id="it names this model only, and what ran before has ended"
        ),
        pytest.param(NEWER, SINCE, "08:53:59", False, id="what ran before may be running still"),
        pytest.param(
            NEWER, replace(SINCE, superseded_since=None), "09:00", False, id="seen for the first time"
        ),
        pytest.param(NamedVersions(model=True, retired=True), SINCE, "09:00", False, id="it names both"),
        pytest.param(
            NamedVersions(model=False, retired=True), SINCE, "09:00", False, id="it names the retired one"
        ),
        pytest.param(NamedVersions(model=False, retired=False), SINCE, "09:00", False, id="it names neither"),
        pytest.param(None, SINCE, "09:00", False, id="it could not be read"),
    ],
)
@pytest.mark.parametrize("model", ["RUNNING", "STARTING", "STOPPED"])
@pytest.mark.parametrize("mapping", ["Enabled", "Disabled"])
def test_while_the_model_is_wanted_a_retired_version_is_stopped_once_the_function_uses_this_one(
    named, memory, clock, retired, model, mapping
):
    looked = seen(
        model, mapping, mapping_changed_at=at("08:00"), others=(OLD,), function_arn="arn:f", named=named
    )
    read = frozenset({Fact.FUNCTION})
    made = plan(inputs(clock, OPEN_DAY, observed=looked, memory=memory, facts_read=read))
    assert made.retire == (("arn:old",) if retired else ())


@pytest.mark.parametrize(
    ("others", "model", "needed"),
    [
        pytest.param((OLD,), "RUNNING", True, id="a retired version runs"),
        pytest.param((OLD,), "STARTING", True, id="this model is on its way"),
        pytest.param((STRAY,), "RUNNING", False, id="another version runs"),
        pytest.param((OLD,), "UNREADABLE", False, id="nothing is done blindly"),
        pytest.param((OLD,), "DELETING", False, id="this model can never take its place"),
    ],
)
def test_the_function_is_read_when_a_retired_version_may_be_in_use(others, model, needed):
    looked = seen(model, "Enabled", others=others, function_arn="arn:f")
    now = inputs("09:00", OPEN_DAY, observed=looked, memory=SINCE)
    assert plan(now).needs == (frozenset({Fact.FUNCTION}) if needed else frozenset())


@pytest.mark.parametrize(
    ("clock", "moment", "model", "mapping", "retired"),
    [
        pytest.param("09:00", OPEN_DAY, "RUNNING", "Enabled", False, id="it may be in use"),
        pytest.param("09:00", OPEN_DAY, "STARTING", "Disabled", False, id="this model does not run yet"),
        pytest.param("09:00", OPEN_DAY, "STOPPED", "Disabled", False, id="this model is about to start"),
        pytest.param("18:00", CLOSED, "STOPPED", "Disabled", True, id="off, and consumption has ended"),
        pytest.param("18:00", CLOSED, "STOPPED", "Enabled", False, id="off, but consumption is still on"),
        pytest.param("18:00", CLOSED, "UNREADABLE", "Disabled", False, id="nothing is done blindly"),
    ],
)
def test_a_retired_version_is_stopped_once_it_cannot_be_missed(clock, moment, model, mapping, retired):
    looked = seen(model, mapping, mapping_changed_at=at("08:00"), others=(OLD, STRAY))
    memory = Memory(oldest_after=at("08:00"))
    made = plan(inputs(clock, moment, observed=looked, memory=memory))
    assert made.retire == (("arn:old",) if retired else ())


def test_a_hold_as_is_leaves_a_retired_version_alone():
    hold = Hold(desired=Desired.AS_IS, until=at("19:00"), reason="")
    looked = seen("RUNNING", "Enabled", others=(OLD,))
    assert plan(inputs("18:00", CLOSED, Settings(hold=hold), observed=looked)).retire == ()
