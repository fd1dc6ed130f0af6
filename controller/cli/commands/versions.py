"""``versions``: lists every version of a model's project, with its price and what references it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import typer

from controller.account.pipeline_checks import BILLED
from controller.aws.rekognition import Version
from controller.aws.remedies import format_error
from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.inputs import load
from controller.cli.options.shared import ConfigOption, JsonOption, PipelineArgument
from controller.cli.render.terminal import line, print_error, print_info, print_json, print_out, table, words
from controller.cli.render.tick import selected_pipeline
from controller.config.arns import models_in
from controller.config.model import Pipeline
from controller.core.states import ModelStatus, in_words
from controller.costs import usd_per_day
from controller.errors import AwsError
from controller.loop.context import PipelineContext


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version of the model with what references it.

    ``referenced_by``: ``file`` (model.arn), ``retired`` (model.retired), ``function`` (its variables).
    """

    version: Version
    referenced_by: tuple[str, ...]
    usd_per_day: float


@command_boundary
def versions(
    ctx: typer.Context,
    pipeline: PipelineArgument = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """List the versions of a model's project.

    Status, units, price a day, and what references each: the file by model.arn or model.retired, the
    mapping's function by its environment variables.
    """
    cli: CliContext = ctx.obj
    pipeline_context = selected_pipeline(load(config, cli.clients), pipeline, cli.clients)
    project_arn = _project_arn(pipeline_context)
    found = project_versions(pipeline_context)
    if found is None:
        model = pipeline_context.pipeline.model
        print_error(f"error: there is no project {model.project} in {model.target.region}")
        return Exit.FAILED
    rows = _rows(pipeline_context.pipeline, found, _function_models(pipeline_context))
    if as_json:
        print_json(_json(pipeline_context.pipeline, project_arn, rows))
    else:
        _print(pipeline_context.pipeline, rows)
    return Exit.OK


def project_versions(pipeline_context: PipelineContext) -> tuple[Version, ...] | None:
    """All versions of the model's project; ``None`` if there is no such project."""
    project_arn = _project_arn(pipeline_context)
    return pipeline_context.models.versions(project_arn) if project_arn else None


def _project_arn(pipeline_context: PipelineContext) -> str | None:
    model = pipeline_context.pipeline.model
    return model.project_arn or pipeline_context.models.project_arn(model.project)


def _function_models(pipeline_context: PipelineContext) -> tuple[str, ...]:
    """The ARNs of models in the variables of the mapping's function; none if it cannot be read."""
    uuid = pipeline_context.pipeline.mapping_uuid
    if uuid is None:
        return ()
    try:
        function_arn = pipeline_context.mappings.get(uuid).function_arn
        settings = pipeline_context.functions.settings(function_arn) if function_arn else None
    except AwsError as error:
        print_info(f"warning: which version the function asks is not known: {format_error(error)}")
        return ()
    values = settings.environment.values() if settings else ()
    return tuple(arn for value in values for arn in models_in(value))


def _rows(
    pipeline: Pipeline, found: Iterable[Version], function_models: tuple[str, ...]
) -> tuple[VersionRow, ...]:
    """Referenced versions that do not exist come last, as ABSENT."""
    model = pipeline.model
    references = {"file": (model.arn,), "retired": model.retired, "function": function_models}
    there = {version.arn: version for version in found}
    wanted = dict.fromkeys(arn for arns in references.values() for arn in arns)
    everything = {**{arn: _absent(arn) for arn in wanted if arn not in there}, **there}
    ordered = sorted(everything.values(), key=lambda version: version.arn not in there)
    return tuple(
        VersionRow(
            version=version,
            referenced_by=tuple(who for who, arns in references.items() if version.arn in arns),
            usd_per_day=usd_per_day(pipeline, version.units or 1) if version.status in BILLED else 0.0,
        )
        for version in ordered
    )


def _absent(arn: str) -> Version:
    return Version(arn=arn, status=ModelStatus.ABSENT, message=None, units=None, max_units=None)


def _json(pipeline: Pipeline, project_arn: str | None, rows: tuple[VersionRow, ...]) -> dict[str, object]:
    return {
        "pipeline": pipeline.name,
        "project": pipeline.model.project,
        "project_arn": project_arn,
        "versions": [
            {
                "arn": row.version.arn,
                "version": _name(row.version),
                "status": row.version.status.value,
                **({"word": row.version.word} if row.version.word is not None else {}),
                "units": row.version.units,
                "max_units": row.version.max_units,
                "usd_per_day": row.usd_per_day,
                "referenced_by": list(row.referenced_by),
            }
            for row in rows
        ],
    }


def _print(pipeline: Pipeline, rows: tuple[VersionRow, ...]) -> None:
    header = ("version", "status", "units", "USD a day", "referenced by", "ARN")
    cells = [
        (
            words(_name(row.version), "bold" if "file" in row.referenced_by else ""),
            words(in_words(row.version.status, row.version.word), _style(row)),
            _units(row.version),
            f"{row.usd_per_day:,.2f}" if row.usd_per_day else "-",
            ", ".join(row.referenced_by) or "-",
            row.version.arn,
        )
        for row in rows
    ]
    print_out(line(("project ", ""), (pipeline.model.project, "bold"), f" of pipeline {pipeline.name}"))
    print_out(table(header, cells, right=("units", "USD a day")))


def _name(version: Version) -> str:
    return version.arn.split("/")[3]


def _units(version: Version) -> str:
    if version.units is None:
        return "-"
    return f"{version.units}..{version.max_units}" if version.max_units else str(version.units)


def _style(row: VersionRow) -> str:
    if row.version.status not in BILLED:
        return ""
    return "green" if "file" in row.referenced_by else "bold red"
