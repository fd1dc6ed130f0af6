"""What the holidays library knows of a country and the file does not keep.

Dates that laws and churches fix are written down; what a release of the library lists is asked of it.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from holidays.registry import COUNTRIES

from controller.config.warnings import warnings
from controller.errors import Diagnostic
from tests.support.config_file import schedule, understood

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WINDOW = [NOW.date() + timedelta(days=ahead) for ahead in range(402)]  # to the end of 2027
DAILY = "    hours: {daily: open}\n"
WEEK = "    hours: {mon-fri: 09:00-17:00}\n"


def told(calendar: str, rest: str = "", now: datetime = NOW, hours: str = WEEK, also: str = "") -> list[str]:
    """The warnings about the country of the calendar ``x``."""
    return [each.message for each in found(calendar, rest, now, hours, also)]


def found(
    calendar: str, rest: str = "", now: datetime = NOW, hours: str = WEEK, also: str = ""
) -> list[Diagnostic]:
    rules = rest if "holidays:" in rest else f"    holidays: {{calendars: [x]}}\n{rest}"
    config = understood(
        schedule(hours + rules, also=f"calendars:\n  x: {calendar}\n{also}").replace(
            "America/New_York", "UTC"
        )
    )
    assert config.degraded == ()
    return [each for each in warnings(config, now) if each.path == "calendars.x.country"]


def dates(message: str) -> list[str]:
    """Without those of the example that shows the way out."""
    return re.findall(r"20\d\d-\d\d-\d\d", message.partition("; give them")[0])


CODES = sorted({codes[1] for codes in COUNTRIES.values()})
KNOWN = {code: getattr(holidays, code)() for code in CODES}
DIVIDED = [code for code in CODES if KNOWN[code].subdivisions]


def kept_by_most(code: str, **options: object) -> list[str]:
    """By the library's own words: asked of every subdivision, day by day."""
    own = getattr(holidays, code)(years=(2026, 2027), **options)
    parts = [getattr(holidays, code)(years=(2026, 2027), subdiv=each, **options) for each in own.subdivisions]
    counts = Counter(day for day in WINDOW for part in parts if day in part)
    return [str(day) for day in WINDOW if 2 * counts[day] > len(parts) and day not in own]


@pytest.mark.parametrize("code", DIVIDED)
def test_a_country_is_warned_of_exactly_where_most_subdivisions_keep_more(code):
    missed = kept_by_most(code)
    said = [each for each in told(f"{{country: {code}}}", hours=DAILY) if "subdivision" in each]
    assert [dates(each) for each in said] == ([missed] if missed else [])
    codes = ", ".join(sorted(KNOWN[code].subdivisions))
    assert all(f"subdivision: {codes.partition(',')[0]} (there are: {codes})" in each for each in said)


CATEGORIES = [code for code in DIVIDED if len(KNOWN[code].supported_categories) > 1]


@pytest.mark.parametrize("code", CATEGORIES)
def test_the_categories_of_the_calendar_count_for_its_subdivisions_too(code):
    kinds = KNOWN[code].supported_categories
    missed = kept_by_most(code, categories=kinds)
    said = told(f"{{country: {code}, categories: [{', '.join(kinds)}]}}", hours=DAILY)
    assert [dates(each) for each in said if "subdivision" in each] == ([missed] if missed else [])


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("AU", ["2027-12-27 Christmas Day (observed)", "2027-12-28 Boxing Day (observed)"]),
        ("CH", ["2027-03-26 Good Friday", "2027-03-29 Easter Monday", "2027-05-17 Pentecost Monday"]),
        ("GB", ["2027-03-29 Easter Monday"]),
    ],
)
def test_the_dates_are_named_in_the_line_of_the_calendar(code, named):
    (warning,) = found(f"{{country: {code}}}")
    assert all(f"{each} (" in warning.message for each in named)
    assert warning.line == 3


def test_the_four_dates_of_a_year_are_named_where_they_fall_on_worked_days():
    at = datetime(2028, 1, 1, tzinfo=UTC)  # a Tuesday in 2028
    (message,) = told("{country: CH}", now=at)
    assert [each for each in dates(message) if each.startswith("2028")] == [
        "2028-04-14",
        "2028-04-17",
        "2028-06-05",
        "2028-12-26",
    ]


OTHER_CALENDAR = "  y: {also: {2027-03-29: a, 2027-08-30: b}}\n"
KEPT = [
    pytest.param("{country: GB, subdivision: ENG}", "", id="a subdivision"),
    pytest.param("{country: GB, subdivision: SCT}", "", id="a subdivision that works on them"),
    pytest.param("{country: GB, also: {2027-03-29: a, 2027-08-30: b}}", "", id="the calendar itself"),
    pytest.param(
        "{country: GB}",
        "    overrides: [{dates: 2027-01-01..2027-12-31, hours: {mon: 09:00-12:00}}]\n",
        id="an override governs",
    ),
    pytest.param(
        "{country: GB}",
        "    overrides: [{from: 2027-01-01T00:00, until: 2028-01-01T00:00, state: closed}]\n",
        id="a span closes",
    ),
    pytest.param(
        "{country: GB}",
        "    holidays: [{calendars: [x]}, {calendars: [y], hours: 09:00-10:00}]\n",
        id="another rule names them",
    ),
]


@pytest.mark.parametrize(("calendar", "rest"), KEPT)
def test_what_the_file_keeps_otherwise_is_not_warned_of(calendar, rest):
    assert told(calendar, rest, also=OTHER_CALENDAR) == []


def test_only_dates_that_are_worked_are_named():
    (message,) = told("{country: GB}", hours="    hours: {tue-sun: 09:00-17:00, mon: closed}\n") or ("",)
    assert dates(message) == []
    assert told("{country: GB}", hours="    hours: {}\n") == []


def test_a_night_that_runs_into_such_a_date_does_not_make_it_worked():
    sunday_night = "    hours: {sun: 22:00-06:00}\n"
    assert told("{country: GB}", hours=sunday_night) == []


def test_a_date_is_named_until_it_is_over_on_the_clocks_of_the_schedule():
    end = datetime(2027, 3, 29, 17, tzinfo=UTC)  # of the hours; a Monday
    (before,), (after,) = (
        told("{country: GB}", now=end - timedelta(seconds=1)),
        told("{country: GB}", now=end),
    )
    assert dates(before)[0] == "2027-03-29"
    assert dates(after)[0] == "2027-08-30"


def test_a_calendar_of_many_schedules_is_warned_of_once():
    one = "  a{}: {{timezone: UTC, hours: {{{}: 09:00-17:00}}, holidays: {{calendars: [x]}}}}\n"
    schedules = "".join(one.format(index, day) for index, day in enumerate(("mon", "fri", "mon-fri")))
    config = understood(f"version: 1\ncalendars: {{x: {{country: CH}}}}\nschedules:\n{schedules}")
    (warning,) = [each for each in warnings(config, NOW) if each.path == "calendars.x.country"]
    assert dates(warning.message) == ["2027-03-26", "2027-03-29", "2027-05-17"]


def test_a_calendar_that_no_schedule_uses_is_not_warned_of():
    other = "    holidays: {calendars: [y]}\n"
    assert told("{country: CH}", other, also="  y: {also: {01-01: New}}\n") == []


# Made-up working days


def worked(code: str, first: date, last: date) -> list[str]:
    entity = getattr(holidays, code)(years=range(first.year - 1, last.year + 2))
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [str(day) for day in days if entity._is_weekend(day) and entity.is_working_day(day)]


MAKING_UP = [code for code in CODES if worked(code, date(2024, 1, 1), date(2027, 12, 31))]


def test_the_library_knows_of_several_countries_that_make_up_for_dates():
    assert {"CN", "HU"} <= set(MAKING_UP)


@pytest.mark.parametrize("year", [2023, 2025, 2026])
@pytest.mark.parametrize("code", MAKING_UP)
def test_made_up_working_days_to_come_are_named(code, year):
    now = datetime(year, 1, 1, tzinfo=UTC)
    expected = worked(code, now.date(), date(year + 1, 12, 31))
    said = [each for each in told(f"{{country: {code}}}", now=now) if "the year behind" not in each]
    assert [dates(each) for each in said if "week-ends" in each] == ([expected] if expected else [])


CHINA = "{country: CN}"
IN_JANUARY = datetime(2026, 1, 10, tzinfo=UTC)
OF_2026 = ["2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_china_s_days_of_2026_are_named():
    (warning,) = found(CHINA, now=IN_JANUARY)
    assert dates(warning.message)[: len(OF_2026)] == OF_2026
    assert warning.line == 3
    (way_out,) = re.findall(r"\{date: .*?\}", warning.message)
    (left,) = told(CHINA, f"    overrides: [{way_out}]\n", now=IN_JANUARY)
    assert dates(left)[: len(OF_2026) - 1] == OF_2026[1:]


ALL = "dates: 2026-01-01..2027-12-31"
KEEPING = [
    pytest.param(f"    overrides: [{{{ALL}, hours: 09:00-12:00}}]\n", id="an override"),
    pytest.param(
        "    overrides: [{from: 2026-01-01T00:00, until: 2028-01-01T00:00, state: open}]\n", id="a span"
    ),
    pytest.param(
        "    holidays: [{calendars: [x]}, {calendars: [y], hours: 09:00-12:00}]\n", id="a rule with hours"
    ),
]


@pytest.mark.parametrize("rest", KEEPING)
def test_made_up_working_days_that_the_file_keeps_are_not_named(rest):
    days = ", ".join(f"{day}: Working day" for day in worked("CN", date(2025, 1, 1), date(2027, 12, 31)))
    assert told(CHINA, rest, now=IN_JANUARY, also=f"  y: {{also: {{{days}}}}}\n") == []


def test_one_that_the_file_keeps_leaves_the_others():
    (message,) = told(CHINA, "    overrides: [{date: 2026-02-28, hours: 09:00-12:00}]\n", now=IN_JANUARY)
    assert dates(message)[:2] == ["2026-02-14", "2026-05-09"]


def test_a_schedule_that_opens_at_week_ends_keeps_them():
    every_day = "    hours: {daily: 09:00-17:00}\n"
    assert told(CHINA, now=IN_JANUARY, hours=every_day) == []


def test_a_schedule_that_opens_on_no_day_of_the_week_lacks_none():
    assert told(CHINA, now=IN_JANUARY, hours="    hours: {}\n") == []


def long_after_the_last(code: str) -> datetime:
    last = date.fromisoformat(worked(code, date(2024, 1, 1), date(2027, 12, 31))[-1])
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=40)


def test_where_none_is_announced_yet_the_last_ones_are_told_once():
    now = long_after_the_last("CN")
    (message,) = told(CHINA, now=now)
    assert "knows of none to come" in message
    assert dates(message) == worked("CN", now.date() - timedelta(days=366), now.date())


def test_of_last_ones_that_the_file_kept_nothing_is_told():
    now = long_after_the_last("CN")
    day = worked("CN", now.date() - timedelta(days=300), now.date())[-1]
    rest = "    holidays: [{calendars: [x]}, {calendars: [y], hours: 09:00-12:00}]\n"
    assert told(CHINA, rest, now=now, also=f"  y: {{also: {{{day}: Working day}}}}\n") == []
    assert told(CHINA, now=now + timedelta(days=366)) == []
