"""Accounts that are built wrong, and commands on accounts; the texts stand in tests/golden/."""

from __future__ import annotations

import json
from datetime import timedelta

from controller.config.model import Target
from tests.support.account import DAY_S, MODEL, NUMBER, OLD, REGION, ROLE, RUNNING, UNITS
from tests.support.config_file import MINIMAL
from tests.support.practice import in_account
from tests.support.screens import screen

OTHER = f"arn:aws:rekognition:{REGION}:{NUMBER}:project/logos/version/v3/1769000000000"
STREAM = f"arn:aws:kinesis:{REGION}:{NUMBER}:stream/images"


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


MACHINE = f"arn:aws:states:{REGION}:{NUMBER}:stateMachine:nightly"
INFERENCE_ROLE = f"arn:aws:iam::{NUMBER}:role/inference"
START, STOP = "rekognition:StartProjectVersion", "rekognition:StopProjectVersion"
UPDATE_MAPPING = "lambda:UpdateEventSourceMapping"
GET_FUNCTION = "lambda:GetFunctionConfiguration"
DESCRIBE_VERSIONS = "rekognition:DescribeProjectVersions"
WRITES = {UPDATE_MAPPING, START, STOP}
"""What the role of every function made here may not do, where a case says so."""


def functions_by_the_clock(account, names=("backup", "report", "invoice")):
    for name in names:
        account.rule(name, account.function(name, PLACE="hunter2"), when="rate(1 day)")


def functions_that_may_do_nothing(account):
    account.denied_to[INFERENCE_ROLE] = WRITES
    functions_by_the_clock(account)


def functions_that_may_stop_the_model(account):
    account.denied_to[INFERENCE_ROLE] = WRITES - {STOP}
    functions_by_the_clock(account)
    account.rule("stop-at-17", account.function("evening", PROJECT_VERSION="hunter2"))


def roles_that_cannot_be_read(account):
    account.refused.add("SimulatePrincipalPolicy")
    functions_by_the_clock(account, ("backup", "start-model"))


def functions_that_cannot_be_read(account):
    functions_by_the_clock(account)
    account.refused.add("GetFunctionConfiguration")


def a_start_and_a_stop(account):
    switch = account.function("switch", PROJECT_VERSION=MODEL)
    account.rule("stop-model", switch, when="cron(0 17 ? * MON-FRI *)")
    account.rule("start-model", switch, when="cron(30 7 ? * MON-FRI *)")


def a_schedule_in_a_zone_of_its_own(account):
    schedule(
        account,
        "stop",
        "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion",
        input_=f'{{"ProjectVersionArn": "{MODEL}"}}',
        ScheduleExpression="cron(0 17 ? * MON-FRI *)",
        ScheduleExpressionTimezone="Europe/Berlin",
    )


def schedule(account, name, target, *, target_region=REGION, input_="{}", **more):
    account.clients("scheduler", Target(region=target_region)).create_schedule(
        Name=name,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": ROLE, "Input": input_},
        **({"ScheduleExpression": "rate(1 day)"} | more),
    )


WRONG = {
    build.__name__.replace("_", " "): build
    for build in (
        no_model,
        no_project,
        unusable,
        unheard_of,
        leaking,
        no_mapping,
        fed_by_a_stream,
        made_anew,
        a_second_mapping_on_the_queue,
        a_second_mapping_that_is_disabled,
        never_runs,
        too_few_reserved,
        asks_another,
        visible_too_soon,
        visible_at_once,
        visible_before_the_window,
        never_redriven,
        redriven_soon,
        dead_too_soon,
        no_dead_letters,
        unlimited,
        crowded,
        whole_batches,
        called_by_one_instance_alone,
        fed_by_a_fifo_queue,
        few_units_allowed,
        a_rule_with_a_function,
        a_rule_that_was_disabled,
        a_schedule_into_the_api,
        not_allowed,
        functions_that_may_do_nothing,
        functions_that_may_stop_the_model,
        ahead,
        a_little_behind,
        roles_that_cannot_be_read,
        functions_that_cannot_be_read,
        a_start_and_a_stop,
        a_schedule_in_a_zone_of_its_own,
    )
}
UNSTEADY = {
    build.__name__.replace("_", " "): build
    for build in (no_queue, no_function, no_model_allowed, a_second_mapping_to_an_alias)
}
"""What is said of them has the words of moto in it, or the time."""


def running_and_unknown(account):
    account.versions |= {MODEL: "RUNNING", OTHER: "RUNNING"}


def several_faults(account):
    """One serious, one advised, and a read that three checks lack."""
    leaking(account)
    redriven_soon(account)
    account.refused.add("GetFunctionConfiguration")


def hibernating(account):
    account.versions[MODEL] = "HIBERNATING"


def refusing(*operations):
    return lambda account: account.refused.update(operations)


def crons(account, start="cron(30 12 ? * MON-FRI *)", stop="cron(0 22 ? * MON-FRI *)"):
    for name, when in (("start", start), ("stop", stop)):
        account.rule(f"{name}-logos", account.function(f"{name}-model", MODEL_ARN=MODEL), when=when)


def two_models(account):
    account.lambda_.update_function_configuration(
        FunctionName="logos-inference", Environment={"Variables": {"MODELS": f"{MODEL},{OLD}"}}
    )


def deployed(account, name="rekognition-scheduler", **parameters):
    account.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )


TEMPLATE = {
    "Parameters": {
        name: {"Type": "String", "Default": ""} for name in ("DryRun", "Email", "ModelArns", "Shard")
    },
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}
FUNCTION = f"arn:aws:lambda:{REGION}:{NUMBER}:function:label"
QUEUE = f"arn:aws:sqs:{REGION}:{NUMBER}:images"
INIT = "init --timezone America/New_York --output new/schedule.yaml"

COMMANDS = {
    "doctor": in_account("doctor", today=True),
    "doctor, where functions run by the clock": in_account(
        "doctor", build=functions_that_may_do_nothing, today=True
    ),
    "doctor, where something is to be read, done and known": in_account(
        "doctor", build=several_faults, today=True
    ),
    "versions of a project": in_account("versions logos", build=running_and_unknown),
    "a version in a status that this release does not know": in_account("versions", build=hibernating),
    "a version that the file names and that is not there": in_account("versions", build=no_model),
    "versions, where the function cannot be read": in_account(
        "versions", build=refusing("GetFunctionConfiguration")
    ),
    "versions that cannot be read": in_account("versions", build=refusing("DescribeProjectVersions")),
    "versions of a project that is not there": in_account("versions", build=no_project),
    "versions of a pipeline that is not in the file": in_account("versions logo"),
    "init": in_account(INIT, INIT),
    "init beside two crons": in_account(INIT, build=crons),
    "init, where several models may be meant": in_account(INIT, build=two_models),
    "init, where no mapping is": in_account(f"{INIT} --model-arn {MODEL}", build=no_mapping),
    "init without a model": in_account(INIT, build=no_project),
    "parameters of a stack": in_account("stack-parameters"),
    "parameters of a stack that is deployed": in_account(
        "stack-parameters", build=lambda account: deployed(account, DryRun="false")
    ),
    "parameters of a stack that cannot be looked up": in_account(
        "stack-parameters", build=refusing("DescribeStacks")
    ),
    "a policy": screen(f"iam-policy --function {FUNCTION} --queue {QUEUE}", file=MINIMAL),
    "a policy where nothing is named": screen("iam-policy", file=MINIMAL),
    "a policy for a FIFO queue": screen(f"iam-policy --queue {QUEUE}.fifo", file=MINIMAL),
    "a policy for a role that no pipeline has": screen(f"iam-policy --role {ROLE}", file=MINIMAL),
}
