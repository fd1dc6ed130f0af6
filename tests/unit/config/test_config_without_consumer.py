"""A pipeline without ``consumer`` in the file, and ``start: manual``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.account.iam import needed
from controller.config.warnings import warnings
from tests.support.config_file import MINIMAL, UUID, diagnostics, understood

CONSUMER = f"    consumer:\n      event_source_mapping: {UUID}\n"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def without(keys: str = "") -> str:
    assert "consumer:" in MINIMAL
    kept = [line for line in MINIMAL.splitlines(keepends=True) if "consumer" not in line and UUID not in line]
    return "".join(kept) + keys


def test_it_is_valid_and_means_a_model_that_runs_by_the_hours():
    config = understood(without("    drain: 0m\n"))
    (pipeline,) = config.pipelines
    assert (pipeline.consumer, pipeline.mapping_uuid, pipeline.targets) == (
        None,
        None,
        (pipeline.model.target,),
    )
    settings = pipeline.settings
    assert (settings.consumer, settings.rescue, settings.drain) == (False, None, timedelta(0))
    assert [each for each in warnings(config, NOW) if "lost" in each.message] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("on_demand", "{idle: 20m}"), ("overtime", "10m"), ("rescue", "12h"), ("region", "us-east-1")],
)
def test_what_needs_a_queue_is_an_error_with_the_reason(key, value):
    (found,) = diagnostics(without(f"    {key}: {value}\n"))
    assert f"pipelines.logos.{key}: {key} needs a consumer" in found


def test_a_drain_of_nothing_goes_only_without_a_consumer():
    (found,) = diagnostics(f"{MINIMAL}    drain: 30s\n")
    assert "pipelines.logos.drain" in found
    assert diagnostics(f"{MINIMAL}    drain: 1m\n") == diagnostics(without("    drain: 30s\n")) == []


def test_its_policy_allows_nothing_of_lambda_or_sqs():
    actions = {action.split(":")[0] for each in needed(understood(without())) for action in each.actions}
    assert actions == {"rekognition", "cloudwatch"}


def test_a_manual_start_is_a_setting_and_a_rescue_beside_it_is_doubtful():
    config = understood(f"{MINIMAL}    start: manual\n")
    assert config.pipelines[0].settings.manual_start
    assert [each.path for each in warnings(config, NOW) if "a person starts" in each.message] == [
        "pipelines.logos.start"
    ]
    assert not understood(f"{MINIMAL}    start: auto\n").pipelines[0].settings.manual_start
