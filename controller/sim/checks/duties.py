"""What a tick must at least try, given what AWS answered it: what is left undone costs money or messages.

A duty holds only where the rules can ask for one thing alone, and where nothing allows waiting: a refused
call counts as tried. Failed starts allow waiting for an hour at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.config.model import Pipeline
from controller.core.states import Desired
from controller.sim.aws.rekognition import STARTABLE
from controller.sim.aws.transport import SentCall

FIRST_BACKOFF, LONGEST_BACKOFF = timedelta(minutes=5), timedelta(minutes=60)
STALE = timedelta(minutes=1)
"""How long after a start an answer may be older than the start."""
PROVEN = timedelta(minutes=15)
"""A model that fails within so long of RUNNING has failed to start."""
BUSY_STARTS = 3
"""So many starts in a row that are refused as the model is in use count as one that failed."""
TERMINAL = frozenset({"AccessDeniedException", "InvalidParameterException", "ResourceNotFoundException"})
"""What no later start overcomes.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartProjectVersion.html
"""
CAN_CONSUME = frozenset({"Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating"})
NO_CONSUMER = "none"
"""In place of a mapping's state, where the pipeline has none."""
RECEIVING = frozenset({"Enabled", "Enabling"})

Desires = Callable[[str, datetime], frozenset[Desired]]
"""What may be desired of a pipeline, by name, at an instant."""
Opened = Callable[[str, datetime], datetime | None]
"""When the opening began that a pipeline, by name, is in at an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickAnswers:
    """What AWS answered a tick about a pipeline (no answer: ``status`` is ``None``, ``mapping`` empty).

    ``drained`` says that no reading of the drain is left by which the work in flight may still go on;
    ``tried`` are the operations that were tried, ``enable`` and ``disable`` for the two ways of an update.
    """

    at: datetime
    pipeline: Pipeline
    status: str | None
    mapping: str
    of_sqs: bool
    drained: bool
    tried: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Starts:
    """The starts of the model ``arn``, and how they ended, as far as AWS answered the controller.

    ``accepted_at`` is when the start was accepted whose end was not seen yet, and ``running_since`` when the
    model was first seen RUNNING after it, or after failed ones. ``resting_since`` is when it was first seen
    at rest after it was up, or after the last start that was accepted. ``busy`` starts in a row were refused
    as the model was in use. ``failures`` are those that count for certain, ``clean``: none may count.
    """

    arn: str
    clean: bool = True
    failures: int = 0
    failed_at: datetime | None = None
    busy: int = 0
    asked_at: datetime | None = None
    accepted_at: datetime | None = None
    seen_starting: bool = False
    running_since: datetime | None = None
    resting_since: datetime | None = None

    def see(self, status: str, at: datetime) -> None:
        """Note an answer with the model's status."""
        match status:
            case "STARTING":
                self.seen_starting, self.resting_since, self.busy = True, None, 0
            case "RUNNING":
                self._see_running(at)
            case _:
                self._see_down(status, at)

    def _see_running(self, at: datetime) -> None:
        if self.running_since is None and (self.accepted_at is not None or self.failures):
            self.running_since = at
        elif self.running_since is not None and at - self.running_since >= PROVEN:
            self._end_row()
        self.clean, self.busy, self.accepted_at, self.resting_since = True, 0, None, None

    def _see_down(self, status: str, at: datetime) -> None:
        """A status from within a minute after a start may be older than the start."""
        ended = self.accepted_at is not None and at - self.accepted_at >= STALE
        if self.running_since is not None:
            self._end_run(status, at)
        elif ended and status == "FAILED" and self.seen_starting:
            self._fail(at)
        if ended:
            self.accepted_at = None
        if status == "FAILED":
            self.clean = False
        if status not in STARTABLE:
            self.resting_since = None
        elif ended or self.resting_since is None:
            self.resting_since = at

    def _end_run(self, status: str, at: datetime) -> None:
        died_early = status == "FAILED" and at - (self.running_since or at) <= PROVEN
        self.running_since = None
        if died_early:
            self._fail(at)
        else:
            self._end_row()

    def ask(self, call: SentCall) -> None:
        """Note a call that starts the model; a refused one does not end an earlier start."""
        self.asked_at, self.seen_starting = call.at, False
        if call.error is None:
            self.accepted_at, self.busy = call.at, 0
            return
        self.clean = False
        self.busy += call.code == "ResourceInUseException"
        if call.code in TERMINAL or self.busy == BUSY_STARTS:
            self._fail(call.at)

    def _fail(self, at: datetime) -> None:
        self.failures, self.failed_at, self.busy = self.failures + 1, at, 0

    def _end_row(self) -> None:
        self.failures, self.failed_at, self.running_since = 0, None, None

    def reset_by_opening(self, opened_at: datetime | None) -> None:
        if opened_at is None:
            return
        if self.failed_at is not None and self.failed_at < opened_at:
            self.failures, self.failed_at = 0, None
        if self.asked_at is not None and self.asked_at < opened_at:
            self.busy = 0

    def may_wait(self, at: datetime, opened_at: datetime | None) -> bool:
        """Whether a start may have failed, or may have been refused, so lately that the next one can wait."""
        tried = [instant for instant in (self.asked_at, self.resting_since) if instant is not None]
        if self.clean or not tried or at - max(tried) > LONGEST_BACKOFF:
            return False
        return opened_at is None or max(tried) >= opened_at


class Duties:
    """Judges what a tick did against what could be desired, pipeline by pipeline."""

    def __init__(self, desires: Desires, opened: Opened) -> None:
        self._desires = desires
        self._opened = opened
        self._starts: dict[str, Starts] = {}

    def forget(self) -> None:
        """The controller lost its memory of all starts."""
        self._starts.clear()

    def unwanted(self, operation: str, name: str, at: datetime) -> str | None:
        """Why a start, a stop or a disable contradicts what can be desired; ``None`` if it does not."""
        wanted = self._desires(name, at)
        if operation == "start" and wanted == {Desired.OFF}:
            return "started though nothing wants it to run"
        if operation == "stop" and Desired.OFF not in wanted:
            return f"stopped though {_listed(wanted)} is wanted"
        if operation == "disable" and wanted == {Desired.ON}:
            return "disabled while the model was RUNNING and consumption wanted"
        return None

    def too_soon(self, pipeline: Pipeline, call: SentCall, status: str | None) -> str | None:
        """Why a start of a model in ``status`` is too soon after failed ones; the start is noted."""
        starts = self._seen(pipeline, status, call.at)
        reason = None
        if starts.failed_at is not None:
            wait = min(FIRST_BACKOFF * 2 ** min(starts.failures - 1, 8), LONGEST_BACKOFF)
            if call.at < starts.failed_at + wait:
                reason = f"started {call.at - starts.failed_at} after failed start {starts.failures}"
        starts.ask(call)
        return reason

    def left_undone(self, answers: TickAnswers) -> Iterator[str]:
        starts = self._seen(answers.pipeline, answers.status, answers.at)
        wanted = self._desires(answers.pipeline.name, answers.at)
        if Desired.AS_IS in wanted or not answers.mapping:
            return
        if answers.status == "RUNNING":
            yield from _running(answers, wanted)
        elif answers.status in STARTABLE and Desired.OFF not in wanted and self._must_start(answers, starts):
            yield f"not started while it was {answers.status} and {_listed(wanted)} is wanted"

    def _must_start(self, answers: TickAnswers, starts: Starts) -> bool:
        budget = answers.pipeline.settings.budget
        may_consume = answers.mapping in CAN_CONSUME and answers.of_sqs
        if "start" in answers.tried or not (may_consume or answers.mapping == NO_CONSUMER):
            return False
        if answers.pipeline.settings.manual_start:
            return False
        if budget is not None and budget.enforce:
            return False
        return not starts.may_wait(answers.at, self._opened(answers.pipeline.name, answers.at))

    def _seen(self, pipeline: Pipeline, status: str | None, at: datetime) -> Starts:
        """The starts of the pipeline's model, with the present answer noted."""
        starts = self._starts.get(pipeline.name)
        if starts is None or starts.arn != pipeline.model.arn:
            starts = self._starts[pipeline.name] = Starts(arn=pipeline.model.arn)
        if status is not None:
            starts.see(status, at)
        starts.reset_by_opening(self._opened(pipeline.name, at))
        return starts


def _running(answers: TickAnswers, wanted: frozenset[Desired]) -> Iterator[str]:
    if not answers.of_sqs and answers.mapping != "ABSENT":
        return
    if Desired.ON not in wanted and answers.mapping in RECEIVING and "disable" not in answers.tried:
        yield f"left {answers.mapping} though {_listed(wanted)} is wanted"
    if wanted == {Desired.OFF} and answers.drained and "stop" not in answers.tried:
        yield "left RUNNING though nothing wants it and its work has ended"
    if wanted == {Desired.ON} and answers.mapping == "Disabled" and "enable" not in answers.tried:
        yield "left Disabled though consumption is wanted"


def _listed(wanted: frozenset[Desired]) -> str:
    return " or ".join(sorted(wanted))
