"""``init``: writes a first schedule file from the AWS account, the options and prompts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from typing import Annotated, TypeVar

import typer

from controller.account.inventory import FoundConsumer, Inventory, list_inventory
from controller.aws.rekognition import Version
from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.inputs import PLACES
from controller.cli.render.printable import printable
from controller.cli.render.terminal import count, line, print_error, print_info, print_out, table
from controller.config import arns, times, values
from controller.config.build import parse
from controller.config.model import STANDARD, Config, Target
from controller.core.states import in_words
from controller.core.timefmt import local_and_utc
from controller.editing.starter import StarterValues, starter
from controller.schedule import Schedule, zone_names
from controller.storage.documents import Document, document_at
from controller.storage.sources import FileSource

T = TypeVar("T")

OFFICE_HOURS = "mon-fri 08:30-17:00"
NO_COUNTRY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """The values of the options; ``None`` is looked up or prompted for."""

    model_arn: str | None
    mapping: str | None
    name: str | None
    timezone: str | None
    hours: tuple[str, ...]
    country: str | None
    units: int | None


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
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The pipeline's name; default: the project's.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Such as America/New_York.")] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Days and hours, repeatable.", show_default=OFFICE_HOURS),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="Close on this country's holidays, or none; default: the time zone's."
        ),
    ] = None,
    units: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Inference units; default: as last started.")
    ] = None,
    output: Annotated[
        str, typer.Option(metavar="WHERE", envvar="SCHEDULER_CONFIG", help="A path, file:// or s3://.")
    ] = PLACES[0],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> Exit:
    """Write a first schedule file from what the account has.

    Model, mapping and queue are looked up. What is not clear is asked at a terminal; without a terminal the
    error names the option to use, and nothing is written.
    """
    cli: CliContext = ctx.obj
    options = InitOptions(
        model_arn=_valid("--model-arn", lambda value: arns.model_arn(value).arn, model_arn),
        mapping=_valid("--mapping", arns.mapping_uuid, mapping),
        name=_valid("--name", values.name, name),
        timezone=_valid("--timezone", times.zone, timezone),
        hours=tuple(hours or ()),
        country=_valid("--country", values.country, country),
        units=units,
    )
    document = _free(output, cli, force=force)
    begin = InitPrompts(options=options, ask=Prompt(able=cli.can_ask())).beginning(cli)
    begin, config = _accepted(begin, output, sure=options.country is not None)
    _write(document, begin)
    _print_next(begin, config, cli.clock())
    return Exit.OK


def _valid(option: str, convert: Callable[[object], str], value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return convert(value)
    except ValueError as error:
        raise typer.BadParameter(_why(error), param_hint=option) from None


def _why(error: ValueError) -> str:
    return f"{error}{error.hint()}" if isinstance(error, values.HintedError) else str(error)


def _free(output: str, cli: CliContext, *, force: bool) -> Document:
    document = document_at(output, cli.clients)
    if document.exists and not force:
        raise typer.BadParameter(f"{output} is there already; --force writes over it", param_hint="--output")
    return document


def _accepted(begin: StarterValues, output: str, *, sure: bool) -> tuple[StarterValues, Config]:
    """The values and their configuration; a guessed country without known holidays is dropped."""
    config = parse(starter(begin).encode(), file=output, calendar_files=_no_calendar_file)
    if not config.degraded:
        return begin, config
    if sure:
        raise typer.BadParameter(config.degraded[0].message, param_hint="--country")
    return _accepted(replace(begin, country=None), output, sure=True)


def _no_calendar_file(name: str) -> bytes:
    raise FileNotFoundError(name)


def _write(document: Document, begin: StarterValues) -> None:
    if isinstance(document.source, FileSource):
        document.source.path.parent.mkdir(parents=True, exist_ok=True)
    document.replace(starter(begin).encode())
    print_out(line((document.location, "bold"), " is written:"))


def _print_next(begin: StarterValues, config: Config, now: datetime) -> None:
    schedule = Schedule(config.specs["office"])
    moment = schedule.at(now)
    change = "closes" if moment.open else "opens"
    holidays = f", holidays of {begin.country} closed" if begin.country else ", no holidays"
    rows = (
        ("model", f"{begin.model_arn} ({count(begin.inference_units, 'inference unit')})"),
        ("mapping", f"{begin.mapping} ({begin.wiring})"),
        ("hours", f"{'; '.join(' '.join(hours) for hours in begin.hours)}, {begin.timezone}{holidays}"),
        ("next", f"{change} {local_and_utc(moment.ends_at, schedule.zone)}"),
    )
    print_out(table(("", "", ""), [("", *row) for row in rows]))
    print_info("next: rekognition-scheduler validate, calendar, doctor; plan says what would be done now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Prompts at a terminal; elsewhere a missing value is an error."""

    able: bool

    def text(self, option: str, question: str, proposal: str | None) -> str:
        """The answer; without a terminal a usage error that names the option."""
        if not self.able:
            example = f" ({proposal}?)" if proposal else ""
            raise typer.BadParameter(f"{question} is not known{example}", param_hint=option)
        return _answer(question, proposal)

    def one(self, option: str, candidates: Sequence[tuple[str, T]]) -> T:
        """The only candidate, or the one chosen at the prompt; each has its label."""
        if len(candidates) == 1:
            return candidates[0][1]
        listed = "".join(f"\n  {number}. {label}" for number, (label, _) in enumerate(candidates, start=1))
        if not candidates or not self.able:
            several = f"there are several, name one:{listed}" if candidates else "the account has none"
            raise typer.BadParameter(several, param_hint=option)
        print_error(f"{option} is one of:{listed}")
        numbers = {str(number): found for number, (_, found) in enumerate(candidates, start=1)}
        while (answer := _answer("which", None)) not in numbers:
            print_error(f'"{answer}" is none of {", ".join(numbers)}')
        return numbers[answer]


def _answer(question: str, proposal: str | None) -> str:
    try:
        answer: str = typer.prompt(printable(question), default=proposal, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return answer.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class InitPrompts:
    """Looks up what the options leave out (a mapping's function names a model), then prompts."""

    options: InitOptions
    ask: Prompt

    def beginning(self, cli: CliContext) -> StarterValues:
        stock = list_inventory(cli.clients, self._target())
        consumers = self._consumers(stock)
        model = self.ask.one(
            "--model-arn", [(_model_label(each), each) for each in self._models(stock, consumers)]
        )
        of_model = replace(stock, consumers=consumers).consumers_of(model.arn)
        consumer = self.ask.one("--mapping", [(_mapping_label(each), each) for each in of_model])
        zone = self.options.timezone or self._timezone()
        return StarterValues(
            name=self.options.name or _slug(model.arn.split("/")[1]),
            timezone=zone,
            hours=self._hours(),
            country=self._country(zone),
            model_arn=model.arn,
            inference_units=self.options.units or model.units or 1,
            mapping=consumer.uuid,
            wiring=_wiring(consumer),
            retention=consumer.retention,
        )

    def _target(self) -> Target:
        if self.options.model_arn is None:
            return STANDARD
        return Target(region=arns.model_arn(self.options.model_arn).region)

    def _consumers(self, stock: Inventory) -> tuple[FoundConsumer, ...]:
        wanted = self.options.mapping
        found = tuple(each for each in stock.consumers if wanted in (None, each.uuid))
        if not found:
            what = "any function" if wanted is None else f"a mapping {wanted}"
            others = "".join(f"\n  {_mapping_label(each)}" for each in stock.consumers)
            message = f"no queue feeds {what}{f'; there are:{others}' if others else ''}"
            raise typer.BadParameter(message, param_hint="--mapping")
        return found

    def _models(self, stock: Inventory, consumers: tuple[FoundConsumer, ...]) -> tuple[Version, ...]:
        wanted = self.options.model_arn
        if wanted is None:
            return replace(stock, consumers=consumers).asked_models()
        found = tuple(each for each in stock.models if each.arn == wanted)
        if not found:
            others = "".join(f"\n  {_model_label(each)}" for each in stock.models)
            message = f"{wanted} is no model that can be run{f'; there are:{others}' if others else ''}"
            raise typer.BadParameter(message, param_hint="--model-arn")
        return found

    def _timezone(self) -> str:
        while True:
            zone = self.ask.text("--timezone", "the time zone", machine_zone())
            try:
                return times.zone(zone)
            except ValueError as error:
                print_error(_why(error))

    def _hours(self) -> tuple[tuple[str, str], ...]:
        if self.options.hours:
            return _hours("--hours", self.options.hours)
        if not self.ask.able:
            return _hours("--hours", (OFFICE_HOURS,))
        while True:
            answer = self.ask.text("--hours", "days and hours (several: with a semicolon)", OFFICE_HOURS)
            try:
                return _hours("--hours", answer.split(";"))
            except typer.BadParameter as error:
                print_error(error.message)

    def _country(self, zone: str) -> str | None:
        found = self.options.country or country_of(zone)
        if self.options.country is None and self.ask.able:
            question = "the country whose holidays are closed (or none)"
            found = self.ask.text("--country", question, found or NO_COUNTRY)
        return None if found is None or found.casefold() == NO_COUNTRY else found.upper()


def _hours(option: str, texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """As they are written in the file: ``mon-fri`` and ``08:30-17:00``, several windows as a list."""
    pairs = [text.strip().partition(" ")[::2] for text in texts]
    try:
        for days, windows in pairs:
            times.days(days)
            times.hours(windows.strip())
    except ValueError as error:
        raise typer.BadParameter(f"{error}; such as {OFFICE_HOURS}", param_hint=option) from None
    return tuple(
        (days, f"[{windows.strip()}]" if "," in windows else windows.strip()) for days, windows in pairs
    )


def _model_label(model: Version) -> str:
    return f"{model.arn} ({in_words(model.status, model.word)})"


def _mapping_label(consumer: FoundConsumer) -> str:
    return f"{consumer.uuid} ({_wiring(consumer)})"


def _wiring(consumer: FoundConsumer) -> str:
    queue, function = (arn.split(":", 5)[5] for arn in (consumer.queue_arn, consumer.function_arn))
    return f"queue {queue} to {function.replace(':', ' ', 1)}"


def _slug(project: str) -> str:
    """A project's name as a pipeline's."""
    return re.sub(r"[^a-z0-9]+", "-", project.casefold()).strip("-")[:64] or "pipeline"


def machine_zone() -> str | None:
    """What this machine takes for its own zone, as a proposal; ``None``: it has none, or only UTC."""
    linked = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    found = next((zone for zone in (os.environ.get("TZ"), linked) if zone in zone_names()), None)
    return None if found in {"UTC", "Etc/UTC"} else found


def country_of(zone: str) -> str | None:
    """The country of a time zone, as the database of time zones has it."""
    rows = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    places = (row.split("\t") for row in rows if not row.startswith("#"))
    return next((place[0] for place in places if place[2] == zone), None)
