"""The built function before an AWS of its own: moto, and the embedded AWS on a clock that runs fast."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from controller.config.build import parse
from tests.e2e.artifact.runtime import Function, Runtime
from tests.support.aws_server import AwsServer
from tests.support.embedded import an_aws, model_arn

SPEED = 120
"""Of the embedded clock: a start of three minutes takes a second and a half."""
BUCKET, KEY = "config", "team/schedule.yaml"
PATIENCE_S = 120.0
PAUSE_S = 0.1


@pytest.fixture(scope="session")
def runtime(artifact, emulator, runtime_interpreter, runtime_client):
    return Runtime(
        emulator=emulator, interpreter=runtime_interpreter, client=runtime_client, artifact=artifact
    )


def schedule(
    *, now: datetime | None = None, open_for: timedelta | None = None, extra: str = "", hours: str = "closed"
) -> str:
    """Closed, but for an opening from an hour before ``now``, which ends ``open_for`` after it."""
    now = now or datetime.now(UTC)
    began, open_until = now - timedelta(hours=1), now + open_for if open_for is not None else None
    opening = (
        f"""
    overrides:
      - from: {began:%Y-%m-%dT%H:%M:%S}
        until: {open_until:%Y-%m-%dT%H:%M:%S}
        state: open
        reason: a day in seconds"""
        if open_until
        else ""
    )
    return f"""\
version: 1
schedules:
  office:
    timezone: UTC
    hours: {{daily: {hours}}}{opening}
{extra}pipelines:
  logos:
    schedule: office
    model: {{arn: "{model_arn("logos")}", inference_units: 1}}
    consumer: {{event_source_mapping: 8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6, retention: 14d}}
    warm_up: 5m
    bridge: 0m
    rescue: never
"""


@dataclass
class Account:
    """What the function finds; ``start`` makes one more execution environment of it."""

    server: AwsServer
    runtime: Runtime
    folder: Path
    ends: contextlib.ExitStack
    began_s: float
    functions: list[Function] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        self.s3 = session.client("s3", endpoint_url=self.server.url)
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    @property
    def now(self) -> datetime:
        """By the embedded clock, which is the function's."""
        self.server.catch_up()
        return self.server.aws.now()

    @property
    def pipeline(self):
        return self.server.aws.pipelines["logos"]

    @property
    def states(self) -> list[tuple[str, str]]:
        """What the model and the mapping came into, in order.

        Told what it does already, a mapping passes through Updating: of two that act at once, one is late.
        """
        self.server.catch_up()
        states, last = [], {}
        for change in self.server.aws.changes:
            if change.state not in {"Updating", last.get(change.resource)}:
                states.append((change.resource, change.state))
                last[change.resource] = change.state
        return states

    @property
    def told(self) -> list[dict[str, object]]:
        """The details of the events that were sent."""
        bodies = [json.loads(each.body) for each in self.server.asked if each.service == "events"]
        return [json.loads(entry["Detail"]) for body in bodies for entry in body["Entries"]]

    def push(self, text: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=KEY, Body=text.encode())

    def stored(self, name: str) -> dict[str, object]:
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=f"team/status/{name}")["Body"].read())

    def start(self, *, timeout_s: int = 60, **environment: str) -> Function:
        usual = {
            "AWS_ENDPOINT_URL": self.server.url,
            "SCHEDULER_CONFIG": f"s3://{BUCKET}/{KEY}",
            "SCHEDULER_TICK": "1m",
            "CLOCK_BEGAN_S": f"{self.began_s}",
            "CLOCK_SPEED": f"{SPEED}",
        }
        log = self.folder / f"function-{len(self.functions)}.log"
        function = Function(
            runtime=self.runtime, log=log, environment=usual | environment, timeout_s=timeout_s
        )
        self.functions.append(self.ends.enter_context(function))
        return function

    def invoke_until(self, holds, *functions: Function) -> None:
        """Tick after tick, of all ``functions`` at once, until ``holds()``."""
        ends_at = time.monotonic() + PATIENCE_S
        with ThreadPoolExecutor(max_workers=len(functions)) as pool:
            while not holds():
                assert time.monotonic() < ends_at, (self.states, functions[0].log.read_text())
                answers = list(pool.map(Function.invoke, functions))
                assert not [answer for answer in answers if "errorType" in answer]
                time.sleep(PAUSE_S)


@contextlib.contextmanager
def an_account(runtime: Runtime, folder: Path) -> Iterator[Account]:
    """``folder`` is where the functions' logs go."""
    config = parse(schedule().encode(), file=KEY, calendar_files=lambda _: b"")
    began_s = time.time()
    aws = an_aws(*config.pipelines, start=datetime.fromtimestamp(began_s, UTC), start_minutes=(3, 3))
    with AwsServer(aws, speed=SPEED) as server, contextlib.ExitStack() as ends:
        yield Account(server=server, runtime=runtime, folder=folder, ends=ends, began_s=began_s)
        server.reset()


@pytest.fixture
def account(runtime, tmp_path):
    with an_account(runtime, tmp_path) as made:
        yield made
