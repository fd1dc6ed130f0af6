"""Names of holidays to leave out of a calendar (``except``), with ``*`` as a wildcard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from glob import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ANYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excepted:
    """The names to leave out: ``exact`` ones, and ``patterns`` with ``*`` in them."""

    exact: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def covers(self, known_as: Collection[str]) -> bool:
        """Whether a holiday with these names is left out."""
        return not self.exact.isdisjoint(known_as) or any(
            _expression(pattern).match(name) for pattern in self.patterns for name in known_as
        )


NONE = Excepted()


def excepted(written: Iterable[str]) -> Excepted:
    each = tuple(dict.fromkeys(written))
    return Excepted(
        exact=frozenset(name for name in each if ANYTHING not in name),
        patterns=tuple(name for name in each if ANYTHING in name),
    )


def occurs(name: str, known: Collection[str]) -> bool:
    """Whether a name or a pattern covers any of ``known``."""
    if ANYTHING not in name:
        return name in known
    return any(_expression(name).match(each) for each in known)


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """With ``*`` as the only special character; ``translate`` avoids catastrophic backtracking."""
    return re.compile(translate(ANYTHING.join(escape(part) for part in pattern.split(ANYTHING))))
