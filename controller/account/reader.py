"""Reads a live account for ``doctor``, as far as permissions allow. No checks, no writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final, TypeVar

from controller.account.facts import AccountFacts, Neighbour, Permissions, PipelineFacts, ScheduledCaller
from controller.account.findings import Readable, Unreadable
from controller.account.iam import Known
from controller.account.permissions import of_controller, of_pipeline, of_writers
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
from controller.aws.s3 import Buckets
from controller.aws.timers import Rules, Schedules, Timed
from controller.config.model import STANDARD, Config, Pipeline, Target
from controller.core.states import MappingState
from controller.errors import AwsError
from controller.loop.context import Clock, PipelineContext, pipeline_contexts
from controller.storage.deployment import deployment_at, missing_shards
from controller.storage.sources import bucket_of

T = TypeVar("T")

NO_CONSUMER: Final = Unreadable(why="the pipeline has no consumer", absent=True)
NO_MAPPING: Final = Unreadable(why="there is no mapping", absent=True)
NO_QUEUE: Final = Unreadable(why="no queue feeds the mapping", absent=True)
NO_FUNCTION: Final = Unreadable(why="it is no function", absent=True)
NO_REDRIVE: Final = Unreadable(why="the queue has no dead-letter queue", absent=True)

FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:[^:]+:[0-9]+:function:.+")


def readable(read: Callable[[], T]) -> Readable[T]:
    try:
        return read()
    except AwsError as error:
        return Unreadable(why=str(error), remedy=remedy(error), absent=is_absent(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCallers:
    """Rules and schedules of EventBridge in one account and region."""

    rules: Readable[tuple[ScheduledCaller, ...]]
    schedules: Readable[tuple[ScheduledCaller, ...]]


@dataclass(frozen=True, kw_only=True)
class AccountReader:
    """Reads the facts of all pipelines and of the account; each call is made once.

    ``role`` is the ARN of the controller's own role; ``None``: the caller's identity is the controller's.
    """

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
            versioned=readable(self._versioned),
            deployment=readable(lambda: deployment_at(self.config.file, self.clients)),
            absent_shards=readable(lambda: missing_shards(self.config.file, self.clients)),
            permissions=self._permissions(of_controller(self.config), self._home, self.role),
            quotas={_place(each): self._quotas_of(each.model.target) for each in self.config.pipelines},
        )

    @cached_property
    def pipelines(self) -> tuple[PipelineFacts, ...]:
        return tuple(self._pipeline(context) for context in pipeline_contexts(self.config, self.clients))

    @cached_property
    def identity(self) -> Readable[Identity]:
        return readable(lambda: Identities(self.clients("sts", self._home)).own())

    @cached_property
    def _home(self) -> Target:
        """The caller's own account, in a region that is enabled there."""
        regions = (each.model.target.region for each in self.config.pipelines)
        return Target(region=next(regions, STANDARD.region))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(arn for each in self.config.pipelines for arn in each.model.arns)

    @cached_property
    def _quotas(self) -> dict[Target, Readable[Quotas]]:
        return {}

    @cached_property
    def _clockworks(self) -> dict[Target, ScheduledCallers]:
        return {}

    def _pipeline(self, context: PipelineContext) -> PipelineFacts:
        pipeline = context.pipeline
        mapping = _mapping(context)
        function, queue = _function(context, mapping), _queue(context, mapping)
        clockwork = self._clockwork(pipeline)
        return PipelineFacts(
            now=self.account.asked_at,
            pipeline=pipeline,
            schedule=context.schedule,
            known=self._known,
            versions=readable(lambda: _versions(context)),
            mapping=mapping,
            neighbours=self._neighbours(pipeline, gone=mapping is NO_MAPPING),
            function=function,
            reserved=_reserved(context, mapping),
            queue=queue,
            dead_letters=_dead_letters(context, queue),
            quotas=self._quotas_of(pipeline.model.target),
            rules=clockwork.rules,
            schedules=clockwork.schedules,
            permissions=self._permissions_of(context, mapping),
        )

    def _neighbours(self, pipeline: Pipeline, *, gone: bool) -> Readable[tuple[Neighbour, ...]]:
        if pipeline.consumer is None:
            return NO_CONSUMER
        target = pipeline.consumer.target
        if target not in self._mappings:
            self._mappings[target] = readable(Mappings(self.clients("lambda", target)).every)
        found = self._mappings[target]
        if isinstance(found, Unreadable):
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
        found = readable(lambda: Functions(self.clients("lambda", target)).settings(function_arn))
        return not isinstance(found, Unreadable) and found.names(model_arn)

    @cached_property
    def _in_file(self) -> frozenset[str]:
        return frozenset(each.mapping_uuid for each in self.config.pipelines if each.mapping_uuid is not None)

    @cached_property
    def _mappings(self) -> dict[Target, Readable[dict[str, MappingDescription]]]:
        return {}

    def _versioned(self) -> bool | None:
        bucket = bucket_of(self.config.file)
        return None if bucket is None else Buckets(self.clients("s3", STANDARD)).versioned(bucket)

    def _quotas_of(self, target: Target) -> Readable[Quotas]:
        if target not in self._quotas:
            self._quotas[target] = readable(
                lambda: ServiceQuotas(self.clients("service-quotas", target)).rekognition()
            )
        return self._quotas[target]

    def _clockwork(self, pipeline: Pipeline) -> ScheduledCallers:
        """Where the model is, and where the mapping is."""
        targets = dict.fromkeys(pipeline.targets)
        found = [self._clockwork_of(target) for target in targets]
        return ScheduledCallers(
            rules=_together(each.rules for each in found),
            schedules=_together(each.schedules for each in found),
        )

    def _clockwork_of(self, target: Target) -> ScheduledCallers:
        if target not in self._clockworks:
            rules = readable(lambda: Rules(self.clients("events", target)).timed())
            schedules = readable(lambda: Schedules(self.clients("scheduler", target)).timed())
            settings = cache(lambda arn: self._settings(arn, target))
            may = cache(lambda role: self._may(role, target))
            self._clockworks[target] = ScheduledCallers(
                rules=_callers(rules, settings, may), schedules=_callers(schedules, settings, may)
            )
        return self._clockworks[target]

    def _settings(self, arn: str, target: Target) -> Readable[FunctionSettings]:
        if not FUNCTION.fullmatch(arn):
            return NO_FUNCTION
        return readable(lambda: Functions(self.clients("lambda", target)).settings(arn))

    def _may(self, role: str | None, target: Target) -> Readable[tuple[str, ...]]:
        """What the role may do to some model or mapping of the file."""
        if role is None:
            return NO_FUNCTION
        questions = of_writers(self.config, target)
        denied = self._permissions(questions, target, role)
        if isinstance(denied, Unreadable):
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

    def _permissions_of(
        self, context: PipelineContext, mapping: Readable[MappingDescription]
    ) -> Readable[Permissions]:
        pipeline = _with_project(context)
        questions = of_pipeline(self.config, pipeline, _known_of(mapping))
        target = pipeline.model.target
        return self._permissions(questions, target, target.role_arn or self.role)

    def _permissions(
        self, questions: tuple[Question, ...], target: Target, principal: str | None
    ) -> Readable[Permissions]:
        who = principal or self._caller
        if isinstance(who, Unreadable):
            return who
        return readable(lambda: Permissions(principal=who, denied=self._denied(questions, target, who)))

    def _denied(self, questions: tuple[Question, ...], target: Target, who: str) -> tuple[Denial, ...]:
        """Nothing is denied to the root user, of whom the simulator knows nothing."""
        if not questions or who.endswith(":root"):
            return ()
        policies = Policies(self.clients("iam", target))
        return tuple(denial for question in questions for denial in policies.denied(who, question))

    @cached_property
    def _caller(self) -> Readable[str]:
        return self.identity if isinstance(self.identity, Unreadable) else self.identity.principal


def _place(pipeline: Pipeline) -> tuple[str, str]:
    return pipeline.model.account, pipeline.model.target.region


def _project_arn(context: PipelineContext) -> str | None:
    return context.pipeline.model.project_arn or context.models.project_arn(context.pipeline.model.project)


def _versions(context: PipelineContext) -> tuple[Version, ...]:
    project_arn = _project_arn(context)
    return (context.models.versions(project_arn) if project_arn else None) or ()


def _with_project(context: PipelineContext) -> Pipeline:
    """With the ARN of its project, so that no permission is asked on a pattern where the ARN is known."""
    pipeline = context.pipeline
    found = readable(lambda: _project_arn(context))
    project_arn = None if isinstance(found, Unreadable) else found
    return replace(pipeline, model=replace(pipeline.model, project_arn=project_arn))


def _mapping(context: PipelineContext) -> Readable[MappingDescription]:
    uuid = context.pipeline.mapping_uuid
    if uuid is None:
        return NO_CONSUMER
    found = readable(lambda: context.mappings.get(uuid))
    if not isinstance(found, Unreadable) and found.state is MappingState.ABSENT:
        return NO_MAPPING
    return found


def _function(context: PipelineContext, mapping: Readable[MappingDescription]) -> Readable[FunctionSettings]:
    if isinstance(mapping, Unreadable):
        return mapping
    arn = mapping.function_arn
    return readable(lambda: context.functions.settings(arn)) if arn else NO_FUNCTION


def _reserved(context: PipelineContext, mapping: Readable[MappingDescription]) -> Readable[int | None]:
    if isinstance(mapping, Unreadable):
        return mapping
    arn = mapping.function_arn
    return readable(lambda: context.functions.reserved_concurrency(arn)) if arn else NO_FUNCTION


def _queue(context: PipelineContext, mapping: Readable[MappingDescription]) -> Readable[QueueSettings]:
    if isinstance(mapping, Unreadable):
        return mapping
    arn = mapping.queue_arn
    return readable(lambda: context.queues.settings(arn)) if arn else NO_QUEUE


def _dead_letters(context: PipelineContext, queue: Readable[QueueSettings]) -> Readable[QueueSettings]:
    if isinstance(queue, Unreadable):
        return queue
    policy = queue.redrive
    return readable(lambda: context.queues.settings(policy.queue_arn)) if policy else NO_REDRIVE


def _known_of(mapping: Readable[MappingDescription]) -> Known:
    if isinstance(mapping, Unreadable):
        return Known()
    arns = (mapping.function_arn, mapping.queue_arn)
    functions, queues = (((arn,) if arn else ()) for arn in arns)
    return Known(functions=functions, queues=queues)


def _callers(
    found: Readable[tuple[Timed, ...]],
    settings: Callable[[str], Readable[FunctionSettings]],
    may: Callable[[str | None], Readable[tuple[str, ...]]],
) -> Readable[tuple[ScheduledCaller, ...]]:
    if isinstance(found, Unreadable):
        return found
    return tuple(_caller(timed, settings(timed.target_arn), may) for timed in found)


def _caller(
    timed: Timed, function: Readable[FunctionSettings], may: Callable[[str | None], Readable[tuple[str, ...]]]
) -> ScheduledCaller:
    if isinstance(function, Unreadable):
        return ScheduledCaller(timed=timed, environment=function, may=function)
    return ScheduledCaller(timed=timed, environment=function.environment, may=may(function.role))


def _together(
    parts: Iterable[Readable[tuple[ScheduledCaller, ...]]],
) -> Readable[tuple[ScheduledCaller, ...]]:
    """All of them, or why one is unseen."""
    callers: list[ScheduledCaller] = []
    for part in parts:
        if isinstance(part, Unreadable):
            return part
        callers += part
    return tuple(callers)
