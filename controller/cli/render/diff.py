"""The differences of two configurations as tables, as Markdown and as JSON data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from textwrap import wrap

from controller.cli.render.changes import as_data as change_as_data
from controller.cli.render.printable import printable
from controller.cli.render.terminal import count, line, print_out, print_rest, table
from controller.config.retention_check import RetentionFinding
from controller.core.timefmt import day, interval, local
from controller.costs import AverageMonth
from controller.editing.changes import (
    ChangeKind,
    ConfigComparison,
    OpeningChange,
    PipelineChange,
    PipelineSnapshot,
    length_by_day,
)
from controller.editing.lost_entries import LostHold, LostOverride
from controller.loop.report import instant

NOTHING = "No opening, no cost and no value changes."
VERDICT_WIDTH = 80
NO_TIME = timedelta(0)
MOST_OPENINGS = 50
"""How many changed openings are printed. Values, costs and losses are printed in full."""

_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled table; ``numbers`` are the columns that are right-aligned.

    ``most`` rows of it are shown at a terminal; ``None``: all.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    most: int | None = None


def sections(diff: ConfigComparison) -> Iterator[Section]:
    """The sections that have rows."""
    parts = (
        _openings(diff),
        _money(diff),
        _retention(diff),
        _models(diff),
        _mappings(diff),
        _lost(diff),
        _values(diff),
    )
    return (section for section in parts if section.rows)


def is_changed(diff: ConfigComparison) -> bool:
    return any(True for _ in sections(diff))


def verdict(diff: ConfigComparison) -> str:
    """``open longer on 28 days, +$68 a month, no message at risk``: the changes in one sentence."""
    if not is_changed(diff):
        return NOTHING
    parts = (*_days_changed(diff), _money_sum(diff), *_starts(diff), *_counts(diff), *_at_risk(diff))
    return ", ".join(parts)


def _days_changed(diff: ConfigComparison) -> Iterator[str]:
    """Of schedules, not of pipelines: those with the same changes count once."""
    nets = [
        net
        for changes in {each.openings for each in diff.pipelines}
        for net in length_by_day(changes).values()
    ]
    longer, shorter = sum(net > NO_TIME for net in nets), sum(net < NO_TIME for net in nets)
    if longer:
        yield f"open longer on {count(longer, 'day')}"
    if shorter:
        yield f"shorter on {shorter}" if longer else f"open shorter on {count(shorter, 'day')}"
    if moved := len(nets) - longer - shorter:
        yield (
            f"at other times on {moved}"
            if longer or shorter
            else f"open at other times on {count(moved, 'day')}"
        )
    if not nets:
        yield "the same openings"


def _money_sum(diff: ConfigComparison) -> str:
    more = sum(_costs(each.after)[0] - _costs(each.before)[0] for each in diff.pipelines)
    return f"{'+' if more > 0 else '-'}${abs(more):,.0f} a month" if round(more) else "the same cost"


def _starts(diff: ConfigComparison) -> Iterator[str]:
    """Who starts the model, where that changes."""
    for by_hand, said in ((True, "started by hand"), (False, "started by the schedule")):
        if number := sum(_becomes_manual(each) is by_hand for each in diff.pipelines):
            yield f"{count(number, 'model')} {said}"


def _becomes_manual(change: PipelineChange) -> bool | None:
    """``None``: who starts the model is as before, or there is no before or after."""
    if change.before is None or change.after is None:
        return None
    was, is_ = (side.pipeline.settings.manual_start for side in (change.before, change.after))
    return is_ if is_ != was else None


def _counts(diff: ConfigComparison) -> Iterator[str]:
    if diff.removed_models:
        yield f"{count(len(diff.removed_models), 'model')} no longer named"
    if lost := len(diff.lost_holds) + len(diff.lost_overrides):
        yield f"{lost} {'hold or override' if lost == 1 else 'holds or overrides'} lost"


def _at_risk(diff: ConfigComparison) -> Iterator[str]:
    """Of the file after: messages that expire before anything consumes them, and mappings that it leaves."""
    risks, left = sum(1 for each in diff.pipelines if each.after and each.after.risk), diff.removed_mappings
    if left:
        yield f"{count(len(left), 'mapping')} no longer named"
    if risks:
        yield f"messages of {count(risks, 'pipeline')} at risk"
    elif not left:
        yield "no message at risk"


def print_sections(diff: ConfigComparison) -> None:
    for each in wrap(verdict(diff), VERDICT_WIDTH):
        print_out(line((each, "bold")))
    for section in sections(diff):
        most = len(section.rows) if section.most is None else section.most
        print_out("", line((section.title, "bold")))
        print_out(table(section.header, section.rows[:most], right=section.numbers))
        print_rest(len(section.rows), most)


def _openings(diff: ConfigComparison) -> Section:
    """Pipelines with the same changes share their rows."""
    names: dict[object, list[str]] = {}
    for each in diff.pipelines:
        names.setdefault(each.openings, []).append(each.name)
    rows = (
        (
            _SIGNS[change.kind],
            ", ".join(names[each.openings]),
            when,
            change.reason_before,
            change.reason_after,
        )
        for each in diff.pipelines
        if names[each.openings][0] == each.name
        for change, when in _grouped(each.openings)
    )
    days = (diff.end - diff.start).days
    return Section(
        title=f"Openings of the next {days} days",
        header=("", "pipeline", "when", "before", "after"),
        rows=tuple(rows),
        most=MOST_OPENINGS,
    )


def _grouped(changes: tuple[OpeningChange, ...]) -> Iterator[tuple[OpeningChange, str]]:
    """Changes that differ only in the date are grouped: the first one, and the text of all dates."""
    alike: dict[object, list[OpeningChange]] = {}
    for each in changes:
        clocks = tuple(end.astimezone(each.zone).time() for end in (each.start, each.end))
        alike.setdefault((each.kind, each.reason_before, each.reason_after, clocks), []).append(each)
    for first, *others in alike.values():
        yield first, _when(first, others)


def _when(first: OpeningChange, others: list[OpeningChange]) -> str:
    """``Mon 2026-11-23 07:00-08:30 EST, and 29 times more until Thu 2027-01-21``."""
    once = interval(first.start, first.end, first.zone)
    if not others:
        return once
    last = day(others[-1].start.astimezone(first.zone).date())
    return f"{once}, and {count(len(others), 'time')} more until {last}"


def _money(diff: ConfigComparison) -> Section:
    rows = [
        (each.name, *_month(each.before), *_month(each.after), _more(each))
        for each in diff.pipelines
        if each.openings or _costs(each.before) != _costs(each.after)
    ]
    header = ("pipeline", "hours before", "USD before", "hours after", "USD after", "USD more")
    return Section(
        title="An average month of the year ahead (openings and warm-ups; no drain, overtime, rescue)",
        header=header,
        rows=tuple(rows),
        numbers=header[1:],
    )


def _month(side: PipelineSnapshot | None) -> tuple[str, str]:
    return (f"{side.month.hours:,.1f}", _usd(side.month)) if side else ("-", "-")


def _usd(month: AverageMonth) -> str:
    most = f" to {month.usd_at_most:,.2f}" if month.usd_at_most > month.usd else ""
    return f"{month.usd:,.2f}{most}"


def _costs(side: PipelineSnapshot | None) -> tuple[float, float]:
    return (side.month.usd, side.month.usd_at_most) if side else (0.0, 0.0)


def _more(each: PipelineChange) -> str:
    """``+98.00``, or ``+98.00 to +196.00`` with all the units that Rekognition may scale to."""
    usual, most = (
        f"{now - was:+,.2f}" for was, now in zip(_costs(each.before), _costs(each.after), strict=True)
    )
    return usual if usual == most else f"{usual} to {most}"


def _retention(diff: ConfigComparison) -> Section:
    rows = (
        (each.name, _retention_text(each.before), _retention_text(each.after))
        for each in diff.pipelines
        if _retention_text(each.before) != _retention_text(each.after)
    )
    return Section(
        title="Messages that wait for the next opening",
        header=("pipeline", "before", "after"),
        rows=tuple(rows),
    )


def _retention_text(side: PipelineSnapshot | None) -> str:
    if side is None:
        return "-"
    if side.risk is not None:
        return side.risk
    return side.retention.message if side.retention else "none waits longer than the queue keeps it"


def _models(diff: ConfigComparison) -> Section:
    new = (("+", "", arn, "") for arn in diff.added_models)
    gone = (
        ("-", each.pipeline.name, each.arn, "named no more: stop it first, or keep it under retired")
        for each in diff.removed_models
    )
    return Section(title="Models", header=("", "pipeline", "model", ""), rows=(*new, *gone))


def _mappings(diff: ConfigComparison) -> Section:
    remedy = "named no more: disable it first, or it consumes while the model is down"
    gone = (("-", each.pipeline.name, each.uuid, remedy) for each in diff.removed_mappings)
    return Section(title="Event source mappings", header=("", "pipeline", "mapping", ""), rows=tuple(gone))


def _lost(diff: ConfigComparison) -> Section:
    holds = (("hold", each.pipeline, hold_text(each, diff)) for each in diff.lost_holds)
    overrides = (("override", each.schedule, override_text(each)) for each in diff.lost_overrides)
    return Section(
        title="Holds in force and overrides still to come that are taken away",
        header=("", "of", "what"),
        rows=(*holds, *overrides),
    )


def hold_text(lost: LostHold, diff: ConfigComparison) -> str:
    zone = next(
        each.before.schedule.zone for each in diff.pipelines if each.name == lost.pipeline and each.before
    )
    until = local(lost.hold.until, zone)
    return f"{lost.hold.desired} until {until} ({lost.hold.reason}) (line {lost.line})"


def override_text(lost: LostOverride) -> str:
    return f"{lost.label} (line {lost.line})"


def _values(diff: ConfigComparison) -> Section:
    rows = ((each.path, each.before or "-", each.after or "-") for each in diff.values)
    return Section(title="Values of the file", header=("key", "before", "after"), rows=tuple(rows))


def markdown(diff: ConfigComparison) -> str:
    """For a comment on a pull request."""
    parts = [line for section in sections(diff) for line in _section_as_markdown(section)]
    return "\n".join([f"**{verdict(diff)}**", *([""] if parts else []), *parts]) + "\n"


def _section_as_markdown(section: Section) -> Iterator[str]:
    yield f"### {section.title}"
    yield ""
    yield f"| {' | '.join(section.header)} |"
    yield f"| {' | '.join('--:' if name in section.numbers else '---' for name in section.header)} |"
    yield from map(cells, section.rows)
    yield ""


def cells(texts: Iterable[str]) -> str:
    """A row of a table, in which no text becomes a link, a mention, an image or HTML.

    GitHub looks for mentions, issues and addresses in what was rendered, whatever escapes made it; it leaves
    code alone. So text is code, and the two signs that would end code or its cell stand beside it.

    Source: https://github.github.com/gfm/#code-spans
    """
    return f"| {' | '.join(map(_as_code, texts))} |"


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?)?")
"""A sign or a number as this program writes it; seven digits in a row could name a commit."""
_OUTSIDE = {"|": "&#124;", "`": "&#96;"}


def _as_code(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return text
    parts = re.split(r"([|`])", printable(text))
    return "".join(_OUTSIDE.get(part) or f"`{part}`" for part in parts if part)


def as_data(diff: ConfigComparison) -> dict[str, object]:
    """All but how far the openings are compared."""
    return {
        "pipelines": [_pipeline(each) for each in diff.pipelines],
        "models": {
            "added": list(diff.added_models),
            "removed": [
                {"pipeline": each.pipeline.name, "arn": each.arn, "retired": each.retired}
                for each in diff.removed_models
            ],
        },
        "mappings": {
            "removed": [{"pipeline": each.pipeline.name, "uuid": each.uuid} for each in diff.removed_mappings]
        },
        "lost": {
            "holds": [_lost_hold(each) for each in diff.lost_holds],
            "overrides": [_lost_override(each) for each in diff.lost_overrides],
        },
        "values": [{"path": each.path, "before": each.before, "after": each.after} for each in diff.values],
    }


def _lost_hold(lost: LostHold) -> dict[str, object]:
    return {
        "pipeline": lost.pipeline,
        "line": lost.line,
        "power": lost.hold.desired,
        "until": instant(lost.hold.until),
        "reason": lost.hold.reason,
    }


def _lost_override(lost: LostOverride) -> dict[str, object]:
    return {
        "schedule": lost.schedule,
        "line": lost.line,
        "override": lost.label,
        "start": instant(lost.start),
        "end": instant(lost.end),
    }


def _pipeline(each: PipelineChange) -> dict[str, object]:
    return {
        "name": each.name,
        "openings": [change_as_data(change) for change in each.openings],
        "before": _side(each.before),
        "after": _side(each.after),
    }


def _side(side: PipelineSnapshot | None) -> dict[str, object] | None:
    if side is None:
        return None
    return {
        "schedule": side.pipeline.schedule,
        "arn": side.pipeline.model.arn,
        "month": _month_as_data(side.month),
        "continuity": _finding(side.retention),
        "risk": side.risk,
    }


def _month_as_data(month: AverageMonth) -> dict[str, object]:
    return {
        "hours": round(month.hours, 2),
        "usd": round(month.usd, 2),
        "usd_at_most": round(month.usd_at_most, 2),
    }


def _finding(finding: RetentionFinding | None) -> dict[str, object] | None:
    if finding is None:
        return None
    return {
        "closed_at": instant(finding.closed_at),
        "opens_at": instant(finding.opens_at),
        "expires_at": instant(finding.expires_at),
        "rescued_at": instant(finding.rescued_at),
        "lost": finding.lost,
        "message": finding.message,
    }
