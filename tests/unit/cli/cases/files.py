"""Schedule files of the cases, and where they are kept."""

from __future__ import annotations

from tests.support.desk import FILE, TWO_SCHEDULES

MAPPING = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
KEY = "prod/schedule.yaml"
URL = f"s3://configuration/{KEY}"


HELD = FILE + "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n"
NO_PIPELINES = FILE[: FILE.index("pipelines:")]
NIGHTS = FILE.replace(
    "      mon-thu: 08:30-17:00\n      fri: [08:30-12:00, 13:00-16:00]\n", "      mon-fri: 22:00-06:00\n"
)
"""The night before Christmas Day is cut at midnight."""
QUEUE_RULES = FILE.replace(
    "    warm_up: 30m\n", "    on_demand: {idle: 20m}\n    overtime: 45m\n    rescue: 1d\n"
).replace("    holidays:", "    overrides: [{dates: 2026-12-07..2026-12-24, hours: closed}]\n    holidays:")
"""Closed from Fri 2026-12-04 16:00 on; 14 days are kept, of which the rescue takes one."""
DATED = FILE.replace(
    "pipelines:\n",
    """\
    overrides:
      - {date: 2026-12-24, hours: 08:30-12:00, reason: Christmas Eve}
      - {dates: 2026-12-28..2026-12-31, hours: closed, reason: Shutdown}
      - {from: 2026-12-05T20:00, until: 2026-12-06T02:00, state: open, reason: Backlog}
pipelines:
""",
)


def several(number: int) -> str:
    """The file with ``number`` pipelines, ``logos0`` and on."""
    head, _, pipeline = FILE.partition("  logos:")
    made = (
        f"  logos{index}:{pipeline}".replace("project/logos", f"project/logos{index}").replace(
            "2e6f6", f"2e6f{index}"
        )
        for index in range(number)
    )
    return head + "".join(made)


LATER = FILE.replace("08:30-17:00", "08:30-18:00")
OTHER_VERSION = FILE.replace("version/v1/", "version/v2/")
DAY_CLOSED = FILE.replace(
    "    holidays:", "    overrides: [{date: 2026-12-08, hours: closed, reason: Move}]\n    holidays:"
)
NOON_CLOSED = FILE.replace(
    "pipelines:\n",
    """\
    overrides:
      - {from: 2026-11-24T12:00, until: 2026-11-24T14:00, state: closed, reason: "<b>|@ana"}
pipelines:
""",
)
WITH_ICS = FILE.replace("country: US, except: [Columbus Day, Veterans Day]", "ics: closures.ics")


def ics(day: str = "20261208") -> str:
    event = ("BEGIN:VEVENT", "UID:1", f"DTSTART;VALUE=DATE:{day}", "SUMMARY:Inventory", "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *event, "END:VCALENDAR", ""))


V1 = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
V2 = V1.replace("/v1/", "/v2/")
OVERRIDDEN = FILE.replace(
    "pipelines:\n",
    """\
    overrides: # dated
      # half a day
      - date: 2026-12-24
        hours: 08:30-12:00
        reason: Eve
      - {from: 2026-11-23T08:00, until: 2026-11-23T10:00, state: open, by: ben} # early
      - dates: 2026-10-01..2026-10-02
        hours: closed
pipelines:
""",
)


def as_anchor(two_schedules: str) -> str:
    """With one list of overrides for both schedules."""
    return two_schedules.replace(
        "    hours: {mon-fri: 09:00-17:00}\n", "    hours: {mon-fri: 09:00-17:00}\n    overrides: *days\n"
    ).replace(
        "    holidays: {calendars: [us]}\n",
        "    holidays: {calendars: [us]}\n    overrides: &days [{date: 2026-12-24, hours: closed}]\n",
    )


_TWO_DATES = """\
    overrides:
      - {date: 2026-12-24, hours: open}
      - {date: 2026-12-25, hours: open}
"""
_UNTIL_CHRISTMAS = "    hold: {state: off, until: 2026-12-24T12:00, reason: incident}\n"
FULL = TWO_SCHEDULES.replace("pipelines:\n", f"{_TWO_DATES}pipelines:\n") + _UNTIL_CHRISTMAS
LOSING = (
    TWO_SCHEDULES.replace("retention: 14d", "retention: 1h")
    .replace("08:30-17:00", "09:30-18:00")
    .replace("09:00-17:00", "00:00-23:00")
    .replace("version/v1/", "version/v2/")
)
"""Of ``FULL``: both models, the hold and the overrides, and messages of both."""
