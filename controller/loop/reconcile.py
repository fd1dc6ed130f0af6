"""The loop: one tick of all pipelines, and the ticks of one invocation.

Level-triggered: every tick may be the first. A tick never waits; its report says when to look again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from controller.core.inputs import DecisionInputs, Fact, Unattended
from controller.core.memory import Memory, Subject, about, after_facts, after_observation, count_hours
from controller.core.observed import Observed
from controller.core.plan import plan
from controller.loop.act import Act, Execution, finish
from controller.loop.context import (
    ONLY_TICK,
    Clock,
    FailedTick,
    InvocationState,
    LoopContext,
    PipelineContext,
    PipelineTick,
    PlannedTick,
)
from controller.loop.observe import each_observed, observe, with_facts
from controller.loop.report import Report
from controller.loop.workers import Monotonic

LAST_TICK = timedelta(seconds=5)
"""An invocation's last tick is planned for so long before its budget ends, since ticks take time, too."""


def reconcile(loop: LoopContext, *, act: Act | None, invocation: InvocationState = ONLY_TICK) -> Report:
    """One tick. Without ``act`` it is a dry run: everything is observed and planned, nothing is written."""
    now = loop.clock()
    ticks = each_observed(loop, now, partial(_isolated, loop, now, invocation))
    if act is None:
        reports = {name: finish(tick) for name, tick in ticks.items()}
    else:
        reports = Execution(loop, ticks, act).reports()
    return Report(at=now, pipelines=tuple(reports[context.name] for context in loop.contexts))


def _isolated(
    loop: LoopContext, now: datetime, invocation: InvocationState, context: PipelineContext
) -> PipelineTick:
    """The boundary around each pipeline (S7): what one of them raises is its own report."""
    try:
        return _planned(loop, now, invocation, context)
    except Exception as error:  # noqa: BLE001 - as above
        return FailedTick(context=context, now=now, error=error)


def _planned(
    loop: LoopContext, now: datetime, invocation: InvocationState, context: PipelineContext
) -> PlannedTick:
    """Observed, desired, plan: facts are read until the plan depends on nothing more, each of them once."""
    before = loop.memories.load(context.name)
    known = about(before, context.subject)
    observed, project_arn = observe(context, known.project_arn)
    memory = _after_observation(context, known, observed, project_arn, now)
    inputs = replace(
        context.unobserved(now),
        observed=observed,
        memory=memory,
        units=context.pipeline.model.inference_units,
        max_units=context.pipeline.model.max_inference_units,
        fingerprint=context.fingerprint,
        degraded=context.degraded,
        started=context.name in invocation.started,
        unattended=_unattended(loop, invocation, now),
    )
    planned = plan(inputs)
    while planned.needs:
        inputs = _with_facts(context, inputs, planned.needs)
        planned = plan(inputs)
    return PlannedTick(context=context, inputs=inputs, plan=planned, before=before)


def _after_observation(
    context: PipelineContext, memory: Memory, observed: Observed, project_arn: str | None, now: datetime
) -> Memory:
    moment = context.moment(now)
    memory = after_observation(
        about(memory, Subject(queue=observed.queue_arn)),
        observed.model,
        observed.mapping,
        now=now,
        open_since=moment.started_at if moment.open else None,
    )
    memory = count_hours(memory, observed, now)
    hours = context.service_hours(now)
    memory = memory if memory.schedule == hours else replace(memory, schedule=hours)
    return memory if memory.project_arn == project_arn else replace(memory, project_arn=project_arn)


def _unattended(loop: LoopContext, invocation: InvocationState, now: datetime) -> Unattended | None:
    """From this invocation's last tick until the next invocation begins."""
    if invocation.budget is None:
        return None
    left = invocation.budget - invocation.elapsed - LAST_TICK
    return Unattended(start=now + left if left > LAST_TICK else now, end=now + loop.tick - invocation.elapsed)


def _with_facts(context: PipelineContext, inputs: DecisionInputs, needs: frozenset[Fact]) -> DecisionInputs:
    observed = with_facts(context, inputs.observation, needs, inputs.now)
    memory = after_facts(inputs.memory, observed, inputs.settings, inputs.now)
    memory = count_hours(memory, observed, inputs.now)
    return replace(inputs, observed=observed, memory=memory, facts_read=inputs.facts_read | needs)


def settle(
    tick: Callable[[InvocationState], Report],
    *,
    clock: Clock,
    monotonic: Monotonic,
    sleep: Callable[[float], None],
    budget: timedelta,
) -> Iterator[Report]:
    """Ticks of one invocation: the first at once, then one at each ``next_check`` within the budget.

    So an opening, a closing and a warm-up happen to the second. Without anything due within the budget there
    is no waiting. The budget is counted by ``monotonic`` (seconds), whatever is done to the clock meanwhile.
    """
    began_s = monotonic()
    state = InvocationState(budget=budget)
    while True:
        report = tick(state)
        yield report
        if report.next_check is None:
            return
        # Never longer than was meant, should the clock be set back meanwhile.
        ahead = min(report.next_check - clock(), report.next_check - report.at)
        wait_s = max(ahead.total_seconds(), 0.0)
        if monotonic() - began_s + wait_s > budget.total_seconds():
            return
        sleep(wait_s)
        elapsed = timedelta(seconds=monotonic() - began_s)
        state = replace(state, started=state.started | report.started, elapsed=elapsed)
