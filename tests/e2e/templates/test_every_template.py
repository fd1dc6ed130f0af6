"""Every template, seen by the tools that will deploy and judge it."""

from __future__ import annotations

import json
import re

import pytest
from cfnlint.api import lint_file

from tests.e2e.templates.recorded_rules import LINT_ID, of_recorded, recorded
from tests.support.stack import DEPLOY, template

TEMPLATES = ["template.yaml", "member-role.yaml", "pipeline/template.yaml"]


@pytest.fixture(params=TEMPLATES)
def name(request):
    return request.param


def test_sam_finds_nothing_to_complain_of(sam, name):
    done = sam.run("validate", "--lint", "--template-file", str(DEPLOY / name))
    broken = re.findall(LINT_ID, done.stdout)
    assert of_recorded("cfn-lint", broken) == [], done.stdout
    assert done.returncode == 0 or broken, done.stdout


def test_cfn_lint_finds_nothing_to_complain_of(name):
    matches = {match.rule.id: str(match) for match in lint_file(DEPLOY / name)}
    assert [matches[rule] for rule in of_recorded("cfn-lint", matches)] == []


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
    failed = {check["check_id"]: check["resource"] for check in report["failed_checks"]}
    assert [(rule, failed[rule]) for rule in of_recorded("checkov", failed)] == []
    assert report["passed_checks"]
    assert {check["check_id"] for check in report["skipped_checks"]} == suppressed(name)


def suppressed(name):
    resources = template(name)["Resources"].values()
    skips = [skip for r in resources for skip in r.get("Metadata", {}).get("checkov", {}).get("skip", [])]
    assert all(skip["comment"] for skip in skips)
    return {skip["id"] for skip in skips}


def statements(value):
    """Every policy's statements, wherever they stand in the template."""
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        for each in value.values():
            yield from statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from statements(each)


def services(statement):
    principal = statement.get("Principal")
    named = principal.get("Service", []) if isinstance(principal, dict) else []
    return [named] if isinstance(named, str) else list(named)


def test_a_condition_never_covers_several_services_at_once(name):
    """What one of them supports the other may not, and then it is refused in silence."""
    conditioned = [each for each in statements(template(name)) if "Condition" in each]
    assert conditioned
    assert [each.get("Sid") for each in conditioned if len(services(each)) > 1] == []


def test_eventbridge_is_let_through_without_a_condition_on_where_it_comes_from(name):
    """Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
    keys = {
        key
        for each in statements(template(name))
        if "events.amazonaws.com" in services(each)
        for operator in each.get("Condition", {}).values()
        for key in operator
    }
    assert not {key for key in keys if key.lower().startswith("aws:source")}


def test_every_template_is_judged():
    found = {str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*.yaml") if ".aws-sam" not in path.parts}
    assert found == set(TEMPLATES)


def test_a_rule_that_a_later_release_has_added_is_reported_and_no_failure():
    rule = recorded()["checkov"][0]
    with pytest.warns(UserWarning, match="newer than recorded: CKV_AWS_99999 of checkov"):
        assert of_recorded("checkov", [rule, "CKV_AWS_99999"]) == [rule]
