"""What importing the Lambda's path costs beside bare boto3: ``python -m tests.benchmarks.imports``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

PATHS = (
    "boto3",
    "controller.loop.reconcile",
    "controller.lambda_handler",
    "boto3, controller.lambda_handler",
)
ROUNDS = 15


def once_s(modules: str) -> float:
    """Of a fresh interpreter that imports ``modules``, its own start taken off."""
    return _run_s(f"import {modules}") - _run_s("pass")


def _run_s(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own words
    return time.perf_counter() - begun


def main() -> None:
    once_s(PATHS[-1])  # whatever is not compiled yet is compiled now
    rounds = [{modules: once_s(modules) for modules in PATHS} for _ in range(ROUNDS)]
    bare = statistics.median(each["boto3"] for each in rounds)
    for modules in PATHS:
        median = statistics.median(each[modules] for each in rounds)
        print(f"import {modules}: {median * 1e3:.0f} ms, {median / bare:.2f} times bare boto3")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
