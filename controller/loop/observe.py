"""Reads AWS for the decision; writes nothing. A read that fails becomes a value (UNREADABLE) and an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from controller.aws.calls import CallWindow
from controller.aws.codes import is_queue_absent
from controller.aws.function import FunctionSettings
from controller.aws.mapping import MappingDescription
from controller.aws.rekognition import Version
from controller.aws.remedies import format_error
from controller.config.model import Model, Pipeline
from controller.core.inputs import Fact
from controller.core.observed import NamedVersions, Observed, OtherVersion
from controller.core.states import MappingState, ModelStatus
from controller.core.timefmt import month_start
from controller.errors import AwsError
from controller.loop.context import LoopContext, PipelineContext, PipelineTick, UnobservedTick, job_name

OBSERVE_S = 11.0
"""A pipeline whose observation takes longer is reported as not observed; most take a tenth of a second.

No action begins before: so long do others wait for a pipeline whose calls hang. It is long enough for an
attempt that cannot connect (three seconds) and is repeated, and for a place in the rate of calls.
"""
OBSERVE_SHARE = 0.6
"""Of the time that a tick has, for observing; the rest is for acting."""


def each_observed(
    loop: LoopContext, now: datetime, planned: Callable[[PipelineContext], PipelineTick]
) -> dict[str, PipelineTick]:
    """The result of ``planned`` for each pipeline, by name: side by side, in the time for observing."""
    busy, window = loop.workers.busy, CallWindow()
    jobs = {
        job_name("observe", context): partial(window.run, partial(planned, context))
        for context in _accounts_interleaved(loop.contexts)
        if job_name("observe", context) not in busy
    }
    ticks = loop.workers.run(jobs, patience_s=OBSERVE_S, until_s=_observe_until_s(loop))
    window.close()
    return {
        context.name: ticks.get(job_name("observe", context)) or UnobservedTick(context=context, now=now)
        for context in loop.contexts
    }


def _accounts_interleaved(contexts: tuple[PipelineContext, ...]) -> list[PipelineContext]:
    """One pipeline of each account, then another of each: calls of one account wait for its quota."""
    places: Counter[str] = Counter()
    order: list[tuple[int, PipelineContext]] = []
    for context in contexts:
        account = context.pipeline.model.account
        order.append((places[account], context))
        places[account] += 1
    return [context for _, context in sorted(order, key=lambda each: each[0])]


def _observe_until_s(loop: LoopContext) -> float | None:
    if loop.until_s is None:
        return None
    now_s = loop.monotonic()
    return now_s + (loop.until_s - now_s) * OBSERVE_SHARE


def observe(context: PipelineContext, project_arn: str | None) -> tuple[Observed, str | None]:
    """The state of model and mapping, and the project ARN to remember (``None``: to be looked up).

    A call that fails makes its half UNREADABLE; the other half is read all the same.
    """
    errors: list[str] = []
    versions, known = _project_versions(context, project_arn, errors)
    mapping = _mapping(context, errors)
    own = _own_version(context.pipeline, versions)
    return Observed(
        model=own.status,
        model_word=own.word,
        model_message=own.message,
        units=own.units,
        max_units=own.max_units,
        others=_other_versions(context, versions or ()),
        mapping=mapping.state,
        mapping_word=mapping.word,
        mapping_changed_at=mapping.last_modified,
        mapping_reason=mapping.transition_reason,
        function_arn=mapping.function_arn,
        queue_arn=mapping.queue_arn,
        batching_window=mapping.batching_window,
        errors=tuple(errors),
    ), known


def _project_versions(
    context: PipelineContext, project_arn: str | None, errors: list[str]
) -> tuple[tuple[Version, ...] | None, str | None]:
    """Versions of the project (``None``: unreadable), and its ARN (``None``: there is no such project)."""
    known = context.pipeline.model.project_arn or project_arn
    try:
        known = known or context.models.project_arn(context.pipeline.model.project)
        versions = context.models.versions(known) if known is not None else None
    except AwsError as error:
        errors.append(format_error(error))
        return None, known
    return (versions, known) if versions is not None else ((), None)


def _mapping(context: PipelineContext, errors: list[str]) -> MappingDescription:
    uuid = context.pipeline.mapping_uuid
    if uuid is None:
        return MappingDescription(state=MappingState.NONE)
    try:
        return context.mappings.get(uuid)
    except AwsError as error:
        errors.append(format_error(error))
        return MappingDescription(state=MappingState.UNREADABLE)


def _own_version(pipeline: Pipeline, versions: tuple[Version, ...] | None) -> Version:
    """The version that is this pipeline's model; one that is ABSENT or UNREADABLE where there is none."""
    for version in versions or ():
        if version.arn == pipeline.model.arn:
            return version
    status = ModelStatus.UNREADABLE if versions is None else ModelStatus.ABSENT
    return Version(arn=pipeline.model.arn, status=status, message=None, units=None, max_units=None)


def _other_versions(context: PipelineContext, versions: tuple[Version, ...]) -> tuple[OtherVersion, ...]:
    """Those that are RUNNING, and paid for, and that no other pipeline names."""
    pipeline = context.pipeline
    return tuple(
        OtherVersion(arn=version.arn, units=version.units, retired=version.arn in pipeline.model.retired)
        for version in versions
        if version.status is ModelStatus.RUNNING
        and version.arn != pipeline.model.arn
        and version.arn not in context.siblings
    )


def with_facts(
    context: PipelineContext, observed: Observed, needs: Iterable[Fact], now: datetime
) -> Observed:
    """``observed`` with the facts of ``needs`` that can be read; of the others, with the errors."""
    for fact in needs:
        try:
            observed = _with_fact(context, observed, fact, now)
        except AwsError as error:
            missing = observed.queue_missing or (fact is Fact.COUNTS and is_queue_absent(error))
            observed = replace(
                observed, queue_missing=missing, errors=(*observed.errors, format_error(error))
            )
    return observed


def _with_fact(context: PipelineContext, observed: Observed, fact: Fact, now: datetime) -> Observed:
    queue_arn, function_arn, model = observed.queue_arn, observed.function_arn, context.pipeline.model
    match fact:
        case Fact.COUNTS:
            return replace(observed, queue=context.queues.counts(queue_arn)) if queue_arn else observed
        case Fact.AGE if queue_arn:
            return replace(observed, oldest_age=context.queue_metrics.oldest_message_age(queue_arn, now=now))
        case Fact.FUNCTION if function_arn:
            settings = context.functions.settings(function_arn)
            return replace(observed, function_timeout=settings.timeout, named=_named(model, settings))
        case Fact.HOURS:
            hours = context.model_metrics.unit_hours(
                model.project, model.version, since=month_start(now), until=now
            )
            return replace(observed, unit_hours=hours)
        case _:
            return observed


def _named(model: Model, function: FunctionSettings) -> NamedVersions:
    return NamedVersions(model=function.names(model.arn), retired=any(map(function.names, model.retired)))
