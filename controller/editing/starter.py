"""Writes the first schedule file of a pipeline: commented, and valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.core.timefmt import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterValues:
    """The values of a first schedule file.

    ``hours`` are days and windows as they are written in the file; ``wiring`` is a comment on the mapping.
    ``country`` is a code of the `holidays` library; ``None``: no holidays.
    """

    name: str
    timezone: str
    hours: tuple[tuple[str, str], ...]
    country: str | None
    model_arn: str
    inference_units: int
    mapping: str
    wiring: str
    retention: timedelta | None


def starter(values: StarterValues) -> str:
    """The text of the file; valid if its values are."""
    return "\n".join((_head(values.name), *_calendars(values), *_schedule(values), *_pipeline(values), ""))


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
        f"    country: {values.country} # `subdivision: NY` adds a state's or a province's holidays",
        "    # except: [Columbus Day, Veterans Day] # worked as ordinary days",
        "    # also: {2026-11-27: Day after Thanksgiving} # more holidays",
        "",
    )


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
        "    consumer:",
        f"      event_source_mapping: {values.mapping} # {values.wiring}",
        _retention(values),
        "    # warm_up: 30m # how long before an opening the model is started; `auto` learns it",
    )


def _retention(values: StarterValues) -> str:
    if values.retention is None:
        return "      # retention: 4d # how long the queue keeps a message; SQS's own is 4d"
    return f"      retention: {compact(values.retention)} # how long the queue keeps a message, as it said"
