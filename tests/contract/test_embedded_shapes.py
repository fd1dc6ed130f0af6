"""Every call to the embedded AWS, and every answer of it, against botocore's service models."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from controller.sim.aws.faults import Faults
from controller.sim.aws.traffic import Traffic
from tests.contract.shapes import Shapes
from tests.support.embedded import HERE, a_pipeline, an_aws, model_arn
from tests.support.metrics import AGE, UNITS, query

OPERATIONS = {
    "rekognition": {
        "StartProjectVersion",
        "StopProjectVersion",
        "DescribeProjectVersions",
        "DescribeProjects",
    },
    "cloudwatch": {"GetMetricData"},
    "lambda": {"GetEventSourceMapping", "UpdateEventSourceMapping", "GetFunctionConfiguration"},
    "sqs": {"GetQueueUrl", "GetQueueAttributes"},
}
LOGOS, OTHER = model_arn("logos"), model_arn("other")
UUID, NO_UUID = a_pipeline().consumer.event_source_mapping, "00000000-0000-4000-8000-000000000000"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/"


def calls(aws):
    """Every operation, on what is there and on what is not."""
    rekognition, lambda_ = aws.clients("rekognition", HERE), aws.clients("lambda", HERE)
    sqs, project = aws.clients("sqs", HERE), aws.pipelines["logos"].project.arn
    cloudwatch = aws.clients("cloudwatch", HERE)
    now, period = aws.now, timedelta(hours=1)
    return [
        lambda: rekognition.start_project_version(ProjectVersionArn=LOGOS, MinInferenceUnits=1),
        lambda: rekognition.start_project_version(
            ProjectVersionArn=LOGOS, MinInferenceUnits=1, MaxInferenceUnits=9
        ),
        lambda: rekognition.start_project_version(
            ProjectVersionArn=LOGOS, MinInferenceUnits=2, MaxInferenceUnits=3
        ),
        lambda: rekognition.start_project_version(ProjectVersionArn=OTHER, MinInferenceUnits=1),
        lambda: rekognition.stop_project_version(ProjectVersionArn=LOGOS),
        lambda: rekognition.stop_project_version(ProjectVersionArn=OTHER),
        lambda: rekognition.describe_project_versions(ProjectArn=project),
        lambda: rekognition.describe_project_versions(ProjectArn=project, VersionNames=["x"]),
        lambda: rekognition.describe_project_versions(ProjectArn=project, MaxResults=1),
        lambda: rekognition.describe_project_versions(ProjectArn=project, MaxResults=1, NextToken="1"),
        lambda: rekognition.describe_project_versions(ProjectArn=project, NextToken="x"),
        lambda: rekognition.describe_project_versions(
            ProjectArn="arn:aws:rekognition:us-east-1:123456789012:project/other/1"
        ),
        lambda: rekognition.describe_projects(ProjectNames=["logos", "other"]),
        lambda: rekognition.describe_projects(MaxResults=1),
        lambda: lambda_.get_event_source_mapping(UUID=UUID),
        lambda: lambda_.get_event_source_mapping(UUID=NO_UUID),
        lambda: lambda_.update_event_source_mapping(UUID=UUID, Enabled=True),
        lambda: lambda_.update_event_source_mapping(UUID=UUID, Enabled=False),
        lambda: lambda_.update_event_source_mapping(UUID=NO_UUID, Enabled=False),
        lambda: lambda_.get_function_configuration(FunctionName="logos-inference"),
        lambda: lambda_.get_function_configuration(FunctionName="other"),
        lambda: cloudwatch.get_metric_data(
            MetricDataQueries=[query(AGE), query(UNITS, stat="Average", period=300)],
            StartTime=now() - period,
            EndTime=now(),
        ),
        lambda: cloudwatch.get_metric_data(
            MetricDataQueries=[query(AGE)], StartTime=now(), EndTime=now() - period
        ),
        lambda: cloudwatch.get_metric_data(
            MetricDataQueries=[query(AGE)], StartTime=now() - period, EndTime=now(), NextToken="x"
        ),
        lambda: sqs.get_queue_url(QueueName="logos-images", QueueOwnerAWSAccountId="123456789012"),
        lambda: sqs.get_queue_url(QueueName="other"),
        lambda: sqs.get_queue_attributes(QueueUrl=f"{URL}logos-images", AttributeNames=["All"]),
        lambda: sqs.get_queue_attributes(QueueUrl=f"{URL}logos-images-dead"),
        lambda: sqs.get_queue_attributes(QueueUrl=f"{URL}logos-images", AttributeNames=["Colour"]),
        lambda: sqs.get_queue_attributes(QueueUrl=f"{URL}other", AttributeNames=["All"]),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_request_and_every_answer_of_a_week_has_the_shape_of_the_model(seed):
    faults = Faults(throttled=0.05, internal_errors=0.05, unreached=0.05, lost_answers=0.05)
    old = model_arn("logos", created_ms=1700000000000)
    pipelines = (a_pipeline(retired=(old,)), a_pipeline("labels", 2))
    aws = an_aws(*pipelines, seed=seed, traffic=Traffic(), start_minutes=(5, 30), faults=faults)
    shapes, chance, every = Shapes(), Random(seed), calls(aws)  # noqa: S311 - which call comes next
    aws.listen(shapes.check)
    for _ in range(1500):
        with suppress(ClientError, BotoCoreError):
            chance.choice(every)()
        aws.sleep(chance.choice((0, 10, 400, 1000)))
    assert shapes.faults == []
    answered = {operation for operation, code in shapes.seen if code is None}
    assert answered == set.union(*OPERATIONS.values())
    assert {"ReadTimeoutError", "EndpointConnectionError"} <= {code for _, code in shapes.seen}


def test_every_refusal_that_the_embedded_one_knows_occurs_in_the_models():
    aws, shapes = an_aws(), Shapes()
    aws.listen(shapes.check)
    for call in calls(aws) * 2:
        with suppress(ClientError):
            call()
    assert shapes.faults == []
    assert {code for _, code in shapes.seen} >= {
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidAttributeName",
        "InvalidNextToken",
        "InvalidPaginationTokenException",
        "LimitExceededException",
        "ResourceInUseException",
        "ResourceNotFoundException",
    }


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param({"Status": "RUNNING", "Mood": "fine"}, "Unknown parameter", id="an unknown member"),
        pytest.param({"Status": 7}, "Invalid type", id="a wrong type"),
        pytest.param({"Status": "SULKING"}, "SULKING", id="a value that the model does not know"),
    ],
)
def test_the_checker_finds(answer, found):
    aws, shapes, heard = an_aws(), Shapes(), []
    aws.listen(heard.append)
    calls(aws)[0]()
    heard[0].answer.clear()
    heard[0].answer.update(answer)
    shapes.check(heard[0])
    assert found in str(shapes.faults)


def test_answers_have_the_metadata_that_every_client_adds():
    answer = calls(an_aws())[0]()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert set(answer["ResponseMetadata"]) >= {"RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"}


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_client_names_its_methods_as_boto3_does(service):
    client = an_aws().clients(service, HERE)
    methods = {name for name in dir(client) if not name.startswith("_")}
    assert methods == {xform_name(operation) for operation in OPERATIONS[service]}
