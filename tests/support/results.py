"""A simulated day and a comparison, made by hand: what is printed and drawn of them can be worked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from controller.schedule import load_zone
from controller.sim.aws.faults import Faults
from controller.sim.policies.compare import Policy, PolicyComparison, PolicyRun
from controller.sim.result import Activity, Messages, PipelineResult, Simulation, Span, Violation
from controller.sim.simulate import SimulationRequest

ZONE = load_zone("America/New_York")
MIDNIGHT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def spans(*doings: tuple[float, Activity], start: datetime = MIDNIGHT) -> tuple[Span, ...]:
    """``(until, activity)``, in hours since the start."""
    bounds = [start, *(start + timedelta(hours=hours) for hours, _ in doings)]
    return tuple(
        Span(start=since, end=until, activity=activity)
        for since, until, (_, activity) in zip(bounds, bounds[1:], doings, strict=False)
    )


A_DAY = spans(
    (8, Activity.STOPPED),
    (8.25, Activity.STARTING),
    (8.5, Activity.IDLE),
    (17, Activity.CONSUMING),
    (17.5, Activity.IDLE),
    (18, Activity.STOPPING),
    (20, Activity.DOWN),
    (24, Activity.STOPPED),
)


def a_result(**changes: object) -> PipelineResult:
    usual = {
        "name": "logos",
        "timezone": "America/New_York",
        "open_minutes": 510.0,
        "served_minutes": 510.0,
        "unserved_minutes": 0.0,
        "billed_unit_hours": 9.25,
        "cost_usd": 37.0,
        "always_on_usd": 96.0,
        "starts": 1,
        "failed_starts": 0,
        "messages": Messages(
            arrived=1400, processed=1380, failed_receives=2, dead_lettered=0, expired=0, waiting=20
        ),
        "delays_s": (3.0, 8 * 3600.0),
        "violations": (),
        "spans": A_DAY,
    }
    return PipelineResult(**(usual | changes))


def a_simulation(*results: PipelineResult, faults: Faults | None = None) -> Simulation:
    return Simulation(
        start=MIDNIGHT, end=MIDNIGHT + timedelta(days=1), seed=7, ticks=290, faults=faults, pipelines=results
    )


VIOLATION = Violation(rule="S1", at=MIDNIGHT, pipeline="logos", detail="enabled while STARTING")

DAY = timedelta(days=1)
HOURS = {
    Policy.CONTROLLER: 9.25,
    Policy.TWO_CRONS: 9,
    Policy.TWO_CRONS_CAREFUL: 10,
    Policy.ALWAYS_ON: 24,
    Policy.ORACLE: 8.5,
}
IN_VAIN = (MIDNIGHT + timedelta(hours=8, minutes=30), MIDNIGHT + timedelta(hours=8, minutes=45))


def a_run(policy: Policy, **changes: object) -> PolicyRun:
    hours = HOURS[policy]
    return PolicyRun(
        policy=policy, pipelines=(a_result(billed_unit_hours=hours, cost_usd=4 * hours, **changes),)
    )


def a_comparison(*, faults: Faults | None = None, **controller: object) -> PolicyComparison:
    """Usual crons lose four messages, and an hour and a half; the oracle has nothing to do."""
    loss = Messages(arrived=1400, processed=1376, failed_receives=20, dead_lettered=3, expired=1, waiting=20)
    special = {
        Policy.CONTROLLER: controller,
        Policy.TWO_CRONS: {
            "messages": loss,
            "unserved_minutes": 90.0,
            "receiving_without_model": (IN_VAIN,),
            "backlog": (0, 4, 2),
        },
        Policy.ORACLE: {"delays_s": None},
    }
    return PolicyComparison(
        request=SimulationRequest(start=MIDNIGHT, end=MIDNIGHT + DAY, seed=7, faults=faults is not None),
        faults=faults,
        runs=tuple(a_run(policy, **special.get(policy, {})) for policy in Policy),
    )
