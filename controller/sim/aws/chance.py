"""Random streams that do not influence one another, all from one seed."""

from __future__ import annotations

from random import Random


def stream(seed: int, *concern: str) -> Random:
    """The stream of one concern: one more fault drawn moves no arrival and no start.

    Seeded by text, which ``random`` hashes by itself: the process's hash seed plays no part.
    """
    return Random("/".join((str(seed), *concern)))  # noqa: S311 - a simulation, not a secret
