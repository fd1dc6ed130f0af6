"""The loop context and the texts of a tick, for ``plan``, ``status`` and ``reconcile``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from controller.aws.clients import ClientFactory, no_clients
from controller.cli.context import CliContext, Exit
from controller.cli.render.terminal import count, print_error
from controller.config.model import Config, Pipeline
from controller.config.selection import pipeline_named
from controller.core.actions import Action, ActionKind
from controller.core.inputs import Fact
from controller.core.observed import Observed
from controller.core.rules import DesiredState
from controller.core.settings import DEFAULT_TICK
from controller.core.states import Desired, MappingState, ModelStatus
from controller.costs import usd_per_hour
from controller.loop.context import Clock, LoopContext, PipelineContext, pipeline_contexts
from controller.loop.observe import with_facts
from controller.loop.report import PipelineReport, Report
from controller.storage.memories import memories_beside

SIGNS = {
    ActionKind.START_MODEL: ("+", "start model", "green"),
    ActionKind.STOP_MODEL: ("-", "stop model", "red"),
    ActionKind.ENABLE_MAPPING: ("~", "enable mapping", "yellow"),
    ActionKind.DISABLE_MAPPING: ("~", "disable mapping", "yellow"),
}

_STYLES = {
    Desired.ON: "bold green",
    Desired.WARM: "bold yellow",
    Desired.OFF: "bold",
    Desired.AS_IS: "bold magenta",
}


def loop_context(
    cli: CliContext, config: Config, clock: Clock, tick: timedelta = DEFAULT_TICK
) -> LoopContext:
    """The context of a tick; the memories of an ``s3://`` configuration are the Lambda's."""
    memories = memories_beside(config.file, cli.clients)
    return LoopContext(
        contexts=pipeline_contexts(config, cli.clients), memories=memories, clock=clock, tick=tick
    )


def selected_pipeline(
    config: Config, name: str | None, clients: ClientFactory = no_clients
) -> PipelineContext:
    """The pipeline of that name, or the only one; without ``clients`` it does not call AWS."""
    pipeline = pipeline_named(config, name)
    return next(each for each in pipeline_contexts(config, clients) if each.pipeline is pipeline)


def counted(loop_context: LoopContext, report: Report) -> Report:
    """Adds the queue's counts, which a tick reads only if the decision needs them."""
    pairs = zip(loop_context.contexts, report.pipelines, strict=True)
    return replace(
        report,
        pipelines=tuple(_counted(pipeline_context, each, report.at) for pipeline_context, each in pairs),
    )


def _counted(pipeline_context: PipelineContext, report: PipelineReport, now: datetime) -> PipelineReport:
    observed = report.observed
    if observed is None or observed.queue is not None:
        return report
    return replace(report, observed=with_facts(pipeline_context, observed, (Fact.COUNTS,), now))


def retentions(report: Report) -> dict[str, timedelta]:
    """How long the queues keep a message, by pipeline, as far as they could be read."""
    return {
        each.name: each.observed.queue.retention
        for each in report.pipelines
        if each.observed is not None and each.observed.queue is not None
    }


def power(state: DesiredState | None) -> tuple[str, str]:
    """The desired state as a word, and its style."""
    if state is None:
        return "UNDECIDED", "bold red"
    word, style = state.desired.value, _STYLES[state.desired]
    return (f"{word} if the queue asks for it", style) if state.needs else (word, style)


def observed_text(observed: Observed | None) -> str:
    if observed is None:
        return "nothing could be observed"
    return observed.text


def action(pipeline: Pipeline, action: Action) -> tuple[str, str]:
    """``+ start model      logos.2026-01-15 (1 inference unit, 4.00 USD an hour)``, and its style."""
    sign, verb, style = SIGNS[action.kind]
    return f"{sign} {verb:<15}  {_object(pipeline, action)}", style


def _object(pipeline: Pipeline, action: Action) -> str:
    if action.retired_arn is not None:
        return f"{action.retired_arn} (retired)"
    if action.kind in (ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING):
        return pipeline.own_consumer.event_source_mapping
    version, units = pipeline.model.version, pipeline.model.inference_units
    price = f"{usd_per_hour(pipeline):.2f} USD an hour"
    return f"{version} ({count(units, 'inference unit')}, {price})"


def failed(report: Report) -> bool:
    """A call failed, or the answer was that a model or a mapping does not exist."""
    return any(each.failed or is_absent(each) for each in report.pipelines)


def is_absent(report: PipelineReport) -> bool:
    observed = report.observed
    return observed is not None and (
        observed.model is ModelStatus.ABSENT or observed.mapping is MappingState.ABSENT
    )


def failures(report: Report, pipelines: Iterable[Pipeline]) -> Iterator[str]:
    """Each begins with the pipeline's name; ``pipelines`` are those of the report, in its order."""
    for pipeline, each in zip(pipelines, report.pipelines, strict=True):
        for error in dict.fromkeys((*_errors(each), *_absences(pipeline, each))):
            yield f"{each.name}: {error}"


def _errors(report: PipelineReport) -> Iterator[str]:
    if report.observed is None:
        yield report.reason
    else:
        yield from report.observed.errors
    yield from (outcome.error for outcome in report.outcomes if outcome.error)


def _absences(pipeline: Pipeline, report: PipelineReport) -> Iterator[str]:
    observed = report.observed
    if observed is not None and observed.model is ModelStatus.ABSENT:
        yield (
            f"rekognition:DescribeProjectVersions on {pipeline.model.arn}: no such model; "
            "what to do: correct model.arn (account, region, project, version)"
        )
    if observed is not None and observed.mapping is MappingState.ABSENT:
        yield (
            f"lambda:GetEventSourceMapping on {pipeline.mapping_uuid}: no such event source "
            "mapping; what to do: correct consumer.event_source_mapping (or its region), or create it"
        )


def print_failures(report: Report, pipelines: Iterable[Pipeline], *, printed: set[str] | None = None) -> None:
    """Prints each failure that is not in ``printed`` yet, and adds it; the same one of several calls once."""
    known = set() if printed is None else printed
    found = [each for each in failures(report, pipelines) if each not in known]
    known.update(found)
    alike: dict[str, list[str]] = {}
    for each in found:
        alike.setdefault(_cause(each), []).append(each)
    for first, *others in alike.values():
        print_error(f"error: {first}")
        if others:
            print_error(f"       the same of {count(len(others), 'more call')}")


def _cause(failure: str) -> str:
    """What follows the pipeline and the call: ``NoCredentialsError: …; what to do: …``."""
    return failure.split(": ", 2)[-1]


def code(report: Report) -> Exit:
    return Exit.FAILED if failed(report) else Exit.OK
