"""The schedule file while it is edited: read, changed in memory, written in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Protocol, TypeVar

from controller.aws.clients import ClientFactory
from controller.config.build import build, parse
from controller.config.model import Config
from controller.editing.edits import Edit, edited
from controller.editing.overrides import Override, overrides
from controller.errors import ConflictError
from controller.storage.documents import Document, open_document
from controller.storage.sources import calendar_source, read_text

MAX_WRITES = 50
"""More than people and programs that edit one file at once."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A schedule file with edits that are not yet written.

    ``config`` is of the text that would be written; ``document`` is what was read.
    """

    document: Document
    config: Config
    calendar_files: Callable[[str], bytes]

    @property
    def text(self) -> bytes:
        return self.config.tree.data

    @cached_property
    def overrides(self) -> tuple[Override, ...]:
        return overrides(self.config)

    def edited(self, *edits: Edit) -> Draft:
        """The draft after ``edits``, and valid.

        Raises:
            ConfigError: an edit cannot be made, or what it makes is not valid.
        """
        tree = edited(self.config.tree, *edits)
        return replace(self, config=build(tree, calendar_files=self.calendar_files))

    def save(self) -> None:
        """Raises ``ConflictError`` if the file is not what it was; ``OSError`` or ``AwsError`` otherwise."""
        self.document.replace(self.text)


def open_draft(location: str, clients: ClientFactory) -> Draft:
    """The file at ``location`` as it is now; a degraded configuration is no error here.

    Raises:
        ConfigError: it cannot be used as it is.
        AwsError: S3 does not give it.
    """
    document = open_document(location, clients)
    # Read once: before and after the edit the calendars are the same ones.
    calendar_files = cache(lambda name: read_text(calendar_source(document.location, name, clients)))
    config = parse(document.text, file=document.location, calendar_files=calendar_files)
    return Draft(document=document, config=config, calendar_files=calendar_files)


class FileEdit(Protocol):
    """An edit of the file that is not yet written."""

    @property
    def before(self) -> Draft: ...

    @property
    def after(self) -> Draft: ...


E = TypeVar("E", bound=FileEdit)


def write_edit(
    read: Callable[[], Draft], make: Callable[[Draft, E | None], E], *, dry_run: bool
) -> tuple[E, bool]:
    """The edit that ``make`` makes of what was ``read``, and whether it was written.

    If another writer has changed the file since it was read, it is read and edited again: the edit is checked
    by its meaning, so what they did stays. ``make`` is then given the edit that was not written, too, and
    raises ``ConflictError`` if it would no longer be the requested one.

    Raises:
        ConflictError: it has changed each of many times, or ``make`` raises it; nothing was written.
    """
    edit: E | None = None
    writes = 0
    while True:
        edit = make(read(), edit)
        if dry_run or edit.before.text == edit.after.text:
            return edit, False
        writes += 1
        try:
            edit.after.save()
        except ConflictError:
            if writes == MAX_WRITES:
                raise
        else:
            return edit, True
