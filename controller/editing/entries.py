"""The entries that edits add to the schedule file: an override with ``from`` and ``until``, a hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.core.timefmt import iso
from controller.schedule.walltime import earliest, latest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from controller.editing.request import EditReason


def override(start: datetime, end: datetime, state: str, zone: ZoneInfo, why: EditReason) -> dict[str, str]:
    """Instants are aware, to the second; they are written as the zone's wall times where those mean them."""
    return {
        "from": _wall(start, zone, earliest),
        "until": _wall(end, zone, latest),
        "state": state,
    } | why.entry


def hold(state: str, until: datetime, zone: ZoneInfo, why: EditReason) -> dict[str, str]:
    return {"state": state, "until": _wall(until, zone, latest)} | why.entry


def _wall(instant: datetime, zone: ZoneInfo, meant: Callable[[datetime, ZoneInfo], datetime]) -> str:
    """``2026-12-05T20:00``; with its offset where the wall time occurs twice and the other one is meant."""
    shown = instant.astimezone(zone)
    wall = shown.replace(tzinfo=None, fold=0)
    return iso(wall if meant(wall, zone) == instant else shown)
