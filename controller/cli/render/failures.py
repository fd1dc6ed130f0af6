"""What failed, and what to do about it: a line for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.config.model import Pipeline
from controller.core.states import MappingState, ModelStatus
from controller.loop.report import PipelineReport, Report


def failed(report: Report) -> bool:
    """A call failed, or the answer was that a model or a mapping does not exist."""
    return any(each.failed or is_absent(each) for each in report.pipelines)


def is_absent(report: PipelineReport) -> bool:
    seen = report.observed
    return seen is not None and (seen.model is ModelStatus.ABSENT or seen.mapping is MappingState.ABSENT)


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
    seen = report.observed
    if seen is not None and seen.model is ModelStatus.ABSENT:
        yield (
            f"rekognition:DescribeProjectVersions on {pipeline.model.arn}: no such model; "
            "what to do: correct model.arn (account, region, project, version)"
        )
    if seen is not None and seen.mapping is MappingState.ABSENT:
        yield (
            f"lambda:GetEventSourceMapping on {pipeline.mapping_uuid}: no such event source "
            "mapping; what to do: correct consumer.event_source_mapping (or its region), or create it"
        )
