from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from controller.sim.faults import NONE, Faults, Strike, Trouble
from tests.embedded import HERE, a_pipeline, an_aws, model_arn, refusal

CALLS = {
    "rekognition": lambda aws: aws.clients("rekognition", HERE).describe_projects(ProjectNames=["logos"]),
    "lambda": lambda aws: aws.clients("lambda", HERE).get_function_configuration(
        FunctionName="logos-inference"
    ),
    "sqs": lambda aws: aws.clients("sqs", HERE).get_queue_url(QueueName="logos-images"),
}


def test_every_rate_is_told_with_its_unit():
    told = {name: (rate, unit) for name, rate, unit in Faults().table()}
    assert set(told) == {item.name for item in fields(Faults)}
    assert told["failed_starts"] == (0.1, "of the starts")
    assert all(unit for _, unit in told.values())


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("rekognition", "ThrottlingException"),
        ("lambda", "TooManyRequestsException"),
        ("sqs", "RequestThrottled"),
    ],
)
def test_a_throttled_call_is_refused_in_the_words_of_its_service(service, code):
    aws = an_aws(faults=replace(NONE, throttled=1))
    assert refusal(lambda: CALLS[service](aws))[1] == code


@pytest.mark.parametrize(
    ("service", "code"),
    [("rekognition", "InternalServerError"), ("lambda", "ServiceException"), ("sqs", "InternalError")],
)
def test_an_error_of_the_server_has_status_500(service, code):
    aws = an_aws(faults=replace(NONE, internal_errors=1))
    with pytest.raises(ClientError) as caught:
        CALLS[service](aws)
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 500)


@pytest.mark.parametrize(
    ("fault", "error", "status"),
    [
        pytest.param("unreached", EndpointConnectionError, "TRAINING_COMPLETED", id="never got there"),
        pytest.param("lost_answers", ReadTimeoutError, "STARTING", id="took effect all the same"),
    ],
)
def test_a_call_without_an_answer(fault, error, status):
    aws = an_aws(faults=replace(NONE, **{fault: 1}))
    start = aws.clients("rekognition", HERE).start_project_version
    with pytest.raises(error):
        start(ProjectVersionArn=model_arn("logos"), MinInferenceUnits=1)
    assert aws.pipelines["logos"].model.status == status


def test_a_refusal_that_gets_lost_is_still_a_refusal_to_whom_it_reaches():
    aws = an_aws(faults=replace(NONE, lost_answers=1))
    stop = aws.clients("rekognition", HERE).stop_project_version
    assert refusal(lambda: stop(ProjectVersionArn=model_arn("logos")))[1] == "ResourceInUseException"


def test_a_stale_read_answers_with_a_state_of_seconds_ago():
    aws = an_aws(faults=replace(NONE, stale_reads=1))
    logos = aws.pipelines["logos"]
    rekognition, lambda_ = aws.clients("rekognition", HERE), aws.clients("lambda", HERE)

    def seen():
        versions = rekognition.describe_project_versions(ProjectArn=logos.project.arn)
        mapping = lambda_.get_event_source_mapping(UUID=logos.mapping.uuid)
        return versions["ProjectVersionDescriptions"][0]["Status"], mapping["State"]

    aws.sleep(3600)
    logos.model.become("RUNNING")
    logos.mapping.become("Enabled")
    aws.sleep(10)
    models, mappings = zip(*(seen() for _ in range(100)), strict=True)
    assert set(models) == {"TRAINING_COMPLETED", "RUNNING"}
    assert set(mappings) == {"Disabled", "Enabled"}
    aws.sleep(10.001)
    assert {seen() for _ in range(100)} == {("RUNNING", "Enabled")}


def test_calls_are_struck_as_often_as_the_rates_say():
    trouble = Trouble(Faults(), seed=1)
    strikes = Counter(trouble.strike("somebody") for _ in range(20_000))
    expected = {
        Strike.THROTTLED: 0.02,
        Strike.INTERNAL_ERROR: 0.01,
        Strike.UNREACHED: 0.01,
        Strike.LOST_ANSWER: 0.01,
        Strike.SPARED: 0.95,
    }
    assert {strike: count / 20_000 for strike, count in strikes.items()} == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize(("name", "rate"), [("skips_tick", 0.03), ("doubles_tick", 0.02)])
def test_ticks_are_skipped_and_doubled_as_often_as_the_rates_say(name, rate):
    decide = getattr(Trouble(Faults(), seed=1), name)
    assert sum(decide() for _ in range(20_000)) / 20_000 == pytest.approx(rate, abs=0.005)


def test_the_luck_of_one_resource_does_not_depend_on_calls_to_another():
    alone, among_others = Trouble(Faults(), seed=1), Trouble(Faults(), seed=1)
    expected = [alone.strike("one") for _ in range(500)]
    for _ in range(77):
        among_others.strike("another")
    assert [among_others.strike("one") for _ in range(500)] == expected


def test_when_faults_cease_nothing_goes_wrong_any_more():
    aws = an_aws(faults=Faults(throttled=1.0))
    aws.calm()
    assert CALLS["sqs"](aws)["QueueUrl"]
    assert not any(aws.trouble.skips_tick() for _ in range(1000))
    aws.sleep(365 * 86_400)
    assert aws.changes == ()


def test_people_start_stop_enable_and_disable_twice_a_day():
    aws = an_aws(faults=replace(NONE, hands=2.0))
    aws.sleep(200 * 86_400)
    acts = Counter(change.state for change in aws.changes if change.cause == "by hand")
    assert {"STARTING", "STOPPING", "Enabling", "Disabling", "Updating"} == set(acts)
    # Four hundred acts, of which those that AWS refuses leave no trace.
    assert 150 < acts.total() < 480


def test_what_happens_by_itself_says_why():
    aws = an_aws(faults=replace(NONE, failed_starts=1.0))
    aws.pipelines["logos"].model.start(1)
    aws.sleep(3600)
    assert [(change.resource, change.state, change.cause) for change in aws.changes] == [
        ("model", "STARTING", ""),
        ("model", "FAILED", "start failed"),
    ]


def test_what_people_do_to_one_pipeline_does_not_depend_on_the_others():
    def changes(*pipelines):
        aws = an_aws(*pipelines, faults=replace(NONE, hands=2.0))
        aws.sleep(7 * 86_400)
        return aws.pipelines["logos"].changes

    assert changes(a_pipeline("logos", 1)) == changes(a_pipeline("labels", 2), a_pipeline("logos", 1)) != []
