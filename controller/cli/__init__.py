"""The cli for a person: the same loop, told in words, tables and JSON."""

import io
import os
import sys
from pathlib import Path


def main() -> None:
    try:
        from controller.cli.app import app  # noqa: PLC0415 - whoever imports the package need not have typer
    except KeyboardInterrupt:
        sys.exit(130)  # Exit.INTERRUPTED, which that import would have brought
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode must not end a command
    app(prog_name="rekognition-scheduler")


def _open_what_is_closed() -> None:
    """Who starts a command with a stream closed, as some daemons do, asks for nothing to come through it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - as long as the process
            setattr(sys, name, nothing)
