"""The files that are generated from the code, and checked in: ``python -m tests.generated`` writes them anew.

A test holds each of them current.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from typer.testing import CliRunner

from controller.cli.app import app
from controller.config.json_schema import text as schema_text
from controller.config.warnings import warnings
from controller.core.actions import ActionKind
from controller.core.conditions import Assessment
from controller.core.memory import Condition
from controller.core.messages import REMEDIES, STEPS, plan_summary
from controller.core.plan import plan
from controller.core.states import Desired, Drain, MappingState, ModelStatus
from controller.core.table import (
    MappingClass,
    ModelClass,
    Step,
    cases,
    classify_mapping,
    classify_model,
    decide,
)
from controller.schedule.ics import read_ics
from controller.schedule.model import DateOverride
from tests import picture
from tests.environment import isolate
from tests.support.config_file import diagnostics, doubts, understood
from tests.support.journey import travelled
from tests.support.practice import findings_of, written_by
from tests.support.s3 import a_bucket
from tests.support.screens import shown
from tests.support.stack import Stack
from tests.unit.account.cases import COMMANDS, INIT, WRONG
from tests.unit.cli.cases import SCREENS
from tests.unit.config.cases import DOUBTS, ERRORS, LABELS, WARNINGS
from tests.unit.core.cases import CONDITIONS, PLANS, RULES
from tests.unit.schedule.cases import CALENDAR_FILES, REASONS
from tests.unit.storage.cases import CHANGES, LOCATIONS, rejected, unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.config.model import Config

K = TypeVar("K")
V = TypeVar("V")

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "decision_table.txt"
MESSAGES = ROOT / "tests" / "golden" / "messages.txt"
CONFIG = ROOT / "tests" / "golden" / "config.txt"
FINDINGS = ROOT / "tests" / "golden" / "findings.txt"
ACCOUNT = ROOT / "tests" / "golden" / "account.txt"
SCREEN_FILES = {group: ROOT / "tests" / "golden" / "screens" / f"{group}.txt" for group in SCREENS}
SCHEMA = ROOT / "config" / "schedule.schema.json"
README = ROOT / "README.md"
RUNBOOK = ROOT / "deploy" / "README.md"
ALARMS = ROOT / "deploy" / "alarms.json"
TRANSCRIPT = re.compile(r"(<!-- transcript -->\n```console\n)(.*?)(```\n<!-- /transcript -->)", re.DOTALL)
CHANGING = {
    "UUID": re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"),
    "SECONDS seconds": re.compile(r"\b\d+ seconds(?= (?:ahead|behind))"),
    "CALLER": re.compile(r"arn:aws:sts::\d{12}:[\w/-]+"),
    "VERSIONS": re.compile(r"(?<=^Versions: )[^;]+", re.MULTILINE),
}
"""What is different in each run or with each release of a dependency, and the word in its place."""
_DESIRED = (Desired.ON, Desired.WARM, Desired.OFF)
BEGIN, END = "<!-- decision table: generated -->", "<!-- /decision table -->"


def golden_table() -> str:
    """Every row: desired, model, mapping, drain, the step, its actions."""
    lines = (
        f"{case.desired:<6}{case.model:<22}{case.mapping:<11}{case.drain:<10}{case.step:<22}"
        + (" + ".join(case.step.actions) or "-")
        for case in cases()
    )
    return "\n".join(line.rstrip() for line in lines) + "\n"


def messages_text() -> str:
    """Every text of the decision, by rule, condition, plan, step and status, each with a case that has it."""
    sections = {
        "rules": (
            f"{result.rule:<9}{_APPLIES[result.applies]:<8}{case.id:<48}{result.reason}"
            for case in RULES
            for result in (case.values[0](case.values[1]),)
        ),
        "conditions": (
            f"{result:<48}{name:<52}{_condition(result, assessment).message}"
            for name, result, assessment in sorted(CONDITIONS, key=lambda case: case[1])
        ),
        "plans": (f"{name:<48}{plan_summary(plan(given))}" for name, given in PLANS.items()),
        "steps": (f"{step:<22}{text}" for step, text in STEPS.items()),
        "remedies of a model that cannot run": (
            f"{status:<22}{remedy}" for status, remedy in REMEDIES.items()
        ),
        "reasons of a schedule": (f"{name:<48}{reason}" for name, reason in REASONS.items()),
    }
    blocks = (
        "\n".join((f"# {title}", *(line.rstrip() for line in lines))) for title, lines in sections.items()
    )
    return "\n\n".join(blocks) + "\n"


_APPLIES = {True: "yes", False: "no", None: "depends"}


def _condition(result: str, assessment: Assessment) -> Condition:
    """Of the type with which ``result`` begins; its status and reason are the rest of it."""
    (condition,) = (each for each in assessment.conditions if each.type == result.split(maxsplit=1)[0])
    assert result == f"{condition.type} {condition.status} {condition.reason}"
    return condition


def config_text() -> str:
    """Every error and warning of the named files, with its place; and what rules are called, by line.

    And what is said of a place that cannot be read, and of an object that changes for the worse.
    """
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    warned = {
        name: [found.located("").removeprefix(":") for found in warnings(understood(text), now)]
        for name, text in WARNINGS.items()
    }
    refused = {name: diagnostics(text) for name, text in ERRORS.items()}
    doubted = {name: doubts(text) for name, text in DOUBTS.items()}
    read = {name: read_ics(data) for name, data in CALENDAR_FILES.items()}
    of_calendars = {name: [*each.errors, *each.warnings] for name, each in read.items()}
    labelled = {name: [*_labels(understood(text))] for name, text in LABELS.items()}
    kinds = {
        "warning": warned,
        "error": refused,
        "doubt": doubted,
        "calendar file": of_calendars,
        "place": _unread(),
        "change": _rejected(),
        "labels": labelled,
    }
    blocks = (
        "\n".join((f"# {kind}: {name}", *lines))
        for kind, files in kinds.items()
        for name, lines in files.items()
    )
    return "\n\n".join(blocks) + "\n"


def _unread() -> dict[str, list[str]]:
    texts = {}
    for name, arrange in LOCATIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            texts[name] = unread(Path(folder), arrange)
    return texts


def _rejected() -> dict[str, list[str]]:
    texts = {}
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        for name, change in CHANGES.items():
            with a_bucket() as bucket:
                texts[name] = rejected(bucket, change)
    return texts


def _labels(config: Config) -> Iterator[str]:
    """Of every rule of every schedule, each once."""
    for spec in config.specs.values():
        of_dates = (each for each in spec.overrides if isinstance(each, DateOverride) and each.week)
        rules = (
            *spec.week,
            *(each.rule for each in (*spec.holidays, *spec.overrides)),
            *(rule for each in of_dates for rule in each.week or ()),
        )
        yield from dict.fromkeys(f"{each.line}: {each.label} | {each.called}" for each in rules)


def account_text() -> str:
    """What commands print on an account, and what init writes."""
    return _steady(f"{shown(COMMANDS)}\n# the file that init writes\n{written_by(INIT)}")


def findings_text() -> str:
    """What ``doctor`` finds in accounts built wrong."""
    blocks = ("\n".join((f"# {name}", *findings_of(build))) for name, build in WRONG.items())
    return _steady("\n\n".join(blocks)) + "\n"


def _steady(text: str) -> str:
    for word, changing in CHANGING.items():
        text = changing.sub(word, text)
    return text


def summary() -> str:
    """The table by what statuses and states mean, in Markdown; what is equal stands together."""
    places = [
        (model, desired) for model in ModelClass if model is not ModelClass.UNKNOWN for desired in _DESIRED
    ]
    columns = _alike(
        {each: tuple(_cell(desired, model, each) for model, desired in places) for each in MappingClass}
    )
    cells = dict(zip(places, zip(*(column for _, column in columns), strict=True), strict=True))
    blocks = _alike(
        {model: tuple(_alike({each: cells[model, each] for each in _DESIRED})) for model, _ in places}
    )
    body = (
        (
            ", ".join(_MODELS[each] for each in models),
            "any" if wanted == _DESIRED else ", ".join(wanted),
            *row,
        )
        for models, block in blocks
        for wanted, row in block
    )
    head = ("model", "desired", *(", ".join(_MAPPINGS[each] for each in states) for states, _ in columns))
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *body))


def _alike(items: dict[K, V]) -> list[tuple[tuple[K, ...], V]]:
    """The values, each once, with all keys that have it."""
    keys: dict[V, tuple[K, ...]] = {}
    for key, value in items.items():
        keys[value] = (*keys.get(value, ()), key)
    return [(those, value) for value, those in keys.items()]


def _cell(desired: Desired, model: ModelClass, mapping: MappingClass) -> str:
    steps = {
        drain: {
            decide(desired, status, state, drain)
            for status in ModelStatus
            for state in MappingState
            if classify_model(status) is model and classify_mapping(state) is mapping
        }
        for drain in Drain
    }
    done, waiting = (_words(_only(steps[drain])) for drain in (Drain.DRAINED, Drain.DRAINING))
    return done if done == waiting else f"{waiting}, then {done}"


def _only(steps: set[Step]) -> Step:
    (step,) = steps
    return step


_WORDS = {
    Step.AS_IS: "hands off",
    Step.CONSUMING: "✓",
    Step.RUNNING: "✓",
    Step.WARM: "✓",
    Step.STOPPED: "✓",
    Step.WAIT_STARTING: "wait",
    Step.WAIT_STOPPING: "wait",
    Step.WAIT_MAPPING: "wait",
    Step.WAIT_DRAIN: "drain",
    Step.BLOCKED_MODEL: "a person",
    Step.BLOCKED_MAPPING: "a person",
    Step.UNREADABLE_MODEL: "nothing",
    Step.UNREADABLE_MAPPING: "nothing",
}


def _words(step: Step) -> str:
    return _WORDS.get(step) or " + ".join(f"**{_ACTIONS[action]}**" for action in step.actions)


_ACTIONS = {
    ActionKind.START_MODEL: "start",
    ActionKind.STOP_MODEL: "stop",
    ActionKind.ENABLE_MAPPING: "enable",
    ActionKind.DISABLE_MAPPING: "disable",
}
_MODELS = {
    ModelClass.RUNNING: "RUNNING",
    ModelClass.STARTING: "STARTING",
    ModelClass.STOPPING: "STOPPING",
    ModelClass.STARTABLE: "down, can start",
    ModelClass.UNUSABLE: "cannot run",
}
_MAPPINGS = {
    MappingClass.ENABLED: "Enabled",
    MappingClass.ENABLING: "Enabling",
    MappingClass.DISABLED: "Disabled",
    MappingClass.IN_TRANSITION: "changing",
    MappingClass.ABSENT: "absent",
    MappingClass.UNUSABLE: "unusable",
    MappingClass.UNKNOWN: "unknown",
    MappingClass.NONE: "no consumer",
}


def readme() -> str:
    """The README with the summary in its place, and every transcript as its commands print it now."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    text = f"{before}{BEGIN}\n{summary()}\n{END}{rest.split(END)[1]}"
    return TRANSCRIPT.sub(lambda found: f"{found[1]}{transcript(found[2])}{found[3]}", text)


def runbook() -> str:
    """The runbook with its transcript, which needs an account."""
    text = RUNBOOK.read_text(encoding="utf-8")
    return TRANSCRIPT.sub(lambda found: f"{found[1]}{travelled(_commands(found[2]))}{found[3]}", text)


PLACES = {
    "ModelArns": "arn:aws:rekognition:REGION:ACCOUNT:project/PROJECT/version/VERSION/CREATED",
    "QueueArns": "arn:aws:sqs:REGION:ACCOUNT:QUEUE",
    "DeadLetterQueueArns": "arn:aws:sqs:REGION:ACCOUNT:DEAD_LETTER_QUEUE",
}
NAMES = {"Topic": "TOPIC_ARN", "ControllerFunction": "FUNCTION_NAME", "WantsPersonRule": "RULE_NAME"}


def alarms() -> str:
    """The template's alarms for one pipeline, as CloudWatch takes them, for stacks made without SAM."""
    resources = Stack(given=PLACES).resources.values()
    made = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    named = [_named(each | {"Threshold": float(each["Threshold"])}) for each in made]
    return json.dumps(named, indent=2) + "\n"


def _named(value: object) -> object:
    match value:
        case dict():
            return {key: _named(each) for key, each in value.items()}
        case list():
            return [_named(each) for each in value]
        case str():
            return NAMES.get(value, value)
    return value


def transcript(block: str) -> str:
    """The commands of a block (``$ rekognition-scheduler …``), each with what it prints."""
    return "".join(f"$ {command}\n{_printed(command)}" for command in _commands(block))


def _commands(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def _printed(command: str) -> str:
    program, *arguments = shlex.split(command)
    assert program == "rekognition-scheduler", command
    with contextlib.chdir(ROOT):
        result = CliRunner().invoke(app, arguments, prog_name=program)
    assert result.exit_code == 0, result.output
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def main() -> None:
    GOLDEN.write_text(golden_table(), encoding="utf-8")
    MESSAGES.write_text(messages_text(), encoding="utf-8")
    CONFIG.write_text(config_text(), encoding="utf-8")
    FINDINGS.write_text(findings_text(), encoding="utf-8")
    ACCOUNT.write_text(account_text(), encoding="utf-8")
    for group, path in SCREEN_FILES.items():
        path.write_text(shown(SCREENS[group]), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
    RUNBOOK.write_text(runbook(), encoding="utf-8")
    ALARMS.write_text(alarms(), encoding="utf-8")
    picture.main()


if __name__ == "__main__":
    main()
