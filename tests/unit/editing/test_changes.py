"""What differs between two schedules, two configurations; worked by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.editing.changes import compare, opening_changes
from controller.schedule import Schedule
from tests.support.config_file import ARN, MINIMAL, edited, understood
from tests.support.schedules import dated, instant, span, spec

FROM, TO = instant("2026-11-23T00:00"), instant("2026-11-25T00:00")
OFFICE = spec(daily="08:00-16:00")

CASES = {
    "nothing": (OFFICE, OFFICE, []),
    "longer": (OFFICE, spec(daily="08:00-17:00"), ["added 23T16 23T17", "added 24T16 24T17"]),
    "shorter at both ends": (
        OFFICE,
        spec(daily="09:00-15:00"),
        ["removed 23T08 23T09", "removed 23T15 23T16", "removed 24T08 24T09", "removed 24T15 24T16"],
    ),
    "later": (
        OFFICE,
        spec(daily="10:00-18:00"),
        ["removed 23T08 23T10", "added 23T16 23T18", "removed 24T08 24T10", "added 24T16 24T18"],
    ),
    "a date off": (
        OFFICE,
        spec(daily="08:00-16:00", overrides=(dated("2026-11-24", "closed"),)),
        ["removed 24T08 24T16"],
    ),
    "a hole": (
        OFFICE,
        spec(
            daily="08:00-16:00",
            overrides=(span("2026-11-23T10:00+00:00", "2026-11-23T11:00+00:00", "closed"),),
        ),
        ["removed 23T10 23T11"],
    ),
    "from nothing": (None, OFFICE, ["added 23T08 23T16", "added 24T08 24T16"]),
    "to nothing": (OFFICE, None, ["removed 23T08 23T16", "removed 24T08 24T16"]),
    "nothing at all": (None, None, []),
    "always to never": (spec(daily="open"), spec(), ["removed 23T00 25T00"]),
}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES.keys())
def test_openings_that_differ_are_added_or_removed(before, after, expected):
    old, new = (Schedule(each) if each else None for each in (before, after))
    found = opening_changes(old, new, FROM, TO)
    assert [f"{each.kind} {each.start:%dT%H} {each.end:%dT%H}" for each in found] == expected


def test_a_change_says_what_was_and_what_is():
    closed = dated("2026-11-24", "closed", line=7)
    after = spec(daily="08:00-16:00", overrides=(closed,))
    (change,) = opening_changes(Schedule(OFFICE), Schedule(after), FROM, TO)
    assert change.reason_before == "tue 08:00-16:00 (line 2)"
    assert change.reason_after == f"{closed.rule.label} (line 7)"


MORE = edited("mon-fri: 08:30-17:00", "mon-fri: 08:30-18:00")


def test_a_month_is_the_twelfth_of_a_year():
    # of 365 days from a Monday on 261 are Mon to Fri; half an hour of warm-up each
    (found,) = compare(understood(MINIMAL), understood(MORE), FROM).pipelines
    assert (found.before.month.hours, found.after.month.hours) == (261 * 9 / 12, 261 * 10 / 12)
    assert found.after.month.usd == found.after.month.usd_at_most == 4 * 261 * 10 / 12


UP = {
    "a warm-up of its own": ("    warm_up: 90m\n", 261 * 10),
    "on demand there is none": ("    on_demand: {idle: 20m}\n", 261 * 8.5),
    "a warm-up that reaches back into the opening before": (
        "    warm_up: 2h\n    bridge: 0m\n",
        261 * 10.5,
    ),
    "nights are run through, weekends are not": ("    bridge: 16h\n", 53 * (4 * 24 + 9) - 4 * 24),
}


@pytest.mark.parametrize(("key", "hours"), UP.values(), ids=UP.keys())
def test_a_month_has_warm_ups_and_what_is_run_through(key, hours):
    # 52 weeks from Monday to Friday, and one more Monday
    noon = edited("08:30-17:00", "[08:30-12:00, 13:00-17:00]") if "2h" in key else MINIMAL
    (found,) = compare(None, understood(noon + key), FROM).pipelines
    assert found.after.month.hours * 12 == pytest.approx(hours)


def test_a_month_costs_at_most_what_all_its_units_cost():
    after = edited("inference_units: 1", "inference_units: 2\n      max_inference_units: 5")
    (found,) = compare(None, understood(after), FROM).pipelines
    assert (found.after.month.usd, found.after.month.usd_at_most) == (8 * 261 * 9 / 12, 20 * 261 * 9 / 12)


def test_openings_are_compared_for_four_hundred_days():
    (found,) = compare(understood(MINIMAL), understood(MORE), FROM).pipelines
    assert len(found.openings) == 286  # 57 weeks of five and a Monday
    assert {each.length for each in found.openings} == {timedelta(hours=1)}


FAR = "    overrides:\n      - {date: 2029-06-06, hours: closed}\npipelines:\n"


@pytest.mark.parametrize("swap", [False, True], ids=["new", "gone"])
def test_openings_are_compared_to_the_last_date_that_either_file_names(swap):
    files = [understood(MINIMAL), understood(edited("pipelines:\n", FAR))]
    comparison = compare(*(reversed(files) if swap else files), FROM)
    (found,) = comparison.pipelines
    assert [f"{each.kind} {each.start:%F}" for each in found.openings] == [
        f"{'added' if swap else 'removed'} 2029-06-06"
    ]
    assert comparison.end == instant("2029-06-08T04:00")


def with_events(*lines):
    """Of one all-day event, compared with a file whose calendar has none of it."""
    event = ("BEGIN:VEVENT", "UID:1", "SUMMARY:Inventory", *lines, "END:VEVENT")
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN")
    return {"closures.ics": "\r\n".join((*head, *event, "END:VCALENDAR", "")).encode()}


CALENDAR = edited(
    "pipelines:\n",
    "    holidays: {calendars: [company]}\npipelines:\n",
    edited("schedules:", "calendars: {company: {ics: closures.ics}}\nschedules:"),
)
ENDS = {
    "of one date": (("DTSTART;VALUE=DATE:20290606",), "2029-06-08T04:00"),
    "that recurs until a date": (
        ("DTSTART;VALUE=DATE:20240606", "RRULE:FREQ=YEARLY;UNTIL=20290606"),
        "2029-06-08T04:00",
    ),
    "that recurs for ever": (("DTSTART;VALUE=DATE:20240606", "RRULE:FREQ=YEARLY"), "2027-12-28T05:00"),
}


@pytest.mark.parametrize(("event", "end"), ENDS.values(), ids=ENDS.keys())
def test_openings_are_compared_to_the_last_event_of_a_calendar_file(event, end):
    after = understood(CALENDAR, with_events(*event))
    assert compare(understood(MINIMAL), after, FROM).end == instant(end)


def test_a_pipeline_that_comes_or_goes_has_one_side():
    none = MINIMAL[: MINIMAL.index("pipelines:")]
    for before, after in ((none, MINIMAL), (MINIMAL, none)):
        (found,) = compare(understood(before), understood(after), FROM).pipelines
        assert (found.before is None, found.after is None) == (before == none, after == none)
    assert compare(None, understood(MINIMAL), FROM).added_models == (ARN,)


@pytest.mark.parametrize(
    ("after", "gone"),
    [
        pytest.param(MINIMAL, [], id="the same"),
        pytest.param(edited("version/v1/", "version/v2/"), [ARN], id="another version"),
        pytest.param(
            edited("      inference_units", f"      retired: [{ARN}]\n      inference_units").replace(
                f"arn: {ARN}", f"arn: {ARN.replace('/v1/', '/v2/')}"
            ),
            [],
            id="another version, this one retired",
        ),
        pytest.param(MINIMAL.replace("logos:", "stamps:"), [], id="another name for the pipeline"),
        pytest.param(MINIMAL[: MINIMAL.index("pipelines:")], [ARN], id="no pipeline"),
    ],
)
def test_a_model_that_is_named_no_more_is_gone(after, gone):
    assert [each.arn for each in compare(understood(MINIMAL), understood(after), FROM).removed_models] == gone


def test_continuity_is_that_of_each_side():
    after = edited("mon-fri: 08:30-17:00", "mon: 08:30-17:00")
    (found,) = compare(understood(MINIMAL), understood(after), FROM).pipelines
    assert found.before.retention is None
    assert found.after.retention.retention == timedelta(days=4)
