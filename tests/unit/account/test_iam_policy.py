"""What ``controller.account.iam`` asks for, worked by hand from small files."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from controller.account.iam import Known, document, needed, needed_to_push
from controller.cli.app import app
from tests.support.config_file import ARN, MINIMAL, UUID, edited, understood
from tests.support.iam import actions, allows
from tests.unit.account.cases import DESCRIBE_VERSIONS, GET_FUNCTION, START, STOP, UPDATE_MAPPING

ROLE = "arn:aws:iam::210987654321:role/member"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:label"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
KNOWN = Known(functions=(FUNCTION,), queues=(QUEUE,))
MAPPING = f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}"
RETIRED = ARN.replace("/v1/", "/v0/")
WITH_RETIRED = edited("inference_units: 1\n", f"inference_units: 1\n      retired: [{RETIRED}]\n")
WITH_ROLE = edited("    consumer:\n", f"    role_arn: {ROLE}\n    consumer:\n")


def policy(text=MINIMAL, known=KNOWN, *, file="schedule.yaml", role=None):
    return document(needed(replace(understood(text), file=file), known, role=role))


def project(after):
    return ARN.split("/version/", maxsplit=1)[0] + after


@pytest.mark.parametrize(
    ("action", "resource", "fine"),
    [
        pytest.param(START, ARN, True, id="its model is started"),
        pytest.param(START, RETIRED, False, id="no other version is"),
        pytest.param(STOP, ARN, True, id="its model is stopped"),
        pytest.param(STOP, RETIRED, False, id="no version that it does not name is"),
        pytest.param(DESCRIBE_VERSIONS, project("/1700000000000"), True, id="its project"),
        pytest.param(DESCRIBE_VERSIONS, project("s/17"), False, id="a project of like name"),
        pytest.param("sqs:GetQueueAttributes", QUEUE, True, id="its queue is counted"),
        pytest.param("sqs:GetQueueAttributes", f"{QUEUE}-dead", False, id="no other queue is"),
        pytest.param(GET_FUNCTION, FUNCTION, True, id="its function"),
        pytest.param(GET_FUNCTION, f"{FUNCTION}2", False, id="no other function"),
    ],
)
def test_an_action_is_allowed_on_what_the_file_names_alone(action, resource, fine):
    assert allows(policy(), action, resource) is fine


@pytest.mark.parametrize(
    ("mapping", "function", "fine"),
    [
        pytest.param(MAPPING, FUNCTION, True, id="its mapping"),
        pytest.param(MAPPING, f"{FUNCTION}2", False, id="its mapping to another function"),
        pytest.param(MAPPING[:-1] + "0", FUNCTION, False, id="another mapping to its function"),
    ],
)
def test_the_mapping_is_switched_while_it_invokes_the_function(mapping, function, fine):
    asked = allows(policy(), UPDATE_MAPPING, mapping, lambda_FunctionArn=function)
    assert asked is fine


@pytest.mark.parametrize("given", [FUNCTION, f"{FUNCTION}:live"])
@pytest.mark.parametrize("invoked", [FUNCTION, f"{FUNCTION}:live", f"{FUNCTION}:7"])
def test_a_function_is_the_same_with_and_without_an_alias(given, invoked):
    made = policy(known=Known(functions=(given,)))
    assert allows(made, UPDATE_MAPPING, MAPPING, lambda_FunctionArn=invoked)
    assert allows(made, GET_FUNCTION, invoked)
    other = f"{FUNCTION}2:live"
    assert not allows(made, UPDATE_MAPPING, MAPPING, lambda_FunctionArn=other)


def test_a_fifo_queue_is_refused(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    done = CliRunner().invoke(app, ["iam-policy", "--config", str(file), "--queue", f"{QUEUE}.fifo"])
    assert done.exit_code == 2
    assert "FIFO" in done.stderr
    assert done.stderr.rstrip().endswith(f"({QUEUE})")


def test_a_retired_version_is_stopped_and_never_started():
    made = policy(WITH_RETIRED)
    assert allows(made, STOP, RETIRED)
    assert not allows(made, START, RETIRED)


def test_a_project_whose_arn_is_in_the_file_is_named_whole():
    text = edited("inference_units: 1\n", f"inference_units: 1\n      project_arn: {project('/17')}\n")
    assert allows(policy(text), DESCRIBE_VERSIONS, project("/17"))
    assert not allows(policy(text), DESCRIBE_VERSIONS, project("/18"))


def test_what_nobody_named_is_of_the_account_and_region_and_says_so():
    statements = needed(understood(MINIMAL))
    made = document(statements)
    assert allows(made, "sqs:GetQueueUrl", f"{QUEUE}-any")
    assert not allows(made, "sqs:GetQueueUrl", QUEUE.replace("123456789012", "210987654321"))
    assert not allows(made, GET_FUNCTION, FUNCTION.replace("us-east-1", "eu-west-1"))
    told = {each.sid for each in statements if each.why is not None}
    assert {"GetFunctionConfigurations", "CountMessages"} <= told


def test_whatever_is_not_narrow_has_a_reason():
    wide = [each for each in needed(understood(MINIMAL), KNOWN) if "*" in each.resources]
    assert len(wide) == 3
    assert all(each.why for each in wide)


def test_who_assumes_a_role_needs_nothing_but_to_assume_it():
    made = policy(WITH_ROLE)
    assert actions(made) == {"sts:AssumeRole"}
    assert allows(made, "sts:AssumeRole", ROLE)


def test_the_role_acts_on_the_mapping_in_its_own_account():
    made = policy(WITH_ROLE, role=ROLE)
    there = MAPPING.replace("123456789012", "210987654321")
    assert allows(made, UPDATE_MAPPING, there, lambda_FunctionArn=FUNCTION)
    assert "sts:AssumeRole" not in actions(made)


@pytest.mark.parametrize(
    ("action", "resource", "fine"),
    [
        ("s3:GetObject", "arn:aws:s3:::bucket/ours/schedule.yaml", True),
        ("s3:GetObjectVersion", "arn:aws:s3:::bucket/ours/closures.ics", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/theirs/schedule.yaml", False),
        ("s3:PutObject", "arn:aws:s3:::bucket/ours/status/logos.json", True),
        ("s3:PutObject", "arn:aws:s3:::bucket/ours/schedule.yaml", False),
        ("events:PutEvents", "arn:aws:events:eu-west-1:123456789012:event-bus/default", True),
        ("events:PutEvents", "arn:aws:events:eu-west-1:123456789012:event-bus/other", False),
    ],
)
def test_a_file_in_s3_is_read_and_only_the_memory_beside_it_is_written(action, resource, fine):
    made = policy(file="s3://bucket/ours/schedule.yaml")
    assert allows(made, action, resource) is fine


@pytest.mark.parametrize(
    ("file", "prefix", "fine"),
    [
        ("s3://bucket/ours/schedule.yaml", "ours/schedule.yaml", True),
        ("s3://bucket/ours/schedule.yaml", "theirs/schedule.yaml", False),
        ("s3://bucket/ours/schedule.yaml", "", False),
        ("s3://bucket/schedule.yaml", "schedule.yaml", True),
    ],
)
def test_earlier_versions_are_listed_in_the_files_own_folder_alone(file, prefix, fine):
    made = policy(file=file)
    assert allows(made, "s3:ListBucketVersions", "arn:aws:s3:::bucket", s3_prefix=prefix) is fine


def test_a_file_on_disk_needs_neither_s3_nor_events():
    assert not {action for action in actions(policy()) if action.startswith(("s3:", "events:"))}


def test_the_command_prints_the_policy_on_stdout_and_the_reasons_on_stderr(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    done = CliRunner().invoke(
        app, ["iam-policy", "--config", str(file), "--function", FUNCTION, "--queue", QUEUE]
    )
    assert (done.exit_code, json.loads(done.stdout)) == (0, json.loads(json.dumps(policy())))
    notes = [line.partition(" is for ")[0] for line in done.stderr.splitlines()]
    assert notes == ["note: DescribeProjects", "note: GetMappings", "note: ReadMetrics"]
    assert "--queue does" not in done.stderr


def test_a_role_that_no_pipeline_has_is_refused(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    done = CliRunner().invoke(app, ["iam-policy", "--config", str(file), "--role", ROLE])
    assert done.exit_code == 2
    assert "has no pipeline with role_arn" in done.stderr


THERE = "s3://configuration/team/schedule.yaml"
OBJECT = "arn:aws:s3:::configuration/team"


@pytest.mark.parametrize(
    ("action", "resource", "fine"),
    [
        ("s3:PutObject", f"{OBJECT}/schedule.yaml", True),
        ("s3:PutObject", f"{OBJECT}/status/logos.json", False),
        ("s3:PutObject", f"{OBJECT}/other.yaml", False),
        ("s3:PutObject", f"{OBJECT}/closures.ics", False),
        ("s3:GetObject", f"{OBJECT}/schedule.yaml", True),
        ("s3:GetObject", f"{OBJECT}/status/_deployment.json", True),
        ("s3:GetObjectVersion", f"{OBJECT}/schedule.yaml", True),
        ("s3:ListBucket", "arn:aws:s3:::configuration", True),
        (DESCRIBE_VERSIONS, project("/1700000000000"), True),
        (START, ARN, False),
        (STOP, ARN, False),
        (UPDATE_MAPPING, MAPPING, False),
        ("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/default", False),
    ],
)
def test_who_pushes_writes_the_file_and_starts_nothing(action, resource, fine):
    assert allows(document(needed_to_push(understood(MINIMAL), THERE)), action, resource) is fine


def test_the_command_prints_the_policy_of_who_pushes(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL)
    done = CliRunner().invoke(app, ["iam-policy", str(file), "--push", THERE])
    assert done.exit_code == 0
    assert "s3:PutObject" in actions(json.loads(done.stdout))
    assert CliRunner().invoke(app, ["iam-policy", str(file), "--push", "here.yaml"]).exit_code == 2


def test_in_json_the_policy_stands_beside_the_reasons_of_what_is_wide(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL)
    plain = CliRunner().invoke(app, ["iam-policy", str(file)])
    data = json.loads(CliRunner().invoke(app, ["iam-policy", str(file), "--json"]).stdout)
    assert data["policy"] == json.loads(plain.stdout)
    assert {each["sid"] for each in data["wide"]} == {
        line.split()[1] for line in plain.stderr.splitlines() if line.startswith("note: ")
    }


def refused(tmp_path, *args):
    """What the command says; it prints no policy."""
    file = tmp_path / "schedule.yaml"
    file.write_text(WITH_ROLE)
    done = CliRunner().invoke(app, ["iam-policy", str(file), *args])
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("s3://configuration", "no object"),
        ("s3://configuration/", "no object"),
        ("s3://configuration/team/", "no object"),
        ("s3://b/schedule.yaml", '"b"'),
        ("s3:///schedule.yaml", '""'),
        ("s3://*/schedule.yaml", '"*"'),
        ("s3://configuration/../schedule.yaml", '"../schedule.yaml"'),
        ("", '""'),
        ("here.yaml", '"here.yaml"'),
    ],
)
def test_a_policy_is_for_a_place_that_push_takes(tmp_path, location, named):
    said = refused(tmp_path, "--push", location)
    assert "--push" in said
    assert named in said


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("--function", "x"),
        ("--function", ""),
        ("--function", "*"),
        ("--function", "label"),
        ("--function", QUEUE),
        ("--function", FUNCTION.replace(":label", ":*")),
        ("--queue", FUNCTION),
        ("--queue", f"{QUEUE}.fifo"),
        ("--role", "x"),
        ("--role", "member"),
    ],
)
def test_what_is_no_arn_of_its_kind_is_refused(tmp_path, option, wrong):
    said = refused(tmp_path, option, wrong)
    assert option in said
    assert f'"{wrong}" is ' in said


@pytest.mark.parametrize("function", [FUNCTION, f"{FUNCTION}:live", f"{FUNCTION}:$LATEST", f"{FUNCTION}:7"])
def test_a_function_may_have_an_alias_or_a_version(tmp_path, function):
    file = tmp_path / "schedule.yaml"
    file.write_text(MINIMAL)
    done = CliRunner().invoke(app, ["iam-policy", str(file), "--function", function, "--queue", QUEUE])
    assert (done.exit_code, json.loads(done.stdout)) == (0, json.loads(json.dumps(policy())))


@pytest.mark.parametrize(
    "other", [("--function", FUNCTION), ("--queue", QUEUE), ("--role", ROLE), ("--look-up",)], ids=" ".join
)
def test_who_pushes_is_not_asked_about_what_reconciles(tmp_path, other):
    assert "--push" in refused(tmp_path, "--push", THERE, *other)
