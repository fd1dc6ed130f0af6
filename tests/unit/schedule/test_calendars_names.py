"""Names of `except`, dates of every year and categories, in each kind of calendar."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from controller.schedule.excepted import excepted
from tests.support.config_file import diagnostics, doubts, places, schedule, understood
from tests.support.ics import calendar
from tests.unit.config.cases import BARE_STAR, CATEGORIES_OF_A_FILE

EVENTS = calendar(
    "DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory",
    "DTSTART;VALUE=DATE:20261224 SUMMARY:Inventory(2)",
    "DTSTART;VALUE=DATE:20261224 RRULE:FREQ=YEARLY SUMMARY:Eve",
)
FILES = {"closures.ics": EVENTS}


WITHOUT_EVE = "{ics: closures.ics, except: [Eve]}"


def dates(
    written: str, year: int = 2026, files: dict[str, bytes] | None = None
) -> dict[str, tuple[str, ...]]:
    """The holidays of a year by month and day, as the file means them."""
    text = schedule("    hours: {}\n    holidays: {calendars: [x]}\n", also=f"calendars: {{x: {written}}}\n")
    config = understood(text, FILES if files is None else files)
    assert config.degraded == ()
    names = config.specs["office"].holidays[0].names
    days = (date(year, 1, 1) + timedelta(days=index) for index in range(366))
    return {f"{day:%m-%d}": names(day) for day in days if day.year == year and names(day)}


IN_EVERY_KIND = [
    pytest.param("{country: US, except: [Columbus Day]}", "10-12", id="a country"),
    pytest.param("{ics: closures.ics, except: [Inventory]}", "11-27", id="a file"),
    pytest.param("{also: {2026-11-27: a, 12-24: b}, except: [a]}", "11-27", id="dates by hand"),
    pytest.param("{also: {2026-11-27: a, 12-24: b}, except: [b]}", "12-24", id="yearly dates by hand"),
]


@pytest.mark.parametrize(("written", "day"), IN_EVERY_KIND)
def test_an_excepted_name_is_an_ordinary_date_in_every_kind_of_calendar(written, day):
    whole = dates(f"{written.partition(', except')[0]}}}")
    left = dates(written)
    assert day in whole
    assert day not in left
    assert whole.keys() - left.keys() == {day}


def test_one_of_two_events_of_a_date_can_be_excepted():
    assert dates(WITHOUT_EVE)["12-24"] == ("Inventory(2)",)


@pytest.mark.parametrize(
    ("written", "gone"),
    [
        pytest.param('"* (observed)"', {"07-03"}, id="the observed ones"),
        pytest.param('"Independence*"', {"07-03", "07-04"}, id="a name with its observed one"),
        pytest.param('"*"', {"all"}, id="all"),
        pytest.param('"Martin*King*Day"', {"01-19"}, id="several stars"),
    ],
)
def test_a_star_stands_for_anything(written, gone):
    whole, left = dates("{country: US}"), dates(f"{{country: US, except: [{written}]}}")
    assert whole.keys() - left.keys() == (whole.keys() if gone == {"all"} else gone)


@pytest.mark.parametrize(
    ("pattern", "name", "covers"),
    [
        ("*", "", True),
        ("a*", "a", True),
        ("*b", "ab", True),
        ("a*c", "abbc", True),
        ("a*a", "a", False),
        ("a*b", "A b", False),
        ("[ab]*", "a", False),
        ("[ab]*", "[ab] c", True),
        ("?*", "a", False),
        ("a.*", "abc", False),
        ("a*", "ba", False),
        ("a**b", "ab", True),
        ("ab", "abc", False),
    ],
)
def test_nothing_but_the_star_is_special(pattern, name, covers):
    assert excepted([pattern]).covers({name}) is covers


def test_no_pattern_takes_long():
    # Tried at every place, this pattern would outlast the universe.
    before = time.process_time()
    assert not excepted(["*a" * 60 + "*b"]).covers({"a" * 200})
    assert time.process_time() - before < 1


def test_patterns_are_so_many_at_most():
    listed = ", ".join(f'"{index}*"' for index in range(101))
    (told,) = diagnostics(f"version: 1\ncalendars: {{x: {{country: US, except: [{listed}]}}}}\n")
    assert places([told]) == ["2:38: calendars.x.except"]
    assert "more than 100 names" in told


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        pytest.param(
            '{country: US, except: ["Colombus*"]}',
            '3:29: except[0]: "Colombus*" is not a holiday of US in 2020 to 2040 '
            '(did you mean "Columbus Day"?)',
            id="a pattern",
        ),
        pytest.param(
            "{ics: closures.ics, except: [Eve, Inventry]}",
            '3:40: except[1]: "Inventry" is not an event of closures.ics '
            '(did you mean "Inventory" or "Inventory(2)"?)',
            id="an event",
        ),
        pytest.param(
            "{also: {12-24: Eve}, except: [Ev]}",
            '3:36: except[0]: "Ev" is not a holiday of x (did you mean "Eve"?)',
            id="a date by hand",
        ),
        pytest.param(
            "{country: DE, subdivision: Bavaria}",
            '3:33: subdivision: "Bavaria" is not a subdivision that the holidays library has of DE '
            '(did you mean "BY"?)',
            id="an English name of a subdivision",
        ),
        pytest.param(
            "{country: SG, subdivision: Central}",
            '3:33: subdivision: "Central": the holidays library has no subdivisions of SG; remove the key',
            id="no subdivisions",
        ),
        pytest.param(
            "{country: DE, categories: [public, catholik]}",
            '3:41: categories[1]: "catholik" is not a category that the holidays library has of DE '
            '(did you mean "catholic"',
            id="a category",
        ),
    ],
)
def test_a_name_that_matches_nothing_is_told_with_the_nearest(written, doubt):
    (told,) = doubts(f"version: 1\ncalendars:\n  x: {written}\n", FILES)
    assert told.replace("calendars.x.", "").startswith(doubt)


def test_beside_a_country_or_a_file_except_means_their_names():
    of_a_country = dates("{country: US, except: [Columbus Day], also: {2026-10-12: Columbus Day}}")
    assert of_a_country["10-12"] == ("Columbus Day",)
    of_a_file = dates("{ics: closures.ics, except: [Eve], also: {2026-12-24: Eve}}")
    assert of_a_file["12-24"] == ("Inventory(2)", "Eve")


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2026, {"12-24"}), (2027, {"12-24"}), (2028, {"02-29", "12-24"}), (2100, {"12-24"})],
)
def test_a_month_and_a_day_are_of_every_year_that_has_them(year, expected):
    written = "{also: {02-29: Leap day, 12-24: Eve}}"
    assert dates(written, year).keys() == expected


def test_a_date_of_its_own_and_of_every_year_has_both_names():
    found = dates("{also: {12-24: Eve, 2026-12-24: Move, 12-25: Christmas, 2026-12-25: Christmas}}")
    assert found == {"12-24": ("Move", "Eve"), "12-25": ("Christmas",)}


@pytest.mark.parametrize("day", ["02-30", "13-01", "00-10", "04-31", "10-00"])
def test_a_day_that_no_year_has_is_told(day):
    (told,) = diagnostics(f"version: 1\ncalendars: {{x: {{also: {{{day}: Eve}}}}}}\n")
    assert told.startswith(f'2:24: calendars.x.also.{day}: "{day}" is not ')
    assert "(MM-DD: 12-24)" in told


CATEGORIES = [
    pytest.param("DE, subdivision: BY", "catholic", "08-15", id="Bavaria"),
    pytest.param("SE", "de_facto", "06-19", id="Sweden's Midsummer Eve"),
    pytest.param("AT", "bank", "12-24", id="Austria's banks"),
]


@pytest.mark.parametrize(("country", "category", "day"), CATEGORIES)
def test_categories_are_beside_the_public_one_or_instead_of_it(country, category, day):
    public = dates(f"{{country: {country}}}")
    both = dates(f"{{country: {country}, categories: [public, {category}]}}")
    alone = dates(f"{{country: {country}, categories: [{category}]}}")
    assert day not in public
    assert day in alone
    assert both.keys() == public.keys() | alone.keys()
    assert public == dates(f"{{country: {country}, categories: [public]}}")


def test_the_name_of_another_category_is_not_known_without_it():
    (doubt,) = doubts("version: 1\ncalendars: {x: {country: SE, except: [Midsummer Eve]}}\n")
    assert "is not a holiday of SE" in doubt
    with_it = "{country: SE, categories: [public, de_facto], except: [Midsummer Eve]}"
    assert "06-19" not in dates(with_it)


def test_categories_need_a_country():
    (told,) = diagnostics(CATEGORIES_OF_A_FILE)
    assert places([told]) == ["2:29: calendars.x.categories"]
    assert "(country: US)" in told


def test_a_name_that_begins_with_a_star_is_to_be_quoted():
    (told,) = diagnostics(BARE_STAR)
    assert told.startswith("2:40: not valid YAML: ")
    assert "in quotes" in told
