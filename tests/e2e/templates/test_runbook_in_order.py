"""The runbook's commands, in order: the real SAM CLI, and what the function's environment is after each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.templates.recorded_stack import RecordedStack
from tests.support.aws_server import AwsServer
from tests.support.embedded import an_aws, model_arn
from tests.support.stack import DEPLOY

ROOT = DEPLOY.parent
MODEL = model_arn("logos")
FILE = f"""\
version: 1
schedules:
  office: {{timezone: America/New_York, hours: {{mon-fri: 08:30-17:00}}}}
pipelines:
  logos:
    schedule: office
    model:
      arn: {MODEL}
      inference_units: 1
    consumer: {{event_source_mapping: 8921ca0f-beb3-40d0-ad20-000000000001, retention: 4d}}
"""
SAM = """\
#!/bin/sh
# What is built is another test's concern: here an empty function stands for it.
if [ "$1" = build ]; then
    mkdir -p .aws-sam/build/ControllerFunction && touch .aws-sam/build/ControllerFunction/nothing.py
    exec sed 's|CodeUri: function/|CodeUri: ControllerFunction|' template.yaml > .aws-sam/build/template.yaml
fi
exec "{sam}" "$@"
"""


def section(title, text):
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(text):
    """What a person types: in blocks of the console what follows ``$``, in those of the shell every line."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [(kind, line) for kind, block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line.removeprefix("$ ") for kind, line in lines if kind != "console" or line.startswith("$ ")]


def deploying(text):
    return [each for each in commands(text) if "sam deploy" in each or "stack-parameters" in each]


def without_init(command):
    """The parameters as ``init`` writes them, of a file that is there: this account has nothing to find."""
    program, _, rest = command.partition(" init ")
    if not rest:
        return command
    (output,) = re.findall(r"--parameters (\S+)", rest)
    return f"{program} stack-parameters schedule.yaml --output {output}"


RUNBOOK = (DEPLOY / "README.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def stack():
    with RecordedStack() as made:
        yield made


@pytest.fixture(scope="module")
def checkout(sam, stack, tmp_path_factory):
    """``checkout(command)`` runs it as a person would, in a copy of what a checkout has."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(DEPLOY, root / "deploy", ignore=shutil.ignore_patterns(".aws-sam", "stack.toml"))
    (root / "schedule.yaml").write_text(FILE, "utf-8")
    tools = root / "tools"
    tools.mkdir()
    (tools / "sam").write_text(SAM.format(sam=sam.path), "utf-8")
    (tools / "sam").chmod(0o755)
    with AwsServer(an_aws()) as aws:
        environment = _environment(tools, root) | {"AWS_ENDPOINT_URL": aws.url} | stack.environment
        yield lambda command: _run(command, root, environment)


def _environment(tools, home):
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SAM_", "SCHEDULER_"))
    }
    path = os.pathsep.join((str(tools), str(Path(sys.executable).parent), os.environ["PATH"]))
    return mine | {
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(home / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _run(command, root, environment):
    done = subprocess.run(  # noqa: S603 - what the runbook says
        ["/bin/sh", "-c", command],
        cwd=root,
        env=environment,
        input="y\n" * 9,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def test_the_first_deployment_is_a_dry_run_and_no_later_one_undoes_the_end_of_it(checkout, stack):
    """The runbook's steps 2, 3 and 6; then any later day, on which only the code is newer."""
    seen = []
    steps = deploying(section("Deploy", RUNBOOK))
    later = [step for step in steps if "sam deploy" in step][-1]
    for step in (*steps, later):
        checkout(step)
        seen.append(stack.function["SCHEDULER_DRY_RUN"] if stack.deployed else None)
    assert seen == [None, "true", "true", "false", "false"]
    assert stack.deployed[-1]["Email"] == "ana@example.com"
    assert stack.deployed[-1]["MappingUuids"] == "8921ca0f-beb3-40d0-ad20-000000000001"


def test_back_into_dry_run_is_the_same_way(checkout, stack):
    steps = deploying(section("Deploy", RUNBOOK))
    checkout(steps[2].replace("DryRun=false", "DryRun=true"))
    checkout(steps[3])
    assert stack.function["SCHEDULER_DRY_RUN"] == "true"


def test_the_readmes_commands_deploy_a_dry_run(checkout, stack):
    (root,) = [each for each in commands(README) if "sam deploy" in each]
    before = len(stack.deployed)
    checkout("rm -f deploy/stack.toml")
    typed = commands(README)
    (begin,) = [each for each in typed if " init " in each]
    for step in (begin, *deploying(README)):
        checkout(without_init(step))
    assert len(stack.deployed) == before + 1
    assert stack.function["SCHEDULER_DRY_RUN"] == "true"
    assert "--config-file stack.toml" in root


@pytest.mark.parametrize(
    "text",
    [README, RUNBOOK, (DEPLOY / "pipeline" / "README.md").read_text("utf-8")],
    ids=["README", "runbook", "pipeline"],
)
def test_every_deployment_names_the_file_of_parameters(text):
    typed = [line for line in commands(text) if "sam deploy" in line]
    assert typed
    assert all("--config-file stack.toml" in line for line in typed)
    assert "--parameter-overrides" not in " ".join(line for line in text.splitlines() if "sam deploy" in line)


def test_git_ignores_what_deploying_writes():
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"stack*.toml", "samconfig.*"} <= set(ignored)
    assert not list(DEPLOY.rglob("samconfig.toml"))
