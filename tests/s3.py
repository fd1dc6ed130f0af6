"""A versioned bucket (moto's, behind real boto3 clients) that counts requests and fails when told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from moto import mock_aws

from controller.aws.clients import BotoClients, Patience
from controller.config.model import STANDARD

NAME = "configuration"


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


@dataclass
class Bucket:
    """``requests`` are the operations sent, ``failing`` the status and code with which some are refused."""

    clients: BotoClients
    requests: list[str] = field(default_factory=list)
    failing: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.clients("s3", STANDARD)
        self.client.create_bucket(Bucket=NAME)
        self.client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        self.client.meta.events.register("request-created.s3", self._count)
        self.client.meta.events.register_first("before-send.s3", self._refuse)

    def url(self, key: str) -> str:
        return f"s3://{NAME}/{key}"

    def put(self, key: str, text: str | bytes) -> str:
        """As somebody else would; the id of the version."""
        answer = self._unseen("put_object", Key=key, Body=text if isinstance(text, bytes) else text.encode())
        return answer["VersionId"]

    def get(self, key: str) -> str:
        return self._unseen("get_object", Key=key)["Body"].read().decode()

    def delete(self, key: str) -> None:
        self._unseen("delete_object", Key=key)

    def asked(self) -> list[str]:
        """The operations since this was last called."""
        asked, self.requests = self.requests, []
        return asked

    def _unseen(self, operation: str, **request: object) -> dict[str, object]:
        requests, failing = self.requests, self.failing
        self.requests, self.failing = [], {}
        try:
            return getattr(self.client, operation)(Bucket=NAME, **request)
        finally:
            self.requests, self.failing = requests, failing

    def _count(self, operation_name: str, **_rest: object) -> None:
        self.requests.append(operation_name)

    def _refuse(self, request: AWSRequest, event_name: str, **_rest: object) -> AWSResponse | None:
        status, code = self.failing.get(event_name.rpartition(".")[2], (0, ""))
        if not status:
            return None
        body = f"<Error><Code>{code}</Code><Message>not today</Message></Error>".encode()
        return AWSResponse(request.url, status, {}, _Raw(body))


@contextmanager
def a_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name, value in (("AWS_ACCESS_KEY_ID", "fake"), ("AWS_SECRET_ACCESS_KEY", "fake")):
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield Bucket(clients=BotoClients(Patience(attempts=1)))
