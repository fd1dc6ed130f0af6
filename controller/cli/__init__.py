"""The command line ``rekognition-scheduler``; this module imports no package of the ``cli`` extra."""

import gc
import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

EXTRA: Final = ("jinja2", "rich", "typer")
"""The packages of the extra ``cli``, which the Lambda function does without."""

COLLECT_AFTER: Final = 20_000
"""New objects after which Python looks for garbage. Imports make many and no garbage: with Python's default
a tenth of a short command is spent on looking."""


def main() -> None:
    """The entry point that ``pyproject.toml`` names."""
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        install = "pip install 'rekognition-scheduler[cli]'"
        print(f"error: {' and '.join(missing)} not installed; what to do: {install}", file=sys.stderr)  # noqa: T201 - rich is missing
        sys.exit(2)  # Exit.INVALID_INPUT
    gc.set_threshold(COLLECT_AFTER)
    try:
        from controller.cli.app import app  # noqa: PLC0415 - it needs the packages of the extra
    except KeyboardInterrupt:
        sys.exit(130)  # Exit.INTERRUPTED, which that import would have brought
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode must not end a command
    app(prog_name="rekognition-scheduler")


def _open_closed_streams() -> None:
    """Opens the null device as a standard stream that is closed, as some daemons leave it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - as long as the process
            setattr(sys, name, nothing)
