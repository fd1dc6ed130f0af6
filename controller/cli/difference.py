"""What ``diff`` tells, once: as sections for a person and for Markdown, as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.changes import Change, Comparison, Month, PipelineChange, Side, Turn
from controller.cli.changed import as_data as change_as_data
from controller.cli.draft import Draft
from controller.cli.instants import day, interval
from controller.cli.terminal import count
from controller.config.continuity import Finding
from controller.config.nodes import Mapping, Node, Scalar, Sequence
from controller.report import instant

_SIGNS = {Turn.ADDED: "+", Turn.REMOVED: "-"}
_BIG = ("overrides", "also")
"""Lists of dates: what they mean stands among the openings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value of the file, by its path, that is another one; ``None``: it is not written."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    old: str
    new: str
    comparison: Comparison
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``numbers`` are the columns that are to be read as such."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()


def difference(old: Draft, new: Draft, comparison: Comparison) -> Difference:
    return Difference(
        old=old.config.file,
        new=new.config.file,
        comparison=comparison,
        settings=tuple(_settings(dict(_values(old.root)), dict(_values(new.root)))),
    )


def _settings(old: dict[str, str], new: dict[str, str]) -> Iterator[Setting]:
    for path in dict.fromkeys((*new, *old)):
        if old.get(path) != new.get(path):
            yield Setting(path=path, before=old.get(path), after=new.get(path))


def _values(node: Node, path: str = "") -> Iterator[tuple[str, str]]:
    match node:
        case Scalar():
            yield path, node.text
        case Sequence():
            yield path, ", ".join(text for item in node.items for _, text in _values(item))
        case Mapping():
            for key, value in node.entries:
                if key.text not in _BIG:
                    yield from _values(value, f"{path}.{key.text}" if path else key.text)


def sections(found: Difference) -> Iterator[Section]:
    """Those that have something to tell."""
    told = (_openings(found), _money(found), _continuity(found), _models(found), _written(found))
    return (section for section in told if section.rows)


def _openings(found: Difference) -> Section:
    """Pipelines with the same changes stand together."""
    names: dict[object, list[str]] = {}
    for each in found.comparison.pipelines:
        names.setdefault(each.openings, []).append(each.name)
    rows = (
        (
            _SIGNS[change.turn],
            ", ".join(names[each.openings]),
            when,
            change.was,
            change.now,
        )
        for each in found.comparison.pipelines
        if names[each.openings][0] == each.name
        for change, when in _told_once(each.openings)
    )
    days = (found.comparison.end - found.comparison.start).days
    return Section(
        title=f"Openings of the next {days} days",
        header=("", "pipeline", "when", "before", "after"),
        rows=tuple(rows),
    )


def _told_once(changes: tuple[Change, ...]) -> Iterator[tuple[Change, str]]:
    """Those that differ in nothing but the date stand together: the first, and when they are."""
    alike: dict[object, list[Change]] = {}
    for each in changes:
        clocks = tuple(end.astimezone(each.zone).time() for end in (each.start, each.end))
        alike.setdefault((each.turn, each.was, each.now, clocks), []).append(each)
    for first, *others in alike.values():
        yield first, _when(first, others)


def _when(first: Change, others: list[Change]) -> str:
    """``Mon 2026-11-23 07:00-08:30 EST, and 29 times more until Thu 2027-01-21``."""
    once = interval(first.start, first.end, first.zone)
    if not others:
        return once
    last = day(others[-1].start.astimezone(first.zone).date())
    return f"{once}, and {count(len(others), 'time')} more until {last}"


def _money(found: Difference) -> Section:
    rows = [
        (each.name, *_month(each.before), *_month(each.after), _more(each))
        for each in found.comparison.pipelines
        if each.openings or _cost(each.before) != _cost(each.after)
    ]
    header = ("pipeline", "hours before", "USD before", "hours after", "USD after", "USD more")
    return Section(
        title="An average month of the year ahead (open hours; warm-up and drain are not in it)",
        header=header,
        rows=tuple(rows),
        numbers=header[1:],
    )


def _month(side: Side | None) -> tuple[str, str]:
    return (f"{side.month.hours:,.1f}", f"{side.month.usd:,.2f}") if side else ("-", "-")


def _cost(side: Side | None) -> float:
    return side.month.usd if side else 0.0


def _more(each: PipelineChange) -> str:
    return f"{_cost(each.after) - _cost(each.before):+,.2f}"


def _continuity(found: Difference) -> Section:
    rows = (
        (each.name, _fate(each.before), _fate(each.after))
        for each in found.comparison.pipelines
        if _fate(each.before) != _fate(each.after)
    )
    return Section(
        title="Messages that wait for the next opening",
        header=("pipeline", "before", "after"),
        rows=tuple(rows),
    )


def _fate(side: Side | None) -> str:
    if side is None:
        return "-"
    return side.continuity.message if side.continuity else "none waits longer than the queue keeps it"


def _models(found: Difference) -> Section:
    new = (("+", "", arn, "") for arn in found.comparison.new)
    gone = (
        ("-", each.pipeline.name, each.arn, "named no more: stop it first, or keep it under retired")
        for each in found.comparison.gone
    )
    return Section(title="Models", header=("", "pipeline", "model", ""), rows=(*new, *gone))


def _written(found: Difference) -> Section:
    rows = ((each.path, each.before or "-", each.after or "-") for each in found.settings)
    return Section(title="Values of the file", header=("key", "before", "after"), rows=tuple(rows))


def markdown(found: Difference) -> str:
    """For a comment on a pull request."""
    told = [line for section in sections(found) for line in _section_as_markdown(section)]
    return "\n".join(told or ["No opening, no cost and no value changes."]) + "\n"


def _section_as_markdown(section: Section) -> Iterator[str]:
    yield f"### {section.title}"
    yield ""
    yield _cells(section.header)
    yield _cells("--:" if name in section.numbers else "---" for name in section.header)
    yield from map(_cells, section.rows)
    yield ""


def _cells(texts: Iterator[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(_escaped(text) for text in texts)} |"


def _escaped(text: str) -> str:
    """Text of the file is text: no markup, no mention of anybody."""
    for char, code in {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|", "@": "&#64;"}.items():
        text = text.replace(char, code)
    return "".join(f"\\{char}" if char in "`*_[]~" else char for char in text)


def as_data(found: Difference) -> dict[str, object]:
    comparison = found.comparison
    return {
        "old": found.old,
        "new": found.new,
        "from": instant(comparison.start),
        "to": instant(comparison.end),
        "pipelines": [_pipeline(each) for each in comparison.pipelines],
        "models": {
            "added": list(comparison.new),
            "removed": [
                {"pipeline": each.pipeline.name, "arn": each.arn, "retired": each.retired}
                for each in comparison.gone
            ],
        },
        "values": [
            {"path": each.path, "before": each.before, "after": each.after} for each in found.settings
        ],
    }


def _pipeline(each: PipelineChange) -> dict[str, object]:
    return {
        "name": each.name,
        "openings": [change_as_data(change) for change in each.openings],
        "before": _side(each.before),
        "after": _side(each.after),
    }


def _side(side: Side | None) -> dict[str, object] | None:
    if side is None:
        return None
    return {
        "schedule": side.pipeline.schedule,
        "arn": side.pipeline.model.arn,
        "month": _month_as_data(side.month),
        "continuity": _finding(side.continuity),
    }


def _month_as_data(month: Month) -> dict[str, object]:
    return {"hours": round(month.hours, 2), "usd": round(month.usd, 2)}


def _finding(finding: Finding | None) -> dict[str, object] | None:
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
