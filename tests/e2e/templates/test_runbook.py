"""The runbook speaks of what there is."""

from __future__ import annotations

import json
import re

import pytest

from controller.cli.commands import COMMANDS
from controller.invocation.metrics import Metric
from tests.support.config_file import edited, understood
from tests.support.stack import DEPLOY, Stack, template

RUNBOOK = (DEPLOY / "README.md").read_text("utf-8")
README = (DEPLOY.parent / "README.md").read_text("utf-8")
EVERYTHING = {
    "ModelArns": "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000",
    "QueueArns": "arn:aws:sqs:us-east-1:123456789012:images",
    "DeadLetterQueueArns": "arn:aws:sqs:us-east-1:123456789012:dead",
}


OTHERS = {"SCHEDULER_CONFIG", "NAME", "ARTIFACTS_DIR", "Enabled", "RetainStacksOnAccountRemoval"}
"""Set somewhere else than in a stack of ours."""


def alarms(given):
    resources = Stack(given=given).resources.values()
    return [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]


def section(title):
    return RUNBOOK.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_it_says_of_each_alarm_what_to_do():
    told = re.findall(r"^\| `([a-z-]+)` \|", section("Alarms"), flags=re.MULTILINE)
    made = [each["AlarmName"].removeprefix("rekognition-scheduler-") for each in alarms(EVERYTHING)]
    assert sorted(told) == sorted(made)


def test_it_counts_the_alarms_and_the_metrics_that_are_paid_for():
    read = [
        len([m for m in alarm.get("Metrics", []) if "MetricStat" in m]) or 1 for alarm in alarms(EVERYTHING)
    ]
    whole = {
        *(Metric.HEARTBEAT, Metric.CONFIGURATION_VALID, Metric.EVENTS_FAILED),
        *(Metric.PIPELINES_DROPPED, Metric.DRY_RUN),
    }
    assert f"{len(alarms({}))} alarms, with models and queues {len(alarms(EVERYTHING))}" in RUNBOOK
    assert f"({sum(read)} - 10) · $0.10 = ${(sum(read) - 10) * 0.1:.2f}" in RUNBOOK
    stack, pipeline = len(Metric), len(set(Metric) - whole)
    assert f"metrics: {stack} of the stack, {pipeline} of each pipeline" in RUNBOOK
    assert f"({stack} + {pipeline} - 10) · $0.30 = ${(stack + pipeline - 10) * 0.3:.2f}" in RUNBOOK


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b([A-Z]\w+)=", RUNBOOK)) - OTHERS))
def test_a_parameter_that_it_overrides_is_one(name):
    assert name in template()["Parameters"] or name in template("member-role.yaml")["Parameters"]


@pytest.mark.parametrize("command", sorted(set(re.findall(r"rekognition-scheduler ([a-z][a-z-]*)", RUNBOOK))))
def test_a_command_that_it_calls_is_one(command):
    assert command in COMMANDS


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)h#][^)]*)\)", RUNBOOK))))
def test_a_file_that_it_links_to_is_there(target):
    assert (DEPLOY / target).exists()


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\]\(#([^)]*)\)", RUNBOOK))))
def test_a_section_that_it_links_to_is_there(anchor):
    titles = re.findall(r"^##+ (.+)$", RUNBOOK, flags=re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_hold_of_an_incident_is_a_valid_one():
    (hold,) = re.findall(r"^hold: .*$", section("Incident"), flags=re.MULTILINE)
    (pipeline,) = understood(edited("    consumer:\n", f"    {hold}\n    consumer:\n")).pipelines
    assert pipeline.settings.hold is not None


def test_the_policy_of_a_shared_bucket_is_json():
    (policy,) = re.findall(r"```json\n(.*?)```", RUNBOOK, flags=re.DOTALL)
    assert {each["Sid"] for each in json.loads(policy)["Statement"]} == {
        "OwnFolder",
        "OwnMemory",
        "List",
        "OwnVersions",
    }


def test_its_arithmetic_is_right():
    assert f"{8640 * 0.5:,.0f} GB-s · $0.0000166667 = ${8640 * 0.5 * 0.0000166667:.2f}" in RUNBOOK
    assert f"{3600 * 30 * 0.5:,.0f} GB-s = ${3600 * 30 * 0.5 * 0.0000166667:.2f}" in RUNBOOK
    assert f"{240 * 30 * 0.5:,.0f} GB-s = ${240 * 30 * 0.5 * 0.0000166667:.2f}" in RUNBOOK
    assert "42 · 52 / 12 = 182 hours and $728" in RUNBOOK.replace("\n", " ")
    assert (round(42 * 52 / 12), round(42 * 52 / 12 * 4)) == (182, 728)
    assert re.search(r"^logos +40 h 30 min +0 min +6 +42\.0 ", README, flags=re.MULTILINE)
