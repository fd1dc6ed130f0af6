"""``diff``: what becomes of openings, money, continuity and models when one file takes another's place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from controller.cli.door import Exit
from controller.cli.options import JsonOption
from controller.cli.terminal import line, say, say_json, say_rest, table

if TYPE_CHECKING:
    from controller.cli.difference import Section

MOST_SHOWN = 50

OldArgument = Annotated[
    str, typer.Argument(metavar="OLD", help="The file that is there: a path, file:// or s3://.")
]
NewArgument = Annotated[str, typer.Argument(metavar="NEW", help="The one that takes its place.")]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print Markdown, for the comment on a pull request.")
]


def diff(
    ctx: typer.Context,
    old: OldArgument,
    new: NewArgument,
    as_markdown: MarkdownOption = False,
    as_json: JsonOption = False,
) -> Exit:
    """Say what changes when one schedule file takes another's place.

    Openings of the next 60 days, hours and dollars a month, messages that would be lost, models.
    """
    from controller.changes import compare  # noqa: PLC0415 - late, for --help
    from controller.cli.difference import as_data, difference, markdown, sections  # noqa: PLC0415 - as above
    from controller.cli.draft import drafted  # noqa: PLC0415 - as above

    if as_markdown and as_json:
        raise typer.BadParameter("--json or --markdown, one of them", param_hint="--markdown")
    before, after = drafted(old, ctx.obj.clients), drafted(new, ctx.obj.clients)
    found = difference(before, after, compare(before.config, after.config, ctx.obj.clock()))
    if as_json:
        say_json(as_data(found))
    elif as_markdown:
        sys.stdout.write(markdown(found))
    else:
        _say(tuple(sections(found)))
    return Exit.FINE


def _say(found: tuple[Section, ...]) -> None:
    if not found:
        say("No opening, no cost and no value changes.")
    for index, section in enumerate(found):
        say(*([""] if index else []), line((section.title, "bold")))
        say(table(section.header, section.rows[:MOST_SHOWN], right=section.numbers))
        say_rest(len(section.rows), MOST_SHOWN)
