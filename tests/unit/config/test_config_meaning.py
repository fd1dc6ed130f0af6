"""What a valid file means."""

# ruff: noqa: DTZ001 - wall times are naive

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from controller.config.model import Target
from controller.core.settings import Budget, Hold, OnDemand
from controller.core.states import Desired
from controller.schedule.model import DateOverride, SpanOverride
from tests.support.config_file import ARN, EXAMPLE, MINIMAL, UUID, edited, schedule, understood

HOUR = 3600

HOURS = [
    pytest.param("closed", [], "closed", id="closed"),
    pytest.param("open", [(0, 24)], "open", id="the whole date"),
    pytest.param("08:30-17:00", [(8.5, 17)], "08:30-17:00", id="one window"),
    pytest.param("18:00-24:00", [(18, 24)], "18:00-24:00", id="until the date's end"),
    pytest.param("18:00-00:00", [(18, 24)], "18:00-24:00", id="until midnight"),
    pytest.param("22:00-06:00", [(22, 30)], "22:00-06:00", id="over midnight"),
    pytest.param(
        "'08:30-12:00, 13:00-16:00'", [(8.5, 12), (13, 16)], "08:30-12:00, 13:00-16:00", id="commas"
    ),
    pytest.param(
        "[08:30-12:00, 13:00-16:00]", [(8.5, 12), (13, 16)], "08:30-12:00, 13:00-16:00", id="a list"
    ),
    pytest.param(
        "[13:00-16:00, 08:30-12:00]", [(8.5, 12), (13, 16)], "13:00-16:00, 08:30-12:00", id="unordered"
    ),
    pytest.param("[08:00-12:00, 12:00-16:00]", [(8, 16)], "08:00-12:00, 12:00-16:00", id="touching"),
    pytest.param("[08:00-13:00, 12:00-16:00]", [(8, 16)], "08:00-13:00, 12:00-16:00", id="overlapping"),
    pytest.param("[08:00-18:00, 12:00-13:00]", [(8, 18)], "08:00-18:00, 12:00-13:00", id="within another"),
    pytest.param(
        "[20:00-02:00, 01:00-03:00]", [(1, 3), (20, 26)], "20:00-02:00, 01:00-03:00", id="of two nights"
    ),
    pytest.param("08:30 - 17:00", [(8.5, 17)], "08:30-17:00", id="spaces"),
    pytest.param('"08:30-17:00"', [(8.5, 17)], "08:30-17:00", id="quoted"),
]


@pytest.mark.parametrize(("written", "windows", "label"), HOURS)
def test_hours_are_windows_of_a_date(written, windows, label):
    rule = understood(schedule(f"    hours: {{mon: {written}}}\n")).specs["office"].week[0]
    assert [(window.start_s / HOUR, window.end_s / HOUR) for window in rule.windows] == windows
    assert rule.label == f"mon {label}"


DAYS = [
    ("mon", "0", "mon"),
    ("mon-thu", "0123", "mon-thu"),
    ("fri-mon", "4560", "fri-mon"),
    ("mon,wed,fri", "024", "mon,wed,fri"),
    ("mon-tue, SAT", "015", "mon-tue,sat"),
    ("daily", "0123456", "daily"),
    ("Daily", "0123456", "daily"),
    ("Monday", "0", "mon"),
    ("TUESDAY-Thu", "123", "tue-thu"),
    ("sun-sun", "6", "sun-sun"),
]


@pytest.mark.parametrize(("written", "indices", "label"), DAYS, ids=[case[0] for case in DAYS])
def test_a_key_of_hours_names_days(written, indices, label):
    week = understood(schedule(f"    hours:\n      {written}: open\n")).specs["office"].week
    assert {str(day) for day in range(7) if week[day].windows} == set(indices)
    assert {week[int(day)].label for day in indices} == {f"{label} open"}


def test_days_that_are_named_together_share_their_rule():
    week = understood(MINIMAL).specs["office"].week
    assert all(rule is week[0] for rule in week[1:5])


def test_a_day_that_is_not_named_is_closed_by_the_line_of_hours():
    sunday = understood(MINIMAL).specs["office"].week[6]
    assert (sunday.label, sunday.windows, sunday.line, sunday.explicit) == ("sun not named", (), 5, False)


def test_the_example_means_what_its_comments_say():
    config = understood(EXAMPLE)
    office, (logos,) = config.specs["office"], config.pipelines
    eve, shutdown, backlog = office.overrides
    assert isinstance(eve, DateOverride)
    assert (eve.first, eve.last, eve.rule.explicit) == (date(2026, 12, 24), date(2026, 12, 24), False)
    assert (eve.rule.name, eve.rule.hours) == ("Christmas Eve", "08:30-12:00")
    assert isinstance(shutdown, DateOverride)
    assert (shutdown.first, shutdown.last) == (date(2026, 12, 28), date(2026, 12, 31))
    assert (shutdown.rule.name, shutdown.rule.explicit) == ("Year-end shutdown", True)
    assert isinstance(backlog, SpanOverride)
    assert (backlog.start, backlog.end) == (datetime(2026, 12, 5, 20), datetime(2026, 12, 6, 2))
    assert (backlog.state_open, backlog.rule.name) == (True, "Reprocess the autumn backlog")
    assert backlog.rule.label.endswith(", by ana)")
    assert logos.unit_hour_usd == 4.0
    assert logos.consumer.retention == timedelta(days=14)
    assert logos.settings.warm_up == timedelta(minutes=30)
    assert config.degraded == ()


@pytest.mark.parametrize(
    ("key", "line"),
    [("mon-thu", 0), ("fri", 1)],
)
def test_a_rule_knows_its_line(key, line):
    text = schedule("    hours:\n      mon-thu: open\n      fri: open\n")
    week = understood(text).specs["office"].week
    assert week[{"mon-thu": 0, "fri": 4}[key]].line == 6 + line
    assert text.splitlines()[5 + line].strip() == f"{key}: open"


def test_every_line_a_configuration_carries_is_where_the_example_says_it():
    lines = EXAMPLE.splitlines()
    config = understood(EXAMPLE)
    office, (logos,) = config.specs["office"], config.pipelines
    assert [lines[override.rule.line - 1].split() for override in office.overrides] == [
        ["-", "date:", "2026-12-24"],
        ["-", "dates:", "2026-12-28..2026-12-31"],
        ["-", "from:", "2026-12-05T20:00"],
    ]
    assert lines[logos.line - 1].strip() == "logos:"
    assert {key: lines[line - 1].split()[0] for key, line in logos.settings.lines.items()} == {
        "schedule": "schedule:",
        "warm_up": "warm_up:",
        "retention": "retention:",
    }
    assert lines[office.holidays[0].rule.line - 1].split()[:2] == ["hours:", "closed"]


CALENDAR = "calendars:\n  us: {also: {2026-11-27: The day after}}\n"


@pytest.mark.parametrize(
    ("written", "label", "windows"),
    [
        ("{calendars: [us]}", "holidays closed", 0),
        ("{calendars: [us], hours: closed}", "holidays closed", 0),
        ("{calendars: [us], hours: 10:00-14:00}", "holidays 10:00-14:00", 1),
    ],
)
def test_holidays_are_closed_unless_they_have_hours(written, label, windows):
    text = schedule(f"    hours: {{daily: open}}\n    holidays: {written}\n", also=CALENDAR)
    (holidays,) = understood(text).specs["office"].holidays
    assert (holidays.rule.label, len(holidays.rule.windows), holidays.rule.explicit) == (
        label,
        windows,
        False,
    )
    assert holidays.names(date(2026, 11, 27)) == ("The day after",)
    assert holidays.names(date(2026, 11, 26)) == ()


SPANS = [
    pytest.param("2026-12-05T20:00", datetime(2026, 12, 5, 20), id="wall time"),
    pytest.param("2026-12-05T20:00:30", datetime(2026, 12, 5, 20, 0, 30), id="to the second"),
    pytest.param("2026-12-05T20:00Z", datetime(2026, 12, 5, 20, tzinfo=UTC), id="UTC"),
    pytest.param(
        "2026-12-05T20:00-05:30",
        datetime(2026, 12, 5, 20, tzinfo=timezone(-timedelta(hours=5, minutes=30))),
        id="an offset",
    ),
]


@pytest.mark.parametrize(("written", "start"), SPANS)
def test_an_override_from_a_time_keeps_whether_an_offset_was_written(written, start):
    body = f"    hours: {{}}\n    overrides: [{{from: {written}, until: 2026-12-07T00:00, state: closed}}]\n"
    (override,) = understood(schedule(body)).specs["office"].overrides
    assert (override.start, override.start.tzinfo) == (start, start.tzinfo)
    assert override.rule.explicit
    assert override.rule.label == f"override {written}..2026-12-07T00:00 closed"


def test_an_override_that_ends_when_the_clocks_have_gone_back_is_no_error():
    # 01:15 comes again, at -05:00.
    body = (
        "    hours: {}\n    overrides: "
        "[{from: 2026-11-01T01:45-04:00, until: 2026-11-01T01:15, state: open}]\n"
    )
    assert len(understood(schedule(body)).specs["office"].overrides) == 1


HOLDS = [
    pytest.param(
        "as-is", "2026-11-23T18:00", Desired.AS_IS, datetime(2026, 11, 23, 23, tzinfo=UTC), id="local"
    ),
    pytest.param("off", "2026-11-23T18:00Z", Desired.OFF, datetime(2026, 11, 23, 18, tzinfo=UTC), id="UTC"),
    pytest.param(
        "on", "2026-11-23T18:00+01:00", Desired.ON, datetime(2026, 11, 23, 17, tzinfo=UTC), id="an offset"
    ),
    pytest.param(
        "on", "2026-11-01T01:30", Desired.ON, datetime(2026, 11, 1, 6, 30, tzinfo=UTC), id="second 01:30"
    ),
]


@pytest.mark.parametrize(("state", "until", "desired", "ends_at"), HOLDS)
def test_a_hold_ends_in_the_zone_of_its_schedule(state, until, desired, ends_at):
    text = f"{MINIMAL}    hold: {{state: {state}, until: {until}, reason: incident 42}}\n"
    assert understood(text).pipelines[0].settings.hold == Hold(
        desired=desired, until=ends_at, reason="incident 42"
    )


DURATIONS = [
    ("90s", timedelta(seconds=90)),
    ("30m", timedelta(minutes=30)),
    ("1h30m", timedelta(hours=1, minutes=30)),
    ("0m", timedelta()),
    ("1d", timedelta(days=1)),
    ("auto", None),
]


@pytest.mark.parametrize(("written", "length"), DURATIONS, ids=[case[0] for case in DURATIONS])
@pytest.mark.parametrize("key", ["warm_up", "bridge"])
def test_a_duration_is_a_sum_of_units_and_auto_is_left_open(key, written, length):
    settings = understood(f"{MINIMAL}    {key}: {written}\n").pipelines[0].settings
    assert getattr(settings, key) == length
    assert settings.lines == {"schedule": 9, key: 15}


BEYOND_THE_HOURS = [
    ("on_demand: {idle: 20m}", OnDemand(idle=timedelta(minutes=20))),
    ("overtime: 45m", timedelta(minutes=45)),
    ("overtime: 0m", timedelta()),
    ("rescue: 14d", timedelta(days=14)),
    ("rescue: never", None),
    ("budget: {unit_hours_per_month: 200}", Budget(unit_hours_per_month=200, enforce=False)),
    ("budget: {unit_hours_per_month: 0.5, enforce: true}", Budget(unit_hours_per_month=0.5, enforce=True)),
    ("budget: {unit_hours_per_month: 9, enforce: FALSE}", Budget(unit_hours_per_month=9, enforce=False)),
]


@pytest.mark.parametrize(("written", "meant"), BEYOND_THE_HOURS, ids=[case[0] for case in BEYOND_THE_HOURS])
def test_a_rule_beyond_the_hours_has_a_key_and_its_line(written, meant):
    settings = understood(f"{MINIMAL}    {written}\n").pipelines[0].settings
    key = written.partition(":")[0]
    assert getattr(settings, key) == meant
    assert settings.lines == {"schedule": 9, key: 15}


def test_the_rules_are_told_what_the_queue_is_assumed_to_keep():
    settings = understood(f"{MINIMAL}      retention: 2d\n").pipelines[0].settings
    assert settings.retention == timedelta(days=2)
    assert settings.lines == {"schedule": 9, "retention": 15}


def test_what_is_not_written_has_a_default():
    config = understood(MINIMAL)
    (logos,) = config.pipelines
    settings = logos.settings
    assert (settings.warm_up, settings.bridge, settings.drain, settings.hold) == (None, None, None, None)
    assert (settings.on_demand, settings.budget, settings.overtime) == (None, None, timedelta())
    assert (settings.rescue, settings.retention) == (timedelta(hours=12), timedelta(days=4))
    assert logos.consumer.retention == timedelta(days=4)
    assert logos.unit_hour_usd == 4.0
    assert (logos.model.max_inference_units, logos.model.project_arn, logos.model.retired) == (None, None, ())


def test_the_names_and_the_region_are_parts_of_the_models_arn():
    (logos,) = understood(MINIMAL).pipelines
    assert (logos.model.arn, logos.model.project, logos.model.version) == (ARN, "logos", "v1")
    assert logos.model.account == "123456789012"
    assert logos.model.target == logos.consumer.target == Target(region="us-east-1")


def test_the_consumer_may_be_in_another_region_and_both_in_another_account():
    role = "arn:aws:iam::210987654321:role/scheduler"
    text = f"{MINIMAL}    region: eu-west-1\n    role_arn: {role}\n    external_id: x-42\n"
    (logos,) = understood(text).pipelines
    assert logos.model.target == Target(region="us-east-1", role_arn=role, external_id="x-42")
    assert logos.consumer.target == Target(region="eu-west-1", role_arn=role, external_id="x-42")


@pytest.mark.parametrize(
    ("of_the_file", "of_the_pipeline", "price"),
    [("", "", 4.0), ("3.5", "", 3.5), ("3.5", "7", 7.0), ("", "7", 7.0)],
)
def test_the_pipelines_price_comes_before_the_files(of_the_file, of_the_pipeline, price):
    text = MINIMAL
    if of_the_file:
        text = edited("schedules:", f"pricing: {{unit_hour_usd: {of_the_file}}}\nschedules:", text)
    if of_the_pipeline:
        text += f"    pricing: {{unit_hour_usd: {of_the_pipeline}}}\n"
    assert understood(text).pipelines[0].unit_hour_usd == price


def test_a_mapping_in_upper_case_is_the_same_mapping():
    assert understood(edited(UUID, UUID.upper())).pipelines[0].consumer.event_source_mapping == UUID


def test_schedules_and_pipelines_stand_in_the_order_of_the_file():
    text = schedule("    hours: {}\n") + "  a: {timezone: UTC, hours: {daily: open}}\n"
    assert list(understood(text).specs) == ["office", "a"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(MINIMAL.encode().replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + MINIMAL.encode(), id="a byte-order mark"),
        pytest.param(b"---\n" + MINIMAL.encode() + b"...\n", id="document markers"),
        pytest.param(b"# \xc3\xa9t\xc3\xa9\n" + MINIMAL.encode(), id="UTF-8"),
    ],
)
def test_what_an_editor_may_add_changes_no_meaning(written):
    assert (
        understood(written).specs["office"].week[0].windows
        == understood(MINIMAL).specs["office"].week[0].windows
    )


def test_an_alias_means_what_its_anchor_says():
    body = "    hours: {mon: &day 08:30-17:00, tue: *day}\n"
    week = understood(schedule(body)).specs["office"].week
    assert week[0].windows == week[1].windows != ()


def test_norway_is_a_country():
    text = schedule(
        "    hours: {}\n    holidays: {calendars: [no]}\n", also="calendars: {no: {country: NO}}\n"
    )
    names = understood(text).specs["office"].holidays[0].names
    assert names(date(2026, 5, 17)) == ("Constitution Day",)


def test_a_file_without_pipelines_is_valid():
    assert understood("version: 1\n").pipelines == ()


def test_the_digest_tells_the_text_and_its_calendar_files_apart():
    text = schedule("    hours: {}\n", also="calendars: {c: {ics: c.ics}}\n")
    digests = {
        understood(text, {"c.ics": b"1"}).digest,
        understood(text, {"c.ics": b"2"}).digest,
        understood(text).digest,
        understood(f"{text} ", {"c.ics": b"1"}).digest,
    }
    assert len(digests) == 4
    assert understood(text, {"c.ics": b"1"}).digest in digests
