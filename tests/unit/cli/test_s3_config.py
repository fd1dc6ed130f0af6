"""``--config s3://…``: a laptop sees what the Lambda sees, and remembers what it remembers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from controller.core.memory import Memory
from controller.storage.memories import encode_memory
from tests.support.desk import FILE
from tests.support.loop import utc
from tests.unit.cli.cases.files import KEY, URL

STATUS = "prod/status/logos.json"


@pytest.fixture
def laptop(desk, bucket):
    """It is Monday 08:10 in New York, within the warm-up, and nothing runs yet."""
    aws = desk.embed(FILE, "2026-11-23T13:10:00")
    desk.cli = replace(
        desk.cli,
        clients=lambda service, target: (bucket if service == "s3" else aws).clients(service, target),
    )
    (desk.home / "config" / "schedule.yaml").unlink()
    bucket.put(KEY, FILE)
    return lambda *args: desk(*args, "--config", bucket.url(KEY))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("validate",), 0),
        (("calendar", "--from", "2026-11-23"), 0),
        (("explain", "logos"), 0),
        (("simulate", "--from", "2026-11-23", "--to", "2026-11-24"), 0),
        (("compare", "--from", "2026-11-23", "--to", "2026-11-24"), 0),
        (("--quiet", "iam-policy"), 0),
        (("plan",), 3),
        (("status",), 0),
        (("reconcile", "--dry-run"), 0),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_command_reads_it_and_those_that_look_write_nothing(laptop, bucket, command, code):
    before = bucket.everything()
    said = laptop(*command)
    assert (said.code, said.err) == (code, "")
    assert bucket.everything() == before


def test_plan_knows_what_the_lambda_remembers(laptop, bucket):
    bucket.put(STATUS, encode_memory(Memory(failed_starts=2, next_start_at=utc("2026-11-23T13:15"))))
    said = laptop("plan", "--json")
    assert said.data["pipelines"][0]["actions"] == []
    assert "2026-11-23T13:15:00Z" in said.data["pipelines"][0]["reason"]


def test_reconcile_writes_down_what_the_lambda_will_remember(laptop, bucket):
    assert laptop("reconcile").code == 0
    assert json.loads(bucket.get(STATUS))["start_requested_at"] == "2026-11-23T13:10:00Z"


@pytest.mark.parametrize(
    ("command", "code"),
    [(("plan",), 3), (("status",), 3), (("reconcile", "--dry-run"), 0)],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda b: b.put(KEY, FILE.replace("08:30", "25:30")), ":8:16: ", id="broken"),
        pytest.param(lambda b: b.delete(KEY), "there is no such file any more", id="deleted"),
    ],
)
def test_commands_that_look_at_the_account_work_on_the_version_in_force(
    laptop, bucket, command, code, spoil, words
):
    spoil(bucket)
    said = laptop(*command)
    assert said.code == code
    assert "logos" in said.out
    assert words in said.err
    assert "is in force; " in said.err
    assert f"validate {URL} " in said.err


def test_a_pipeline_that_works_on_an_earlier_version_says_so_in_a_condition(laptop, bucket):
    bucket.put(KEY, FILE.replace("08:30", "25:30"))
    (pipeline,) = laptop("status", "--json").data["pipelines"]
    found = {each["type"]: each for each in pipeline["conditions"]}
    assert found["ConfigurationValid"]["status"] == "False"
    assert f"{KEY}:8:16" in found["ConfigurationValid"]["message"]
    assert found["Stalled"]["status"] == "False"


@pytest.mark.parametrize("command", ["explain", "calendar", "validate"])
def test_commands_about_the_file_alone_refuse_what_is_broken(laptop, bucket, command):
    bucket.put(KEY, FILE.replace("08:30", "25:30"))
    assert laptop(command).code == 2


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        pytest.param(
            lambda b: b.failing.update(GetObject=(503, "SlowDown")), 1, "s3:GetObject on", id="unreachable"
        ),
        pytest.param(
            lambda b: b.failing.update(GetObject=(403, "AccessDenied")),
            1,
            "allow s3:GetObject on",
            id="denied",
        ),
    ],
)
def test_what_cannot_be_used_is_told(laptop, bucket, spoil, code, said):
    spoil(bucket)
    refused = laptop("plan")
    assert refused.code == code
    assert said in refused.err


def deployed(bucket, since):
    text = json.dumps({"dry_run_since": since, "versions": {"tzdata": "2026.2", "holidays": "0.112"}})
    bucket.put("prod/status/_deployment.json", text)


def test_status_says_since_when_the_controller_is_in_dry_run_and_what_it_is_made_of(laptop, bucket):
    deployed(bucket, "2026-11-20T09:00:00Z")
    said = laptop("status")
    assert said.out.splitlines()[2].startswith("dry run since Fri 2026-11-20 ")
    assert said.out.splitlines()[-1].endswith("tzdata 2026.2, holidays 0.112")
    assert laptop("status", "--json").data["deployment"]["dry_run_since"] == "2026-11-20T09:00:00Z"


def test_status_says_nothing_of_a_dry_run_where_there_is_none(laptop, bucket):
    assert "deployment" not in laptop("status", "--json").data
    deployed(bucket, None)
    assert "dry run" not in laptop("status").out


@pytest.mark.parametrize("text", ["{", "x" * 6_000_000], ids=["garbled", "far too long"])
def test_a_deployment_that_cannot_be_understood_still_gets_a_status(laptop, bucket, text):
    bucket.put("prod/status/_deployment.json", text)
    assert laptop("status").code == 0
