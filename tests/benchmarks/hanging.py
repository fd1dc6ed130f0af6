"""Seconds until a healthy pipeline, the last of its file, is asked to start while calls of others hang.

``python -m tests.benchmarks.hanging``; the patience is the real one, so it takes two minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event

from controller.aws.rekognition import Models
from controller.core.actions import Action, Outcome
from controller.loop.act import execute
from controller.loop.context import PipelineContext
from controller.loop.reconcile import reconcile
from controller.loop.workers import SideBySide
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import Stage, a_config, utc, with_settings
from tests.support.schedules import spec

TICK_S = 60.0
HEALTHY = "healthy"


@dataclass
class Trial:
    """Every other pipeline's call hangs until the healthy one has been asked for."""

    hung: int
    asked: Event = field(default_factory=Event)
    asked_after_s: float = float("inf")
    began_s: float = field(default_factory=time.monotonic)

    def act(self, context: PipelineContext, action: Action) -> Outcome:
        if context.pipeline.name == HEALTHY:
            self.asked_after_s = time.monotonic() - self.began_s
            self.asked.set()
        else:
            self.hang()
        return execute(context, action)

    def hang(self) -> None:
        self.asked.wait(TICK_S)


@dataclass
class HangingModels:
    trial: Trial
    real: Models

    def project_arn(self, project: str) -> str | None:
        self.trial.hang()
        return self.real.project_arn(project)


def starts(trial: Trial) -> Stage:
    return a_stage(trial, "office")


def stops(trial: Trial) -> Stage:
    """Those of a schedule that is closed, while their models run."""
    stage = a_stage(trial, "closed")
    for name, pipeline in stage.aws.pipelines.items():
        if name != HEALTHY:
            pipeline.model.become("RUNNING")
    stage.aws.advance_to(stage.aws.now() + timedelta(hours=1))
    return stage


def observations(trial: Trial) -> Stage:
    stage = a_stage(trial, "office")
    for context in stage.world.contexts[:-1]:
        vars(context)["models"] = HangingModels(trial, context.models)
    return stage


def a_stage(trial: Trial, schedule: str) -> Stage:
    names = (*(f"hung-{number}" for number in range(trial.hung)), HEALTHY)
    pipelines = [
        with_settings(a_pipeline(name, place), warm_up=timedelta(minutes=30))
        for place, name in enumerate(names, 1)
    ]
    pipelines[:-1] = [replace(each, schedule=schedule) for each in pipelines[:-1]]
    hours = spec(daily="08:30-17:00")
    specs = (replace(hours, name="office"), replace(spec(daily="00:00-00:01"), name="closed"))
    scenario = Scenario(start=utc("2026-11-23T10:00"), seed=1, traffic=QUIET)
    return Stage(config=a_config(*pipelines, specs=specs), scenario=scenario)


def asked_after_s(make: Callable[[Trial], Stage], hung: int) -> float:
    trial = Trial(hung)
    stage = make(trial)
    trial.began_s = time.monotonic()
    reconcile(
        replace(stage.world, workers=SideBySide(), monotonic=time.monotonic, until_s=trial.began_s + TICK_S),
        act=trial.act,
    )
    return trial.asked_after_s


def main() -> None:
    for make in (starts, stops, observations):
        for hung in (0, 1, 3, 10, 30):
            after_s = asked_after_s(make, hung)
            print(f"{hung:3} {make.__name__} hang: the healthy start is asked for after {after_s:5.2f} s")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
