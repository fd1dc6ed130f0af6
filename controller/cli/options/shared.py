"""Options that several commands share, and shell completion of names in the file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, TypeAlias

import typer

from controller.aws.clients import no_clients
from controller.cli.inputs import PLACES, usual_location
from controller.cli.render.times import duration
from controller.config.yaml_tree import Mapping, compose, find
from controller.errors import ConfigError
from controller.storage.sources import STDIN, is_s3, text_at


def chosen_file(ctx: typer.Context, file: str | None, config: str | None) -> str | None:
    """The location that was given as FILE or as ``--config``; FILE is stronger than the environment."""
    source = ctx.get_parameter_source("config")
    if file is not None and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(f"{file} or {config}, one of them", param_hint="--config")
    return file or config


def named(location: str | None) -> str | None:
    """Refuses an empty name, such as that of a variable that is not set: it is not the usual file."""
    if location == "":
        raise typer.BadParameter("an empty name is no file")
    return location


def each_named(locations: list[str] | None) -> list[str] | None:
    """As ``named``; refuses the standard input where it would be read twice."""
    for location in locations or ():
        named(location)
    if locations is not None and locations.count(STDIN) > 1:
        raise typer.BadParameter(f"{STDIN} is the standard input, which can be read once")
    return locations


def tick_length(text: str | timedelta) -> timedelta:
    found = duration(text)
    if found <= timedelta(0):
        raise typer.BadParameter(f'"{text}" is no time at all (5m)')
    return found


def whole_number(text: str | int) -> int:
    """Parses the number of an option; Typer passes the default through it, too."""
    if isinstance(text, int):
        return text
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise typer.BadParameter(f'"{text}" is not a whole number')
    return int(text)


def at_least_one(text: str | int) -> int:
    found = whole_number(text)
    if found < 1:
        raise typer.BadParameter(f"{found} is less than 1")
    return found


def complete_pipelines(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _names(ctx, "pipelines") if name.startswith(incomplete)]


def complete_schedules(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _names(ctx, "schedules") if name.startswith(incomplete)]


def complete_both(ctx: typer.Context, incomplete: str) -> list[str]:
    return list(dict.fromkeys((*complete_pipelines(ctx, incomplete), *complete_schedules(ctx, incomplete))))


def _names(ctx: typer.Context, section: str) -> Iterator[str]:
    """The keys of a section; a shell waits for them, so that the file is not judged any further."""
    location = ctx.params.get("config") or os.environ.get("SCHEDULER_CONFIG") or usual_location()
    if is_s3(location):
        return
    try:
        found = find(compose(text_at(location, no_clients), location).root, section)
    except (ConfigError, OSError):
        return
    if isinstance(found, Mapping):
        yield from (key.text for key, _ in found.entries)


ConfigOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="WHERE",
        envvar="SCHEDULER_CONFIG",
        show_default=" or ".join(PLACES),
        callback=named,
        help="The schedule file: a path, file:// or s3://.",
    ),
]
FileArgument: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="FILE", callback=named, help="The schedule file, instead of --config."),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PipelineArgument: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="PIPELINE",
        autocompletion=complete_pipelines,
        help="Name in the file; optional if there is only one.",
    ),
]
ScheduleOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="NAME",
        autocompletion=complete_schedules,
        help="Required if the file has several schedules.",
    ),
]
FromOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="T",
        help="A date or a time, local unless it has an offset (UTC where pipelines have several zones); "
        "default: today 00:00.",
    ),
]
ToOption: TypeAlias = Annotated[
    str | None, typer.Option("--to", metavar="T", help="The end, exclusive, in the same form.")
]
AtOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="T", help="now, tomorrow, 10:00, 2026-12-25 10:00; local, or with an offset."
    ),
]
TickOption: TypeAlias = Annotated[
    timedelta,
    typer.Option(
        "--tick",
        metavar="DURATION",
        parser=tick_length,
        show_default="5m",
        help="The time between two ticks.",
    ),
]
