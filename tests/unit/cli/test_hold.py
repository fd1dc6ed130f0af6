"""``hold`` and ``promote``: exit codes, what changes, and the file to the byte."""

from __future__ import annotations

import pytest

from tests.support.desk import FILE
from tests.unit.cli.cases.edits import OFF, THEIRS
from tests.unit.cli.cases.files import V1, V2

WHY = ("--reason", "incident 42", "--by", "ana")
HELD = f"{OFF}    # the end\n"
LINE = OFF.removeprefix(FILE)


def text_of(desk) -> str:
    return (desk.home / "config/schedule.yaml").read_text()


def test_a_hold_is_written_and_told(desk):
    said = desk("hold", "logos", "off", "--until", "2026-11-24T12:00", *WHY)
    assert said.code == 0
    assert said.err.startswith("config/schedule.yaml is writ")
    first, before, after, _, *openings = said.out.splitlines()
    assert first.startswith("logos: held OFF until ")
    assert first.endswith(": incident 42, by ana")
    assert (before.split()[1:], after.split()[1:]) == (["ON", "(warm-up)"], ["OFF", "(hold)"])
    assert [row.split()[:4] for row in openings] == [
        ["-", "Mon", "2026-11-23", "08:30-17:00"],
        ["-", "Tue", "2026-11-24", "08:30-12:00"],
    ]
    assert text_of(desk) == OFF


def test_a_hold_on_opens_what_is_closed(desk):
    data = desk("hold", "logos", "on", "--until", "20:00", *WHY, "--json").data
    assert data["after"]["desired"] == {"power": "ON", "consume": True}
    assert data["after"]["hold"] == {
        "power": "ON",
        "until": "2026-11-24T01:00:00Z",
        "reason": "incident 42, by ana",
    }
    assert [(each["change"], each["start"], each["end"]) for each in data["openings"]] == [
        ("added", "2026-11-23T13:10:00Z", "2026-11-23T13:30:00Z"),
        ("added", "2026-11-23T22:00:00Z", "2026-11-24T01:00:00Z"),
    ]


def test_a_hold_as_it_is_changes_nothing_by_itself(desk):
    data = desk("hold", "logos", "as-is", "--for", "2h", *WHY, "--json").data
    assert (data["before"]["rule"], data["after"]["rule"], data["openings"]) == ("warm-up", "hold", [])
    assert data["after"]["desired"] == {"power": "AS_IS", "consume": None}


def test_a_hold_in_force_is_not_replaced_unless_it_is_meant(desk):
    desk.write(HELD)
    args = ("hold", "logos", "on", "--for", "1h", *WHY)
    said = desk(*args)
    assert said.code == 2
    assert "config/schedule.yaml:21 holds" in said.err
    assert "(incident 42, by ana)" in said.err
    assert text_of(desk) == HELD
    assert desk(*args, "--force").code == 0
    assert text_of(desk) == HELD.replace("off, until: 2026-11-24T12:00", "on, until: 2026-11-23T09:10")


def test_a_hold_that_has_ended_is_replaced(desk):
    desk.write(HELD)
    desk.is_at("2026-11-25T13:10:00")
    assert desk("hold", "logos", "on", "--for", "1h", *WHY).code == 0


def test_a_hold_is_taken_back_and_the_file_is_as_it_was(desk):
    desk.write(HELD)
    said = desk("hold", "logos", "--clear")
    assert (said.code, said.out.splitlines()) == (
        0,
        ["logos: the hold is removed", "  before: OFF (hold)", "  after:  ON (warm-up)"],
    )
    assert text_of(desk) == FILE + "    # the end\n"
    again = desk("hold", "logos", "--clear")
    assert (again.code, again.out) == (0, "logos: there is no hold\n")
    assert again.err.endswith(" is as it was\n")


BAD = {
    "no state": ((), "STATE: say off, on or as-is"),
    "a state, and none": (("off", "--clear"), "STATE: say off, on or as-is"),
    "an unknown state": (("closed",), "off, on, as-is"),
    "no end": (("off", "--reason", "x"), "--until: say when it ends"),
    "no reason": (("off", "--for", "1h"), "--reason: say why"),
    "past": (("off", "--until", "2026-11-23T08:00", "--reason", "x"), "Mon 2026-11-23 08:00 EST"),
    "too long": (("off", "--for", "40d", "--reason", "x"), "40d is longer than 31 days"),
}


@pytest.mark.parametrize(("args", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_and_nothing_is_written(desk, args, said):
    done = desk("hold", "logos", *args)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert text_of(desk) == FILE


def test_a_state_may_be_written_in_capitals_and_no_other_word_is_one(desk):
    assert desk("hold", "logos", "AS-IS", "--for", "1h", *WHY).code == 0
    assert "state: as-is" in text_of(desk)
    said = desk("hold", "logos", "offf", "--for", "1h", *WHY)
    assert said.code == 2
    assert all(word in said.err for word in ("STATE", '"offf"', "off, on, as-is"))
    assert "Value error" not in said.err


IDLE = [("--for", "2h"), ("--until", "18:00"), ("--reason", "z"), ("--force",)]


@pytest.mark.parametrize("options", IDLE, ids=" ".join)
def test_an_option_without_an_effect_is_refused_when_a_hold_is_removed(desk, options):
    desk.write(HELD)
    said = desk("hold", "logos", "--clear", *options)
    assert (said.code, text_of(desk)) == (2, HELD)
    assert f"{options[0]}: " in said.err


@pytest.mark.parametrize("command", [("hold", "logo", "off", "--for", "1h", *WHY), ("promote", "logo", V2)])
def test_an_unknown_pipeline_is_told_with_the_nearest(desk, command):
    said = desk(*command)
    assert said.code == 2
    assert 'did you mean "logos"' in said.err


def test_a_promotion_is_written_and_told_with_what_else_must_change(desk):
    desk.write(HELD)
    said = desk("promote", "logos", V2)
    assert said.code == 0
    name, model, retired = said.out.splitlines()
    assert (name, model.split()[:2], retired.split()[:2]) == ("logos", ["model", V2], ["retired", V1])
    assert not any(line.startswith(("+", "-")) for line in said.out.splitlines())
    steps = said.err.splitlines()
    assert "not in force yet: " in steps[0]
    assert all(step.startswith("next: ") for step in steps[1:])
    assert any(f"MODEL_ARN={V2}" in step for step in steps)
    units = "      inference_units: 1\n"
    assert text_of(desk) == HELD.replace(V1, V2).replace(units, f"{units}      retired:\n        - {V1}\n")


@pytest.mark.parametrize(
    "file", [FILE, HELD.replace("2026-11-24T12:00", "2026-11-23T08:00")], ids=["none", "over"]
)
def test_a_forced_promotion_without_a_hold_names_none_to_take_back(desk, file):
    desk.write(file)
    assert "hold" not in "".join(desk("promote", "logos", V2, "--force", "--dry-run", "--json").data["next"])
    said = desk("promote", "logos", V2, "--force")
    assert said.code == 0
    assert "hold" not in said.err


def test_a_promotion_names_the_push_once(desk):
    desk.write(HELD)
    data = desk("promote", "logos", V2, "--dry-run", "--json").data
    assert "push the file" in data["next"]
    said = desk("promote", "logos", V2)
    assert len([line for line in said.err.splitlines() if "push" in line and "--force" not in line]) == 1


def test_a_promotion_back_takes_the_version_out_of_the_retired(desk):
    desk("promote", "logos", V2, "--force")
    data = desk("promote", "logos", V1, "--json", "--force").data
    assert data["before"] == {"arn": V2, "retired": [V1]}
    assert data["after"] == {"arn": V1, "retired": [V2]}
    assert desk("validate").code == 0


def test_a_promotion_of_what_is_there_changes_nothing(desk):
    said = desk("promote", "logos", V1)
    assert (said.code, said.out.count("\n")) == (0, 1)
    assert said.out.startswith("logos: v1 is its model ")
    assert text_of(desk) == FILE


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(FILE, id="no hold"),
        pytest.param(HELD.replace("2026-11-24T12:00", "2026-11-23T08:00"), id="an ended hold"),
        pytest.param(HELD.replace("state: off", "state: on"), id="a hold that runs the model"),
    ],
)
def test_a_promotion_without_a_hold_is_refused_with_the_command_that_holds(desk, file):
    desk.write(file)
    said = desk("promote", "logos", V2)
    assert (said.code, said.out) == (2, "")
    assert " hold logos off --for 1h " in said.err
    assert text_of(desk) == file
    assert desk("promote", "logos", V2, "--force").code == 0


def test_a_version_may_be_given_by_its_name(desk):
    aws = desk.embed(HELD, "2026-11-23T13:10:00")
    name = V1.split("/")[3]
    assert desk("promote", "logos", name).out == f"logos: {name} is its model already\n"
    said = desk("promote", "logos", "v9")
    assert (said.code, text_of(desk)) == (2, HELD)
    assert name in said.err
    assert aws.pipelines["logos"].model.arn == V1


def test_a_local_edit_says_how_it_comes_into_force_and_a_push_is_that_command(desk):
    said = desk("hold", "logos", "off", "--for", "1h", *WHY)
    (line,) = said.err.splitlines()
    command = line.partition("rekognition-scheduler ")[2].split()
    assert command == ["push", "config/schedule.yaml", "--stack", "NAME"]
    assert "not in force yet" in line
    assert "not in force" not in desk("hold", "logos", "--clear", "--dry-run").err


WRONG = {
    "of another project": (
        V2.replace("project/logos", "project/stamps"),
        "it is of project stamps",
    ),
    "of another account": (V2.replace("123456789012", "210987654321"), "account 210987654321; "),
    "of a project": ("arn:aws:rekognition:us-east-1:123456789012:project/logos/1", "is the ARN of a project"),
    "no ARN": ("v2:1", "is not the ARN of a model"),
}


@pytest.mark.parametrize(("arn", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_version_that_is_none_of_the_project_is_refused(desk, arn, said):
    done = desk("promote", "logos", arn)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert text_of(desk) == FILE


def test_a_dry_run_of_either_writes_nothing(desk):
    assert desk("promote", "logos", V2, "--dry-run").code == 0
    assert desk("hold", "logos", "off", "--for", "1h", *WHY, "--dry-run").code == 0
    assert text_of(desk) == FILE


def test_a_hold_is_written_beside_what_somebody_else_has_just_written(desk, meanwhile):
    other = FILE.replace("inference_units: 1", "inference_units: 2")
    meanwhile(other)
    assert desk("hold", "logos", "off", "--for", "1h", *WHY).code == 0
    assert text_of(desk).startswith(other)
    assert "until: 2026-11-23T09:10, " in text_of(desk).removeprefix(other)


def test_a_hold_that_somebody_else_has_just_written_is_not_replaced(desk, meanwhile):
    meanwhile(THEIRS)
    said = desk("hold", "logos", "off", "--for", "1h", *WHY)
    assert (said.code, said.out) == (2, "")
    assert "holds it already (Theirs)" in said.err
    assert text_of(desk) == THEIRS


def test_a_hold_that_is_another_one_now_is_not_taken_back(desk, meanwhile):
    desk.write(THEIRS)
    changed = THEIRS.replace("T12:00", "T13:00")
    meanwhile(changed)
    said = desk("hold", "logos", "--clear")
    assert (said.code, said.out) == (1, "")
    assert "has changed since" in said.err
    assert text_of(desk) == changed


@pytest.mark.parametrize(("text", "after"), [(FILE, FILE), ("# by hand\n" + THEIRS, "# by hand\n" + FILE)])
def test_a_hold_that_is_taken_back_is_away_whatever_else_changes(desk, meanwhile, text, after):
    desk.write(THEIRS)
    meanwhile(text)
    assert desk("hold", "logos", "--clear").code == 0
    assert text_of(desk) == after


def test_a_promotion_of_what_somebody_else_has_just_promoted_is_left_to_them(desk, meanwhile):
    changed = FILE.replace(V1, V1.replace("/v1/", "/v3/"))
    meanwhile(changed)
    said = desk("promote", "logos", V2, "--force")
    assert (said.code, said.out) == (1, "")
    assert "has changed since" in said.err
    assert text_of(desk) == changed


TWICE = {
    "its first time": ("2027-11-07T05:30:00Z", "2027-11-07T01:30-04:00"),
    "its second time": ("2027-11-07T06:30:00Z", "2027-11-07T01:30-05:00"),
    "the hour before": ("2027-11-07T04:30:00Z", "2027-11-07T00:30"),
    "the hour after": ("2027-11-07T07:30:00Z", "2027-11-07T02:30"),
}


@pytest.mark.parametrize(("until", "written"), TWICE.values(), ids=TWICE.keys())
def test_a_hold_until_an_hour_that_comes_twice_ends_when_it_was_said(desk, until, written):
    desk.is_at("2027-11-06T20:00:00")
    data = desk("hold", "logos", "off", "--until", until[:-4] + "Z", *WHY, "--json").data
    assert data["after"]["hold"]["until"] == until
    assert f"until: {written}," in text_of(desk)


@pytest.mark.parametrize(("days", "warned"), [("10d", False), ("14d", True), ("20d", True)])
def test_a_hold_that_outlasts_the_messages_is_warned_of(desk, days, warned):
    said = desk("hold", "logos", "off", "--for", days, *WHY)
    assert (said.code, "warning: config/schedule.yaml:" in said.err) == (0, warned)
    assert (":21: pipelines.logos.hold: " in said.err) is warned
    assert ("1 warning" in desk("validate").out) is warned


def test_a_closure_by_override_that_outlasts_the_messages_is_warned_of(desk):
    desk.write(FILE.replace("14d", "6d\n    rescue: never"))
    closed = ("override", "closed", "logos", "--reason", "x")
    said = desk(*closed, "--from", "2026-11-30T00:00", "--until", "2026-12-04T00:00")
    assert ".retention: closed from 2026-" in said.err
    assert "from 2026-11-27 16:00 until " in said.err
    assert "pipelines.logos" not in desk(*closed, "--for", "1h").err
