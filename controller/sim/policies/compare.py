"""Simulates the same days under several policies.

Arrivals, the duration of the k-th start, the times of changes by hand, the rates of the faults, and the order
in which starts fail are the same under all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import assert_never

from controller.config.model import Config
from controller.core.actions import Action, ActionKind
from controller.loop.act import execute
from controller.loop.context import PipelineContext, pipeline_contexts
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import Faults
from controller.sim.aws.rekognition import STARTABLE
from controller.sim.policies import crons
from controller.sim.policies.oracle import Foresight, Oracle
from controller.sim.result import PipelineResult
from controller.sim.simulate import (
    Observe,
    SimulationRequest,
    backlog_samples,
    result_of,
    scenario,
    simulate,
    wanted_intervals,
)

PROGRESS_STEP = timedelta(days=7)
"""The simulated time between two calls of ``progress``."""

Progress = Callable[[float], None]
"""Called with the share that is done, from 0 to 1."""


class Policy(StrEnum):
    """Who starts and stops, enables and disables."""

    CONTROLLER = "controller"
    """The reconcile loop of this package."""
    TWO_CRONS = "two-crons"
    """As usually built: starts and enables together, stops and then disables, in UTC, on working days."""
    TWO_CRONS_CAREFUL = "two-crons-careful"
    """Half an hour early, in the right order, in local time."""
    ALWAYS_ON = "always-on"
    """An operator who finds it down at an opening starts it again."""
    ORACLE = "oracle"
    """It knows how long everything will take, and wastes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRun:
    """The results under one policy. Only the controller's have violations of S1 to S8."""

    policy: Policy
    pipelines: tuple[PipelineResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyComparison:
    """The runs of all policies, in the order of ``Policy``."""

    request: SimulationRequest
    faults: Faults | None
    runs: tuple[PolicyRun, ...]

    def under(self, policy: Policy) -> PolicyRun:
        return next(run for run in self.runs if run.policy is policy)


def compare(
    config: Config, request: SimulationRequest, *, progress: Progress | None = None
) -> PolicyComparison:
    """Deterministic in ``request``."""
    return PolicyComparison(
        request=request,
        faults=Faults() if request.faults else None,
        runs=tuple(
            run(policy, config, request, progress=progress and partial(_report_share, progress, place))
            for place, policy in enumerate(Policy)
        ),
    )


def run(
    policy: Policy,
    config: Config,
    request: SimulationRequest,
    *,
    progress: Progress | None = None,
    observe: Observe | None = None,
) -> PolicyRun:
    if policy is Policy.CONTROLLER:
        result = simulate(config, request, progress=progress, observe=observe)
        return PolicyRun(policy=policy, pipelines=result.pipelines)
    aws = EmbeddedAws.for_pipelines(
        config.pipelines, scenario(config, request, Faults() if request.faults else None)
    )
    if observe is not None:
        observe(aws)
    contexts, backlogs = pipeline_contexts(config, aws.clients), backlog_samples(aws, until=request.end)
    for context in contexts:
        _install(policy, aws, context, request)
    _advance(aws, request, progress)
    return PolicyRun(
        policy=policy,
        pipelines=tuple(
            result_of(aws, context, request, backlogs[context.pipeline.name]) for context in contexts
        ),
    )


def least(config: Config, request: SimulationRequest, foresight: Foresight) -> tuple[PipelineResult, ...]:
    """The least that the same days cost with so much foresight, with nothing unserved."""
    faults = Faults() if request.faults else None
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, faults))
    contexts = pipeline_contexts(config, aws.clients)
    for context in contexts:
        Oracle(aws, context, wanted_intervals(context, request), foresight)
    _advance(aws, request, None)
    return tuple(result_of(aws, context, request, ()) for context in contexts)


def _install(policy: Policy, aws: EmbeddedAws, context: PipelineContext, request: SimulationRequest) -> None:
    start, end = request.start, request.end
    match policy:
        case Policy.CONTROLLER:
            raise ValueError("the controller has a driver of its own")
        case Policy.TWO_CRONS:
            crons.install(aws, context, crons.usual(context, start, end))
        case Policy.TWO_CRONS_CAREFUL:
            crons.install(aws, context, crons.careful(context, start, end))
        case Policy.ALWAYS_ON:
            openings = context.schedule.openings(start, end)
            AlwaysOn(aws, context, (start, *(opening.start for opening in openings if opening.start > start)))
        case Policy.ORACLE:
            Oracle(aws, context, wanted_intervals(context, request))
        case _:
            assert_never(policy)


def _advance(aws: EmbeddedAws, request: SimulationRequest, progress: Progress | None) -> None:
    """Advance to the end of the request."""
    while aws.now() < request.end:
        aws.advance_to(min(aws.now() + PROGRESS_STEP, request.end))
        if progress is not None:
            progress((aws.now() - request.start) / (request.end - request.start))


def _report_share(progress: Progress, place: int, share: float) -> None:
    """``share`` of the run of the policy at ``place``, as a share of all runs."""
    progress((place + share) / len(Policy))


LOOK_INTERVAL_S = 60.0
"""Between two looks of a visit."""
VISIT_LENGTH = timedelta(hours=1)
"""How long a visit waits for the model to come up, and for the mapping to be Enabled."""


class AlwaysOn:
    """Starts the model and enables the mapping at each of ``visits`` (aware UTC), and nothing else."""

    def __init__(self, aws: EmbeddedAws, context: PipelineContext, visits: Iterable[datetime]) -> None:
        self._clock = aws.world.clock
        self._context = context
        self._pipeline = aws.pipelines[context.pipeline.name]
        for visit in visits:
            until_s = (visit + VISIT_LENGTH).timestamp()
            self._clock.at(visit.timestamp(), partial(self._look, until_s))

    def _look(self, until_s: float) -> None:
        """The last look of a visit is when model and mapping are on, or when the visit ends."""
        model, mapping = self._pipeline.model.status, self._pipeline.mapping.state
        if (model, mapping) == ("RUNNING", "Enabled") or self._clock.now_s >= until_s:
            return
        if model in STARTABLE:
            execute(self._context, Action.own(ActionKind.START_MODEL))
        elif model == "RUNNING" and mapping == "Disabled":
            execute(self._context, Action.own(ActionKind.ENABLE_MAPPING))
        self._clock.at(self._clock.now_s + LOOK_INTERVAL_S, partial(self._look, until_s))
