"""What an event and the environment may say."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from controller.config.shard import Shard
from controller.invocation.metrics import PipelineMetrics
from controller.invocation.runtime import Environment, EventError, InvocationRequest
from controller.lambda_handler import environment, understood

ROOT = Path(__file__).parents[3]
HERE = {"SCHEDULER_CONFIG": "s3://bucket/schedule.yaml"}


@pytest.mark.parametrize(
    ("event", "order"),
    [
        pytest.param(None, InvocationRequest(), id="nothing"),
        pytest.param({}, InvocationRequest(), id="an empty object"),
        pytest.param(
            {"source": "aws.scheduler", "detail": {}}, InvocationRequest(), id="the Scheduler's own"
        ),
        pytest.param({"dry_run": True}, InvocationRequest(dry_run=True), id="a dry run"),
        pytest.param(
            {"pipelines": ["b", "a"]}, InvocationRequest(pipelines=frozenset({"a", "b"})), id="some pipelines"
        ),
        pytest.param({"pipelines": []}, InvocationRequest(pipelines=frozenset()), id="no pipeline"),
        pytest.param({"pipelines": None}, InvocationRequest(), id="all pipelines"),
    ],
)
def test_an_event_asks_for(event, order):
    assert understood(event) == order


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param(["logos"], r"\['logos'\], and not an object", id="a list"),
        pytest.param("logos", "and not an object", id="a text"),
        pytest.param({"pipelines": "logos"}, 'not a list of names such as ."logos"', id="one name"),
        pytest.param({"pipelines": [1]}, r'"pipelines" is \[1\]', id="a number"),
        pytest.param({"dry_run": "true"}, "\"dry_run\" is 'true', and neither true nor false", id="a word"),
        pytest.param({"dry_run": None}, '"dry_run" is None', id="null"),
    ],
)
def test_an_event_is_refused_with_what_is_wrong(event, words):
    with pytest.raises(EventError, match=words):
        understood(event)


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        pytest.param(HERE, Environment(location="s3://bucket/schedule.yaml"), id="the defaults"),
        pytest.param(
            HERE
            | {
                "SCHEDULER_TICK": "1m",
                "SCHEDULER_SETTLE": "1m30s",
                "SCHEDULER_DRY_RUN": "true",
                "SCHEDULER_MAX_UNITS": "3",
                "SCHEDULER_SHARD": "2/3",
                "SCHEDULER_PIPELINE_METRICS": "few",
                "POWERTOOLS_SERVICE_NAME": "stack",
            },
            Environment(
                location="s3://bucket/schedule.yaml",
                tick=timedelta(minutes=1),
                settle=timedelta(seconds=90),
                dry_run=True,
                max_units=3,
                service="stack",
                shard=Shard(number=2, count=3),
                pipeline_metrics=PipelineMetrics.FEW,
            ),
            id="everything",
        ),
        pytest.param(
            HERE
            | {"SCHEDULER_SETTLE": "", "SCHEDULER_DRY_RUN": "false", "SCHEDULER_MAX_UNITS": "0"}
            | {"SCHEDULER_SHARD": "", "SCHEDULER_PIPELINE_METRICS": ""},
            Environment(location="s3://bucket/schedule.yaml"),
            id="empty is the default",
        ),
    ],
)
def test_the_environment_says(environ, found):
    assert environment(environ) == found


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        pytest.param({}, "SCHEDULER_CONFIG is not set: s3://bucket/schedule.yaml", id="no configuration"),
        pytest.param(HERE | {"SCHEDULER_TICK": "0m"}, 'SCHEDULER_TICK: "0m" is no time', id="no time at all"),
        pytest.param(HERE | {"SCHEDULER_TICK": "5"}, 'SCHEDULER_TICK: "5" is not a duration', id="no unit"),
        pytest.param(
            HERE | {"SCHEDULER_MAX_UNITS": "-1"}, '"-1" is no number of inference units', id="less than none"
        ),
        pytest.param(HERE | {"SCHEDULER_SHARD": "4/3"}, 'SCHEDULER_SHARD: "4/3" is not a shard', id="4/3"),
        pytest.param(
            HERE | {"SCHEDULER_PIPELINE_METRICS": "most"}, '"most" is none of all, few, none', id="most"
        ),
        pytest.param(HERE | {"SCHEDULER_DRY_RUN": "yes"}, 'SCHEDULER_DRY_RUN: "yes" is neither', id="yes"),
    ],
)
def test_the_environment_is_refused_with_what_is_wrong(environ, words):
    with pytest.raises(EventError, match=words):
        environment(environ)


def test_importing_the_door_loads_nothing_heavy():
    code = "import sys, controller.lambda_handler; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    heavy = {"boto3", "botocore", "pydantic", "ruamel.yaml", "holidays", "icalendar", "aws_lambda_powertools"}
    assert not heavy & set(loaded.stdout.split())
