"""A directory with a schedule file, a clock that stands still, an embedded AWS: where a person types."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli.app import app
from controller.cli.context import CliContext
from controller.editing.draft import Draft
from controller.editing.edits import Edit
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from controller.storage.load import read

FILE = """\
version: 1
calendars:
  us: {country: US, except: [Columbus Day, Veterans Day]}
schedules:
  office:
    timezone: America/New_York
    hours:
      mon-thu: 08:30-17:00
      fri: [08:30-12:00, 13:00-16:00]
    holidays: {calendars: [us]}
pipelines:
  logos:
    schedule: office
    model:
      arn: arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000
      inference_units: 1
    consumer:
      event_source_mapping: 8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6
      retention: 14d
    warm_up: 30m
"""

TWO_SCHEDULES = FILE.replace(
    "pipelines:\n",
    """\
  berlin:
    timezone: Europe/Berlin
    hours: {mon-fri: 09:00-17:00}
pipelines:
  stamps:
    schedule: berlin
    model:
      arn: arn:aws:rekognition:us-east-1:123456789012:project/stamps/version/v1/1768468215001
      inference_units: 2
    consumer: {event_source_mapping: 8921ca0f-beb3-40d0-ad20-d4ae29a2e6f7, retention: 14d}
    warm_up: 30m
""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)

    def data_of(self, title: str) -> list[str]:
        """The rows of the section whose title begins so, each with one blank between two cells."""
        parts = [part.splitlines() for part in self.out.split("\n\n")]
        return next(
            [" ".join(row.split()) for row in part[2:]] for part in parts if part[0].startswith(title)
        )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Desk:
    """``desk("plan", "--json")`` says what the command said; ``cli`` is what it takes from outside.

    The environment names the file; with ``SCHEDULER_CONFIG=None`` nothing does.
    """

    home: Path
    cli: CliContext

    def __call__(self, *args: str, **env: str | None) -> Said:
        here = {"SCHEDULER_CONFIG": "config/schedule.yaml", **env}
        result = CliRunner().invoke(app, list(args), obj=self.cli, env=here)
        return Said(code=result.exit_code, out=result.stdout, err=result.stderr)

    def write(self, text: str, name: str = "config/schedule.yaml") -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def is_at(self, text: str) -> None:
        now = at(text)
        self.cli = replace(self.cli, clock=lambda: now)

    def embed(self, text: str, start: str) -> EmbeddedAws:
        """The file's pipelines in an embedded AWS, whose clock is the desk's; starts take ten minutes."""
        config = read(str(self.write(text)))
        scenario = Scenario(start=at(start), seed=1, traffic=Traffic(per_day=0), start_minutes=(10, 10))
        aws = EmbeddedAws.for_pipelines(config.pipelines, scenario)
        self.cli = CliContext(clock=aws.now, clients=aws.clients, sleep=aws.sleep, monotonic=aws.monotonic)
        return aws


def meanwhile(desk: Desk, patch: pytest.MonkeyPatch, *texts: str) -> None:
    """Between reading and writing somebody else writes each of the texts in turn."""
    edited, waiting = Draft.edited, list(texts)

    def slowly(self: Draft, *edits: Edit) -> Draft:
        made = edited(self, *edits)
        if waiting:
            desk.write(waiting.pop(0))
        return made

    patch.setattr(Draft, "edited", slowly)
