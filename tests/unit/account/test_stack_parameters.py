"""The stack's parameters follow from the file and the account; what a person has set stays."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cli.commands.stack_parameters import LOOKED_UP, SET_BY_HAND, toml_text
from tests.support.account import MODEL, NUMBER, OLD, PROJECT, REGION
from tests.support.stack import Stack, template
from tests.unit.account.cases import deployed

FUNCTION = f"arn:aws:lambda:{REGION}:{NUMBER}:function:logos-inference"
STACK = "rekognition-scheduler"
QUEUE = f"arn:aws:sqs:{REGION}:{NUMBER}:logos"


@pytest.fixture
def parameters(practice):
    """Runs the command in a checkout; ``parameters.read()`` is what SAM would take from the file."""
    (practice.desk.home / "deploy").mkdir()
    path = practice.desk.home / "deploy" / "stack.toml"

    def run(*options):
        return practice.desk("stack-parameters", *options)

    run.path = path
    run.settings = lambda: tomllib.loads(path.read_text("utf-8"))["default"]["deploy"]["parameters"]
    run.read = lambda: dict(each.split("=", 1) for each in run.settings()["parameter_overrides"])
    return run


def test_every_arn_is_looked_up_and_the_first_deployment_is_a_dry_run(parameters, practice):
    said = parameters()
    assert said.code == 0
    assert parameters.read() == {
        "DryRun": "true",
        "OldestMessageHours": "252",
        "ModelArns": MODEL,
        "RetiredModelArns": OLD,
        "ProjectArns": PROJECT,
        "FunctionArns": FUNCTION,
        "MappingUuids": practice.account.uuid,
        "QueueArns": QUEUE,
        "DeadLetterQueueArns": f"{QUEUE}-dead",
    }
    assert parameters.settings()["stack_name"] == "rekognition-scheduler"
    (following,) = [line for line in said.err.splitlines() if line.startswith("next: ")]
    assert "sam deploy --config-file " in following
    assert parameters.path.name in following


def test_a_function_is_named_without_the_alias_that_its_mapping_calls(parameters, practice):
    """The stack's role is allowed every alias of it, and the template takes no alias."""
    account = practice.account
    version = account.lambda_.publish_version(FunctionName="logos-inference")["Version"]
    account.lambda_.create_alias(FunctionName="logos-inference", Name="live", FunctionVersion=version)
    account.lambda_.delete_event_source_mapping(UUID=account.uuid)
    account.uuid = account.mapping("logos", f"{FUNCTION}:live")
    practice.write()
    assert parameters().code == 0
    assert parameters.read()["FunctionArns"] == FUNCTION


def test_what_was_set_stays_and_what_is_looked_up_is_looked_up_anew(parameters, practice):
    assert parameters("--set", "DryRun=false", "--set", "Email=ana@example.com", "--stack", "mine").code == 0
    parameters.path.write_text(
        parameters.path.read_text() + '\n[default.global.parameters]\nregion = "eu-west-1"\n', "utf-8"
    )
    practice.write(model=OLD, old=MODEL)
    assert parameters().code == 0
    now = parameters.read()
    assert (now["DryRun"], now["Email"], now["ModelArns"]) == ("false", "ana@example.com", OLD)
    assert parameters.settings()["stack_name"] == "mine"
    assert tomllib.loads(parameters.path.read_text())["default"]["global"]["parameters"] == {
        "region": "eu-west-1"
    }


def test_without_a_file_what_is_set_by_hand_is_that_of_the_deployed_stack(parameters, practice):
    """Of a colleague, who has another machine: their deployment is no return to the dry run."""
    deployed(practice.account, DryRun="false", Email="ana@example.com", ModelArns=OLD)
    said = parameters("--set", "LogLevel=DEBUG")
    now = parameters.read()
    assert (now["DryRun"], now["Email"], now["ModelArns"]) == ("false", "ana@example.com", MODEL)
    assert (now["LogLevel"], "Shard" in now) == ("DEBUG", False)
    assert f"the stack {STACK} is deployed" in said.err


def test_another_stack_is_none_of_this_ones(parameters, practice):
    deployed(practice.account, "other", DryRun="false")
    parameters()
    assert parameters.read()["DryRun"] == "true"
    parameters.path.unlink()
    parameters("--stack", "other")
    assert (parameters.read()["DryRun"], parameters.settings()["stack_name"]) == ("false", "other")


def test_a_new_file_names_the_region_of_the_pipelines(parameters):
    parameters()
    assert parameters.settings()["region"] == REGION


def test_a_stack_that_cannot_be_looked_up_is_said_and_the_file_is_a_dry_run(parameters, practice):
    deployed(practice.account, DryRun="false")
    practice.account.refused.add("DescribeStacks")
    said = parameters()
    assert (said.code, parameters.read()["DryRun"]) == (0, "true")
    assert "warning: " in said.err
    assert f"DescribeStacks on {STACK}" in said.err


def test_a_parameter_can_be_taken_out_again(parameters):
    parameters("--set", "LogLevel=DEBUG")
    parameters("--set", "LogLevel=")
    assert "LogLevel" not in parameters.read()


def test_the_template_takes_what_is_written(parameters):
    parameters()
    stack = Stack(given=parameters.read())
    variables = stack.properties("ControllerFunction")["Environment"]["Variables"]
    assert variables["SCHEDULER_DRY_RUN"] == "true"


def test_every_parameter_of_the_template_is_one_that_the_command_knows():
    assert sorted((*LOOKED_UP, *SET_BY_HAND)) == sorted(template()["Parameters"])


@pytest.mark.parametrize("operation", ["GetEventSourceMapping", "GetQueueAttributes", "DescribeProjects"])
def test_nothing_is_written_where_something_cannot_be_looked_up(parameters, practice, operation):
    practice.account.refused.add(operation)
    said = parameters()
    assert said.code == 1
    assert "logos: " in said.err
    assert not parameters.path.exists()


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        pytest.param(None, ("--set", "DryRn=false"), 'did you mean "DryRun"?', id="a name that is none"),
        pytest.param(None, ("--set", "DryRun"), "sets no parameter", id="no value"),
        pytest.param("default = 7", (), "default is no table", id="another file"),
        pytest.param("[project]\nname = 'x'  # mine\n", (), "has a version", id="a file of another program"),
        pytest.param("[", (), "deploy/stack.toml: ", id="no TOML"),
        pytest.param(
            "[default.deploy.parameters]\nparameter_overrides = 'DryRun=true'",
            (),
            "no list of texts",
            id="parameters in one text",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(parameters, text, options, words):
    if text is not None:
        parameters.path.write_text(text)
    said = parameters(*options)
    assert said.code == 2
    assert words in said.err.replace("\n", " ")
    assert (parameters.path.read_text() if text is not None else None) == text


def test_outside_of_a_checkout_the_place_is_asked_for(practice):
    said = practice.desk("stack-parameters")
    assert said.code == 2
    assert "deploy is no directory" in said.err


def test_a_policy_is_as_narrow_as_the_account_allows(practice):
    wide = practice.desk("iam-policy").data["Statement"]
    narrow = practice.desk("iam-policy", "--look-up").data["Statement"]
    found = {each["Sid"]: each for each in narrow}
    assert [each["Sid"] for each in wide] == list(found)
    assert found["DescribeModels"]["Resource"] == [PROJECT]
    assert found["GetFunctionConfigurations"]["Resource"] == [FUNCTION, f"{FUNCTION}:*"]
    assert found["CountMessages"]["Resource"] == [QUEUE]
    assert found["UpdateMappings"]["Condition"] == {
        "ArnLike": {"lambda:FunctionArn": [FUNCTION, f"{FUNCTION}:*"]}
    }


def test_a_policy_stays_wide_where_nothing_can_be_read(practice):
    practice.account.refused.add("GetEventSourceMapping")
    said = practice.desk("iam-policy", "--look-up")
    assert "logos: " in said.err
    found = {each["Sid"]: each for each in json.loads(said.out)["Statement"]}
    assert found["GetFunctionConfigurations"]["Resource"] == [f"arn:aws:lambda:{REGION}:{NUMBER}:function:*"]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(-(2**40), 2**40), st.lists(TEXTS, max_size=3))


@given(
    st.recursive(
        st.dictionaries(TEXTS, VALUES, max_size=4),
        lambda children: st.dictionaries(TEXTS, st.one_of(VALUES, children), max_size=4),
        max_leaves=12,
    )
)
def test_what_is_written_as_toml_is_read_as_it_was(value):
    assert tomllib.loads(toml_text(value)) == value
