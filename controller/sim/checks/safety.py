"""Checks each call of the controller against what AWS answered it in the same tick.

It shares no code with the decision table. Changes by hand make no calls through clients, so that they are
never violations. The rules, as far as they can be seen from outside:

S1     enabling needs the model answered RUNNING, and consumption wanted
S2     stopping needs the mapping answered Disabled (or gone) and the work in flight ended; a retired version
       may be stopped, too, when the consumer's function was answered to name this model and not that version
S3     a model answered in any known status but RUNNING, with the mapping Enabled or Enabling: a disable is
       tried
S4     no start and no stop but in a status that allows it, no action at all without a known status, and never
       a start of a retired version
S6     of the mapping nothing but ``Enabled`` is written
S8     no start without a mapping that can come to consume
AS_IS  nothing at all is written where hands off is desired
ONCE   a start is called once per pipeline and invocation, if ``begin_invocation`` is called for these
ORDER  within a tick disables come first, then stops, then starts, then enables
UNITS  a start asks for the units of the file

and, where ``desires`` says what can be desired:

UNWANTED  no start of what nothing wants to run, no stop and no disable of what is wanted
LEFT      what a tick must at least try, it tries: to disable, to stop, to start, to enable
BACKOFF   failed starts are tried again after 5, 10, 20, 40, 60, 60 … minutes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from controller.config.model import Pipeline
from controller.sim.aws.transport import Answer, SentCall
from controller.sim.checks.duties import NO_CONSUMER, Duties, TickAnswers
from controller.sim.result import Violation

QUIET = timedelta(seconds=180)
"""How long after consumption went off a count of zero in flight is believed.

Pollers go on for up to two minutes, and counts lag by one.
"""
CLOCK_DIFFERENCE = timedelta(seconds=90)
"""A change that AWS says lies further ahead is not one to count from."""
DRAIN_LIMIT = timedelta(minutes=15)
"""After so long the model is stopped whatever is in flight, if neither pipeline nor AWS says otherwise."""
DRAIN_MARGIN = timedelta(seconds=180)
"""What a batch may take beside its gathering and its function's timeout: pollers, and the deletion."""
ANSWER_HOLDS = timedelta(hours=1)
"""A function's timeout may have been raised since it was answered so long ago."""

STARTABLE = {"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"}
LIVING = STARTABLE | {"STARTING", "RUNNING", "STOPPING"}
DEAD = {
    "TRAINING_IN_PROGRESS",
    "TRAINING_FAILED",
    "DELETING",
    "COPYING_IN_PROGRESS",
    "COPYING_FAILED",
    "DEPRECATED",
    "EXPIRED",
}
ABSENT = "ABSENT"
KNOWN = LIVING | DEAD | {ABSENT}
NOT_RUNNING = KNOWN - {"RUNNING"}
RECEIVING = {"Enabled", "Enabling"}
CAN_CONSUME = {"Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating"}

PHASES = ("disable", "stop", "start", "enable")

Judge = Callable[[str, datetime], bool]
"""A predicate of a pipeline, by name, at an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapping:
    """A mapping as AWS answered it: its state, since when, and what it joins."""

    state: str
    changed_at: datetime | None = None
    source_arn: str = ""
    function_arn: str = ""
    window: timedelta = timedelta(0)

    @property
    def of_sqs(self) -> bool:
        return ":sqs:" in self.source_arn


UNREAD = _Mapping(state="")
NO_MAPPING = _Mapping(state=NO_CONSUMER)
"""Of a pipeline without a consumer, of which nothing is asked."""


class Monitor:
    """Collects violations; needs every call (``aws.listen(monitor.on_call)``) and the bounds of each tick.

    ``begin_invocation`` before the first tick of each invocation is optional. What was answered is forgotten
    between ticks, but for the timeouts of functions, which a controller may keep until ``lose_memory``.

    ``wants_consumption`` and ``hands_off`` say what is desired, by another route than the controller's own if
    possible.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        wants_consumption: Judge,
        hands_off: Judge = lambda _pipeline, _at: False,
        duties: Duties | None = None,
    ) -> None:
        self.violations: list[Violation] = []
        self.follow(pipelines)
        self._wants_consumption = wants_consumption
        self._hands_off = hands_off
        self._duties = duties
        self._seen_otherwise: set[str] = set()
        self._disabled_since: dict[str, datetime] = {}
        self._timeouts: dict[str, tuple[timedelta, datetime]] = {}
        self._started: set[str] | None = None
        self._hearers: Mapping[str, Callable[[SentCall], None]] = {
            "DescribeProjects": self._projects,
            "DescribeProjectVersions": self._versions,
            "GetEventSourceMapping": self._mapping,
            "GetFunctionConfiguration": self._function,
            "GetQueueAttributes": self._counts,
            "StartProjectVersion": self._start,
            "StopProjectVersion": self._stop,
            "UpdateEventSourceMapping": self._update,
        }
        self.begin_tick()

    def follow(self, pipelines: Sequence[Pipeline]) -> None:
        """Use the pipelines of another configuration."""
        self._pipelines = tuple(pipelines)
        self._arns = _by_project(arn for pipeline in pipelines for arn in pipeline.model.arns)

    def lose_memory(self) -> None:
        """The controller's process began anew, without its memory."""
        self._timeouts.clear()
        self._disabled_since.clear()
        self._seen_otherwise.clear()
        if self._duties is not None:
            self._duties.forget()

    def begin_invocation(self) -> None:
        self._started = set()

    def begin_tick(self, at: datetime | None = None) -> None:
        """Forget the answers: every tick must read for itself.

        ``at`` is when the tick read the clock, where its calls take time.
        """
        self._began_at = at
        self._status: dict[str, str] = {}
        self._mappings: dict[str, _Mapping] = {}
        self._in_flight: dict[str, int] = {}
        self._disables: set[str] = set()
        self._tried: dict[str, set[str]] = {}
        self._rank = 0
        self._environments: dict[str, str] = {}

    def end_tick(self, at: datetime) -> None:
        for pipeline in self._pipelines:
            status, mapping = self._status.get(pipeline.model.arn), self._seen_mapping(pipeline)
            exposed = status in NOT_RUNNING and mapping.state in RECEIVING
            tried = pipeline.mapping_uuid in self._disables
            if exposed and mapping.of_sqs and not tried and not self._hands_off(pipeline.name, at):
                self._violated("S3", at, pipeline.name, f"left {mapping.state} while the model was {status}")
            if self._duties is not None:
                for detail in self._duties.left_undone(self._answers(pipeline, mapping, at)):
                    self._violated("LEFT", at, pipeline.name, detail)

    def _answers(self, pipeline: Pipeline, mapping: _Mapping, at: datetime) -> TickAnswers:
        tried = self._tried.get(pipeline.name, set())
        started = {"start"} if pipeline.name in (self._started or ()) else set()
        return TickAnswers(
            at=at,
            pipeline=pipeline,
            status=self._status.get(pipeline.model.arn),
            mapping=mapping.state,
            of_sqs=mapping.of_sqs,
            drained=mapping.state == ABSENT or self._surely_drained(pipeline, mapping, at),
            tried=frozenset(tried | started),
        )

    def _surely_drained(self, pipeline: Pipeline, mapping: _Mapping, at: datetime) -> bool:
        uuid = pipeline.mapping_uuid
        if uuid is None or mapping.state != "Disabled" or not mapping.of_sqs:
            return False
        off_since = max(self._disabled_since.get(uuid, at), mapping.changed_at or at)
        limit = max(self._drain_limit(pipeline, mapping, at), pipeline.settings.drain or DRAIN_LIMIT)
        return at - off_since >= limit

    def _try(self, operation: str, pipeline: Pipeline, at: datetime) -> None:
        """Note a try; check its place within the tick, and whether it can be desired."""
        self._tried.setdefault(pipeline.name, set()).add(operation)
        rank = PHASES.index(operation)
        if rank < self._rank:
            self._violated("ORDER", at, pipeline.name, f"{operation} after {PHASES[self._rank]}")
        self._rank = max(self._rank, rank)
        running = self._status.get(pipeline.model.arn) == "RUNNING"
        if self._duties is None or (operation == "disable" and not running):
            return
        said = self._duties.unwanted(operation, pipeline.name, at)
        if said is not None:
            self._violated("UNWANTED", at, pipeline.name, said)

    def on_call(self, call: SentCall) -> None:
        hearer = self._hearers.get(call.request.operation)
        if hearer is not None:
            hearer(call)

    def _projects(self, call: SentCall) -> None:
        if call.answer is not None and not call.answer["ProjectDescriptions"]:
            for pipeline in self._pipelines:
                if pipeline.model.project == call.request.resource:
                    self._status[pipeline.model.arn] = ABSENT

    def _versions(self, call: SentCall) -> None:
        parameters, arns = call.request.parameters, self._arns.get(_project(call.request.resource), ())
        if "NextToken" not in parameters:
            self._forget(arns)
        found = _descriptions(call.answer)
        self._status.update((arn, found[arn]) for arn in arns if arn in found)
        complete = call.answer is not None and "NextToken" not in call.answer
        if call.code == "ResourceNotFoundException" or (complete and "VersionNames" not in parameters):
            self._status.update((arn, ABSENT) for arn in arns if arn not in self._status)

    def _mapping(self, call: SentCall) -> None:
        uuid = call.request.resource
        self._mappings.pop(uuid, None)
        if call.answer is not None:
            self._mappings[uuid] = _seen(call.answer)
        elif call.code == "ResourceNotFoundException":
            self._mappings[uuid] = _Mapping(state=ABSENT)
        if uuid in self._mappings and self._mappings[uuid].state == "Disabled":
            self._disabled_since.setdefault(uuid, self._began_at or call.at)
        elif uuid in self._mappings:
            self._disabled_since.pop(uuid, None)
            self._seen_otherwise.add(uuid)

    def _function(self, call: SentCall) -> None:
        if call.answer is not None:
            timeout_s = call.answer["Timeout"]
            assert isinstance(timeout_s, int)  # noqa: S101 - as in _descriptions
            function = _unqualified(str(call.answer["FunctionArn"]))
            self._timeouts[function] = timedelta(seconds=timeout_s), call.at
            self._environments[function] = repr(call.answer.get("Environment"))

    def _counts(self, call: SentCall) -> None:
        self._in_flight.pop(call.request.resource, None)
        attributes = call.answer["Attributes"] if call.answer is not None else None
        if isinstance(attributes, dict) and "ApproximateNumberOfMessagesNotVisible" in attributes:
            self._in_flight[call.request.resource] = int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def _start(self, call: SentCall) -> None:
        arn, owner = call.request.resource, self._owner(call.request.resource)
        if owner is None or owner.model.arn != arn:
            name = owner.name if owner else ""
            self._violated("S4", call.at, name, f"started {arn}, which is the model of no pipeline")
            return
        self._require_hands_on(call, owner)
        self._require_first_start(call, owner)
        self._require_units(call, owner)
        self._try("start", owner, call.at)
        said = self._duties.too_soon(owner, call, self._status.get(arn)) if self._duties is not None else None
        if said is not None:
            self._violated("BACKOFF", call.at, owner.name, said)
        status, mapping = self._status.get(arn), self._seen_mapping(owner)
        if status not in STARTABLE:
            self._violated("S4", call.at, owner.name, f"started a model that was answered {status}")
        if owner.consumer is not None and (mapping.state not in CAN_CONSUME or not mapping.of_sqs):
            said = mapping.state or "unread"
            self._violated("S8", call.at, owner.name, f"started with the mapping {said} {mapping.source_arn}")

    def _stop(self, call: SentCall) -> None:
        arn, owner = call.request.resource, self._owner(call.request.resource)
        if owner is None:
            self._violated("S4", call.at, "", f"stopped {arn}, which is in no pipeline")
            return
        self._require_hands_on(call, owner)
        retired, status = arn != owner.model.arn, self._status.get(arn)
        if not retired:
            self._try("stop", owner, call.at)
        if status not in ({"RUNNING"} if retired else LIVING):
            self._violated("S4", call.at, owner.name, f"stopped a model that was answered {status}")
        if not (retired and self._is_superseded(owner, arn)):
            self._require_drained(call, owner)

    def _is_superseded(self, owner: Pipeline, retired: str) -> bool:
        """Whether the consumer's function, as answered in this tick, names the model and not this version."""
        function = _unqualified(self._seen_mapping(owner).function_arn)
        environment = self._environments.get(function, "")
        return owner.model.arn in environment and retired not in environment

    def _require_drained(self, call: SentCall, owner: Pipeline) -> None:
        mapping = self._seen_mapping(owner)
        if mapping.state not in {"Disabled", ABSENT, NO_CONSUMER}:
            self._violated("S2", call.at, owner.name, f"stopped with the mapping {mapping.state or 'unread'}")
        elif mapping.state == "Disabled" and not self._drained(owner, mapping, call.at):
            self._violated("S2", call.at, owner.name, "stopped before the work in flight had ended")

    def _update(self, call: SentCall) -> None:
        uuid, parameters = call.request.resource, call.request.parameters
        owner = next((each for each in self._pipelines if each.mapping_uuid == uuid), None)
        name = owner.name if owner else ""
        if owner is not None:
            self._require_hands_on(call, owner)
        if set(parameters) != {"UUID", "Enabled"}:
            self._violated("S6", call.at, name, f"wrote {', '.join(sorted(parameters))}")
        status = self._status.get(owner.model.arn) if owner else None
        if status not in KNOWN:
            self._violated("S4", call.at, name, f"updated the mapping of a model that was answered {status}")
        if owner is not None:
            self._try("disable" if parameters.get("Enabled") is False else "enable", owner, call.at)
        if parameters.get("Enabled") is False:
            self._disables.add(uuid)
        else:
            self._judge_enabling(call.at, name, status)

    def _judge_enabling(self, at: datetime, name: str, status: str | None) -> None:
        if status != "RUNNING":
            self._violated("S1", at, name, f"enabled while the model was answered {status}")
        if not self._wants_consumption(name, at):
            self._violated("S1", at, name, "enabled when consumption was not wanted")

    def _drained(self, pipeline: Pipeline, mapping: _Mapping, at: datetime) -> bool:
        uuid = pipeline.own_consumer.event_source_mapping
        off_for = at - self._off_since(uuid, mapping, at)
        empty = self._in_flight.get(mapping.source_arn.rsplit(":", 1)[-1]) == 0
        return (off_for >= QUIET and empty) or off_for >= self._drain_limit(pipeline, mapping, at)

    def _off_since(self, uuid: str, mapping: _Mapping, at: datetime) -> datetime:
        """The later of AWS's time and the first answer, if another state was answered before."""
        seen_at, changed_at = self._disabled_since.get(uuid, at), mapping.changed_at
        if changed_at is None or changed_at > at + CLOCK_DIFFERENCE:
            return seen_at
        return max(seen_at, changed_at) if uuid in self._seen_otherwise else changed_at

    def _drain_limit(self, pipeline: Pipeline, mapping: _Mapping, at: datetime) -> timedelta:
        """At least as long as an invocation may take by the last answer; an old one can only lengthen it."""
        given = pipeline.settings.drain
        if _unqualified(mapping.function_arn) not in self._timeouts:
            return given or DRAIN_LIMIT
        timeout, answered_at = self._timeouts[_unqualified(mapping.function_arn)]
        least = (given or timedelta(0)) if at - answered_at < ANSWER_HOLDS else (given or DRAIN_LIMIT)
        return max(timeout + mapping.window + DRAIN_MARGIN, least)

    def _require_hands_on(self, call: SentCall, owner: Pipeline) -> None:
        if self._hands_off(owner.name, call.at):
            self._violated(
                "AS_IS", call.at, owner.name, f"{call.request.operation} under a hold of hands off"
            )

    def _require_units(self, call: SentCall, owner: Pipeline) -> None:
        asked = (
            call.request.parameters.get("MinInferenceUnits"),
            call.request.parameters.get("MaxInferenceUnits"),
        )
        if asked != (owner.model.inference_units, owner.model.max_inference_units):
            self._violated("UNITS", call.at, owner.name, f"started with units {asked[0]} to {asked[1]}")

    def _require_first_start(self, call: SentCall, owner: Pipeline) -> None:
        if self._started is None:
            return
        if owner.name in self._started:
            self._violated("ONCE", call.at, owner.name, "started twice in one invocation")
        self._started.add(owner.name)

    def _owner(self, arn: str) -> Pipeline | None:
        """The pipeline of a version, retired ones too; a pipeline's own model comes first."""
        own = (pipeline for pipeline in self._pipelines if pipeline.model.arn == arn)
        retired = (pipeline for pipeline in self._pipelines if arn in pipeline.model.retired)
        return next(own, None) or next(retired, None)

    def _seen_mapping(self, pipeline: Pipeline) -> _Mapping:
        uuid = pipeline.mapping_uuid
        return NO_MAPPING if uuid is None else self._mappings.get(uuid, UNREAD)

    def _forget(self, arns: Sequence[str]) -> None:
        for arn in arns:
            self._status.pop(arn, None)

    def _violated(self, rule: str, at: datetime, pipeline: str, detail: str) -> None:
        self.violations.append(Violation(rule=rule, at=at, pipeline=pipeline, detail=detail))


@cache
def _project(arn: str) -> str:
    """Account, region and name of the project that an ARN of a project or a version belongs to."""
    return "/".join(arn.split("/", 2)[:2])


def _by_project(arns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for arn in arns:
        found[_project(arn)] = (*found.get(_project(arn), ()), arn)
    return found


def _descriptions(answer: Answer | None) -> dict[str, str]:
    """Statuses by ARN."""
    described = answer["ProjectVersionDescriptions"] if answer is not None else []
    assert isinstance(described, list)  # noqa: S101 - narrows the type of an answer that the contract tests check
    return {version["ProjectVersionArn"]: version["Status"] for version in described}


def _seen(answer: Answer) -> _Mapping:
    changed_at, window_s = answer.get("LastModified"), answer.get("MaximumBatchingWindowInSeconds")
    return _Mapping(
        state=str(answer["State"]),
        changed_at=changed_at if isinstance(changed_at, datetime) else None,
        source_arn=str(answer.get("EventSourceArn", "")),
        function_arn=str(answer.get("FunctionArn", "")),
        window=timedelta(seconds=window_s if isinstance(window_s, int) else 0),
    )


def _unqualified(function_arn: str) -> str:
    """Without the version or the alias."""
    return ":".join(function_arn.split(":")[:7])
