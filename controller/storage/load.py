"""Reads and parses a schedule file, with the ``.ics`` files beside it."""

from __future__ import annotations

import sys

from controller.aws.clients import BotoClients, ClientFactory
from controller.config.build import parse
from controller.config.model import Config
from controller.storage.sources import MAX_BYTES, STDIN, calendar_source, read_text, text_at


def read(location: str, clients: ClientFactory | None = None) -> Config:
    """The configuration at a path, a ``file://`` or an ``s3://`` URL, its ``.ics`` files beside it.

    ``-`` is the standard input, its ``.ics`` files in the working directory. ``clients`` is where S3's comes
    from; ``None``: from the standard configuration.

    Raises:
        ConfigError: the file cannot be had, or what ``parse`` raises.
        AwsError: S3 does not give it, or one of its calendar files.
    """
    clients = clients or BotoClients()
    return parse(
        sys.stdin.buffer.read(MAX_BYTES) if location == STDIN else text_at(location, clients),
        file=location,
        calendar_files=lambda name: read_text(calendar_source(location, name, clients)),
    )
