"""``explain``: what is desired at an instant, and rule by rule why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import context, load
from controller.cli.options import AtOption, ConfigOption, JsonOption, PipelineArgument
from controller.cli.render.terminal import line, say, say_json, table
from controller.cli.render.tick import power
from controller.cli.render.times import at, begin
from controller.core.rules import DesiredState, RuleResult, desired_state, evaluate_rules
from controller.core.settings import Budget
from controller.core.timefmt import compact, day, interval, local, local_and_utc
from controller.loop.context import PipelineContext
from controller.loop.report import desired, instant
from controller.schedule.model import Moment

TimelineOption = Annotated[
    bool, typer.Option("--timeline", help="Tell the whole local date of that instant, stretch by stretch.")
]
CHANGES_FOLLOWED_MAX = 50
"""So many changes of what the rules look at are followed in search of one that decides otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    pipeline: str
    file: str
    zone: ZoneInfo
    at: datetime
    desire: DesiredState
    verdicts: tuple[RuleResult, ...]
    moment: Moment
    next_change: datetime | None
    """The schedule's."""
    next_decision: tuple[datetime, DesiredState] | None
    enforced: Budget | None
    """A limit, and no rule: how many hours were billed is not known here."""


@command_boundary
def explain(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: PipelineArgument = None,
    when: AtOption = None,
    timeline: TimelineOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Say what is desired, and rule by rule why."""
    now: datetime = ctx.obj.clock()
    loaded = load(config, ctx.obj.clients)
    chosen = context(loaded, pipeline)
    instant_ = at(when, chosen.schedule.zone, now)
    if timeline:
        return _tell_day(chosen, instant_, as_json)
    account = _account(chosen, loaded.file, instant_)
    if as_json:
        say_json(_json(account))
    else:
        _say(account)
    return Exit.FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredSpan:
    """``[start, end)`` of a date in which the same is desired for the same reason."""

    start: datetime
    end: datetime
    desire: DesiredState
    moment: Moment


def _day(chosen: PipelineContext, when: datetime) -> tuple[DesiredSpan, ...]:
    """The stages of the local date that holds ``when``, the model and the queue being as scheduled."""
    zone = chosen.schedule.zone
    date_ = when.astimezone(zone).date()
    at_, ends_at = begin(date_, zone), begin(date_ + timedelta(days=1), zone)
    stages: list[DesiredSpan] = []
    while at_ < ends_at:
        inputs = chosen.unobserved(at_)
        wanted = desired_state(inputs)
        until = min(wanted.until or ends_at, ends_at)
        stages.append(DesiredSpan(start=at_, end=until, desire=wanted, moment=inputs.moment))
        at_ = until
    return tuple(stages)


def _tell_day(chosen: PipelineContext, when: datetime, as_json: bool) -> Exit:
    stages, zone = _day(chosen, when), chosen.schedule.zone
    if as_json:
        say_json(_day_json(chosen.pipeline.name, stages))
        return Exit.FINE
    date_ = day(stages[0].start.astimezone(zone).date())
    say(line((chosen.pipeline.name, "bold"), f" on {date_}: {_sum(stages)}"))
    rows = [
        (
            interval(each.start, each.end, zone),
            line(power(each.desire)),
            each.desire.rule,
            each.moment.shortened(each.desire.reason, keep_line=True),
        )
        for each in stages
    ]
    say(table(("local", "desired", "rule", "reason"), rows))
    return Exit.FINE


def _sum(stages: tuple[DesiredSpan, ...]) -> str:
    """``ON for 9 h, OFF for 15 h``, the longest first."""
    lengths: dict[str, timedelta] = {}
    for each in stages:
        word = power(each.desire)[0]
        lengths[word] = lengths.get(word, timedelta(0)) + (each.end - each.start)
    longest_first = sorted(lengths.items(), key=lambda item: -item[1])
    return ", ".join(f"{word} for {compact(length)}" for word, length in longest_first)


def _day_json(name: str, stages: tuple[DesiredSpan, ...]) -> dict[str, object]:
    return {
        "pipeline": name,
        "timeline": [
            {
                "from": instant(each.start),
                "to": instant(each.end),
                "desired": desired(each.desire),
                "rule": each.desire.rule,
                "reason": each.desire.reason,
            }
            for each in stages
        ],
    }


def _account(chosen: PipelineContext, file: str, when: datetime) -> Explanation:
    situation, budget = chosen.unobserved(when), chosen.pipeline.settings.budget
    return Explanation(
        pipeline=chosen.pipeline.name,
        file=file,
        zone=chosen.schedule.zone,
        at=when,
        desire=desired_state(situation),
        verdicts=evaluate_rules(situation),
        moment=situation.moment,
        next_change=chosen.schedule.next_change(when),
        next_decision=_next_decision(chosen, when),
        enforced=budget if budget is not None and budget.enforce else None,
    )


def _next_decision(chosen: PipelineContext, when: datetime) -> tuple[datetime, DesiredState] | None:
    """When something else is first desired, the model and the queue being as scheduled."""
    first = wanted = desired_state(chosen.unobserved(when))
    for _ in range(CHANGES_FOLLOWED_MAX):
        then = wanted.until
        if then is None:
            return None
        wanted = desired_state(chosen.unobserved(then))
        if (wanted.desired, wanted.consume) != (first.desired, first.consume):
            return then, wanted
    return None


def _json(account: Explanation) -> dict[str, object]:
    return {
        "pipeline": account.pipeline,
        "at": instant(account.at),
        "desired": desired(account.desire),
        "reason": account.desire.reason,
        "rules": [
            {
                "rule": verdict.rule,
                "source": _source(account, verdict),
                "applies": verdict.applies,
                "reason": verdict.reason,
            }
            for verdict in account.verdicts
        ],
        "next_change": instant(account.next_change),
    }


def _source(account: Explanation, verdict: RuleResult) -> str | None:
    return None if verdict.line is None else f"{account.file}:{verdict.line}"


def _say(account: Explanation) -> None:
    because = f" at {local(account.at, account.zone)}, because {account.desire.rule}: {account.desire.reason}"
    say(line((account.pipeline, "bold"), ": ", power(account.desire), because))
    told = account.moment.shortened  # the source stands beside it
    rows = [
        (verdict.rule, _APPLIES[verdict.applies], _source(account, verdict) or "-", told(verdict.reason))
        for verdict in account.verdicts
    ]
    say(table(("rule", "applies", "source", "reason"), rows))
    if account.enforced is not None:
        hours = f"{account.enforced.unit_hours_per_month:g} unit-hours"
        say(f"Over its budget of {hours} a month (UTC) nothing is started, whatever the rules say.")
    following = local_and_utc(account.next_change, account.zone)
    say(f"The first that applies decides. The schedule next changes: {following}")
    if account.next_decision is not None:
        then, wanted = account.next_decision
        say(
            line(
                "Next desired: ", power(wanted), f" ({wanted.rule}) from {local_and_utc(then, account.zone)}"
            )
        )


_APPLIES = {True: "yes", False: "no", None: "depends"}
