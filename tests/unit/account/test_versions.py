"""Which versions of a project there are, what they cost, and who means which."""

from __future__ import annotations

import pytest

from tests.support.account import MODEL, OLD, PROJECT
from tests.unit.account.cases import (
    DESCRIBE_VERSIONS,
    GET_FUNCTION,
    OTHER,
    hibernating,
    running_and_unknown,
)


@pytest.fixture
def versions(practice):
    return lambda *args: practice.desk("versions", *args)


def test_each_version_is_told_with_its_price_and_what_references_it(versions, account):
    running_and_unknown(account)
    said = versions("logos")
    assert (said.code, said.err) == (0, "")
    _title, _head, *rows = said.out.splitlines()
    assert [row.split() for row in rows] == [
        ["v2", "RUNNING", "2", "192.00", "file,", "function", MODEL],
        ["v1", "STOPPED", "2", "-", "retired", OLD],
        ["v3", "RUNNING", "2", "192.00", "-", OTHER],
    ]


def test_data_say_the_same(versions, account):
    account.versions[MODEL] = "STARTING"
    assert versions("--json").data == {
        "pipeline": "logos",
        "project": "logos",
        "project_arn": PROJECT,
        "versions": [
            {
                "arn": MODEL,
                "version": "v2",
                "status": "STARTING",
                "units": 2,
                "max_units": None,
                "usd_per_day": 192.0,
                "referenced_by": ["file", "function"],
            },
            {
                "arn": OLD,
                "version": "v1",
                "status": "STOPPED",
                "units": 2,
                "max_units": None,
                "usd_per_day": 0.0,
                "referenced_by": ["retired"],
            },
        ],
    }


def test_a_status_that_aws_has_added_is_told_in_its_own_word(versions, account):
    hibernating(account)
    assert "(AWS says HIBERNATING)" in versions("logos").out
    first = versions("--json").data["versions"][0]
    assert (first["status"], first["word"]) == ("UNKNOWN", "HIBERNATING")


def test_a_version_that_is_meant_and_is_not_there_is_told_last(versions, account):
    del account.versions[MODEL]
    rows = versions("--json").data["versions"]
    found = [(each["version"], each["status"], each["referenced_by"]) for each in rows]
    assert found == [("v1", "STOPPED", ["retired"]), ("v2", "ABSENT", ["file", "function"])]


def test_a_function_that_may_not_be_read_is_a_warning(versions, account):
    account.refused.add("GetFunctionConfiguration")
    said = versions("--json")
    assert said.code == 0
    assert said.err.startswith("warning: ")
    assert GET_FUNCTION in said.err
    assert [each["referenced_by"] for each in said.data["versions"]] == [["file"], ["retired"]]


def test_a_mapping_that_is_not_there_asks_for_no_version(versions, account):
    account.lambda_.delete_event_source_mapping(UUID=account.uuid)
    assert [each["referenced_by"] for each in versions("--json").data["versions"]] == [["file"], ["retired"]]


def test_a_project_that_does_not_exist_has_no_versions(versions, account):
    account.projects.clear()
    said = versions()
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ")
    assert "no project logos in us-east-1" in said.err


def test_versions_that_may_not_be_read_are_an_error_with_its_remedy(versions, account):
    account.refused.add("DescribeProjectVersions")
    said = versions()
    assert said.code == 1
    assert f"what to do: allow {DESCRIBE_VERSIONS} on {PROJECT}" in said.err


def test_a_pipeline_that_is_not_in_the_file_is_wrong_input(versions):
    said = versions("logo")
    assert said.code == 2
    assert 'did you mean "logos"' in said.err
