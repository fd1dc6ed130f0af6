"""The pure parts of the inference function: what a message says, where a result goes, what a setting is."""

from __future__ import annotations

import json

import pytest

TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2026-01-15T09:10:15.000Z",
    "Bucket": "logos-images",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
}


def test_the_test_message_of_s3_announces_no_image(function):
    assert function.images(json.dumps(TEST_EVENT)) == ()


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        pytest.param("images/plain.png", "images/plain.png", id="plain"),
        pytest.param("images/two+words.png", "images/two words.png", id="a plus is a space"),
        pytest.param("images/1%2B1.png", "images/1+1.png", id="an encoded plus is a plus"),
        pytest.param("images/100%25.png", "images/100%.png", id="percent"),
        pytest.param("images/Caf%C3%A9.png", "images/Café.png", id="unicode"),
        pytest.param("images/%F0%9F%8D%8B.png", "images/🍋.png", id="beyond the basic plane"),
        pytest.param("images/a%2Fb.png", "images/a/b.png", id="encoded slash"),
        pytest.param("images/%2520.png", "images/%20.png", id="decoded once only"),
    ],
)
def test_keys_are_decoded_as_s3_encodes_them(function, notice, encoded, key):
    (image,) = function.images(notice(encoded)["body"])
    assert image.key == key


def test_every_record_of_a_message_is_an_image(function, notice):
    body = notice("images/a.png", "images/b.png", "images/c.png")["body"]
    assert [image.key for image in function.images(body)] == ["images/a.png", "images/b.png", "images/c.png"]


def test_a_removed_object_is_no_new_image(function, notice):
    removed = {"encoded": "images/a.png", "event": "ObjectRemoved:Delete"}
    assert function.images(notice(removed)["body"]) == ()


@pytest.mark.parametrize(
    ("described", "version_id"),
    [
        pytest.param({}, None, id="bucket without versioning"),
        pytest.param({"versionId": "096fKKXTRTtl3on89fVO"}, "096fKKXTRTtl3on89fVO", id="versioned"),
        pytest.param({"versionId": "null"}, None, id="versioning suspended"),
    ],
)
def test_the_version_is_known_where_the_bucket_is_versioned(function, notice, described, version_id):
    (image,) = function.images(notice({"encoded": "images/a.png", **described})["body"])
    assert image.version_id == version_id


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("hello", id="no JSON"),
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param("{}", id="no records"),
        pytest.param('{"Records": null}', id="null records"),
        pytest.param('{"Records": ["x"]}', id="records of text"),
        pytest.param('{"Records": [{"eventName": "ObjectCreated:Put"}]}', id="without its object"),
        pytest.param(
            '{"Records": [{"eventName": "ObjectCreated:Put", "s3":'
            ' {"bucket": {"name": "b"}, "object": {"key": "%FF", "eTag": "e"}}}]}',
            id="a key that is no UTF-8",
        ),
    ],
)
def test_what_is_no_notification_is_refused(function, body):
    with pytest.raises(function.NotificationError, match="not an S3 notification"):
        function.images(body)


def image(function, key="images/a.png", bucket="logos-images", etag="e1", version_id=None):
    return function.Image(bucket=bucket, key=key, etag=etag, version_id=version_id)


def test_a_result_says_in_its_key_whose_it_is(function, model_arn):
    made = function.result_key(image(function, "images/a b.png"), function.Outcome.LABELLED, model_arn)
    assert made.split("/") == [
        "labelled",
        "logos",
        "logos.2026-01-15T09.10.15",
        "1768468215000",
        "logos-images",
        "images%2Fa%20b.png",
        "e1.json",
    ]


def test_no_two_images_share_a_result(function, model_arn):
    long = "images/" + "é" * 500
    odd = ["a", "a/b", "a//b", "a%2Fb", "a b", "a+b", "a%20b", "../a", "a/..", "ä", "a\n", long, long[:-1]]
    several = [
        image(function, key, bucket, version_id=version_id)
        for key in odd
        for bucket in ("one", "two")
        for version_id in (None, "v1", "v2", "e1/..")
    ]
    keys = {function.result_key(one, function.Outcome.LABELLED, model_arn) for one in several}
    assert len(keys) == len(several)


def test_another_model_and_another_outcome_have_results_of_their_own(function, model_arn):
    retrained = model_arn.replace("1768468215000", "1768468215001")
    renamed = model_arn.replace("project/logos/", "project/brands/")
    keys = {
        function.result_key(image(function), outcome, arn)
        for outcome in (function.Outcome.LABELLED, function.Outcome.UNUSABLE)
        for arn in (model_arn, retrained, renamed)
    }
    assert len(keys) == 6


@pytest.mark.parametrize("letter", ["a", "é", "🍋", "/"])
def test_the_longest_key_of_an_image_still_gives_a_key_that_s3_takes(function, model_arn, letter):
    longest = letter * (1024 // len(letter.encode()))
    made = function.result_key(
        image(function, longest, version_id="v" * 1024), function.Outcome.UNUSABLE, model_arn
    )
    assert len(made.encode()) <= 1024


GOOD = {"AWS_REGION": "eu-west-1", "RESULTS_BUCKET": "logos-results", "MIN_CONFIDENCE": ""}


@pytest.mark.parametrize(
    ("changed", "diagnostic"),
    [
        pytest.param({"MODEL_ARN": ""}, "MODEL_ARN is not set", id="no model"),
        pytest.param({"RESULTS_BUCKET": ""}, "RESULTS_BUCKET is not set", id="no bucket"),
        pytest.param({"MODEL_ARN": "logos"}, "MODEL_ARN: 'logos' is not the ARN of a model", id="no ARN"),
        pytest.param(
            {"AWS_REGION": "us-east-1"}, "model is in eu-west-1, this stack in us-east-1", id="elsewhere"
        ),
        pytest.param({"MIN_CONFIDENCE": "high"}, "MIN_CONFIDENCE: 'high' is not a percentage", id="a word"),
        pytest.param({"MIN_CONFIDENCE": "100.5"}, "MIN_CONFIDENCE: '100.5' is not", id="too much"),
        pytest.param({"MIN_CONFIDENCE": "nan"}, "MIN_CONFIDENCE: 'nan' is not", id="no number"),
    ],
)
def test_a_wrong_setting_is_named(function, model_arn, changed, diagnostic):
    with pytest.raises(function.SettingsError, match=diagnostic):
        function.Settings.read({**GOOD, "MODEL_ARN": model_arn, **changed})


@pytest.mark.parametrize(("text", "percent"), [("", None), ("0", 0.0), ("72.5", 72.5), ("100", 100.0)])
def test_the_least_confidence_is_a_percentage_or_left_to_the_model(function, model_arn, text, percent):
    settings = function.Settings.read({**GOOD, "MODEL_ARN": model_arn, "MIN_CONFIDENCE": text})
    assert settings.min_confidence == percent


def in_sns(body):
    """As SNS hands a message on, unless raw delivery is on."""
    return json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:…", "Message": body})


def an_event(kind="Object Created", source="aws.s3", **described):
    """As EventBridge hands it to a queue."""
    about = {"key": "images/two words+1.png", "size": 7, "etag": "e1", "version-id": "v1", **described}
    detail = {"bucket": {"name": "logos-images"}, "object": about, "reason": "PutObject"}
    return json.dumps({"version": "0", "detail-type": kind, "source": source, "detail": detail})


def test_a_notification_that_sns_wrapped_announces_the_same_images(function, notice):
    body = notice("images/a+b.png", "images/c.png")["body"]
    assert function.images(in_sns(body)) == function.images(body) != ()


def test_the_test_message_of_s3_may_come_by_sns(function):
    assert function.images(in_sns(json.dumps(TEST_EVENT))) == ()


def test_an_event_of_eventbridge_announces_an_image_whose_key_is_not_encoded(function):
    assert function.images(an_event()) == (image(function, "images/two words+1.png", version_id="v1"),)
    assert function.images(in_sns(an_event())) == function.images(an_event())


@pytest.mark.parametrize("version", [{"version-id": "null"}, {"version-id": None}], ids=["suspended", "none"])
def test_an_event_of_an_unversioned_bucket_has_no_version(function, version):
    assert function.images(an_event(**version)) == (image(function, "images/two words+1.png"),)


def test_an_event_of_another_kind_announces_no_image(function):
    assert function.images(an_event("Object Deleted")) == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(an_event(source="aws.ec2"), id="another service's event"),
        pytest.param(
            json.dumps({"detail-type": "Object Created", "source": "aws.s3"}), id="an event of nothing"
        ),
        pytest.param(in_sns("hello"), id="SNS with no JSON"),
        pytest.param(json.dumps({"Type": "Notification"}), id="SNS with no message"),
        pytest.param("[" * 10_000 + "]" * 10_000, id="nested 10,000 deep"),
        pytest.param('{"Records":' * 10_000 + "1" + "}" * 10_000, id="objects nested 10,000 deep"),
    ],
)
def test_what_only_looks_like_a_notification_is_refused(function, body):
    with pytest.raises(function.NotificationError, match="not an S3 notification"):
        function.images(body)


@pytest.mark.parametrize(
    ("key", "size", "is_image"),
    [
        pytest.param("images/new+folder/", 0, False, id="a folder of the console"),
        pytest.param("images/odd/", 7, True, id="an image whose key ends in a slash"),
        pytest.param("images/empty.png", 0, True, id="an empty image is Rekognition's to judge"),
    ],
)
def test_a_folder_marker_leaves_no_result(function, notice, key, size, is_image):
    body = notice({"encoded": key, "size": size})["body"]
    assert bool(function.images(body)) is is_image
    assert bool(function.images(an_event(key=key, size=size))) is is_image
