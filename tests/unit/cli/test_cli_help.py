"""Help, completion and quiet: what a shell and a person in a hurry get."""

from __future__ import annotations

import shlex

import pytest
from typer.main import get_command

from controller.cli.app import app
from controller.cli.commands import COMMANDS as ENTRIES
from controller.cli.commands import load_command
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.unit.cli.test_cli_door import typed

START = "Example: rekognition-scheduler "


def commands(named=None, path=()):
    """Every command with its path, those of groups too."""
    for name, command in sorted((named or {name: load_command(name) for name in ENTRIES}).items()):
        if hasattr(command, "commands"):
            yield from commands(command.commands, (*path, name))
        else:
            yield pytest.param((*path, name), command, id=" ".join((*path, name)))


COMMANDS = list(commands())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_summary_of_a_command_is_the_first_line_of_its_help(name):
    assert load_command(name).help.splitlines()[0] == ENTRIES[name].summary


def test_the_list_of_commands_is_the_table():
    listed = get_command(app).commands
    assert {name: command.help for name, command in listed.items()} == {
        name: entry.summary for name, entry in ENTRIES.items()
    }


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_the_help_of_every_command_ends_with_an_example_that_parses(desk, path, command):
    last = desk(*path, "-h").out.rstrip().splitlines()[-1].strip()
    assert last.startswith(START)
    words = shlex.split(last.removeprefix(START))
    assert words[: len(path)] == list(path)
    command.make_context(path[-1], words[len(path) :])


@pytest.mark.parametrize("path", [param.values[0] for param in COMMANDS], ids=" ".join)
def test_the_usage_of_every_command_brackets_a_word_once_and_in_capitals(desk, path):
    usage = desk(*path, "-h").out.splitlines()[0]
    words = [word for word in usage.split() if word[0] in "[{" and "://" not in word]
    assert words == [
        f"{word[0]}{word.strip('[]{}.').upper()}{word[len(word.rstrip('.')) - 1 :]}" for word in words
    ]


@pytest.mark.parametrize(
    "example",
    [
        param.values[1].epilog.removeprefix(START)
        for param in COMMANDS
        if param.values[0][0]
        in {"validate", "calendar", "explain", "plan", "status", "reconcile", "iam-policy"}
        and "--watch" not in param.values[1].epilog
    ],
)
def test_an_example_of_what_writes_nothing_runs(desk, example):
    desk.embed(FILE, "2026-11-23T13:10:00")
    desk.write(FILE, "schedule.yaml")
    said = desk(*shlex.split(example))
    assert said.code in {0, 3}
    assert said.out


def completed(desk, line: str, **env: str) -> list[str]:
    """What a shell offers for the last word of ``line``."""
    words = line.split(" ")
    asked = {"_REKOGNITION_SCHEDULER_COMPLETE": "complete_bash", "COMP_WORDS": line}
    done = typed(desk, **asked, COMP_CWORD=str(len(words) - 1), **env)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("explain ", ["stamps", "logos"], id="pipelines"),
        pytest.param("explain l", ["logos"], id="begun"),
        pytest.param("calendar --schedule ", ["office", "berlin"], id="schedules"),
        pytest.param("override open ", ["stamps", "logos", "office", "berlin"], id="either"),
        pytest.param("versions --config other.yaml ", ["others"], id="of the file that is named"),
        pytest.param("hold logos o", ["off", "on"], id="states"),
        pytest.param("explain --config nowhere.yaml ", [], id="no file"),
        pytest.param("explain --config wrong.yaml ", [], id="a wrong file"),
        pytest.param("explain --config s3://bucket/schedule.yaml ", [], id="not from AWS"),
        pytest.param("stat", ["status"], id="commands"),
    ],
)
def test_the_shell_completes_from_the_file(desk, line, offered):
    desk.write(TWO_SCHEDULES)
    desk.write("version: 1\npipelines: {others: {}}\n", "other.yaml")
    desk.write("pipelines: [unclosed\n", "wrong.yaml")
    assert completed(desk, f"rekognition-scheduler {line}") == offered


def test_the_shell_completes_from_the_file_of_the_environment(desk):
    desk.write("pipelines: {others: {}}\n", "other.yaml")
    assert completed(desk, "rekognition-scheduler explain ", SCHEDULER_CONFIG="other.yaml") == ["others"]


def test_quiet_leaves_errors_only_on_stderr(desk):
    assert desk("calendar", "--ics", "open.ics").err.endswith(" written to open.ics\n")
    said = desk("--quiet", "calendar", "--ics", "open.ics")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("office opens ")
    assert desk("-q", "calendar", "--ics", "nowhere/open.ics").err.startswith("Error: ")
    assert desk("-q", "calendar", "--ics", "n" * 300).err.startswith(f"error: {'n' * 300}: ")


def test_quiet_holds_for_one_invocation(desk):
    assert desk("--quiet", "calendar", "--ics", "open.ics").err == ""
    assert desk("calendar", "--ics", "open.ics").err != ""


@pytest.mark.parametrize(
    ("args", "following"),
    [
        pytest.param(
            ("plan", "--config", "nowhere.yaml"),
            ("init", "file"),
            id="no file",
        ),
        pytest.param(
            ("plan", "--config", "a wrong one.yaml"),
            ("validate", "'a wrong one.yaml'"),
            id="a wrong file",
        ),
    ],
)
def test_an_error_of_the_file_suggests_the_next_command(desk, args, following):
    desk.write("version: 7\n", "a wrong one.yaml")
    said = desk(*args)
    assert said.code == 2
    last = said.err.splitlines()[-1]
    assert last.startswith("next: rekognition-scheduler ")
    assert all(f" {part} " in f"{last} " for part in following)
    assert "next: " not in desk("--quiet", *args).err


COMMON = ("-q", "--debug", "--profile", "--region")
SINGLE = tuple(name for name in ENTRIES if name != "override")


@pytest.mark.parametrize("command", [*SINGLE, "override open", "override list", "override prune"])
def test_the_common_options_stand_before_and_after_every_command(desk, command):
    help_text = desk(*command.split(), "--help").out
    for option in COMMON:
        assert f" {option}" in help_text
    assert all(f" {option}" in desk("--help").out for option in COMMON)


@pytest.mark.parametrize("place", ["before", "after"])
def test_quiet_and_debug_mean_the_same_before_and_after(desk, place, monkeypatch):
    def args(*options):
        return (*options, "validate") if place == "before" else ("validate", *options)

    (desk.home / "config/schedule.yaml").write_text("version: 2\n")
    assert "next: " in desk("calendar").err
    quiet = desk("-q", "calendar") if place == "before" else desk("calendar", "-q")
    assert "next: " not in quiet.err
    monkeypatch.setattr("controller.cli.commands.validate.read_config", lambda *_: 1 / 0)
    assert "Traceback" in desk(*args("--debug")).err
    assert "Traceback" not in desk(*args()).err


@pytest.mark.parametrize(
    ("before", "after", "used"),
    [
        (("--profile", "ana"), (), ("ana", None)),
        ((), ("--profile", "ana", "--region", "eu-west-1"), ("ana", "eu-west-1")),
        (("--profile", "ana"), ("--profile", "ben"), ("ben", None)),
    ],
)
def test_a_profile_and_a_region_reach_the_session(desk, before, after, used, monkeypatch):
    opened = []

    def session(**given):
        opened.append((given["profile_name"], given["region_name"]))
        raise RuntimeError("no AWS here")

    monkeypatch.setattr("boto3.Session", session)
    desk(*before, "plan", *after)
    assert set(opened) == {used}


@pytest.mark.parametrize("args", [("plan", "--confg", "x"), ("staus",), ("--regoin",), ("explain", "--at")])
def test_a_wrong_option_is_one_line_that_names_the_help(desk, args):
    said = desk(*args)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_a_wrong_option_names_the_nearest_one(desk):
    assert "--config" in desk("plan", "--confg", "x").err
    assert "'status'" in desk("staus").err
