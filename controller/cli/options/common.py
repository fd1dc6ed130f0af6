"""The options that stand before or after every command: quiet, debug, the AWS profile and region."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
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


def common_options(before: Mapping[str, Any], after: dict[str, Any]) -> CommonOptions:
    """``before`` are the parameters of the application; those of ``after`` are taken out of it."""
    return CommonOptions(**{name: after.pop(name, None) or before[f"_{name}"] for name in _TYPES})


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
