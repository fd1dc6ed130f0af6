"""Loads the schedule file that an option names, prints its warnings, and selects one of its schedules."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.aws.clients import ClientFactory
from controller.cli.render.terminal import count, print_info
from controller.config.model import Config
from controller.config.selection import schedule_named
from controller.config.warnings import retention_warnings, warnings
from controller.errors import ConfigError, Diagnostic
from controller.schedule import Schedule, load_zone
from controller.storage.last_good import LastGoodConfig
from controller.storage.load import read
from controller.storage.sources import is_s3

PLACES = ("schedule.yaml", "config/schedule.yaml")
"""Where the file is looked for if none is named, relative to the working directory."""

_PACKAGE = Path(__file__).parents[1]
_EXAMPLES = (_PACKAGE / "default" / "schedule.yaml", _PACKAGE.parent / "config" / "schedule.yaml")
"""The example in an installed package, and in a checkout."""


def usual_location() -> str:
    """The first of ``PLACES`` that exists; without any the first one, where ``init`` writes."""
    return next((each for each in PLACES if Path(each).exists()), PLACES[0])


def location_or_usual(location: str | None) -> str:
    """``location``, or the usual one, whose name is printed because nobody chose it."""
    if location is not None:
        return location
    found = usual_location()
    if Path(found).exists():
        print_info(f"file: {found}")
    return found


def read_config(location: str | None, clients: ClientFactory) -> Config:
    """The configuration at ``location``; ``clients`` makes the client of S3 for an ``s3://`` location.

    Raises:
        ConfigError: it cannot be used.
        AwsError: it cannot be read from S3.
    """
    return read(location_or_usual(location), clients)


def load(location: str | None, clients: ClientFactory) -> Config:
    """As ``read_config``, but problems that a tick only reports are errors, as in ``validate``.

    Raises:
        ConfigError: also for a calendar file that cannot be used, or a holiday unknown to the library.
    """
    return accepted(read_config(location, clients))


def accepted(config: Config) -> Config:
    """The same, if ``validate`` accepts it; raises ``ConfigError`` otherwise."""
    if config.degraded:
        raise ConfigError(config.file, config.degraded)
    return config


def load_in_force(location: str | None, clients: ClientFactory) -> Config:
    """As ``read_config``, but for an invalid object in S3 the version that a tick uses.

    For commands that show what the controller does: as in a tick, problems are warnings. Raises as
    ``read_config``; ``ConfigError`` only where no version can be used.
    """
    location = location_or_usual(location)
    if not is_s3(location):
        config = read_config(location, clients)
        _print_warnings(config, config.degraded)
        return config
    current = LastGoodConfig(location, clients).current()
    _print_warnings(current.config, current.config.degraded)
    if current.rejected:
        named = f"version {current.version}" if current.version else "an earlier version"
        print_info(f"{named} is in force; rekognition-scheduler validate {location} names what to correct")
    return current.config


def print_warnings(config: Config, now: datetime, kept: Mapping[str, timedelta] | None = None) -> None:
    """``kept`` is how long the queues of pipelines, by name, really keep a message."""
    _print_warnings(config, warnings(config, now, kept))


def print_retention_and_count(config: Config, now: datetime, kept: Mapping[str, timedelta]) -> None:
    """As ``print_retention``, and how many other warnings ``validate`` prints, in a line."""
    print_retention(config, now, kept)
    others = len(warnings(config, now, kept)) - len(retention_warnings(config, now, kept))
    if others:
        command = f"rekognition-scheduler validate {shlex.quote(config.file)}"
        print_info(f"{count(others, 'warning')} about the file: {command}")


def print_retention(config: Config, now: datetime, kept: Mapping[str, timedelta]) -> None:
    """Prints the warnings of messages that would be lost, and no others."""
    _print_warnings(config, retention_warnings(config, now, kept))


def _print_warnings(config: Config, warnings: Iterable[Diagnostic]) -> None:
    for warning in warnings:
        print_info(f"warning: {warning.located(config.file)}")


def load_or_example(location: str | None, clients: ClientFactory) -> Config:
    """As ``load``; the built-in example if no file is named and there is none at the usual places."""
    if location is not None or Path(usual_location()).exists():
        return load(location, clients)
    print_info(f"no {' or '.join(PLACES)} here: this is the built-in example")
    return load(str(next(path for path in _EXAMPLES if path.exists())), clients)


def schedule(config: Config, name: str | None) -> Schedule:
    """The schedule of that name, or the only one."""
    return Schedule(config.specs[schedule_named(config, name)])


def common_zone(config: Config) -> ZoneInfo:
    """The zone of the pipelines' schedules; UTC where they have several, or there are none."""
    used = [config.specs[pipeline.schedule] for pipeline in config.pipelines] or list(config.specs.values())
    zones = {spec.zone for spec in used}
    return load_zone(zones.pop() if len(zones) == 1 else "UTC")
