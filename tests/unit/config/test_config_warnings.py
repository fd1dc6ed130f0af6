"""What is valid and still worth a look, at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.config import warnings
from tests.config_file import ARN, EXAMPLE, MINIMAL, UUID, edited, schedule, understood

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
LONG_KEPT = f"{MINIMAL}      retention: 14d\n"


def told(
    text: str, now: datetime = NOW, files: dict[str, bytes] | None = None, **options: object
) -> list[str]:
    return [
        found.located("").removeprefix(":") for found in warnings(understood(text, files), now, **options)
    ]


def test_the_example_gives_no_warning_in_its_first_week():
    assert told(EXAMPLE) == []


def test_a_file_without_pipelines_is_told():
    assert told("version: 1\n") == ["there are no pipelines: nothing is started, and nothing is stopped"]


@pytest.mark.parametrize("hours", ["{}", "{daily: closed}"])
def test_a_schedule_that_never_opens_is_told(hours):
    (never, _) = told(schedule(f"    hours: {hours}\n"))[::-1]
    assert never.endswith(": schedules.office.hours: never opens in the 400 days from 2026-11-23")


PAST = [
    pytest.param(
        "{date: 2026-11-22, hours: open}", "2026-11-23T05:00", id="a date ends at its local midnight"
    ),
    pytest.param(
        "{dates: 2026-11-20..2026-11-22, hours: closed}", "2026-11-23T05:00", id="dates end with the last"
    ),
    pytest.param(
        "{date: 2026-11-22, hours: 22:00-06:00}", "2026-11-23T11:00", id="a night ends in the morning"
    ),
    pytest.param(
        "{from: 2026-11-20T00:00, until: 2026-11-22T20:00, state: open}", "2026-11-23T01:00", id="a span"
    ),
    pytest.param(
        "{from: 2026-11-20T00:00Z, until: 2026-11-22T20:00Z, state: open}", "2026-11-22T20:00", id="an offset"
    ),
]


@pytest.mark.parametrize(("override", "ends"), PAST)
def test_an_override_is_past_from_its_end_on(override, ends):
    text = schedule(f"    hours: {{daily: open}}\n    overrides:\n    - {override}\n")
    end = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert not any("is past" in found for found in told(text, end - timedelta(seconds=1)))
    (found,) = [found for found in told(text, end) if "is past" in found]
    assert found.startswith("7: schedules.office.overrides[0]: override 2026-11-2")


def test_a_hold_is_told_from_its_end_on():
    text = f"{LONG_KEPT}    hold: {{state: off, until: 2026-11-23T07:00, reason: incident 42}}\n"
    assert told(text, NOW - timedelta(seconds=1)) == []
    assert told(text) == [
        "16: pipelines.logos.hold: the hold ended on 2026-11-23 07:00 (incident 42); it can be removed"
    ]


@pytest.mark.parametrize(
    ("hours", "warm_up", "is_told"),
    [("09:00-09:29", "auto", True), ("09:00-09:30", "auto", False), ("09:00-10:00", "2h", True)],
)
def test_an_opening_shorter_than_its_warm_up_is_told(hours, warm_up, is_told):
    text = edited("08:30-17:00", hours, f"{LONG_KEPT}    warm_up: {warm_up}\n")
    found = told(text)
    assert len(found) == is_told
    if is_told:
        assert found[0].startswith(
            f"16: pipelines.logos.warm_up: the opening at 2026-11-23 09:00 (mon-fri {hours} (line 6)) lasts "
        )


def test_an_opening_that_is_nearly_over_is_not_a_short_one():
    assert told(LONG_KEPT, datetime(2026, 11, 23, 21, 59, tzinfo=UTC)) == []  # 16:59 in New York


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


# Up from 30 minutes and a tick of 5 before the opening until 15 minutes after it.
AT_ONCE = [
    pytest.param(("08:00-10:00", "08:00-10:00"), 2, 0, id="as many as the quota"),
    pytest.param(("08:00-10:00",) * 3, 2, 1, id="more than the quota"),
    pytest.param(("08:00-10:00", "10:50-12:00"), 1, 0, id="one after the other"),
    pytest.param(("08:00-10:00", "10:49-12:00"), 1, 1, id="the lead of one meets the drain of another"),
]


@pytest.mark.parametrize(("hours", "quota", "count"), AT_ONCE)
def test_more_models_up_at_once_than_the_quota_are_told(hours, quota, count):
    found = [one for one in told(pipelines(*hours), running_models_quota=quota) if "at once" in one]
    assert len(found) == count


def test_a_longer_tick_makes_a_longer_lead():
    text = pipelines("08:00-10:00", "10:50-12:00")
    assert any("at once" in one for one in told(text, running_models_quota=1, tick=timedelta(minutes=6)))


def test_the_quota_is_of_an_account():
    assert not any(
        "at once" in one for one in told(pipelines("open", "open", account="9" * 12), running_models_quota=1)
    )


def test_models_at_once_are_named_with_their_first_moment():
    (found,) = [one for one in told(pipelines(*["08:00-10:00"] * 3)) if "at once" in one]
    assert found.startswith(
        "22: pipelines.p2.schedule: 3 models are up at once at 2026-11-24 07:25 UTC in us-east-1 of account "
        "123456789012 (p0, p1, p2; warm-up and drain counted), and the quota of running models is 2: "
    )


CLOSED_FOR_CHRISTMAS = edited(
    "      mon-fri: 08:30-17:00\n",
    "      mon-fri: 08:30-17:00\n    overrides:\n      - {dates: 2026-12-24..2027-01-03, hours: closed}\n",
)


def test_a_closure_longer_than_the_retention_is_told_with_its_dates_and_a_remedy():
    # Wed 2026-12-23 17:00 to Mon 2027-01-04 08:30: 11 days, 15 hours and a half; 4 days are kept.
    (found,) = told(CLOSED_FOR_CHRISTMAS)
    assert found == (
        "10: pipelines.logos.consumer.retention: closed from 2026-12-23 17:00 until 2027-01-04 08:30 "
        "(11d15h30m), longer than the queue keeps a message (4d): from 2026-12-27 17:00 on, messages that "
        "arrived since the closing are lost; raise the queue's retention above 11d15h30m (at most 14d), or "
        "open an hour before"
    )


@pytest.mark.parametrize(
    ("retention", "is_told"), [("11d15h29m", True), ("11d15h30m", False), ("14d", False)]
)
def test_a_closure_as_long_as_the_retention_loses_nothing(retention, is_told):
    text = f"{CLOSED_FOR_CHRISTMAS}      retention: {retention}\n"
    assert len(told(text)) == is_told


def test_a_closure_that_goes_on_already_is_told_from_its_beginning():
    (found,) = told(CLOSED_FOR_CHRISTMAS, datetime(2026, 12, 30, tzinfo=UTC))
    assert "closed from 2026-12-23 17:00 until 2027-01-04 08:30 (11d15h30m)" in found


def test_no_retention_helps_beyond_14_days():
    (found,) = told(edited("2026-12-24", "2026-12-01", CLOSED_FOR_CHRISTMAS))
    assert found.endswith(
        "; open an hour before then by an override; no queue keeps a message for longer than 14d"
    )


def event(*lines: str) -> bytes:
    body = "\r\n".join(("BEGIN:VEVENT", "UID:1", "SUMMARY:Closed", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


ENDS = [
    pytest.param(event("DTSTART;VALUE=DATE:20270122"), "its last event is on 2027-01-22", id="in 60 days"),
    pytest.param(event("DTSTART;VALUE=DATE:20270123"), None, id="in 61 days"),
    pytest.param(event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY"), None, id="never"),
    pytest.param(
        event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY;UNTIL=20260601"),
        "its last event is on 2026-01-01",
        id="a rule that ends",
    ),
    pytest.param(event("DTSTART;VALUE=DATE:20200101"), "it has no event since 2025", id="long ago"),
]


@pytest.mark.parametrize(("data", "message"), ENDS)
def test_a_calendar_file_that_ends_soon_is_told(data, message):
    text = schedule(
        "    hours: {daily: open}\n    holidays: {calendars: [c]}\n", also="calendars:\n  c: {ics: c.ics}\n"
    )
    found = [one for one in told(text, files={"c.ics": data}) if "event" in one]
    whole = f"3: calendars.c.ics: {message}; dates after that are ordinary days until the file has more"
    assert found == ([whole] if message else [])


def test_warnings_stand_in_the_order_of_the_file():
    text = f"{CLOSED_FOR_CHRISTMAS}    warm_up: 10h\n    hold: {{state: off, until: 2026-01-01T00:00}}\n"
    lines = [int(found.partition(":")[0]) for found in told(text)]
    assert lines == sorted(lines)
    assert len(lines) == 3
