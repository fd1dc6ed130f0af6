"""What else is run by the clock: rules and schedules, both kinds, wherever the model and the mapping are."""

from __future__ import annotations

import pytest

from controller.config.model import Target
from tests.account import MODEL, NUMBER, REGION, ROLE

MACHINE = f"arn:aws:states:{REGION}:{NUMBER}:stateMachine:nightly"
THERE = "eu-west-1"


def rule(account, name, target, *, target_region=REGION, input_="{}"):
    events = account.clients("events", Target(region=target_region))
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)", State="ENABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, "Input": input_}])


def schedule(account, name, target, *, target_region=REGION, input_="{}"):
    account.clients("scheduler", Target(region=target_region)).create_schedule(
        Name=name,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": ROLE, "Input": input_},
    )


KINDS = {"rule": (rule, "rule x", "rules"), "schedule": (schedule, "schedule default/x", "schedules")}


@pytest.mark.parametrize(("make", "name", "check"), KINDS.values(), ids=KINDS.keys())
def test_of_either_kind_what_cannot_be_looked_into_is_said(practice, make, name, check):  # noqa: ARG001
    make(practice.account, "x", MACHINE)
    said = practice("--json").data
    assert said["not_seen"] == [f"{name} calls {MACHINE}: what its code does is not searched"]
    assert said["findings"] == []


@pytest.mark.parametrize(("make", "name", "check"), KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("region", [REGION, THERE])
def test_of_either_kind_what_stops_the_model_is_serious_wherever_the_model_or_the_mapping_is(
    practice, make, name, check, region
):
    path = practice.desk.home / "config" / "schedule.yaml"
    path.write_text(f"{path.read_text()}    region: {THERE}\n")
    make(practice.account, "x", MACHINE, target_region=region, input_=f'{{"arn": "{MODEL}"}}')
    found = practice.finding(check)
    assert (found["severity"], f"{name} (rate(1 day)) calls" in found["message"]) == ("serious", True)
