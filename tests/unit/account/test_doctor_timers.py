"""What else is run by the clock: rules and schedules, both kinds, wherever the model and the mapping are."""

from __future__ import annotations

import pytest

from controller.config.model import Target
from tests.support.account import MODEL, NUMBER, REGION
from tests.unit.account.cases import (
    MACHINE,
    STOP,
    a_schedule_in_a_zone_of_its_own,
    a_start_and_a_stop,
    functions_that_cannot_be_read,
    functions_that_may_do_nothing,
    functions_that_may_stop_the_model,
    roles_that_cannot_be_read,
    schedule,
)

THERE = "eu-west-1"


def rule(account, name, target, *, target_region=REGION, input_="{}"):
    events = account.clients("events", Target(region=target_region))
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)", State="ENABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, "Input": input_}])


KINDS = {"rule": (rule, "rule x", "rules"), "schedule": (schedule, "schedule default/x", "schedules")}


@pytest.mark.parametrize(("make", "name", "check"), KINDS.values(), ids=KINDS.keys())
def test_of_either_kind_what_cannot_be_looked_into_is_said(practice, make, name, check):  # noqa: ARG001
    make(practice.account, "x", MACHINE)
    said = practice("--json").data
    (not_seen,) = said["not_seen"]
    assert not_seen.startswith(f"{name} calls {MACHINE} every day: ")
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


def test_what_may_do_nothing_to_the_file_is_one_line_that_quiet_keeps_away(practice):
    functions_that_may_do_nothing(practice.account)
    said = practice()
    assert ": nothing to say\n" in said.out
    (line,) = said.err.splitlines()
    assert line.startswith("not searched: ")
    assert "3 things" in line
    assert len(practice("--json").data["not_seen"]) == 3
    assert practice.desk("-q", "doctor").err == ""


def test_what_may_stop_the_model_is_one_finding_and_the_likeliest_comes_first(practice):
    functions_that_may_stop_the_model(practice.account)
    found = practice.finding("leftovers")
    assert found["severity"] == "advice"
    assert found["message"].startswith("4 that run by the clock may ")
    first, *others = found["message"].partition("likeliest first: ")[2].split("; ")[:4]
    assert first.startswith("rule stop-at-17 calls ")
    assert " mon-fri 17:00 UTC (" in first
    signs = first.partition(" (")[2].rstrip(")").split(", ")
    assert signs == [f"its role may {STOP}", '"stop" in its name', "its variable PROJECT_VERSION"]
    assert [each.split()[1] for each in others] == ["backup", "report", "invoice"]
    said = practice()
    assert (said.code, said.err) == (0, "")
    assert "hunter2" not in said.out


def test_where_roles_cannot_be_read_a_name_is_a_sign(practice):
    roles_that_cannot_be_read(practice.account)
    found = practice.finding("leftovers")["message"]
    assert found.startswith("1 that run by the clock may ")
    assert "rule start-model calls " in found
    assert "rule backup" not in found


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
    a_start_and_a_stop(practice.account)
    message = practice.finding("rules")["message"]
    assert "rule stop-model " in message
    assert "; rule start-model " in message
    assert " mon-fri 07:30-17:00 UTC: " in message


def test_functions_that_may_not_be_read_are_one_finding(practice):
    functions_that_cannot_be_read(practice.account)
    found = practice.finding("rules")
    assert found["severity"] == "unknown"
    assert all(f"rule {name} calls" in found["message"] for name in ("backup", "report", "invoice"))


def test_a_schedule_has_hours_in_its_own_zone(practice):
    a_schedule_in_a_zone_of_its_own(practice.account)
    message = practice.finding("schedules")["message"]
    assert message.startswith("schedule default/stop (")
    assert "(mon-fri 17:00 Europe/Berlin)" in message
