"""What the monitor takes for wanted: by the schedule, the settings, and the truth of the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.config.model import Config
from controller.core.settings import Hold, OnDemand
from controller.core.states import Desired
from controller.loop.context import pipeline_contexts
from controller.schedule.model import Spec
from controller.sim.aws.traffic import Traffic
from controller.sim.checks.expectations import ExpectedBounds
from tests.support.embedded import a_pipeline, an_aws
from tests.support.loop import TICK, a_config, utc, with_settings
from tests.support.schedules import dated, spec

MINUTES = timedelta(minutes=1)
TWO_HOURS = timedelta(hours=2)
ON_DEMAND = {"warm_up": None, "on_demand": OnDemand(idle=20 * MINUTES)}
HOURS = spec(daily="09:00-12:00, 12:40-17:00", overrides=(dated("2026-11-25", "closed"),))
"""``warm_up`` is 30 minutes below: with a tick, consumption is wanted from 08:25 on."""


def bounds(hours=HOURS, retention=timedelta(days=4), **settings: object) -> ExpectedBounds:
    """As of Monday 2026-11-23 08:00."""
    config = a_file(hours, retention, **settings)
    aws = an_aws(*config.pipelines, traffic=Traffic(per_day=0))
    return ExpectedBounds(aws, config, TICK)


def a_file(hours: Spec, retention: timedelta, **settings: object) -> Config:
    pipeline = with_settings(a_pipeline(), **{"warm_up": 30 * MINUTES, **settings})
    pipeline = replace(pipeline, consumer=replace(pipeline.consumer, retention=retention))
    return a_config(pipeline, specs=(replace(hours, name="office"),))


def hold(desired: Desired) -> Hold:
    return Hold(desired=desired, until=utc("2026-11-23T20:00"), reason="")


@pytest.mark.parametrize(
    ("at", "settings", "wanted"),
    [
        pytest.param("23T09:00", {}, True, id="open"),
        pytest.param("23T08:24", {}, False, id="before the warm-up"),
        pytest.param("23T08:25", {}, True, id="warm-up, and a tick"),
        pytest.param(
            "23T08:30", {"warm_up": None, "on_demand": OnDemand(idle=MINUTES)}, False, id="not on demand"
        ),
        pytest.param("23T08:10", {"warm_up": None}, True, id="the longest lead that may be learned"),
        pytest.param("23T12:01", {}, True, id="bridged"),
        pytest.param("23T12:01", {"bridge": timedelta(0)}, False, id="not bridged"),
        pytest.param("23T17:00", {}, False, id="closed"),
        pytest.param("25T08:45", {}, False, id="no opening on a date that an override closes"),
        pytest.param("26T08:45", {}, True, id="the warm-up after it"),
        pytest.param("23T19:00", {"hold": hold(Desired.ON)}, True, id="held on"),
        pytest.param("23T10:00", {"hold": hold(Desired.OFF)}, False, id="held off"),
        pytest.param("24T10:00", {"hold": hold(Desired.OFF)}, True, id="the hold is over"),
    ],
)
def test_consumption_is_wanted(at, settings, wanted):
    assert bounds(**settings).may_consume("logos", utc(f"2026-11-{at}")) is wanted


@pytest.mark.parametrize(
    ("desired", "off"), [(Desired.AS_IS, True), (Desired.OFF, False), (Desired.ON, False)], ids=str
)
def test_hands_are_off_under_a_hold_as_is_only(desired, off):
    held = bounds(hold=hold(desired))
    assert held.hands_off("logos", utc("2026-11-23T19:59")) is off
    assert held.hands_off("logos", utc("2026-11-23T20:00")) is False


@pytest.mark.parametrize(
    ("at", "settings", "wanted"),
    [
        pytest.param("24T10:59", {}, False, id="not yet in danger by the closure's length"),
        pytest.param("24T11:00", {}, True, id="in danger: 17:00 and three quarters of a day"),
        pytest.param("24T11:00", {"rescue": None}, False, id="never rescued"),
        pytest.param("24T11:00", {"rescue": TWO_HOURS}, False, id="rescued late"),
        pytest.param("24T15:00", {"rescue": TWO_HOURS}, True, id="late enough: two hours before the end"),
    ],
)
def test_a_rescue_may_consume_when_a_message_may_be_in_danger(at, settings, wanted):
    monday_only = spec(days={"mon": "09:00-17:00"})
    rescued = bounds(monday_only, timedelta(days=1), **settings)
    assert rescued.may_consume("logos", utc(f"2026-11-{at}")) is wanted


def test_a_message_that_was_in_danger_is_known_after_it_expired():
    """Sent at 08:05 and gone a day later, while the model was coming up for it."""
    config = a_file(spec(daily="closed", days={"tue": "06:00-08:00"}), timedelta(days=1))
    aws = an_aws(*config.pipelines, traffic=Traffic(per_day=0))
    judge = ExpectedBounds(aws, config, TICK)
    aws.advance_to(utc("2026-11-23T08:05"))
    aws.pipelines["logos"].queue.send(aws.now().timestamp())
    aws.advance_to(utc("2026-11-24T08:20"))
    assert aws.pipelines["logos"].queue.oldest_s is None
    assert judge.may_consume("logos", aws.now())


def test_a_message_that_is_older_than_the_closure_is_in_danger_earlier():
    """The queue was answered to be empty at 08:00; 18 hours later, 65 minutes sooner at most."""
    monday_only = spec(days={"mon": "09:00-17:00"})
    pipeline = replace(a_pipeline(), settings=replace(a_pipeline().settings, warm_up=30 * MINUTES))
    pipeline = replace(pipeline, consumer=replace(pipeline.consumer, retention=timedelta(days=1)))
    aws = an_aws(pipeline, traffic=Traffic(per_day=0))
    config = a_config(pipeline, specs=(replace(monday_only, name="office"),))
    made = pipeline_contexts(config, aws.clients)
    judge = ExpectedBounds(aws, config, TICK)
    made[0].queues.counts(aws.pipelines["logos"].queue.settings.arn)
    aws.sleep(60)
    aws.pipelines["logos"].queue.send(aws.now().timestamp())
    assert not judge.may_consume("logos", utc("2026-11-24T00:54"))
    assert judge.may_consume("logos", utc("2026-11-24T00:55"))


def test_where_nobody_answered_that_the_queue_is_empty_any_message_is_in_danger():
    config = a_file(spec(daily="closed", days={"mon": "06:00-07:00"}), timedelta(days=1))
    aws = an_aws(*config.pipelines, traffic=Traffic(per_day=0))
    made = pipeline_contexts(config, aws.clients)
    judge = ExpectedBounds(aws, config, TICK)
    assert not judge.may_consume("logos", aws.now())
    made[0].queues.counts(aws.pipelines["logos"].queue.settings.arn)
    aws.pipelines["logos"].queue.send(aws.now().timestamp())
    assert not judge.may_consume("logos", aws.now())
    judge.lose_memory()
    assert judge.may_consume("logos", aws.now())


@pytest.mark.parametrize(
    ("began", "settings", "wanted"),
    [
        pytest.param("24T11:00", {}, True, id="the rescue began under the earlier file"),
        pytest.param("24T11:00", {"rescue": None}, False, id="the later file has no rescue"),
        pytest.param("24T10:59", {}, False, id="none had begun"),
    ],
)
def test_a_rescue_outlives_an_edit_of_the_file(began, settings, wanted):
    """By the length of the later file's closure no message is in danger."""
    judge = bounds(spec(days={"mon": "09:00-17:00"}), timedelta(days=1))
    later = a_file(spec(days={"tue": "08:30-10:45"}), timedelta(days=1), **settings)
    judge._aws.advance_to(utc(f"2026-11-{began}"))
    judge.follow(later)
    assert judge.may_consume("logos", utc("2026-11-24T11:30")) is wanted
