"""The pipeline's template and the inference function say the same."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib

import boto3
import pytest
from botocore import xform_name
from packaging.requirements import Requirement

from tests.unit.inference.world import MODEL_ARN, PIPELINE

SOURCE = PIPELINE / "inference" / "handler.py"

S3_ACTIONS = {
    "put_object": {"s3:PutObject"},
    # Without ListBucket, S3 does not tell a missing object from a forbidden one.
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    "head_object": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
}
CONSUMING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.fixture
def resources(template):
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


@pytest.fixture
def statements(resources):
    (policy,) = resources["InferenceRole"]["Policies"]
    return policy["PolicyDocument"]["Statement"]


def listed(value):
    return [value] if isinstance(value, str) else value


class Noted(dict):
    """Remembers what it was asked for."""

    def __init__(self, known):
        super().__init__(known)
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)


def test_the_function_gets_each_variable_that_it_reads(function, resources):
    given = set(resources["InferenceFunction"]["Environment"]["Variables"])
    environment = Noted({"MODEL_ARN": MODEL_ARN, "AWS_REGION": "eu-west-1", "RESULTS_BUCKET": "b"})
    function.Settings.read(environment)
    powertools = {"POWERTOOLS_SERVICE_NAME"}
    assert given == environment.asked - {"AWS_REGION"} | powertools


def test_the_handler_is_where_the_template_says(function, resources):
    module, name = resources["InferenceFunction"]["Handler"].split(".")
    assert (PIPELINE / resources["InferenceFunction"]["CodeUri"] / f"{module}.py").samefile(SOURCE)
    assert list(inspect.signature(getattr(function, name)).parameters)[:2] == ["event", "context"]


def test_each_call_is_allowed_and_each_permission_is_used(statements):
    called = {n.func.attr for n in ast.walk(ast.parse(SOURCE.read_text("utf-8"))) if _is_call_of_a_client(n)}
    operations = boto3.client("rekognition", "eu-west-1").meta.service_model.operation_names
    rekognition = {xform_name(name): {f"rekognition:{name}"} for name in operations}
    needed = set().union(*((rekognition | S3_ACTIONS)[call] for call in called))
    allowed = {action for statement in statements for action in listed(statement["Action"])}
    assert allowed == needed | CONSUMING | LOGGING


def _is_call_of_a_client(node):
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr="rekognition" | "s3"))
        ):
            return True
    return False


IMAGES = "arn:${AWS::Partition}:s3:::${ImageBucket}/${ImagePrefix}*"


def test_each_permission_is_for_this_pipelines_resources_only(statements):
    assert all(statement["Effect"] == "Allow" for statement in statements)
    resources = {statement["Sid"]: statement["Resource"] for statement in statements}
    assert resources == {
        "DetectCustomLabels": {"Ref": "ModelArn"},
        "ReadImages": {"Fn::Sub": IMAGES},
        "ListConfigBucket": {"Fn::GetAtt": ["ImageBucket", "Arn"]},
        "WriteResults": {"Fn::Sub": "${ResultBucket.Arn}/*"},
        "ConsumeQueue": {"Fn::GetAtt": ["Queue", "Arn"]},
        "WriteLogs": {"Fn::GetAtt": ["InferenceLogGroup", "Arn"]},
    }


def test_a_message_stays_invisible_for_six_times_the_timeout(resources):
    assert resources["Queue"]["VisibilityTimeout"] == 6 * resources["InferenceFunction"]["Timeout"]


def test_the_function_stops_beginning_images_well_within_its_timeout(function, resources):
    assert resources["InferenceFunction"]["Timeout"] * 1000 >= 2 * function.LEAST_TIME_LEFT_MS


def test_both_queues_keep_messages_for_fourteen_days(resources):
    retention = {resources[name]["MessageRetentionPeriod"] for name in ("Queue", "DeadLetterQueue")}
    assert retention == {14 * 24 * 60 * 60}


def test_a_message_may_be_received_five_times_at_least(resources):
    assert resources["Queue"]["RedrivePolicy"]["maxReceiveCount"] >= 5


def test_consumption_is_created_off_and_reports_failures_message_by_message(resources):
    mapping = resources["Mapping"]
    assert (mapping["Enabled"], mapping["FunctionResponseTypes"]) == (False, ["ReportBatchItemFailures"])


def test_only_the_image_bucket_announces_and_only_its_prefix(resources):
    announcing = {name for name, properties in resources.items() if "NotificationConfiguration" in properties}
    assert announcing == {"ImageBucket"}
    (queue,) = resources["ImageBucket"]["NotificationConfiguration"]["QueueConfigurations"]
    assert queue["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": {"Ref": "ImagePrefix"}}]
    assert resources["ImageBucket"]["BucketName"] != resources["ResultBucket"]["BucketName"]
    assert resources["InferenceFunction"]["Environment"]["Variables"]["RESULTS_BUCKET"] == {
        "Ref": "ResultBucket"
    }


def test_the_queue_lets_in_the_image_bucket_alone(resources):
    allowed = [s for s in resources["QueuePolicy"]["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    (condition,) = [statement["Condition"] for statement in allowed]
    name = resources["ImageBucket"]["BucketName"]["Fn::Sub"]
    assert condition["ArnEquals"] == {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{name}"}}
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_the_queue_lets_the_bucket_in_before_the_bucket_tries(template):
    assert template["Resources"]["ImageBucket"]["DependsOn"] == "QueuePolicy"


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ("ImageBucketPolicy", "s3:*"),
        ("ResultBucketPolicy", "s3:*"),
        ("QueuePolicy", "sqs:*"),
        ("DeadLetterQueuePolicy", "sqs:*"),
    ],
)
def test_nothing_is_reached_without_tls(resources, policy, what):
    (denied,) = [s for s in resources[policy]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert (denied["Principal"], denied["Action"]) == ("*", what)
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("bucket", ["ImageBucket", "ResultBucket"])
def test_the_longest_name_of_a_pipeline_still_gives_a_bucket_name_that_s3_takes(template, bucket):
    longest = re.fullmatch(r".*\{0,(\d+)\}", template["Parameters"]["PipelineName"]["AllowedPattern"])
    name = template["Resources"][bucket]["Properties"]["BucketName"]["Fn::Sub"]
    parts = {
        "PipelineName": "x" * (1 + int(longest[1])),
        "AWS::AccountId": "1" * 12,
        "AWS::Region": "ap-southeast-1",
    }
    made = re.sub(r"\$\{([^}]+)\}", lambda part: parts[part[1]], name)
    assert len(made) <= 63


@pytest.mark.parametrize(
    ("arn", "fine"),
    [
        pytest.param(MODEL_ARN, True, id="a model"),
        pytest.param(MODEL_ARN.replace("arn:aws:", "arn:aws-us-gov:"), True, id="another partition"),
        pytest.param(
            "arn:aws:rekognition:eu-west-1:123456789012:project/logos/1768468215000", False, id="a project"
        ),
        pytest.param(MODEL_ARN.replace(":123456789012:", ":1234:"), False, id="account too short"),
        pytest.param(MODEL_ARN.replace("rekognition", "lambda", 1), False, id="another service"),
        pytest.param(MODEL_ARN + "/", False, id="a slash too many"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_the_template_and_the_function_agree_on_what_a_models_arn_is(function, template, arn, fine):
    pattern = template["Parameters"]["ModelArn"]["AllowedPattern"]
    assert (bool(re.fullmatch(pattern, arn)), bool(function.MODEL_ARN.fullmatch(arn))) == (fine, fine)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        *[("", True), ("0", True), ("5", True), ("72.5", True), ("100", True), ("100.0", True)],
        *[("100.5", False), ("101", False), ("-1", False), ("080", False), ("80%", False), ("nan", False)],
    ],
)
def test_a_confidence_that_the_template_takes_is_one_that_the_function_takes(function, template, text, fine):
    assert bool(re.fullmatch(template["Parameters"]["MinConfidence"]["AllowedPattern"], text)) is fine
    if fine:
        environment = {
            "MODEL_ARN": MODEL_ARN,
            "AWS_REGION": "eu-west-1",
            "RESULTS_BUCKET": "b",
            "MIN_CONFIDENCE": text,
        }
        assert function.Settings.read(environment).min_confidence == (float(text) if text else None)


@pytest.mark.parametrize(
    ("prefix", "fine"),
    [
        ("images/", True),
        ("in/2026/", True),
        ("", False),
        ("/", False),
        ("images", False),
        ("a b/", False),
        ("a*/", False),
    ],
)
def test_a_prefix_means_the_same_to_the_notification_and_to_the_policy(template, prefix, fine):
    assert bool(re.fullmatch(template["Parameters"]["ImagePrefix"]["AllowedPattern"], prefix)) is fine


def test_what_is_bundled_is_within_what_the_project_is_tested_with():
    project = tomllib.loads((PIPELINE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    ranges = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}
    lines = (PIPELINE / "inference" / "requirements.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    assert {pin.name for pin in pins} == {"aws-lambda-powertools", "boto3"}
    for pin in pins:
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert exact.version in ranges[pin.name]
