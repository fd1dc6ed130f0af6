"""What a tick must at least try, judged by what it was answered: what is left undone costs money or messages.

A duty holds only where the rules can ask for one thing alone, and where nothing allows to wait: a refused
call is a try. Failed starts allow to wait for an hour at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.config.model import Pipeline
from controller.core.states import Desired
from controller.sim.aws.rekognition import STARTABLE
from controller.sim.aws.transport import Call

FIRST_BACKOFF, LONGEST_BACKOFF = timedelta(minutes=5), timedelta(minutes=60)
STALE = timedelta(minutes=1)
"""For so long after a start an answer may be older than the start."""
CAN_CONSUME = frozenset({"Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating"})
RECEIVING = frozenset({"Enabled", "Enabling"})

Desires = Callable[[str, datetime], frozenset[Desired]]
"""What may be desired of a pipeline, by name, at an instant."""
Opened = Callable[[str, datetime], datetime | None]
"""When the opening began that a pipeline, by name, is in at an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a tick was answered of a pipeline (``status`` is ``None`` and ``mapping`` empty where nothing).

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
    """What became of the starts of a pipeline, as far as the controller was answered."""

    clean: bool = True
    failures: int = 0
    failed_at: datetime | None = None
    asked_at: datetime | None = None
    accepted_at: datetime | None = None
    seen_starting: bool = False
    resting_since: datetime | None = None


class Duties:
    def __init__(self, desires: Desires, opened: Opened) -> None:
        self._desires = desires
        self._opened = opened
        self._starts: dict[str, Starts] = {}

    def forget(self) -> None:
        """The controller knows of no start any more."""
        self._starts.clear()

    def unwanted(self, operation: str, name: str, at: datetime) -> str | None:
        """Why a start, a stop or a disable is against what can be desired; ``None`` if it is not."""
        wanted = self._desires(name, at)
        if operation == "start" and wanted == {Desired.OFF}:
            return "started though nothing wants it to run"
        if operation == "stop" and Desired.OFF not in wanted:
            return f"stopped though {_listed(wanted)} is wanted"
        if operation == "disable" and wanted == {Desired.ON}:
            return "disabled while the model was RUNNING and consumption wanted"
        return None

    def too_soon(self, name: str, call: Call, status: str | None) -> str | None:
        """Why a start of a model in ``status`` is too soon after failed ones; and notes the start."""
        starts = self._starts.setdefault(name, Starts())
        if status == "FAILED":
            self._note_failure(starts, call.at)
        self._reset_by_opening(starts, name, call.at)
        said = None
        if starts.failed_at is not None:
            wait = min(FIRST_BACKOFF * 2 ** min(starts.failures - 1, 8), LONGEST_BACKOFF)
            if call.at < starts.failed_at + wait:
                said = f"started {call.at - starts.failed_at} after failed start {starts.failures}"
        starts.asked_at, starts.seen_starting = call.at, False
        starts.accepted_at = call.at if call.error is None else None
        starts.clean = starts.clean and call.error is None
        return said

    def left_undone(self, sight: Sight) -> Iterator[str]:
        self._note(sight)
        wanted = self._desires(sight.pipeline.name, sight.at)
        if Desired.AS_IS in wanted or not sight.mapping:
            return
        if sight.status == "RUNNING":
            yield from _running(sight, wanted)
        elif sight.status in STARTABLE and Desired.OFF not in wanted and self._must_start(sight):
            yield f"not started while it was {sight.status} and {_listed(wanted)} is wanted"

    def _must_start(self, sight: Sight) -> bool:
        budget, starts = sight.pipeline.settings.budget, self._starts[sight.pipeline.name]
        if "start" in sight.tried or sight.mapping not in CAN_CONSUME or not sight.of_sqs:
            return False
        if budget is not None and budget.enforce:
            return False
        waits_since = max((t for t in (starts.asked_at, starts.resting_since) if t), default=sight.at)
        return starts.clean or sight.at - waits_since > LONGEST_BACKOFF

    def _note(self, sight: Sight) -> None:
        starts = self._starts.setdefault(sight.pipeline.name, Starts())
        self._reset_by_opening(starts, sight.pipeline.name, sight.at)
        if sight.status not in STARTABLE:
            starts.resting_since = None
        elif starts.resting_since is None:
            starts.resting_since = sight.at
        match sight.status:
            case "RUNNING":
                starts.clean, starts.failures, starts.failed_at, starts.accepted_at = True, 0, None, None
            case "STARTING":
                starts.seen_starting = True
            case "FAILED":
                starts.clean = False
                self._note_failure(starts, sight.at)
            case _:
                pass

    def _note_failure(self, starts: Starts, at: datetime) -> None:
        own = starts.accepted_at is not None and at - starts.accepted_at > STALE
        if own and starts.seen_starting:
            starts.failures, starts.failed_at = starts.failures + 1, at
            starts.accepted_at = None

    def _reset_by_opening(self, starts: Starts, name: str, at: datetime) -> None:
        opened_at = self._opened(name, at)
        if opened_at is not None and starts.failed_at is not None and starts.failed_at < opened_at:
            starts.failures, starts.failed_at = 0, None


def _running(sight: Sight, wanted: frozenset[Desired]) -> Iterator[str]:
    if not sight.of_sqs and sight.mapping != "ABSENT":
        return
    if Desired.ON not in wanted and sight.mapping in RECEIVING and "disable" not in sight.tried:
        yield f"left {sight.mapping} though {_listed(wanted)} is wanted"
    if wanted == {Desired.OFF} and sight.drained and "stop" not in sight.tried:
        yield "left RUNNING though nothing wants it and its work has ended"
    if wanted == {Desired.ON} and sight.mapping == "Disabled" and "enable" not in sight.tried:
        yield "left Disabled though consumption is wanted"


def _listed(wanted: frozenset[Desired]) -> str:
    return " or ".join(sorted(wanted))
