"""The schedule file while it is edited: nothing is written before ``save``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

from controller.aws.clients import ClientFactory
from controller.cli.inputs import DEFAULT
from controller.cli.render.terminal import note
from controller.config.build import parse
from controller.config.model import Config
from controller.config.yaml_tree import Node, compose
from controller.editing.edits import Edit, edited
from controller.editing.overrides import Override, overrides
from controller.storage.documents import Document, open_document
from controller.storage.sources import calendar_source, read_text


@dataclass(frozen=True, kw_only=True)
class Draft:
    """``text`` is what would be written, ``config`` what it means; ``document`` is what was read."""

    document: Document
    text: bytes
    config: Config
    calendar_files: Callable[[str], bytes]

    @property
    def root(self) -> Node:
        root = compose(self.text, self.config.file)
        if root is None:
            raise ValueError("a valid file is not empty")
        return root

    @cached_property
    def overrides(self) -> tuple[Override, ...]:
        return overrides(self.config, self.root)

    def edited(self, *edits: Edit) -> Draft:
        """With ``edits``, and valid.

        Raises:
            ConfigError: an edit cannot be made, or what it makes is not valid.
        """
        text = edited(self.text, self.config.file, *edits)
        config = parse(text, file=self.config.file, calendar_files=self.calendar_files)
        return replace(self, text=text, config=config)

    def save(self) -> None:
        """Raises ``ConflictError`` if the file is not what it was; ``OSError`` or ``AwsError`` otherwise."""
        self.document.replace(self.text)


def drafted(location: str | None, clients: ClientFactory) -> Draft:
    """What is there now.

    Raises:
        ConfigError: it cannot be used as it is.
        AwsError: S3 does not give it.
    """
    document = open_document(location or DEFAULT, clients)
    # Read once: before and after the edit the calendars are the same ones.
    calendar_files = cache(lambda name: read_text(calendar_source(document.location, name, clients)))
    config = parse(document.text, file=document.location, calendar_files=calendar_files)
    for doubt in config.doubts:
        note(f"warning: {doubt.located(config.file)}")
    return Draft(document=document, text=document.text, config=config, calendar_files=calendar_files)
