"""``plan``, ``status`` and ``reconcile`` on the embedded AWS: what is said, and what the world is then."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.desk import FILE, TWO_SCHEDULES
from tests.support.screens import MONDAY
from tests.unit.cli.cases.files import MAPPING


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def calls_of(aws) -> list[str]:
    heard: list[str] = []
    aws.listen(lambda call: heard.append(call.request.operation))
    return heard


def test_a_plan_says_what_would_change_and_why(desk):
    desk.embed(TWO_SCHEDULES, MONDAY)
    said, data = desk("plan"), desk("plan", "--json").data
    assert (said.code, said.err) == (3, "")
    stamps, logos = data["pipelines"]
    assert (stamps["actions"], logos["actions"]) == (["StartModel"], ["StartModel"])
    assert stamps["reason"].startswith("open: mon-fri 09:00-17:00")
    assert logos["reason"].startswith("warm-up: lead 30 min ")
    assert "2 inference units, 8.00 USD " in said.out
    assert "1 inference unit, 4.00 USD " in said.out
    assert said.out.splitlines()[-1].startswith("Plan: 2 pipelines change, 0 ")


def test_a_plan_with_nothing_to_do_is_fine(desk):
    desk.embed(FILE, "2026-11-22T12:00:00")
    said = desk("plan")
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("Plan: 0 pipelines change, 1 ")


def test_a_plan_can_be_made_for_another_time(desk):
    desk.embed(FILE, "2026-11-22T12:00:00")
    said = desk("plan", "--at", "2026-11-23T09:00")
    assert said.code == 3
    (logos,) = desk("plan", "--at", "2026-11-23T09:00", "--json").data["pipelines"]
    assert (logos["desired"]["power"], logos["actions"]) == ("ON", ["StartModel"])
    assert logos["reason"].startswith("open: mon-thu 08:30-17:00")


def test_a_time_without_an_offset_is_utc_where_several_zones_are_in_play(desk):
    desk.embed(TWO_SCHEDULES, MONDAY)
    assert desk("plan", "--at", "2026-11-23T09:00", "--json").data["at"] == "2026-11-23T09:00:00Z"
    shown = desk("plan", "--at", "2026-11-23T09:00").out.splitlines()[-1]
    assert shown.startswith("Plan for Mon 2026-11-23 09:00 UTC: ")


def test_a_plan_for_another_time_shows_it_with_its_zone(desk):
    desk.embed(FILE, MONDAY)
    shown = desk("plan", "--at", "2026-11-23T15:00Z").out.splitlines()[-1]
    assert shown.startswith("Plan for Mon 2026-11-23 10:00 EST: ")


@pytest.mark.parametrize("command", [("plan",), ("status",), ("reconcile", "--dry-run")])
def test_nothing_is_written_by(desk, command):
    aws = desk.embed(FILE, MONDAY)
    heard = calls_of(aws)
    desk(*command)
    assert heard
    assert not [name for name in heard if name.startswith(("Start", "Stop", "Update"))]


def test_status_shows_everything_about_a_pipeline(desk):
    aws = desk.embed(FILE, MONDAY)
    desk("reconcile", "--settle", "15m")
    aws.advance_to(utc(15))
    said = desk("status")
    assert (said.code, said.err) == (0, "")
    rows = {line[2:14].rstrip(): line[15:] for line in said.out.splitlines() if line.startswith("  ")}
    assert rows["schedule"].endswith("Mon 2026-11-23 08:30 EST")
    assert rows["next change"] == "Mon 2026-11-23 17:00 EST"
    assert rows["model"] == "RUNNING, 1 inference unit"
    assert rows["mapping"].startswith("Enabled since ")
    assert re.findall(r"[\d.,]*\d", rows["this month"]) == ["1.7", "6.67", "543.0", "2,172.00", "99.7"]
    assert rows[""].startswith("121.3 less than the 123.0 ")


def test_status_says_everything_about_a_pipeline_as_data_too(desk):
    aws = desk.embed(FILE, MONDAY)
    desk("reconcile", "--settle", "15m")
    aws.advance_to(utc(15))
    (logos,) = desk("status", "--json").data["pipelines"]
    assert [(each["type"], each["status"], each["reason"]) for each in logos["conditions"]] == [
        ("Ready", "True", "Consuming"),
        ("Progressing", "False", "Consuming"),
        ("Stalled", "False", "NotStalled"),
        ("Drifted", "False", "NotDrifted"),
    ]
    assert logos["desired"] == {"power": "ON", "consume": True}
    assert (logos["observed"]["mapping"], logos["observed"]["units"]) == ("Enabled", 1)
    assert logos["month"]["always_on_usd"] == 2172.0


def test_status_reads_the_backlog_even_where_no_decision_needs_it(desk):
    aws = desk.embed(FILE, MONDAY)
    heard = calls_of(aws)
    observed = desk("status", "--json").data["pipelines"][0]["observed"]
    assert (observed["waiting"], observed["in_flight"]) == (0, 0)
    assert "GetQueueAttributes" in heard


def test_one_tick_says_what_it_did(desk):
    desk.embed(FILE, MONDAY)
    said = desk("reconcile")
    assert said.code == 0
    first, second = said.out.splitlines()
    assert first.startswith("Mon 2026-11-23 08:10 EST ")
    assert " logos: ON, warm-up: " in first
    assert second.startswith("  + start model ")
    assert second.endswith(": done")


def test_a_dry_run_says_what_it_would_do_and_does_nothing(desk):
    desk.embed(FILE, MONDAY)
    first, second = desk("reconcile", "--dry-run"), desk("plan")
    assert first.code == 0
    assert first.out.endswith(": not done (dry run)\n")
    assert second.code == 3


def test_settling_brings_a_pipeline_all_the_way_within_one_invocation(desk):
    aws = desk.embed(FILE, MONDAY)
    said = desk("reconcile", "--settle", "15m", "--json")
    report = said.data["pipelines"][0]
    assert said.code == 0
    assert report["observed"]["mapping"] == "Enabled"
    assert [outcome["action"] for outcome in report["outcomes"]] == ["StartModel", "EnableMapping"]
    assert aws.now() <= utc(13, 25)


def test_a_refused_call_is_told_with_its_remedy_and_the_others_go_on(desk):
    aws = desk.embed(TWO_SCHEDULES, MONDAY)
    aws.deny("StartProjectVersion", pipeline="stamps")
    said = desk("reconcile")
    assert said.code == 1
    failed, _, remedy = said.err.partition("; what to do: allow ")
    call = "rekognition:StartProjectVersion on arn:aws:rekognition:us-east-1:"
    assert failed.startswith(f"error: stamps: {call}")
    assert "AccessDeniedException" in failed
    assert remedy.startswith(call)
    assert said.err.count("\n") == 1
    assert "an hour): refused\n" in said.out
    assert "an hour): done\n" in said.out


@pytest.mark.parametrize("command", ["plan", "status", "reconcile"])
def test_an_endpoint_that_does_not_answer_is_a_line_and_the_others_go_on(desk, command):
    aws = desk.embed(TWO_SCHEDULES, MONDAY)
    aws.cut_off("lambda", pipeline="stamps")
    said = desk(command)
    assert said.code == 1
    assert said.err.startswith("error: stamps: lambda:")
    assert "GetEventSourceMapping on 8921" in said.err
    assert said.err.count("\n") == 1
    assert "what to do: " in said.err
    assert "logos: ON, warm-up" in said.out or "logos: ON, on its way" in said.out


def test_a_failure_that_repeats_while_settling_is_told_once(desk):
    aws = desk.embed(FILE, MONDAY)
    aws.cut_off("lambda")
    said = desk("reconcile", "--settle", "3m")
    assert said.code == 1
    assert said.out.count("logos: ON") > 2
    assert said.err.count("GetEventSourceMapping") == 1


@pytest.mark.parametrize(
    ("right", "wrong", "call", "remedy"),
    [
        pytest.param(
            "version/v1/",
            "version/v2/",
            "rekognition:DescribeProjectVersions on arn:",
            "correct model.arn",
            id="model",
        ),
        pytest.param(
            MAPPING,
            "00000000-0000-0000-0000-000000000000",
            "lambda:GetEventSourceMapping on 00000000-",
            "correct consumer.event_source_mapping",
            id="mapping",
        ),
    ],
)
@pytest.mark.parametrize("command", ["plan", "status", "reconcile"])
def test_what_does_not_exist_is_told_and_fails(desk, command, right, wrong, call, remedy):
    desk.embed(FILE, MONDAY)
    desk.write(FILE.replace(right, wrong))
    said = desk(command)
    assert said.code == 1
    assert said.err.startswith(f"error: logos: {call}")
    assert f"what to do: {remedy}" in said.err
    assert said.err.count("\n") == 1


def test_a_file_without_pipelines_has_nothing_to_do(desk):
    desk.embed(FILE[: FILE.index("pipelines:")], MONDAY)
    assert (desk("plan").code, desk("plan", "--json").data["pipelines"]) == (0, [])
    assert desk("reconcile").out.endswith(": the file has no pipelines\n")
    assert desk("status", "--json").data["pipelines"] == []


def interrupted_after(desk, sleeps: int):
    """A watch that is interrupted while it sleeps for the n-th time; the instants at which it woke."""
    woken: list[datetime] = []

    def sleep(seconds: float) -> None:
        if len(woken) == sleeps:
            raise KeyboardInterrupt
        real(seconds)
        woken.append(desk.cli.clock())

    real = desk.cli.sleep
    desk.cli = replace(desk.cli, sleep=sleep)
    return woken


def test_a_watch_goes_on_until_it_is_interrupted_and_ends_cleanly(desk):
    desk.embed(FILE, MONDAY)
    woken = interrupted_after(desk, 30)
    said = desk("reconcile", "--watch")
    lines = [line for line in said.out.splitlines() if not line.startswith(" ")]
    assert (said.code, said.err) == (0, "")
    assert len(lines) == 31
    assert lines[-1].endswith("messages are consumed")
    assert woken[0] == utc(13, 11)  # a start was asked for: look again in a minute


def test_a_steady_watch_wakes_at_the_multiples_of_its_tick(desk):
    desk.embed(FILE, "2026-11-22T12:03:20")
    woken = interrupted_after(desk, 3)
    desk("reconcile", "--watch", "--tick", "10m")
    assert [f"{at:%H:%M:%S}" for at in woken] == ["12:10:00", "12:20:00", "12:30:00"]


def test_a_watch_reads_the_file_again_and_keeps_the_last_valid_one(desk):
    desk.embed(FILE, "2026-11-22T12:00:00")
    texts = iter([FILE.replace("08:30-17:00", "08:30-99:00"), FILE.replace("mon-thu", "sun-thu")])

    def sleep(seconds: float) -> None:
        desk.write(next(texts, ""))
        real(seconds)

    real = desk.cli.sleep
    desk.cli = replace(desk.cli, sleep=sleep)
    interrupted_after(desk, 2)
    said = desk("reconcile", "--watch")
    assert "config/schedule.yaml:8:16: " in said.err
    assert said.err.splitlines()[-1].endswith(" stays in use.")
    assert [line.partition("closed: ")[2].split(";")[0] for line in said.out.splitlines()] == [
        "sun not named",
        "sun not named",
        "outside sun-thu 08:30-17:00",
    ]


def test_a_watch_in_json_has_one_document_a_line(desk):
    desk.embed(FILE, MONDAY)
    interrupted_after(desk, 2)
    said = desk("reconcile", "--watch", "--json")
    assert [json.loads(line)["at"] for line in said.out.splitlines()] == [
        "2026-11-23T13:10:00Z",
        "2026-11-23T13:11:00Z",
        "2026-11-23T13:12:00Z",
    ]


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_state_that_aws_has_added_is_told_in_its_own_word(desk, command):
    aws = desk.embed(FILE, MONDAY)
    aws.pipelines["logos"].model.become("HIBERNATING")
    aws.pipelines["logos"].mapping.become("Dreaming")
    told = " ".join(desk(command).out.split())
    assert "(AWS says HIBERNATING)" in told
    assert "UNKNOWN (AWS says Dreaming)" in told
