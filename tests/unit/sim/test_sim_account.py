from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from controller.config.model import Target
from controller.sim.aws.faults import Faults
from controller.sim.aws.traffic import Traffic
from tests.support.embedded import HERE, MONDAY, a_pipeline, an_aws, model_arn, refusal

ELSEWHERE = Target(region="eu-west-1")
OTHERS = Target(region="us-east-1", role_arn="arn:aws:iam::210987654321:role/scheduler")


def pipeline_of(target):
    pipeline = a_pipeline()
    return replace(pipeline, consumer=replace(pipeline.consumer, target=target))


def get_mapping(aws, target, pipeline="logos"):
    return aws.clients("lambda", target).get_event_source_mapping(UUID=aws.pipelines[pipeline].mapping.uuid)


@pytest.mark.parametrize(
    ("target", "account"),
    [
        pytest.param(HERE, "123456789012", id="home"),
        pytest.param(ELSEWHERE, "123456789012", id="another region"),
        pytest.param(OTHERS, "210987654321", id="another account"),
    ],
)
def test_a_consumer_lives_where_its_target_points_and_nowhere_else(target, account):
    aws = an_aws(pipeline_of(target))
    source = get_mapping(aws, target)["EventSourceArn"]
    assert source == f"arn:aws:sqs:{target.region}:{account}:logos-images"
    for other in {HERE, ELSEWHERE, OTHERS} - {target}:
        assert refusal(lambda other=other: get_mapping(aws, other))[1] == "ResourceNotFoundException"


def test_a_model_is_not_seen_from_another_region():
    start = an_aws().clients("rekognition", ELSEWHERE).start_project_version
    assert (
        refusal(lambda: start(ProjectVersionArn=model_arn("logos"), MinInferenceUnits=1))[1]
        == "ResourceNotFoundException"
    )


def test_there_is_no_other_service():
    with pytest.raises(ValueError, match="no 's3'"):
        an_aws().clients("s3", HERE)


def test_time_passes_by_request_only():
    aws = an_aws()
    aws.sleep(90)
    aws.advance_to(MONDAY + timedelta(minutes=2))
    assert aws.now() == MONDAY + timedelta(minutes=2)


def test_an_operation_can_be_denied_to_one_pipeline_until_mended():
    aws = an_aws(a_pipeline("logos", 1), a_pipeline("labels", 2))
    aws.deny("GetEventSourceMapping", pipeline="logos")
    assert refusal(lambda: get_mapping(aws, HERE)) == ("GetEventSourceMapping", "AccessDeniedException")
    assert get_mapping(aws, HERE, "labels")["State"] == "Disabled"
    aws.unblock()
    assert get_mapping(aws, HERE)["State"] == "Disabled"


def test_an_operation_can_be_refused_with_any_code():
    aws = an_aws()
    aws.deny("GetQueueUrl", code="InvalidSecurity")
    call = aws.clients("sqs", HERE).get_queue_url
    assert refusal(lambda: call(QueueName="logos-images")) == ("GetQueueUrl", "InvalidSecurity")


def test_a_denied_queue_is_denied_in_the_words_of_its_service():
    aws = an_aws()
    aws.deny("GetQueueUrl")
    call = aws.clients("sqs", HERE).get_queue_url
    assert refusal(lambda: call(QueueName="logos-images"))[1] == "AccessDenied"


@pytest.mark.parametrize(("service", "cut"), [("lambda", True), ("rekognition", False), (None, True)])
def test_a_service_can_be_cut_off(service, cut):
    aws = an_aws()
    aws.cut_off(service)
    if cut:
        with pytest.raises(EndpointConnectionError):
            get_mapping(aws, HERE)
    else:
        assert get_mapping(aws, HERE)["State"] == "Disabled"


def test_a_pipeline_can_be_cut_off_alone():
    aws = an_aws(a_pipeline("logos", 1), a_pipeline("labels", 2))
    aws.cut_off(pipeline="labels")
    describe = aws.clients("rekognition", HERE).describe_projects
    assert describe(ProjectNames=["logos"])["ProjectDescriptions"]
    with pytest.raises(EndpointConnectionError):
        describe(ProjectNames=["labels"])


def test_a_listener_hears_every_call_with_its_answer_or_its_error():
    aws, heard = an_aws(), []
    aws.listen(heard.append)
    get_mapping(aws, HERE)
    aws.deny("GetEventSourceMapping")
    refusal(lambda: get_mapping(aws, HERE))
    answered, refused = heard
    assert (answered.at, answered.request.operation) == (MONDAY, "GetEventSourceMapping")
    assert (answered.answer["State"], answered.code) == ("Disabled", None)
    assert (refused.answer, refused.code) == (None, "AccessDeniedException")


def test_changes_of_all_pipelines_come_in_order_of_time():
    aws = an_aws(a_pipeline("logos", 1), a_pipeline("labels", 2))
    for name in ("labels", "logos", "labels"):
        aws.sleep(60)
        aws.pipelines[name].mapping.become("Updating")
    assert [(change.at - MONDAY, change.pipeline) for change in aws.changes] == [
        (timedelta(minutes=1), "labels"),
        (timedelta(minutes=2), "logos"),
        (timedelta(minutes=3), "labels"),
    ]


def test_a_run_repeats_itself_under_its_seed_and_under_no_other():
    def week(seed):
        aws = an_aws(seed=seed, traffic=Traffic(), start_minutes=(5, 30), faults=Faults())
        aws.sleep(7 * 86_400)
        return aws.changes, aws.pipelines["logos"].accounting()

    assert week(1) == week(1) != week(2)


def test_messages_arrive_alike_whatever_is_done():
    def arrived(act):
        aws = an_aws(traffic=Traffic())
        act(aws.pipelines["logos"])
        aws.sleep(86_400)
        return aws.pipelines["logos"].accounting().messages.arrived

    assert arrived(lambda _: None) == arrived(lambda logos: logos.mapping.update(enabled=True)) > 100
