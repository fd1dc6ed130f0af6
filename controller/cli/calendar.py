"""``calendar``: the openings that the file means."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from controller.cli.door import Exit
from controller.cli.inputs import load, schedule
from controller.cli.instants import Stretch, both, interval, length, local, stretch
from controller.cli.options import ConfigOption, FromOption, JsonOption, ToOption
from controller.cli.terminal import count, line, note, say, say_json, table
from controller.report import instant
from controller.schedule import Schedule
from controller.schedule.model import Opening

if TYPE_CHECKING:
    from icalendar import Event

DAYS = 14
STDOUT = "-"

ScheduleOption = Annotated[
    str | None, typer.Option("--schedule", metavar="NAME", help="Needed where the file has several.")
]
IcsOption = Annotated[
    str | None, typer.Option("--ics", metavar="FILE", help="Write the openings as iCalendar; - is stdout.")
]


def calendar(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    name: ScheduleOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    ics: IcsOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Show the openings that the file means.

    In local time and UTC, with their reasons; without --to the 14 days from --from.
    """
    if as_json and ics == STDOUT:
        raise typer.BadParameter("--json takes stdout; name a file", param_hint="--ics")
    now: datetime = ctx.obj.clock()
    shown = schedule(load(config), name)
    over = stretch(from_, to, shown.zone, now, days=DAYS)
    openings = shown.openings(over.start, over.end)
    if ics is not None:
        _write_ics(ics, shown.spec.name, openings, now)
    if as_json:
        say_json(_json(shown, over, openings))
    elif ics != STDOUT:
        _say(shown, over, openings)
    return Exit.FINE


def _json(shown: Schedule, over: Stretch, openings: Iterable[Opening]) -> dict[str, object]:
    return {
        "schedule": shown.spec.name,
        "timezone": shown.spec.zone,
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


def _say(shown: Schedule, over: Stretch, openings: tuple[Opening, ...]) -> None:
    when = f"from {local(over.start, over.zone)} to {local(over.end, over.zone)}"
    if not openings:
        following = shown.next_change(over.end)
        say(line((shown.spec.name, "bold"), f" is closed {when}; next change: {both(following, over.zone)}"))
        return
    total = length(sum((each.end - each.start).total_seconds() for each in openings))
    opens = count(len(openings), "time")
    say(line((shown.spec.name, "bold"), f" opens {opens} {when}, {total} in all"))
    rows = [(interval(each.start, each.end, over.zone), _utc(each), each.reason) for each in openings]
    say(table((f"local ({shown.spec.zone})", "UTC", "reason"), rows))


def _utc(opening: Opening) -> str:
    return interval(opening.start, opening.end, ZoneInfo("UTC")).replace(" UTC", "")[len("Mon ") :]


def _write_ics(where: str, name: str, openings: tuple[Opening, ...], now: datetime) -> None:
    text = _ics(name, openings, now)
    if where == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        return
    Path(where).write_bytes(text)
    note(f"{count(len(openings), 'opening')} written to {where}")


def _ics(name: str, openings: tuple[Opening, ...], now: datetime) -> bytes:
    """A calendar that updates what an earlier one made: an event is known by its schedule and its start."""
    from icalendar import Calendar  # noqa: PLC0415 - heavy, and seldom asked for

    made = Calendar()
    made.add("prodid", "-//rekognition-scheduler//calendar//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for opening in openings:
        made.add_component(_event(name, opening, now))
    return bytes(made.to_ical())


def _event(name: str, opening: Opening, now: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as in _ics

    event = Event()
    event.add("uid", f"{name}-{opening.start:%Y%m%dT%H%M%SZ}@rekognition-scheduler")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", opening.start)
    event.add("dtend", opening.end)
    event.add("summary", f"{name}: open")
    event.add("description", opening.reason)
    event.add("transp", "TRANSPARENT")
    return event
