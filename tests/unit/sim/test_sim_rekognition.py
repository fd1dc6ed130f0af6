from __future__ import annotations

from datetime import timedelta

import pytest

from controller.aws.rekognition import Models
from controller.sim.aws.faults import NONE, Faults
from controller.sim.aws.rekognition import RUNNING_MODELS
from tests.support.embedded import HERE, a_pipeline, an_aws, model_arn, refusal

LOGOS = model_arn("logos")
MINUTE = 60


def status(aws):
    answer = aws.clients("rekognition", HERE).describe_project_versions(
        ProjectArn=aws.pipelines["logos"].project.arn
    )
    return answer["ProjectVersionDescriptions"][0]["Status"]


def running(**scenario):
    aws = an_aws(**scenario)
    aws.clients("rekognition", HERE).start_project_version(ProjectVersionArn=LOGOS, MinInferenceUnits=1)
    aws.sleep(10 * MINUTE)
    return aws


def test_a_start_is_answered_with_starting_and_takes_as_long_as_it_takes():
    aws = an_aws(start_minutes=(10, 10))
    answer = aws.clients("rekognition", HERE).start_project_version(
        ProjectVersionArn=LOGOS, MinInferenceUnits=1
    )
    assert answer["Status"] == "STARTING"
    aws.sleep(10 * MINUTE - 1)
    assert status(aws) == "STARTING"
    aws.sleep(1)
    assert status(aws) == "RUNNING"


def test_a_stop_takes_two_to_six_minutes():
    aws = running()
    answer = aws.clients("rekognition", HERE).stop_project_version(ProjectVersionArn=LOGOS)
    assert answer["Status"] == "STOPPING"
    aws.sleep(2 * MINUTE - 1)
    assert status(aws) == "STOPPING"
    aws.sleep(4 * MINUTE + 1)
    assert status(aws) == "STOPPED"


@pytest.mark.parametrize("state", ["TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"])
def test_a_model_starts_from(state):
    aws = an_aws()
    aws.pipelines["logos"].model.become(state)
    answer = aws.clients("rekognition", HERE).start_project_version(
        ProjectVersionArn=LOGOS, MinInferenceUnits=1
    )
    assert answer["Status"] == "STARTING"


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "STOPPING", "DELETING", "TRAINING_FAILED"])
def test_a_start_is_refused_while(state):
    aws = an_aws()
    aws.pipelines["logos"].model.become(state)
    start = aws.clients("rekognition", HERE).start_project_version
    assert refusal(lambda: start(ProjectVersionArn=LOGOS, MinInferenceUnits=1)) == (
        "StartProjectVersion",
        "ResourceInUseException",
    )


@pytest.mark.parametrize("state", ["TRAINING_COMPLETED", "STARTING", "STOPPING", "STOPPED", "FAILED"])
def test_a_stop_is_refused_while(state):
    aws = an_aws()
    aws.pipelines["logos"].model.become(state)
    stop = aws.clients("rekognition", HERE).stop_project_version
    assert refusal(lambda: stop(ProjectVersionArn=LOGOS)) == ("StopProjectVersion", "ResourceInUseException")


def test_a_model_set_to_another_status_drops_what_was_under_way():
    aws = an_aws()
    model = aws.pipelines["logos"].model
    model.start(1)
    model.become("FAILED")
    aws.sleep(3600)
    assert (status(aws), model.failed_starts) == ("FAILED", 1)


def test_what_does_not_exist_is_not_found():
    rekognition, other = an_aws().clients("rekognition", HERE), model_arn("other")
    calls = {
        "StartProjectVersion": lambda: rekognition.start_project_version(
            ProjectVersionArn=other, MinInferenceUnits=1
        ),
        "StopProjectVersion": lambda: rekognition.stop_project_version(ProjectVersionArn=other),
        "DescribeProjectVersions": lambda: rekognition.describe_project_versions(ProjectArn=other),
    }
    assert [refusal(call) for call in calls.values()] == [
        (name, "ResourceNotFoundException") for name in calls
    ]


def test_a_model_too_many_in_the_account_and_region_is_refused():
    names = [f"model-{number}" for number in range(RUNNING_MODELS + 1)]
    aws = an_aws(*(a_pipeline(name, number) for number, name in enumerate(names)))
    start = aws.clients("rekognition", HERE).start_project_version
    *first, last = (model_arn(name) for name in names)
    for arn in first:
        start(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert refusal(lambda: start(ProjectVersionArn=last, MinInferenceUnits=1))[1] == "LimitExceededException"
    aws.pipelines[names[0]].model.become("STOPPED")
    assert start(ProjectVersionArn=last, MinInferenceUnits=1)["Status"] == "STARTING"


@pytest.mark.parametrize(
    ("units", "code"),
    [
        pytest.param({"MinInferenceUnits": 6}, "LimitExceededException", id="more than a model may have"),
        pytest.param(
            {"MinInferenceUnits": 1, "MaxInferenceUnits": 6}, "LimitExceededException", id="a limit beyond it"
        ),
        pytest.param(
            {"MinInferenceUnits": 2, "MaxInferenceUnits": 1}, "InvalidParameterException", id="min above max"
        ),
    ],
)
def test_units_are_refused_when_they_are(units, code):
    start = an_aws().clients("rekognition", HERE).start_project_version
    assert refusal(lambda: start(ProjectVersionArn=LOGOS, **units))[1] == code


def test_the_meter_runs_while_running_and_by_units():
    aws = an_aws(a_pipeline(inference_units=3), start_minutes=(10, 10))
    logos = aws.pipelines["logos"]
    logos.model.start(3)
    aws.sleep(40 * MINUTE)
    assert logos.accounting().billed_unit_hours == pytest.approx(3 * 0.5)
    logos.model.stop()
    aws.sleep(3600)
    assert logos.accounting().billed_unit_hours == pytest.approx(3 * 0.5)


def test_a_project_has_another_timestamp_than_its_version_and_is_found_by_name():
    aws = an_aws()
    project = aws.pipelines["logos"].project.arn
    model, _, version = LOGOS.partition("/version/")
    assert project == f"{model}/1768381815000"
    assert not version.endswith("/1768381815000")
    describe = aws.clients("rekognition", HERE).describe_projects
    assert [found["ProjectArn"] for found in describe(ProjectNames=["logos"])["ProjectDescriptions"]] == [
        project
    ]
    assert describe(ProjectNames=["other"])["ProjectDescriptions"] == []


def test_the_project_arn_of_the_file_is_the_one_that_is_there():
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
    assert an_aws(a_pipeline(project_arn=arn)).pipelines["logos"].project.arn == arn


def test_a_project_is_described_whole_newest_first_in_pages():
    aws = an_aws()
    logos = aws.pipelines["logos"]
    for number in range(4):
        logos.add_version(f"{logos.project.arn.rsplit('/', 1)[0]}/version/v{number}/{1700000000000 + number}")
    describe = aws.clients("rekognition", HERE).describe_project_versions
    names, token = [], {}
    while True:
        page = describe(ProjectArn=logos.project.arn, MaxResults=2, **token)
        assert len(page["ProjectVersionDescriptions"]) <= 2
        names += [found["ProjectVersionArn"].split("/")[3] for found in page["ProjectVersionDescriptions"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [logos.model.name, "v3", "v2", "v1", "v0"]


def test_versions_are_described_by_name_and_unknown_ones_left_out():
    aws = an_aws()
    logos = aws.pipelines["logos"]
    logos.add_version(f"{logos.project.arn.rsplit('/', 1)[0]}/version/other/1")
    describe = aws.clients("rekognition", HERE).describe_project_versions
    found = describe(ProjectArn=logos.project.arn, VersionNames=["other", "nobody"])
    assert [each["ProjectVersionArn"].split("/")[3] for each in found["ProjectVersionDescriptions"]] == [
        "other"
    ]


PAGINATION = "InvalidPaginationTokenException"


def test_a_token_that_continues_nothing_is_refused():
    aws = an_aws()
    describe = aws.clients("rekognition", HERE).describe_project_versions
    arn = aws.pipelines["logos"].project.arn
    assert refusal(lambda: describe(ProjectArn=arn, NextToken="7"))[1] == PAGINATION


def test_two_pipelines_of_one_project_see_each_others_version():
    other = model_arn("logos", created_ms=1768468215001)
    aws = an_aws(a_pipeline("logos"), a_pipeline("logos-eu", 2, arn=other, project="logos"))
    assert aws.pipelines["logos"].project is aws.pipelines["logos-eu"].project
    found = aws.clients("rekognition", HERE).describe_project_versions(
        ProjectArn=aws.pipelines["logos"].project.arn
    )
    assert len(found["ProjectVersionDescriptions"]) == 2


def test_retired_versions_stand_beside_the_model_and_are_billed_with_it():
    old = model_arn("logos", created_ms=1700000000000)
    aws = an_aws(a_pipeline(retired=(old,)))
    logos = aws.pipelines["logos"]
    logos.retired[0].become("RUNNING")
    aws.sleep(3600)
    assert logos.accounting().billed_unit_hours == pytest.approx(1)
    assert (
        aws.clients("rekognition", HERE).stop_project_version(ProjectVersionArn=old)["Status"] == "STOPPING"
    )


@pytest.mark.parametrize("digits", [0, 1, 86400000000, 1600000000000, 9999999999999, 99999999999999999999])
def test_a_model_starts_whatever_digits_its_arn_ends_with(digits):
    arn = model_arn("logos", created_ms=digits)
    aws = an_aws(a_pipeline(arn=arn))
    models = Models(aws.clients("rekognition", HERE))
    project = models.project_arn("logos")
    assert project is not None
    (found,) = models.versions(project)
    assert (found.arn, found.status) == (arn, "TRAINING_COMPLETED")
    models.start(arn, units=1, max_units=None)
    assert aws.pipelines["logos"].model.status == "STARTING"


@pytest.mark.parametrize("digits", ["1", "99999999999999999999"])
def test_a_project_is_found_whatever_digits_its_arn_ends_with(digits):
    arn = f"arn:aws:rekognition:us-east-1:123456789012:project/logos/{digits}"
    aws = an_aws(a_pipeline(project_arn=arn))
    assert Models(aws.clients("rekognition", HERE)).project_arn("logos") == arn


def test_the_kth_start_takes_as_long_whenever_it_is_asked_for():
    def durations(gaps_h):
        aws = an_aws(start_minutes=(5, 30))
        model, taken = aws.pipelines["logos"].model, []
        for gap in gaps_h:
            aws.sleep(gap * 3600)
            model.start(1)
            asked = aws.now()
            while model.status == "STARTING":
                aws.sleep(1)
            taken.append(aws.now() - asked)
            model.become("STOPPED")
        return taken

    early, late = durations((1, 1, 1)), durations((5, 1, 9))
    # Whole seconds of looking: the instants themselves fall differently within a second.
    assert all(abs(one - two) <= timedelta(seconds=1) for one, two in zip(early, late, strict=True))
    assert len({round(each.total_seconds()) for each in early}) == 3


def test_a_start_may_end_in_failed_and_costs_nothing():
    aws = an_aws(faults=Faults(failed_starts=1.0, manual_changes=0))
    logos = aws.pipelines["logos"]
    logos.model.start(1)
    aws.sleep(10 * MINUTE)
    ledger = logos.accounting()
    assert (logos.model.status, ledger.starts, ledger.failed_starts, ledger.billed_unit_hours) == (
        "FAILED",
        1,
        1,
        0,
    )


@pytest.mark.parametrize(("calm", "status"), [(False, "FAILED"), (True, "RUNNING")])
def test_a_model_may_die_while_running_until_faults_cease(calm, status):
    aws = an_aws(faults=Faults(deaths=1000.0, failed_starts=0, manual_changes=0))
    logos = aws.pipelines["logos"]
    logos.model.start(1)
    aws.sleep(10 * MINUTE)
    assert logos.model.status == "RUNNING"
    if calm:
        aws.end_faults()
    aws.sleep(3600)
    assert logos.model.status == status


def test_a_world_without_faults_has_none():
    aws = running(faults=NONE)
    aws.sleep(100 * 86_400)
    assert status(aws) == "RUNNING"


def test_the_second_bill_counts_begun_hours_of_every_run():
    aws = an_aws()
    model = aws.pipelines["logos"].model
    for seconds in (600, 3600, 3601):
        model.units = 2
        model.become("RUNNING")
        aws.sleep(seconds)
        model.become("STOPPED")
    assert model.rounded_unit_hours == 2 * (1 + 1 + 2)
    assert model.unit_hours == pytest.approx(2 * 7801 / 3600)
