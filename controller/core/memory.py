"""The memory of a pipeline between two ticks, and how observations, facts and outcomes change it.

Losing it is harmless; each field says what follows. Nothing here changes while nothing happens, so that a
steady tick has nothing to write.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import assert_never

from controller.core.actions import ActionKind, Attempt, FailureKind, Outcome
from controller.core.observed import NamedVersions, Observed, QueueCounts
from controller.core.settings import LONGEST_RETENTION, LONGEST_TIMEOUT, READ_INTERVAL_MAX, Budget, Settings
from controller.core.states import MappingState, ModelStatus
from controller.core.timefmt import month_start

START_DURATIONS_KEPT = 20
UNIT_HOURS_INTERVAL = timedelta(hours=1)
"""How often unit-hours are written; so much is counted of a model that stopped between two observations."""
FUNCTION_NOTE_INTERVAL = timedelta(minutes=30)
"""How often the instant of the last read of the function is written: half of the hour for which it counts."""
COUNT_LAG = timedelta(minutes=1)
"""Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html"""

STALE_STATUS_WINDOW = timedelta(minutes=1)
"""For so long after an accepted start, a status from before it is taken for a stale read."""

START_PROVEN_AFTER = timedelta(minutes=15)
"""A model that fails sooner after RUNNING has failed to start."""

BUSY_STARTS_MAX = 3
"""So many starts in a row that were refused because the model is in use count as one that failed."""

UNREADABLE_MODEL = (ModelStatus.UNKNOWN, ModelStatus.UNREADABLE)
UNREADABLE_MAPPING = (MappingState.UNKNOWN, MappingState.UNREADABLE)
MAPPING_IN_TRANSITION = (
    MappingState.CREATING,
    MappingState.ENABLING,
    MappingState.DISABLING,
    MappingState.UPDATING,
)

BACKOFF_FIRST = timedelta(minutes=5)
BACKOFF_MAX = timedelta(minutes=60)
FUTURE_MAX = {"next_start_at": BACKOFF_MAX}
"""How far in the future an instant may lie, by field; no other may lie there at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition as in Kubernetes: ``status`` is ``True``, ``False`` or ``Unknown`` since ``since``."""

    type: str
    status: str
    reason: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The model, mapping and queue that a memory is about; ``None`` where the stored document has none.

    ``model``, ``queue`` and ``retired`` are ARNs, ``mapping`` is a UUID behind its region and account.
    """

    model: str | None = None
    retired: tuple[str, ...] | None = None
    mapping: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """Whether the schedule is open, until when, and when the next opening begins; for other programs.

    Instants are text (``2026-11-23T13:30:00Z``), ``None`` where there is none within 400 days: an API in
    front of the model answers with it while the schedule is closed. The controller does not read it.
    """

    open: bool
    until: str | None
    next_opening: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one pipeline between two ticks, and what follows when a field is lost.

    Instants are aware UTC. A field that is about another model, mapping or queue than ``subject`` counts as
    lost, and so does an instant that lies in the future.
    """

    subject: Subject = Subject()
    project_arn: str | None = None
    """Lost: it is looked up again."""
    start_requested_at: datetime | None = None
    starting_since: datetime | None = None
    """Of the start under way. Lost: it is not measured, and its failure is not counted."""
    start_durations_s: tuple[float, ...] = ()
    """Lost: the lead is the default until starts are measured again."""
    failed_starts: int = 0
    last_failure_at: datetime | None = None
    next_start_at: datetime | None = None
    """Lost: a start is tried at once, once per invocation."""
    busy_starts: int = 0
    busy_start_at: datetime | None = None
    """Starts refused in a row because the model was in use, and when the last one was. Lost: none."""
    running_since: datetime | None = None
    """When RUNNING was first observed after a start by the controller or after failed starts, until the model
    has run for ``START_PROVEN_AFTER``. Lost: an early failure is not counted."""
    stopping_since: datetime | None = None
    moving_since: datetime | None = None
    """Since when the model is STOPPING, and the mapping in transition. Lost: the bounds begin again."""
    attempts: tuple[Attempt, ...] = ()
    """The actions without effect so far. Lost: their bounds begin again."""
    disabled_seen_at: datetime | None = None
    seen_not_disabled: bool = False
    """When Disabled was first observed, and whether another state was observed before. Lost: now, which
    counts only where AWS does not say when the mapping changed."""
    ready_for: str | None = None
    """The desired state and configuration for which the pipeline was Ready. Lost: no drift is reported."""
    last_busy_at: datetime | None = None
    """When messages last waited or were in flight. Lost: now, if the model is up."""
    rescue_since: datetime | None = None
    """When a rescue began. Lost: now."""
    oldest_after: datetime | None = None
    """No message of the queue was enqueued before. Lost: a message may expire at any moment."""
    queue_read_at: datetime | None = None
    retention_s: float | None = None
    """When the queue was last read, to within ``queue_read_interval``; its retention. Lost: read again."""
    function_arn: str | None = None
    function_timeout_s: float | None = None
    function_read_at: datetime | None = None
    """The mapping's function, its timeout, and when it was last read, to within ``FUNCTION_NOTE_INTERVAL``.
    Lost, or an hour old: it is read again when it matters."""
    superseded_since: datetime | None = None
    """Since when the function's environment names this model and no retired version. Lost: now, and a retired
    version that runs is stopped some minutes later."""
    unit_hours: float = 0.0
    counted_to: datetime | None = None
    counted_units: int = 0
    """The unit-hours of the month of ``counted_to`` until then, and the units that run since. Lost: counted
    from now on, and measured by CloudWatch where there is a budget."""
    conditions: tuple[Condition, ...] = ()
    """Lost: their ``since`` is now."""
    schedule: ServiceHours | None = None
    """Lost: written again."""

    def condition(self, type_: str) -> Condition | None:
        return next((condition for condition in self.conditions if condition.type == type_), None)


INSTANT_FIELDS = tuple(field.name for field in fields(Memory) if field.type == "datetime | None")
FIELDS_OF_ALL = ("attempts", "ready_for", "conditions", "schedule")
FIELDS_OF_PROJECT = ("project_arn",)
FIELDS_OF_RETIRED = ("superseded_since",)
FIELDS_OF_MODEL = (
    *("project_arn", "start_requested_at", "starting_since", "start_durations_s"),
    *(
        "failed_starts",
        "last_failure_at",
        "next_start_at",
        "busy_starts",
        "busy_start_at",
        "running_since",
        "stopping_since",
    ),
    *("superseded_since", "unit_hours", "counted_to", "counted_units"),
)
FIELDS_OF_MAPPING = (
    *("moving_since", "disabled_seen_at", "seen_not_disabled"),
    *("function_arn", "function_timeout_s", "function_read_at", "superseded_since"),
)
FIELDS_OF_QUEUE = ("last_busy_at", "rescue_since", "oldest_after", "queue_read_at", "retention_s")
FIELD_MAX: dict[str, float] = {
    "start_durations_s": timedelta(days=1).total_seconds(),
    "failed_starts": 1000,
    "busy_starts": 1000,
    "retention_s": LONGEST_RETENTION.total_seconds(),
    "function_timeout_s": LONGEST_TIMEOUT.total_seconds(),
    "unit_hours": 1e6,
    "counted_units": 1000,
}
"""The greatest number that a field can hold; none is below zero. What is impossible counts as lost."""


def about(memory: Memory, subject: Subject) -> Memory:
    """The memory without what is about another subject; what is ``None`` in ``subject`` is unchanged."""
    was = memory.subject
    now = Subject(
        model=subject.model or was.model,
        retired=was.retired if subject.retired is None else subject.retired,
        mapping=subject.mapping or was.mapping,
        queue=subject.queue or was.queue,
    )
    if now == was and _is_project_of(memory.project_arn, now.model):
        return memory
    lost = (
        *(() if _is_project_of(memory.project_arn, now.model) else FIELDS_OF_PROJECT),
        *((*FIELDS_OF_MODEL, *FIELDS_OF_ALL) if was.model not in (None, now.model) else ()),
        *((*FIELDS_OF_MAPPING, *FIELDS_OF_ALL) if was.mapping not in (None, now.mapping) else ()),
        *(FIELDS_OF_RETIRED if was.retired not in (None, now.retired) else ()),
        *(FIELDS_OF_QUEUE if was.queue not in (None, now.queue) else ()),
    )
    return replace(_without(memory, lost), subject=now)


def _is_project_of(project_arn: str | None, model: str | None) -> bool:
    """Whether it is the model's project: a version's ARN begins with its project's, but for an instant."""
    if project_arn is None or model is None:
        return True
    return project_arn.startswith(f"{model.partition('/version/')[0]}/")


def _without(memory: Memory, names: Collection[str]) -> Memory:
    """With these fields at their defaults."""
    if not names:
        return memory
    defaults: dict[str, object] = {
        field.name: field.default for field in fields(memory) if field.name in names
    }
    return replace(memory, **defaults)  # type: ignore[arg-type]  # each is its field's


def _without_impossible(memory: Memory) -> Memory:
    """Without numbers that are out of bounds, on which arithmetic may overflow."""
    return _without(
        memory, [name for name, most in FIELD_MAX.items() if not _is_within(getattr(memory, name), most)]
    )


def _is_within(value: float | tuple[float, ...] | None, most: float) -> bool:
    if isinstance(value, tuple):
        return all(0 <= item <= most for item in value)
    return value is None or 0 <= value <= most


def count_hours(memory: Memory, observed: Observed, now: datetime) -> Memory:
    """Adds the unit-hours that the model was seen RUNNING: every hour, and when its state changes.

    CloudWatch has them only for models that were trained and started after August 2022.
    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-model-usage.html
    """
    if observed.model in UNREADABLE_MODEL:
        return memory
    units = (observed.units or 1) if observed.model is ModelStatus.RUNNING else 0
    if units == memory.counted_units and not (units and _count_is_due(memory, now)):
        return memory
    until = now if units else min(now, (memory.counted_to or now) + UNIT_HOURS_INTERVAL)
    hours = unit_hours(memory, until) if until >= month_start(now) else 0.0
    return replace(memory, unit_hours=hours, counted_to=now, counted_units=units)


def _count_is_due(memory: Memory, now: datetime) -> bool:
    """Together with the hourly read of the queue, so that both are one write."""
    counted_to = memory.counted_to
    written_anyway = memory.queue_read_at == now and counted_to != now
    return written_anyway or _is_older(counted_to, now - UNIT_HOURS_INTERVAL)


def unit_hours(memory: Memory, now: datetime) -> float:
    """The counted unit-hours of the calendar month of ``now`` (UTC), the run under way included."""
    if memory.counted_to is None:
        return 0.0
    begins_at = month_start(now)
    running = (now - max(memory.counted_to, begins_at)) / timedelta(hours=1) * memory.counted_units
    return (memory.unit_hours if memory.counted_to >= begins_at else 0.0) + running


def billed_unit_hours(memory: Memory, by_metric: float | None, now: datetime) -> float | None:
    """The larger of the own count and CloudWatch's of this month; ``None`` where neither is known.

    An own count of zero is unknown: it may have begun just now.
    """
    counted = unit_hours(memory, now)
    return max(by_metric, counted) if by_metric is not None else counted or None


def is_used_up(budget: Budget, memory: Memory, now: datetime) -> bool:
    return unit_hours(memory, now) >= budget.unit_hours_per_month


def after_observation(
    memory: Memory, model: ModelStatus, mapping: MappingState, *, now: datetime, open_since: datetime | None
) -> Memory:
    """The memory after an observation; ``open_since`` is the start of the opening at ``now``, if any."""
    memory = _after_mapping(_without_future(_without_impossible(memory), now), mapping, now)
    memory = _after_model(memory, model, now)
    memory = _after_transitions(memory, model, mapping, now)
    return _reset_by_opening(memory, open_since)


def after_facts(memory: Memory, observed: Observed, settings: Settings, now: datetime) -> Memory:
    """The memory after the facts that were read in this tick."""
    if observed.queue is not None:
        memory = _after_queue(memory, observed, observed.queue, settings, now)
    if observed.oldest_age is not None:
        memory = _after_age(memory, now - min(observed.oldest_age, LONGEST_RETENTION))
    if observed.unit_hours is not None and settings.budget is not None:
        memory = _after_hours(memory, observed.unit_hours, settings.budget, now)
    if observed.named is not None:
        memory = replace(memory, superseded_since=_superseded_since(memory, observed, observed.named, now))
    if observed.function_timeout is not None:
        memory = _after_function(memory, observed, observed.function_timeout, now)
    return memory


def _after_function(memory: Memory, observed: Observed, timeout: timedelta, now: datetime) -> Memory:
    timeout_s = min(timeout, LONGEST_TIMEOUT).total_seconds()
    same = (memory.function_arn, memory.function_timeout_s) == (observed.function_arn, timeout_s)
    if same and not _is_older(memory.function_read_at, now - FUNCTION_NOTE_INTERVAL):
        return memory
    return replace(
        memory, function_arn=observed.function_arn, function_timeout_s=timeout_s, function_read_at=now
    )


def knows_function(memory: Memory, function_arn: str | None, now: datetime) -> bool:
    """Whether this function was read within the last hour; it may be changed at any time."""
    same = function_arn is not None and function_arn == memory.function_arn
    return same and not _is_older(memory.function_read_at, now - READ_INTERVAL_MAX)


def _after_hours(memory: Memory, by_metric: float, budget: Budget, now: datetime) -> Memory:
    """Once CloudWatch's count is over the budget the own count goes on from it; it is not read again."""
    if by_metric < budget.unit_hours_per_month or is_used_up(budget, memory, now):
        return memory
    return replace(memory, unit_hours=min(by_metric, FIELD_MAX["unit_hours"]), counted_to=now)


def _superseded_since(
    memory: Memory, observed: Observed, named: NamedVersions, now: datetime
) -> datetime | None:
    """An environment of another function, or one read more than an hour ago, proves nothing since."""
    if not named.only_model:
        return None
    known = knows_function(memory, observed.function_arn, now)
    return (memory.superseded_since if known else None) or now


def _after_queue(
    memory: Memory, observed: Observed, queue: QueueCounts, settings: Settings, now: datetime
) -> Memory:
    retention = min(queue.retention, LONGEST_RETENTION)
    every, retention_s = settings.queue_read_interval(retention), retention.total_seconds()
    if _is_older(memory.queue_read_at, now - every) or memory.retention_s != retention_s:
        memory = replace(memory, queue_read_at=now, retention_s=retention_s)
    if settings.on_demand is not None and (
        queue.waiting or queue.in_flight or _idle_begins(memory, observed)
    ):
        memory = replace(memory, last_busy_at=now)
    if queue.empty:
        stale = memory.queue_read_at == now or _is_older(memory.oldest_after, now - every)
        empty_at = now - COUNT_LAG if stale else memory.oldest_after
        return replace(memory, rescue_since=None, oldest_after=empty_at)
    return _after_rescue(memory, observed, queue, now - settings.rescue_margin(retention))


def _idle_begins(memory: Memory, observed: Observed) -> bool:
    """A model that is up, and of which no message is remembered, is idle from now on."""
    return memory.last_busy_at is None and observed.model in (ModelStatus.RUNNING, ModelStatus.STARTING)


def _is_older(at: datetime | None, than: datetime) -> bool:
    """True for ``None``: what has no instant yet gets one now."""
    return at is None or at <= than


def _after_rescue(memory: Memory, observed: Observed, queue: QueueCounts, begun_by: datetime) -> Memory:
    """Ends a rescue that has lasted its time, when only messages in flight are left.

    Every message that was there when it began has been received while the model ran. One that is still there
    fails in the consumer, and no other rescue would help it; one that came later is not in danger yet.
    """
    since = memory.rescue_since
    if since is None or since > begun_by or not observed.consumes or queue.waiting or queue.delayed:
        return memory
    return replace(memory, rescue_since=None, oldest_after=since)


def _after_age(memory: Memory, enqueued_at: datetime) -> Memory:
    """An age only ever moves the bound back: SQS leaves out messages received three times and more.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    if memory.oldest_after is None or memory.oldest_after <= enqueued_at:
        return memory
    return replace(memory, oldest_after=enqueued_at)


def after_outcomes(memory: Memory, outcomes: tuple[Outcome, ...], now: datetime) -> Memory:
    """The memory after this tick's actions."""
    for outcome in outcomes:
        memory = replace(memory, attempts=_with_attempt(memory.attempts, outcome, now))
        if outcome.action.kind is ActionKind.START_MODEL:
            memory = _after_start(memory, outcome, now)
        elif outcome.action.retired_arn is not None and outcome.ok:
            memory = replace(memory, superseded_since=None)
    return memory


def _after_start(memory: Memory, outcome: Outcome, now: datetime) -> Memory:
    """A model that AWS calls in use time and again, and that neither starts nor runs, counts as failed."""
    match outcome.refusal:
        case None:
            return replace(memory, start_requested_at=now, starting_since=now, busy_starts=0)
        case FailureKind.TERMINAL:
            return _after_failed_start(memory, now)
        case FailureKind.BUSY if memory.busy_starts + 1 >= BUSY_STARTS_MAX:
            return _after_failed_start(memory, now)
        case FailureKind.BUSY:
            return replace(memory, busy_starts=memory.busy_starts + 1, busy_start_at=now)
        case FailureKind.TRANSIENT | FailureKind.QUOTA | FailureKind.NOT_REACHED:
            return memory
        case _:
            assert_never(outcome.refusal)


def _with_attempt(attempts: tuple[Attempt, ...], outcome: Outcome, now: datetime) -> tuple[Attempt, ...]:
    """With one more of the same action on the same version, which keeps the instant of the first.

    One that this tick did not reach begins then, too, but is not counted as requested. One that a quota
    refuses begins anew: it is reported as such, and its effect is awaited once it is accepted.
    """
    refused = outcome.refusal is FailureKind.QUOTA
    asked = outcome.refusal is not FailureKind.NOT_REACHED
    same = {each.requested: each for each in attempts}
    before = same.get(outcome.action)
    same[outcome.action] = Attempt(
        action=outcome.action.kind,
        version=outcome.action.retired_arn,
        since=before.since if before is not None and not refused else now,
        count=(before.count if before is not None else 0) + asked,
        error=outcome.error,
    )
    return tuple(same.values())


def _without_future(memory: Memory, now: datetime) -> Memory:
    """Without instants that lie in the future: they were written under another clock, and count as lost.

    An instant has its default again; an attempt or a condition since then is removed.
    """
    lost: dict[str, object] = {name: None for name in INSTANT_FIELDS if _is_ahead(memory, name, now)}
    for name in ("attempts", "conditions"):
        items: tuple[Attempt | Condition, ...] = getattr(memory, name)
        past = tuple(item for item in items if item.since <= now)
        if len(past) < len(items):
            lost[name] = past
    return replace(memory, **lost) if lost else memory  # type: ignore[arg-type]  # each is its field's


def _is_ahead(memory: Memory, name: str, now: datetime) -> bool:
    instant: datetime | None = getattr(memory, name)
    if instant is None or instant <= now:
        return False
    return instant > now + FUTURE_MAX.get(name, timedelta(0))


def _after_mapping(memory: Memory, mapping: MappingState, now: datetime) -> Memory:
    if mapping is MappingState.DISABLED:
        return memory if memory.disabled_seen_at else replace(memory, disabled_seen_at=now)
    if mapping is MappingState.UNREADABLE or (memory.seen_not_disabled and memory.disabled_seen_at is None):
        return memory
    return replace(memory, disabled_seen_at=None, seen_not_disabled=True)


def _after_model(memory: Memory, model: ModelStatus, now: datetime) -> Memory:
    if model in UNREADABLE_MODEL:
        return memory
    memory = _after_running(_without_busy_starts(memory, model), model, now)
    if model is ModelStatus.STARTING:
        return memory if memory.starting_since else replace(memory, starting_since=now)
    if memory.starting_since is None:
        return memory
    if memory.start_requested_at is None:
        return replace(memory, starting_since=None)
    if model is ModelStatus.RUNNING:
        return _after_measured_start(memory, memory.start_requested_at, now)
    if now - memory.start_requested_at < STALE_STATUS_WINDOW:
        return memory
    ended = replace(memory, start_requested_at=None, starting_since=None)
    return _after_failed_start(ended, now) if model is ModelStatus.FAILED else ended


def _without_busy_starts(memory: Memory, model: ModelStatus) -> Memory:
    """The count of starts refused as busy ends when the model is observed STARTING or RUNNING."""
    up = model in (ModelStatus.STARTING, ModelStatus.RUNNING)
    return replace(memory, busy_starts=0) if up and memory.busy_starts else memory


def _after_running(memory: Memory, model: ModelStatus, now: datetime) -> Memory:
    """The count of failed starts ends when the model is stopped or has run for a while, whoever started it.

    It may have been an operator, or a start by the controller whose answer was lost.
    """
    since = memory.running_since
    if since is None and model is ModelStatus.RUNNING and memory.failed_starts:
        return replace(memory, running_since=now)
    if since is None or model is ModelStatus.STARTING:
        return memory
    if model is ModelStatus.RUNNING and now - since < START_PROVEN_AFTER:
        return memory
    ended = replace(memory, running_since=None)
    if model is ModelStatus.FAILED and now - since <= START_PROVEN_AFTER:
        return _after_failed_start(ended, now)
    return replace(ended, failed_starts=0, last_failure_at=None, next_start_at=None)


def _after_transitions(memory: Memory, model: ModelStatus, mapping: MappingState, now: datetime) -> Memory:
    """The same object while the states stay the same, as in most ticks."""
    stopping, moving = memory.stopping_since, memory.moving_since
    if model not in UNREADABLE_MODEL:
        stopping = stopping or now if model is ModelStatus.STOPPING else None
    if mapping not in UNREADABLE_MAPPING:
        moving = moving or now if mapping in MAPPING_IN_TRANSITION else None
    attempts = tuple(each for each in memory.attempts if not _has_effect(each, model, mapping))
    if (stopping, moving, attempts) == (memory.stopping_since, memory.moving_since, memory.attempts):
        return memory
    return replace(memory, stopping_since=stopping, moving_since=moving, attempts=attempts)


def _has_effect(attempt: Attempt, model: ModelStatus, mapping: MappingState) -> bool:
    """Whether the requested state is observed; that of a retired version is not observed here."""
    if attempt.version is not None:
        return False
    match attempt.action:
        case ActionKind.START_MODEL:
            return model is ModelStatus.RUNNING
        case ActionKind.STOP_MODEL:
            return model not in (
                ModelStatus.STARTING,
                ModelStatus.RUNNING,
                ModelStatus.STOPPING,
                *UNREADABLE_MODEL,
            )
        case ActionKind.ENABLE_MAPPING:
            return mapping is MappingState.ENABLED
        case ActionKind.DISABLE_MAPPING:
            return mapping is MappingState.DISABLED
        case _:
            assert_never(attempt.action)


def _after_measured_start(memory: Memory, requested_at: datetime, now: datetime) -> Memory:
    """A start counts until RUNNING is observed: before that, consumption cannot be enabled."""
    duration_s = (now - requested_at).total_seconds()
    return replace(
        memory,
        start_requested_at=None,
        starting_since=None,
        start_durations_s=(*memory.start_durations_s, duration_s)[-START_DURATIONS_KEPT:],
        running_since=now,
    )


def _after_failed_start(memory: Memory, now: datetime) -> Memory:
    failed_starts = memory.failed_starts + 1
    return replace(
        memory,
        failed_starts=failed_starts,
        busy_starts=0,
        last_failure_at=now,
        next_start_at=now + backoff(failed_starts),
    )


def backoff(failed_starts: int) -> timedelta:
    """5, 10, 20, 40, 60, 60 … minutes after the first, second, … failed start in a row."""
    factor = 1 << min(failed_starts - 1, 8)
    return min(BACKOFF_FIRST * factor, BACKOFF_MAX)


def _reset_by_opening(memory: Memory, open_since: datetime | None) -> Memory:
    if open_since is None:
        return memory
    if memory.rescue_since is not None:
        memory = replace(memory, rescue_since=None)
    if memory.busy_starts and (memory.busy_start_at is None or memory.busy_start_at < open_since):
        memory = replace(memory, busy_starts=0)
    if memory.last_failure_at is None or memory.last_failure_at >= open_since:
        return memory
    return replace(memory, failed_starts=0, last_failure_at=None, next_start_at=None)
