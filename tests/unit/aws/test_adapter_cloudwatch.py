"""On moto for the reckoning, on botocore's Stubber for pages and refusals, and on the embedded AWS."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from controller.aws.cloudwatch import CloudWatch
from controller.aws.remedies import remedy
from controller.errors import TerminalError, TransientError
from tests.support.embedded import HERE, MONDAY, an_aws
from tests.support.metrics import AGE, UNITS, dimensions, query

QUEUE = "arn:aws:sqs:us-east-1:123456789012:logos-images"
PROJECT, VERSION = "logos", "logos.2026-01-15T09.10.15"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = datetime(2026, 11, 23, 13, 7, 42, tzinfo=UTC)
QUARTER = {
    "StartTime": datetime(2026, 11, 23, 12, 52, tzinfo=UTC),
    "EndTime": NOW.replace(minute=8, second=0),
}


@pytest.fixture
def moto():
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


@pytest.fixture
def stub():
    with Stubber(boto3.client("cloudwatch", region_name="us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def metrics(stub):
    return CloudWatch(stub.client)


def put(client, metric, values):
    """``values`` by the instant that they are of."""
    client.put_metric_data(
        Namespace=metric[0],
        MetricData=[
            {"MetricName": metric[1], "Dimensions": dimensions(metric), "Timestamp": at, "Value": value}
            for at, value in values.items()
        ],
    )


def told(*points, status="Complete", page=None, **members):
    result = {
        "Id": "q",
        "Timestamps": [at for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": status,
        **members,
    }
    return {"MetricDataResults": [result]} | ({"NextToken": page} if page else {})


class TestTheOldestMessage:
    def test_its_age_is_that_of_the_newest_datapoint(self, moto):
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        put(moto, AGE, {now - age * MINUTE: 600.0 - age * 60 for age in (2, 3, 9)})
        assert CloudWatch(moto).oldest_message_age(QUEUE, now=now) == timedelta(minutes=8)

    def test_another_queue_s_is_not_taken_for_it(self, moto):
        now = datetime.now(UTC)
        put(moto, AGE, {now - 2 * MINUTE: 600.0})
        assert CloudWatch(moto).oldest_message_age(f"{QUEUE}-dead", now=now) is None

    def test_the_last_quarter_of_an_hour_is_asked_for(self, stub, metrics):
        asked = {"MetricDataQueries": [query(AGE)], **QUARTER}
        stub.add_response("get_metric_data", told((NOW, 77.5), (NOW - MINUTE, 99.0)), asked)
        assert metrics.oldest_message_age(QUEUE, now=NOW) == timedelta(seconds=77.5)

    def test_nothing_told_is_no_age_of_zero(self, stub, metrics):
        stub.add_response("get_metric_data", told())
        stub.add_response("get_metric_data", told((NOW, 0.0)))
        assert metrics.oldest_message_age(QUEUE, now=NOW) is None
        assert metrics.oldest_message_age(QUEUE, now=NOW) == timedelta(0)

    def test_the_newest_is_found_on_whichever_page(self, stub, metrics):
        asked = {"MetricDataQueries": [query(AGE)], **QUARTER}
        first = told((NOW - 2 * MINUTE, 1.0), status="PartialData", page="2")
        stub.add_response("get_metric_data", first, asked)
        stub.add_response("get_metric_data", told((NOW - MINUTE, 2.0)), asked | {"NextToken": "2"})
        assert metrics.oldest_message_age(QUEUE, now=NOW) == timedelta(seconds=2)

    def test_the_embedded_queue_is_read_alike(self):
        aws = an_aws()
        aws.pipelines["logos"].queue.send()
        aws.sleep(3600)
        age = CloudWatch(aws.clients("cloudwatch", HERE)).oldest_message_age(QUEUE, now=aws.now())
        assert 57 * MINUTE <= age <= HOUR


class TestUnitHours:
    def test_units_are_summed_over_time(self, moto):
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        put(moto, UNITS, {now - age * MINUTE: 2.0 if age > 30 else 1.0 for age in range(1, 61)})
        hours = CloudWatch(moto).unit_hours(PROJECT, VERSION, since=now - 2 * HOUR, until=now)
        assert hours == pytest.approx(1.5)

    def test_another_version_s_are_not_counted(self, moto):
        now = datetime.now(UTC)
        put(moto, UNITS, {now - age * MINUTE: 1.0 for age in range(1, 61)})
        assert CloudWatch(moto).unit_hours(PROJECT, "other", since=now - HOUR, until=now) == 0

    @pytest.mark.parametrize(
        ("since", "until", "minutes"),
        [
            pytest.param(MONDAY, MONDAY + 10 * MINUTE, 10, id="two whole periods"),
            pytest.param(MONDAY + 2 * MINUTE, MONDAY + 10 * MINUTE, 8, id="begins within one"),
            pytest.param(MONDAY, MONDAY + 7 * MINUTE, 7, id="ends within one"),
            pytest.param(MONDAY + MINUTE, MONDAY + 2 * MINUTE, 1, id="lies within one"),
            pytest.param(MONDAY + 10 * MINUTE, MONDAY + 20 * MINUTE, 0, id="lies outside"),
        ],
    )
    def test_a_period_counts_as_far_as_it_lies_within(self, stub, metrics, since, until, minutes):
        stub.add_response("get_metric_data", told((MONDAY + 5 * MINUTE, 3.0), (MONDAY, 3.0)))
        hours = metrics.unit_hours(PROJECT, VERSION, since=since, until=until)
        assert hours == pytest.approx(3 * minutes / 60)

    def test_whole_periods_are_asked_for(self, stub, metrics):
        asked = {
            "MetricDataQueries": [query(UNITS, stat="Average", period=300)],
            "StartTime": datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
            "EndTime": datetime(2026, 11, 23, 13, 10, tzinfo=UTC),
        }
        new_york = timezone(timedelta(hours=-4))
        stub.add_response("get_metric_data", told(), asked)
        since = datetime(2026, 11, 1, 1, 2, tzinfo=new_york)
        assert metrics.unit_hours(PROJECT, VERSION, since=since, until=NOW) == 0

    def test_every_page_counts(self, stub, metrics):
        for number in range(3):
            page = str(number + 1) if number < 2 else None
            stub.add_response("get_metric_data", told((MONDAY + number * 5 * MINUTE, 1.0), page=page))
        hours = metrics.unit_hours(PROJECT, VERSION, since=MONDAY, until=MONDAY + HOUR)
        assert hours == pytest.approx(0.25)

    def test_no_time_is_no_call(self, metrics):
        assert metrics.unit_hours(PROJECT, VERSION, since=MONDAY, until=MONDAY) == 0

    def test_the_embedded_model_is_read_alike_up_to_five_minutes_each_way(self):
        aws = an_aws()
        model = aws.pipelines["logos"].model
        model.units = 2
        for status in ("RUNNING", "STOPPED", "RUNNING", "STOPPED"):
            aws.sleep(2222)
            model.become(status)
        aws.sleep(3600)
        metrics = CloudWatch(aws.clients("cloudwatch", HERE))
        hours = metrics.unit_hours(PROJECT, VERSION, since=MONDAY, until=aws.now())
        assert 0 <= hours - model.unit_hours <= 2 * 2 * 10 / 60


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "kind", "advice"),
        [
            ("AccessDenied", TerminalError, "allow cloudwatch:GetMetricData on * for"),
            ("ValidationError", TerminalError, "correct what the message names"),
            ("Throttling", TransientError, None),
            ("InternalFailure", TransientError, None),
            ("InvalidNextToken", TransientError, None),
        ],
    )
    def test_a_refusal_says_what_to_do(self, stub, metrics, code, kind, advice):
        stub.add_client_error("get_metric_data", code)
        with pytest.raises(kind) as caught:
            metrics.oldest_message_age(QUEUE, now=NOW)
        assert (caught.value.call, caught.value.resource) == ("cloudwatch:GetMetricData", QUEUE)
        found = remedy(caught.value)
        assert found is None if advice is None else found.startswith(advice)

    @pytest.mark.parametrize(
        ("status", "kind"), [("InternalError", TransientError), ("Forbidden", TerminalError)]
    )
    def test_a_query_that_failed_within_a_call_that_did_not_is_an_error(self, stub, metrics, status, kind):
        why = [{"Code": "Why", "Value": "the source account  shares nothing"}]
        stub.add_response("get_metric_data", told((NOW, 5.0), status=status, Messages=why))
        with pytest.raises(kind, match=f"logos/.*: {status}: the source account shares nothing"):
            metrics.unit_hours(PROJECT, VERSION, since=MONDAY, until=NOW)

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param({}, id="no results"),
            pytest.param({"MetricDataResults": []}, id="no result"),
            pytest.param(
                {"MetricDataResults": [{"Id": "other", "Timestamps": [], "Values": []}]}, id="another"
            ),
            pytest.param({"MetricDataResults": [{"Id": "q", "Values": [1.0]}]}, id="values without times"),
            pytest.param(
                {"MetricDataResults": [{"Id": "q", "Timestamps": [NOW], "Values": []}]}, id="too few values"
            ),
        ],
    )
    def test_an_answer_of_no_sense_is_not_taken_for_no_datapoint(self, stub, metrics, answer):
        stub.add_response("get_metric_data", answer)
        with pytest.raises(TransientError, match="MalformedAnswer"):
            metrics.oldest_message_age(QUEUE, now=NOW)

    @pytest.mark.parametrize("value", [-1.0, 1e15, math.inf, math.nan], ids=str)
    def test_a_value_that_no_arithmetic_bears_cannot_be_read(self, stub, metrics, value):
        for _ in range(2):
            stub.add_response("get_metric_data", told((NOW, value)))
        with pytest.raises(TransientError, match="MalformedAnswer"):
            metrics.oldest_message_age(QUEUE, now=NOW)
        with pytest.raises(TransientError, match="MalformedAnswer"):
            metrics.unit_hours(PROJECT, VERSION, since=NOW - HOUR, until=NOW)

    def test_an_instant_out_of_reach_cannot_be_read(self, stub, metrics):
        stub.add_response("get_metric_data", told((datetime.max.replace(tzinfo=UTC), 1.0)))
        with pytest.raises(TransientError, match="MalformedAnswer"):
            metrics.unit_hours(PROJECT, VERSION, since=NOW - HOUR, until=NOW)

    def test_a_listing_that_never_ends_is_left(self, stub, metrics):
        for _ in range(2):
            stub.add_response("get_metric_data", told((NOW, 5.0), page="again"))
        with pytest.raises(TransientError, match="the same page comes again"):
            metrics.oldest_message_age(QUEUE, now=NOW)
