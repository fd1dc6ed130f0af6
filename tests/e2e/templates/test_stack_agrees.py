"""The stack's template says what the code, the Makefile and the pipeline's template say."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from datetime import timedelta
from importlib import import_module

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from controller.config.values import duration
from controller.invocation.metrics import NAMESPACE, Metric
from controller.invocation.transitions import SOURCE, event_detail
from controller.lambda_handler import REPORT_RESERVE, environment
from tests.support.stack import DEPLOY, PSEUDO, Stack, template

MODEL = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:label"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
UUID = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
ROLE = "arn:aws:iam::123456789012:role/team/member"
FULL = {"ModelArns": MODEL, "QueueArns": QUEUE, "DeadLetterQueueArns": f"{QUEUE}-dead"}


@pytest.fixture(scope="module")
def written():
    return template()


@pytest.fixture(scope="module")
def stack():
    return Stack(given=FULL)


def of_type(stack, kind):
    return {name: each["Properties"] for name, each in stack.resources.items() if each["Type"] == kind}


def alarms(stack):
    return of_type(stack, "AWS::CloudWatch::Alarm")


def metrics(alarm):
    """``(namespace, name, {dimension: value})`` of each metric that the alarm reads."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    for each in stats or [alarm]:
        yield each["Namespace"], each["MetricName"], {d["Name"]: d["Value"] for d in each["Dimensions"]}


def takes(parameter, value):
    """Whether CloudFormation takes it: each item of a list must match the whole pattern.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    items = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    return all(re.fullmatch(parameter["AllowedPattern"], item) for item in items)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ModelArns", MODEL, PROJECT),
        ("ModelArns", f"{MODEL},{MODEL.replace('/v1/', '/v2/')}", f"{MODEL},nonsense"),
        ("ModelArns", MODEL.replace("arn:aws:", "arn:aws-us-gov:"), f"{MODEL}/"),
        ("RetiredModelArns", MODEL, "logos"),
        ("ProjectArns", PROJECT, MODEL),
        ("ProjectArns", PROJECT.replace("1767950000000", "*"), PROJECT.replace("1767950000000", "1*")),
        ("FunctionArns", FUNCTION, "label"),
        ("FunctionArns", FUNCTION, f"{FUNCTION}:live"),
        ("MappingUuids", UUID, f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}"),
        ("QueueArns", QUEUE, "https://sqs.us-east-1.amazonaws.com/123456789012/images"),
        ("QueueArns", QUEUE, f"{QUEUE}.fifo"),
        ("DeadLetterQueueArns", QUEUE, f"{QUEUE}.fifo"),
        ("RoleArns", ROLE, ROLE.replace(":role/", ":user/")),
        ("Email", "ana@example.com", "ana"),
        ("SharedBucket", "a-bucket", "s3://a-bucket"),
        ("ReservedConcurrency", "1", "0"),
    ],
)
def test_a_parameter_takes_what_it_is_for_and_refuses_what_it_is_not(written, name, good, bad):
    parameter = written["Parameters"][name]
    assert takes(parameter, good)
    assert takes(parameter, "")
    assert not takes(parameter, bad)
    assert parameter["ConstraintDescription"]


@pytest.mark.parametrize("name", ["ModelArns", "ProjectArns"])
def test_the_role_for_other_accounts_takes_what_the_stack_takes_and_not_nothing(written, name):
    theirs = template("member-role.yaml")["Parameters"][name]
    assert written["Parameters"][name]["AllowedPattern"] == f"({theirs['AllowedPattern']})?"
    assert not takes(theirs, "")


@pytest.mark.parametrize("name", ["FunctionArns", "QueueArns"])
def test_the_role_for_other_accounts_needs_no_function_and_no_queue(written, name):
    theirs = template("member-role.yaml")["Parameters"][name]
    assert written["Parameters"][name]["AllowedPattern"] == theirs["AllowedPattern"]
    assert takes(theirs, "")


@pytest.mark.parametrize(
    ("output", "parameter"),
    [
        ("ModelArn", "ModelArns"),
        ("ProjectArn", "ProjectArns"),
        ("FunctionArn", "FunctionArns"),
        ("MappingUuid", "MappingUuids"),
        ("QueueArn", "QueueArns"),
        ("DeadLetterQueueArn", "DeadLetterQueueArns"),
    ],
)
def test_what_the_pipelines_stack_puts_out_the_controllers_takes(written, output, parameter):
    assert output in template("pipeline/template.yaml")["Outputs"]
    assert written["Parameters"][parameter]["Type"] == "CommaDelimitedList"


def test_the_makefile_builds_for_the_runtime_and_the_architecture_of_the_template(stack):
    function = stack.properties("ControllerFunction")
    makefile = (DEPLOY / "function" / "Makefile").read_text("utf-8")
    variables = dict(re.findall(r"^(\w+) := (.+)$", makefile, flags=re.MULTILINE))
    assert function["Runtime"] == f"python{variables['PYTHON_VERSION']}"
    assert function["Architectures"] == [variables["MACHINE"]]
    assert "build-ControllerFunction:" in makefile
    assert stack.resources["ControllerFunction"]["Metadata"]["BuildMethod"] == "makefile"
    assert (DEPLOY / function["CodeUri"] / "Makefile").exists()


def locked():
    """Name and version of each requirement of the lock, and how many hashes it has."""
    text = (DEPLOY / "function" / "requirements.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines()]
    return {
        canonicalize_name(first.split("==")[0]): (first.split("==")[1], len(hashes))
        for first, *hashes in lines
    }


def test_the_lock_satisfies_what_the_project_asks_for_with_hashes():
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text("utf-8"))["project"]
    versions = locked()
    assert all(count for _, count in versions.values())
    for each in map(Requirement, project["dependencies"]):
        assert each.specifier.contains(versions[canonicalize_name(each.name)][0]), each


def test_the_function_is_built_from_the_lock_alone():
    makefile = (DEPLOY / "function" / "Makefile").read_text("utf-8")
    built = makefile.split("build-ControllerFunction:")[1].split("\n\n")[0]
    installs = [line for line in built.splitlines() if "PIP_INSTALL" in line]
    assert ["--require-hashes" in line or "--no-deps" in line for line in installs] == [True, True]
    assert "deploy/function/requirements.txt" in installs[0]


def test_the_handler_is_where_the_template_says(stack):
    module, _, name = stack.properties("ControllerFunction")["Handler"].rpartition(".")
    handler = getattr(import_module(module), name)
    assert list(inspect.signature(handler).parameters) == ["event", "context"]


def test_the_function_understands_its_environment(stack):
    said = environment(stack.properties("ControllerFunction")["Environment"]["Variables"])
    assert said.location == "s3://ConfigBucket/schedule.yaml"
    assert (said.tick, said.settle) == (timedelta(minutes=5), timedelta(minutes=4))
    assert said.service == "rekognition-scheduler"


@pytest.mark.parametrize(
    ("given", "dry_run"), [({}, True), ({"DryRun": "true"}, True), ({"DryRun": "false"}, False)]
)
def test_the_stack_is_in_dry_run_unless_somebody_says_otherwise(given, dry_run):
    properties = Stack(given=given).properties("ControllerFunction")
    assert environment(properties["Environment"]["Variables"]).dry_run is dry_run


def test_the_dashboard_tells_of_a_dry_run_and_since_when(dashboard):
    plain = [
        row[1]
        for widget in dashboard["widgets"]
        for row in widget["properties"].get("metrics", [])
        if isinstance(row[0], str)
    ]
    assert Metric.DRY_RUN in plain
    (log,) = [each["properties"]["query"] for each in dashboard["widgets"] if each["type"] == "log"]
    assert "dry_run_since" in log


@pytest.mark.parametrize("minutes", template()["Parameters"]["TickMinutes"]["AllowedValues"])
def test_an_invocation_ends_before_the_next_one_begins(minutes):
    stack = Stack(given={"TickMinutes": str(minutes)})
    function, tick = stack.properties("ControllerFunction"), timedelta(minutes=minutes)
    said = environment(function["Environment"]["Variables"])
    timeout = timedelta(seconds=function["Timeout"])
    rate = stack.properties("TickSchedule")["ScheduleExpression"]
    assert rate == f"rate({minutes} minute{'s' if minutes > 1 else ''})"
    assert said.tick == tick
    assert said.settle + REPORT_RESERVE < timeout < tick
    assert stack.properties("HeartbeatMissing")["Period"] >= tick.total_seconds()


def test_nothing_is_tried_again_and_nothing_old_is_done(stack):
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert stack.properties("ControllerFunction")["EventInvokeConfig"] == once
    assert stack.properties("TickSchedule")["Target"]["RetryPolicy"] == once


def test_concurrency_is_reserved_only_where_somebody_says_so(stack):
    assert "ReservedConcurrentExecutions" not in stack.properties("ControllerFunction")
    reserved = Stack(given={"ReservedConcurrency": "1"}).properties("ControllerFunction")
    assert reserved["ReservedConcurrentExecutions"] == "1"


def test_an_alarm_reads_a_figure_that_the_code_tells_under_the_dimension_that_it_has(stack):
    ours = [each for alarm in alarms(stack).values() for each in metrics(alarm) if each[0] == NAMESPACE]
    assert all(dimensions == {"service": "rekognition-scheduler"} for _, _, dimensions in ours)
    assert {name for _, name, _ in ours} <= set(Metric)


def test_whatever_wants_a_person_has_an_alarm(stack):
    watched = {name for alarm in alarms(stack).values() for _, name, _ in metrics(alarm)}
    told = {
        *(Metric.HEARTBEAT, Metric.CONFIGURATION_VALID, Metric.STALLED, Metric.UNSERVED_STREAK_MINUTES),
        *(Metric.PIPELINES_DROPPED, Metric.UNITS_RUNNING),
        *(Metric.UNWANTED_RUNNING_MINUTES, Metric.OTHER_VERSIONS_RUNNING, Metric.RECONCILE_ERRORS),
        *(Metric.EVENTS_FAILED, Metric.DESIRED_RUNNING, Metric.HOURS_TO_EXPIRY),
    }
    of_aws = {
        "Errors",
        "FailedInvocations",
        "InServiceInferenceUnits",
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    }
    assert watched == told | of_aws


def test_silence_is_an_alarm_of_the_heartbeat_alone(stack):
    loud = {name for name, alarm in alarms(stack).items() if alarm["TreatMissingData"] == "breaching"}
    assert loud == {"HeartbeatMissing"}


def test_every_alarm_says_when_it_begins_and_when_it_ends(stack):
    for alarm in alarms(stack).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["Topic"]
        assert alarm["AlarmDescription"]


def test_an_alarm_returns_one_series(stack):
    for alarm in alarms(stack).values():
        queries = alarm.get("Metrics", [])
        assert sum(each.get("ReturnData", True) for each in queries) == (1 if queries else 0)


def test_a_stack_without_queues_and_models_has_no_alarms_of_them():
    assert set(alarms(Stack(given=FULL))) - set(alarms(Stack())) == {
        *("BilledUnwanted", "NotInService", "OldestMessage", "DeadLetters"),
    }


@pytest.mark.parametrize("count", range(1, 7))
def test_the_first_five_of_a_list_are_watched(count):
    names = [f"q{number}" for number in range(count)]
    given = {
        "QueueArns": ",".join(f"{QUEUE}-{name}" for name in names),
        "DeadLetterQueueArns": ",".join(f"{QUEUE}-dead-{name}" for name in names),
        "ModelArns": ",".join(MODEL.replace("/v1/", f"/{name}/") for name in names),
    }
    stack, first = Stack(given=given), names[:5]
    watched = {
        name: [tuple(dims.values()) for space, _, dims in metrics(alarm) if space.startswith("AWS/")]
        for name, alarm in alarms(stack).items()
    }
    assert watched["OldestMessage"] == [(f"images-{name}",) for name in first]
    assert watched["DeadLetters"] == [(f"images-dead-{name}",) for name in first]
    assert watched["BilledUnwanted"] == watched["NotInService"] == [("logos", name) for name in first]


def test_the_rule_lets_through_the_events_that_say_that_they_want_a_person(stack):
    pattern = stack.properties("WantsPersonRule")["EventPattern"]
    assert pattern == {
        "source": [SOURCE],
        "account": ["123456789012"],
        "detail": {"service": ["rekognition-scheduler"], "wants_person": [True]},
    }
    variables = stack.properties("ControllerFunction")["Environment"]["Variables"]
    assert pattern["detail"]["service"] == [variables["POWERTOOLS_SERVICE_NAME"]]


def test_eventbridge_and_cloudwatch_may_publish_to_the_topic_and_use_its_key(stack):
    for policy, actions in (
        (stack.properties("TopicPolicy")["PolicyDocument"], "sns:Publish"),
        (stack.properties("TopicKey")["KeyPolicy"], ["kms:Decrypt", "kms:GenerateDataKey*"]),
    ):
        let = {
            each["Principal"]["Service"]: each["Action"]
            for each in policy["Statement"]
            if "Service" in each["Principal"]
        }
        assert let == {"cloudwatch.amazonaws.com": actions, "events.amazonaws.com": actions}


def test_what_eventbridge_could_not_deliver_has_an_alarm(stack):
    watched = list(metrics(alarms(stack)["EventsUndelivered"]))
    assert watched == [("AWS/Events", "FailedInvocations", {"RuleName": "WantsPersonRule"})]


def test_the_message_is_made_of_members_that_an_event_has(stack):
    (target,) = stack.properties("WantsPersonRule")["Targets"]
    paths, text = target["InputTransformer"]["InputPathsMap"], target["InputTransformer"]["InputTemplate"]
    members = set(re.findall(r'"(\w+)":', inspect.getsource(event_detail)))
    assert {path.removeprefix("$.detail.") for path in paths.values() if ".detail." in path} <= members
    assert set(re.findall(r"<(\w+)>", text)) == set(paths)
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())


@pytest.fixture(scope="module")
def dashboard(stack):
    return json.loads(stack.properties("Dashboard")["DashboardBody"])


@pytest.mark.parametrize(
    "given",
    [{}, FULL, {"ModelArns": MODEL}, {"QueueArns": QUEUE}, {"DeadLetterQueueArns": QUEUE}],
    ids=["none", "all", "models", "queues", "dead-letter queues"],
)
def test_the_dashboard_shows_every_alarm_that_the_stack_has(given):
    stack = Stack(given=given)
    widgets = json.loads(stack.properties("Dashboard")["DashboardBody"])["widgets"]
    (shown,) = [each["properties"]["alarms"] for each in widgets if each["type"] == "alarm"]
    assert sorted(shown) == sorted(f"{name}.Arn" for name in alarms(stack))


def test_the_dashboard_reads_figures_that_the_code_tells(dashboard):
    rows = [row for widget in dashboard["widgets"] for row in widget["properties"].get("metrics", [])]
    plain = {row[1] for row in rows if isinstance(row[0], str)}
    searches = [row[0]["expression"] for row in rows if isinstance(row[0], dict)]
    searched = {
        name
        for each in searches
        for name in re.findall(
            r'\{RekognitionScheduler,service,pipeline\} service="rekognition-scheduler" MetricName="(\w+)',
            each,
        )
    }
    assert searched == {"Converged", "Waiting", "InFlight", "StartDuration", "UnitsRunning"}
    assert searched | plain <= set(Metric)


def test_the_dashboard_fits_its_grid(dashboard):
    taken = set()
    for widget in dashboard["widgets"]:
        xs, ys = (
            range(widget["x"], widget["x"] + widget["width"]),
            range(widget["y"], widget["y"] + widget["height"]),
        )
        cells = {(x, y) for x in xs for y in ys}
        assert not cells & taken
        assert max(xs) < 24
        taken |= cells


def test_the_configuration_outlives_the_stack_and_is_closed_to_the_world(stack):
    bucket = stack.resources["ConfigBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    properties = bucket["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in properties


@pytest.mark.parametrize(("policy", "what"), [("ConfigBucketPolicy", "s3:*"), ("TopicPolicy", "sns:Publish")])
def test_nothing_is_reached_without_tls(stack, policy, what):
    statements = stack.properties(policy)["PolicyDocument"]["Statement"]
    (denied,) = [each for each in statements if each["Effect"] == "Deny"]
    assert (denied["Principal"], denied["Action"]) == ("*", what)
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_schedule_that_was_replaced_stays_long_enough_to_fall_back_to(stack):
    rules = stack.properties("ConfigBucket")["LifecycleConfiguration"]["Rules"]
    (kept,) = [rule["NoncurrentVersionExpiration"] for rule in rules if rule["Id"] == "forget-old-schedules"]
    assert kept["NewerNoncurrentVersions"] >= 50


def test_a_shared_bucket_takes_the_place_of_the_stacks_own():
    stack = Stack(given={"SharedBucket": "shared"})
    assert not {"ConfigBucket", "ConfigBucketPolicy"} & set(stack.resources)
    variables = stack.properties("ControllerFunction")["Environment"]["Variables"]
    assert variables["SCHEDULER_CONFIG"] == "s3://shared/123456789012/schedule.yaml"


def test_the_outputs_say_where_everything_is(stack):
    outputs = {name: stack.worked_out(each["Value"]) for name, each in stack.template["Outputs"].items()}
    assert outputs["ConfigUri"] == "s3://ConfigBucket/schedule.yaml"
    assert {"FunctionName", "TopicArn", "RoleArn", "LogGroupName"} <= set(outputs)


@pytest.mark.parametrize(
    ("partition", "console"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ("aws-cn", "console.amazonaws.cn"),
    ],
)
def test_the_console_is_the_partitions_own(monkeypatch, partition, console):
    monkeypatch.setitem(PSEUDO, "AWS::Partition", partition)
    url = Stack().worked_out(template()["Outputs"]["DashboardUrl"]["Value"])
    assert url.startswith(f"https://{console}/cloudwatch/")


@pytest.mark.parametrize("name", ["template.yaml", "pipeline/template.yaml", "member-role.yaml"])
def test_every_role_takes_a_boundary_and_a_path(name):
    required = {"PipelineName": "logos", "ModelArn": MODEL, "ExternalId": "word"}
    boundary = "arn:aws:iam::123456789012:policy/bound"
    given = required | {"PermissionsBoundary": boundary, "RolePath": "/team/"}
    roles = of_type(Stack(template=template(name), given=given), "AWS::IAM::Role").values()
    assert roles
    assert {(each["Path"], each["PermissionsBoundary"]) for each in roles} == {("/team/", boundary)}
    roles = of_type(Stack(template=template(name), given=required), "AWS::IAM::Role").values()
    assert [(each["Path"], "PermissionsBoundary" in each) for each in roles] == [("/", False)] * len(roles)


@pytest.mark.parametrize("name", ["template.yaml", "pipeline/template.yaml"])
def test_what_stays_after_the_stack_does_not_stay_after_a_first_deployment_that_failed(name):
    resources = template(name)["Resources"]
    kept = {key: each for key, each in resources.items() if "DeletionPolicy" in each}
    assert {each["DeletionPolicy"] for each in kept.values()} == {"RetainExceptOnCreate"}
    assert {each["UpdateReplacePolicy"] for each in kept.values()} == {"Retain"}
    for key, each in resources.items():
        if each["Type"] == "AWS::S3::BucketPolicy":
            assert (key in kept) == (each["Properties"]["Bucket"]["Ref"] in kept)


@pytest.mark.parametrize("name", ["template.yaml", "pipeline/template.yaml"])
def test_the_lifecycle_rules_of_a_bucket_have_one_form(name):
    """S3 takes no list in which some rules have a prefix and others have none."""
    for each in template(name)["Resources"].values():
        rules = each["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
        assert len({("Prefix" in rule, "Filter" in rule) for rule in rules}) <= 1


def test_every_parameter_is_asked_for_in_a_group(written):
    groups = written["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(written["Parameters"])


def test_the_settle_budgets_are_durations_as_the_schedule_file_writes_them(written):
    for tick in written["Mappings"]["Ticks"].values():
        assert duration(tick["Settle"]) < duration(tick["Every"])
