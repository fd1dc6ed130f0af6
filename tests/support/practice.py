"""An account built right, a file that fits it, and a person at a desk who asks the doctor."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.account import data_versions
from controller.cli.context import CliContext
from tests.support.account import MODEL, OLD, Account, an_account
from tests.support.desk import Desk, Said, at
from tests.support.screens import MONDAY, Screen

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


def practice_in(home: Path, account: Account) -> Practice:
    made = Practice(account=account, desk=Desk(home=home, cli=CliContext(clients=account.clients)))
    made.write()
    return made


@contextlib.contextmanager
def fresh_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """In which time zones and holidays never grow too old."""
    monkeypatch.setattr(data_versions, "TOO_OLD", timedelta.max)
    with an_account(monkeypatch) as made:
        yield made


@contextlib.contextmanager
def a_practice() -> Iterator[Practice]:
    """Outside of a test, in a folder of its own."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(contextlib.chdir(home))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        yield practice_in(home, stack.enter_context(fresh_account(patch)))


def in_account(
    *commands: str, build: Callable[[Account], object] | None = None, today: bool = False
) -> Screen:
    """In a checkout, with an account built right but for what ``build`` does.

    ``today`` it is where a command compares its clock with that of the account.
    """

    def arrange(desk: Desk, stack: ExitStack) -> None:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        account = stack.enter_context(fresh_account(patch))
        practice_in(desk.home, account)
        (desk.home / "deploy").mkdir()
        desk.cli = replace(desk.cli, clients=account.clients, can_ask=lambda: False)
        if today:
            desk.cli = replace(desk.cli, clock=CliContext().clock)
        if build is not None:
            build(account)

    return Screen(commands=commands, arrange=arrange)


def findings_of(build: Callable[[Account], object]) -> Iterator[str]:
    """What the doctor finds in an account that ``build`` has changed, and what to do."""
    with a_practice() as practice:
        build(practice.account)
        practice.write()
        said = practice("--json").data
        for each in said["findings"]:
            yield f"{each['severity']} {each['check']}: {each['message']}"
            yield f"    what to do: {each['remedy']}"
        yield from (f"not seen: {each}" for each in said["not_seen"])


def written_by(command: str) -> str:
    """The file that ``command`` writes where its ``--output`` says."""
    with a_practice() as practice:
        arguments = shlex.split(command)
        cli = replace(practice.desk.cli, clock=lambda: at(MONDAY), can_ask=lambda: False)
        said = replace(practice.desk, cli=cli)(*arguments)
        assert said.code == 0, said.err
        return Path(arguments[arguments.index("--output") + 1]).read_text(encoding="utf-8")
