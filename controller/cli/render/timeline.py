"""Draws what a model did as bars: a line for each local date, or for each week of a long time."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rich.text import Text

from controller.cli.render.terminal import words
from controller.cli.render.times import ZonedRange, begin
from controller.core.timefmt import WEEKDAYS, day
from controller.schedule import Schedule
from controller.schedule.walltime import earliest, latest
from controller.sim.result import Activity, PipelineResult, Span

DAYS_IN_LINES = 35
"""A longer time has a line for each week."""
LONGEST = 5 * 366
"""In days; of a longer time no timeline is shown."""

FINE_CELL_MAX = timedelta(hours=1)
"""In a cell of more than this, what is brief does not weigh more."""

_DAY_MIN = 24 * 60
_WEEK_CELLS = 6
"""Of each date in a line of a week: four hours each."""
_LABEL = len("Mon 2026-11-23  ")
_HOURS = len("  10.5 / 10.5 h")


@dataclass(frozen=True, slots=True, kw_only=True)
class GlyphStyle:
    """How an activity is drawn; ``plain`` is for ASCII. Brief activities weigh more, to be visible."""

    glyph: str
    plain: str
    style: str
    weight: float


GLYPHS = {
    Activity.STOPPED: GlyphStyle(glyph="·", plain=".", style="dim", weight=1),
    Activity.STARTING: GlyphStyle(glyph="▴", plain="^", style="yellow", weight=15),
    Activity.IDLE: GlyphStyle(glyph="▒", plain="=", style="cyan", weight=2),
    Activity.CONSUMING: GlyphStyle(glyph="█", plain="#", style="green", weight=1),
    Activity.STOPPING: GlyphStyle(glyph="▾", plain="v", style="magenta", weight=15),
    Activity.DOWN: GlyphStyle(glyph="✗", plain="x", style="bold red", weight=15),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The capabilities of the output; ``width`` in characters."""

    width: int
    ascii: bool = False

    def glyph(self, activity: Activity) -> Text:
        glyph_style = GLYPHS[activity]
        return words(glyph_style.plain if self.ascii else glyph_style.glyph, glyph_style.style)

    @property
    def cells(self) -> int:
        """Of a date: a quarter of an hour each, or more where there is less room."""
        room = self.width - _LABEL - _HOURS
        return next((cells for cells in (96, 48, 24) if cells <= room), 12)


class SpanIndex:
    """Finds the activities of a pipeline between two instants."""

    def __init__(self, spans: tuple[Span, ...]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[Activity, float]]:
        """Activity and seconds of each span within ``[start, end)``."""
        for index in range(max(bisect_right(self._starts, start) - 1, 0), len(self._spans)):
            span = self._spans[index]
            if span.start >= end:
                return
            seconds = (min(span.end, end) - max(span.start, start)).total_seconds()
            if seconds > 0:
                yield span.activity, seconds

    def cell(self, start: datetime, end: datetime) -> Activity | None:
        """The activity shown for ``[start, end)``; ``None`` outside, or where the clocks skip it."""
        weights: Counter[Activity] = Counter()
        is_fine = end - start <= FINE_CELL_MAX
        for activity, seconds in self.between(start, end):
            weights[activity] += round(seconds * (GLYPHS[activity].weight if is_fine else 1))
        return max(weights, key=weights.__getitem__, default=None)


def legend(canvas: Canvas) -> Text:
    return Text("  ").join(canvas.glyph(activity) + words(f" {activity.value}") for activity in Activity)


def timeline(result: PipelineResult, schedule: Schedule, over: ZonedRange, canvas: Canvas) -> Iterator[Text]:
    """``over`` is in the schedule's zone."""
    if len(over.dates) > LONGEST:
        return iter(())
    span_index = SpanIndex(result.spans)
    if len(over.dates) > DAYS_IN_LINES:
        return _weeks(span_index, over, canvas)
    return _dates(span_index, schedule, over, canvas)


def _dates(span_index: SpanIndex, schedule: Schedule, over: ZonedRange, canvas: Canvas) -> Iterator[Text]:
    yield words(" " * _LABEL + _axis(canvas.cells) + "  served / open", "dim")
    for date_ in over.dates:
        bar = _bar(span_index, date_, over.zone, canvas, canvas.cells)
        served, opened = _hours(span_index, schedule, date_, over)
        hours = f"  {served:4.1f} / {opened:4.1f} h" if opened else ""
        yield words(day(date_).ljust(_LABEL)) + bar + words(hours)


def _weeks(span_index: SpanIndex, over: ZonedRange, canvas: Canvas) -> Iterator[Text]:
    heads = "".join(name.ljust(_WEEK_CELLS + 1) for name in WEEKDAYS)
    yield words(" " * _LABEL + heads, "dim")
    first = over.dates[0] - timedelta(days=over.dates[0].weekday())
    for monday in (first + timedelta(weeks=week) for week in range((over.dates[-1] - first).days // 7 + 1)):
        dates = (monday + timedelta(days=days) for days in range(7))
        bars = Text(" ").join(_bar(span_index, date_, over.zone, canvas, _WEEK_CELLS) for date_ in dates)
        yield words(f"week {monday.isoformat()}".ljust(_LABEL)) + bars


def _axis(cells: int) -> str:
    """Hours above their cells, every three or every six of them."""
    hours = 3 if cells >= 24 else 6  # noqa: PLR2004 - fewer cells have no room for more numbers
    wide = cells * hours // 24
    return "".join(f"{hour:<{wide}}" for hour in range(0, 24, hours))


def _bar(span_index: SpanIndex, date_: date, zone: ZoneInfo, canvas: Canvas, cells: int) -> Text:
    shown = (span_index.cell(*bounds) for bounds in _cells(date_, zone, cells))
    return Text().join(Text(" ") if activity is None else canvas.glyph(activity) for activity in shown)


def _cells(date_: date, zone: ZoneInfo, cells: int) -> Iterator[tuple[datetime, datetime]]:
    """In wall time: one that the clocks skip is empty, one that they repeat is longer."""
    midnight, long = datetime.combine(date_, time.min), timedelta(minutes=_DAY_MIN // cells)
    for index in range(cells):
        yield earliest(midnight + index * long, zone), latest(midnight + (index + 1) * long, zone)


def _hours(span_index: SpanIndex, schedule: Schedule, date_: date, over: ZonedRange) -> tuple[float, float]:
    """Served and open hours of a local date."""
    start = max(begin(date_, over.zone), over.start)
    end = min(begin(date_ + timedelta(days=1), over.zone), over.end)
    openings = schedule.openings(start, end)
    opened_s = sum((each.end - each.start).total_seconds() for each in openings)
    served_s = sum(_consumed_s(span_index.between(each.start, each.end)) for each in openings)
    return served_s / 3600, opened_s / 3600


def _consumed_s(doings: Iterable[tuple[Activity, float]]) -> float:
    return sum(seconds for activity, seconds in doings if activity is Activity.CONSUMING)
