"""What a page draws: bars side by side, and a week of a pipeline under every policy.

Every kind of area has a pattern of its own, so that it can be told apart without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.cli.render.html.fill_patterns import Rect, hatching
from controller.cli.render.html.markup import Markup, Part, element, together
from controller.cli.render.times import ZonedRange
from controller.core.timefmt import day, interval
from controller.schedule import Schedule
from controller.schedule.walltime import earliest
from controller.sim.policies.compare import Policy
from controller.sim.result import BACKLOG_EVERY, Activity, PipelineResult

KINDS = {
    Activity.STARTING: "starting",
    Activity.IDLE: "idle",
    Activity.CONSUMING: "consuming",
    Activity.STOPPING: "stopping",
    Activity.DOWN: "down",
}
"""The CSS class of each activity that is drawn; a model that is stopped leaves its strip empty."""

TOLD = {
    "open": "schedule open",
    "starting": "starting (not billed yet)",
    "idle": "running, not consuming (billed)",
    "consuming": "running and consuming (billed)",
    "stopping": "stopping (not billed any more)",
    "down": "failed",
    "vain": "receiving in vain: the model cannot answer",
    "backlog": "messages in the queue",
}
"""What each kind means.

Billing begins with RUNNING. Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html
"""

BAR_WIDTH, BAR_ROOM, BAR_ROW, BAR_TALL = 360.0, 250.0, 34.0, 12.0
"""Of a chart of bars: its width, the longest bar, a row's height, a bar's."""

GUTTER, PLOT = 178.0, 1120.0
"""Of a week, from left to right: the labels, and what is drawn."""
HEAD, SCHEDULE, LANE = 22.0, 20.0, 78.0
"""Of a week, from the top: the dates, the schedule, and each policy."""
MODEL, CONSUMPTION, BACKLOG = (8.0, 13.0), (23.0, 6.0), (33.0, 38.0)
"""Strips of a lane: how far from its top, how tall."""
ROOM_FOR_HOURS, ROOM_FOR_HOUR = 64.0, 20.0
"""What ``08:30-17:00`` and ``08`` take; where there is less room they are left out."""
EVERY = (1, 2, 3, 6, 12)
"""Hours between two labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """``parts`` are values with their kinds, one after the other."""

    name: str
    said: str
    parts: tuple[tuple[float, str], ...]

    @property
    def total(self) -> float:
        return sum(value for value, _ in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From instants to places; what lies outside of ``[start, end)`` is cut off."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def x(self, at: datetime) -> float:
        inside = min(max(at, self.start), self.end)
        return GUTTER + PLOT * ((inside - self.start) / (self.end - self.start))

    def box(self, start: datetime, end: datetime, strip: tuple[float, float], kind: str) -> Markup | None:
        """What is brief is still to be seen; what is outside is ``None``. It tells who points at it more."""
        left, right = self.x(start), self.x(end)
        if right <= left:
            return None
        told = f"{TOLD[kind]}, {interval(start, end, self.zone)}"
        place = Rect(left=left, top=strip[0], width=max(right - left, 0.8), height=strip[1])
        return _box(place, kind, told=told)


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    most = max((row.total for row in rows), default=0.0)
    drawn = (_bar(row, place * BAR_ROW, most) for place, row in enumerate(rows))
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {BAR_WIDTH:g} {BAR_ROW * len(rows):g}",
        role="img",
        aria_label=f"{title}: " + "; ".join(f"{row.name} {row.said}" for row in rows),
        class_="bars",
    )


def _bar(row: Bar, top: float, most: float) -> Markup:
    boxes, left = [], 0.0
    for value, kind in row.parts:
        width = BAR_ROOM * value / most if most else 0.0
        if width:
            boxes.append(_box(Rect(left=left, top=top + 16, width=width, height=BAR_TALL), kind))
        left += width
    name = _label(row.name, 0, top + 11, class_="strong" if row.name == Policy.CONTROLLER else None)
    line = element("line", x1=0.0, x2=0.0, y1=top + 14, y2=top + 30, class_="axis")
    return together((name, *boxes, line, _label(row.said, left + 6, top + 26)))


def timeline(
    schedule: Schedule, results: Sequence[tuple[Policy, PipelineResult]], shown: ZonedRange
) -> Markup:
    """``shown`` is in the schedule's zone; the results begin at the same instant."""
    scale = Scale(start=shown.start, end=shown.end, zone=shown.zone)
    tops = [HEAD + SCHEDULE + LANE * place for place in range(len(results))]
    bottom = HEAD + SCHEDULE + LANE * len(results)
    most = max((count for _, each in results for _, count in _backlog(each, shown)), default=0)
    lanes = (_lane(policy, each, shown, top, most) for (policy, each), top in zip(results, tops, strict=True))
    return element(
        "svg",
        together(_openings(schedule, shown, scale, bottom)),
        together(_dates(shown, scale, bottom)),
        together(lanes),
        viewBox=f"0 0 {GUTTER + PLOT + 2:g} {bottom + 18:g}",
        role="img",
        aria_label="Every policy: schedule, model, consumption and backlog",
        class_="timeline",
    )


def legend() -> Markup:
    sample = Rect(left=0.5, top=0.5, width=27, height=11)
    items = (
        element(
            "li",
            element("svg", _box(sample, kind), viewBox="0 0 28 12", aria_hidden="true"),
            words,
        )
        for kind, words in TOLD.items()
    )
    return element("ul", *items, class_="legend")


def _openings(schedule: Schedule, shown: ZonedRange, scale: Scale, bottom: float) -> Iterator[Part]:
    yield _label("schedule", 0, HEAD + 13, class_="strong")
    for opening in schedule.openings(shown.start, shown.end):
        left, right = scale.x(opening.start), scale.x(opening.end)
        band = Rect(left=left, top=HEAD, width=right - left, height=bottom - HEAD)
        yield _box(band, "band", told=opening.name)
        yield scale.box(opening.start, opening.end, (HEAD + 2, 14), "open")
        if right - left >= ROOM_FOR_HOURS:
            words = "-".join(f"{at.astimezone(shown.zone):%H:%M}" for at in (opening.start, opening.end))
            yield _label(words, (left + right) / 2, HEAD + 12.5, class_="middle onopen")


def _dates(shown: ZonedRange, scale: Scale, bottom: float) -> Iterator[Part]:
    hour_wide = PLOT / ((shown.end - shown.start) / timedelta(hours=1))
    every = next((hours for hours in EVERY if hours * hour_wide > ROOM_FOR_HOUR), EVERY[-1])
    for date_ in shown.dates:
        hours = [_hour(date_, hour, shown.zone) for hour in range(25)]
        left, right = scale.x(hours[0]), scale.x(hours[-1])
        yield element("line", x1=left, x2=left, y1=4.0, y2=bottom + 4, class_="midnight")
        if right - left > ROOM_FOR_HOURS:
            yield _label(day(date_), (left + right) / 2, 14, class_="middle strong")
        for hour in range(every, 24, every):
            if shown.start < hours[hour] < shown.end:
                yield _label(f"{hour:02}", scale.x(hours[hour]), bottom + 13, class_="middle small")
    yield element("line", x1=GUTTER, x2=GUTTER + PLOT, y1=bottom, y2=bottom, class_="axis")


def _hour(date_: date, hour: int, zone: ZoneInfo) -> datetime:
    return earliest(datetime.combine(date_, time.min) + timedelta(hours=hour), zone)


def _lane(policy: Policy, result: PipelineResult, shown: ZonedRange, top: float, most: int) -> Markup:
    counts, scale = _backlog(result, shown), Scale(start=shown.start, end=shown.end, zone=shown.zone)
    peak = max((count for _, count in counts), default=0)
    return element(
        "g",
        element("line", x1=0.0, x2=GUTTER + PLOT, y1=top, y2=top, class_="lane"),
        _label(policy, 0, top + 18, class_="strong"),
        _label(f"at most {peak:,}", 0, top + 56, class_="small"),
        *(
            _label(words, GUTTER - 6, top + place, class_="end small")
            for words, place in (("model", 18), ("consumption", 30), ("backlog", 56))
        ),
        *_strips(result, scale, top),
        _area([(scale.x(at), count / most if most else 0.0) for at, count in counts], top),
    )


def _strips(result: PipelineResult, scale: Scale, top: float) -> Iterator[Part]:
    model, consumption = ((top + strip[0], strip[1]) for strip in (MODEL, CONSUMPTION))
    for span in result.spans:
        if span.activity in KINDS:
            yield scale.box(span.start, span.end, model, KINDS[span.activity])
        if span.activity is Activity.CONSUMING:
            yield scale.box(span.start, span.end, consumption, "consuming")
    for start, end in result.vain:
        yield scale.box(start, end, consumption, "vain")


def _backlog(result: PipelineResult, shown: ZonedRange) -> list[tuple[datetime, int]]:
    """The counts within the week."""
    begun = result.spans[0].start
    counted = ((begun + place * BACKLOG_EVERY, count) for place, count in enumerate(result.backlog))
    return [(at, count) for at, count in counted if shown.start <= at <= shown.end]


def _area(points: Sequence[tuple[float, float]], top: float) -> Markup | None:
    """``points`` are places from left to right, with shares of the whole height."""
    if not points:
        return None
    floor, tall = top + sum(BACKLOG), BACKLOG[1]
    outline = "L".join(f"{x:.1f} {floor - tall * share:.1f}" for x, share in points)
    return element("path", d=f"M{points[0][0]:.1f} {floor:.1f}L{outline}V{floor:.1f}Z", class_="backlog")


def _box(rect: Rect, kind: str, *, told: str | None = None) -> Markup:
    title = element("title", told) if told else None
    lines = hatching(kind, rect)
    return element(
        "g",
        title,
        element("rect", x=rect.left, y=rect.top, width=rect.width, height=rect.height, class_=kind),
        element("path", d=lines, class_=f"{kind}-lines") if lines else None,
    )


def _label(words: str, x: float, y: float, *, class_: str | None = None) -> Markup:
    return element("text", words, x=x, y=y, class_=class_)


def rows(header: Iterable[str], body: Iterable[Iterable[str]]) -> Markup:
    """A table whose first column names the row."""
    head = element("tr", *(element("th", name, scope="col") for name in header))
    lines = (
        element("tr", element("th", name, scope="row"), *(element("td", cell) for cell in cells))
        for name, *cells in body
    )
    return element("div", element("table", element("thead", head), element("tbody", *lines)), class_="scroll")
