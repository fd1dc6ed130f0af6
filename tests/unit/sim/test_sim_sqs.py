from __future__ import annotations

import json

import pytest

from controller.sim.aws.sqs import Queue, QueueConfig
from controller.sim.aws.world import Scenario, SimulatedWorld
from tests.support.embedded import HERE, MONDAY, an_aws, refusal

VISIBILITY_S, RETENTION_S = 360, 86_400


def a_queue(*, redrive=True, retention_s=RETENTION_S):
    """A queue, its dead-letter queue, and how to let seconds pass."""
    world = SimulatedWorld(Scenario(start=MONDAY))
    dead = Queue(world, settings("dead", retention_s=14 * 86_400, dead_letters=None))
    queue = Queue(world, settings("images", retention_s=retention_s, dead_letters=dead if redrive else None))
    return queue, dead, lambda seconds: world.clock.advance_to(world.clock.now_s + seconds)


def settings(name, *, retention_s, dead_letters):
    return QueueConfig(
        arn=f"arn:aws:sqs:us-east-1:123456789012:{name}",
        retention_s=retention_s,
        visibility_s=VISIBILITY_S,
        dead_letters=dead_letters,
    )


def tally(queue):
    return queue.waiting, queue.in_flight, queue.deleted, queue.dead_lettered, queue.expired


def test_a_message_received_and_deleted_is_gone():
    queue, _, _ = a_queue()
    queue.send()
    message = queue.receive()
    assert tally(queue) == (0, 1, 0, 0, 0)
    queue.delete(message)
    assert tally(queue) == (0, 0, 1, 0, 0)
    assert queue.receive() is None


def test_a_message_left_comes_back_after_its_visibility_timeout():
    queue, _, wait = a_queue()
    queue.send()
    message = queue.receive()
    wait(10)
    queue.return_after_timeout(message)
    wait(VISIBILITY_S - 11)
    assert queue.receive() is None
    wait(1)
    assert queue.receive() is message
    assert message.receives == 2


def test_the_sixth_receive_of_a_message_sends_it_to_the_dead_letters_instead():
    queue, dead, wait = a_queue()
    queue.send()
    for _ in range(5):
        queue.return_after_timeout(queue.receive())
        wait(VISIBILITY_S)
    assert tally(queue) == (1, 0, 0, 0, 0)
    assert queue.receive() is None
    assert tally(queue) == (0, 0, 0, 1, 0)
    assert tally(dead) == (1, 0, 0, 0, 0)


def test_without_a_dead_letter_queue_a_message_is_received_for_ever():
    queue, _, wait = a_queue(redrive=False)
    queue.send()
    for _ in range(20):
        queue.return_after_timeout(queue.receive())
        wait(VISIBILITY_S)
    assert queue.receive().receives == 21


def test_a_message_expires_counted_from_its_first_enqueue():
    queue, _, wait = a_queue()
    queue.send()
    wait(RETENTION_S - VISIBILITY_S - 1)
    queue.return_after_timeout(queue.receive())
    wait(VISIBILITY_S)
    assert tally(queue) == (1, 0, 0, 0, 0)
    wait(1)
    assert tally(queue) == (0, 0, 0, 0, 1)


def test_what_expires_in_flight_can_still_be_deleted():
    queue, _, wait = a_queue()
    queue.send()
    wait(RETENTION_S - 1)
    message = queue.receive()
    wait(2)
    queue.delete(message)
    assert tally(queue) == (0, 0, 1, 0, 0)


def test_what_expires_in_flight_is_never_seen_again():
    queue, _, wait = a_queue()
    queue.send()
    wait(RETENTION_S - 1)
    queue.return_after_timeout(queue.receive())
    wait(VISIBILITY_S)
    assert tally(queue) == (0, 0, 0, 0, 1)
    assert queue.receive() is None


def test_each_message_expires_at_its_own_time_whatever_became_of_the_ones_before():
    queue, _, wait = a_queue()
    for _ in range(3):
        queue.send()
        wait(100)
    queue.delete(queue.receive())
    wait(RETENTION_S - 300)
    assert tally(queue) == (2, 0, 1, 0, 0)
    wait(100)
    assert tally(queue) == (1, 0, 1, 0, 1)
    wait(100)
    assert tally(queue) == (0, 0, 1, 0, 2)


def test_retention_goes_on_counting_among_the_dead_letters_in_whatever_order_they_came():
    _, dead, wait = a_queue()
    wait(3600)
    now_s = MONDAY.timestamp() + 3600
    dead.send(now_s - 100)
    dead.send(now_s - 300)
    dead.send(now_s - 200)
    wait(14 * 86_400 - 300)
    assert dead.waiting == 2
    wait(100)
    assert dead.waiting == 1
    wait(100)
    assert dead.waiting == 0


def test_a_queue_that_nobody_consumes_keeps_nothing_of_what_expired():
    queue, _, wait = a_queue(retention_s=60)
    for _ in range(1000):
        queue.send()
        wait(10)
    assert (queue.waiting, queue.expired) == (5, 995)
    assert len(queue._visible) == len(queue._by_age) == 5


def test_counts_lag_by_up_to_a_minute():
    queue, _, wait = a_queue()
    queue.send()
    wait(30)
    assert {queue.counts() for _ in range(200)} == {(0, 0), (1, 0)}
    wait(30)
    assert {queue.counts() for _ in range(200)} == {(1, 0)}


def test_a_queue_is_found_by_name_and_tells_its_attributes():
    aws = an_aws()
    sqs = aws.clients("sqs", HERE)
    url = sqs.get_queue_url(QueueName="logos-images")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert url.split("/")[2:] == ["sqs.us-east-1.amazonaws.com", "123456789012", "logos-images"]
    assert attributes["QueueArn"] == aws.pipelines["logos"].mapping.source_arn
    assert (attributes["MessageRetentionPeriod"], attributes["VisibilityTimeout"]) == ("345600", "360")
    assert json.loads(attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"{attributes['QueueArn']}-dead",
        "maxReceiveCount": 5,
    }


def test_only_the_attributes_that_are_asked_for_are_told():
    sqs = an_aws().clients("sqs", HERE)
    url = sqs.get_queue_url(QueueName="logos-images-dead")["QueueUrl"]
    names = ["ApproximateNumberOfMessagesDelayed", "RedrivePolicy"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {names[0]: "0"}


@pytest.mark.parametrize(
    ("operation", "call", "code"),
    [
        pytest.param(
            "GetQueueUrl",
            lambda sqs: sqs.get_queue_url(QueueName="other"),
            "AWS.SimpleQueueService.NonExistentQueue",
            id="a name",
        ),
        pytest.param(
            "GetQueueUrl",
            lambda sqs: sqs.get_queue_url(QueueName="logos-images", QueueOwnerAWSAccountId="210987654321"),
            "AWS.SimpleQueueService.NonExistentQueue",
            id="another account's queue",
        ),
        pytest.param(
            "GetQueueAttributes",
            lambda sqs: sqs.get_queue_attributes(
                QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/other"
            ),
            "AWS.SimpleQueueService.NonExistentQueue",
            id="a URL",
        ),
        pytest.param(
            "GetQueueAttributes",
            lambda sqs: sqs.get_queue_attributes(
                QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/logos-images",
                AttributeNames=["Colour"],
            ),
            "InvalidAttributeName",
            id="an attribute",
        ),
    ],
)
def test_it_is_refused_when_there_is_no_such(operation, call, code):
    assert refusal(lambda: call(an_aws().clients("sqs", HERE))) == (operation, code)
