"""Imports modules and makes clients before the first event, in Lambda's init phase.

That phase has a whole CPU, whatever memory the function has; an invocation with 512 MB has 0.29 of one.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from controller.config.build import parse
from controller.config.model import STANDARD, Target
from controller.core.memory import Memory
from controller.storage.state import type_adapter

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory

SERVICES: Final = ("rekognition", "lambda", "sqs", "cloudwatch")
"""Those of pipelines, in the function's own region."""
_FILE: Final = b"""\
version: 1
calendars: {us: {country: US}}
schedules: {office: {timezone: America/New_York, hours: {mon-fri: 08:30-17:00}, holidays: {calendars: [us]}}}
"""


def preload(clients: ClientFactory, region: str | None) -> None:
    """Sends nothing, raises nothing: what fails here fails again, and is logged, in the first invocation."""
    with suppress(Exception):
        parse(_FILE, file="preload", calendar_files=lambda _: b"")
        type_adapter(Memory)
        for service in ("s3", "events"):
            clients(service, STANDARD)
        for service in SERVICES:
            clients(service, Target(region=region) if region else STANDARD)
