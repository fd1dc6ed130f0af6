"""What a simulation tells: the money, the messages, the time, and what was violated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.sim.aws.faults import Faults

BACKLOG_EVERY = timedelta(minutes=15)
"""How often the backlog is counted."""


class Activity(StrEnum):
    """What a pipeline does, as a person sees it on a timeline; one at a time."""

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
    """``[start, end)``, aware UTC."""

    start: datetime
    end: datetime
    activity: Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """``waiting`` counts those still in the queue at the end, in flight and delayed ones too.

    ``…_by_controller`` are those that the controller could have avoided: a dead-lettered message is if any of
    its failed receives was.
    """

    arrived: int
    processed: int
    failed_receives: int
    dead_lettered: int
    expired: int
    waiting: int
    failed_receives_by_controller: int = 0
    dead_lettered_by_controller: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """``rule`` is one of the monitor's (S1 to S8, AS_IS, ONCE, LEFT, …); ``at`` is aware UTC."""

    rule: str
    at: datetime
    pipeline: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResult:
    """Minutes are of the schedule's openings.

    ``unserved`` are open minutes in which consumption was wanted and not possible. ``delays_s`` holds the
    median and the 99th percentile of the time from arrival to success (seconds), ``None`` without any.
    ``spans`` is the timeline, complete and without gaps; ``always_on_usd`` what the same units cost around
    the clock. ``backlog`` counts the messages waiting or in flight at the start and every ``BACKLOG_EVERY``
    after it; ``vain`` is when messages were received while the model could not answer.
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
    vain: tuple[tuple[datetime, datetime], ...] = ()
    rounded_unit_hours: float = 0.0
    consumer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """``[start, end)`` in aware UTC; ``ticks`` counts every look, those within a settle budget too."""

    start: datetime
    end: datetime
    seed: int
    ticks: int
    faults: Faults | None
    pipelines: tuple[PipelineResult, ...]
