"""What is generated and checked in is what the code says now."""

from __future__ import annotations

import json

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from tests import generated, picture
from tests.support.screens import shown
from tests.unit.cli.cases import SCREENS


def test_the_golden_table_is_current():
    assert generated.GOLDEN.read_text(encoding="utf-8") == generated.golden_table()


def test_the_texts_of_the_decision_are_current():
    assert generated.MESSAGES.read_text(encoding="utf-8") == generated.messages_text()


def test_the_texts_of_wrong_and_doubtful_files_are_current():
    assert generated.CONFIG.read_text(encoding="utf-8") == generated.config_text()


def test_the_findings_in_wrong_accounts_are_current():
    assert generated.FINDINGS.read_text(encoding="utf-8") == generated.findings_text()


def test_the_texts_of_accounts_are_current():
    assert generated.ACCOUNT.read_text(encoding="utf-8") == generated.account_text()


@pytest.mark.parametrize(("group", "path"), generated.SCREEN_FILES.items(), ids=generated.SCREEN_FILES)
def test_the_screens_of_a_group_of_commands_are_current(group, path):
    assert path.read_text(encoding="utf-8") == shown(SCREENS[group])


def test_no_screens_are_left_of_a_group_that_is_gone():
    (folder,) = {path.parent for path in generated.SCREEN_FILES.values()}
    assert set(folder.iterdir()) == set(generated.SCREEN_FILES.values())


def test_the_json_schema_is_current():
    assert generated.SCHEMA.read_text(encoding="utf-8") == generated.schema_text()


def test_the_alarms_as_data_are_current_and_cloudwatch_takes_them():
    text = generated.alarms()
    assert generated.ALARMS.read_text(encoding="utf-8") == text
    model = get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm")
    for each in json.loads(text):
        validate_parameters(each, model.input_shape)


def test_the_readme_holds_the_tables_summary():
    assert generated.README.read_text(encoding="utf-8") == generated.readme()


def test_the_runbook_holds_what_its_commands_print_on_an_account():
    assert generated.RUNBOOK.read_text(encoding="utf-8") == generated.runbook()


def test_the_pictures_of_the_readme_are_current_and_small():
    for path, text in picture.pictures().items():
        assert path.read_text(encoding="utf-8") == text, path
        assert len(text) < 150_000
