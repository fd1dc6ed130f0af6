"""Reads an account, as far as it may be read; nothing is judged here, and nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final, TypeVar

from controller.account.facts import AccountFacts, Caller, Neighbour, Permissions, PipelineFacts
from controller.account.findings import Seen, Unseen
from controller.account.iam import Known
from controller.account.permissions import of_controller, of_pipeline, of_writers
from controller.aws.bucket import Buckets
from controller.aws.clients import ClientFactory
from controller.aws.codes import is_absent
from controller.aws.function import Functions, FunctionSettings
from controller.aws.identity import Identities, Identity
from controller.aws.mapping import MappingDescription, Mappings
from controller.aws.policies import Denial, Policies, Question
from controller.aws.queue import QueueSettings
from controller.aws.quotas import Quotas, ServiceQuotas
from controller.aws.rekognition import Version
from controller.aws.remedies import remedy
from controller.aws.timers import Rules, Schedules, Timed
from controller.config.model import STANDARD, Config, Pipeline, Target
from controller.core.states import MappingState
from controller.errors import AwsError
from controller.loop.reconcile import Bench, Clock, benches
from controller.storage.deployment import deployment_at
from controller.storage.sources import bucket_of

T = TypeVar("T")

NO_MAPPING: Final = Unseen(why="there is no mapping", absent=True)
NO_QUEUE: Final = Unseen(why="no queue feeds the mapping", absent=True)
NO_FUNCTION: Final = Unseen(why="it is no function", absent=True)
NO_REDRIVE: Final = Unseen(why="the queue has no dead-letter queue", absent=True)

FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:[^:]+:[0-9]+:function:.+")


def seen(read: Callable[[], T]) -> Seen[T]:
    try:
        return read()
    except AwsError as error:
        return Unseen(why=str(error), remedy=remedy(error), absent=is_absent(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """What runs by the clock in one account and region."""

    rules: Seen[tuple[Caller, ...]]
    schedules: Seen[tuple[Caller, ...]]


@dataclass(frozen=True, kw_only=True)
class Look:
    """``role`` is the ARN of the controller's own role; ``None``: whoever calls is the controller."""

    config: Config
    clients: ClientFactory
    clock: Clock
    role: str | None = None

    @cached_property
    def account(self) -> AccountFacts:
        asked_at = self.clock()
        identity = self.identity
        heard_at = self.clock()
        return AccountFacts(
            config=self.config,
            asked_at=asked_at,
            heard_at=heard_at,
            identity=identity,
            versioned=seen(self._versioned),
            deployment=seen(lambda: deployment_at(self.config.file, self.clients)),
            permissions=self._permissions(of_controller(self.config), self._home, self.role),
            quotas={_place(each): self._quotas_of(each.model.target) for each in self.config.pipelines},
        )

    @cached_property
    def pipelines(self) -> tuple[PipelineFacts, ...]:
        return tuple(self._pipeline(bench) for bench in benches(self.config, self.clients))

    @cached_property
    def identity(self) -> Seen[Identity]:
        return seen(lambda: Identities(self.clients("sts", self._home)).own())

    @cached_property
    def _home(self) -> Target:
        """Our own account; the region is one that is surely enabled there."""
        regions = (each.model.target.region for each in self.config.pipelines)
        return Target(region=next(regions, STANDARD.region))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(arn for each in self.config.pipelines for arn in each.model.arns)

    @cached_property
    def _quotas(self) -> dict[Target, Seen[Quotas]]:
        return {}

    @cached_property
    def _clockworks(self) -> dict[Target, Clockwork]:
        return {}

    def _pipeline(self, bench: Bench) -> PipelineFacts:
        pipeline = bench.pipeline
        mapping = _mapping(bench)
        function, queue = _function(bench, mapping), _queue(bench, mapping)
        clockwork = self._clockwork(pipeline)
        return PipelineFacts(
            now=self.account.asked_at,
            pipeline=pipeline,
            schedule=bench.schedule,
            known=self._known,
            versions=seen(lambda: _versions(bench)),
            mapping=mapping,
            neighbours=self._neighbours(pipeline, gone=mapping is NO_MAPPING),
            function=function,
            reserved=_reserved(bench, mapping),
            queue=queue,
            dead_letters=_dead_letters(bench, queue),
            quotas=self._quotas_of(pipeline.model.target),
            rules=clockwork.rules,
            schedules=clockwork.schedules,
            permissions=self._permissions_of(bench, mapping),
        )

    def _neighbours(self, pipeline: Pipeline, *, gone: bool) -> Seen[tuple[Neighbour, ...]]:
        target = pipeline.consumer.target
        if target not in self._mappings:
            self._mappings[target] = seen(Mappings(self.clients("lambda", target)).every)
        found = self._mappings[target]
        if isinstance(found, Unseen):
            return found
        return tuple(
            Neighbour(
                uuid=uuid,
                mapping=each,
                names_model=gone and self._names(each.function_arn, pipeline.model.arn, target),
            )
            for uuid, each in found.items()
            if uuid not in self._in_file
        )

    def _names(self, function_arn: str | None, model_arn: str, target: Target) -> bool:
        if function_arn is None:
            return False
        found = seen(lambda: Functions(self.clients("lambda", target)).settings(function_arn))
        return not isinstance(found, Unseen) and found.names(model_arn)

    @cached_property
    def _in_file(self) -> frozenset[str]:
        return frozenset(each.consumer.event_source_mapping for each in self.config.pipelines)

    @cached_property
    def _mappings(self) -> dict[Target, Seen[dict[str, MappingDescription]]]:
        return {}

    def _versioned(self) -> bool | None:
        bucket = bucket_of(self.config.file)
        return None if bucket is None else Buckets(self.clients("s3", STANDARD)).versioned(bucket)

    def _quotas_of(self, target: Target) -> Seen[Quotas]:
        if target not in self._quotas:
            self._quotas[target] = seen(
                lambda: ServiceQuotas(self.clients("service-quotas", target)).rekognition()
            )
        return self._quotas[target]

    def _clockwork(self, pipeline: Pipeline) -> Clockwork:
        """Where the model is, and where the mapping is."""
        targets = dict.fromkeys((pipeline.model.target, pipeline.consumer.target))
        found = [self._clockwork_of(target) for target in targets]
        return Clockwork(
            rules=_together(each.rules for each in found),
            schedules=_together(each.schedules for each in found),
        )

    def _clockwork_of(self, target: Target) -> Clockwork:
        if target not in self._clockworks:
            rules = seen(lambda: Rules(self.clients("events", target)).timed())
            schedules = seen(lambda: Schedules(self.clients("scheduler", target)).timed())
            settings = cache(lambda arn: self._settings(arn, target))
            may = cache(lambda role: self._may(role, target))
            self._clockworks[target] = Clockwork(
                rules=_callers(rules, settings, may), schedules=_callers(schedules, settings, may)
            )
        return self._clockworks[target]

    def _settings(self, arn: str, target: Target) -> Seen[FunctionSettings]:
        if not FUNCTION.fullmatch(arn):
            return NO_FUNCTION
        return seen(lambda: Functions(self.clients("lambda", target)).settings(arn))

    def _may(self, role: str | None, target: Target) -> Seen[tuple[str, ...]]:
        """What the role may do to some model or mapping of the file."""
        if role is None:
            return NO_FUNCTION
        questions = of_writers(self.config, target)
        denied = self._permissions(questions, target, role)
        if isinstance(denied, Unseen):
            return denied
        refused = {(denial.action, denial.resource) for denial in denied.denied}
        return tuple(
            dict.fromkeys(
                action
                for question in questions
                for action in question.actions
                for resource in question.resources
                if (action, resource) not in refused
            )
        )

    def _permissions_of(self, bench: Bench, mapping: Seen[MappingDescription]) -> Seen[Permissions]:
        pipeline = _with_project(bench)
        questions = of_pipeline(self.config, pipeline, _known_of(mapping))
        target = pipeline.model.target
        return self._permissions(questions, target, target.role_arn or self.role)

    def _permissions(
        self, questions: tuple[Question, ...], target: Target, principal: str | None
    ) -> Seen[Permissions]:
        who = principal or self._caller
        if isinstance(who, Unseen):
            return who
        return seen(lambda: Permissions(principal=who, denied=self._denied(questions, target, who)))

    def _denied(self, questions: tuple[Question, ...], target: Target, who: str) -> tuple[Denial, ...]:
        """Nothing is denied to the root user, of whom the simulator knows nothing."""
        if not questions or who.endswith(":root"):
            return ()
        policies = Policies(self.clients("iam", target))
        return tuple(denial for question in questions for denial in policies.denied(who, question))

    @cached_property
    def _caller(self) -> Seen[str]:
        return self.identity if isinstance(self.identity, Unseen) else self.identity.principal


def _place(pipeline: Pipeline) -> tuple[str, str]:
    return pipeline.model.account, pipeline.model.target.region


def _project_arn(bench: Bench) -> str | None:
    return bench.pipeline.model.project_arn or bench.models.project_arn(bench.pipeline.model.project)


def _versions(bench: Bench) -> tuple[Version, ...]:
    project_arn = _project_arn(bench)
    return (bench.models.versions(project_arn) if project_arn else None) or ()


def _with_project(bench: Bench) -> Pipeline:
    """With the ARN of its project, so that no permission is asked on a pattern where the ARN is known."""
    pipeline = bench.pipeline
    found = seen(lambda: _project_arn(bench))
    project_arn = None if isinstance(found, Unseen) else found
    return replace(pipeline, model=replace(pipeline.model, project_arn=project_arn))


def _mapping(bench: Bench) -> Seen[MappingDescription]:
    found = seen(lambda: bench.mappings.get(bench.pipeline.consumer.event_source_mapping))
    if not isinstance(found, Unseen) and found.state is MappingState.ABSENT:
        return NO_MAPPING
    return found


def _function(bench: Bench, mapping: Seen[MappingDescription]) -> Seen[FunctionSettings]:
    if isinstance(mapping, Unseen):
        return mapping
    arn = mapping.function_arn
    return seen(lambda: bench.functions.settings(arn)) if arn else NO_FUNCTION


def _reserved(bench: Bench, mapping: Seen[MappingDescription]) -> Seen[int | None]:
    if isinstance(mapping, Unseen):
        return mapping
    arn = mapping.function_arn
    return seen(lambda: bench.functions.reserved_concurrency(arn)) if arn else NO_FUNCTION


def _queue(bench: Bench, mapping: Seen[MappingDescription]) -> Seen[QueueSettings]:
    if isinstance(mapping, Unseen):
        return mapping
    arn = mapping.queue_arn
    return seen(lambda: bench.queues.settings(arn)) if arn else NO_QUEUE


def _dead_letters(bench: Bench, queue: Seen[QueueSettings]) -> Seen[QueueSettings]:
    if isinstance(queue, Unseen):
        return queue
    policy = queue.redrive
    return seen(lambda: bench.queues.settings(policy.queue_arn)) if policy else NO_REDRIVE


def _known_of(mapping: Seen[MappingDescription]) -> Known:
    if isinstance(mapping, Unseen):
        return Known()
    arns = (mapping.function_arn, mapping.queue_arn)
    functions, queues = (((arn,) if arn else ()) for arn in arns)
    return Known(functions=functions, queues=queues)


def _callers(
    found: Seen[tuple[Timed, ...]],
    settings: Callable[[str], Seen[FunctionSettings]],
    may: Callable[[str | None], Seen[tuple[str, ...]]],
) -> Seen[tuple[Caller, ...]]:
    if isinstance(found, Unseen):
        return found
    return tuple(_caller(timed, settings(timed.target_arn), may) for timed in found)


def _caller(
    timed: Timed, function: Seen[FunctionSettings], may: Callable[[str | None], Seen[tuple[str, ...]]]
) -> Caller:
    if isinstance(function, Unseen):
        return Caller(timed=timed, environment=function, may=function)
    return Caller(timed=timed, environment=function.environment, may=may(function.role))


def _together(parts: Iterable[Seen[tuple[Caller, ...]]]) -> Seen[tuple[Caller, ...]]:
    """All of them, or why one is unseen."""
    callers: list[Caller] = []
    for part in parts:
        if isinstance(part, Unseen):
            return part
        callers += part
    return tuple(callers)
