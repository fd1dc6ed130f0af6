"""The loop, and the only place that joins the layers: clock, schedule, AWS, decision, memory.

Level-triggered: every tick may be the first. Nothing waits here; a report says when to look again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from controller.aws.clients import ClientFactory
from controller.aws.codes import is_busy, is_quota
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues
from controller.aws.rekognition import Models, Version
from controller.config.model import Config, Pipeline
from controller.core.conditions import account, assess
from controller.core.desired import Desire
from controller.core.memory import Condition, Memory, Outcome, Refusal, notice, record
from controller.core.observed import Observed, OtherVersion
from controller.core.plan import Plan, facts_needed, plan
from controller.core.settings import DEFAULT_TICK
from controller.core.situation import Fact, Situation, Timing
from controller.core.states import Action, MappingState, ModelStatus
from controller.errors import AwsError, TransientError
from controller.schedule import Schedule

Clock = Callable[[], datetime]
"""Says the time, aware UTC."""

MOST_AT_ONCE = 8
"""Pipelines observed at once; Rekognition's control plane takes five calls of a kind a second."""


class Memories(Protocol):
    """Where a pipeline's memory is kept between ticks; losing it is harmless."""

    def load(self, pipeline: str, /) -> Memory: ...

    def save(self, pipeline: str, memory: Memory, /) -> None: ...


class ProcessMemories:
    """Memory that lives as long as the process."""

    def __init__(self) -> None:
        self._kept: dict[str, Memory] = {}

    def load(self, pipeline: str, /) -> Memory:
        return self._kept.get(pipeline, Memory())

    def save(self, pipeline: str, memory: Memory, /) -> None:
        self._kept[pipeline] = memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A pipeline with the tools to work on it; made once for a configuration."""

    pipeline: Pipeline
    schedule: Schedule
    models: Models
    mappings: Mappings
    queues: Queues
    fingerprint: str
    doubt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a tick works in.

    ``tick`` is the time between two ticks, ``at_once`` how many pipelines are observed side by side.
    """

    benches: tuple[Bench, ...]
    memories: Memories
    clock: Clock
    tick: timedelta = DEFAULT_TICK
    at_once: int = MOST_AT_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineReport:
    """What was seen, wanted and done of one pipeline; ``next_change`` is the schedule's (aware UTC).

    ``desire`` and ``observed`` are ``None`` when the tick of this pipeline broke down; ``reason`` says how.
    """

    name: str
    desire: Desire | None
    observed: Observed | None
    actions: tuple[Action, ...]
    reason: str
    conditions: tuple[Condition, ...]
    outcomes: tuple[Outcome, ...] = ()
    next_check: datetime | None = None
    next_change: datetime | None = None

    @property
    def failed(self) -> bool:
        """A call failed that was not merely told to look again later."""
        broken = self.observed is None or bool(self.observed.errors)
        return broken or any(outcome.refusal not in (None, Refusal.BUSY) for outcome in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    at: datetime
    pipelines: tuple[PipelineReport, ...]

    @property
    def next_check(self) -> datetime | None:
        return min((each.next_check for each in self.pipelines if each.next_check), default=None)

    @property
    def started(self) -> frozenset[str]:
        """Pipelines of which a start was asked for, whatever became of it."""
        return frozenset(
            each.name
            for each in self.pipelines
            if any(outcome.action is Action.START_MODEL for outcome in each.outcomes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A pipeline as this tick saw it, and what it is going to do about it."""

    bench: Bench
    situation: Situation
    observed: Observed
    plan: Plan
    remembered: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Breakdown:
    """A pipeline whose tick failed in a way that nobody foresaw: it is reported, the others go on."""

    bench: Bench
    now: datetime
    error: Exception


Act = Callable[[Bench, Action], Outcome]


def reconcile(world: World, *, act: Act | None, started: frozenset[str] = frozenset()) -> Report:
    """One tick. Without ``act`` it is a dry run: everything is seen and planned, nothing is written.

    ``started`` are the pipelines of which this invocation has asked for a start already.
    """
    now = world.clock()
    looks = _side_by_side(lambda bench: _guarded(world, bench, now, started), world)
    outcomes: dict[str, list[Outcome]] = {look.bench.pipeline.name: [] for look in looks}
    if act is not None:
        for bench, action in _in_order(looks):
            outcomes[bench.pipeline.name].append(act(bench, action))
    keep = world.memories.save if act is not None else None
    return Report(
        at=now,
        pipelines=tuple(_concluded(look, tuple(outcomes[look.bench.pipeline.name]), keep) for look in looks),
    )


def carry_out(bench: Bench, action: Action) -> Outcome:
    """The ``act`` that writes to AWS. AWS refuses what is done already; that is a reason to look again."""
    try:
        _call(bench, action)
    except AwsError as error:
        return Outcome(action=action, refusal=_refusal(action, error), error=str(error))
    except Exception as error:  # noqa: BLE001 - whatever one pipeline does must not touch another's tick
        return Outcome(action=action, refusal=Refusal.TRANSIENT, error=f"{type(error).__name__}: {error}")
    return Outcome(action=action)


def settle(
    tick: Callable[[frozenset[str]], Report],
    *,
    clock: Clock,
    sleep: Callable[[float], None],
    budget: timedelta,
) -> Iterator[Report]:
    """Ticks of one invocation: the first at once, then one at each ``next_check`` within the budget."""
    ends_at = clock() + budget
    started: frozenset[str] = frozenset()
    while True:
        report = tick(started)
        yield report
        started |= report.started
        if report.next_check is None or report.next_check > ends_at:
            return
        sleep(max((report.next_check - clock()).total_seconds(), 0.0))


def benches(config: Config, clients: ClientFactory) -> tuple[Bench, ...]:
    """The pipelines of a configuration in file order, each with its schedule and its clients."""
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    doubt = "; ".join(complaint.located(config.file) for complaint in config.doubts) or None
    return tuple(
        Bench(
            pipeline=pipeline,
            schedule=schedules[pipeline.schedule],
            models=Models(clients("rekognition", pipeline.model.target)),
            mappings=Mappings(clients("lambda", pipeline.consumer.target)),
            queues=Queues(clients("sqs", pipeline.consumer.target)),
            fingerprint=config.digest,
            doubt=doubt,
        )
        for pipeline in config.pipelines
    )


def situate(bench: Bench, now: datetime, *, tick: timedelta = DEFAULT_TICK) -> Situation:
    """The situation as far as it is known without a look at AWS."""
    moment = bench.schedule.at(now)
    return Situation(
        now=now,
        settings=bench.pipeline.settings,
        timing=Timing(
            open=moment.open,
            started_at=moment.started_at,
            ends_at=moment.ends_at,
            reason=moment.reason,
            line=moment.line,
            explicit=moment.explicit,
            explicit_changes_at=moment.explicit_changes_at,
        ),
        tick=tick,
        units=bench.pipeline.model.inference_units,
        max_units=bench.pipeline.model.max_inference_units,
        fingerprint=bench.fingerprint,
        doubt=bench.doubt,
    )


def _side_by_side(
    look: Callable[[Bench], _Look | _Breakdown], world: World
) -> tuple[_Look | _Breakdown, ...]:
    workers = min(world.at_once, len(world.benches))
    if workers <= 1:
        return tuple(map(look, world.benches))
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return tuple(pool.map(look, world.benches))


def _guarded(world: World, bench: Bench, now: datetime, started: frozenset[str]) -> _Look | _Breakdown:
    try:
        return _look(world, bench, now, started)
    except Exception as error:  # noqa: BLE001 - the boundary around each pipeline
        return _Breakdown(bench=bench, now=now, error=error)


def _look(world: World, bench: Bench, now: datetime, started: frozenset[str]) -> _Look:
    remembered = world.memories.load(bench.pipeline.name)
    situation = situate(bench, now, tick=world.tick)
    observed, project_arn = observe(bench, remembered.project_arn)
    open_since = situation.timing.started_at if situation.timing.open else None
    noticed = notice(remembered, observed.model, observed.mapping, now=now, open_since=open_since)
    situation = replace(
        situation,
        observed=observed,
        memory=replace(noticed, project_arn=project_arn),
        started=bench.pipeline.name in started,
    )
    observed, situation = _informed(bench, observed, situation)
    return _Look(
        bench=bench,
        situation=situation,
        observed=observed,
        plan=plan(situation, observed),
        remembered=remembered,
    )


def _informed(bench: Bench, observed: Observed, situation: Situation) -> tuple[Observed, Situation]:
    """With the facts about the queue that the plan needs, and no others."""
    needed = facts_needed(situation, observed)
    if Fact.COUNTS in needed:
        observed = with_counts(bench, observed)
    if needed:
        situation = replace(situation, observed=observed, facts_read=situation.facts_read | needed)
    return observed, situation


def observe(bench: Bench, project_arn: str | None) -> tuple[Observed, str | None]:
    """One look at the model and the mapping, and the project ARN to remember (``None``: to be looked up).

    A call that fails makes its half UNREADABLE; the other half is seen all the same.
    """
    observed = _with_mapping(bench, Observed(model=ModelStatus.UNREADABLE, mapping=MappingState.UNREADABLE))
    known = bench.pipeline.model.project_arn or project_arn
    try:
        known = known or bench.models.project_arn(bench.pipeline.model.project)
        versions = bench.models.versions(known) if known is not None else None
    except AwsError as error:
        return replace(observed, errors=(str(error), *observed.errors)), known
    return _with_model(bench.pipeline, observed, versions or ()), known if versions is not None else None


def _with_model(pipeline: Pipeline, observed: Observed, versions: tuple[Version, ...]) -> Observed:
    others = tuple(
        OtherVersion(arn=version.arn, units=version.units)
        for version in versions
        if version.status is ModelStatus.RUNNING and version.arn != pipeline.model.arn
    )
    own = next((version for version in versions if version.arn == pipeline.model.arn), None)
    if own is None:
        return replace(observed, model=ModelStatus.ABSENT, others=others)
    return replace(
        observed,
        model=own.status,
        model_message=own.message,
        units=own.units,
        max_units=own.max_units,
        others=others,
    )


def _with_mapping(bench: Bench, observed: Observed) -> Observed:
    try:
        found = bench.mappings.get(bench.pipeline.consumer.event_source_mapping)
    except AwsError as error:
        return replace(observed, errors=(*observed.errors, str(error)))
    return replace(
        observed,
        mapping=found.state,
        mapping_changed_at=found.last_modified,
        mapping_reason=found.transition_reason,
        function_arn=found.function_arn,
        queue_arn=found.queue_arn,
    )


def with_counts(bench: Bench, observed: Observed) -> Observed:
    """With the counts of the queue that feeds the mapping, where it has one and it can be read."""
    if observed.queue_arn is None:
        return observed
    try:
        return replace(observed, queue=bench.queues.counts(observed.queue_arn))
    except AwsError as error:
        return replace(observed, errors=(*observed.errors, str(error)))


def _in_order(looks: Iterable[_Look | _Breakdown]) -> list[tuple[Bench, Action]]:
    """Stops before starts, so that a quota of running models frees first; within that, the file's order."""
    rank = {action: place for place, action in enumerate(Action)}
    steps = [
        (look.bench, action) for look in looks if isinstance(look, _Look) for action in look.plan.actions
    ]
    return sorted(steps, key=lambda step: rank[step[1]])


def _call(bench: Bench, action: Action) -> None:
    model, mapping = bench.pipeline.model, bench.pipeline.consumer.event_source_mapping
    match action:
        case Action.DISABLE_MAPPING:
            bench.mappings.set_enabled(mapping, enabled=False)
        case Action.ENABLE_MAPPING:
            bench.mappings.set_enabled(mapping, enabled=True)
        case Action.START_MODEL:
            bench.models.start(model.arn, units=model.inference_units, max_units=model.max_inference_units)
        case Action.STOP_MODEL:
            bench.models.stop(model.arn)
        case _:
            assert_never(action)


def _refusal(action: Action, error: AwsError) -> Refusal:
    if is_busy(error):
        return Refusal.BUSY
    if action is Action.START_MODEL and is_quota(error):
        return Refusal.QUOTA
    return Refusal.TRANSIENT if isinstance(error, TransientError) else Refusal.TERMINAL


def _concluded(
    look: _Look | _Breakdown,
    outcomes: tuple[Outcome, ...],
    keep: Callable[[str, Memory], None] | None,
) -> PipelineReport:
    if isinstance(look, _Breakdown):
        return _broken(look)
    try:
        return _conclusion(look, outcomes, keep)
    except Exception as error:  # noqa: BLE001 - as around the look; what was done stays reported
        broken = _broken(_Breakdown(bench=look.bench, now=look.situation.now, error=error))
        return replace(broken, actions=look.plan.actions, outcomes=outcomes)


def _conclusion(
    look: _Look, outcomes: tuple[Outcome, ...], keep: Callable[[str, Memory], None] | None
) -> PipelineReport:
    name, situation = look.bench.pipeline.name, look.situation
    memory = record(situation.memory, outcomes, situation.now)
    assessed = assess(situation, look.observed, look.plan, outcomes, memory)
    if keep is not None and assessed.memory != look.remembered:
        keep(name, assessed.memory)
    return PipelineReport(
        name=name,
        desire=look.plan.desire,
        observed=look.observed,
        actions=look.plan.actions,
        reason=account(look.plan),
        conditions=assessed.conditions,
        outcomes=outcomes,
        next_check=assessed.next_check,
        next_change=look.bench.schedule.next_change(situation.now),
    )


def _broken(look: _Breakdown) -> PipelineReport:
    said = f"this tick broke down: {type(look.error).__name__}: {look.error}"
    return PipelineReport(
        name=look.bench.pipeline.name,
        desire=None,
        observed=None,
        actions=(),
        reason=said,
        conditions=(
            Condition(type="Ready", status="Unknown", reason="TickBroke", message=said, since=look.now),
            Condition(type="Stalled", status="True", reason="TickBroke", message=said, since=look.now),
        ),
    )
