"""``override``: exit codes, what changes, and the file to the byte. It is Monday, 08:10 in New York."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from controller.editing import draft
from controller.editing.override import add_override
from controller.editing.request import EditReason, EditRequest, TimeRangeOptions
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.unit.cli.cases.files import OVERRIDDEN, as_anchor

WHY = ("--reason", "Backlog", "--by", "ana")
EVE = "2026-12-24"


def text_of(desk) -> str:
    return (desk.home / "config/schedule.yaml").read_text()


def entry(start: str, until: str, state: str = "open") -> str:
    return (
        f"      - from: {start}\n        until: {until}\n        state: {state}\n"
        "        reason: Backlog\n        by: ana\n"
    )


def test_an_override_is_written_and_told(desk):
    said = desk("override", "open", "logos", "--until", "20:00", "--from", "17:00", *WHY)
    label = "override 2026-11-23T17:00..2026-11-23T20:00 open (Backlog, by ana)"
    assert (said.code, said.err.count("\n")) == (0, 1)
    assert " is written, not in force yet" in said.err
    _, added, _, opened, money = said.out.splitlines()
    when = ["Mon", "2026-11-23", "17:00-20:00", "EST"]
    assert added.split()[:7] == ["+", "config/schedule.yaml:12", "office", *when]
    assert added.endswith(label)
    assert opened.split()[:5] == ["+", *when]
    assert opened.endswith(f"{label} (line 12)")
    assert money == "logos: 3 h more, about $12.00"
    written = "    overrides:\n" + entry("2026-11-23T17:00", "2026-11-23T20:00")
    assert text_of(desk) == FILE.replace("pipelines:\n", written + "pipelines:\n")


WHEN = {
    "for a while": (("--for", "3h"), "2026-11-23T08:10", "2026-11-23T11:10"),
    "until a time of today": (("--until", "18:00"), "2026-11-23T08:10", "2026-11-23T18:00"),
    "until a time that is over today": (("--until", "07:00"), "2026-11-23T08:10", "2026-11-24T07:00"),
    "from a time on for a while": (
        ("--from", "17:00", "--for", "90m"),
        "2026-11-23T17:00",
        "2026-11-23T18:30",
    ),
    "past midnight": (("--from", "22:00", "--until", "02:00"), "2026-11-23T22:00", "2026-11-24T02:00"),
    "until the next such time after it begins": (
        ("--from", "2026-11-25T20:00", "--until", "22:00"),
        "2026-11-25T20:00",
        "2026-11-25T22:00",
    ),
    "until a time of the day after it begins": (
        ("--from", "2026-11-25T20:00", "--until", "19:00"),
        "2026-11-25T20:00",
        "2026-11-26T19:00",
    ),
    "until the minute that it is": (("--until", "08:10"), "2026-11-23T08:10", "2026-11-24T08:10"),
    "at an offset": (
        ("--from", "2026-11-25T20:00Z", "--until", "2026-11-26T00:00+01:00"),
        "2026-11-25T15:00",
        "2026-11-25T18:00",
    ),
    "over the end of summer time": (
        ("--from", "2027-11-07T00:30", "--until", "2027-11-07T01:30"),
        "2027-11-07T00:30",
        "2027-11-07T01:30-05:00",
    ),
    "to an earlier wall time, since the clocks go back": (
        ("--from", "2027-11-07T01:45", "--for", "30m"),
        "2027-11-07T01:45-04:00",
        "2027-11-07T01:15-05:00",
    ),
    "to the same wall time, an hour later": (
        ("--from", "2027-11-07T01:45", "--for", "1h"),
        "2027-11-07T01:45-04:00",
        "2027-11-07T01:45-05:00",
    ),
    "to an hour that comes twice, its first time": (
        ("--from", "2027-11-07T00:30", "--for", "1h"),
        "2027-11-07T00:30",
        "2027-11-07T01:30-04:00",
    ),
    "from an hour that comes twice, its second time": (
        ("--from", "2027-11-07T06:15Z", "--for", "2h"),
        "2027-11-07T01:15-05:00",
        "2027-11-07T03:15",
    ),
    "until a date": (("--until", "2026-12-01"), "2026-11-23T08:10", "2026-12-01T00:00"),
    "from tomorrow on": (("--from", "tomorrow", "--for", "1h"), "2026-11-24T00:00", "2026-11-24T01:00"),
    "from now on": (("--from", "now", "--for", "1h"), "2026-11-23T08:10", "2026-11-23T09:10"),
    "with a blank": (("--until", "2026-11-24 10:00"), "2026-11-23T08:10", "2026-11-24T10:00"),
    "seconds": (("--from", "2026-12-01T18:00", "--for", "90s"), "2026-12-01T18:00", "2026-12-01T18:01:30"),
}


@pytest.mark.parametrize(("options", "start", "until"), WHEN.values(), ids=WHEN.keys())
def test_a_term_is_written_in_local_time(desk, options, start, until):
    assert desk("override", "closed", "office", *options, *WHY).code == 0
    assert entry(start, until, "closed") in text_of(desk)


OVER = ("--from", "2026-11-23T06:00", "--until")
REFUSED = {
    "no end": ((), "--until: say when it ends"),
    "two ends": (("--for", "3h", "--until", "18:00"), "not both"),
    "over already": ((*OVER, "2026-11-23T08:00"), "it would have ended"),
    "over just now": ((*OVER, "2026-11-23T08:10"), "it would have ended"),
    "an end before the start": (("--from", "18:00", "--until", "2026-11-23T17:00"), "not after it begins"),
    "no time at all": (("--for", "0s"), "not after it begins"),
    "longer than 31 days": (("--for", "32d"), "32d is longer than 31 days"),
    "skipped by the clocks": (("--until", "2027-03-14T02:30", "--force"), "(2027-03-14T03:00)"),
    "a start that the clocks skip": (("--from", "2027-03-14T02:30", "--for", "1h"), "--from: there is no"),
    "a date that does not exist": (("--until", "2026-02-30T10:00"), "there is no such date"),
    "no time": (("--until", "soon"), '"soon" is not a time ('),
    "no duration": (("--for", "soon"), '"soon" is not a duration'),
    "a reason in two lines": (("--for", "1h", "--reason", "a\nb"), "is not one printable line"),
    "no reason in it": (("--for", "1h", "--reason", " "), "--reason: "),
    "no reason": (("--for", "1h", "--reason", ""), "--reason: say why"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_input_is_told_and_nothing_is_written(desk, options, said):
    done = desk("override", "open", "logos", *WHY, *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert text_of(desk) == FILE


@pytest.mark.parametrize("options", [("--for", "32d"), ("--from", EVE + "T11:00", "--for", "2h")])
def test_force_allows_what_is_long_and_what_overlaps(desk, options):
    desk.write(OVERRIDDEN)
    assert desk("override", "open", "logos", "--force", *WHY, *options).code == 0
    assert desk("validate").code == 0


@pytest.mark.parametrize(("length", "code"), [("31d", 0), ("2678401s", 2)])
def test_what_lasts_no_longer_than_31_days_needs_no_force(desk, length, code):
    assert desk("override", "open", "logos", "--for", length, *WHY).code == code


@pytest.mark.parametrize(
    ("options", "line", "label"),
    [
        pytest.param(
            ("--from", f"{EVE}T16:00", "--for", "1h"), 13, f"override {EVE} 08:30-12:00 (Eve)", id="of a date"
        ),
        pytest.param(
            ("--for", "1h"), 16, "override 2026-11-23T08:00..2026-11-23T10:00 open (by ben)", id="of a term"
        ),
    ],
)
def test_an_override_that_overlaps_another_is_refused_with_its_line(desk, options, line, label):
    desk.write(OVERRIDDEN)
    said = desk("override", "open", "office", *options, *WHY)
    assert said.code == 2
    assert f" config/schedule.yaml:{line}: {label}; " in said.err
    assert text_of(desk) == OVERRIDDEN


TOUCHING = {
    "begins when a term ends": ("2026-11-23T10:00", "2026-11-23T11:00", True),
    "begins a second before": ("2026-11-23T09:59:59", "2026-11-23T11:00", False),
    "ends when a date begins": (f"{EVE[:-2]}23T20:00", f"{EVE}T00:00", True),
    "ends a second after": (f"{EVE[:-2]}23T20:00", f"{EVE}T00:00:01", False),
    "begins when a date ends": (f"{EVE[:-2]}25T00:00", f"{EVE[:-2]}25T02:00", True),
    "begins a second before that": (f"{EVE}T23:59:59", f"{EVE[:-2]}25T02:00", False),
}


@pytest.mark.parametrize(("start", "until", "allowed"), TOUCHING.values(), ids=TOUCHING.keys())
def test_one_that_touches_another_does_not_overlap_it(desk, start, until, allowed):
    desk.write(OVERRIDDEN)
    said = desk("override", "open", "office", "--from", start, "--until", until, *WHY)
    assert (said.code == 0) is allowed


def test_the_override_of_another_schedule_is_in_nobodys_way(desk):
    desk.write(TWO_SCHEDULES)
    assert desk("override", "open", "office", "--for", "1h", *WHY).code == 0
    assert desk("override", "open", "berlin", "--for", "1h", *WHY).code == 0


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param("logo", '(did you mean "logos"?)', id="nearly"),
        pytest.param("x", " has stamps, logos,", id="not"),
        pytest.param("berlin", "; say schedules.berlin", id="both"),
    ],
)
def test_a_target_must_be_one(desk, target, said):
    desk.write(TWO_SCHEDULES.replace("  logos:\n", "  berlin:\n", 1) if target == "berlin" else TWO_SCHEDULES)
    done = desk("override", "open", target, "--for", "1h", *WHY)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("target", "zone"), [("schedules.berlin", "Europe/Berlin"), ("pipelines.berlin", "America/New_York")]
)
def test_a_name_that_is_both_can_be_said_in_full(desk, target, zone):
    desk.write(TWO_SCHEDULES.replace("  logos:\n", "  berlin:\n", 1))
    data = desk("override", "open", target, "--for", "1h", *WHY, "--json").data
    assert data["added"][0]["schedule"] == {"Europe/Berlin": "berlin", "America/New_York": "office"}[zone]


def test_a_dry_run_writes_nothing_and_says_the_same(desk):
    args = ("override", "closed", "office", "--until", "18:00", *WHY)
    dry = desk(*args, "--dry-run")
    assert dry.code == 0
    assert dry.err.endswith(" is as it was (--dry-run)\n")
    assert text_of(desk) == FILE
    assert desk(*args).out == dry.out


def test_who_decided_is_who_is_logged_in_unless_it_is_said(desk):
    args = ("override", "open", "logos", "--for", "1h", "--reason", "x", "--json")
    assert desk(*args, USER="ben").data["added"][0]["by"] == "ben"
    later = (*args, "--from", "12:00")
    assert desk(*later, SCHEDULER_BY="night", USER="ben").data["added"][0]["by"] == "night"
    last = (*args, "--from", "20:00")
    assert desk(*last, SCHEDULER_BY="", USER="", USERNAME="").data["added"][0]["by"] is None


def test_as_data_it_says_what_was_added_and_what_that_changes(desk):
    data = desk("override", "closed", "logos", "--for", "1h", *WHY, "--json").data
    label = "override 2026-11-23T08:10..2026-11-23T09:10 closed (Backlog, by ana) (line 12)"
    assert data == {
        "file": "config/schedule.yaml",
        "written": True,
        "added": [
            {
                "schedule": "office",
                "line": 12,
                "start": "2026-11-23T13:10:00Z",
                "end": "2026-11-23T14:10:00Z",
                "state": "closed",
                "reason": "Backlog",
                "by": "ana",
                "when": "now",
            }
        ],
        "removed": [],
        "openings": [
            {
                "schedule": "office",
                "change": "removed",
                "start": "2026-11-23T13:30:00Z",
                "end": "2026-11-23T14:10:00Z",
                "was": "mon-thu 08:30-17:00 (line 8)",
                "now": label,
            }
        ],
        "pipelines": [{"name": "logos", "hours": -0.6667, "usd": -2.67}],
    }


def test_what_is_open_anyway_changes_no_opening(desk):
    said = desk("override", "open", "logos", "--from", "09:00", "--for", "1h", *WHY)
    assert said.out.splitlines()[-1] == "No opening changes."


def test_the_list_has_all_with_their_lines(desk):
    desk.write(OVERRIDDEN)
    said = desk("override", "list")
    assert said.code == 0
    assert said.out.splitlines()[1].split() == [
        *("ahead", "config/schedule.yaml:13", "office", "Thu", EVE, "00:00-24:00", "EST"),
        *("override", EVE, "08:30-12:00", "(Eve)"),
    ]
    assert [each["when"] for each in desk("override", "list", "logos", "--json").data["overrides"]] == [
        "ahead",
        "now",
        "past",
    ]


HOURS = """\
    overrides:
      - {date: 2026-12-01, hours: closed}
      - {date: 2026-12-02, hours: open}
      - {date: 2026-12-03, hours: 08:30-12:00}
      - date: 2026-12-04
        hours: [08:30-12:00, 13:00-16:00]
      - {dates: 2026-12-05..2026-12-06, hours: "08:30-12:00, 13:00-16:00"}
      - {from: 2026-12-07T08:00, until: 2026-12-07T10:00, state: open}
      - {from: 2026-12-08T08:00, until: 2026-12-08T10:00, state: closed}
pipelines:
"""


def test_the_list_has_the_hours_of_each(desk):
    desk.write(FILE.replace("pipelines:\n", HOURS))
    states = [
        *("closed", "open", "08:30-12:00", "08:30-12:00, 13:00-16:00", "08:30-12:00, 13:00-16:00"),
        *("open", "closed"),
    ]
    data = desk("override", "list", "--json").data
    assert [each["state"] for each in data["overrides"]] == states
    shown = desk("override", "list").out.splitlines()[1:]
    assert [row.endswith(f" {state}") for row, state in zip(shown, states, strict=True)] == [True] * 7


PHASES = {
    "2026-11-23T12:59:59": "ahead",
    "2026-11-23T13:00:00": "now",
    "2026-11-23T14:59:59": "now",
    "2026-11-23T15:00:00": "past",
}


@pytest.mark.parametrize(("at", "phase"), PHASES.items())
def test_an_override_is_past_from_the_instant_of_its_end_on(desk, at, phase):
    desk.write(OVERRIDDEN)
    desk.is_at(at)
    assert desk("override", "list", "--json").data["overrides"][1]["when"] == phase
    assert (desk("override", "clear", "office", "--dry-run").code == 0) is (phase == "now")
    pruned = desk("override", "prune", "--dry-run", "--json").data["removed"]
    assert (16 in [each["line"] for each in pruned]) is (phase == "past")


def test_a_list_of_none_says_so(desk):
    assert desk("override", "list").out.endswith(" has no overrides\n")
    assert desk("override", "list", "--json").data["overrides"] == []


def without(*lines: str) -> str:
    return "".join(line for line in OVERRIDDEN.splitlines(keepends=True) if line.strip() not in lines)


def test_clear_takes_back_what_holds_now(desk):
    desk.write(OVERRIDDEN)
    said = desk("override", "clear", "logos")
    assert said.code == 0
    removed, closed = (said.out.splitlines()[row].split() for row in (1, 3))
    assert removed[:5] == ["-", "config/schedule.yaml:16", "office", "Mon", "2026-11-23"]
    assert closed[:4] == ["-", "Mon", "2026-11-23", "08:10-08:30"]
    (line,) = [each for each in OVERRIDDEN.splitlines() if each.endswith("# early")]
    assert text_of(desk) == without(line.strip())


def test_clear_takes_back_those_of_the_lines(desk):
    desk.write(OVERRIDDEN)
    said = desk("override", "clear", "office", "--line", "13", "--json")
    assert [each["line"] for each in said.data["removed"]] == [13]
    # that date: back to its usual hours
    assert [each["start"] for each in said.data["openings"]] == ["2026-12-24T17:00:00Z"]
    assert text_of(desk) == without(f"- date: {EVE}", "hours: 08:30-12:00", "reason: Eve")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(("--line", "12"), " (there are: 13, 16, 17", id="a line"),
        pytest.param((), "name one by --line (line 13: ", id="none now"),
    ],
)
def test_clear_says_what_could_be_taken_back(desk, args, said):
    desk.write(OVERRIDDEN)
    desk.is_at("2026-11-23T20:00:00")
    done = desk("override", "clear", "office", *args)
    assert done.code == 2
    assert said in done.err


TODAY = FILE.replace("pipelines:\n", "    overrides:\n      - {date: 2026-11-23, hours: open}\npipelines:\n")
NONE = FILE.replace("pipelines:\n", "    overrides: []\npipelines:\n")


def test_clear_takes_back_the_date_that_is_listed_as_now(desk):
    desk.write(TODAY)
    (now,) = desk("override", "list", "--json").data["overrides"]
    assert now["when"] == "now"
    removed = desk("override", "clear", "logos", "--json").data["removed"]
    assert [each["line"] for each in removed] == [now["line"]]
    assert text_of(desk) == NONE


def test_clear_takes_back_what_lies_over_a_date_before_the_date(desk):
    desk.write(TODAY)
    assert desk("override", "closed", "office", "--for", "1h", "--force", *WHY).code == 0
    phases = [each["when"] for each in desk("override", "list", "--json").data["overrides"]]
    assert phases == ["now", "now"]
    assert desk("override", "clear", "office").code == 0
    assert text_of(desk) == TODAY
    assert desk("override", "clear", "office").code == 0
    assert text_of(desk) == NONE


def test_what_is_past_is_no_candidate_to_be_cleared(desk):
    desk.write(OVERRIDDEN)
    desk.is_at("2026-11-23T20:00:00")
    said = desk("override", "clear", "office").err
    assert "line 13: " in said
    assert "line 16: " not in said
    assert "line 17: " not in said


def test_prune_removes_what_is_past_and_changes_no_opening(desk):
    desk.write(OVERRIDDEN)
    desk.is_at("2026-11-23T20:00:00")
    data = desk("override", "prune", "--json").data
    assert [each["line"] for each in data["removed"]] == [16, 17]
    assert data["openings"] == []
    assert [each["when"] for each in desk("override", "list", "--json").data["overrides"]] == ["ahead"]


def test_prune_of_nothing_writes_nothing(desk):
    before = (desk.home / "config/schedule.yaml").stat().st_mtime_ns
    said = desk("override", "prune")
    assert (said.code, said.out) == (0, "There is none to remove.\n")
    assert (desk.home / "config/schedule.yaml").stat().st_mtime_ns == before


def test_an_override_and_its_clearing_leave_the_file_as_it_was(desk):
    desk.write(OVERRIDDEN)
    assert desk("override", "open", "logos", "--from", "17:00", "--for", "3h", *WHY).code == 0
    desk.is_at("2026-11-23T22:30:00")
    assert desk("override", "clear", "logos").code == 0
    assert text_of(desk) == OVERRIDDEN


def test_what_is_years_ahead_is_told_too(desk):
    said = desk("override", "open", "logos", "--from", "2029-01-06T10:00", "--for", "2h", *WHY)
    assert said.out.splitlines()[-1] == "logos: 2 h more, about $8.00"


def test_an_override_runs_the_model_and_ends_by_itself(desk):
    aws = desk.embed(FILE, "2026-11-23T22:30:00")  # 17:30 in New York, half an hour after closing
    assert desk("override", "open", "logos", "--for", "1h", *WHY).code == 0
    seen = {}
    for _ in range(24):
        desk("reconcile")
        (pipeline,) = aws.pipelines.values()
        seen[f"{aws.now():%H:%M}"] = (pipeline.model.status, pipeline.mapping.state)
        aws.sleep(300)
    assert seen["22:30"] == ("STARTING", "Disabled")
    assert seen["23:00"] == ("RUNNING", "Enabled")
    assert seen["00:25"] == ("STOPPED", "Disabled")


SOMEBODY = "from: 2026-11-25T17:00, until: 2026-11-25T20:00, state: open, reason: Somebody's"
THEIRS = FILE.replace("pipelines:\n", f"    overrides:\n      - {{{SOMEBODY}}}\npipelines:\n")


def reasons(desk):
    return [each["reason"] for each in desk("override", "list", "--json").data["overrides"]]


@pytest.mark.parametrize("texts", [[THEIRS], ["# a\n" + FILE, "# b\n" + FILE, THEIRS]], ids=["once", "often"])
def test_of_two_who_edit_at_once_both_edits_are_there(desk, meanwhile, texts):
    meanwhile(*texts)
    said = desk("override", "open", "logos", "--for", "1h", *WHY)
    assert said.code == 0
    assert " is written, " in said.err
    assert reasons(desk) == ["Somebody's", "Backlog"]
    assert text_of(desk) == THEIRS.replace(
        "pipelines:\n", entry("2026-11-23T08:10", "2026-11-23T09:10") + "pipelines:\n"
    )


def test_of_many_who_edit_at_once_every_edit_is_there(desk):
    def add(day):
        times = TimeRangeOptions(
            since=f"2026-12-{day}T18:00", until=None, length=timedelta(hours=1), force=False
        )
        request = EditRequest(
            target="logos", state="open", times=times, why=EditReason(reason=f"Day {day}", by=None)
        )
        now, clients = desk.cli.clock(), desk.cli.clients
        return draft.write_edit(
            lambda: draft.open_draft("config/schedule.yaml", clients),
            lambda before, _: add_override(before, request, now),
            dry_run=False,
        )[1]

    days = range(11, 19)
    with ThreadPoolExecutor(len(days)) as pool:
        assert all(pool.map(add, days))
    assert sorted(reasons(desk)) == [f"Day {day}" for day in days]


def test_an_edit_that_overlaps_what_somebody_else_has_just_written_is_refused(desk, meanwhile):
    meanwhile(THEIRS.replace("2026-11-25", "2026-11-23"))
    said = desk("override", "open", "logos", "--from", "18:00", "--for", "1h", *WHY)
    assert (said.code, said.out) == (2, "")
    assert " config/schedule.yaml:12: " in said.err
    assert reasons(desk) == ["Somebody's"]


def test_a_file_that_always_changes_is_left_to_the_others(desk, meanwhile):
    texts = [f"# {index}\n{FILE}" for index in range(200)]
    meanwhile(*texts)
    said = desk("override", "open", "logos", "--for", "1h", *WHY)
    assert (said.code, said.out) == (1, "")
    assert "has changed since" in said.err
    assert text_of(desk) in texts


def test_what_is_cleared_is_what_stood_in_the_line_also_if_it_stands_elsewhere_now(desk, meanwhile):
    desk.write(OVERRIDDEN)
    moved = OVERRIDDEN.replace("      # half a day\n", f"      - {{{SOMEBODY}}}\n      # half a day\n\n")
    meanwhile(moved)
    data = desk("override", "clear", "office", "--line", "13", "--json").data
    assert [(each["line"], each["reason"]) for each in data["removed"]] == [(15, "Eve")]
    assert reasons(desk) == ["Somebody's", None, None]


GONE = {
    "it is gone": ("      - date: 2026-12-24\n        hours: 08:30-12:00\n        reason: Eve\n", ""),
    "it is another one": ("        reason: Eve\n", "        reason: Eve, too\n"),
    "it is there twice": (
        "      - dates",
        "      - {date: 2026-12-24, hours: 08:30-12:00, reason: Eve}\n      - dates",
    ),
}


@pytest.mark.parametrize(("old", "new"), GONE.values(), ids=GONE.keys())
def test_what_is_to_be_cleared_and_is_no_longer_the_same_is_left(desk, meanwhile, old, new):
    desk.write(OVERRIDDEN)
    assert old in OVERRIDDEN
    changed = OVERRIDDEN.replace(old, new)
    meanwhile(changed)
    said = desk("override", "clear", "office", "--line", "13")
    assert (said.code, said.out) == (1, "")
    assert "has changed since" in said.err
    assert text_of(desk) == changed


def test_what_is_pruned_is_what_is_past_in_the_newest_text(desk, meanwhile):
    desk.write(OVERRIDDEN)
    meanwhile(OVERRIDDEN.replace("      - dates:", f"      - {{{SOMEBODY}}}\n      - dates:"))
    assert desk("override", "prune").code == 0
    assert reasons(desk) == ["Eve", None, "Somebody's"]


def test_a_file_that_is_not_valid_is_not_edited(desk):
    desk.write(FILE.replace("08:30-17:00", "25:00-26:00"))
    said = desk("override", "open", "logos", "--for", "1h", *WHY)
    assert said.code == 2
    assert said.err.startswith("config/schedule.yaml:8:16: ")


def test_a_list_that_is_repeated_is_not_edited(desk):
    shared = as_anchor(TWO_SCHEDULES)
    desk.write(shared)
    said = desk("override", "open", "logos", "--for", "1h", *WHY)
    assert said.code == 2
    assert "line 15 repeats this by *days" in said.err
    assert text_of(desk) == shared


def test_a_file_in_s3_is_edited_where_it_is(desk, bucket):
    bucket.put("schedule.yaml", OVERRIDDEN)
    said = desk(
        "override",
        "open",
        "logos",
        "--from",
        "17:00",
        "--for",
        "1h",
        *WHY,
        "--config",
        bucket.url("schedule.yaml"),
    )
    assert said.code == 0
    assert bucket.get("schedule.yaml") == OVERRIDDEN.replace(
        "        hours: closed\n",
        "        hours: closed\n" + entry("2026-11-23T17:00", "2026-11-23T18:00"),
    )
