"""The S3 bucket of a configuration; read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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
