"""Checks whether tzdata and holidays are old, or differ between this machine and the deployed function.

What both versions make of the file cannot be compared here: only one of them is installed. So a difference is
reported where the file depends on the package at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from controller.account.facts import AccountFacts
from controller.account.findings import Remark, Unreadable, advice
from controller.account.releases import is_too_old, there_by
from controller.config.model import Config
from controller.schedule.calendars import Country, Holidays
from controller.storage.versions import versions

AHEAD_DAYS: Final = 400
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
