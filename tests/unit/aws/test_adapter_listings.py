"""Every listing is read to its last page, on botocore's Stubber, which knows the shapes of answers."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle
from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.calls import MOST_PAGES
from controller.aws.cloudwatch import CloudWatch
from controller.aws.mapping import Mappings
from controller.aws.policies import Denial, Policies, Question
from controller.aws.quotas import RUNNING_MODELS, UNITS_PER_MODEL, Quotas, ServiceQuotas
from controller.aws.rekognition import Models
from controller.aws.s3 import MOST_PAGES as MOST_S3_PAGES
from controller.aws.s3 import Objects
from controller.aws.stacks import Stacks
from controller.aws.timers import Rules, Schedules
from controller.errors import TransientError

REGION = "us-east-1"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
TARGET = "arn:aws:lambda:us-east-1:123456789012:function:stopper"
ROLE = "arn:aws:iam::123456789012:role/stopper"
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
FIRST = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def stubbed():
    """Makes a client of a service whose answers are queued."""
    made = []

    def make(service):
        stub = Stubber(boto3.client(service, region_name=REGION))
        stub.activate()
        made.append(stub)
        return stub

    yield make
    for stub in made:
        stub.assert_no_pending_responses()
        stub.deactivate()


def uuid(number):
    return f"8921ca0f-beb3-40d0-ad20-d4ae29a2e6f{number}"


def test_mappings(stubbed):
    stub = stubbed("lambda")
    for number, more in ((1, {"NextMarker": "2"}), (2, {})):
        found = {"UUID": uuid(number), "State": "Enabled", "EventSourceArn": QUEUE}
        stub.add_response("list_event_source_mappings", {"EventSourceMappings": [found], **more})
    assert list(Mappings(stub.client).every()) == [uuid(1), uuid(2)]


def test_a_mapping_without_an_identity_cannot_be_read(stubbed):
    stub = stubbed("lambda")
    stub.add_response("get_event_source_mapping", {"State": "Enabled", "EventSourceArn": QUEUE})
    with pytest.raises(TransientError, match="cannot be read"):
        Mappings(stub.client).get(uuid(1))


def targets(*inputs):
    return [{"Id": text, "Arn": TARGET, "Input": text} for text in inputs]


def test_rules_and_the_targets_of_each(stubbed):
    stub, clock = stubbed("events"), "rate(1 day)"
    by_event = {"Name": "by-event", "EventPattern": "{}"}
    stub.add_response(
        "list_rules", {"Rules": [by_event, {"Name": "a", "ScheduleExpression": clock}], "NextToken": "2"}
    )
    stub.add_response("list_rules", {"Rules": [{"Name": "b", "ScheduleExpression": clock}]})
    stub.add_response("list_targets_by_rule", {"Targets": targets("1", "2"), "NextToken": "2"})
    stub.add_response("list_targets_by_rule", {"Targets": targets("3")})
    stub.add_response("list_targets_by_rule", {"Targets": targets("4")})
    assert [(each.name, each.input) for each in Rules(stub.client).timed()] == [
        ("rule a", "1"),
        ("rule a", "2"),
        ("rule a", "3"),
        ("rule b", "4"),
    ]


INPUTS = {
    "as it is": ({"Input": "text"}, "text"),
    "from a template": (
        {"InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": "made"}},
        "made",
    ),
    "the event's own": ({}, ""),
}


@pytest.mark.parametrize(("written", "found"), INPUTS.values(), ids=INPUTS.keys())
@pytest.mark.parametrize(("state", "enabled"), [("ENABLED", True), ("DISABLED", False)])
def test_a_rule_has_its_input_and_is_enabled_or_not(stubbed, written, found, state, enabled):
    stub = stubbed("events")
    stub.add_response(
        "list_rules", {"Rules": [{"Name": "a", "ScheduleExpression": "rate(1 day)", "State": state}]}
    )
    stub.add_response("list_targets_by_rule", {"Targets": [{"Id": "1", "Arn": TARGET, **written}]})
    (timed,) = Rules(stub.client).timed()
    assert (timed.input, timed.enabled, timed.expression) == (found, enabled, "rate(1 day)")


@pytest.mark.parametrize(("state", "enabled"), [("ENABLED", True), ("DISABLED", False)])
def test_schedules_of_all_groups(stubbed, state, enabled):
    stub = stubbed("scheduler")
    for name, more in (("a", {"NextToken": "2"}), ("b", {})):
        found = {"Arn": f"{TARGET}:{name}", "GroupName": "crons", "Name": name, "CreationDate": FIRST}
        stub.add_response("list_schedules", {"Schedules": [found], **more})
    for name in ("a", "b"):
        target = {"Arn": TARGET, "RoleArn": ROLE, "Input": name}
        answer = {"Name": name, "ScheduleExpression": "rate(1 day)", "State": state, "Target": target}
        stub.add_response("get_schedule", answer, {"GroupName": "crons", "Name": name})
    assert [(each.name, each.input, each.enabled) for each in Schedules(stub.client).timed()] == [
        ("schedule crons/a", "a", enabled),
        ("schedule crons/b", "b", enabled),
    ]


def test_quotas(stubbed):
    stub = stubbed("service-quotas")
    for code, value, more in ((RUNNING_MODELS, 3.0, {"NextToken": "2"}), (UNITS_PER_MODEL, 7.0, {})):
        found = {"QuotaCode": code, "Value": value}
        stub.add_response("list_service_quotas", {"Quotas": [found], **more})
    assert ServiceQuotas(stub.client).rekognition() == Quotas(running_models=3, units_per_model=7)


def test_denials(stubbed):
    stub = stubbed("iam")
    for action, decision, more in (
        ("a:A", "allowed", {"IsTruncated": True, "Marker": "2"}),
        ("a:B", "implicitDeny", {"IsTruncated": True, "Marker": "3"}),
        ("a:C", "explicitDeny", {"IsTruncated": False}),
    ):
        found = {"EvalActionName": action, "EvalResourceName": QUEUE, "EvalDecision": decision}
        stub.add_response("simulate_principal_policy", {"EvaluationResults": [found], **more})
    question = Question(actions=("a:A", "a:B", "a:C"), resources=(QUEUE,))
    assert Policies(stub.client).denied(ROLE, question) == (
        Denial(action="a:B", resource=QUEUE),
        Denial(action="a:C", resource=QUEUE),
    )


def test_projects(stubbed):
    stub = stubbed("rekognition")
    arns = [f"arn:aws:rekognition:{REGION}:123456789012:project/p{number}/1" for number in (1, 2)]
    for arn, more in zip(arns, ({"NextToken": "2"}, {}), strict=True):
        stub.add_response("describe_projects", {"ProjectDescriptions": [{"ProjectArn": arn}], **more})
    assert list(Models(stub.client).projects()) == arns


def endless(service, answers):
    """A client of ``service`` whose answers to each operation come round and round."""
    client = boto3.client(service, region_name=REGION)
    rounds = {operation: cycle(pages) for operation, pages in answers.items()}
    asked = []

    def answer(model, **_):
        asked.append(model.name)
        return SimpleNamespace(status_code=200), next(rounds[model.name])

    client.meta.events.register("before-call", answer)
    return client, asked


def alternating(name, **members):
    """Two pages, each of which leads to the other."""
    return [{**members, name: token} for token in "AB"]


ENDLESS = {
    "mappings": (
        "lambda",
        {"ListEventSourceMappings": alternating("NextMarker", EventSourceMappings=[])},
        lambda client: Mappings(client).every(),
    ),
    "projects": (
        "rekognition",
        {"DescribeProjects": alternating("NextToken", ProjectDescriptions=[])},
        lambda client: Models(client).projects(),
    ),
    "versions": (
        "rekognition",
        {"DescribeProjectVersions": alternating("NextToken", ProjectVersionDescriptions=[])},
        lambda client: Models(client).versions(PROJECT),
    ),
    "metrics": (
        "cloudwatch",
        {"GetMetricData": alternating("NextToken", MetricDataResults=[])},
        lambda client: CloudWatch(client).oldest_message_age(QUEUE, now=FIRST),
    ),
    "rules": (
        "events",
        {"ListRules": alternating("NextToken", Rules=[])},
        lambda client: Rules(client).timed(),
    ),
    "targets": (
        "events",
        {
            "ListRules": [{"Rules": [{"Name": "a", "ScheduleExpression": "rate(1 day)"}]}],
            "ListTargetsByRule": alternating("NextToken", Targets=[]),
        },
        lambda client: Rules(client).timed(),
    ),
    "schedules": (
        "scheduler",
        {"ListSchedules": alternating("NextToken", Schedules=[])},
        lambda client: Schedules(client).timed(),
    ),
    "quotas": (
        "service-quotas",
        {"ListServiceQuotas": alternating("NextToken", Quotas=[])},
        lambda client: ServiceQuotas(client).rekognition(),
    ),
    "denials": (
        "iam",
        {"SimulatePrincipalPolicy": alternating("Marker", IsTruncated=True, EvaluationResults=[])},
        lambda client: Policies(client).denied(ROLE, Question(actions=("a:A",), resources=(QUEUE,))),
    ),
}


@pytest.mark.parametrize(("service", "answers", "read"), ENDLESS.values(), ids=ENDLESS.keys())
def test_a_listing_whose_pages_lead_to_each_other_has_an_end(service, answers, read):
    client, asked = endless(service, answers)
    with pytest.raises(TransientError) as caught:
        read(client)
    assert caught.value.code == "MalformedAnswer"
    assert len(asked) <= MOST_PAGES + 2


def test_a_listing_whose_pages_are_ever_new_ones_has_an_end():
    pages = [{"ProjectVersionDescriptions": [], "NextToken": str(number)} for number in range(1_000)]
    client, asked = endless("rekognition", {"DescribeProjectVersions": pages})
    with pytest.raises(TransientError) as caught:
        Models(client).versions(PROJECT)
    assert (caught.value.code, len(asked)) == ("MalformedAnswer", MOST_PAGES)


def test_the_versions_of_an_object_have_an_end():
    def page(token):
        return {"IsTruncated": True, "NextKeyMarker": "a.yaml", "NextVersionIdMarker": token, "Versions": []}

    client, asked = endless("s3", {"ListObjectVersions": [page("A"), page("B")]})
    assert list(Objects(client, "bucket", most=1).versions("a.yaml")) == []
    assert len(asked) == MOST_S3_PAGES


def test_a_stack_that_is_left_out_of_the_answer_cannot_be_read(stubbed):
    stub = stubbed("cloudformation")
    stub.add_response("describe_stacks", {"Stacks": []})
    with pytest.raises(TransientError, match="MalformedAnswer"):
        Stacks(stub.client).outputs("scheduler")
