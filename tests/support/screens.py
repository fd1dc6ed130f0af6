"""Commands typed at a desk in named situations, and what is printed then: exit code, stdout, stderr."""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from controller.aws.clients import no_clients
from controller.cli.context import CliContext
from controller.sim.aws.account import EmbeddedAws
from tests.environment import isolate
from tests.support.desk import FILE, Desk
from tests.support.s3 import Bucket, a_bucket

MONDAY = "2026-11-23T13:10:00"
"""08:10 in New York, within the warm-up."""
ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "COLUMNS": "100", "USER": "ana"}
STDERR = "2> "
VERSION_ID = re.compile(r"(?<=version )[0-9a-f-]{36}")
"""Of an object in the bucket; it is another one each time."""

Arrange = Callable[[Desk, ExitStack], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """``commands`` are typed one after another where ``file`` is config/schedule.yaml, at ``at`` (UTC).

    ``env`` is beside the usual environment, which names that file; ``None`` removes a variable.
    """

    commands: tuple[str, ...]
    file: str = FILE
    at: str = MONDAY
    arrange: Arrange = lambda _desk, _stack: None
    env: Mapping[str, str | None] = field(default_factory=dict)


def screen(*commands: str, **where: object) -> Screen:
    return Screen(commands=commands, **where)


def on_account(
    *commands: str, file: str = FILE, at: str = MONDAY, spoil: Callable[[EmbeddedAws], object] | None = None
) -> Screen:
    """The pipelines of the file are in an embedded AWS, which ``spoil`` changes."""

    def arrange(desk: Desk, _stack: ExitStack) -> None:
        aws = desk.embed(file, at)
        if spoil is not None:
            spoil(aws)

    return Screen(commands=commands, file=file, at=at, arrange=arrange)


def in_bucket(
    *commands: str,
    file: str = FILE,
    objects: dict[str, str] | None = None,
    spoil: Callable[[EmbeddedAws], object] | None = None,
    also: Callable[[Desk, Bucket], object] | None = None,
) -> Screen:
    """Beside the account of ``FILE`` there is a bucket with ``objects``."""

    def arrange(desk: Desk, stack: ExitStack) -> None:
        bucket = stack.enter_context(a_bucket())
        for key, text in (objects or {}).items():
            bucket.put(key, text)
        aws = desk.embed(FILE, MONDAY)
        desk.write(file)
        desk.cli = replace(
            desk.cli,
            clients=lambda service, target: (bucket if service in {"s3", "cloudformation"} else aws).clients(
                service, target
            ),
        )
        if spoil is not None:
            spoil(aws)
        if also is not None:
            also(desk, bucket)

    return Screen(commands=commands, file=file, arrange=arrange)


def shown(screens: dict[str, Screen]) -> str:
    """Every screen under its name."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        return "\n".join(f"# {name}\n{_shown(each)}" for name, each in screens.items())


def _shown(each: Screen) -> str:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(contextlib.chdir(home))
        desk = Desk(home=home, cli=CliContext(clients=no_clients))
        desk.is_at(each.at)
        desk.write(each.file)
        each.arrange(desk, stack)
        return _numbered("".join(_typed(desk, command, each.env) for command in each.commands))


def _typed(desk: Desk, command: str, env: Mapping[str, str | None]) -> str:
    """The exit code stands beside the command unless it is 0, and before each line of stderr a mark."""
    said = desk(*shlex.split(command), **env)
    code = f"   # exit {said.code}" if said.code else ""
    lines = (*said.out.splitlines(), *(f"{STDERR}{line}" for line in said.err.splitlines()))
    return "".join(f"{line.rstrip()}\n" for line in (f"$ {command}{code}", *lines))


def _numbered(text: str) -> str:
    """With ``v1``, ``v2`` in the order of their appearance in place of the ids of versions."""
    found = list(dict.fromkeys(VERSION_ID.findall(text)))
    return VERSION_ID.sub(lambda id_: f"v{found.index(id_[0]) + 1}", text)
