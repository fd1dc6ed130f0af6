"""Files that ``validate`` warns of or refuses; their texts stand in tests/golden/config.txt."""

from __future__ import annotations

from tests.support.config_file import ARN, EXAMPLE, MINIMAL, UUID, edited, schedule

DAILY = edited("mon-fri", "daily")
LONG_KEPT = f"{MINIMAL}      retention: 14d\n"


def pipelines(*hours: str, account: str = "123456789012") -> str:
    """One schedule and one pipeline for each of ``hours``; ``account`` is of all but the first."""
    text = "version: 1\nschedules:\n"
    for index, each in enumerate(hours):
        text += f"  s{index}: {{timezone: UTC, hours: {{daily: {each}}}}}\n"
    text += "pipelines:\n"
    for index in range(len(hours)):
        arn = ARN.replace("/v1/", f"/v{index}/").replace("123456789012", account if index else "123456789012")
        uuid = UUID[:-1] + str(index)
        text += (
            f"  p{index}:\n    schedule: s{index}\n    model: {{arn: {arn}, inference_units: 1}}\n"
            f"    consumer: {{event_source_mapping: {uuid}}}\n"
            "    warm_up: 30m\n    drain: 15m\n    bridge: 0m\n"
        )
    return text


CLOSED_FOR_CHRISTMAS = edited(
    "      mon-fri: 08:30-17:00\n",
    "      mon-fri: 08:30-17:00\n    overrides:\n      - {dates: 2026-12-24..2027-01-03, hours: closed}\n",
)

_FACES = MINIMAL.partition("pipelines:\n")[2].replace("logos:", "faces:", 1)
ONE_MODEL_TWICE = MINIMAL + _FACES.replace(UUID, UUID.upper())
RETIRED_ELSEWHERE = MINIMAL + _FACES.replace(UUID, UUID.replace("8", "9")).replace(
    ARN, ARN.replace("v1", "v2")
).replace("units: 1\n", f"units: 1\n      retired: [{ARN}]\n")
TWO_LINES = schedule('    hours: {}\n    overrides: [{date: 2026-12-24, hours: open, reason: "a\\nb"}]\n')

ENDED_HOLD = f"{LONG_KEPT}    hold: {{state: off, until: 2026-11-23T07:00, reason: incident 42}}\n"
LONG_RESCUE = f"{DAILY}      retention: 1d\n    rescue: 2d\n"
LIST_WITH_MISTAKES = schedule("    hours: {fri: [08:00-12:00, 25:00-26:00, open]}\n")
LARGEST = "#" * (512 * 1024 - len(MINIMAL) - 1) + "\n" + MINIMAL
PAST_OVERRIDE = schedule(
    "    hours: {daily: open}\n    overrides:\n    - {date: 2026-11-21, hours: closed}\n"
)

SEASON = schedule(
    "    hours: {daily: 09:00-17:00}\n    holidays: {calendars: [days]}\n    overrides:\n"
    "      - dates: 2027-07-01..2027-08-31\n"
    "        hours: {mon-thu: 07:30-15:00, fri: 07:30-12:00}\n"
    "        reason: Summer hours\n",
    also="calendars: {days: {also: {07-05: Fair}}}\n",
)

UNUSED = edited(
    "schedules:\n",
    "calendars:\n  us: {country: US}\nschedules:\n",
    edited("pipelines:\n", "  summer: {timezone: UTC, hours: {mon: 08:00-12:00}}\npipelines:\n", LONG_KEPT),
)
WITHOUT_EFFECT = schedule(
    "    hours: {mon: [08:00-17:00, 09:00-10:00], sun: 02:00-03:00}\n    holidays: {calendars: [us]}\n"
    "    overrides:\n"
    "    - {dates: 2027-03-05..2027-03-09, hours: {thu: open}}\n"
    "    - {date: 2027-04-05, hours: open}\n"
    "    - {date: 2027-04-05, hours: closed}\n"
    "    - {from: 2027-05-03T08:00, until: 2027-05-03T09:00, state: open}\n"
    "    - {from: 2027-05-03T08:00, until: 2027-05-03T10:00, state: closed}\n",
    also='calendars:\n  us: {country: US, except: ["*"]}\n',
)

CATEGORIES_OF_A_FILE = "version: 1\ncalendars: {x: {ics: c.ics, categories: [public]}}\n"
BARE_STAR = "version: 1\ncalendars: {x: {country: US, except: [* (observed)]}}\n"

WARNINGS = {
    "no pipelines": "version: 1\n",
    "a schedule that never opens": edited("mon-fri: 08:30-17:00", "daily: closed"),
    "an override that is past": PAST_OVERRIDE,
    "a hold that has ended": ENDED_HOLD,
    "an opening shorter than its warm-up": edited(
        "08:30-17:00", "09:00-09:29", f"{LONG_KEPT}    warm_up: auto\n"
    ),
    "three models at once": pipelines(*["08:00-10:00"] * 3),
    "a closure longer than the retention": CLOSED_FOR_CHRISTMAS,
    "weekends longer than the retention": f"{MINIMAL}      retention: 1d\n",
    "a rescue longer than the retention": LONG_RESCUE,
    "a hold that outlasts the messages": (
        f"{MINIMAL}    hold: {{state: off, until: 2026-12-20T12:00, reason: works}}\n"
    ),
    "messages that a person's start waits for": f"{MINIMAL}    start: manual\n    on_demand: {{idle: 20m}}\n",
    "times that the clocks skip and show twice": schedule(
        "    hours: {daily: open}\n    overrides:\n"
        "    - {from: 2027-03-14T02:10, until: 2027-03-14T09:00, state: closed}\n"
        "    - {from: 2027-11-07T01:10, until: 2027-11-07T09:00, state: closed}\n"
    ),
    "a night that a holiday cuts": schedule(
        "    hours: {daily: 22:00-06:00}\n    holidays: {calendars: [days]}\n",
        also="calendars: {days: {also: {12-25: Christmas Day}}}\n",
    ),
    "holidays that a season opens": SEASON,
    "what nothing uses": UNUSED,
    "what has no effect": WITHOUT_EFFECT,
    "a budget that no month reaches": f"{LONG_KEPT}    budget: {{unit_hours_per_month: 1000}}\n",
    "closures of every week longer than the retention": f"{MINIMAL}      retention: 1d\n",
}
"""As they are on Monday 2026-11-23, 12:00 UTC."""

ERRORS = {
    "one model and one mapping in two pipelines": ONE_MODEL_TWICE,
    "a model that another pipeline retires": RETIRED_ELSEWHERE,
    "a retention that no queue can have": f"{MINIMAL}      retention: 15d\n",
    "a name with a capital": "version: 1\npipelines:\n  Office: x\n",
    "a reason of two lines": TWO_LINES,
    "an abbreviation for a zone": schedule("    hours: {}\n").replace("America/New_York", "CEST"),
    "a mistake in a list": LIST_WITH_MISTAKES,
    "a file that is too large": f"#{LARGEST}",
    "categories of a calendar file": CATEGORIES_OF_A_FILE,
    "an excepted name with a bare star": BARE_STAR,
    "too many stars": f"version: 1\ncalendars: {{x: {{country: US, except: [{', '.join(['a*'] * 101)}]}}}}\n",
    "a day that no year has": "version: 1\ncalendars: {x: {also: {02-30: Eve}}}\n",
    "a week of hours for one date": SEASON.replace("dates: 2027-07-01..2027-08-31", "date: 2027-07-01"),
    "open in a list": schedule("    hours: {mon: [open, closed]}\n"),
    "dates of a calendar under another key": "version: 1\ncalendars: {c: {dates: {12-24: Eve}}}\n",
    "a calendar of nothing": "version: 1\ncalendars: {c: {except: [Eve]}}\n",
    "a drain that is too long": f"{MINIMAL}    drain: 10d\n",
    "a drain that is too short": f"{MINIMAL}    drain: 0m\n",
    "a hold until a date": f"{MINIMAL}    hold: {{state: off, until: 2026-11-30}}\n",
    "an override from a date": schedule(
        "    hours: {}\n    overrides: [{from: 2026-11-30, until: 2026-12-01T08:00, state: open}]\n"
    ),
    "a merge key": (
        "version: 1\nschedules:\n  a: &a {timezone: UTC, hours: {mon: open}}\n  b: {<<: *a, timezone: UTC}\n"
    ),
}

DOUBTS = {
    "an excepted holiday that the country has under another name": (
        "version: 1\ncalendars: {x: {country: US, except: [Colombus Day]}}\n"
    ),
    "a subdivision of a country without any": (
        "version: 1\ncalendars: {x: {country: JP, subdivision: Bavaria}}\n"
    ),
}
"""Calendars that do not hold what the file asks for; the rest of it is used."""

LABELS = {"the example": EXAMPLE, "a week of hours for a season": SEASON}
"""Valid; what their rules are called."""
