"""What a pipeline's keys in the file tell the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.states import Desired

DEFAULT_TICK = timedelta(minutes=5)
DEFAULT_DRAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A person's hand on the pipeline, until ``until`` (aware UTC, exclusive)."""

    desired: Desired
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``None`` means ``auto`` for ``warm_up`` and ``bridge``, and the default limit for ``drain``.

    ``lines`` maps a key of the pipeline (``hold``, ``warm_up``, …, and ``schedule``, which is always there)
    to its line in the file.
    """

    warm_up: timedelta | None = None
    bridge: timedelta | None = None
    drain: timedelta | None = None
    hold: Hold | None = None
    lines: dict[str, int] = field(default_factory=dict)
