"""On moto, and on botocore's Stubber for what it never answers."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from controller.aws.queue import QueueCounts, Queues, QueueSettings, Redrive
from controller.errors import TerminalError, TransientError

REGION = "us-east-1"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/images"
LOOKED_UP = {"QueueName": "images", "QueueOwnerAWSAccountId": "123456789012"}
ASKED = {
    "QueueUrl": URL,
    "AttributeNames": [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "MessageRetentionPeriod",
    ],
}
WHOLE = {
    "ApproximateNumberOfMessages": "7",
    "ApproximateNumberOfMessagesNotVisible": "2",
    "ApproximateNumberOfMessagesDelayed": "1",
    "MessageRetentionPeriod": "345600",
}


@pytest.fixture
def sqs():
    with mock_aws():
        yield boto3.client("sqs", region_name=REGION)


@pytest.fixture
def stub():
    with Stubber(boto3.client("sqs", region_name=REGION)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def queues(stub):
    return Queues(stub.client)


def test_messages_are_counted_where_they_are(sqs):
    url = sqs.create_queue(QueueName="images", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
    for delay_s in (0, 0, 0, 900):
        sqs.send_message(QueueUrl=url, MessageBody="image", DelaySeconds=delay_s)
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    assert Queues(sqs).counts(QUEUE) == QueueCounts(
        waiting=2, in_flight=1, delayed=1, retention=timedelta(days=14)
    )


def test_a_queue_that_does_not_exist_is_an_error(sqs):
    with pytest.raises(TerminalError) as caught:
        Queues(sqs).counts(QUEUE)
    assert (caught.value.call, caught.value.resource) == ("sqs:GetQueueUrl", QUEUE)


def test_the_url_is_looked_up_once_per_queue(stub, queues):
    stub.add_response("get_queue_url", {"QueueUrl": URL}, LOOKED_UP)
    for _ in range(3):
        stub.add_response("get_queue_attributes", {"Attributes": WHOLE}, ASKED)
    assert {queues.counts(QUEUE).waiting for _ in range(3)} == {7}


def test_a_look_up_that_failed_is_tried_again(stub, queues):
    stub.add_client_error("get_queue_url", "RequestThrottled")
    stub.add_response("get_queue_url", {"QueueUrl": URL}, LOOKED_UP)
    stub.add_response("get_queue_attributes", {"Attributes": WHOLE}, ASKED)
    with pytest.raises(TransientError):
        queues.counts(QUEUE)
    assert queues.counts(QUEUE).in_flight == 2


@pytest.mark.parametrize("missing", WHOLE)
def test_an_answer_without_a_count_cannot_be_read(stub, queues, missing):
    some = {name: value for name, value in WHOLE.items() if name != missing}
    stub.add_response("get_queue_url", {"QueueUrl": URL})
    stub.add_response("get_queue_attributes", {"Attributes": some})
    with pytest.raises(TransientError, match=f"MalformedAnswer.*{missing}"):
        queues.counts(QUEUE)


def test_a_count_that_is_no_number_cannot_be_read(stub, queues):
    stub.add_response("get_queue_url", {"QueueUrl": URL})
    stub.add_response("get_queue_attributes", {"Attributes": WHOLE | {"ApproximateNumberOfMessages": "many"}})
    with pytest.raises(TransientError, match=r"MalformedAnswer.*'many'"):
        queues.counts(QUEUE)


def test_an_answer_without_attributes_cannot_be_read(stub, queues):
    stub.add_response("get_queue_url", {"QueueUrl": URL})
    stub.add_response("get_queue_attributes", {})
    with pytest.raises(TransientError, match=r"sqs:GetQueueAttributes on arn.*MalformedAnswer.*Attributes"):
        queues.counts(QUEUE)


def test_an_arn_of_no_queue_is_not_sent(queues):
    with pytest.raises(TransientError, match="MalformedAnswer"):
        queues.counts("arn:aws:sqs")


def test_the_settings_of_a_queue_are_read(sqs):
    dead = "arn:aws:sqs:us-east-1:123456789012:dead"
    sqs.create_queue(QueueName="dead")
    policy = f'{{"deadLetterTargetArn": "{dead}", "maxReceiveCount": "10"}}'
    sqs.create_queue(QueueName="images", Attributes={"VisibilityTimeout": "360", "RedrivePolicy": policy})
    assert Queues(sqs).settings(QUEUE) == QueueSettings(
        arn=QUEUE,
        retention=timedelta(days=4),
        visibility=timedelta(minutes=6),
        redrive=Redrive(queue_arn=dead, max_receives=10),
    )
    assert Queues(sqs).settings(dead).redrive is None


@pytest.mark.parametrize("written", ["10", '"10"'], ids=["a number", "a text"])
def test_the_receives_of_a_redrive_policy_are_a_number(stub, queues, written):
    stub.add_response("get_queue_url", {"QueueUrl": URL}, LOOKED_UP)
    policy = f'{{"deadLetterTargetArn": "{QUEUE}-dead", "maxReceiveCount": {written}}}'
    settings = {"MessageRetentionPeriod": "60", "VisibilityTimeout": "30", "RedrivePolicy": policy}
    stub.add_response("get_queue_attributes", {"Attributes": settings})
    assert queues.settings(QUEUE).redrive == Redrive(queue_arn=f"{QUEUE}-dead", max_receives=10)


def test_a_redrive_policy_that_is_none_cannot_be_read(stub, queues):
    stub.add_response("get_queue_url", {"QueueUrl": URL})
    settings = {"MessageRetentionPeriod": "60", "VisibilityTimeout": "30", "RedrivePolicy": "[]"}
    stub.add_response("get_queue_attributes", {"Attributes": settings})
    with pytest.raises(TransientError, match="MalformedAnswer"):
        queues.settings(QUEUE)
