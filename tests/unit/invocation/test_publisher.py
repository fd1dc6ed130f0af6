"""What was told is kept in S3, beside the configuration; moto's bucket behind real clients."""

from __future__ import annotations

import json

import pytest

from controller.aws.events import Bus
from controller.invocation.publisher import ANNOUNCED_FORMAT, DOCUMENT, TransitionPublisher, publisher
from controller.loop.report import Report
from controller.storage.state import JsonStore
from tests.support.embedded import MONDAY, a_pipeline
from tests.support.loop import a_config
from tests.unit.invocation.test_transitions import a_report
from tests.unit.invocation.world import EventBridge

CONFIG = a_config(a_pipeline(), specs=())
STOPPED = Report(at=MONDAY, pipelines=(a_report("STOPPED", "Disabled", "OFF"),))
STARTING = Report(at=MONDAY, pipelines=(a_report("STARTING", "Disabled"),))


@pytest.fixture
def bus():
    return EventBridge()


def a_herald(bucket, bus):
    store = JsonStore(bucket.url(DOCUMENT), ANNOUNCED_FORMAT, bucket.clients)
    return TransitionPublisher(lambda: Bus(bus), store)


def publish(publisher, report):
    return publisher.publish(CONFIG, report).complete


def test_what_stands_is_read_once_and_written_when_it_changes(bucket, bus):
    one = a_herald(bucket, bus)
    assert publish(one, STOPPED)
    assert bucket.asked() == ["GetObject", "PutObject"]
    assert publish(one, STOPPED)
    assert bucket.asked() == []
    assert publish(one, STARTING)
    assert bucket.asked() == ["GetObject", "PutObject"]
    assert json.loads(bucket.get(DOCUMENT))["pipelines"]["logos"]["phase"] == "Starting"


def test_a_new_process_reads_and_writes_nothing(bucket, bus):
    publish(a_herald(bucket, bus), STOPPED)
    bucket.asked()
    publish(a_herald(bucket, bus), STOPPED)
    assert bucket.asked() == ["GetObject"]
    assert bus.told == [("Stopped", "logos")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut off"),
        pytest.param("[1]", id="something else"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param('{"pipelines": {"logos": ' * 200, id="deep, and cut off"),
        pytest.param("\ud800".encode("utf-8", "surrogatepass"), id="no text"),
        pytest.param('{"pipelines": {"logos": {"arn": "x", "phase": 1e999}}}', id="a number without end"),
        pytest.param('{"pipelines": {"logos": {"arn": 7}}}', id="of a strange shape"),
        pytest.param('{"pipelines": {"logos": {"arn": "x", "phase": "Dancing"}}}', id="an unknown phase"),
    ],
)
def test_a_garbled_note_means_that_all_is_told_again(bucket, bus, text):
    bucket.put(DOCUMENT, text)
    assert publish(a_herald(bucket, bus), STOPPED)
    assert bus.told == [("Stopped", "logos")]
    assert json.loads(bucket.get(DOCUMENT))["pipelines"]["logos"]["phase"] == "Stopped"


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_a_bucket_that_fails_is_a_failure_to_tell_until_it_works_again(bucket, bus, operation):
    one = a_herald(bucket, bus)
    bucket.failing[operation] = (503, "SlowDown")
    assert not publish(one, STOPPED)
    bucket.failing.clear()
    assert publish(one, STOPPED)
    assert set(bus.told) == {("Stopped", "logos")}
    assert json.loads(bucket.get(DOCUMENT))["pipelines"]["logos"]["phase"] == "Stopped"


def test_of_two_that_tell_at_once_one_writes_and_the_other_reads_again(bucket, bus):
    one, other = a_herald(bucket, bus), a_herald(bucket, bus)
    publish(one, STOPPED)
    put, told = bus.put_events, []

    def meanwhile(**request):
        bus.put_events = put
        told.append(publish(other, STARTING))
        return put(**request)

    bus.put_events = meanwhile
    assert publish(one, STARTING)
    assert told == [True]
    assert publish(one, STARTING)
    assert bus.told == [("Stopped", "logos"), ("Starting", "logos"), ("Starting", "logos")]


def test_two_stacks_in_an_account_are_told_apart_by_their_name(bus, tmp_path):
    for name in ("one", "two"):
        one = publisher(str(tmp_path / "schedule.yaml"), lambda _service, _target: bus, name)
        publish(one, STOPPED)
    assert [json.loads(entry["Detail"])["service"] for entry in bus.entries] == ["one", "two"]


def test_what_nobody_foresaw_does_not_harm_the_tick(bucket, bus):
    bus.refuses = ZeroDivisionError("odd")
    assert not publish(a_herald(bucket, bus), STOPPED)


def test_beside_a_file_it_lives_in_the_process(bus, tmp_path):
    one = publisher(str(tmp_path / "schedule.yaml"), lambda _service, _target: bus)
    publish(one, STOPPED)
    publish(one, STOPPED)
    assert bus.told == [("Stopped", "logos")]
    assert list(tmp_path.iterdir()) == []
