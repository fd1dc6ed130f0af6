"""Which values differ: keys of the format, fields of a configuration, dates of a calendar file."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date
from typing import get_args

import pytest
from pydantic import BaseModel, RootModel

from controller.config import schema_models
from controller.config.file_values import last_date
from controller.config.model import CalendarUse
from controller.editing.value_changes import value_changes
from controller.schedule.ics import IcsEvents, IcsSummary
from tests.support.config_file import ARN, MINIMAL, UUID, edited, understood
from tests.unit.cli.cases.files import WITH_ICS, ics

FROM, TO = date(2026, 11, 23), date(2027, 12, 28)
V2, V3 = (ARN.replace("/v1/", f"/{version}/") for version in ("v2", "v3"))
FULL = {
    "version": "1",
    "calendars": {
        "us": {
            "country": "US",
            "subdivision": "NY",
            "language": "en_US",
            "categories": ["public"],
            "except": ["Columbus Day"],
            "also": {"2026-11-27": "Day after"},
        },
        "company": {"ics": "closures.ics"},
        "de": {"country": "DE"},
        "own": {"also": {"2026-12-23": "Move", "12-24": "Eve"}, "except": ["Move"]},
    },
    "schedules": {
        "office": {
            "timezone": "America/New_York",
            "hours": {"mon-fri": "08:30-17:00"},
            "holidays": {"calendars": ["us", "company", "own"], "hours": "closed"},
            "overrides": [
                {"date": "2026-12-24", "hours": "closed", "reason": "Eve", "by": "ana"},
                {"dates": "2026-12-28..2026-12-31", "hours": "closed", "reason": "Year's end", "by": "ana"},
                {
                    "dates": "2027-07-01..2027-08-31",
                    "hours": {"mon-thu": "07:30-15:00", "fri": "07:30-12:00"},
                    "reason": "Summer",
                    "by": "ana",
                },
                {
                    "from": "2026-12-05T20:00",
                    "until": "2026-12-06T02:00",
                    "state": "open",
                    "reason": "Backlog",
                    "by": "ana",
                },
            ],
        },
        "other": {"timezone": "UTC", "hours": {"daily": "open"}},
    },
    "pricing": {"unit_hour_usd": "4.00"},
    "pipelines": {
        "logos": {
            "schedule": "office",
            "model": {
                "arn": ARN,
                "inference_units": "1",
                "max_inference_units": "2",
                "project_arn": "arn:aws:rekognition:us-east-1:123456789012:project/logos/1768468215000",
                "retired": [V2],
            },
            "consumer": {"event_source_mapping": UUID, "retention": "14d"},
            "warm_up": "30m",
            "bridge": "20m",
            "drain": "10m",
            "hold": {"state": "off", "until": "2026-11-24T18:00", "reason": "works", "by": "ana"},
            "overtime": "10m",
            "rescue": "6h",
            "budget": {"unit_hours_per_month": "200", "enforce": "false"},
            "region": "us-west-2",
            "role_arn": "arn:aws:iam::123456789012:role/models",
            "external_id": "first",
        },
    },
}
"""Every key of the format, but for those that exclude one of these."""

LOGOS, OFFICE, US = ("pipelines", "logos"), ("schedules", "office"), ("calendars", "us")
OVERRIDES = (*OFFICE, "overrides")
OTHERS = {
    (*US, "country"): "CA",
    (*US, "subdivision"): "CA",
    (*US, "language"): "th",
    (*US, "categories"): ["public", "half_day"],
    (*US, "except"): ["Veterans Day"],
    (*US, "also"): {"2026-11-27": "Another day"},
    ("calendars", "company", "ics"): "closed.ics",
    ("calendars", "own", "also"): {"2026-12-23": "Move", "12-25": "Eve"},
    ("calendars", "own", "except"): ["*ove"],
    (*OFFICE, "timezone"): "America/Chicago",
    (*OFFICE, "hours"): {"mon-fri": "09:00-17:30"},
    (*OFFICE, "holidays", "calendars"): ["de"],
    (*OFFICE, "holidays", "hours"): "09:00-10:00",
    (*OVERRIDES, 0, "date"): "2026-12-23",
    (*OVERRIDES, 0, "hours"): "08:30-12:00",
    (*OVERRIDES, 1, "dates"): "2026-12-29..2026-12-30",
    (*OVERRIDES, 1, "hours"): "09:00-10:00",
    (*OVERRIDES, 2, "dates"): "2027-07-01..2027-08-30",
    (*OVERRIDES, 2, "hours"): {"mon-thu": "07:30-15:00", "sat": "07:30-12:00"},
    (*OVERRIDES, 3, "from"): "2026-12-05T21:00",
    (*OVERRIDES, 3, "until"): "2026-12-06T03:00",
    (*OVERRIDES, 3, "state"): "closed",
    **{(*OVERRIDES, index, key): "else" for index in range(4) for key in ("reason", "by")},
    ("pricing", "unit_hour_usd"): "5",
    (*LOGOS, "schedule"): "other",
    (*LOGOS, "model", "arn"): V3,
    (*LOGOS, "model", "inference_units"): "2",
    (*LOGOS, "model", "max_inference_units"): "6",
    (*LOGOS, "model", "project_arn"): "arn:aws:rekognition:us-east-1:123456789012:project/logos/17",
    (*LOGOS, "model", "retired"): [V3],
    (*LOGOS, "consumer", "event_source_mapping"): UUID.replace("e", "d"),
    (*LOGOS, "consumer", "retention"): "4d",
    (*LOGOS, "warm_up"): "auto",
    (*LOGOS, "bridge"): "auto",
    (*LOGOS, "drain"): "11m",
    (*LOGOS, "hold", "state"): "on",
    (*LOGOS, "hold", "until"): "2026-11-24T19:00",
    (*LOGOS, "hold", "reason"): "else",
    (*LOGOS, "hold", "by"): "ben",
    (*LOGOS, "overtime"): "11m",
    (*LOGOS, "rescue"): "never",
    (*LOGOS, "budget", "unit_hours_per_month"): "201",
    (*LOGOS, "budget", "enforce"): "true",
    (*LOGOS, "region"): "eu-west-1",
    (*LOGOS, "role_arn"): "arn:aws:iam::123456789012:role/others",
    (*LOGOS, "external_id"): "second",
}
"""Another value of each key. What can only be added is in ``ADDED``."""
ADDED = {
    (*LOGOS, "pricing", "unit_hour_usd"): ({"unit_hour_usd": "3"}, "pricing"),
    (*LOGOS, "on_demand", "idle"): ({"idle": "20m"}, "on_demand"),
    (*LOGOS, "start"): ("manual", "start"),
}
ONLY_ONE = {("version",)}
"""Has one value alone."""


def parsed(data, **files):
    events = {"closures.ics": ics().encode(), "closed.ics": ics().encode()} | files
    return understood(json.dumps(data), events)


def another(path):
    data = deepcopy(FULL)
    if path in ADDED:
        value, key = ADDED[path]
        data["pipelines"]["logos"][key] = value
        if key == "on_demand":
            del data["pipelines"]["logos"]["warm_up"]
        return parsed(data)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = OTHERS[path]
    return parsed(data)


def without_consumer():
    data = deepcopy(FULL)
    for key in ("consumer", "overtime", "rescue", "region"):  # the others need a consumer
        del data["pipelines"]["logos"][key]
    return parsed(data)


def models_in(annotation):
    found = [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
    return found + [model for each in get_args(annotation) for model in models_in(each)]


def keys_of(model, path=()):
    """Of the format, from its models: without names of parts and without places in a list."""
    for name, field in model.model_fields.items():
        inner = models_in(field.annotation)
        here = path if issubclass(model, RootModel) else (*path, field.alias or name)
        if not inner:
            yield here
        for each in inner:
            yield from keys_of(each, here)


def without_names(path):
    return tuple(
        key
        for key in path
        if key not in {"us", "company", "own", "office", "logos"} and not isinstance(key, int)
    )


def test_another_value_is_known_of_every_key_of_the_format():
    known = {without_names(path) for path in (*OTHERS, *ADDED)} | ONLY_ONE
    assert set(keys_of(schema_models.FileSchema)) == known


@pytest.mark.parametrize("path", [*OTHERS, *ADDED], ids=lambda path: ".".join(map(str, path)))
def test_another_value_is_told_by_its_path(path):
    found = value_changes(parsed(FULL), another(path), FROM, TO)
    to_a_list = [index for index, key in enumerate(path) if isinstance(key, int)]
    wanted = ".".join(path[: to_a_list[0]] if to_a_list else path)
    besides = {each.path for each in found if not f"{each.path}.".startswith(f"{wanted}.")}
    assert len(besides) < len({each.path for each in found})
    assert besides <= ({"pipelines.logos.warm_up"} if "on_demand" in path else set())
    assert all(each.before != each.after for each in found)


@pytest.mark.parametrize("path", [*OTHERS, *ADDED], ids=lambda path: ".".join(map(str, path)))
def test_back_is_told_as_forth(path):
    before, after = parsed(FULL), another(path)
    forth = {(each.path, each.before, each.after) for each in value_changes(before, after, FROM, TO)}
    back = {(each.path, each.after, each.before) for each in value_changes(after, before, FROM, TO)}
    assert forth == back


def test_a_consumer_that_is_gone_is_told_by_its_mapping():
    found = value_changes(parsed(FULL), without_consumer(), FROM, TO)
    assert [each.after for each in found if each.path.endswith("event_source_mapping")] == [None]


def test_a_file_against_itself_has_no_changes():
    assert value_changes(parsed(FULL), parsed(FULL), FROM, TO) == ()


def with_holidays(rules):
    data = deepcopy(FULL)
    data["schedules"]["office"]["holidays"] = rules
    return parsed(data)


CLOSED, HALF = {"calendars": ["us", "company"]}, {"calendars": ["own"], "hours": "08:30-12:00"}
HALF_TOLD = "calendars: own, hours: 08:30-12:00"


def test_a_list_of_one_holiday_rule_means_the_rule():
    assert value_changes(with_holidays(CLOSED), with_holidays([CLOSED]), FROM, TO) == ()
    assert value_changes(with_holidays([CLOSED]), with_holidays(CLOSED), FROM, TO) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([CLOSED, CLOSED], [CLOSED, CLOSED, HALF], [(None, HALF_TOLD)], id="one more"),
        pytest.param([CLOSED, CLOSED, HALF], [CLOSED, CLOSED], [(HALF_TOLD, None)], id="one less"),
        pytest.param(
            [CLOSED, HALF],
            [HALF, CLOSED],
            [(None, HALF_TOLD), (HALF_TOLD, None)],
            id="in another order",
        ),
    ],
)
def test_each_of_several_holiday_rules_is_told(before, after, expected):
    found = value_changes(with_holidays(before), with_holidays(after), FROM, TO)
    assert {each.path for each in found} == {"schedules.office.holidays"}
    assert [(each.before, each.after) for each in found] == expected


def test_hours_of_one_of_several_holiday_rules_are_told():
    before, after = with_holidays([CLOSED, HALF]), with_holidays([CLOSED, HALF | {"hours": "closed"}])
    told = {(each.before, each.after) for each in value_changes(before, after, FROM, TO)}
    assert told == {(HALF_TOLD, None), (None, "calendars: own, hours: closed")}


def test_from_one_holiday_rule_to_several_is_told():
    before, after = with_holidays(CLOSED), with_holidays([CLOSED, HALF])
    assert {each.path.split(".")[2] for each in value_changes(before, after, FROM, TO)} == {"holidays"}
    assert value_changes(before, after, FROM, TO) != ()


PLACES = {"line", "lines"}
NOT_MEANT = {
    "Config.file",
    "Config.digest",
    "Config.tree",
    "Config.calendar_files",
    "Config.degraded",
    "Config.notices",
}


def differing(old, new):
    """``Class.field`` of every field in which two values of a configuration differ."""
    if is_dataclass(old) and type(old) is type(new):
        for field in fields(old):
            was, now = getattr(old, field.name), getattr(new, field.name)
            if was != now and field.name not in PLACES:
                yield f"{type(old).__name__}.{field.name}"
            yield from differing(was, now)
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for was, now in zip(old, new, strict=False):
            yield from differing(was, now)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() & new.keys():
            yield from differing(old[key], new[key])


def every_field(value):
    if is_dataclass(value):
        for field in fields(value):
            name = f"{type(value).__name__}.{field.name}"
            if field.name not in PLACES:
                yield name
            if name not in NOT_MEANT:
                yield from every_field(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from every_field(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from every_field(each)


OF_FILES = (CalendarUse, IcsEvents, IcsSummary)
"""What is read of calendar files: they are compared date by date."""


def test_every_field_of_a_configuration_differs_by_a_value_that_is_told():
    """What the controller acts on is made of nothing else than the values that are compared."""
    before = parsed(FULL)
    told = set(differing(before, without_consumer()))
    for path in (*OTHERS, *ADDED):
        told.update(differing(before, another(path)))
    names = {"Spec.name", "Pipeline.name", "Calendar.name"}
    of_files = {f"{kind.__name__}.{each.name}" for kind in OF_FILES for each in fields(kind)}
    fixed = {"Model.project", "Model.account", "Config.calendars", *of_files}
    assert set(every_field(before)) - NOT_MEANT - names - fixed - told == set()


SAME = {
    "another notation of a duration": ("warm_up: 90m", "warm_up: 1h30m"),
    "another notation of a price": ("warm_up: 90m", "warm_up: 90m\n    pricing: {unit_hour_usd: 4}"),
    "a default that is written": ("warm_up: 90m", "warm_up: 90m\n    overtime: 0m"),
    "a comment": ("warm_up: 90m", "warm_up: 90m # long"),
    "quotes": ("mon-fri: 08:30-17:00", '"mon-fri": "08:30-17:00"'),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME.keys())
def test_what_means_the_same_is_no_change(old, new):
    text = f"{MINIMAL}    warm_up: 90m\n"
    if "pricing" in new:
        text = edited("schedules:", "pricing: {unit_hour_usd: 4.00}\nschedules:", text)
        new = new.replace("\n    pricing: {unit_hour_usd: 4}", "")
    assert value_changes(understood(text), understood(edited(old, new, text)), FROM, TO) == ()


def told(before, after, files=None, other=None):
    found = value_changes(understood(before, files), understood(after, other or files), FROM, TO)
    return [(each.path, each.before, each.after) for each in found]


DATED = """\
    overrides:
      - {date: 2026-12-24, hours: closed}
      - {date: 2026-12-31, hours: closed}
pipelines:
"""


def test_of_a_list_what_comes_and_what_goes_is_told():
    two = edited("pipelines:\n", DATED)
    one, first, last = (
        edited("      - {date: 2026-12-24, hours: closed}\n", "", two),
        "date: 2026-12-24, hours: closed",
        "date: 2026-12-31, hours: closed",
    )
    path = "schedules.office.overrides"
    assert told(two, one) == [(path, first, None)]
    assert told(one, two) == [(path, None, first)]
    assert told(MINIMAL, two) == [(path, None, first), (path, None, last)]
    turned = two.replace("24, h", "xx, h").replace("31, h", "24, h").replace("xx, h", "31, h")
    moved = {(path, first, None), (path, None, first)}, {(path, last, None), (path, None, last)}
    assert set(told(two, turned)) in moved  # the last one governs a date


def test_of_a_pipeline_that_comes_what_is_written_is_told_and_no_default():
    none = MINIMAL[: MINIMAL.index("pipelines:")]
    came = [(path.removeprefix(f"{LOGOS}."), *values) for path, *values in told(none, MINIMAL)]
    assert came == [
        ("schedule", None, "office"),
        ("model.arn", None, ARN),
        ("model.inference_units", None, "1"),
        (MAPPING, None, UUID),
    ]


LOGOS = "pipelines.logos"
MAPPING = "consumer.event_source_mapping"


def test_a_default_that_gives_way_to_a_value_is_told_with_it():
    assert told(MINIMAL, edited(UUID, f"{UUID}\n      retention: 14d")) == [
        (f"{LOGOS}.consumer.retention", "4d (default)", "14d")
    ]
    assert told(f"{MINIMAL}    rescue: never\n", MINIMAL) == [
        ("pipelines.logos.rescue", "never", "12h (default)")
    ]


def test_the_order_of_pipelines_is_a_value():
    logos = MINIMAL[MINIMAL.index("  logos:") :]
    coins = logos.replace("logos", "coins").replace("a2e6f6", "a2e6f9")
    both = MINIMAL + coins
    turned = MINIMAL[: MINIMAL.index("  logos:")] + coins + logos
    assert told(both, turned) == [("pipelines", "in the order logos, coins", "in the order coins, logos")]
    assert [path for path, *_ in told(MINIMAL, turned)].count("pipelines") == 0


def test_dates_of_a_calendar_file_are_values():
    was, now = ({"closures.ics": ics(day).encode()} for day in ("20261208", "20261209"))
    assert told(WITH_ICS, WITH_ICS, was, now) == [
        ("calendars.us.2026-12-08", "Inventory", None),
        ("calendars.us.2026-12-09", None, "Inventory"),
    ]


def test_a_calendar_file_that_differs_in_no_date_ahead_differs_in_its_contents():
    was, now = ({"closures.ics": ics(day).encode()} for day in ("20210208", "20210209"))
    ((path, before, after),) = told(WITH_ICS, WITH_ICS, was, now)
    assert path == "calendars.us.ics"
    assert before.startswith("contents ")
    assert before != after


LAST = {
    "nothing dated": (MINIMAL, None),
    "a date": (
        edited("pipelines:", "    overrides: [{date: 2031-06-05, hours: open}]\npipelines:"),
        "2031-06-05",
    ),
    "a range": (
        edited("pipelines:", "    overrides: [{dates: 2031-06-03..2031-06-05, hours: open}]\npipelines:"),
        "2031-06-05",
    ),
    "a term": (
        edited(
            "pipelines:",
            "    overrides: [{from: 2031-06-03T08:00, until: 2031-06-05T08:00, state: open}]\npipelines:",
        ),
        "2031-06-05",
    ),
    "a holiday": (
        edited("schedules:", "calendars: {us: {also: {2031-06-05: Day}}}\nschedules:"),
        "2031-06-05",
    ),
    "of a hold nothing": (f"{MINIMAL}    hold: {{state: off, until: 2031-06-05T08:00}}\n", None),
}


@pytest.mark.parametrize(("text", "last"), LAST.values(), ids=LAST.keys())
def test_the_last_date_is_that_of_schedules_and_calendars(text, last):
    assert last_date(understood(text)) == (last and date.fromisoformat(last))
