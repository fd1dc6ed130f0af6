"""The share of observations lost to a quota of five calls a second, without and with our own rate.

``python -m tests.benchmarks.call_rate``: boto3's clients and retries, answered in this process, in real time;
it takes a minute and a half. The steady tick's calls are counted with it.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from threading import Lock

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from controller.aws.call_rate import CallRates
from controller.aws.clients import BotoClients
from controller.config.model import Pipeline, Target
from controller.core.states import MappingState, ModelStatus
from controller.loop.context import LoopContext, Memories, pipeline_contexts
from controller.loop.reconcile import reconcile
from controller.loop.report import Report
from controller.loop.workers import SideBySide
from controller.storage.memories import ProcessMemories
from tests.support.embedded import a_pipeline
from tests.support.loop import a_config, utc, with_settings
from tests.support.schedules import spec

QUOTA_PER_S = 5.0
CLOSED = utc("2026-11-23T03:00")
STATES = {"State": "Disabled", "LastModified": 1763000000.0, "EventSourceArn": "arn:aws:sqs:us-east-1:1:q"}


@dataclass
class Body:
    content: bytes

    def stream(self) -> list[bytes]:
        return [self.content]


@dataclass(eq=False)
class Account:
    """Answers every call at once; Rekognition's from a bucket of five tokens, for each operation."""

    pipelines: tuple[Pipeline, ...]
    sent: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def clients(self, made: BotoClients, service: str, target: Target) -> object:
        client = made(service, target)
        client.meta.events.register_last("before-send", self._answer, unique_id="account")
        return client

    def _answer(self, event_name: str, request: AWSPreparedRequest, **_rest: object) -> AWSResponse:
        service, operation = event_name.split(".")[1:3]
        with self._lock:
            self.sent[operation] += 1
            refused = service == "rekognition" and not self._has_token(operation)
            self.refused += refused
        if refused:
            return _response(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
        return _response(200, self._content(operation, request))

    def _has_token(self, operation: str) -> bool:
        now_s = time.monotonic()
        tokens, at_s = self._buckets.get(operation, (QUOTA_PER_S, now_s))
        tokens = min(QUOTA_PER_S, tokens + (now_s - at_s) * QUOTA_PER_S)
        has = tokens >= 1
        self._buckets[operation] = (tokens - has, now_s)
        return has

    def _content(self, operation: str, request: AWSPreparedRequest) -> dict[str, object]:
        match operation:
            case "DescribeProjectVersions":
                project = json.loads(request.body)["ProjectArn"]
                arn = next(each.model.arn for each in self.pipelines if each.model.project_arn == project)
                version = {"ProjectVersionArn": arn, "Status": "STOPPED"}
                return {"ProjectVersionDescriptions": [version]}
            case "GetEventSourceMapping":
                return {"UUID": request.url.rpartition("/")[2], **STATES}
            case _:
                return {}


def _response(status: int, content: dict[str, object]) -> AWSResponse:
    return AWSResponse("https://aws.example", status, {}, Body(json.dumps(content).encode()))


def a_file(number: int) -> tuple[Pipeline, ...]:
    """Projects are named and nothing is rescued, so that the first tick asks what a steady one does."""
    made = (with_settings(a_pipeline(f"p-{place}", place), rescue=None) for place in range(1, number + 1))
    return tuple(
        replace(each, model=replace(each.model, project_arn=each.model.arn.rpartition("/version/")[0] + "/1"))
        for each in made
    )


def tick(account: Account, rates: CallRates | None) -> Report:
    made = BotoClients(rates=rates)
    config = a_config(*account.pipelines, specs=(replace(spec(daily="08:30-17:00"), name="office"),))
    memories: Memories = ProcessMemories()
    return reconcile(
        LoopContext(
            contexts=pipeline_contexts(
                config, lambda service, target: account.clients(made, service, target)
            ),
            memories=memories,
            clock=lambda: CLOSED,
            workers=SideBySide(),
            until_s=time.monotonic() + 235,
        ),
        act=None,
    )


def unreadable_share(report: Report) -> float:
    blind = sum(
        each.observed is None
        or each.observed.model is ModelStatus.UNREADABLE
        or each.observed.mapping is MappingState.UNREADABLE
        for each in report.pipelines
    )
    return blind / len(report.pipelines)


def main() -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for number in (1, 20, 50, 100):
        for label, rates in (
            ("without a rate", None),
            ("with a rate   ", CallRates(monotonic=time.monotonic, sleep=time.sleep)),
        ):
            account, began_s = Account(a_file(number)), time.monotonic()
            share = unreadable_share(tick(account, rates))
            print(  # noqa: T201 - its output
                f"{number:3} pipelines {label}: {share:4.0%} unreadable, {account.refused:3} calls refused, "
                f"{account.sent.total():3} sent, {time.monotonic() - began_s:5.1f} s"
            )
        calls = ", ".join(f"{name} {count}" for name, count in sorted(account.sent.items()))
        print(f"{number:3} pipelines, calls of a steady tick: {calls}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
