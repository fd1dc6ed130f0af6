"""Schedule files for the tests: the example that ships, and edits of it."""

from __future__ import annotations

import re
from pathlib import Path

from controller.config.build import parse
from controller.config.model import Config
from controller.errors import ConfigError

EXAMPLE_PATH = Path(__file__).parents[2] / "config" / "schedule.yaml"
EXAMPLE = EXAMPLE_PATH.read_text(encoding="utf-8")

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
UUID = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"

MINIMAL = f"""\
version: 1
schedules:
  office:
    timezone: America/New_York
    hours:
      mon-fri: 08:30-17:00
pipelines:
  logos:
    schedule: office
    model:
      arn: {ARN}
      inference_units: 1
    consumer:
      event_source_mapping: {UUID}
"""


def edited(old: str, new: str, text: str = MINIMAL) -> str:
    assert old in text
    return text.replace(old, new, 1)


def understood(text: str | bytes, files: dict[str, bytes] | None = None) -> Config:
    data = text if isinstance(text, bytes) else text.encode()
    return parse(data, file="schedule.yaml", calendar_files=(files or {}).__getitem__)


def diagnostics(text: str | bytes) -> list[str]:
    """Each as a person reads it, ``line:column: path: message``; empty if the file is valid."""
    try:
        understood(text)
    except ConfigError as error:
        return [found.located("").removeprefix(":") for found in error.diagnostics]
    return []


def doubts(text: str, files: dict[str, bytes] | None = None) -> list[str]:
    return [found.located("").removeprefix(":") for found in understood(text, files).degraded]


def places(found: list[str]) -> list[str]:
    """``16: pipelines.logos.hold`` of each that is located there; empty for one of the whole file."""
    located = (re.match(r"\d+(?::\d+)?: (?:[\w.<>,\[\]-]+(?=: ))?", one) for one in found)
    return [match[0].removesuffix(": ") if match else "" for match in located]


def schedule(body: str, *, also: str = "") -> str:
    """A file whose one schedule has ``body`` after its zone; ``also`` are more sections."""
    return f"version: 1\n{also}schedules:\n  office:\n    timezone: America/New_York\n{body}"
