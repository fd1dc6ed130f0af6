"""Simulates days or years of the real reconcile loop against the embedded AWS."""

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
from controller.sim.aws.accounting import Interval, IntervalRecorder
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


Observe = Callable[[EmbeddedAws], None]
"""Called with the embedded AWS before time passes, to listen to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """What to simulate, over ``[start, end)`` in aware UTC; ``arrivals`` in messages a day."""

    start: datetime
    end: datetime
    seed: int = 0
    arrivals: float = 400.0
    start_minutes: tuple[float, float] = START_MINUTES
    tick: timedelta = timedelta(minutes=5)
    faults: bool = False


def simulate(
    config: Config,
    request: SimulationRequest,
    *,
    progress: Callable[[float], None] | None = None,
    observe: Observe | None = None,
) -> Simulation:
    """Deterministic in ``request``; ``progress`` is called with the share that is done, from 0 to 1."""
    faults = Faults() if request.faults else None
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, faults))
    if observe is not None:
        observe(aws)
    contexts = pipeline_contexts(config, aws.clients)
    monitor = monitored(aws, config, ExpectedBounds(aws, config, request.tick))
    loop = LoopContext(
        contexts=contexts, memories=ProcessMemories(), clock=aws.now, tick=request.tick, workers=InTurn()
    )
    backlogs = backlog_samples(aws, until=request.end)
    ticks = sum(1 for _ in drive(aws, loop, monitor, request, progress))
    return Simulation(
        start=request.start,
        end=request.end,
        seed=request.seed,
        ticks=ticks,
        faults=faults,
        pipelines=tuple(
            result_of(aws, context, request, backlogs[context.pipeline.name], monitor.violations)
            for context in contexts
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
    loop: LoopContext,
    monitor: Monitor,
    request: SimulationRequest,
    progress: Callable[[float], None] | None = None,
) -> Iterator[Report]:
    """Yield the report of every tick, skipped and doubled as the faults decide; then advance to the end."""
    at, length = request.start, request.end - request.start
    while at < request.end:
        aws.advance_to(at)
        for budget in _budgets(aws, request, at):
            monitor.begin_invocation()
            yield from settle(
                partial(monitored_tick, loop, monitor),
                clock=aws.now,
                monotonic=aws.monotonic,
                sleep=aws.sleep,
                budget=budget,
            )
        at += request.tick
        if progress is not None:
            progress(min((at - request.start) / length, 1.0))
    aws.advance_to(request.end)


def monitored_tick(loop: LoopContext, monitor: Monitor, invocation: InvocationState) -> Report:
    """One tick, with the monitor's begin and end around it."""
    monitor.begin_tick()
    report = reconcile(loop, act=execute, invocation=invocation)
    monitor.end_tick(report.at)
    return report


def _budgets(aws: EmbeddedAws, request: SimulationRequest, at: datetime) -> tuple[timedelta, ...]:
    """One settle budget per invocation of this tick; of a doubled tick, the first has none."""
    if aws.injector.skips_tick():
        return ()
    budget = min(max(request.tick - SETTLE_RESERVE, timedelta(0)), request.end - at)
    return (timedelta(0), budget) if aws.injector.doubles_tick() else (budget,)


def monitored(aws: EmbeddedAws, config: Config, bounds: ExpectedBounds) -> Monitor:
    """A monitor of every call, with ``bounds`` for what may be desired."""
    monitor = Monitor(
        config.pipelines,
        wants_consumption=bounds.may_consume,
        hands_off=bounds.hands_off,
        duties=Duties(bounds.possible, bounds.opened_at),
    )
    aws.listen(monitor.on_call)
    return monitor


def backlog_samples(aws: EmbeddedAws, *, until: datetime) -> dict[str, list[int]]:
    """The backlog of each pipeline, by name, sampled from now on: the lists fill as time passes."""
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
    """The result for the pipeline of ``context``, once the time of ``request`` has passed."""
    pipeline, totals = context.pipeline, aws.pipelines[context.pipeline.name].accounting()
    openings, wanted = _open(context, request), wanted_intervals(context, request)
    hours = (request.end - request.start) / timedelta(hours=1)
    return PipelineResult(
        name=pipeline.name,
        timezone=context.schedule.spec.zone,
        open_minutes=_minutes(openings),
        served_minutes=_overlap(openings, totals.served),
        unserved_minutes=_minutes(wanted) - _overlap(wanted, totals.served),
        billed_unit_hours=totals.billed_unit_hours,
        rounded_unit_hours=totals.rounded_unit_hours,
        cost_usd=usd_of(totals.billed_unit_hours, pipeline),
        always_on_usd=usd_of(hours * pipeline.model.inference_units, pipeline),
        starts=totals.starts,
        failed_starts=totals.failed_starts,
        messages=totals.messages,
        delays_s=_percentiles(totals.delays_s),
        violations=tuple(each for each in violations if each.pipeline == pipeline.name),
        spans=tuple(_spans(aws.pipelines[pipeline.name].changes, request)),
        backlog=tuple(backlog),
        consumer=pipeline.consumer is not None,
        receiving_without_model=_receiving_without_model(aws.pipelines[pipeline.name].changes, request),
    )


def _open(context: PipelineContext, request: SimulationRequest) -> list[Interval]:
    return [(opening.start, opening.end) for opening in context.schedule.openings(request.start, request.end)]


def wanted_intervals(context: PipelineContext, request: SimulationRequest) -> list[Interval]:
    """The openings in which consumption is wanted: without the time of a hold on anything but ON."""
    hold, openings = context.pipeline.settings.hold, _open(context, request)
    if hold is None or hold.desired is Desired.ON:
        return openings
    return [(max(start, hold.until), end) for start, end in openings if end > hold.until]


def _minutes(intervals: Iterable[Interval]) -> float:
    return sum((end - start).total_seconds() for start, end in intervals) / 60


def _overlap(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Minutes that lie in both sequences, each in order and without overlaps."""
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
    """The timeline, without gaps; adjacent spans differ in their activity."""
    since, current = request.start, Activity.STOPPED
    for at, model, mapping in _states(changes):
        now = _activity(model, mapping)
        if now is not current and at < request.end:
            if at > since:
                yield Span(start=since, end=at, activity=current)
            since, current = at, now
    if since < request.end:
        yield Span(start=since, end=request.end, activity=current)


def _receiving_without_model(
    changes: Iterable[StateChange], request: SimulationRequest
) -> tuple[Interval, ...]:
    received = IntervalRecorder()
    for at, model, mapping in _states(changes):
        if at < request.end:
            received.note(at, active=mapping == "Enabled" and model != "RUNNING")
    return tuple((start, end) for start, end in received.until(request.end) if start < end)


def _states(changes: Iterable[StateChange]) -> Iterator[tuple[datetime, str, str]]:
    """The time of each change, with the model's status and the mapping's state after it."""
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
