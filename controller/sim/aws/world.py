"""What every part of the embedded AWS shares: the clock, chance, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from controller.sim.aws.chance import stream
from controller.sim.aws.clock import Clock
from controller.sim.aws.faults import NONE, FaultInjector, Faults
from controller.sim.aws.traffic import Traffic

START_MINUTES = (5.0, 30.0)
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-start.html (up to 30 minutes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``zones`` gives the time zone of each schedule by name, for the hours of the traffic; else UTC."""

    start: datetime
    seed: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    start_minutes: tuple[float, float] = START_MINUTES
    faults: Faults | None = None
    zones: Mapping[str, str] = field(default_factory=dict)


class SimulatedWorld:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock(scenario.start)
        self.trouble = FaultInjector(scenario.faults or NONE, scenario.seed)

    def stream(self, *concern: str) -> Random:
        return stream(self.scenario.seed, *concern)


class Refused(Exception):  # noqa: N818 - not an error of ours: AWS's answer to a call, before it has its shape
    """AWS says no: an error code of the service, the HTTP status that goes with it, and its words."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A model or a mapping came into another state; ``cause`` is empty where a call to AWS was the cause.

    ``resource`` is ``model``, ``mapping``, or the name of another version of the same project.
    """

    at: datetime
    pipeline: str
    resource: str
    state: str
    cause: str = ""
