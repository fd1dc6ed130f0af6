"""An account built right, a file that fits it, and a person at a desk who asks the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from controller.account import data_versions
from controller.cli.context import CliContext
from tests.support.account import MODEL, OLD, Account, an_account
from tests.support.desk import Desk, Said

FILE = """\
version: 1
schedules:
  office: {{timezone: America/New_York, hours: {{mon-fri: 08:30-17:00}}}}
pipelines:
  logos:
    schedule: office
    model:
      arn: {model}
      inference_units: {units}
      retired: [{old}]
    consumer: {{event_source_mapping: {uuid}, retention: {retention}}}
"""


@dataclass(kw_only=True)
class Practice:
    """``practice("--json")`` is what the doctor says of the account; keywords change the file first."""

    account: Account
    desk: Desk

    def write(self, **changes: object) -> None:
        usual = {"model": MODEL, "old": OLD, "units": 2, "uuid": self.account.uuid, "retention": "14d"}
        self.desk.write(FILE.format(**(usual | changes)))

    def __call__(self, *args: str) -> Said:
        return self.desk("doctor", *args)

    def findings(self, *args: str) -> list[tuple[str, str]]:
        """``(check, severity)`` of each."""
        return [(each["check"], each["severity"]) for each in self("--json", *args).data["findings"]]

    def finding(self, check: str) -> dict[str, str]:
        (found,) = [each for each in self("--json").data["findings"] if each["check"] == check]
        return found


@pytest.fixture
def account(monkeypatch):
    """In which time zones and holidays never grow too old."""
    monkeypatch.setattr(data_versions, "TOO_OLD", timedelta.max)
    with an_account(monkeypatch) as made:
        yield made


@pytest.fixture
def practice(account, tmp_path, monkeypatch) -> Practice:
    monkeypatch.chdir(tmp_path)
    made = Practice(account=account, desk=Desk(home=tmp_path, cli=CliContext(clients=account.clients)))
    made.write()
    return made
