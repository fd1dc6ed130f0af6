"""From hours, holidays and overrides to openings, worked by hand; in UTC, so that no clock changes."""

from __future__ import annotations

import pytest

from controller.schedule import Schedule
from tests.support.schedules import dated, holidays, instant, span, spec, told


def in_month(month: str, openings: list[str]) -> list[str]:
    return [" ".join(f"{month}-{part}" for part in opening.split()) for opening in openings]


CHRISTMAS = {"2026-12-25": ("Christmas Day",), "2026-12-26": ("Boxing Day",)}

# 2026-11-23 is a Monday.
HOURS = [
    pytest.param({"mon": "08:30-17:00"}, ["23T08:30 23T17:00"], id="one window"),
    pytest.param(
        {"tue": "08:30-12:00, 13:00-16:00"}, ["24T08:30 24T12:00", "24T13:00 24T16:00"], id="two windows"
    ),
    pytest.param({"wed": "open"}, ["25T00:00 26T00:00"], id="the whole date"),
    pytest.param({"wed": "open", "thu": "open"}, ["25T00:00 27T00:00"], id="whole dates touch"),
    pytest.param(
        {"wed": "18:00-24:00", "thu": "00:00-06:00"}, ["25T18:00 26T06:00"], id="windows touch at 24:00"
    ),
    pytest.param({"wed": "08:00-12:00, 12:00-14:00"}, ["25T08:00 25T14:00"], id="windows touch at noon"),
    pytest.param({"wed": "08:00-12:00, 11:00-14:00"}, ["25T08:00 25T14:00"], id="windows overlap"),
    pytest.param({"wed": "11:00-14:00, 08:00-12:00"}, ["25T08:00 25T14:00"], id="windows in any order"),
    pytest.param({"wed": "08:00-18:00, 11:00-14:00"}, ["25T08:00 25T18:00"], id="a window within another"),
    pytest.param({"fri": "22:00-06:00"}, ["27T22:00 28T06:00"], id="overnight into a closed day"),
    pytest.param({"sun": "22:00-06:00"}, ["29T22:00 30T06:00"], id="overnight into next week"),
    pytest.param(
        {"fri": "22:00-06:00", "sat": "05:00-09:00"}, ["27T22:00 28T09:00"], id="overnight into hours"
    ),
    pytest.param({"fri": "22:00-21:00"}, ["27T22:00 28T21:00"], id="nearly a day, overnight"),
    pytest.param({}, [], id="never"),
]


@pytest.mark.parametrize(("days", "expected"), HOURS)
def test_a_week_opens_as_its_hours_say(days, expected):
    found = told(Schedule(spec(days=days)), "2026-11-23T07:00", "2026-11-30T07:00")
    assert found == in_month("2026-11", expected)


NIGHTS = "22:00-06:00"
MIDNIGHT_CUTS = [
    pytest.param({}, ["24T22 25T06", "25T22 26T06", "26T22 27T06"], id="nothing governs but the week"),
    pytest.param({"holidays": holidays(CHRISTMAS)}, ["24T22 25T00"], id="into a closed holiday"),
    pytest.param(
        {"holidays": holidays(CHRISTMAS, "10:00-14:00")},
        ["24T22 25T00", "25T10 25T14", "26T10 26T14"],
        id="into a holiday with hours",
    ),
    pytest.param(
        {"holidays": holidays(CHRISTMAS, NIGHTS)},
        ["24T22 25T00", "25T22 26T06", "26T22 27T06"],
        id="across holidays and out of them",
    ),
    pytest.param(
        {"overrides": (dated("2026-12-25", "closed"),)},
        ["24T22 25T00", "26T22 27T06"],
        id="into a closed override",
    ),
    pytest.param(
        {"overrides": (dated("2026-12-25..2026-12-26", NIGHTS),)},
        ["24T22 25T00", "25T22 26T06", "26T22 27T06"],
        id="across one override and out of it",
    ),
    pytest.param(
        {"overrides": (dated("2026-12-25", NIGHTS), dated("2026-12-26", NIGHTS))},
        ["24T22 25T00", "25T22 26T00", "26T22 27T06"],
        id="from one override into another of the same hours",
    ),
    pytest.param(
        {"holidays": holidays(CHRISTMAS, NIGHTS), "overrides": (dated("2026-12-26", NIGHTS),)},
        ["24T22 25T00", "25T22 26T00", "26T22 27T06"],
        id="from a holiday into an override",
    ),
    pytest.param(
        {"holidays": holidays(CHRISTMAS, NIGHTS), "overrides": (dated("2026-12-25", NIGHTS),)},
        ["24T22 25T00", "25T22 26T00", "26T22 27T06"],
        id="from an override into a holiday",
    ),
    pytest.param(
        {"overrides": (dated("2026-12-25..2026-12-26", NIGHTS), dated("2026-12-26", "open"))},
        ["24T22 25T00", "25T22 27T00"],
        id="into a date that a later override took",
    ),
]


@pytest.mark.parametrize(("exceptions", "expected"), MIDNIGHT_CUTS)
def test_a_night_is_cut_at_midnight_only_where_another_exception_takes_over(exceptions, expected):
    schedule = Schedule(spec(daily=NIGHTS, **exceptions))
    found = told(schedule, "2026-12-24T12:00", "2026-12-27T12:00")
    assert found == in_month("2026-12", [opening.replace(" ", ":00 ") + ":00" for opening in expected])


EXCEPTIONS = [
    pytest.param(
        (dated("2026-12-25", "10:00-12:00"),), ["25T10:00 25T12:00"], id="an override beats the holiday"
    ),
    pytest.param(
        (dated("2026-12-25", "10:00-12:00"), dated("2026-12-25", "14:00-15:00")),
        ["25T14:00 25T15:00"],
        id="the last entry that names the date governs",
    ),
    pytest.param(
        (dated("2026-12-25", "14:00-15:00"), dated("2026-12-24..2026-12-26", "closed")),
        [],
        id="also when it is a range",
    ),
    pytest.param(
        (span("2026-12-25T20:00", "2026-12-26T02:00", "open"),), ["25T20:00 26T02:00"], id="a span opens"
    ),
    pytest.param(
        (span("2026-12-25T20:00", "2026-12-26T02:00", "open"), dated("2026-12-25", "closed")),
        ["25T20:00 26T02:00"],
        id="spans come after dates whatever the order",
    ),
    pytest.param(
        (
            span("2026-12-25T10:00", "2026-12-25T18:00", "open"),
            span("2026-12-25T12:00", "2026-12-25T13:00", "closed"),
        ),
        ["25T10:00 25T12:00", "25T13:00 25T18:00"],
        id="a later span lies over an earlier one",
    ),
    pytest.param(
        (
            span("2026-12-25T12:00", "2026-12-25T13:00", "closed"),
            span("2026-12-25T10:00", "2026-12-25T18:00", "open"),
        ),
        ["25T10:00 25T18:00"],
        id="and hides it when it is larger",
    ),
    pytest.param(
        (dated("2026-12-25", "08:00-10:00"), span("2026-12-25T10:00", "2026-12-25T11:00", "open")),
        ["25T08:00 25T11:00"],
        id="a span that touches hours merges with them",
    ),
    pytest.param(
        (span("2026-12-25T20:00-05:00", "2026-12-26T02:00+00:00", "open"),),
        ["26T01:00 26T02:00"],
        id="a span with offsets is where they say",
    ),
    pytest.param(
        (span("2026-12-20T20:00", "2026-12-31T02:00", "open"),), ["25T00:00 27T00:00"], id="clipped"
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), EXCEPTIONS)
def test_exceptions_lie_over_the_week_and_each_other_in_order(overrides, expected):
    schedule = Schedule(spec(daily="closed", holidays=holidays(CHRISTMAS), overrides=overrides))
    found = told(schedule, "2026-12-25T00:00", "2026-12-27T00:00")
    assert found == in_month("2026-12", expected)


def test_a_span_is_exact_to_the_second():
    schedule = Schedule(spec(overrides=(span("2026-12-25T10:00:07", "2026-12-25T10:00:09", "open"),)))
    (opening,) = schedule.openings(instant("2026-12-25T00:00"), instant("2026-12-26T00:00"))
    assert (opening.start.second, opening.end.second) == (7, 9)


LEAP = [
    pytest.param({"days": {"tue": "open"}}, ["2028-02-29T00:00 2028-03-01T00:00"], id="a weekday"),
    pytest.param({"days": {"mon": NIGHTS}}, ["2028-02-28T22:00 2028-02-29T06:00"], id="overnight into it"),
    pytest.param({"days": {"tue": NIGHTS}}, ["2028-02-29T22:00 2028-03-01T06:00"], id="overnight out of it"),
    pytest.param(
        {"overrides": (dated("2028-02-28..2028-03-01", "open"),)},
        ["2028-02-28T12:00 2028-03-01T12:00"],
        id="within a range",
    ),
    pytest.param(
        {"overrides": (dated("2028-02-29", "09:00-10:00"),)},
        ["2028-02-29T09:00 2028-02-29T10:00"],
        id="alone",
    ),
]


@pytest.mark.parametrize(("parts", "expected"), LEAP)
def test_the_29th_of_february_is_a_date_like_others(parts, expected):
    assert told(Schedule(spec(**parts)), "2028-02-28T12:00", "2028-03-01T12:00") == expected


def test_a_century_without_a_leap_day_goes_from_the_28th_to_march():
    schedule = Schedule(spec(days={"sun": NIGHTS}))
    (opening,) = told(schedule, "2100-02-28T00:00", "2100-03-02T00:00")
    assert opening.split() == ["2100-02-28T22:00", "2100-03-01T06:00"]
