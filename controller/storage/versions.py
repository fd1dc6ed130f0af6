"""The versions of the installed packages that decide what this program does.

It imports nothing else, so that ``--version`` answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Final

PACKAGES: Final = ("rekognition-scheduler", "tzdata", "holidays")
"""This package, and those whose contents decide when something is open."""


def versions() -> dict[str, str]:
    """The versions installed here, by the name of the package; a package without metadata is left out."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def listed(found: Mapping[str, str]) -> str:
    """``rekognition-scheduler 0.1.0, tzdata 2026.6, holidays 0.109``."""
    return ", ".join(f"{name} {number}" for name, number in found.items())
