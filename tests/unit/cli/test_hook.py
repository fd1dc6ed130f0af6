"""The hook for pre-commit, against what the project installs and what its command takes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.unit.cli.conftest import FILE

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
