"""Every template, seen by the tools that will deploy and judge it."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint_file

from tests.stack import DEPLOY, template

TEMPLATES = ["template.yaml", "member-role.yaml", "pipeline/template.yaml"]


@pytest.fixture(params=TEMPLATES)
def name(request):
    return request.param


def test_sam_finds_nothing_to_complain_of(sam, name):
    done = sam.run("validate", "--lint", "--template-file", str(DEPLOY / name))
    assert done.returncode == 0, done.stdout


def test_cfn_lint_finds_nothing_to_complain_of(name):
    assert lint_file(DEPLOY / name) == []


def test_checkov_finds_nothing_but_what_is_suppressed_with_a_reason(checkov, name):
    done = checkov.run(
        *(
            "--skip-download",
            "--framework",
            "cloudformation",
            "--output",
            "json",
            "--file",
            str(DEPLOY / name),
        )
    )
    report = json.loads(done.stdout)["results"]
    assert [(check["check_id"], check["resource"]) for check in report["failed_checks"]] == []
    assert report["passed_checks"]
    assert {check["check_id"] for check in report["skipped_checks"]} == suppressed(name)


def suppressed(name):
    resources = template(name)["Resources"].values()
    skips = [skip for r in resources for skip in r.get("Metadata", {}).get("checkov", {}).get("skip", [])]
    assert all(skip["comment"] for skip in skips)
    return {skip["id"] for skip in skips}


def test_every_template_is_judged():
    found = {str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*.yaml") if ".aws-sam" not in path.parts}
    assert found == set(TEMPLATES)
