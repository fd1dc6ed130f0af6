"""The inference function from message to result, on moto's S3 and SQS."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.unit.inference.world import MODEL_ARN, Context, message

LABEL = {
    "Name": "logo",
    "Confidence": 98.5,
    "Geometry": {"BoundingBox": {"Width": 0.5, "Height": 0.25, "Left": 0.1, "Top": 0.2}},
}
MD5_OF_THE_IMAGE = "5312e17c8c92d7c946a5940990a0a9d9"
"""``printf 'an image' | md5sum``."""
UNUSABLE = ["ImageTooLargeException", "InvalidImageFormatException"]


def test_an_uploaded_image_gets_its_labels(world):
    world.rekognition.answers = {"images/a.png": [LABEL]}
    world.upload("images/a.png")
    assert world.invoke(*world.announced()) == []
    (result,) = world.results().values()
    assert result == {
        "bucket": "logos-images",
        "key": "images/a.png",
        "version_id": None,
        "etag": MD5_OF_THE_IMAGE,
        "model_arn": MODEL_ARN,
        "min_confidence": 72.5,
        "outcome": "labelled",
        "labels": [LABEL],
        "error": None,
    }


def test_the_model_is_asked_for_the_image_that_was_announced(world, notice):
    world.invoke(notice({"encoded": "images/a+b.png", "versionId": "v7"}))
    assert world.rekognition.asked == [
        {
            "ProjectVersionArn": MODEL_ARN,
            "Image": {"S3Object": {"Bucket": "logos-images", "Name": "images/a b.png", "Version": "v7"}},
            "MinConfidence": 72.5,
        }
    ]


def test_the_thresholds_of_the_training_count_where_no_confidence_is_set(world, notice, monkeypatch):
    monkeypatch.setenv("MIN_CONFIDENCE", "")
    world.rewire()
    world.invoke(notice("images/a.png"))
    assert "MinConfidence" not in world.rekognition.asked[0]


def test_an_image_without_labels_has_a_result_too(world):
    world.upload("images/a.png")
    world.invoke(*world.announced())
    assert [result["labels"] for result in world.results().values()] == [[]]


def test_the_test_message_of_a_new_notification_is_taken_and_forgotten(world):
    (test_message,) = world.announced()
    assert json.loads(test_message["body"])["Event"] == "s3:TestEvent"
    assert world.invoke(test_message) == []
    assert world.results() == {}


@pytest.mark.parametrize(
    "key",
    [
        "images/two words.png",
        "images/1+1.png",
        "images/100%.png",
        "images/Café 🍋.png",
        "images/a%2Bb.png",
        "images/a//b",
    ],
)
def test_odd_keys_come_through_s3_and_the_queue(world, key):
    world.upload(key)
    assert world.invoke(*world.announced()) == []
    assert world.outcomes() == {key: "labelled"}


def test_of_ten_messages_the_two_bad_ones_come_back(world, notice):
    world.rekognition.answers = {"images/3.png": "ThrottlingException"}
    batch = [notice(f"images/{n}.png", message_id=f"m-{n}") for n in range(10)]
    batch[7] = message("not from S3", "m-7")
    assert world.invoke(*batch) == ["m-3", "m-7"]
    assert set(world.outcomes()) == {f"images/{n}.png" for n in (0, 1, 2, 4, 5, 6, 8, 9)}


def test_all_images_of_a_message_are_labelled(world, notice):
    assert world.invoke(notice("images/a.png", "images/b.png", "images/c.png")) == []
    assert set(world.outcomes()) == {"images/a.png", "images/b.png", "images/c.png"}


def test_a_message_comes_back_for_one_image_and_does_not_redo_the_others(world, notice):
    both = notice("images/good.png", "images/later.png")
    world.rekognition.answers = {"images/good.png": [LABEL], "images/later.png": "ThrottlingException"}
    assert world.invoke(both) == ["m-1"]
    assert world.outcomes() == {"images/good.png": "labelled"}
    world.rekognition.answers = {"images/good.png": []}
    assert world.invoke(both) == []
    labels = {result["key"]: result["labels"] for result in world.results().values()}
    assert labels == {"images/good.png": [LABEL], "images/later.png": []}


def test_an_image_after_a_failing_one_is_still_labelled(world, notice):
    world.rekognition.answers = {"images/a.png": "InternalServerError"}
    world.invoke(notice("images/a.png", "images/b.png"))
    assert world.outcomes() == {"images/b.png": "labelled"}


def test_a_message_delivered_twice_is_written_once(world, notice):
    world.s3.put_bucket_versioning(Bucket="logos-results", VersioningConfiguration={"Status": "Enabled"})
    twice = notice("images/a.png")
    assert world.invoke(twice, twice) == []
    assert world.invoke(twice) == []
    assert len(world.s3.list_object_versions(Bucket="logos-results")["Versions"]) == 1


def test_each_version_of_an_image_has_a_result(world, notice):
    first, second = (
        {"encoded": "images/a.png", "versionId": "v1"},
        {"encoded": "images/a.png", "versionId": "v2"},
    )
    world.invoke(notice(first, second))
    assert {result["version_id"] for result in world.results().values()} == {"v1", "v2"}


@pytest.mark.parametrize("code", UNUSABLE)
def test_an_image_that_can_never_work_is_recorded_and_not_tried_again(world, notice, code):
    world.rekognition.answers = {"images/a.png": code}
    assert world.invoke(notice("images/a.png")) == []
    (result,) = world.results().values()
    assert (result["outcome"], result["labels"]) == ("unusable", [])
    assert code in result["error"]


def test_an_image_that_is_gone_is_recorded_and_not_tried_again(world):
    world.upload("images/a.png")
    world.s3.delete_object(Bucket="logos-images", Key="images/a.png")
    world.rekognition.answers = {"images/a.png": "InvalidS3ObjectException"}
    assert world.invoke(*world.announced()) == []
    assert world.outcomes() == {"images/a.png": "unusable"}


def test_a_version_that_is_there_is_not_gone_because_the_object_was_deleted(world, notice):
    world.s3.put_bucket_versioning(Bucket="logos-images", VersioningConfiguration={"Status": "Enabled"})
    version = world.s3.put_object(Bucket="logos-images", Key="images/a.png", Body=b"an image")["VersionId"]
    world.s3.delete_object(Bucket="logos-images", Key="images/a.png")
    world.rekognition.answers = {"images/a.png": "InvalidS3ObjectException"}
    assert world.invoke(notice({"encoded": "images/a.png", "versionId": version})) == ["m-1"]


def test_an_image_uploaded_again_after_it_was_gone_gets_its_labels(world):
    world.upload("images/a.png")
    world.s3.delete_object(Bucket="logos-images", Key="images/a.png")
    world.rekognition.answers = {"images/a.png": "InvalidS3ObjectException"}
    world.invoke(*world.announced())
    world.rekognition.answers = {"images/a.png": [LABEL]}
    world.upload("images/a.png")
    world.invoke(*world.announced())
    assert sorted(result["outcome"] for result in world.results().values()) == ["labelled", "unusable"]


def test_an_image_that_is_there_but_cannot_be_reached_comes_back(world):
    world.upload("images/a.png")
    world.rekognition.answers = {"images/a.png": "InvalidS3ObjectException"}
    announced = world.announced()
    assert world.invoke(*announced) == [announced[-1]["messageId"]]
    assert world.results() == {}


def test_without_permission_to_know_an_image_is_not_called_gone(world, notice):
    world.rekognition.answers = {"images/a.png": "InvalidS3ObjectException"}
    world.refuse("s3.HeadObject", "403")
    assert world.invoke(notice("images/a.png")) == ["m-1"]
    assert world.results() == {}


PASSING = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "ResourceNotReadyException",
    "InternalServerError",
    "LimitExceededException",
}


def test_whatever_else_rekognition_answers_brings_the_message_back(world, notice, modelled_codes):
    passing = sorted(modelled_codes - {*UNUSABLE, "InvalidS3ObjectException"} | {"ServiceUnavailable"})
    world.rekognition.answers = {f"images/{code}": code for code in passing}
    returned = world.invoke(*(notice(f"images/{code}", message_id=code) for code in passing))
    assert returned == passing
    assert set(passing) >= PASSING
    assert world.results() == {}


@pytest.mark.parametrize("failure", [EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError])
def test_no_answer_brings_the_message_back_and_keeps_no_other_image_waiting(world, notice, failure):
    world.rekognition.answers = {"images/a.png": failure(endpoint_url="https://rekognition")}
    assert world.invoke(notice("images/a.png", "images/b.png")) == ["m-1"]
    assert world.outcomes() == {"images/b.png": "labelled"}


def test_a_model_that_is_not_ready_loses_no_message(world, notice):
    keys = [f"images/{n}.png" for n in range(10)]
    world.rekognition.answers = dict.fromkeys(keys, "ResourceNotReadyException")
    batch = [notice(key, message_id=key) for key in keys]
    assert world.invoke(*batch) == keys
    world.rekognition.answers = {}
    assert world.invoke(*batch) == []
    assert world.outcomes() == dict.fromkeys(keys, "labelled")


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "NoSuchBucket", "ConditionalRequestConflict"])
def test_a_result_that_cannot_be_kept_brings_the_message_back(world, notice, code):
    world.refuse("s3.PutObject", code)
    assert world.invoke(notice("images/a.png")) == ["m-1"]


def test_a_result_is_never_labelled_itself(world, notice):
    assert world.invoke(notice({"encoded": "labelled/x.json", "bucket": "logos-results"})) == []
    assert (world.rekognition.asked, world.results()) == ([], {})
    (line,) = world.logged()
    assert (line["outcome"], line["level"]) == ("ignored", "WARNING")


def test_what_cannot_be_begun_in_time_comes_back_and_what_was_done_stays_done(world, notice):
    batch = [notice(f"images/{n}.png", message_id=f"m-{n}") for n in range(4)]
    assert world.invoke(*batch, context=Context(left_ms=[60_000, 15_000, 14_999, 9_000])) == ["m-2", "m-3"]
    assert len(world.rekognition.asked) == 2


def test_a_wrong_setting_fails_the_whole_invocation_by_name(world, notice, monkeypatch):
    monkeypatch.delenv("MODEL_ARN")
    world.function.pipeline.cache_clear()
    with pytest.raises(world.function.SettingsError, match="MODEL_ARN is not set"):
        world.invoke(notice("images/a.png"))


def test_each_image_is_one_line_of_the_log(world, notice):
    world.rekognition.answers = {"images/b.png": "ImageTooLargeException"}
    world.invoke(notice("images/a.png", "images/b.png"))
    lines = [(line["message"], line["level"], line["key"], line["outcome"]) for line in world.logged()]
    assert lines == [
        ("image", "INFO", "images/a.png", "labelled"),
        ("image", "WARNING", "images/b.png", "unusable"),
    ]


REASONS = {
    "labelled": ([], None),
    "unusable": ("ImageTooLargeException", "ImageTooLargeException"),
    "refused": ("ThrottlingException", "ThrottlingException"),
    "no answer": (ReadTimeoutError(endpoint_url="https://rekognition"), "Read timeout"),
}


@pytest.mark.parametrize(("answer", "reason"), REASONS.values(), ids=REASONS.keys())
def test_the_line_of_an_image_has_the_reason_why_it_has_no_labels(world, notice, answer, reason):
    world.rekognition.answers = {"images/a.png": answer}
    world.invoke(notice({"encoded": "images/a.png", "versionId": "v7"}))
    line = world.logged()[0]
    assert (line["bucket"], line["version_id"]) == ("logos-images", "v7")
    assert reason in line["error"] if reason else "error" not in line


def test_the_line_of_a_result_that_could_not_be_kept_has_the_reason(world, notice):
    world.refuse("s3.PutObject", "SlowDown")
    world.invoke(notice("images/a.png"))
    line = world.logged()[0]
    assert (line["outcome"], "SlowDown" in line["error"]) == ("retry", True)


def test_the_line_of_an_image_for_which_no_time_is_left_says_so(world, notice):
    world.invoke(notice("images/a.png"), context=Context(left_ms=[14_999]))
    line = world.logged()[0]
    assert line["outcome"] == "retry"
    assert line["error"].startswith("too little ")
    assert "timeout" in line["error"]


def test_a_message_that_comes_back_is_logged_with_its_reason(world):
    world.invoke(message("hello", "m-9"))
    (line,) = world.logged()
    assert (line["message"], line["message_id"]) == ("message comes back", "m-9")
    assert "not an S3 notification: hello" in line["exception"]


def test_the_metrics_count_images_and_returned_messages(world, notice, capsys):
    world.rekognition.answers = {
        "images/b.png": "ImageTooLargeException",
        "images/c.png": "ThrottlingException",
    }
    world.invoke(
        notice("images/a.png", "images/b.png"), notice("images/a.png", "images/c.png", message_id="m-2")
    )
    (emitted,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (emitted["Labelled"], emitted["Unusable"], emitted["Returned"]) == ([2.0], [1.0], [1.0])
    assert emitted["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "RekognitionPipeline"


def test_a_quiet_batch_emits_zeros(world, capsys):
    world.invoke(*world.announced())
    (emitted,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (emitted["Labelled"], emitted["Unusable"], emitted["Returned"]) == ([0.0], [0.0], [0.0])
