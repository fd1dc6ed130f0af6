"""The request for a hold or an override: of what, in which state, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.config.values import text
from controller.errors import RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRangeOptions:
    """``--from``, ``--until``, ``--for`` and ``--force`` as they were given."""

    since: str | None
    until: str | None
    length: timedelta | None
    force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReason:
    """Why an edit is made, and who decided it, one line each; ``by`` is ``None`` where that is not known."""

    reason: str
    by: str | None

    @property
    def entry(self) -> dict[str, str]:
        return {"reason": self.reason} | ({"by": self.by} if self.by else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """The request for a hold or an override of ``target``, a pipeline or a schedule."""

    target: str
    state: str
    times: TimeRangeOptions
    why: EditReason


def edit_reason(reason: str | None, by: str | None) -> EditReason:
    """The reason of an edit, which must have one: what cannot be explained is never taken back.

    Raises:
        RequestError: there is no reason, or it is no line that the file may hold.
    """
    line = _one_line("--reason", reason)
    if line is None:
        raise RequestError("say why (--reason …)", option="--reason")
    return EditReason(reason=line, by=_one_line("--by", by))


def _one_line(option: str, written: str | None) -> str | None:
    if not written:
        return None
    try:
        return text(written)
    except ValueError as error:
        raise RequestError(str(error), option=option) from None
