"""CloudWatch metrics of an invocation, in the namespace ``RekognitionScheduler``.

Of every pipeline under the dimensions ``service`` and ``pipeline``; and once under ``service`` alone the
worst of all pipelines (the greatest value, of ``Converged`` and ``HoursToExpiry`` the least, of
``DesiredRunning`` both), so that an alarm need not know the pipelines' names, and does not add them up. An
invocation of several ticks emits each metric once.

| metric | unit | of the invocation's last look, unless it says otherwise |
|---|---|---|
| ``Converged`` | Count | 1: observed is what is desired; else 0 |
| ``DesiredRunning`` | Count | 1: ON or WARM is desired; 0: OFF; absent under AS_IS |
| ``Drift`` | Count | 1: the condition Drifted stands; else 0 |
| ``Stalled`` | Count | 1: the condition Stalled stands, and needs action; else 0 |
| ``UnservedMinutes`` | Count | sum: open minutes in which consumption was wanted and not possible |
| ``UnservedStreakMinutes`` | Count | how long consumption has been wanted and not possible, by now |
| ``UnwantedRunningMinutes`` | Count | sum: RUNNING while OFF is desired, beyond the drain and 15 minutes |
| ``OtherVersionsRunning`` | Count | versions of the project that run beside the model, and are paid for |
| ``UnitsRunning`` | Count | inference units of the model while it is RUNNING, as its status says; else 0 |
| ``StartDuration`` | Seconds | when the end of a start was seen: how long it took |
| ``Waiting``, ``InFlight`` | Count | messages of the queue, when the decision needed them |
| ``HoursToExpiry`` | Count | until the oldest message may be lost, when the queue was read and not empty |
| ``ReconcileErrors`` | Count | sum: looks in which a call failed, or that broke down |

Of the invocation as a whole, under ``service`` alone:

| metric | unit | |
|---|---|---|
| ``ConfigurationValid`` | Count | 1: the file is used as it lies there; 0: passed over, doubtful or gone |
| ``EventsFailed`` | Count | attempts to publish transitions that failed; a later tick publishes them |
| ``PipelinesDropped`` | Count | sum: models that the file no longer names and that were last seen running |
| ``DryRun`` | Count | 1: nothing is started, stopped or switched, as ``SCHEDULER_DRY_RUN`` says; else 0 |
| ``Heartbeat`` | Count | 1: an invocation came to its end |

The minutes are those since this process last looked, but never more than a tick, and only as far as the state
has been known to last (the condition's ``since``, the opening's start). So a doubled tick adds the seconds
between the two, the sum over several processes is never more than theirs, and the error is less than a tick
for each time that the state begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.core.observed import Observed
from controller.core.reasons import Reason
from controller.core.settings import DEFAULT_DRAIN, Settings
from controller.core.states import Desired, ModelStatus
from controller.loop.report import PipelineReport
from controller.schedule.model import Moment

NAMESPACE = "RekognitionScheduler"
SERVICE = "rekognition-scheduler"
STOP_GRACE = timedelta(minutes=15)


class Metric(StrEnum):
    CONVERGED = "Converged"
    DESIRED_RUNNING = "DesiredRunning"
    DRIFT = "Drift"
    STALLED = "Stalled"
    UNSERVED_MINUTES = "UnservedMinutes"
    UNSERVED_STREAK_MINUTES = "UnservedStreakMinutes"
    UNWANTED_RUNNING_MINUTES = "UnwantedRunningMinutes"
    OTHER_VERSIONS_RUNNING = "OtherVersionsRunning"
    UNITS_RUNNING = "UnitsRunning"
    START_DURATION = "StartDuration"
    WAITING = "Waiting"
    IN_FLIGHT = "InFlight"
    HOURS_TO_EXPIRY = "HoursToExpiry"
    RECONCILE_ERRORS = "ReconcileErrors"
    CONFIGURATION_VALID = "ConfigurationValid"
    EVENTS_FAILED = "EventsFailed"
    PIPELINES_DROPPED = "PipelinesDropped"
    DRY_RUN = "DryRun"
    HEARTBEAT = "Heartbeat"

    @property
    def unit(self) -> str:
        return "Seconds" if self is Metric.START_DURATION else "Count"


class PipelineMetrics(StrEnum):
    """Which metrics each pipeline has under its own name; CloudWatch bills each of them by the month.

    Under ``service`` alone there is always the worst of every metric, which the alarms read.
    """

    ALL = "all"
    FEW = "few"
    """Whether it is as desired, what keeps it from that, and the units to pay for."""
    NONE = "none"

    def includes(self, metric: Metric) -> bool:
        return self is PipelineMetrics.ALL or (self is PipelineMetrics.FEW and metric in FEW)


FEW = frozenset({Metric.CONVERGED, Metric.STALLED, Metric.UNSERVED_MINUTES, Metric.UNITS_RUNNING})
_LEAST_IS_WORST = frozenset({Metric.CONVERGED, Metric.HOURS_TO_EXPIRY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One pipeline's report in one tick, with what its metrics depend on.

    ``moment`` is the schedule's at that instant; ``last_at`` when this process looked before (``None``:
    never).
    """

    at: datetime
    report: PipelineReport
    moment: Moment
    settings: Settings
    tick: timedelta
    last_at: datetime | None = None

    @property
    def start_s(self) -> float | None:
        """How long the start took whose end this look saw."""
        before, after = self.report.before.start_durations_s, self.report.memory.start_durations_s
        return after[-1] if after and after != before else None

    def wants(self, desired: Desired) -> bool:
        return self.report.desire is not None and self.report.desire.desired is desired

    def minutes(self, *since: datetime | None) -> float:
        """From the last look, or a tick ago, or the latest of ``since``, until this look."""
        bounds = (self.at - self.tick, self.last_at, *since)
        begun = max(bound for bound in bounds if bound is not None)
        return max(self.at - begun, timedelta(0)).total_seconds() / 60


def pipeline_metrics(looks: tuple[Sample, ...]) -> dict[Metric, float]:
    """Of one pipeline in one invocation, which looked at least once."""
    last = looks[-1].report
    values: dict[Metric, float] = {
        Metric.CONVERGED: last.holds("Ready"),
        Metric.DRIFT: last.holds("Drifted"),
        Metric.STALLED: last.holds("Stalled"),
        Metric.UNSERVED_MINUTES: sum(map(unserved_minutes, looks)),
        Metric.UNSERVED_STREAK_MINUTES: unserved_streak_minutes(looks[-1]),
        Metric.UNWANTED_RUNNING_MINUTES: sum(map(unwanted_minutes, looks)),
        Metric.RECONCILE_ERRORS: sum(look.report.failed for look in looks),
    }
    for look in looks:
        values |= _seen(look)
    return values


def worst(every: Iterable[Mapping[Metric, float]]) -> dict[Metric, tuple[float, ...]]:
    """The metrics of all pipelines under ``service`` alone; one that no pipeline has is left out."""
    found: dict[Metric, list[float]] = {}
    for values in every:
        for metric, value in values.items():
            found.setdefault(metric, []).append(value)
    return {metric: _worst(metric, of_all) for metric, of_all in found.items()}


def _worst(metric: Metric, values: list[float]) -> tuple[float, ...]:
    """Two values in one datapoint are its minimum and its maximum."""
    if metric is Metric.DESIRED_RUNNING:
        return min(values), max(values)
    return (min(values) if metric in _LEAST_IS_WORST else max(values),)


def unserved_minutes(look: Sample) -> float:
    """The minutes of this tick in which consumption was wanted and not possible."""
    since = _unserved_since(look)
    return 0 if since is None else look.minutes(since)


def unserved_streak_minutes(look: Sample) -> float:
    """The minutes since consumption was last possible, or was first wanted; 0 if it is possible now.

    One pipeline's length, not a sum over ticks: several pipelines that are late one after another do not add
    up to one that is late for long.
    """
    since = _unserved_since(look)
    return 0 if since is None else max(look.at - since, timedelta(0)).total_seconds() / 60


def _unserved_since(look: Sample) -> datetime | None:
    """What cannot be read is not known to be unserved; it counts as an error."""
    ready = look.report.condition("Ready")
    if ready is None or ready.status != "False" or not look.moment.open or not look.wants(Desired.ON):
        return None
    if _waits_for_a_person(look):
        return None
    return max(since for since in (ready.since, look.moment.started_at) if since is not None)


def _waits_for_a_person(look: Sample) -> bool:
    """``start: manual``, and nobody has started the model yet: that is no failure of this controller."""
    progressing = look.report.condition("Progressing")
    return progressing is not None and progressing.reason == Reason.MANUAL_START


def unwanted_minutes(look: Sample) -> float:
    seen, ready = look.report.observed, look.report.condition("Ready")
    if seen is None or seen.model is not ModelStatus.RUNNING or not look.wants(Desired.OFF) or ready is None:
        return 0
    closed_at = None if look.moment.open else look.moment.started_at
    off_at = max(ready.since, closed_at) if closed_at is not None else ready.since
    return look.minutes(off_at + max(look.settings.drain or DEFAULT_DRAIN, DEFAULT_DRAIN) + STOP_GRACE)


def _seen(look: Sample) -> dict[Metric, float]:
    seen, values = look.report.observed, dict[Metric, float]()
    if look.wants(Desired.ON) or look.wants(Desired.WARM):
        values[Metric.DESIRED_RUNNING] = 1
    elif look.wants(Desired.OFF):
        values[Metric.DESIRED_RUNNING] = 0
    if look.start_s is not None:
        values[Metric.START_DURATION] = look.start_s
    if seen is not None and seen.model is not ModelStatus.UNREADABLE:
        values[Metric.OTHER_VERSIONS_RUNNING] = len(seen.others)
        # Rekognition's own metric does not exist for models that were trained before August 2022.
        values[Metric.UNITS_RUNNING] = (seen.units or 1) if seen.model is ModelStatus.RUNNING else 0
    if seen is not None and seen.queue is not None:
        values |= {Metric.WAITING: seen.queue.waiting, Metric.IN_FLIGHT: seen.queue.in_flight}
        age = _oldest_age(look, seen)
        if age is not None and not seen.queue.empty:
            left = max(seen.queue.retention - age, timedelta(0))
            values[Metric.HOURS_TO_EXPIRY] = left / timedelta(hours=1)
    return values


def _oldest_age(look: Sample, seen: Observed) -> timedelta | None:
    """How old a message may be: CloudWatch's age leaves out those received three times and more.

    No message is older than when the queue was last seen empty, which is not used while an opening consumes:
    a busy queue is seldom seen empty.
    """
    oldest_after = look.report.memory.oldest_after
    if oldest_after is None or (look.moment.open and seen.consumes):
        return seen.oldest_age
    return max(look.at - oldest_after, seen.oldest_age or timedelta(0))
