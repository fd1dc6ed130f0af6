"""Every command that the README and the runbook tell is one that works: what needs no account runs."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from controller.cli.commands import COMMANDS, load_command
from tests.support.config_file import ARN, EXAMPLE, understood
from tests.support.desk import Desk

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
RUNBOOK = (ROOT / "deploy" / "README.md").read_text("utf-8")
PROGRAM = "rekognition-scheduler"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
MEANT = {
    "PIPELINE": "logos",
    "OLD": "config/schedule.yaml",
    "NEW": "schedule.yaml",
    "FILE": "drawn.txt",
    "ARN": ARN,
    "WHERE": "config/schedule.yaml",
}
"""What the words stand for that a reader fills in."""
OFFLINE = {
    "validate",
    "calendar",
    "explain",
    "simulate",
    "compare",
    "diff",
    "override",
    "hold",
    "iam-policy",
    "schema",
}
AT_AWS = {"plan", "status", "reconcile", "versions"}


def commands(text):
    """Each once, as its arguments; an option alone belongs to the command before it in its row of a table."""
    told = {words for words in map(_words, [*_in_blocks(text), *_inline(FENCE.sub("", text))]) if words}
    return sorted(told)


def _words(text):
    """Nothing where it is no command of ours, or leaves something out; without a redirection of the shell."""
    text = text.partition(" > ")[0].strip().removeprefix("- ").removeprefix("run: ")
    first, _, rest = text.strip().removeprefix(f"{PROGRAM} ").partition(" ")
    ours = first in COMMANDS and "…" not in rest
    return (first, *shlex.split(rest, comments=True)) if ours else ()


def _in_blocks(text):
    lines = [line for _, body in FENCE.findall(text) for line in body.splitlines()]
    return [part for line in lines for part in line.removeprefix("$ ").split("&&") if f"{PROGRAM} " in part]


def _inline(prose):
    """A word alone may be a key of the file; in a table it is a command."""
    for line in prose.splitlines():
        yield from _in_row(line) if line.startswith("|") else ()
    yield from (" ".join(code.split()) for code in CODE.findall(prose) if len(code.split()) > 1)


def _in_row(row):
    last = ""
    for code in CODE.findall(row):
        if code.startswith("--") and last:
            yield f"{last} {code}"
        else:
            last = code
            yield code


def named(words):
    return " ".join(words)


def filled(words):
    return [MEANT.get(word, word) for word in words]


def offline(words):
    """The example has no role, no bucket, and no hold to take back (which has a test of its own)."""
    missing = {"--role", "--clear"} & {*words} or any("s3://" in word for word in words)
    return words[0] in OFFLINE and not missing


def parsed(words):
    """Raises ``click.UsageError`` where the command has no such option, or misses an argument."""
    command, rest = load_command(words[0]), words[1:]
    while hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    return command.make_context(words[0], rest)


def committed(home: Path) -> None:
    """A repository whose branch ``origin/main`` has the folder as it is."""
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")
    head = ("update-ref", "refs/remotes/origin/main", "HEAD")
    for args in (("init",), ("add", "."), ("commit", "-m", "first"), head):
        subprocess.run(["git", *who, *args], cwd=home, check=True, capture_output=True)  # noqa: S603, S607 - our own command


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """It is Friday, 2026-11-20, 10:00 in New York, and the file is the example."""
    monkeypatch.chdir(tmp_path)
    made = Desk(home=tmp_path, cli=None)
    made.embed(EXAMPLE, "2026-11-20T15:00:00")
    made.write(EXAMPLE, "schedule.yaml")
    committed(tmp_path)
    made.cli = replace(made.cli, can_ask=lambda: False)
    return made


TOLD = sorted({*commands(README), *(words for words in commands(RUNBOOK) if len(words) > 1)})


@pytest.mark.parametrize("words", TOLD, ids=named)
def test_a_command_that_is_told_takes_those_arguments(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parsed(filled(words)).command.name


@pytest.mark.parametrize("words", [each for each in TOLD if offline(each)], ids=named)
def test_a_command_that_needs_no_account_works(desk, words):
    said = desk(*filled(words))
    assert (said.code, "error" in said.err) == (0, False), said.err


@pytest.mark.parametrize(
    "words", [each for each in TOLD if each[0] in AT_AWS and "--watch" not in each], ids=named
)
def test_a_command_that_asks_aws_works_where_aws_answers(desk, words):
    said = desk(*filled(words))
    assert (said.code in (0, 3), "error" in said.err) == (True, False), said.err


def test_a_hold_can_be_taken_back_as_it_is_told(desk):
    before = Path("config/schedule.yaml").read_bytes()
    for words in sorted(each for each in commands(README) if each[0] == "hold"):
        told = desk(*filled(words))
        if "--clear" not in words:
            assert (told.code, desk("hold", "logos", "--clear").code) == (0, 0), told.err
        assert Path("config/schedule.yaml").read_bytes() == before


def test_every_command_stands_in_the_readme():
    told = {each[0] for each in commands(README)}
    assert told == set(COMMANDS)


def test_the_file_in_the_readme_is_valid():
    (text,) = (body for language, body in FENCE.findall(README) if language == "yaml")
    assert [pipeline.name for pipeline in understood(text).pipelines] == ["logos"]


def test_the_readme_is_short():
    assert len(README.splitlines()) < 200


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)h#][^)]*)\)", README))))
def test_a_file_that_it_links_to_is_there(target):
    file, _, anchor = target.partition("#")
    assert (ROOT / file).exists()
    titles = re.findall(r"^#+ (.+)$", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE) if anchor else []
    assert not anchor or anchor in {title.lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\]\(#([^)]*)\)", README))))
def test_a_section_that_it_links_to_is_there(anchor):
    titles = re.findall(r"^#+ (.+)$", README, flags=re.MULTILINE)
    assert anchor in {title.lower().replace(" ", "-") for title in titles}


def test_no_line_of_code_is_wider_than_a_page_of_github():
    blocks = re.findall(r"^```.*?\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert [line for block in blocks for line in block.splitlines() if len(line) > 98] == []
