"""Every finding, on an account that is built wrong in just that way; silence on one built right."""

from __future__ import annotations

import json

import pytest

from controller.account import pipeline_checks as of_pipeline
from controller.account.diagnosis import ACCOUNT_CHECKS, CLOCK_CHECKS
from controller.storage.versions import listed, versions
from tests.support.account import DAY_S, MODEL, NUMBER, OLD, PROJECT, REGION, ROLE, RUNNING, UNITS
from tests.unit.account.cases import (
    GET_FUNCTION,
    OTHER,
    STREAM,
    UNSTEADY,
    WRONG,
    leaking,
    made_anew,
    mapped_elsewhere,
)

CHECKED = len(of_pipeline.CHECKS) + len(ACCOUNT_CHECKS) + len(CLOCK_CHECKS)
STOPPER = f"arn:aws:lambda:{REGION}:{NUMBER}:function:stopper"


def test_an_account_that_is_built_right_gives_nothing_to_say(practice):
    said = practice()
    assert (said.code, said.err) == (0, "")
    seen, checked, data = said.out.splitlines()
    assert seen.split(", ") == [
        "logos: queue logos",
        "mapping Disabled",
        "function logos-inference",
        "model STOPPED",
    ]
    assert checked == f"Checked {CHECKED} things: nothing to say"
    here, there = data.split("; in the function: ")
    assert here == f"Versions: {listed(versions())}"
    assert there.startswith("not known (")


@pytest.mark.parametrize(
    ("name", "check", "severity", "told"),
    [
        ("no model", "model", "serious", MODEL),
        ("no project", "model", "serious", MODEL),
        ("unusable", "model", "serious", "TRAINING_FAILED"),
        ("unheard of", "model", "unknown", "UNKNOWN (AWS says RESTING)"),
        ("leaking", "other-versions", "serious", f"{OTHER} is RUNNING*192.00 USD a day"),
        ("no mapping", "mapping", "serious", "no event source mapping"),
        ("fed by a stream", "mapping", "serious", f"{STREAM} to arn:aws:lambda"),
        ("made anew", "mapping", "serious", "no event source mapping"),
        ("a second mapping on the queue", "other-mappings", "serious", "has the same queue"),
        ("a second mapping to an alias", "other-mappings", "serious", "has the same function"),
        ("a second mapping that is disabled", "other-mappings", "advice", "Disabled"),
        ("no queue", "queue", "serious", "NonExistentQueue"),
        ("no function", "function", "serious", "ResourceNotFoundException"),
        ("never runs", "function", "serious", "never runs"),
        ("too few reserved", "reserved", "advice", "2 instances at once and 1 are"),
        ("asks another", "function-model", "serious", f"asks {OLD} (its variable MODEL_ARN)"),
        ("visible too soon", "visibility", "advice", "5m59s"),
        ("visible at once", "visibility", "serious", "labelled twice"),
        ("visible before the window", "visibility", "advice", "window of 1s, 6m1s"),
        ("never redriven", "redrive", "serious", "has no dead-letter queue"),
        ("redriven soon", "redrive", "advice", "after 4 receives"),
        ("dead too soon", "dead-letters", "serious", "13d23h59m59s"),
        ("no dead letters", "dead-letters", "serious", "logos-dead does not exist"),
        ("unlimited", "concurrency", "advice", "2 inference units"),
        ("crowded", "concurrency", "advice", "5 instances ask 2 *keeps up with 4"),
        ("whole batches", "partial-batches", "advice", "(10 messages at most)"),
        ("few units allowed", "units-quota", "serious", "the quota of 1 a model"),
        ("called by one instance alone", "reserved", "advice", "any number of instances"),
        ("fed by a fifo queue", "queue", "serious", "is a FIFO queue"),
        ("no model allowed", "running-quota", "serious", "models is 0"),
        ("a rule with a function", "rules", "serious", f"calls {STOPPER}*variable PROJECT_VERSION"),
        ("a rule that was disabled", "rules", "advice", "it is disabled"),
        ("a schedule into the api", "schedules", "serious", f"its input names {MODEL}"),
        ("not allowed", "permissions", "serious", f"rekognition:StartProjectVersion on {MODEL}"),
        ("ahead", "clock", "serious", "seconds behind AWS's"),
        ("a little behind", "clock", "advice", "seconds ahead of AWS's"),
    ],
)
def test_what_is_wrong_is_the_one_thing_that_is_found(practice, name, check, severity, told):
    """``told`` are values of the message, a ``*`` between them."""
    (WRONG | UNSTEADY)[name](practice.account)
    practice.write()
    said = practice("--json")
    found, *more = said.data["findings"]
    assert not more
    assert (found["check"], found["severity"]) == (check, severity)
    assert all(value in found["message"] for value in told.split("*"))
    assert found["remedy"] or severity == "unknown"
    assert said.code == (3 if severity == "serious" else 0)


@pytest.mark.parametrize(
    ("change", "queue_s", "check", "severity", "told"),
    [
        pytest.param(("units: 2", "units: 1"), 14 * DAY_S, "units", "advice", "AWS advises 2", id="one unit"),
        pytest.param(
            ("retention: 14d}", "retention: 4d}"),
            14 * DAY_S,
            "retention",
            "advice",
            "the queue keeps messages for 14d; the file assumes 4d",
            id="another retention than the queue's",
        ),
        pytest.param(
            ("retention: 14d}", "retention: 1d}"),
            DAY_S,
            "retention",
            "advice",
            "so rescue runs the model for them",
            id="a weekend that is rescued",
        ),
        pytest.param(
            ("retention: 14d}", "retention: 1d}\n    rescue: never"),
            DAY_S,
            "retention",
            "serious",
            "messages that arrived since the closing are lost (rescue is never)",
            id="a weekend that is lost",
        ),
    ],
)
def test_the_file_is_held_against_the_account(practice, change, queue_s, check, severity, told):
    path = practice.desk.home / "config" / "schedule.yaml"
    text = path.read_text()
    assert change[0] in text
    practice.desk.write(text.replace(*change))
    practice.account.set_queue("logos", MessageRetentionPeriod=str(queue_s))
    found, *more = practice("--json").data["findings"]
    assert not more
    assert (found["check"], found["severity"]) == (check, severity)
    assert told in found["message"]


@pytest.mark.parametrize(("since", "found"), [("2026-11-20T09:00:00Z", [("dry-run", "advice")]), (None, [])])
def test_a_controller_in_dry_run_is_told_of_with_the_way_out(practice, since, found):
    s3 = practice.account.client("s3")
    s3.create_bucket(Bucket="configuration")
    s3.put_bucket_versioning(Bucket="configuration", VersioningConfiguration={"Status": "Enabled"})
    text = (practice.desk.home / "config" / "schedule.yaml").read_text()
    s3.put_object(Bucket="configuration", Key="schedule.yaml", Body=text)
    document = json.dumps({"dry_run_since": since, "versions": {}})
    s3.put_object(Bucket="configuration", Key="status/_deployment.json", Body=document)
    where = ("--config", "s3://configuration/schedule.yaml")
    assert practice.findings(*where) == found
    said = practice("--json", *where).data["findings"]
    assert [since in each["message"] and "DryRun=false" in each["remedy"] for each in said] == [True] * len(
        found
    )


@pytest.mark.parametrize("ran", [(), ("-2-of-2",)])
def test_a_shard_that_never_ran_is_serious_and_names_its_pipelines(practice, ran):
    s3 = practice.account.client("s3")
    s3.create_bucket(Bucket="configuration")
    s3.put_bucket_versioning(Bucket="configuration", VersioningConfiguration={"Status": "Enabled"})
    text = (practice.desk.home / "config" / "schedule.yaml").read_text()
    s3.put_object(Bucket="configuration", Key="schedule.yaml", Body=text)
    for suffix in ("", *ran):
        document = json.dumps({"dry_run_since": None, "versions": {}, "shards": 2})
        s3.put_object(Bucket="configuration", Key=f"status/_deployment{suffix}.json", Body=document)
    where = ("--config", "s3://configuration/schedule.yaml")
    assert practice.findings(*where) == ([] if ran else [("shards", "serious")])
    if not ran:
        (finding,) = practice("--json", *where).data["findings"]
        assert "2/2" in finding["message"]
        assert "logos" in finding["message"]
        assert "Shard=2/2" in finding["remedy"]


def test_models_of_two_schedules_need_two_places_in_the_quota(practice):
    """The second model is of the same project, so that nothing else is new."""
    text = (practice.desk.home / "config" / "schedule.yaml").read_text()
    uuid = practice.account.mapping("logos", "logos-inference")
    second = text.partition("pipelines:\n")[2].replace("logos:", "stamps:", 1).replace(MODEL, OTHER)
    practice.desk.write(text + second.replace(practice.account.uuid, uuid).replace(OLD, ""))
    practice.account.versions[OTHER] = "STOPPED"
    practice.account.quotas.clear()
    assert not [each for each in practice("--json").data["findings"] if each["check"] == "running-quota"]
    practice.account.quotas[RUNNING] = 1
    assert "2 models are up at once" in practice.finding("running-quota")["message"]


def test_a_mapping_that_was_made_anew_is_named_by_its_uuid_and_no_other_is(practice):
    made_anew(practice.account)
    remedy = practice.finding("mapping")["remedy"]
    mappings = practice.account.lambda_.list_event_source_mappings()["EventSourceMappings"]
    uuids = {each["EventSourceArn"].rpartition(":")[2]: each["UUID"] for each in mappings}
    assert f" anew as {uuids['logos']} (" in remedy
    assert uuids["stamps"] not in remedy


def test_mappings_of_other_queues_to_other_functions_are_nobodys_business(practice):
    mapped_elsewhere(practice.account)
    assert practice.findings() == []


def test_quotas_that_were_raised_are_not_taken_for_each_other(practice):
    """Ten models of five units: eight units are too many, and three models are not."""
    practice.account.quotas.update({RUNNING: 10, UNITS: 5})
    practice.write(units=8)
    assert "the quota of 5 a model" in practice.finding("units-quota")["message"]
    practice.account.quotas.update({RUNNING: 5, UNITS: 10})
    assert practice.findings() == []


@pytest.mark.parametrize(("status", "checks"), [("Enabled", []), ("Suspended", ["bucket"])])
def test_the_bucket_of_the_file_keeps_versions(practice, status, checks):
    s3 = practice.account.client("s3")
    s3.create_bucket(Bucket="configuration")
    s3.put_bucket_versioning(Bucket="configuration", VersioningConfiguration={"Status": status})
    text = (practice.desk.home / "config" / "schedule.yaml").read_bytes()
    s3.put_object(Bucket="configuration", Key="schedule.yaml", Body=text)
    found = practice.findings("--config", "s3://configuration/schedule.yaml")
    assert found == [(check, "serious") for check in checks]


def test_the_simulator_is_asked_of_the_role_that_is_named(practice):
    assert practice.findings("--role", ROLE) == []
    assert {each["principal"] for each in practice.account.asked} == {ROLE}
    asked = {action: each["on"] for each in practice.account.asked for action in each["actions"]}
    needed = {
        "cloudwatch:GetMetricData": ["*"],
        "lambda:GetEventSourceMapping": ["*"],
        "lambda:GetFunctionConfiguration": [f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference"],
        "lambda:UpdateEventSourceMapping": [
            f"arn:aws:lambda:{REGION}:{NUMBER}:event-source-mapping:{practice.account.uuid}"
        ],
        "rekognition:DescribeProjectVersions": [PROJECT],
        "rekognition:DescribeProjects": ["*"],
        "rekognition:StartProjectVersion": [MODEL],
        "rekognition:StopProjectVersion": [OLD],
        "sqs:GetQueueAttributes": [f"arn:aws:sqs:{REGION}:{NUMBER}:logos"],
        "sqs:GetQueueUrl": [f"arn:aws:sqs:{REGION}:{NUMBER}:logos"],
    }
    assert asked == needed


@pytest.mark.parametrize(
    ("operation", "checks"),
    [
        ("DescribeProjectVersions", ["model", "other-versions"]),
        (
            "GetEventSourceMapping",
            [
                "mapping",
                "other-mappings",
                "function",
                "function-model",
                "queue",
                "visibility",
                "redrive",
                "dead-letters",
                "retention",
                "concurrency",
                "reserved",
                "partial-batches",
            ],
        ),
        ("GetFunctionConfiguration", ["function", "function-model", "visibility"]),
        ("GetFunctionConcurrency", ["function", "reserved"]),
        (
            "GetQueueAttributes",
            ["visibility", "redrive", "dead-letters", "retention", "concurrency", "partial-batches"],
        ),
        ("ListEventSourceMappings", ["other-mappings"]),
        ("ListRules", ["rules"]),
        ("ListSchedules", ["schedules"]),
        ("SimulatePrincipalPolicy", ["permissions"]),
        ("ListServiceQuotas", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_may_not_be_read_is_unknown_and_the_rest_is_judged(practice, operation, checks):
    practice.account.refused.add(operation)
    said = practice("--json")
    assert [(each["check"], each["severity"]) for each in said.data["findings"]] == [
        (check, "unknown") for check in checks
    ]
    assert all("AccessDenied" in each["message"] for each in said.data["findings"])
    assert said.code == 0
    leaking(practice.account)
    if operation != "DescribeProjectVersions":
        assert ("other-versions", "serious") in practice.findings()


def test_checks_that_lack_the_same_read_share_a_line(practice):
    practice.account.refused.add("GetFunctionConfiguration")
    said = practice()
    lines = [line for line in said.out.splitlines() if "unknown" in line]
    assert len(lines) == 2
    _, names = lines[0].partition(": ")[0].split(maxsplit=1)
    assert names.split(", ") == ["function", "function-model", "visibility"]
    assert f"what to do: allow {GET_FUNCTION} on arn:aws:lambda:" in lines[0]
    assert lines[1] == f"Checked {CHECKED} things: 3 unknown"


def test_who_is_not_even_known_has_failed(practice):
    practice.account.refused.add("GetCallerIdentity")
    assert practice().code == 1


def test_the_consumer_itself_may_be_called_by_the_clock(practice):
    practice.account.rule("ping", f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference")
    assert practice.findings() == []


def test_data_tell_every_check_and_what_the_files_names_stand_for(practice):
    leaking(practice.account)
    data = practice("--json").data
    assert data["pipelines"] == [
        {
            "name": "logos",
            "model": "STOPPED",
            "mapping": "Disabled",
            "queue_arn": f"arn:aws:sqs:{REGION}:{NUMBER}:logos",
            "function_arn": f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference",
        }
    ]
    verdicts = {(each["pipeline"], each["check"]): each["verdict"] for each in data["checks"]}
    assert verdicts.pop(("logos", "other-versions")) == "serious"
    assert set(verdicts.values()) == {"fine"}
    assert len(verdicts) == CHECKED - 1
    assert data["not_seen"] == []
    assert data["versions"] == {"here": versions(), "function": None}
