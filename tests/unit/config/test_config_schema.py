"""The JSON Schema that editors use, beside what ``parse`` says of the same files."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from controller.config.json_schema import schema
from tests.support.config_file import ARN, EXAMPLE, MINIMAL, UUID, diagnostics, edited, schedule

VALIDATOR = Draft202012Validator(schema())


def rejected(text: str) -> bool:
    """As an editor reads it: YAML 1.2, in which a date is a string."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    return not VALIDATOR.is_valid(yaml.load(text))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(schema())


def test_every_key_of_the_file_has_a_description():
    shapes = [schema(), *schema()["$defs"].values()]
    bare = [
        key
        for shape in shapes
        for key, value in shape.get("properties", {}).items()
        if "description" not in value
    ]
    assert bare == []


def week(entry: str) -> str:
    return schedule(f"    hours: {{{entry}}}\n")


def override(entry: str) -> str:
    return schedule(f"    hours: {{}}\n    overrides: [{{{entry}}}]\n")


VALID = [
    pytest.param(EXAMPLE, id="the example"),
    pytest.param(MINIMAL, id="minimal"),
    pytest.param("version: 1\n", id="nothing but a version"),
    pytest.param(week("mon-thu: 08:30-17:00, fri: [08:30-12:00, 13:00-16:00], SAT: open"), id="hours"),
    pytest.param(week('"mon,wed,fri-sun": 22:00-24:00, Thursday: closed'), id="days"),
    pytest.param(week("daily: '08:30-12:00, 13:00-16:00'"), id="commas"),
    pytest.param(override("date: 2026-12-24, hours: closed, reason: r, by: b"), id="a date"),
    pytest.param(override("dates: 2026-12-24..2026-12-31, hours: 10:00-12:00"), id="dates"),
    pytest.param(
        override("dates: 2026-12-24..2026-12-31, hours: {mon-thu: 10:00-12:00, FRI: closed}"),
        id="a week for dates",
    ),
    pytest.param(
        override("from: 2026-12-24T10:00, until: 2026-12-24T20:00:30+01:00, state: open"), id="a span"
    ),
    pytest.param(f"{MINIMAL}    hold: {{state: as-is, until: 2026-12-24T10:00Z}}\n", id="a hold"),
    pytest.param(
        f"{MINIMAL}    hold: {{state: off, until: 2026-12-24T10:00, reason: r}}\n", id="a hold of off"
    ),
    pytest.param(f"{MINIMAL}    warm_up: auto\n    bridge: 0m\n    drain: 1h30m\n", id="durations"),
    pytest.param(
        f"{MINIMAL}    on_demand: {{idle: 20m}}\n    overtime: 45m\n    rescue: 12h\n"
        "    budget: {unit_hours_per_month: 200.5, enforce: true}\n",
        id="rules beyond the hours",
    ),
    pytest.param(edited("inference_units: 1", "inference_units: 1.0"), id="a whole number, as JSON knows it"),
    pytest.param(
        f"{MINIMAL}    external_id: 123456789012\n    role_arn: arn:aws:iam::111111111111:role/x\n"
        "    hold: {state: off, until: 2026-12-24T10:00, reason: 42, by: true}\n",
        id="numbers and booleans where text belongs",
    ),
    pytest.param(f"{MINIMAL}    rescue: never\n    overtime: 0m\n", id="no rescue"),
    pytest.param(
        f"{MINIMAL}      retention: 14d\n    pricing: {{unit_hour_usd: 3.5}}\n", id="retention, price"
    ),
    pytest.param(edited("inference_units: 1", f"inference_units: 1\n      retired: [{ARN}9]"), id="retired"),
    pytest.param(
        "version: 1\ncalendars: {x: {country: NO, except: [a], also: {2026-01-02: b}}}\n", id="calendar"
    ),
    pytest.param(
        'version: 1\ncalendars: {x: {country: SE, categories: [public, de_facto], except: ["*Eve"]}}\n',
        id="categories and a pattern",
    ),
    pytest.param("version: 1\ncalendars: {x: {also: {12-24: Eve, 02-29: b}}}\n", id="every year"),
]


@pytest.mark.parametrize("text", VALID)
def test_what_parse_takes_the_schema_takes(text):
    assert diagnostics(text) == []
    assert not rejected(text)


VALID += [
    pytest.param(
        schedule(
            "    hours: {}\n    holidays: [{calendars: [x]}, {calendars: [y, x], hours: 08:30-12:00}]\n",
            also="calendars: {x: {also: {12-24: Eve}}, y: {also: {12-31: Eve}}}\n",
        ),
        id="holiday rules",
    ),
]


INVALID = [
    pytest.param(schedule("    hours: {}\n    holidays: []\n"), id="no holiday rule"),
    pytest.param(schedule("    hours: {}\n    holidays: [us]\n"), id="a calendar for a holiday rule"),
    pytest.param(schedule("    hours: {}\n    holidays: [{hours: open}]\n"), id="a rule of no calendar"),
    pytest.param("[]", id="a list"),
    pytest.param("{}", id="no version"),
    pytest.param("version: 2\n", id="another version"),
    pytest.param("version: 1\nschedule: {}\n", id="an unknown section"),
    pytest.param("version: 1\nschedules: {Office: {timezone: UTC, hours: {}}}\n", id="a name in capitals"),
    pytest.param("version: 1\nschedules: {office: {timezone: UTC}}\n", id="no hours"),
    pytest.param(week("mon: 25:00-26:00"), id="25:00"),
    pytest.param(week("mon: 8:30-17:00"), id="one digit"),
    pytest.param(week("mon: 24:00-08:00"), id="24:00 as a start"),
    pytest.param(week("mon: [08:30-12:00, open]"), id="open in a list"),
    pytest.param(week("mon: []"), id="an empty list"),
    pytest.param(week("mon: opne"), id="opne"),
    pytest.param(week("mon: 5"), id="a number"),
    pytest.param(week("mun: open"), id="mun"),
    pytest.param(week("mon-: open"), id="half a range"),
    pytest.param(override("date: 24.12.2026, hours: closed"), id="a date of another form"),
    pytest.param(override("date: 2026-12-24"), id="an override without hours"),
    pytest.param(override("date: 2026-12-24, hours: closed, state: open"), id="hours and state"),
    pytest.param(override("dates: 2026-12-24, hours: closed"), id="dates of one date"),
    pytest.param(override("date: 2026-12-24, hours: {mon: open}"), id="a week for a date"),
    pytest.param(override("dates: 2026-12-24..2026-12-31, hours: {}"), id="a week without a day"),
    pytest.param(override("dates: 2026-12-24..2026-12-31, hours: {mun: open}"), id="a week with a mun"),
    pytest.param(override("from: 2026-12-24, until: 2026-12-25T00:00, state: open"), id="from a bare date"),
    pytest.param(override("from: 2026-12-24T10:00, state: open"), id="no until"),
    pytest.param(override("hours: closed"), id="no date"),
    pytest.param(schedule("    hours: {}\n    holidays: {calendars: us}\n"), id="one calendar, no list"),
    pytest.param("version: 1\ncalendars: {x: {ics: ../x.ics}}\n", id="a path"),
    pytest.param("version: 1\ncalendars: {x: {country: us}}\n", id="a country in lower case"),
    pytest.param(
        "version: 1\ncalendars: {x: {also: {Christmas: 2026-12-25}}}\n", id="also, the wrong way round"
    ),
    pytest.param("version: 1\ncalendars: {x: {also: {13-01: a}}}\n", id="a thirteenth month"),
    pytest.param("version: 1\ncalendars: {x: {country: SE, categories: public}}\n", id="a category, no list"),
    pytest.param(edited(ARN, "logos"), id="no ARN"),
    pytest.param(edited(ARN, ARN.rpartition("/version/")[0] + "/1767950000000"), id="a project's ARN"),
    pytest.param(edited(UUID, "inference"), id="no UUID"),
    pytest.param(edited("inference_units: 1", "inference_units: 0"), id="no units"),
    pytest.param(f"{MINIMAL}    warm_up: 30\n", id="a duration without a unit"),
    pytest.param(f"{MINIMAL}    drain: auto\n", id="auto for drain"),
    pytest.param(f"{MINIMAL}    hold: {{state: as-is}}\n", id="a hold without end"),
    pytest.param(f"{MINIMAL}    undertime: 5m\n", id="a key of no version"),
    pytest.param(f"{MINIMAL}    on_demand: 20m\n", id="on demand without idle"),
    pytest.param(f"{MINIMAL}    on_demand: {{idle: 20m}}\n    warm_up: 30m\n", id="on demand, warmed up"),
    pytest.param(f"{MINIMAL}    overtime: auto\n", id="auto for overtime"),
    pytest.param(f"{MINIMAL}    rescue: always\n", id="always for rescue"),
    pytest.param(f"{MINIMAL}    budget: {{enforce: true}}\n", id="a budget of nothing"),
    pytest.param(f"{MINIMAL}    budget: {{unit_hours_per_month: 0}}\n", id="a budget of zero"),
    pytest.param(f"{MINIMAL}    budget: {{unit_hours_per_month: 9, enforce: 'on'}}\n", id="enforce: on"),
    pytest.param(f"{MINIMAL}    pricing: {{unit_hour_usd: 0}}\n", id="for nothing"),
]


@pytest.mark.parametrize("text", INVALID)
def test_what_the_schema_rejects_parse_rejects(text):
    assert rejected(text)
    if "country: us" not in text:  # which countries there are is the library's to say: a doubt
        assert diagnostics(text) != []
