from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.actions import Action, ActionKind, FailureKind, Outcome
from controller.core.memory import Memory
from controller.core.observed import OtherVersion
from tests.unit.core.conftest import assessed, at, closure, opening, seen

OPEN, CLOSED = opening("08:30", "17:00"), closure("17:00", "23:00")


def said(result, type_):
    condition = next(each for each in result.conditions if each.type == type_)
    return condition.status, condition.reason


@pytest.mark.parametrize(
    ("moment", "model", "mapping", "ready", "progressing", "stalled"),
    [
        pytest.param(OPEN, "RUNNING", "Enabled", "True", "False", "False", id="consuming"),
        pytest.param(OPEN, "RUNNING", "Disabled", "False", "True", "False", id="about to consume"),
        pytest.param(OPEN, "STARTING", "Disabled", "False", "True", "False", id="starting"),
        pytest.param(OPEN, "STOPPED", "ABSENT", "False", "False", "True", id="no mapping"),
        pytest.param(OPEN, "TRAINING_FAILED", "Disabled", "False", "False", "True", id="unusable model"),
        pytest.param(OPEN, "UNREADABLE", "Enabled", "Unknown", "False", "Unknown", id="model unreadable"),
        pytest.param(OPEN, "RUNNING", "UNREADABLE", "Unknown", "False", "Unknown", id="mapping unreadable"),
        pytest.param(CLOSED, "STOPPED", "Disabled", "True", "False", "False", id="off"),
        pytest.param(CLOSED, "FAILED", "Disabled", "True", "False", "False", id="off, though it failed"),
        pytest.param(CLOSED, "STOPPED", "ABSENT", "True", "False", "True", id="off, without a mapping"),
        pytest.param(
            CLOSED, "DEPRECATED", "Disabled", "True", "False", "True", id="off, and it cannot come back"
        ),
        pytest.param(CLOSED, "RUNNING", "NotSqs", "False", "False", "True", id="a mapping of something else"),
    ],
)
def test_the_conditions_say_what_is(moment, model, mapping, ready, progressing, stalled):
    result = assessed("18:00" if moment is CLOSED else "09:00", moment, seen(model, mapping))
    statuses = {condition.type: condition.status for condition in result.conditions}
    assert statuses == {"Ready": ready, "Progressing": progressing, "Stalled": stalled, "Drifted": "False"}


def test_since_moves_only_with_the_status():
    first = assessed("09:00", OPEN, seen("RUNNING", "Enabled"))
    second = assessed("09:05", OPEN, seen("RUNNING", "Enabled"), memory=first.memory)
    assert {condition.since for condition in second.conditions} == {at("09:00")}
    assert second.memory == first.memory
    third = assessed("09:10", OPEN, seen("FAILED", "Enabled"), memory=second.memory)
    assert {c.type: c.since for c in third.conditions}["Ready"] == at("09:10")
    assert {c.type: c.since for c in third.conditions}["Stalled"] == at("09:00")


def test_what_was_as_desired_and_is_not_any_more_has_drifted_until_it_is_healed():
    calm = assessed("09:00", OPEN, seen("RUNNING", "Enabled"))
    by_hand = seen("RUNNING", "Disabled", mapping_reason="USER_INITIATED")
    drifted = assessed("09:05", OPEN, by_hand, memory=calm.memory)
    assert said(drifted, "Drifted") == ("True", "ChangedElsewhere")
    assert "USER_INITIATED" in next(c.message for c in drifted.conditions if c.type == "Drifted")
    healing = assessed("09:06", OPEN, seen("RUNNING", "Enabling"), memory=drifted.memory)
    assert said(healing, "Drifted") == ("True", "ChangedElsewhere")
    healed = assessed("09:07", OPEN, seen("RUNNING", "Enabled"), memory=healing.memory)
    assert said(healed, "Drifted")[0] == "False"


@pytest.mark.parametrize(
    ("moment", "more"),
    [
        pytest.param(CLOSED, {}, id="the schedule closes"),
        pytest.param(OPEN, {"fingerprint": "b"}, id="the file changes"),
    ],
)
def test_a_change_that_was_asked_for_is_no_drift(moment, more):
    calm = assessed("09:00", OPEN, seen("RUNNING", "Enabled"), fingerprint="a")
    changed = assessed(
        "17:05", moment, seen("RUNNING", "Disabled"), memory=calm.memory, **{"fingerprint": "a", **more}
    )
    assert said(changed, "Drifted")[0] == "False"


def test_an_unreadable_look_is_no_drift():
    calm = assessed("09:00", OPEN, seen("RUNNING", "Enabled"))
    assert (
        said(assessed("09:05", OPEN, seen("UNREADABLE", "Enabled"), memory=calm.memory), "Drifted")[0]
        == "False"
    )


def test_another_version_that_runs_is_reported_on_every_tick():
    others = (OtherVersion(arn="arn:old", units=2),)
    result = assessed("03:00", CLOSED, seen("STOPPED", "Disabled", others=others))
    assert said(result, "Drifted") == ("True", "OtherVersionRunning")
    assert said(result, "Ready")[0] == "True"


@pytest.mark.parametrize(
    ("model", "units", "status"), [("RUNNING", 2, "True"), ("RUNNING", 1, "False"), ("STOPPED", 2, "False")]
)
def test_units_that_differ_from_the_file_are_reported_while_the_model_runs(model, units, status):
    result = assessed("09:00", OPEN, seen(model, "Enabled"), units=units)
    assert said(result, "Drifted")[0] == status
    if status == "True":
        assert said(result, "Drifted")[1] == "UnitsDiffer"


@pytest.mark.parametrize(
    ("runs", "asks", "with_", "for_"),
    [
        pytest.param((1, None), (2, None), "1 inference unit", "2 inference units", id="one"),
        pytest.param((2, 4), (1, 4), "2 to 4 inference units", "1 to 4 inference units", id="a range"),
        pytest.param(
            (None, None), (1, None), "an unknown number of inference units", "1 inference unit", id="not told"
        ),
    ],
)
def test_units_that_differ_are_told_with_both_numbers(runs, asks, with_, for_):
    observed = replace(seen("RUNNING", "Enabled"), units=runs[0], max_units=runs[1])
    (drifted,) = (
        each
        for each in assessed("09:00", OPEN, observed, units=asks[0], max_units=asks[1]).conditions
        if each.type == "Drifted"
    )
    assert drifted.message.index(with_) < drifted.message.index(for_)


@pytest.mark.parametrize(
    ("refusal", "type_", "expected"),
    [
        (FailureKind.QUOTA, "Stalled", ("True", "QuotaExceeded")),
        (FailureKind.TERMINAL, "Stalled", ("True", "Refused")),
        (FailureKind.TRANSIENT, "Progressing", ("True", "Retrying")),
        (FailureKind.BUSY, "Progressing", ("True", "Busy")),
    ],
)
def test_a_refusal_shows_in_the_conditions(refusal, type_, expected):
    outcome = Outcome(action=Action.own(ActionKind.START_MODEL), refusal=refusal, error="AWS said no")
    result = assessed("09:00", OPEN, seen("STOPPED", "Disabled"), outcomes=(outcome,))
    assert said(result, type_) == expected
    assert "AWS said no" in next(c.message for c in result.conditions if c.type == type_)


@pytest.mark.parametrize(
    ("memory", "reason"),
    [
        (Memory(failed_starts=2), "NotStalled"),
        (Memory(failed_starts=3), "StartsFail"),
        (Memory(starting_since=at("08:00")), "NotStalled"),
        (Memory(starting_since=at("07:59")), "StartTakesTooLong"),
    ],
)
def test_starts_that_fail_or_do_not_end_are_stalled(memory, reason):
    assert said(assessed("09:00", OPEN, seen("STARTING", "Disabled"), memory=memory), "Stalled")[1] == reason


def test_a_pipeline_whose_only_trouble_is_the_file_is_not_stalled():
    doubt = "schedule.yaml:9:3: no such holiday"
    result = assessed("09:00", OPEN, seen("RUNNING", "Enabled"), degraded=doubt)
    assert said(result, "Stalled") == ("False", "NotStalled")
    assert said(result, "ConfigurationValid") == ("False", "ConfigurationDoubtful")
    assert result.memory.condition("ConfigurationValid").message == doubt


def test_a_pipeline_says_nothing_of_a_file_that_is_in_order():
    result = assessed("09:00", OPEN, seen("RUNNING", "Enabled"))
    assert result.memory.condition("ConfigurationValid") is None


@pytest.mark.parametrize(
    ("clock", "moment", "observed", "outcomes", "next_at"),
    [
        pytest.param("09:00", OPEN, seen("RUNNING", "Enabled"), (), "17:00", id="steady: the schedule"),
        pytest.param("09:00", OPEN, seen("STARTING", "Disabled"), (), "09:01", id="starting: in a minute"),
        pytest.param("09:00", OPEN, seen("RUNNING", "Enabling"), (), "09:00:10", id="enabling: in seconds"),
        pytest.param(
            "09:00",
            OPEN,
            seen("RUNNING", "Disabled"),
            (Outcome(action=Action.own(ActionKind.ENABLE_MAPPING)),),
            "09:00:10",
            id="enabled",
        ),
        pytest.param(
            "09:00",
            OPEN,
            seen("STOPPED", "Disabled"),
            (Outcome(action=Action.own(ActionKind.START_MODEL)),),
            "09:01",
            id="started",
        ),
        pytest.param(
            "09:00",
            OPEN,
            seen("RUNNING", "Disabled"),
            (Outcome(action=Action.own(ActionKind.ENABLE_MAPPING), refusal=FailureKind.BUSY, error="busy"),),
            "09:00:30",
            id="busy: again soon",
        ),
        pytest.param(
            "17:00:20",
            CLOSED,
            seen("RUNNING", "Disabled", mapping_changed_at=at("17:00:10")),
            (),
            "17:03:10",
            id="draining: when the counts can tell",
        ),
        pytest.param(
            "17:05",
            CLOSED,
            seen("RUNNING", "Disabled", mapping_changed_at=at("17:00:10")),
            (),
            "17:05:15",
            id="draining: soon",
        ),
        pytest.param(
            "17:15",
            CLOSED,
            seen("RUNNING", "Disabled", mapping_changed_at=at("17:00:10")),
            (),
            "17:15:10",
            id="draining: at the limit",
        ),
        pytest.param("09:00", OPEN, seen("UNREADABLE", "Enabled"), (), "09:00:30", id="blind: again soon"),
    ],
)
def test_a_tick_says_when_something_is_next_expected(clock, moment, observed, outcomes, next_at):
    assert assessed(clock, moment, observed, outcomes=outcomes).next_check == at(next_at)


def test_a_start_that_is_backed_off_is_looked_at_when_it_may_be_tried():
    memory = Memory(failed_starts=2, next_start_at=at("09:10"))
    assert assessed("09:02", OPEN, seen("FAILED", "Disabled"), memory=memory).next_check == at("09:10")


@pytest.mark.parametrize(
    ("observed", "word"),
    [
        (seen("UNKNOWN", "Enabled", model_word="HIBERNATING"), "HIBERNATING"),
        (seen("RUNNING", "UNKNOWN", mapping_word="Dreaming"), "Dreaming"),
    ],
    ids=["model", "mapping"],
)
def test_a_status_that_aws_has_added_is_told_in_its_own_word(observed, word):
    messages = {each.type: each.message for each in assessed("09:00", OPEN, observed).conditions}
    assert f"UNKNOWN (AWS says {word})" in messages["Ready"]
    assert f"UNKNOWN (AWS says {word})" in messages["Stalled"]
