"""Judgements on facts that no test account can be brought to have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.account.diagnosis import skew
from controller.account.facts import ScheduledCaller
from controller.account.findings import Unreadable, run_all
from controller.account.pipeline_checks import CHECKS
from controller.account.reader import AccountReader
from controller.aws.timers import Timed
from controller.core.states import MappingState, ModelStatus
from controller.storage.load import read

NOW = datetime(2026, 11, 23, 13, 10, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def facts(practice):
    config = read(str(practice.desk.home / "config" / "schedule.yaml"))
    (made,) = AccountReader(config=config, clients=practice.account.clients, clock=lambda: NOW).pipelines
    return made


def found(facts):
    return [(each.check, each.severity.value) for each in run_all(CHECKS, facts)]


def test_the_facts_of_a_right_account_are_fine(facts):
    assert found(facts) == []


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        ({"state": MappingState.DELETING}, [("mapping", "serious")]),
        ({"state": MappingState.UNKNOWN}, [("mapping", "unknown")]),
        ({"state": MappingState.UPDATING}, []),
        ({"partial_batches": False, "batch_size": 1}, []),
        ({"maximum_concurrency": 4}, []),
        ({"maximum_concurrency": 1000}, [("concurrency", "advice")]),
        ({"maximum_concurrency": None, "maximum_pollers": 2}, [("concurrency", "advice")]),
    ],
    ids=str,
)
def test_a_mapping_is_judged(facts, change, findings):
    assert found(replace(facts, mapping=replace(facts.mapping, **change))) == findings


def test_a_status_and_a_state_that_aws_has_added_are_told_in_its_own_words(facts):
    facts = replace(
        facts,
        mapping=replace(facts.mapping, state=MappingState.UNKNOWN, word="Dreaming"),
        versions=tuple(
            replace(each, status=ModelStatus.UNKNOWN, word="HIBERNATING") for each in facts.versions
        ),
    )
    told = {each.check: each.message for each in run_all(CHECKS, facts)}
    assert "HIBERNATING" in told["model"]
    assert "Dreaming" in told["mapping"]


def test_units_beyond_the_documented_quota_are_refused_where_the_accounts_own_is_not_known(facts):
    pipeline = facts.pipeline
    many = replace(pipeline, model=replace(pipeline.model, max_inference_units=6))
    unseen = Unreadable(why="servicequotas:ListServiceQuotas on rekognition: AccessDenied")
    assert found(replace(facts, pipeline=many, quotas=unseen)) == [("units-quota", "serious")]


@pytest.mark.parametrize(
    ("created_at", "findings"),
    [
        (datetime(2022, 7, 31, 23, 59, tzinfo=UTC), [("units-metric", "advice")]),
        (datetime(2022, 8, 1, tzinfo=UTC), []),
        (None, []),
    ],
)
def test_a_model_of_before_august_2022_has_no_metric_of_its_units(facts, created_at, findings):
    versions = tuple(replace(each, created_at=created_at) for each in facts.versions)
    assert found(replace(facts, versions=versions)) == findings


def test_a_function_that_the_clock_calls_and_nobody_may_look_into_is_unknown(facts):
    timed = Timed(name="rule x", expression="rate(1 day)", enabled=True, target_arn="arn:f", input="")
    caller = ScheduledCaller(timed=timed, environment=Unreadable(why="AccessDenied"), may=())
    assert found(replace(facts, rules=(caller,))) == [("rules", "unknown")]


@pytest.mark.parametrize(
    ("answered", "ahead_s"),
    [
        pytest.param(NOW.replace(microsecond=0), 0, id="in the same second"),
        pytest.param(NOW.replace(microsecond=0) + timedelta(seconds=1), 0, id="while we waited"),
        pytest.param(NOW.replace(microsecond=0) - timedelta(seconds=7), -7, id="behind us"),
        pytest.param(NOW + timedelta(seconds=11), 9, id="ahead of us"),
    ],
)
def test_a_clock_is_off_by_what_the_wait_cannot_explain(answered, ahead_s):
    assert skew(NOW, NOW + timedelta(seconds=2), answered) == timedelta(seconds=ahead_s)


VISIBILITY = {
    "six timeouts and the window": (390, []),
    "a second less": (389, [("visibility", "advice")]),
    "a timeout and the window": (90, [("visibility", "advice")]),
    "less than both": (89, [("visibility", "serious")]),
    "the timeout alone": (60, [("visibility", "serious")]),
}


@pytest.mark.parametrize(("visible_s", "findings"), VISIBILITY.values(), ids=VISIBILITY.keys())
def test_a_visibility_timeout_must_outlast_the_gathering_of_a_batch_too(facts, visible_s, findings):
    facts = replace(
        facts,
        queue=replace(facts.queue, visibility=timedelta(seconds=visible_s)),
        mapping=replace(facts.mapping, batching_window=timedelta(seconds=30)),
    )
    assert found(facts) == findings


@pytest.mark.parametrize(("receives", "findings"), [(5, []), (4, [("redrive", "advice")])])
def test_a_message_that_is_received_five_times_before_it_is_given_up_is_fine(facts, receives, findings):
    policy = replace(facts.queue.redrive, max_receives=receives)
    assert found(replace(facts, queue=replace(facts.queue, redrive=policy))) == findings
