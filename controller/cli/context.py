"""The environment of a command (clock, AWS clients) and its boundary: exit codes, errors as one line."""

from __future__ import annotations

import io
import os
import shlex
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Concatenate, ParamSpec

import typer

from controller.aws.call_rate import CallRates
from controller.aws.clients import BotoClients, ClientFactory
from controller.aws.remedies import format_error
from controller.cli.options.common import CommonOptions, add_common_options, common_options
from controller.cli.render.terminal import print_error, print_info, set_quiet
from controller.errors import AwsError, ConfigError, ConflictError, RequestError

P = ParamSpec("P")


class Exit(IntEnum):
    """The exit codes of a command; of 2, 1 and 3 the first that applies."""

    OK = 0
    FAILED = 1
    INVALID_INPUT = 2
    ACTION_NEEDED = 3
    """Changes are pending, or a person has to act."""
    INTERRUPTED = 130
    """128 + SIGINT, as in a shell."""
    BROKEN_PIPE = 141
    """128 + SIGPIPE: the reader of the output has ended."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def is_terminal() -> bool:
    return sys.stdin.isatty()


def _rates() -> CallRates:
    return CallRates(monotonic=time.monotonic, sleep=time.sleep)


@dataclass(frozen=True, slots=True, kw_only=True)
class CliContext:
    """The clock, the AWS clients and the terminal of a command; tests replace them."""

    clock: Callable[[], datetime] = system_clock
    monotonic: Callable[[], float] = time.monotonic
    clients: ClientFactory = field(default_factory=lambda: BotoClients(rates=_rates()))
    sleep: Callable[[float], None] = time.sleep
    can_ask: Callable[[], bool] = is_terminal
    """Whether stdin is a terminal, so that a prompt can be answered."""
    debug: bool = False
    """Show tracebacks."""

    def with_options(self, common: CommonOptions) -> CliContext:
        """A profile or a region that was named replaces AWS's own choice of one."""
        clients = self.clients
        if common.profile or common.region:
            clients = BotoClients(rates=_rates(), profile=common.profile, region=common.region)
        return replace(self, debug=common.debug, clients=clients)


def command_boundary(
    command: Callable[Concatenate[typer.Context, P], Exit],
) -> Callable[..., None]:
    """Wraps a command for Typer: returns its exit code, and prints one line instead of a traceback."""

    def guarded(ctx: typer.Context, *args: P.args, **kwargs: P.kwargs) -> None:
        common = common_options(ctx, kwargs)
        set_quiet(common.quiet)
        ctx.obj = (ctx.obj or CliContext()).with_options(common)
        raise typer.Exit(_guard(lambda: command(ctx, *args, **kwargs), ctx.obj))

    add_common_options(guarded, command)
    return guarded


def _guard(command: Callable[[], Exit], cli: CliContext) -> Exit:
    try:
        code = command()
        sys.stdout.flush()
    except (typer.Exit, typer.BadParameter):
        raise
    except RequestError as error:
        raise typer.BadParameter(str(error), param_hint=error.option) from None
    except (KeyboardInterrupt, typer.Abort):  # Abort: while a prompt waited for its answer
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return Exit.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the cli: whatever happened, a person reads one line
        if cli.debug:
            print_error("".join(traceback.format_exception(error)))
        return _explained(error)
    return code


def _explained(error: Exception) -> Exit:
    match error:
        case ConfigError():
            for diagnostic in error.diagnostics:
                print_error(diagnostic.located(error.file))
            print_info(f"next: {error.remedy or next_step(error.file)}")
            return Exit.INVALID_INPUT
        case AwsError():
            print_error(format_error(error))
        case ConflictError():
            print_error(f"error: {error}")
        case OSError(filename=str() as name, strerror=str() as reason):
            print_error(f"error: {name}: {reason}")
        case OSError(strerror=str() as reason):
            _drop_output()
            print_error(f"error: {reason}")
        case _:
            print_error(f"error: {type(error).__name__}: {error} (a traceback: --debug or SCHEDULER_DEBUG=1)")
    return Exit.FAILED


def next_step(file: str) -> str:
    """The command to try next after an unusable file."""
    if is_missing(file):
        return "rekognition-scheduler init writes a first one; or name another file"
    return f"rekognition-scheduler validate {shlex.quote(file)} checks it after the next edit"


def is_missing(file: str) -> bool:
    """Whether it is the path of no file."""
    return "://" not in file and not Path(file).exists()


def _drop_output() -> None:
    """Discards what is left in the buffer; otherwise Python reports an error when it flushes it at exit."""
    with suppress(io.UnsupportedOperation):  # a test's stdout is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
