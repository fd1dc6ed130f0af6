"""Time zones and holidays that are old, or others in the deployed function than here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

import pytest

from controller.account import data_versions
from controller.account.data_versions import TOO_OLD, is_too_old, there_by
from controller.account.findings import Unreadable
from controller.account.reader import AccountReader
from controller.storage.deployment import Deployment
from controller.storage.load import read
from controller.storage.versions import versions

NOW = datetime(2026, 11, 23, tzinfo=UTC)
RECORD = {
    "tzdata": {"2025.2": date(2025, 3, 31)},
    "holidays": {"0.9": date(2020, 1, 1), "0.80": date(2025, 9, 1)},
}


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(data_versions, "THERE_BY", RECORD)


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("package", "number", "day"),
    [
        ("tzdata", "2025.2", date(2025, 3, 31)),
        ("tzdata", "2025.1", date(2025, 3, 31)),
        ("tzdata", "2024.2", date(2024, 12, 31)),
        ("tzdata", "2025.3", date(2025, 12, 31)),
        ("holidays", "0.9", date(2020, 1, 1)),
        ("holidays", "0.10", date(2025, 9, 1)),
        ("holidays", "0.80", date(2025, 9, 1)),
        ("holidays", "0.80.1", None),
        ("holidays", "1.0", None),
        ("other", "1.0", None),
    ],
)
def test_a_version_was_there_by_the_first_day_on_which_a_later_one_is_known(package, number, day):
    assert there_by(package, number) == day


@pytest.mark.usefixtures("recorded")
def test_nine_months_after_that_day_it_is_too_old():
    last = datetime(2025, 9, 1, 23, 59, tzinfo=UTC) + TOO_OLD
    assert not is_too_old("holidays", "0.80", last)
    assert is_too_old("holidays", "0.80", last + timedelta(minutes=1))
    assert not is_too_old("holidays", "1.0", last + timedelta(days=9_999))


def test_what_is_installed_is_known_from_the_day_on_which_it_was_recorded():
    assert set(data_versions.THERE_BY) == set(data_versions.DATA)
    assert all(data_versions.THERE_BY.values())


@pytest.fixture
def found(practice, monkeypatch):
    """What is said of the versions, of a file in New York's time with the holidays of the United States."""
    monkeypatch.setattr(data_versions, "TOO_OLD", TOO_OLD)
    path = practice.desk.home / "config" / "schedule.yaml"

    def ask(deployment, *, now=NOW, zone="America/New_York", country="us: {country: US}"):
        text = path.read_text().replace("America/New_York", zone)
        office = "hours: {mon-fri: 08:30-17:00}}"
        holidays = "hours: {mon-fri: 08:30-17:00}, holidays: {calendars: [us]}}"
        path.write_text(
            text.replace(office, holidays).replace("schedules:", f"calendars: {{{country}}}\nschedules:")
        )
        facts = AccountReader(
            config=read(str(path)), clients=practice.account.clients, clock=lambda: now
        ).account
        return [each.message for each in data_versions.data_versions(replace(facts, deployment=deployment))]

    return ask


THERE = Deployment(versions={"tzdata": "2024.2", "holidays": "0.1"})


def test_the_same_versions_that_are_new_are_nothing_to_say(found):
    assert found(Deployment(versions=versions())) == []


def test_others_in_the_function_are_told_of_with_what_in_the_file_depends_on_them(found):
    old_zones, zones, holidays = found(THERE)
    assert all("in the deployed function" in each for each in (old_zones, zones, holidays))
    assert old_zones.startswith("tzdata 2024.2 ")
    assert " is older than nine months" in old_zones
    assert f"tzdata is {version('tzdata')} here and 2024.2 " in zones
    assert f"holidays is {version('holidays')} here and 0.1 " in holidays
    assert ("(America/New_York)" in zones, "(US)" in holidays) == (True, True)


def test_what_the_file_does_not_depend_on_may_differ(found):
    other = Deployment(versions={"tzdata": f"{version('tzdata')}.1", "holidays": f"{version('holidays')}.1"})
    assert found(other, zone="UTC", country="us: {also: {2026-12-24: Eve}}") == []


@pytest.mark.parametrize("deployment", [None, Unreadable(why="AccessDenied"), Deployment()], ids=str)
def test_of_a_function_that_nobody_knows_nothing_is_said(found, deployment):
    assert found(deployment) == []


def test_what_is_installed_here_grows_old_too(found):
    told = found(None, now=datetime(2036, 1, 1, tzinfo=UTC))
    assert [each.split(" here ")[0] for each in told][:1] == [f"tzdata {version('tzdata')}"]
