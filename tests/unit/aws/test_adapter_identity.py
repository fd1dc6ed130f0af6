"""Who calls, and by whose clock."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.identity import Identities, Identity


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        pytest.param(
            "arn:aws:sts::123456789012:assumed-role/scheduler/session",
            "arn:aws:iam::123456789012:role/scheduler",
            id="a role's session",
        ),
        pytest.param(
            "arn:aws-cn:sts::123456789012:assumed-role/Admin/ana@example.com",
            "arn:aws-cn:iam::123456789012:role/Admin",
            id="another partition",
        ),
        pytest.param("arn:aws:iam::123456789012:user/ana", "arn:aws:iam::123456789012:user/ana", id="a user"),
        pytest.param("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root", id="the root user"),
    ],
)
def test_policies_are_attached_to_the_principal(arn, principal):
    assert Identity(arn=arn, answered_at=None).principal == principal


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"date": "Mon, 23 Nov 2026 13:10:00 GMT"}, datetime(2026, 11, 23, 13, 10, tzinfo=UTC)),
        ({}, None),
    ],
)
def test_the_answer_tells_the_time(headers, at):
    client = boto3.client("sts", region_name="us-east-1")
    with Stubber(client) as stub:
        arn = "arn:aws:iam::123456789012:user/ana"
        answer = {"Arn": arn, "ResponseMetadata": {"HTTPHeaders": headers, "HTTPStatusCode": 200}}
        stub.add_response("get_caller_identity", answer)
        assert Identities(client).own() == Identity(arn=arn, answered_at=at)
