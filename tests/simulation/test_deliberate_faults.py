"""Deliberate faults of the controller, each of which simulated days alone must catch.

A fault is a small change of the controller's code, made for the length of a test; a world is a few days of
the embedded AWS. What the judge says, and what was lost or unserved, is all that may tell the two controllers
apart: no unit test helps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from controller.aws.mapping import Mappings
from controller.aws.rekognition import Models
from controller.config.model import Config
from controller.core import conditions, inputs, memory, plan
from controller.core.actions import ActionKind, FailureKind, Outcome
from controller.core.inputs import DecisionInputs
from controller.core.memory import Memory
from controller.core.settings import Hold, Settings
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import Step, decide
from controller.loop import act, context
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.workers import InTurn
from controller.schedule.model import Spec
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import NONE, Faults
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.simulate import SimulationRequest, drive, monitored, scenario
from controller.storage.memories import ProcessMemories
from tests.simulation.attribution import Attribution
from tests.support.embedded import a_pipeline
from tests.support.loop import TICK, a_config, condition, utc
from tests.support.schedules import dated, span, spec

MINUTE = timedelta(minutes=1)
START = utc("2026-11-22T20:00")
"""A Sunday evening."""
HARD = replace(
    NONE, throttled=0.03, lost_answers=0.03, stale_reads=0.05, manual_changes=8.0, unreached=0.02, deaths=0.02
)
OFFICE = spec(
    "America/New_York",
    daily="closed",
    days=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-17:00"),
    overrides=(span("2026-11-24T08:30", "2026-11-24T10:00", "closed"), dated("2026-11-26", "closed")),
)
LATER = spec("America/New_York", daily="17:34-20:00")
"""It begins a lead and four minutes after ``OFFICE`` has ended.

With a tick a minute ``OFFICE`` is drained just then: in one tick a model is to be stopped and one started.
"""
MONDAYS = spec(days={"mon": "08:30-17:00"})


@dataclass(frozen=True, kw_only=True)
class Days:
    """A world: what the file says, what goes wrong, and for how long."""

    hours: tuple[Spec, ...] = (OFFICE,)
    settings: Settings = field(default_factory=partial(Settings, warm_up=30 * MINUTE))
    units: int = 1
    retention: timedelta = timedelta(days=14)
    faults: Faults = NONE
    days: float = 5
    tick: timedelta = TICK
    seed: int = 1
    denied: tuple[str, ...] = ()
    gone_after: timedelta | None = None

    def config(self) -> Config:
        pipelines = [
            replace(
                a_pipeline(f"logos-{number}", number, inference_units=self.units),
                schedule=f"hours-{number}",
                settings=self.settings,
            )
            for number in range(1, len(self.hours) + 1)
        ]
        with_retention = (
            replace(each, consumer=replace(each.consumer, retention=self.retention)) for each in pipelines
        )
        named = tuple(
            replace(hours, name=f"hours-{place}") for place, hours in enumerate(self.hours, start=1)
        )
        return a_config(*with_retention, specs=named)


HOLD = Hold(desired=Desired.AS_IS, until=START + timedelta(days=2), reason="incident 42")
QUIET = Days()
WORLDS = {
    "quiet": QUIET,
    "hard": Days(faults=HARD, days=6),
    "held": Days(
        settings=replace(QUIET.settings, hold=HOLD), days=3, faults=replace(NONE, manual_changes=4.0)
    ),
    "two pipelines": Days(hours=(OFFICE, LATER), days=1.2, tick=MINUTE),
    "two units": Days(units=2, days=2),
    "counts that cannot be read": Days(
        denied=("GetQueueAttributes",), settings=Settings(warm_up=30 * MINUTE, rescue=None), days=2
    ),
    "starts that fail": Days(faults=replace(NONE, failed_starts=0.7), days=3),
    "models that die": Days(faults=replace(NONE, deaths=0.3), days=3),
    "models that die soon": Days(faults=replace(NONE, deaths=4.0), days=2),
    "restarts that are refused": Days(
        faults=replace(NONE, failed_starts=0.7, refused_restarts=0.8), days=3, seed=3
    ),
    "messages that expire": Days(hours=(MONDAYS,), retention=timedelta(days=2), days=5),
    "a mapping that is gone": Days(gone_after=timedelta(hours=30), days=2),
    "stubborn messages": Days(faults=replace(NONE, stubborn_messages=0.3), days=2),
}


def diagnostics(days: Days) -> Iterator[str]:
    """What the judge has to say, in order of time; then what was lost, unserved or not as it should be."""
    config = days.config()
    request = SimulationRequest(
        start=START, end=START + timedelta(days=days.days), seed=days.seed, tick=days.tick, faults=True
    )
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, days.faults))
    for operation in days.denied:
        aws.deny(operation)
    attributions = {each.name: Attribution(aws, each) for each in config.pipelines}
    bounds = ExpectedBounds(aws, config, days.tick)
    monitor = monitored(aws, config, bounds)
    made = pipeline_contexts(config, aws.clients)
    world = LoopContext(
        contexts=made, memories=ProcessMemories(), clock=aws.now, tick=days.tick, workers=InTurn()
    )
    if days.gone_after is not None:
        aws.world.clock.at((START + days.gone_after).timestamp(), _delete_mappings(aws))
    for report in drive(aws, world, monitor, request):
        yield from (f"{each.rule}: {each.detail}" for each in monitor.violations)
        for each in report.pipelines:
            acted = bool(each.outcomes) or days.faults.stale_reads > 0
            if (
                condition(each, "Ready").status == "True"
                and not acted
                and not bounds.is_so(each.name, report.at)
            ):
                yield f"Ready: {each.name} at {report.at}, but AWS differs"
    for name, pipeline in aws.pipelines.items():
        messages = pipeline.accounting().messages
        own_doing = attributions[name].dead_lettered
        if messages.expired or own_doing:
            yield f"lost: {messages.expired} and {own_doing} of {name}"
        if days.faults is NONE and days.gone_after is None and messages.failed_receives:
            yield f"lost: {messages.failed_receives} receives of {name}"
    if days.faults is NONE and days.gone_after is None:
        yield from _unserved(aws, config, bounds, request)


def _delete_mappings(aws: EmbeddedAws) -> Callable[[], None]:
    return lambda: [pipeline.delete_mapping() for pipeline in aws.pipelines.values()] and None


def _unserved(
    aws: EmbeddedAws, config: Config, bounds: ExpectedBounds, request: SimulationRequest
) -> Iterator[str]:
    """Open minutes that lie in no served interval; after an explicit closure the mapping takes the first."""
    for pipeline in config.pipelines:
        served = aws.pipelines[pipeline.name].accounting().served
        at = request.start
        while at < request.end:
            opened_at = bounds.opened_at(pipeline.name, at - MINUTE)
            opened = bounds.opened_at(pipeline.name, at) is not None and opened_at is not None
            if opened and not any(start <= at < end for start, end in served):
                yield f"unserved: {pipeline.name} at {at}"
                return
            at += MINUTE


@pytest.mark.parametrize("world", WORLDS)
def test_of_the_controller_as_it_is_nothing_is_said(world):
    assert list(diagnostics(WORLDS[world])) == []


Patch = pytest.MonkeyPatch


def steps(**instead: Step) -> Callable[[Patch], None]:
    """The table says one step in the place of another."""

    def fault(patch: Patch) -> None:
        def other(*cell: object) -> Step:
            step = decide(*cell)
            return instead.get(step.name, step)

        patch.setattr(plan, "decide", other)

    return fault


def cells(change: Callable[..., tuple[object, ...]]) -> Callable[[Patch], None]:
    """The table is asked about another cell."""

    def fault(patch: Patch) -> None:
        patch.setattr(plan, "decide", lambda *cell: decide(*change(*cell)))

    return fault


def settings(**other: object) -> Callable[[Patch], None]:
    """The rules go by other settings than the file's."""
    usual = plan.desired_state

    def fault(patch: Patch) -> None:
        patch.setattr(plan, "desired_state", lambda given: usual(_with(given, **other)))

    return fault


def _with(given: DecisionInputs, **other: object) -> DecisionInputs:
    return replace(given, settings=replace(given.settings, **other))


def shifted(by: timedelta) -> Callable[[Patch], None]:
    """The rules go by a clock that is ahead, or behind, of the truth."""

    def fault(patch: Patch) -> None:
        usual = context.PipelineContext.moment
        patch.setattr(context.PipelineContext, "moment", lambda given, at: usual(given, at + by))

    return fault


def hours(change: Callable[[Spec], Spec]) -> Callable[[Patch], None]:
    """The schedule is another one than the file's."""

    def fault(patch: Patch) -> None:
        usual = context.Schedule
        patch.setattr(context, "Schedule", lambda given: usual(change(given)))

    return fault


def lead_of(minutes: int) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(DecisionInputs, "lead", property(lambda _inputs: minutes * MINUTE))


def no_drain(patch: Patch) -> None:
    patch.setattr(plan, "drain", lambda _inputs: Drain.DRAINED)


def endless_drain(patch: Patch) -> None:
    for module in (plan, inputs):
        patch.setattr(module, "drain_limit", lambda _inputs: timedelta(days=30))


def hasty_drain(patch: Patch) -> None:
    for module in (plan, inputs):
        patch.setattr(module, "COUNTS_VALID_AFTER", timedelta(0))


def without_limit(name: str) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(
        plan, "LIMITS", tuple(limit for limit in plan.LIMITS if limit.__name__ != name)
    )


def no_reset(patch: Patch) -> None:
    patch.setattr(memory, "_reset_by_opening", lambda known, _open_since: known)


def deaths_do_not_count(patch: Patch) -> None:
    patch.setattr(memory, "START_PROVEN_AFTER", timedelta(0))


def busy_does_not_count(patch: Patch) -> None:
    patch.setattr(memory, "BUSY_STARTS_MAX", 1_000_000)


def refusals_do_not_count(patch: Patch) -> None:
    usual = memory._after_start

    def recorded(known: Memory, outcome: Outcome, now: datetime) -> Memory:
        return known if outcome.refusal is FailureKind.TERMINAL else usual(known, outcome, now)

    patch.setattr(memory, "_after_start", recorded)


def backward_phases(patch: Patch) -> None:
    class Backward:
        def __iter__(self) -> Iterator[ActionKind]:
            return reversed(ActionKind)

        def __getattr__(self, name: str) -> object:
            return getattr(ActionKind, name)

    patch.setattr(act, "ActionKind", Backward())


def more_units(patch: Patch) -> None:
    usual = Models.start
    patch.setattr(Models, "start", lambda models, arn, **_given: usual(models, arn, units=1, max_units=None))


def writes_more(patch: Patch) -> None:
    def set_enabled(mappings: Mappings, uuid: str, *, enabled: bool) -> None:
        mappings._client.update_event_source_mapping(UUID=uuid, Enabled=enabled, BatchSize=1)

    patch.setattr(Mappings, "set_enabled", set_enabled)


def always_ready(patch: Patch) -> None:
    usual = conditions._ready

    def ready(*given: object, **named: object) -> object:
        return replace(usual(*given, **named), status="True")

    patch.setattr(conditions, "_ready", ready)


def _starting_is_running(desired, model, mapping, drained):
    return desired, ModelStatus.RUNNING if model is ModelStatus.STARTING else model, mapping, drained


def _warm_is_on(desired, model, mapping, drained):
    return Desired.ON if desired is Desired.WARM else desired, model, mapping, drained


def _enabled_is_off(desired, model, mapping, drained):
    off = desired is Desired.OFF and mapping is MappingState.ENABLED
    return desired, model, MappingState.DISABLED if off else mapping, Drain.DRAINED if off else drained


def _failed_is_starting(desired, model, mapping, drained):
    return desired, ModelStatus.STARTING if model is ModelStatus.FAILED else model, mapping, drained


def _unreadable_is_stopped(desired, model, mapping, drained):
    return desired, ModelStatus.STOPPED if model is ModelStatus.UNREADABLE else model, mapping, drained


def _absent_is_disabled(desired, model, mapping, drained):
    absent = mapping is MappingState.ABSENT
    return desired, model, MappingState.DISABLED if absent else mapping, drained


def _off_is_warm(desired, model, mapping, drained):
    return Desired.WARM if desired is Desired.OFF else desired, model, mapping, drained


FAULTS = {
    "never stops": ("quiet", steps(STOP=Step.WAIT_DRAIN)),
    "keeps warm at night": ("quiet", cells(_off_is_warm)),
    "never starts": ("quiet", steps(START=Step.STOPPED, DISABLE_AND_START=Step.DISABLE_NOT_RUNNING)),
    "never enables": ("quiet", steps(ENABLE=Step.WARM)),
    "never disables at closing": ("quiet", steps(DISABLE=Step.CONSUMING)),
    "stops without draining": ("quiet", no_drain),
    "drains for no time": ("quiet", hasty_drain),
    "drains without end": ("counts that cannot be read", endless_drain),
    "stops what is Enabled": ("quiet", cells(_enabled_is_off)),
    "enables while STARTING": ("quiet", cells(_starting_is_running)),
    "enables under WARM": ("quiet", cells(_warm_is_on)),
    "does not protect messages": (
        "hard",
        steps(DISABLE_NOT_RUNNING=Step.WAIT_STARTING, DISABLE_AND_START=Step.START),
    ),
    "acts on a model that it could not read": ("hard", cells(_unreadable_is_stopped)),
    "starts without a consumer": ("a mapping that is gone", cells(_absent_is_disabled)),
    "leaves FAILED alone": ("models that die", cells(_failed_is_starting)),
    "ignores holds": ("held", settings(hold=None)),
    "too short a lead": ("quiet", lead_of(5)),
    "too long a lead": ("quiet", lead_of(120)),
    "a tick early": ("quiet", shifted(TICK)),
    "a tick late": ("quiet", shifted(-TICK)),
    "UTC for local time": ("quiet", hours(lambda given: replace(given, zone="UTC"))),
    "ignores overrides": ("quiet", hours(lambda given: replace(given, overrides=()))),
    "rescue never begins": ("messages that expire", settings(rescue=None)),
    "bridges everything": ("quiet", settings(bridge=timedelta(days=1))),
    "starts before stops": ("two pipelines", backward_phases),
    "other units": ("two units", more_units),
    "writes the batch size": ("quiet", writes_more),
    "no backoff": ("starts that fail", without_limit("backed_off")),
    "a backoff that no opening resets": ("starts that fail", no_reset),
    "deaths do not count": ("models that die soon", deaths_do_not_count),
    "terminal refusals do not count": ("restarts that are refused", refusals_do_not_count),
    "busy refusals do not count": ("restarts that are refused", busy_does_not_count),
    "says Ready always": ("quiet", always_ready),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_simulated_days_alone_catch_the_fault(fault, monkeypatch):
    world, break_it = FAULTS[fault]
    break_it(monkeypatch)
    assert next(diagnostics(WORLDS[world]), None) is not None
