"""The rules that determine the desired state, with a reason. The first that applies decides.

A rule is a pure function of the inputs. A result that depends on a fact which has not been read yet is
neither yes nor no; it names the fact. For a fact that was requested and could not be read the rule takes its
safe side, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.core.inputs import MEASURED_STARTS_MIN, DecisionInputs, Fact
from controller.core.memory import is_used_up
from controller.core.observed import QueueCounts
from controller.core.settings import LONGEST_RETENTION, STOP_AND_DRAIN, Hold, OnDemand
from controller.core.states import Desired, ModelStatus
from controller.core.timefmt import in_hours, in_minutes, utc

AGE_LAG = timedelta(minutes=20)
"""How late CloudWatch's age may be: it may be that of a message which is gone since.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
"""


class RuleName(StrEnum):
    """The rules in the order of precedence."""

    HOLD = "hold"
    OPEN = "open"
    WARM_UP = "warm-up"
    BRIDGE = "bridge"
    OVERTIME = "overtime"
    RESCUE = "rescue"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """Whether one rule applies, and the state that it desires: ``None`` if it does not apply.

    ``applies`` is ``None`` until the facts of ``needs`` are read; ``until`` is when the result may change by
    the passing of time alone (aware UTC); ``line`` is the rule's in the file.
    """

    rule: RuleName
    applies: bool | None
    reason: str
    desired: Desired | None = None
    until: datetime | None = None
    line: int | None = None
    needs: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredState:
    """The result of the first rule that applies or may apply.

    While it depends on ``needs``, ``desired`` is what it would be.
    ``until`` is when the rules may decide otherwise with the queue and the model as they are.
    """

    desired: Desired
    rule: RuleName
    reason: str
    until: datetime | None = None
    needs: frozenset[Fact] = frozenset()
    consumer: bool = True

    @property
    def consume(self) -> bool | None:
        """Whether to consume messages; ``None`` for AS_IS, until facts are read, or without a consumer."""
        undecided = self.needs or self.desired is Desired.AS_IS or not self.consumer
        return None if undecided else self.desired is Desired.ON


def _no(inputs: DecisionInputs, rule: RuleName, reason: str, until: datetime | None = None) -> RuleResult:
    return RuleResult(rule=rule, line=_line(inputs, rule), applies=False, reason=reason, until=until)


def _yes(
    inputs: DecisionInputs, rule: RuleName, desired: Desired, reason: str, until: datetime | None = None
) -> RuleResult:
    line = _line(inputs, rule)
    return RuleResult(rule=rule, line=line, applies=True, desired=desired, reason=reason, until=until)


def _needs(
    inputs: DecisionInputs, rule: RuleName, reason: str, fact: Fact, until: datetime | None = None
) -> RuleResult:
    return RuleResult(
        rule=rule,
        line=_line(inputs, rule),
        applies=None,
        desired=Desired.ON,
        reason=reason,
        until=until,
        needs=frozenset({fact}),
    )


def _line(inputs: DecisionInputs, rule: RuleName) -> int | None:
    """The schedule's for ``open`` and ``closed``, else that of the pipeline's key, if it is written."""
    lines, moment = inputs.settings.lines, inputs.moment
    if rule is RuleName.OPEN and moment.open and inputs.settings.on_demand is not None:
        return lines.get("on_demand")
    return moment.line if rule in (RuleName.OPEN, RuleName.CLOSED) else lines.get(rule.replace("-", "_"))


def hold(inputs: DecisionInputs) -> RuleResult:
    held = inputs.settings.hold
    if held is None:
        return _no(inputs, RuleName.HOLD, "no hold")
    if inputs.now >= held.until:
        return _no(inputs, RuleName.HOLD, f"the hold ended at {utc(held.until)}")
    return _yes(inputs, RuleName.HOLD, held.desired, _held(held), held.until)


def _held(held: Hold) -> str:
    why = f": {held.reason}" if held.reason else ""
    return f"held {held.desired.value.lower().replace('_', '-')} until {utc(held.until)}{why}"


def opening(inputs: DecisionInputs) -> RuleResult:
    moment = inputs.moment
    if not moment.open:
        return _no(inputs, RuleName.OPEN, moment.reason, moment.ends_at)
    if inputs.settings.on_demand is not None:
        return _on_demand(inputs, inputs.settings.on_demand)
    return _yes(inputs, RuleName.OPEN, Desired.ON, moment.reason, moment.ends_at)


def _on_demand(inputs: DecisionInputs, on_demand: OnDemand) -> RuleResult:
    ends_at, queue = inputs.moment.ends_at, _queue(inputs)
    if Fact.COUNTS not in inputs.facts_read:
        return _needs(
            inputs, RuleName.OPEN, "on demand: ON while messages wait, else OFF", Fact.COUNTS, until=ends_at
        )
    if queue is None:
        return _yes(
            inputs,
            RuleName.OPEN,
            Desired.ON,
            "on demand, but the queue cannot be read: as if messages waited",
            ends_at,
        )
    if queue.waiting or queue.in_flight:
        reason = f"on demand: {queue.waiting} messages wait, {queue.in_flight} are in flight"
        return _yes(inputs, RuleName.OPEN, Desired.ON, reason, ends_at)
    busy_at, idle = _last_busy_at(inputs), on_demand.idle
    if busy_at is not None and inputs.now < busy_at + idle:
        reason = f"on demand: no message since {utc(busy_at)}, less than {in_minutes(idle)} ago"
        return _yes(inputs, RuleName.OPEN, Desired.ON, reason, _first(ends_at, busy_at + idle))
    return _yes(inputs, RuleName.OPEN, Desired.OFF, f"on demand: no message for {in_minutes(idle)}", ends_at)


def _last_busy_at(inputs: DecisionInputs) -> datetime | None:
    """Where it is not remembered: now, if the model is up."""
    remembered = inputs.memory.last_busy_at
    return inputs.now if remembered is None and _is_up(inputs) else remembered


def warm_up(inputs: DecisionInputs) -> RuleResult:
    """A lead before an opening; at the last tick before that, where no tick can happen just then."""
    moment, opens_at = inputs.moment, inputs.moment.ends_at
    if moment.open or opens_at is None:
        return _no(inputs, RuleName.WARM_UP, "the schedule is open" if moment.open else "no opening ahead")
    if inputs.settings.on_demand is not None:
        return _no(inputs, RuleName.WARM_UP, "not with on_demand")
    begins_at = opens_at - inputs.lead
    starts_at = _attended(inputs, begins_at)
    if inputs.now < starts_at:
        return _no(
            inputs,
            RuleName.WARM_UP,
            f"{_lead(inputs).removesuffix(',')}: begins at {utc(begins_at)}",
            starts_at,
        )
    until = _first(opens_at, moment.explicit_changes_at)
    reason = f"{_lead(inputs)} before the opening at {utc(opens_at)}"
    if moment.explicit:
        return _yes(
            inputs, RuleName.WARM_UP, Desired.WARM, f"{reason}; no consumption: {moment.reason}", until
        )
    return _yes(inputs, RuleName.WARM_UP, Desired.ON, reason, until)


def _attended(inputs: DecisionInputs, at: datetime) -> datetime:
    """The last instant up to ``at`` at which a tick can happen."""
    away = inputs.unattended
    return away.start if away is not None and away.start < at < away.end else at


def _lead(inputs: DecisionInputs) -> str:
    minutes = f"lead {in_minutes(inputs.lead)}"
    if inputs.settings.warm_up is not None:
        return minutes
    measured = len(inputs.memory.start_durations_s)
    if measured < MEASURED_STARTS_MIN:
        return f"{minutes} (the default: {measured} of {MEASURED_STARTS_MIN} starts measured)"
    return f"{minutes}: 90th percentile of {measured} starts,"


def bridge(inputs: DecisionInputs) -> RuleResult:
    moment, limit = inputs.moment, _bridge_limit(inputs)
    if moment.open or moment.started_at is None or moment.ends_at is None:
        return _no(
            inputs,
            RuleName.BRIDGE,
            "the schedule is open" if moment.open else "no closure between two openings",
        )
    length, until = moment.ends_at - moment.started_at, _first(moment.ends_at, moment.explicit_changes_at)
    if length > limit:
        return _no(inputs, RuleName.BRIDGE, f"the closure is longer than {in_minutes(limit)}")
    if moment.explicit:
        return _no(inputs, RuleName.BRIDGE, f"not in an explicit closure: {moment.reason}", until)
    if not _is_up(inputs):
        return _no(inputs, RuleName.BRIDGE, "the model is not up", until)
    reason = f"the closure of {in_minutes(length)} is no longer than {in_minutes(limit)}"
    return _within_budget(inputs, _yes(inputs, RuleName.BRIDGE, Desired.ON, reason, until))


def _bridge_limit(inputs: DecisionInputs) -> timedelta:
    given = inputs.settings.bridge
    return given if given is not None else inputs.lead + STOP_AND_DRAIN


def _is_up(inputs: DecisionInputs) -> bool:
    """Without an observation, the opening before the closure is assumed to have left the model running."""
    observed = inputs.observed
    return observed is None or observed.model in (ModelStatus.RUNNING, ModelStatus.STARTING)


def overtime(inputs: DecisionInputs) -> RuleResult:
    moment, length = inputs.moment, inputs.settings.overtime
    if not length:
        return _no(
            inputs, RuleName.OVERTIME, "no overtime" if inputs.settings.consumer else "there is no queue"
        )
    if moment.open or moment.explicit or moment.started_at is None:
        return _no(
            inputs, RuleName.OVERTIME, "the schedule is open" if moment.open else "not in an explicit closure"
        )
    ends_at = moment.started_at + length
    if inputs.now >= ends_at:
        return _no(inputs, RuleName.OVERTIME, f"{in_minutes(length)} after the closing are over")
    if inputs.observed is not None and not inputs.observed.consumes:
        return _no(inputs, RuleName.OVERTIME, "consumption is not on")
    return _overtime_by_queue(inputs, ends_at)


def _overtime_by_queue(inputs: DecisionInputs, ends_at: datetime) -> RuleResult:
    queue, until = _queue(inputs), _first(ends_at, inputs.moment.explicit_changes_at)
    if Fact.COUNTS not in inputs.facts_read:
        return _needs(
            inputs,
            RuleName.OVERTIME,
            f"while messages wait, until {utc(ends_at)} at most",
            Fact.COUNTS,
            until=until,
        )
    if queue is None or not queue.waiting:
        return _no(
            inputs, RuleName.OVERTIME, "the queue cannot be read" if queue is None else "no message waits"
        )
    reason = f"{queue.waiting} messages wait; until {utc(ends_at)} at most"
    return _within_budget(inputs, _yes(inputs, RuleName.OVERTIME, Desired.ON, reason, until))


def _within_budget(inputs: DecisionInputs, result: RuleResult) -> RuleResult:
    """``result`` unless the month is over its budget; a budget that cannot be read counts as kept."""
    match over_budget(inputs):
        case None:
            return _needs(inputs, result.rule, result.reason, Fact.HOURS, until=result.until)
        case True:
            return _no(inputs, result.rule, "the month's budget of unit-hours is used up")
        case False:
            return result


def over_budget(inputs: DecisionInputs) -> bool | None:
    """Whether this month (UTC) is over its budget; ``None`` until that is read."""
    budget, observed = inputs.settings.budget, inputs.observed
    if budget is None:
        return False
    if is_used_up(budget, inputs.memory, inputs.now):
        return True
    if Fact.HOURS not in inputs.facts_read:
        return None
    hours = observed.unit_hours if observed is not None else None
    return hours is not None and hours >= budget.unit_hours_per_month


def rescue(inputs: DecisionInputs) -> RuleResult:
    """ON while a message may expire within the margin, by the bound on the age of the oldest.

    Every message was enqueued after the queue was last observed empty: only that delays a rescue. The age in
    CloudWatch leaves out messages received three times and more, so it can only bring a rescue forward. If
    the queue was never observed empty, any message may expire at any moment.
    """
    ends_at = rescue_ends_at(inputs)
    if not inputs.settings.consumer:
        return _no(inputs, RuleName.RESCUE, "there is no queue")
    if inputs.settings.rescue is None:
        return _no(inputs, RuleName.RESCUE, "never")
    if inputs.moment.open:
        return _no(inputs, RuleName.RESCUE, "the schedule is open")
    if inputs.observed is None:
        return _rescue_as_scheduled(inputs)
    if inputs.observed.queue_missing:
        return _no(inputs, RuleName.RESCUE, "the queue does not exist")
    if ends_at is not None and inputs.now < ends_at:
        return _rescue_goes_on(inputs, ends_at)
    in_danger_at = _in_danger_at(inputs, inputs.memory.oldest_after)
    if in_danger_at is not None and inputs.now < in_danger_at:
        return _rescue_not_yet(inputs, in_danger_at)
    return _rescue_begins(inputs)


def rescue_ends_at(inputs: DecisionInputs) -> datetime | None:
    """When the last rescue of this closure ends at the latest."""
    since = inputs.memory.rescue_since
    return None if since is None else since + rescue_margin(inputs)


def _in_danger_at(inputs: DecisionInputs, oldest_after: datetime | None) -> datetime | None:
    """From when a message may be within the margin, if none was enqueued before."""
    safe_for = retention(inputs) - rescue_margin(inputs)
    return None if oldest_after is None else oldest_after + safe_for


def _rescue_as_scheduled(inputs: DecisionInputs) -> RuleResult:
    """Without an observation, the opening before the closure is assumed to have left an empty queue."""
    in_danger_at = _in_danger_at(inputs, inputs.moment.started_at)
    if in_danger_at is not None and inputs.now < in_danger_at:
        return _no(inputs, RuleName.RESCUE, f"no message in danger before {utc(in_danger_at)}", in_danger_at)
    return _needs(
        inputs,
        RuleName.RESCUE,
        f"ON if a message expires within {in_hours(rescue_margin(inputs))}",
        Fact.COUNTS,
    )


def _rescue_goes_on(inputs: DecisionInputs, ends_at: datetime) -> RuleResult:
    if Fact.COUNTS not in inputs.facts_read:
        return _needs(inputs, RuleName.RESCUE, "until the queue is empty", Fact.COUNTS, until=ends_at)
    since = utc(ends_at - rescue_margin(inputs))
    return _yes(
        inputs,
        RuleName.RESCUE,
        Desired.ON,
        f"since {since}, until the queue is empty or {utc(ends_at)}",
        ends_at,
    )


def _rescue_not_yet(inputs: DecisionInputs, in_danger_at: datetime) -> RuleResult:
    """When the queue holds messages and its read is stored, their age is read too: one may be older."""
    queue, memory, now = _queue(inputs), inputs.memory, inputs.now
    holds = queue is not None and not queue.empty and memory.queue_read_at == now
    settled = memory.oldest_after is not None and now - memory.oldest_after >= AGE_LAG
    if holds and settled and Fact.AGE not in inputs.facts_read:
        return _needs(
            inputs, RuleName.RESCUE, "ON if a message is older than was known", Fact.AGE, until=in_danger_at
        )
    return _no(inputs, RuleName.RESCUE, f"no message in danger before {utc(in_danger_at)}", in_danger_at)


def _rescue_begins(inputs: DecisionInputs) -> RuleResult:
    if Fact.COUNTS not in inputs.facts_read:
        return _needs(
            inputs,
            RuleName.RESCUE,
            f"ON if a message may expire within {in_hours(rescue_margin(inputs))}",
            Fact.COUNTS,
        )
    queue, oldest_after = _queue(inputs), inputs.memory.oldest_after
    if queue is None:
        return _rescue_unseen(inputs)
    if queue.empty:
        return _no(inputs, RuleName.RESCUE, "no message waits")
    if oldest_after is None:
        return _yes(
            inputs,
            RuleName.RESCUE,
            Desired.ON,
            "messages wait, and the queue was not seen empty yet: any may expire",
        )
    age, kept = in_hours(inputs.now - oldest_after), in_hours(retention(inputs))
    return _yes(inputs, RuleName.RESCUE, Desired.ON, f"a message may be {age} old, and expires after {kept}")


def _rescue_unseen(inputs: DecisionInputs) -> RuleResult:
    """The queue cannot be read: decided by CloudWatch's age, else by the closure's length, once."""
    if Fact.AGE not in inputs.facts_read:
        return _needs(
            inputs,
            RuleName.RESCUE,
            "the queue cannot be read; ON if a message is in danger by its age",
            Fact.AGE,
        )
    age = inputs.observed.oldest_age if inputs.observed is not None else None
    if age is not None and age >= retention(inputs) - rescue_margin(inputs):
        reason = f"the oldest message is {in_hours(age)} old, and expires after {in_hours(retention(inputs))}"
        return _yes(inputs, RuleName.RESCUE, Desired.ON, reason)
    had_its_time, closed_since = rescue_ends_at(inputs), inputs.moment.started_at
    if had_its_time is not None:
        reason = f"the queue cannot be read, and the rescue until {utc(had_its_time)} has had its time"
        return _no(inputs, RuleName.RESCUE, reason)
    in_danger_at = _in_danger_at(inputs, closed_since)
    if in_danger_at is not None and inputs.now < in_danger_at:
        reason = (
            f"the queue cannot be read; by the closure's length none is in danger before {utc(in_danger_at)}"
        )
        return _no(inputs, RuleName.RESCUE, reason, in_danger_at)
    return _yes(
        inputs,
        RuleName.RESCUE,
        Desired.ON,
        "the queue cannot be read; by the closure's length messages may expire",
    )


def rescue_margin(inputs: DecisionInputs) -> timedelta:
    """How long before a message expires it is rescued, and how long a rescue takes at most."""
    return inputs.settings.rescue_margin(retention(inputs))


def retention(inputs: DecisionInputs) -> timedelta:
    """The queue's own, if it has been read, else the file's."""
    read_s = inputs.memory.retention_s
    known = inputs.settings.retention if read_s is None else timedelta(seconds=read_s)
    return min(known, LONGEST_RETENTION)


def closed(inputs: DecisionInputs) -> RuleResult:
    moment = inputs.moment
    if moment.open:
        return _no(inputs, RuleName.CLOSED, moment.reason)
    return _yes(
        inputs,
        RuleName.CLOSED,
        Desired.OFF,
        moment.reason,
        _first(moment.ends_at, moment.explicit_changes_at),
    )


RULES: tuple[Callable[[DecisionInputs], RuleResult], ...] = (
    hold,
    opening,
    warm_up,
    bridge,
    overtime,
    rescue,
    closed,
)


def desired_state(inputs: DecisionInputs) -> DesiredState:
    """The result of the first rule that applies, or whose facts are not read yet."""
    until: datetime | None = None
    for rule in RULES:
        result = rule(inputs)
        if result.until is not None and result.until > inputs.now:
            until = _first(until, result.until)
        if result.desired is not None:
            return DesiredState(
                desired=result.desired,
                rule=result.rule,
                reason=result.reason,
                until=until,
                needs=result.needs,
                consumer=inputs.settings.consumer,
            )
    raise AssertionError("a schedule is either open or closed, so the last rule applies when no other does")


def evaluate_rules(inputs: DecisionInputs) -> tuple[RuleResult, ...]:
    """Every rule's result, in the order of precedence, for ``explain``."""
    return tuple(rule(inputs) for rule in RULES)


def _queue(inputs: DecisionInputs) -> QueueCounts | None:
    return inputs.observed.queue if inputs.observed is not None else None


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
