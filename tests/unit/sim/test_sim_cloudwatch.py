"""The two metrics, by samples worked out by hand: one a minute, known at most two minutes later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from controller.config.model import Target
from tests.support.embedded import HERE, MONDAY, a_pipeline, an_aws, model_arn, refusal
from tests.support.metrics import AGE, UNITS, query

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ask(aws, metric, since=None, until=None, *, target=HERE, **options):
    scan = {"ScanBy": options.pop("scan")} if "scan" in options else {}
    return aws.clients("cloudwatch", target).get_metric_data(
        MetricDataQueries=[query(metric, **options)],
        StartTime=since or aws.now() - timedelta(minutes=15),
        EndTime=until or aws.now(),
        **scan,
    )


def points(*arguments, **options):
    """Minutes since Monday 08:00, and values."""
    (result,) = ask(*arguments, **options)["MetricDataResults"]
    minutes = [(at - MONDAY) / MINUTE for at in result["Timestamps"]]
    return dict(zip(minutes, result["Values"], strict=True))


def a_message(*, receives=0, age=timedelta(minutes=30)):
    """A message in a pipeline that does not consume, received so often already, and so old."""
    aws = an_aws()
    logos = aws.pipelines["logos"]
    logos.queue.send()
    message = logos.queue._visible[0]
    message.receives = receives
    aws.sleep(age.total_seconds())
    return aws, logos


def test_the_age_of_the_oldest_message_is_told_minute_by_minute_and_up_to_two_minutes_late():
    aws, logos = a_message()
    aws.pipelines["logos"].queue.send()
    told = points(aws, AGE)
    newest = max(told)
    assert 27 < newest < 30
    assert told == {minute: minute * 60 for minute in range(15, int(newest) + 1)}
    assert logos.queue.waiting == 2


def test_a_message_in_flight_counts_and_one_that_is_gone_does_not():
    aws, logos = a_message(age=timedelta(minutes=10))
    logos.mapping.become("Enabled")
    logos.model.become("RUNNING")
    aws.sleep(2)
    assert logos.queue.in_flight == 1
    assert points(aws, AGE, MONDAY, MONDAY + 20 * MINUTE)[5] == 300
    aws.sleep(5 * 60)
    told = points(aws, AGE, MONDAY, MONDAY + 20 * MINUTE)
    assert (max(told), told[10]) == (10, 600)


@pytest.mark.parametrize(("receives", "told"), [(2, True), (3, False)])
def test_a_message_counts_until_it_is_received_three_times(receives, told):
    aws, _ = a_message(receives=receives)
    assert bool(points(aws, AGE)) is told


def test_an_empty_queue_tells_no_age():
    assert points(an_aws(), AGE) == {}


def test_a_queue_left_alone_for_six_hours_falls_asleep():
    aws, _ = a_message(age=6 * HOUR)
    assert points(aws, AGE)
    aws.sleep(20 * 60)
    assert points(aws, AGE) == {}


def test_a_queue_that_wakes_up_tells_again_within_a_quarter_of_an_hour():
    aws, logos = a_message(age=8 * HOUR)
    logos.queue.note_use()
    assert points(aws, AGE) == {}
    aws.sleep(18 * 60)
    assert max(points(aws, AGE).values()) >= 8 * 3600


def test_counting_a_queue_keeps_it_awake():
    aws, logos = a_message(age=5 * HOUR)
    sqs = aws.clients("sqs", HERE)
    url = sqs.get_queue_url(QueueName=logos.queue.settings.name)["QueueUrl"]
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    aws.sleep(5 * 3600)
    assert points(aws, AGE)


def running(units=2):
    """A model that runs from 08:07:30 to 08:22:30, half an hour ago."""
    aws = an_aws()
    model = aws.pipelines["logos"].model
    model.units = units
    for seconds, status in ((450, "RUNNING"), (900, "STOPPED"), (1800, "STOPPED")):
        aws.sleep(seconds)
        model.become(status)
    return aws


@pytest.mark.parametrize(
    ("stat", "period", "told"),
    [
        ("Average", 300, {5: 2, 10: 2, 15: 2, 20: 2}),
        ("SampleCount", 300, {5: 2, 10: 5, 15: 5, 20: 3}),
        ("Sum", 3600, {0: 30}),
        ("Maximum", 60, dict.fromkeys(range(8, 23), 2)),
        ("Minimum", 3600, {0: 2}),
    ],
)
def test_units_are_told_for_the_minutes_in_which_the_model_runs(stat, period, told):
    assert points(running(), UNITS, MONDAY, MONDAY + HOUR, stat=stat, period=period) == told


def test_what_lies_outside_of_the_time_asked_for_is_not_told():
    told = points(running(), UNITS, MONDAY + 10 * MINUTE, MONDAY + 12 * MINUTE)
    assert told == {10: 2, 11: 2}


def test_a_model_that_runs_still_is_told_of_up_to_two_minutes_ago():
    aws = an_aws()
    aws.pipelines["logos"].model.become("RUNNING")
    aws.sleep(3600)
    told = points(aws, UNITS, MONDAY, MONDAY + 2 * HOUR)
    assert 57 < max(told) < 60
    assert set(told.values()) == {1}


@pytest.mark.parametrize(
    "metric",
    [
        pytest.param(("AWS/SQS", AGE[1], {"QueueName": "other"}), id="another queue"),
        pytest.param(("AWS/SQS", AGE[1], {}), id="no queue"),
        pytest.param(("AWS/SQS", AGE[1], {**AGE[2], "Colour": "blue"}), id="a dimension too many"),
        pytest.param(("AWS/SQS", "NumberOfMessagesSent", AGE[2]), id="another metric"),
        pytest.param(
            (UNITS[0], UNITS[1], {"ProjectName": "logos", "VersionName": "other"}), id="another version"
        ),
        pytest.param(
            (UNITS[0], UNITS[1], {"ProjectName": "other", "VersionName": UNITS[2]["VersionName"]}),
            id="another project",
        ),
    ],
)
def test_nothing_is_told_of(metric):
    aws, logos = a_message()
    logos.model.become("RUNNING")
    aws.sleep(600)
    assert points(aws, metric) == {}


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(Target(region="eu-west-1"), id="region"),
        pytest.param(
            Target(region="us-east-1", role_arn="arn:aws:iam::210987654321:role/scheduler"), id="account"
        ),
    ],
)
def test_nothing_is_told_in_another(target):
    aws, _ = a_message()
    assert points(aws, AGE, target=target) == {}


@pytest.mark.parametrize(("scan", "rising"), [("TimestampAscending", True), ("TimestampDescending", False)])
def test_points_come_in_the_order_asked_for(scan, rising):
    aws, _ = a_message()
    (result,) = ask(aws, AGE, scan=scan)["MetricDataResults"]
    assert result["Timestamps"] == sorted(result["Timestamps"], reverse=not rising)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        pytest.param(lambda aws: ask(aws, AGE, MONDAY, MONDAY), "ValidationError", id="no time"),
        pytest.param(lambda aws: ask(aws, AGE, stat="Mood"), "ValidationError", id="an unknown statistic"),
        pytest.param(
            lambda aws: aws.clients("cloudwatch", HERE).get_metric_data(
                MetricDataQueries=[query(AGE)], StartTime=MONDAY, EndTime=MONDAY + HOUR, NextToken="x"
            ),
            "InvalidNextToken",
            id="a token of no page",
        ),
    ],
)
def test_a_question_is_refused_with(call, code):
    assert refusal(lambda: call(an_aws())) == ("GetMetricData", code)


def test_metrics_can_be_denied_and_cut_off_to_one_pipeline():
    aws = an_aws(a_pipeline("logos", 1), a_pipeline("labels", 2))
    other = ("AWS/SQS", AGE[1], {"QueueName": "labels-images"})
    aws.deny("GetMetricData", pipeline="logos")
    for metric in (AGE, UNITS):
        assert refusal(lambda metric=metric: ask(aws, metric)) == ("GetMetricData", "AccessDenied")
    assert points(aws, other) == {}
    aws.cut_off("cloudwatch", pipeline="labels")
    with pytest.raises(EndpointConnectionError):
        ask(aws, other)


@pytest.mark.parametrize(("created_ms", "samples"), [(1661990399999, 0), (1661990400000, 10)])
def test_a_model_that_was_trained_before_september_2022_has_no_units_metric(created_ms, samples):
    aws = an_aws(a_pipeline(arn=model_arn("logos", created_ms=created_ms)))
    aws.pipelines["logos"].model.become("RUNNING")
    aws.sleep(3600)
    assert len(points(aws, UNITS, MONDAY, MONDAY + 10 * MINUTE)) == samples
