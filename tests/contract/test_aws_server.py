"""The same calls on the embedded AWS and, with real boto3 clients, on the server that it stands behind."""

from __future__ import annotations

from contextlib import suppress

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.test_embedded_shapes import calls
from tests.support.aws_server import SERVICES, AwsServer
from tests.support.embedded import an_aws


class Served:
    """Has what ``calls`` takes of an embedded AWS, through HTTP."""

    def __init__(self, server):
        self.pipelines = server.aws.pipelines
        self.now = server.aws.now
        self._url = server.url
        self._session = boto3.Session("testing", "testing", region_name="us-east-1")

    def clients(self, service, target):
        return self._session.client(service, region_name=target.region, endpoint_url=self._url)


@pytest.fixture(scope="module")
def pair():
    """Two embedded ones under the same seed: one is asked directly, the other through HTTP."""
    with AwsServer(an_aws()) as server:
        yield calls(an_aws()), calls(Served(server))


def result(call):
    try:
        answer = call()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return error.operation_name, error.response["Error"]["Code"], status
    answer.pop("ResponseMetadata")
    return answer


def served():
    """The numbers of the calls on services that the server has from the embedded AWS."""
    aws, heard = an_aws(), []
    aws.listen(heard.append)
    for call in calls(aws):
        with suppress(ClientError):
            call()
    return [number for number, each in enumerate(heard) if each.request.endpoint.service in SERVICES]


@pytest.mark.parametrize("number", served())
def test_a_call_is_answered_alike(pair, number):
    directly, through_http = pair
    assert result(through_http[number]) == result(directly[number])
