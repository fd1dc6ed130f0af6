"""How commands tell what the deployed controller says of itself: its dry run, its versions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rich.text import Text

from controller.aws.clients import ClientFactory
from controller.aws.remedies import format_error
from controller.cli.render.terminal import line, remark
from controller.core.timefmt import local
from controller.errors import AwsError
from controller.loop.report import Json, instant
from controller.storage.deployment import Deployment, deployment_at, listed


def deployment(location: str, clients: ClientFactory) -> Deployment | None:
    """``None`` where nobody knows; why it cannot be read is told on stderr."""
    try:
        return deployment_at(location, clients)
    except AwsError as error:
        remark(f"warning: whether the controller is in dry run is not known: {format_error(error)}")
        return None


def dry_run_line(found: Deployment | None, zone: ZoneInfo) -> Text | None:
    """``None`` unless the stack is in dry run."""
    if found is None or found.dry_run_since is None:
        return None
    since = local(found.dry_run_since.replace(microsecond=0), zone)
    return line(("dry run", "bold yellow"), f" since {since}: {WHAT_IT_MEANS}")


WHAT_IT_MEANS = "the controller starts, stops and switches nothing until the stack has DryRun=false"


def versions_line(found: Deployment | None) -> Text | None:
    if found is None or not found.versions:
        return None
    return line("controller: ", listed(found.versions))


def as_data(found: Deployment | None) -> Json:
    """A member of what a command prints as JSON; none where there is no deployed controller."""
    if found is None:
        return {}
    data = {"dry_run_since": instant(found.dry_run_since), "versions": dict(found.versions)}
    return {"deployment": data}
