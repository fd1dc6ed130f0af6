"""``validate``, ``calendar`` and ``explain``: whole outputs, worked by hand from the file in ``conftest``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from controller.aws.clients import no_clients
from controller.config.model import STANDARD
from tests.unit.cli.conftest import FILE, TWO_SCHEDULES
from tests.unit.cli.test_cli_door import typed


def test_a_valid_file_is_valid_and_counted(desk):
    said = desk("validate")
    assert (said.code, said.err) == (0, "")
    assert said.out == "config/schedule.yaml is valid: 1 schedule, 1 pipeline, no warnings\n"


def test_every_error_has_a_line_with_its_place(desk):
    desk.write(FILE.replace("mon-thu: 08:30-17:00", "mon-thu: 25:00-26:00").replace("warm_up", "warmup"))
    said = desk("validate")
    first, *lines = said.out.splitlines()
    assert said.code == 2
    assert first == "config/schedule.yaml is not valid: 2 errors, no warnings"
    assert lines[0].startswith("config/schedule.yaml:8:16: schedules.office.hours.mon-thu: ")
    assert lines[1].startswith(
        'config/schedule.yaml:20:5: pipelines.logos.warmup: "warmup" is not a known key'
    )


def test_very_many_errors_are_counted_and_a_hundred_are_told(desk):
    zones = "".join(f"  s{n}: {{timezone: Europe/Brelin{n}, hours: {{}}}}\n" for n in range(1_250))
    desk.write(f"version: 1\nschedules:\n{zones}")
    first, *lines = desk("validate").out.splitlines()
    assert first == "config/schedule.yaml is not valid: 1,250 errors, no warnings"
    assert len(lines) == 101
    assert lines[-1] == "config/schedule.yaml: and 1,150 more"


def test_a_warning_is_marked_and_does_not_make_a_file_invalid(desk):
    desk.write(FILE[: FILE.index("pipelines:")])
    said = desk("validate")
    first, warning = said.out.splitlines()
    assert said.code == 0
    assert first == "config/schedule.yaml is valid: 1 schedule, no pipelines, 1 warning"
    assert warning.startswith("config/schedule.yaml: warning: there are no pipelines")


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
    assert said.out.splitlines()[0] == "config/schedule.yaml is not accepted: 1 warning (--strict)"


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
    assert "nowhere.yaml: cannot be read: No such file or directory" in said.out + said.err


CALENDAR = """\
office opens 5 times, 27 h in all
from Wed 2026-11-25 00:00 EST to Tue 2026-12-01 12:00 EST
local (America/New_York)        UTC                     reason
Wed 2026-11-25 08:30-17:00 EST  2026-11-25 13:30-22:00  mon-thu
Fri 2026-11-27 08:30-12:00 EST  2026-11-27 13:30-17:00  fri
Fri 2026-11-27 13:00-16:00 EST  2026-11-27 18:00-21:00  fri
Mon 2026-11-30 08:30-17:00 EST  2026-11-30 13:30-22:00  mon-thu
Tue 2026-12-01 08:30-12:00 EST  2026-12-01 13:30-17:00  mon-thu
"""


def test_the_calendar_shows_local_and_utc_times_around_thanksgiving(desk):
    said = desk("calendar", "--from", "2026-11-25", "--to", "2026-12-01T12:00")
    assert (said.code, said.out, said.err) == (0, CALENDAR, "")


def test_the_calendar_begins_today_and_lasts_two_weeks(desk):
    desk.is_at("2026-11-24T04:59:00")  # 23:59 on Monday in New York
    data = desk("calendar", "--json").data
    assert (data["from"], data["to"]) == ("2026-11-23T05:00:00Z", "2026-12-07T05:00:00Z")


def test_a_calendar_without_openings_says_when_the_next_one_is(desk):
    said = desk("calendar", "--from", "2026-11-28", "--to", "2026-11-30")
    assert said.out == (
        "office is closed from Sat 2026-11-28 00:00 EST to Mon 2026-11-30 00:00 EST; "
        "next change: Mon 2026-11-30 08:30 EST\n"
    )


def test_of_several_schedules_one_must_be_chosen(desk):
    desk.write(TWO_SCHEDULES)
    said = desk("calendar")
    assert said.code == 2
    assert "config/schedule.yaml has several schedules: office, berlin" in said.err
    assert desk("calendar", "--schedule", "berlin", "--json").data["timezone"] == "Europe/Berlin"


def test_an_unknown_schedule_gets_the_nearest_name(desk):
    said = desk("calendar", "--schedule", "ofice")
    assert said.code == 2
    assert '"ofice" is not a schedule (did you mean "office"?)' in said.err


def test_the_icalendar_file_holds_the_openings_under_names_that_stay(desk):
    day = ("--from", "2026-11-27", "--to", "2026-11-28")
    said = desk("calendar", *day, "--ics", "open.ics")
    assert said.err == "2 openings written to open.ics\n"
    events = Calendar.from_ical((desk.home / "open.ics").read_bytes()).walk("VEVENT")
    assert [(str(event["uid"]), event.start, event.end) for event in events] == [
        ("office-20261127T133000Z@rekognition-scheduler", _utc(27, 13, 30), _utc(27, 17)),
        ("office-20261127T180000Z@rekognition-scheduler", _utc(27, 18), _utc(27, 21)),
    ]
    assert {str(event["description"]) for event in events} == {"fri"}


def _utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_the_icalendar_file_can_be_stdout(desk):
    said = desk("calendar", "--ics", "-")
    assert said.out.startswith("BEGIN:VCALENDAR")
    assert desk("calendar", "--ics", "-", "--json").code == 2


def test_a_file_that_cannot_be_written_is_one_line(desk):
    said = desk("calendar", "--ics", "nowhere/open.ics")
    assert (said.code, said.err) == (1, "error: nowhere/open.ics: No such file or directory\n")


EXPLAINED = """\
logos: ON at Mon 2026-11-23 08:10 EST, because warm-up: lead 30 min before the opening at \
Mon 2026-11-23 08:30 EST
rule      applies  source                   reason
hold      no       -                        no hold
open      no       config/schedule.yaml:8   outside mon-thu 08:30-17:00
warm-up   yes      config/schedule.yaml:20  lead 30 min before the opening at Mon 2026-11-23 08:30 EST
bridge    no       -                        the closure is longer than 45 min
overtime  no       -                        no overtime
rescue    no       -                        no message is in danger before Fri 2026-12-04 04:00 EST
closed    yes      config/schedule.yaml:8   outside mon-thu 08:30-17:00
The first that applies decides.
The schedule next changes: Mon 2026-11-23 08:30 EST
Next desired: OFF (closed) from Mon 2026-11-23 17:00 EST
"""


def test_explain_answers_first_and_then_says_why(desk):
    said = desk("explain", "logos")
    assert (said.code, said.out, said.err) == (0, EXPLAINED, "")


def test_the_only_pipeline_need_not_be_named(desk):
    assert desk("explain").out == EXPLAINED


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        pytest.param("2026-11-23T09:00", "ON at Mon 2026-11-23 09:00 EST, because open: ", id="local"),
        pytest.param("2026-11-23T14:00Z", "ON at Mon 2026-11-23 09:00 EST, because open: ", id="UTC"),
        pytest.param("2026-11-23T15:00+01:00", "ON at Mon 2026-11-23 09:00 EST, because open: ", id="offset"),
        pytest.param("2026-11-23 09:00", "ON at Mon 2026-11-23 09:00 EST, because open: ", id="a blank"),
        pytest.param("now", "ON at Mon 2026-11-23 08:10 EST, because warm-up: ", id="now"),
        pytest.param("2026-11-23T16:59:59", "ON at Mon 2026-11-23 16:59:59 EST", id="the last second"),
        pytest.param("2026-11-23T17:00", "OFF at Mon 2026-11-23 17:00 EST", id="half-open"),
        pytest.param(
            "2026-11-26T10:00",
            "OFF at Thu 2026-11-26 10:00 EST, because closed: holiday Thanksgiving",
            id="holiday",
        ),
        pytest.param("2026-03-08T02:30", "OFF at Sun 2026-03-08 03:00 EDT", id="skipped: the jump"),
        pytest.param("2026-11-01T01:30", "OFF at Sun 2026-11-01 01:30 EDT", id="repeated: the first"),
    ],
)
def test_a_time_is_local_to_the_schedule_unless_it_says_otherwise(desk, when, answer):
    assert desk("explain", "--at", when).out.startswith(f"logos: {answer}")


def test_an_unknown_pipeline_gets_the_nearest_name(desk):
    said = desk("explain", "lgos")
    assert said.code == 2
    assert '"lgos" is not a pipeline (did you mean "logos"?); config/schedule.yaml has logos' in said.err


def test_of_several_pipelines_one_must_be_named(desk):
    desk.write(TWO_SCHEDULES)
    said = desk("explain")
    assert said.code == 2
    assert "config/schedule.yaml has several pipelines: stamps, logos" in said.err


def test_a_hold_is_explained_with_its_line_and_its_end(desk):
    desk.write(FILE + "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n")
    lines = desk("explain").out.splitlines()
    assert lines[0] == (
        "logos: AS_IS at Mon 2026-11-23 08:10 EST, "
        "because hold: held as-is until Mon 2026-11-23 18:00 EST: incident 42"
    )
    assert lines[2].split(maxsplit=3)[:3] == ["hold", "yes", "config/schedule.yaml:21"]
    assert lines[-1] == "Next desired: OFF (closed) from Mon 2026-11-23 18:00 EST"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-11-26", "Thu 2026-11-26"), ("today", "Mon 2026-11-23"), ("tomorrow", "Tue 2026-11-24")],
)
def test_a_date_without_a_time_is_explained_as_a_whole_day(desk, text, day):
    said = desk("explain", "--at", text)
    assert said.out.startswith(f"logos on {day}: ")
    assert said.out == desk("explain", "--at", text, "--timeline").out
    assert desk("explain", "--at", text, "--json").data["at"].startswith(day[-10:])


@pytest.mark.parametrize(
    ("args", "diagnostic"),
    [
        pytest.param(
            ("explain", "--at", "someday"),
            '--at: "someday" is not a time (now, tomorrow, 2026-11-23, ',
            id="no time",
        ),
        pytest.param(
            ("explain", "--at", "2026-02-30"), '--at: "2026-02-30" is not a date', id="no such date"
        ),
        pytest.param(("explain", "--at", "2026-11-23T25:00"), "--at: ", id="no such hour"),
        pytest.param(
            ("calendar", "--from", "2026-12-01", "--to", "2026-12-01"),
            "--to: 2026-12-01 is not after the start, Tue 2026-12-01 00:00 EST",
            id="an empty time",
        ),
        pytest.param(
            ("calendar", "--to", "2026-11-01"), "--to: 2026-11-01 is not after the start, Mon", id="past"
        ),
        pytest.param(("plan", "--at", "noon"), '--at: "noon" is not a time', id="plan"),
    ],
)
def test_a_time_that_is_none_is_wrong_input_with_an_example(desk, args, diagnostic):
    said = desk(*args)
    assert said.code == 2
    assert diagnostic in said.err


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
