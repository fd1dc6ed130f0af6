"""The driver: the real reconcile loop against the embedded AWS, through days or years of virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from controller.config.model import Config
from controller.core.states import Desired
from controller.costs import usd_of
from controller.loop.act import execute
from controller.loop.context import InvocationState, LoopContext, PipelineContext, pipeline_contexts
from controller.loop.reconcile import reconcile, settle
from controller.loop.report import Report
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.accounting import Interval, ServedTime
from controller.sim.aws.faults import Faults
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import START_MINUTES, Scenario, StateChange
from controller.sim.checks.duties import Duties
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.checks.safety import Monitor
from controller.sim.result import BACKLOG_EVERY, Activity, PipelineResult, Simulation, Span, Violation
from controller.storage.memories import ProcessMemories

SETTLE_RESERVE = timedelta(minutes=1)
"""So long before the next tick an invocation ends to look again, as the function in ``deploy/`` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """What to simulate: ``[start, end)`` in aware UTC; ``arrivals`` in messages a day."""

    start: datetime
    end: datetime
    seed: int = 0
    arrivals: float = 400.0
    start_minutes: tuple[float, float] = START_MINUTES
    tick: timedelta = timedelta(minutes=5)
    faults: bool = False


def simulate(
    config: Config, request: SimulationRequest, *, progress: Callable[[float], None] | None = None
) -> Simulation:
    """Deterministic in ``request``; ``progress`` is told the share that is done, from 0 to 1."""
    faults = Faults() if request.faults else None
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, faults))
    made = pipeline_contexts(config, aws.clients)
    monitor = monitored(aws, config, ExpectedBounds(aws, config, request.tick))
    world = LoopContext(
        contexts=made, memories=ProcessMemories(), clock=aws.now, tick=request.tick, workers=InTurn()
    )
    backlogs = sampled(aws, until=request.end)
    ticks = sum(1 for _ in drive(aws, world, monitor, request, progress))
    return Simulation(
        start=request.start,
        end=request.end,
        seed=request.seed,
        ticks=ticks,
        faults=faults,
        pipelines=tuple(
            result_of(aws, context, request, backlogs[context.pipeline.name], monitor.violations)
            for context in made
        ),
    )


def scenario(config: Config, request: SimulationRequest, faults: Faults | None) -> Scenario:
    return Scenario(
        start=request.start,
        seed=request.seed,
        traffic=Traffic(per_day=request.arrivals),
        start_minutes=request.start_minutes,
        faults=faults,
        zones={name: spec.zone for name, spec in config.specs.items()},
    )


def drive(
    aws: EmbeddedAws,
    world: LoopContext,
    monitor: Monitor,
    request: SimulationRequest,
    progress: Callable[[float], None] | None = None,
) -> Iterator[Report]:
    """Every look of every tick, skipped and doubled ones as the faults have it; then time runs to the end."""
    at, length = request.start, request.end - request.start
    while at < request.end:
        aws.advance_to(at)
        for budget in _budgets(aws, request, at):
            monitor.begin_invocation()
            yield from settle(
                partial(watched, world, monitor),
                clock=aws.now,
                monotonic=aws.monotonic,
                sleep=aws.sleep,
                budget=budget,
            )
        at += request.tick
        if progress is not None:
            progress(min((at - request.start) / length, 1.0))
    aws.advance_to(request.end)


def watched(world: LoopContext, monitor: Monitor, invocation: InvocationState) -> Report:
    """One tick under the eyes of the monitor."""
    monitor.begin_tick()
    report = reconcile(world, act=execute, invocation=invocation)
    monitor.end_tick(report.at)
    return report


def _budgets(aws: EmbeddedAws, request: SimulationRequest, at: datetime) -> tuple[timedelta, ...]:
    """One settle budget per invocation of this tick; of a doubled tick, the first has none."""
    if aws.trouble.skips_tick():
        return ()
    budget = min(max(request.tick - SETTLE_RESERVE, timedelta(0)), request.end - at)
    return (timedelta(0), budget) if aws.trouble.doubles_tick() else (budget,)


def monitored(aws: EmbeddedAws, config: Config, wishes: ExpectedBounds) -> Monitor:
    """A monitor that hears every call, and knows what is desired by a shorter way than the rules'."""
    monitor = Monitor(
        config.pipelines,
        wants_consumption=wishes.may_consume,
        hands_off=wishes.hands_off,
        duties=Duties(wishes.possible, wishes.opened_at),
    )
    aws.listen(monitor.hear)
    return monitor


def sampled(aws: EmbeddedAws, *, until: datetime) -> dict[str, list[int]]:
    """The backlog of each pipeline, by name, from now on: the lists fill as time passes."""
    backlogs: dict[str, list[int]] = {name: [] for name in aws.pipelines}
    clock, step_s, until_s = aws.world.clock, BACKLOG_EVERY.total_seconds(), until.timestamp()

    def sample() -> None:
        for name, pipeline in aws.pipelines.items():
            backlogs[name].append(pipeline.queue.waiting + pipeline.queue.in_flight)
        if clock.now_s + step_s < until_s:
            clock.at(clock.now_s + step_s, sample)

    sample()
    return backlogs


def result_of(
    aws: EmbeddedAws,
    context: PipelineContext,
    request: SimulationRequest,
    backlog: Iterable[int],
    violations: Sequence[Violation] = (),
) -> PipelineResult:
    """What became of the pipeline of ``context`` in the time of ``request``, which has passed."""
    pipeline, ledger = context.pipeline, aws.pipelines[context.pipeline.name].ledger()
    openings, wanted = _open(context, request), wanted_open(context, request)
    hours = (request.end - request.start) / timedelta(hours=1)
    return PipelineResult(
        name=pipeline.name,
        timezone=context.schedule.spec.zone,
        open_minutes=_minutes(openings),
        served_minutes=_overlap(openings, ledger.served),
        unserved_minutes=_minutes(wanted) - _overlap(wanted, ledger.served),
        billed_unit_hours=ledger.billed_unit_hours,
        rounded_unit_hours=ledger.rounded_unit_hours,
        cost_usd=usd_of(ledger.billed_unit_hours, pipeline),
        always_on_usd=usd_of(hours * pipeline.model.inference_units, pipeline),
        starts=ledger.starts,
        failed_starts=ledger.failed_starts,
        messages=ledger.messages,
        delays_s=_percentiles(ledger.delays_s),
        violations=tuple(each for each in violations if each.pipeline == pipeline.name),
        spans=tuple(_spans(aws.pipelines[pipeline.name].changes, request)),
        backlog=tuple(backlog),
        consumer=pipeline.consumer is not None,
        vain=_vain(aws.pipelines[pipeline.name].changes, request),
    )


def _open(context: PipelineContext, request: SimulationRequest) -> list[Interval]:
    return [(opening.start, opening.end) for opening in context.schedule.openings(request.start, request.end)]


def wanted_open(context: PipelineContext, request: SimulationRequest) -> list[Interval]:
    """When consumption is wanted: in the openings, but for what is under a hold that says otherwise."""
    hold, openings = context.pipeline.settings.hold, _open(context, request)
    if hold is None or hold.desired is Desired.ON:
        return openings
    return [(max(start, hold.until), end) for start, end in openings if end > hold.until]


def _minutes(intervals: Iterable[Interval]) -> float:
    return sum((end - start).total_seconds() for start, end in intervals) / 60


def _overlap(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Minutes that lie in both; each in order and without overlaps of its own."""
    total_s, place = 0.0, 0
    for start, end in some:
        while place < len(others) and others[place][1] <= start:
            place += 1
        for begin, until in others[place:]:
            if begin >= end:
                break
            total_s += (min(end, until) - max(start, begin)).total_seconds()
    return total_s / 60


def _percentiles(delays_s: Sequence[float]) -> tuple[float, float] | None:
    """The median and the 99th percentile, by nearest rank."""
    if not delays_s:
        return None
    ordered = sorted(delays_s)
    return ordered[(len(ordered) - 1) // 2], ordered[-(-99 * len(ordered) // 100) - 1]


def _spans(changes: Iterable[StateChange], request: SimulationRequest) -> Iterator[Span]:
    """What the pipeline did, without gaps; neighbours of one activity are one span."""
    since, doing = request.start, Activity.STOPPED
    for at, model, mapping in _states(changes):
        now = _activity(model, mapping)
        if now is not doing and at < request.end:
            if at > since:
                yield Span(start=since, end=at, activity=doing)
            since, doing = at, now
    if since < request.end:
        yield Span(start=since, end=request.end, activity=doing)


def _vain(changes: Iterable[StateChange], request: SimulationRequest) -> tuple[Interval, ...]:
    vain = ServedTime()
    for at, model, mapping in _states(changes):
        if at < request.end:
            vain.note(at, serving=mapping == "Enabled" and model != "RUNNING")
    return tuple((start, end) for start, end in vain.until(request.end) if start < end)


def _states(changes: Iterable[StateChange]) -> Iterator[tuple[datetime, str, str]]:
    """After each change: when, the model's status and the mapping's state."""
    model, mapping = "TRAINING_COMPLETED", "Disabled"
    for change in changes:
        if change.resource == "model":
            model = change.state
        elif change.resource == "mapping":
            mapping = change.state
        yield change.at, model, mapping


def _activity(model: str, mapping: str) -> Activity:
    match model:
        case "RUNNING":
            return Activity.CONSUMING if mapping == "Enabled" else Activity.IDLE
        case "STARTING":
            return Activity.STARTING
        case "STOPPING":
            return Activity.STOPPING
        case "STOPPED" | "TRAINING_COMPLETED" | "COPYING_COMPLETED":
            return Activity.STOPPED
        case _:
            return Activity.DOWN
