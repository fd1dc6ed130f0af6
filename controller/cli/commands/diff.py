"""``diff``: what changes from one schedule file to another, or to a file from an earlier commit of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from controller.aws.clients import ClientFactory
from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import accepted, load, location_or_usual
from controller.cli.options.shared import JsonOption, each_named
from controller.cli.render.calendar_use import calendar_lines
from controller.cli.render.diff import as_data, is_changed, markdown, print_sections
from controller.cli.render.terminal import print_info, print_json
from controller.config.build import parse
from controller.config.model import Config
from controller.editing.changes import compare
from controller.errors import ConfigError
from controller.loop.report import instant
from controller.storage.git import committed_folder
from controller.storage.sources import STDIN, FileSource, source_of

FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE",
        callback=each_named,
        help="The current file, then the one that replaces it; with --base only that; - is stdin.",
    ),
]
BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REVISION", help="Compare with the file of this commit of git: origin/main."
    ),
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print Markdown, for the comment on a pull request.")
]
ExitCodeOption = Annotated[bool, typer.Option("--exit-code", help="Exit with 3 if something changes.")]


@command_boundary
def diff(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    files: FilesArgument = None,
    base: BaseOption = None,
    as_markdown: MarkdownOption = False,
    exit_code: ExitCodeOption = False,
    as_json: JsonOption = False,
) -> Exit:
    """Show what changes from one schedule file to another.

    Openings (as far as either file has dates, at least 400 days), hours and dollars a month, messages that
    would be lost, models, holds and overrides that are taken away, and every value. The first line sums up.
    """
    if as_markdown and as_json:
        raise typer.BadParameter("--json or --markdown, one of them", param_hint="--markdown")
    old, new = _files(files or [], base)
    clients: ClientFactory = ctx.obj.clients
    after = load(new, clients)
    before = load(old, clients) if base is None else committed(new, base, clients)
    found = compare(before, after, ctx.obj.clock())
    if as_json:
        names = {"old": before.file if before is not None else None, "new": after.file}
        print_json(names | {"from": instant(found.start), "to": instant(found.end)} | as_data(found))
    elif as_markdown:
        sys.stdout.write(markdown(found))
    else:
        print_sections(found)
        for each in calendar_lines(after):
            print_info(each)
    return Exit.ACTION_NEEDED if exit_code and is_changed(found) else Exit.OK


def _files(files: list[str], base: str | None) -> tuple[str, str]:
    """The old and the new one; with ``base`` twice the same."""
    if base is not None and len(files) <= 1:
        new = location_or_usual(files[0] if files else None)
        return new, new
    if base is None and len(files) == len(("OLD", "NEW")):
        return files[0], files[1]
    raise typer.BadParameter("two files (OLD NEW), or one with --base REVISION", param_hint="FILE")


_ANOTHER_BASE = "name a commit in which the file is valid (--base), or two files"


def committed(location: str, revision: str, clients: ClientFactory) -> Config | None:
    """The configuration as a commit of the repository has it; ``None``: the file is new since.

    Raises:
        ConfigError: it is not valid there.
        RequestError: there is no such commit, or no repository.
    """
    source = source_of(location, clients)
    if location == STDIN or not isinstance(source, FileSource):
        raise typer.BadParameter(f"{location} is no file in a git repository", param_hint="--base")
    path = Path(source.path)
    folder = committed_folder(path.parent, revision)
    text = folder.read(path.name)
    if text is None:
        print_info(f"{location} is new since {revision}")
        return None
    name = f"{location} ({revision})"
    try:
        return accepted(parse(text, file=name, calendar_files=folder.required))
    except ConfigError as error:
        raise ConfigError(name, error.diagnostics, remedy=_ANOTHER_BASE) from None
