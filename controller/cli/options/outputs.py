"""The options that name a file to write, and the checks that no other file is written over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from controller.aws.clients import no_clients
from controller.config.model import Config
from controller.storage.sources import FileSource, calendar_source, is_s3, source_of

STDOUT: Final = Path("-")
_HEAD_BYTES: Final = 4096
"""The mark of a file that this program wrote stands well within them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputKind:
    """A kind of file that ``option`` writes; the first bytes of every one contain ``mark``."""

    option: str
    noun: str
    mark: bytes


PAGE: Final = OutputKind(
    option="--html", noun="page", mark=b'<meta name="generator" content="rekognition-scheduler">'
)
FEED: Final = OutputKind(option="--ics", noun="calendar", mark=b"PRODID:-//rekognition-scheduler//")


def in_a_directory(file: Path | None) -> Path | None:
    """Checks the path of a file to write before anything long begins."""
    if file is not None and not file.absolute().parent.is_dir():
        raise typer.BadParameter(f"{file.parent} is no directory")
    return file


def _no_stdout(file: Path | None) -> Path | None:
    if file is not None and file.name == STDOUT.name:
        raise typer.BadParameter("- is no file: name one (page.html)")
    return in_a_directory(file)


HtmlOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        dir_okay=False,
        callback=_no_stdout,
        help="Also write a page that needs no network.",
    ),
]
IcsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ics",
        metavar="FILE",
        dir_okay=False,
        allow_dash=True,
        callback=in_a_directory,
        help="Write the openings as iCalendar, not clipped to --from and --to; - is stdout.",
    ),
]


def check_output(file: Path, kind: OutputKind, config: Config) -> None:
    """Refuses to write over a file of ``config``, or over one that is not of this program and ``kind``.

    An empty file and what is no file, such as a pipe, are written to.

    Raises:
        BadParameter: it is such a file.
    """
    refuse_source(file, config, kind.option)
    if file.is_file() and (head := _head(file)) and kind.mark not in head:
        message = f"{file} is there and is no {kind.noun} of this program; name another file, or remove it"
        raise typer.BadParameter(message, param_hint=kind.option)


def refuse_source(file: Path, config: Config, option: str) -> None:
    """Raises ``BadParameter`` if ``file`` is the schedule file or one of its calendar files."""
    for source, what in _sources(config):
        if is_same_file(file, source):
            raise typer.BadParameter(f"{file} is {what}; name another file", param_hint=option)


def is_same_file(one: Path, other: Path) -> bool:
    """Whether both paths lead to one file, by links or in different spelling; it need not exist."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


def _sources(config: Config) -> Iterator[tuple[Path, str]]:
    """The files on this machine that ``config`` was read from."""
    if is_s3(config.file):
        return
    source = source_of(config.file, no_clients)
    if isinstance(source, FileSource):
        yield source.path, "the schedule file"
    for calendar in config.calendars:
        if calendar.file is None:
            continue
        beside = calendar_source(config.file, calendar.file, no_clients)
        if isinstance(beside, FileSource):
            yield beside.path, f"the file of calendar {calendar.name}"


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_HEAD_BYTES)
