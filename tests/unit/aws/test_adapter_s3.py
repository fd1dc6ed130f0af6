"""What S3 answers when not all is well; the plain cases are those of the documents in ``unit/config``."""

from __future__ import annotations

from io import BytesIO

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody

from controller.aws import s3
from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.aws.s3 import NoContent, Objects, StoredText
from controller.aws.stacks import Stacks
from controller.config.model import STANDARD
from controller.errors import ConflictError, TerminalError, TransientError
from tests.support.s3 import NAME


@pytest.fixture
def objects(bucket):
    return Objects(bucket.client, NAME, most=10)


def test_no_more_is_read_than_is_wanted(bucket, objects):
    version = bucket.put("k", "0123456789abc")
    found = objects.get("k")
    assert found == StoredText(data=b"0123456789", etag=found.etag, version=version)


def test_an_object_without_versions_has_none(bucket, objects):
    bucket.client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Suspended"})
    bucket.put("k", "one")
    assert objects.get("k").version is None


def test_what_was_written_is_what_is_read(objects):
    written = objects.put("k", b"one", if_match=None)
    assert objects.get("k") == written
    assert objects.get("k", if_none_match=written.etag) is NoContent.NOT_MODIFIED


def test_versions_are_read_newest_first_and_only_as_far_as_wanted(bucket, objects):
    for text in ("one", "two", "three"):
        bucket.put("k", text)
    bucket.delete("k")
    bucket.asked()
    versions = objects.versions("k")
    assert next(versions).data == b"three"
    assert bucket.asked() == ["ListObjectVersions", "GetObject"]
    assert [each.data for each in versions] == [b"two", b"one"]


def test_a_version_that_is_left_out_is_not_read(bucket, objects):
    bucket.put("k", "one")
    bucket.put("k", "two")
    newest = objects.get("k")
    bucket.asked()
    assert [each.data for each in objects.versions("k", exclude_etags={newest.etag})] == [b"one"]
    assert bucket.asked() == ["ListObjectVersions", "GetObject"]


def test_versions_are_listed_page_by_page_up_to_a_limit(bucket, objects, monkeypatch):
    monkeypatch.setattr(s3, "VERSIONS_A_PAGE", 4)
    monkeypatch.setattr(s3, "MOST_PAGES", 3)
    for number in range(20):
        bucket.put("k", f"{number}")
        bucket.put("kk", f"{number}")
    bucket.asked()
    assert [each.data for each in objects.versions("k")] == [b"%d" % number for number in range(19, 7, -1)]
    assert bucket.asked().count("ListObjectVersions") == 3


def test_versions_of_a_key_that_begins_alike_are_not_listed(bucket, objects, monkeypatch):
    monkeypatch.setattr(s3, "VERSIONS_A_PAGE", 4)
    for number in range(6):
        bucket.put("k", f"{number}")
        bucket.put("kk", f"{number}")
    bucket.asked()
    assert [each.data for each in objects.versions("k")] == [b"%d" % number for number in range(5, -1, -1)]
    assert bucket.asked().count("ListObjectVersions") == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict"), (404, "NoSuchKey")],
    ids=str,
)
def test_a_write_that_somebody_else_has_outrun_is_a_conflict(bucket, objects, status, code):
    bucket.failing["PutObject"] = (status, code)
    with pytest.raises(ConflictError):
        objects.put("k", b"one", if_match='"etag"')


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", TerminalError),
        (404, "NoSuchBucket", TerminalError),
        (503, "SlowDown", TransientError),
        (503, "ServiceUnavailable", TransientError),
        (500, "InternalError", TransientError),
        (301, "PermanentRedirect", TerminalError),
        (403, "InvalidObjectState", TerminalError),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_write_that_fails_for_another_reason_is_none(bucket, objects, status, code, kind):
    bucket.failing["PutObject"] = (status, code)
    with pytest.raises(kind) as caught:
        objects.put("k", b"one", if_match=None)
    assert (caught.value.call, caught.value.resource) == ("s3:PutObject", f"s3://{NAME}/k")


class Broken(BytesIO):
    def read(self, *_args):
        raise ReadTimeoutError(endpoint_url="https://s3")


@pytest.mark.parametrize("body", [Broken(), BytesIO(b"on")], ids=["hangs", "ends early"])
def test_contents_that_do_not_come_whole_may_come_later(bucket, objects, body):
    bucket.put("k", "one")
    bucket.listen(
        "after-call.s3.GetObject",
        lambda parsed, **_: parsed.update(Body=StreamingBody(body, content_length=3)),
    )
    with pytest.raises(TransientError):
        objects.get("k")


def test_an_answer_without_an_etag_is_not_s3s(bucket, objects):
    bucket.put("k", "one")
    bucket.listen("after-call.s3.GetObject", lambda parsed, **_: parsed.pop("ETag"))
    with pytest.raises(TransientError, match="MalformedAnswer"):
        objects.get("k")


def test_the_outputs_of_a_stack_that_may_not_be_read_are_an_error():
    class Denied:
        def describe_stacks(self, **_):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")

    with pytest.raises(TerminalError, match="cloudformation:DescribeStacks on s: AccessDenied"):
        Stacks(Denied()).outputs("s")


class Wire(BytesIO):
    def stream(self):
        yield self.read()


def test_a_bucket_of_another_region_is_found_without_naming_the_region():
    """S3 says where it is, and boto3 asks there."""
    asked = []

    def answer(request, **_):
        asked.append(request.url)
        if "eu-west-1" in request.url:
            return AWSResponse(request.url, 200, {"ETag": '"e"'}, Wire(b"one"))
        moved = b"<Error><Code>PermanentRedirect</Code></Error>"
        return AWSResponse(request.url, 301, {"x-amz-bucket-region": "eu-west-1"}, Wire(moved))

    client = BotoClients(RetryConfig(attempts=1))("s3", STANDARD)
    client.meta.events.register("before-send.s3", answer)
    assert Objects(client, NAME, most=10).get("k").data == b"one"
    assert asked == [
        f"https://{NAME}.s3.amazonaws.com/k",
        f"https://{NAME}.s3.eu-west-1.amazonaws.com/k",
    ]
