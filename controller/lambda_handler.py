"""The Lambda handler: EventBridge Scheduler calls it every few minutes, and it runs ``reconcile``.

The event may be anything that the Scheduler sends; of an object, two members count (a test in the console):

    {"pipelines": ["logos"], "dry_run": true}

The environment: ``SCHEDULER_CONFIG`` (``s3://bucket/schedule.yaml``), ``SCHEDULER_TICK`` (``5m``, the rate of
the Scheduler), ``SCHEDULER_SETTLE`` (``0s``, how long an invocation may look again), ``SCHEDULER_DRY_RUN``
(``false``), ``SCHEDULER_SHARD`` (``2/3``: of the pipelines only those of the second of three functions),
``SCHEDULER_PIPELINE_METRICS`` (``all``, ``few`` or ``none`` under each pipeline's name),
``SCHEDULER_MAX_UNITS`` (``0``: no bound; else the most inference units of a model, whatever the file says),
and Powertools' own variables.

In Lambda what is heavy is imported, and clients are made, in the init phase; what lives across invocations is
made when the first event comes.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol

from controller.aws.call_rate import CallRates
from controller.aws.clients import BotoClients
from controller.config.shard import Shard, shard
from controller.core.settings import DEFAULT_TICK
from controller.invocation.metrics import SERVICE, PipelineMetrics
from controller.invocation.runtime import Environment, EventError, InvocationRequest, Runtime
from controller.loop.report import Json, as_json

REPORT_RESERVE = timedelta(seconds=45)
"""What is left of the function's timeout when a tick's time is up: for a last look, saving and telling."""


class Context(Protocol):
    """The parts of Lambda's context object that are used."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: object, context: Context) -> Json:
    """One invocation; returns its last report.

    Raises:
        EventError: the event asks for what does not exist.
        ConfigError: no configuration can be had.
        AwsError: the same. A pipeline's failure is a figure and a line in the log, and no exception.
    """
    runtime = _runtime()
    runtime.identify(context.aws_request_id)
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return as_json(runtime.invoke(understood(event), remaining - REPORT_RESERVE))


def understood(event: object) -> InvocationRequest:
    if event is None:
        return InvocationRequest()
    if not isinstance(event, Mapping):
        raise EventError(f'the event is {event!r}, and not an object such as {{"pipelines": ["logos"]}}')
    names, dry_run = event.get("pipelines"), event.get("dry_run", False)
    if names is not None and not (isinstance(names, list) and all(isinstance(each, str) for each in names)):
        raise EventError(f'"pipelines" is {names!r}, and not a list of names such as ["logos"]')
    if not isinstance(dry_run, bool):
        raise EventError(f'"dry_run" is {dry_run!r}, and neither true nor false')
    return InvocationRequest(pipelines=None if names is None else frozenset(names), dry_run=dry_run)


def environment(environ: Mapping[str, str]) -> Environment:
    location = environ.get("SCHEDULER_CONFIG")
    if not location:
        raise EventError("SCHEDULER_CONFIG is not set: s3://bucket/schedule.yaml")
    return Environment(
        location=location,
        tick=_tick(environ),
        settle=_duration(environ, "SCHEDULER_SETTLE", timedelta(0)),
        dry_run=_switch(environ, "SCHEDULER_DRY_RUN"),
        max_units=_bound(environ),
        service=environ.get("POWERTOOLS_SERVICE_NAME") or SERVICE,
        shard=_shard(environ),
        pipeline_metrics=_pipeline_metrics(environ),
    )


def _tick(environ: Mapping[str, str]) -> timedelta:
    found = _duration(environ, "SCHEDULER_TICK", DEFAULT_TICK)
    if not found:
        raise EventError(f'SCHEDULER_TICK: "{environ["SCHEDULER_TICK"]}" is no time at all (5m)')
    return found


def _duration(environ: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    from controller.config.values import duration  # noqa: PLC0415 - once in a process

    text = environ.get(name)
    try:
        return duration(text) if text else default
    except ValueError as error:
        raise EventError(f"{name}: {error}") from None


def _shard(environ: Mapping[str, str]) -> Shard:
    try:
        return shard(environ.get("SCHEDULER_SHARD", ""))
    except ValueError as error:
        raise EventError(f"SCHEDULER_SHARD: {error}") from None


def _pipeline_metrics(environ: Mapping[str, str]) -> PipelineMetrics:
    text = environ.get("SCHEDULER_PIPELINE_METRICS") or PipelineMetrics.ALL
    if text not in list(PipelineMetrics):
        raise EventError(f'SCHEDULER_PIPELINE_METRICS: "{text}" is none of {", ".join(PipelineMetrics)}')
    return PipelineMetrics(text)


def _bound(environ: Mapping[str, str]) -> int | None:
    text = environ.get("SCHEDULER_MAX_UNITS") or "0"
    if not (text.isascii() and text.isdigit()):
        raise EventError(
            f'SCHEDULER_MAX_UNITS: "{text}" is no number of inference units (2, or 0 for no bound)'
        )
    return int(text) or None


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "false"
    if text not in {"true", "false"}:
        raise EventError(f'{name}: "{text}" is neither true nor false')
    return text == "true"


@cache
def _runtime() -> Runtime:
    """Made when the first event comes."""
    from controller.invocation.publisher import publisher  # noqa: PLC0415 - not to import this module
    from controller.storage.deployment import record  # noqa: PLC0415 - as above
    from controller.storage.last_good import LastGoodConfig  # noqa: PLC0415 - as above
    from controller.storage.memories import memories_beside  # noqa: PLC0415 - as above

    settings, clients = environment(os.environ), _clients()
    return Runtime(
        environment=settings,
        configs=LastGoodConfig(settings.location, clients),
        clients=clients,
        memories=memories_beside(settings.location, clients),
        publisher=publisher(settings.location, clients, settings.service, settings.shard),
        clock=_now,
        sleep=time.sleep,
        identify=_logging(settings.service),
        deployed=lambda now: record(
            settings.location, clients, dry_run=settings.dry_run, now=now, shard=settings.shard
        ),
    )


@cache
def _clients() -> BotoClients:
    return BotoClients(rates=CallRates(monotonic=time.monotonic, sleep=time.sleep))


def _now() -> datetime:
    return datetime.now(UTC)


def _logging(service: str) -> Callable[[str], None]:
    """Every logger of this package writes through Powertools'; returns what marks lines as a request's."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - as above

    logger = Logger(service=service)
    package = logging.getLogger("controller")
    package.handlers = [logger.registered_handler]
    package.setLevel(logger.log_level)
    package.propagate = False
    return lambda request_id: logger.append_keys(function_request_id=request_id)


def _init() -> None:
    from aws_lambda_powertools import Logger  # noqa: F401, PLC0415 - not to import this module

    from controller.invocation.preload import preload  # noqa: PLC0415 - as above
    from controller.invocation.publisher import publisher  # noqa: F401, PLC0415 - as above

    preload(_clients(), os.environ.get("AWS_REGION"))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    _init()
