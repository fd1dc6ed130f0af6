"""``validate``, ``calendar`` and ``explain``: places, counts and times, worked by hand from the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from controller.aws.clients import no_clients
from controller.config.model import STANDARD
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.unit.cli.explained import answer, next_desired
from tests.unit.cli.test_cli_door import typed


def test_a_valid_file_is_valid_and_counted(desk):
    said = desk("validate")
    assert (said.code, said.err) == (0, "")
    assert "1 schedule, 1 pipeline," in said.out


ERRORS = [(8, 16, "schedules.office.hours.mon-thu"), (20, 5, "pipelines.logos.warmup")]


def test_every_error_has_a_line_with_its_place(desk):
    desk.write(FILE.replace("mon-thu: 08:30-17:00", "mon-thu: 25:00-26:00").replace("warm_up", "warmup"))
    said, data = desk("validate"), desk("validate", "--json").data
    assert (said.code, data["valid"], data["warnings"]) == (2, False, [])
    assert [(each["line"], each["column"], each["path"]) for each in data["errors"]] == ERRORS
    assert [line.split(": ")[:2] for line in said.out.splitlines()[1:]] == [
        [f"config/schedule.yaml:{line}:{column}", path] for line, column, path in ERRORS
    ]


def test_very_many_errors_are_counted_and_a_hundred_are_told(desk):
    zones = "".join(f"  s{n}: {{timezone: Europe/Brelin{n}, hours: {{}}}}\n" for n in range(1_250))
    desk.write(f"version: 1\nschedules:\n{zones}")
    first, *lines = desk("validate").out.splitlines()
    assert "1,250 errors" in first
    assert len(lines) == 101
    assert lines[-1].endswith(": and 1,150 more")


def test_a_warning_is_marked_and_does_not_make_a_file_invalid(desk):
    desk.write(FILE[: FILE.index("pipelines:")])
    said = desk("validate")
    first, warning = said.out.splitlines()
    assert said.code == 0
    assert first.endswith(" no pipelines, 1 warning")
    assert ": warning: " in warning
    assert desk("validate", "--json").data["valid"]


@pytest.mark.parametrize(("options", "warned"), [((), True), (("--running-models-quota", "3"), False)])
def test_more_models_at_once_than_the_quota_are_a_warning_and_the_quota_can_be_set(desk, options, warned):
    head, pipeline = FILE.split("  logos:\n")
    copies = [
        f"  p{n}:\n{pipeline}".replace("version/v1/", f"version/v{n}/").replace("8921ca0f", f"8921ca0{n}")
        for n in (1, 2, 3)
    ]
    desk.write(head + "".join(copies))
    said = desk("validate", *options)
    assert said.code == 0
    assert ("at once" in said.out) is warned


def test_what_a_library_does_not_know_is_an_error_that_names_what_was_meant(desk):
    desk.write(FILE.replace("Veterans Day", "Veterens Day"))
    for command in ("validate", "calendar"):
        said = desk(command)
        assert said.code == 2
        assert 'did you mean "Veterans Day"' in said.out + said.err


@pytest.mark.parametrize(
    ("args", "env"),
    [
        pytest.param(("other.yaml",), {}, id="argument"),
        pytest.param(("--config", "other.yaml"), {}, id="option"),
        pytest.param((), {"SCHEDULER_CONFIG": "other.yaml"}, id="environment"),
        pytest.param(("other.yaml",), {"SCHEDULER_CONFIG": "nowhere.yaml"}, id="argument before environment"),
    ],
)
def test_the_file_can_be_named(desk, args, env):
    desk.write(FILE, "other.yaml")
    said = desk("validate", *args, **env)
    assert said.out.startswith("other.yaml is valid")
    assert said.err == ""


def test_several_files_are_each_judged_and_one_bad_one_fails(desk):
    desk.write(FILE, "one.yaml")
    desk.write(FILE.replace("fri: ", "fry: "), "two.yaml")
    said = desk("validate", "one.yaml", "two.yaml")
    assert said.code == 2
    assert "one.yaml is valid" in said.out
    assert "two.yaml is not valid" in said.out
    data = desk("validate", "one.yaml", "two.yaml", "--json").data
    assert [(each["file"], each["valid"]) for each in data] == [("one.yaml", True), ("two.yaml", False)]


def test_a_warning_fails_where_it_is_wanted(desk):
    assert desk("validate", "--strict").code == 0
    desk.write(FILE.replace("retention: 14d", "retention: 1d"))
    assert desk("validate").code == 0
    said = desk("validate", "--strict")
    assert said.code == 2
    assert said.out.splitlines()[0].endswith(": 1 warning (--strict)")


def test_the_standard_input_is_a_file_called_minus(desk):
    done = typed(desk, "validate", "-", stdin=FILE.replace("fri: ", "fry: "))
    assert done.returncode == 2
    assert done.stdout.splitlines()[1].startswith("-:9:")
    assert typed(desk, "validate", "-", stdin=FILE).returncode == 0


READERS = (
    ("validate",),
    ("calendar",),
    ("explain", "logos"),
    ("simulate", "--to", "2026-11-24"),
    ("compare", "--to", "2026-11-24"),
    ("iam-policy",),
    ("override", "list"),
    ("hold", "logos", "off", "--for", "1h", "--reason", "x", "--dry-run"),
)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_without_a_name_the_file_here_is_taken_before_that_in_config_and_named_first(desk, command):
    usual = {"SCHEDULER_CONFIG": None}
    assert desk(*command, **usual).err.splitlines()[0] == "file: config/schedule.yaml"
    desk.write("version: 2\n", "schedule.yaml")
    wrong = desk(*command, **usual)
    assert wrong.code == 2
    assert "schedule.yaml:1" in wrong.out + wrong.err
    desk.write(FILE, "schedule.yaml")
    assert desk(*command, **usual).err.splitlines()[0] == "file: schedule.yaml"
    assert not desk(*command, "--config", "schedule.yaml").err.startswith("file:")


@pytest.mark.parametrize("command", ["plan", "status", "doctor", "reconcile", "versions", "stack-parameters"])
def test_without_any_file_the_error_names_where_init_writes_it(desk, command):
    (desk.home / "config/schedule.yaml").unlink()
    said = desk(command, SCHEDULER_CONFIG=None)
    assert said.code == 2
    assert said.err.startswith("schedule.yaml: cannot be read")
    assert "rekognition-scheduler init" in said.err


@pytest.mark.parametrize(
    "command", ["validate", "calendar", "simulate", "compare", "iam-policy", "doctor", "plan", "reconcile"]
)
def test_a_file_that_is_named_twice_is_refused(desk, command):
    said = desk(command, "other.yaml", "--config", "nowhere.yaml")
    assert said.code == 2
    assert "one of them" in said.err


BAD_FILES = {
    "empty": b"",
    "a list at the top": b"- 1\n- 2\n",
    "tabs": b"version:\t1\n\tschedules: {}\n",
    "duplicate key": b"version: 1\nversion: 1\n",
    "a tag": b"version: !!int 1\n",
    "5,000 brackets": b"[" * 5000,
    "not UTF-8": b"version: \xff\xfe1\n",
    "10 MB": b"# " + b"x" * 10_000_000,
    "aliases that explode": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(8)),
}


@pytest.mark.parametrize("command", ["validate", "explain", "plan", "simulate"])
@pytest.mark.parametrize("text", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_wrong_input_told_in_lines(desk, command, text):
    (desk.home / "config/schedule.yaml").write_bytes(text)
    said = desk(command)
    told = said.out + said.err
    assert said.code == 2
    assert told.startswith("config/schedule.yaml")
    assert "Traceback" not in told
    assert all(len(line) < 500 for line in told.splitlines())


@pytest.mark.parametrize("command", ["validate", "calendar", "explain", "plan", "status", "reconcile"])
def test_a_missing_file_is_wrong_input(desk, command):
    said = desk(command, "--config", "nowhere.yaml")
    assert said.code == 2
    assert "nowhere.yaml: cannot be read" in said.out + said.err


AROUND_THANKSGIVING = [
    ("2026-11-25T08:30:00-05:00", "2026-11-25T22:00:00Z"),
    ("2026-11-27T08:30:00-05:00", "2026-11-27T17:00:00Z"),
    ("2026-11-27T13:00:00-05:00", "2026-11-27T21:00:00Z"),
    ("2026-11-30T08:30:00-05:00", "2026-11-30T22:00:00Z"),
    ("2026-12-01T08:30:00-05:00", "2026-12-01T17:00:00Z"),
]


def test_the_calendar_shows_local_and_utc_times_around_thanksgiving(desk):
    when = ("--from", "2026-11-25", "--to", "2026-12-01T12:00")
    said, data = desk("calendar", *when), desk("calendar", *when, "--json").data
    assert [(each["start_local"], each["end"]) for each in data["openings"]] == AROUND_THANKSGIVING
    assert said.out.startswith("office opens 5 times, 27 h ")
    assert [(row[4:14], row[15:20], row[32:42], row[49:54]) for row in said.out.splitlines()[3:]] == [
        (local[:10], local[11:16], utc[:10], utc[11:16]) for local, utc in AROUND_THANKSGIVING
    ]


def test_the_calendar_begins_today_and_lasts_two_weeks(desk):
    desk.is_at("2026-11-24T04:59:00")  # 23:59 on Monday in New York
    data = desk("calendar", "--json").data
    assert (data["from"], data["to"]) == ("2026-11-23T05:00:00Z", "2026-12-07T05:00:00Z")


def test_a_calendar_without_openings_says_when_the_next_one_is(desk):
    said = desk("calendar", "--from", "2026-11-28", "--to", "2026-11-30")
    assert said.out.endswith(": Mon 2026-11-30 08:30 EST\n")


def test_of_several_schedules_one_must_be_chosen(desk):
    desk.write(TWO_SCHEDULES)
    said = desk("calendar")
    assert said.code == 2
    assert ": office, berlin" in said.err
    assert desk("calendar", "--schedule", "berlin", "--json").data["timezone"] == "Europe/Berlin"


def test_an_unknown_schedule_gets_the_nearest_name(desk):
    said = desk("calendar", "--schedule", "ofice")
    assert said.code == 2
    assert 'did you mean "office"' in said.err


def test_the_icalendar_file_holds_the_openings_under_names_that_stay(desk):
    day = ("--from", "2026-11-27", "--to", "2026-11-28")
    said = desk("calendar", *day, "--ics", "open.ics")
    assert said.err.startswith("2 openings ")
    events = Calendar.from_ical((desk.home / "open.ics").read_bytes()).walk("VEVENT")
    assert [(str(event["uid"]).split("@"), event.start, event.end) for event in events] == [
        (["office-20261127T133000Z", "rekognition-scheduler"], _utc(27, 13, 30), _utc(27, 17)),
        (["office-20261127T180000Z", "rekognition-scheduler"], _utc(27, 18), _utc(27, 21)),
    ]
    assert {str(event["description"]) for event in events} == {"fri"}


def _utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_the_icalendar_file_can_be_stdout(desk):
    said = desk("calendar", "--ics", "-")
    assert said.out.startswith("BEGIN:VCALENDAR")
    assert desk("calendar", "--ics", "-", "--json").code == 2


def test_a_file_that_cannot_be_written_is_one_line(desk):
    name = "x" * 300
    said = desk("calendar", "--ics", name)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert said.err.startswith(f"error: {name}: ")


def test_explain_answers_first_and_says_at_last_what_is_next(desk):
    said = desk("explain", "logos")
    assert (said.code, said.err) == (0, "")
    assert answer(said) == ("ON", "Mon 2026-11-23 08:10 EST", "warm-up")
    assert next_desired(said) == ("OFF", "closed", "Mon 2026-11-23 17:00 EST")


def test_the_only_pipeline_need_not_be_named(desk):
    assert desk("explain").out == desk("explain", "logos").out


@pytest.mark.parametrize(
    ("when", "power", "local", "rule"),
    [
        pytest.param("2026-11-23T09:00", "ON", "Mon 2026-11-23 09:00 EST", "open", id="local"),
        pytest.param("2026-11-23T14:00Z", "ON", "Mon 2026-11-23 09:00 EST", "open", id="UTC"),
        pytest.param("2026-11-23T15:00+01:00", "ON", "Mon 2026-11-23 09:00 EST", "open", id="offset"),
        pytest.param("2026-11-23 09:00", "ON", "Mon 2026-11-23 09:00 EST", "open", id="a blank"),
        pytest.param("now", "ON", "Mon 2026-11-23 08:10 EST", "warm-up", id="now"),
        pytest.param(
            "2026-11-23T16:59:59", "ON", "Mon 2026-11-23 16:59:59 EST", "open", id="the last second"
        ),
        pytest.param("2026-11-23T17:00", "OFF", "Mon 2026-11-23 17:00 EST", "closed", id="half-open"),
        pytest.param("2026-11-26T10:00", "OFF", "Thu 2026-11-26 10:00 EST", "closed", id="holiday"),
        pytest.param("2026-03-08T02:30", "OFF", "Sun 2026-03-08 03:00 EDT", "closed", id="skipped: the jump"),
        pytest.param(
            "2026-11-01T01:30", "OFF", "Sun 2026-11-01 01:30 EDT", "closed", id="repeated: the first"
        ),
    ],
)
def test_a_time_is_local_to_the_schedule_unless_it_says_otherwise(desk, when, power, local, rule):
    assert answer(desk("explain", "--at", when)) == (power, local, rule)


@pytest.mark.parametrize(
    "command", [("explain", "--at"), ("explain", "--json", "--at"), ("calendar", "--to")]
)
@pytest.mark.parametrize(
    ("when", "meant"),
    [
        pytest.param("2027-03-14T02:30", ["03:00-04:00"], id="skipped"),
        pytest.param("2027-11-07T01:30", ["01:30-04:00", "01:30-05:00"], id="repeated"),
        pytest.param("2027-03-14T03:00", None, id="after what is skipped"),
        pytest.param("2027-11-07T02:00", None, id="after what is repeated"),
        pytest.param("2027-11-07T01:30-05:00", None, id="with an offset"),
        pytest.param("2027-03-14", None, id="a date"),
    ],
)
def test_a_time_that_does_not_exist_or_exists_twice_is_answered_with_a_note(desk, command, when, meant):
    said = desk(*command, when)
    assert said.code == 0
    # The end of a stretch is the second of two such times, as in the schedule.
    expected = meant and meant[-1 if "calendar" in command else 0]
    assert said.err.count("note: ") == (expected is not None)
    assert (expected or "") in said.err
    assert "note: " not in desk("--quiet", *command, when).err


def test_a_holiday_is_the_reason_of_its_closure(desk):
    reason = desk("explain", "--at", "2026-11-26T10:00", "--json").data["reason"]
    assert reason.startswith("holiday Thanksgiving Day")


def test_an_unknown_pipeline_gets_the_nearest_name(desk):
    said = desk("explain", "lgos")
    assert said.code == 2
    assert 'did you mean "logos"' in said.err


def test_of_several_pipelines_one_must_be_named(desk):
    desk.write(TWO_SCHEDULES)
    said = desk("explain")
    assert said.code == 2
    assert ": stamps, logos" in said.err


def test_a_hold_is_explained_with_its_line_and_its_end(desk):
    desk.write(FILE + "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n")
    said = desk("explain")
    assert answer(said) == ("AS_IS", "Mon 2026-11-23 08:10 EST", "hold")
    assert next_desired(said) == ("OFF", "closed", "Mon 2026-11-23 18:00 EST")
    rule = desk("explain", "--json").data["rules"][0]
    assert (rule["rule"], rule["applies"], rule["source"]) == ("hold", True, "config/schedule.yaml:21")
    assert "2026-11-23T23:00:00Z" in rule["reason"]
    assert rule["reason"].endswith("incident 42")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-11-26", "Thu 2026-11-26"), ("today", "Mon 2026-11-23"), ("tomorrow", "Tue 2026-11-24")],
)
def test_a_date_without_a_time_is_explained_as_a_whole_day(desk, text, day):
    said = desk("explain", "--at", text)
    assert said.out.startswith(f"logos on {day}: ")
    assert said.out == desk("explain", "--at", text, "--timeline").out
    data = desk("explain", "--at", text, "--json").data
    assert data == desk("explain", "--at", text, "--timeline", "--json").data
    assert data["timeline"][0]["from"] == f"{day[-10:]}T05:00:00Z"


@pytest.mark.parametrize(
    ("args", "option", "value"),
    [
        pytest.param(("simulate", "--arrivals", "nan"), "--arrivals", "nan", id="nan"),
        pytest.param(("simulate", "--arrivals", "many"), "--arrivals", "many", id="no number"),
        pytest.param(("simulate", "--arrivals", "2000000"), "--arrivals", "2000000", id="too many"),
        pytest.param(("simulate", "--seed", "x"), "--seed", '"x"', id="a seed"),
        pytest.param(("override", "clear", "office", "--line", "x"), "--line", '"x"', id="a line"),
        pytest.param(
            ("validate", "--running-models-quota", "1.5"), "--running-models-quota", '"1.5"', id="half"
        ),
        pytest.param(("validate", "--running-models-quota", "0"), "--running-models-quota", "0", id="none"),
        pytest.param(("init", "--units", "0"), "--units", "0", id="units"),
    ],
)
def test_a_number_that_is_none_is_named_with_its_option(desk, args, option, value):
    said = desk(*args)
    assert (said.code, said.out) == (2, "")
    assert option in said.err
    assert value in said.err
    assert "Input should" not in said.err


@pytest.mark.parametrize(
    "command", [("validate", "no.yaml"), ("calendar", "no.yaml"), ("diff", "no.yaml", "no.yaml")]
)
def test_a_missing_file_has_a_next_step_that_the_command_can_follow(desk, command):
    said = desk(*command)
    assert said.code == 2
    assert "next: " in said.err
    assert "--config" not in said.err


def test_a_location_that_is_none_is_to_be_corrected_not_validated(desk):
    said = desk("push", "config/schedule.yaml", "s3://b/k")
    assert said.code == 2
    assert "next: " in said.err
    assert "validate" not in said.err


def test_a_time_of_day_is_explained_as_that_of_today(desk):
    data = desk("explain", "--at", "10:00", "--json").data
    assert data["at"] == "2026-11-23T15:00:00Z"
    assert desk("explain", "--at", "07:00", "--json").data["at"] == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("args", "option", "value"),
    [
        pytest.param(("explain", "--at", "someday"), "--at: ", '"someday"', id="no time"),
        pytest.param(("explain", "--at", "2026-02-30"), "--at: ", '"2026-02-30"', id="no such date"),
        pytest.param(("explain", "--at", "2026-11-23T25:00"), "--at: ", "T25:00", id="no such hour"),
        pytest.param(
            ("calendar", "--from", "2026-12-01", "--to", "2026-12-01"),
            "--to: ",
            "Tue 2026-12-01 00:00 EST",
            id="an empty time",
        ),
        pytest.param(("calendar", "--to", "2026-11-01"), "--to: ", "Mon 2026-11-23", id="past"),
        pytest.param(("plan", "--at", "noon"), "--at: ", '"noon"', id="plan"),
    ],
)
def test_a_time_that_is_none_is_wrong_input(desk, args, option, value):
    said = desk(*args)
    assert said.code == 2
    assert option in said.err
    assert value in said.err


def test_a_client_that_an_offline_command_asks_for_is_refused():
    with pytest.raises(RuntimeError, match="a client of sqs"):
        no_clients("sqs", STANDARD)


OFFLINE = {
    "calendar": ("calendar",),
    "explain": ("explain", "logos"),
    "validate": ("validate",),
    "hold": ("hold", "logos", "off", "--for", "1h", "--reason", "x"),
    "override": ("override", "open", "logos", "--for", "1h", "--reason", "x"),
    "promote": (
        "promote",
        "logos",
        "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v2/1",
        "--force",
    ),
    "simulate": ("simulate", "--to", "2026-11-24"),
    "diff": ("diff", "config/schedule.yaml", "config/schedule.yaml"),
}


@pytest.mark.parametrize("command", OFFLINE.values(), ids=OFFLINE.keys())
def test_an_offline_command_asks_for_no_client(desk, command):
    desk.cli = replace(desk.cli, clients=no_clients)
    assert desk(*command).code == 0


UNKNOWN_HOLIDAY = FILE.replace("Columbus Day", "Columbo Day")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("calendar",), id="calendar"),
        pytest.param(("explain",), id="explain"),
        pytest.param(("simulate",), id="simulate"),
        pytest.param(("compare",), id="compare"),
        pytest.param(("diff", "config/schedule.yaml", "config/schedule.yaml"), id="diff"),
        pytest.param(("iam-policy",), id="iam-policy"),
    ],
)
def test_a_file_that_validate_refuses_is_refused_with_the_same_words(desk, command):
    desk.write(UNKNOWN_HOLIDAY)
    said = desk(*command)
    assert (said.code, said.out) == (2, "")
    assert "Columbo Day" in said.err
    assert desk("validate").code == 2
