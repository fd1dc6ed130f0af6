"""The environment of every test: fake credentials, and nothing of the machine's AWS or terminal settings.

The machine's time zone is left as it is: no result may depend on it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

FOREIGN: Final = (
    "AWS_",
    "SCHEDULER_",
    "POWERTOOLS_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "TERMINAL_WIDTH",
    "PY_COLORS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT",
)
"""How the names begin of variables that change what boto3, the commands or the terminal do."""
KEPT: Final = frozenset({"SCHEDULER_TOOLS"})
"""Where the tools of the end-to-end tests are: see `tests/e2e/conftest.py`."""
USUAL_EXAMPLES: Final = 100
_MISSING = str(Path(__file__).parent / "no-such-file")
_FAKE: Final = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "fake",
    "AWS_CONFIG_FILE": _MISSING,
    "AWS_SHARED_CREDENTIALS_FILE": _MISSING,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1,localhost",
}


def isolate(patch: pytest.MonkeyPatch) -> None:
    """Removes what is foreign and sets fake credentials, until ``patch`` is undone."""
    for name in [name for name in os.environ if name.upper().startswith(FOREIGN) and name not in KEPT]:
        patch.delenv(name)
    for name, value in _FAKE.items():
        patch.setenv(name, value)


def examples(usual: int) -> int:
    """``usual`` examples of a law, or so many times as many as the chosen profile has of any other."""
    return usual * settings.default.max_examples // USUAL_EXAMPLES
