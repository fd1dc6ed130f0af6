"""Functions that share the pipelines of a file, and what each emits: logos is in 2/2, stamps in 1/2."""

from __future__ import annotations

import json

import pytest

from controller.config.shard import Shard
from controller.invocation.metrics import FEW, Metric, PipelineMetrics
from controller.invocation.runtime import EventError
from controller.storage.deployment import deployment_at, missing_shards, record
from tests.support.embedded import MONDAY
from tests.unit.invocation.world import LOGOS, STAMPS, Scene

FIRST, SECOND = Shard(number=1, count=2), Shard(number=2, count=2)
OPEN = "2026-11-23T09:00"


def scene(shard: Shard, **more) -> Scene:
    return Scene(pipelines=(LOGOS, STAMPS), start=OPEN, shard=shard, **more)


@pytest.mark.parametrize(("shard", "name"), [(FIRST, "stamps"), (SECOND, "logos")])
def test_a_function_acts_on_the_pipelines_of_its_shard_alone(shard, name):
    made = scene(shard)
    report = made.invoke()
    assert [each.name for each in report.pipelines] == [name]
    assert {each: made.aws.pipelines[each].model.status for each in ("logos", "stamps")} == {
        each: "STARTING" if each == name else "TRAINING_COMPLETED" for each in ("logos", "stamps")
    }
    assert {pipeline for _, pipeline in made.bus.told} == {name}


def test_the_shards_together_are_the_whole_file():
    names = [each.name for shard in (FIRST, SECOND) for each in scene(shard).invoke().pipelines]
    assert sorted(names) == ["logos", "stamps"]


def test_an_event_for_a_pipeline_of_another_shard_is_refused_with_its_shard():
    with pytest.raises(EventError, match=r"shard 1/2: logos is in 2/2"):
        scene(FIRST).invoke("logos")


def test_a_pipeline_that_another_shard_runs_is_not_dropped():
    made = scene(FIRST)
    made.invoke()
    made.aws.sleep(1200)
    made.invoke()
    assert not [told for told in made.bus.told if told[0] == "PipelineDropped"]


def metrics(capsys) -> dict[str | None, set[str]]:
    """The names of the metrics that were printed, by pipeline; ``None``: of the whole."""
    found: dict[str | None, set[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        data = json.loads(line)
        if "_aws" in data:
            names = {each["Name"] for each in data["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
            found.setdefault(data.get("pipeline"), set()).update(names)
    return found


@pytest.mark.parametrize("wanted", PipelineMetrics)
def test_a_pipeline_has_the_metrics_that_are_wanted_and_the_whole_has_all(wanted, capsys):
    Scene(start=OPEN, pipeline_metrics=wanted).invoke()
    found = metrics(capsys)
    whole = found.pop(None)
    assert {Metric.CONVERGED, Metric.RECONCILE_ERRORS, Metric.HEARTBEAT} <= whole
    if wanted is PipelineMetrics.NONE:
        assert found == {}
    elif wanted is PipelineMetrics.FEW:
        assert found == {"logos": set(FEW)}
    else:
        assert found["logos"] > FEW


def test_each_shard_stores_its_own_state_and_one_that_never_ran_is_missing(bucket):
    where = bucket.url("prod/schedule.yaml")
    assert missing_shards(where, bucket.clients) == ()
    first, third = Shard(number=1, count=3), Shard(number=3, count=3)
    for shard in (first, third):
        record(where, bucket.clients, dry_run=False, now=MONDAY, shard=shard)
    assert deployment_at(where, bucket.clients).shards == 3
    assert missing_shards(where, bucket.clients) == (Shard(number=2, count=3),)
    record(where, bucket.clients, dry_run=False, now=MONDAY)
    assert missing_shards(where, bucket.clients) == ()
