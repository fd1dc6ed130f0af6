"""The actions on a pipeline, each with its target, and the outcome of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class ActionKind(StrEnum):
    """In the order in which a tick carries them out: what frees and protects comes before what costs."""

    DISABLE_MAPPING = "DisableMapping"
    STOP_MODEL = "StopModel"
    START_MODEL = "StartModel"
    ENABLE_MAPPING = "EnableMapping"


class OwnTarget(StrEnum):
    """What the pipeline's entry in the file names."""

    MODEL = "model"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredVersion:
    """An earlier version of the model that must never run."""

    arn: str


ActionTarget: TypeAlias = OwnTarget | RetiredVersion

_OWN_TARGETS = {
    ActionKind.DISABLE_MAPPING: OwnTarget.MAPPING,
    ActionKind.STOP_MODEL: OwnTarget.MODEL,
    ActionKind.START_MODEL: OwnTarget.MODEL,
    ActionKind.ENABLE_MAPPING: OwnTarget.MAPPING,
}


class FailureKind(StrEnum):
    """Why AWS did not carry out an action; ``TERMINAL`` counts against a start, ``BUSY`` when it repeats."""

    TRANSIENT = "transient"
    BUSY = "busy"
    QUOTA = "quota"
    TERMINAL = "terminal"
    NOT_REACHED = "not reached"
    """The call was not sent in this tick: it comes first in the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One call to AWS that changes a model or a mapping; only ``STOP_MODEL`` has a retired version."""

    kind: ActionKind
    target: ActionTarget

    @classmethod
    def own(cls, kind: ActionKind) -> Action:
        """On the pipeline's own model or mapping, whichever ``kind`` changes."""
        return cls(kind=kind, target=_OWN_TARGETS[kind])

    @classmethod
    def stop_retired(cls, arn: str) -> Action:
        return cls(kind=ActionKind.STOP_MODEL, target=RetiredVersion(arn=arn))

    @property
    def retired_arn(self) -> str | None:
        """``None`` for the pipeline's own model or mapping."""
        return self.target.arn if isinstance(self.target, RetiredVersion) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An action that was requested ``count`` times since ``since`` (aware UTC), so far without its effect.

    ``action`` and ``version`` (a retired version's ARN, or ``None``) are the names of the fields in the
    stored document. ``error`` is AWS's last answer, if that was a refusal.
    """

    action: ActionKind
    version: str | None = None
    since: datetime
    count: int = 1
    error: str | None = None

    @property
    def requested(self) -> Action:
        return Action.own(self.action) if self.version is None else Action.stop_retired(self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of an action; ``refusal`` and ``error`` (for a person) are there when it failed."""

    action: Action
    refusal: FailureKind | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.refusal is None
