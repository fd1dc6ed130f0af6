"""What ``status`` knows beyond a tick: ages, money, what a queue really keeps; and how it goes on looking."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.cli.render.status import month_lines
from controller.cli.render.terminal import new_screen
from controller.core.memory import Memory
from controller.costs import MonthToDate
from controller.storage.memories import ProcessMemories
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.unit.cli.cases.account import SATURDAY, broken, with_backlog
from tests.unit.cli.cases.files import several

MONDAY = "2026-11-23T15:00:00"
SHORT = FILE.replace("retention: 14d", "retention: 1d")


def row(said, label: str) -> str:
    start = f"  {label} "
    line = next(line for line in said.out.splitlines() if line.startswith(start))
    return line.removeprefix(start).lstrip()


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,.]*\d|\d", text)


def test_a_backlog_has_an_age_and_a_time_for_which_it_is_kept(desk):
    with_backlog(desk.embed(FILE, SATURDAY))
    said = desk("status")
    assert (said.code, said.err) == (0, "")
    assert row(said, "backlog").startswith("2 waiting, 0 in flight ")
    assert row(said, "oldest").startswith("3 h ")
    assert row(said, "oldest").endswith("(kept for 14d)")


def test_the_age_of_the_oldest_message_is_data(desk):
    with_backlog(desk.embed(FILE, SATURDAY))
    age_s = desk("status", "--json").data["pipelines"][0]["observed"]["oldest_age_s"]
    assert timedelta(hours=3) < timedelta(seconds=age_s) < timedelta(hours=3, minutes=10)


def test_metrics_that_may_not_be_read_are_named_and_the_rest_is_shown(desk):
    aws = desk.embed(FILE, MONDAY)  # when a rescue does not depend on it
    with_backlog(aws)
    aws.deny("GetMetricData")
    said = desk("status")
    assert (said.code, said.err) == (0, "")
    assert row(said, "oldest").startswith("not known: ")
    assert "GetMetricData on arn:aws:sqs:" in row(said, "oldest")
    assert "billed is not known: " in said.out
    assert "GetMetricData on logos/v1: " in said.out
    assert said.out.count("; what to do: allow ") == 2
    assert row(said, "backlog").startswith("2 waiting")
    assert row(said, "Ready").startswith("False  StartingModel")


def test_a_month_without_its_bill_is_told_as_planned(desk):
    desk.embed(FILE, "2026-11-03T14:00:00").deny("GetMetricData")
    # Monday the 2nd has 8.5 hours, and Tuesday is open since half an hour; the month is 62 hours old.
    told = row(desk("status"), "this month")
    assert "unit-hours in the openings" in told
    assert numbers(told) == ["9.0", "36.00", "62.0", "248.00", "85.5"]
    month = desk("status", "--json").data["pipelines"][0]["month"]
    assert month == {"unit_hours": None, "cost_usd": None, "always_on_usd": 248.0}


def test_a_month_without_cloudwatchs_count_is_told_as_counted_here(desk, monkeypatch):
    aws = desk.embed(FILE, MONDAY)
    aws.deny("GetMetricData")
    aws.pipelines["logos"].model.become("RUNNING")
    kept = ProcessMemories()
    kept.save("logos", Memory(unit_hours=9.0, counted_to=aws.now(), counted_units=1))
    monkeypatch.setattr("controller.cli.render.tick.memories_beside", lambda *_: kept)
    said = desk("status")
    told = row(said, "this month")
    assert "unit-hours billed" in told
    assert numbers(told)[:2] == ["9.0", "36.00"]
    assert "as counted here; " in said.out


@pytest.mark.parametrize(
    ("planned", "billed", "difference", "causes"),
    [
        pytest.param(10.0, 12.5, "2.5 more than the 10.0 ", "warm-ups", id="more"),
        pytest.param(1000.0, 2.0, "998.0 less than the 1,000.0 ", "failed starts", id="less"),
        pytest.param(10.0, 10.04, "as the openings have them", ": 10.0", id="alike"),
    ],
)
def test_the_difference_between_billed_and_planned_has_a_name(planned, billed, difference, causes):
    month = MonthToDate(planned=planned, always_on=1440.0, billed=billed, unit_hour_usd=4.0)
    line = list(month_lines(month))[1]
    assert line.startswith(difference)
    assert causes in line


def test_the_first_instant_of_a_month_has_cost_nothing():
    month = MonthToDate(planned=0.0, always_on=0.0, billed=0.0, unit_hour_usd=4.0)
    assert numbers(next(month_lines(month))) == ["0.0", "0.00", "0.0", "0.00"]


def test_a_pipeline_that_nobody_could_look_at_still_has_its_schedule(desk):
    broken(desk.embed(FILE, SATURDAY))
    said = desk("status")
    assert said.code == 1
    first, _, third, *_ = said.out.splitlines()
    assert first.startswith("0 of 1 ")
    assert ", 1 stalled; " in first
    assert third.startswith("logos: UNDECIDED, stalled")
    assert row(said, "schedule").startswith("closed ")
    assert row(said, "schedule").endswith("Fri 2026-11-27 16:00 EST")


@pytest.mark.parametrize("command", ["plan", "status"])
@pytest.mark.parametrize(
    ("real", "assumed", "warned"),
    [
        pytest.param(FILE, SHORT, False, id="the queue keeps longer"),
        pytest.param(SHORT, FILE, True, id="the queue keeps shorter"),
    ],
)
def test_messages_are_in_danger_by_what_the_queue_really_keeps(desk, command, real, assumed, warned):
    desk.embed(real, SATURDAY)
    desk.write(assumed)
    warning = desk(command).err
    assert warning.startswith("warning: ") is warned
    assert ("config/schedule.yaml:19: " in warning) is warned
    assert ("keeps a message (1d)" in warning) is warned
    assert ("consumer.retention" in desk("validate").out) is not warned


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_queue_that_cannot_be_read_keeps_what_the_file_says(desk, command):
    aws = desk.embed(SHORT, SATURDAY)
    aws.deny("GetQueueAttributes")
    assert "keeps a message (1d)" in desk(command).err


def interrupted(desk, sleeps: int) -> None:
    """The watch ends when it sleeps for the n-th time."""
    left = iter(range(sleeps - 1))
    real = desk.cli.sleep

    def sleep(seconds: float) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        real(seconds)

    desk.cli = replace(desk.cli, sleep=sleep)


def test_a_watch_in_a_pipe_appends_a_block_for_each_tick(desk):
    desk.embed(FILE, SATURDAY)
    interrupted(desk, 3)
    said = desk("status", "--watch", "--tick", "10m")
    blocks = said.out.split("\n\n1 of 1 ")
    assert (said.code, said.err) == (0, "")
    heads = [line for line in said.out.splitlines() if line.endswith("(Ctrl-C ends)")]
    assert [line.partition("; ")[2][:24] for line in heads] == [
        "Sat 2026-11-28 10:00 EST",
        "Sat 2026-11-28 10:10 EST",
        "Sat 2026-11-28 10:20 EST",
    ]
    assert len(blocks) == 3
    assert all("logos: OFF, as desired" in block for block in blocks)
    assert "\x1b" not in said.out


def test_a_watch_in_json_has_one_document_a_line(desk):
    desk.embed(TWO_SCHEDULES, SATURDAY)
    interrupted(desk, 2)
    documents = [json.loads(line) for line in desk("status", "--watch", "--json").out.splitlines()]
    assert [document["at"] for document in documents] == ["2026-11-28T15:00:00Z", "2026-11-28T15:05:00Z"]


def test_a_watch_of_status_writes_nothing(desk):
    aws = desk.embed(FILE, "2026-11-23T13:10:00")
    interrupted(desk, 4)
    assert "start the model" in desk("status", "--watch").out
    assert aws.pipelines["logos"].model.status == "TRAINING_COMPLETED"
    assert aws.now() > datetime(2026, 11, 23, 13, 10, tzinfo=UTC)


def test_a_terminal_gets_a_new_screen_for_each_tick(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    new_screen()
    monkeypatch.setenv("TERM", "dumb")
    new_screen()
    assert capsys.readouterr().out == "\x1b[H\x1b[2J"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda _aws: None, 0, id="nothing"),
        pytest.param(lambda aws: only(aws).model.become("TRAINING_FAILED"), 3, id="a model of no use"),
        pytest.param(lambda aws: aws.deny("GetEventSourceMapping"), 1, id="a call that failed comes first"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_the_exit_code_says_whether_something_wants_a_person(desk, spoil, code, form):
    spoil(desk.embed(FILE, MONDAY))
    assert desk("status", *form).code == code


def test_a_file_in_doubt_wants_a_person(desk):
    desk.embed(FILE.replace("except: [Columbus Day", "except: [Columbs Day"), MONDAY)
    assert desk("status").code == 3


def only(aws):
    (pipeline,) = aws.pipelines.values()
    return pipeline


def test_more_than_three_pipelines_are_a_row_each_within_80_columns(desk):
    desk.embed(several(4), SATURDAY)
    said = desk("status", COLUMNS="80")
    first, blank, header, *rows = said.out.splitlines()
    assert first.startswith("4 of 4 pipelines as desired; ")
    assert blank == ""
    assert header.split()[:4] == ["pipeline", "desired", "model", "mapping"]
    assert [row.split()[:4] for row in rows] == [
        [f"logos{index}", "OFF", "TRAINING_COMPLETED", "Disabled"] for index in range(4)
    ]
    assert all(row.endswith("  11-30 08:30") for row in rows)
    assert max(map(len, said.out.splitlines())) <= 80


def test_a_tick_without_a_watch_is_refused(desk):
    desk.embed(FILE, SATURDAY)
    said = desk("status", "--tick", "10m")
    assert (said.code, said.out) == (2, "")
    assert "--watch" in said.err


def test_rows_of_several_zones_have_the_zone_of_each_time(desk):
    file = several(4).replace(
        "schedules:\n", "schedules:\n  berlin: {timezone: Europe/Berlin, hours: {mon-fri: 08:30-17:00}}\n"
    )
    desk.embed(file.replace("schedule: office", "schedule: berlin", 1), SATURDAY)
    _, _, _, *rows = desk("status").out.splitlines()
    assert [row.split()[-3:] for row in rows] == [["11-30", "08:30", "CET"], *[["11-30", "08:30", "EST"]] * 3]


def test_a_pipeline_that_is_named_has_the_whole_screen_alone(desk):
    desk.embed(several(4), SATURDAY)
    said = desk("status", "logos2")
    assert "logos2: OFF, as desired" in said.out
    assert "logos1" not in said.out
    assert [each["name"] for each in desk("status", "logos2", "--json").data["pipelines"]] == ["logos2"]
    assert desk("status", "logos9").code == 2


def test_under_a_hold_the_next_change_is_its_end(desk):
    held = f"{FILE}    hold: {{state: off, until: 2026-11-29T12:00, reason: x}}\n"
    desk.embed(held, SATURDAY)
    (pipeline,) = desk("status", "--json").data["pipelines"]
    assert pipeline["next_change"] == "2026-11-29T17:00:00Z"
    desk.embed(held.replace("2026-11-29", "2026-11-27"), SATURDAY)
    (pipeline,) = desk("status", "--json").data["pipelines"]
    assert pipeline["next_change"] == "2026-11-30T13:30:00Z"


def test_no_sum_of_a_month_that_could_not_be_read_is_shown(desk):
    aws = desk.embed(FILE, SATURDAY)
    aws.listen(lambda _call: 1 / 0)
    assert "USD" not in desk("status").out


def test_warnings_that_repeat_with_every_look_are_a_line(desk):
    past = (
        "    overrides: [{date: 2026-11-20, hours: closed}, {date: 2026-11-19, hours: closed}]\npipelines:\n"
    )
    desk.embed(FILE.replace("pipelines:\n", past), "2026-11-23T13:40:00")
    (line,) = desk("status").err.splitlines()
    assert line.startswith("2 warnings about the file: ")
    assert line.endswith("validate config/schedule.yaml")
