"""Reads and replaces a text that several people may edit at once; no edit is lost.

document = open_document("s3://bucket/schedule.yaml")
document = document.replace(edited(document.text))
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from controller.aws.clients import BotoClients
from controller.aws.s3 import StoredText
from controller.errors import ConfigError, Diagnostic
from controller.storage.sources import MAX_BYTES, Source, named_source, readable

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text as it was read at ``location``; ``stored`` is ``None`` where there is none yet."""

    location: str
    source: Source
    stored: StoredText | None

    @property
    def exists(self) -> bool:
        return self.stored is not None

    @property
    def text(self) -> bytes:
        return self.stored.data if self.stored is not None else b""

    def replace(self, text: bytes) -> Document:
        """Writes ``text``, whole or not at all, if nothing has changed since this was read.

        Where there was no text, it is created. Returns the document as it is now.

        Raises:
            ConflictError: it has changed since; nothing was written.
            OSError: a file cannot be written.
            AwsError: an object cannot be written.
        """
        etag = self.stored.etag if self.stored is not None else None
        return replace(self, stored=self.source.put(text, if_match=etag))


def open_document(location: str, clients: ClientFactory | None = None) -> Document:
    """As ``document_at``, of a text that must be there.

    Raises:
        ConfigError: there is none; or as ``document_at``.
    """
    document = document_at(location, clients)
    if not document.exists:
        raise ConfigError(location, (Diagnostic(message="cannot be read: there is no such file"),))
    return document


def document_at(location: str, clients: ClientFactory | None = None) -> Document:
    """The text at a path, a ``file://`` or an ``s3://`` URL, or an empty document that can be created there.

    ``clients`` makes S3's client; ``None``: by the standard configuration.

    Raises:
        ConfigError: no proper location, a file that cannot be read, or a text far too large to be edited.
        AwsError: an object cannot be read.
    """
    source = named_source(location, clients or BotoClients())
    with readable(location):
        found = source.get()
    stored = found if isinstance(found, StoredText) else None
    if stored is not None and len(stored.data) >= MAX_BYTES:
        # Only its beginning was read: to replace it would cut it off.
        raise ConfigError(location, (Diagnostic(message="too large to be edited"),))
    return Document(location=location, source=source, stored=stored)
