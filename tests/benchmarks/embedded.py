"""How fast the embedded AWS is: ``python -m tests.benchmarks.embedded``. Figures, no verdict."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime, timedelta

from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import Faults
from controller.sim.aws.pipeline import ManualChange
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from tests.support.embedded import HERE, QUIET, a_pipeline

START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(minutes=5)
DAYS = 365
HANDLES = {
    "08:00": ManualChange.START,
    "08:30": ManualChange.ENABLE,
    "17:00": ManualChange.DISABLE,
    "17:20": ManualChange.STOP,
}
"""What is done at which time of every day."""


def a_year(traffic: Traffic, faults: Faults | None = None) -> EmbeddedAws:
    """Ticks of five minutes that look at the model and the mapping, as a controller in steady state does."""
    pipeline = a_pipeline()
    aws = EmbeddedAws.for_pipelines((pipeline,), Scenario(start=START, traffic=traffic, faults=faults))
    logos = aws.pipelines["logos"]
    rekognition, lambda_ = aws.clients("rekognition", HERE), aws.clients("lambda", HERE)
    for tick in range(DAYS * 288):
        aws.advance_to(START + tick * TICK)
        act = HANDLES.get(f"{aws.now():%H:%M}")
        if act:
            logos.change_by_hand(act)
        if faults is None:
            rekognition.describe_project_versions(ProjectArn=logos.project.arn)
            lambda_.get_event_source_mapping(UUID=pipeline.consumer.event_source_mapping)
    return aws


def quiet_advance_us() -> float:
    aws = EmbeddedAws.for_pipelines((a_pipeline(),), Scenario(start=START, traffic=QUIET))
    begun = time.perf_counter()
    for tick in range(100_000):
        aws.advance_to(START + tick * TICK)
    return (time.perf_counter() - begun) * 10


def main() -> None:
    print(f"advance a quiet world by five minutes: {quiet_advance_us():.2f} us")  # noqa: T201 - its output
    for label, traffic, faults in (
        ("400 messages a day", Traffic(), None),
        ("no message", QUIET, None),
        ("400 messages a day and faults, without calls", Traffic(), Faults()),
    ):
        begun = time.perf_counter()
        messages = a_year(traffic, faults).pipelines["logos"].accounting().messages
        print(f"a year at five-minute ticks, {label}: {time.perf_counter() - begun:.2f} s")  # noqa: T201
        print(f"    {messages}")  # noqa: T201
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")  # noqa: T201


if __name__ == "__main__":
    main()
