# ruff: noqa: INP001 - Lambda loads this file by its name; it is no part of a package
"""Labels the images that the queue announces: message → images → Rekognition → a result object for each.

A message is done when each of its images has a result. Whatever may succeed later sends it back: SQS hands
it out again after the visibility timeout, and after ``maxReceiveCount`` receives it goes to the dead-letter
queue. Only what is certainly the image's own fault is recorded as unusable instead.

Everything is idempotent, since S3 notifies at least once and a message that comes back brings all its images.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote_plus

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef, DetectCustomLabelsRequestTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectRequestTypeDef

logger = Logger()
metrics = Metrics(namespace="RekognitionPipeline")

MODEL_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:rekognition:(?P<region>[a-z0-9-]+):[0-9]{12}"
    r":project/(?P<project>[^/]+)/version/(?P<version>[^/]+)/(?P<created>[0-9]+)"
)

UNUSABLE_CODES: Final = frozenset({"ImageTooLargeException", "InvalidImageFormatException"})
"""What Rekognition answers to an image that it will never be able to read.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectCustomLabels.html
"""

UNREACHABLE_CODE: Final = "InvalidS3ObjectException"
"""The image is gone, or permissions or the region are wrong: Rekognition does not say which, S3 does.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html
"""

LONGEST_KEY: Final = 1024
"""Bytes. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

PATIENCE: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=3, read_timeout=10
)
"""Bridges short throttling within the invocation, so that it costs the message no receive."""

LEAST_TIME_LEFT_MS: Final = 15_000
"""No image is begun with less: a timeout would send the whole batch back, finished messages too."""


class SettingsError(ValueError):
    """An environment variable is missing or wrong; the message names it."""


class NotificationError(ValueError):
    """The body is no S3 notification."""


class ComeBackError(Exception):
    """An image of the message has no result yet."""


class Outcome(StrEnum):
    LABELLED = "labelled"
    UNUSABLE = "unusable"
    IGNORED = "ignored"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``min_confidence`` in percent; ``None`` leaves it to the thresholds that the training assumed."""

    model_arn: str
    results_bucket: str
    min_confidence: float | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises ``SettingsError``."""
        return cls(
            model_arn=_model_arn(_required(environment, "MODEL_ARN"), _required(environment, "AWS_REGION")),
            results_bucket=_required(environment, "RESULTS_BUCKET"),
            min_confidence=_percent(environment.get("MIN_CONFIDENCE", "")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """``key`` as S3 knows it; ``version_id`` only in a versioned bucket."""

    bucket: str
    key: str
    etag: str
    version_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """LABELLED, possibly with no label at all, or UNUSABLE with Rekognition's ``error``."""

    outcome: Outcome
    labels: tuple[CustomLabelTypeDef, ...] = ()
    error: str | None = None


def images(body: str) -> tuple[Image, ...]:
    """The new images that a message announces: none for S3's test message, several if S3 says so.

    The message is S3's own, or the same in an SNS message, or EventBridge's event. What the console makes for
    a folder (an empty object whose key ends in a slash) is no image.

    Raises ``NotificationError``. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    try:
        return tuple(_announced(json.loads(body)))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotificationError(f"not an S3 notification: {body[:200]}") from error


def _announced(notification: dict[str, Any]) -> Iterator[Image]:
    """Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html."""
    if notification.get("Type") == "Notification":
        yield from _announced(json.loads(notification["Message"]))
    elif "detail-type" in notification:
        yield from _of_event(notification)
    elif notification.get("Event") != "s3:TestEvent":
        created = (r["s3"] for r in notification["Records"] if r["eventName"].startswith("ObjectCreated:"))
        yield from (_image(each) for each in created if not _is_folder(each["object"]))


def _of_event(event: dict[str, Any]) -> Iterator[Image]:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html.

    There a key is not URL-encoded, and the members have other names.
    """
    found, kind = event["detail"], event["detail-type"]
    if event["source"] != "aws.s3":
        raise ValueError(f"an event of {event['source']}")
    if kind == "Object Created" and not _is_folder(found["object"]):
        yield Image(
            bucket=found["bucket"]["name"],
            key=found["object"]["key"],
            etag=found["object"]["etag"],
            version_id=_version(found["object"].get("version-id")),
        )


def _is_folder(described: dict[str, Any]) -> bool:
    return bool(described["key"].endswith("/") and not described.get("size"))


def result_key(image: Image, outcome: Outcome, model_arn: str) -> str:
    """``labelled/PROJECT/VERSION/CREATED/BUCKET/KEY/IMAGE_VERSION.json``, each part percent-encoded.

    No two images share one, since no part holds a slash. A path that would be too long for S3 ends in a hash
    of KEY and IMAGE_VERSION instead, one part and not two. What is unusable stands apart: an image that was
    gone may be uploaded again, and then gets its labels.
    """
    model = MODEL_ARN.fullmatch(model_arn)
    assert model is not None, model_arn  # noqa: S101 - Settings.read has checked it
    where = [outcome.value, model["project"], model["version"], model["created"], image.bucket]
    which = [image.key, image.version_id or image.etag]
    path = _path(where + which)
    return path if len(path) <= LONGEST_KEY else _path([*where, sha256(_path(which).encode()).hexdigest()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    settings: Settings
    rekognition: RekognitionClient
    s3: S3Client

    def label(self, image: Image) -> Outcome:
        """Leaves one result object, whether it is called once or often; RETRY if it could not."""
        if image.bucket == self.settings.results_bucket:
            return _log(image, Outcome.IGNORED, "a result is no image: labelling it would never end")
        try:
            finding = self._find(image)
            self._keep(image, finding)
        except (BotoCoreError, ClientError) as error:
            return _log(image, Outcome.RETRY, str(error))
        return _log(image, finding.outcome, finding.error)

    def _find(self, image: Image) -> Finding:
        try:
            return Finding(outcome=Outcome.LABELLED, labels=self._detect(image))
        except ClientError as error:
            if self._is_hopeless(image, _code(error)):
                return Finding(outcome=Outcome.UNUSABLE, error=str(error))
            raise

    def _detect(self, image: Image) -> tuple[CustomLabelTypeDef, ...]:
        request: DetectCustomLabelsRequestTypeDef = {
            "ProjectVersionArn": self.settings.model_arn,
            "Image": {"S3Object": {"Bucket": image.bucket, "Name": image.key}},
        }
        if image.version_id is not None:
            request["Image"]["S3Object"]["Version"] = image.version_id
        if self.settings.min_confidence is not None:
            request["MinConfidence"] = self.settings.min_confidence
        return tuple(self.rekognition.detect_custom_labels(**request)["CustomLabels"])

    def _is_hopeless(self, image: Image, code: str) -> bool:
        return code in UNUSABLE_CODES or (code == UNREACHABLE_CODE and self._is_gone(image))

    def _is_gone(self, image: Image) -> bool:
        """S3 answers 404 only to who may list the bucket; to others 403, which is no proof of anything.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        request: HeadObjectRequestTypeDef = {"Bucket": image.bucket, "Key": image.key}
        if image.version_id is not None:
            request["VersionId"] = image.version_id
        try:
            self.s3.head_object(**request)
        except ClientError as error:
            if _code(error) == "404":
                return True
            raise
        return False

    def _keep(self, image: Image, finding: Finding) -> None:
        """A result that is there already stays as it is.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        try:
            self.s3.put_object(
                Bucket=self.settings.results_bucket,
                Key=result_key(image, finding.outcome, self.settings.model_arn),
                Body=json.dumps(self._document(image, finding), ensure_ascii=False).encode(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) != "PreconditionFailed":
                raise

    def _document(self, image: Image, finding: Finding) -> dict[str, object]:
        made_by = {"model_arn": self.settings.model_arn, "min_confidence": self.settings.min_confidence}
        return asdict(image) | made_by | asdict(finding)


@cache
def pipeline() -> Pipeline:
    """Made once and kept while the function stays warm. Raises ``SettingsError``."""
    return Pipeline(
        settings=Settings.read(os.environ),
        rekognition=boto3.client("rekognition", config=PATIENCE),
        s3=boto3.client("s3", config=PATIENCE),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Names in its answer the messages that must come back; one bad message never hurts another."""
    labeller, tally = pipeline(), Counter[Outcome]()

    def message(record: SQSRecord) -> None:
        outcomes = [_in_time(labeller, image, context) for image in images(record.body)]
        tally.update(outcomes)
        if Outcome.RETRY in outcomes:
            raise ComeBackError(
                f"{outcomes.count(Outcome.RETRY)} of {len(outcomes)} images have no result yet"
            )

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(records=event["Records"], handler=message):
        processor.process()
    answer = processor.response()
    for item, (_, error, _) in zip(answer["batchItemFailures"], processor.exceptions, strict=True):
        logger.warning("message comes back", message_id=item["itemIdentifier"], exc_info=error)
    _publish(tally, returned=len(answer["batchItemFailures"]))
    return answer


def _in_time(labeller: Pipeline, image: Image, context: LambdaContext) -> Outcome:
    if context.get_remaining_time_in_millis() < LEAST_TIME_LEFT_MS:
        return _log(image, Outcome.RETRY, "too little of the function's timeout is left")
    return labeller.label(image)


def _publish(tally: Counter[Outcome], *, returned: int) -> None:
    """Images with a result, and messages that come back; zeros too, so that no failure is not no data."""
    metrics.add_metric(name="Labelled", unit=MetricUnit.Count, value=tally[Outcome.LABELLED])
    metrics.add_metric(name="Unusable", unit=MetricUnit.Count, value=tally[Outcome.UNUSABLE])
    metrics.add_metric(name="Returned", unit=MetricUnit.Count, value=returned)
    metrics.flush_metrics()


def _log(image: Image, outcome: Outcome, error: str | None) -> Outcome:
    write = logger.info if outcome is Outcome.LABELLED else logger.warning
    write(
        "image", bucket=image.bucket, key=image.key, version_id=image.version_id, outcome=outcome, error=error
    )
    return outcome


def _image(s3: dict[str, Any]) -> Image:
    """Keys are URL-encoded, a space as ``+``. Where versioning is suspended, S3 calls the version null."""
    return Image(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(s3["object"]["key"], errors="strict"),
        etag=s3["object"]["eTag"],
        version_id=_version(s3["object"].get("versionId")),
    )


def _version(version_id: str | None) -> str | None:
    return None if version_id == "null" else version_id


def _path(parts: list[str]) -> str:
    return "/".join(quote(part, safe="") for part in parts) + ".json"


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _required(environment: Mapping[str, str], name: str) -> str:
    if not (value := environment.get(name, "")):
        raise SettingsError(f"{name} is not set in the function's environment")
    return value


def _model_arn(arn: str, region: str) -> str:
    model = MODEL_ARN.fullmatch(arn)
    if model is None:
        raise SettingsError(
            f"MODEL_ARN: {arn!r} is not the ARN of a model, arn:aws:rekognition:…:project/…/version/…/…"
        )
    if model["region"] != region:
        raise SettingsError(
            f"MODEL_ARN: the model is in {model['region']}, this stack in {region}: deploy it there"
        )
    return arn


def _percent(text: str) -> float | None:
    if not text:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:  # noqa: PLR2004 - a percentage
        raise SettingsError(f"MIN_CONFIDENCE: {text!r} is not a percentage (0 to 100, such as 80 or 72.5)")
    return percent
