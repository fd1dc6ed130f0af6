"""Countries and subdivisions as people write them, against a table by hand and the library's own codes."""

from __future__ import annotations

import holidays
import pytest

from controller.schedule.places import HolidayPlace, UnknownPlaceError, place_named

LISTED = holidays.list_supported_countries(include_aliases=False)


@pytest.mark.parametrize(
    ("text", "near", "found"),
    [
        ("Germany", None, "DE"),
        ("germany", "US", "DE"),
        ("DE", "FR", "DE"),
        ("DEU", None, "DE"),
        ("Bavaria", "DE", "DE-BY"),
        ("Bayern", None, "DE-BY"),
        ("baden-wurttemberg", "DE", "DE-BW"),
        ("DE-BY", "US", "DE-BY"),
        ("BY", None, "BY"),
        ("NY", "US", "US-NY"),
        ("United States", None, "US"),
        ("UK", "GB", "GB"),
        ("Scotland", "GB", "GB-SCT"),
        ("GEO", "US", "GE"),
        ("Georgia", "DE", "GE"),
    ],
)
def test_a_place_is_what_people_mean(text, near, found):
    assert str(place_named(text, near)) == found


@pytest.mark.parametrize(
    ("text", "near", "named"),
    [
        ("BY", "DE", ("BLR", "DE-BY")),
        ("CA", "US", ("CAN", "US-CA")),
        ("Georgia", "US", ("GEO", "US-GA")),
        ("nowhere", None, ("is not a country",)),
        ("germny", None, ('did you mean "DE"',)),
        ("US-XX", None, ("is not a subdivision of United States",)),
    ],
)
def test_what_means_nothing_or_two_things_is_refused_with_what_would_be_clear(text, near, named):
    with pytest.raises(UnknownPlaceError) as refused:
        place_named(text, near)
    assert [word for word in named if word not in str(refused.value)] == []
    for clear in named:
        if clear.isupper():
            assert str(place_named(clear, near))


def test_every_code_of_the_library_with_its_country_before_it_is_that_place():
    for country, codes in LISTED.items():
        assert place_named(country) == HolidayPlace(country=country)
        for code in codes:
            assert place_named(f"{country}-{code}") == HolidayPlace(country=country, subdivision=code)


def test_the_number_of_holidays_is_the_librarys():
    for place in (HolidayPlace(country="DE"), HolidayPlace(country="DE", subdivision="BY")):
        own = holidays.country_holidays(place.country, subdiv=place.subdivision, years=2027)
        assert place.holidays(2027) == len(own)


def test_the_subdivisions_of_a_country_are_named_and_a_part_has_none():
    germany = HolidayPlace(country="DE")
    assert ("BY", "Bavaria") in germany.subdivisions()
    assert {code for code, _ in germany.subdivisions()} >= set(LISTED["DE"])
    assert germany.part("by").subdivisions() == ()
    with pytest.raises(UnknownPlaceError):
        HolidayPlace(country="JP").part("Tokyo")
