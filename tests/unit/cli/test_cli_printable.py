"""Whatever comes from outside (arguments, files, AWS), nothing that is written steers a terminal."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cli.commands import COMMANDS as ENTRIES
from controller.cli.render.terminal import print_json
from tests.support.desk import FILE

C1, BIDI, SEPARATOR = "\x9b31m", "\u202egnitrats", "\u2028next"
EVIL = f"a{C1}{BIDI}\u2066{SEPARATOR}"
START = "2026-11-23T13:10:00"
COMMANDS = [
    *(("validate",), ("calendar",), ("calendar", "--month", "2026-12"), ("explain", "logos"), ("plan",)),
    *(("explain", "logos", "--timeline"), ("status",), ("reconcile", "--dry-run"), ("doctor",)),
    *(("versions", "logos"), ("iam-policy",), ("override", "list"), ("hold", "logos"), ("simulate",)),
    *(("promote", "logos", "arn"), ("diff", "config/schedule.yaml", "config/schedule.yaml")),
    *(("override", "open", "logos"), ("compare",), ("push", "schedule.yaml"), ("init",)),
    *(("stack-parameters",), ("schema",)),
]


def unprintable(said) -> set[str]:
    return {char for char in said.out + said.err if not char.isprintable() and char != "\n"}


def test_every_command_is_among_those_that_are_tried():
    assert set(ENTRIES) == {command[0] for command in COMMANDS}


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "argument", [(EVIL,), (f"--{EVIL}",), ("--config", EVIL), ("--from", EVIL), ("--at", EVIL)]
)
def test_an_argument_is_echoed_without_what_steers_a_terminal(desk, command, argument, form):
    said = desk(*command, *argument, *form)
    assert not unprintable(said)
    assert said.code != 0


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_is_shown_without_what_steers_a_terminal(desk, command, form):
    """As a key that is not known, in a value that is not valid, and where any text may stand."""
    for text in (
        FILE.replace("mon-thu:", f'"{EVIL}":'),
        FILE.replace("08:30-17:00", f'"{EVIL}"'),
        FILE.replace("8921ca0f", json.dumps(EVIL)[1:-1]),
        FILE.replace("logos:", f'"lo{EVIL}":'),
        FILE.replace("country: US", f'country: US, ics: "{EVIL}.ics"'),
        FILE.replace("except: [", f'except: ["{EVIL}", '),
    ):
        desk.write(text)
        assert not unprintable(desk(*command, *form))


@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",)], ids=["text", "json", "markdown"])
def test_a_difference_shows_what_stands_in_the_files_without_what_steers_a_terminal(desk, form):
    desk.write(FILE.replace("country: US", f'language: "en{EVIL}", country: US'), "new.yaml")
    desk.write(FILE.replace("[Columbus Day", f'["{EVIL}", Columbus Day'), "newer.yaml")
    for name in ("new.yaml", "newer.yaml"):
        assert not unprintable(desk("diff", "config/schedule.yaml", name, *form))


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", ["plan", "status", "reconcile", "doctor", "versions"])
def test_words_of_aws_are_shown_without_what_steers_a_terminal(desk, command, form):
    aws = desk.embed(FILE, START)
    aws.pipelines["logos"].model.become("TRAINING_FAILED")
    for operation in ("DescribeProjectVersions", "GetEventSourceMapping"):
        aws.deny(operation, code=f"Denied{EVIL}")
    assert not unprintable(desk(command, *form))


@given(st.text())
def test_json_reads_as_what_was_said_and_shows_what_can_be_printed(text):
    with contextlib.redirect_stdout(io.StringIO()) as written:
        print_json({text: [text, text]})
    assert json.loads(written.getvalue()) == {text: [text, text]}
    assert {char for char in written.getvalue() if not char.isprintable()} <= {"\n"}
