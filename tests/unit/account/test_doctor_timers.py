"""What else is run by the clock: rules and schedules, both kinds, wherever the model and the mapping are."""

from __future__ import annotations

import pytest

from controller.config.model import Target
from tests.support.account import MODEL, NUMBER, REGION, ROLE

MACHINE = f"arn:aws:states:{REGION}:{NUMBER}:stateMachine:nightly"
THERE = "eu-west-1"


def rule(account, name, target, *, target_region=REGION, input_="{}"):
    events = account.clients("events", Target(region=target_region))
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)", State="ENABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, "Input": input_}])


def schedule(account, name, target, *, target_region=REGION, input_="{}", **more):
    account.clients("scheduler", Target(region=target_region)).create_schedule(
        Name=name,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": ROLE, "Input": input_},
        **({"ScheduleExpression": "rate(1 day)"} | more),
    )


KINDS = {"rule": (rule, "rule x", "rules"), "schedule": (schedule, "schedule default/x", "schedules")}


@pytest.mark.parametrize(("make", "name", "check"), KINDS.values(), ids=KINDS.keys())
def test_of_either_kind_what_cannot_be_looked_into_is_said(practice, make, name, check):  # noqa: ARG001
    make(practice.account, "x", MACHINE)
    said = practice("--json").data
    assert said["not_seen"] == [f"{name} calls {MACHINE} every day: what its code does is not searched"]
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
    assert (found["severity"], f"{name} (every day) calls" in found["message"]) == ("serious", True)


INFERENCE_ROLE = f"arn:aws:iam::{NUMBER}:role/inference"
WRITES = {
    "lambda:UpdateEventSourceMapping",
    "rekognition:StartProjectVersion",
    "rekognition:StopProjectVersion",
}


def many(account, names=("backup", "report", "invoice")):
    for name in names:
        account.rule(name, account.function(name, PLACE="hunter2"), when="rate(1 day)")


def test_what_may_do_nothing_to_the_file_is_one_line_that_quiet_keeps_away(practice):
    practice.account.denied_to[INFERENCE_ROLE] = WRITES
    many(practice.account)
    said = practice()
    assert ": nothing to say\n" in said.out
    assert said.err == "not searched: the code of 3 things that run by the clock (--json)\n"
    assert len(practice("--json").data["not_seen"]) == 3
    assert practice.desk("-q", "doctor").err == ""


def test_what_may_stop_the_model_is_one_finding_and_the_likeliest_comes_first(practice):
    practice.account.denied_to[INFERENCE_ROLE] = WRITES - {"rekognition:StopProjectVersion"}
    many(practice.account)
    stopper = practice.account.function("evening", PROJECT_VERSION="hunter2")
    practice.account.rule("stop-at-17", stopper)
    found = practice.finding("leftovers")
    assert found["severity"] == "advice"
    assert found["message"].startswith(
        "4 that run by the clock may start or stop the same, the likeliest first: rule stop-at-17 calls "
        f"{stopper} mon-fri 17:00 UTC (its role may rekognition:StopProjectVersion, "
        '"stop" in its name, its variable PROJECT_VERSION); '
    )
    said = practice()
    assert (said.code, said.err) == (0, "")
    assert "hunter2" not in said.out


def test_where_roles_cannot_be_read_a_name_is_a_sign(practice):
    practice.account.refused.add("SimulatePrincipalPolicy")
    many(practice.account, ("backup", "start-model"))
    found = practice.finding("leftovers")["message"]
    assert found.startswith(
        "1 that run by the clock may start or stop the same, the likeliest first: rule start-m"
    )


def test_the_controllers_own_function_runs_by_the_clock_too(practice):
    function = practice.account.function(
        "rekognition-scheduler", SCHEDULER_CONFIG="s3://bucket/schedule.yaml"
    )
    practice.account.schedule("rekognition-scheduler", function)
    data = practice("--json").data
    assert (data["findings"], data["not_seen"]) == ([], [])


def test_the_consumer_is_known_by_any_of_its_aliases(practice):
    practice.account.rule("ping", f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference:live")
    assert practice("--json").data["not_seen"] == []


def test_a_start_and_a_stop_are_one_finding_with_the_hours_that_they_mean(practice):
    switch = practice.account.function("switch", PROJECT_VERSION=MODEL)
    practice.account.rule("stop-model", switch, when="cron(0 17 ? * MON-FRI *)")
    practice.account.rule("start-model", switch, when="cron(30 7 ? * MON-FRI *)")
    assert "; together mon-fri 07:30-17:00 UTC: two that start" in practice.finding("rules")["message"]


def test_functions_that_may_not_be_read_are_one_finding(practice):
    many(practice.account)
    practice.account.refused.add("GetFunctionConfiguration")
    found = practice.finding("rules")
    assert found["severity"] == "unknown"
    assert all(f"rule {name} calls" in found["message"] for name in ("backup", "report", "invoice"))


def test_a_schedule_has_hours_in_its_own_zone(practice):
    schedule(
        practice.account,
        "stop",
        "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion",
        input_=f'{{"ProjectVersionArn": "{MODEL}"}}',
        ScheduleExpression="cron(0 17 ? * MON-FRI *)",
        ScheduleExpressionTimezone="Europe/Berlin",
    )
    assert (
        "schedule default/stop (mon-fri 17:00 Europe/Berlin) calls"
        in practice.finding("schedules")["message"]
    )
