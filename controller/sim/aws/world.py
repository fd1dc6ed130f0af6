"""What every part of the embedded AWS shares: scenario, clock, random streams, faults, and the refusal."""

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
    """What a simulation starts from.

    ``zones`` gives the time zone of each schedule by name, for the hours of the traffic; else UTC.
    """

    start: datetime
    seed: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    start_minutes: tuple[float, float] = START_MINUTES
    faults: Faults | None = None
    zones: Mapping[str, str] = field(default_factory=dict)


class SimulatedWorld:
    """The scenario of a simulation, with its clock and its faults."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock(scenario.start)
        self.injector = FaultInjector(scenario.faults or NONE, scenario.seed)

    def stream(self, *concern: str) -> Random:
        return stream(self.scenario.seed, *concern)


class Refused(Exception):  # noqa: N818 - an answer of AWS, which the transport turns into a ClientError
    """A service refuses a call: its error code, HTTP status and message."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A model's or a mapping's new state; ``cause`` is empty where a call to AWS was the cause.

    ``resource`` is ``model``, ``mapping``, or the name of another version of the same project.
    """

    at: datetime
    pipeline: str
    resource: str
    state: str
    cause: str = ""
