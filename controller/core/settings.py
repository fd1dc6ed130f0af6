"""The settings of one pipeline that the rules depend on, and the limits of AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.states import Desired

DEFAULT_TICK = timedelta(minutes=5)
DEFAULT_LEAD = timedelta(minutes=30)
STOP_AND_DRAIN = timedelta(minutes=15)
"""What a stop and a drain take beside the lead: a closure no longer than both is not worth a stop."""
DEFAULT_DRAIN = timedelta(minutes=15)
"""The drain's limit where the function's timeout cannot be read: the longest that a function may run.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

LONGEST_TIMEOUT = timedelta(minutes=15)
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
LONGEST_RETENTION = timedelta(days=14)
"""Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""
LONGEST_WINDOW = timedelta(minutes=5)
"""Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"""

READ_INTERVAL_MAX = timedelta(hours=1)
DEFAULT_RESCUE = timedelta(hours=12)
DEFAULT_RETENTION = timedelta(days=4)
"""SQS's own default.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A desired state set by an operator, until ``until`` (aware UTC, exclusive)."""

    desired: Desired
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemand:
    """The model is up only while messages wait, or were in flight within ``idle``."""

    idle: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit of unit-hours per calendar month (UTC): over it, overtime and bridge do not apply.

    ``enforce``: over it, nothing is started either.
    """

    unit_hours_per_month: float
    enforce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The pipeline's keys in the file; ``None`` is ``auto`` of ``warm_up``, ``bridge``, never of ``rescue``.

    ``drain`` of ``None`` is the function's own time. ``retention`` is assumed until the queue has been read.

    ``consumer``: there is a mapping to enable and disable, and a queue behind it. Without one a model is
    stopped when ``drain`` (``None``: at once) has passed since the closing. ``manual_start``: a person starts
    the model.

    ``lines`` maps a key of the pipeline (``hold``, ``warm_up``, …, and ``schedule``, which is always there)
    to its line in the file; ``retention`` is there if the file gives it.
    """

    warm_up: timedelta | None = None
    bridge: timedelta | None = None
    drain: timedelta | None = None
    hold: Hold | None = None
    on_demand: OnDemand | None = None
    overtime: timedelta = timedelta(0)
    rescue: timedelta | None = DEFAULT_RESCUE
    budget: Budget | None = None
    retention: timedelta = DEFAULT_RETENTION
    consumer: bool = True
    manual_start: bool = False
    lines: dict[str, int] = field(default_factory=dict)

    def queue_read_interval(self, retention: timedelta) -> timedelta:
        """How often the queue is read at least: its messages and its retention may be changed at any time.

        A sixteenth of the retention, so that a rescue begins hardly earlier than it must; an hour at most.
        """
        return min(READ_INTERVAL_MAX, retention / 16)

    def rescue_margin(self, retention: timedelta) -> timedelta:
        """How long before a message expires it is rescued, and how long a rescue takes at most."""
        return min(self.rescue or timedelta(0), retention / 4)
