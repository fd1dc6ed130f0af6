"""Holidays by country, as the library knows them; expectations from the countries' own calendars."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date

import holidays
import pytest

from controller.schedule.calendars import Calendar, Country, CountryRequest, Dates, Holidays, country
from tests.support.config_file import doubts, schedule, understood


def found(
    code: str, subdivision: str | None = None, language: str | None = None, excepted: tuple[str, ...] = ()
):
    return country(CountryRequest(code=code, subdivision=subdivision, language=language, excepted=excepted))


def names(day: str, *arguments: object, **options: object) -> tuple[str, ...]:
    known, _ = found(*arguments, **options)
    assert known is not None
    return known(date.fromisoformat(day))


DAYS = [
    pytest.param("US", "2026-11-26", ("Thanksgiving Day",), id="English"),
    pytest.param("DE", "2026-10-03", ("German Unity Day",), id="English where the library has it"),
    pytest.param("US", "2026-11-25", (), id="an ordinary date"),
    pytest.param("US", "2027-12-24", ("Christmas Day (observed)",), id="observed"),
    pytest.param("US", "2021-12-31", ("New Year's Day (observed)",), id="observed in the year before"),
    pytest.param("USA", "2026-07-04", ("Independence Day",), id="a code of three letters"),
    pytest.param("NZ", "2026-02-06", ("Waitangi Day",), id="a country without translations"),
]


@pytest.mark.parametrize(("code", "day", "expected"), DAYS)
def test_a_date_has_the_names_of_its_holidays(code, day, expected):
    assert names(day, code) == expected


def test_a_subdivision_has_its_own_holidays():
    assert names("2026-11-01", "DE") == ()
    assert names("2026-11-01", "DE", subdivision="BY") == ("All Saints' Day",)


def test_a_subdivision_may_have_its_name():
    assert names("2026-11-01", "DE", subdivision="Bayern") == ("All Saints' Day",)


def test_a_territory_may_be_written_with_its_place_in_its_country():
    known, told = found("PR", subdivision="PR")
    assert told == ()
    assert known(date(2026, 7, 4)) == ("Independence Day",)


def test_a_language_can_be_chosen():
    assert names("2026-12-25", "DE", language="de") == ("Erster Weihnachtstag",)


EXCEPTED = [
    pytest.param("US", "2026-10-12", (), ("Columbus Day",), id="without"),
    pytest.param("US", "2026-10-12", ("Columbus Day",), (), id="by name"),
    pytest.param("US", "2027-12-24", ("Christmas Day",), (), id="the observed one, too"),
    pytest.param(
        "US", "2027-12-25", ("Christmas Day (observed)",), ("Christmas Day",), id="only the observed one"
    ),
    pytest.param("US", "2027-12-24", ("Christmas Day (observed)",), (), id="the observed one itself"),
    pytest.param("US", "2027-12-24", ("Columbus Day",), ("Christmas Day (observed)",), id="another"),
]


@pytest.mark.parametrize(("code", "day", "excepted", "expected"), EXCEPTED)
def test_an_excepted_holiday_is_an_ordinary_date(code, day, excepted, expected):
    assert names(day, code, excepted=excepted) == expected
    assert names(day, code) != ()


@pytest.mark.parametrize(
    ("code", "name", "written"),
    [
        pytest.param("TR", "Eid al-Fitr", r"Eid al-Fitr \(.+\)", id="an estimated one"),
        pytest.param("KR", "Buddha's Birthday", r".+ for Buddha's Birthday", id="a label before the name"),
        pytest.param("GN", "Eid al-Fitr", r".+ Eid al-Fitr \(.+\)", id="two labels"),
    ],
)
def test_an_excepted_holiday_is_ordinary_under_every_label(code, name, written):
    """On which dates a label stands follows the library's estimates, so they are asked of it."""
    known = holidays.country_holidays(code, years=range(2026, 2041), language="en_US")
    labelled = [day for day in known if re.fullmatch(written, known[day])]
    if not labelled:
        pytest.skip("the installed holidays library labels none of them")
    for day in labelled:
        assert names(day.isoformat(), code, excepted=(name,)) == ()
        assert names(day.isoformat(), code) != ()


def test_an_excepted_holiday_is_written_in_the_language_of_the_calendar():
    assert found("DE", language="de", excepted=("Erster Weihnachtstag",))[1] == ()
    (doubt,) = found("DE", language="de", excepted=("Christmas Day",))[1]
    assert '"Christmas Day" is not ' in doubt.message
    assert "DE in 2020 to 2040" in doubt.message


def test_the_date_of_two_holidays_stays_one_without_one_of_them():
    # On 2025-01-20 a president was inaugurated on the day of Martin Luther King.
    both = ("Inauguration Day", "Martin Luther King Jr. Day")
    assert names("2025-01-20", "US", subdivision="DC") == both
    for name, other in (both, both[::-1]):
        assert names("2025-01-20", "US", subdivision="DC", excepted=(name,)) == (other,)
    assert names("2025-01-20", "US", subdivision="DC", excepted=both) == ()


def test_calendars_add_up_in_their_order():
    us = Calendar(name="us", line=1, parts=(Country(code="US", language="en_US"),))
    own = Calendar(name="own", line=2, parts=(Dates(names={date(2026, 11, 26): "Inventory"}),))
    assert Holidays(calendars=(own, us))(date(2026, 11, 26)) == ("Inventory", "Thanksgiving Day")


def test_a_name_of_two_calendars_is_told_once():
    us = Calendar(name="us", line=1, parts=(Country(code="US", language="en_US"),))
    assert Holidays(calendars=(us, us))(date(2026, 11, 26)) == ("Thanksgiving Day",)


OF_DE = "that the holidays library has of DE"
UNKNOWN = [
    pytest.param(
        "{country: QQ}",
        '3:16: country: "QQ" is not a country of the holidays library (there are: ',
        id="country",
    ),
    pytest.param(
        "{country: us}",
        '3:16: country: "us" is not a country of the holidays library (did you mean "US"',
        id="lower case",
    ),
    pytest.param(
        "{country: Germny}",
        '3:16: country: "Germny" is not a country of the holidays library (did you mean "DE"',
        id="a country's name",
    ),
    pytest.param(
        "{country: DE, subdivision: BX}",
        f'3:33: subdivision: "BX" is not a subdivision {OF_DE} (there are: ',
        id="subdivision",
    ),
    pytest.param(
        "{country: DE, subdivision: Bayrn}",
        f'3:33: subdivision: "Bayrn" is not a subdivision {OF_DE} (did you mean "BY"',
        id="a subdivision's name",
    ),
    pytest.param(
        "{country: DE, language: en_UK}",
        f'3:30: language: "en_UK" is not a language {OF_DE} (did you mean "en_US"',
        id="language",
    ),
    pytest.param(
        "{country: US, except: [Columbus Day, Veteran Day]}",
        '3:43: except[1]: "Veteran Day" is not a holiday of US in 2020 to 2040 (did you mean "Veterans Day"',
        id="holiday",
    ),
]


@pytest.mark.parametrize(
    ("code", "written", "meant"),
    [
        ("DE", "Bavaria", "BY"),
        ("DE", "bavaria", "BY"),
        ("DE", "DE-BY", "BY"),
        ("DE", "by", "BY"),
        ("DE", "Thuringen", "TH"),
        ("DEU", "deu-by", "BY"),
        ("DEU", "DE-BY", "BY"),
        ("US", "US-CA", "CA"),
        ("CH", "Zurich ", "ZH"),
        ("FI", "Aland", "01"),
        ("AU", "New South Whales", "NSW"),
    ],
)
def test_a_subdivision_written_otherwise_is_suggested_by_its_code(code, written, meant):
    (doubt,) = found(code, written)[1]
    assert doubt.hint().startswith(f' (did you mean "{meant}"')


@pytest.mark.parametrize("code", ["JP", "CN", "HU"])
def test_a_country_without_subdivisions_says_so(code):
    (doubt,) = found(code, "Bavaria")[1]
    assert doubt.message.startswith('"Bavaria": ')
    assert f"no subdivisions of {code}" in doubt.message
    assert doubt.hint() == ""


@pytest.mark.parametrize(("written", "doubt"), UNKNOWN)
def test_what_the_library_does_not_know_is_a_doubt_with_the_nearest(written, doubt):
    (told,) = doubts(f"version: 1\ncalendars:\n  x: {written}\n")
    assert told.replace("calendars.x.", "").startswith(doubt)


def listed(names) -> str:
    """Twenty of the library's own words: its next release may have others."""
    first = sorted(names)[:20]
    return f" (there are: {', '.join(first)}{', …' if len(set(names)) > len(first) else ''})"


def test_a_doubt_tells_all_that_there_is_of_a_few():
    (doubt,) = found("DE", None, "xx")[1]
    assert doubt.hint() == listed(holidays.country_holidays("DE").supported_languages)


def test_a_doubt_tells_which_holidays_there_are():
    known = holidays.country_holidays("US", subdiv="CA", years=range(2020, 2041), language="en_US")
    (doubt,) = found("US", "CA", None, ("??",))[1]
    assert doubt.hint() == listed({name for day in known for name in known.get_list(day)})


def test_a_doubt_tells_twenty_of_more():
    places = holidays.country_holidays("SB")
    (doubt,) = found("SB", "??")[1]
    assert doubt.hint() == listed({*places.subdivisions, *places.subdivisions_aliases})
    assert doubt.hint().endswith(", …)")


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        pytest.param("South Korea", {"KR"}, id="names of two words"),
        pytest.param("Virgin Islands", {"VG", "VI"}, id="the nearest of many"),
    ],
)
def test_a_doubt_tells_which_three_may_be_meant(code, nearest):
    (doubt,) = found(code)[1]
    meant = re.findall(r'"(\w+)"', doubt.hint())
    assert doubt.hint().startswith(" (did you mean ")
    assert nearest <= set(meant)
    assert len(meant) == 3


@pytest.mark.parametrize(
    ("written", "day", "expected"),
    [
        pytest.param("{country: XX, also: {2026-12-24: Eve}}", "2026-12-24", ("Eve",), id="only also"),
        pytest.param(
            "{country: DE, subdivision: BX}", "2026-12-25", ("Christmas Day",), id="the whole country"
        ),
        pytest.param(
            "{country: DE, language: xx}", "2026-12-25", ("Christmas Day",), id="the pinned language"
        ),
        pytest.param(
            "{country: US, except: [Nothing, Columbus Day]}", "2026-10-12", (), id="the known names"
        ),
    ],
)
def test_what_can_be_used_is_used_all_the_same(written, day, expected):
    text = schedule("    hours: {}\n    holidays: {calendars: [x]}\n", also=f"calendars: {{x: {written}}}\n")
    assert understood(text).specs["office"].holidays[0].names(date.fromisoformat(day)) == expected


def test_a_name_is_known_if_it_occurs_in_any_of_the_years():
    # Inauguration Day comes every fourth year, and only to DC.
    assert found("US", subdivision="DC", excepted=("Inauguration Day",))[1] == ()
    assert len(found("US", subdivision="NY", excepted=("Inauguration Day",))[1]) == 1


ASK = """
import locale, sys
from datetime import date
from controller.schedule.calendars import CountryRequest, country
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
for code in ("DE", "IO", "NZ", "TH"):
    found, _ = country(CountryRequest(code=code))
    print(ascii(found(date(2026, 12, 25))), ascii(found(date(2026, 12, 10))))
"""


def told_under(locale: str) -> str:
    # LANGUAGE is what gettext looks at first.
    env = os.environ | dict.fromkeys(("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"), locale)
    program = [sys.executable, "-c", ASK]
    asked = subprocess.run(program, check=True, capture_output=True, text=True, env=env)  # noqa: S603 - our own
    return asked.stdout


def test_names_do_not_depend_on_the_process_locale():
    assert told_under("C") == told_under("th") == told_under("de_DE.UTF-8")
    assert "Christmas Day" in told_under("th")


FRESH = """
import sys
from controller.schedule.calendars import CountryRequest, country
def asked(code):
    return country(CountryRequest(code=code))[0]
def loaded():
    here, modules = "holidays.countries.", sorted(sys.modules)
    return [name.removeprefix(here) for name in modules if name.startswith(here)]
"""


def told_afresh(program: str) -> list[str]:
    """What is printed by an interpreter that has asked for no country yet."""
    arguments = [sys.executable, "-c", f"{FRESH}{program}"]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603 - our own


def test_a_country_is_loaded_without_the_others():
    assert told_afresh("asked('US'); print(*loaded())") == ["united_states"]


def test_every_country_can_be_loaded_by_itself():
    every = (
        "from holidays.registry import COUNTRIES\n"
        "print(len(COUNTRIES), sum(asked(codes[1]) is not None for codes in COUNTRIES.values()))"
    )
    known, found = told_afresh(every)
    assert known == found != "0"


@pytest.mark.parametrize(
    "program",
    [
        "from holidays.countries import Germany, US; print(Germany.country, US.country)",
        "import holidays.countries as every; print(every.Germany.country, every.US.country)",
    ],
)
def test_who_asks_for_all_countries_gets_them(program):
    assert told_afresh(f"asked('US'); {program}") == ["DE", "US"]


def test_all_countries_have_no_other_than_there_are():
    program = "asked('US'); import holidays.countries as every; print(hasattr(every, 'Utopia'))"
    assert told_afresh(program) == ["False"]
