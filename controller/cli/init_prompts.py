"""What ``init`` looks up and asks for: the values of a first schedule file."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from typing import TypeVar

import typer

from controller.account.cron_hours import CronHours
from controller.account.crons import Crons, crons_of
from controller.account.inventory import FoundConsumer, Inventory, list_inventory
from controller.aws.rekognition import Version
from controller.cli.context import CliContext
from controller.cli.render.printable import printable
from controller.cli.render.terminal import print_error, print_info
from controller.config import arns, times, values
from controller.config.model import STANDARD, Target
from controller.core.states import in_words
from controller.editing.starter import StarterConsumer, StarterValues
from controller.schedule import zone_names
from controller.schedule.places import HolidayPlace, UnknownPlaceError, place_named

T = TypeVar("T")

OFFICE_HOURS = "mon-fri 08:30-17:00"
NONE = "none"
PIPELINE_STACK = "deploy/pipeline/ makes a queue and its function for a model"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """The values of the options; ``None`` is looked up or prompted for.

    ``country`` is as a person writes it, ``none`` for no holidays.
    """

    model_arn: str | None
    mapping: str | None
    no_consumer: bool
    name: str | None
    timezone: str | None
    hours: tuple[str, ...]
    country: str | None
    subdivision: str | None
    units: int | None


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

    def one(self, option: str, candidates: Sequence[tuple[str, T]], absent: str) -> T:
        """The only candidate, or the one chosen at the prompt; each has its label."""
        if len(candidates) == 1:
            return candidates[0][1]
        if not candidates or not self.able:
            several = f"there are several, name one:{_numbered(candidates)}" if candidates else absent
            raise typer.BadParameter(several, param_hint=option)
        return self.choice(option, candidates)

    def choice(self, option: str, candidates: Sequence[tuple[str, T]]) -> T:
        print_error(f"{option} is one of:{_numbered(candidates)}")
        numbers = {str(number): found for number, (_, found) in enumerate(candidates, start=1)}
        while (answer := _answer("which", None)) not in numbers:
            print_error(f'"{answer}" is none of {", ".join(numbers)}')
        return numbers[answer]


def _numbered(candidates: Sequence[tuple[str, T]]) -> str:
    return "".join(f"\n  {number}. {label}" for number, (label, _) in enumerate(candidates, start=1))


def _answer(question: str, proposal: str | None) -> str:
    answer: str = typer.prompt(printable(question), default=proposal, err=True)
    return answer.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The values of the file, and the ``crons`` that do the same today."""

    values: StarterValues
    crons: Crons


@dataclass(frozen=True, slots=True, kw_only=True)
class InitPrompts:
    """Looks up what the options leave out (a mapping's function names a model), then prompts."""

    options: InitOptions
    ask: Prompt
    cli: CliContext

    def beginning(self) -> Beginning:
        """Raises ``BadParameter`` for what cannot be had, ``AwsError`` where nothing can be listed."""
        target = self._target()
        stock = list_inventory(self.cli.clients, target, consumers=not self.options.no_consumer)
        consumers = self._consumers(stock)
        model = self.ask.one(
            "--model-arn",
            [(_model_label(each), each) for each in self._models(stock, consumers)],
            f"{self._region(target)} has no model that can be run; --region names another region",
        )
        consumer = self._consumer(replace(stock, consumers=consumers), model.arn, target)
        crons = self._crons(target, model.arn, consumer)
        zone = self.options.timezone or self._timezone(crons.hours)
        hours = self._hours(crons, zone)
        place = self._place(zone)
        values_ = StarterValues(
            name=self.options.name or _slug(model.arn.split("/")[1]),
            timezone=zone,
            hours=hours,
            country=None if place is None else place.country,
            subdivision=None if place is None else place.subdivision,
            model_arn=model.arn,
            inference_units=self.options.units or model.units or 1,
            consumer=None if consumer is None else _starter_consumer(consumer),
        )
        return Beginning(values=values_, crons=crons)

    def _target(self) -> Target:
        if self.options.model_arn is None:
            return STANDARD
        return Target(region=arns.model_arn(self.options.model_arn).region)

    def _region(self, target: Target) -> str:
        return str(self.cli.clients("rekognition", target).meta.region_name)

    def _consumers(self, stock: Inventory) -> tuple[FoundConsumer, ...]:
        wanted = self.options.mapping
        found = tuple(each for each in stock.consumers if wanted in (None, each.uuid))
        if not found and wanted is not None:
            others = "".join(f"\n  {_mapping_label(each)}" for each in stock.consumers)
            message = f"no queue feeds a mapping {wanted}{f'; there are:{others}' if others else ''}"
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

    def _consumer(self, stock: Inventory, model_arn: str, target: Target) -> FoundConsumer | None:
        """``None``: callers of their own use the model. Asked for unless a function names the model."""
        if self.options.no_consumer:
            return None
        found = stock.consumers_of(model_arn)
        sure = self.options.mapping is not None or any(model_arn in each.asks for each in found)
        candidates = [(_mapping_label(each), each) for each in found]
        if sure or (candidates and not self.ask.able):
            return self.ask.one("--mapping", candidates, "")
        if not self.ask.able:
            message = (
                f"no queue feeds any function in {self._region(target)}: {PIPELINE_STACK}; --no-consumer if "
                "your own service calls the model"
            )
            raise typer.BadParameter(message, param_hint="--mapping")
        none = "none of these: my own service calls the model" if candidates else "my own service calls it"
        print_error("" if candidates else f"no queue feeds a function here ({PIPELINE_STACK})")
        return self.ask.choice("the consumer", [*candidates, (none, None)])

    def _crons(self, target: Target, model_arn: str, consumer: FoundConsumer | None) -> Crons:
        project = f"{model_arn.split('/version/', maxsplit=1)[0]}/version/"
        words = (model_arn, project, *((consumer.uuid,) if consumer is not None else ()))
        found = crons_of(self.cli.clients, target, words, consumer.function_arn if consumer else None)
        if found.unread:
            print_info(f"not read: {', '.join(found.unread)}; crons that do the same are not looked for")
        if found.hours is not None:
            print_info(f"your crons mean {found.hours}")
        elif found.timed:
            print_info(f"your crons: {'; '.join(found)}; no hours follow from them")
        return found

    def _timezone(self, crons: CronHours | None) -> str:
        of_crons = crons.zone if crons is not None else None
        proposal = machine_zone() or of_crons if of_crons in {None, "UTC"} else of_crons
        if not self.ask.able and of_crons is not None:
            return of_crons
        while True:
            zone = self.ask.text("--timezone", "the time zone (such as America/New_York)", proposal)
            try:
                return times.zone(zone)
            except ValueError as error:
                print_error(reason(error))

    def _hours(self, crons: Crons, zone: str) -> tuple[tuple[str, str], ...]:
        if self.options.hours:
            return day_hours("--hours", self.options.hours)
        proposal = _proposal(crons.hours, zone, self.cli.clock())
        if not self.ask.able:
            return day_hours("--hours", (proposal,))
        while True:
            answer = self.ask.text("--hours", "days and hours (several: with a semicolon)", proposal)
            try:
                return day_hours("--hours", answer.split(";"))
            except typer.BadParameter as error:
                print_error(error.message)

    def _place(self, zone: str) -> HolidayPlace | None:
        """The country and the subdivision whose holidays are closed; the option and the prompt read alike."""
        near = country_of(zone)
        if self.options.country is not None:
            return self._of_options(self.options.country, near)
        if not self.ask.able:
            return HolidayPlace(country=near) if near is not None else None
        while True:
            answer = self.ask.text(
                "--country", "the country whose holidays are closed (or none)", near or NONE
            )
            try:
                found = self._of_options(answer, near)
            except typer.BadParameter as error:
                print_error(error.message)
                continue
            return self._part(found) if found is not None else None

    def _of_options(self, text: str, near: str | None) -> HolidayPlace | None:
        if text.casefold() == NONE:
            return None
        try:
            found = place_named(text, near)
            part = self.options.subdivision
            return found.part(part) if part is not None else found
        except UnknownPlaceError as error:
            raise typer.BadParameter(str(error), param_hint="--country") from None

    def _part(self, place: HolidayPlace) -> HolidayPlace:
        """Shows how many holidays the country has, and prompts for a subdivision if it has any."""
        year = self.cli.clock().year + 1
        parts = place.subdivisions()
        nationwide = "nationwide " if parts else ""
        print_error(f"{place.name}: {place.holidays(year)} {nationwide}holidays in {year}")
        if not parts:
            return place
        listed = (code if code == name else f"{code} {name}" for code, name in parts)
        print_error(f"subdivisions: {', '.join(listed)}")
        while (answer := self.ask.text("--subdivision", "subdivision (or none)", NONE)).casefold() != NONE:
            try:
                found = place.part(answer)
            except UnknownPlaceError as error:
                print_error(str(error))
            else:
                print_error(f"{found.name}: {found.holidays(year)} holidays in {year}")
                return found
        return place


def _proposal(crons: CronHours | None, zone: str, now: datetime) -> str:
    """The crons' hours in the schedule's zone, by its offset of today; office hours without any."""
    if crons is None:
        return OFFICE_HOURS
    if crons.zone == zone:
        return f"{crons.file_days} {crons.window}"
    moved = crons.in_zone(zone, now.date())
    if moved is None:
        print_info(f"in {zone} they are on other days: write them yourself")
        return OFFICE_HOURS
    print_info(f"today that is {moved}; {crons.zone} and {zone} may be further apart in another season")
    return f"{moved.file_days} {moved.window}"


def day_hours(option: str, texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
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


def reason(error: ValueError) -> str:
    return f"{error}{error.hint()}" if isinstance(error, values.HintedError) else str(error)


def _starter_consumer(consumer: FoundConsumer) -> StarterConsumer:
    return StarterConsumer(mapping=consumer.uuid, wiring=_wiring(consumer), retention=consumer.retention)


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
