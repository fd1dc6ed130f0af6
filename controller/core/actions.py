"""What is done to a pipeline, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.core.states import ActionKind


class FailureKind(StrEnum):
    """Why AWS did not do what it was asked; ``TERMINAL`` counts against a start, ``BUSY`` when it repeats."""

    TRANSIENT = "transient"
    BUSY = "busy"
    QUOTA = "quota"
    TERMINAL = "terminal"
    NOT_REACHED = "not reached"
    """The call was not sent in this tick: it comes first in the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action on this pipeline's own model or mapping, or on the retired ``version`` of that ARN."""

    action: ActionKind
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An action that was asked for ``count`` times since ``since`` (aware UTC), so far without its effect.

    ``error`` is what AWS said the last time, if it refused.
    """

    action: ActionKind
    version: str | None = None
    since: datetime
    count: int = 1
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a deed; ``refusal`` and ``error`` (for a person) are there when it failed."""

    action: ActionKind
    version: str | None = None
    refusal: FailureKind | None = None
    error: str | None = None

    @property
    def deed(self) -> Action:
        return Action(action=self.action, version=self.version)

    @property
    def ok(self) -> bool:
        return self.refusal is None
