"""A small JSON document beside the configuration: read, replaced, written by another process, garbled."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from controller.core.memory import Memory
from controller.errors import ConflictError, TransientError
from controller.invocation.publisher import ANNOUNCED_FORMAT
from controller.invocation.transitions import AnnouncedState, PipelineState, Transition
from controller.storage.deployment import Deployment, deployment_at, record
from controller.storage.memories import S3Memories
from controller.storage.state import JsonStore, ProcessStore, state_store
from tests.support.loop import utc

KEY = "prod/status/_x.json"
ONE = AnnouncedState(rejected="one")
TWO = AnnouncedState(rejected="two")


@pytest.fixture
def store(bucket):
    """A store as a process has it that has just begun."""
    return lambda: state_store(
        bucket.url("prod/schedule.yaml"), "status/_x.json", ANNOUNCED_FORMAT, bucket.clients
    )


def test_what_is_written_is_read_by_another_process(store):
    assert store().read() is None
    store().write(ONE)
    assert store().read() == ONE


def test_what_was_read_or_written_last_is_replaced(store):
    one = store()
    one.write(ONE)
    one.write(TWO)
    other = store()
    assert other.read() == TWO
    other.write(ONE)
    assert store().read() == ONE


@pytest.mark.parametrize("is_read", [False, True])
def test_what_another_process_has_written_meanwhile_stays_until_it_is_read(store, is_read):
    one = store()
    if is_read:
        one.read()
    store().write(ONE)
    for _ in range(2):
        with pytest.raises(ConflictError):
            one.write(TWO)
    assert one.read() == ONE
    one.write(TWO)
    assert store().read() == TWO


def test_what_was_deleted_meanwhile_is_a_conflict_once_and_then_created(store, bucket):
    one = store()
    one.write(ONE)
    bucket.delete(KEY)
    with pytest.raises(ConflictError):
        one.write(TWO)
    one.write(TWO)
    assert store().read() == TWO


@pytest.mark.parametrize(
    "data", ["", "{", "[" * 100_000, "x" * 6_000_000], ids=["empty", "cut", "deep", "long"]
)
def test_what_cannot_be_decoded_counts_as_none_and_is_replaced(store, bucket, caplog, data):
    bucket.put(KEY, data)
    one = store()
    with caplog.at_level(logging.WARNING):
        assert one.read() is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("the announced state is ")
    one.write(ONE)
    assert store().read() == ONE


def test_a_bucket_that_fails_is_an_error_and_what_was_known_is_still_replaced(store, bucket):
    one = store()
    one.write(ONE)
    bucket.failing["PutObject"] = (503, "SlowDown")
    with pytest.raises(TransientError):
        one.write(TWO)
    bucket.failing.clear()
    one.write(TWO)
    assert store().read() == TWO


def test_beside_a_file_a_value_lives_as_long_as_the_process(tmp_path):
    one = state_store(str(tmp_path / "schedule.yaml"), "status/_x.json", ANNOUNCED_FORMAT, None)
    assert isinstance(one, ProcessStore)
    assert one.read() is None
    one.write(ONE)
    assert one.read() == ONE
    assert list(tmp_path.iterdir()) == []


# As releases before this one have written them: what lies in buckets is read and written to the byte.
MEMORY = {
    "version": 1,
    "project_arn": "arn:p",
    "failed_starts": 2,
    "next_start_at": "2026-11-23T08:00:00Z",
    "start_durations_s": [],
}
ANNOUNCED = (
    b'{"pipelines":{"logos":{"arn":"arn:p","phase":"Running","stalled":true,"drifted":false,"others":["v2"]}},'
    b'"rejected":"no"}'
)
DEPLOYMENT = b'{"dry_run_since":"2026-11-23T07:00:00Z","versions":{'


def test_the_documents_that_live_in_buckets_are_the_same_to_the_byte(bucket):
    where = bucket.url("prod/schedule.yaml")
    memory = Memory(project_arn="arn:p", failed_starts=2, next_start_at=utc("2026-11-23T08:00"))
    S3Memories(where, bucket.clients).save("logos", memory)
    document = bucket.get("prod/status/logos.json")
    fields = json.loads(document)
    assert document == json.dumps(fields, indent=2)
    assert (next(iter(fields)), fields | MEMORY) == ("version", fields)
    state = PipelineState(arn="arn:p", phase=Transition.RUNNING, stalled=True, others=("v2",))
    announced = JsonStore(bucket.url(KEY), ANNOUNCED_FORMAT, bucket.clients)
    announced.write(AnnouncedState(pipelines={"logos": state}, rejected="no"))
    assert bucket.get(KEY).encode() == ANNOUNCED
    made = record(where, bucket.clients, dry_run=True, now=utc("2026-11-23T07:00"))
    assert bucket.get("prod/status/_deployment.json").encode().startswith(DEPLOYMENT)
    assert deployment_at(where, bucket.clients) == made
    assert replace(made, versions={}) == Deployment(dry_run_since=utc("2026-11-23T07:00"))
