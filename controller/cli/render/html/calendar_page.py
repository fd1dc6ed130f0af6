"""A schedule as a page of months: self-contained, no script, no request, legible in grey and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from controller.cli.render.days import DAY_H, MONTHS, Day, days, special, weeks
from controller.cli.render.html import markup
from controller.cli.render.html.markup import Markup, Part, element
from controller.cli.render.times import ZonedRange, begin
from controller.core.timefmt import WEEKDAYS, day, local, spelled
from controller.costs import hours_of
from controller.schedule import Schedule

STYLE = Path(__file__).with_name("calendar.css")
MOST_LARGE = 3
"""More months than these are drawn small, with their special dates in a list."""
BAR_TALL = 4.0
TICKS = (6, 12, 18)


def page(schedule: Schedule, over: ZonedRange, title: str) -> str:
    """The months that ``over`` touches, each of them whole."""
    months = _whole_months(schedule, over)
    is_small = len(months) > MOST_LARGE
    return markup.page(
        title,
        STYLE.read_text(encoding="utf-8"),
        element(
            "header",
            element("h1", title),
            element("p", f"{schedule.spec.zone}. Bars are days from 00:00 to 24:00 on its clocks."),
            _legend(),
        ),
        element(
            "main",
            *(_month(schedule, each, is_small=is_small) for each in months),
            class_="small" if is_small else "large",
        ),
        element(
            "footer",
            f"Drawn by rekognition-scheduler calendar from {_from(schedule, over)}. Nothing is loaded.",
        ),
    )


def _from(schedule: Schedule, over: ZonedRange) -> str:
    return (
        f"the schedule {schedule.spec.name}, {local(over.start, over.zone)} to {local(over.end, over.zone)}"
    )


def _whole_months(schedule: Schedule, over: ZonedRange) -> tuple[tuple[Day, ...], ...]:
    first, last = over.dates[0].replace(day=1), _following(over.dates[-1])
    shown = ZonedRange(start=begin(first, over.zone), end=begin(last, over.zone), zone=over.zone)
    by_month = groupby(days(schedule, shown), key=lambda each: (each.date.year, each.date.month))
    return tuple(tuple(some) for _, some in by_month)


def _following(date_: date) -> date:
    """The first of the month after it."""
    return (date_.replace(day=1) + timedelta(days=31)).replace(day=1)


def _month(schedule: Schedule, month: Sequence[Day], *, is_small: bool) -> Markup:
    first, zone = month[0].date, schedule.zone
    openings = schedule.openings(begin(first, zone), begin(_following(first), zone))
    total = element("span", f" {spelled(hours_of(openings) * 3600)} open", class_="muted")
    return element(
        "section",
        element("h2", f"{MONTHS[first.month - 1]} {first.year}", total),
        element("table", _head(), element("tbody", *(_week(week) for week in weeks(month)))),
        _names(month) if is_small else None,
    )


def _head() -> Markup:
    return element("thead", element("tr", *(element("th", name, scope="col") for name in WEEKDAYS)))


def _week(week: Sequence[Day | None]) -> Markup:
    return element("tr", *(_cell(each) if each else element("td", class_="outside") for each in week))


def _cell(each: Day) -> Markup:
    weekday = element("span", f"{WEEKDAYS[each.date.weekday()]} ", class_="weekday")
    return element(
        "td",
        element("time", weekday, each.date.day, datetime=each.date.isoformat()),
        _bar(each),
        element("span", each.told, class_="told" if each.spans else "told closed"),
        *(element("span", name, class_="name") for name in each.names),
        class_="special" if each.names else None,
    )


def _bar(each: Day) -> Markup:
    """Stretched to the width that there is; one unit is an hour."""
    named = f"{day(each.date)}: {each.told}"
    return _svg(
        element("rect", width=DAY_H, height=BAR_TALL, class_="ground"),
        *(
            element("rect", x=start, width=end - start, height=BAR_TALL, class_="open")
            for start, end in each.spans
        ),
        label="; ".join((named, *each.names)),
    )


def _svg(*drawn: Part, label: str) -> Markup:
    ticks = (element("line", x1=hour, x2=hour, y1=0.0, y2=BAR_TALL, class_="tick") for hour in TICKS)
    box = f"0 0 {DAY_H:g} {BAR_TALL:g}"
    return element(
        "svg",
        element("title", label),
        *drawn,
        *ticks,
        viewBox=box,
        preserveAspectRatio="none",
        role="img",
        class_="bar",
    )


def _names(month: Sequence[Day]) -> Markup | None:
    rows = tuple(_named(month))
    return element("ul", *rows) if rows else None


def _named(month: Sequence[Day]) -> Iterator[Markup]:
    for first, last in special(month):
        dates = f"{first.date.day}" if first is last else f"{first.date.day} to {last.date.day}"
        yield element("li", element("strong", dates), f" {first.told}: {'; '.join(first.names)}")


def _legend() -> Markup:
    parts = (("open", "open"), ("ground", "closed"))
    swatches = (element("li", element("span", class_=f"swatch {kind}"), told) for kind, told in parts)
    special_ = element("li", element("span", class_="swatch special"), "a holiday or an override, named")
    ticks = element("li", "lines at 06:00, 12:00 and 18:00")
    return element("ul", *swatches, special_, ticks, class_="legend")
