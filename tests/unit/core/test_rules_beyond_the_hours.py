"""On demand, overtime, rescue and budget: what each asks for, what it must know, and what it does without."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.desired import (
    bridge,
    closed,
    desire,
    over_budget,
    overtime,
    rescue,
    verdicts,
    warm_up,
)
from controller.core.desired import opening as opening_rule
from controller.core.memory import Memory, learn
from controller.core.observed import QueueCounts
from controller.core.plan import plan
from controller.core.settings import Budget, OnDemand, Settings
from controller.core.situation import Fact, Timing
from controller.core.states import Action, Desired
from tests.unit.core.conftest import at, closure, opening, seen, situation

COUNTS, AGE, HOURS = (frozenset({fact}) for fact in (Fact.COUNTS, Fact.AGE, Fact.HOURS))
OPEN, EVENING = opening("08:30", "17:00"), closure("17:00", "23:00")
DAYS_4 = timedelta(days=4)


def queue(waiting: int = 0, in_flight: int = 0, delayed: int = 0) -> QueueCounts:
    return QueueCounts(waiting=waiting, in_flight=in_flight, delayed=delayed, retention=DAYS_4)


ON_DEMAND = Settings(on_demand=OnDemand(idle=timedelta(minutes=20)))


@pytest.mark.parametrize(
    ("counts", "memory", "model", "desired"),
    [
        pytest.param(queue(waiting=1), Memory(), "STOPPED", Desired.ON, id="a message waits"),
        pytest.param(queue(in_flight=1), Memory(), "RUNNING", Desired.ON, id="a message is in flight"),
        pytest.param(
            queue(), Memory(last_busy_at=at("09:45")), "RUNNING", Desired.ON, id="busy 15 minutes ago"
        ),
        pytest.param(
            queue(), Memory(last_busy_at=at("09:40")), "RUNNING", Desired.OFF, id="busy 20 minutes ago"
        ),
        pytest.param(queue(), Memory(), "RUNNING", Desired.ON, id="forgotten and up: as if busy now"),
        pytest.param(queue(), Memory(), "STOPPED", Desired.OFF, id="forgotten and down: not busy"),
        pytest.param(None, Memory(), "STOPPED", Desired.ON, id="the queue cannot be read"),
    ],
)
def test_on_demand_is_on_only_while_messages_wait_or_were_in_flight_within_idle(
    counts, memory, model, desired
):
    looked = seen(model, "Disabled", queue=counts)
    wanted = desire(situation("10:00", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS))
    assert (wanted.desired, wanted.rule) == (desired, "open")


def test_on_demand_depends_on_the_counts_and_asks_for_nothing_else():
    wanted = desire(situation("10:00", OPEN, ON_DEMAND, observed=seen("STOPPED", "Disabled")))
    assert (wanted.needs, wanted.consume) == (COUNTS, None)


def test_on_demand_has_no_warm_up():
    assert desire(situation("08:10", closure("00:00", "08:30"), ON_DEMAND)).desired is Desired.OFF


def test_on_demand_looks_again_when_idle_is_over():
    memory, looked = Memory(last_busy_at=at("09:45")), seen("RUNNING", "Enabled", queue=queue())
    now = situation("10:00", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS)
    assert desire(now).until == at("10:05")


OVERTIME = Settings(overtime=timedelta(minutes=45))


@pytest.mark.parametrize(
    ("clock", "timing", "looked", "desired"),
    [
        pytest.param(
            "17:10", EVENING, seen("RUNNING", "Enabled", queue=queue(9)), Desired.ON, id="messages wait"
        ),
        pytest.param(
            "17:10", EVENING, seen("RUNNING", "Enabled", queue=queue()), Desired.OFF, id="none waits"
        ),
        pytest.param(
            "17:10",
            EVENING,
            seen("RUNNING", "Enabled", queue=queue(in_flight=3)),
            Desired.OFF,
            id="only in flight",
        ),
        pytest.param("17:45", EVENING, seen("RUNNING", "Enabled", queue=queue(9)), Desired.OFF, id="over"),
        pytest.param(
            "17:10", EVENING, seen("RUNNING", "Disabled", queue=queue(9)), Desired.OFF, id="is off already"
        ),
        pytest.param(
            "17:10", EVENING, seen("STOPPED", "Disabled", queue=queue(9)), Desired.OFF, id="starts nothing"
        ),
        pytest.param(
            "17:10", EVENING, seen("RUNNING", "Enabled"), Desired.OFF, id="the queue cannot be read"
        ),
        pytest.param(
            "17:10",
            closure("17:00", "23:00", explicit=True),
            seen("RUNNING", "Enabled", queue=queue(9)),
            Desired.OFF,
            id="not in an explicit closure",
        ),
    ],
)
def test_overtime_goes_on_while_messages_wait_and_never_starts_anything(clock, timing, looked, desired):
    memory = Memory(oldest_after=at("16:00"))
    now = situation(clock, timing, OVERTIME, observed=looked, memory=memory, facts_read=COUNTS)
    assert desire(now).desired is desired


def test_overtime_reads_the_counts_only_while_consumption_is_on():
    memory = Memory(oldest_after=at("16:00"))
    on = situation("17:10", EVENING, OVERTIME, observed=seen("RUNNING", "Enabled"), memory=memory)
    off = situation("17:10", EVENING, OVERTIME, observed=seen("RUNNING", "Disabled"), memory=memory)
    assert (desire(on).needs, desire(off).needs) == (COUNTS, frozenset())


# Rescue. Retention 4 days: the margin is the smaller of 12 h and one day; danger begins at an age of 84 h.

LONG = Timing(open=False, started_at=at("17:00") - timedelta(days=9), ends_at=None, reason="shut", line=7)
ASLEEP = seen("STOPPED", "Disabled")


def closed_for(hours: float) -> Timing:
    since = at("12:00") - timedelta(hours=hours)
    return Timing(open=False, started_at=since, ends_at=None, reason="shut", line=7)


def hours_ago(hours: float) -> Memory:
    return Memory(oldest_after=at("12:00") - timedelta(hours=hours), retention_s=DAYS_4.total_seconds())


@pytest.mark.parametrize(
    ("memory", "needs"),
    [
        pytest.param(hours_ago(83.9), set(), id="nothing can be in danger: nothing is read"),
        pytest.param(hours_ago(84), {Fact.COUNTS, Fact.AGE}, id="something may be: both are read"),
        pytest.param(Memory(), {Fact.COUNTS}, id="nothing is remembered: the counts first"),
    ],
)
def test_a_rescue_reads_only_when_what_is_remembered_does_not_rule_danger_out(memory, needs):
    wanted = desire(situation("12:00", LONG, observed=ASLEEP, memory=memory))
    assert wanted.needs == needs


@pytest.mark.parametrize(
    ("timing", "looked", "memory", "desired"),
    [
        pytest.param(
            LONG,
            seen("STOPPED", "Disabled", queue=queue(5), oldest_age=timedelta(hours=84)),
            hours_ago(84),
            Desired.ON,
            id="the oldest expires within the margin",
        ),
        pytest.param(
            LONG,
            seen("STOPPED", "Disabled", queue=queue(5), oldest_age=timedelta(hours=83)),
            hours_ago(83),
            Desired.OFF,
            id="the oldest is young enough",
        ),
        pytest.param(
            closed_for(84),
            seen("STOPPED", "Disabled", queue=queue(5)),
            hours_ago(100),
            Desired.ON,
            id="unreadable age, closed so long that messages may expire",
        ),
        pytest.param(
            closed_for(83),
            seen("STOPPED", "Disabled", queue=queue(5)),
            hours_ago(100),
            Desired.OFF,
            id="unreadable age, closed for less: by arithmetic nothing is in danger",
        ),
    ],
)
def test_a_rescue_begins_when_the_oldest_message_expires_within_the_margin(timing, looked, memory, desired):
    now = situation("12:00", timing, observed=looked, memory=memory, facts_read=COUNTS | AGE)
    assert desire(now).desired is desired


@pytest.mark.parametrize(
    ("window", "retention_h", "safe_h"),
    [(timedelta(hours=12), 96, 84), (timedelta(hours=48), 96, 72), (timedelta(hours=12), 24, 18)],
)
def test_the_margin_is_the_smaller_of_the_key_and_a_quarter_of_the_retention(window, retention_h, safe_h):
    memory = Memory(oldest_after=at("12:00"), retention_s=retention_h * 3600)
    verdict = rescue(situation("13:00", LONG, Settings(rescue=window), observed=ASLEEP, memory=memory))
    assert verdict.until == at("12:00") + timedelta(hours=safe_h)


@pytest.mark.parametrize(
    ("clock", "counts", "desired"),
    [
        pytest.param("20:00", queue(waiting=1), Desired.ON, id="a message waits"),
        pytest.param("20:00", queue(in_flight=1), Desired.ON, id="one is in flight"),
        pytest.param("20:00", queue(delayed=1), Desired.ON, id="one is delayed"),
        pytest.param("20:00", None, Desired.ON, id="the queue cannot be read"),
        pytest.param("20:00", queue(), Desired.OFF, id="the queue is empty"),
        pytest.param("23:59", queue(waiting=1), Desired.ON, id="just before its time is over"),
    ],
)
def test_a_rescue_goes_on_until_the_queue_is_empty(clock, counts, desired):
    before = Memory(
        rescue_since=at("12:00"), oldest_after=at("12:00") - DAYS_4, retention_s=DAYS_4.total_seconds()
    )
    looked = seen("RUNNING", "Enabled", queue=counts)
    memory = learn(before, looked, None, at(clock))
    now = situation(clock, LONG, observed=looked, memory=memory, facts_read=COUNTS | AGE)
    assert desire(now).desired is desired


@pytest.mark.parametrize(
    ("age", "desired"),
    [
        pytest.param(timedelta(hours=84), Desired.ON, id="another message is in danger"),
        pytest.param(timedelta(hours=83), Desired.OFF, id="none is"),
        pytest.param(None, Desired.OFF, id="by the closure's length alone it is not tried again"),
    ],
)
def test_when_a_rescues_time_is_over_an_age_begins_another(age, desired):
    memory = Memory(
        rescue_since=at("00:00"), oldest_after=at("00:00") - DAYS_4, retention_s=DAYS_4.total_seconds()
    )
    asleep = situation("12:00", LONG, observed=ASLEEP, memory=memory)
    assert desire(asleep).needs == {Fact.COUNTS, Fact.AGE}
    looked = seen("RUNNING", "Enabled", queue=queue(5), oldest_age=age)
    learned = learn(memory, looked, None, at("12:00"), asked_age=True)
    now = situation("12:00", LONG, observed=looked, memory=learned, facts_read=COUNTS | AGE)
    assert desire(now).desired is desired


@pytest.mark.parametrize(
    ("asked_for_min", "desired"),
    [(0, Desired.OFF), (19, Desired.OFF), (20, Desired.ON)],
    ids=["just asked", "asked for less than a queue needs to wake", "asked in vain"],
)
def test_an_age_that_is_not_known_yet_is_waited_for_before_the_closures_length_tells(asked_for_min, desired):
    asked_at = at("12:00") - timedelta(minutes=asked_for_min)
    memory = Memory(age_asked_at=asked_at, retention_s=DAYS_4.total_seconds())
    looked = seen("STOPPED", "Disabled", queue=queue(5))
    now = situation("12:00", closed_for(84), observed=looked, memory=memory, facts_read=COUNTS | AGE)
    assert desire(now).desired is desired


def test_the_first_question_for_an_age_that_stays_unanswered_is_remembered():
    asleep = seen("STOPPED", "Disabled", queue=queue(5))
    asked = learn(Memory(), asleep, None, at("12:00"), asked_age=True)
    assert asked.age_asked_at == at("12:00")
    assert learn(asked, asleep, None, at("12:05"), asked_age=True).age_asked_at == at("12:00")
    awake = seen("STOPPED", "Disabled", queue=queue(5), oldest_age=timedelta(hours=1))
    assert learn(asked, awake, None, at("12:10"), asked_age=True).age_asked_at is None
    assert learn(asked, seen("STOPPED", "Disabled", queue=queue()), None, at("12:10")).age_asked_at is None


def test_never_is_never():
    now = situation("12:00", LONG, Settings(rescue=None), observed=ASLEEP, memory=hours_ago(200))
    assert (desire(now).desired, desire(now).needs) == (Desired.OFF, frozenset())


def test_an_unread_retention_is_the_files():
    memory = Memory(oldest_after=at("12:00"))
    now = situation("13:00", LONG, Settings(retention=timedelta(days=2)), observed=ASLEEP, memory=memory)
    assert rescue(now).until == at("12:00") + timedelta(hours=36)


def test_never_has_no_margin():
    assert Settings(rescue=None).rescue_margin(DAYS_4) == timedelta(0)


def test_of_a_short_margin_half_is_waited_for_an_age():
    """A retention of an hour has a margin of fifteen minutes: twenty would be too many."""
    short = Memory(age_asked_at=at("12:00"), retention_s=3600)
    looked = seen("STOPPED", "Disabled", queue=queue(5))
    shut = closed_for(2)

    def applies(clock):
        return rescue(situation(clock, shut, observed=looked, memory=short, facts_read=COUNTS | AGE)).applies

    assert (applies("12:07"), applies("12:08")) == (False, True)


# Budget.

TIGHT = Settings(bridge=timedelta(hours=2), budget=Budget(unit_hours_per_month=100))
LUNCH = closure("12:00", "13:00")


@pytest.mark.parametrize(
    ("hours", "desired"),
    [(99.9, Desired.ON), (100.0, Desired.OFF), (None, Desired.ON)],
    ids=["within", "used up", "unreadable: as if within"],
)
def test_a_bridge_applies_only_within_the_budget(hours, desired):
    looked = seen("RUNNING", "Enabled", unit_hours=hours)
    memory = Memory(oldest_after=at("11:00"))
    now = situation("12:05", LUNCH, TIGHT, observed=looked, memory=memory, facts_read=HOURS)
    assert desire(now).desired is desired


def test_overtime_applies_only_within_the_budget():
    settings = Settings(overtime=timedelta(hours=1), budget=Budget(unit_hours_per_month=100))
    looked = seen("RUNNING", "Enabled", queue=queue(9), unit_hours=100)
    memory = Memory(oldest_after=at("16:00"))
    now = situation("17:10", EVENING, settings, observed=looked, memory=memory, facts_read=COUNTS | HOURS)
    assert desire(now).desired is Desired.OFF


@pytest.mark.parametrize(("enforce", "starts"), [(False, True), (True, False)])
def test_only_an_enforced_budget_starts_nothing(enforce, starts):
    settings = Settings(budget=Budget(unit_hours_per_month=100, enforce=enforce))
    looked = seen("STOPPED", "Disabled", unit_hours=120.0)
    made = plan(situation("10:00", OPEN, settings, observed=looked, facts_read=HOURS), looked)
    assert (Action.START_MODEL in made.actions) is starts
    assert [held.reason for held in made.withheld] == ([] if starts else ["OverBudget"])


def test_a_start_asks_for_the_months_hours_where_there_is_a_budget_and_only_there():
    looked = seen("STOPPED", "Disabled")
    budgeted = Settings(budget=Budget(unit_hours_per_month=100))
    assert plan(situation("10:00", OPEN, budgeted, observed=looked), looked).needs == HOURS
    assert plan(situation("10:00", OPEN, observed=looked), looked).needs == frozenset()


def test_a_month_over_its_budget_is_remembered_until_it_ends():
    looked = seen("RUNNING", "Enabled", unit_hours=100.0)
    memory = learn(Memory(oldest_after=at("11:00")), looked, TIGHT.budget, at("12:05"))
    assert memory.over_budget == "2026-11"
    now = situation("12:05", LUNCH, TIGHT, observed=seen("RUNNING", "Enabled"), memory=memory)
    assert desire(now).desired is Desired.OFF
    assert learn(Memory(), seen("RUNNING", "Enabled", unit_hours=99.0), TIGHT.budget, at("12:05")) == Memory()


# What the facts teach.


def test_an_empty_queue_is_remembered_by_the_hour_so_that_it_changes_no_memory():
    empty = seen("STOPPED", "Disabled", queue=queue())
    first = learn(Memory(), empty, None, at("12:00"))
    assert (first.oldest_after, first.retention_s) == (at("11:59"), DAYS_4.total_seconds())
    assert learn(first, empty, None, at("12:30")) == first
    assert learn(first, empty, None, at("13:05")).oldest_after == at("13:04")


def test_a_queue_with_messages_leaves_what_is_known_of_their_age():
    memory = learn(
        Memory(oldest_after=at("08:00")), seen("RUNNING", "Enabled", queue=queue(3)), None, at("12:00")
    )
    assert (memory.oldest_after, memory.last_busy_at) == (at("08:00"), at("12:00"))


def test_an_age_that_was_read_is_the_new_bound():
    looked = seen("STOPPED", "Disabled", queue=queue(3), oldest_age=timedelta(hours=2))
    assert learn(Memory(), looked, None, at("12:00")).oldest_after == at("10:00")


def test_every_rule_has_a_row_in_the_account_without_a_look_at_aws():
    settings = Settings(overtime=timedelta(hours=1), lines={"overtime": 50, "rescue": 51})
    account = {verdict.rule: verdict for verdict in verdicts(situation("17:10", EVENING, settings))}
    assert (account["overtime"].applies, account["overtime"].line) == (None, 50)
    assert (account["rescue"].applies, account["rescue"].line) == (False, 51)


SHORT = closure("12:00", "12:40", until="12:30")
"""A closure that an override's explicit one follows within it."""


def test_bridge_asks_for_the_months_hours_once_it_would_apply():
    settings = Settings(budget=Budget(unit_hours_per_month=40), bridge=timedelta(hours=1))
    looked = seen("RUNNING", "Enabled")
    verdict = bridge(situation("12:10", SHORT, settings, observed=looked))
    assert (verdict.applies, verdict.needs, verdict.until) == (None, HOURS, at("12:30"))
    assert verdict.reason == "the closure of 40 min is no longer than 60 min"
    hours = replace(looked, unit_hours=39.0)
    read = bridge(situation("12:10", SHORT, settings, observed=hours, facts_read=HOURS))
    assert (read.applies, read.desired, read.until) == (True, Desired.ON, at("12:30"))


def test_bridge_does_not_speak_while_it_is_open():
    verdict = bridge(situation("09:00", opening("08:30", "09:10"), observed=seen("RUNNING", "Enabled")))
    assert (verdict.applies, verdict.reason) == (False, "the schedule is open")


def test_overtime_ends_where_an_explicit_closure_begins():
    settings = Settings(overtime=timedelta(hours=1))
    looked = seen("RUNNING", "Enabled", queue=queue(3))
    asked = overtime(situation("12:10", SHORT, settings, observed=looked))
    assert (asked.needs, asked.until) == (COUNTS, at("12:30"))
    told = overtime(situation("12:10", SHORT, settings, observed=looked, facts_read=COUNTS))
    assert (told.applies, told.until) == (True, at("12:30"))


def test_on_demand_ends_with_the_opening_if_that_is_sooner():
    memory = Memory(last_busy_at=at("16:50"))
    looked = seen("RUNNING", "Enabled", queue=queue())
    busy = opening_rule(
        situation("16:55", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS)
    )
    assert busy.until == at("17:00")


def test_a_rescue_under_way_asks_for_the_counts():
    verdict = rescue(situation("12:30", LONG, observed=ASLEEP, memory=Memory(rescue_since=at("12:00"))))
    assert verdict.needs == COUNTS


def test_closed_ends_with_the_closure_if_no_explicit_one_comes_before():
    assert closed(situation("18:00", EVENING)).until == at("23:00")
    assert closed(situation("12:10", SHORT)).until == at("12:30")


def test_what_the_rules_say_until_now_is_not_still_to_come():
    """The opening ends this instant: what comes next is for the next look."""
    assert desire(situation("17:00", OPEN)).until is None


def test_a_lead_that_is_learned_from_just_enough_starts_says_so():
    memory = Memory(start_durations_s=(600.0,) * 5)
    assert warm_up(situation("00:00", closure("00:00", "08:30"), memory=memory)).reason == (
        "lead 12.5 min: 90th percentile of 5 starts: begins at 2026-11-23T08:17:30Z"
    )


def test_where_nobody_looks_the_month_is_not_over_its_budget_and_no_age_is_known():
    """As `explain` asks without an account."""
    budget = Settings(budget=Budget(unit_hours_per_month=40))
    assert over_budget(situation("09:00", OPEN, budget, facts_read=HOURS)) is False
    long_ago = hours_ago(200)
    verdict = rescue(situation("12:00", closed_for(200), memory=long_ago, facts_read=COUNTS | AGE))
    assert verdict.reason == "the age cannot be read; by the closure's length messages may expire"


def test_hours_are_told_to_the_tenth_over_two_weeks():
    retention = timedelta(days=14)
    old = Memory(oldest_after=at("12:00") - retention, retention_s=retention.total_seconds())
    looked = seen("STOPPED", "Disabled", oldest_age=timedelta(hours=330.5))
    verdict = rescue(situation("12:00", LONG, observed=looked, memory=old, facts_read=COUNTS | AGE))
    assert verdict.reason == "the oldest message is 330.5 h old, and expires after 336.0 h"
