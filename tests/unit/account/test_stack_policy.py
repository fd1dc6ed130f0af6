"""The stack's policies, ``controller.account.iam`` and the calls in the code are three views of the same."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from controller.account.iam import Known, document, needed
from tests.support.config_file import ARN, MINIMAL, UUID, edited, understood
from tests.support.iam import actions, allows, merged
from tests.support.stack import Stack, template
from tests.unit.account.cases import GET_FUNCTION, UPDATE_MAPPING

ROOT = Path(__file__).parents[3]
RETIRED = ARN.replace("/v1/", "/v0/")
ROLE = "arn:aws:iam::210987654321:role/member"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:label"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
PROJECT = ARN.split("/version/", maxsplit=1)[0] + "/*"
KNOWN = Known(functions=(FUNCTION,), queues=(QUEUE,))
TWO = edited("inference_units: 1\n", f"inference_units: 1\n      retired: [{RETIRED}]\n") + MINIMAL[
    MINIMAL.index("  logos:") :
].replace("  logos:", "  away:").replace("project/logos", "project/away").replace(
    UUID, f"{UUID[:-1]}0"
).replace("    consumer:", f"    role_arn: {ROLE}\n    consumer:")
GIVEN = {
    "ModelArns": ARN,
    "RetiredModelArns": RETIRED,
    "ProjectArns": PROJECT,
    "FunctionArns": FUNCTION,
    "MappingUuids": UUID,
    "QueueArns": QUEUE,
    "RoleArns": ROLE,
}
LISTING = "s3:ListBucket"
"""No call of ours: with it S3 says 404 of what is gone.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
"""Lambda's own calls. Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"""
S3_NAMES = {
    "s3:ListObjectVersions": {"s3:ListBucketVersions"},
    "s3:GetObject": {"s3:GetObject", "s3:GetObjectVersion"},
}
"""Operations whose permission has another name, or two.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def module(name):
    path = ROOT.joinpath(*name.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()), None)


def imported(path):
    """Modules of the package that ``path`` imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("controller"):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("controller"))


def reachable():
    """The modules that the function in AWS can come to import."""
    found, open_ = set(), {module("controller.lambda_handler")}
    while open_:
        path = open_.pop()
        found.add(path)
        open_ |= {each for name in imported(path) if (each := module(name))} - found
    return found


def is_adapter(path):
    return path.parent.name == "aws"


def attributes(node):
    """Whatever is reached with a dot there, which is never less than the methods that are called."""
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def methods_in_use():
    """Of the adapters, what the function in AWS can come to call; other methods are for the commands."""
    paths = reachable()
    classes = [
        node
        for path in filter(is_adapter, paths)
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
    ]
    defined = [node for each in classes for node in each.body if isinstance(node, ast.FunctionDef)]
    spoken = set().union(*(attributes(tree(path)) for path in paths if not is_adapter(path)))
    found = []
    while more := [n for n in defined if n not in found and (n.name in spoken or n.name == "__init__")]:
        found += more
        spoken = spoken.union(*map(attributes, more))
    return found


def calls(nodes):
    """The names of the ``Call``s that are made there, which are IAM actions."""
    found = [
        keyword.value.value
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Call"
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]
    assert found
    return set(found)


def methods(path):
    """What is called on a client there, page by page or not."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="_client"), attr="get_paginator")):
                yield node.args[0].value
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="_client"), attr=method)):
                yield method


def operations(service):
    names = botocore.session.get_session().get_service_model(service).operation_names
    return {xform_name(name): f"{service}:{name}" for name in names}


@pytest.fixture(scope="module")
def used():
    return calls(methods_in_use()) | {LISTING}


def of_role(stack, role="ControllerRole"):
    return merged(policy["PolicyDocument"] for policy in stack.properties(role)["Policies"])


@pytest.fixture(scope="module")
def deployed():
    return of_role(Stack(given=GIVEN))


@pytest.fixture(scope="module")
def derived():
    config = replace(understood(TWO), file="s3://ConfigBucket/schedule.yaml")
    return document(needed(config, KNOWN))


@pytest.mark.parametrize(
    "path",
    sorted(path for path in filter(is_adapter, reachable()) if any(methods(path))),
    ids=lambda p: p.stem,
)
def test_an_adapter_says_of_each_of_its_calls_which_permission_it_takes(path):
    said = calls([tree(path)])
    (service,) = {action.partition(":")[0] for action in said}
    asked = [operations(service)[method] for method in methods(path)]
    assert set().union(*(S3_NAMES.get(operation, {operation}) for operation in asked)) == said


def test_each_permission_of_the_stack_is_used_and_each_call_is_allowed(deployed, used):
    assert actions(deployed) == used | LOGGING


def test_each_permission_that_is_printed_is_used_and_each_call_is_in_it(derived, used):
    assert actions(derived) == used


def test_the_role_in_another_account_may_do_what_is_done_in_it():
    stack = Stack(template=template("member-role.yaml"), given=GIVEN)
    printed = actions(document(needed(understood(TWO), KNOWN, role=ROLE)))
    assert actions(of_role(stack, "MemberRole")) == printed


def test_the_stack_and_the_printed_policy_judge_every_request_alike(deployed, derived):
    mapping = f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}"
    resources = [
        *(ARN, RETIRED, PROJECT.replace("*", "17"), ARN.replace("logos", "away"), "nothing"),
        *(FUNCTION, f"{FUNCTION}2", mapping, mapping[:-1] + "1", QUEUE, f"{QUEUE}-dead", ROLE, f"{ROLE}2"),
        *("arn:aws:s3:::ConfigBucket", "arn:aws:s3:::other", "arn:aws:s3:::ConfigBucket/schedule.yaml"),
        *("arn:aws:s3:::ConfigBucket/status/logos.json", "arn:aws:s3:::other/schedule.yaml"),
        *(f"arn:aws:events:us-east-1:123456789012:event-bus/{name}" for name in ("default", "other")),
    ]
    invoked = [FUNCTION, f"{FUNCTION}2"]
    requests = list(itertools.product(sorted(actions(derived)), resources, invoked))
    verdicts = [
        [
            allows(policy, action, resource, lambda_FunctionArn=function)
            for action, resource, function in requests
        ]
        for policy in (deployed, derived)
    ]
    assert verdicts[0] == verdicts[1]
    assert any(verdicts[0])


def test_without_uuids_any_mapping_of_the_functions_may_be_switched_and_of_no_other():
    policy = of_role(Stack(given={"FunctionArns": FUNCTION}))
    asked = (
        UPDATE_MAPPING,
        "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:any",
    )
    assert allows(policy, *asked, lambda_FunctionArn=FUNCTION)
    assert not allows(policy, *asked, lambda_FunctionArn=f"{FUNCTION}2")


@pytest.mark.parametrize("suffix", ["", ":live"])
@pytest.mark.parametrize(
    ("name", "role"), [("template.yaml", "ControllerRole"), ("member-role.yaml", "MemberRole")]
)
def test_a_mapping_to_an_alias_is_switched_like_one_to_the_function(name, role, suffix):
    both = f"{FUNCTION},{FUNCTION}2"
    given = {"ModelArns": ARN, "ProjectArns": PROJECT, "QueueArns": QUEUE, "FunctionArns": both}
    policy = of_role(Stack(template=template(name), given=given), role)
    for function in both.split(","):
        mapping = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:any"
        invoked = f"{function}{suffix}"
        assert allows(policy, UPDATE_MAPPING, mapping, lambda_FunctionArn=invoked)
        assert allows(policy, GET_FUNCTION, invoked)
    assert not allows(policy, GET_FUNCTION, f"{FUNCTION}3{suffix}")


def test_several_uuids_become_several_arns():
    other = f"{UUID[:-1]}7"
    policy = of_role(Stack(given={"MappingUuids": f"{UUID},{other}"}))
    for uuid, fine in [(UUID, True), (other, True), (f"{UUID[:-1]}8", False)]:
        arn = f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{uuid}"
        assert allows(policy, UPDATE_MAPPING, arn) is fine


def test_a_stack_that_was_given_nothing_may_look_and_touch_nothing():
    touching = {"rekognition:St", "lambda:Up", "sts:Assu", "sqs:Get", "rekognition:DescribeProjectV"}
    assert not {a for a in actions(of_role(Stack())) if a.startswith(tuple(touching))}


def test_an_asterisk_alone_stands_where_there_is_nothing_narrower():
    wide = [s["Sid"] for s in of_role(Stack(given=GIVEN))["Statement"] if s["Resource"] == "*"]
    assert wide == ["DescribeProjects", "GetMappings", "ReadMetrics"]


def test_the_schedule_may_invoke_the_controller_and_nothing_else():
    (statement,) = of_role(Stack(), "TickRole")["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", "ControllerFunction.Arn")


def test_a_shared_bucket_is_read_and_written_in_this_accounts_folder_alone():
    policy = of_role(Stack(given={"SharedBucket": "shared"}))
    ours, theirs = (f"arn:aws:s3:::shared/{account}" for account in ("123456789012", "210987654321"))
    assert allows(policy, "s3:GetObject", f"{ours}/schedule.yaml")
    assert allows(policy, "s3:PutObject", f"{ours}/status/logos.json")
    assert not allows(policy, "s3:GetObject", f"{theirs}/schedule.yaml")
    assert not allows(policy, "s3:PutObject", f"{ours}/schedule.yaml")
    listing = ("s3:ListBucketVersions", "arn:aws:s3:::shared")
    assert allows(policy, *listing, s3_prefix="123456789012/schedule.yaml")
    assert not allows(policy, *listing, s3_prefix="210987654321/schedule.yaml")
