"""The options that stand before or after every command: quiet, debug, the AWS profile and region."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

import typer

QuietOption: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only errors to stderr.", show_default=False)
]
DebugOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--debug", envvar="SCHEDULER_DEBUG", help="Show the traceback of a failure.", show_default=False
    ),
]
ProfileOption: TypeAlias = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="The AWS profile; default: AWS's own choice.")
]
RegionOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--region", metavar="NAME", help="The AWS region where the file names none."),
]

_TYPES: Final[Mapping[str, Any]] = {
    "quiet": QuietOption,
    "debug": DebugOption,
    "profile": ProfileOption,
    "region": RegionOption,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonOptions:
    """The values, from before and from after the command; what stands after it is stronger."""

    quiet: bool
    debug: bool
    profile: str | None
    region: str | None


def group_options(
    _quiet: QuietOption = False,
    _debug: DebugOption = False,
    _profile: ProfileOption = None,
    _region: RegionOption = None,
) -> None:
    """The callback of a group of commands: the common options stand before the command's name, too."""


def common_options(ctx: typer.Context, after: dict[str, Any]) -> CommonOptions:
    """``after`` are the parameters of the command in ``ctx``; the common ones are taken out of them."""
    groups = [group.params for group in _groups(ctx)]
    return CommonOptions(
        **{name: _first(after.pop(name, None), *(each.get(f"_{name}") for each in groups)) for name in _TYPES}
    )


def _groups(ctx: typer.Context) -> Iterator[Any]:
    """From the group that has the command to the application."""
    group = ctx.parent
    while group is not None:
        yield group
        group = group.parent


def _first(*values: Any) -> Any:  # noqa: ANN401 - a flag, or the text of an option
    """The first that was given; else the default, which is the application's."""
    return next((value for value in values if value), values[-1])


def add_common_options(wrapper: Callable[..., None], command: Callable[..., Any]) -> None:
    """Gives ``wrapper`` the parameters of ``command`` and the common ones, as Typer reads them."""
    signature = inspect.signature(command, eval_str=True)
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if name in {"quiet", "debug"} else None,
            annotation=kind,
        )
        for name, kind in _TYPES.items()
    ]
    parameters = (*signature.parameters.values(), *added)
    wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
    vars(wrapper)["__signature__"] = signature.replace(parameters=parameters)
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
