"""Checks of one pipeline: its model, mapping, function, queue and dead-letter queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from controller.account.competing_schedules import other_rules, other_schedules
from controller.account.concurrency import concurrency, reserved
from controller.account.facts import Neighbour, PipelineFacts
from controller.account.findings import Check, Remark, Unreadable, advice, require, serious, unknown
from controller.account.permissions import refusals
from controller.aws.mapping import MappingDescription
from controller.aws.queue import QueueSettings, Redrive
from controller.config.arns import FIFO, models_in, unqualified
from controller.config.retention_check import retention_finding
from controller.core.settings import LONGEST_RETENTION
from controller.core.states import MappingState, ModelStatus, in_words
from controller.core.table import ModelClass, classify_model
from controller.core.timefmt import compact
from controller.costs import usd_per_day

TIMEOUTS: Final = 6
"""Visibility timeout in timeouts of the function, the batching window on top.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""
LEAST_RECEIVES: Final = 5
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
ADVISED_UNITS: Final = 2
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html"""
DEFAULT_UNITS_QUOTA: Final = 5
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html"""

FIRST_UNITS_METRIC: Final = datetime(2022, 8, 1, tzinfo=UTC)
"""Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-model-usage.html"""

BILLED: Final = frozenset({ModelStatus.RUNNING, ModelStatus.STARTING})
"""Paid for, or about to be."""


def model(facts: PipelineFacts) -> Iterator[Remark]:
    require(facts.versions)
    own, arn = facts.model, facts.pipeline.model.arn
    if own is None:
        yield serious(f"there is no model {arn}", "correct model.arn; `versions` lists those of the project")
    elif own.status is ModelStatus.UNKNOWN:
        yield unknown(f"this release does not know the model's status: {in_words(own.status, own.word)}")
    elif classify_model(own.status) is ModelClass.UNUSABLE:
        said = f" ({own.message})" if own.message else ""
        yield serious(
            f"the model is {own.status}{said}: it can neither serve nor be started",
            "name another version of the project in model.arn; `versions` lists them",
        )


def mapping(facts: PipelineFacts) -> Iterator[Remark]:
    """Names what is behind the UUID, since the file has nothing else of the mapping."""
    consumer = facts.pipeline.consumer
    if consumer is None:
        return
    uuid = consumer.event_source_mapping
    if isinstance(facts.mapping, Unreadable) and facts.mapping.absent:
        yield serious(
            f"there is no event source mapping {uuid} in {consumer.target.region}",
            f"correct consumer.event_source_mapping or the region; {successors(facts)}",
        )
        return
    seen = require(facts.mapping)
    if seen.state is MappingState.NOT_SQS:
        source = seen.source_arn or "something without an ARN"
        yield serious(
            f"{uuid} carries {source} to {seen.function_arn}: no SQS queue feeds it",
            "name the mapping of the images' queue in consumer.event_source_mapping",
        )
    elif seen.state is MappingState.DELETING:
        yield serious(
            f"{uuid} is being deleted", f"name the mapping that takes its place; {successors(facts)}"
        )
    elif seen.state is MappingState.UNKNOWN:
        yield unknown(f"this release does not know the state of {uuid}: {in_words(seen.state, seen.word)}")


def function(facts: PipelineFacts) -> Iterator[Remark]:
    require(facts.mapping)
    if isinstance(facts.function, Unreadable) and facts.function.absent:
        yield serious(facts.function.why, facts.function.remedy or "make it again")
        return
    arn = require(facts.function).arn
    if require(facts.reserved) == 0:
        yield serious(
            f"{arn} never runs: no concurrency is left to it",
            f"aws lambda delete-function-concurrency --function-name {unqualified(arn)}",
        )


def function_model(facts: PipelineFacts) -> Iterator[Remark]:
    """The function calls another model than the file runs: every call would be refused."""
    settings, own = require(facts.function), facts.pipeline.model.arn
    asked = {arn: name for name, value in settings.environment.items() for arn in models_in(value)}
    if asked and own not in asked:
        arn, name = next(iter(asked.items()))
        yield serious(
            f"the function asks {arn} (its variable {name}), and the file runs {own}",
            "bring them together: the variable of the function, or model.arn in the file",
        )


def queue(facts: PipelineFacts) -> Iterator[Remark]:
    arn = require(facts.mapping).queue_arn
    if arn is not None and isinstance(facts.queue, Unreadable) and facts.queue.absent:
        yield serious(facts.queue.why, facts.queue.remedy or "make it again")
    elif arn is not None and arn.endswith(FIFO):
        yield serious(
            f"{arn} is a FIFO queue, which this controller does not support: one image that fails holds back "
            "its whole message group, and S3 sends to standard queues only",
            "let a standard queue feed the function, and name its mapping in consumer.event_source_mapping",
        )


def visibility(facts: PipelineFacts) -> Iterator[Remark]:
    seen, timeout = require(facts.queue).visibility, require(facts.function).timeout
    window = require(facts.mapping).batching_window
    least = TIMEOUTS * timeout + window
    if seen >= least:
        return
    window_told = f" and the batching window of {compact(window)}" if window else ""
    said = (
        f"received messages stay invisible for {compact(seen)}; Lambda asks for {TIMEOUTS} times "
        f"the function's timeout ({compact(timeout)}){window_told}, {compact(least)}"
    )
    remedy = f"set the queue's visibility timeout to {int(least.total_seconds())} seconds"
    if seen < timeout + window:
        yield serious(f"{said}: images are labelled twice, and receive counts burn", remedy)
    else:
        yield advice(f"{said}: under throttling receive counts burn", remedy)


def redrive(facts: PipelineFacts) -> Iterator[Remark]:
    found = require(facts.queue).redrive
    if found is None:
        yield serious(
            "the queue has no dead-letter queue: an image that cannot be labelled is tried until it expires, "
            "and then lost",
            "give the queue a RedrivePolicy with a dead-letter queue (14d) and a maxReceiveCount of 10",
        )
    elif found.max_receives < LEAST_RECEIVES:
        yield advice(
            f"a message goes to the dead-letter queue after {found.max_receives} receives; throttled ones "
            "count, too",
            f"set maxReceiveCount to {LEAST_RECEIVES} or more",
        )


def dead_letters(facts: PipelineFacts) -> Iterator[Remark]:
    """A message's age counts from its first arrival, so the second queue must keep it for longer."""
    source = require(facts.queue)
    if source.redrive is None:
        return
    if isinstance(facts.dead_letters, Unreadable) and facts.dead_letters.absent:
        yield _no_dead_letters(source.redrive)
        return
    found = require(facts.dead_letters)
    if _outlasts(found, source):
        return
    yield serious(
        f"the dead-letter queue keeps messages for {compact(found.retention)} and the queue for "
        f"{compact(source.retention)}, both counted from the first arrival: what is moved late is lost",
        f"let {_name(found.arn)} keep messages for {compact(LONGEST_RETENTION)}",
    )


def _no_dead_letters(policy: Redrive) -> Remark:
    return serious(
        f"the dead-letter queue {policy.queue_arn} does not exist: what is to be moved there stays",
        "make it, or name another one in the queue's RedrivePolicy",
    )


def _outlasts(later: QueueSettings, earlier: QueueSettings) -> bool:
    return later.retention > earlier.retention or later.retention >= LONGEST_RETENTION


def retention(facts: PipelineFacts) -> Iterator[Remark]:
    own, assumed = require(facts.queue).retention, facts.pipeline.own_consumer.retention
    if found := retention_finding(facts.pipeline, facts.schedule, facts.now, own):
        yield (serious if found.lost else advice)(found.outcome, found.remedy)
    if own != assumed:
        yield advice(
            f"the queue keeps messages for {compact(own)}; the file assumes {compact(assumed)}, and so "
            "do validate and simulate",
            f"write consumer: {{retention: {compact(own)}}}",
        )


def partial_batches(facts: PipelineFacts) -> Iterator[Remark]:
    seen = require(facts.mapping)
    require(facts.queue)
    if seen.partial_batches or seen.batch_size == 1:
        return
    uuid = facts.pipeline.own_consumer.event_source_mapping
    yield advice(
        f"one image that fails brings its whole batch back ({seen.batch_size} messages at most), and all of "
        "their receive counts burn",
        "let the function answer with batchItemFailures, then: aws lambda update-event-source-mapping "
        f"--uuid {uuid} --function-response-types ReportBatchItemFailures",
    )


def units(facts: PipelineFacts) -> Iterator[Remark]:
    pipeline = facts.pipeline
    if pipeline.model.inference_units < ADVISED_UNITS:
        yield advice(
            "AWS advises 2 inference units in production: one has no spare in another availability zone",
            f"inference_units: {ADVISED_UNITS}, for {pipeline.unit_hour_usd:.2f} USD more an hour of running",
        )


def units_quota(facts: PipelineFacts) -> Iterator[Remark]:
    model = facts.pipeline.model
    quota = None if isinstance(facts.quotas, Unreadable) else facts.quotas.units_per_model
    wanted = max(model.inference_units, model.max_inference_units or 0)
    allowed, source = (quota, "the quota") if quota is not None else (DEFAULT_UNITS_QUOTA, "AWS's default")
    if wanted > allowed:
        yield serious(
            f"{_units(wanted)} are more than {source} of {allowed} a model: AWS refuses the start",
            "raise the quota (Service Quotas, Amazon Rekognition), or lower the units",
        )


def units_metric(facts: PipelineFacts) -> Iterator[Remark]:
    """By the day on which the version was created, which is before its training ends."""
    created_at = facts.model.created_at if facts.model is not None else None
    if created_at is not None and created_at < FIRST_UNITS_METRIC:
        budget = facts.pipeline.settings.budget
        misses = "`status` and the dashboard" if budget is None else "`status`, the dashboard and the budget"
        yield advice(
            f"the model was created on {created_at:%Y-%m-%d}; CloudWatch has no InServiceInferenceUnits of "
            f"models that were trained before August 2022: {misses} go without AWS's count of its unit-hours",
            "train a new version, or trust AWS's bill (Cost Explorer) for what this one costs",
        )


def other_versions(facts: PipelineFacts) -> Iterator[Remark]:
    for version in require(facts.versions):
        if version.status in BILLED and version.arn not in facts.known:
            price = f"{usd_per_day(facts.pipeline, version.units or 1):,.2f} USD a day"
            yield serious(
                f"{version.arn} is {version.status} and unknown to the file: {price}",
                "write it into model.retired, and it is stopped by the same rules; or into model.arn",
            )


def permissions(facts: PipelineFacts) -> Iterator[Remark]:
    if isinstance(facts.permissions, Unreadable):
        answered = ", ".join(name for name, ok in facts.reads() if ok) or "nothing"
        yield unknown(
            f"{facts.permissions.why}; tried instead, and answered: {answered}. Starts, stops and switches "
            "are tried by nothing but themselves",
            facts.permissions.remedy,
        )
    else:
        yield from refusals(facts.permissions)


def _units(number: int) -> str:
    return f"{number} inference {'unit' if number == 1 else 'units'}"


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What ``other`` has in common with the pipeline's own mapping."""

    queue: bool
    function: bool

    def __str__(self) -> str:
        parts = (("the same queue", self.queue), ("the same function", self.function))
        return " and ".join(text for text, found in parts if found)


def other_mappings(facts: PipelineFacts) -> Iterator[Remark]:
    own = require(facts.mapping)
    for each in require(facts.neighbours):
        shared = _shared(own, each.mapping)
        if (shared.queue or shared.function) and each.mapping.state is not MappingState.DELETING:
            yield _beside(each, shared)


def _shared(own: MappingDescription, other: MappingDescription) -> _Shared:
    """An alias is of the same function."""
    functions = [unqualified(arn) if arn else None for arn in (own.function_arn, other.function_arn)]
    return _Shared(
        queue=own.queue_arn is not None and own.queue_arn == other.queue_arn,
        function=functions[0] is not None and functions[0] == functions[1],
    )


def _beside(other: Neighbour, shared: _Shared) -> Remark:
    mapping, uuid = other.mapping, other.uuid
    told = f"the mapping {uuid} ({mapping.source_arn} to {mapping.function_arn}) has {shared}"
    if mapping.state in (MappingState.DISABLED, MappingState.DISABLING):
        return advice(
            f"{told}, and is not in the file; it is {mapping.state}",
            f"aws lambda delete-event-source-mapping --uuid {uuid}, so that nobody enables it",
        )
    state = "may be enabled" if mapping.state is MappingState.NOT_SQS else f"is {mapping.state}"
    return serious(
        f"{told}, is not in the file and {state}: it goes on while the model is off, and its messages are "
        "refused until they are dead-lettered",
        f"aws lambda update-event-source-mapping --uuid {uuid} --no-enabled; then delete it, or give it a "
        "pipeline in the file",
    )


def successors(facts: PipelineFacts) -> str:
    """Which mapping may have taken the place of one that is gone, as the end of a remedy."""
    if isinstance(facts.neighbours, Unreadable):
        return "`aws lambda list-event-source-mappings` shows them"
    ranked = sorted(
        (each for each in facts.neighbours if each.mapping.queue_arn is not None),
        key=lambda each: (not each.names_model, each.uuid),
    )
    if not ranked:
        return "no other mapping of a queue is there: create one"
    best = [each for each in ranked if each.names_model] or ranked
    listed = "; ".join(map(_candidate, best[:_SHOWN]))
    more = f"; and {len(best) - _SHOWN} more" if len(best) > _SHOWN else ""
    return f"it may have been made anew as {listed}{more}"


def _candidate(each: Neighbour) -> str:
    model = ", whose function names the model" if each.names_model else ""
    return f"{each.uuid} ({each.mapping.queue_arn} to {each.mapping.function_arn}{model})"


CHECKS: Final[dict[str, Check[PipelineFacts]]] = {
    "model": model,
    "mapping": mapping,
    "other-mappings": other_mappings,
    "function": function,
    "function-model": function_model,
    "queue": queue,
    "visibility": visibility,
    "redrive": redrive,
    "dead-letters": dead_letters,
    "retention": retention,
    "concurrency": concurrency,
    "reserved": reserved,
    "partial-batches": partial_batches,
    "units": units,
    "units-quota": units_quota,
    "units-metric": units_metric,
    "other-versions": other_versions,
    "rules": other_rules,
    "schedules": other_schedules,
    "permissions": permissions,
}
