"""Puts events on an EventBridge bus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call
from controller.aws.codes import classify

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef, PutEventsResponseTypeDef

AT_ONCE: Final = 10
"""Entries of one request.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event: ``detail`` is JSON, ``resources`` are ARNs, ``at`` is aware."""

    source: str
    detail_type: str
    detail: str
    at: datetime
    resources: tuple[str, ...] = ()


class Bus:
    """The bus of that name or ARN; ``None`` is the account's default bus."""

    def __init__(self, client: EventBridgeClient, name: str | None = None) -> None:
        self._client = client
        self._name = name

    def put(self, entries: Sequence[Entry]) -> None:
        """Raises ``TransientError`` or ``TerminalError``, also if only some entries were refused."""
        for first in range(0, len(entries), AT_ONCE):
            self._put([self._entry(entry) for entry in entries[first : first + AT_ONCE]])

    def _entry(self, entry: Entry) -> PutEventsRequestEntryTypeDef:
        made: PutEventsRequestEntryTypeDef = {
            "Source": entry.source,
            "DetailType": entry.detail_type,
            "Detail": entry.detail,
            "Time": entry.at,
            "Resources": list(entry.resources),
        }
        if self._name is not None:
            made["EventBusName"] = self._name
        return made

    def _put(self, entries: list[PutEventsRequestEntryTypeDef]) -> None:
        call = Call(name="events:PutEvents", resource=self._name or "default")
        with call.sending():
            answer = self._client.put_events(Entries=entries)
        with call.reading():
            refused = _refused(answer)
        if refused is not None:
            code, message = refused
            raise classify(code)(call=call.name, resource=call.resource, code=code, message=message)


def _refused(answer: PutEventsResponseTypeDef) -> tuple[str, str] | None:
    """The first entry that was refused: its code, and the words.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
    """
    if not answer["FailedEntryCount"]:
        return None
    failed, *_ = [entry for entry in answer["Entries"] if entry.get("ErrorCode")]
    return failed["ErrorCode"], failed.get("ErrorMessage", "no message")
