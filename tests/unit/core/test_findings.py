"""The conditions word by word: they are what a person reads first when something is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.actions import Action, ActionKind, FailureKind, Outcome
from controller.core.memory import Memory
from controller.core.messages import plan_summary
from controller.core.observed import OtherVersion
from controller.core.plan import plan
from controller.core.settings import Budget, Settings
from tests.unit.core.conftest import assessed, at, closure, inputs, opening, seen

OPEN, CLOSED = opening("08:30", "17:00"), closure("17:00", "23:00")
BACKED_OFF = Memory(failed_starts=1, next_start_at=at("09:05"))
OVER = Memory(unit_hours=500.0, counted_to=at("00:00"))
FORTY = Settings(budget=Budget(unit_hours_per_month=40))
AT_MOST_FORTY = Settings(budget=Budget(unit_hours_per_month=40, enforce=True))
WAS_READY = assessed("08:55", OPEN, seen("RUNNING", "Enabled")).memory
OLD, OLDER = OtherVersion(arn="arn:old", units=2), OtherVersion(arn="arn:older", units=None, retired=True)


NO_QUEUE = seen("RUNNING", "Enabled", queue_arn="arn:q", queue_missing=True)


@pytest.mark.parametrize(
    ("observed", "cost"),
    [
        (NO_QUEUE, "; the model RUNS and is paid for unused"),
        (seen("STOPPED", "Disabled", queue_arn="arn:q", queue_missing=True), ""),
    ],
    ids=["running", "stopped"],
)
@pytest.mark.parametrize("moment", [OPEN, CLOSED], ids=["open", "closed"])
def test_a_queue_that_does_not_exist_stalls_the_pipeline_whatever_is_desired(moment, observed, cost):
    assert found("Stalled", moment, observed) == (
        "True",
        "QueueMissing",
        (
            f"the queue arn:q does not exist: nothing arrives and nothing can be consumed{cost}. "
            "Create it again, or let the mapping read from another"
        ),
    )


def test_a_queue_that_does_not_exist_is_no_drift():
    assert found("Drifted", OPEN, NO_QUEUE, memory=WAS_READY)[:2] == ("False", "NotDrifted")


def found(type_, moment, observed, **more):
    """The status, reason and message of a condition, at 09:00 when open and 18:00 when closed."""
    result = assessed("09:00" if moment is OPEN else "18:00", moment, observed, **more)
    condition = next(each for each in result.conditions if each.type == type_)
    return condition.status, condition.reason, condition.message


def refused(refusal, error="AWS said no"):
    return (Outcome(action=Action.own(ActionKind.START_MODEL), refusal=refusal, error=error),)


@pytest.mark.parametrize(
    ("moment", "observed", "more", "expected"),
    [
        pytest.param(
            OPEN,
            seen("RUNNING", "Enabled"),
            {},
            ("True", "Consuming", "as desired: model RUNNING, mapping Enabled"),
            id="as desired",
        ),
        pytest.param(
            OPEN,
            seen("STARTING", "Disabled"),
            {},
            ("False", "ModelStarting", "not as desired: model STARTING, mapping Disabled"),
            id="not as desired",
        ),
        pytest.param(
            OPEN,
            seen("UNREADABLE", "Enabled"),
            {},
            ("Unknown", "ModelUnreadable", "cannot be told: model UNREADABLE, mapping Enabled"),
            id="unreadable",
        ),
        pytest.param(
            OPEN,
            NO_QUEUE,
            {},
            ("False", "QueueMissing", "the queue is missing: model RUNNING, mapping Enabled"),
            id="no queue",
        ),
        pytest.param(
            CLOSED,
            seen("STOPPED", "Disabled", queue_missing=True),
            {},
            ("True", "Stopped", "as desired: model STOPPED, mapping Disabled"),
            id="no queue, and none is needed",
        ),
        pytest.param(
            CLOSED,
            seen("RUNNING", "Disabled"),
            {"facts_read": frozenset()},
            ("Unknown", "Undecided", "cannot be told: model RUNNING, mapping Disabled"),
            id="a drain before its facts are read",
        ),
    ],
)
def test_ready(moment, observed, more, expected):
    assert found("Ready", moment, observed, **more) == expected


@pytest.mark.parametrize(
    ("observed", "more", "expected"),
    [
        pytest.param(
            seen("RUNNING", "Enabled"),
            {},
            ("False", "Consuming", "the model runs and messages are consumed"),
            id="nothing to do",
        ),
        pytest.param(
            seen("STARTING", "Disabled"),
            {},
            ("True", "ModelStarting", "the model is starting: wait"),
            id="waiting",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"), {}, ("True", "StartingModel", "start the model"), id="acting"
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"memory": BACKED_OFF},
            ("False", "Backoff", "1 failed starts; the next is tried at 2026-11-23T09:05:00Z"),
            id="backed off",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"started": True},
            ("False", "AlreadyRequested", "a start was requested in this invocation already"),
            id="started already",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"settings": AT_MOST_FORTY, "memory": OVER},
            ("False", "OverBudget", "the budget of 40 unit-hours in 2026-11 is used up"),
            id="the budget is used up",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.BUSY)},
            ("True", "Busy", "AWS said no"),
            id="refused for now",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.TRANSIENT, None)},
            ("True", "Retrying", ""),
            id="refused without a word",
        ),
    ],
)
def test_progressing(observed, more, expected):
    assert found("Progressing", OPEN, observed, **more) == expected


NOT_STARTED = "nothing can be consumed, so the model is not started"
CORRECT = "Correct consumer.event_source_mapping, or create the mapping"


@pytest.mark.parametrize(
    ("observed", "more", "expected"),
    [
        pytest.param(
            seen("RUNNING", "Enabled"), {}, ("False", "NotStalled", "no action needed"), id="nothing"
        ),
        pytest.param(
            seen("STOPPED", "ABSENT"),
            {},
            ("True", "MappingUnusable", f"the event source mapping is ABSENT: {NOT_STARTED}. {CORRECT}"),
            id="no mapping",
        ),
        pytest.param(
            seen("RUNNING", "NotSqs"),
            {},
            (
                "True",
                "MappingUnusable",
                (
                    f"the event source mapping is NotSqs: {NOT_STARTED}; "
                    f"the model RUNS and is paid for unused. {CORRECT}"
                ),
            ),
            id="a mapping of something else, while the model runs",
        ),
        pytest.param(
            seen("DELETING", "Disabled"),
            {},
            (
                "True",
                "ModelUnusable",
                "the model is DELETING: put the ARN of another version into model.arn",
            ),
            id="a model that cannot run",
        ),
        pytest.param(
            seen("TRAINING_FAILED", "Disabled", model_message="no labels"),
            {},
            (
                "True",
                "ModelUnusable",
                (
                    "the model is TRAINING_FAILED (no labels): "
                    "train a version that succeeds and put its ARN into model.arn"
                ),
            ),
            id="a model that cannot run, and AWS says why",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.QUOTA)},
            ("True", "QuotaExceeded", "AWS said no"),
            id="the quota",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.QUOTA, None)},
            ("True", "QuotaExceeded", ""),
            id="the quota, without a word",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"memory": Memory(failed_starts=3)},
            ("True", "StartsFail", "3 starts in a row have failed"),
            id="starts that fail",
        ),
        pytest.param(
            seen("STARTING", "Disabled"),
            {"memory": Memory(starting_since=at("07:59"))},
            (
                "True",
                "StartTakesTooLong",
                (
                    "the model has been starting since 2026-11-23T07:59:00Z: "
                    "AWS does not finish it; ask AWS Support"
                ),
            ),
            id="a start without an end",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.TERMINAL)},
            ("True", "Refused", "AWS said no"),
            id="refused for good",
        ),
        pytest.param(
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.TERMINAL, None)},
            ("True", "Refused", ""),
            id="refused for good, without a word",
        ),
        pytest.param(
            seen("UNREADABLE", "UNREADABLE", errors=("describe failed", "get failed")),
            {},
            ("Unknown", "ModelUnreadable", "describe failed; get failed"),
            id="unreadable",
        ),
        pytest.param(
            seen("RUNNING", "UNKNOWN"),
            {},
            (
                "Unknown",
                "MappingUnreadable",
                "a state that this version does not know: model RUNNING, mapping UNKNOWN",
            ),
            id="a state that nobody knows",
        ),
        pytest.param(
            seen("RUNNING", "Enabled"),
            {"doubt": "schedule.yaml:9:3: no such holiday"},
            ("False", "NotStalled", "no action needed"),
            id="a configuration in doubt",
        ),
        pytest.param(
            seen("RUNNING", "Enabled"),
            {"settings": FORTY, "memory": OVER},
            (
                "True",
                "OverBudget",
                "the budget of 40 unit-hours this month is used up: overtime and bridge do not apply",
            ),
            id="over budget",
        ),
        pytest.param(
            seen("RUNNING", "Enabled"),
            {"settings": AT_MOST_FORTY, "memory": OVER},
            (
                "True",
                "OverBudget",
                "the budget of 40 unit-hours this month is used up: nothing is started",
            ),
            id="over a budget that is enforced",
        ),
        pytest.param(
            seen("RUNNING", "Enabled"),
            {
                "settings": FORTY,
                "memory": Memory(unit_hours=500.0, counted_to=at("08:00") - timedelta(days=30)),
            },
            ("False", "NotStalled", "no action needed"),
            id="over last month's budget",
        ),
        pytest.param(
            seen("RUNNING", "Enabled"),
            {"memory": OVER},
            ("False", "NotStalled", "no action needed"),
            id="over a budget that is no more",
        ),
    ],
)
def test_stalled(observed, more, expected):
    assert found("Stalled", OPEN, observed, **more) == expected


MOVED = "it was as desired and somebody or something changed it to model"


@pytest.mark.parametrize(
    ("observed", "more", "expected"),
    [
        pytest.param(
            seen("RUNNING", "Enabled"), {}, ("False", "NotDrifted", "not changed by others"), id="nothing"
        ),
        pytest.param(
            seen("STOPPED", "Enabled"),
            {"memory": WAS_READY},
            ("True", "ChangedElsewhere", f"{MOVED} STOPPED, mapping Enabled"),
            id="moved",
        ),
        pytest.param(
            seen("STOPPED", "Disabled", model_message="by an admin", mapping_reason="USER_INITIATED"),
            {"memory": WAS_READY},
            (
                "True",
                "ChangedElsewhere",
                f"{MOVED} STOPPED, mapping Disabled (by an admin; USER_INITIATED)",
            ),
            id="moved, and AWS says by whom",
        ),
        pytest.param(
            seen("RUNNING", "Enabled", others=(OLD, OLDER)),
            {},
            (
                "True",
                "OtherVersionRunning",
                (
                    "other versions of this project are RUNNING and paid for: arn:old (2 units), "
                    "arn:older (? units, retired: to be stopped)"
                ),
            ),
            id="other versions run",
        ),
        pytest.param(
            seen("STOPPED", "Disabled", others=(OLD,)),
            {"memory": WAS_READY},
            (
                "True",
                "ChangedElsewhere",
                (
                    f"{MOVED} STOPPED, mapping Disabled; other versions of this project are RUNNING and paid "
                    "for: arn:old (2 units)"
                ),
            ),
            id="both: the first is the reason, and both are told",
        ),
    ],
)
def test_drifted(observed, more, expected):
    assert found("Drifted", OPEN, observed, **more) == expected


def test_what_is_not_yet_as_desired_is_not_taken_for_moved():
    """Ready under one file; the file changes, and what it asks for now is still under way."""
    under_way = assessed("09:00", OPEN, seen("STOPPED", "Disabled"), memory=WAS_READY, fingerprint="edited")
    assert under_way.memory.ready_for is None


def test_a_start_that_is_held_back_by_the_budget_is_told_in_the_account():
    observed = seen("STOPPED", "Disabled")
    now = inputs("09:00", OPEN, AT_MOST_FORTY, observed=observed, memory=OVER)
    assert plan_summary(plan(now)) == (
        "open: open by hand; start the model; not yet: the budget of 40 unit-hours in 2026-11 is used up"
    )


ENDED = Memory(failed_starts=1, next_start_at=at("09:00"), unit_hours=500.0, counted_to=at("00:00"))


@pytest.mark.parametrize(
    ("clock", "observed", "more", "next_check"),
    [
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.QUOTA)},
            "17:00",
            id="quota",
        ),
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"outcomes": refused(FailureKind.TERMINAL)},
            "17:00",
            id="refused for good",
        ),
        pytest.param(
            "09:00",
            seen("RUNNING", "Enabled"),
            {"memory": BACKED_OFF},
            "17:00",
            id="the next start of a model that runs",
        ),
        pytest.param(
            "09:00",
            seen("STOPPED", "Disabled"),
            {"settings": AT_MOST_FORTY, "memory": ENDED},
            "17:00",
            id="a backoff that ends now, while the budget holds the start back",
        ),
        pytest.param(
            "17:00", seen("RUNNING", "Enabled"), {}, None, id="an opening that lasts until this instant"
        ),
    ],
)
def test_nothing_is_looked_at_again_before_it_can_have_changed(clock, observed, more, next_check):
    result = assessed(clock, OPEN, observed, **more)
    assert result.next_check == (at(next_check) if next_check else None)
