from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import partial

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from controller.sim.aws.faults import (
    HARSH,
    NONE,
    RESTART_REFUSALS,
    CallFault,
    FaultInjector,
    Faults,
    Shortage,
)
from tests.support.embedded import HERE, a_pipeline, an_aws, model_arn, refusal

CALLS = {
    "rekognition": lambda aws: aws.clients("rekognition", HERE).describe_projects(ProjectNames=["logos"]),
    "lambda": lambda aws: aws.clients("lambda", HERE).get_function_configuration(
        FunctionName="logos-inference"
    ),
    "sqs": lambda aws: aws.clients("sqs", HERE).get_queue_url(QueueName="logos-images"),
}


def test_every_rate_is_told_with_its_unit():
    told = {name: (rate, unit) for name, rate, unit in HARSH.table()}
    assert set(told) == {item.name for item in fields(Faults)}
    assert told["failed_starts"] == (0.1, "of the starts")
    assert all(unit for _, unit in told.values())


def test_what_is_off_is_not_told():
    assert "polls_on_s" not in {name for name, _, _ in Faults().table()}


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
    injector = FaultInjector(Faults(), seed=1)
    strikes = Counter(injector.call_fault("somebody") for _ in range(20_000))
    expected = {
        CallFault.THROTTLED: 0.02,
        CallFault.INTERNAL_ERROR: 0.01,
        CallFault.UNREACHED: 0.01,
        CallFault.LOST_ANSWER: 0.01,
        CallFault.NONE: 0.95,
    }
    assert {strike: count / 20_000 for strike, count in strikes.items()} == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize(("name", "rate"), [("skips_tick", 0.03), ("doubles_tick", 0.02)])
def test_ticks_are_skipped_and_doubled_as_often_as_the_rates_say(name, rate):
    decide = getattr(FaultInjector(Faults(), seed=1), name)
    assert sum(decide() for _ in range(20_000)) / 20_000 == pytest.approx(rate, abs=0.005)


def test_the_luck_of_one_resource_does_not_depend_on_calls_to_another():
    alone, among_others = FaultInjector(Faults(), seed=1), FaultInjector(Faults(), seed=1)
    expected = [alone.call_fault("one") for _ in range(500)]
    for _ in range(77):
        among_others.call_fault("another")
    assert [among_others.call_fault("one") for _ in range(500)] == expected


def test_when_faults_cease_nothing_goes_wrong_any_more():
    aws = an_aws(faults=Faults(throttled=1.0))
    aws.end_faults()
    assert CALLS["sqs"](aws)["QueueUrl"]
    assert not any(aws.injector.skips_tick() for _ in range(1000))
    aws.sleep(365 * 86_400)
    assert aws.changes == ()


def test_people_start_stop_enable_and_disable_twice_a_day():
    aws = an_aws(faults=replace(NONE, manual_changes=2.0))
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
        aws = an_aws(*pipelines, faults=replace(NONE, manual_changes=2.0))
        aws.sleep(7 * 86_400)
        return aws.pipelines["logos"].changes

    assert changes(a_pipeline("logos", 1)) == changes(a_pipeline("labels", 2), a_pipeline("logos", 1)) != []


def an_opening(**faults):
    """A pipeline RUNNING and Enabled, in a world with these faults alone."""
    aws = an_aws(faults=replace(NONE, **faults))
    logos = aws.pipelines["logos"]
    logos.model.become("RUNNING")
    logos.mapping.become("Enabled")
    return aws, logos


def test_pollers_go_on_after_disabled_for_a_while():
    aws, logos = an_opening(polls_on_s=120)
    logos.mapping.become("Disabled")
    until_s = logos.mapping._polls_until_s
    assert 0 < until_s - aws.now().timestamp() < 120
    aws.sleep(until_s - aws.now().timestamp() - 1)
    logos.queue.send()
    assert (logos.queue.in_flight, logos.queue.waiting) == (1, 0)
    aws.sleep(2)
    logos.queue.send()
    assert logos.queue.waiting == 1


def test_a_start_from_failed_is_refused_with_each_of_three_codes():
    aws, logos = an_opening(refused_restarts=1)
    start = aws.clients("rekognition", HERE).start_project_version
    logos.model.become("FAILED")
    codes = {
        refusal(lambda: start(ProjectVersionArn=model_arn("logos"), MinInferenceUnits=1))[1]
        for _ in range(30)
    }
    assert codes == set(RESTART_REFUSALS)
    logos.model.become("STOPPED")
    start(ProjectVersionArn=model_arn("logos"), MinInferenceUnits=1)
    assert logos.model.status == "STARTING"


def test_a_slow_start_takes_one_to_three_hours_until_the_faults_cease():
    aws, logos = an_opening(slow_starts=1)
    assert 3600 <= logos.model.next_start_s <= 3 * 3600
    logos.model.become("STOPPED")
    aws.end_faults()
    logos.model.start(1)
    aws.sleep(600)
    assert logos.model.status == "RUNNING"


def test_a_slow_start_that_is_under_way_takes_no_longer_than_others_once_the_faults_cease():
    aws, logos = an_opening(slow_starts=1)
    logos.model.become("STOPPED")
    logos.model.start(1)
    aws.end_faults()
    aws.sleep(599)
    assert logos.model.status == "STARTING"
    aws.sleep(1)
    assert logos.model.status == "RUNNING"


@pytest.mark.parametrize("seed", range(12))
def test_a_region_without_capacity_answers_every_start_of_the_day_alike(seed):
    aws = an_aws(a_pipeline(), a_pipeline("labels", 2), faults=replace(NONE, dry_days=1), seed=seed)
    shortage = aws.injector.shortage("us-east-1", aws.now().date())
    start = aws.clients("rekognition", HERE).start_project_version
    for name in ("logos", "labels"):
        if shortage is Shortage.FAILS:
            start(ProjectVersionArn=model_arn(name), MinInferenceUnits=1)
            aws.sleep(1800)
            assert aws.pipelines[name].model.status == "FAILED"
        else:
            asked = partial(start, ProjectVersionArn=model_arn(name), MinInferenceUnits=1)
            assert refusal(asked)[1] == shortage


def test_every_kind_of_shortage_comes_and_most_days_have_none():
    injector = FaultInjector(HARSH, 1)
    days = [injector.shortage("us-east-1", date(2026, 1, 1) + timedelta(days=day)) for day in range(2000)]
    assert set(days) == {None, *Shortage}
    assert 0.01 < sum(each is not None for each in days) / 2000 < 0.06


def test_a_stubborn_message_fails_a_few_times_though_the_model_runs():
    aws, logos = an_opening(stubborn_messages=1)
    for _ in range(40):
        logos.queue.send()
    aws.sleep(4 * 360 + 120)
    assert logos.queue.deleted == 40
    assert 40 < logos.consumer.failed_receives < 160


def test_the_clocks_of_aws_and_the_controller_differ_by_the_same_all_the_time():
    aws, logos = an_opening(clock_difference_s=180)
    ahead = logos.mapping.configuration()["LastModified"] - aws.now()
    assert 0 < abs(ahead.total_seconds()) < 180
    assert logos.mapping.configuration()["LastModified"] - aws.now() == ahead
    aws.end_faults()
    assert logos.mapping.configuration()["LastModified"] == aws.now()


def test_a_harsh_week_is_the_same_every_time():
    assert FaultInjector(HARSH, 3).slow_start_s("m") == FaultInjector(HARSH, 3).slow_start_s("m")
    first, second = (an_opening(polls_on_s=120)[1].mapping for _ in range(2))
    first.become("Disabled")
    second.become("Disabled")
    assert first._polls_until_s == second._polls_until_s
