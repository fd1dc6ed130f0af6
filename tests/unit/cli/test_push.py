"""``push``: to a bucket of moto's, with the models of an embedded AWS."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from controller.editing.changes import compare
from tests.support.desk import FILE
from tests.unit.cli.cases.delivery import make_stack
from tests.unit.cli.cases.files import (
    DAY_CLOSED,
    HELD,
    KEY,
    LATER,
    NO_PIPELINES,
    OTHER_VERSION,
    URL,
    WITH_ICS,
    ics,
)

LABEL = "override 2026-12-08 closed (Move) (line 10)"
ITEM = "date: 2026-12-08, hours: closed, reason: Move"


@pytest.fixture
def push(desk, bucket, monkeypatch):
    """Pushes a text and says what was said; models are those of an embedded AWS with the file ``FILE``."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws = desk.embed(FILE, "2026-11-23T13:10:00")

    def clients(service, target):
        return (
            bucket.clients(service, target)
            if service in ("s3", "cloudformation")
            else aws.clients(service, target)
        )

    desk.cli = replace(desk.cli, clients=clients)

    def push(text, *options, to=None):
        desk.write(text)
        return desk("push", "config/schedule.yaml", *((bucket.url(KEY),) if to is None else to), *options)

    push.aws = aws
    return push


def test_the_first_push_creates_the_object(push, bucket):
    said = push(FILE, "--yes")
    assert said.code == 0
    assert bucket.get(KEY) == FILE
    assert said.out.splitlines()[0].startswith(f"{URL}: ")
    assert said.err.splitlines()[-1] == f"uploaded {URL}"
    (logos,) = push(FILE, "--yes", "--json", to=(bucket.url("another.yaml"),)).data["pipelines"]
    assert logos["before"] is None


def test_what_changes_is_shown(push, bucket):
    bucket.put(KEY, FILE)
    said = push(DAY_CLOSED, "--yes")
    (opening,) = said.data_of("Openings of")
    assert opening.split()[:6] == ["-", "logos", "Tue", "2026-12-08", "08:30-17:00", "EST"]
    assert opening.endswith(LABEL)
    # in a year 203 Mondays to Thursdays of 9 h and 49 Fridays of 7.5 h, less the 10 minutes since 08:00
    assert [row.split() for row in said.data_of("An average month")] == [
        ["logos", "182.9", "731.44", "182.1", "728.44", "-3.00"]
    ]
    assert said.data_of("Values of") == [f"schedules.office.overrides - {ITEM}"]
    assert bucket.get(KEY) == DAY_CLOSED


def test_a_value_that_moves_no_opening_is_shown_with_what_it_costs(push, bucket):
    bucket.put(KEY, FILE)
    said = push(FILE.replace("inference_units: 1", "inference_units: 5"), "--yes")
    assert said.code == 0
    (value,), (money,) = said.data_of("Values of the file"), said.data_of("An average month")
    assert value.endswith(".model.inference_units 1 5")
    assert money.split() == ["logos", "182.9", "731.44", "182.9", "3,657.22", "+2,925.78"]


def test_a_change_of_layout_is_uploaded_and_says_so(push, bucket):
    bucket.put(KEY, FILE)
    said = push(f"# by hand\n{FILE}", "--yes")
    assert (said.code, said.out.count("\n")) == (0, 1)
    assert bucket.get(KEY).startswith("# by hand\n")


LOST = {
    "a hold in force": (HELD, "(incident 42) (line 21)"),
    "an override still to come": (DAY_CLOSED, LABEL),
}


@pytest.mark.parametrize(("there", "what"), LOST.values(), ids=LOST.keys())
def test_what_only_the_remote_has_is_not_taken_away(push, bucket, there, what):
    bucket.put(KEY, there)
    said = push(FILE, "--yes")
    assert said.code == 1
    assert what in said.err
    assert "say --force" in said.err
    assert what in said.out
    assert bucket.get(KEY) == there


@pytest.mark.parametrize(("there", "what"), LOST.values(), ids=LOST.keys())
def test_by_force_it_is_taken_away_and_told(push, bucket, there, what):
    bucket.put(KEY, there)
    said = push(FILE, "--yes", "--force")
    assert said.code == 0
    assert what in said.err
    assert bucket.get(KEY) == FILE


def test_a_hold_that_is_over_goes_without_a_word(push, bucket):
    bucket.put(KEY, HELD.replace("T18:00", "T08:00"))
    said = push(FILE, "--yes")
    assert (said.code, "warning" in said.err) == (0, False)


def test_as_data_what_would_be_lost_is_there_too(push, bucket):
    bucket.put(KEY, HELD)
    data = push(DAY_CLOSED, "--yes", "--json").data
    assert data["uploaded"] == []
    assert data["lost"] == {
        "holds": [
            {
                "pipeline": "logos",
                "line": 21,
                "power": "AS_IS",
                "until": "2026-11-23T23:00:00Z",
                "reason": "incident 42",
            }
        ],
        "overrides": [],
    }


def test_what_is_there_already_is_not_uploaded_and_nobody_is_asked(push, bucket):
    bucket.put(KEY, FILE)
    said = push(FILE)
    assert said.code == 0
    assert said.err.startswith("Nothing to upload")
    assert push(FILE, "--json").data["uploaded"] == []


def test_json_tells_all_of_it(push, bucket):
    bucket.put(KEY, FILE)
    data = push(DAY_CLOSED, "--yes", "--json").data
    assert {key: data[key] for key in ("file", "to", "changed", "uploaded", "openings", "dropped")} == {
        "file": "config/schedule.yaml",
        "to": URL,
        "changed": [URL],
        "uploaded": [URL],
        "openings": [
            {
                "pipeline": "logos",
                "change": "removed",
                "start": "2026-12-08T13:30:00Z",
                "end": "2026-12-08T22:00:00Z",
                "was": "mon-thu 08:30-17:00 (line 8)",
                "now": LABEL,
            }
        ],
        "dropped": [],
    }
    assert data["values"] == [
        {
            "path": "schedules.office.overrides",
            "before": None,
            "after": ITEM,
        }
    ]
    assert data["lost"] == {"holds": [], "overrides": []}


def test_of_many_openings_not_all_are_shown_and_of_values_all(push, bucket):
    bucket.put(KEY, FILE)
    dates = [f"2027-{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 29)]
    also = ", ".join(f"{date}: Day {date}" for date in dates)
    said = push(FILE.replace("country: US,", f"country: US, also: {{{also}}},"), "--yes")
    assert len(said.data_of("Openings of")) == 50 + 1
    assert "more (--json has them all)" in said.out
    assert len(said.data_of("Values of the file")) == len(dates)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(FILE.replace("08:30", "25:30"), '"25:30" is not a time of day', id="invalid"),
        pytest.param(FILE.replace("Columbus", "Columbo"), '"Columbo Day" is not a holiday', id="doubtful"),
        pytest.param(WITH_ICS, "closures.ics cannot be read", id="without its calendar"),
    ],
)
def test_an_invalid_file_is_refused_with_the_lines_of_validate(push, desk, bucket, text, said):
    bucket.put(KEY, FILE)
    refused = push(text, "--yes")
    told = desk("validate").out.splitlines()[1:]
    assert refused.code == 2
    *lines, following = refused.err.splitlines()
    assert lines == [each for each in told if "warning: " not in each]
    assert following.startswith("next: ")
    assert "validate config/schedule.yaml" in following
    assert said in refused.err
    assert bucket.get(KEY) == FILE


def test_calendars_go_with_the_file_and_before_it(push, desk, bucket):
    desk.write(ics(), "config/closures.ics")
    said = push(WITH_ICS, "--yes", "--json")
    folder = "s3://configuration/prod"
    assert said.data["uploaded"] == [f"{folder}/closures.ics", f"{folder}/schedule.yaml"]
    assert bucket.get("prod/closures.ics") == ics()


def test_a_calendar_alone_may_change(push, desk, bucket):
    bucket.put(KEY, WITH_ICS)
    bucket.put("prod/closures.ics", ics("20261209"))
    desk.write(ics(), "config/closures.ics")
    data = push(WITH_ICS, "--yes", "--json").data
    assert data["uploaded"] == [bucket.url("prod/closures.ics")]
    assert [(each["change"], each["start"]) for each in data["openings"]] == [
        ("removed", "2026-12-08T13:30:00Z"),
        ("added", "2026-12-09T13:30:00Z"),
    ]


def test_without_a_terminal_and_without_yes_nothing_is_uploaded(push, bucket):
    bucket.put(KEY, FILE)
    said = push(LATER)
    assert said.code == 2
    assert "say --yes" in said.err
    assert bucket.get(KEY) == FILE


@pytest.mark.parametrize(
    ("answer", "code", "uploaded"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False)]
)
def test_at_a_terminal_a_person_is_asked(push, bucket, monkeypatch, answer, code, uploaded):
    asked = []

    def confirm(question, **_):
        asked.append(question)
        return answer == "y\n"

    monkeypatch.setattr("controller.cli.commands.push.sys", TERMINAL)
    monkeypatch.setattr("controller.cli.commands.push.typer.confirm", confirm)
    bucket.put(KEY, FILE)
    assert push(LATER).code == code
    assert asked == [f"Upload 1 file to {URL}?"]
    assert (bucket.get(KEY) == LATER) is uploaded


@pytest.mark.parametrize(
    ("there", "losses"),
    [
        pytest.param(FILE, [], id="nothing"),
        pytest.param(HELD, ["1 hold"], id="a hold"),
        pytest.param(DAY_CLOSED + HELD.removeprefix(FILE), ["1 hold", "1 override"], id="both"),
    ],
)
def test_a_person_is_asked_with_what_will_be_lost(push, bucket, monkeypatch, there, losses):
    asked = []
    monkeypatch.setattr("controller.cli.commands.push.sys", TERMINAL)
    monkeypatch.setattr(
        "controller.cli.commands.push.typer.confirm", lambda question, **_: asked.append(question)
    )
    bucket.put(KEY, there)
    assert push(LATER, "--force").code == 1
    (question,) = asked
    assert question.startswith(f"Upload 1 file to {URL}")
    assert re.findall(r"(\d+ \w+) will be lost", question) == losses


def test_a_person_is_asked_with_the_model_that_runs_on(push, bucket, monkeypatch):
    asked = []
    monkeypatch.setattr("controller.cli.commands.push.sys", TERMINAL)
    monkeypatch.setattr(
        "controller.cli.commands.push.typer.confirm", lambda question, **_: asked.append(question)
    )
    bucket.put(KEY, FILE)
    running(push, "RUNNING")
    push(NO_PIPELINES, "--force")
    (question,) = asked
    assert question.startswith(f"Upload 1 file to {URL}, ")
    assert "1 model may run on " in question


def test_a_question_that_is_not_answered_is_an_interruption(push, bucket, monkeypatch):
    """Ctrl-C, or the end of the input."""
    monkeypatch.setattr("controller.cli.commands.push.sys", TERMINAL)
    bucket.put(KEY, FILE)
    said = push(LATER)
    assert said.code == 130
    assert "error" not in said.err
    assert bucket.get(KEY) == FILE


class Terminal:
    class stdin:  # noqa: N801 - as in sys
        @staticmethod
        def isatty():
            return True


TERMINAL = Terminal()


def running(push, status):
    """The one model of the embedded AWS."""
    (only,) = push.aws.pipelines.values()
    only.model.status = status


@pytest.mark.parametrize("text", [NO_PIPELINES, OTHER_VERSION], ids=["pipeline", "version"])
@pytest.mark.parametrize("status", ["RUNNING", "STARTING", "STOPPING"])
def test_a_model_that_is_up_must_not_disappear(push, bucket, text, status):
    bucket.put(KEY, FILE)
    running(push, status)
    said = push(text, "--yes")
    assert said.code == 1
    assert f"is named no more; it is {status}" in said.err
    assert "say --force" in said.err
    assert bucket.get(KEY) == FILE


def test_it_may_disappear_by_force(push, bucket):
    bucket.put(KEY, FILE)
    running(push, "RUNNING")
    data = push(NO_PIPELINES, "--yes", "--force", "--json").data
    assert [each["status"] for each in data["dropped"]] == ["RUNNING"]
    assert bucket.get(KEY) == NO_PIPELINES


def test_a_model_at_rest_may_disappear(push, bucket):
    bucket.put(KEY, FILE)
    running(push, "STOPPED")
    said = push(NO_PIPELINES, "--yes")
    assert said.code == 0
    assert "it is STOPPED" in said.err


def test_a_former_version_that_is_retired_does_not_disappear(push, bucket):
    bucket.put(KEY, FILE)
    running(push, "RUNNING")
    was = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
    retired = OTHER_VERSION.replace(
        "      inference_units: 1\n", f"      inference_units: 1\n      retired: [{was}]\n"
    )
    assert push(retired, "--yes").code == 0


def test_a_model_that_cannot_be_read_is_told_and_asked_about(push, desk, bucket):
    bucket.put(KEY, FILE)
    real = desk.cli.clients

    def clients(service, target):
        return Denied(real(service, target)) if service == "rekognition" else real(service, target)

    desk.cli = replace(desk.cli, clients=clients)
    said = push(NO_PIPELINES, "--yes", "--json")
    assert said.code == 0
    assert "whether it runs is not known" in said.err
    assert "DescribeProjects on logos: " in said.err
    assert said.data["dropped"][0]["status"] == "UNREADABLE"


OTHER_MAPPING = FILE.replace("8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6", "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f9")
NO_CONSUMER = FILE.replace(
    FILE[FILE.index("    consumer:") : FILE.index("    warm_up:")],
    "",
)


@pytest.mark.parametrize(
    "text", [NO_CONSUMER, OTHER_MAPPING, NO_PIPELINES], ids=["consumer", "uuid", "pipeline"]
)
@pytest.mark.parametrize(("state", "refused"), [("Enabled", True), ("Enabling", True), ("Disabled", False)])
def test_a_mapping_that_consumes_must_not_disappear(push, bucket, text, state, refused):
    bucket.put(KEY, FILE)
    (only,) = push.aws.pipelines.values()
    only.model.status, only.mapping.state = "STOPPED", state
    said = push(text, "--yes")
    assert said.code == refused
    assert f"is named no more; it is {state}" in said.err
    assert ("go on consuming" in said.err) is refused
    assert (bucket.get(KEY) == FILE) is refused
    assert push(text, "--yes", "--force").code == 0


def test_a_mapping_that_cannot_be_read_is_told(push, bucket):
    bucket.put(KEY, FILE)
    push.aws.deny("GetEventSourceMapping")
    said = push(NO_CONSUMER, "--yes")
    assert (said.code, "whether it consumes is not known" in said.err) == (0, True)


class Denied:
    def __init__(self, client):
        self._client = client

    def describe_projects(self, **_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeProjects")


def test_an_edit_of_somebody_else_is_not_lost(push, bucket, monkeypatch):
    bucket.put(KEY, FILE)

    def meanwhile(*_args, **_kwargs):
        bucket.put(KEY, DAY_CLOSED)
        return True

    monkeypatch.setattr("controller.cli.commands.push.agreed", meanwhile)
    said = push(LATER)
    assert said.code == 1
    assert f"{URL} has changed since " in said.err
    assert bucket.get(KEY) == DAY_CLOSED


def test_an_edit_between_the_look_and_the_comparison_is_not_lost_either(push, desk, bucket, monkeypatch):
    """Of a calendar: what is written over must not be newer than what was compared and shown."""
    bucket.put(KEY, WITH_ICS)
    bucket.put("prod/closures.ics", ics("20261209"))
    desk.write(ics(), "config/closures.ics")

    def meanwhile(*args):
        found = compare(*args)
        bucket.put("prod/closures.ics", ics("20261210"))
        return found

    monkeypatch.setattr("controller.editing.push.compare", meanwhile)
    said = push(WITH_ICS, "--yes")
    assert said.code == 1
    assert "has changed since" in said.err
    assert bucket.get("prod/closures.ics") == ics("20261210")


def test_it_is_compared_with_the_version_in_use(push, bucket):
    """An invalid file that somebody has put there by hand is passed over by the Lambda."""
    bucket.put(KEY, FILE)
    bucket.put(KEY, "pipelines: {")
    said = push(DAY_CLOSED, "--yes")
    assert [row.split()[:2] for row in said.data_of("Openings of")] == [["-", "logos"]]
    assert bucket.get(KEY) == DAY_CLOSED


def test_the_stack_says_where_its_lambda_reads(push, bucket):
    outputs = {"ConfigUri": {"Value": bucket.url("lambda.yaml")}}
    make_stack(bucket, "scheduler", outputs)
    assert push(FILE, "--yes", "--stack", "scheduler", to=()).code == 0
    assert bucket.get("lambda.yaml") == FILE


def test_a_stack_without_a_configuration_is_told(push, bucket):
    make_stack(bucket, "other", {"Topic": {"Value": "t"}})
    said = push(FILE, "--yes", "--stack", "other", to=())
    assert (said.code, '"other" has no output' in said.err) == (2, True)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        pytest.param((), "one of them", id="nowhere"),
        pytest.param(("s3://b/k", "--stack", "s"), "one of them", id="two places"),
        pytest.param(("copy.yaml",), "is not an s3:// URL", id="a path"),
        pytest.param(("s3://Bucket/s.yaml",), "not the name of a bucket", id="no bucket"),
        pytest.param(("--stack", "none"), 'there is no stack "none"', id="no stack"),
    ],
)
def test_a_destination_that_is_none_is_refused(push, to, said):
    refused = push(FILE, "--yes", to=to)
    assert refused.code == 2
    assert said in refused.err


def test_a_bucket_that_does_not_exist_is_told(push):
    said = push(FILE, "--yes", to=("s3://another-bucket/schedule.yaml",))
    assert said.code == 1
    assert "NoSuchBucket" in said.err
    assert "what to do: check the bucket" in said.err


def test_what_was_pushed_is_read_by_every_command(push, desk, bucket):
    push(LATER, "--yes")
    said = desk(
        "calendar", "--config", bucket.url(KEY), "--from", "2026-11-23", "--to", "2026-11-24", "--json"
    )
    assert [each["end"] for each in said.data["openings"]] == ["2026-11-23T23:00:00Z"]


@pytest.mark.parametrize("since", ["2026-11-20T09:00:00Z", None], ids=["in dry run", "at work"])
def test_a_controller_in_dry_run_is_told_of_after_the_push(push, bucket, since):
    bucket.put("prod/status/_deployment.json", json.dumps({"dry_run_since": since, "versions": {}}))
    said = push(FILE, "--yes")
    assert said.code == 0
    assert ("dry run since Fri 2026-11-20" in said.err) == (since is not None)
    assert push(FILE, "--yes", "--json").data["deployment"] == {
        "dry_run_since": since,
        "versions": {},
        "shards": 1,
    }
