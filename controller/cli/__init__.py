"""The door for a person: the same loop, told in words, tables and JSON."""

import io
import sys


def main() -> None:
    from controller.cli.app import app  # noqa: PLC0415 - whoever imports the package need not have typer

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode must not end a command
    app(prog_name="rekognition-scheduler")
