"""The result of a simulation: cost, messages, time and violations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.sim.aws.faults import Faults

BACKLOG_EVERY = timedelta(minutes=15)
"""How often the backlog is counted."""


class Activity(StrEnum):
    """What a pipeline does at a time, as a timeline shows it."""

    STOPPED = "stopped"
    STARTING = "starting"
    """Not billed yet."""
    IDLE = "running, not consuming"
    """Billed: warm, draining, or without its consumer."""
    CONSUMING = "consuming"
    STOPPING = "stopping"
    DOWN = "down"
    """FAILED, or anything else that can neither serve nor is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The interval ``[start, end)`` of one activity, aware UTC."""

    start: datetime
    end: datetime
    activity: Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Counts of messages; ``waiting`` are those still in the queue at the end, in flight and delayed too."""

    arrived: int
    processed: int
    failed_receives: int
    dead_lettered: int
    expired: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that a call or a tick broke: S1 to S8, AS_IS, ONCE, LEFT, …; ``at`` is aware UTC."""

    rule: str
    at: datetime
    pipeline: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResult:
    """The result for one pipeline; minutes are of the schedule's openings.

    ``unserved`` are open minutes in which consumption was wanted and not possible. ``delays_s`` holds the
    median and the 99th percentile of the time from arrival to success (seconds), ``None`` without any.
    ``spans`` is the timeline, complete and without gaps; ``always_on_usd`` what the same units cost around
    the clock. ``backlog`` counts the messages waiting or in flight at the start and every ``BACKLOG_EVERY``
    after it; ``receiving_without_model`` is when messages were received while the model was not RUNNING.
    Without a ``consumer`` there are no messages, and ``messages`` counts none.
    ``rounded_unit_hours`` is a second bill, by begun hours of every run: AWS does not say how it rounds.
    """

    name: str
    timezone: str
    open_minutes: float
    served_minutes: float
    unserved_minutes: float
    billed_unit_hours: float
    cost_usd: float
    always_on_usd: float
    starts: int
    failed_starts: int
    messages: Messages
    delays_s: tuple[float, float] | None
    violations: tuple[Violation, ...]
    spans: tuple[Span, ...]
    backlog: tuple[int, ...] = ()
    receiving_without_model: tuple[tuple[datetime, datetime], ...] = ()
    rounded_unit_hours: float = 0.0
    consumer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The result for all pipelines over ``[start, end)``, aware UTC.

    ``ticks`` counts those in settle budgets too.
    """

    start: datetime
    end: datetime
    seed: int
    ticks: int
    faults: Faults | None
    pipelines: tuple[PipelineResult, ...]
