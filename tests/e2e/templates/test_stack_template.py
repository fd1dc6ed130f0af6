"""What `sam build` makes of the controller's template."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.stack import DEPLOY

ROOT = DEPLOY.parent
MOST_ZIPPED = 15_000_000
"""In bytes. Lambda takes 50 MB; what is smaller starts sooner."""


@pytest.fixture(scope="session")
def started_in(tmp_path_factory):
    return tmp_path_factory.mktemp("a path with blanks")


@pytest.fixture(scope="session")
def artifact(sam, runtime_interpreter, started_in):
    """The built function, started from elsewhere as a person may."""
    assert runtime_interpreter.exists()
    before = in_checkout()
    done = sam.run("build", "--template-file", str(DEPLOY / "template.yaml"), cwd=started_in)
    assert done.returncode == 0, done.stdout
    assert in_checkout() == before
    return started_in / ".aws-sam" / "build" / "ControllerFunction"


def in_checkout():
    """What a careless build leaves behind."""
    return {path.name for path in ROOT.iterdir()} | {path.name for path in (DEPLOY / "function").iterdir()}


def run(interpreter, folder, code):
    """In the artifact, with nothing of this machine's Python but its standard library."""
    return subprocess.run(  # noqa: S603 - our own arguments
        [interpreter, "-S", "-c", code],
        cwd=folder,
        env={"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_artifact_holds_the_package_and_all_that_it_depends_on(artifact):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {Requirement(each).name.replace("-", "_").replace(".", "_") for each in project["dependencies"]}
    installed = {path.name.split("-")[0].replace(".", "_") for path in artifact.glob("*.dist-info")}
    assert wanted | {"rekognition_scheduler"} <= installed
    assert (artifact / "controller" / "lambda_handler.py").exists()


def test_the_artifact_holds_the_versions_of_the_lock_and_no_others(artifact):
    text = (DEPLOY / "function" / "requirements.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^(\S+)==(\S+)", text, flags=re.MULTILINE))
    found = dict(path.name.removesuffix(".dist-info").split("-", 1) for path in artifact.glob("*.dist-info"))
    found.pop("rekognition_scheduler")
    assert {canonicalize_name(name): version for name, version in found.items()} == pinned


def test_the_artifact_holds_no_test_and_no_tool_of_development(artifact):
    held = {path.name for path in artifact.iterdir()} | {
        path.name for path in artifact.glob("*/*") if path.is_dir()
    }
    assert not held & {"tests", "test", "bin", "deploy", "moto", "pytest", "typer", "rich", "jinja2", "mypy"}


def test_every_service_that_the_controller_speaks_to_can_be_reached_and_no_other_is_carried_along(
    artifact, runtime_interpreter
):
    code = (
        "import boto3, json; session = boto3.Session(); "
        "print(json.dumps([session.client(name).meta.service_model.service_name "
        "for name in session.get_available_services()]))"
    )
    done = run(runtime_interpreter, artifact, code)
    assert done.returncode == 0, done.stderr
    reached = set(json.loads(done.stdout))
    assert {"cloudwatch", "events", "lambda", "rekognition", "s3", "sqs", "sts"} <= reached
    assert len(reached) < 15


def test_every_module_of_the_artifact_imports_from_it_alone(artifact, runtime_interpreter):
    own = [path.relative_to(artifact).with_suffix("") for path in (artifact / "controller").rglob("*.py")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in own]
    assert "controller.lambda_handler" in names
    assert not [name for name in names if name.startswith("controller.cli")]
    later = "boto3, holidays, icalendar, pydantic, tzdata, aws_lambda_powertools"
    done = run(runtime_interpreter, artifact, f"import {', '.join(names)}, {later}; print(boto3.__file__)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(artifact))


def test_every_module_is_compiled_for_where_it_will_lie(artifact):
    compiled = artifact / "controller" / "__pycache__" / "lambda_handler.cpython-313.pyc"
    assert b"/var/task/controller/lambda_handler.py" in compiled.read_bytes()
    assert str(artifact).encode() not in compiled.read_bytes()
    sources = {path.stem for path in (artifact / "botocore").glob("*.py")}
    assert {path.name.split(".")[0] for path in (artifact / "botocore" / "__pycache__").iterdir()} == sources


def test_the_zip_stays_small(artifact, tmp_path):
    file = tmp_path / "function.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in filter(Path.is_file, artifact.rglob("*")):
            zipped.write(path, path.relative_to(artifact))
    assert file.stat().st_size < MOST_ZIPPED
