"""The built function and the file that it reads: pushed, broken, deleted, asked for in part."""

from __future__ import annotations

import pytest

from tests.e2e.artifact.conftest import BUCKET, KEY, schedule
from tests.e2e.artifact.runtime import CREDENTIALS

CLOSURES = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nEND:VEVENT\nEND:VCALENDAR\n"
BROKEN = schedule(hours='"25:00-26:00"')


def power(answer):
    (pipeline,) = answer["pipelines"]
    return pipeline["desired"]["power"]


def figure(function, name):
    """The values that were told, one for each invocation."""
    return [line[name] for line in function.lines() if name in line]


def test_a_broken_file_is_passed_over_for_the_last_good_one_and_told_once_with_its_line(account):
    account.push(schedule(hours="open"))
    function = account.start()
    assert power(function.invoke()) == "ON"
    account.push(BROKEN)
    assert [power(function.invoke()) for _ in range(2)] == ["ON", "ON"]
    (rejected,) = [each for each in account.told if each["transition"] == "ConfigurationRejected"]
    assert "team/schedule.yaml:5:20: schedules.office.hours.daily" in rejected["message"]
    account.push(schedule())
    assert power(function.invoke()) == "OFF"
    assert figure(function, "ConfigurationValid") == [[1.0], [0.0], [0.0], [1.0]]


def test_a_process_that_begins_with_a_broken_file_finds_the_newest_good_one(account):
    account.push(schedule(hours="open"))
    account.push(BROKEN)
    assert power(account.start().invoke()) == "ON"


def test_a_file_that_is_deleted_is_still_in_use(account):
    account.push(schedule(hours="open"))
    account.s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert power(account.start().invoke()) == "ON"


def test_a_configuration_that_cannot_be_had_at_all_is_an_exception_and_a_figure(account):
    account.push(BROKEN)
    function = account.start()
    assert function.invoke()["errorType"] == "ConfigError"
    assert figure(function, "ConfigurationValid") == [[0.0]]
    assert figure(function, "Heartbeat") == []
    account.push(schedule())
    assert power(function.invoke()) == "OFF"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param({"pipelines": ["logo"]}, "no such pipeline: logo; the file has logos", id="unknown"),
        pytest.param({"pipelines": "logos"}, "not a list of names", id="no list"),
        pytest.param({"dry_run": "yes"}, "neither true nor false", id="no boolean"),
    ],
)
def test_an_event_that_asks_for_what_does_not_exist_is_refused(account, event, words):
    account.push(schedule(hours="open"))
    answer = account.start().invoke(event)
    assert answer["errorType"] == "EventError"
    assert words in answer["errorMessage"]
    assert account.states == []


def test_a_dry_run_says_what_it_would_do_and_does_nothing(account):
    account.push(schedule(hours="open"))
    answer = account.start().invoke({"pipelines": ["logos"], "dry_run": True})
    (pipeline,) = answer["pipelines"]
    assert (pipeline["actions"], pipeline["outcomes"]) == (["StartModel"], [])
    assert (account.states, account.told) == ([], [])
    paths = [each.path for each in account.server.asked if each.operation == "PUT"]
    assert [path for path in paths if "status" in path and not path.endswith("/_deployment.json")] == []


def test_the_first_line_of_a_process_names_function_and_queue(account):
    account.push(schedule())
    function = account.start()
    function.invoke()
    function.invoke()
    first, second = [line for line in function.lines() if line.get("message") == "tick"]
    assert first["function"] == "arn:aws:lambda:us-east-1:123456789012:function:logos-inference"
    assert first["queue"] == "arn:aws:sqs:us-east-1:123456789012:logos-images"
    assert "function" not in second
    assert (second["pipeline"], second["desired"]) == ("logos", {"power": "OFF", "consume": False})


def test_no_log_holds_a_credential(account):
    account.push(schedule(hours="open"))
    account.server.aws.deny("StartProjectVersion")
    function = account.start()
    function.invoke()
    logged = function.log.read_text(encoding="utf-8")
    assert "StartProjectVersion is not allowed" in logged
    assert not [secret for secret in CREDENTIALS.values() if secret in logged]


def test_a_steady_tick_reads_each_file_on_condition_and_asks_twice_for_each_pipeline(account):
    extra = "calendars: {company: {ics: closures.ics}}\n"
    account.s3.put_object(Bucket=BUCKET, Key="team/closures.ics", Body=CLOSURES)
    account.push(extra + schedule())
    function = account.start()
    for _ in range(3):
        function.invoke()
    account.server.asked.clear()
    function.invoke()
    assert sorted(each.name for each in account.server.asked) == [
        "lambda:get_event_source_mapping",
        "rekognition:describe_project_versions",
        "s3:GET",
        "s3:GET",
    ]
    reads = [each for each in account.server.asked if each.service == "s3"]
    assert {each.path for each in reads} == {f"/{BUCKET}/{KEY}", f"/{BUCKET}/team/closures.ics"}
    assert all("If-None-Match" in each.headers for each in reads)
