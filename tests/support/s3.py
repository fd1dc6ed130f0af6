"""A versioned bucket (moto's, behind real boto3 clients) that counts requests and fails when told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from botocore.awsrequest import AWSResponse
from moto import mock_aws

from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.config.model import STANDARD

NAME = "configuration"


@dataclass
class Bucket:
    """``requests`` are the operations sent, ``failing`` the status and code with which some are refused."""

    clients: BotoClients
    requests: list[str] = field(default_factory=list)
    failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    _listening: list[tuple[str, Callable[..., object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.clients("s3", STANDARD)
        self.client.create_bucket(Bucket=NAME)
        self.client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        self.listen("request-created.s3", self._count)
        self.listen("before-call.s3", self._refuse)

    def listen(self, event: str, handler: Callable[..., object]) -> None:
        """To what botocore does, as long as the bucket lives."""
        self.client.meta.events.register(event, handler)
        self._listening.append((event, handler))

    def forget(self) -> None:
        for event, handler in self._listening:
            self.client.meta.events.unregister(event, handler)

    def url(self, key: str) -> str:
        return f"s3://{NAME}/{key}"

    def put(self, key: str, text: str | bytes) -> str:
        """As somebody else would; the id of the version, if there are versions."""
        answer = self._unseen("put_object", Key=key, Body=text if isinstance(text, bytes) else text.encode())
        return answer.get("VersionId", "")

    def get(self, key: str) -> str:
        return self._unseen("get_object", Key=key)["Body"].read().decode()

    def delete(self, key: str) -> None:
        self._unseen("delete_object", Key=key)

    def everything(self) -> list[tuple[str, str]]:
        """Key and version of all that was ever written."""
        return [(each["Key"], each["VersionId"]) for each in self._unseen("list_object_versions")["Versions"]]

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

    def _refuse(self, event_name: str, **_rest: object) -> tuple[AWSResponse, dict[str, object]] | None:
        """In place of the request: moto, which hears of every one, does not hear of this."""
        status, code = self.failing.get(event_name.rpartition(".")[2], (0, ""))
        if not status:
            return None
        parsed = {
            "Error": {"Code": code, "Message": "not today"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        return AWSResponse("https://refused", status, {}, None), parsed


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    with mock_aws():
        made = Bucket(clients=_clients())
        yield made
        made.forget()


@cache
def _clients() -> BotoClients:
    """Shared, since a client takes a quarter of a second to make."""
    return BotoClients(RetryConfig(attempts=1))
