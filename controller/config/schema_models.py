"""The pydantic models of the schedule file: which keys there are, and what each value may be by itself.

What must hold between values is in ``reference_errors``. The JSON Schema is made from these models: every key
has its description and its examples here, for the editor and for the diagnostics alike.
"""

import datetime as dt
import re
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    RootModel,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from controller.config import arns, times, values
from controller.core.settings import DEFAULT_RESCUE, DEFAULT_RETENTION

DEFAULT_UNIT_HOUR_USD = 4.0
"""Source: https://aws.amazon.com/rekognition/pricing/ (us-east-1)."""


def _pattern(pattern: str, what: str, *examples: str) -> WithJsonSchema:
    """A string of ``pattern``; editors answer another one with ``what`` and the examples."""
    return WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(?:{pattern})$",
            "patternErrorMessage": f"This is not {what}, such as {' or '.join(examples)}.",
            "examples": list(examples),
        }
    )


def _choice(*choices: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(choices)})


def _word_or_duration(word: str, example: str) -> WithJsonSchema:
    return _pattern(f"{word}|{values.DURATION}", f"{word} or a duration", word, example)


def _list_of(item: WithJsonSchema, example: list[str]) -> WithJsonSchema:
    schema = {
        "type": "array",
        "items": item.json_schema,
        "minItems": 1,
        "uniqueItems": True,
        "examples": [example],
    }
    return WithJsonSchema(schema)


def _any_case(pattern: str) -> str:
    """JSON Schema has no flag for it."""
    return re.sub(r"[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", pattern)


def _or_scalar(text: WithJsonSchema) -> WithJsonSchema:
    """The file's scalars are text to us; an editor reads ``reason: 42`` as a number."""
    of_text = dict(text.json_schema or {})
    examples = {"examples": of_text.pop("examples")} if "examples" in of_text else {}
    return WithJsonSchema({"anyOf": [of_text, {"type": "number"}, {"type": "boolean"}], **examples})


_NAME = _pattern(values.NAME, "a name of lower-case letters, digits and hyphens", "office", "berlin-2")
_TEXT = _or_scalar(WithJsonSchema({"type": "string", "minLength": 1, "maxLength": values.MAX_TEXT}))
_MODEL = _pattern(arns.MODEL, "the ARN of a project version", arns.MODEL_EXAMPLE)
_DURATION = _pattern(values.DURATION, "a duration", "90s", "30m", "1h30m", "2d")
_AUTO_OR_DURATION = _word_or_duration("auto", "30m")
_WINDOW = _pattern(times.WINDOW, "a window of hours", "08:30-12:00", "22:00-06:00")
_ONE_OR_MORE_WINDOWS = _pattern(
    f"closed|open|{times.WINDOWS}",
    "closed, open, or hours from 00:00 to 24:00",
    "08:30-17:00",
    "08:30-12:00, 13:00-16:00",
)
HOURS_JSON_SCHEMA: JsonSchemaValue = {
    "anyOf": [
        {key: value for key, value in (_ONE_OR_MORE_WINDOWS.json_schema or {}).items() if key != "examples"},
        {"type": "array", "items": _WINDOW.json_schema, "minItems": 1},
    ],
    "description": "closed | open (the whole date) | HH:MM-HH:MM, several as a list or comma-separated. "
    "An end before the start is on the next date; 24:00 may end a window.",
    "examples": ["08:30-17:00", ["08:30-12:00", "13:00-16:00"], "22:00-06:00", "closed", "open"],
}
_HOURS = WithJsonSchema(HOURS_JSON_SCHEMA)
SPELLED_DAYS = ("mon-fri", "mon-thu", "sat-sun", "daily", *times.WEEK)
"""Keys that editors offer: they neither complete a pattern nor check values under a key that is listed."""
DAYS_PATTERN = (
    f"(?!(?:{'|'.join(SPELLED_DAYS)})$)"  # a key is either listed or matches, as strict validators require
    f"(?:{_any_case(times.DAYS)})"
)

Name = Annotated[str, PlainValidator(values.name), _NAME]
Reference = Annotated[str, PlainValidator(values.name), _or_scalar(_NAME)]
Names = Annotated[tuple[str, ...], PlainValidator(values.names), _list_of(_or_scalar(_NAME), ["us"])]
Text = Annotated[str, PlainValidator(values.text), _TEXT]
Excepted = Annotated[
    tuple[str, ...],
    PlainValidator(values.excepted),
    _list_of(_TEXT, ["Columbus Day", "* (observed)"]),
]
Categories = Annotated[
    tuple[str, ...], PlainValidator(values.categories), _list_of(_TEXT, ["public", "bank"])
]
By = Annotated[str | None, PlainValidator(values.text), _TEXT]
Day = Annotated[
    str,
    PlainValidator(times.day_key),
    _pattern(DAYS_PATTERN, "days of the week", "mon-fri", "mon,wed,fri", "daily"),
]
Date = Annotated[dt.date, PlainValidator(times.local_date), _pattern(times.DATE, "a date", "2026-12-24")]
HolidayDate = Annotated[
    dt.date | times.YearDay,
    PlainValidator(times.holiday_date),
    _pattern(f"{times.DATE}|{times.YEARLY}", "a date, or a day of every year", "2026-12-24", "12-24"),
]
Dates = Annotated[
    times.DateRange,
    PlainValidator(times.date_range),
    _pattern(times.DATES, "a first and a last date", "2026-12-28..2026-12-31"),
]
Instant = Annotated[
    dt.datetime,
    PlainValidator(times.instant),
    _pattern(times.INSTANT, "a date and a time", "2026-12-05T20:00", "2026-12-05T20:00:00-05:00"),
]
OverrideInstant = Annotated[
    dt.datetime,
    PlainValidator(times.override_instant),
    _pattern(times.INSTANT, "a date and a time", "2026-12-05T20:00", "2026-12-05T20:00:00-05:00"),
]
Hours = Annotated[times.Hours, PlainValidator(times.hours), _HOURS]
HoursOrWeek = Annotated[
    Annotated[Hours, Tag("hours")] | Annotated[dict[Day, Hours], Tag("week"), Field(min_length=1)],
    Discriminator(times.hours_kind),
]
WarmUp = Annotated[
    dt.timedelta | None, PlainValidator(values.word_or("auto", values.lasting("0m", "1d"))), _AUTO_OR_DURATION
]
Bridge = Annotated[
    dt.timedelta | None, PlainValidator(values.word_or("auto", values.lasting("0m", "7d"))), _AUTO_OR_DURATION
]
Drain = Annotated[dt.timedelta | None, PlainValidator(values.lasting_at_most("12h")), _DURATION]
Idle = Annotated[dt.timedelta, PlainValidator(values.lasting("1m", "24h")), _DURATION]
Overtime = Annotated[dt.timedelta, PlainValidator(values.lasting("0m", "12h")), _DURATION]
Rescue = Annotated[
    dt.timedelta | None,
    PlainValidator(values.word_or("never", values.lasting("1m", "14d"))),
    _word_or_duration("never", "12h"),
]
Retention = Annotated[dt.timedelta, PlainValidator(values.lasting("60s", "14d")), _DURATION]
Units = Annotated[
    int, PlainValidator(values.units), WithJsonSchema({"type": "integer", "minimum": 1, "examples": [1]})
]
ModelArn = Annotated[arns.ModelArn, PlainValidator(arns.model_arn), _MODEL]
RetiredArns = Annotated[
    tuple[arns.ModelArn, ...],
    PlainValidator(arns.retired_arns),
    WithJsonSchema({"type": "array", "items": _MODEL.json_schema, "uniqueItems": True}),
]
ProjectArn = Annotated[
    arns.ProjectArn,
    PlainValidator(arns.project_arn),
    _pattern(arns.PROJECT, "the ARN of a project", arns.PROJECT_EXAMPLE),
]


def _present(value: object) -> object:
    """A key that is written must have a value, also where leaving the key out is fine."""
    if value is None:
        raise ValueError("no value; give it one, or remove the key")
    return value


class _WithoutNull:
    """Keeps ``None``, which only means that the key is not written, out of the JSON Schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        of_a_value: JsonSchemaValue = handler(schema)["anyOf"][0]
        return of_a_value


T = TypeVar("T")
Section = Annotated[T | None, BeforeValidator(_present), _WithoutNull()]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class CalendarSchema(Shape):
    model_config = ConfigDict(title="calendar", json_schema_extra={"examples": [{"country": "US"}]})

    country: Annotated[
        str | None,
        PlainValidator(values.country),
        _pattern("[A-Z]{2,3}", "the code of a country", "US", "DE"),
    ] = Field(default=None, description="A country of the `holidays` library.")
    subdivision: Annotated[str | None, PlainValidator(values.subdivision), _TEXT] = Field(
        default=None, description="A state or province of the country.", examples=["NY"]
    )
    language: Annotated[str | None, PlainValidator(values.language), _TEXT] = Field(
        default=None,
        description="Of the holidays' names. The default is English where the library has it, "
        "else the country's own; never the system's.",
        examples=["en_US"],
    )
    categories: Categories = Field(
        default=(),
        description="Kinds of the country's holidays, in the words of the `holidays` library; "
        "the default is public alone.",
    )
    excepted: Excepted = Field(
        default=(),
        alias="except",
        description="Names of holidays of the country or titles of events of the file that are worked as "
        "ordinary days; * stands for anything.",
    )
    also: dict[HolidayDate, Text] = Field(
        default={},
        description="More holidays, by date (YYYY-MM-DD), or for every year (MM-DD).",
        examples=[{"2026-11-27": "Day after Thanksgiving", "12-24": "Christmas Eve"}],
    )
    ics: Annotated[
        str | None,
        PlainValidator(values.file_name),
        _pattern(r"[^/\\]+\.ics", "the bare name of a file", "closures.ics"),
    ] = Field(
        default=None,
        description="All-day events of an iCalendar file beside this file, recurring events too.",
    )


class HolidaysSchema(Shape):
    model_config = ConfigDict(title="holiday rule", json_schema_extra={"examples": [{"calendars": ["us"]}]})

    calendars: Names = Field(description="Names of calendars of this file.")
    hours: Hours = Field(default=times.CLOSED, description="Hours of every holiday; the default is closed.")


def _some_rules(value: object) -> object:
    if value == []:
        raise values.wrong(value, "a list of holiday rules", "[{calendars: [us]}]")
    return value


class HolidayRulesSchema(RootModel[tuple[HolidaysSchema, ...]]):
    model_config = ConfigDict(
        title="list of holiday rules",
        frozen=True,
        defer_build=True,
        json_schema_extra={"minItems": 1, "examples": [[{"calendars": ["us"]}]]},
    )

    root: Annotated[tuple[HolidaysSchema, ...], BeforeValidator(_some_rules)]


def _one_or_list(value: object) -> str:
    return "HolidayRulesSchema" if isinstance(value, list) else "HolidaysSchema"


OneOrMoreHolidays = Annotated[
    Annotated[HolidaysSchema, Tag("HolidaysSchema")]
    | Annotated[HolidayRulesSchema, Tag("HolidayRulesSchema")],
    Discriminator(_one_or_list),
]


class _Override(Shape):
    reason: Annotated[str | None, PlainValidator(values.text), _TEXT] = Field(
        default=None, description="Why; it is shown wherever the override is.", examples=["Year-end shutdown"]
    )
    by: By = Field(default=None, description="Who decided it.", examples=["ana"])


class OneDate(_Override):
    model_config = ConfigDict(
        title="override", json_schema_extra={"examples": [{"date": "2026-12-24", "hours": "08:30-12:00"}]}
    )

    date: Date = Field(description="The date that the override governs.")
    hours: Hours = Field(description="The date's hours.")


class ManyDates(_Override):
    model_config = ConfigDict(
        title="override",
        json_schema_extra={"examples": [{"dates": "2026-12-28..2026-12-31", "hours": "closed"}]},
    )

    dates: Dates = Field(description="First and last date that the override governs.")
    hours: HoursOrWeek = Field(
        description="The hours of each of the dates, or a week of hours; a day that is not named is closed.",
        examples=["closed", {"mon-thu": "07:30-15:00", "fri": "07:30-12:00"}],
    )


class SpanSchema(_Override):
    model_config = ConfigDict(
        title="override",
        json_schema_extra={
            "examples": [{"from": "2026-12-05T20:00", "until": "2026-12-06T02:00", "state": "open"}]
        },
    )

    start: OverrideInstant = Field(alias="from", description="Local to the schedule, or with an offset.")
    until: OverrideInstant = Field(
        description="Local to the schedule, or with an offset; the end is not included."
    )
    state: Annotated[str, PlainValidator(values.one_of("open", "closed")), _choice("open", "closed")] = Field(
        description="What holds from `from` until `until`, whatever the hours say.", examples=["open"]
    )


def override_kind(value: object) -> str | None:
    """The kind of an override, by the first key that only one kind has; keys of another kind are unknown."""
    kinds = {"date": "OneDate", "dates": "ManyDates", "from": "SpanSchema", "until": "SpanSchema"}
    return next((kind for key, kind in kinds.items() if isinstance(value, dict) and key in value), None)


Override = Annotated[
    Annotated[OneDate, Tag("OneDate")]
    | Annotated[ManyDates, Tag("ManyDates")]
    | Annotated[SpanSchema, Tag("SpanSchema")],
    Discriminator(override_kind),
]


class ScheduleSchema(Shape):
    model_config = ConfigDict(
        title="schedule",
        json_schema_extra={"examples": [{"timezone": "Europe/Berlin", "hours": {"mon-fri": "08:30-17:00"}}]},
    )

    timezone: Annotated[str, PlainValidator(times.zone), WithJsonSchema({"type": "string"})] = Field(
        description="A zone of the IANA database.", examples=["America/New_York", "Europe/Berlin", "UTC"]
    )
    hours: dict[Day, Hours] = Field(
        description="Hours by day of the week; a day that is not named is closed.",
        examples=[{"mon-thu": "08:30-17:00", "fri": "08:30-12:00"}],
    )
    holidays: Section[OneOrMoreHolidays] = Field(
        default=None,
        description="Hours of the dates that calendars name: one rule, or a list of rules of which the last "
        "that names a date governs it.",
    )
    overrides: tuple[Override, ...] = Field(
        default=(),
        description="Dated exceptions. The last one that names a date governs it; "
        "the ones with `from` and `until` are applied last.",
        examples=[[{"date": "2026-12-24", "hours": "closed"}]],
    )


class PricingSchema(Shape):
    model_config = ConfigDict(title="price", json_schema_extra={"examples": [{"unit_hour_usd": 4.00}]})

    unit_hour_usd: Annotated[
        float, PlainValidator(values.price), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
    ] = Field(description="USD per inference unit and running hour.", examples=[4.00])


class ModelSchema(Shape):
    model_config = ConfigDict(
        title="model", json_schema_extra={"examples": [{"arn": arns.MODEL_EXAMPLE, "inference_units": 1}]}
    )

    arn: ModelArn = Field(description="ARN of the model: of a version of a Custom Labels project.")
    inference_units: Units = Field(description="Units that the model is started with.")
    max_inference_units: Annotated[
        int | None, PlainValidator(values.units), WithJsonSchema({"type": "integer", "minimum": 1})
    ] = Field(default=None, description="Rekognition scales up to so many by itself.", examples=[2])
    project_arn: Section[ProjectArn] = Field(
        default=None,
        description="ARN of the project; looked up by name otherwise.",
        examples=[arns.PROJECT_EXAMPLE],
    )
    retired: RetiredArns = Field(
        default=(),
        description="Earlier versions of the project that must never run.",
        examples=[[arns.MODEL_EXAMPLE]],
    )


class ConsumerSchema(Shape):
    model_config = ConfigDict(
        title="consumer", json_schema_extra={"examples": [{"event_source_mapping": arns.UUID_EXAMPLE}]}
    )

    event_source_mapping: Annotated[
        str, PlainValidator(arns.mapping_uuid), _pattern(arns.UUID, "a UUID", arns.UUID_EXAMPLE)
    ] = Field(description="UUID of the mapping from the queue to the inference function.")
    retention: Retention = Field(
        default=DEFAULT_RETENTION,
        description="How long the queue keeps a message, as assumed offline; SQS's own default is 4d.",
    )


class HoldSchema(Shape):
    model_config = ConfigDict(
        title="hold", json_schema_extra={"examples": [{"state": "as-is", "until": "2026-11-23T18:00"}]}
    )

    state: Annotated[
        str, PlainValidator(values.one_of("as-is", "off", "on")), _choice("as-is", "off", "on")
    ] = Field(description="as-is: hands off. off and on: whatever the schedule says.", examples=["as-is"])
    until: Instant = Field(description="Ends the hold; local to the schedule, or with an offset.")
    reason: Annotated[str | None, PlainValidator(values.text), _TEXT] = Field(
        default=None, description="Why; it is shown while the hold lasts.", examples=["incident 42"]
    )
    by: By = Field(default=None, description="Who decided it.", examples=["ana"])


class OnDemandSchema(Shape):
    model_config = ConfigDict(title="demand rule", json_schema_extra={"examples": [{"idle": "20m"}]})

    idle: Idle = Field(
        description="The model stops when for so long no message waited or was in flight.", examples=["20m"]
    )


class BudgetSchema(Shape):
    model_config = ConfigDict(title="budget", json_schema_extra={"examples": [{"unit_hours_per_month": 200}]})

    unit_hours_per_month: Annotated[
        float, PlainValidator(values.unit_hours), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
    ] = Field(
        description="Inference units times hours, in a calendar month in UTC. "
        "Over it overtime and bridge don't apply, and a warning stands.",
        examples=[200],
    )
    enforce: Annotated[bool, PlainValidator(values.flag), WithJsonSchema({"type": "boolean"})] = Field(
        default=False,
        description="Over it nothing is started until the month ends: openings and rescue neither. A model "
        "that runs is not stopped for it before its closing.",
        examples=[False],
    )


class PipelineSchema(Shape):
    model_config = ConfigDict(
        title="pipeline",
        json_schema_extra={
            "examples": [{"schedule": "office", "model": "…", "consumer": "…"}],
            "not": {
                "type": "object",
                "properties": {"on_demand": {}, "warm_up": {}},
                "required": ["on_demand", "warm_up"],
            },
        },
    )

    schedule: Reference = Field(description="Name of a schedule of this file.", examples=["office"])
    model: ModelSchema = Field(description="The Rekognition Custom Labels model that is started and stopped.")
    consumer: Section[ConsumerSchema] = Field(
        default=None,
        description="The event source mapping that is enabled and disabled. Without it the model runs by the "
        "hours for callers of its own, and nothing is gated.",
    )
    start: Annotated[str, PlainValidator(values.one_of("auto", "manual")), _choice("auto", "manual")] = Field(
        default="auto",
        description="manual: a person starts the model; everything else is done as always.",
        examples=["manual"],
    )
    pricing: Section[PricingSchema] = Field(default=None, description="The pipeline's own price.")
    warm_up: WarmUp = Field(
        default=None,
        description="How long before an opening the model is started; auto learns it (30m until then).",
    )
    bridge: Bridge = Field(
        default=None,
        description="A closure no longer than this is run through; auto: warm-up and 15m, 0m: never.",
    )
    drain: Drain = Field(
        default=None,
        description="How long consumption may take to end before the model is stopped all the same (1m or "
        "more); without a consumer, how long after the closing the model is stopped (0m).",
    )
    hold: Section[HoldSchema] = Field(
        default=None, description="A person's hand on the pipeline, until a time."
    )
    on_demand: Section[OnDemandSchema] = Field(
        default=None,
        description="In an opening the model runs only while there are messages; without a warm-up.",
    )
    overtime: Overtime = Field(
        default=dt.timedelta(0),
        description="After closing, consumption goes on for at most so long while messages wait (0m).",
        examples=["45m"],
    )
    rescue: Rescue = Field(
        default=DEFAULT_RESCUE,
        description="In a closure the model runs for messages that would expire within so long (12h), at "
        "most a quarter of the queue's retention: until the queue is empty or that time is over, and again "
        "while a message is in danger. never: they expire.",
    )
    budget: Section[BudgetSchema] = Field(default=None, description="Unit-hours that a month may have.")
    region: Annotated[
        str | None, PlainValidator(arns.region), _pattern(arns.REGION, "a region", "us-east-1")
    ] = Field(default=None, description="Of the mapping and the queue; the default is the model's.")
    role_arn: Annotated[
        str | None, PlainValidator(arns.role_arn), _pattern(arns.ROLE, "the ARN of a role", arns.ROLE_EXAMPLE)
    ] = Field(default=None, description="A role to assume, for a pipeline in another account.")
    external_id: Annotated[
        str | None,
        PlainValidator(arns.external_id),
        _or_scalar(_pattern(arns.EXTERNAL_ID, "an external ID", "team-7")),
    ] = Field(default=None, description="For assuming role_arn.")


class FileSchema(Shape):
    model_config = ConfigDict(title="schedule file")

    version: Annotated[int, PlainValidator(values.version), WithJsonSchema({"const": 1})] = Field(
        description="Of this format.", examples=[1]
    )
    calendars: dict[Name, CalendarSchema] = Field(
        default={}, description="Calendars of holidays, by name.", examples=[{"us": {"country": "US"}}]
    )
    schedules: dict[Name, ScheduleSchema] = Field(
        default={},
        description="Schedules, by name.",
        examples=[{"office": {"timezone": "Europe/Berlin", "hours": {"mon-fri": "08:30-17:00"}}}],
    )
    pricing: PricingSchema = Field(
        default=PricingSchema.model_construct(unit_hour_usd=DEFAULT_UNIT_HOUR_USD),
        description="The price of every pipeline.",
    )
    pipelines: dict[Name, PipelineSchema] = Field(
        default={},
        description="Pipelines, by name: a model, its event source mapping and a schedule.",
        examples=[{"logos": {"schedule": "office", "model": "…", "consumer": "…"}}],
    )
