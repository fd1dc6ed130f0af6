"""What reading the example costs a fresh interpreter: ``python -m tests.benchmarks.parse``.

Milliseconds of CPU, which other processes lengthen least. The first time in a process the file's country is
looked up in the ``holidays`` library, which is loaded then.
Every round is a new interpreter; the figures are medians. Nothing passes or fails on time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from tests.support.config_file import EXAMPLE_PATH

ROUNDS = 15
ROUND = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path

text, took = Path(sys.argv[1]).read_bytes(), {}

def timed(what, do):
    begun = time.process_time()
    done = do()
    took[what] = (time.process_time() - begun) * 1e3
    return done

def load():
    from controller.config.build import parse
    from controller.schedule import Schedule
    return lambda: parse(text, file="schedule.yaml", calendar_files={}.__getitem__), Schedule

def warn():
    from controller.config.warnings import warnings
    return warnings(config, at)

at = datetime(2026, 11, 24, 15, tzinfo=UTC)
parse, Schedule = timed("import of the parser", load)
config = timed("first parse", parse)
schedule = Schedule(next(iter(config.specs.values())))
timed("first is_open", lambda: schedule.is_open(at))
timed("first next_change", lambda: schedule.next_change(at))
timed("second parse", parse)
timed("warnings, in validate only", warn)
print(json.dumps(took))
"""


def main() -> None:
    _round()  # whatever is not compiled yet is compiled now
    rounds = [_round() for _ in range(ROUNDS)]
    for what in rounds[0]:
        median, best = (pick([each[what] for each in rounds]) for pick in (statistics.median, min))
        sys.stdout.write(f"{what:30}{median:10.2f} ms, at best {best:.2f} ms\n")


def _round() -> dict[str, float]:
    arguments = [sys.executable, "-c", ROUND, str(EXAMPLE_PATH)]
    found: dict[str, float] = json.loads(subprocess.check_output(arguments))  # noqa: S603 - our own words
    return found


if __name__ == "__main__":
    main()
