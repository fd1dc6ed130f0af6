"""The loop, and the only place that joins the layers: clock, schedule, AWS, decision, memory.

Level-triggered: every tick may be the first. Nothing waits here; a report says when to look again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Protocol, assert_never

from controller.aws.calls import CallWindow
from controller.aws.clients import ClientFactory
from controller.aws.cloudwatch import CloudWatch
from controller.aws.codes import is_busy, is_queue_absent, is_quota
from controller.aws.function import Functions, FunctionSettings
from controller.aws.mapping import MappingDescription, Mappings
from controller.aws.queue import Queues
from controller.aws.rekognition import Models, Version
from controller.aws.remedies import format_error
from controller.config.model import Config, Model, Pipeline
from controller.core.actions import Action, ActionKind, FailureKind, Outcome
from controller.core.conditions import NOT_REACHED, assess, monthly_account
from controller.core.inputs import DecisionInputs, Fact
from controller.core.memory import (
    Condition,
    Memory,
    Subject,
    about,
    after_facts,
    after_observation,
    after_outcomes,
    count_hours,
)
from controller.core.observed import Named, Observed, OtherVersion
from controller.core.plan import Plan, plan
from controller.core.rules import DesiredState
from controller.core.settings import DEFAULT_TICK
from controller.core.states import MappingState, ModelStatus
from controller.core.timefmt import month_start
from controller.errors import AwsError, TransientError
from controller.loop.workers import Monotonic, SideBySide, Workers
from controller.schedule import Schedule
from controller.schedule.model import Moment

Clock = Callable[[], datetime]
"""Says the time, aware UTC."""

OBSERVE_S = 11.0
"""A pipeline whose observation takes longer is reported as not observed; most take a tenth of a second.

Nothing is acted upon before: so long do others wait for a pipeline whose calls hang. It is long enough for an
attempt that cannot connect (three seconds) and is repeated, and for a place in the rate of calls.
"""
OBSERVE_SHARE = 0.6
"""Of the time that a tick has, for observing; the rest is for acting."""
PHASE_S = 4.0
"""The next phase begins when every call of the one before is answered or has taken this long."""
ANSWER_S = 45.0
"""A call that is never answered ends after some 40 seconds, with all its attempts."""
SAVE_S = 8.0


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


@dataclass(frozen=True, kw_only=True)
class PipelineContext:
    """A pipeline with the tools to work on it; made once for a configuration.

    A tool is made when it is first used, so that a client which cannot be made is this pipeline's failure.
    """

    pipeline: Pipeline
    schedule: Schedule
    clients: ClientFactory
    fingerprint: str
    doubt: str | None

    @cached_property
    def models(self) -> Models:
        return Models(self.clients("rekognition", self.pipeline.model.target))

    @cached_property
    def mappings(self) -> Mappings:
        return Mappings(self.clients("lambda", self.pipeline.consumer.target))

    @cached_property
    def queues(self) -> Queues:
        return Queues(self.clients("sqs", self.pipeline.consumer.target))

    @cached_property
    def functions(self) -> Functions:
        return Functions(self.clients("lambda", self.pipeline.consumer.target))

    @cached_property
    def queue_metrics(self) -> CloudWatch:
        return CloudWatch(self.clients("cloudwatch", self.pipeline.consumer.target))

    @cached_property
    def model_metrics(self) -> CloudWatch:
        return CloudWatch(self.clients("cloudwatch", self.pipeline.model.target))

    @property
    def subject(self) -> Subject:
        """What a memory of this pipeline is about, as far as the file says."""
        consumer = self.pipeline.consumer
        role = consumer.target.role_arn
        account = role.split(":")[4] if role else ""
        mapping = f"{consumer.target.region}:{account}:{consumer.event_source_mapping}"
        model = self.pipeline.model
        return Subject(model=model.arn, retired=model.retired, mapping=mapping)

    def moment(self, at: datetime) -> Moment:
        return self.schedule.at(at)

    def unseen(self, now: datetime, tick: timedelta = DEFAULT_TICK) -> DecisionInputs:
        """The situation where nobody looked at AWS and nothing is remembered."""
        return DecisionInputs(now=now, settings=self.pipeline.settings, moment=self.moment(now), tick=tick)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopContext:
    """What a tick works in.

    ``tick`` is the time between two ticks. ``until_s`` is the instant of ``monotonic`` (seconds) at which a
    tick has to end, ``None`` for never. ``workers`` outlive a tick: they know which calls still hang.
    """

    contexts: tuple[PipelineContext, ...]
    memories: Memories
    clock: Clock
    tick: timedelta = DEFAULT_TICK
    workers: Workers = field(default_factory=SideBySide)
    monotonic: Monotonic = time.monotonic
    until_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineReport:
    """What was seen, wanted and done of one pipeline; ``next_change`` is the schedule's (aware UTC).

    ``actions`` are what was planned, ``outcomes`` what became of it (none in a dry run). ``before`` and
    ``memory`` are what was remembered before the tick and after it.
    ``desire`` and ``observed`` are ``None`` when the tick of this pipeline broke down; ``reason`` says how.
    """

    name: str
    desire: DesiredState | None
    observed: Observed | None
    actions: tuple[Action, ...]
    reason: str
    conditions: tuple[Condition, ...]
    outcomes: tuple[Outcome, ...] = ()
    next_check: datetime | None = None
    next_change: datetime | None = None
    before: Memory = field(default_factory=Memory)
    memory: Memory = field(default_factory=Memory)

    @property
    def failed(self) -> bool:
        """A call failed that was not merely told to look again later."""
        broken = self.observed is None or bool(self.observed.errors)
        return broken or any(outcome.refusal not in (None, FailureKind.BUSY) for outcome in self.outcomes)

    def condition(self, type_: str) -> Condition | None:
        """``None`` where the tick broke down before it could tell."""
        return next((each for each in self.conditions if each.type == type_), None)

    def holds(self, type_: str) -> bool:
        """Whether the condition is there and ``True``."""
        found = self.condition(type_)
        return found is not None and found.status == "True"


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
        return frozenset(each.name for each in self.pipelines if any(map(_is_start, each.outcomes)))


def _is_start(outcome: Outcome) -> bool:
    return outcome.action.kind is ActionKind.START_MODEL and outcome.refusal is not FailureKind.NOT_REACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class _PipelineTick:
    """A pipeline as this tick saw it, and what it is going to do about it."""

    context: PipelineContext
    situation: DecisionInputs
    plan: Plan
    remembered: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class _FailedTick:
    """A pipeline whose tick failed in a way that nobody foresaw: it is reported, the others go on."""

    context: PipelineContext
    now: datetime
    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unanswered:
    """A pipeline that could not be observed in time; nothing is done to it in this tick."""

    context: PipelineContext
    now: datetime


Act = Callable[[PipelineContext, Action], Outcome]
Keep = Callable[[str, Memory], None]


def reconcile(world: LoopContext, *, act: Act | None, started: frozenset[str] = frozenset()) -> Report:
    """One tick. Without ``act`` it is a dry run: everything is seen and planned, nothing is written.

    ``started`` are the pipelines of which this invocation has asked for a start already.
    """
    now = world.clock()
    looks = _observed(world, now, started)
    reports = _dry(looks) if act is None else _Acting(world, looks, act).reports()
    return Report(at=now, pipelines=tuple(reports[context.pipeline.name] for context in world.contexts))


def execute(context: PipelineContext, action: Action) -> Outcome:
    """The ``act`` that writes to AWS. AWS refuses what is done already; that is a reason to look again."""
    try:
        _call(context, action)
    except AwsError as error:
        refusal, said = _refusal(action.kind, error), format_error(error)
    except Exception as error:  # noqa: BLE001 - whatever one pipeline does must not touch another's tick
        refusal, said = FailureKind.TRANSIENT, f"{type(error).__name__}: {error}"
    else:
        return Outcome(action=action)
    return Outcome(action=action, refusal=refusal, error=said)


def settle(
    tick: Callable[[frozenset[str]], Report],
    *,
    clock: Clock,
    monotonic: Monotonic,
    sleep: Callable[[float], None],
    budget: timedelta,
) -> Iterator[Report]:
    """Ticks of one invocation: the first at once, then one at each ``next_check`` within the budget.

    The budget is counted by ``monotonic`` (seconds): a clock that is set back or forth does not change it.
    """
    ends_s = monotonic() + budget.total_seconds()
    started: frozenset[str] = frozenset()
    while True:
        report = tick(started)
        yield report
        started |= report.started
        if report.next_check is None:
            return
        # Never longer than was meant, should the clock be set back meanwhile.
        ahead = min(report.next_check - clock(), report.next_check - report.at)
        wait_s = max(ahead.total_seconds(), 0.0)
        if monotonic() + wait_s > ends_s:
            return
        sleep(wait_s)


def pipeline_contexts(config: Config, clients: ClientFactory) -> tuple[PipelineContext, ...]:
    """The pipelines of a configuration in file order, each with its schedule and its clients."""
    schedules = {name: Schedule(spec) for name, spec in config.specs.items()}
    doubt = "; ".join(diagnostic.located(config.file) for diagnostic in config.doubts) or None
    return tuple(
        PipelineContext(
            pipeline=pipeline,
            schedule=schedules[pipeline.schedule],
            clients=clients,
            fingerprint=config.digest,
            doubt=doubt,
        )
        for pipeline in config.pipelines
    )


_Seen = _PipelineTick | _FailedTick | _Unanswered
_Looks = dict[str, _Seen]


def _observed(world: LoopContext, now: datetime, started: frozenset[str]) -> _Looks:
    """Every pipeline's look, by name."""
    hanging, window = world.workers.busy, CallWindow()
    jobs = {
        _job("observe", context): partial(window.run, partial(_guarded, world, context, now, started))
        for context in _by_turns(world.contexts)
        if _job("observe", context) not in hanging
    }
    found = world.workers.run(jobs, patience_s=OBSERVE_S, until_s=_observing_until(world))
    window.close()
    return {
        context.pipeline.name: found.get(_job("observe", context)) or _Unanswered(context=context, now=now)
        for context in world.contexts
    }


def _job(kind: str, context: PipelineContext) -> str:
    return f"{kind} {context.pipeline.name}"


def _by_turns(contexts: tuple[PipelineContext, ...]) -> list[PipelineContext]:
    """One pipeline of each account, then another of each: calls of one account wait for its quota."""
    turns: Counter[str] = Counter()
    order: list[tuple[int, PipelineContext]] = []
    for context in contexts:
        monthly_account = context.pipeline.model.account
        order.append((turns[monthly_account], context))
        turns[monthly_account] += 1
    return [context for _, context in sorted(order, key=lambda each: each[0])]


def _observing_until(world: LoopContext) -> float | None:
    if world.until_s is None:
        return None
    now_s = world.monotonic()
    return now_s + (world.until_s - now_s) * OBSERVE_SHARE


def _dry(looks: _Looks) -> dict[str, PipelineReport]:
    return {name: _concluded(look, (), None) for name, look in looks.items()}


class _Acting:
    """Carries out the plans of a tick, a phase at a time and side by side within it.

    Phases are the actions in their order: what protects messages, then what frees a quota, then what uses it.
    A pipeline's own actions keep that order. Its memory is saved as soon as its last action has ended. When
    the tick ends, calls that hang are not repeated any more: their outcome is unknown, and the next tick
    observes what became of them.
    """

    def __init__(self, world: LoopContext, looks: _Looks, act: Act) -> None:
        self._world = world
        self._act = act
        self._window = CallWindow()
        self._looks = looks
        self._hanging = {
            name
            for name, look in looks.items()
            if {_job("act", look.context), _job("save", look.context)} & world.workers.busy
        }
        self._planned = {name: _in_order(look) for name, look in looks.items()}
        self._asked: dict[str, list[Action]] = {name: [] for name in looks}
        self._outcomes: dict[str, list[Outcome]] = {name: [] for name in looks}
        self._reports: dict[str, PipelineReport] = {}

    def reports(self) -> dict[str, PipelineReport]:
        for kind in ActionKind:
            self._phase(kind)
            self._conclude(name for name in self._looks if not self._left(name, self._outcomes[name]))
        self._wait_for_answers()
        self._window.close()
        self._conclude(self._looks)
        return self._reports

    def _phase(self, kind: ActionKind) -> None:
        jobs = {}
        for name in self._turns():
            actions = [action for action in self._planned[name] if action.kind is kind]
            if actions and not self._is_busy(name):
                job = partial(self._window.run, partial(self._carry_out, name, actions))
                jobs[_job("act", self._looks[name].context)] = job
        self._world.workers.run(jobs, patience_s=PHASE_S, until_s=self._world.until_s)

    def _turns(self) -> list[str]:
        """In the order of the file, but first those that the tick before did not reach."""
        return sorted(self._looks, key=lambda name: not _was_not_reached(self._looks[name]))

    def _is_busy(self, name: str) -> bool:
        """A call of this tick, or of one before, has not been answered."""
        return name in self._hanging or _job("act", self._looks[name].context) in self._world.workers.busy

    def _carry_out(self, name: str, actions: list[Action]) -> None:
        for action in actions:
            if self._window.closed:
                return
            self._asked[name].append(action)
            self._outcomes[name].append(self._act(self._looks[name].context, action))

    def _wait_for_answers(self) -> None:
        """Of calls that hang: their outcomes are known in this tick, if they end in time."""
        waiting = {_job("act", look.context) for look in self._looks.values()} & self._world.workers.busy
        until_s = self._world.monotonic() + ANSWER_S
        self._world.workers.wait(waiting, min(until_s, self._world.until_s or until_s))

    def _conclude(self, names: Iterable[str]) -> None:
        """Makes the reports, and saves what is remembered of pipelines of which no call hangs."""
        chosen = [name for name in names if name not in self._reports]
        jobs = {
            _job("save", self._looks[name].context): partial(self._concluded, name, self._world.memories.save)
            for name in chosen
            if name not in self._hanging
        }
        found = self._world.workers.run(jobs, patience_s=SAVE_S, until_s=self._saving_until())
        for name in chosen:
            saved = found.get(_job("save", self._looks[name].context))
            self._reports[name] = saved or self._concluded(name, None)

    def _saving_until(self) -> float | None:
        """What was done is saved even if the tick's time is up."""
        until_s = self._world.until_s
        return None if until_s is None else max(until_s, self._world.monotonic()) + SAVE_S

    def _concluded(self, name: str, keep: Keep | None) -> PipelineReport:
        outcomes = tuple(self._outcomes[name])  # once: a thread that hangs may add to it
        missed = (self._missed(name, action) for action in self._left(name, outcomes))
        return _concluded(self._looks[name], (*outcomes, *missed), keep)

    def _left(self, name: str, outcomes: Iterable[Outcome]) -> list[Action]:
        """What is planned and has no outcome yet."""
        done = {outcome.action for outcome in outcomes}
        return [action for action in self._planned[name] if action not in done]

    def _missed(self, name: str, action: Action) -> Outcome:
        """What became of an action of which nothing is known: it hangs, or it was never asked for."""
        if action in self._asked[name]:
            refusal, said = (
                FailureKind.TRANSIENT,
                "AWS has not answered; the next tick sees what became of it",
            )
        elif self._is_busy(name):
            refusal, said = (
                FailureKind.NOT_REACHED,
                "not reached: still waiting for an earlier call",
            )
        else:
            refusal, said = FailureKind.NOT_REACHED, "not reached: the tick's time was up"
        return Outcome(action=action, refusal=refusal, error=said)


def _was_not_reached(look: _Seen) -> bool:
    if not isinstance(look, _PipelineTick):
        return False
    progressing = look.remembered.condition("Progressing")
    return progressing is not None and progressing.reason == NOT_REACHED


def _guarded(
    world: LoopContext, context: PipelineContext, now: datetime, started: frozenset[str]
) -> _PipelineTick | _FailedTick:
    try:
        return _look(world, context, now, started)
    except Exception as error:  # noqa: BLE001 - the boundary around each pipeline
        return _FailedTick(context=context, now=now, error=error)


def _look(
    world: LoopContext, context: PipelineContext, now: datetime, started: frozenset[str]
) -> _PipelineTick:
    remembered = world.memories.load(context.pipeline.name)
    known = about(remembered, context.subject)
    observed, project_arn = observe(context, known.project_arn)
    moment = context.moment(now)
    noticed = after_observation(
        about(known, Subject(queue=observed.queue_arn)),
        observed.model,
        observed.mapping,
        now=now,
        open_since=moment.started_at if moment.open else None,
    )
    noticed = count_hours(noticed, observed, now)
    if noticed.project_arn != project_arn:
        noticed = replace(noticed, project_arn=project_arn)
    situation = DecisionInputs(
        now=now,
        settings=context.pipeline.settings,
        moment=moment,
        observed=observed,
        memory=noticed,
        tick=world.tick,
        started=context.pipeline.name in started,
        units=context.pipeline.model.inference_units,
        max_units=context.pipeline.model.max_inference_units,
        fingerprint=context.fingerprint,
        doubt=context.doubt,
    )
    return _planned(context, situation, remembered)


def _planned(context: PipelineContext, situation: DecisionInputs, remembered: Memory) -> _PipelineTick:
    """Reads what the plan depends on until it depends on nothing more; no fact is asked for twice."""
    made = plan(situation)
    while made.needs:
        observed = with_facts(context, situation.observation, made.needs, situation.now)
        situation = _informed(situation, observed, made.needs)
        made = plan(situation)
    return _PipelineTick(context=context, situation=situation, plan=made, remembered=remembered)


def _informed(situation: DecisionInputs, observed: Observed, asked: frozenset[Fact]) -> DecisionInputs:
    memory = after_facts(situation.memory, observed, situation.settings, situation.now)
    memory = count_hours(memory, observed, situation.now)
    return replace(situation, observed=observed, memory=memory, facts_read=situation.facts_read | asked)


def observe(context: PipelineContext, project_arn: str | None) -> tuple[Observed, str | None]:
    """One look at the model and the mapping, and the project ARN to remember (``None``: to be looked up).

    A call that fails makes its half UNREADABLE; the other half is seen all the same.
    """
    errors: list[str] = []
    versions, known = _seen_versions(context, project_arn, errors)
    mapping = _seen_mapping(context, errors)
    own = _own(context.pipeline, versions)
    return Observed(
        model=own.status,
        model_word=own.word,
        model_message=own.message,
        units=own.units,
        max_units=own.max_units,
        others=_others(context.pipeline, versions or ()),
        mapping=mapping.state,
        mapping_word=mapping.word,
        mapping_changed_at=mapping.last_modified,
        mapping_reason=mapping.transition_reason,
        function_arn=mapping.function_arn,
        queue_arn=mapping.queue_arn,
        batching_window=mapping.batching_window,
        errors=tuple(errors),
    ), known


def _seen_versions(
    context: PipelineContext, project_arn: str | None, errors: list[str]
) -> tuple[tuple[Version, ...] | None, str | None]:
    """Versions of the project (``None``: unreadable), and its ARN (``None``: there is no such project)."""
    known = context.pipeline.model.project_arn or project_arn
    try:
        known = known or context.models.project_arn(context.pipeline.model.project)
        versions = context.models.versions(known) if known is not None else None
    except AwsError as error:
        errors.append(format_error(error))
        return None, known
    return (versions, known) if versions is not None else ((), None)


def _seen_mapping(context: PipelineContext, errors: list[str]) -> MappingDescription:
    try:
        return context.mappings.get(context.pipeline.consumer.event_source_mapping)
    except AwsError as error:
        errors.append(format_error(error))
        return MappingDescription(state=MappingState.UNREADABLE)


def _own(pipeline: Pipeline, versions: tuple[Version, ...] | None) -> Version:
    """The version that is this pipeline's model; one that is ABSENT or UNREADABLE where there is none."""
    for version in versions or ():
        if version.arn == pipeline.model.arn:
            return version
    status = ModelStatus.UNREADABLE if versions is None else ModelStatus.ABSENT
    return Version(arn=pipeline.model.arn, status=status, message=None, units=None, max_units=None)


def _others(pipeline: Pipeline, versions: tuple[Version, ...]) -> tuple[OtherVersion, ...]:
    return tuple(
        OtherVersion(arn=version.arn, units=version.units, retired=version.arn in pipeline.model.retired)
        for version in versions
        if version.status is ModelStatus.RUNNING and version.arn != pipeline.model.arn
    )


def with_facts(
    context: PipelineContext, observed: Observed, needs: Iterable[Fact], now: datetime
) -> Observed:
    """With what was asked for, as far as it can be read; what cannot is among the errors."""
    for fact in needs:
        try:
            observed = _with_fact(context, observed, fact, now)
        except AwsError as error:
            missing = observed.queue_missing or (fact is Fact.COUNTS and is_queue_absent(error))
            observed = replace(
                observed, queue_missing=missing, errors=(*observed.errors, format_error(error))
            )
    return observed


def _with_fact(context: PipelineContext, observed: Observed, fact: Fact, now: datetime) -> Observed:
    queue_arn, function_arn, model = observed.queue_arn, observed.function_arn, context.pipeline.model
    match fact:
        case Fact.COUNTS:
            return replace(observed, queue=context.queues.counts(queue_arn)) if queue_arn else observed
        case Fact.AGE if queue_arn:
            return replace(observed, oldest_age=context.queue_metrics.oldest_message_age(queue_arn, now=now))
        case Fact.FUNCTION if function_arn:
            settings = context.functions.settings(function_arn)
            return replace(observed, function_timeout=settings.timeout, named=_named(model, settings))
        case Fact.HOURS:
            hours = context.model_metrics.unit_hours(
                model.project, model.version, since=month_start(now), until=now
            )
            return replace(observed, unit_hours=hours)
        case _:
            return observed


def _named(model: Model, function: FunctionSettings) -> Named:
    return Named(model=function.names(model.arn), retired=any(map(function.names, model.retired)))


def _in_order(look: _Seen) -> list[Action]:
    """What is to be done, in the order of ``ActionKind``."""
    rank = {kind: place for place, kind in enumerate(ActionKind)}
    actions = look.plan.actions if isinstance(look, _PipelineTick) else ()
    return sorted(actions, key=lambda action: rank[action.kind])


def _call(context: PipelineContext, action: Action) -> None:
    model, mapping = context.pipeline.model, context.pipeline.consumer.event_source_mapping
    match action.kind:
        case ActionKind.DISABLE_MAPPING:
            context.mappings.set_enabled(mapping, enabled=False)
        case ActionKind.ENABLE_MAPPING:
            context.mappings.set_enabled(mapping, enabled=True)
        case ActionKind.START_MODEL:
            context.models.start(model.arn, units=model.inference_units, max_units=model.max_inference_units)
        case ActionKind.STOP_MODEL:
            context.models.stop(action.retired_arn or model.arn)
        case _:
            assert_never(action.kind)


def _refusal(kind: ActionKind, error: AwsError) -> FailureKind:
    if is_busy(error):
        return FailureKind.BUSY
    if kind is ActionKind.START_MODEL and is_quota(error):
        return FailureKind.QUOTA
    return FailureKind.TRANSIENT if isinstance(error, TransientError) else FailureKind.TERMINAL


def _concluded(
    look: _Seen,
    outcomes: tuple[Outcome, ...],
    keep: Keep | None,
) -> PipelineReport:
    if isinstance(look, _FailedTick):
        return _broken(look)
    if isinstance(look, _Unanswered):
        return _not_observed(look)
    try:
        return _conclusion(look, outcomes, keep)
    except Exception as error:  # noqa: BLE001 - as around the look; what was done stays reported
        broken = _broken(_FailedTick(context=look.context, now=look.situation.now, error=error))
        return replace(broken, actions=look.plan.actions, outcomes=outcomes)


def _conclusion(look: _PipelineTick, outcomes: tuple[Outcome, ...], keep: Keep | None) -> PipelineReport:
    name, situation = look.context.pipeline.name, look.situation
    memory = after_outcomes(situation.memory, outcomes, situation.now)
    assessed = assess(situation, look.plan, outcomes, memory)
    if keep is not None and assessed.memory is not look.remembered and assessed.memory != look.remembered:
        keep(name, assessed.memory)
    return PipelineReport(
        name=name,
        desire=look.plan.desire,
        observed=situation.observed,
        actions=look.plan.actions,
        reason=monthly_account(look.plan),
        conditions=assessed.conditions,
        outcomes=outcomes,
        next_check=assessed.next_check,
        next_change=look.context.schedule.next_change(situation.now),
        before=look.remembered,
        memory=assessed.memory,
    )


def _broken(look: _FailedTick) -> PipelineReport:
    said = f"this tick broke down: {type(look.error).__name__}: {look.error}"
    return _blind(look, said, reason="TickBroke", stalled="True")


def _not_observed(look: _Unanswered) -> PipelineReport:
    said = "not observed: AWS has not answered in time; nothing is done until it does"
    return _blind(look, said, reason="NotObserved", stalled="Unknown")


def _blind(look: _FailedTick | _Unanswered, said: str, *, reason: str, stalled: str) -> PipelineReport:
    """Of a pipeline of which this tick knows nothing."""
    return PipelineReport(
        name=look.context.pipeline.name,
        desire=None,
        observed=None,
        actions=(),
        reason=said,
        conditions=(
            Condition(type="Ready", status="Unknown", reason=reason, message=said, since=look.now),
            Condition(type="Stalled", status=stalled, reason=reason, message=said, since=look.now),
        ),
    )
