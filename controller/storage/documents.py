"""A text that somebody may edit, and that somebody else may be editing, too: no edit is lost.

document = open_document("s3://bucket/schedule.yaml")
document = document.replace(edited(document.text))
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from controller.aws.clients import BotoClients
from controller.aws.s3 import NoContent
from controller.errors import ConfigError, Diagnostic
from controller.storage.sources import MOST_BYTES, Source, StoredText, beside, source_of

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read at ``location``; ``version`` is opaque, and ``None`` where there is nothing yet."""

    location: str
    text: bytes
    version: str | None
    source: Source
    clients: ClientFactory

    @property
    def exists(self) -> bool:
        return self.version is not None

    def beside(self, name: str) -> Document:
        """The document ``name`` in the same folder, read now; as ``document_at``."""
        return document_at(beside(self.location, name), self.clients)

    def replace(self, text: bytes) -> Document:
        """Writes ``text``, whole or not at all, if nothing has changed since this was read.

        Where there was nothing, it is created. Returns what is there now.

        Raises:
            ConflictError: it has changed since; nothing was written.
            OSError: a file cannot be written.
            AwsError: an object cannot be written.
        """
        written = self.source.put(text, over=self.version)
        return replace(self, text=text, version=written.tag)


def open_document(location: str, clients: ClientFactory | None = None) -> Document:
    """As ``document_at``, of what must be there.

    Raises:
        ConfigError: there is nothing; or as ``document_at``.
    """
    document = document_at(location, clients)
    if not document.exists:
        raise ConfigError(location, (Diagnostic(message="cannot be read: there is no such file"),))
    return document


def document_at(location: str, clients: ClientFactory | None = None) -> Document:
    """What is at a path, a ``file://`` or an ``s3://`` URL, or an empty document that can be created there.

    ``clients`` is where S3's comes from; ``None``: from the standard configuration.

    Raises:
        ConfigError: no proper location, or something far too large to be edited.
        OSError: a file cannot be read.
        AwsError: an object cannot be read.
    """
    clients = clients or BotoClients()
    source = source_of(location, clients)
    match source.get():
        case StoredText(data=data) if len(data) >= MOST_BYTES:
            # Only its beginning was read: whoever replaced it would cut it off.
            raise ConfigError(location, (Diagnostic(message="too large to be edited"),))
        case StoredText(data=data, tag=tag):
            return Document(location=location, text=data, version=tag, source=source, clients=clients)
        case NoContent():
            return Document(location=location, text=b"", version=None, source=source, clients=clients)
