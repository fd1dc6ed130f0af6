"""At 80, 100 and 140 columns no command writes a wider line, or breaks a word that fits."""

from __future__ import annotations

import re
import sys

import pytest
from rich.console import Console

from controller.cli.commands import COMMANDS
from tests.support.desk import TWO_SCHEDULES

V2 = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v2/1768468215009"
CALENDAR = ("calendar", "--schedule", "office")
SHORT = ("--to", "2026-11-24")
WHY = ("--for", "1h", "--reason", "a reason that goes on for longer than a column", "--dry-run")
TYPED = (
    ("validate",),
    CALENDAR,
    (*CALENDAR, "--month", "2026-12"),
    (*CALENDAR, "--year", "2026"),
    ("explain", "logos"),
    ("explain", "logos", "--timeline"),
    ("simulate", *SHORT),
    ("compare", *SHORT),
    ("plan",),
    ("status",),
    ("reconcile", "--dry-run"),
    ("doctor",),
    ("versions", "logos"),
    ("diff", "config/schedule.yaml", "new.yaml"),
    ("hold", "logos", "off", *WHY),
    ("promote", "logos", V2, "--dry-run"),
    ("override", "open", "office", *WHY),
    ("override", "list"),
)
OF_THEIR_OWN = {"init", "push", "stack-parameters", "iam-policy", "schema"}
"""Need an account or a bucket, or print JSON."""
BARS = frozenset("█▒▐▌▴▾·✗▞-┊")
EDITED = TWO_SCHEDULES.replace("08:30-17:00", "08:00-17:00").replace(
    "    holidays: {calendars: [us]}\n",
    "    holidays: {calendars: [us]}\n"
    "    overrides:\n      - {date: 2026-12-24, hours: closed, reason: Nobody works on that day}\n",
)


def test_every_command_is_tried():
    assert {command[0] for command in TYPED} | OF_THEIR_OWN == set(COMMANDS)


@pytest.fixture
def wide(monkeypatch):
    """Makes the terminal so many columns wide."""

    def resize(width: int) -> None:
        def console(*, errors: bool = False) -> Console:
            file = sys.stderr if errors else sys.stdout
            return Console(file=file, width=width, markup=False, highlight=False, emoji=False)

        monkeypatch.setattr("controller.cli.render.terminal.console", console)

    return resize


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("command", TYPED, ids=" ".join)
def test_no_line_is_wider_and_no_word_is_broken(desk, wide, command, width):
    desk.embed(EDITED if "list" in command else TWO_SCHEDULES, "2026-11-23T13:10:00")
    desk.write(EDITED, "new.yaml")
    unbound = desk(*command)
    wide(width)
    said = desk(*command)
    assert said.code == unbound.code
    assert [line for line in said.out.splitlines() if len(line) > width] == []
    whole = {word for word in unbound.out.split() if len(word) < width - 12}
    too_long = "".join(word for word in unbound.out.split() if word not in whole)
    broken = {word for word in said.out.split() if word not in whole and not BARS.issuperset(word)}
    assert [word for word in broken if word not in too_long] == []


HEADED = {"validate", "calendar", "simulate", "compare", "plan", "status", "diff", "versions"}
"""Of the others the first line ends with a person's words, or is a table."""


@pytest.mark.parametrize("command", [each for each in TYPED if each[0] in HEADED], ids=" ".join)
def test_the_first_line_of_an_answer_has_at_most_80_columns(desk, command):
    desk.embed(EDITED if "list" in command else TWO_SCHEDULES, "2026-11-23T13:10:00")
    desk.write(EDITED, "new.yaml")
    first = desk(*command).out.splitlines()[0]
    assert len(first) <= 80


HELD = "    hold: {state: off, until: 2026-12-24T12:00, reason: incident}\n"
DATES = "    overrides:\n      - {date: 2026-12-24, hours: open}\n      - {date: 2026-12-25, hours: open}\n"
FULL = TWO_SCHEDULES.replace("pipelines:\n", f"{DATES}pipelines:\n") + HELD
LOSING = (
    TWO_SCHEDULES.replace("retention: 14d", "retention: 1h")
    .replace("08:30-17:00", "09:30-18:00")
    .replace("09:00-17:00", "00:00-23:00")
    .replace("version/v1/", "version/v2/")
)


def test_the_first_line_of_a_diff_that_loses_much_has_at_most_80_columns_and_names_all_of_it(desk):
    desk.write(FULL, "old.yaml")
    desk.write(LOSING, "new.yaml")
    said = desk("diff", "old.yaml", "new.yaml").out.partition("\n\n")[0].splitlines()
    assert all(len(line) <= 80 for line in said)
    whole = " ".join(said)
    for part in (
        "longer on",
        "shorter on",
        "a month",
        "2 models no longer named",
        "3 holds or overrides lost",
    ):
        assert part in whole
    assert "messages of 2 pipelines at risk" in whole


@pytest.mark.parametrize(
    "command", [each for each in TYPED if each[0] in {"explain", "plan", "status"}], ids=" ".join
)
def test_a_reason_in_text_is_in_the_schedules_time_and_in_json_in_utc(desk, command):
    desk.embed(TWO_SCHEDULES, "2026-11-23T13:10:00")
    reasons = [line for line in desk(*command).out.splitlines() if "(20" not in line]
    assert not [line for line in reasons if re.search(r"T\d\d:\d\d:\d\dZ", line)]
    if "--timeline" not in command:
        assert re.search(r"T\d\d:\d\d:\d\dZ", desk(*command, "--json").out)
