"""Zones come from the tzdata package, whatever the machine says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import pytest

from controller.schedule import Schedule, days, load_zone, timeline, walltime, zone_names
from tests.support.schedules import instant, spec

ROOT = Path(__file__).parents[3]


def test_every_name_loads_under_its_own_name():
    names = zone_names()
    assert len(names) > 500
    assert [load_zone(name).key for name in names] == list(names)


def test_every_zone_is_loaded_once():
    zones = [load_zone(name) for name in zone_names()]
    assert all(load_zone(zone.key) is zone for zone in zones)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "europe/berlin",
        "Europe",
        "../../etc/passwd",
        "/etc/localtime",
        "tzdata.zi",
        "UTC\0",
        "localtime",
    ],
)
def test_a_name_that_is_not_in_the_list_is_refused(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        load_zone(name)


SCRIPT = """
from tests.support.schedules import spec, told
from controller.schedule import Schedule
print(*told(Schedule(spec("America/New_York", "08:30-17:00")), "2026-03-07T00:00", "2026-03-10T00:00"))
"""
BY_HAND = (
    "2026-03-07T13:30 2026-03-07T22:00 2026-03-08T12:30 2026-03-08T21:00 2026-03-09T12:30 2026-03-09T21:00"
)


@pytest.fixture
def wrong_database(tmp_path):
    """A system database in which New York is Tokyo."""
    tokyo = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "New_York").write_bytes(tokyo)
    return str(tmp_path)


def test_neither_the_systems_zone_nor_its_database_nor_its_locale_is_read(wrong_database):
    odd = {"TZ": "Asia/Tokyo", "PYTHONTZPATH": wrong_database, "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}
    run = subprocess.run(  # noqa: S603 - our own interpreter, our own script
        [sys.executable, "-W", "error", "-c", SCRIPT],
        env={**os.environ, **odd, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == BY_HAND


def _forbidden(*_, **__):
    raise AssertionError("the clock was read")


class Clockless(datetime):
    now = today = utcnow = classmethod(_forbidden)


class Dateless(date):
    today = classmethod(_forbidden)


def test_the_clock_is_not_read(monkeypatch):
    for module in (days, timeline, walltime):
        monkeypatch.setattr(module, "datetime", Clockless)
    for module in (days, timeline):
        monkeypatch.setattr(module, "date", Dateless)
    for name in ("time", "time_ns", "localtime", "gmtime", "monotonic"):
        monkeypatch.setattr(time, name, _forbidden)
    schedule, t = Schedule(spec("Europe/Berlin", "22:00-06:00")), instant("2026-12-07T12:00")
    assert not schedule.is_open(t)
    assert schedule.at(t).ends_at == schedule.next_change(t) == instant("2026-12-07T21:00")
    assert schedule.openings(t, t.replace(hour=22))
