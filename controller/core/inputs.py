"""The inputs of a decision about one pipeline at one instant, and what follows from them: lead, drain."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from controller.core.memory import Memory, knows_function
from controller.core.observed import Observed
from controller.core.settings import DEFAULT_DRAIN, DEFAULT_LEAD, LONGEST_WINDOW, Settings
from controller.core.states import Drain, MappingState
from controller.schedule.model import Moment

SHORTEST_LEAD = timedelta(minutes=5)
LONGEST_LEAD = timedelta(minutes=45)
MEASURED_STARTS_MIN = 5
ENABLE_DURATION = timedelta(minutes=1)
"""A mapping takes up to so long to be Enabled once the model is observed RUNNING; AWS names no time."""
CLOCK_SKEW_MAX = timedelta(seconds=90)
"""An instant of AWS that lies further ahead of this clock is not used."""

POLLING_AFTER_DISABLED = timedelta(minutes=2)
"""For so long after a mapping became Disabled, pollers may still deliver messages.

AWS says so of EventBridge Pipes, which poll SQS the same way.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-start-stop.html
"""

COUNTS_VALID_AFTER = POLLING_AFTER_DISABLED + timedelta(minutes=1)
"""From so long after Disabled, zero in flight proves a drain: pollers have ended, and counts lag a minute.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

POST_INVOCATION_MARGIN = timedelta(seconds=60)
"""After the function's end, Lambda may need up to a minute to delete or release the batch."""


class Fact(StrEnum):
    """Something that is read from AWS only when a decision needs it."""

    COUNTS = "counts"
    """Messages waiting, in flight and delayed, and the queue's retention."""
    AGE = "age"
    """Of the oldest message."""
    HOURS = "hours"
    """Unit-hours billed in this month."""
    FUNCTION = "function"
    """The timeout of the mapping's function, and which versions its environment names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattended:
    """The time ``[start, end)`` (aware UTC) between this invocation's last tick and the next invocation."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInputs:
    """Everything that the decision about one pipeline may depend on.

    ``observed`` is ``None`` where AWS was not read (``explain``): the model is taken to be as scheduled.
    ``facts_read`` are the facts that were requested, whether or not they could be read. ``started``: this
    invocation has requested a start already. ``units`` and ``max_units`` are the file's. ``fingerprint``
    identifies the configuration; ``degraded`` is its error, if the newest version has one. No tick can happen
    while the pipeline is ``unattended`` (``None``: one can happen at any instant).
    """

    now: datetime
    settings: Settings
    moment: Moment
    observed: Observed | None = None
    memory: Memory = field(default_factory=Memory)
    unattended: Unattended | None = None
    facts_read: frozenset[Fact] = frozenset()
    started: bool = False
    units: int = 1
    max_units: int | None = None
    fingerprint: str = ""
    degraded: str | None = None

    @property
    def observation(self) -> Observed:
        """``observed``, for what is decided only where AWS was observed.

        Raises:
            ValueError: nothing was observed.
        """
        if self.observed is None:
            raise ValueError("a plan is made of an observation")
        return self.observed

    @property
    def units_differ(self) -> bool:
        """Units change only with a stop and a start."""
        return (self.observation.units, self.observation.max_units) != (self.units, self.max_units)

    @property
    def lead(self) -> timedelta:
        return self.settings.warm_up if self.settings.warm_up is not None else learned_lead(self)


def learned_lead(inputs: DecisionInputs) -> timedelta:
    """The 90th percentile (nearest rank) of the measured starts, and the mapping's transition after it.

    It is the default until five starts are measured.
    """
    measured = inputs.memory.start_durations_s
    if len(measured) < MEASURED_STARTS_MIN:
        return DEFAULT_LEAD
    rank = math.ceil(0.9 * len(measured))
    lead = timedelta(seconds=sorted(measured)[rank - 1]) + ENABLE_DURATION
    return min(max(lead, SHORTEST_LEAD), LONGEST_LEAD)


def drain_limit(inputs: DecisionInputs) -> timedelta:
    """After so long off no invocation can run: pollers, batching window, the function's timeout, a minute.

    A smaller ``drain`` in the file is raised to it. Where the function could not be read within the hour, it
    is at least the file's ``drain``, or else the longest timeout of any function.
    """
    given, own = inputs.settings.drain, _own_time(inputs)
    if knows_own_function(inputs):
        return max(given or timedelta(0), own)
    return max(given if given is not None else DEFAULT_DRAIN, own)


def knows_own_function(inputs: DecisionInputs) -> bool:
    """Whether the function's timeout need not be read in this tick."""
    memory = inputs.memory
    known = knows_function(memory, inputs.observation.function_arn, inputs.now)
    return known and memory.function_timeout_s is not None


def _own_time(inputs: DecisionInputs) -> timedelta:
    """Zero where the mapping's function is not remembered."""
    observed, memory = inputs.observation, inputs.memory
    if memory.function_timeout_s is None or observed.function_arn != memory.function_arn:
        return timedelta(0)
    window = min(observed.batching_window, LONGEST_WINDOW)
    timeout = timedelta(seconds=memory.function_timeout_s)
    return POLLING_AFTER_DISABLED + window + timeout + POST_INVOCATION_MARGIN


def off_since(inputs: DecisionInputs) -> datetime:
    """When a mapping became Disabled: the later of AWS's instant and that of the first observation.

    The first observation counts only if another state was observed before: else it is merely when observation
    began. It counts alone where AWS gives no instant, or one that lies well ahead: this clock is then behind,
    and a drain that waited for that instant would keep the model running for as long.
    """
    seen_at = inputs.memory.disabled_seen_at or inputs.now
    changed_at = inputs.observation.mapping_changed_at
    if changed_at is None or changed_at > inputs.now + CLOCK_SKEW_MAX:
        return seen_at
    return max(seen_at, changed_at) if inputs.memory.seen_not_disabled else changed_at


def callers_end_at(inputs: DecisionInputs) -> datetime | None:
    """When a model without a consumer may be stopped after a closing; ``None`` where nothing has closed."""
    moment = inputs.moment
    if moment.open or moment.started_at is None:
        return None
    return moment.started_at + (inputs.settings.drain or timedelta(0))


def drain(inputs: DecisionInputs) -> Drain:
    """Whether the consumer's work in flight has ended.

    Without a consumer the callers have ``drain`` of the file from the closing on. A mapping that is ABSENT
    has nothing to drain. Messages of failed receives stay in flight for their whole visibility timeout, so
    the limit is what ends a drain under failure.
    """
    observed = inputs.observation
    if observed.mapping is MappingState.NONE:
        stops_at = callers_end_at(inputs)
        return Drain.DRAINED if stops_at is None or inputs.now >= stops_at else Drain.DRAINING
    if observed.mapping is MappingState.ABSENT:
        return Drain.DRAINED
    if observed.mapping is not MappingState.DISABLED:
        return Drain.DRAINING
    quiet = inputs.now - off_since(inputs)
    if quiet >= drain_limit(inputs):
        return Drain.DRAINED
    empty = observed.queue is not None and observed.queue.in_flight == 0
    return Drain.DRAINED if quiet >= COUNTS_VALID_AFTER and empty else Drain.DRAINING
