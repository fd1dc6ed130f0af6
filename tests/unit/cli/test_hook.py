"""The hook of pre-commit and the workflow of the runbook, against what the commands take."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support.desk import FILE
from tests.support.git import git

ROOT = Path(__file__).parents[3]
(HOOK,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")


def test_it_installs_what_the_extra_of_the_command_line_does():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert sorted(HOOK["additional_dependencies"]) == sorted(project["optional-dependencies"]["cli"])


def test_its_entry_judges_each_of_the_files_it_is_given(desk):
    program, *command = HOOK["entry"].split()
    assert program == "rekognition-scheduler"
    desk.write(FILE, "a/schedule.yaml")
    desk.write("version: 2\n", "b/schedule.yaml")
    assert desk(*command, "a/schedule.yaml").code == 0
    assert desk(*command, "a/schedule.yaml", "b/schedule.yaml").code == 2


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("schedule.yaml", True),
        ("config/schedule.yml", True),
        ("my-schedule.yaml", False),
        ("schedule.yaml.bak", False),
    ],
)
def test_it_takes_schedule_files_only(name, taken):
    assert bool(re.search(HOOK["files"], name)) == taken


PAST = FILE.replace("pipelines:\n", "    overrides: [{date: 2026-11-20, hours: closed}]\npipelines:\n")


def workflow_commands() -> list[list[str]]:
    """What the workflow runs of this program, but for the upload."""
    text = (ROOT / "deploy/README.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(name: schedule\n.*?)```", text, flags=re.DOTALL)
    steps = YAML(typ="safe").load(block)["jobs"]["schedule"]["steps"]
    lines = [line.split() for step in steps for line in step.get("run", "").splitlines()]
    return [line[1:] for line in lines if line[0] == "rekognition-scheduler" and line[1] != "push"]


def test_the_workflow_passes_with_an_override_that_is_past(desk, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    desk.write(PAST, "schedule.yaml")
    git(desk, "init", "-b", "main")
    git(desk, "add", ".")
    git(desk, "commit", "-m", "first")
    git(desk, "update-ref", "refs/remotes/origin/main", "main")
    desk.write(PAST.replace("08:30-17:00", "08:00-17:00"), "schedule.yaml")
    validated, compared = (
        [word for word in line if word not in {">", "changes.md"}] for line in workflow_commands()
    )
    said = desk(*validated)
    assert (validated[0], said.code) == ("validate", 0)
    assert "is past" in said.out
    said = desk(*compared)
    assert (said.code, said.out.splitlines()[0][:14]) == (0, "**open longer ")
