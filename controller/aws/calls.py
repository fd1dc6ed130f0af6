"""Makes one call to AWS and turns its exceptions into ``TransientError`` or ``TerminalError``."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from traceback import walk_tb
from typing import TYPE_CHECKING, Final, TypeVar

from controller.aws.codes import MALFORMED_ANSWER, classify
from controller.errors import AwsError, TerminalError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

P = TypeVar("P")
T = TypeVar("T")

MESSAGE_LENGTH: Final = 400
"""In characters: enough for the longest sentence of "… is not authorized to perform …" with two ARNs."""

MOST_PAGES: Final = 100
"""Of one listing: far beyond any real one, since a page mostly holds a hundred things."""

YEARS: Final = range(2000, 2200)
"""Of instants in an answer: a day or a year more or less does not overflow."""

_MAKES_NO_SENSE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading an answer raises that has a member missing, of another type, or out of bounds."""

_SECRETS: Final = (
    # Access key ids; their prefixes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    re.compile(r"\b(?:ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{12,}\b"),
    # A refused signature is explained with the canonical request, whose headers hold the session token.
    re.compile(r"(?<=x-amz-security-token)[:=]\s*\S+", re.IGNORECASE),
    # The encoded authorization message tells whoever may decode it about policies.
    # Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    re.compile(r"(?<=encoded authorization failure message): *\S+", re.IGNORECASE),
    # user:password in the URL of an endpoint or a proxy.
    re.compile(r"(?<=//)[^/@\s]+(?=@)"),
    # Tokens and signatures in places not thought of here; no word and no part of an ARN is so long.
    re.compile(r"[A-Za-z0-9+/=_%-]{160,}"),
)


class _Translated:
    """Raises the error that ``translate`` makes of an exception, unless it is ``None``.

    A class, since each tick has several of these for each pipeline, and a generator costs four times as much.
    """

    __slots__ = ("_translate",)

    def __init__(self, translate: Callable[[BaseException], AwsError | None]) -> None:
        self._translate = translate

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        translated = None if error is None else self._translate(error)
        if translated is not None:
            raise translated from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``name`` is the IAM action, ``rekognition:StartProjectVersion``; ``resource`` what it is called on."""

    name: str
    resource: str

    def sending(self) -> AbstractContextManager[None]:
        """What botocore raises inside leaves as a ``TransientError`` or a ``TerminalError``.

        The cause is not chained: botocore's text is neither bounded nor free of secrets.
        """
        return _Translated(self._of_sending)

    def reading(self) -> AbstractContextManager[None]:
        """An answer that lacks a member, or holds a value of no sense, leaves as a ``TransientError``."""
        return _Translated(self._of_reading)

    def _of_sending(self, error: BaseException) -> AwsError | None:
        """``None``: it is not botocore's."""
        # Imported here because this module must be cheap to import; whoever has a client has paid already.
        from botocore.exceptions import ClientError  # noqa: PLC0415

        if isinstance(error, ClientError):
            return self._refused(error)
        if isinstance(error, _no_answer()):
            return self._unanswered(error)
        if isinstance(error, Exception) and _was_parsing(error):
            return self._unreadable(error)
        return None

    def _of_reading(self, error: BaseException) -> AwsError | None:
        """``None``: it does not come from the answer."""
        return self._unreadable(error) if isinstance(error, _MAKES_NO_SENSE) else None

    def pages(self, pages: Iterable[P]) -> list[P]:
        """All of them, as they are sent for; raises what ``sending`` and ``endless`` do."""
        with self.sending():
            found = list(islice(pages, MOST_PAGES + 1))
        if len(found) > MOST_PAGES:
            raise self.endless()
        return found

    def endless(self) -> AwsError:
        """The error for a listing that goes on after ``MOST_PAGES``."""
        return self._error(TransientError, MALFORMED_ANSWER, f"more than {MOST_PAGES} pages")

    def _unreadable(self, error: Exception) -> AwsError:
        message = f"the answer cannot be read ({type(error).__name__}: {error})"
        return self._error(TransientError, MALFORMED_ANSWER, message)

    def _refused(self, error: ClientError) -> AwsError:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return self._error(classify(code, status), code, error.response.get("Error", {}).get("Message", ""))

    def _unanswered(self, error: Exception) -> AwsError:
        kind = TransientError if isinstance(error, _passing()) else TerminalError
        return self._error(kind, type(error).__name__, str(error))

    def _error(self, kind: type[AwsError], code: str, message: str) -> AwsError:
        return kind(call=self.name, resource=self.resource, code=code, message=presentable(message))


class CallWindow:
    """The window of time in which a tick may send calls; once closed, no attempt is sent, retries included.

    A thread that hangs in a call outlives its tick, and botocore repeats a call that timed out. What the tick
    observed is old by then: the mapping could be enabled while the model is no longer RUNNING.
    """

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def run(self, job: Callable[[], T]) -> T:
        """Calls of ``job`` in this thread belong to this window."""
        token = _WINDOW.set(self)
        try:
            return job()
        finally:
            _WINDOW.reset(token)

    @staticmethod
    def current() -> CallWindow | None:
        """That of the running job; ``None`` outside of any, where every attempt is sent."""
        return _WINDOW.get()


_WINDOW: Final[ContextVar[CallWindow | None]] = ContextVar("window", default=None)


def send_within_window(client: BaseClient) -> None:
    """From now on each attempt of ``client``, retries included, raises once its window is closed.

    Handlers of a service's own event come before this one: a call that waited for its turn is checked after.
    """
    client.meta.events.register("before-send", _refuse_when_closed)


def _refuse_when_closed(event_name: str, **_request: object) -> None:
    window = CallWindow.current()
    if window is not None and window.closed:
        service, operation = event_name.split(".")[1:3]
        raise TransientError(
            call=f"{service}:{operation}",
            resource="",
            code="TickEnded",
            message="the tick that made this call has ended; the next one decides anew",
        )


@cache
def _no_answer() -> tuple[type[Exception], ...]:
    """All that botocore raises besides ``ClientError``; imported when something was raised, being slow to."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as in Call.sending
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as in Call.sending

    return BotoCoreError, ResponseParserError


@cache
def _passing() -> tuple[type[Exception], ...]:
    """What botocore raises when no whole answer came; the rest of its tree is configuration and misuse."""
    from botocore import exceptions as boto  # noqa: PLC0415 - as in Call.sending
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as in Call.sending

    return (
        boto.CapacityNotAvailableError,
        boto.ChecksumError,
        boto.ConnectionError,
        boto.CredentialRetrievalError,
        boto.HTTPClientError,
        boto.IncompleteReadError,
        boto.MetadataRetrievalError,
        boto.PaginationError,
        ResponseParserError,
    )


def _was_parsing(error: Exception) -> bool:
    """Whether botocore broke down over an answer, in its parser or (``null``) right behind it."""
    modules = [frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)]
    return "botocore.parsers" in modules or modules[-1] == "botocore.endpoint"


def next_token(token: str | None, *, after: str | None) -> str | None:
    """Of a page whose own token was ``after``: that of the next page, ``None`` on the last.

    Raises ``ValueError`` where the same page comes again; for tokens that alternate see ``Call.endless``.
    """
    if token and token == after:
        raise ValueError("the same page comes again and again")
    return token or None


def bounded(value: float, most: float, what: str) -> float:
    """``value``; raises ``ValueError`` unless it is in 0 to ``most``, so that no later sum overflows."""
    if not 0 <= value <= most:
        raise ValueError(f"{what} is {value}, which is not in 0 to {most:g}")
    return value


def count(value: int | None, most: float, what: str) -> int | None:
    """A whole number of an answer, or ``None`` where there is none; raises ``ValueError`` as ``bounded``."""
    return None if value is None else int(bounded(value, most, what))


def seconds(value: float, most: timedelta, what: str) -> timedelta:
    """A time that an answer gives in seconds; raises ``ValueError`` unless it lies in 0 to ``most``."""
    return timedelta(seconds=bounded(value, most.total_seconds(), what))


def utc(instant: datetime, what: str) -> datetime:
    """An instant of an answer; raises ``ValueError`` unless its year can be reckoned with on both sides."""
    if instant.year not in YEARS:
        raise ValueError(f"{what} is in the year {instant.year}")
    return instant.astimezone(UTC)


def unknown_word(value: str | None) -> str | None:
    """AWS's own word, as it may be shown, for a status that is not known here; ``None`` where it has none."""
    return presentable(value) if value else None


def presentable(message: str) -> str:
    """AWS's words on one line, without secrets, at most ``MESSAGE_LENGTH`` characters."""
    line = " ".join(message.split()) or "no message"
    for secret in _SECRETS:
        line = secret.sub("…", line)
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"
