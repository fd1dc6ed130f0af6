"""``explain``: the desired state at a time, with the result of each rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import load
from controller.cli.options.shared import AtOption, ConfigOption, JsonOption, PipelineArgument
from controller.cli.render.terminal import line, print_json, print_out, table
from controller.cli.render.tick import power, selected_pipeline
from controller.cli.render.times import at, begin
from controller.config.option_times import is_day
from controller.core.rules import DesiredState, RuleResult, desired_state, evaluate_rules
from controller.core.settings import Budget
from controller.core.timefmt import compact, day, interval, local, local_or_never, localized
from controller.loop.context import PipelineContext
from controller.loop.report import desired, instant
from controller.schedule.model import Moment

TimelineOption = Annotated[
    bool, typer.Option("--timeline", help="Show the whole local date of that time, interval by interval.")
]
CHANGES_FOLLOWED_MAX = 50
"""How many changes of the rules' inputs are followed to find the next different decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The result of every rule for one pipeline at one time."""

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
    manual_start: bool
    """A limit, not a rule; whether it is reached depends on the billed hours, which are not known offline."""


@command_boundary
def explain(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: PipelineArgument = None,
    when: AtOption = None,
    timeline: TimelineOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Explain rule by rule what is desired at a time.

    Of a date without a time the whole day, interval by interval, in text and in JSON.
    """
    now: datetime = ctx.obj.clock()
    loaded = load(config, ctx.obj.clients)
    chosen = selected_pipeline(loaded, pipeline)
    instant_ = at(when, chosen.schedule.zone, now)
    if timeline or (when is not None and is_day(when)):
        return _print_day(chosen, instant_, as_json)
    answer = _explanation(chosen, loaded.file, instant_)
    if as_json:
        print_json(_json(answer))
    else:
        _print(answer)
    return Exit.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredSpan:
    """An interval ``[start, end)`` of a date with one desired state and one reason."""

    start: datetime
    end: datetime
    desire: DesiredState
    moment: Moment


def _day(chosen: PipelineContext, when: datetime) -> tuple[DesiredSpan, ...]:
    """The intervals of the local date of ``when``, if model and queue are as scheduled."""
    zone = chosen.schedule.zone
    date_ = when.astimezone(zone).date()
    at_, ends_at = begin(date_, zone), begin(date_ + timedelta(days=1), zone)
    spans: list[DesiredSpan] = []
    while at_ < ends_at:
        inputs = chosen.unobserved(at_)
        wanted = desired_state(inputs)
        until = min(wanted.until or ends_at, ends_at)
        spans.append(DesiredSpan(start=at_, end=until, desire=wanted, moment=inputs.moment))
        at_ = until
    return tuple(spans)


def _print_day(chosen: PipelineContext, when: datetime, as_json: bool) -> Exit:
    spans, zone = _day(chosen, when), chosen.schedule.zone
    if as_json:
        print_json(_day_json(chosen.pipeline.name, spans))
        return Exit.OK
    date_ = day(spans[0].start.astimezone(zone).date())
    print_out(line((chosen.pipeline.name, "bold"), f" on {date_}: {_sum(spans)}"))
    rows = [
        (
            interval(each.start, each.end, zone),
            line(power(each.desire)),
            each.desire.rule,
            localized(each.moment.shortened(each.desire.reason, keep_line=True), zone),
        )
        for each in spans
    ]
    print_out(table(("local", "desired", "rule", "reason"), rows))
    return Exit.OK


def _sum(spans: tuple[DesiredSpan, ...]) -> str:
    """``ON for 9 h, OFF for 15 h``, the longest first."""
    lengths: dict[str, timedelta] = {}
    for each in spans:
        word = power(each.desire)[0]
        lengths[word] = lengths.get(word, timedelta(0)) + (each.end - each.start)
    longest_first = sorted(lengths.items(), key=lambda item: -item[1])
    return ", ".join(f"{word} for {compact(length)}" for word, length in longest_first)


def _day_json(name: str, spans: tuple[DesiredSpan, ...]) -> dict[str, object]:
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
            for each in spans
        ],
    }


def _explanation(chosen: PipelineContext, file: str, when: datetime) -> Explanation:
    inputs, budget = chosen.unobserved(when), chosen.pipeline.settings.budget
    return Explanation(
        pipeline=chosen.pipeline.name,
        file=file,
        zone=chosen.schedule.zone,
        at=when,
        desire=desired_state(inputs),
        verdicts=evaluate_rules(inputs),
        moment=inputs.moment,
        next_change=chosen.schedule.next_change(when),
        next_decision=_next_decision(chosen, when),
        enforced=budget if budget is not None and budget.enforce else None,
        manual_start=chosen.pipeline.settings.manual_start,
    )


def _next_decision(chosen: PipelineContext, when: datetime) -> tuple[datetime, DesiredState] | None:
    """The first time at which the desired state differs, if model and queue are as scheduled."""
    first = wanted = desired_state(chosen.unobserved(when))
    for _ in range(CHANGES_FOLLOWED_MAX):
        then = wanted.until
        if then is None:
            return None
        wanted = desired_state(chosen.unobserved(then))
        if (wanted.desired, wanted.consume) != (first.desired, first.consume):
            return then, wanted
    return None


def _json(answer: Explanation) -> dict[str, object]:
    return {
        "pipeline": answer.pipeline,
        "at": instant(answer.at),
        "desired": desired(answer.desire),
        "reason": answer.desire.reason,
        "rules": [
            {
                "rule": verdict.rule,
                "source": _source(answer, verdict),
                "applies": verdict.applies,
                "reason": verdict.reason,
            }
            for verdict in answer.verdicts
        ],
        "next_change": instant(answer.next_change),
    }


def _source(answer: Explanation, verdict: RuleResult) -> str | None:
    return None if verdict.line is None else f"{answer.file}:{verdict.line}"


def _print(answer: Explanation) -> None:
    why = localized(answer.desire.reason, answer.zone)
    because = f" at {local(answer.at, answer.zone)}, because {answer.desire.rule}: {why}"
    print_out(line((answer.pipeline, "bold"), ": ", power(answer.desire), because))
    rows = [
        (
            verdict.rule,
            _APPLIES[verdict.applies],
            _source(answer, verdict) or "-",
            localized(answer.moment.shortened(verdict.reason), answer.zone),  # the source stands beside it
        )
        for verdict in answer.verdicts
    ]
    print_out(table(("rule", "applies", "source", "reason"), rows))
    if answer.enforced is not None:
        hours = f"{answer.enforced.unit_hours_per_month:g} unit-hours"
        print_out(f"Over its budget of {hours} a month (UTC) nothing is started, whatever the rules say.")
    if answer.manual_start:
        print_out("A person starts the model (start: manual); the schedule only stops it.")
    following = local_or_never(answer.next_change, answer.zone)
    print_out("The first that applies decides.")
    print_out(f"The schedule next changes: {following}")
    if answer.next_decision is not None:
        then, wanted = answer.next_decision
        print_out(
            line(
                "Next desired: ",
                power(wanted),
                f" ({wanted.rule}) from {local_or_never(then, answer.zone)}",
            )
        )


_APPLIES = {True: "yes", False: "no", None: "depends"}
