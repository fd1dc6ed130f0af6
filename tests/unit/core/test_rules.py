from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.inputs import Unattended, learned_lead
from controller.core.memory import Memory
from controller.core.rules import desired_state, evaluate_rules, warm_up
from controller.core.settings import Hold, Settings
from controller.core.states import Desired
from controller.schedule.model import Moment
from tests.unit.core.conftest import at, closure, inputs, opening, seen

FRESH = Memory(oldest_after=at("00:00"))
NIGHT = closure("00:00", "08:30")
HALF_HOUR = Settings(warm_up=timedelta(minutes=30), lines={"warm_up": 41})


def held(state: Desired, until: str) -> Settings:
    return Settings(hold=Hold(desired=state, until=at(until), reason="incident 42"), lines={"hold": 43})


@pytest.mark.parametrize(
    ("clock", "moment", "settings", "desired", "rule"),
    [
        pytest.param("09:00", opening("08:30", "17:00"), HALF_HOUR, Desired.ON, "open", id="open is ON"),
        pytest.param(
            "08:30", opening("08:30", "17:00"), HALF_HOUR, Desired.ON, "open", id="open at its start"
        ),
        pytest.param(
            "03:00", closure("00:00", "08:30"), HALF_HOUR, Desired.OFF, "closed", id="closed is OFF"
        ),
        pytest.param("07:59:59", NIGHT, HALF_HOUR, Desired.OFF, "closed", id="before the lead: OFF"),
        pytest.param("08:00", NIGHT, HALF_HOUR, Desired.ON, "warm-up", id="the lead before: ON"),
        pytest.param(
            "08:10",
            closure("00:00", "08:30", explicit=True),
            HALF_HOUR,
            Desired.WARM,
            "warm-up",
            id="the lead in an explicit closure: WARM",
        ),
        pytest.param(
            "08:10",
            closure("08:00", "08:20", explicit=True),
            HALF_HOUR,
            Desired.WARM,
            "warm-up",
            id="two openings closer than the lead, closed explicitly: WARM",
        ),
        pytest.param(
            "12:02",
            closure("12:00", "12:40"),
            HALF_HOUR,
            Desired.ON,
            "bridge",
            id="closure of lead + 10: bridged",
        ),
        pytest.param(
            "12:01",
            closure("12:00", "12:45"),
            HALF_HOUR,
            Desired.ON,
            "bridge",
            id="closure of lead + 15: bridged",
        ),
        pytest.param(
            "12:01", closure("12:00", "12:45:01"), HALF_HOUR, Desired.OFF, "closed", id="a second longer: not"
        ),
        pytest.param(
            "12:01",
            closure("12:00", "12:45", explicit=True),
            HALF_HOUR,
            Desired.OFF,
            "closed",
            id="an explicit closure is not bridged",
        ),
        pytest.param(
            "12:01",
            closure("12:00", "13:30"),
            Settings(bridge=timedelta(hours=2)),
            Desired.ON,
            "bridge",
            id="a bridge of two hours",
        ),
        pytest.param(
            "12:01",
            closure("12:00", "12:40"),
            Settings(bridge=timedelta(0)),
            Desired.OFF,
            "closed",
            id="a bridge of 0m is never",
        ),
        pytest.param(
            "09:00", opening("08:30", "17:00"), held(Desired.OFF, "10:00"), Desired.OFF, "hold", id="held off"
        ),
        pytest.param(
            "03:00", closure("00:00", "08:30"), held(Desired.ON, "10:00"), Desired.ON, "hold", id="held on"
        ),
        pytest.param(
            "03:00",
            closure("00:00", "08:30"),
            held(Desired.AS_IS, "10:00"),
            Desired.AS_IS,
            "hold",
            id="held as is",
        ),
        pytest.param(
            "10:00",
            opening("08:30", "17:00"),
            held(Desired.OFF, "10:00"),
            Desired.ON,
            "open",
            id="a hold that ends in the middle of an opening",
        ),
    ],
)
def test_the_first_rule_that_applies_decides(clock, moment, settings, desired, rule):
    wanted = desired_state(inputs(clock, moment, settings))
    assert (wanted.desired, wanted.rule) == (desired, rule)


@pytest.mark.parametrize(
    ("model", "desired"),
    [("RUNNING", Desired.ON), ("STARTING", Desired.ON), ("STOPPED", Desired.OFF), ("STOPPING", Desired.OFF)],
)
def test_a_bridge_keeps_a_model_that_is_up_and_starts_none(model, desired):
    now = inputs(
        "12:01", closure("12:00", "12:40"), HALF_HOUR, observed=seen(model, "Disabled"), memory=FRESH
    )
    assert desired_state(now).desired is desired


def test_a_schedule_that_never_opens_again_is_off():
    never = Moment(open=False, started_at=None, ends_at=None, reason="never", line=3)
    forever = inputs("08:20", never, Settings(rescue=None))
    assert desired_state(forever).desired is Desired.OFF
    assert desired_state(forever).until is None


@pytest.mark.parametrize(
    ("clock", "unattended", "starts_at"),
    [
        pytest.param("07:54", ("07:54", "07:59"), "08:00", id="the next invocation comes in time"),
        pytest.param("07:55", ("07:55", "08:00"), "08:00", id="the next invocation comes just then"),
        pytest.param("07:56", ("08:00", "08:01"), "08:00", id="this invocation can wait for it"),
        pytest.param("07:56", ("07:59", "08:01"), "07:59", id="at this invocation's last tick"),
        pytest.param("07:56", ("07:56", "08:01"), "07:56", id="this is the invocation's last tick"),
        pytest.param("08:10", ("08:10", "08:15"), "08:10", id="it is late already"),
        pytest.param("07:56", None, "08:00", id="a tick can happen at any instant"),
    ],
)
def test_a_model_is_started_a_lead_before_the_opening_or_at_the_last_tick_before(
    clock, unattended, starts_at
):
    """The opening is at 08:30 and the lead is half an hour."""
    away = Unattended(start=at(unattended[0]), end=at(unattended[1])) if unattended else None
    result = warm_up(inputs(clock, NIGHT, HALF_HOUR, unattended=away))
    if starts_at == clock:
        assert result.desired is Desired.ON
    else:
        assert (result.desired, result.until) == (None, at(starts_at))


@pytest.mark.parametrize(
    ("minutes", "lead"),
    [
        pytest.param([], 30, id="nothing measured"),
        pytest.param([10] * 4, 30, id="four are not enough"),
        pytest.param([10] * 5, 11, id="five: the measure, and a minute for the mapping"),
        pytest.param([1] * 5, 5, id="never under five minutes"),
        pytest.param([50] * 5, 45, id="never over 45"),
        pytest.param([*range(1, 21)], 19, id="the 18th of 20 is the 90th percentile"),
        pytest.param([30, 10, 10, 10, 10, 10, 10, 10, 10, 10], 11, id="the 9th of 10"),
    ],
)
def test_the_lead_is_learned_from_the_measured_starts(minutes, lead):
    memory = Memory(start_durations_s=tuple(60.0 * each for each in minutes))
    assert learned_lead(inputs("03:00", closure("00:00", "08:30"), memory=memory)) == timedelta(minutes=lead)


@pytest.mark.parametrize(
    ("clock", "moment", "settings", "next_at"),
    [
        pytest.param("03:00", NIGHT, HALF_HOUR, "08:00", id="the warm-up"),
        pytest.param("08:01", NIGHT, HALF_HOUR, "08:30", id="the opening"),
        pytest.param("09:00", opening("08:30", "17:00"), HALF_HOUR, "17:00", id="the closing"),
        pytest.param(
            "09:00", opening("08:30", "17:00"), held(Desired.OFF, "10:00"), "10:00", id="a hold's end"
        ),
        pytest.param(
            "11:00", opening("08:30", "17:00"), held(Desired.OFF, "10:00"), "17:00", id="not a past hold"
        ),
        pytest.param(
            "08:05",
            closure("00:00", "08:30", explicit=True, until="08:20"),
            HALF_HOUR,
            "08:20",
            id="the end of an explicit part",
        ),
    ],
)
def test_the_rules_say_when_they_may_decide_otherwise(clock, moment, settings, next_at):
    assert desired_state(inputs(clock, moment, settings)).until == at(next_at)


def test_explain_has_every_rule_in_order_with_its_line_and_reason():
    account = evaluate_rules(inputs("08:10", closure("00:00", "08:30"), HALF_HOUR))
    assert [(v.rule, v.applies, v.line) for v in account] == [
        ("hold", False, None),
        ("open", False, 7),
        ("warm-up", True, 41),
        ("bridge", False, None),
        ("overtime", False, None),
        ("rescue", False, None),
        ("closed", True, 7),
    ]


@pytest.mark.parametrize(
    ("desired", "consume"),
    [(Desired.ON, True), (Desired.WARM, False), (Desired.OFF, False), (Desired.AS_IS, None)],
)
def test_consumption_follows_from_what_is_desired(desired, consume):
    wanted = desired_state(inputs("03:00", closure("00:00", "08:30"), held(desired, "10:00")))
    assert wanted.consume is consume
