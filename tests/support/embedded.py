"""Pipelines and embedded accounts to test with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from controller.config.model import Consumer, Model, Pipeline, Target
from controller.core.settings import Settings
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HERE = Target(region="us-east-1")
ACCOUNT = "123456789012"
QUIET = Traffic(per_day=0)


def model_arn(project: str, *, created_ms: int = 1768468215000) -> str:
    version = f"{project}.2026-01-15T09.10.15"
    return f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/{project}/version/{version}/{created_ms}"


def a_pipeline(name: str = "logos", number: int = 1, **model: object) -> Pipeline:
    """``number`` makes the mapping's UUID; ``model`` changes fields of the model."""
    arn = model_arn(name)
    usual = Model(
        arn=arn,
        project=name,
        version=arn.split("/")[3],
        account=ACCOUNT,
        target=HERE,
        project_arn=None,
        inference_units=1,
        max_inference_units=None,
        retired=(),
    )
    return Pipeline(
        name=name,
        line=1,
        schedule="office",
        model=replace(usual, **model),
        consumer=Consumer(
            event_source_mapping=f"8921ca0f-beb3-40d0-ad20-{number:012}",
            retention=timedelta(days=4),
            target=HERE,
        ),
        settings=Settings(),
        unit_hour_usd=4.0,
    )


def an_aws(*pipelines: Pipeline, **scenario: object) -> EmbeddedAws:
    """Quiet, starting on a Monday at 08:00 UTC, with starts of ten minutes; ``scenario`` changes that."""
    usual = Scenario(start=MONDAY, seed=1, traffic=QUIET, start_minutes=(10, 10))
    return EmbeddedAws.for_pipelines(pipelines or (a_pipeline(),), replace(usual, **scenario))


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Operation and error code with which AWS refuses ``call``."""
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.operation_name, caught.value.response["Error"]["Code"]
