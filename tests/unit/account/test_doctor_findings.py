"""Every finding, on an account that is built wrong in just that way; silence on one built right."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from controller.account import pipeline_checks as of_pipeline
from controller.account.diagnosis import ACCOUNT_CHECKS, CLOCK_CHECKS
from controller.storage.versions import listed, versions
from tests.support.account import DAY_S, MODEL, NUMBER, OLD, PROJECT, REGION, ROLE, RUNNING, UNITS

CHECKED = len(of_pipeline.CHECKS) + len(ACCOUNT_CHECKS) + len(CLOCK_CHECKS)
OTHER = f"arn:aws:rekognition:{REGION}:{NUMBER}:project/logos/version/v3/1769000000000"
STREAM = f"arn:aws:kinesis:{REGION}:{NUMBER}:stream/images"
STOPPER = f"arn:aws:lambda:{REGION}:{NUMBER}:function:stopper"


def test_an_account_that_is_built_right_gives_nothing_to_say(practice):
    said = practice()
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "logos: queue logos, mapping Disabled, function logos-inference, model STOPPED\n"
        f"Checked {CHECKED} things: nothing to say\n"
        f"Versions: {listed(versions())}; in the function: not known (it writes them beside an s3:// "
        "configuration)\n"
    )


def no_model(account):
    del account.versions[MODEL]


def no_project(account):
    account.projects.clear()


def unusable(account):
    account.versions[MODEL] = "TRAINING_FAILED"


def unheard_of(account):
    account.versions[MODEL] = "RESTING"


def leaking(account):
    account.versions[OTHER] = "RUNNING"


def no_mapping(account):
    account.lambda_.delete_event_source_mapping(UUID=account.uuid)


def no_queue(account):
    account.sqs.delete_queue(QueueUrl=account.sqs.get_queue_url(QueueName="logos")["QueueUrl"])


def no_function(account):
    account.lambda_.delete_function(FunctionName="logos-inference")


def never_runs(account):
    account.lambda_.put_function_concurrency(FunctionName="logos-inference", ReservedConcurrentExecutions=0)


def too_few_reserved(account):
    account.lambda_.put_function_concurrency(FunctionName="logos-inference", ReservedConcurrentExecutions=1)


def asks_another(account):
    account.lambda_.update_function_configuration(
        FunctionName="logos-inference", Environment={"Variables": {"MODEL_ARN": OLD}}
    )


def visible_too_soon(account):
    account.set_queue("logos", VisibilityTimeout="359")


def visible_at_once(account):
    account.set_queue("logos", VisibilityTimeout="59")


def visible_before_the_window(account):
    account.lambda_.update_event_source_mapping(UUID=account.uuid, MaximumBatchingWindowInSeconds=1)


def never_redriven(account):
    account.set_queue("logos", RedrivePolicy="")


def redriven_soon(account):
    dead = f"arn:aws:sqs:{REGION}:{NUMBER}:logos-dead"
    account.set_queue("logos", RedrivePolicy=f'{{"deadLetterTargetArn": "{dead}", "maxReceiveCount": "4"}}')


def dead_too_soon(account):
    account.set_queue("logos-dead", MessageRetentionPeriod=str(14 * DAY_S - 1))


def no_dead_letters(account):
    account.sqs.delete_queue(QueueUrl=account.sqs.get_queue_url(QueueName="logos-dead")["QueueUrl"])


def unlimited(account):
    account.lambda_.delete_event_source_mapping(UUID=account.uuid)
    account.uuid = account.mapping("logos", "logos-inference", ScalingConfig=None)


def fed_by_a_stream(account):
    kinesis = account.client("kinesis")
    kinesis.create_stream(StreamName="images", ShardCount=1)
    answer = account.lambda_.create_event_source_mapping(
        EventSourceArn=STREAM, FunctionName="logos-inference", StartingPosition="LATEST"
    )
    no_mapping(account)
    account.uuid = answer["UUID"]


def crowded(account):
    account.lambda_.update_event_source_mapping(UUID=account.uuid, ScalingConfig={"MaximumConcurrency": 5})


def whole_batches(account):
    account.lambda_.update_event_source_mapping(UUID=account.uuid, FunctionResponseTypes=[])


def called_by_one_instance_alone(account):
    """Following the first remedy must not earn the next diagnostic."""
    unlimited(account)
    too_few_reserved(account)


def fed_by_a_fifo_queue(account):
    dead = account.queue("logos-dead.fifo", retention_s=14 * DAY_S, FifoQueue="true")
    account.queue("logos.fifo", retention_s=14 * DAY_S, VisibilityTimeout="360", FifoQueue="true", dead=dead)
    no_mapping(account)
    account.uuid = account.mapping("logos.fifo", "logos-inference")


def a_second_mapping_on_the_queue(account):
    """To a second function, which the file does not know."""
    account.function("logos-copy")
    account.mapping("logos", "logos-copy", Enabled=True)


def a_second_mapping_to_an_alias(account):
    """From a second queue."""
    account.queue("more", retention_s=DAY_S)
    version = account.lambda_.publish_version(FunctionName="logos-inference")["Version"]
    account.lambda_.create_alias(FunctionName="logos-inference", Name="live", FunctionVersion=version)
    account.mapping("more", f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference:live", Enabled=True)


def a_second_mapping_that_is_disabled(account):
    account.function("logos-copy")
    account.mapping("logos", "logos-copy")


def mapped_elsewhere(account):
    account.queue("stamps", retention_s=DAY_S)
    account.function("stamps-inference")
    account.mapping("stamps", "stamps-inference", Enabled=True)


def made_anew(account):
    """Beside a mapping that has nothing to do with the model."""
    mapped_elsewhere(account)
    account.lambda_.delete_event_source_mapping(UUID=account.uuid)
    account.mapping("logos", "logos-inference")


def few_units_allowed(account):
    account.quotas[UNITS] = 1


def no_model_allowed(account):
    account.quotas[RUNNING] = 0


def a_rule_with_a_function(account):
    account.rule("stop-at-17", account.function("stopper", PROJECT_VERSION=MODEL))


def a_rule_that_was_disabled(account):
    account.rule("stop-at-17", account.function("stopper", MAPPING=account.uuid), enabled=False)


def a_schedule_into_the_api(account):
    account.schedule(
        "stop",
        "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion",
        f'{{"ProjectVersionArn": "{MODEL}"}}',
    )


def not_allowed(account):
    account.denied.add("rekognition:StartProjectVersion")


def ahead(account):
    account.clock_ahead = timedelta(minutes=6)


def a_little_behind(account):
    account.clock_ahead = timedelta(seconds=-60)


@pytest.mark.parametrize(
    ("build", "check", "severity", "told"),
    [
        (no_model, "model", "serious", f"there is no model {MODEL}"),
        (no_project, "model", "serious", "there is no model"),
        (unusable, "model", "serious", "TRAINING_FAILED: it can neither serve nor be started"),
        (
            unheard_of,
            "model",
            "unknown",
            "this release does not know the model's status: UNKNOWN (AWS says RESTING)",
        ),
        (
            leaking,
            "other-versions",
            "serious",
            f"{OTHER} is RUNNING and unknown to the file: 192.00 USD a day",
        ),
        (no_mapping, "mapping", "serious", "there is no event source mapping"),
        (fed_by_a_stream, "mapping", "serious", f"carries {STREAM} to arn:aws:lambda"),
        (made_anew, "mapping", "serious", "there is no event source mapping"),
        (
            a_second_mapping_on_the_queue,
            "other-mappings",
            "serious",
            "has the same queue, is not in the",
        ),
        (a_second_mapping_to_an_alias, "other-mappings", "serious", "has the same function, is not in the"),
        (a_second_mapping_that_is_disabled, "other-mappings", "advice", "is not in the file; it is Disabled"),
        (no_queue, "queue", "serious", "NonExistentQueue"),
        (no_function, "function", "serious", "ResourceNotFoundException"),
        (never_runs, "function", "serious", "never runs: no concurrency is left to it"),
        (too_few_reserved, "reserved", "advice", "may call 2 instances at once and 1 are reserved"),
        (asks_another, "function-model", "serious", f"asks {OLD} (its variable MODEL_ARN)"),
        (visible_too_soon, "visibility", "advice", "invisible for 5m59s; Lambda asks for 6 times"),
        (visible_at_once, "visibility", "serious", "images are labelled twice"),
        (visible_before_the_window, "visibility", "advice", "the batching window of 1s, 6m1s"),
        (never_redriven, "redrive", "serious", "has no dead-letter queue"),
        (redriven_soon, "redrive", "advice", "after 4 receives"),
        (dead_too_soon, "dead-letters", "serious", "keeps messages for 13d23h59m59s and the queue for 14d"),
        (no_dead_letters, "dead-letters", "serious", "logos-dead does not exist"),
        (unlimited, "concurrency", "advice", "as many instances as Lambda likes ask 2 inference units"),
        (
            crowded,
            "concurrency",
            "advice",
            "5 instances ask 2 inference units at once, which keeps up with 4",
        ),
        (whole_batches, "partial-batches", "advice", "brings its whole batch back (10 messages at most)"),
        (
            few_units_allowed,
            "units-quota",
            "serious",
            "2 inference units are more than the quota of 1 a model",
        ),
        (called_by_one_instance_alone, "reserved", "advice", "any number of instances at once and 1 are"),
        (fed_by_a_fifo_queue, "queue", "serious", "is a FIFO queue, which this controller does not support"),
        (no_model_allowed, "running-quota", "serious", "the quota of running models is 0"),
        (
            a_rule_with_a_function,
            "rules",
            "serious",
            f"calls {STOPPER}, and the function's variable PROJECT_VERSION",
        ),
        (a_rule_that_was_disabled, "rules", "advice", "it is disabled"),
        (a_schedule_into_the_api, "schedules", "serious", "its input names arn:aws:rekognition"),
        (not_allowed, "permissions", "serious", f"may not rekognition:StartProjectVersion on {MODEL}"),
        (ahead, "clock", "serious", "seconds behind AWS's: requests signed with it are refused"),
        (a_little_behind, "clock", "advice", "seconds ahead of AWS's"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_wrong_is_the_one_thing_that_is_found(practice, build, check, severity, told):
    build(practice.account)
    practice.write()
    said = practice("--json")
    found, *more = said.data["findings"]
    assert not more
    assert (found["check"], found["severity"]) == (check, severity)
    assert told in found["message"]
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
    assert f"it may have been made anew as {uuids['logos']} (" in remedy
    assert "whose function names the model" in remedy
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
    assert asked == {
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
    assert "function, function-model, visibility" in lines[0]
    assert "what to do: allow lambda:GetFunctionConfiguration on arn:aws:lambda:" in lines[0]
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
