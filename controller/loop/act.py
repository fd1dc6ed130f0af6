"""Executes the plans of a tick, and finishes each pipeline: its memory is saved, and its report made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias, assert_never

from controller.aws.calls import CallWindow
from controller.aws.codes import is_busy, is_quota
from controller.aws.remedies import format_error
from controller.core.actions import Action, ActionKind, FailureKind, Outcome
from controller.core.memory import Memory
from controller.core.reasons import Reason
from controller.errors import AwsError, TransientError
from controller.loop.context import LoopContext, PipelineContext, PipelineTick, PlannedTick, job_name
from controller.loop.report import PipelineReport, failed_report, pipeline_report

PHASE_S = 4.0
"""The next phase begins when every call of the one before is answered or has taken this long."""
ANSWER_S = 45.0
"""A call that is never answered ends after some 40 seconds, with all its attempts."""
SAVE_S = 8.0

Act: TypeAlias = Callable[[PipelineContext, Action], Outcome]
Save: TypeAlias = Callable[[str, Memory], None]


def execute(context: PipelineContext, action: Action) -> Outcome:
    """The ``Act`` that writes to AWS. AWS refuses what is done already; the next tick then looks again."""
    try:
        _call(context, action)
    except AwsError as error:
        refusal, message = _failure_kind(action.kind, error), format_error(error)
    except Exception as error:  # noqa: BLE001 - S7: no pipeline's failure touches another's tick
        refusal, message = FailureKind.TRANSIENT, f"{type(error).__name__}: {error}"
    else:
        return Outcome(action=action)
    return Outcome(action=action, refusal=refusal, error=message)


def _call(context: PipelineContext, action: Action) -> None:
    model = context.pipeline.model
    match action.kind:
        case ActionKind.DISABLE_MAPPING:
            context.mappings.set_enabled(_uuid(context), enabled=False)
        case ActionKind.ENABLE_MAPPING:
            context.mappings.set_enabled(_uuid(context), enabled=True)
        case ActionKind.START_MODEL:
            context.models.start(model.arn, units=model.inference_units, max_units=model.max_inference_units)
        case ActionKind.STOP_MODEL:
            context.models.stop(action.retired_arn or model.arn)
        case _:
            assert_never(action.kind)


def _uuid(context: PipelineContext) -> str:
    return context.pipeline.own_consumer.event_source_mapping


def _failure_kind(kind: ActionKind, error: AwsError) -> FailureKind:
    if is_busy(error):
        return FailureKind.BUSY
    if kind is ActionKind.START_MODEL and is_quota(error):
        return FailureKind.QUOTA
    return FailureKind.TRANSIENT if isinstance(error, TransientError) else FailureKind.TERMINAL


def finish(
    tick: PipelineTick, outcomes: tuple[Outcome, ...] = (), save: Save | None = None
) -> PipelineReport:
    """The pipeline's report; its memory is saved first if it has changed."""
    report = pipeline_report(tick, outcomes)
    if save is None or not isinstance(tick, PlannedTick) or report.memory == report.before:
        return report
    try:
        save(report.name, report.memory)
    except Exception as error:  # noqa: BLE001 - S7, as around the observation; what was done stays reported
        return failed_report(tick, error, outcomes)
    return report


class Execution:
    """Executes the plans of a tick, a phase at a time and side by side within it.

    Phases are the actions in the order of ``ActionKind``: what protects messages, then what frees a quota,
    then what uses it. A pipeline's own actions keep that order. It is finished as soon as its last action
    has ended. When the tick ends, calls that hang are not repeated any more: their outcome is unknown, and
    the next tick observes what became of them.
    """

    def __init__(self, loop: LoopContext, ticks: dict[str, PipelineTick], act: Act) -> None:
        self._loop = loop
        self._act = act
        self._window = CallWindow()
        self._ticks = ticks
        self._hanging = {
            name
            for name, tick in ticks.items()
            if {job_name("act", tick.context), job_name("save", tick.context)} & loop.workers.busy
        }
        self._planned = {name: _ordered_actions(tick) for name, tick in ticks.items()}
        self._requested: dict[str, list[Action]] = {name: [] for name in ticks}
        self._outcomes: dict[str, list[Outcome]] = {name: [] for name in ticks}
        self._reports: dict[str, PipelineReport] = {}

    def reports(self) -> dict[str, PipelineReport]:
        """Every pipeline's report, by name, when all is done or the tick's time is up."""
        planned = {action.kind for actions in self._planned.values() for action in actions}
        for kind in (each for each in ActionKind if each in planned):
            self._phase(kind)
            self._finish(name for name in self._ticks if not self._remaining(name, self._outcomes[name]))
        self._wait_for_answers()
        self._window.close()
        self._finish(self._ticks)
        return self._reports

    def _phase(self, kind: ActionKind) -> None:
        jobs = {}
        for name in self._by_urgency():
            actions = [action for action in self._planned[name] if action.kind is kind]
            if actions and not self._is_busy(name):
                job = partial(self._window.run, partial(self._execute, name, actions))
                jobs[job_name("act", self._ticks[name].context)] = job
        self._loop.workers.run(jobs, patience_s=PHASE_S, until_s=self._loop.until_s)

    def _by_urgency(self) -> list[str]:
        """In the order of the file, but first those that the tick before did not reach."""
        return sorted(self._ticks, key=lambda name: not _was_not_reached(self._ticks[name]))

    def _is_busy(self, name: str) -> bool:
        """Whether a call of this tick, or of one before, has not been answered."""
        return name in self._hanging or job_name("act", self._ticks[name].context) in self._loop.workers.busy

    def _execute(self, name: str, actions: list[Action]) -> None:
        for action in actions:
            if self._window.closed:
                return
            self._requested[name].append(action)
            self._outcomes[name].append(self._act(self._ticks[name].context, action))

    def _wait_for_answers(self) -> None:
        """Of calls that hang: their outcomes are known in this tick, if they end in time."""
        waiting = {job_name("act", tick.context) for tick in self._ticks.values()} & self._loop.workers.busy
        until_s = self._loop.monotonic() + ANSWER_S
        self._loop.workers.wait(waiting, min(until_s, self._loop.until_s or until_s))

    def _finish(self, names: Iterable[str]) -> None:
        """Makes the reports, and saves the memories of pipelines of which no call hangs."""
        chosen = [name for name in names if name not in self._reports]
        jobs = {
            job_name("save", self._ticks[name].context): partial(
                self._finished, name, self._loop.memories.save
            )
            for name in chosen
            if name not in self._hanging
        }
        saved = self._loop.workers.run(jobs, patience_s=SAVE_S, until_s=self._save_until_s())
        for name in chosen:
            report = saved.get(job_name("save", self._ticks[name].context))
            self._reports[name] = report or self._finished(name, None)

    def _save_until_s(self) -> float | None:
        """What was done is saved even if the tick's time is up."""
        until_s = self._loop.until_s
        return None if until_s is None else max(until_s, self._loop.monotonic()) + SAVE_S

    def _finished(self, name: str, save: Save | None) -> PipelineReport:
        outcomes = tuple(self._outcomes[name])  # once: a thread that hangs may add to it
        missing = (self._missing_outcome(name, action) for action in self._remaining(name, outcomes))
        return finish(self._ticks[name], (*outcomes, *missing), save)

    def _remaining(self, name: str, outcomes: Iterable[Outcome]) -> list[Action]:
        """The planned actions that have no outcome yet."""
        done = {outcome.action for outcome in outcomes}
        return [action for action in self._planned[name] if action not in done]

    def _missing_outcome(self, name: str, action: Action) -> Outcome:
        """That of an action whose call hangs, or was never sent."""
        if action in self._requested[name]:
            refusal, message = (
                FailureKind.TRANSIENT,
                "AWS has not answered; the next tick sees what became of it",
            )
        elif self._is_busy(name):
            refusal, message = (
                FailureKind.NOT_REACHED,
                "not reached: still waiting for an earlier call",
            )
        else:
            refusal, message = FailureKind.NOT_REACHED, "not reached: the tick's time was up"
        return Outcome(action=action, refusal=refusal, error=message)


_RANK = {kind: place for place, kind in enumerate(ActionKind)}


def _ordered_actions(tick: PipelineTick) -> list[Action]:
    actions = tick.plan.actions if isinstance(tick, PlannedTick) else ()
    return sorted(actions, key=lambda action: _RANK[action.kind])


def _was_not_reached(tick: PipelineTick) -> bool:
    if not isinstance(tick, PlannedTick):
        return False
    progressing = tick.before.condition("Progressing")
    return progressing is not None and progressing.reason == Reason.NOT_REACHED
