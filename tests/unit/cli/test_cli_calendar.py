"""``calendar`` as a picture, a page and a feed: bars, dates and hours, worked by hand from the file."""

from __future__ import annotations

import html
import io
import re
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from controller.cli.render import month as month_view
from controller.cli.render.days import days, special, weeks
from controller.cli.render.times import month
from controller.schedule import Schedule
from controller.schedule.model import Spec
from controller.storage.load import read
from tests.support.desk import FILE
from tests.support.schedules import week
from tests.unit.cli.cases.files import DATED

SPECIAL = {
    "Sat 2026-12-05": ("20:00-24:00", "Backlog"),
    "Sun 2026-12-06": ("00:00-02:00", "Backlog"),
    "Thu 2026-12-24": ("08:30-12:00", "Christmas Eve"),
    "Fri 2026-12-25": ("closed", "Christmas Day"),
    "Mon 2026-12-28 to": ("closed", "Shutdown"),
}


def test_a_month_is_weeks_of_bars_with_what_is_special_named(desk):
    desk.write(DATED)
    said = desk("calendar", "--month", "2026-12")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("office opens 22 times, 148 h ")
    rows = said.out.split("\n\n")[-1].splitlines()[1:]
    assert [(row[34:45].strip(), row[47:]) for row in rows] == list(SPECIAL.values())
    assert all(row.startswith(date) for row, date in zip(rows, SPECIAL, strict=True))
    starred = re.findall(r"\b(\d+)\*", said.out)
    assert starred == ["5", "6", "24", "25", "28", "29", "30", "31"]


def test_a_year_is_a_line_a_week(desk):
    desk.write(DATED)
    said = desk("calendar", "--year", "2026")
    lines = said.out.split("\n\n")[1].splitlines()
    # 198 of 8.5 hours, 49 Fridays of 3.5 and 3, Christmas Eve of 3.5, and the backlog's 6.
    assert said.out.startswith("office opens 298 times, 2011 ")
    assert len(lines) == 1 + 53
    assert lines[1].startswith("Jan  1" + " " * 40 + "-")
    assert lines[1].split()[2:] == ["------------", "····██▐█····", "············", "············"]
    assert lines[-1] == "Dec 28" + " ------------" * 4
    assert ["Thu", "2026-11-26", "closed", "Thanksgiving", "Day"] in map(str.split, said.out.splitlines())


@pytest.mark.parametrize(
    ("option", "start", "end"),
    [
        pytest.param(("--month", "2026-11"), "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z", id="month"),
        pytest.param(("--year", "2026"), "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z", id="year"),
    ],
)
def test_the_json_of_a_month_or_a_year_has_its_bounds(desk, option, start, end):
    data = desk("calendar", *option, "--json").data
    assert (data["from"], data["to"]) == (start, end)


TWO_TIMES = "one of --month, --year, "


@pytest.mark.parametrize(
    ("args", "option", "part"),
    [
        pytest.param(("--month", "2026-13"), "--month", '"2026-13" is not a month', id="no such month"),
        pytest.param(("--month", "12/2026"), "--month", "(2026-12)", id="no month"),
        pytest.param(("--year", "26"), "--year", "(2026)", id="no year"),
        pytest.param(("--year", "9999"), "--year", "1970 to 2199", id="a year too far"),
        pytest.param(("--month", "2026-12", "--year", "2026"), "--month", TWO_TIMES, id="two"),
        pytest.param(("--year", "2026", "--to", "2026-12-01"), "--to", TWO_TIMES, id="and to"),
        pytest.param(("--html", "nowhere/page.html"), "'--html'", "nowhere is no", id="no folder"),
        pytest.param(
            ("--from", "2026-11-28", "--to", "2026-11-29", "--ics", "x.ics"),
            "--ics",
            "there is no opening",
            id="nothing to write",
        ),
    ],
)
def test_a_time_that_cannot_be_drawn_is_wrong_input(desk, args, option, part):
    said = desk("calendar", *args)
    assert (said.code, said.out) == (2, "")
    assert option in said.err
    assert part in said.err


def schedule(zone: str = "America/New_York", daily: str = "closed", **days: str) -> Schedule:
    return Schedule(Spec(name="s", zone=zone, week=week(daily, **days)))


def drawn(shown: Schedule, date: str, size: int = 12) -> str:
    """The bar of one date."""
    found = days(shown, month(date[:7], shown.zone))
    lines = [line.plain for line in month_view.month(found, size)]
    place = next(each for each in found if str(each.date) == date)
    row = next(number for number, week in enumerate(weeks(found)) if place in week)
    start = place.date.weekday() * (size + 1)
    return lines[2 + 2 * row][start : start + size]


@pytest.mark.parametrize(
    ("hours", "date", "bar"),
    [
        pytest.param("open", "2026-12-01", "████████████", id="the whole date"),
        pytest.param("01:00-02:00", "2026-12-01", "▐···········", id="an hour"),
        pytest.param("12:00-12:01", "2026-12-01", "······▌·····", id="a minute is not lost"),
        pytest.param("23:59-24:00", "2026-12-01", "···········▐", id="the last minute"),
        pytest.param("22:00-02:00", "2026-12-02", "█··········█", id="over midnight"),
        pytest.param("open", "2026-03-08", "████████████", id="23 hours"),
        pytest.param("open", "2026-11-01", "████████████", id="25 hours"),
        pytest.param("01:30-02:30", "2026-11-01", "▐▌··········", id="in the hour that comes twice"),
    ],
)
def test_a_bar_follows_the_wall_clock(hours, date, bar):
    assert drawn(schedule(daily=hours), date) == bar


def test_a_narrow_bar_has_three_hours_a_character():
    assert drawn(schedule(daily="09:00-18:00"), "2026-12-01", size=8) == "···███··"


def test_midnight_that_the_clocks_skip_begins_the_date_later():
    # Beirut's clocks went from 00:00 to 01:00 on Sunday, 2024-03-31.
    shown = schedule("Asia/Beirut", daily="open")
    sunday = days(shown, month("2024-03", shown.zone))[-1]
    assert (sunday.spans, sunday.hours_text) == (((1.0, 24.0),), "01:00-24:00")


def test_dates_that_are_alike_and_follow_each_other_are_told_once(desk):
    shown = Schedule(read(str(desk.write(DATED))).specs["office"])
    found = special(days(shown, month("2026-12", shown.zone)))
    assert [(first.date.day, last.date.day) for first, last in found] == [
        (5, 5),
        (6, 6),
        (24, 24),
        (25, 25),
        (28, 31),
    ]


def test_a_terminal_without_blocks_has_letters(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert drawn(schedule(daily="08:30-17:00"), "2026-12-01") == "....#####..."
    assert month_view.legend(12).startswith("# open  . closed")


class Tags(HTMLParser):
    """The tags of a page, and the texts of a class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for key, value in attrs:
            self.attributes.setdefault(key, []).append(value)


def page(desk, *args: str) -> str:
    said = desk("calendar", *args, "--html", "page.html")
    assert (said.code, said.err.count("\n")) == (0, 1)
    return (desk.home / "page.html").read_text(encoding="utf-8")


def test_the_page_has_every_date_with_its_hours_and_names(desk):
    desk.write(DATED)
    text = page(desk, "--month", "2026-12")
    assert text.count("<td") - text.count('class="outside"') == 31
    assert text.count("<time") == 31
    assert text.count('class="told">08:30-17:00<') == 14
    assert 'class="name">Christmas Day<' in text
    assert text.count('class="name">Shutdown<') == 4


def test_the_page_of_a_year_has_twelve_months_and_lists_what_is_special(desk):
    text = page(desk, "--year", "2026")
    assert re.findall(r"<h2>(\w+) 2026", text) == [
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ]
    assert ">26</strong> closed: Thanks" in text


@pytest.mark.parametrize(
    ("args", "title"),
    [
        pytest.param((), "office: November 2026 to December 2026", id="the next days"),
        pytest.param(
            ("--from", "2026-12-30", "--to", "2027-01-02"),
            "office: December 2026 to January 2027",
            id="over new year",
        ),
        pytest.param(("--from", "2026-12-10", "--to", "2026-12-11"), "office: December 2026", id="a day"),
        pytest.param(("--month", "2026-12"), "office: December 2026", id="a month"),
        pytest.param(("--year", "2026"), "office: 2026", id="a year"),
    ],
)
def test_the_title_of_the_page_names_the_months_that_it_draws(desk, args, title):
    text = page(desk, *args)
    assert f"<title>{title}</title>" in text
    months = re.findall(r"<h2>(\w+ \d+)", text)
    assert len(months) == 12 or title == "office: " + " to ".join(dict.fromkeys((months[0], months[-1])))


TODAY = re.compile(r'aria-current="date">\s*<time datetime="([^"]*)"')


@pytest.mark.parametrize(
    ("instant", "args", "marked"),
    [
        pytest.param("2026-11-24T15:00:00", (), ["2026-11-24"], id="today"),
        pytest.param("2026-11-25T04:59:00", (), ["2026-11-24"], id="by the clocks of the schedule"),
        pytest.param("2026-11-24T15:00:00", ("--month", "2026-12"), [], id="another month"),
    ],
)
def test_today_is_marked(desk, instant, args, marked):
    desk.is_at(instant)
    text = page(desk, *args)
    assert TODAY.findall(text) == marked
    assert ("</span>today</li>" in text) == bool(marked)


@pytest.mark.parametrize(
    ("zone", "paper"),
    [
        ("America/New_York", "letter"),
        ("US/Pacific", "letter"),
        ("Pacific/Honolulu", "letter"),
        ("Europe/Berlin", "A4"),
        ("UTC", "A4"),
    ],
)
def test_the_paper_is_that_of_the_zone(desk, zone, paper):
    desk.write(FILE.replace("America/New_York", zone))
    assert f"@page {{ size: {paper} landscape;" in page(desk, "--month", "2026-12")


def test_the_page_loads_and_runs_nothing(desk):
    read = Tags(page(desk, "--month", "2026-12"))
    assert {"script", "img", "iframe", "object", "embed", "a"}.isdisjoint(read.tags)
    assert "src" not in read.attributes
    assert read.attributes["href"] == ["data:,"]


def test_what_the_file_says_cannot_write_the_page(desk):
    evil = "</title><script>alert(1)</script>&"
    desk.write(DATED.replace("Christmas Eve", f"'{evil}'"))
    text = page(desk, "--month", "2026-12")
    assert "<script" not in text
    assert html.escape(evil) in text


def feed(desk, *args: str) -> bytes:
    assert desk("calendar", *args, "--ics", "open.ics").code == 0
    return (desk.home / "open.ics").read_bytes()


LONG = "Ökonomie; über, alles \\ " * 7


def test_the_feed_keeps_to_the_form_of_rfc_5545(desk):
    desk.write(DATED.replace("Christmas Eve", f"'{LONG.strip()}'"))
    data = feed(desk, "--month", "2026-12")
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8")  # no character is cut in two
    assert data.count(b"VERSION:2.0\r\n") == data.count(b"PRODID:") == 1
    assert data.count(b"BEGIN:VEVENT") == data.count(b"DTSTAMP:20261123T131000Z") == data.count(b"UID:") == 22


def test_the_feed_has_no_method_since_it_names_no_organizer(desk):
    assert b"METHOD" not in feed(desk, "--month", "2026-12")


def test_the_feed_reads_back_as_it_was_meant(desk):
    desk.write(DATED.replace("Christmas Eve", f"'{LONG.strip()}'"))
    calendar = Calendar.from_ical(feed(desk, "--month", "2026-12"))
    eve = next(event for event in calendar.events if event.start.day == 24)
    assert calendar.errors == []
    assert (eve.start, eve.end) == (
        datetime(2026, 12, 24, 13, 30, tzinfo=UTC),
        datetime(2026, 12, 24, 17, tzinfo=UTC),
    )
    assert str(eve["description"]) == LONG.strip()
    assert (str(eve["summary"]), str(eve["transp"])) == ("office: open", "TRANSPARENT")


def uids(data: bytes) -> list[str]:
    return [str(event["uid"]) for event in Calendar.from_ical(data).events]


def test_a_subscription_updates_since_a_uid_outlives_reasons_hours_and_what_was_asked_for(desk):
    first = uids(feed(desk, "--from", "2026-11-23", "--to", "2026-11-26"))
    desk.is_at("2026-11-24T15:00:00")
    desk.write(FILE.replace("mon-thu: 08:30-17:00", "mon-wed: 08:30-19:00"))
    second = uids(feed(desk, "--from", "2026-11-23T10:00", "--to", "2026-11-25T12:00"))
    assert first == second
    assert [uid.partition("@")[0] for uid in first] == [f"office-202611{day}T133000Z" for day in (23, 24, 25)]


def test_openings_of_the_feed_are_whole_though_less_was_asked_for(desk):
    desk.write(FILE.replace("mon-thu: 08:30-17:00", "mon-thu: 22:00-06:00"))
    [event] = Calendar.from_ical(feed(desk, "--from", "2026-11-24", "--to", "2026-11-24T03:00")).events
    assert (event.start, event.end) == (
        datetime(2026, 11, 24, 3, tzinfo=UTC),
        datetime(2026, 11, 24, 11, tzinfo=UTC),
    )


def test_a_schedule_that_never_closes_is_an_event_as_far_as_was_asked_for(desk):
    desk.write(
        FILE.replace("mon-thu: 08:30-17:00", "mon-thu: open")
        .replace("fri: [08:30-12:00, 13:00-16:00]", "fri-sun: open")
        .replace("    holidays: {calendars: [us]}\n", "")
    )
    [event] = Calendar.from_ical(feed(desk, "--from", "2026-11-24", "--to", "2026-11-25")).events
    assert (event.start, event.end) == (
        datetime(2026, 11, 24, 5, tzinfo=UTC),
        datetime(2026, 11, 25, 5, tzinfo=UTC),
    )


def test_centuries_are_refused_with_how_many_are_not(desk):
    said = desk("calendar", "--from", "1990-01-01", "--to", "2199-01-01")
    assert (said.code, said.out) == (2, "")
    assert "100 years" in said.err
    assert desk("calendar", "--from", "2026-01-01", "--to", "2036-01-01", "--json").code == 0
