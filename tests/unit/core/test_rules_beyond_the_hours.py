"""On demand, overtime, rescue and budget: what each asks for, what it must know, and what it does without."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.actions import Action, ActionKind
from controller.core.inputs import Fact
from controller.core.memory import Memory, after_facts, unit_hours
from controller.core.observed import QueueCounts
from controller.core.plan import plan
from controller.core.rules import (
    bridge,
    closed,
    desired_state,
    evaluate_rules,
    over_budget,
    overtime,
    rescue,
)
from controller.core.rules import opening as opening_rule
from controller.core.settings import Budget, OnDemand, Settings
from controller.core.states import Desired
from controller.schedule.model import Moment
from tests.unit.core.conftest import at, closure, inputs, opening, seen

COUNTS, AGE, HOURS = (frozenset({fact}) for fact in (Fact.COUNTS, Fact.AGE, Fact.HOURS))
OPEN, EVENING = opening("08:30", "17:00"), closure("17:00", "23:00")
DAYS_4 = timedelta(days=4)


def queue(waiting: int = 0, in_flight: int = 0, delayed: int = 0) -> QueueCounts:
    return QueueCounts(waiting=waiting, in_flight=in_flight, delayed=delayed, retention=DAYS_4)


PLAIN = Settings()
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
    wanted = desired_state(
        inputs("10:00", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS)
    )
    assert (wanted.desired, wanted.rule) == (desired, "open")


def test_on_demand_depends_on_the_counts_and_asks_for_nothing_else():
    wanted = desired_state(inputs("10:00", OPEN, ON_DEMAND, observed=seen("STOPPED", "Disabled")))
    assert (wanted.needs, wanted.consume) == (COUNTS, None)


def test_on_demand_has_no_warm_up():
    assert desired_state(inputs("08:10", closure("00:00", "08:30"), ON_DEMAND)).desired is Desired.OFF


def test_on_demand_looks_again_when_idle_is_over():
    memory, looked = Memory(last_busy_at=at("09:45")), seen("RUNNING", "Enabled", queue=queue())
    now = inputs("10:00", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS)
    assert desired_state(now).until == at("10:05")


OVERTIME = Settings(overtime=timedelta(minutes=45))


@pytest.mark.parametrize(
    ("clock", "moment", "looked", "desired"),
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
def test_overtime_goes_on_while_messages_wait_and_never_starts_anything(clock, moment, looked, desired):
    memory = Memory(oldest_after=at("16:50"))
    now = inputs(clock, moment, OVERTIME, observed=looked, memory=memory, facts_read=COUNTS | AGE)
    assert desired_state(now).desired is desired


def test_overtime_reads_the_counts_only_while_consumption_is_on():
    memory = Memory(oldest_after=at("16:00"))
    on = inputs("17:10", EVENING, OVERTIME, observed=seen("RUNNING", "Enabled"), memory=memory)
    off = inputs("17:10", EVENING, OVERTIME, observed=seen("RUNNING", "Disabled"), memory=memory)
    assert (desired_state(on).needs, desired_state(off).needs) == (COUNTS, frozenset())


# Rescue. Retention 4 days: the margin is the smaller of 12 h and one day; danger begins at an age of 84 h.

LONG = Moment(open=False, started_at=at("17:00") - timedelta(days=9), ends_at=None, reason="shut", line=7)
ASLEEP = seen("STOPPED", "Disabled")


def closed_for(hours: float) -> Moment:
    since = at("12:00") - timedelta(hours=hours)
    return Moment(open=False, started_at=since, ends_at=None, reason="shut", line=7)


def hours_ago(hours: float) -> Memory:
    """The queue was last seen empty so long before noon, read at noon, and keeps messages for 4 days."""
    return Memory(
        oldest_after=at("12:00") - timedelta(hours=hours),
        queue_read_at=at("12:00"),
        retention_s=DAYS_4.total_seconds(),
    )


@pytest.mark.parametrize(
    ("memory", "read", "needs"),
    [
        pytest.param(hours_ago(83.9), (), set(), id="nothing can be in danger: nothing is read"),
        pytest.param(hours_ago(84), (), {Fact.COUNTS}, id="something may be: the counts"),
        pytest.param(Memory(), (), {Fact.COUNTS}, id="nothing is remembered: the counts"),
        pytest.param(hours_ago(80), COUNTS, {Fact.AGE}, id="messages wait: their age, wherever it leads"),
        pytest.param(hours_ago(80), COUNTS | AGE, set(), id="no fact is asked for twice"),
        pytest.param(hours_ago(1 / 3), COUNTS, {Fact.AGE}, id="seen empty 20 minutes ago"),
        pytest.param(hours_ago(0.33), COUNTS, set(), id="just seen empty: an age may be of what is gone"),
        pytest.param(hours_ago(84), COUNTS, set(), id="in danger: an age could only tell the same"),
        pytest.param(
            replace(hours_ago(80), queue_read_at=at("11:55")),
            COUNTS,
            set(),
            id="it was noted before that messages wait",
        ),
    ],
)
def test_a_rescue_reads_what_may_change_its_mind(memory, read, needs):
    looked = replace(ASLEEP, queue=queue(5) if Fact.COUNTS in read else None)
    verdict = rescue(inputs("12:00", LONG, observed=looked, memory=memory, facts_read=frozenset(read)))
    assert verdict.needs == needs


@pytest.mark.parametrize(
    ("moment", "looked", "memory", "begins"),
    [
        pytest.param(LONG, {"queue": queue(5)}, hours_ago(84), True, id="a message may expire"),
        pytest.param(LONG, {"queue": queue(5)}, hours_ago(83.9), False, id="all are young enough"),
        pytest.param(LONG, {"queue": queue(in_flight=1)}, hours_ago(84), True, id="one in flight may, too"),
        pytest.param(LONG, {"queue": queue(delayed=1)}, hours_ago(84), True, id="one delayed may, too"),
        pytest.param(LONG, {"queue": queue()}, hours_ago(84), False, id="none is there"),
        pytest.param(LONG, {"queue": queue(1)}, Memory(), True, id="never seen empty: any may expire"),
        pytest.param(LONG, {"queue": queue()}, Memory(), False, id="never seen, and empty now"),
        pytest.param(
            LONG,
            {"queue": queue(5), "oldest_age": timedelta(hours=1)},
            hours_ago(84),
            True,
            id="a young age does not push it back: it leaves messages out",
        ),
        pytest.param(
            LONG,
            {"queue": queue(5), "oldest_age": timedelta(hours=84)},
            hours_ago(2),
            True,
            id="an old age brings it forward",
        ),
        pytest.param(
            closed_for(84), {}, hours_ago(100), True, id="unreadable, closed so long that they may expire"
        ),
        pytest.param(
            closed_for(83.9), {}, hours_ago(100), False, id="unreadable, by arithmetic none is in danger"
        ),
        pytest.param(closed_for(83.9), {}, Memory(), False, id="unreadable and nothing known: the same"),
        pytest.param(
            closed_for(1), {"oldest_age": timedelta(hours=84)}, Memory(), True, id="unreadable, but an age"
        ),
        pytest.param(closed_for(1), {"oldest_age": timedelta(hours=83.9)}, Memory(), False, id="a young age"),
        pytest.param(LONG, {"queue_missing": True}, hours_ago(100), False, id="there is no queue"),
    ],
)
def test_a_rescue_begins_when_a_message_may_expire_within_the_margin(moment, looked, memory, begins):
    observed = replace(ASLEEP, **looked)
    learned = after_facts(memory, observed, Settings(), at("12:00"))
    now = inputs("12:00", moment, observed=observed, memory=learned, facts_read=COUNTS | AGE)
    assert rescue(now).applies is begins


@pytest.mark.parametrize(
    ("window", "retention_h", "safe_h"),
    [(timedelta(hours=12), 96, 84), (timedelta(hours=48), 96, 72), (timedelta(hours=12), 24, 18)],
)
def test_the_margin_is_the_smaller_of_the_key_and_a_quarter_of_the_retention(window, retention_h, safe_h):
    memory = Memory(oldest_after=at("12:00"), retention_s=retention_h * 3600)
    verdict = rescue(inputs("13:00", LONG, Settings(rescue=window), observed=ASLEEP, memory=memory))
    assert verdict.until == at("12:00") + timedelta(hours=safe_h)


RESCUED = Memory(
    rescue_since=at("12:00"), oldest_after=at("12:00") - DAYS_4, retention_s=DAYS_4.total_seconds()
)


@pytest.mark.parametrize(
    ("clock", "counts", "applies"),
    [
        pytest.param("20:00", queue(waiting=1), True, id="a message waits"),
        pytest.param("20:00", queue(in_flight=1), True, id="one is in flight"),
        pytest.param("20:00", queue(delayed=1), True, id="one is delayed"),
        pytest.param("20:00", None, True, id="the queue cannot be read"),
        pytest.param("20:00", queue(), False, id="the queue is empty"),
        pytest.param("23:59", queue(in_flight=1), True, id="just before its time is over"),
    ],
)
def test_a_rescue_goes_on_until_the_queue_is_empty(clock, counts, applies):
    looked = seen("RUNNING", "Enabled", queue=counts)
    memory = after_facts(RESCUED, looked, Settings(), at(clock))
    now = inputs(clock, LONG, observed=looked, memory=memory, facts_read=COUNTS | AGE)
    assert rescue(now).applies is applies


LATER = replace(RESCUED, rescue_since=at("00:00"))


@pytest.mark.parametrize(
    ("model", "counts", "age", "applies"),
    [
        pytest.param("RUNNING", queue(in_flight=5), None, False, id="all were received while it ran"),
        pytest.param("RUNNING", queue(5), None, True, id="some were not"),
        pytest.param("RUNNING", queue(delayed=5), None, True, id="some could not be"),
        pytest.param("STARTING", queue(in_flight=5), None, True, id="the model did not run"),
        pytest.param(
            "RUNNING", queue(in_flight=5), timedelta(hours=84), True, id="one is in danger by its age"
        ),
        pytest.param("RUNNING", queue(in_flight=5), timedelta(hours=83), False, id="none is by its age"),
        pytest.param("RUNNING", None, None, False, id="unreadable: by the closure's length not once more"),
        pytest.param("RUNNING", None, timedelta(hours=84), True, id="unreadable, in danger by its age"),
    ],
)
def test_a_rescue_that_has_had_its_time_goes_on_only_for_what_it_could_not_reach(model, counts, age, applies):
    looked = seen(model, "Enabled", queue=counts, oldest_age=age)
    learned = after_facts(LATER, looked, Settings(), at("12:00"))
    now = inputs("12:00", LONG, observed=looked, memory=learned, facts_read=COUNTS | AGE)
    assert rescue(now).applies is applies


@pytest.mark.parametrize(("clock", "ended"), [("11:59:59", False), ("12:00", True)])
def test_a_rescue_whose_time_is_over_has_shown_what_is_left_to_the_model(clock, ended):
    looked = seen("RUNNING", "Enabled", queue=queue(in_flight=1))
    learned = after_facts(LATER, looked, Settings(), at(clock))
    assert (learned.rescue_since, learned.oldest_after) == (
        (None, at("00:00")) if ended else (at("00:00"), LATER.oldest_after)
    )


def test_a_rescue_does_not_begin_for_an_empty_queue_whatever_is_remembered():
    looked = replace(ASLEEP, queue=queue())
    now = inputs("12:00", LONG, observed=looked, memory=hours_ago(84), facts_read=COUNTS)
    assert rescue(now).applies is False


def test_a_rescue_asks_for_the_age_where_the_queue_cannot_be_read():
    now = inputs("12:00", closed_for(84), observed=ASLEEP, memory=hours_ago(84), facts_read=COUNTS)
    assert rescue(now).needs == AGE


def test_never_is_never():
    now = inputs("12:00", LONG, Settings(rescue=None), observed=ASLEEP, memory=hours_ago(200))
    assert (desired_state(now).desired, desired_state(now).needs) == (Desired.OFF, frozenset())


def test_an_unread_retention_is_the_files():
    memory = Memory(oldest_after=at("12:00"))
    now = inputs("13:00", LONG, Settings(retention=timedelta(days=2)), observed=ASLEEP, memory=memory)
    assert rescue(now).until == at("12:00") + timedelta(hours=36)


def test_never_has_no_margin():
    assert Settings(rescue=None).rescue_margin(DAYS_4) == timedelta(0)


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
    now = inputs("12:05", LUNCH, TIGHT, observed=looked, memory=memory, facts_read=HOURS)
    assert desired_state(now).desired is desired


def test_overtime_applies_only_within_the_budget():
    settings = Settings(overtime=timedelta(hours=1), budget=Budget(unit_hours_per_month=100))
    looked = seen("RUNNING", "Enabled", queue=queue(9), unit_hours=100)
    memory = Memory(oldest_after=at("16:50"))
    now = inputs("17:10", EVENING, settings, observed=looked, memory=memory, facts_read=COUNTS | HOURS)
    assert desired_state(now).desired is Desired.OFF


@pytest.mark.parametrize(("enforce", "starts"), [(False, True), (True, False)])
def test_only_an_enforced_budget_starts_nothing(enforce, starts):
    settings = Settings(budget=Budget(unit_hours_per_month=100, enforce=enforce))
    looked = seen("STOPPED", "Disabled", unit_hours=120.0)
    made = plan(inputs("10:00", OPEN, settings, observed=looked, facts_read=HOURS))
    assert (Action.own(ActionKind.START_MODEL) in made.actions) is starts
    assert [held.reason for held in made.suppressed] == ([] if starts else ["OverBudget"])


def test_a_start_asks_for_the_months_hours_where_there_is_a_budget_and_only_there():
    looked = seen("STOPPED", "Disabled")
    budgeted = Settings(budget=Budget(unit_hours_per_month=100))
    assert plan(inputs("10:00", OPEN, budgeted, observed=looked)).needs == HOURS
    assert plan(inputs("10:00", OPEN, observed=looked)).needs == frozenset()


def test_a_month_over_its_budget_is_remembered_until_it_ends():
    looked = seen("RUNNING", "Enabled", unit_hours=100.0)
    memory = after_facts(Memory(oldest_after=at("11:00")), looked, TIGHT, at("12:05"))
    assert unit_hours(memory, at("12:05")) == 100
    now = inputs("12:05", LUNCH, TIGHT, observed=seen("RUNNING", "Enabled"), memory=memory)
    assert desired_state(now).desired is Desired.OFF
    assert after_facts(Memory(), seen("RUNNING", "Enabled", unit_hours=99.0), TIGHT, at("12:05")) == Memory()


# What the facts teach.


def test_an_empty_queue_is_remembered_by_the_hour_so_that_it_changes_no_memory():
    empty = seen("STOPPED", "Disabled", queue=queue())
    first = after_facts(Memory(), empty, PLAIN, at("12:00"))
    assert first == Memory(
        oldest_after=at("11:59"), queue_read_at=at("12:00"), retention_s=DAYS_4.total_seconds()
    )
    assert after_facts(first, empty, PLAIN, at("12:58")) is not first
    assert after_facts(first, empty, PLAIN, at("12:58")) == first
    hour_later = after_facts(first, empty, PLAIN, at("13:00"))
    assert (hour_later.oldest_after, hour_later.queue_read_at) == (at("12:59"), at("13:00"))


def test_a_queue_that_is_seen_empty_when_it_is_read_is_remembered_so_though_it_was_not_long_before():
    empty = seen("STOPPED", "Disabled", queue=queue())
    known = Memory(oldest_after=at("11:30"), queue_read_at=at("11:00"), retention_s=DAYS_4.total_seconds())
    assert after_facts(known, empty, PLAIN, at("12:00")).oldest_after == at("11:59")


@pytest.mark.parametrize(
    ("hours", "minutes"), [(1, 3.75), (8, 30), (16, 60), (24, 60), (336, 60)], ids=lambda value: f"{value}"
)
def test_the_queue_is_looked_at_every_sixteenth_of_its_retention_and_every_hour_at_most(hours, minutes):
    assert PLAIN.queue_read_interval(timedelta(hours=hours)) == timedelta(minutes=minutes)


def test_a_short_retention_is_remembered_more_exactly():
    """Of an hour's sixteenth: else a message of five minutes would seem to be one of an hour."""
    empty = seen("STOPPED", "Disabled", queue=replace(queue(), retention=timedelta(hours=1)))
    first = after_facts(Memory(), empty, PLAIN, at("12:00"))
    assert after_facts(first, empty, PLAIN, at("12:02")).oldest_after == at("11:59")
    assert after_facts(first, empty, PLAIN, at("12:03")).oldest_after == at("12:02")


def test_a_retention_that_somebody_changed_is_remembered_at_once():
    first = after_facts(Memory(), seen("STOPPED", "Disabled", queue=queue()), PLAIN, at("12:00"))
    cut = seen("STOPPED", "Disabled", queue=replace(queue(), retention=timedelta(days=1)))
    assert after_facts(first, cut, PLAIN, at("12:05")) == replace(
        first, retention_s=86_400.0, queue_read_at=at("12:05"), oldest_after=at("12:04")
    )


def test_a_queue_with_messages_leaves_what_is_known_of_their_age():
    looked = seen("RUNNING", "Enabled", queue=queue(3))
    assert after_facts(Memory(oldest_after=at("08:00")), looked, PLAIN, at("12:00")) == Memory(
        oldest_after=at("08:00"), queue_read_at=at("12:00"), retention_s=DAYS_4.total_seconds()
    )


@pytest.mark.parametrize(
    ("counts", "busy_at"),
    [(queue(3), "12:00"), (queue(in_flight=1), "12:00"), (queue(delayed=1), "09:00"), (queue(), "09:00")],
    ids=["waiting", "in flight", "delayed only", "empty"],
)
def test_when_the_queue_was_busy_is_remembered_on_demand_and_only_there(counts, busy_at):
    looked = seen("RUNNING", "Enabled", queue=counts)
    known = after_facts(Memory(last_busy_at=at("09:00")), looked, ON_DEMAND, at("12:00"))
    assert known.last_busy_at == at(busy_at)
    assert after_facts(Memory(), looked, PLAIN, at("12:00")).last_busy_at is None


@pytest.mark.parametrize(
    ("model", "idle_since"),
    [("RUNNING", "12:00"), ("STARTING", "12:00"), ("STOPPED", None), ("STOPPING", None)],
)
def test_a_model_that_is_up_is_idle_from_the_first_empty_look_on(model, idle_since):
    looked = seen(model, "Disabled", queue=queue())
    known = after_facts(Memory(), looked, ON_DEMAND, at("12:00"))
    assert known.last_busy_at == (at(idle_since) if idle_since else None)
    assert after_facts(known, looked, ON_DEMAND, at("12:30")).last_busy_at == known.last_busy_at


@pytest.mark.parametrize(
    ("known", "learned"),
    [("11:00", "10:00"), ("10:00", "10:00"), ("09:00", "09:00"), (None, None)],
    ids=["brings it back", "the same", "is no proof that all are younger", "proves nothing by itself"],
)
def test_an_age_only_moves_the_bound_back(known, learned):
    looked = seen("STOPPED", "Disabled", oldest_age=timedelta(hours=2))
    memory = after_facts(Memory(oldest_after=at(known) if known else None), looked, PLAIN, at("12:00"))
    assert memory == Memory(oldest_after=at(learned) if learned else None)


def test_every_rule_has_a_row_in_the_account_without_a_look_at_aws():
    settings = Settings(overtime=timedelta(hours=1), lines={"overtime": 50, "rescue": 51})
    account = {verdict.rule: verdict for verdict in evaluate_rules(inputs("17:10", EVENING, settings))}
    assert (account["overtime"].applies, account["overtime"].line) == (None, 50)
    assert (account["rescue"].applies, account["rescue"].line) == (False, 51)


SHORT = closure("12:00", "12:40", until="12:30")
"""A closure that an override's explicit one follows within it."""


def test_bridge_asks_for_the_months_hours_once_it_would_apply():
    settings = Settings(budget=Budget(unit_hours_per_month=40), bridge=timedelta(hours=1))
    looked = seen("RUNNING", "Enabled")
    verdict = bridge(inputs("12:10", SHORT, settings, observed=looked))
    assert (verdict.applies, verdict.needs, verdict.until) == (None, HOURS, at("12:30"))
    hours = replace(looked, unit_hours=39.0)
    read = bridge(inputs("12:10", SHORT, settings, observed=hours, facts_read=HOURS))
    assert (read.applies, read.desired, read.until) == (True, Desired.ON, at("12:30"))


def test_bridge_does_not_apply_while_it_is_open():
    verdict = bridge(inputs("09:00", opening("08:30", "09:10"), observed=seen("RUNNING", "Enabled")))
    assert verdict.applies is False


def test_overtime_ends_where_an_explicit_closure_begins():
    settings = Settings(overtime=timedelta(hours=1))
    looked = seen("RUNNING", "Enabled", queue=queue(3))
    asked = overtime(inputs("12:10", SHORT, settings, observed=looked))
    assert (asked.needs, asked.until) == (COUNTS, at("12:30"))
    told = overtime(inputs("12:10", SHORT, settings, observed=looked, facts_read=COUNTS))
    assert (told.applies, told.until) == (True, at("12:30"))


def test_on_demand_ends_with_the_opening_if_that_is_sooner():
    memory = Memory(last_busy_at=at("16:50"))
    looked = seen("RUNNING", "Enabled", queue=queue())
    busy = opening_rule(inputs("16:55", OPEN, ON_DEMAND, observed=looked, memory=memory, facts_read=COUNTS))
    assert busy.until == at("17:00")


def test_a_rescue_under_way_asks_for_the_counts():
    verdict = rescue(inputs("12:30", LONG, observed=ASLEEP, memory=Memory(rescue_since=at("12:00"))))
    assert verdict.needs == COUNTS


def test_closed_ends_with_the_closure_if_no_explicit_one_comes_before():
    assert closed(inputs("18:00", EVENING)).until == at("23:00")
    assert closed(inputs("12:10", SHORT)).until == at("12:30")


def test_what_the_rules_say_until_now_is_not_still_to_come():
    """The opening ends this instant: what comes next is for the next look."""
    assert desired_state(inputs("17:00", OPEN)).until is None


def test_where_nobody_looks_the_month_is_not_over_its_budget_and_the_closing_left_an_empty_queue():
    """As `explain` asks without an account."""
    budget = Settings(budget=Budget(unit_hours_per_month=40))
    assert over_budget(inputs("09:00", OPEN, budget, facts_read=HOURS)) is False
    assert rescue(inputs("12:00", closed_for(84))).needs == COUNTS
    assert rescue(inputs("12:00", closed_for(83))).until == at("13:00")


def test_hours_are_told_to_the_tenth_over_two_weeks():
    retention = timedelta(days=14)
    old = Memory(oldest_after=at("12:00") - retention, retention_s=retention.total_seconds())
    looked = seen("STOPPED", "Disabled", queue=queue(1))
    verdict = rescue(inputs("12:00", LONG, observed=looked, memory=old, facts_read=COUNTS | AGE))
    assert verdict.reason.count("336.0 h") == 2
