"""What is in the built function, and what is not."""

from __future__ import annotations

import tomllib
from importlib.metadata import distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.e2e.conftest import ROOT

MOST_MB = 250
"""Unzipped. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements):
    return {canonicalize_name(Requirement(each).name) for each in requirements}


def installed(artifact):
    return {canonicalize_name(each.name) for each in distributions(path=[str(artifact)])}


def test_it_holds_every_dependency(artifact):
    assert names(project()["dependencies"]) <= installed(artifact)


def test_it_holds_nothing_of_the_development(artifact):
    development = names(project()["optional-dependencies"]["dev"]) - {project()["name"]}
    assert not development & installed(artifact)
    assert not [path for path in artifact.rglob("test_*.py") if "controller" in path.parts]
    assert not (artifact / "tests").exists()


def test_what_it_holds_of_the_controller_is_as_it_was_written_and_has_its_bytecode(artifact):
    built = {path.relative_to(artifact) for path in (artifact / "controller").rglob("*.py")}
    compiled = {path.name.split(".")[0] for path in (artifact / "controller").rglob("*.pyc")}
    assert {path for path in built if (artifact / path).read_bytes() != (ROOT / path).read_bytes()} == set()
    assert {path.stem for path in built} <= compiled


def test_it_holds_the_door_and_what_only_a_person_needs_stays_at_home(artifact):
    rooms = {path.name for path in (artifact / "controller").iterdir()}
    assert {
        "lambda_handler.py",
        "loop",
        "invocation",
        "storage",
        "core",
        "schedule",
        "aws",
        "config",
    } <= rooms
    assert not {"cli", "sim", "account", "editing"} & rooms


def test_it_fits_into_a_function(artifact):
    size_mb = sum(path.stat().st_size for path in artifact.rglob("*") if path.is_file()) / 2**20
    assert size_mb < MOST_MB
