"""The rules: what is desired, and why. The first that applies decides.

A rule is a pure function from the situation to a verdict. A verdict that depends on a fact which nobody has
read yet is neither yes nor no; it names the fact. A fact that was asked for and could not be read is decided
for the rule's safe side, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.inputs import ENOUGH_STARTS, DecisionInputs, Fact
from controller.core.memory import is_used_up
from controller.core.observed import QueueCounts
from controller.core.settings import LONGEST_RETENTION, Hold, OnDemand
from controller.core.states import Desired, ModelStatus
from controller.core.timefmt import in_hours, in_minutes, utc

AGE_DELAY = timedelta(minutes=20)
"""How old an age may be: of a queue that was seen empty since, it tells of a message that is gone.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
"""

RESTART = timedelta(minutes=15)
"""What a stop and a drain take beside the lead: a closure no longer than both is not worth a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """``desired`` is what the rule asks for; ``None`` if it does not apply.

    ``applies`` is ``None`` until the facts of ``needs`` are read; ``until`` is when the verdict may change by
    the passing of time alone (aware UTC); ``line`` is the rule's in the file.
    """

    rule: str
    applies: bool | None
    reason: str
    desired: Desired | None = None
    until: datetime | None = None
    line: int | None = None
    needs: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredState:
    """The first verdict that is not no. While it depends on ``needs``, ``desired`` is what it would be.

    ``until`` is when the rules may decide otherwise with the queue and the model as they are.
    """

    desired: Desired
    rule: str
    reason: str
    until: datetime | None = None
    needs: frozenset[Fact] = frozenset()

    @property
    def consume(self) -> bool | None:
        """``None`` where it is not decided here: hands off, or dependent on the queue."""
        return None if self.needs or self.desired is Desired.AS_IS else self.desired is Desired.ON


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """A rule giving its verdict: no, yes, or that it must be told more."""

    rule: str
    line: int | None

    def no(self, reason: str, until: datetime | None = None) -> RuleResult:
        return RuleResult(rule=self.rule, line=self.line, applies=False, reason=reason, until=until)

    def yes(self, desired: Desired, reason: str, until: datetime | None = None) -> RuleResult:
        return RuleResult(
            rule=self.rule, line=self.line, applies=True, desired=desired, reason=reason, until=until
        )

    def ask(self, reason: str, *needs: Fact, until: datetime | None = None) -> RuleResult:
        return RuleResult(
            rule=self.rule,
            line=self.line,
            applies=None,
            desired=Desired.ON,
            reason=reason,
            until=until,
            needs=frozenset(needs),
        )


def _voice(situation: DecisionInputs, rule: str) -> _Voice:
    """Of a rule that has a key in the pipeline's YAML."""
    return _Voice(rule=rule, line=situation.settings.lines.get(rule.replace("-", "_")))


def hold(situation: DecisionInputs) -> RuleResult:
    voice, held = _voice(situation, "hold"), situation.settings.hold
    if held is None:
        return voice.no("no hold")
    if situation.now >= held.until:
        return voice.no(f"the hold ended at {utc(held.until)}")
    return voice.yes(held.desired, _held(held), held.until)


def _held(held: Hold) -> str:
    why = f": {held.reason}" if held.reason else ""
    return f"held {held.desired.value.lower().replace('_', '-')} until {utc(held.until)}{why}"


def opening(situation: DecisionInputs) -> RuleResult:
    moment = situation.moment
    voice = _Voice(rule="open", line=moment.line)
    if not moment.open:
        return voice.no(moment.reason, moment.ends_at)
    if situation.settings.on_demand is not None:
        return _on_demand(situation, situation.settings.on_demand)
    return voice.yes(Desired.ON, moment.reason, moment.ends_at)


def _on_demand(situation: DecisionInputs, on_demand: OnDemand) -> RuleResult:
    voice = _Voice(rule="open", line=situation.settings.lines.get("on_demand"))
    ends_at, queue = situation.moment.ends_at, _queue(situation)
    if Fact.COUNTS not in situation.facts_read:
        return voice.ask("on demand: ON while messages wait, else OFF", Fact.COUNTS, until=ends_at)
    if queue is None:
        return voice.yes(
            Desired.ON, "on demand, but the queue cannot be read: as if messages waited", ends_at
        )
    if queue.waiting or queue.in_flight:
        reason = f"on demand: {queue.waiting} messages wait, {queue.in_flight} are in flight"
        return voice.yes(Desired.ON, reason, ends_at)
    busy_at, idle = _last_busy_at(situation), on_demand.idle
    if busy_at is not None and situation.now < busy_at + idle:
        reason = f"on demand: the last message was seen at {utc(busy_at)}, less than {in_minutes(idle)} ago"
        return voice.yes(Desired.ON, reason, _first(ends_at, busy_at + idle))
    return voice.yes(Desired.OFF, f"on demand: no message for {in_minutes(idle)}", ends_at)


def _last_busy_at(situation: DecisionInputs) -> datetime | None:
    """Where it is not remembered, a model that is up was busy just now, and one that is down was not."""
    remembered = situation.memory.last_busy_at
    return situation.now if remembered is None and _is_up(situation) else remembered


def warm_up(situation: DecisionInputs) -> RuleResult:
    """A lead before an opening; a tick earlier if the next tick would come too late for that."""
    voice, moment, opens_at = _voice(situation, "warm-up"), situation.moment, situation.moment.ends_at
    if moment.open or opens_at is None:
        return voice.no("the schedule is open" if moment.open else "no opening ahead")
    if situation.settings.on_demand is not None:
        return voice.no("not with on_demand")
    begins_at = opens_at - situation.lead
    if situation.now + situation.tick <= begins_at:
        return voice.no(f"{_lead(situation).removesuffix(',')}: begins at {utc(begins_at)}", begins_at)
    until = _first(opens_at, moment.explicit_changes_at)
    reason = f"{_lead(situation)} before the opening at {utc(opens_at)}"
    if moment.explicit:
        return voice.yes(Desired.WARM, f"{reason}; no consumption: {moment.reason}", until)
    return voice.yes(Desired.ON, reason, until)


def _lead(situation: DecisionInputs) -> str:
    minutes = f"lead {in_minutes(situation.lead)}"
    if situation.settings.warm_up is not None:
        return minutes
    measured = len(situation.memory.start_durations_s)
    if measured < ENOUGH_STARTS:
        return f"{minutes} (the default: {measured} of {ENOUGH_STARTS} starts measured)"
    return f"{minutes}: 90th percentile of {measured} starts,"


def bridge(situation: DecisionInputs) -> RuleResult:
    voice, moment, limit = _voice(situation, "bridge"), situation.moment, _bridge_limit(situation)
    if moment.open or moment.started_at is None or moment.ends_at is None:
        return voice.no("the schedule is open" if moment.open else "no closure between two openings")
    length, until = moment.ends_at - moment.started_at, _first(moment.ends_at, moment.explicit_changes_at)
    if length > limit:
        return voice.no(f"the closure is longer than {in_minutes(limit)}")
    if moment.explicit:
        return voice.no(f"not in an explicit closure: {moment.reason}", until)
    if not _is_up(situation):
        return voice.no("the model is not up", until)
    reason = f"the closure of {in_minutes(length)} is no longer than {in_minutes(limit)}"
    return _within_budget(situation, voice, voice.yes(Desired.ON, reason, until))


def _bridge_limit(situation: DecisionInputs) -> timedelta:
    given = situation.settings.bridge
    return given if given is not None else situation.lead + RESTART


def _is_up(situation: DecisionInputs) -> bool:
    """Where nobody looked, the opening before a closure has left the model running."""
    observed = situation.observed
    return observed is None or observed.model in (ModelStatus.RUNNING, ModelStatus.STARTING)


def overtime(situation: DecisionInputs) -> RuleResult:
    voice, moment, length = _voice(situation, "overtime"), situation.moment, situation.settings.overtime
    if not length:
        return voice.no("no overtime")
    if moment.open or moment.explicit or moment.started_at is None:
        return voice.no("the schedule is open" if moment.open else "not in an explicit closure")
    ends_at = moment.started_at + length
    if situation.now >= ends_at:
        return voice.no(f"{in_minutes(length)} after the closing are over")
    if situation.observed is not None and not situation.observed.consumes:
        return voice.no("consumption is not on")
    return _overtime_by_queue(situation, voice, ends_at)


def _overtime_by_queue(situation: DecisionInputs, voice: _Voice, ends_at: datetime) -> RuleResult:
    queue, until = _queue(situation), _first(ends_at, situation.moment.explicit_changes_at)
    if Fact.COUNTS not in situation.facts_read:
        return voice.ask(f"while messages wait, until {utc(ends_at)} at most", Fact.COUNTS, until=until)
    if queue is None or not queue.waiting:
        return voice.no("the queue cannot be read" if queue is None else "no message waits")
    reason = f"{queue.waiting} messages wait; until {utc(ends_at)} at most"
    return _within_budget(situation, voice, voice.yes(Desired.ON, reason, until))


def _within_budget(situation: DecisionInputs, voice: _Voice, verdict: RuleResult) -> RuleResult:
    """``verdict`` unless the month is over its budget; where that cannot be read, as if it were not."""
    match over_budget(situation):
        case None:
            return voice.ask(verdict.reason, Fact.HOURS, until=verdict.until)
        case True:
            return voice.no("the month's budget of unit-hours is used up")
        case False:
            return verdict


def over_budget(situation: DecisionInputs) -> bool | None:
    """Whether this month (UTC) is over its budget; ``None`` until that is read."""
    budget, observed = situation.settings.budget, situation.observed
    if budget is None:
        return False
    if is_used_up(budget, situation.memory, situation.now):
        return True
    if Fact.HOURS not in situation.facts_read:
        return None
    hours = observed.unit_hours if observed is not None else None
    return hours is not None and hours >= budget.unit_hours_per_month


def rescue(situation: DecisionInputs) -> RuleResult:
    """ON while a message may expire within the margin, by what is known for certain of the oldest.

    Every message was enqueued after the queue was last seen empty: that alone pushes a rescue back. An age
    leaves out messages received three times and more, so it only brings one forward. Where the queue was
    never seen empty, any message may expire at any moment.
    """
    voice, ends_at = _voice(situation, "rescue"), rescue_ends_at(situation)
    if situation.settings.rescue is None:
        return voice.no("never")
    if situation.moment.open:
        return voice.no("the schedule is open")
    if situation.observed is None:
        return _rescue_as_scheduled(situation, voice)
    if situation.observed.queue_missing:
        return voice.no("the queue does not exist")
    if ends_at is not None and situation.now < ends_at:
        return _rescue_goes_on(situation, voice, ends_at)
    in_danger_at = _in_danger_at(situation, situation.memory.oldest_after)
    if in_danger_at is not None and situation.now < in_danger_at:
        return _rescue_not_yet(situation, voice, in_danger_at)
    return _rescue_begins(situation, voice)


def rescue_ends_at(situation: DecisionInputs) -> datetime | None:
    """When the last rescue of this closure has had its time, if the queue is not empty before."""
    since = situation.memory.rescue_since
    return None if since is None else since + rescue_margin(situation)


def _in_danger_at(situation: DecisionInputs, oldest_after: datetime | None) -> datetime | None:
    """When a message may first be within the margin of its end, if none was enqueued before that instant."""
    safe_for = retention(situation) - rescue_margin(situation)
    return None if oldest_after is None else oldest_after + safe_for


def _rescue_as_scheduled(situation: DecisionInputs, voice: _Voice) -> RuleResult:
    """Where nobody looked, the opening before the closure has left an empty queue."""
    in_danger_at = _in_danger_at(situation, situation.moment.started_at)
    if in_danger_at is not None and situation.now < in_danger_at:
        return voice.no(f"no message is in danger before {utc(in_danger_at)}", in_danger_at)
    return voice.ask(f"ON if a message expires within {in_hours(rescue_margin(situation))}", Fact.COUNTS)


def _rescue_goes_on(situation: DecisionInputs, voice: _Voice, ends_at: datetime) -> RuleResult:
    if Fact.COUNTS not in situation.facts_read:
        return voice.ask("until the queue is empty", Fact.COUNTS, until=ends_at)
    since = utc(ends_at - rescue_margin(situation))
    return voice.yes(Desired.ON, f"since {since}, until the queue is empty or {utc(ends_at)}", ends_at)


def _rescue_not_yet(situation: DecisionInputs, voice: _Voice, in_danger_at: datetime) -> RuleResult:
    """When it is noted that the queue holds messages, their age is read too: it may tell of an older one."""
    queue, memory, now = _queue(situation), situation.memory, situation.now
    holds = queue is not None and not queue.empty and memory.queue_read_at == now
    settled = memory.oldest_after is not None and now - memory.oldest_after >= AGE_DELAY
    if holds and settled and Fact.AGE not in situation.facts_read:
        return voice.ask("ON if a message is older than was known", Fact.AGE, until=in_danger_at)
    return voice.no(f"no message is in danger before {utc(in_danger_at)}", in_danger_at)


def _rescue_begins(situation: DecisionInputs, voice: _Voice) -> RuleResult:
    if Fact.COUNTS not in situation.facts_read:
        return voice.ask(
            f"ON if a message may expire within {in_hours(rescue_margin(situation))}", Fact.COUNTS
        )
    queue, oldest_after = _queue(situation), situation.memory.oldest_after
    if queue is None:
        return _rescue_unseen(situation, voice)
    if queue.empty:
        return voice.no("no message waits")
    if oldest_after is None:
        return voice.yes(Desired.ON, "messages wait, and the queue was not seen empty yet: any may expire")
    age, kept = in_hours(situation.now - oldest_after), in_hours(retention(situation))
    return voice.yes(Desired.ON, f"a message may be {age} old, and expires after {kept}")


def _rescue_unseen(situation: DecisionInputs, voice: _Voice) -> RuleResult:
    """The queue cannot be read: an age tells, else the closure's length, once."""
    if Fact.AGE not in situation.facts_read:
        return voice.ask("the queue cannot be read; ON if a message is in danger by its age", Fact.AGE)
    age = situation.observed.oldest_age if situation.observed is not None else None
    if age is not None and age >= retention(situation) - rescue_margin(situation):
        reason = (
            f"the oldest message is {in_hours(age)} old, and expires after {in_hours(retention(situation))}"
        )
        return voice.yes(Desired.ON, reason)
    had_its_time, closed_since = rescue_ends_at(situation), situation.moment.started_at
    if had_its_time is not None:
        reason = f"the queue cannot be read, and the rescue until {utc(had_its_time)} has had its time"
        return voice.no(reason)
    in_danger_at = _in_danger_at(situation, closed_since)
    if in_danger_at is not None and situation.now < in_danger_at:
        reason = (
            f"the queue cannot be read; by the closure's length none is in danger before {utc(in_danger_at)}"
        )
        return voice.no(reason, in_danger_at)
    return voice.yes(Desired.ON, "the queue cannot be read; by the closure's length messages may expire")


def rescue_margin(situation: DecisionInputs) -> timedelta:
    """How long before a message expires it is rescued, and how long a rescue takes at most."""
    return situation.settings.rescue_margin(retention(situation))


def retention(situation: DecisionInputs) -> timedelta:
    """The queue's own where it has been read, else what the file assumes."""
    read_s = situation.memory.retention_s
    known = situation.settings.retention if read_s is None else timedelta(seconds=read_s)
    return min(known, LONGEST_RETENTION)


def closed(situation: DecisionInputs) -> RuleResult:
    moment = situation.moment
    voice = _Voice(rule="closed", line=moment.line)
    if moment.open:
        return voice.no(moment.reason)
    return voice.yes(Desired.OFF, moment.reason, _first(moment.ends_at, moment.explicit_changes_at))


Rule = Callable[[DecisionInputs], RuleResult]

RULES: tuple[Rule, ...] = (hold, opening, warm_up, bridge, overtime, rescue, closed)


def desire(situation: DecisionInputs) -> DesiredState:
    """What is desired now. Rules behind the first that applies, or that must be informed, are not asked."""
    until: datetime | None = None
    for rule in RULES:
        verdict = rule(situation)
        if verdict.until is not None and verdict.until > situation.now:
            until = _first(until, verdict.until)
        if verdict.desired is not None:
            return DesiredState(
                desired=verdict.desired,
                rule=verdict.rule,
                reason=verdict.reason,
                until=until,
                needs=verdict.needs,
            )
    raise AssertionError("a schedule is either open or closed, so the last rule applies when no other does")


def verdicts(situation: DecisionInputs) -> tuple[RuleResult, ...]:
    """Every rule's verdict, in order: the account of ``explain``."""
    return tuple(rule(situation) for rule in RULES)


def _queue(situation: DecisionInputs) -> QueueCounts | None:
    return situation.observed.queue if situation.observed is not None else None


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
