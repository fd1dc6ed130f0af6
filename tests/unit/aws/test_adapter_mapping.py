"""On moto where it behaves like Lambda, on botocore's Stubber where it does not."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from controller.aws.mapping import MappingDescription, Mappings
from controller.core.states import MappingState
from controller.errors import TerminalError, TransientError

REGION = "us-east-1"
UUID = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:inference"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def empty_zip():
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("app.py", "")
    return body.getvalue()


@pytest.fixture
def lambda_client():
    """moto's Lambda, with the function ``inference``."""
    with mock_aws():
        iam = boto3.client("iam", region_name=REGION)
        role = iam.create_role(RoleName="inference", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
            "Arn"
        ]
        client = boto3.client("lambda", region_name=REGION)
        client.create_function(
            FunctionName="inference",
            Runtime="python3.13",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": empty_zip()},
        )
        yield client


@pytest.fixture
def created(lambda_client):
    """The answer to the creation of a mapping from an SQS queue to ``inference``."""
    boto3.client("sqs", region_name=REGION).create_queue(QueueName="images")
    return lambda_client.create_event_source_mapping(
        EventSourceArn=QUEUE, FunctionName="inference", BatchSize=7, Enabled=True
    )


@pytest.fixture
def stub():
    with Stubber(boto3.client("lambda", region_name=REGION)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def answered(stub, **members):
    stub.add_response("get_event_source_mapping", {"UUID": UUID} | members, {"UUID": UUID})
    return Mappings(stub.client).get(UUID)


def test_a_mapping_is_read_from_lambda(lambda_client, created):
    mapping = Mappings(lambda_client).get(created["UUID"])
    assert (mapping.state, mapping.queue_arn, mapping.function_arn) == (MappingState.ENABLED, QUEUE, FUNCTION)
    answered = lambda_client.get_event_source_mapping(UUID=created["UUID"])["LastModified"]
    assert mapping.last_modified is not None
    assert (mapping.last_modified, mapping.last_modified.tzinfo) == (answered, UTC)


@pytest.mark.parametrize(
    ("enabled", "state"), [(False, MappingState.DISABLED), (True, MappingState.ENABLED)], ids=["off", "on"]
)
def test_only_enabled_changes(lambda_client, created, enabled, state):
    mappings = Mappings(lambda_client)
    lambda_client.update_event_source_mapping(UUID=created["UUID"], Enabled=not enabled)
    mappings.set_enabled(created["UUID"], enabled=enabled)
    after = lambda_client.get_event_source_mapping(UUID=created["UUID"])
    assert mappings.get(created["UUID"]).state is state
    assert (after["BatchSize"], after["FunctionArn"]) == (created["BatchSize"], created["FunctionArn"])


@pytest.mark.parametrize("enabled", [False, True])
def test_only_the_uuid_and_enabled_are_sent(stub, enabled):
    stub.add_response("update_event_source_mapping", {}, {"UUID": UUID, "Enabled": enabled})
    Mappings(stub.client).set_enabled(UUID, enabled=enabled)


def test_a_mapping_that_does_not_exist_is_absent(lambda_client):
    assert Mappings(lambda_client).get(UUID) == MappingDescription(state=MappingState.ABSENT)


@pytest.mark.parametrize(
    ("config", "pollers"),
    [({"MinimumPollers": 2, "MaximumPollers": 5}, 5), ({"MinimumPollers": 3}, 200), ({}, None)],
)
def test_a_mapping_in_provisioned_mode_has_its_most_pollers(stub, config, pollers):
    description = answered(stub, State="Enabled", EventSourceArn=QUEUE, ProvisionedPollerConfig=config)
    assert description.maximum_pollers == pollers


def test_an_answer_is_translated_whole(stub):
    description = answered(
        stub,
        State="Disabling",
        EventSourceArn=QUEUE,
        FunctionArn=FUNCTION,
        LastModified=datetime(2026, 11, 23, 8, 30, tzinfo=timezone(timedelta(hours=-5))),
        StateTransitionReason="User action",
        MaximumBatchingWindowInSeconds=20,
        BatchSize=10,
        ScalingConfig={"MaximumConcurrency": 4},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert description == MappingDescription(
        state=MappingState.DISABLING,
        last_modified=datetime(2026, 11, 23, 13, 30, tzinfo=UTC),
        function_arn=FUNCTION,
        source_arn=QUEUE,
        queue_arn=QUEUE,
        transition_reason="User action",
        batching_window=timedelta(seconds=20),
        batch_size=10,
        maximum_concurrency=4,
        partial_batches=True,
    )
    assert description.last_modified.tzinfo is UTC


@pytest.mark.parametrize(
    "state", ["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"]
)
def test_a_state_of_the_api_keeps_its_name(stub, state):
    description = answered(stub, State=state, EventSourceArn=QUEUE)
    assert (description.state.value, description.word) == (state, None)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        pytest.param({"State": "Paused"}, "Paused", id="added later"),
        pytest.param({"State": "NotSqs"}, "NotSqs", id="one of our own words"),
        pytest.param({"State": "ABSENT"}, "ABSENT", id="another of our own words"),
        pytest.param({}, None, id="missing"),
    ],
)
def test_a_state_that_is_not_known_is_unknown_and_keeps_its_word(stub, state, word):
    description = answered(stub, EventSourceArn=QUEUE, **state)
    assert (description.state, description.word) == (MappingState.UNKNOWN, word)


def test_a_mapping_of_something_else_has_no_word_for_its_state(stub):
    stream = "arn:aws:kinesis:us-east-1:1:stream/x"
    assert answered(stub, EventSourceArn=stream, State="Paused").word is None


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            {"EventSourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/images"}, id="a stream"
        ),
        pytest.param(
            {"EventSourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/sqs/stream/1"}, id="a table"
        ),
        pytest.param({"SelfManagedEventSource": {}}, id="a Kafka cluster of one's own"),
    ],
)
def test_a_mapping_that_no_queue_feeds_says_so(stub, source):
    description = answered(stub, State="Enabled", FunctionArn=FUNCTION, **source)
    assert (description.state, description.queue_arn) == (MappingState.NOT_SQS, None)


def test_a_queue_of_another_partition_is_a_queue(stub):
    queue = "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:images.fifo"
    assert answered(stub, State="Enabled", EventSourceArn=queue).queue_arn == queue


def test_a_mapping_of_which_nothing_is_told_has_no_times(stub):
    mapping = answered(stub, State="Enabled", EventSourceArn=QUEUE)
    assert (mapping.last_modified, mapping.batching_window) == (None, timedelta(0))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", TerminalError),
        ("TooManyRequestsException", TransientError),
        ("ServiceException", TransientError),
    ],
)
def test_a_refusal_is_not_an_absent_mapping(stub, code, kind):
    stub.add_client_error("get_event_source_mapping", code)
    with pytest.raises(kind) as caught:
        Mappings(stub.client).get(UUID)
    assert (caught.value.call, caught.value.resource) == ("lambda:GetEventSourceMapping", UUID)


def test_a_mapping_to_change_that_does_not_exist_is_an_error(stub):
    stub.add_client_error("update_event_source_mapping", "ResourceNotFoundException", http_status_code=404)
    with pytest.raises(TerminalError, match=f"lambda:UpdateEventSourceMapping on {UUID}: ResourceNotFound"):
        Mappings(stub.client).set_enabled(UUID, enabled=False)
