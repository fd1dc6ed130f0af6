"""Prints the dry run and the versions that the deployed controller has stored."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rich.text import Text

from controller.aws.clients import ClientFactory
from controller.aws.remedies import format_error
from controller.cli.render.terminal import line, print_info
from controller.core.timefmt import local
from controller.errors import AwsError
from controller.loop.report import Json, instant
from controller.storage.deployment import Deployment, deployment_at
from controller.storage.versions import listed


def deployment(location: str, clients: ClientFactory) -> Deployment | None:
    """``None`` if it is not known; an error of reading it is a warning on stderr."""
    try:
        return deployment_at(location, clients)
    except AwsError as error:
        print_info(f"warning: whether the controller is in dry run is not known: {format_error(error)}")
        return None


def dry_run_line(deployed: Deployment | None, zone: ZoneInfo) -> Text | None:
    """``None`` unless the stack is in dry run."""
    if deployed is None or deployed.dry_run_since is None:
        return None
    since = local(deployed.dry_run_since.replace(microsecond=0), zone)
    return line(("dry run", "bold yellow"), f" since {since}: {WHAT_IT_MEANS}")


WHAT_IT_MEANS = "the controller starts, stops and switches nothing until the stack has DryRun=false"


def shards_line(deployed: Deployment | None) -> Text | None:
    """``None`` where one function runs all pipelines."""
    if deployed is None or deployed.shards == 1:
        return None
    return line(f"{deployed.shards} functions share the pipelines; doctor says whether each of them runs")


def versions_line(deployed: Deployment | None) -> Text | None:
    if deployed is None or not deployed.versions:
        return None
    return line("controller: ", listed(deployed.versions))


def as_data(deployed: Deployment | None) -> Json:
    """A member of what a command prints as JSON; none where there is no deployed controller."""
    if deployed is None:
        return {}
    data = {
        "dry_run_since": instant(deployed.dry_run_since),
        "versions": dict(deployed.versions),
        "shards": deployed.shards,
    }
    return {"deployment": data}
