"""What a cold start costs, before and in the first event: ``python -m tests.benchmarks.cold``.

CPU of a fresh interpreter against a local AWS, the best of some rounds: the init phase runs with a whole CPU,
the first invocation with the share of 512 MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import boto3

from controller.config.build import parse
from tests.e2e.artifact.conftest import BUCKET, KEY, schedule
from tests.support.aws_server import AwsServer
from tests.support.embedded import an_aws

ROUNDS = 5
SHARE = 512 / 1769
"""Of a CPU, of a function with 512 MB. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
CODE = """
import time
begun = time.process_time()
from controller.lambda_handler import handler
imported = time.process_time()
class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self): return 60_000
handler({}, Context())
print(imported - begun, time.process_time() - imported)
"""


def main() -> None:
    config = parse(schedule().encode(), file=KEY, calendar_files=lambda _: b"")
    aws = an_aws(*config.pipelines, start=datetime.now(UTC))
    with AwsServer(aws) as server:
        s3 = boto3.Session("testing", "testing", region_name="us-east-1").client(
            "s3", endpoint_url=server.url
        )
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=schedule().encode())
        environment = os.environ | {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "SCHEDULER_CONFIG": f"s3://{BUCKET}/{KEY}",
        }
        for preloaded in (False, True):
            own = environment | ({"AWS_LAMBDA_FUNCTION_NAME": "controller"} if preloaded else {})
            rounds = [_round(own) for _ in range(ROUNDS)]
            init_s, first_s = (min(each[part] for each in rounds) for part in (0, 1))
            name = "with the init phase used" if preloaded else "without"
            total_s = init_s + first_s / SHARE
            print(f"{name}: {init_s:.2f} s, then {first_s:.2f} s of CPU; {total_s:.2f} s with 512 MB")  # noqa: T201 - its output
        server.reset()


def _round(environment: dict[str, str]) -> tuple[float, float]:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    init_s, first_s = done.stdout.splitlines()[-1].split()
    return float(init_s), float(first_s)


if __name__ == "__main__":
    main()
