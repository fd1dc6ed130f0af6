"""Draws bars side by side, and a week of a pipeline under every policy, as shapes for a template.

Every kind of area has a fill pattern of its own, so that it can be told apart without colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from controller.cli.render.html.fill_patterns import Rect, fill_path
from controller.cli.render.times import ZonedRange
from controller.core.timefmt import day, interval
from controller.schedule import Schedule
from controller.schedule.walltime import earliest
from controller.sim.policies.compare import Policy
from controller.sim.result import BACKLOG_EVERY, Activity, PipelineResult

ACTIVITY_KINDS = {
    Activity.STARTING: "starting",
    Activity.IDLE: "idle",
    Activity.CONSUMING: "consuming",
    Activity.STOPPING: "stopping",
    Activity.DOWN: "down",
}
"""The CSS class of each activity that is drawn; a stopped model leaves its strip empty."""

KIND_LABELS = {
    "open": "schedule open",
    "starting": "starting (not billed yet)",
    "idle": "running, not consuming (billed)",
    "consuming": "running and consuming (billed)",
    "stopping": "stopping (not billed any more)",
    "down": "failed",
    "vain": "receiving in vain: the model cannot answer",
    "backlog": "messages in the queue",
}
"""The legend.

Billing begins with RUNNING. Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html
"""

BAR_CHART_WIDTH, BAR_MAX, BAR_ROW, BAR_HEIGHT = 360.0, 250.0, 34.0, 12.0
"""Of a chart of bars: its width, the longest bar, a row's height, a bar's height."""

GUTTER, PLOT = 178.0, 1120.0
"""Widths in a week: the labels, then the plot."""
HEAD, SCHEDULE, LANE, FOOT = 22.0, 20.0, 78.0, 18.0
"""Heights in a week: the dates, the schedule, each policy, the hours."""
MODEL, CONSUMPTION, BACKLOG = (8.0, 13.0), (23.0, 6.0), (33.0, 38.0)
"""Strips of a lane: distance from its top, and height."""
WINDOW_LABEL, HOUR_LABEL = 64.0, 20.0
"""Widths of ``08:30-17:00`` and of ``08``; a label that has less room is left out."""
LABELLED_HOURS = (1, 2, 3, 6, 12)
"""Possible numbers of hours between two labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Rect):
    """A rectangle with the fill pattern of its kind, which is also its CSS class."""

    tag: ClassVar = "rect"
    kind: str
    title: str | None = None

    @property
    def lines(self) -> str | None:
        return fill_path(self.kind, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    tag: ClassVar = "line"
    x1: float
    x2: float
    y1: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    tag: ClassVar = "text"
    text: str
    x: float
    y: float
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    tag: ClassVar = "path"
    path: str
    kind: str


Shape: TypeAlias = Box | Line | Label | Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An SVG picture; ``label`` describes it to a screen reader, without one it is decoration."""

    left: float = 0.0
    width: float
    height: float
    shapes: tuple[Shape, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Labels that stay in view while the plot scrolls.

    ``opening`` is the place of the first opening, as a share of the plot's width.
    """

    labels: Drawing
    plot: Drawing
    opening: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a bar chart: ``parts`` are values with their kinds, drawn one after the other."""

    name: str
    label: str
    parts: tuple[tuple[float, str], ...]

    @property
    def total(self) -> float:
        return sum(value for value, _ in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps instants to x coordinates; instants outside of ``[start, end)`` are clipped."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def x(self, at: datetime) -> float:
        inside = min(max(at, self.start), self.end)
        return GUTTER + PLOT * ((inside - self.start) / (self.end - self.start))

    def boxes(self, start: datetime, end: datetime, strip: tuple[float, float], kind: str) -> Iterator[Box]:
        """One box, never too thin to be seen; none where the interval lies outside of the scale."""
        left, right = self.x(start), self.x(end)
        if left < right:
            yield Box(
                left=left,
                top=strip[0],
                width=max(right - left, 0.8),
                height=strip[1],
                kind=kind,
                title=f"{KIND_LABELS[kind]}, {interval(start, end, self.zone)}",
            )


def bar_chart(title: str, rows: Sequence[Bar]) -> Drawing:
    longest = max((row.total for row in rows), default=0.0)
    return Drawing(
        width=BAR_CHART_WIDTH,
        height=BAR_ROW * len(rows),
        shapes=tuple(
            shape for place, row in enumerate(rows) for shape in _bar(row, place * BAR_ROW, longest)
        ),
        label=f"{title}: " + "; ".join(f"{row.name} {row.label}" for row in rows),
    )


def _bar(row: Bar, top: float, longest: float) -> Iterator[Shape]:
    yield Label(text=row.name, x=0, y=top + 11, kind="strong" if row.name == Policy.CONTROLLER else None)
    left = 0.0
    for value, kind in row.parts:
        width = BAR_MAX * value / longest if longest else 0.0
        if width:
            yield Box(left=left, top=top + 16, width=width, height=BAR_HEIGHT, kind=kind)
        left += width
    yield Line(x1=0, x2=0, y1=top + 14, y2=top + 30, kind="axis")
    yield Label(text=row.label, x=left + 6, y=top + 26)


def legend() -> Iterator[tuple[Drawing, str]]:
    for kind, label in KIND_LABELS.items():
        sample = Box(left=0.5, top=0.5, width=27, height=11, kind=kind)
        yield Drawing(width=28, height=12, shapes=(sample,)), label


def timeline(
    schedule: Schedule, results: Sequence[tuple[Policy, PipelineResult]], shown: ZonedRange
) -> Timeline:
    """``shown`` is in the schedule's zone; the results begin at the same instant."""
    scale = Scale(start=shown.start, end=shown.end, zone=shown.zone)
    bottom = HEAD + SCHEDULE + LANE * len(results)
    plot = (
        *_openings(schedule, shown, scale, bottom),
        *_dates(shown, scale, bottom),
        *_lanes(results, scale),
    )
    first = next(iter(schedule.openings(shown.start, shown.end)), None)
    return Timeline(
        labels=Drawing(width=GUTTER, height=bottom + FOOT, shapes=tuple(_labels(results, scale))),
        plot=Drawing(left=GUTTER, width=PLOT + 2, height=bottom + FOOT, shapes=plot),
        opening=(scale.x(first.start) - GUTTER) / PLOT if first else 0.0,
    )


def _openings(schedule: Schedule, shown: ZonedRange, scale: Scale, bottom: float) -> Iterator[Shape]:
    for opening in schedule.openings(shown.start, shown.end):
        left, right = scale.x(opening.start), scale.x(opening.end)
        yield Box(
            left=left, top=HEAD, width=right - left, height=bottom - HEAD, kind="band", title=opening.name
        )
        yield from scale.boxes(opening.start, opening.end, (HEAD + 2, 14), "open")
        if right - left >= WINDOW_LABEL:
            hours = "-".join(f"{at.astimezone(shown.zone):%H:%M}" for at in (opening.start, opening.end))
            yield Label(text=hours, x=(left + right) / 2, y=HEAD + 12.5, kind="middle onopen")


def _dates(shown: ZonedRange, scale: Scale, bottom: float) -> Iterator[Shape]:
    hour_width = PLOT / ((shown.end - shown.start) / timedelta(hours=1))
    every = next((hours for hours in LABELLED_HOURS if hours * hour_width > HOUR_LABEL), LABELLED_HOURS[-1])
    for date_ in shown.dates:
        hours = [_hour(date_, hour, shown.zone) for hour in range(25)]
        left, right = scale.x(hours[0]), scale.x(hours[-1])
        yield Line(x1=left, x2=left, y1=4, y2=bottom + 4, kind="midnight")
        if right - left > WINDOW_LABEL:
            yield Label(text=day(date_), x=(left + right) / 2, y=14, kind="middle strong")
        for hour in range(every, 24, every):
            if shown.start < hours[hour] < shown.end:
                yield Label(text=f"{hour:02}", x=scale.x(hours[hour]), y=bottom + 13, kind="middle small")
    yield Line(x1=GUTTER, x2=GUTTER + PLOT, y1=bottom, y2=bottom, kind="axis")


def _hour(date_: date, hour: int, zone: ZoneInfo) -> datetime:
    return earliest(datetime.combine(date_, time.min) + timedelta(hours=hour), zone)


def _lanes(results: Sequence[tuple[Policy, PipelineResult]], scale: Scale) -> Iterator[Shape]:
    backlogs = [_backlog(result, scale) for _, result in results]
    highest = max((count for backlog in backlogs for _, count in backlog), default=0)
    for place, ((_, result), backlog) in enumerate(zip(results, backlogs, strict=True)):
        top = HEAD + SCHEDULE + LANE * place
        yield _lane_line(top)
        yield from _strips(result, scale, top)
        yield from _area([(scale.x(at), count / highest if highest else 0.0) for at, count in backlog], top)


def _labels(results: Sequence[tuple[Policy, PipelineResult]], scale: Scale) -> Iterator[Shape]:
    yield Label(text="schedule", x=0, y=HEAD + 13, kind="strong")
    for place, (policy, result) in enumerate(results):
        top = HEAD + SCHEDULE + LANE * place
        peak = max((count for _, count in _backlog(result, scale)), default=0)
        yield _lane_line(top)
        yield Label(text=policy, x=0, y=top + 18, kind="strong")
        yield Label(text=f"at most {peak:,}", x=0, y=top + 56, kind="small")
        for text, below in (("model", 18), ("consumption", 30), ("backlog", 56)):
            yield Label(text=text, x=GUTTER - 6, y=top + below, kind="end small")


def _lane_line(top: float) -> Line:
    return Line(x1=0, x2=GUTTER + PLOT, y1=top, y2=top, kind="lane")


def _strips(result: PipelineResult, scale: Scale, top: float) -> Iterator[Shape]:
    model, consumption = ((top + strip[0], strip[1]) for strip in (MODEL, CONSUMPTION))
    for span in result.spans:
        if span.activity in ACTIVITY_KINDS:
            yield from scale.boxes(span.start, span.end, model, ACTIVITY_KINDS[span.activity])
        if span.activity is Activity.CONSUMING:
            yield from scale.boxes(span.start, span.end, consumption, "consuming")
    for start, end in result.receiving_without_model:
        yield from scale.boxes(start, end, consumption, "vain")


def _backlog(result: PipelineResult, scale: Scale) -> list[tuple[datetime, int]]:
    """The counts within the scale."""
    first = result.spans[0].start
    counts = ((first + place * BACKLOG_EVERY, count) for place, count in enumerate(result.backlog))
    return [(at, count) for at, count in counts if scale.start <= at <= scale.end]


def _area(points: Sequence[tuple[float, float]], top: float) -> Iterator[Area]:
    """``points`` are x coordinates from left to right, with shares of the strip's height."""
    if points:
        floor, height = top + sum(BACKLOG), BACKLOG[1]
        outline = "L".join(f"{x:.1f} {floor - height * share:.1f}" for x, share in points)
        yield Area(path=f"M{points[0][0]:.1f} {floor:.1f}L{outline}V{floor:.1f}Z", kind="backlog")
