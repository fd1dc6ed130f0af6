"""``init``: writes a first schedule file from the AWS account, the options and prompts."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from controller.cli.commands.stack_parameters import stack_file, write_stack_parameters
from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.init_prompts import OFFICE_HOURS, Beginning, InitOptions, InitPrompts, Prompt, reason
from controller.cli.inputs import PLACES
from controller.cli.options.outputs import is_same_file
from controller.cli.options.shared import at_least_one, named
from controller.cli.render.terminal import count, line, print_info, print_out, table
from controller.config import arns, json_schema, times, values
from controller.config.build import parse
from controller.config.model import Config
from controller.core.timefmt import local_or_never
from controller.editing.starter import StarterConsumer, StarterValues, starter
from controller.schedule import Schedule
from controller.storage.atomic_file import replace_file
from controller.storage.documents import Document, document_at
from controller.storage.sources import FileSource

SCHEMA = "schedule.schema.json"


@command_boundary
def init(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    model_arn: Annotated[
        str | None,
        typer.Option(metavar="ARN", help="The model; default: the only one in a function's environment."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(metavar="UUID", help="The event source mapping; default: that of the model's function."),
    ] = None,
    no_consumer: Annotated[
        bool, typer.Option("--no-consumer", help="No queue: your own service calls the model.")
    ] = False,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The pipeline's name; default: the project's.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Such as America/New_York.")] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help=f"Days and hours ({OFFICE_HOURS}), repeatable; default: those of your crons.",
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Close on the holidays of Germany, DE, Bavaria, DE-BY, or none; default: the time zone's.",
        ),
    ] = None,
    subdivision: Annotated[
        str | None, typer.Option(metavar="NAME", help="A state or province of the country.")
    ] = None,
    units: Annotated[
        int | None,
        typer.Option(metavar="N", parser=at_least_one, help="Inference units; default: as last started."),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            metavar="WHERE", envvar="SCHEDULER_CONFIG", callback=named, help="A path, file:// or s3://."
        ),
    ] = PLACES[0],
    parameters: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Also write the stack's parameters there."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> Exit:
    """Write a first schedule file from what the account has.

    Model, mapping, queue and the hours of crons are looked up. What is not clear is asked at a terminal;
    without a terminal the error names the option to use, and nothing is written.
    """
    cli: CliContext = ctx.obj
    if subdivision is not None and country is None:
        raise typer.BadParameter("it goes with --country", param_hint="--subdivision")
    if no_consumer and mapping is not None:
        raise typer.BadParameter("--mapping or --no-consumer, one of them", param_hint="--no-consumer")
    options = InitOptions(
        model_arn=_valid("--model-arn", lambda value: arns.model_arn(value).arn, model_arn),
        mapping=_valid("--mapping", arns.mapping_uuid, mapping),
        no_consumer=no_consumer,
        name=_valid("--name", values.name, name),
        timezone=_valid("--timezone", times.zone, timezone),
        hours=tuple(hours or ()),
        country=country,
        subdivision=subdivision,
        units=units,
    )
    document = _free(output, cli, force=force)
    if parameters is not None:
        _check_parameters(parameters, document)  # before anything is asked or written
    begin = InitPrompts(options=options, ask=Prompt(able=cli.can_ask()), cli=cli).beginning()
    values_, config = _accepted(begin.values, output, sure=country is not None)
    _write(document, values_)
    _print_written(values_, config, cli.clock())
    code = write_stack_parameters(config, parameters, cli.clients) if parameters is not None else Exit.OK
    _print_next(begin, output)
    return code


def _valid(option: str, convert: Callable[[object], str], value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return convert(value)
    except ValueError as error:
        raise typer.BadParameter(reason(error), param_hint=option) from None


def _free(output: str, cli: CliContext, *, force: bool) -> Document:
    document = document_at(output, cli.clients)
    if document.exists and not force:
        raise typer.BadParameter(f"{output} is there already; --force writes over it", param_hint="--output")
    return document


def _check_parameters(parameters: Path, document: Document) -> None:
    written = document.source.path if isinstance(document.source, FileSource) else None
    if written is not None and any(
        is_same_file(parameters, each) for each in (written, written.parent / SCHEMA)
    ):
        raise typer.BadParameter(
            f"{parameters} is written as well; name another file", param_hint="--parameters"
        )
    stack_file(parameters)


def _accepted(begin: StarterValues, output: str, *, sure: bool) -> tuple[StarterValues, Config]:
    """The values and their configuration; a guessed country without known holidays is dropped."""
    config = parse(starter(begin).encode(), file=output, calendar_files=_no_calendar_file)
    if not config.degraded:
        return begin, config
    if sure:
        raise typer.BadParameter(config.degraded[0].message, param_hint="--country")
    return _accepted(replace(begin, country=None, subdivision=None), output, sure=True)


def _no_calendar_file(name: str) -> bytes:
    raise FileNotFoundError(name)


def _write(document: Document, begin: StarterValues) -> None:
    """With the JSON Schema beside a file, for editors; one that is there already is left alone."""
    schema: str | None = None
    if isinstance(document.source, FileSource):
        folder = document.source.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        schema = SCHEMA
        if not (folder / SCHEMA).exists():
            replace_file(folder / SCHEMA, json_schema.text().encode(), is_unchanged=lambda: True)
    document.replace(starter(replace(begin, schema=schema)).encode())
    print_out(line((document.location, "bold"), " is written:"))


def _print_written(begin: StarterValues, config: Config, now: datetime) -> None:
    schedule = Schedule(config.specs["office"])
    moment = schedule.at(now)
    change = "closes" if moment.open else "opens"
    place = "-".join(filter(None, (begin.country, begin.subdivision)))
    holidays = f", holidays of {place} closed" if place else ", no holidays"
    rows = (
        ("model", f"{begin.model_arn} ({count(begin.inference_units, 'inference unit')})"),
        ("mapping", _mapping(begin.consumer)),
        ("hours", f"{'; '.join(' '.join(hours) for hours in begin.hours)}, {begin.timezone}{holidays}"),
        ("next", f"{change} {local_or_never(moment.ends_at, schedule.zone)}"),
    )
    print_out(table(("", "", ""), [("", *row) for row in rows]))


def _mapping(consumer: StarterConsumer | None) -> str:
    return f"{consumer.mapping} ({consumer.wiring})" if consumer else "none: your own service calls the model"


def _print_next(begin: Beginning, output: str) -> None:
    """The commands as they are to be typed, in this folder."""
    if begin.crons.timed:
        print_info(f"after the switch delete: {'; '.join(begin.crons)}")
    where = "" if output == PLACES[0] else f" --config {shlex.quote(output)}"
    print_info(f"next: rekognition-scheduler doctor{where}, then plan{where}: what would be done now")
