"""Findings of ``doctor``: their severity, and how a check is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

T = TypeVar("T")
F = TypeVar("F")


class Severity(StrEnum):
    SERIOUS = "serious"
    """Messages or money are lost, or the controller cannot work: a person must act."""
    ADVICE = "advice"
    UNKNOWN = "unknown"
    """What had to be read could not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a check found: ``message`` is the fact, ``remedy`` what to do; both start in lower case."""

    severity: Severity
    message: str
    remedy: str | None


def serious(message: str, remedy: str) -> Remark:
    return Remark(severity=Severity.SERIOUS, message=message, remedy=remedy)


def advice(message: str, remedy: str) -> Remark:
    return Remark(severity=Severity.ADVICE, message=message, remedy=remedy)


def unknown(message: str, remedy: str | None = None) -> Remark:
    return Remark(severity=Severity.UNKNOWN, message=message, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A remark with its pipeline and check; ``pipeline`` is ``None`` for the account as a whole."""

    pipeline: str | None
    check: str
    severity: Severity
    message: str
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A fact that could not be read: why, and what to do.

    ``absent``: it does not exist. One check says so, and what depends on it has nothing to say.
    """

    why: str
    remedy: str | None = None
    absent: bool = False


Readable: TypeAlias = T | Unreadable


class UnreadableError(Exception):
    """A check cannot judge without a fact that could not be read."""

    def __init__(self, unseen: Unreadable) -> None:
        super().__init__(unseen.why)
        self.unseen = unseen


def require(fact: Readable[T]) -> T:
    """Returns the fact.

    Raises:
        UnreadableError: it could not be read; the check is unknown.
    """
    if isinstance(fact, Unreadable):
        raise UnreadableError(fact)
    return fact


Check: TypeAlias = Callable[[F], Iterable[Remark]]


def run_all(checks: dict[str, Check[F]], facts: F, pipeline: str | None = None) -> Iterator[Finding]:
    """Runs ``checks`` in their order."""
    for name, check in checks.items():
        for remark in _asked(check, facts):
            yield Finding(
                pipeline=pipeline,
                check=name,
                severity=remark.severity,
                message=remark.message,
                remedy=remark.remedy,
            )


def _asked(check: Check[F], facts: F) -> tuple[Remark, ...]:
    try:
        return tuple(check(facts))
    except UnreadableError as error:
        if error.unseen.absent:
            return ()
        return (unknown(error.unseen.why, error.unseen.remedy),)
