"""The parts of a schedule as the file has them, in wall time; and the results, in instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours of one date in wall time, half-open, in seconds since its 00:00.

    ``end_s`` above 86,400 is on the next date; exactly 86,400 is ``24:00``, the date's end, wherever that is.
    """

    start_s: int
    end_s: int


WHOLE_DATE = (Window(start_s=0, end_s=DAY_S),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Hours that govern a date, with their label and line in the file.

    ``label`` names the rule for people (``mon-thu 08:30-17:00``, ``holidays closed``, ``override 2026-12-24
    08:30-12:00 (Christmas Eve)``); ``windows`` empty is closed; ``line`` is its line in the file;
    ``explicit`` is true for the ``closed`` of an override, or for a week of its hours in which nothing is
    open, and for nothing else. ``name`` and ``hours`` are the short parts of the label
    (``Christmas Eve``, ``08:30-12:00``); without a ``name`` it is the whole label.
    """

    label: str
    line: int
    windows: tuple[Window, ...] = ()
    explicit: bool = False
    name: str = ""
    hours: str = ""

    @property
    def called(self) -> str:
        return self.name or self.label


Week: TypeAlias = tuple[Rule, Rule, Rule, Rule, Rule, Rule, Rule]
"""Monday first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOverride:
    """An override of whole dates: ``date:`` (first = last) or ``dates:``, both ends inclusive.

    ``rule`` governs each of the dates; where there is a ``week``, its rules do, and ``rule`` only names it.
    """

    first: date
    last: date
    rule: Rule
    week: Week | None = None

    def on(self, day: date) -> Rule:
        """The rule of ``day``, one of its dates."""
        return self.rule if self.week is None else self.week[day.weekday()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanOverride:
    """An override ``from``/``until``: naive wall time in the schedule's zone, aware if an offset was written.

    ``rule.windows`` is not used; ``state_open`` says what holds from ``start`` until ``end``.
    """

    start: datetime
    end: datetime
    state_open: bool
    rule: Rule


class HolidayNames(Protocol):
    """Maps a local date to the names of its holidays."""

    def __call__(self, day: date, /) -> tuple[str, ...]:
        """Names of the holidays of ``day``, in the order of the calendars; empty on an ordinary date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Hours for the dates that have a holiday's name."""

    rule: Rule
    names: HolidayNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A window that would run past midnight but ends there, because another rule governs the next date.

    It would be ``[start, end)``, aware UTC, and is ``[start, at)``. ``rule`` is the window's; ``by`` governs
    the next date, and ``named`` names it for people: ``Christmas Day``.
    """

    start: datetime
    at: datetime
    end: datetime
    rule: Rule
    by: DateOverride | HolidayRule
    named: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One schedule of the file: zone, weekly hours, holidays, overrides.

    ``week`` has seven rules, Monday first: days named together share one ``Rule``; a day that is not named
    has a closed one with the line of ``hours``. ``holidays`` and ``overrides`` stand in file order.
    """

    name: str
    zone: str
    week: Week
    holidays: tuple[HolidayRule, ...] = ()
    overrides: tuple[DateOverride | SpanOverride, ...] = ()

    def override(self, day: date) -> DateOverride | None:
        """The last override over dates that names ``day``: it governs, whatever ``holiday`` says."""
        dated = (entry for entry in reversed(self.overrides) if isinstance(entry, DateOverride))
        return next((entry for entry in dated if entry.first <= day <= entry.last), None)

    def holiday(self, day: date) -> tuple[HolidayRule, tuple[str, ...]] | None:
        """The last holiday rule that names ``day``, and the names; ``None`` on an ordinary date."""
        found = ((rule, rule.names(day)) for rule in reversed(self.holidays))
        return next((each for each in found if each[1]), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A maximal open interval ``[start, end)``, aware UTC; ``reason`` lists its rules in time order.

    ``name`` does so where the date and the hours stand beside it: ``Christmas Eve``, ``mon-thu``.
    """

    start: datetime
    end: datetime
    reason: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A maximal closed interval ``[start, end)``, aware UTC; ``reason`` lists its rules in time order."""

    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The state of a schedule at one instant.

    ``started_at`` and ``ends_at`` bound the maximal opening or closure that holds the instant (aware UTC;
    ``None`` beyond 400 days). ``explicit`` is of the instant: an override's ``closed`` governs it;
    ``explicit_changes_at`` is the next instant within this closure at which that changes (``None``: it does
    not). ``reason`` names the rule that governs the instant, with its line and the holiday's name; ``line``
    is that rule's line. ``brief`` is the reason without the line, and for a dated rule without
    the date.
    """

    open: bool
    started_at: datetime | None
    ends_at: datetime | None
    explicit: bool = False
    explicit_changes_at: datetime | None = None
    reason: str
    line: int
    brief: str = ""

    def shortened(self, text: str, *, keep_line: bool = False) -> str:
        """``text`` with the brief form in place of this reason, where it holds it."""
        if not self.reason or not self.brief:
            return text
        return text.replace(self.reason, f"{self.brief} (line {self.line})" if keep_line else self.brief)
