from __future__ import annotations

import io
import json

import botocore.session
import pytest
from cfnlint.decode import decode
from moto import mock_aws

from tests.unit.inference.world import MODEL_ARN, PIPELINE, Rekognition, World, load, message, plumbing


@pytest.fixture(scope="session")
def function():
    return load(PIPELINE / "inference" / "handler.py")


@pytest.fixture(scope="session")
def template():
    read, matches = decode(str(PIPELINE / "template.yaml"))
    assert not matches
    return read


@pytest.fixture(scope="session")
def model_arn():
    return MODEL_ARN


@pytest.fixture(scope="session")
def modelled_codes():
    """Every error that botocore's service model knows of DetectCustomLabels."""
    service = botocore.session.get_session().get_service_model("rekognition")
    return {shape.name for shape in service.operation_model("DetectCustomLabels").error_shapes}


@pytest.fixture
def notice():
    """Builds S3's announcement of several images: each its key as S3 encodes it, or more of the object."""

    def record(encoded, bucket="logos-images", event="ObjectCreated:Put", **more):
        described = {
            "key": encoded,
            "size": 8,
            "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "sequencer": "0A",
            **more,
        }
        return {"eventName": event, "s3": {"bucket": {"name": bucket}, "object": described}}

    def build(*objects, message_id="m-1"):
        records = [record(o) if isinstance(o, str) else record(**o) for o in objects]
        return message(json.dumps({"Records": records}), message_id)

    return build


@pytest.fixture
def world(function, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("MODEL_ARN", MODEL_ARN)
    monkeypatch.setenv("RESULTS_BUCKET", "logos-results")
    monkeypatch.setenv("MIN_CONFIDENCE", "72.5")
    log = io.StringIO()
    monkeypatch.setattr(function.logger.handlers[0], "stream", log)
    with mock_aws():
        world = World(function, Rekognition(), *plumbing(), log)
        world.rewire()
        yield world
    function.pipeline.cache_clear()
