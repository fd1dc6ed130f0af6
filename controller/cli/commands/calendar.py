"""``calendar``: the openings of a schedule as a list, a chart, a page or an iCalendar file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import load, schedule
from controller.cli.options.outputs import (
    FEED,
    PAGE,
    STDOUT,
    HtmlOption,
    IcsOption,
    check_output,
    is_same_file,
)
from controller.cli.options.shared import (
    ConfigOption,
    FileArgument,
    FromOption,
    JsonOption,
    ScheduleOption,
    ToOption,
    chosen_file,
)
from controller.cli.render import month, times
from controller.cli.render.days import MONTHS, days
from controller.cli.render.terminal import count, line, print_info, print_json, print_out, table
from controller.cli.render.times import ZonedRange, stretch
from controller.config.model import Config
from controller.core.timefmt import interval, local, local_or_never, spelled
from controller.costs import hours_of
from controller.loop.report import instant
from controller.schedule import Schedule
from controller.schedule.model import Opening

DEFAULT_DAYS = 14
LONGEST = timedelta(days=100 * 366)
"""That of which a list is printed in some seconds."""

MonthOption = Annotated[
    str | None, typer.Option("--month", metavar="YYYY-MM", help="Chart of a month: 2026-12.")
]
YearOption = Annotated[str | None, typer.Option("--year", metavar="YYYY", help="Chart of a year: 2026.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRange:
    """The options that choose the dates: --month, --year, or --from and --to."""

    month: str | None
    year: str | None
    from_: str | None
    to: str | None

    def __post_init__(self) -> None:
        spans = (self.month, self.year, self.from_ or self.to)
        if sum(each is not None for each in spans) > 1:
            raise typer.BadParameter("one of --month, --year, and --from with --to, says for when")

    def over(self, zone: ZoneInfo, now: datetime) -> ZonedRange:
        if self.month is not None:
            return times.month(self.month, zone)
        if self.year is not None:
            return times.year(self.year, zone)
        return stretch(self.from_, self.to, zone, now, days=DEFAULT_DAYS)

    def title(self, over: ZonedRange) -> str:
        """``December 2026``, ``2026``, ``from … to …``."""
        first = over.dates[0]
        if self.month is not None:
            return f"{MONTHS[first.month - 1]} {first.year}"
        return self.year or f"from {local(over.start, over.zone)} to {local(over.end, over.zone)}"


@command_boundary
def calendar(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument = None,
    name: ScheduleOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    month: MonthOption = None,
    year: YearOption = None,
    ics: IcsOption = None,
    html: HtmlOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """List the openings of a schedule.

    In local time and UTC, with their reasons; without --to the 14 days from --from. With --month or --year a
    chart: weeks as rows, open hours as bars, holidays and overrides named. --html draws whole months.
    """
    if as_json and ics == STDOUT:
        raise typer.BadParameter("--json takes stdout; name a file", param_hint="--ics")
    now: datetime = ctx.obj.clock()
    calendar_range = CalendarRange(month=month, year=year, from_=from_, to=to)
    loaded = load(chosen_file(ctx, file, config), ctx.obj.clients)
    _check_outputs(ics, html, loaded)
    chosen = schedule(loaded, name)
    over = calendar_range.over(chosen.zone, now)
    if over.end - over.start > LONGEST:
        raise typer.BadParameter(f"more than {LONGEST.days // 366} years; ask for fewer", param_hint="--to")
    openings = chosen.openings(over.start, over.end)
    if ics is not None:
        _write_ics(ics, chosen, over, now)
    if html is not None:
        _write_html(html, chosen, over, now)
    if as_json:
        print_json(_json(chosen, over, openings))
    elif ics != STDOUT:
        _print(chosen, over, calendar_range)
    return Exit.OK


def _check_outputs(ics: Path | None, html: Path | None, loaded: Config) -> None:
    if ics is not None and ics != STDOUT:
        check_output(ics, FEED, loaded)
    if html is not None:
        check_output(html, PAGE, loaded)
    if ics is not None and html is not None and is_same_file(ics, html):
        raise typer.BadParameter("--ics and --html name the same file", param_hint="--html")


def _json(chosen: Schedule, over: ZonedRange, openings: Iterable[Opening]) -> dict[str, object]:
    return {
        "schedule": chosen.spec.name,
        "timezone": chosen.spec.zone,
        "from": instant(over.start),
        "to": instant(over.end),
        "openings": [_opening(each, over.zone) for each in openings],
    }


def _opening(opening: Opening, zone: ZoneInfo) -> dict[str, object]:
    return {
        "start": instant(opening.start),
        "end": instant(opening.end),
        "start_local": opening.start.astimezone(zone).isoformat(timespec="seconds"),
        "end_local": opening.end.astimezone(zone).isoformat(timespec="seconds"),
        "reason": opening.reason,
    }


def _print(chosen: Schedule, over: ZonedRange, calendar_range: CalendarRange) -> None:
    openings, title = chosen.openings(over.start, over.end), calendar_range.title(over)
    is_picture = calendar_range.month is not None or calendar_range.year is not None
    when = f"in {title} ({chosen.spec.zone})" if is_picture else title
    if openings:
        total = spelled(hours_of(openings) * 3600)
        opens = count(len(openings), "time")
        print_out(line((chosen.spec.name, "bold"), f" opens {opens}, {total} in all"), when)
    else:
        following = local_or_never(chosen.next_change(over.end), over.zone)
        print_out(line((chosen.spec.name, "bold"), f" is closed {when}; next change: {following}"))
    if is_picture:
        _print_picture(chosen, over, calendar_range)
    elif openings:
        rows = [(interval(each.start, each.end, over.zone), _utc(each), each.name) for each in openings]
        print_out(table((f"local ({chosen.spec.zone})", "UTC", "reason"), rows))


def _print_picture(chosen: Schedule, over: ZonedRange, calendar_range: CalendarRange) -> None:
    found, size = days(chosen, over), month.cells()
    if calendar_range.month is None:
        print_out("", *month.year(found, size), "", month.legend(size), *month.names(found))
    else:
        print_out(
            "", *month.month(found, size), "", month.legend(size, f" ({month.MARK})"), *month.names(found)
        )


def _utc(opening: Opening) -> str:
    return interval(opening.start, opening.end, ZoneInfo("UTC")).replace(" UTC", "")[len("Mon ") :]


def _write_ics(where: Path, chosen: Schedule, over: ZonedRange, now: datetime) -> None:
    from controller.cli.render.ics import feed, whole  # noqa: PLC0415 - heavy, for --ics alone

    openings = whole(chosen, chosen.openings(over.start, over.end))
    if not openings:
        message = f"there is no opening from {local(over.start, over.zone)} to {local(over.end, over.zone)}"
        raise typer.BadParameter(f"{message}, and no such file without an event", param_hint="--ics")
    text = feed(chosen.spec.name, openings, now)
    if where == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        return
    where.write_bytes(text)
    print_info(f"{count(len(openings), 'opening')} written to {where}")


def _write_html(where: Path, chosen: Schedule, over: ZonedRange, now: datetime) -> None:
    from controller.cli.render.html.calendar_page import page  # noqa: PLC0415 - heavy, for --html alone

    where.write_text(page(chosen, over, now.astimezone(chosen.zone).date()), encoding="utf-8")
    print_info(f"{where} is drawn: open it in a browser")
