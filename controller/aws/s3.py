"""Objects in S3: conditional reads and writes, and previous versions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call
from controller.aws.codes import is_absent, is_precondition_failed, is_unchanged
from controller.errors import AwsError, ConflictError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        GetObjectRequestTypeDef,
        ListObjectVersionsRequestTypeDef,
        PutObjectRequestTypeDef,
    )

VERSIONS_A_PAGE: Final = 100
MOST_PAGES: Final = 10
"""Of versions, deletions among them: a bucket that keeps fifty of each object has one page of it."""


class NoContent(Enum):
    """What a read may find instead of contents."""

    NOT_MODIFIED = auto()
    MISSING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """``etag`` is opaque; other contents have another one. ``version`` is ``None`` in an unversioned bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """

    data: bytes
    etag: str
    version: str | None = None


class Objects:
    """The objects of a bucket; of each, no more than the first ``most`` bytes are read.

    Every method may raise ``TransientError`` or ``TerminalError``. Whoever may not list the bucket is told
    that access is denied where an object is absent.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """

    def __init__(self, client: S3Client, bucket: str, *, most: int) -> None:
        self._client = client
        self._bucket = bucket
        self._most = most

    def get(self, key: str, *, if_none_match: str | None = None) -> StoredText | NoContent:
        """NOT_MODIFIED if that is still the ETag; MISSING if there is no such object, or no such bucket."""
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket, "Key": key}
        if if_none_match is not None:
            request["IfNoneMatch"] = if_none_match
        return self._get(Call(name="s3:GetObject", resource=self._url(key)), request)

    def put(self, key: str, body: bytes, *, if_match: str | None) -> StoredText:
        """Writes over the contents with the ETag ``if_match``, or (``None``) where there is no object.

        Raises:
            ConflictError: somebody else has written or deleted the object since.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        request: PutObjectRequestTypeDef = {"Bucket": self._bucket, "Key": key, "Body": body}
        if if_match is None:
            request["IfNoneMatch"] = "*"
        else:
            request["IfMatch"] = if_match
        call = Call(name="s3:PutObject", resource=self._url(key))
        try:
            with call.sending():
                answer = self._client.put_object(**request)
        except AwsError as error:
            if is_precondition_failed(error):
                raise ConflictError(self._url(key)) from None
            raise
        with call.reading():
            return StoredText(data=body, etag=answer["ETag"], version=answer.get("VersionId"))

    def versions(self, key: str, *, exclude_etags: Collection[str] = ()) -> Iterator[StoredText]:
        """The versions that have contents, newest first, each read when it is asked for; a bounded number.

        Those whose ETag is among ``exclude_etags`` are left out.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
        """
        call = Call(name="s3:GetObjectVersion", resource=self._url(key))
        for version in self._versions(key, exclude_etags):
            found = self._get(call, {"Bucket": self._bucket, "Key": key, "VersionId": version})
            if isinstance(found, StoredText):
                yield found

    def _get(self, call: Call, request: GetObjectRequestTypeDef) -> StoredText | NoContent:
        try:
            with call.sending():
                answer = self._client.get_object(**request)
                with closing(answer["Body"]) as stream:
                    body = _first(stream, self._most)
        except AwsError as error:
            if is_unchanged(error):
                return NoContent.NOT_MODIFIED
            if is_absent(error):
                return NoContent.MISSING
            raise
        with call.reading():
            return _stored(body, answer)

    def _versions(self, key: str, exclude_etags: Collection[str]) -> Iterator[str]:
        """Those of other keys that begin like this one come after its own, the keys being sorted."""
        call = Call(name="s3:ListBucketVersions", resource=f"s3://{self._bucket}")
        request: ListObjectVersionsRequestTypeDef = {
            "Bucket": self._bucket,
            "Prefix": key,
            "MaxKeys": VERSIONS_A_PAGE,
        }
        for _ in range(MOST_PAGES):
            with call.sending():
                answer = self._client.list_object_versions(**request)
            with call.reading():
                listed = [version for version in answer.get("Versions", []) if version["Key"] == key]
                found = [version["VersionId"] for version in listed if version["ETag"] not in exclude_etags]
                following = answer.get("NextKeyMarker") if answer.get("IsTruncated") else None
            yield from found
            if following != key:
                return
            request |= {"KeyMarker": key, "VersionIdMarker": answer.get("NextVersionIdMarker", "")}

    def _url(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def _first(stream: StreamingBody, most: int) -> bytes:
    """The length and the checksum are checked by botocore only when it is asked for more than there is."""
    read = b""
    while more := stream.read(most - len(read)):
        read += more
        if len(read) == most:
            break
    return read


def _stored(body: bytes, answer: GetObjectOutputTypeDef) -> StoredText:
    version = answer.get("VersionId")
    return StoredText(data=body, etag=answer["ETag"], version=None if version == "null" else version)


class Buckets:
    def __init__(self, client: S3Client) -> None:
        self._client = client

    def versioned(self, bucket: str) -> bool:
        """Whether a text that is written over stays there as an earlier version; not while suspended.

        Raises ``TransientError`` or ``TerminalError``.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
        """
        call = Call(name="s3:GetBucketVersioning", resource=f"arn:aws:s3:::{bucket}")
        with call.sending():
            answer = self._client.get_bucket_versioning(Bucket=bucket)
        return answer.get("Status") == "Enabled"
