"""What the shell may complete: names of the file, read without AWS. Of a file that is wrong, nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import typer

from controller.aws.clients import no_clients
from controller.cli.inputs import DEFAULT
from controller.config.yaml_tree import Mapping, compose, find
from controller.errors import ConfigError
from controller.storage.sources import is_s3, text_at


def pipelines(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _names(ctx, "pipelines") if name.startswith(incomplete)]


def schedules(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _names(ctx, "schedules") if name.startswith(incomplete)]


def pipelines_and_schedules(ctx: typer.Context, incomplete: str) -> list[str]:
    return list(dict.fromkeys((*pipelines(ctx, incomplete), *schedules(ctx, incomplete))))


def _names(ctx: typer.Context, section: str) -> Iterator[str]:
    """The keys of a section; a shell waits for them, so that the file is not judged any further."""
    location = ctx.params.get("config") or os.environ.get("SCHEDULER_CONFIG") or DEFAULT
    if is_s3(location):
        return
    try:
        found = find(compose(text_at(location, no_clients), location).root, section)
    except (ConfigError, OSError):
        return
    if isinstance(found, Mapping):
        yield from (key.text for key, _ in found.entries)
