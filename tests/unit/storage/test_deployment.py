"""What the function writes of itself beside the configuration, and who reads it."""

from __future__ import annotations

import json
import logging

import pytest

from controller.storage.deployment import DOCUMENT, Deployment, deployment_at, record
from controller.storage.versions import versions
from tests.support.loop import utc
from tests.unit.invocation.world import Scene

FIRST, LATER = utc("2026-11-23T07:00"), utc("2026-11-24T07:00")


@pytest.fixture
def function(bucket):
    """``function(now, dry_run)``: the first invocation of a process."""
    where = bucket.url("schedule.yaml")
    return lambda now, dry_run: record(where, bucket.clients, dry_run=dry_run, now=now)


def read(bucket):
    return deployment_at(bucket.url("schedule.yaml"), bucket.clients)


def test_a_dry_run_is_known_since_it_was_first_seen(function, bucket):
    assert function(FIRST, True) == function(LATER, True)
    assert read(bucket) == Deployment(dry_run_since=FIRST, versions=versions())


def test_the_end_of_a_dry_run_is_known_and_another_begins_anew(function, bucket):
    function(FIRST, True)
    function(FIRST, False)
    assert read(bucket).dry_run_since is None
    function(LATER, True)
    assert read(bucket).dry_run_since == LATER


def test_a_process_that_is_like_the_one_before_reads_once_and_writes_nothing(function, bucket):
    function(FIRST, True)
    bucket.asked()
    function(LATER, True)
    assert bucket.asked() == ["GetObject"]


def test_the_versions_that_decide_when_something_is_open_are_in_it(function, bucket):
    function(FIRST, False)
    found = read(bucket).versions
    assert found == versions()
    assert {"tzdata", "holidays"} <= found.keys()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"dry_run_since": "2026-11-23T07:00:00"}', '{"versions": 7}']
)
def test_a_document_that_no_function_can_have_written_is_written_anew(function, bucket, text):
    bucket.put(DOCUMENT, text)
    assert read(bucket) is None
    function(LATER, True)
    assert read(bucket).dry_run_since == LATER


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_a_bucket_that_fails_does_not_harm_the_tick(function, bucket, operation):
    bucket.failing[operation] = (403, "AccessDenied")
    assert function(FIRST, True).dry_run_since == FIRST


def test_nothing_that_nobody_foresaw_harms_the_tick():
    def broken(_service, _target):
        raise RuntimeError("odd")

    assert record("s3://bucket/schedule.yaml", broken, dry_run=True, now=FIRST).dry_run_since == FIRST


@pytest.mark.parametrize("text", ["[" * 100_000, "\ud800".encode("utf-8", "surrogatepass"), b"x" * 6_000_000])
def test_a_document_that_breaks_its_reader_counts_as_none_or_is_left_alone(function, bucket, text):
    bucket.put(DOCUMENT, text)
    assert function(FIRST, True).dry_run_since == FIRST


def test_beside_a_file_nothing_is_read_and_nothing_written(tmp_path):
    where = str(tmp_path / "schedule.yaml")
    assert record(where, None, dry_run=True, now=FIRST).dry_run_since == FIRST
    assert deployment_at(where, None) is None
    assert list(tmp_path.iterdir()) == []


def test_the_first_line_of_a_process_tells_its_versions_and_every_line_since_when_it_is_in_dry_run(caplog):
    scene = Scene(dry_run=True)
    scene.runtime.deployed = lambda now: Deployment(dry_run_since=now, versions={"tzdata": "2026.2"})
    with caplog.at_level(logging.INFO, logger="controller"):
        scene.invoke()
        scene.aws.sleep(300)
        scene.invoke()
    started, *ticks = caplog.records
    assert (started.message, started.dry_run, started.versions) == ("started", True, {"tzdata": "2026.2"})
    assert [line.dry_run_since for line in ticks] == ["2026-11-23T07:00:00Z"] * 2
    assert json.dumps(started.versions)
