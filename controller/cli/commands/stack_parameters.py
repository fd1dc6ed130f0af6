"""``stack-parameters``: writes the parameter file of the stack from what the AWS account has."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, TypeAlias

import typer

from controller.account.resources import PipelineResources, resources_of
from controller.aws.clients import ClientFactory
from controller.aws.remedies import format_error
from controller.aws.stacks import Stacks
from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import load
from controller.cli.options.outputs import refuse_source
from controller.cli.options.shared import ConfigOption, FileArgument, chosen_file
from controller.cli.render.terminal import line, print_error, print_info, print_out, table
from controller.config.arns import unqualified
from controller.config.model import Config, Pipeline, Target
from controller.config.values import nearest
from controller.errors import AwsError
from controller.storage.atomic_file import replace_file

Settings: TypeAlias = dict[str, object]

DEFAULT_OUTPUT: Final = Path("deploy/stack.toml")
DEFAULT_STACK: Final = "rekognition-scheduler"
LOOKED_UP: Final = (
    *("ModelArns", "RetiredModelArns", "ProjectArns", "FunctionArns", "MappingUuids"),
    *("QueueArns", "DeadLetterQueueArns", "RoleArns"),
)
SET_BY_HAND: Final = (
    *(
        "DryRun",
        "TickMinutes",
        "MaxInferenceUnits",
        "SharedBucket",
        "ReservedConcurrency",
        "Shard",
        "PipelineMetrics",
        "LogLevel",
    ),
    *("LogRetentionDays", "PermissionsBoundary", "RolePath", "Email", "OldestMessageHours", "UnitHourUsd"),
)
"""With those above, every parameter of ``deploy/template.yaml``: SAM passes over a name that is none."""
HEADER: Final = """\
# Parameters of the controller's stack, for: sam deploy --config-file stack.toml
# Written by `rekognition-scheduler stack-parameters`. Edit what you like: the ARNs are looked up anew by its
# next run, everything else stays, comments do not. Git ignores this file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFile:
    """The parameter file of ``sam deploy``: ``document`` is the whole, ``settings`` the part for the command.

    ``parameters`` are the stack's, by name.
    """

    path: Path
    document: Settings
    settings: Settings
    parameters: dict[str, str]

    def write(self) -> None:
        overrides = [f"{name}={value}" for name, value in self.parameters.items() if value]
        deploy = {"parameters": self.settings | {"parameter_overrides": overrides}}
        environment = _table(self.document, "default") | {"deploy": deploy}
        text = toml_text({"version": 0.1} | self.document | {"default": environment})
        replace_file(self.path, f"{HEADER}{text}".encode(), is_unchanged=lambda: True)


@command_boundary
def stack_parameters(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument = None,
    config: ConfigOption = None,
    output: Annotated[
        Path, typer.Option(metavar="FILE", dir_okay=False, help="The file of parameters.")
    ] = DEFAULT_OUTPUT,
    assign: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the stack; repeatable."),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option("--stack", metavar="NAME", show_default=DEFAULT_STACK, help="The stack's name."),
    ] = None,
) -> Exit:
    """Write the parameters with which the stack is deployed.

    Models, projects, functions, mappings and queues follow from the schedule file and are looked up. Other
    values in the file of parameters are kept. A new file has those of the deployed stack, or DryRun=true.
    """
    chosen = dict(map(_assigned, assign or ()))
    loaded = load(chosen_file(ctx, file, config), ctx.obj.clients)
    refuse_source(output, loaded, "--output")
    return write_stack_parameters(loaded, output, ctx.obj.clients, chosen=chosen, stack=stack)


def write_stack_parameters(
    loaded: Config,
    output: Path,
    clients: ClientFactory,
    *,
    chosen: Mapping[str, str] = MappingProxyType({}),
    stack: str | None = None,
) -> Exit:
    """Writes the file of parameters, or says what could not be looked up and writes nothing."""
    own = tuple(each for each in loaded.pipelines if each.model.target.role_arn is None)
    before = stack_file(output)
    if not output.exists():
        before = _as_deployed(before, own, stack or DEFAULT_STACK, clients)
    found = resources_of(own, clients)
    if problems := [f"{each.pipeline.name}: {text}" for each in found for text in each.problems]:
        for problem in problems:
            print_error(f"error: {problem}")
        print_error("Nothing was written: the stack would lack what could not be looked up.")
        return Exit.FAILED
    parameters = replace(
        before,
        settings=_settings(before.settings, stack),
        parameters=_merged(before.parameters, _parameters(loaded, found), found) | dict(chosen),
    )
    parameters.write()
    _print(parameters)
    return Exit.OK


def _as_deployed(
    empty: StackFile, pipelines: Iterable[Pipeline], stack: str, clients: ClientFactory
) -> StackFile:
    """A new file: for the region of ``pipelines``, and with what is set by hand where it is deployed."""
    regions = {target.region for each in pipelines for target in _targets(each)}
    region = regions.pop() if len(regions) == 1 else ""
    try:
        found = Stacks(clients("cloudformation", Target(region=region))).parameters(stack) or {}
    except AwsError as error:
        print_info(f"warning: whether the stack {stack} exists is not known: {format_error(error)}")
        found = {}
    kept = {name: value for name, value in found.items() if name in SET_BY_HAND and value}
    if kept:
        print_info(f"the stack {stack} is deployed: what is set by hand there is kept")
    return replace(empty, settings={"region": region} if region else {}, parameters=kept)


def _targets(pipeline: Pipeline) -> Iterator[Target]:
    yield pipeline.model.target
    if pipeline.consumer is not None:
        yield pipeline.consumer.target


def _assigned(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    known = (*LOOKED_UP, *SET_BY_HAND)
    if name not in known or not equals:
        hint = nearest(name, known)
        raise typer.BadParameter(
            f'"{text}" sets no parameter of the stack{hint} (DryRun=false)', param_hint="--set"
        )
    return name, value


def stack_file(path: Path) -> StackFile:
    """Empty where there is none.

    Raises:
        BadParameter: it is no file that ``sam deploy --config-file`` understands.
    """
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(
            f"{path.parent} is no directory (run it in the checkout)", param_hint="--output"
        )
    try:
        document = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        settings = dict(_table(_table(_table(document, "default"), "deploy"), "parameters"))
        overrides = settings.pop("parameter_overrides", [])
        parameters = dict(_pair(each) for each in _texts(overrides))
        _check_version(document)
    except ValueError as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--output") from None
    return StackFile(path=path, document=document, settings=settings, parameters=parameters)


def _check_version(document: Settings) -> None:
    """SAM refuses a file without one; a file of another program is not to be written over."""
    if document and "version" not in document:
        raise ValueError("no file of parameters for sam deploy, which has a version (version = 0.1)")


def _table(value: Settings, name: str) -> Settings:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no table")  # noqa: TRY004 - of the file, not of the program
    return found


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError('parameter_overrides is no list of texts such as "DryRun=true"')
    return value


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f'"{text}" is not NAME=VALUE')
    return name, value


def _settings(before: Settings, stack: str | None) -> Settings:
    usual: Settings = {
        "stack_name": DEFAULT_STACK,
        "capabilities": "CAPABILITY_IAM",
        "confirm_changeset": True,
        "resolve_s3": True,
        "fail_on_empty_changeset": False,
    }
    return usual | before | ({"stack_name": stack} if stack is not None else {})


def _parameters(config: Config, found: tuple[PipelineResources, ...]) -> dict[str, str]:
    """What follows from the schedule file; a project that has no ARN of its own is found by its name."""
    models = [each.pipeline.model for each in found]
    roles = (each.model.target.role_arn for each in config.pipelines)
    return {
        "ModelArns": _joined(model.arn for model in models),
        "RetiredModelArns": _joined(arn for model in models for arn in model.retired),
        "ProjectArns": _joined(each.project or _any_version(each) for each in found),
        "FunctionArns": _joined(unqualified(each.function) for each in found if each.function),
        "MappingUuids": _joined(each.pipeline.mapping_uuid for each in found),
        "QueueArns": _joined(each.queue for each in found),
        "DeadLetterQueueArns": _joined(each.dead_letter_queue for each in found),
        "RoleArns": _joined(roles),
    }


def _any_version(found: PipelineResources) -> str:
    return f"{found.pipeline.model.arn.split('/version/')[0]}/*"


def _joined(arns: Iterable[str | None]) -> str:
    return ",".join(dict.fromkeys(arn for arn in arns if arn is not None))


def _merged(
    before: dict[str, str], looked_up: dict[str, str], found: tuple[PipelineResources, ...]
) -> dict[str, str]:
    usual = {"DryRun": "true"} | _oldest(found)
    kept = {name: value for name, value in before.items() if name not in LOOKED_UP}
    return usual | kept | looked_up


def _oldest(found: tuple[PipelineResources, ...]) -> dict[str, str]:
    """Three quarters of the shortest retention, in hours."""
    kept = [each.retention for each in found if each.retention is not None]
    return {"OldestMessageHours": str(max(1, min(kept) * 3 // 4 // timedelta(hours=1)))} if kept else {}


def _print(file: StackFile) -> None:
    print_out(line((str(file.path), "bold"), " is written:"))
    rows = [
        ("", name, value)
        for name, values in file.parameters.items()
        for value in (values.split(",") if name in LOOKED_UP else [values])
        if value
    ]
    print_out(table(("", "", ""), rows))
    if file.parameters.get("Email", "") == "":
        print_info(
            "note: no e-mail address gets alarms; --set Email=ana@example.com, or subscribe to the topic"
        )
    print_info(f"next: cd {file.path.parent} && sam build && sam deploy --config-file {file.path.name}")


def toml_text(value: Mapping[str, object]) -> str:
    """``value`` as TOML, which the standard library only reads: ``tomllib`` returns the same value.

    Raises:
        TypeError: something in it is neither a table, a list, a text, a number nor a boolean.
    """
    return "".join(f"{line}\n" for line in _toml_table(value, ())).lstrip("\n")


def _toml_table(value: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    plain = {name: each for name, each in value.items() if not isinstance(each, Mapping)}
    tables = {name: each for name, each in value.items() if isinstance(each, Mapping)}
    if path and (plain or not tables):
        yield ""
        yield f"[{'.'.join(map(_toml_key, path))}]"
    yield from (f"{_toml_key(name)} = {_toml_value(each)}" for name, each in plain.items())
    for name, each in tables.items():
        yield from _toml_table(each, (*path, name))


def _toml_key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _toml_string(name)


def _toml_value(value: object) -> str:
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return _toml_string(value)
        case list():
            return (
                "[]" if not value else "\n".join(("[", *(f"  {_toml_value(each)}," for each in value), "]"))
            )
        case _:
            raise TypeError(f"{value!r} has no place in such a file")


def _toml_string(text: str) -> str:
    """A basic string escapes as JSON does, and DEL as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
