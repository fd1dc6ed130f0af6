"""``validate``: prints every error and warning of the schedule file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from controller.cli.context import CliContext, Exit, command_boundary, is_missing, next_step
from controller.cli.inputs import location_or_usual, read_config
from controller.cli.options.shared import ConfigOption, JsonOption, at_least_one, chosen_file, each_named
from controller.cli.render.calendar_use import calendar_as_json, calendar_lines
from controller.cli.render.terminal import count, line, print_info, print_json, print_out
from controller.config.model import Config
from controller.config.warnings import warnings
from controller.errors import ConfigError, Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationResult:
    """The errors and warnings of a file; ``config`` is ``None`` if the file cannot be used."""

    file: str
    config: Config | None = None
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


QuotaOption = Annotated[
    int,
    typer.Option(
        "--running-models-quota",
        metavar="N",
        parser=at_least_one,
        help="Models that one account and region may run at once (AWS gives 2; ask Service Quotas for more).",
    ),
]


FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE", callback=each_named, help="Instead of --config; several, or - for stdin."),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict", help="A warning fails, too: also one that comes with time, such as of a past override."
    ),
]


@command_boundary
def validate(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    files: FilesArgument = None,
    quota: QuotaOption = 2,
    strict: StrictOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Report every error and warning in the schedule file.

    One line each, with file, line and column. --json of several files is a list.
    """
    first = location_or_usual(chosen_file(ctx, files[0] if files else None, config))
    results = [_validation(location, ctx.obj, quota) for location in (first, *(files or [])[1:])]
    if as_json:
        print_json([_json(each) for each in results] if len(results) > 1 else _json(results[0]))
    else:
        for result in results:
            _print(result, strict=strict)
            if result.errors and is_missing(result.file):
                print_info(f"next: {next_step(result.file)}")
    return Exit.INVALID_INPUT if any(_is_failed(each, strict=strict) for each in results) else Exit.OK


def _is_failed(result: ValidationResult, *, strict: bool) -> bool:
    return bool(result.errors or (strict and result.warnings))


def _validation(location: str, cli: CliContext, quota: int) -> ValidationResult:
    try:
        config = read_config(location, cli.clients)
    except ConfigError as error:
        return ValidationResult(file=error.file, errors=error.diagnostics)
    return ValidationResult(
        file=config.file,
        config=config,
        errors=config.degraded,
        warnings=warnings(config, cli.clock(), running_models_quota=quota),
    )


def _json(result: ValidationResult) -> dict[str, object]:
    return {
        "file": result.file,
        "valid": not result.errors,
        "errors": [_diagnostic(each) for each in result.errors],
        "warnings": [_diagnostic(each) for each in result.warnings],
        "calendars": [calendar_as_json(each) for each in result.config.calendars] if result.config else [],
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "line": diagnostic.line,
        "column": diagnostic.column,
        "path": diagnostic.path,
        "message": diagnostic.message,
    }


def _print(result: ValidationResult, *, strict: bool) -> None:
    print_out(line((result.file, "bold"), *_answer(result, strict=strict)))
    for each in calendar_lines(result.config) if result.config else ():
        print_out(each)
    for error in result.errors:
        print_out(line(error.located(result.file)))
    for warning in result.warnings:
        marked = replace(warning, message=f"warning: {warning.message}")
        print_out(line((marked.located(result.file), "yellow")))


def _all(diagnostics: tuple[Diagnostic, ...]) -> int:
    """Their number; the last one may summarize several."""
    return sum(diagnostic.count for diagnostic in diagnostics)


def _answer(result: ValidationResult, *, strict: bool) -> tuple[str | tuple[str, str], ...]:
    warnings = count(_all(result.warnings), "warning")
    if result.errors or result.config is None:
        return " is ", ("not valid", "bold red"), f": {count(_all(result.errors), 'error')}, {warnings}"
    if _is_failed(result, strict=strict):
        return " is ", ("not accepted", "bold red"), f": {warnings} (--strict)"
    schedules = count(len(result.config.specs), "schedule")
    pipelines = count(len(result.config.pipelines), "pipeline")
    return " is ", ("valid", "bold green"), f": {schedules}, {pipelines}, {warnings}"
