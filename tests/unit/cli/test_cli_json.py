"""The shape of every command's JSON, as schemas written by hand: keys that are missing or new are refused."""

from __future__ import annotations

import jsonschema
import pytest

from tests.support.desk import FILE, TWO_SCHEDULES

INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
LOCAL = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"}
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
AMOUNT = {"type": "number", "minimum": 0}


def obj(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def many(items):
    return {"type": "array", "items": items}


def maybe(schema):
    return {"anyOf": [schema, {"type": "null"}]}


COMPLAINT = obj(line=maybe(COUNT), column=maybe(COUNT), path=TEXT, message=TEXT)
CALENDAR_USE = obj(
    name=TEXT,
    events=maybe(COUNT),
    used=maybe(COUNT),
    left_out={"type": "object", "additionalProperties": COUNT},
    first=maybe(TEXT),
    last=maybe(TEXT),
)
VALIDATE = obj(
    file=TEXT,
    valid={"type": "boolean"},
    errors=many(COMPLAINT),
    warnings=many(COMPLAINT),
    calendars=many(CALENDAR_USE),
)

CALENDAR = obj(
    schedule=TEXT,
    timezone=TEXT,
    **{"from": INSTANT},
    to=INSTANT,
    openings=many(obj(start=INSTANT, end=INSTANT, start_local=LOCAL, end_local=LOCAL, reason=TEXT)),
)

DESIRED = obj(power={"enum": ["ON", "WARM", "OFF", "AS_IS", None]}, consume={"type": ["boolean", "null"]})
EXPLAIN = obj(
    pipeline=TEXT,
    at=INSTANT,
    desired=DESIRED,
    reason=TEXT,
    rules=many(
        obj(
            rule={"enum": ["hold", "open", "warm-up", "bridge", "overtime", "rescue", "closed"]},
            source=maybe({"type": "string", "pattern": r"^.+:\d+$"}),
            applies={"type": ["boolean", "null"]},
            reason=TEXT,
        )
    ),
    next_change=maybe(INSTANT),
)

ACTION = {"enum": ["StartModel", "StopModel", "EnableMapping", "DisableMapping"]}
PIPELINE = {
    "name": TEXT,
    "desired": DESIRED,
    "observed": obj(
        model=maybe(TEXT),
        units=maybe(COUNT),
        mapping=maybe(TEXT),
        waiting=maybe(COUNT),
        in_flight=maybe(COUNT),
        oldest_age_s=maybe(AMOUNT),
    ),
    "actions": many(ACTION),
    "reason": TEXT,
    "conditions": many(
        obj(
            type={"enum": ["Ready", "Progressing", "Stalled", "Drifted"]},
            status={"enum": ["True", "False", "Unknown"]},
            reason={"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
            message=TEXT,
            since=INSTANT,
        )
    ),
    "outcomes": many(obj(action=ACTION, ok={"type": "boolean"}, error=maybe(TEXT))),
    "next_check": maybe(INSTANT),
    "next_change": maybe(INSTANT),
}
TICK = obj(at=INSTANT, pipelines=many(obj(**PIPELINE)))
HOURS = obj(open={"type": "boolean"}, until=maybe(INSTANT), next_opening=maybe(INSTANT))
MONTH = obj(unit_hours=maybe(AMOUNT), cost_usd=maybe(AMOUNT), always_on_usd=AMOUNT)
STATUS = obj(at=INSTANT, pipelines=many(obj(**PIPELINE, schedule=maybe(HOURS), month=MONTH)))

SIMULATE = obj(
    **{"from": INSTANT},
    to=INSTANT,
    seed={"type": "integer"},
    ticks=COUNT,
    pipelines=many(
        obj(
            name=TEXT,
            open_minutes=AMOUNT,
            served_minutes=AMOUNT,
            unserved_minutes=AMOUNT,
            billed_unit_hours=AMOUNT,
            cost_usd=AMOUNT,
            starts=COUNT,
            failed_starts=COUNT,
            messages=obj(
                arrived=COUNT,
                processed=COUNT,
                failed_receives=COUNT,
                dead_lettered=COUNT,
                expired=COUNT,
                waiting=COUNT,
            ),
            violations=many(obj(rule=TEXT, at=INSTANT, detail=TEXT)),
        )
    ),
)


@pytest.mark.parametrize(
    ("args", "schema"),
    [
        pytest.param(("validate",), VALIDATE, id="validate"),
        pytest.param(("calendar",), CALENDAR, id="calendar"),
        pytest.param(("explain",), EXPLAIN, id="explain"),
        pytest.param(("simulate", "--to", "2026-11-24", "--faults"), SIMULATE, id="simulate"),
    ],
)
def test_the_json_has_the_shape_of_the_contract(desk, args, schema):
    said = desk(*args, "--json")
    jsonschema.validate(said.data, schema)
    assert said.err == ""


def test_an_invalid_file_is_told_in_the_same_shape(desk):
    desk.write(FILE.replace("08:30-17:00", "25:00-26:00"))
    said = desk("validate", "--json")
    jsonschema.validate(said.data, VALIDATE)
    [error] = said.data["errors"]
    assert said.code == 2
    assert (said.data["valid"], error["line"], error["column"]) == (False, 8, 16)
    assert error["path"].endswith(".office.hours.mon-thu")


@pytest.mark.parametrize(("command", "shape"), [("plan", TICK), ("status", STATUS), ("reconcile", TICK)])
def test_a_tick_has_the_shape_of_the_contract_whatever_failed(desk, command, shape):
    aws = desk.embed(TWO_SCHEDULES, "2026-11-23T13:10:00")
    jsonschema.validate(desk(command, "--json").data, shape)
    aws.cut_off("lambda", pipeline="stamps")
    failed = desk(command, "--json")
    jsonschema.validate(failed.data, shape)
    assert failed.code == 1


def test_a_tick_that_broke_down_has_the_shape_of_the_contract(desk):
    aws = desk.embed(FILE, "2026-11-23T13:10:00")

    def broken(_call):
        raise RuntimeError("a bug")

    aws.listen(broken)
    said = desk("reconcile", "--json")
    jsonschema.validate(said.data, TICK)
    [pipeline] = said.data["pipelines"]
    assert said.code == 1
    assert pipeline["desired"] == {"power": None, "consume": None}
    assert said.err.startswith("error: logos: ")
    assert said.err.endswith(": RuntimeError: a bug\n")
    assert said.err.count("\n") == 1


def test_status_lets_a_caller_know_whether_the_model_may_be_called(desk):
    desk.embed(FILE, "2026-11-23T14:10:00")
    [pipeline] = desk("status", "--json").data["pipelines"]
    assert pipeline["schedule"] == {
        "open": True,
        "until": "2026-11-23T22:00:00Z",
        "next_opening": "2026-11-24T13:30:00Z",
    }


def test_an_explained_warm_up_is_data(desk):
    data = desk("explain", "--json").data
    assert data["desired"] == {"power": "ON", "consume": True}
    assert data["next_change"] == "2026-11-23T13:30:00Z"
    assert [(rule["rule"], rule["applies"], rule["source"]) for rule in data["rules"]] == [
        ("hold", False, None),
        ("open", False, "config/schedule.yaml:8"),
        ("warm-up", True, "config/schedule.yaml:20"),
        ("bridge", False, None),
        ("overtime", False, None),
        ("rescue", False, None),
        ("closed", True, "config/schedule.yaml:8"),
    ]


def test_hands_off_consumes_neither_yes_nor_no(desk):
    desk.write(FILE + "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n")
    assert desk("explain", "--json").data["desired"] == {"power": "AS_IS", "consume": None}


def test_local_times_carry_their_offset(desk):
    [opening] = desk("calendar", "--from", "2026-03-09", "--to", "2026-03-10", "--json").data["openings"]
    assert opening == {
        "start": "2026-03-09T12:30:00Z",
        "end": "2026-03-09T21:00:00Z",
        "start_local": "2026-03-09T08:30:00-04:00",
        "end_local": "2026-03-09T17:00:00-04:00",
        "reason": "mon-thu 08:30-17:00 (line 8)",
    }
