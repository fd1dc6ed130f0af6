"""Writes the first schedule file of a pipeline: commented, and valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.core.timefmt import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterConsumer:
    """The UUID of the ``mapping`` and the queue's ``retention``; ``wiring`` is a comment on the mapping."""

    mapping: str
    wiring: str
    retention: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterValues:
    """The values of a first schedule file.

    ``hours`` are days and windows as they are written in the file. ``country`` and ``subdivision`` are codes
    of the `holidays` library; ``None``: no holidays, or those of the whole country. Without a ``consumer``
    callers of their own use the model. ``schema`` is the file of the JSON Schema for editors.
    """

    name: str
    timezone: str
    hours: tuple[tuple[str, str], ...]
    country: str | None
    model_arn: str
    inference_units: int
    consumer: StarterConsumer | None
    subdivision: str | None = None
    schema: str | None = None


def starter(values: StarterValues) -> str:
    """The text of the file; valid if its values are."""
    head = (*_modeline(values.schema), _head(values.name))
    return "\n".join((*head, *_calendars(values), *_schedule(values), *_pipeline(values), ""))


def _modeline(schema: str | None) -> tuple[str, ...]:
    """The comment by which editors find the schema."""
    return () if schema is None else (f"# yaml-language-server: $schema={schema}",)


def _head(name: str) -> str:
    width = len(f"explain {name}")
    return f"""\
# When the model of {name} runs. Edit this file; nothing is deployed again.
#   rekognition-scheduler {"validate":<{width}}  checks it
#   rekognition-scheduler {"calendar":<{width}}  shows the openings it means
#   rekognition-scheduler explain {name}  says what is wanted now, and why
version: 1
"""


def _calendars(values: StarterValues) -> tuple[str, ...]:
    if values.country is None:
        return ()
    return (
        "calendars:",
        f"  {_calendar(values.country)}:",
        *_country(values),
        "    # except: [Columbus Day, Veterans Day] # worked as ordinary days",
        "    # also: {2026-11-27: Day after Thanksgiving} # more holidays",
        "",
    )


def _country(values: StarterValues) -> tuple[str, ...]:
    if values.subdivision is not None:
        return (f"    country: {values.country}", f"    subdivision: {values.subdivision}")
    return (f"    country: {values.country} # `subdivision: NY` adds a state's or a province's holidays",)


def _schedule(values: StarterValues) -> tuple[str, ...]:
    return (
        "schedules:",
        "  office:",
        f"    timezone: {values.timezone}",
        "    hours: # a day that is not named is closed; `22:00-06:00` ends on the next day",
        *(f"      {days}: {windows}" for days, windows in values.hours),
        *_holidays(values),
        "    # overrides: # the last entry that names a date governs it",
        "    #   - {date: 2026-12-24, hours: 08:30-12:00, reason: Christmas Eve}",
        "    #   - {dates: 2026-12-28..2026-12-31, hours: closed, reason: Year-end shutdown}",
        "",
    )


def _holidays(values: StarterValues) -> tuple[str, ...]:
    if values.country is None:
        return ("    # holidays: {calendars: [us]} # with calendars: {us: {country: US}}",)
    return (
        f"    holidays: {{calendars: [{_calendar(values.country)}]}} # closed, unless `hours` says otherwise",
    )


def _calendar(country: str) -> str:
    return country.casefold()


def _pipeline(values: StarterValues) -> tuple[str, ...]:
    return (
        "pipelines:",
        f"  {values.name}:",
        "    schedule: office",
        "    model:",
        f"      arn: {values.model_arn}",
        f"      inference_units: {values.inference_units}",
        "      # max_inference_units: 2 # Rekognition scales between the two by itself",
        "      # retired: [] # earlier versions of this project that must never run",
        *_consumer(values.consumer),
        "    # warm_up: 30m # how long before an opening the model is started; `auto` learns it",
    )


def _consumer(consumer: StarterConsumer | None) -> tuple[str, ...]:
    if consumer is None:
        return (
            "    # no consumer: your own service calls the model; `drain: 10m` keeps it up after a closing",
        )
    return (
        "    consumer:",
        f"      event_source_mapping: {consumer.mapping} # {consumer.wiring}",
        _retention(consumer),
    )


def _retention(consumer: StarterConsumer) -> str:
    if consumer.retention is None:
        return "      # retention: 4d # how long the queue keeps a message; SQS's own is 4d"
    return f"      retention: {compact(consumer.retention)} # how long the queue keeps a message, as it said"
