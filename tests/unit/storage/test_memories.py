"""The memory of a pipeline in a bucket: lost, garbled, written by others; the tick goes on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from controller.core.memory import Memory
from controller.storage.memories import (
    ProcessMemories,
    S3Memories,
    decode_memory,
    encode_memory,
    memories_beside,
)
from tests.support.loop import utc

KEY = "prod/status/logos.json"
SOME = Memory(project_arn="arn:p", failed_starts=2, next_start_at=utc("2026-11-23T08:00"))
MORE = replace(SOME, failed_starts=3)


@pytest.fixture
def process(bucket):
    """Makes memories as a process would that has just begun."""
    return lambda: S3Memories(bucket.url("prod/schedule.yaml"), bucket.clients)


def test_what_is_saved_is_there_for_another_process(bucket, process):
    process().save("logos", SOME)
    assert process().load("logos") == SOME
    assert json.loads(bucket.get(KEY))["version"] == 1


def test_a_pipeline_that_was_never_seen_has_an_empty_memory(process):
    assert process().load("logos") == Memory()


def test_it_is_read_on_a_cold_start_only(bucket, process):
    memories = process()
    for _ in range(3):
        memories.load("logos")
    assert bucket.asked() == ["GetObject"]
    memories.save("logos", SOME)
    memories.save("logos", MORE)
    assert memories.load("logos") == MORE
    assert bucket.asked() == ["PutObject", "PutObject"]


def test_pipelines_do_not_share_a_memory(process):
    memories = process()
    memories.save("logos", SOME)
    assert memories.load("parts") == Memory()


def test_of_two_processes_the_later_one_is_refused_and_reads_again(process, caplog):
    one, other = process(), process()
    assert one.load("logos") == other.load("logos") == Memory()
    one.save("logos", SOME)
    other.save("logos", MORE)
    assert "written by somebody else" in caplog.text
    assert other.load("logos") == SOME
    other.save("logos", MORE)
    assert process().load("logos") == MORE


GARBLED = {
    "empty": b"",
    "no json": b"{",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "a list": b"[]",
    "another format": b'{"version": 2}',
    "no format": b'{"failed_starts": 2}',
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in GARBLED.items()])
def test_a_garbled_memory_is_an_empty_one_and_is_written_over(bucket, process, caplog, data):
    bucket.put(KEY, data)
    memories = process()
    assert memories.load("logos") == Memory()
    assert "is garbled" in caplog.text
    memories.save("logos", SOME)
    assert process().load("logos") == SOME


LOST = {
    "another type": '"failed_starts": "often"',
    "an instant without a zone": '"next_start_at": "2026-11-23T08:00:00"',
    "an instant out of reach": '"next_start_at": "9999-12-31T23:59:59Z"',
    "an instant that no calendar has": '"next_start_at": 9e15',
    "less than nothing": '"failed_starts": -5',
    "more than can be counted": f'"failed_starts": {"9" * 400}',
    "not a number": '"start_durations_s": [NaN]',
    "without end": '"start_durations_s": [1e999]',
    "a start of years": '"start_durations_s": [600.0, 9e11]',
    "starts without number": f'"start_durations_s": {[600.0] * 1000}',
    "a timeout of millennia": '"function_timeout_s": 9e11',
    "a retention of millennia": '"retention_s": 999999999999',
    "nested": f'"start_durations_s": {"[" * 90}{"]" * 90}',
    "an instant without a zone, deep inside": (
        '"conditions": [{"type": "Ready", "status": "True", "reason": "R", "message": "m",'
        ' "since": "2026-11-23T08:00:00"}]'
    ),
    "attempts without number": (
        '"attempts": [{"action": "StartModel", "since": "2026-11-23T08:00:00Z", "count": 1e15}]'
    ),
}


@pytest.mark.parametrize("field", [pytest.param(field, id=name) for name, field in LOST.items()])
def test_a_field_that_cannot_be_true_is_lost_alone(bucket, process, caplog, field):
    bucket.put(KEY, f'{{"version": 1, "project_arn": "arn:p", {field}}}')
    assert process().load("logos") == Memory(project_arn="arn:p")
    name = field.split('"')[1]
    assert f"{name} counts as lost" in caplog.text


def test_a_memory_of_another_version_keeps_what_is_known_here():
    written = {"version": 1, "failed_starts": 2, "mood": "sunny"}
    assert decode_memory(json.dumps(written).encode()) == (Memory(failed_starts=2), ())


def test_a_memory_that_was_lost_is_written_anew_after_one_refusal(bucket, process):
    memories = process()
    memories.save("logos", SOME)
    bucket.delete(KEY)
    memories.save("logos", MORE)
    assert memories.load("logos") == Memory()
    memories.save("logos", MORE)
    assert process().load("logos") == MORE


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (503, "SlowDown")], ids=str)
def test_trouble_with_s3_is_logged_and_the_process_remembers(bucket, process, caplog, status, code):
    memories = process()
    memories.load("logos")
    bucket.failing["PutObject"] = (status, code)
    memories.save("logos", SOME)
    assert code in caplog.text
    assert memories.load("logos") == SOME
    bucket.failing.clear()
    memories.save("logos", MORE)
    assert process().load("logos") == MORE


def test_a_memory_that_cannot_be_read_is_not_written_over(bucket, process, caplog):
    process().save("logos", SOME)
    bucket.failing["GetObject"] = (503, "SlowDown")
    memories = process()
    assert memories.load("logos") == Memory()
    assert "SlowDown" in caplog.text
    memories.save("logos", Memory(failed_starts=1))
    bucket.failing.clear()
    assert process().load("logos") == SOME
    assert memories.load("logos") == SOME


def test_a_memory_that_could_not_be_read_is_read_at_the_next_look(bucket, process):
    process().save("logos", SOME)
    memories = process()
    bucket.failing["GetObject"] = (503, "SlowDown")
    assert memories.load("logos") == Memory()
    bucket.failing.clear()
    assert memories.load("logos") == SOME


def test_a_write_whose_answer_was_lost_is_found_again(bucket, process):
    memories = process()
    memories.save("logos", SOME)
    bucket.put(KEY, encode_memory(MORE))  # our own write, as far as S3 knows
    memories.save("logos", MORE)
    assert memories.load("logos") == MORE


def test_memories_of_a_file_live_in_the_process(bucket):
    assert isinstance(memories_beside("config/schedule.yaml", bucket.clients), ProcessMemories)
    assert isinstance(memories_beside(bucket.url("schedule.yaml"), bucket.clients), S3Memories)
