"""Loads time zones from the ``tzdata`` package, never from the operating system.

The system's database may be years older than the package, and ``TZ`` and ``PYTHONTZPATH`` are the machine's,
not the schedule's: a schedule means the same instants wherever it is read.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zone_names() -> tuple[str, ...]:
    """All IANA names, links included, in the package's order."""
    return tuple(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


@cache
def _known() -> frozenset[str]:
    return frozenset(zone_names())


@cache
def load_zone(name: str) -> ZoneInfo:
    """The zone of that exact IANA name; the same object every time.

    Raises:
        ValueError: no zone has this name. Case counts, and only names in the package's list are opened: one
            such as ``../../etc/passwd`` never becomes a path.
    """
    if name not in _known():
        raise ValueError(f'"{name}" is not a time zone (for example America/New_York)')
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
