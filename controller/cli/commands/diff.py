"""``diff``: the openings, costs, messages at risk, models and values that differ between two files."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import accepted
from controller.cli.options.editing import read_draft
from controller.cli.options.shared import JsonOption
from controller.cli.render.calendar_use import calendar_lines
from controller.cli.render.diff import as_data, markdown, print_sections
from controller.cli.render.terminal import print_info, print_json
from controller.editing.changes import compare
from controller.loop.report import instant

OldArgument = Annotated[
    str, typer.Argument(metavar="OLD", help="The current file: a path, file:// or s3://.")
]
NewArgument = Annotated[str, typer.Argument(metavar="NEW", help="The file that replaces it.")]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print Markdown, for the comment on a pull request.")
]


@command_boundary
def diff(
    ctx: typer.Context,
    old: OldArgument,
    new: NewArgument,
    as_markdown: MarkdownOption = False,
    as_json: JsonOption = False,
) -> Exit:
    """Show what changes from one schedule file to another.

    Openings (as far as either file has dates, at least 400 days), hours and dollars a month, messages that
    would be lost, models, holds and overrides that are taken away, and every value.
    """
    if as_markdown and as_json:
        raise typer.BadParameter("--json or --markdown, one of them", param_hint="--markdown")
    before, after = (accepted(read_draft(ctx, location).config) for location in (old, new))
    found = compare(before, after, ctx.obj.clock())
    if as_json:
        term = {"from": instant(found.start), "to": instant(found.end)}
        print_json({"old": before.file, "new": after.file} | term | as_data(found))
    elif as_markdown:
        sys.stdout.write(markdown(found))
    else:
        print_sections(found)
        for each in calendar_lines(after):
            print_info(each)
    return Exit.OK
