"""The schema in an editor: marks, completions and hover texts of the server behind VS Code's YAML.

    npm install --prefix .venv-tools/node yaml-language-server ajv

``$SCHEDULER_TOOLS/node`` (default ``.venv-tools/node`` in the checkout) is where it is looked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.config_file import ARN, EXAMPLE, UUID
from tests.support.language_server import LanguageServer

NODE_JS = shutil.which("node")
ROOT = Path(__file__).resolve().parents[3]
NODE = Path(os.environ.get("SCHEDULER_TOOLS", ROOT / ".venv-tools")) / "node" / "node_modules"
SERVER = NODE / "yaml-language-server" / "bin" / "yaml-language-server"
SCHEMA = ROOT / "config" / "schedule.schema.json"

pytestmark = pytest.mark.skipif(
    NODE_JS is None or not SERVER.exists(), reason="no yaml-language-server: see the first lines"
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "daily", "Mon-Thu", "mon,wed", "Monday")
"""Spellings that the schema lists, and some that it only describes."""
HOURS = "closed, open, or hours from 00:00 to 24:00"
WRONG_HOURS = {
    "25:00-26:00": HOURS,
    "9am-5pm": HOURS,
    "8:30-17:00": HOURS,
    "08:30": HOURS,
    "08:30\u201317:00": HOURS,
    "08:30-12:00;13:00-16:00": HOURS,
    "closd": HOURS,
    "Open": HOURS,
    "24:00-08:00": HOURS,
    "08:30-17:00 UTC": HOURS,
    "[08:30-12:00, 13-16]": "a window of hours",
    "[open]": "a window of hours",
    "[]": "Incorrect type",
    "8": "Incorrect type",
    "{from: 08:30}": "Incorrect type",
}
WEEK = "version: 1\nschedules:\n  office:\n    timezone: UTC\n    hours:\n      "
PIPELINE = (
    "version: 1\npipelines:\n  logos:\n    schedule: office\n"
    f"    model: {{arn: '{ARN}', inference_units: 1}}\n"
    f"    consumer: {{event_source_mapping: {UUID}}}\n    "
)


@pytest.fixture(scope="module")
def server():
    with LanguageServer(command=(NODE_JS, SERVER), schema=SCHEMA) as running:
        yield running


def test_the_example_has_no_mark(server):
    assert server.diagnostics(EXAMPLE.split("\n", 1)[1]) == []  # without the line that names a schema's file


@pytest.mark.parametrize("hours", WRONG_HOURS)
@pytest.mark.parametrize("days", DAYS)
def test_wrong_hours_are_marked_under_every_spelling_of_days(days, hours, server):
    ((line, message),) = server.diagnostics(f'{WEEK}"{days}": {hours}\n')
    assert line == 6
    assert WRONG_HOURS[hours] in message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("warm_up: autoo", "auto or a duration"),
        ("rescue: 12 hours", "never or a duration"),
        ("drain: 15", "Incorrect type"),
        ("hold: {state: of, until: 2026-12-24T10:00}", '"as-is", "off", "on"'),
        ("hold: {state: off, until: 2026-12-24}", "a date and a time"),
        ("region: us-east", "a region"),
        ("bridg: auto", "bridg is not allowed"),
    ],
)
def test_a_wrong_value_of_a_pipeline_is_marked_with_what_belongs_there(written, message, server):
    assert [message in mark for _, mark in server.diagnostics(PIPELINE + written + "\n")] == [True]


@pytest.mark.parametrize(
    "written",
    ["external_id: 123456789012", "hold: {state: off, until: 2026-12-24T10:00, reason: 42, by: true}"],
)
def test_a_scalar_that_validate_takes_for_text_has_no_mark(written, server):
    assert server.diagnostics(PIPELINE + written + "\n") == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("version: 1\n|", {"calendars", "schedules", "pipelines", "pricing"}),
        ("version: 1\ncalendars:\n  us:\n    |", {"country", "subdivision", "except", "also", "ics"}),
        ("version: 1\nschedules:\n  office:\n    |", {"timezone", "hours", "holidays", "overrides"}),
        (f"{WEEK}|", {"mon-fri", "mon", "sun", "daily"}),
        (f"{WEEK}mon: |", {"08:30-17:00", "closed", "open"}),
        (f"{WEEK}mon-fri: |", {"08:30-17:00", "closed", "open"}),
        (f"{PIPELINE}|", {"warm_up", "hold", "rescue", "budget", "on_demand"}),
        (f"{PIPELINE}hold:\n      state: |", {"as-is", "off", "on"}),
        (f"{PIPELINE}warm_up: |", {"auto", "30m"}),
    ],
)
def test_keys_and_values_are_offered(text, offered, server):
    assert offered <= {each.strip('"') for each in server.completions(text)}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ver|sion: 1\n", "Of this format"),
        ("version: 1\nschedules:\n  office:\n    time|zone: UTC\n    hours: {}\n", "IANA"),
        (f"{WEEK}mo|n: closed\n", "24:00 may end a window"),
        (f"{WEEK}mon-|fri: closed\n", "24:00 may end a window"),
        (f"{WEEK}Mond|ay: closed\n", "24:00 may end a window"),
        (f"{PIPELINE}resc|ue: never\n", "would expire"),
        (f"{PIPELINE}warm|_up: auto\n", "before an opening"),
    ],
)
def test_a_key_is_explained(text, shown, server):
    assert shown in server.hover(text)


def test_a_strict_validator_takes_the_schema():
    """Of the keywords that are not JSON Schema's own only the one that editors know is allowed."""
    script = (
        "const Ajv = require('ajv/dist/2020'); const ajv = new Ajv({strict: true});"
        "ajv.addVocabulary(['patternErrorMessage']);"
        f"ajv.compile(JSON.parse(require('fs').readFileSync({str(SCHEMA)!r})))"
    )
    done = subprocess.run([NODE_JS, "-e", script], cwd=NODE, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert (done.returncode, done.stderr) == (0, "")
