"""Decisions, each with its result in codes and values; ``tests/golden/messages.txt`` holds their texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.actions import Action, ActionKind, Attempt, FailureKind, Outcome
from controller.core.conditions import Assessment
from controller.core.inputs import Fact
from controller.core.memory import Condition, Memory
from controller.core.observed import NamedVersions, Observed, OtherVersion, QueueCounts
from controller.core.rules import bridge, closed, hold, opening, overtime, rescue, warm_up
from controller.core.settings import Budget, Hold, OnDemand, Settings
from controller.core.states import Desired
from controller.schedule.model import Moment
from tests.unit.core.conftest import assessed, at, closure, inputs, seen
from tests.unit.core.conftest import opening as open_hours

OPEN, NIGHT, EVENING = open_hours("08:30", "17:00"), closure("00:00", "08:30"), closure("17:00", "23:00")
CLOSED = EVENING
COUNTS = frozenset({Fact.COUNTS})
BOTH = frozenset({Fact.COUNTS, Fact.AGE})
DAYS_4 = timedelta(days=4)
KEYS = dict.fromkeys(("on_demand", "warm_up", "bridge", "overtime", "rescue", "hold"), 0)
LINES = {key: line for line, key in enumerate(KEYS, start=50)}
ON_DEMAND = Settings(on_demand=OnDemand(idle=timedelta(minutes=20)), lines=LINES)
HALF_HOUR = Settings(warm_up=timedelta(minutes=30), lines=LINES)
LATE = Settings(overtime=timedelta(minutes=45), lines=LINES)
PLAIN = Settings(lines=LINES)
ASLEEP = seen("STOPPED", "Disabled")
BACKED_OFF = Memory(failed_starts=1, next_start_at=at("09:05"))
OVER = Memory(unit_hours=500.0, counted_to=at("00:00"))
FORTY = Settings(budget=Budget(unit_hours_per_month=40))
AT_MOST_FORTY = Settings(budget=Budget(unit_hours_per_month=40, enforce=True))
WAS_READY = assessed("08:55", OPEN, seen("RUNNING", "Enabled")).memory
OLD, OLDER = OtherVersion(arn="arn:old", units=2), OtherVersion(arn="arn:older", units=None, retired=True)
NO_QUEUE = seen("RUNNING", "Enabled", queue_arn="arn:q", queue_missing=True)


def queue(waiting: int = 0, in_flight: int = 0) -> QueueCounts:
    return QueueCounts(waiting=waiting, in_flight=in_flight, delayed=0, retention=DAYS_4)


def busy(model: str = "RUNNING", mapping: str = "Enabled", waiting: int = 9, in_flight: int = 0) -> Observed:
    return seen(model, mapping, queue=queue(waiting, in_flight))


def shut_since(hours: float) -> Moment:
    since = at("12:00") - timedelta(hours=hours)
    return Moment(open=False, started_at=since, ends_at=None, reason="shut", line=7)


def danger(**more) -> Memory:
    return Memory(oldest_after=at("12:00") - timedelta(hours=100), retention_s=DAYS_4.total_seconds(), **more)


def held(until: str, reason: str = "incident 42") -> Settings:
    return Settings(hold=Hold(desired=Desired.AS_IS, until=at(until), reason=reason), lines=LINES)


def refused(refusal: FailureKind, error: str | None = "AWS said no") -> tuple[Outcome, ...]:
    return (Outcome(action=Action.own(ActionKind.START_MODEL), refusal=refusal, error=error),)


def tried(action: ActionKind, since: str, version: str | None = None, error: str | None = None) -> Memory:
    return Memory(attempts=(Attempt(action=action, version=version, since=at(since), count=7, error=error),))


def not_ready(since: str, status: str = "False") -> Memory:
    return Memory(
        conditions=(Condition(type="Ready", status=status, reason="X", message="", since=at(since)),)
    )


def beside_retired(named: NamedVersions | None) -> Observed:
    old = OtherVersion(arn="arn:old", units=1, retired=True)
    return seen("RUNNING", "Enabled", others=(old,), function_arn="arn:f", named=named)


def condition(
    name: str, result: str, observed: Observed, *, moment: Moment = OPEN, **more
) -> tuple[str, str, Assessment]:
    """``result`` is the condition's type, status and reason; at 09:00 when open, at 18:00 when closed."""
    return name, result, assessed("09:00" if moment is OPEN else "18:00", moment, observed, **more)


RULES = [
    pytest.param(hold, inputs("09:00", OPEN), False, None, None, id="no hold"),
    pytest.param(hold, inputs("09:00", OPEN, held("12:00")), True, at("12:00"), 55, id="held"),
    pytest.param(
        hold, inputs("09:00", OPEN, held("12:00", "")), True, at("12:00"), 55, id="held without a reason"
    ),
    pytest.param(hold, inputs("13:00", OPEN, held("12:00")), False, None, 55, id="a hold that is over"),
    pytest.param(opening, inputs("09:00", OPEN), True, at("17:00"), 6, id="open"),
    pytest.param(opening, inputs("03:00", NIGHT), False, at("08:30"), 7, id="not open"),
    pytest.param(opening, inputs("09:00", OPEN, ON_DEMAND), None, at("17:00"), 50, id="on demand, unread"),
    pytest.param(
        opening,
        inputs("09:00", OPEN, ON_DEMAND, observed=seen("STOPPED", "Disabled"), facts_read=COUNTS),
        True,
        at("17:00"),
        50,
        id="on demand, unreadable",
    ),
    pytest.param(
        opening,
        inputs("09:00", OPEN, ON_DEMAND, observed=busy(waiting=9, in_flight=2), facts_read=COUNTS),
        True,
        at("17:00"),
        50,
        id="on demand, busy",
    ),
    pytest.param(
        opening,
        inputs(
            "09:00",
            OPEN,
            ON_DEMAND,
            observed=busy(waiting=0),
            facts_read=COUNTS,
            memory=Memory(last_busy_at=at("08:50")),
        ),
        True,
        at("09:10"),
        50,
        id="on demand, idle for less",
    ),
    pytest.param(
        opening,
        inputs(
            "09:00",
            OPEN,
            ON_DEMAND,
            observed=busy(waiting=0),
            facts_read=COUNTS,
            memory=Memory(last_busy_at=at("08:00")),
        ),
        True,
        at("17:00"),
        50,
        id="on demand, idle",
    ),
    pytest.param(warm_up, inputs("09:00", OPEN, HALF_HOUR), False, None, 51, id="no warm-up: open"),
    pytest.param(warm_up, inputs("12:00", shut_since(9), HALF_HOUR), False, None, 51, id="none ahead"),
    pytest.param(warm_up, inputs("08:10", NIGHT, ON_DEMAND), False, None, 51, id="not with on_demand"),
    pytest.param(warm_up, inputs("03:00", NIGHT, HALF_HOUR), False, at("08:00"), 51, id="too early"),
    pytest.param(
        warm_up,
        inputs("08:10", closure("00:00", "08:30", explicit=True, until="08:20"), HALF_HOUR),
        True,
        at("08:20"),
        51,
        id="warm",
    ),
    pytest.param(
        warm_up,
        inputs("08:10", NIGHT, PLAIN, memory=Memory(start_durations_s=(600.0,) * 3)),
        True,
        at("08:30"),
        51,
        id="a default lead",
    ),
    pytest.param(
        warm_up,
        inputs("08:20", NIGHT, PLAIN, memory=Memory(start_durations_s=(600.0,) * 14)),
        True,
        at("08:30"),
        51,
        id="a learned lead",
    ),
    pytest.param(bridge, inputs("12:00", shut_since(9), PLAIN), False, None, 52, id="no bridge: one bank"),
    pytest.param(
        bridge,
        inputs("12:02", closure("12:00", "12:40", explicit=True), HALF_HOUR),
        False,
        at("12:40"),
        52,
        id="no bridge: explicit",
    ),
    pytest.param(
        bridge,
        inputs("12:02", closure("12:00", "12:40"), HALF_HOUR, observed=seen("STOPPED", "Disabled")),
        False,
        at("12:40"),
        52,
        id="no bridge: down",
    ),
    pytest.param(
        bridge, inputs("12:02", closure("12:00", "12:40"), HALF_HOUR), True, at("12:40"), 52, id="bridged"
    ),
    pytest.param(overtime, inputs("17:10", EVENING), False, None, None, id="no overtime"),
    pytest.param(overtime, inputs("09:00", OPEN, LATE), False, None, 53, id="not yet"),
    pytest.param(
        overtime,
        inputs("17:10", closure("17:00", "23:00", explicit=True), LATE),
        False,
        None,
        53,
        id="no overtime in an explicit closure",
    ),
    pytest.param(overtime, inputs("17:45", EVENING, LATE), False, None, 53, id="over"),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Disabled")),
        False,
        None,
        53,
        id="consumption is off",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Enabled")),
        None,
        at("17:45"),
        53,
        id="overtime, unread",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=seen("RUNNING", "Enabled"), facts_read=COUNTS),
        False,
        None,
        53,
        id="overtime, unreadable",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=busy(waiting=0), facts_read=COUNTS),
        False,
        None,
        53,
        id="nothing waits",
    ),
    pytest.param(
        overtime,
        inputs("17:10", EVENING, LATE, observed=busy(), facts_read=COUNTS),
        True,
        at("17:45"),
        53,
        id="overtime",
    ),
    pytest.param(
        overtime,
        inputs(
            "17:10",
            EVENING,
            Settings(overtime=timedelta(minutes=45), budget=Budget(unit_hours_per_month=9), lines=LINES),
            observed=busy(),
            facts_read=COUNTS,
            memory=Memory(unit_hours=500.0, counted_to=at("00:00")),
        ),
        False,
        None,
        53,
        id="overtime over the budget",
    ),
    pytest.param(
        rescue, inputs("12:00", shut_since(9), Settings(rescue=None)), False, None, None, id="never"
    ),
    pytest.param(rescue, inputs("09:00", OPEN, PLAIN), False, None, 54, id="no rescue: open"),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP),
        None,
        None,
        54,
        id="nothing known, unread",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=Memory(oldest_after=at("11:00"))),
        False,
        at("11:00") + timedelta(hours=84),
        54,
        id="safe for days",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=busy("STOPPED", "Disabled"),
            memory=Memory(oldest_after=at("11:00"), queue_read_at=at("12:00")),
            facts_read=COUNTS,
        ),
        None,
        at("11:00") + timedelta(hours=84),
        54,
        id="safe for days, and the age unread",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN),
        False,
        at("12:00") + timedelta(hours=75),
        54,
        id="as scheduled, safe for days",
    ),
    pytest.param(
        rescue, inputs("12:00", shut_since(200), PLAIN), None, None, 54, id="as scheduled, in danger"
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger()),
        None,
        None,
        54,
        id="in danger, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=busy("STOPPED", "Disabled"),
            memory=danger(),
            facts_read=COUNTS,
        ),
        True,
        None,
        54,
        id="in danger",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=busy("STOPPED", "Disabled"), facts_read=COUNTS),
        True,
        None,
        54,
        id="never seen empty",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00", shut_since(9), PLAIN, observed=replace(ASLEEP, queue_missing=True), facts_read=COUNTS
        ),
        False,
        None,
        54,
        id="no queue",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=danger(), facts_read=COUNTS),
        None,
        None,
        54,
        id="unreadable, the age unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(9),
            PLAIN,
            observed=replace(ASLEEP, oldest_age=timedelta(hours=90)),
            memory=danger(),
            facts_read=BOTH,
        ),
        True,
        None,
        54,
        id="unreadable, in danger by its age",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=ASLEEP, memory=danger(), facts_read=BOTH),
        False,
        at("12:00") + timedelta(hours=75),
        54,
        id="unreadable, by arithmetic safe",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(), facts_read=BOTH),
        True,
        None,
        54,
        id="unreadable, by arithmetic in danger",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(rescue_since=at("06:00"))),
        None,
        at("18:00"),
        54,
        id="a rescue under way, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "12:00",
            shut_since(200),
            PLAIN,
            observed=busy(),
            memory=danger(rescue_since=at("06:00")),
            facts_read=COUNTS,
        ),
        True,
        at("18:00"),
        54,
        id="a rescue under way",
    ),
    pytest.param(
        rescue,
        inputs("18:00", shut_since(200), PLAIN, observed=ASLEEP, memory=danger(rescue_since=at("06:00"))),
        None,
        None,
        54,
        id="a rescue that had its time, unread",
    ),
    pytest.param(
        rescue,
        inputs(
            "18:00",
            shut_since(200),
            PLAIN,
            memory=danger(rescue_since=at("06:00")),
            observed=ASLEEP,
            facts_read=BOTH,
        ),
        False,
        None,
        54,
        id="a rescue that had its time, unreadable",
    ),
    pytest.param(closed, inputs("09:00", OPEN), False, None, 6, id="not closed"),
    pytest.param(
        closed,
        inputs("03:00", closure("00:00", "08:30", explicit=True, until="05:00")),
        True,
        at("05:00"),
        7,
        id="closed",
    ),
    pytest.param(
        warm_up,
        inputs("00:00", NIGHT, PLAIN, memory=Memory(start_durations_s=(600.0,) * 5)),
        False,
        at("08:19:00"),
        51,
        id="too early for a lead learned from just enough starts",
    ),
    pytest.param(
        bridge,
        inputs("09:00", open_hours("08:30", "09:10"), PLAIN),
        False,
        None,
        52,
        id="no bridge: open",
    ),
    pytest.param(
        bridge,
        inputs("03:00", NIGHT, HALF_HOUR),
        False,
        None,
        52,
        id="no bridge: too long",
    ),
    pytest.param(
        rescue,
        inputs("12:00", shut_since(9), PLAIN, observed=replace(ASLEEP, queue=queue()), facts_read=COUNTS),
        False,
        None,
        54,
        id="nothing to rescue",
    ),
]

CONDITIONS = [
    condition("as desired", "Ready True Consuming", seen("RUNNING", "Enabled")),
    condition("not as desired", "Ready False ModelStarting", seen("STARTING", "Disabled")),
    condition("unreadable", "Ready Unknown ModelUnreadable", seen("UNREADABLE", "Enabled")),
    condition("no queue", "Ready False QueueMissing", NO_QUEUE),
    condition(
        "no queue, and none is needed",
        "Ready True Stopped",
        seen("STOPPED", "Disabled", queue_missing=True),
        moment=CLOSED,
    ),
    condition(
        "a drain before its facts are read",
        "Ready Unknown Undecided",
        seen("RUNNING", "Disabled"),
        moment=CLOSED,
        facts_read=frozenset(),
    ),
    condition("nothing to do", "Progressing False Consuming", seen("RUNNING", "Enabled")),
    condition("waiting", "Progressing True ModelStarting", seen("STARTING", "Disabled")),
    condition("acting", "Progressing True StartingModel", seen("STOPPED", "Disabled")),
    condition(
        "started by hand",
        "Progressing False ManualStart",
        seen("STOPPED", "Disabled"),
        settings=Settings(manual_start=True),
    ),
    condition(
        "without a consumer", "Ready True Running", seen("RUNNING", "None"), settings=Settings(consumer=False)
    ),
    condition("backed off", "Progressing False Backoff", seen("STOPPED", "Disabled"), memory=BACKED_OFF),
    condition(
        "started already", "Progressing False AlreadyRequested", seen("STOPPED", "Disabled"), started=True
    ),
    condition(
        "the budget is used up",
        "Progressing False OverBudget",
        seen("STOPPED", "Disabled"),
        settings=AT_MOST_FORTY,
        memory=OVER,
    ),
    condition(
        "refused for now",
        "Progressing True Busy",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.BUSY),
    ),
    condition(
        "refused without a word",
        "Progressing True Retrying",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.TRANSIENT, None),
    ),
    condition("nothing", "Stalled False NotStalled", seen("RUNNING", "Enabled")),
    condition("no mapping", "Stalled True MappingUnusable", seen("STOPPED", "ABSENT")),
    condition(
        "a mapping of something else, while the model runs",
        "Stalled True MappingUnusable",
        seen("RUNNING", "NotSqs"),
    ),
    condition("a model that cannot run", "Stalled True ModelUnusable", seen("DELETING", "Disabled")),
    condition(
        "a model that cannot run, and AWS says why",
        "Stalled True ModelUnusable",
        seen("TRAINING_FAILED", "Disabled", model_message="no labels"),
    ),
    condition(
        "the quota",
        "Stalled True QuotaExceeded",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.QUOTA),
    ),
    condition(
        "the quota, without a word",
        "Stalled True QuotaExceeded",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.QUOTA, None),
    ),
    condition(
        "starts that fail",
        "Stalled True StartsFail",
        seen("STOPPED", "Disabled"),
        memory=Memory(failed_starts=3),
    ),
    condition(
        "a start without an end",
        "Stalled True StartTakesTooLong",
        seen("STARTING", "Disabled"),
        memory=Memory(starting_since=at("07:59")),
    ),
    condition(
        "refused for good",
        "Stalled True Refused",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.TERMINAL),
    ),
    condition(
        "refused for good, without a word",
        "Stalled True Refused",
        seen("STOPPED", "Disabled"),
        outcomes=refused(FailureKind.TERMINAL, None),
    ),
    condition(
        "unreadable",
        "Stalled Unknown ModelUnreadable",
        seen("UNREADABLE", "UNREADABLE", errors=("describe failed", "get failed")),
    ),
    condition("a state that nobody knows", "Stalled Unknown MappingUnreadable", seen("RUNNING", "UNKNOWN")),
    condition(
        "a configuration in doubt",
        "Stalled False NotStalled",
        seen("RUNNING", "Enabled"),
        degraded="schedule.yaml:9:3: no such holiday",
    ),
    condition(
        "over budget", "Stalled True OverBudget", seen("RUNNING", "Enabled"), settings=FORTY, memory=OVER
    ),
    condition(
        "over a budget that is enforced",
        "Stalled True OverBudget",
        seen("RUNNING", "Enabled"),
        settings=AT_MOST_FORTY,
        memory=OVER,
    ),
    condition(
        "over last month's budget",
        "Stalled False NotStalled",
        seen("RUNNING", "Enabled"),
        settings=FORTY,
        memory=Memory(unit_hours=500.0, counted_to=at("08:00") - timedelta(days=30)),
    ),
    condition(
        "over a budget that is no more", "Stalled False NotStalled", seen("RUNNING", "Enabled"), memory=OVER
    ),
    condition("nothing", "Drifted False NotDrifted", seen("RUNNING", "Enabled")),
    condition("moved", "Drifted True ChangedElsewhere", seen("STOPPED", "Enabled"), memory=WAS_READY),
    condition(
        "moved, and AWS says by whom",
        "Drifted True ChangedElsewhere",
        seen("STOPPED", "Disabled", model_message="by an admin", mapping_reason="USER_INITIATED"),
        memory=WAS_READY,
    ),
    condition(
        "other versions run",
        "Drifted True OtherVersionRunning",
        seen("RUNNING", "Enabled", others=(OLD, OLDER)),
    ),
    condition(
        "both: the first is the reason, and both are told",
        "Drifted True ChangedElsewhere",
        seen("STOPPED", "Disabled", others=(OLD,)),
        memory=WAS_READY,
    ),
    condition(
        "starts that fail, with the last answer",
        "Stalled True StartsFail",
        ASLEEP,
        memory=replace(tried(ActionKind.START_MODEL, "08:59", error="AWS said no"), failed_starts=3),
    ),
    condition(
        "starts that fail, and the model runs for now",
        "Stalled True StartsFail",
        seen("RUNNING", "Enabled"),
        memory=Memory(failed_starts=3, running_since=at("08:55")),
    ),
    condition(
        "a stop without an end",
        "Stalled True StopTakesTooLong",
        seen("STOPPING", "Disabled"),
        memory=Memory(stopping_since=at("07:59")),
    ),
    condition(
        "a mapping without an end",
        "Stalled True MappingTakesTooLong",
        seen("RUNNING", "Enabling", mapping_reason="USER_INITIATED"),
        memory=Memory(moving_since=at("08:49")),
    ),
    condition(
        "starts without effect",
        "Stalled True StartHasNoEffect",
        ASLEEP,
        memory=tried(ActionKind.START_MODEL, "07:59"),
    ),
    condition(
        "stops without effect",
        "Stalled True StopHasNoEffect",
        seen("RUNNING", "Disabled", mapping_changed_at=at("16:00")),
        moment=CLOSED,
        memory=tried(ActionKind.STOP_MODEL, "16:59"),
    ),
    condition(
        "stops of a retired version without effect",
        "Stalled True StopHasNoEffect",
        seen("STOPPED", "Disabled", others=(OLDER,)),
        moment=CLOSED,
        memory=tried(ActionKind.STOP_MODEL, "16:59", "arn:older"),
    ),
    condition(
        "enables without effect, with the last answer",
        "Stalled True EnableHasNoEffect",
        seen("RUNNING", "Disabled"),
        memory=tried(ActionKind.ENABLE_MAPPING, "08:49", error="AWS said no"),
    ),
    condition(
        "disables without effect",
        "Stalled True DisableHasNoEffect",
        seen("STARTING", "Enabled"),
        memory=tried(ActionKind.DISABLE_MAPPING, "08:49"),
    ),
    condition(
        "not as desired for hours",
        "Stalled True NotConverging",
        seen("RUNNING", "Disabled"),
        memory=not_ready("05:59"),
    ),
    condition(
        "a retired version in use",
        "Stalled True RetiredVersionInUse",
        beside_retired(NamedVersions(model=True, retired=True)),
    ),
    condition(
        "a retired version that may be in use",
        "Stalled True RetiredVersionUnproven",
        beside_retired(NamedVersions(model=False, retired=False)),
    ),
    condition(
        "a retired version, and the function unreadable",
        "Stalled Unknown RetiredVersionUnproven",
        beside_retired(None),
    ),
    condition(
        "a status that AWS has added",
        "Stalled Unknown ModelUnreadable",
        seen("UNKNOWN", "Enabled", model_word="HIBERNATING"),
    ),
    condition(
        "a mapping's state that AWS has added",
        "Ready Unknown MappingUnreadable",
        seen("RUNNING", "UNKNOWN", mapping_word="Dreaming"),
    ),
    condition("a queue that does not exist, while the model runs", "Stalled True QueueMissing", NO_QUEUE),
    condition(
        "a queue that does not exist",
        "Stalled True QueueMissing",
        replace(ASLEEP, queue_arn="arn:q", queue_missing=True),
        moment=CLOSED,
    ),
    condition(
        "no start without a queue",
        "Progressing False QueueMissing",
        replace(ASLEEP, queue_arn="arn:q", queue_missing=True),
    ),
    condition(
        "a call that was not reached",
        "Progressing True NotReached",
        ASLEEP,
        outcomes=refused(FailureKind.NOT_REACHED, "not reached"),
    ),
    condition("other units", "Drifted True UnitsDiffer", seen("RUNNING", "Enabled"), units=2),
    condition(
        "a range of other units",
        "Drifted True UnitsDiffer",
        replace(seen("RUNNING", "Enabled"), units=2, max_units=4),
        units=1,
        max_units=4,
    ),
    condition(
        "units that AWS did not name",
        "Drifted True UnitsDiffer",
        replace(seen("RUNNING", "Enabled"), units=None),
    ),
    condition(
        "a file with an error",
        "ConfigurationValid False ConfigurationDoubtful",
        seen("RUNNING", "Enabled"),
        degraded="schedule.yaml:9:3: no such holiday",
    ),
]

PLANS = {
    "drained": inputs(
        "17:05",
        CLOSED,
        observed=seen("RUNNING", "Disabled", mapping_changed_at=at("17:00"), queue=queue()),
        facts_read=frozenset(Fact),
    ),
    "a start that is backed off": inputs("09:00", OPEN, observed=ASLEEP, memory=BACKED_OFF),
    "a start over the budget": inputs("09:00", OPEN, AT_MOST_FORTY, observed=ASLEEP, memory=OVER),
    "a start without a queue": inputs(
        "09:00", OPEN, observed=replace(ASLEEP, queue_arn="arn:q", queue_missing=True)
    ),
    "a second start in one invocation": inputs("09:00", OPEN, observed=ASLEEP, started=True),
    "two retired versions to stop": inputs(
        "09:00",
        OPEN,
        observed=seen(
            "RUNNING",
            "Enabled",
            others=(OLDER, OtherVersion(arn="arn:oldest", units=1, retired=True)),
            function_arn="arn:f",
            named=NamedVersions(model=True, retired=False),
        ),
        memory=Memory(superseded_since=at("08:45")),
        facts_read=frozenset({Fact.FUNCTION}),
    ),
    "the queue is still to be read": inputs("09:00", OPEN, ON_DEMAND, observed=ASLEEP),
}
