"""The rules of cfn-lint and checkov as they were when last recorded.

``python -m tests.e2e.templates.recorded_rules`` writes ``recorded_rules.json`` from the installed ones, with
``$SCHEDULER_TOOLS`` as in `tests/e2e/conftest.py`. A template must pass every recorded rule. One that a later
release has added is shown as a warning, so that no release turns an unchanged checkout red.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path

from cfnlint.core import get_rules

FILE = Path(__file__).with_suffix(".json")
LINT_ID = r"\b[EWI]\d{4}\b"
CHECKOV_ID = r"\bCKV\d?_[A-Z]+_\d+\b"


def recorded() -> dict[str, list[str]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def of_recorded(tool: str, found: Iterable[str]) -> list[str]:
    """Those of the broken rules ``found`` that are recorded; the rest is reported.

    ``pyproject.toml`` exempts this warning from being an error, by its first words.
    """
    broken, known = list(found), set(recorded()[tool])
    for rule in sorted(set(broken) - known):
        warnings.warn(f"newer than recorded: {rule} of {tool}; see {__name__}", stacklevel=2)
    return [rule for rule in broken if rule in known]


def installed() -> dict[str, list[str]]:
    checkov = Path(os.environ["SCHEDULER_TOOLS"]) / "bin" / "checkov"
    listed = subprocess.run(  # noqa: S603 - our own tool
        [checkov, "--framework", "cloudformation", "--list"], capture_output=True, text=True, check=True
    )
    lint = {str(rule) for rule in get_rules([], [], [], {}, include_experimental=False)}
    return {
        "cfn-lint": sorted({rule for text in lint for rule in re.findall(LINT_ID, text)}),
        "checkov": sorted(set(re.findall(CHECKOV_ID, listed.stdout))),
    }


if __name__ == "__main__":
    FILE.write_text(f"{json.dumps(installed(), indent=1)}\n", encoding="utf-8")
