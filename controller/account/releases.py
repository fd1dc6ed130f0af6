"""Release dates of the data that decide opening hours: tzdata and holidays.

Neither package says when it was released, and the times of installed files are those of the installation.
What is recorded here are days by which a version was there: an older version was there by then, too. Of a
version newer than all of these nothing is known, and it is taken for new.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

TOO_OLD: Final = timedelta(days=274)
"""Nine months: governments change their clocks and holidays with less notice than that."""
THERE_BY: Final[dict[str, dict[str, date]]] = {
    "tzdata": {"2025.2": date(2025, 3, 31), "2026.6": date(2026, 10, 31)},
    "holidays": {"0.108": date(2026, 11, 25), "0.109": date(2026, 11, 25)},
}
"""Source: https://pypi.org/project/tzdata/#history and https://pypi.org/project/holidays/#history."""


def there_by(package: str, version: str) -> date | None:
    """The first recorded day by which that version of the package was released; ``None``: not known."""
    number = _number(version)
    known = [day for other, day in THERE_BY.get(package, {}).items() if number <= _number(other)]
    return min((*known, *_by_its_year(package, number)), default=None)


def _by_its_year(package: str, number: tuple[int, ...]) -> tuple[date, ...]:
    """A version of ``tzdata`` begins with its year.

    Source: https://tzdata.readthedocs.io
    """
    return (date(number[0], 12, 31),) if package == "tzdata" and number else ()


def is_too_old(package: str, version: str, now: datetime) -> bool:
    day = there_by(package, version)
    return day is not None and now.astimezone(UTC).date() - day > TOO_OLD


def _number(version: str) -> tuple[int, ...]:
    """``2026.6`` → ``(2026, 6)``, whatever follows the numbers."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
