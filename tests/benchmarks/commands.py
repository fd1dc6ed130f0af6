"""CPU seconds (user and system) of a command in a fresh process: ``python -m tests.benchmarks.commands``.

With the folders of other checkouts as arguments, theirs beside ours, in turns, on the same interpreter and
packages. Bytecode is cached in a temporary folder, as an installed package has it.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[2]
ROUNDS = 20
START = "from controller.cli import main; main()"
COMPLETE = {"_REKOGNITION_SCHEDULER_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
COMMANDS = {
    "(python itself)": ([], {}),
    "--help": (["--help"], {}),
    "--version": (["--version"], {}),
    "completion of a command": ([], COMPLETE | {"COMP_WORDS": "rekognition-scheduler st"}),
    "completion of a pipeline": (
        [],
        COMPLETE | {"COMP_WORDS": "rekognition-scheduler explain l", "COMP_CWORD": "2"},
    ),
    "explain --help": (["explain", "--help"], {}),
    "explain logos": (["explain", "logos"], {}),
    "validate": (["validate"], {}),
}


def once_s(checkout: Path, name: str, cache: str) -> float:
    arguments, more = COMMANDS[name]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPATH": str(checkout), "PYTHONPYCACHEPREFIX": cache} | more
    code = "pass" if name.startswith("(") else START
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code, *arguments], cwd=checkout, env=env, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(checkouts: tuple[Path, ...] = (HERE,)) -> None:
    with tempfile.TemporaryDirectory() as cache:
        for name in COMMANDS:
            for checkout in checkouts:
                once_s(checkout, name, cache)  # whatever is not compiled yet is compiled now
            rounds = [[once_s(checkout, name, cache) for checkout in checkouts] for _ in range(ROUNDS)]
            medians = (statistics.median(column) for column in zip(*rounds, strict=True))
            print(f"{name:<26}", *(f"{each:6.3f} s" for each in medians))  # noqa: T201 - its output


if __name__ == "__main__":
    main((HERE, *(Path(each).resolve() for each in sys.argv[1:])))
