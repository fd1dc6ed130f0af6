"""The same checks on the embedded AWS and on real boto3 clients before moto, where moto has the operation."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from tests.support.embedded import HERE, a_pipeline, an_aws, refusal

NO_UUID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Clients, and the pipeline that they see."""

    lambda_: object
    sqs: object
    uuid: str
    queue: str
    function: str
    settle: Callable[[], None]


def embedded() -> Iterator[Place]:
    aws = an_aws()
    yield Place(
        lambda_=aws.clients("lambda", HERE),
        sqs=aws.clients("sqs", HERE),
        uuid=a_pipeline().consumer.event_source_mapping,
        queue="logos-images",
        function="logos-inference",
        settle=lambda: aws.sleep(60),
    )


def moto() -> Iterator[Place]:
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        yield furnished(session)


def furnished(session: boto3.Session) -> Place:
    lambda_, sqs = session.client("lambda"), session.client("sqs")
    function = lambda_.create_function(
        FunctionName="logos-inference",
        Role=a_role(session),
        Runtime="python3.13",
        Handler="app.handler",
        Timeout=60,
        Code={"ZipFile": a_zip()},
    )
    mapping = lambda_.create_event_source_mapping(
        EventSourceArn=a_queue(sqs), FunctionName=function["FunctionArn"], Enabled=False
    )
    return Place(
        lambda_=lambda_,
        sqs=sqs,
        uuid=mapping["UUID"],
        queue="logos-images",
        function="logos-inference",
        settle=lambda: None,
    )


def a_role(session):
    policy = {"Version": "2012-10-17", "Statement": []}
    role = session.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(policy))
    return role["Role"]["Arn"]


def a_queue(sqs):
    dead = sqs.create_queue(QueueName="logos-images-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    attributes = {
        "RedrivePolicy": redrive,
        "VisibilityTimeout": "360",
        "MessageRetentionPeriod": str(int(timedelta(days=4).total_seconds())),
    }
    url = sqs.create_queue(QueueName="logos-images", Attributes=attributes)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def a_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    return packed.getvalue()


@pytest.fixture(params=[embedded, moto], ids=["embedded", "moto"])
def place(request):
    yield from request.param()


def state(place):
    return place.lambda_.get_event_source_mapping(UUID=place.uuid)["State"]


def test_a_mapping_tells_its_queue_its_function_and_its_state(place):
    mapping = place.lambda_.get_event_source_mapping(UUID=place.uuid)
    assert mapping["UUID"] == place.uuid
    assert mapping["EventSourceArn"] == "arn:aws:sqs:us-east-1:123456789012:logos-images"
    assert mapping["FunctionArn"].startswith("arn:aws:lambda:us-east-1:123456789012:function:logos-inference")
    assert (mapping["State"], mapping["BatchSize"]) == ("Disabled", 10)
    assert mapping["LastModified"].tzinfo is not None


def test_a_mapping_is_enabled_and_disabled_by_that_member_alone(place):
    before = place.lambda_.get_event_source_mapping(UUID=place.uuid)
    place.lambda_.update_event_source_mapping(UUID=place.uuid, Enabled=True)
    place.settle()
    assert state(place) == "Enabled"
    place.lambda_.update_event_source_mapping(UUID=place.uuid, Enabled=False)
    place.settle()
    after = place.lambda_.get_event_source_mapping(UUID=place.uuid)
    moved = {"LastModified", "ResponseMetadata"}
    assert {name: after[name] for name in before if name not in moved} == {
        name: before[name] for name in before if name not in moved
    }


def test_what_is_enabled_already_may_be_enabled_again(place):
    for _ in range(2):
        place.lambda_.update_event_source_mapping(UUID=place.uuid, Enabled=True)
        place.settle()
    assert state(place) == "Enabled"


def test_a_function_is_found_by_name_and_by_what_the_mapping_names(place):
    arn = place.lambda_.get_event_source_mapping(UUID=place.uuid)["FunctionArn"]
    for name in (place.function, arn):
        function = place.lambda_.get_function_configuration(FunctionName=name)
        assert (function["FunctionName"], function["Timeout"]) == ("logos-inference", 60)


def test_a_queue_tells_what_it_is_asked(place):
    url = place.sqs.get_queue_url(QueueName=place.queue, QueueOwnerAWSAccountId="123456789012")["QueueUrl"]
    assert url == "https://sqs.us-east-1.amazonaws.com/123456789012/logos-images"
    told = place.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    expected = {
        "QueueArn": "arn:aws:sqs:us-east-1:123456789012:logos-images",
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "VisibilityTimeout": "360",
        "MessageRetentionPeriod": "345600",
    }
    assert expected.items() <= told.items()
    assert json.loads(told["RedrivePolicy"]) == {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:logos-images-dead",
        "maxReceiveCount": 5,
    }
    asked = place.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    assert set(asked) == {"QueueArn"}


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        pytest.param(
            lambda place: place.lambda_.get_event_source_mapping(UUID=NO_UUID),
            ("GetEventSourceMapping", "ResourceNotFoundException"),
            id="mapping",
        ),
        pytest.param(
            lambda place: place.lambda_.get_function_configuration(FunctionName="other"),
            ("GetFunctionConfiguration", "ResourceNotFoundException"),
            id="function",
        ),
        pytest.param(
            lambda place: place.sqs.get_queue_url(QueueName="other"),
            ("GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue"),
            id="queue by name",
        ),
        pytest.param(
            lambda place: place.sqs.get_queue_attributes(
                QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/other", AttributeNames=["All"]
            ),
            ("GetQueueAttributes", "AWS.SimpleQueueService.NonExistentQueue"),
            id="queue by URL",
        ),
        pytest.param(
            lambda place: place.sqs.get_queue_attributes(
                QueueUrl=place.sqs.get_queue_url(QueueName=place.queue)["QueueUrl"],
                AttributeNames=["Colour"],
            ),
            ("GetQueueAttributes", "InvalidAttributeName"),
            id="attribute",
        ),
    ],
)
def test_an_unknown_one_is_refused_alike(place, call, refused):
    assert refusal(lambda: call(place)) == refused
