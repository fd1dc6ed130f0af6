"""The entries that edits add to the schedule file: an override with ``from`` and ``until``, a hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.core.timefmt import iso
from controller.schedule.walltime import earliest, latest

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from controller.editing.request import EditReason


def override(start: datetime, end: datetime, state: str, zone: ZoneInfo, why: EditReason) -> dict[str, str]:
    """Instants are aware, to the second; they are written as the zone's wall times where those are clear."""
    return {"from": _wall(start, zone), "until": _wall(end, zone), "state": state} | why.entry


def hold(state: str, until: datetime, zone: ZoneInfo, why: EditReason) -> dict[str, str]:
    return {"state": state, "until": _wall(until, zone)} | why.entry


def _wall(instant: datetime, zone: ZoneInfo) -> str:
    """``2026-12-05T20:00``; with its offset where that wall time occurs twice.

    Of wall times without one, an end of 01:15 after a start of 01:45 would be refused as reversed.
    """
    shown = instant.astimezone(zone)
    wall = shown.replace(tzinfo=None, fold=0)
    return iso(wall if earliest(wall, zone) == latest(wall, zone) else shown)
