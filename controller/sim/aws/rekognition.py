"""Embedded Rekognition Custom Labels: projects, and versions that start, run, stop, fail and are billed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias, Unpack

from controller.sim.aws.clock import History, instant
from controller.sim.aws.faults import STALE_S, Shortage
from controller.sim.aws.transport import Answer, Endpoint, Transport
from controller.sim.aws.world import Refused, SimulatedWorld

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        DescribeProjectsRequestTypeDef,
        DescribeProjectVersionsRequestTypeDef,
        StartProjectVersionRequestTypeDef,
        StopProjectVersionRequestTypeDef,
    )

STARTABLE = frozenset({"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"})
"""FAILED is not documented as startable; the embedded one is."""
UP = frozenset({"STARTING", "RUNNING", "STOPPING"})
"""What counts toward the quota of running models: a machine is held from the first to the last of these."""
RUNNING_MODELS = 2
"""Per account and region. Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html."""
UNITS_PER_MODEL = 5
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html."""
STOP_MINUTES = (2.0, 6.0)
"""How long STOPPING takes, drawn per stop."""
PAGE = 100
FIRST_MS, USUAL_MS, END_MS = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (2019, 2025, 2100)
)
"""Custom Labels began in December 2019.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/document-history.html
"""

OnChange: TypeAlias = Callable[[str, str], None]
"""Called with the new state, and with its cause where that was no call to AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """The interval ``[start_s, end_s)`` in which a model was RUNNING with ``units``."""

    start_s: float
    end_s: float
    units: int

    @property
    def unit_hours(self) -> float:
        return self.units * (self.end_s - self.start_s) / 3600


class ProjectVersion:
    """A model.

    It is billed while it is RUNNING, in unit-hours of ``units``, the minimum: the scaling toward
    ``max_units``, which Rekognition does by itself, is not simulated. The k-th start takes equally long under
    one seed, whenever it comes; ``next_start_s`` and ``next_stop_s`` are how long the next will take, which
    no client of AWS can know.
    """

    def __init__(self, world: SimulatedWorld, arn: str, *, status: str, on_change: OnChange) -> None:
        self.arn = arn
        self.created_at = instant(created_ms(arn) / 1000)
        self.status = status
        self.units: int | None = None
        self.max_units: int | None = None
        self.starts = 0
        self.failed_starts = 0
        self._world = world
        self._on_change = on_change
        self._start_chance = world.stream("start", arn)
        self._stop_chance = world.stream("stop", arn)
        self.next_start_s = self._draw_start_s()
        self.next_stop_s = self._draw_stop_s()
        self._statuses = History(STALE_S, world.clock.now_s, status)
        self._epoch = 0
        self._up_at_s = world.clock.now_s
        self._runs: list[ModelRun] = []
        self._running_since_s = 0.0

    @property
    def name(self) -> str:
        return self.arn.split("/")[3]

    @property
    def unit_hours(self) -> float:
        """What has been billed up to now."""
        return sum(run.unit_hours for run in self.runs())

    @property
    def rounded_unit_hours(self) -> float:
        """The same if every run is billed by begun hours: AWS does not say how it rounds."""
        return sum(run.units * ceil((run.end_s - run.start_s) / 3600) for run in self.runs())

    def runs(self) -> tuple[ModelRun, ...]:
        """When it was RUNNING, in order; a run that is under way ends now."""
        return (*self._runs, self._run()) if self.status == "RUNNING" else tuple(self._runs)

    def start(self, units: int, max_units: int | None = None, *, cause: str = "") -> None:
        self._require(self.status in STARTABLE)
        injector, region = self._world.injector, self.arn.split(":")[3]
        shortage = injector.shortage(region, self._world.clock.now().date()) if injector.enabled else None
        self._raise_if_refused(shortage)
        self.units, self.max_units = units, max_units
        self.starts += 1
        after_s, self.next_start_s = self.next_start_s, self._draw_start_s()
        if not injector.enabled:
            after_s = min(after_s, self._longest_start_s)
        self._up_at_s = self._world.clock.now_s + after_s
        self.become("STARTING", cause)
        if injector.start_fails(self.arn) or shortage is Shortage.FAILS:
            self._later(after_s, "FAILED", "start failed")
        else:
            self._later(after_s, "RUNNING")

    @property
    def _longest_start_s(self) -> float:
        return self._world.scenario.start_minutes[1] * 60

    def end_slow_start(self) -> None:
        """A slow start that is under way takes no longer than the others from now on."""
        if self.status == "STARTING" and self._up_at_s > self._world.clock.now_s + self._longest_start_s:
            self._epoch += 1
            self._later(self._longest_start_s, "RUNNING")

    def stop(self, *, cause: str = "") -> None:
        """Only a RUNNING model can be stopped; what AWS does with one that is STARTING is not documented."""
        self._require(self.status == "RUNNING")
        after_s, self.next_stop_s = self.next_stop_s, self._draw_stop_s()
        self.become("STOPPING", cause)
        self._later(after_s, "STOPPED")

    def become(self, status: str, cause: str = "") -> None:
        """Set a status at once, and drop the transition under way; tests set any status with it."""
        now_s = self._world.clock.now_s
        if self.status == "RUNNING":
            self._runs.append(self._run())
        self._running_since_s = now_s
        self.failed_starts += (self.status, status) == ("STARTING", "FAILED")
        self.status = status
        self._epoch += 1
        self._statuses.note(now_s, status)
        self._on_change(status, cause)
        if status == "RUNNING":
            self._schedule_death()

    def description(self, age_s: float) -> Answer:
        status = self._statuses.at(self._world.clock.now_s - age_s) if age_s else self.status
        description: Answer = {
            "ProjectVersionArn": self.arn,
            "CreationTimestamp": self.created_at,
            "Status": status,
            "StatusMessage": f"The model is {status}.",
            "Feature": "CUSTOM_LABELS",
        }
        if self.units is not None:
            description["MinInferenceUnits"] = self.units
        if self.max_units is not None:
            description["MaxInferenceUnits"] = self.max_units
        return description

    def _raise_if_refused(self, shortage: Shortage | None) -> None:
        refusal = self._world.injector.restart_refusal(self.arn) if self.status == "FAILED" else None
        code = shortage.value if shortage in {Shortage.LIMIT, Shortage.ERROR} else refusal
        if code is not None:
            status = 500 if code == Shortage.ERROR else 400
            raise Refused(code, f"{self.arn} cannot be started now", status=status)

    def _draw_start_s(self) -> float:
        usual_s = self._start_chance.uniform(*self._world.scenario.start_minutes) * 60
        return self._world.injector.slow_start_s(self.arn) or usual_s

    def _draw_stop_s(self) -> float:
        return self._stop_chance.uniform(*STOP_MINUTES) * 60

    def _require(self, possible: bool) -> None:
        if not possible:
            raise Refused("ResourceInUseException", f"{self.arn} is {self.status}")

    def _later(self, seconds: float, status: str, cause: str = "") -> None:
        epoch = self._epoch
        self._world.clock.at(
            self._world.clock.now_s + seconds,
            lambda: self.become(status, cause) if self._epoch == epoch else None,
        )

    def _schedule_death(self) -> None:
        after_s = self._world.injector.death_after_s(self.arn)
        if after_s is None:
            return
        epoch = self._epoch
        self._world.clock.at(self._world.clock.now_s + after_s, lambda: self._die(epoch))

    def _die(self, epoch: int) -> None:
        if self._epoch == epoch and self._world.injector.faults.deaths:
            self.become("FAILED", "died while running")

    def _run(self) -> ModelRun:
        return ModelRun(start_s=self._running_since_s, end_s=self._world.clock.now_s, units=self.units or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project with its versions, in the order in which they were added."""

    arn: str
    versions: list[ProjectVersion] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.arn.split("/")[1]


@dataclass(frozen=True, slots=True)
class Rekognition:
    """The service in one account and region: its projects by ARN."""

    projects: dict[str, Project] = field(default_factory=dict)

    def version(self, arn: str) -> ProjectVersion:
        for project in self.projects.values():
            for version in project.versions:
                if version.arn == arn:
                    return version
        raise _not_found(arn)

    def named(self, project: str, name: str) -> tuple[ProjectVersion, ...]:
        return tuple(
            version
            for each in self.projects.values()
            if each.name == project
            for version in each.versions
            if version.name == name
        )

    def start(self, arn: str, units: int, max_units: int | None = None, *, cause: str = "") -> ProjectVersion:
        version = self.version(arn)
        if max_units is not None and max_units < units:
            raise Refused("InvalidParameterException", "MaxInferenceUnits is less than MinInferenceUnits")
        if max(units, max_units or 0) > UNITS_PER_MODEL:
            raise Refused("LimitExceededException", f"a model has at most {UNITS_PER_MODEL} inference units")
        if version.status in STARTABLE and self._up() >= RUNNING_MODELS:
            raise Refused("LimitExceededException", f"{RUNNING_MODELS} models are running already")
        version.start(units, max_units, cause=cause)
        return version

    def _up(self) -> int:
        return sum(version.status in UP for project in self.projects.values() for version in project.versions)


class RekognitionClient:
    """A client like ``boto3.client("rekognition")``, for Custom Labels."""

    def __init__(
        self, transport: Transport, endpoint: Endpoint, service: Rekognition, world: SimulatedWorld
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._service = service
        self._injector = world.injector

    def start_project_version(self, **request: Unpack[StartProjectVersionRequestTypeDef]) -> Answer:
        arn, units = request["ProjectVersionArn"], request["MinInferenceUnits"]
        return self._transport.send(
            self._endpoint.request("StartProjectVersion", arn, request),
            lambda: {"Status": self._service.start(arn, units, request.get("MaxInferenceUnits")).status},
        )

    def stop_project_version(self, **request: Unpack[StopProjectVersionRequestTypeDef]) -> Answer:
        arn = request["ProjectVersionArn"]
        return self._transport.send(
            self._endpoint.request("StopProjectVersion", arn, request),
            lambda: self._stop(arn),
        )

    def describe_project_versions(self, **request: Unpack[DescribeProjectVersionsRequestTypeDef]) -> Answer:
        return self._transport.send(
            self._endpoint.request("DescribeProjectVersions", request["ProjectArn"], request),
            lambda: self._versions(request),
        )

    def describe_projects(self, **request: Unpack[DescribeProjectsRequestTypeDef]) -> Answer:
        names = request.get("ProjectNames")
        return self._transport.send(
            self._endpoint.request("DescribeProjects", names[0] if names else "*", request),
            lambda: self._projects(request),
        )

    def _stop(self, arn: str) -> Answer:
        version = self._service.version(arn)
        version.stop()
        return {"Status": version.status}

    def _versions(self, request: DescribeProjectVersionsRequestTypeDef) -> Answer:
        """The newest first. A name that no version has is left out of the answer."""
        project = self._service.projects.get(request["ProjectArn"])
        if project is None:
            raise _not_found(request["ProjectArn"])
        names = request.get("VersionNames")
        versions = [version for version in project.versions if names is None or version.name in names]
        versions.sort(key=attrgetter("created_at"), reverse=True)
        first, after = _page(len(versions), request.get("NextToken"), request.get("MaxResults"))
        age_s = self._injector.staleness_s(self._endpoint.chance_key(project.arn))
        return {
            "ProjectVersionDescriptions": [version.description(age_s) for version in versions[first:after]],
            **_next(len(versions), after),
        }

    def _projects(self, request: DescribeProjectsRequestTypeDef) -> Answer:
        """A name that no project has is left out of the answer."""
        names = request.get("ProjectNames")
        projects = [
            project for project in self._service.projects.values() if names is None or project.name in names
        ]
        first, after = _page(len(projects), request.get("NextToken"), request.get("MaxResults"))
        return {
            "ProjectDescriptions": [_project_description(project) for project in projects[first:after]],
            **_next(len(projects), after),
        }


def created_ms(arn: str) -> int:
    """When the project or version was created, in milliseconds since 1970.

    The last part of an ARN of AWS is that; no document says so, and any digits are valid there. Ones that
    are no time since the service began are of a resource that is as old as ``USUAL_MS``.
    """
    digits = int(arn.rsplit("/", 1)[1])
    return digits if FIRST_MS <= digits < END_MS else USUAL_MS


def _project_description(project: Project) -> Answer:
    return {
        "ProjectArn": project.arn,
        "CreationTimestamp": instant(created_ms(project.arn) / 1000),
        "Status": "CREATED",
        "Datasets": [],
        "Feature": "CUSTOM_LABELS",
        "AutoUpdate": "DISABLED",
    }


def _not_found(arn: str) -> Refused:
    return Refused("ResourceNotFoundException", f"{arn} does not exist")


def _page(total: int, token: str | None, size: int | None) -> tuple[int, int]:
    """First and last index of a page; the embedded token is the number of items before it."""
    if token is not None and not (token.isdecimal() and int(token) < total):
        raise Refused("InvalidPaginationTokenException", f"{token!r} continues no listing")
    first = int(token or 0)
    return first, first + (size or PAGE)


def _next(total: int, after: int) -> Answer:
    return {"NextToken": str(after)} if after < total else {}
