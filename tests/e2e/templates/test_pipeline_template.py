"""The pipeline's template, seen by the tools that will deploy and judge it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import decode

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


def test_sam_finds_nothing_to_complain_of(sam):
    done = sam.run("validate", "--lint", "--template-file", str(TEMPLATE))
    assert done.returncode == 0, done.stdout


def test_cfn_lint_finds_nothing_to_complain_of():
    assert lint_file(TEMPLATE) == []


def test_checkov_finds_nothing_but_what_is_suppressed_with_a_reason(checkov):
    done = checkov.run(
        *("--skip-download", "--framework", "cloudformation", "--output", "json", "--file", str(TEMPLATE))
    )
    report = json.loads(done.stdout)["results"]
    assert [(check["check_id"], check["resource"]) for check in report["failed_checks"]] == []
    assert report["passed_checks"]
    assert {check["check_id"] for check in report["skipped_checks"]} == suppressed()


def suppressed():
    template, _ = decode(str(TEMPLATE))
    resources = template["Resources"].values()
    skips = [skip for r in resources for skip in r.get("Metadata", {}).get("checkov", {}).get("skip", [])]
    assert all(skip["comment"] for skip in skips)
    return {skip["id"] for skip in skips}


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
