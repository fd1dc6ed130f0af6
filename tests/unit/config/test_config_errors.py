"""What is wrong with a file: the place, the value, and a valid example."""

from __future__ import annotations

import re

import pytest

from tests.support.config_file import ARN, EXAMPLE, MINIMAL, UUID, diagnostics, edited, places, schedule
from tests.unit.config.cases import ERRORS, LIST_WITH_MISTAKES, ONE_MODEL_TWICE, RETIRED_ELSEWHERE, TWO_LINES

EXAMPLE_ARN = EXAMPLE.split("arn: ")[1].split()[0]
HOURS_HINT = "(closed, open, 08:30-17:00 or [08:30-12:00, 13:00-16:00])"
TIME_HINT = "(HH:MM, 00:00 to 24:00)"
FRIDAY = "schedules.office.hours.fri"
NEXT_DATE = "(an end on the next date is written as it is there:"

WRONG_HOURS = [
    ("25:00-26:00", f'"25:00" is not a time of day {TIME_HINT}'),
    ("08:30-25:00", f'"25:00" is not a time of day {TIME_HINT} {NEXT_DATE} "01:00")'),
    ("22:00-26:00", f'"26:00" is not a time of day {TIME_HINT} {NEXT_DATE} "02:00")'),
    ("08:30-48:00", f'"48:00" is not a time of day {TIME_HINT}'),
    ("8:30-17:00", f'"8:30" is not a time of day {TIME_HINT} (did you mean "08:30"?)'),
    ("9am-5pm", f'"9am" is not a time of day {TIME_HINT} (did you mean "09:00"?)'),
    ("09:00-5:30 PM", f'"5:30 PM" is not a time of day {TIME_HINT} (did you mean "17:30"?)'),
    ("12am-05:00", f'"12am" is not a time of day {TIME_HINT} (did you mean "00:00"?)'),
    ("12pm-18:00", f'"12pm" is not a time of day {TIME_HINT} (did you mean "12:00"?)'),
    ("13pm-18:00", f'"13pm" is not a time of day {TIME_HINT}'),
    ("9-17:00", f'"9" is not a time of day {TIME_HINT}'),
    ("08:30\u201317:00", '"08:30\u201317:00" has a dash where a hyphen belongs: "08:30-17:00"'),
    ("08:30-17:60", f'"17:60" is not a time of day {TIME_HINT}'),
    ("08:30-", f'"" is not a time of day {TIME_HINT}'),
    ("08:30", f'"08:30" is not hours {HOURS_HINT}'),
    ("Closed", f'"Closed" is not hours {HOURS_HINT}'),
    ("08:30-08:30", '"08:30-08:30" starts when it ends; for the whole date write open'),
    ("00:00-00:00", '"00:00-00:00" starts when it ends; for the whole date write open'),
    ("24:00-08:00", '"24:00" can end a window, not start one (00:00)'),
    ("\u0660\u0668:\u0663\u0660-17:00", f'"\u0660\u0668:\u0663\u0660" is not a time of day {TIME_HINT}'),
    ("[]", f"an empty list is not hours {HOURS_HINT}"),
    ("{a: b}", f"a mapping is not hours {HOURS_HINT}"),
    ('""', f'"" is not hours {HOURS_HINT}'),
]


@pytest.mark.parametrize(("written", "message"), WRONG_HOURS, ids=[case[0] for case in WRONG_HOURS])
def test_wrong_hours_are_told_with_what_hours_are(written, message):
    text = schedule(f"    hours:\n      fri: {written}\n")
    assert diagnostics(text) == [f"6:12: {FRIDAY}: {message}"]


def test_each_wrong_item_of_a_list_is_told_at_its_place():
    found = diagnostics(LIST_WITH_MISTAKES)
    assert places(found) == [f"5:32: {FRIDAY}[1]", f"5:45: {FRIDAY}[2]"]
    assert ['"25:00"' in found[0], '"open"' in found[1]] == [True, True]


DAY_HINT = "(mon … sun, mon-fri, mon,wed,fri or daily)"
WRONG_DAYS = [
    (
        "fry: open",
        f'5:13: schedules.office.hours.fry: "fry" is not a day {DAY_HINT} (did you mean "fri"?)',
    ),
    (
        "mon-thur: open",
        (
            '5:13: schedules.office.hours.mon-thur: "mon-thur" is not a day '
            f'{DAY_HINT} (did you mean "mon-thu"?)'
        ),
    ),
    ("mon-: open", f'5:13: schedules.office.hours.mon-: "mon-" is not a day {DAY_HINT}'),
    ("weekdays: open", f'5:13: schedules.office.hours.weekdays: "weekdays" is not a day {DAY_HINT}'),
    ("mon-fri-sun: open", f'5:13: schedules.office.hours.mon-fri-sun: "mon-fri-sun" is not a day {DAY_HINT}'),
    ('"mon,mon": open', '5:13: schedules.office.hours.mon,mon: "mon,mon" names mon twice'),
    ('"fri-mon,sun": open', '5:13: schedules.office.hours.fri-mon,sun: "fri-mon,sun" names sun twice'),
    (
        "mon-wed: open, tue: open",
        '5:28: schedules.office.hours.tue: tue is named in line 5 already ("mon-wed")',
    ),
    ("tue: open, TUE: open", '5:24: schedules.office.hours.TUE: tue is named in line 5 already ("tue")'),
    ("sun: open, daily: open", '5:24: schedules.office.hours.daily: sun is named in line 5 already ("sun")'),
    ("sun: open, sun: open", "5:24: schedules.office.hours.sun: this key stands in line 5 already"),
]


@pytest.mark.parametrize(("written", "diagnostic"), WRONG_DAYS, ids=[case[0] for case in WRONG_DAYS])
def test_a_day_is_known_and_named_once(written, diagnostic):
    assert diagnostics(schedule(f"    hours: {{{written}}}\n")) == [diagnostic]


@pytest.mark.parametrize(
    ("written", "city"),
    [("PST", "America/Los_Angeles"), ("pdt", "America/Los_Angeles"), ("CEST", "Europe/Berlin")],
)
def test_an_abbreviation_that_is_no_zone_is_told_with_the_zone(written, city):
    (told,) = diagnostics(schedule("    hours: {}\n").replace("America/New_York", written))
    assert places([told]) == [f"4:15: {ZONE}"]
    assert f'"{written}" is not a time zone, ' in told
    assert told.endswith(f"write {city}")


ZONE = "schedules.office.timezone"


OVERRIDE = "schedules.office.overrides[0]"
KINDS = "(an override has date and hours, or dates and hours, or from, until and state)"
WRONG_OVERRIDES = [
    ("date: 2026-02-30, hours: open", 'date: "2026-02-30" is not a date (there is no such date)'),
    ("date: 2026-02-29, hours: open", 'date: "2026-02-29" is not a date (there is no such date)'),
    ("date: 2026-13-01, hours: open", 'date: "2026-13-01" is not a date (there is no such date)'),
    ("date: 1969-12-31, hours: open", 'date: "1969-12-31" is not a date (years 1970 to 2199 can be written)'),
    ("date: 24.12.2026, hours: open", 'date: "24.12.2026" is not a date (YYYY-MM-DD: 2026-12-24)'),
    (
        "date: 2026-12-24T10:00, hours: open",
        'date: "2026-12-24T10:00" is not a date (YYYY-MM-DD: 2026-12-24)',
    ),
    ("date: , hours: open", "date: no value stands here; expected is a date (YYYY-MM-DD: 2026-12-24)"),
    ("dates: 2026-12-31..2026-12-28, hours: open", 'dates: "2026-12-31..2026-12-28" ends before it begins'),
    (
        "dates: 2026-12-28, hours: open",
        'dates: "2026-12-28" is one date; write it under date:, or 2026-12-28..2026-12-28',
    ),
    (
        "dates: 2026-12-28 - 2026-12-31, hours: open",
        'dates: "2026-12-28 - 2026-12-31" is not a range of dates (2026-12-28..2026-12-31)',
    ),
    (
        "from: 2026-12-05, until: 2026-12-06T02:00, state: open",
        'from: "2026-12-05" has no time (2026-12-05T20:00); for whole dates use dates: A..B and hours:',
    ),
    (
        "from: 2026-12-05T24:00, until: 2026-12-06T02:00, state: open",
        'from: "2026-12-05T24:00" is not a time (hours 00 to 23, minutes and seconds 00 to 59)',
    ),
    (
        "from: 2026-12-05 20:00, until: 2026-12-06T02:00, state: open",
        (
            'from: "2026-12-05 20:00" is not a time (2026-12-05T20:00, or with an offset: '
            "2026-12-05T20:00-05:00)"
        ),
    ),
    (
        "from: 2026-12-05T20:00, until: 2026-12-05T20:00, state: open",
        "until: the override ends before it begins, or just then",
    ),
    (
        "from: 2026-12-05T20:00, until: 2026-12-06T00:59Z, state: open",  # 20:00 in New York is 01:00Z
        "until: the override ends before it begins, or just then",
    ),
    (
        "from: 2026-12-05T20:00Z, until: 2026-12-05T20:30+01:00, state: open",
        "until: the override ends before it begins, or just then",
    ),
    (
        "from: 2026-12-05T20:00, until: 2026-12-06T20:00, state: on",
        'state: "on" is not a state (open | closed)',
    ),
    (
        "date: 2026-12-24, hours: open, reason: ",
        "reason: no value stands here; expected is a text (Year-end shutdown)",
    ),
]


@pytest.mark.parametrize(("written", "message"), WRONG_OVERRIDES, ids=[case[0] for case in WRONG_OVERRIDES])
def test_an_override_has_dates_that_exist_in_the_right_order(written, message):
    (found,) = diagnostics(schedule(f"    hours: {{}}\n    overrides: [{{{written}}}]\n"))
    assert found.partition(": ")[2] == f"{OVERRIDE}.{message}"


MIXED_OVERRIDES = [
    ("{hours: open}", [f": a mapping is not an override {KINDS}"]),
    ("closed", [f': "closed" is not an override {KINDS}']),
    ("", [f": no value stands here; expected is an override {KINDS}"]),
    ("{date: 2026-12-24}", [': "hours" is missing (hours: 08:30-17:00)']),
    (
        "{date: 2026-12-24, hours: open, state: open, dates: 2026-12-24..2026-12-25}",
        [f".state: does not go with date {KINDS}", f".dates: does not go with date {KINDS}"],
    ),
    (
        "{from: 2026-12-05T20:00, hours: open}",
        [
            ': "until" is missing (until: 2026-12-05T20:00)',
            ': "state" is missing (state: open)',
            f".hours: does not go with from {KINDS}",
        ],
    ),
    ("{until: 2026-12-05T20:00, state: open}", [': "from" is missing (from: 2026-12-05T20:00)']),
    (
        "{date: 2026-12-24, hours: open, raeson: x}",
        ['.raeson: "raeson" is not a known key (did you mean "reason"?)'],
    ),
]


@pytest.mark.parametrize(("written", "messages"), MIXED_OVERRIDES, ids=[case[0] for case in MIXED_OVERRIDES])
def test_an_override_is_of_one_kind(written, messages):
    found = diagnostics(schedule(f"    hours: {{}}\n    overrides:\n    - {written}\n"))
    assert [one.partition(f": {OVERRIDE}")[2] for one in found] == messages


DURATION_HINT = "(90s, 30m, 1h30m or 2d)"
WRONG_PIPELINES = [
    (
        "warm_up: 30",
        '15:14: pipelines.logos.warm_up: "30" is not a duration or auto (auto, 90s, 30m, 1h30m or 2d)',
    ),
    ("warm_up: 2d", '15:14: pipelines.logos.warm_up: "2d" is not between 0m and 1d'),
    (
        "warm_up:",
        (
            "15:5: pipelines.logos.warm_up: no value stands here; expected is a duration or auto "
            "(auto, 90s, 30m, 1h30m or 2d)"
        ),
    ),
    (
        "bridge: -5m",
        '15:13: pipelines.logos.bridge: "-5m" is not a duration or auto (auto, 90s, 30m, 1h30m or 2d)',
    ),
    ("drain: 30m1h", f'15:12: pipelines.logos.drain: "30m1h" is not a duration {DURATION_HINT}'),
    ("drain: auto", f'15:12: pipelines.logos.drain: "auto" is not a duration {DURATION_HINT}'),
    ("drain: 0m", '15:12: pipelines.logos.drain: "0m" is shorter than 1m'),
    ("region: moon", '15:13: pipelines.logos.region: "moon" is not a region (us-east-1)'),
    (
        "role_arn: admin",
        (
            '15:15: pipelines.logos.role_arn: "admin" is not the ARN of a role '
            "(arn:aws:iam::123456789012:role/rekognition-scheduler)"
        ),
    ),
    (
        "external_id: x-42",
        "15:5: pipelines.logos.external_id: external_id goes with role_arn, the role to assume",
    ),
    ("pricing: 4", '15:14: pipelines.logos.pricing: "4" is not a price ({unit_hour_usd: 4.0})'),
    ("pricing:", "15:5: pipelines.logos.pricing: no value; give it one, or remove the key"),
    (
        "pricing: {unit_hour_usd: 0}",
        '15:30: pipelines.logos.pricing.unit_hour_usd: "0" is not a price in USD (4.00)',
    ),
    (
        "pricing: {unit_hour_usd: inf}",
        '15:30: pipelines.logos.pricing.unit_hour_usd: "inf" is not a price in USD (4.00)',
    ),
    ("hold: {state: off}", '15:5: pipelines.logos.hold: "until" is missing (until: 2026-12-05T20:00)'),
    (
        "hold: {state: no, until: 2026-12-05T20:00}",
        '15:19: pipelines.logos.hold.state: "no" is not a state (as-is | off | on)',
    ),
    (
        "undertime: 5m",
        '15:5: pipelines.logos.undertime: "undertime" is not a known key (did you mean "overtime"?)',
    ),
    ("moon: full", '15:5: pipelines.logos.moon: "moon" is not a known key; known here: schedule, model, '),
    ("on_demand: {}", '15:5: pipelines.logos.on_demand: "idle" is missing (idle: 20m)'),
    ("on_demand: 20m", '15:16: pipelines.logos.on_demand: "20m" is not a demand rule ({idle: 20m})'),
    ("on_demand: {idle: 59s}", '15:23: pipelines.logos.on_demand.idle: "59s" is not between 1m and 24h'),
    ("on_demand: {idle: 24h1s}", '15:23: pipelines.logos.on_demand.idle: "24h1s" is not between 1m and 24h'),
    ("overtime: 13h", '15:15: pipelines.logos.overtime: "13h" is not between 0m and 12h'),
    ("overtime: -5m", f'15:15: pipelines.logos.overtime: "-5m" is not a duration {DURATION_HINT}'),
    ("rescue: 0m", '15:13: pipelines.logos.rescue: "0m" is not between 1m and 14d'),
    ("rescue: 15d", '15:13: pipelines.logos.rescue: "15d" is not between 1m and 14d'),
    (
        "rescue: no",
        '15:13: pipelines.logos.rescue: "no" is not a duration or never (never, 90s, 30m, 1h30m or 2d)',
    ),
    ("budget: 200", '15:13: pipelines.logos.budget: "200" is not a budget ({unit_hours_per_month: 200})'),
    (
        "budget: {enforce: true}",
        '15:5: pipelines.logos.budget: "unit_hours_per_month" is missing (unit_hours_per_month: 200)',
    ),
    (
        "budget: {unit_hours_per_month: 0}",
        (
            '15:36: pipelines.logos.budget.unit_hours_per_month: "0" leaves no hour to run in; for a model '
            "that must not run write hold: {state: off, until: …}, for a budget a number above 0 (200)"
        ),
    ),
    (
        "budget: {unit_hours_per_month: -1}",
        '15:36: pipelines.logos.budget.unit_hours_per_month: "-1" is not a number of unit-hours (200)',
    ),
    (
        "budget: {unit_hours_per_month: 200, enforce: yes}",
        '15:50: pipelines.logos.budget.enforce: "yes" is not a choice (true | false)',
    ),
    (
        "on_demand: {idle: 20m}\n    warm_up: 30m",
        (
            "16:5: pipelines.logos.warm_up: does not go with on_demand, which starts when a message waits; "
            "remove warm_up, or remove on_demand to have the model up before every opening"
        ),
    ),
    ("worm_up: 5m", '15:5: pipelines.logos.worm_up: "worm_up" is not a known key (did you mean "warm_up"?)'),
    ("<<: x", "15:5: pipelines.logos.<<: YAML 1.2 has no merge keys; write the keys out"),
]


@pytest.mark.parametrize(
    ("written", "diagnostic"), WRONG_PIPELINES, ids=[case[0] for case in WRONG_PIPELINES]
)
def test_a_pipelines_keys_have_their_own_values(written, diagnostic):
    (found,) = diagnostics(f"{MINIMAL}    {written}\n")
    assert found.startswith(diagnostic)


MODEL = "pipelines.logos.model"
PROJECT_ARN = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
WRONG_ARNS = [
    ("logos", "is not the ARN of a model (arn:aws:rekognition:us-east-1:123456789012:project/logos/version/"),
    (
        PROJECT_ARN,
        "is the ARN of a project, not of a model in it (aws rekognition describe-project-versions ",
    ),
    (
        "arn:aws:s3:::bucket",
        "is an ARN of s3, not of Rekognition (a model's ARN stands in the Rekognition console",
    ),
    ("arn:aws:lambda:us-east-1:123456789012:function:f", "is an ARN of lambda, not of Rekognition"),
    (ARN.replace("123456789012", "1234"), "is not the ARN of a model (arn:aws:rekognition:"),
    (f"{ARN}/x", "is not the ARN of a model (arn:aws:rekognition:"),
]


@pytest.mark.parametrize(("written", "message"), WRONG_ARNS, ids=[case[0] for case in WRONG_ARNS])
def test_an_arn_of_something_else_is_told_from_one_that_is_none(written, message):
    (found,) = diagnostics(edited(ARN, written))
    shown = written if len(written) <= 80 else f"{written[:80]}…"
    assert places([found]) == [f"11:12: {MODEL}.arn"]
    assert f': "{shown}" {message}' in found


OTHER = ARN.replace("/logos/", "/faces/")
WRONG_MODELS = [
    ("inference_units: 0", 'inference_units: "0" is not a number of inference units (1 or more)'),
    ("inference_units: 1.5", 'inference_units: "1.5" is not a number of inference units (1 or more)'),
    (
        "inference_units: 3\n      max_inference_units: 2",
        "max_inference_units: 2 is less than inference_units (3)",
    ),
    (f"inference_units: 1\n      project_arn: {ARN}", "is the ARN of a model, not of its project ("),
    (
        f"inference_units: 1\n      project_arn: {PROJECT_ARN.replace('us-east-1', 'us-east-2')}",
        "project_arn: not the project of the model (logos in us-east-1 of account 123456789012)",
    ),
    (
        f"inference_units: 1\n      retired: [{OTHER}]",
        "retired[0]: not of the model's project (logos in us-east-1 of account 123456789012)",
    ),
    (f"inference_units: 1\n      retired: [{ARN}]", "retired[0]: the same model stands in line 11 already"),
    (f"inference_units: 1\n      retired: {ARN}", " is not a list of ARNs of models ("),
    (f"inference_units: 1\n      retired: [{ARN}9, x]", 'retired[1]: "x" is not the ARN of a model ('),
]


@pytest.mark.parametrize(("written", "message"), WRONG_MODELS, ids=[case[1] for case in WRONG_MODELS])
def test_a_models_parts_agree(written, message):
    (found,) = diagnostics(edited("inference_units: 1", written))
    assert f"{MODEL}." in found
    assert message in found


CONSUMER = "pipelines.logos.consumer"
WRONG_MAPPINGS = [
    (
        "inference",
        f'"inference" is not the UUID of an event source mapping ({UUID}; aws lambda list-event-source-',
    ),
    (f"{UUID}0", f'"{UUID}0" is not the UUID of an event source mapping ('),
    (
        "arn:aws:sqs:us-east-1:123456789012:images",
        "is the ARN of a queue; name its mapping; aws lambda list-",
    ),
    (
        "arn:aws:sqs:us-east-1:123456789012:images.fifo",
        "is the ARN of a queue; a FIFO queue is not supported",
    ),
    (
        f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}",
        f"is the mapping's ARN; its UUID is the last part ({UUID})",
    ),
]


@pytest.mark.parametrize(("written", "message"), WRONG_MAPPINGS, ids=[case[0] for case in WRONG_MAPPINGS])
def test_a_mapping_is_named_by_its_uuid(written, message):
    (found,) = diagnostics(edited(UUID, written))
    assert places([found]) == [f"14:29: {CONSUMER}.event_source_mapping"]
    assert message in found


@pytest.mark.parametrize("retention", ["59s", "15d", "0m"])
def test_a_retention_is_one_that_a_queue_can_have(retention):
    (found,) = diagnostics(f"{MINIMAL}      retention: {retention}\n")
    assert places([found]) == [f"15:18: {CONSUMER}.retention"]
    assert f'"{retention}"' in found
    assert re.findall(r"\b\d+[sd]\b", found)[-2:] == ["60s", "14d"]


def test_two_pipelines_with_one_model_and_one_mapping_are_told_with_both_lines():
    found = diagnostics(ONE_MODEL_TWICE)
    assert [one.partition(": ")[0] for one in found] == ["18:12", "21:29"]
    assert [one.partition(f": {FACES}.")[2].partition(": ")[0] for one in found] == REPEATED
    assert [re.findall(r"line (\d+)", one) for one in found] == [["11"], ["14"]]


FACES = "pipelines.faces"
REPEATED = ["model.arn", "consumer.event_source_mapping"]


def test_a_model_retired_by_one_pipeline_cannot_be_anothers():
    (found,) = diagnostics(RETIRED_ELSEWHERE)
    assert places([found]) == [f"20:17: {FACES}.model.retired[0]"]
    assert "line 11" in found


REFERENCES = [
    (
        edited("schedule: office", "schedule: ofice"),
        ['9:15: pipelines.logos.schedule: there is no schedule "ofice" (did you mean "office"?)'],
    ),
    (
        edited("schedule: office", "schedule: night"),
        ['9:15: pipelines.logos.schedule: there is no schedule "night" (there are: office)'],
    ),
    (
        schedule(
            "    hours: {}\n    holidays: {calendars: [su, us, us]}\n",
            also="calendars: {us: {country: US}}\n",
        ),
        [
            '7:28: schedules.office.holidays.calendars[0]: there is no calendar "su" (there are: us)',
            '7:36: schedules.office.holidays.calendars[2]: "us" is named twice',
        ],
    ),
    (
        edited("America/New_York", "America/NewYork"),
        [
            (
                '4:15: schedules.office.timezone: "America/NewYork" is not a time zone (America/New_York) '
                '(did you mean "America/New_York"'
            )
        ],
    ),
    (
        edited("America/New_York", "america/new_york"),
        ['4:15: schedules.office.timezone: "america/new_york" is not a time zone (America/New_York) (did '],
    ),
    (
        edited("America/New_York", "../../etc/passwd"),
        ['4:15: schedules.office.timezone: "../../etc/passwd" is not a time zone (America/New_York)'],
    ),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCES, ids=[case[1][0][:60] for case in REFERENCES])
def test_a_name_that_does_not_exist_is_told_with_the_nearest(text, expected):
    found = diagnostics(text)
    assert [one[: len(start)] for one, start in zip(found, expected, strict=True)] == expected


WRONG_CALENDARS = [
    ("{}", "a calendar has country:, ics: or also:"),
    ("{country: US, ics: c.ics}", "a calendar is of a country or of a file; make two and name both"),
    ("{ics: c.ics, language: en_US}", "language needs a country (country: US)"),
    ("{ics: ../c.ics}", "is not the bare name of an iCalendar file beside this one (closures.ics)"),
    ("{ics: /etc/c.ics}", "is not the bare name of an iCalendar file beside this one (closures.ics)"),
    ('{ics: "a\\\\b.ics"}', "is not the bare name of an iCalendar file beside this one (closures.ics)"),
    ("{ics: .ics}", "is not the bare name of an iCalendar file beside this one (closures.ics)"),
    ("{ics: closures}", "is not the bare name of an iCalendar file beside this one (closures.ics)"),
    (
        "{country: US, except: Columbus Day}",
        '"Columbus Day" is not a list of names ([Columbus Day, Veterans Day])',
    ),
    ("{country: US, except: []}", "an empty list is not a list of names ("),
    ("{also: {2026-02-30: x}}", '"2026-02-30" is not a date (there is no such date)'),
    ("{also: {2026-02-20: }}", "no value stands here; expected is a text ("),
    (
        "{also: [2026-02-20]}",
        "a list is not a mapping ({12-24: Christmas Eve, 2026-11-27: Day after Thanksgiving})",
    ),
    ("US", '"US" is not a calendar ({country: US})'),
    ("{country: ~}", "no value stands here; expected is a country code (US)"),
]


@pytest.mark.parametrize(("written", "message"), WRONG_CALENDARS, ids=[case[0] for case in WRONG_CALENDARS])
def test_a_calendar_is_of_one_kind(written, message):
    (found,) = diagnostics(f"version: 1\ncalendars:\n  x: {written}\n")
    assert ": calendars.x" in found
    assert message in found


NAMES = ["Office", "a_b", "-a", "a" * 65, "büro", "a b", '""', "a.b"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("section", ["calendars", "schedules", "pipelines"])
def test_a_name_is_lower_case_letters_digits_and_hyphens(name, section):
    found = diagnostics(f"version: 1\n{section}:\n  {name}: x\n")
    assert "is not a name" in found[0]


FILES = [
    ("{}", ['1:1: "version" is missing (version: 1)']),
    ("version: 2\n", ['1:10: version: "2" is not a version that this release reads (1)']),
    ("version: 1.0\n", ['1:10: version: "1.0" is not a version that this release reads (1)']),
    ("version: 1\nversion: 1\n", ["2:1: version: this key stands in line 1 already"]),
    (
        "version: 1\nschedule: {}\n",
        ['2:1: schedule: "schedule" is not a known key (did you mean "schedules"?)'],
    ),
    (
        "version: 1\nschedules: []\n",
        [
            (
                "2:12: schedules: an empty list is not a mapping "
                "({office: {hours: {mon-fri: 08:30-17:00}, timezone: Europe/Berlin}})"
            )
        ],
    ),
    (
        "version: 1\npipelines:\n",
        [
            (
                "2:1: pipelines: no value stands here; expected is a mapping "
                "({logos: {consumer: …, model: …, schedule: office}})"
            )
        ],
    ),
    (
        "version: 1\npipelines: {a: {}}\n",
        [
            '2:13: pipelines.a: "schedule" is missing (schedule: office)',
            (f'2:13: pipelines.a: "model" is missing (model: {{arn: {EXAMPLE_ARN}, inference_units: 1}})'),
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), FILES, ids=[case[0] for case in FILES])
def test_the_file_has_its_sections(text, expected):
    assert diagnostics(text) == expected


MISTAKES = {
    "calendars.us.contry": ("country: US", "contry: US"),
    "schedules.office.hours.mon-thu": ("08:30-17:00", "25:00-17:00"),
    "schedules.office.overrides[1].dates": ("2026-12-28..2026-12-31", "2026-12-31..2026-12-28"),
    "pricing.unit_hour_usd": ("unit_hour_usd: 4.00", "unit_hour_usd: free"),
    "pipelines.logos.schedule": ("schedule: office", "schedule: ofice"),
    "pipelines.logos.model.inference_units": ("inference_units: 1", "inference_units: none"),
    "pipelines.logos.warm_up": ("warm_up: 30m", "warm_up: soon"),
}


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file():
    text = EXAMPLE
    for right, mistake in MISTAKES.values():
        text = edited(right, mistake, text)
    assert [one.split(": ")[1] for one in diagnostics(text)] == list(MISTAKES)


def test_a_mistake_behind_an_alias_is_told_once():
    body = "    hours: {mon: &day 25:00-26:00, tue: *day}\n"
    assert len(diagnostics(schedule(body))) == 1


def test_a_text_for_people_is_one_line():
    (found,) = diagnostics(TWO_LINES)
    assert places([found]) == [f"6:57: {REASON}"]
    assert '"a\\nb"' in found


REASON = "schedules.office.overrides[0].reason"


ONCE = [
    pytest.param("open in a list", ["schedules.office.hours.mon[0]", "schedules.office.hours.mon[1]"]),
    pytest.param("dates of a calendar under another key", ["calendars.c.dates"]),
    pytest.param("a calendar of nothing", ["calendars.c"]),
    pytest.param("a drain that is too long", ["pipelines.logos.drain"]),
    pytest.param("a drain that is too short", ["pipelines.logos.drain"]),
    pytest.param("a hold until a date", ["pipelines.logos.hold.until"]),
    pytest.param("an override from a date", ["schedules.office.overrides[0].from"]),
    pytest.param("a merge key", ["schedules.b.<<"]),
]


@pytest.mark.parametrize(("name", "paths"), ONCE)
def test_one_mistake_is_told_once(name, paths):
    assert [found.split(": ")[1] for found in diagnostics(ERRORS[name])] == paths


WORDS = {
    "open in a list": ("alone", "is not hours"),
    "dates of a calendar under another key": ("also:", "or dates"),
    "a calendar of nothing": ("also:", "or dates"),
    "a drain that is too long": ("longer than 12h", "between"),
    "a drain that is too short": ("shorter than 1m", "between"),
    "a hold until a date": ("has no time", "dates:"),
    "an override from a date": ("dates:", "between"),
    "a merge key": ("merge", "missing"),
}


@pytest.mark.parametrize(("name", "words"), WORDS.items())
def test_a_message_says_what_to_write_and_no_other_thing(name, words):
    says, never_says = words
    found = diagnostics(ERRORS[name])
    assert all(says in each and never_says not in each for each in found)
    assert found


def test_a_list_within_a_list_of_hours_is_no_hours():
    (found,) = diagnostics(schedule("    hours: {mon: [[open]]}\n"))
    assert "schedules.office.hours.mon[0]: a list is not hours" in found
