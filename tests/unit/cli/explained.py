"""What ``explain`` says in its first line and in its last, taken apart."""

from __future__ import annotations

import re
from typing import Final

from tests.support.desk import Said

ANSWER: Final = re.compile(r"logos: (.+) at (.+), because ([a-z-]+): .+")
NEXT: Final = re.compile(r"Next desired: (.+) \(([a-z-]+)\) from (.+)")


def answer(said: Said) -> tuple[str, ...]:
    """What is desired, at which local time, and by which rule."""
    return _parts(ANSWER, said.out.splitlines()[0])


def next_desired(said: Said) -> tuple[str, ...]:
    """What is desired next, by which rule, and from which local time on."""
    return _parts(NEXT, said.out.splitlines()[-1])


def _parts(pattern: re.Pattern[str], line: str) -> tuple[str, ...]:
    found = pattern.fullmatch(line)
    assert found, line
    return found.groups()
