"""Which holds in force and which overrides to come a new file takes away. It is Monday, 08:10 in New York."""

from __future__ import annotations

import pytest

from controller.editing.lost_entries import lost_holds, lost_overrides
from tests.support.config_file import ARN, MINIMAL, UUID, edited, understood
from tests.support.schedules import instant

NOW = instant("2026-11-23T13:10")


def held(hold: str = "state: off, until: 2026-11-23T18:00, reason: works", text: str = MINIMAL) -> str:
    return f"{text}    hold: {{{hold}}}\n"


NOTHING = MINIMAL[: MINIMAL.index("pipelines:")]
RETIRED = edited(
    f"arn: {ARN}\n",
    f"arn: {ARN.replace('/v1/', '/v2/')}\n      retired: [{ARN}]\n",
    MINIMAL.replace("  logos:", "  brands:"),
)
HANDED_ON = held(
    text=edited(
        "pipelines:\n",
        "pipelines:\n"
        + MINIMAL[MINIMAL.index("  logos:") :]
        .replace("logos:", "other:")
        .replace(UUID, UUID.replace("8", "9")),
        edited("/version/v1/", "/version/v2/"),
    )
)
"""``logos`` has another model, and the hold; ``other`` has its model, and none."""
HOLDS = {
    "kept": (held(), held(), []),
    "another reason": (held(), held("state: off, until: 2026-11-23T18:00, by: ben"), []),
    "longer": (held(), held("state: off, until: 2026-11-23T18:00:01"), []),
    "the same instant in UTC": (held(), held("state: off, until: 2026-11-23T23:00Z"), []),
    "shorter": (held(), held("state: off, until: 2026-11-23T17:59:59"), ["logos"]),
    "another state": (held(), held("state: as-is, until: 2026-11-23T18:00"), ["logos"]),
    "gone": (held(), MINIMAL, ["logos"]),
    "off, gone with its pipeline": (held(), NOTHING, []),
    "on, gone with its pipeline": (held("state: on, until: 2026-11-23T18:00"), NOTHING, ["logos"]),
    "as it is, gone with its pipeline": (held("state: as-is, until: 2026-11-23T18:00"), NOTHING, ["logos"]),
    "off, of a model that another pipeline retires": (held(), RETIRED, ["logos"]),
    "kept under another name": (held(), held().replace("logos:", "brands:"), []),
    "gone under another name": (held(), MINIMAL.replace("logos:", "brands:"), ["logos"]),
    "kept, and another pipeline has its model": (held(), HANDED_ON, []),
    "over": (held("state: off, until: 2026-11-23T08:10"), MINIMAL, []),
    "over in a second": (held("state: off, until: 2026-11-23T08:10:01"), MINIMAL, ["logos"]),
    "there was none": (MINIMAL, MINIMAL, []),
}


@pytest.mark.parametrize(("before", "after", "lost"), HOLDS.values(), ids=HOLDS.keys())
def test_a_hold_in_force_is_lost_unless_it_lasts_as_long_in_the_same_state(before, after, lost):
    assert [each.pipeline for each in lost_holds(understood(before), understood(after), NOW)] == lost


def test_a_lost_hold_has_its_line_and_what_stands_instead():
    after = held("state: on, until: 2026-11-23T18:00, reason: other")
    (lost,) = lost_holds(understood(held()), understood(after), NOW)
    assert (lost.line, lost.hold.reason) == (15, "works")
    assert lost.instead is not None
    assert lost.instead.reason == "other"


def having(*overrides: str, text: str = MINIMAL) -> str:
    items = "".join(f"      - {{{each}}}\n" for each in overrides)
    return edited("pipelines:\n", f"    overrides:\n{items}pipelines:\n", text)


EVE = "date: 2026-12-24, hours: closed"
SPAN = "from: 2026-11-23T08:00, until: 2026-11-23T10:00, state: open"
AT_OFFICE = having(EVE)
MOVED = edited(
    "pipelines:\n",
    "  other:\n    timezone: America/New_York\n    hours: {mon-fri: 08:30-17:00}\npipelines:\n",
    edited("schedule: office", "schedule: other", AT_OFFICE),
)
"""The schedule has the override, and the pipeline another schedule."""
OVERRIDES = {
    "kept": (having(EVE), having(EVE), 0),
    "kept for another reason": (having(EVE), having(f"{EVE}, reason: Eve"), 0),
    "kept among others": (having(EVE), having(SPAN, EVE), 0),
    "kept as a range": (having(EVE), having("dates: 2026-12-20..2026-12-24, hours: closed"), 0),
    "a part of the range": (
        having("dates: 2026-12-20..2026-12-24, hours: closed"),
        having("dates: 2026-12-21..2026-12-24, hours: closed"),
        1,
    ),
    "the part of a range that is to come": (
        having("dates: 2026-11-20..2026-12-24, hours: closed"),
        having("dates: 2026-11-23..2026-12-24, hours: closed"),
        0,
    ),
    "other hours": (having(EVE), having("date: 2026-12-24, hours: 08:30-12:00"), 1),
    "open for closed": (having(SPAN), having(SPAN.replace("open", "closed")), 1),
    "longer": (having(SPAN), having(SPAN.replace("T10", "T11")), 0),
    "shorter": (having(SPAN), having(SPAN.replace("T10", "T09")), 1),
    "its beginning, which is over": (having(SPAN), having(SPAN.replace("T08:00", "T08:10")), 0),
    "a beginning to come": (having(SPAN), having(SPAN.replace("T08:00", "T08:11")), 1),
    "gone": (having(EVE, SPAN), MINIMAL, 2),
    "gone, and past": (having("date: 2026-11-22, hours: open"), MINIMAL, 0),
    "ending now": (having(SPAN.replace("T10:00", "T08:10")), MINIMAL, 0),
    "ending in a second": (having(SPAN.replace("T10:00", "T08:10:01")), MINIMAL, 1),
    "today's": (having("date: 2026-11-23, hours: closed"), MINIMAL, 1),
    "gone with the name of its schedule": (having(EVE), MINIMAL.replace("office", "works"), 1),
    "gone with its schedule and pipeline": (having(EVE), NOTHING.replace("office", "works"), 1),
    "kept in a schedule that no pipeline has": (MOVED, MOVED, 0),
    "gone from a schedule that no pipeline has": (
        MOVED,
        MOVED.replace(f"      - {{{EVE}}}\n", "").replace("    overrides:\n", ""),
        1,
    ),
    "kept where its schedule has another name": (having(EVE), having(EVE).replace("office", "works"), 0),
    "kept, but no more for its pipeline": (AT_OFFICE, MOVED, 1),
    "another zone": (having(EVE), having(EVE).replace("America/New_York", "Europe/Berlin"), 1),
}


@pytest.mark.parametrize(("before", "after", "lost"), OVERRIDES.values(), ids=OVERRIDES.keys())
def test_an_override_to_come_is_lost_unless_another_does_the_same(before, after, lost):
    assert len(lost_overrides(understood(before), understood(after), NOW)) == lost


def test_a_lost_override_has_its_line_its_label_and_its_time():
    (lost,) = lost_overrides(understood(having(EVE)), understood(MINIMAL), NOW)
    assert (lost.schedule, lost.line, lost.label) == ("office", 8, "override 2026-12-24 closed")
    assert (lost.start, lost.end) == (instant("2026-12-24T05:00"), instant("2026-12-25T05:00"))


def test_one_pipeline_that_keeps_it_is_not_enough():
    second = (
        f"  coins:\n    schedule: office\n    model: {{arn: {ARN.replace('logos', 'coins')}, "
        f"inference_units: 1}}\n    consumer: {{event_source_mapping: {UUID.replace('8', '9')}}}\n"
    )
    before, after = AT_OFFICE + second, MOVED + second
    assert [each.schedule for each in lost_overrides(understood(before), understood(after), NOW)] == [
        "office"
    ]
