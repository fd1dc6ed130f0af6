"""Seconds until a healthy pipeline, the last of its file, is asked to start while the starts of others hang.

``python -m tests.benchmarks.hanging``; the patience is the real one, so it takes a minute.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from threading import Event

from controller.core.deeds import Deed, Outcome
from controller.loop.workers import SideBySide
from controller.reconcile import Bench, carry_out, reconcile
from controller.sim.world import Scenario
from tests.embedded import QUIET, a_pipeline
from tests.loop import Stage, a_config, utc, with_settings
from tests.schedules import spec

TICK_S = 20.0


def asked_after_s(hung: int) -> float:
    names = (*(f"hung-{number}" for number in range(hung)), "healthy")
    pipelines = [
        with_settings(a_pipeline(name, place), warm_up=timedelta(minutes=30))
        for place, name in enumerate(names, 1)
    ]
    hours = replace(spec(daily="08:30-17:00"), name="office")
    scenario = Scenario(start=utc("2026-11-23T10:00"), seed=1, traffic=QUIET)
    stage = Stage(config=a_config(*pipelines, specs=(hours,)), scenario=scenario)
    released, began_s, asked_s = Event(), time.monotonic(), [float("inf")]

    def act(bench: Bench, deed: Deed) -> Outcome:
        if bench.pipeline.name == "healthy":
            asked_s[0] = time.monotonic() - began_s
        else:
            released.wait()
        return carry_out(bench, deed)

    reconcile(replace(stage.world, workers=SideBySide(), until_s=began_s + TICK_S), act=act)
    released.set()
    return asked_s[0]


def main() -> None:
    for hung in (0, 1, 3, 10, 30):
        after_s = asked_after_s(hung)
        print(f"{hung:3} starts hang: the healthy pipeline is asked for after {after_s:5.2f} s")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
