"""What differs between two schedules, two configurations; worked by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.changes import compare, openings
from controller.schedule import Schedule
from tests.config_file import ARN, MINIMAL, edited, understood
from tests.schedules import dated, instant, span, spec

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
    found = openings(old, new, FROM, TO)
    assert [f"{each.turn} {each.start:%dT%H} {each.end:%dT%H}" for each in found] == expected


def test_a_change_says_what_was_and_what_is():
    after = spec(daily="08:00-16:00", overrides=(dated("2026-11-24", "closed", line=7),))
    (change,) = openings(Schedule(OFFICE), Schedule(after), FROM, TO)
    assert (change.was, change.now) == ("tue 08:00-16:00 (line 2)", "override 2026-11-24 closed (line 7)")


MORE = edited("mon-fri: 08:30-17:00", "mon-fri: 08:30-18:00")


def test_a_month_is_the_twelfth_of_a_year():
    # of 365 days from a Monday on 261 are Mon to Fri
    (found,) = compare(understood(MINIMAL), understood(MORE), FROM).pipelines
    assert (found.before.month.hours, found.after.month.hours) == (261 * 8.5 / 12, 261 * 9.5 / 12)
    assert found.after.month.usd == 4 * 261 * 9.5 / 12


def test_openings_are_compared_for_sixty_days():
    (found,) = compare(understood(MINIMAL), understood(MORE), FROM).pipelines
    assert len(found.openings) == 44  # Monday 2026-11-23 to Thursday 2027-01-21, eight weekends
    assert {each.length for each in found.openings} == {timedelta(hours=1)}


def test_a_pipeline_that_comes_or_goes_has_one_side():
    none = MINIMAL[: MINIMAL.index("pipelines:")]
    for before, after in ((none, MINIMAL), (MINIMAL, none)):
        (found,) = compare(understood(before), understood(after), FROM).pipelines
        assert (found.before is None, found.after is None) == (before == none, after == none)
    assert compare(None, understood(MINIMAL), FROM).new == (ARN,)


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
    assert [each.arn for each in compare(understood(MINIMAL), understood(after), FROM).gone] == gone


def test_continuity_is_that_of_each_side():
    after = edited("mon-fri: 08:30-17:00", "mon: 08:30-17:00")
    (found,) = compare(understood(MINIMAL), understood(after), FROM).pipelines
    assert found.before.continuity is None
    assert found.after.continuity.retention == timedelta(days=4)
