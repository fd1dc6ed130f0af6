"""Answers whose numbers no clock and no sum can hold, and listings without an end, are reading errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import boto3
import pytest

from controller.aws.cloudwatch import CloudWatch
from controller.aws.function import Functions
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues
from controller.aws.quotas import RUNNING_MODELS, ServiceQuotas
from controller.aws.rekognition import Models
from controller.aws.timers import Rules, Schedules
from controller.errors import TransientError

REGION = "us-east-1"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1768468215000"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAR = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
COUNTS = {
    "ApproximateNumberOfMessages": "7",
    "ApproximateNumberOfMessagesNotVisible": "2",
    "ApproximateNumberOfMessagesDelayed": "1",
    "MessageRetentionPeriod": "345600",
    "VisibilityTimeout": "30",
}


def client(service, *answers):
    """A client whose operations give these answers; a Stubber refuses what no model allows."""
    made = boto3.client(service, region_name=REGION)
    for operation, answer in answers:
        setattr(made, operation, lambda _answer=answer, **_request: _answer)
    return made


def queues(attributes):
    url = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/images"}
    answers = [("get_queue_url", url), ("get_queue_attributes", {"Attributes": attributes})]
    return Queues(client("sqs", *answers))


@pytest.mark.parametrize("value", ["9999999999999", "-1", "9" * 400, "1e9", "inf"], ids=lambda it: it[:13])
@pytest.mark.parametrize("name", sorted(COUNTS))
def test_numbers_of_a_queue(name, value):
    ask = Queues.settings if name == "VisibilityTimeout" else Queues.counts
    with pytest.raises(TransientError, match="MalformedAnswer"):
        ask(queues(COUNTS | {name: value}), QUEUE)


@pytest.mark.parametrize("timeout_s", [10**12, 86401, -1])
def test_the_timeout_of_a_function(timeout_s):
    functions = Functions(client("lambda", ("get_function_configuration", {"Timeout": timeout_s})))
    with pytest.raises(TransientError, match=r"MalformedAnswer.*Timeout"):
        functions.timeout("arn:f")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"MaximumBatchingWindowInSeconds": 10**15}, id="window"),
        pytest.param({"MaximumBatchingWindowInSeconds": -1}, id="a window before it begins"),
        pytest.param({"LastModified": FAR}, id="the last year"),
        pytest.param({"LastModified": datetime(1, 1, 1, tzinfo=UTC)}, id="the first year"),
    ],
)
def test_times_of_a_mapping(more):
    answer = {"UUID": "u", "State": "Enabled", "EventSourceArn": QUEUE, **more}
    with pytest.raises(TransientError, match="MalformedAnswer"):
        Mappings(client("lambda", ("get_event_source_mapping", answer))).get("u")


def cloudwatch(value, at=NOW):
    result = {"Id": "q", "Timestamps": [at], "Values": [value], "StatusCode": "Complete"}
    return CloudWatch(client("cloudwatch", ("get_metric_data", {"MetricDataResults": [result]})))


@pytest.mark.parametrize(
    ("value", "at"),
    [(1e300, NOW), (float("nan"), NOW), (float("inf"), NOW), (-1.0, NOW), (1.0, FAR)],
    ids=["huge", "nan", "inf", "negative", "far"],
)
def test_values_of_a_metric(value, at):
    with pytest.raises(TransientError, match="MalformedAnswer"):
        cloudwatch(value, at).oldest_message_age(QUEUE, now=NOW)
    with pytest.raises(TransientError, match="MalformedAnswer"):
        cloudwatch(value, at).unit_hours("logos", "v1", since=NOW - timedelta(hours=1), until=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MinInferenceUnits", 10**400), ("MaxInferenceUnits", -1), ("CreationTimestamp", FAR)],
    ids=["units", "most units", "created"],
)
def test_numbers_of_a_version(name, value):
    found = {"ProjectVersionArn": "arn:v", "Status": "RUNNING", name: value}
    answer = {"ProjectVersionDescriptions": [found]}
    with pytest.raises(TransientError, match="MalformedAnswer"):
        Models(client("rekognition", ("describe_project_versions", answer))).versions(PROJECT)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_quota_that_is_no_number(value):
    answer = {"Quotas": [{"QuotaCode": RUNNING_MODELS, "Value": value}]}
    with pytest.raises(TransientError, match="MalformedAnswer"):
        ServiceQuotas(client("service-quotas", ("list_service_quotas", answer))).rekognition()


class Alternating:
    """Whatever is asked, an empty page with one of two tokens in turn; it gives up after a thousand pages."""

    def __init__(self, token, page):
        self.asked = count(1)
        self._answer = lambda number: page | {token: "ab"[number % 2]}

    def __call__(self, **_request):
        number = next(self.asked)
        assert number < 1000, "a listing without end"
        return self._answer(number)


def unending(service, operation, token, page):
    made = boto3.client(service, region_name=REGION)
    # The operation itself is replaced: a paginator looks it up on its client.
    setattr(made, operation, Alternating(token, page))
    return made


RESULTS = {"MetricDataResults": [{"Id": "q", "Timestamps": [], "Values": [], "StatusCode": "Complete"}]}
LISTINGS = {
    "versions": lambda: Models(
        unending("rekognition", "describe_project_versions", "NextToken", {"ProjectVersionDescriptions": []})
    ).versions(PROJECT),
    "projects": lambda: Models(
        unending("rekognition", "describe_projects", "NextToken", {"ProjectDescriptions": []})
    ).projects(),
    "datapoints": lambda: CloudWatch(
        unending("cloudwatch", "get_metric_data", "NextToken", RESULTS)
    ).oldest_message_age(QUEUE, now=NOW),
    "mappings": lambda: Mappings(
        unending("lambda", "list_event_source_mappings", "NextMarker", {"EventSourceMappings": []})
    ).every(),
    "rules": lambda: Rules(unending("events", "list_rules", "NextToken", {"Rules": []})).timed(),
    "schedules": lambda: Schedules(
        unending("scheduler", "list_schedules", "NextToken", {"Schedules": []})
    ).timed(),
    "quotas": lambda: ServiceQuotas(
        unending("service-quotas", "list_service_quotas", "NextToken", {"Quotas": []})
    ).rekognition(),
}


@pytest.mark.parametrize("listing", sorted(LISTINGS))
def test_a_listing_whose_tokens_alternate_ends(listing):
    with pytest.raises(TransientError, match="more than 100 pages"):
        LISTINGS[listing]()
