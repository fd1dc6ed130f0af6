"""The inference function in a small world: moto's S3 announces to moto's SQS, and Rekognition is a fake."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import boto3

PIPELINE = Path(__file__).parents[3] / "deploy" / "pipeline"
MODEL_ARN = (
    "arn:aws:rekognition:eu-west-1:123456789012:project/logos/version/logos.2026-01-15T09.10.15/1768468215000"
)


@dataclass
class Context:
    """What Lambda hands to a function; ``left_ms`` is what remains of its timeout, reading by reading."""

    left_ms: list[int] = field(default_factory=list)
    function_name: str = "inference"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:inference"
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self):
        return self.left_ms.pop(0) if self.left_ms else 60_000


class Rekognition:
    """Stands behind a real client, whose model checks each request; ``answers`` by key, else no labels.

    An answer is a list of labels, the code of an error, or an exception.
    """

    def __init__(self):
        self.answers = {}
        self.asked = []

    def __call__(self, *, model, params, **_):
        request = json.loads(params["body"])
        self.asked.append(request)
        answer = self.answers.get(request["Image"]["S3Object"]["Name"], [])
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return Answer(400), {"Error": {"Code": answer, "Message": "no"}, "ResponseMetadata": {}}
        assert set(model.output_shape.members) == {"CustomLabels"}
        return Answer(200), {"CustomLabels": answer}


@dataclass
class Answer:
    status_code: int


@dataclass
class World:
    function: ModuleType
    rekognition: Rekognition
    s3: object
    sqs: object
    queue: str
    log: io.StringIO

    def rewire(self):
        """The function starts anew, as after a deployment."""
        self.function.pipeline.cache_clear()
        events = self.function.pipeline().rekognition.meta.events
        events.register("before-call.rekognition.DetectCustomLabels", self.rekognition)

    def refuse(self, call, code):
        """From now on the function's S3 client gets this answer to ``call``, such as ``s3.PutObject``."""
        refusal = Answer(400), {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {}}
        self.function.pipeline().s3.meta.events.register(f"before-call.{call}", lambda **_: refusal)

    def upload(self, key):
        self.s3.put_object(Bucket="logos-images", Key=key, Body=b"an image")

    def announced(self):
        """Every message in the queue, as Lambda hands them over."""
        messages = []
        while batch := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            messages += batch
        return [message(m["Body"], m["MessageId"]) for m in messages]

    def invoke(self, *records, context=None):
        """The ids of the messages that come back."""
        answer = self.function.handler({"Records": list(records)}, context or Context())
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def results(self):
        listed = self.s3.list_objects_v2(Bucket="logos-results").get("Contents", [])
        return {entry["Key"]: self.result(entry["Key"]) for entry in listed}

    def result(self, key):
        return json.load(self.s3.get_object(Bucket="logos-results", Key=key)["Body"])

    def outcomes(self):
        """Key of the image → outcome, of all that has a result."""
        return {result["key"]: result["outcome"] for result in self.results().values()}

    def logged(self):
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def message(body, message_id="m-1"):
    return {"messageId": message_id, "body": body, "eventSource": "aws:sqs", "attributes": {}}


def load(path):
    """Lambda finds the function by its file, so do we."""
    spec = importlib.util.spec_from_file_location("inference_function", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


def plumbing():
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    for bucket in ("logos-images", "logos-results"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    queue = sqs.create_queue(QueueName="logos")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    images = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "images/"}]}}
    announce = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": images}
    s3.put_bucket_notification_configuration(
        Bucket="logos-images", NotificationConfiguration={"QueueConfigurations": [announce]}
    )
    return s3, sqs, queue
