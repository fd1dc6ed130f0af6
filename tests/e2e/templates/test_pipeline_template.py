"""What `sam build` makes of the pipeline's template."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).resolve().parents[3] / "deploy" / "pipeline" / "template.yaml"


@pytest.fixture(scope="session")
def started_in(tmp_path_factory):
    return tmp_path_factory.mktemp("not the template's folder")


@pytest.fixture(scope="session")
def built(sam, runtime_interpreter, started_in):
    """What `sam build` makes of the template, as its samconfig.toml has it."""
    assert runtime_interpreter.exists()
    done = sam.run("build", "--template-file", str(TEMPLATE), cwd=started_in)
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


def test_the_pipeline_is_built_where_the_controller_is_not(built, started_in):
    assert (built / "template.yaml").exists()
    assert not (started_in / ".aws-sam" / "build").exists()
