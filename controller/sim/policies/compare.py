"""The same simulated days under several policies.

Arrivals, the duration of the k-th start, and the times at which people lay hands on a pipeline are the same
under all of them, and so is the luck: what goes wrong, how often, and the order in which starts fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import assert_never

from controller.config.model import Config
from controller.loop.context import PipelineContext, pipeline_contexts
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import Faults
from controller.sim.policies import crons
from controller.sim.policies.always_on import AlwaysOn
from controller.sim.policies.oracle import Foresight, Oracle
from controller.sim.result import PipelineResult
from controller.sim.simulate import SimulationRequest, result_of, sampled, scenario, simulate, wanted_open

STRIDE = timedelta(days=7)
"""How much time passes between two tidings of progress."""

Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""


class Policy(StrEnum):
    """Who starts and stops, enables and disables."""

    CONTROLLER = "controller"
    """The reconcile loop of this package."""
    TWO_CRONS = "two-crons"
    """As usually built: starts and enables together, stops and then disables, in UTC, on working days."""
    TWO_CRONS_CAREFUL = "two-crons-careful"
    """Half an hour early, in the right order, in local time."""
    ALWAYS_ON = "always-on"
    """A person who finds it down at an opening brings it on again."""
    ORACLE = "oracle"
    """It knows how long everything will take, and wastes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRun:
    """What became of every pipeline under a policy. Only the controller is held to S1 to S8."""

    policy: Policy
    pipelines: tuple[PipelineResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyComparison:
    """A run for each policy, in the order of ``Policy``."""

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
            run(policy, config, request, progress=progress and partial(_part, progress, place))
            for place, policy in enumerate(Policy)
        ),
    )


def run(
    policy: Policy, config: Config, request: SimulationRequest, *, progress: Progress | None = None
) -> PolicyRun:
    if policy is Policy.CONTROLLER:
        return PolicyRun(policy=policy, pipelines=simulate(config, request, progress=progress).pipelines)
    aws = EmbeddedAws.for_pipelines(
        config.pipelines, scenario(config, request, Faults() if request.faults else None)
    )
    made, backlogs = pipeline_contexts(config, aws.clients), sampled(aws, until=request.end)
    for context in made:
        _install(policy, aws, context, request)
    _pass(aws, request, progress)
    return PolicyRun(
        policy=policy,
        pipelines=tuple(
            result_of(aws, context, request, backlogs[context.pipeline.name]) for context in made
        ),
    )


def least(config: Config, request: SimulationRequest, foresight: Foresight) -> tuple[PipelineResult, ...]:
    """What the same days cost at least with so much foresight, with nothing unserved."""
    faults = Faults() if request.faults else None
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, faults))
    made = pipeline_contexts(config, aws.clients)
    for context in made:
        Oracle(aws, context, wanted_open(context, request), foresight)
    _pass(aws, request, None)
    return tuple(result_of(aws, context, request, ()) for context in made)


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
            Oracle(aws, context, wanted_open(context, request))
        case _:
            assert_never(policy)


def _pass(aws: EmbeddedAws, request: SimulationRequest, progress: Progress | None) -> None:
    """Let the time of the request pass."""
    while aws.now() < request.end:
        aws.advance_to(min(aws.now() + STRIDE, request.end))
        if progress is not None:
            progress((aws.now() - request.start) / (request.end - request.start))


def _part(progress: Progress, place: int, share: float) -> None:
    """Of as many parts as there are policies, the one at ``place`` is done so far."""
    progress((place + share) / len(Policy))
