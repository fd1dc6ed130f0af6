"""On botocore's Stubber, which holds every request and answer to the service model, and on moto."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from controller.aws.events import Bus, Entry
from controller.aws.remedies import remedy
from controller.errors import TerminalError, TransientError
from tests.support.embedded import MONDAY

SENT = {"FailedEntryCount": 0, "Entries": []}
BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/ops"


def an_entry(number=1):
    return Entry(
        source="rekognition-scheduler",
        detail_type="Stalled",
        detail=json.dumps({"number": number}),
        at=MONDAY,
        resources=("arn:model",),
    )


def as_sent(number=1, **more):
    return {
        "Source": "rekognition-scheduler",
        "DetailType": "Stalled",
        "Detail": json.dumps({"number": number}),
        "Time": MONDAY,
        "Resources": ["arn:model"],
        **more,
    }


@pytest.fixture
def stub():
    with Stubber(boto3.client("events", region_name="us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        pytest.param(None, {}, id="the default bus"),
        pytest.param(BUS_ARN, {"EventBusName": BUS_ARN}, id="another bus"),
    ],
)
def test_an_entry_goes_to(stub, name, more):
    stub.add_response("put_events", SENT, {"Entries": [as_sent(**more)]})
    Bus(stub.client, name).put([an_entry()])


def test_ten_entries_go_at_once_and_none_is_no_call(stub):
    for numbers in (range(10), range(10, 20), range(20, 21)):
        stub.add_response("put_events", SENT, {"Entries": [as_sent(number) for number in numbers]})
    Bus(stub.client).put([an_entry(number) for number in range(21)])
    Bus(stub.client).put([])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InternalFailure", TransientError),
        ("ThrottlingException", TransientError),
        ("NotAuthorizedForSourceException", TerminalError),
    ],
)
def test_an_entry_that_was_refused_among_others_is_an_error(stub, code, kind):
    entries = [{"EventId": "1"}, {"ErrorCode": code, "ErrorMessage": "no luck"}]
    stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": entries})
    with pytest.raises(kind, match=f"events:PutEvents on default: {code}: no luck"):
        Bus(stub.client).put([an_entry(), an_entry(2)])


def test_an_answer_that_counts_a_failure_and_names_none_is_malformed(stub):
    stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": []})
    with pytest.raises(TransientError, match="MalformedAnswer"):
        Bus(stub.client).put([an_entry()])


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        ("AccessDeniedException", TerminalError, f"allow events:PutEvents on {BUS_ARN}"),
        ("InternalException", TransientError, None),
        ("ThrottlingException", TransientError, None),
    ],
)
def test_a_refusal_says_what_to_do(stub, code, kind, advice):
    stub.add_client_error("put_events", code, http_status_code=500 if kind is TransientError else 400)
    with pytest.raises(kind) as caught:
        Bus(stub.client, BUS_ARN).put([an_entry()])
    told = remedy(caught.value)
    assert told is None if advice is None else told.startswith(advice)


@mock_aws
def test_moto_takes_what_is_put():
    Bus(boto3.client("events", region_name="us-east-1")).put([an_entry()])
