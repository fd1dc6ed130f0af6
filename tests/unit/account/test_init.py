"""A new user's first minute: an account, a command, a file that validates."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from controller.cli import init_prompts
from controller.cli.app import app
from controller.cli.context import CliContext
from controller.schedule.calendars import Country
from controller.storage.load import read
from tests.support.account import MODEL, NUMBER, OLD, REGION
from tests.support.desk import Desk
from tests.unit.account.cases import crons, no_mapping, two_models

WHERE = "config/schedule.yaml"
ASKED = ("--timezone", "America/New_York")


@pytest.fixture
def newcomer(account, tmp_path, monkeypatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(home=tmp_path, cli=CliContext(clients=account.clients, can_ask=lambda: False))
    made.is_at("2026-11-23T13:10:00")
    made.cli = replace(made.cli, clients=account.clients)
    return made


def typed(desk, answers: str, *args: str):
    cli = replace(desk.cli, can_ask=lambda: True)
    return CliRunner().invoke(
        app, ["init", *args], obj=cli, input=answers, env={"SCHEDULER_CONFIG": WHERE, "COLUMNS": "200"}
    )


def test_one_model_and_one_mapping_are_found_and_written_with_comments(newcomer, account):
    said = newcomer("init", *ASKED)
    assert said.code == 0
    written, model, mapping, hours, ahead = said.out.splitlines()
    assert written == f"{WHERE} is written:"
    assert model.split() == ["model", MODEL, "(2", "inference", "units)"]
    assert mapping.split()[:2] == ["mapping", account.uuid]
    assert mapping.endswith(" to function logos-inference)")
    assert hours.split(None, 1)[1].split(", ")[:2] == ["mon-fri 08:30-17:00", "America/New_York"]
    assert " of US " in hours
    assert ahead.endswith("Mon 2026-11-23 08:30 EST")
    assert re.findall(rf"(\w+) --config {WHERE}", said.err) == ["doctor", "plan"]
    text = (newcomer.home / WHERE).read_text()
    assert re.findall(r"(?m)^(\w+):", text) == ["version", "calendars", "schedules", "pipelines"]
    assert f"event_source_mapping: {account.uuid} # queue logos to" in text
    assert "retention: 14d #" in text


def test_what_is_written_is_valid_and_the_doctor_has_nothing_to_say(newcomer):
    newcomer("init", *ASKED)
    assert newcomer("validate", "--json").data["warnings"] == []
    newcomer.cli = replace(newcomer.cli, clock=CliContext().clock)
    assert ": nothing to say\n" in newcomer("doctor").out


def test_every_comment_of_the_file_holds_when_it_is_uncommented(newcomer):
    newcomer("init", *ASKED)
    path = newcomer.home / WHERE
    head, _, body = path.read_text().partition("version: 1")
    lines = [
        line.replace("# ", "", 1) if line.strip().startswith("# ") else line for line in body.splitlines()
    ]
    path.write_text(f"{head}version: 1" + "\n".join(lines) + "\n")
    assert read(str(path)).pipelines[0].model.max_inference_units == 2


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (
            ("--hours", "mon-thu 08:30-17:00", "--hours", "fri 08:30-12:00, 13:00-16:00"),
            "Friday has two windows",
        ),
        (("--country", "none"), "no calendar"),
        (("--country", "DE", "--timezone", "Europe/Berlin"), "a German one"),
        (("--name", "stamps", "--units", "3"), "another name, other units"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_said_is_written(newcomer, args, meant):
    assert newcomer("init", *ASKED, *args).code == 0
    config = read(str(newcomer.home / WHERE))
    spec, (pipeline,) = config.specs["office"], config.pipelines
    week = [len(rule.windows) for rule in spec.week]
    holidays = [calendar.name for rule in spec.holidays for calendar in rule.names.calendars]
    found = (spec.zone, week, holidays, pipeline.name, pipeline.model.inference_units)
    usual = ("America/New_York", [1, 1, 1, 1, 1, 0, 0], ["us"], "logos", 2)
    expected = {
        "Friday has two windows": (usual[0], [1, 1, 1, 1, 2, 0, 0], *usual[2:]),
        "no calendar": (*usual[:2], [], *usual[3:]),
        "a German one": ("Europe/Berlin", usual[1], ["de"], *usual[3:]),
        "another name, other units": (*usual[:3], "stamps", 3),
    }
    assert found == expected[meant]


def test_a_file_that_is_there_is_not_written_over_without_force(newcomer):
    newcomer.write("version: 1\nschedules: {}\n")
    said = newcomer("init", *ASKED)
    assert said.code == 2
    assert f"{WHERE} is there already" in said.err
    assert "--force" in said.err
    assert (newcomer.home / WHERE).read_text().startswith("version: 1\nschedules: {}")
    assert newcomer("init", *ASKED, "--force").code == 0
    assert "pipelines" in (newcomer.home / WHERE).read_text()


def two_mappings(account):
    account.queue("more", retention_s=345_600)
    account.mapping("more", "logos-inference")


def nothing(account):
    account.projects.clear()


@pytest.mark.parametrize(
    ("build", "args", "told"),
    [
        (two_models, ASKED, (MODEL, OLD, "there are several, name one")),
        (two_mappings, ASKED, ("queue logos to function", "queue more to function", "--mapping")),
        (nothing, ASKED, ("us-east-1 has no model", "--region", "--model-arn")),
        (
            no_mapping,
            (*ASKED, "--model-arn", MODEL),
            ("no queue feeds any function", "--mapping", "--no-consumer", "deploy/pipeline/"),
        ),
        (None, (), ("the time zone", "is not known", "--timezone")),
        (None, (*ASKED, "--country", "CA"), ("CAN", "US-CA", "--country")),
        (None, (*ASKED, "--country", "US", "--subdivision", "XX"), ("XX", "United States")),
        (None, (*ASKED, "--subdivision", "NY"), ("it goes with --country",)),
        (None, (*ASKED, "--no-consumer", "--mapping", f"{1:08}-0000-0000-0000-{0:012}"), ("one of them",)),
        (None, (*ASKED, "--parameters", "nowhere/stack.toml"), ("nowhere is no directory",)),
        (None, ("--timezone", "America/NewYork"), ('did you mean "America/New_York"',)),
        (None, (*ASKED, "--country", "XX"), ("XX", "--country")),
        (None, (*ASKED, "--hours", "mon-fri 25:00-26:00"), ('"25:00" is not a time of day', "--hours")),
        (None, (*ASKED, "--model-arn", MODEL.replace("v2", "v9")), ("is no model that can be run", MODEL)),
        (None, (*ASKED, "--mapping", f"{0:08}-0000-0000-0000-{0:012}"), ("no queue feeds a mapping",)),
        (None, (*ASKED, "--output", "s3://"), ("config/schedule.yaml, s3://bucket/schedule.yaml",)),
    ],
)
def test_nothing_is_guessed_where_nobody_can_be_asked(newcomer, account, build, args, told):
    if build:
        build(account)
    said = newcomer("init", *args)
    assert said.code == 2
    assert [word for word in told if word not in said.err] == []
    assert not (newcomer.home / WHERE).exists()


def test_a_named_model_decides_between_two_and_its_function_names_the_mapping(newcomer, account):
    account.function("other", MODEL_ARN=OLD)
    account.queue("others", retention_s=345_600)
    other = account.mapping("others", "other")
    assert newcomer("init", *ASKED, "--model-arn", OLD).code == 0
    (pipeline,) = read(str(newcomer.home / WHERE)).pipelines
    assert (pipeline.model.arn, pipeline.consumer.event_source_mapping) == (OLD, other)
    assert pipeline.consumer.retention.days == 4


def test_at_a_terminal_what_is_not_clear_is_asked_and_the_rest_proposed(newcomer, account, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    two_models(account)
    said = typed(newcomer, "3\n2\n\nmon-fri 9-17\nmon-fri 09:00-17:00; sat 10:00-12:00\n\n\n")
    assert said.exit_code == 0
    config = read(str(newcomer.home / WHERE))
    assert config.pipelines[0].model.arn == OLD
    assert config.specs["office"].zone == "Europe/Berlin"
    assert [len(rule.windows) for rule in config.specs["office"].week] == [1, 1, 1, 1, 1, 1, 0]
    assert f"2. {OLD} (STOPPED)" in said.stderr
    assert '"3" is none of 1, 2' in said.stderr
    assert "[Europe/Berlin]" in said.stderr
    assert '"9" is not a time of day' in said.stderr
    assert "(or none) [DE]" in said.stderr


def test_whoever_leaves_while_asked_has_written_nothing(newcomer):
    assert typed(newcomer, "").exit_code == 130
    assert not (newcomer.home / WHERE).exists()


def test_a_bucket_takes_the_file_too(newcomer, account):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="configuration")
    where = "s3://configuration/schedule.yaml"
    assert newcomer("init", *ASKED, "--output", where).code == 0
    assert MODEL in s3.get_object(Bucket="configuration", Key="schedule.yaml")["Body"].read().decode()
    assert newcomer("init", *ASKED, "--output", where).code == 2


@pytest.mark.parametrize(
    ("zone", "country"),
    [("America/New_York", "US"), ("Europe/Berlin", "DE"), ("Asia/Kolkata", "IN"), ("UTC", None)],
)
def test_a_zone_tells_its_country(zone, country):
    assert init_prompts.country_of(zone) == country


def test_an_account_and_its_functions_that_may_not_be_read_leave_the_question_open(newcomer, account):
    account.refused.update({"GetFunctionConfiguration", "GetQueueAttributes"})
    said = newcomer("init", *ASKED)
    assert said.code == 2
    assert MODEL in said.err
    assert newcomer("init", *ASKED, "--model-arn", MODEL).code == 0
    assert "# retention: 4d" in (newcomer.home / WHERE).read_text()
    assert f"arn:aws:rekognition:{REGION}:{NUMBER}" in said.err


@pytest.mark.parametrize("status", ["TRAINING_FAILED", "TRAINING_IN_PROGRESS", "DEPRECATED", "SULKING"])
def test_a_version_that_cannot_be_run_is_not_offered(newcomer, account, status):
    two_models(account)
    account.versions[OLD] = status
    assert newcomer("init", *ASKED).code == 0
    (pipeline,) = read(str(newcomer.home / WHERE)).pipelines
    assert pipeline.model.arn == MODEL
    refused = newcomer("init", *ASKED, "--model-arn", OLD, "--output", "other.yaml")
    assert (refused.code, "is no model that can be run" in refused.err) == (2, True)


def test_a_mapping_that_no_queue_feeds_is_not_offered(newcomer, account):
    kinesis = account.client("kinesis")
    kinesis.create_stream(StreamName="images", ShardCount=1)
    account.lambda_.create_event_source_mapping(
        EventSourceArn=f"arn:aws:kinesis:{REGION}:{NUMBER}:stream/images",
        FunctionName="logos-inference",
        StartingPosition="LATEST",
    )
    assert newcomer("init", *ASKED).code == 0
    (pipeline,) = read(str(newcomer.home / WHERE)).pipelines
    assert pipeline.consumer.event_source_mapping == account.uuid


def test_the_file_is_where_the_next_command_looks_for_it_and_names_the_schema_beside_it(newcomer):
    usual = {"SCHEDULER_CONFIG": None}
    said = newcomer("init", *ASKED, **usual)
    assert said.out.startswith("schedule.yaml is written:\n")
    first = (newcomer.home / "schedule.yaml").read_text().splitlines()[0]
    assert first.endswith("$schema=schedule.schema.json")
    assert json.loads((newcomer.home / "schedule.schema.json").read_text())["title"]
    (hint,) = said.err.splitlines()
    commands = hint.removeprefix("next: rekognition-scheduler ").partition(":")[0].split(", then ")
    newcomer.cli = replace(newcomer.cli, clock=CliContext().clock)  # moto's mapping is changed today
    first, second = (newcomer(*command.split(), **usual).code for command in commands)
    assert (first, second in {0, 3}) == (0, True)  # by the hour there is something to do, or not


def test_a_schema_that_is_there_already_stays(newcomer):
    newcomer.write("mine", "schedule.schema.json")
    newcomer("init", *ASKED, "--output", "schedule.yaml")
    assert (newcomer.home / "schedule.schema.json").read_text() == "mine"


CALLERS = "my own service calls"


@pytest.mark.parametrize("mapped", [True, False])
def test_without_a_consumer_the_model_alone_is_written(newcomer, account, mapped):
    if not mapped:
        no_mapping(account)
    assert newcomer("init", *ASKED, "--no-consumer", "--model-arn", MODEL).code == 0
    (pipeline,) = read(str(newcomer.home / WHERE)).pipelines
    assert (pipeline.model.arn, pipeline.consumer) == (MODEL, None)
    assert newcomer("validate").code == 0
    assert newcomer("plan").code == 3


def test_lambda_is_not_asked_for_what_has_no_consumer(newcomer, account):
    account.refused.update({"ListEventSourceMappings"})
    assert newcomer("init", *ASKED, "--no-consumer", "--model-arn", MODEL).code == 0
    assert newcomer("init", *ASKED, "--model-arn", MODEL, "--force").code == 1


@pytest.mark.parametrize(("answer", "has_consumer"), [("1", True), ("2", False)])
def test_where_no_function_names_the_model_the_consumer_is_asked_for(newcomer, account, answer, has_consumer):
    account.lambda_.update_function_configuration(
        FunctionName="logos-inference", Environment={"Variables": {}}
    )
    said = typed(newcomer, f"{answer}\n\n\n\n", *ASKED, "--model-arn", MODEL)
    assert said.exit_code == 0
    assert CALLERS in said.stderr
    (pipeline,) = read(str(newcomer.home / WHERE)).pipelines
    assert (pipeline.consumer is not None) == has_consumer


def countries(newcomer):
    """Each country of the file with its subdivision."""
    rules = read(str(newcomer.home / WHERE)).specs["office"].holidays
    calendars = [calendar for rule in rules for calendar in rule.names.calendars]
    return [
        (part.code, part.subdivision)
        for calendar in calendars
        for part in calendar.parts
        if isinstance(part, Country)
    ]


@pytest.mark.parametrize(
    ("answers", "calendar", "shown"),
    [
        ("Germany\nBavaria\n", ("DE", "BY"), "Germany: 9 nationwide holidays in 2027"),
        ("Bavaria\n", ("DE", "BY"), "Bavaria, Germany: 12 holidays in 2027"),
        ("DE-BY\n", ("DE", "BY"), "Bavaria, Germany: 12 holidays in 2027"),
        ("BY\nDE-BY\n", ("DE", "BY"), "BLR (Belarus) or DE-BY (Bavaria, Germany)"),
        ("\nnone\n", ("DE", None), "BY Bavaria"),
        ("de\nXX\nNRW\nNW\n", ("DE", "NW"), '"XX" is not a subdivision of Germany'),
        ("Japan\n", ("JP", None), "Japan: "),
        ("nowhere\nnone\n", None, '"nowhere" is not a country'),
    ],
)
def test_a_country_is_read_as_people_write_it_and_shown_as_it_was_read(newcomer, answers, calendar, shown):
    zone = ("--timezone", "Europe/Berlin", "--hours", "mon-fri 08:30-17:00")
    said = typed(newcomer, answers, *zone)
    assert said.exit_code == 0, said.stderr
    assert shown in said.stderr
    assert countries(newcomer) == ([calendar] if calendar else [])


@pytest.mark.parametrize(
    ("text", "found"), [("Germany", ("DE", None)), ("Bavaria", ("DE", "BY")), ("DE-BY", ("DE", "BY"))]
)
def test_the_option_reads_what_the_prompt_reads(newcomer, text, found):
    assert newcomer("init", "--timezone", "Europe/Berlin", "--country", text).code == 0
    assert countries(newcomer) == [found]


def test_the_hours_of_two_crons_are_proposed_in_the_zone_of_the_schedule(newcomer, account):
    crons(account)
    said = newcomer("init", *ASKED)
    assert said.code == 0, said.err
    assert "mon-fri 12:30-22:00 UTC" in said.err
    assert f"mon-fri 07:30-17:00 {ASKED[1]}" in said.err
    assert "mon-fri: 07:30-17:00" in (newcomer.home / WHERE).read_text()
    (last,) = [line for line in said.err.splitlines() if line.startswith("after the switch delete: ")]
    assert "rule start-logos" in last
    assert "rule stop-logos" in last


def test_without_a_zone_and_a_terminal_the_crons_zone_is_the_schedules(newcomer, account):
    crons(account)
    assert newcomer("init").code == 0
    text = (newcomer.home / WHERE).read_text()
    assert "timezone: UTC" in text
    assert "mon-fri: 12:30-22:00" in text


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        ("rate(1 day)", "cron(0 22 ? * MON-FRI *)"),
        ("cron(30 12 1 * ? *)", "cron(0 22 ? * MON-FRI *)"),
        ("cron(30 12 ? * MON *)", "cron(0 22 ? * MON-FRI *)"),
        ("cron(30 12,15 ? * MON-FRI *)", "cron(0 22 ? * MON-FRI *)"),
    ],
)
def test_crons_that_are_no_hours_are_listed_and_nothing_is_guessed(newcomer, account, start, stop):
    crons(account, start, stop)
    said = newcomer("init", *ASKED)
    assert said.code == 0
    assert "no hours follow from them" in said.err
    assert "mon-fri: 08:30-17:00" in (newcomer.home / WHERE).read_text()
    assert "after the switch delete: " in said.err


def test_hours_that_were_given_are_stronger_than_the_crons(newcomer, account):
    crons(account)
    assert newcomer("init", *ASKED, "--hours", "daily 10:00-11:00").code == 0
    assert "daily: 10:00-11:00" in (newcomer.home / WHERE).read_text()


def test_crons_that_may_not_be_listed_are_named(newcomer, account):
    account.refused.update({"ListRules"})
    said = newcomer("init", *ASKED)
    assert said.code == 0
    assert "events:ListRules" in said.err


def test_the_stacks_parameters_are_written_too(newcomer):
    assert newcomer("init", *ASKED, "--parameters", "stack.toml").code == 0
    assert MODEL in (newcomer.home / "stack.toml").read_text()


@pytest.mark.parametrize("same", ["schedule.yaml", "./schedule.yaml", "schedule.schema.json", "link.toml"])
def test_the_stacks_parameters_do_not_replace_what_is_written_beside_them(newcomer, same):
    (newcomer.home / "link.toml").symlink_to("schedule.yaml")
    said = newcomer("init", *ASKED, "--output", "schedule.yaml", "--parameters", same, SCHEDULER_CONFIG=None)
    assert said.code == 2
    assert "--parameters" in said.err
    assert [each.name for each in newcomer.home.iterdir()] == ["link.toml"]
