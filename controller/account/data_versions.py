"""Checks whether tzdata and holidays are old, or differ between this machine and the deployed function.

What both versions make of the file cannot be compared here: only one of them is installed. So a difference is
reported where the file depends on the package at all.

Neither package says when it was released, and the times of installed files are those of the installation.
What is recorded here are days by which a version was there: an older version was there by then, too. Of a
version newer than all of these nothing is known, and it is taken for new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from controller.account.facts import AccountFacts
from controller.account.findings import Remark, Unreadable, advice
from controller.config.model import Config
from controller.schedule.calendars import Country, Holidays
from controller.storage.versions import versions

AHEAD_DAYS: Final = 400
TOO_OLD: Final = timedelta(days=274)
"""Nine months: governments change their clocks and holidays with less notice than that."""
THERE_BY: Final[dict[str, dict[str, date]]] = {
    "tzdata": {"2025.2": date(2025, 3, 31), "2026.6": date(2026, 10, 31)},
    "holidays": {"0.108": date(2026, 11, 25), "0.109": date(2026, 11, 25)},
}
"""Source: https://pypi.org/project/tzdata/#history and https://pypi.org/project/holidays/#history."""
DATA: Final = ("tzdata", "holidays")
_WITHOUT_RULES: Final = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT"})
"""Zones that no release changes."""


def data_versions(facts: AccountFacts) -> Iterator[Remark]:
    here, there = versions(), deployed_versions(facts)
    yield from _old(facts, here, "here", "pip install --upgrade tzdata holidays")
    yield from _old(facts, there, "in the deployed function", "build the function again, and deploy it")
    for package in DATA:
        if package in here and package in there and here[package] != there[package]:
            yield from _differs(facts.config, package, here[package], there[package])


def deployed_versions(facts: AccountFacts) -> dict[str, str]:
    """Empty where the function has not written down what it is, or the file is in no bucket."""
    found = facts.deployment
    return {} if found is None or isinstance(found, Unreadable) else dict(found.versions)


def _old(facts: AccountFacts, found: dict[str, str], where: str, remedy: str) -> Iterator[Remark]:
    for package in DATA:
        version = found.get(package)
        if version is None or not is_too_old(package, version, facts.asked_at):
            continue
        yield advice(
            f"{package} {version} {where} is older than nine months (it was there by "
            f"{there_by(package, version)}): clocks or holidays may have been changed since",
            remedy,
        )


def _differs(config: Config, package: str, here: str, there: str) -> Iterator[Remark]:
    affected = _affected(config, package)
    if affected:
        yield advice(
            f"{package} is {here} here and {there} in the deployed function, and the file depends on it "
            f"({', '.join(affected)}): what commands show of the next {AHEAD_DAYS} days may differ from what "
            "the function does",
            f"deploy the function with {package} {here}, or install {there} here",
        )


def _affected(config: Config, package: str) -> tuple[str, ...]:
    """The zones, or the countries, of the file that the package decides."""
    if package == "tzdata":
        return tuple(
            dict.fromkeys(each.zone for each in config.specs.values() if each.zone not in _WITHOUT_RULES)
        )
    rules = (rule.names for spec in config.specs.values() for rule in spec.holidays)
    parts = (
        part
        for names in rules
        if isinstance(names, Holidays)
        for calendar in names.calendars
        for part in calendar.parts
    )
    return tuple(dict.fromkeys(part.code for part in parts if isinstance(part, Country)))


def there_by(package: str, version: str) -> date | None:
    """The first recorded day by which that version of the package was released; ``None``: not known."""
    number = _number(version)
    known = [day for other, day in THERE_BY.get(package, {}).items() if number <= _number(other)]
    return min((*known, *_by_its_year(package, number)), default=None)


def _by_its_year(package: str, number: tuple[int, ...]) -> tuple[date, ...]:
    """A version of ``tzdata`` begins with its year.

    Source: https://tzdata.readthedocs.io
    """
    return (date(number[0], 12, 31),) if package == "tzdata" and number else ()


def is_too_old(package: str, version: str, now: datetime) -> bool:
    day = there_by(package, version)
    return day is not None and now.astimezone(UTC).date() - day > TOO_OLD


def _number(version: str) -> tuple[int, ...]:
    """``2026.6`` → ``(2026, 6)``, whatever follows the numbers."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
