"""What `sam build` makes of the pipeline's template."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.stack import template

TEMPLATE = Path(__file__).resolve().parents[3] / "deploy" / "pipeline" / "template.yaml"


@pytest.fixture(scope="session")
def started_in(tmp_path_factory):
    return tmp_path_factory.mktemp("not the template's folder")


@pytest.fixture(scope="session")
def built(sam, runtime_interpreter, started_in):
    """What `sam build` makes of the template, with the parameters' file that its README copies."""
    assert runtime_interpreter.exists()
    example = str(TEMPLATE.parent / "example.toml")
    done = sam.run("build", "--template-file", str(TEMPLATE), "--config-file", example, cwd=started_in)
    assert done.returncode == 0, done.stdout
    return started_in / ".aws-sam" / "pipeline"


def test_the_built_function_is_complete_and_holds_no_test(built):
    artifact = built / "InferenceFunction"
    held = {path.name for path in artifact.iterdir()}
    assert {"handler.py", "aws_lambda_powertools", "boto3", "botocore"} <= held
    assert not held & {"tests", "controller", "moto", "pytest"}


def test_the_built_function_starts_with_what_it_brings_along_alone(built, runtime_interpreter):
    start = "import handler; print(handler.boto3.__file__)"
    done = subprocess.run(  # noqa: S603 - our own arguments
        [runtime_interpreter, "-S", "-c", start],
        cwd=built / "InferenceFunction",
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(built / "InferenceFunction"))


def test_the_example_names_parameters_that_the_template_has():
    settings = tomllib.loads((TEMPLATE.parent / "example.toml").read_text("utf-8"))["default"]["deploy"]
    given = dict(each.split("=", 1) for each in settings["parameters"]["parameter_overrides"])
    declared = template("pipeline/template.yaml")["Parameters"]
    assert set(given) <= set(declared)
    assert {name for name, each in declared.items() if "Default" not in each} <= set(given)


def test_the_pipeline_is_built_where_the_controller_is_not(built, started_in):
    assert (built / "template.yaml").exists()
    assert not (started_in / ".aws-sam" / "build").exists()
