"""At 80, 100 and 140 columns no command breaks a word, or writes a wider line of words that fit."""

from __future__ import annotations

import re
import sys

import pytest
from rich.console import Console

from controller.cli.commands import COMMANDS
from tests.support.desk import TWO_SCHEDULES
from tests.unit.cli.cases.files import FULL, LOSING

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
    assert_wrapped(said.out, unbound.out, width)
    assert_wrapped(said.err, unbound.err, width)


def assert_wrapped(text, unbound, width):
    """Every word of ``text`` is whole, and only a word that is too long makes a line too wide."""
    wide = [line for line in text.splitlines() if len(line) > width]
    assert [line for line in wide if len(line.split()[-1]) < width - len("pipeline  ")] == []
    whole = set(unbound.split())
    assert [word for word in text.split() if word not in whole and not BARS.issuperset(word)] == []


@pytest.mark.parametrize("width", [40, 80, 100, 140])
@pytest.mark.parametrize(
    "command",
    [
        ("override", "open", "office", "--from", "2026-12-24T09:00", *WHY),
        ("override", "clear", "office"),
        ("explain", "logos", "--at", "2026-11-23 8:30"),
        ("promote", "logos", f"{V2}x"),
        ("hold", "logos", "off", "--reason", "x", "--until", "2026-11-20T08:30"),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_wrapped_between_words(desk, wide, command, width):
    desk.write(EDITED)
    unbound = desk(*command)
    wide(width)
    said = desk(*command)
    assert said.code == unbound.code == 2
    assert len(unbound.err.splitlines()) == 1
    assert_wrapped(said.err, unbound.err, width)


@pytest.mark.parametrize("width", [24, 40])
def test_an_override_in_a_narrow_terminal_keeps_the_phase_as_its_title(desk, wide, width):
    desk.write(EDITED)
    wide(width)
    assert desk("override", "list").out.splitlines()[0] == "ahead"


def test_an_arn_longer_than_the_line_can_be_copied(desk, wide):
    desk.embed(TWO_SCHEDULES, "2026-11-23T13:10:00")
    wide(60)
    said = desk("promote", "logos", V2, "--dry-run")
    assert V2 in said.out
    assert f"MODEL_ARN={V2}" in said.err


HEADED = {"validate", "calendar", "simulate", "compare", "plan", "status", "diff", "versions"}
"""Of the others the first line ends with a person's words, or is a table."""


@pytest.mark.parametrize("command", [each for each in TYPED if each[0] in HEADED], ids=" ".join)
def test_the_first_line_of_an_answer_has_at_most_80_columns(desk, command):
    desk.embed(EDITED if "list" in command else TWO_SCHEDULES, "2026-11-23T13:10:00")
    desk.write(EDITED, "new.yaml")
    first = desk(*command).out.splitlines()[0]
    assert len(first) <= 80


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
        "messages of 2 pipelines",
    ):
        assert part in whole


@pytest.mark.parametrize(
    "command", [each for each in TYPED if each[0] in {"explain", "plan", "status"}], ids=" ".join
)
def test_a_reason_in_text_is_in_the_schedules_time_and_in_json_in_utc(desk, command):
    desk.embed(TWO_SCHEDULES, "2026-11-23T13:10:00")
    reasons = [line for line in desk(*command).out.splitlines() if "(20" not in line]
    assert not [line for line in reasons if re.search(r"T\d\d:\d\d:\d\dZ", line)]
    if "--timeline" not in command:
        assert re.search(r"T\d\d:\d\d:\d\dZ", desk(*command, "--json").out)
