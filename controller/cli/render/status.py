"""The screen of ``status`` for one pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from controller.aws.remedies import WHAT_TO_DO
from controller.cli.render import tick
from controller.cli.render.terminal import Grid, count, line, table, words
from controller.config.shard import shard_of
from controller.core.memory import Condition
from controller.core.observed import Observed
from controller.core.states import ModelStatus
from controller.core.table import ModelClass, classify_model
from controller.core.timefmt import compact, local, local_or_never, localized, spelled
from controller.costs import MonthToDate
from controller.loop.context import PipelineContext
from controller.loop.report import PipelineReport

_WANTED = {
    "Ready": "True",
    "Progressing": "False",
    "Stalled": "False",
    "Drifted": "False",
    "ConfigurationValid": "True",
}
LEAST_SHOWN_UNIT_HOURS = 0.05
"""Half of the last digit that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What ``status`` prints of a pipeline; ``age_error`` and ``hours_error`` are of metrics that failed.

    ``shards`` is how many functions share the pipelines.
    """

    pipeline_context: PipelineContext
    at: datetime
    report: PipelineReport
    month: MonthToDate
    age_error: str | None = None
    hours_error: str | None = None
    shards: int = 1


SCREENS: Final = 3
"""With more pipelines each is a row."""


def summary(found: tuple[Overview, ...]) -> str:
    """``2 of 4 pipelines as desired, 1 on its way, 1 stalled``."""
    if not found:
        return "The file has no pipelines"
    states = Counter(_state_word(each) for each in found)
    ready = states.pop(READY, 0)
    rest = (f", {number} {state}" for state, number in sorted(states.items()))
    return f"{ready} of {count(len(found), 'pipeline')} {READY}{''.join(rest)}"


def overview_table(found: tuple[Overview, ...]) -> Grid:
    """A row for each pipeline: what is desired, what was observed, when the schedule next changes it.

    The time is the schedule's, with its zone where the pipelines have several.
    """
    zones = {each.pipeline_context.schedule.zone for each in found}
    header = ("pipeline", "desired", "model", "mapping", "queue", "state", "next change")
    return table(header, [_row(each, zoned=len(zones) > 1) for each in found], right=("queue",))


def _row(of: Overview, *, zoned: bool) -> tuple[str | Text, ...]:
    report, observed = of.report, of.report.observed
    word, style = tick.power(report.desire)
    queue = None if observed is None else observed.queue
    change = report.next_change
    zone = of.pipeline_context.schedule.zone
    return (
        report.name,
        words(word, style),
        "-" if observed is None else observed.model_text,
        "-" if observed is None or of.pipeline_context.pipeline.consumer is None else observed.mapping_text,
        "-" if queue is None else f"{queue.waiting:,}",
        _state_word(of),
        "-"
        if change is None
        else f"{change.astimezone(zone):{'%m-%d %H:%M %Z' if zoned else '%m-%d %H:%M'}}",
    )


READY: Final = "as desired"


def _state_word(of: Overview) -> str:
    """Of few words, for a row; a screen adds since when."""
    report = of.report
    if report.holds("Stalled"):
        return "stalled"
    ready = report.condition("Ready")
    if ready is None or ready.status == "Unknown":
        return "not known"
    if ready.status == "True":
        return READY
    return "on its way" if report.holds("Progressing") else "not as desired"


def overview(of: Overview) -> Iterator[RenderableType]:
    report = of.report
    yield line((report.name, "bold"), ": ", tick.power(report.desire), f", {_state(of)}")
    yield _indented([*_facts(of), *_month(of)])
    yield _conditions(of)


def _state(of: Overview) -> str:
    word, ready = _state_word(of), of.report.condition("Ready")
    if word == "stalled":
        return "stalled: action needed"
    is_settled = ready is not None and word in {READY, "not as desired"}
    return f"{word}{_since(ready, of)}" if ready is not None and is_settled else word


def _since(condition: Condition, of: Overview) -> str:
    """Empty for a condition that begins with this observation: nothing earlier is remembered."""
    return (
        f" since {local(condition.since, of.pipeline_context.schedule.zone)}"
        if condition.since < of.at
        else ""
    )


def _facts(of: Overview) -> Iterator[tuple[str, str]]:
    report, observed = of.report, of.report.observed
    schedule = of.pipeline_context.schedule
    yield "desired", localized(schedule.at(of.at).shortened(report.reason), schedule.zone)
    yield "schedule", _schedule(of)
    yield "next change", local_or_never(report.next_change, of.pipeline_context.schedule.zone)
    if of.shards > 1:
        yield "shard", str(shard_of(report.name, of.shards))
    if observed is None:
        return
    yield "model", _model(observed)
    if of.pipeline_context.pipeline.consumer is None:
        return
    yield "mapping", _mapping(observed, of.pipeline_context)
    yield "backlog", _backlog(observed)
    if age := _oldest(observed, of.age_error):
        yield "oldest", age


def _schedule(of: Overview) -> str:
    moment = of.pipeline_context.schedule.at(of.at)
    state = "open" if moment.open else "closed"
    began = moment.started_at
    return (
        f"{state} since {local(began, of.pipeline_context.schedule.zone)}"
        if began
        else f"{state} for over 400 days"
    )


def _model(observed: Observed) -> str:
    units = f", {count(observed.units, 'inference unit')}" if observed.units else ""
    is_down = observed.model is ModelStatus.FAILED or classify_model(observed.model) is ModelClass.UNUSABLE
    age = f" ({observed.model_message})" if is_down and observed.model_message else ""
    return f"{observed.model_text}{units}{age}"


def _mapping(observed: Observed, pipeline_context: PipelineContext) -> str:
    changed = observed.mapping_changed_at
    since = (
        f" since {local(changed.replace(microsecond=0), pipeline_context.schedule.zone)}" if changed else ""
    )
    return f"{observed.mapping_text}{since}"


def _backlog(observed: Observed) -> str:
    if observed.queue is None:
        return "not known"
    queue = observed.queue
    delayed = f", {queue.delayed} delayed" if queue.delayed else ""
    return f"{queue.waiting} waiting, {queue.in_flight} in flight{delayed} (up to a minute ago)"


def _oldest(observed: Observed, error: str | None) -> str | None:
    """``None`` where nothing waits."""
    if error is not None:
        return f"not known: {error}"
    if observed.queue is None or not (
        observed.queue.waiting or observed.queue.in_flight or observed.queue.delayed
    ):
        return None
    kept = f"kept for {compact(observed.queue.retention)}"
    if observed.oldest_age is None:
        return f"not known: CloudWatch has no recent datapoint ({kept})"
    return f"{spelled(observed.oldest_age.total_seconds())} old, some minutes ago ({kept})"


def _month(of: Overview) -> Iterator[tuple[str, str]]:
    if of.report.observed is None or of.report.observed.model is ModelStatus.UNREADABLE:
        yield "this month", "not known"
        return
    first, *rest = month_lines(of.month)
    yield "this month", first
    yield from (("", each) for each in rest)
    if of.hours_error is not None:
        own = "billed" if of.month.billed is None else "as counted here; CloudWatch's count"
        yield "", f"{own} is not known: {of.hours_error}"


def month_lines(month: MonthToDate) -> Iterator[str]:
    """The month against always on, and how it differs from the openings; a line each."""
    what = "in the openings so far" if month.billed is None else "billed so far"
    saved = f", {max(1 - month.unit_hours / month.always_on, 0.0):.1%} saved" if month.always_on else ""
    always_on = f"always on: {month.always_on:,.1f}, {month.always_on_usd:,.2f} USD"
    yield f"{month.unit_hours:,.1f} unit-hours {what}, {month.usd:,.2f} USD ({always_on}{saved})"
    if month.billed is not None:
        yield _difference(month.billed, month.planned)


def _difference(billed: float, planned: float) -> str:
    more = billed - planned
    if abs(more) < LEAST_SHOWN_UNIT_HOURS:
        return f"as the openings have them: {planned:,.1f}"
    why = (
        "warm-ups, drains, rescues, manual starts" if more > 0 else "late or failed starts, holds, on demand"
    )
    return f"{abs(more):,.1f} {'more' if more > 0 else 'less'} than the {planned:,.1f} of the openings: {why}"


def _conditions(of: Overview) -> Grid:
    return _indented(
        [
            (
                each.type,
                words(each.status, _style(each)),
                each.reason,
                localized(_message(each), of.pipeline_context.schedule.zone)
                + (f" ({since})" if (since := _since(each, of).strip()) else ""),
            )
            for each in of.report.conditions
        ]
    )


def _message(condition: Condition) -> str:
    """Without the remedy of a call that failed, which its error on stderr has."""
    return condition.message.partition(WHAT_TO_DO)[0] if condition.status == "Unknown" else condition.message


def _style(condition: Condition) -> str:
    if condition.status == _WANTED.get(condition.type):
        return "green"
    return "red" if condition.type == "Stalled" else "yellow"


def _indented(rows: Sequence[tuple[str | Text, ...]]) -> Grid:
    blank = ("",) * (len(rows[0]) + 1)
    return table(blank, [("", *row) for row in rows])
