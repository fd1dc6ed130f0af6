"""On botocore's Stubber, which checks each request against what is expected and against the service model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest
from botocore.stub import Stubber

from controller.aws.rekognition import Models, Version
from controller.core.states import ModelStatus
from controller.errors import TerminalError, TransientError

PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
VERSION = (
    "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/logos.2026-01-15T09.10.15/1768468215000"
)
RETIRED = (
    "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/logos.2025-06-01T08.00.00/1748764800000"
)

STATUSES = [
    "TRAINING_IN_PROGRESS",
    "TRAINING_COMPLETED",
    "TRAINING_FAILED",
    "STARTING",
    "RUNNING",
    "FAILED",
    "STOPPING",
    "STOPPED",
    "DELETING",
    "COPYING_IN_PROGRESS",
    "COPYING_COMPLETED",
    "COPYING_FAILED",
    "DEPRECATED",
    "EXPIRED",
]


@pytest.fixture
def stub():
    with Stubber(boto3.client("rekognition", region_name="us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def models(stub):
    return Models(stub.client)


def answer_versions(stub, *descriptions, page=None, next_page=None):
    """One page, asked for with the token ``page``."""
    expected = {"ProjectArn": PROJECT, "MaxResults": 100} | ({"NextToken": page} if page else {})
    answer = {"ProjectVersionDescriptions": list(descriptions)} | (
        {"NextToken": next_page} if next_page else {}
    )
    stub.add_response("describe_project_versions", answer, expected)


class TestProjectArn:
    @staticmethod
    def answer(stub, *arns):
        answer = {"ProjectDescriptions": [{"ProjectArn": arn} for arn in arns]}
        stub.add_response("describe_projects", answer, {"ProjectNames": ["logos"]})

    def test_a_project_is_found_by_its_name(self, stub, models):
        self.answer(stub, PROJECT)
        assert models.project_arn("logos") == PROJECT

    def test_a_project_that_does_not_exist_has_no_arn(self, stub, models):
        self.answer(stub)
        assert models.project_arn("logos") is None

    def test_a_project_of_another_name_is_not_taken_for_it(self, stub, models):
        self.answer(stub, PROJECT.replace("logos", "logos-2"), PROJECT)
        assert models.project_arn("logos") == PROJECT


class TestVersions:
    def test_a_running_version_is_read_whole(self, stub, models):
        answer_versions(
            stub,
            {
                "ProjectVersionArn": VERSION,
                "Status": "RUNNING",
                "StatusMessage": "The model is running.",
                "MinInferenceUnits": 1,
                "MaxInferenceUnits": 2,
                "CreationTimestamp": datetime(2026, 1, 15, 9, 10, tzinfo=timezone(timedelta(hours=1))),
            },
        )
        assert models.versions(PROJECT) == (
            Version(
                arn=VERSION,
                status=ModelStatus.RUNNING,
                message="The model is running.",
                units=1,
                max_units=2,
                created_at=datetime(2026, 1, 15, 8, 10, tzinfo=UTC),
            ),
        )

    def test_what_rekognition_leaves_out_is_none(self, stub, models):
        answer_versions(stub, {"ProjectVersionArn": VERSION, "Status": "TRAINING_COMPLETED"})
        assert models.versions(PROJECT) == (
            Version(
                arn=VERSION, status=ModelStatus.TRAINING_COMPLETED, message=None, units=None, max_units=None
            ),
        )

    @pytest.mark.parametrize("status", STATUSES)
    def test_a_status_of_the_api_keeps_its_name(self, stub, models, status):
        answer_versions(stub, {"ProjectVersionArn": VERSION, "Status": status})
        (version,) = models.versions(PROJECT)
        assert (version.status.value, version.word) == (status, None)

    @pytest.mark.parametrize(
        ("status", "word"),
        [
            pytest.param({"Status": "HIBERNATING"}, "HIBERNATING", id="added later"),
            pytest.param({"Status": "ABSENT"}, "ABSENT", id="one of our own words"),
            pytest.param({"Status": "UNREADABLE"}, "UNREADABLE", id="another of our own words"),
            pytest.param({"Status": "a\n b"}, "a b", id="on one line"),
            pytest.param({"Status": ""}, None, id="empty"),
            pytest.param({}, None, id="missing"),
        ],
    )
    def test_a_status_that_is_not_known_is_unknown_and_keeps_its_word(self, stub, models, status, word):
        answer_versions(stub, {"ProjectVersionArn": VERSION} | status)
        (version,) = models.versions(PROJECT)
        assert (version.status, version.word) == (ModelStatus.UNKNOWN, word)

    def test_a_project_without_versions_is_not_an_absent_project(self, stub, models):
        answer_versions(stub)
        assert models.versions(PROJECT) == ()

    def test_an_absent_project_has_no_answer(self, stub, models):
        stub.add_client_error("describe_project_versions", "ResourceNotFoundException", http_status_code=400)
        assert models.versions(PROJECT) is None

    def test_all_pages_are_read_in_order(self, stub, models):
        answer_versions(stub, {"ProjectVersionArn": VERSION, "Status": "RUNNING"}, next_page="2")
        answer_versions(stub, page="2", next_page="3")
        answer_versions(stub, {"ProjectVersionArn": RETIRED, "Status": "STOPPED"}, page="3")
        assert [version.arn for version in models.versions(PROJECT)] == [VERSION, RETIRED]

    def test_a_page_that_comes_again_and_again_ends_in_an_error(self, stub, models):
        answer_versions(stub, next_page="2")
        answer_versions(stub, page="2", next_page="2")
        with pytest.raises(TransientError, match="the same page"):
            models.versions(PROJECT)

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("AccessDeniedException", TerminalError),
            ("ThrottlingException", TransientError),
            ("InvalidPaginationTokenException", TransientError),
        ],
    )
    def test_a_refusal_is_not_an_absent_project(self, stub, models, code, kind):
        stub.add_client_error("describe_project_versions", code)
        with pytest.raises(kind) as caught:
            models.versions(PROJECT)
        assert caught.value.call.split(":") == ["rekognition", "DescribeProjectVersions"]
        assert (caught.value.resource, caught.value.code) == (PROJECT, code)


class TestStartAndStop:
    def test_a_start_without_a_maximum_sends_none(self, stub, models):
        expected = {"ProjectVersionArn": VERSION, "MinInferenceUnits": 1}
        stub.add_response("start_project_version", {"Status": "STARTING"}, expected)
        models.start(VERSION, units=1, max_units=None)

    def test_a_start_sends_its_maximum(self, stub, models):
        expected = {"ProjectVersionArn": VERSION, "MinInferenceUnits": 2, "MaxInferenceUnits": 4}
        stub.add_response("start_project_version", {"Status": "STARTING"}, expected)
        models.start(VERSION, units=2, max_units=4)

    def test_a_start_with_no_units_is_refused_before_it_is_sent(self):
        models = Models(boto3.client("rekognition", region_name="us-east-1"))
        with pytest.raises(TerminalError, match="ParamValidationError"):
            models.start(VERSION, units=0, max_units=None)

    def test_a_stop_sends_the_arn_alone(self, stub, models):
        stub.add_response("stop_project_version", {"Status": "STOPPING"}, {"ProjectVersionArn": VERSION})
        models.stop(VERSION)

    @pytest.mark.parametrize("action", ["start", "stop"])
    def test_a_model_in_transition_is_named_with_the_call(self, stub, models, action):
        stub.add_client_error(f"{action}_project_version", "ResourceInUseException", "It is STARTING.", 400)
        arguments = {"units": 1, "max_units": None} if action == "start" else {}
        with pytest.raises(TransientError) as caught:
            getattr(models, action)(VERSION, **arguments)
        error = caught.value
        assert error.call == f"rekognition:{action.capitalize()}ProjectVersion"
        assert (error.resource, error.code, error.message) == (
            VERSION,
            "ResourceInUseException",
            "It is STARTING.",
        )
