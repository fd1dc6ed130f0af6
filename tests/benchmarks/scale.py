"""What many pipelines cost one function: ``python -m tests.benchmarks.scale [MOST]``.

The handler with real clients, in a process of its own, against a local HTTP double of AWS: each answer takes
50 ms, and Rekognition answers five calls a second of an operation and account. Every model is stopped in a
closed schedule, so that a steady tick only reads. ``MOST`` bounds the number of pipelines.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Final, NamedTuple

LATENCY_S: Final = 0.05
QUOTA_PER_S: Final = 5.0
TICKS: Final = 3
CREATED: Final = 1768468215000
UUID: Final = "8921ca0f-beb3-40d0-ad20-{:012}"
MB: Final = 2**20


class Case(NamedTuple):
    """So many pipelines, evenly over so many accounts; with one account no role is assumed."""

    pipelines: int
    accounts: int


CASES: Final = (Case(1, 1), Case(10, 1), Case(100, 1), Case(100, 100), Case(1000, 500))


def account(number: int, case: Case) -> int:
    return 100_000_000_000 + number % case.accounts


def schedule(case: Case) -> Iterator[str]:
    yield "version: 1\nschedules: {office: {timezone: UTC, hours: {mon: 00:00-00:01}}}\npipelines:"
    for number in range(case.pipelines):
        of = account(number, case)
        yield f"  p-{number}:\n    schedule: office\n    rescue: never"
        if case.accounts > 1:
            yield f"    role_arn: arn:aws:iam::{of}:role/controller"
        arn = f"arn:aws:rekognition:us-east-1:{of}:project/p-{number}/version/v1/{CREATED}"
        yield f"    model: {{arn: '{arn}', inference_units: 1}}"
        yield f"    consumer: {{event_source_mapping: {UUID.format(number)}, retention: 14d}}"


class Double(BaseHTTPRequestHandler):
    """AWS as far as a steady tick asks it."""

    protocol_version = "HTTP/1.1"
    objects: Final[dict[str, bytes]] = {}
    tokens: Final = defaultdict(lambda: (QUOTA_PER_S, time.monotonic()))
    lock: Final = Lock()

    def handle_one_request(self) -> None:
        self.command = ""
        super().handle_one_request()

    def do_GET(self) -> None:
        if self.path.startswith("/2015-03-31/event-source-mappings/"):
            uuid = self.path.rpartition("/")[2]
            number = int(uuid[-12:])
            state = {"UUID": uuid, "State": "Disabled", "LastModified": 1763000000.0}
            self._answer(state | {"EventSourceArn": f"arn:aws:sqs:us-east-1:100000000000:q-{number}"})
        elif (data := self.objects.get(self.path.partition("?")[0])) is not None:
            self._send(200, data, "binary/octet-stream", ETag=_etag(data))
        else:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")

    def do_PUT(self) -> None:
        data = _unchunked(self._body())
        self.objects[self.path.partition("?")[0]] = data
        self._send(200, b"", "application/xml", ETag=_etag(data))

    def do_POST(self) -> None:
        body = self._body()
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if b"AssumeRole" in body:
            self._send(200, ROLE, "text/xml")
        elif operation == "DescribeProjects":
            names = json.loads(body)["ProjectNames"]
            self._limited(operation, f"{NUMBERS[names[0]]}", {"ProjectDescriptions": [*map(_project, names)]})
        elif operation == "DescribeProjectVersions":
            arn = json.loads(body)["ProjectArn"]
            prefix = arn.rpartition("/")[0]
            version = {"ProjectVersionArn": f"{prefix}/version/v1/{CREATED}", "Status": "STOPPED"}
            self._limited(operation, arn.split(":")[4], {"ProjectVersionDescriptions": [version]})
        elif operation == "GetQueueAttributes":
            names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
            counts = dict.fromkeys((*names, "ApproximateNumberOfMessagesDelayed"), "0")
            self._answer({"Attributes": counts | {"MessageRetentionPeriod": "1209600"}})
        elif operation == "GetQueueUrl":
            self._answer({"QueueUrl": f"http://{self.headers['Host']}/100000000000/q"})
        else:
            self._answer({"FailedEntryCount": 0, "Entries": []})

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""

    def _body(self) -> bytes:
        time.sleep(LATENCY_S)
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _limited(self, operation: str, of: str, answer: dict[str, object]) -> None:
        with self.lock:
            tokens, at_s = self.tokens[operation, of]
            now_s = time.monotonic()
            tokens = min(QUOTA_PER_S, tokens + (now_s - at_s) * QUOTA_PER_S)
            self.tokens[operation, of] = (tokens - (tokens >= 1), now_s)
        if tokens >= 1:
            self._answer(answer)
        else:
            self._answer({"__type": "ThrottlingException", "message": "Rate exceeded"}, status=400)

    def _answer(self, content: dict[str, object], status: int = 200) -> None:
        self._send(status, json.dumps(content).encode(), "application/x-amz-json-1.1")

    def _send(self, status: int, data: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(data)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


ROLE: Final = b"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def _project(name: str) -> dict[str, object]:
    return {"ProjectArn": f"arn:aws:rekognition:us-east-1:{NUMBERS[name]}:project/{name}/{CREATED}"}


NUMBERS: Final[dict[str, int]] = {}


def _etag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _unchunked(data: bytes) -> bytes:
    """The body of a request that is signed in chunks, or as it is."""
    found = re.match(rb"([0-9a-f]+)(?:;[^\r]*)?\r\n", data)
    return data[found.end() : found.end() + int(found[1], 16)] if found else data


def serve(case: Case, port: multiprocessing.SimpleQueue[int]) -> None:
    NUMBERS.update({f"p-{number}": account(number, case) for number in range(case.pipelines)})
    Double.objects["/configuration/schedule.yaml"] = "\n".join(schedule(case)).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Double)
    server.daemon_threads = True
    port.put(server.server_port)
    server.serve_forever()


def invoke() -> None:
    """The handler's ticks in this process, one JSON document for each on stderr."""
    from controller.lambda_handler import handler  # noqa: PLC0415 - what it costs is measured

    class Context:
        aws_request_id = "1"

        def get_remaining_time_in_millis(self) -> int:
            return 290_000

    for _ in range(TICKS):
        began_s, cpu_s = time.monotonic(), time.process_time()
        report = handler({"dry_run": True}, Context())
        unread = sum(
            each["observed"] is None or "UNREADABLE" in str(each["observed"]) for each in report["pipelines"]
        )
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
        took = {"s": time.monotonic() - began_s, "cpu_s": time.process_time() - cpu_s, "peak_mb": peak_mb}
        print(json.dumps(took | {"unread": unread}), file=sys.stderr)  # noqa: T201 - its output


def measured(case: Case) -> list[dict[str, float]]:
    port: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()
    server = multiprocessing.Process(target=serve, args=(case, port), daemon=True)
    server.start()
    environment = os.environ | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port.get()}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "controller",
        "SCHEDULER_CONFIG": "s3://configuration/schedule.yaml",
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    code = "from tests.benchmarks.scale import invoke; invoke()"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    server.kill()
    lines = [line for line in done.stderr.splitlines() if line.startswith('{"s"')]
    if done.returncode:
        print(done.stderr[-2000:])  # noqa: T201 - as above
    return [json.loads(line) for line in lines]


def main() -> None:
    most = int(sys.argv[1]) if sys.argv[1:] else CASES[-1].pipelines
    for case in (each for each in CASES if each.pipelines <= most):
        for name, tick in zip(("cold", "second", "steady"), measured(case), strict=False):
            print(  # noqa: T201 - its output
                f"{case.pipelines:5,} pipelines, {case.accounts:3} accounts, {name:6}: {tick['s']:6.1f} s, "
                f"{tick['cpu_s']:5.1f} s of CPU, peak {tick['peak_mb']:3.0f} MB, {tick['unread']} unreadable",
                flush=True,
            )


if __name__ == "__main__":
    main()
