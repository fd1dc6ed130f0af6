"""The dates of an iCalendar recurrence rule (RRULE) of whole days, at a bounded cost.

Every candidate date is a step of a budget, so that the search for a rule that no date fits ends early. The
`dateutil` library, which most readers use, follows such a rule to the year 9999, and the search cannot be
ended before.

Source: https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from itertools import count as counting

LAST_DATE = date.max
_WEEK = 7
_JANUARY_4 = 4
"""The first week of a year is the one that holds this day: most of its days are in the year."""


class StepBudgetError(ValueError):
    """The budget of steps is used up."""


@dataclass(slots=True, kw_only=True)
class StepBudget:
    """A limit on the candidate dates that rules test and the dates that events produce."""

    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise StepBudgetError


class Frequency(StrEnum):
    """The FREQ values that an all-day event can have."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayPart:
    """A value of BYDAY: the ``nth`` weekday of the month or year, from the end if negative; 0 is every one.

    ``weekday`` is 0 for Monday to 6 for Sunday.
    """

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """An RRULE with the ``start`` (DTSTART) that it belongs to; ``until`` is inclusive.

    An empty part is not in the rule. ``week_start`` (WKST) is 0 for Monday to 6 for Sunday.
    """

    start: date
    frequency: Frequency
    interval: int = 1
    until: date = LAST_DATE
    week_start: int = 0
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[WeekdayPart] = frozenset()
    positions: frozenset[int] = frozenset()

    def completed(self) -> Recurrence:
        """The rule with the parts that it takes from its start: ``FREQ=YEARLY`` is the start's month and day.

        ``BYWEEKNO`` alone means the start's weekday in these weeks, not the whole weeks.
        """
        if self.year_days or self.month_days or self.weekdays:
            return self
        weekday = frozenset({WeekdayPart(weekday=self.start.weekday())})
        month_day = frozenset({self.start.day})
        match self.frequency:
            case Frequency.YEARLY if self.weeks:
                return replace(self, weekdays=weekday)
            case Frequency.YEARLY:
                return replace(
                    self, month_days=month_day, months=self.months or frozenset({self.start.month})
                )
            case Frequency.MONTHLY:
                return replace(self, month_days=month_day)
            case Frequency.WEEKLY:
                return replace(self, weekdays=weekday)
            case Frequency.DAILY:
                return self

    def between(self, first: date, last: date, budget: StepBudget) -> Iterator[date]:
        """The dates from ``first`` to ``last``, both inclusive, in order; none before the start.

        Raises:
            StepBudgetError: the budget is used up.
        """
        first, last = max(first, self.start), min(last, self.until)
        for period in self._periods(first, last):
            budget.spend(1)
            for day in self._chosen(period, budget):
                if first <= day <= last:
                    yield day

    def ending_after(self, count: int, budget: StepBudget) -> Recurrence:
        """The same rule, its end given by a date instead of by ``count`` (COUNT) dates from the start.

        Raises:
            StepBudgetError: the budget is used up before so many dates are found.
        """
        end = self.start
        for found, day in enumerate(self.between(self.start, self.until, budget), 1):
            end = day
            if found == count:
                break
        return replace(self, until=end)

    def gives(self, day: date, budget: StepBudget) -> bool:
        """Whether ``day`` is one of the rule's dates; the start may not be."""
        return day in self.between(day, day, budget)

    def _periods(self, first: date, last: date) -> Iterator[tuple[date, date]]:
        """First and last date of each period that may hold one of the dates ``first`` to ``last``."""
        if first > last:
            return
        for number in counting(self._number_of(first) // self.interval):
            period = self._period(number * self.interval)
            if period is None or period[0] > last:
                return
            yield period

    def _number_of(self, day: date) -> int:
        """How many periods ``day`` is after the start's."""
        match self.frequency:
            case Frequency.YEARLY:
                return day.year - self.start.year
            case Frequency.MONTHLY:
                return _month_number(day) - _month_number(self.start)
            case Frequency.WEEKLY:
                return (self._week_of(day) - self._week_of(self.start)) // _WEEK
            case Frequency.DAILY:
                return (day - self.start).days

    def _week_of(self, day: date) -> int:
        """The ordinal of the first day of the week that holds ``day``; it may be before the calendar."""
        return day.toordinal() - (day.weekday() - self.week_start) % _WEEK

    def _period(self, number: int) -> tuple[date, date] | None:
        """The period ``number`` after the start's; ``None`` beyond the calendar."""
        match self.frequency:
            case Frequency.YEARLY:
                year = self.start.year + number
                return (date(year, 1, 1), date(year, 12, 31)) if year <= MAXYEAR else None
            case Frequency.MONTHLY:
                year, month = divmod(_month_number(self.start) + number, 12)
                return _month(year, month + 1) if year <= MAXYEAR else None
            case Frequency.WEEKLY:
                return _span(self._week_of(self.start) + number * _WEEK, _WEEK)
            case Frequency.DAILY:
                return _span(self.start.toordinal() + number, 1)

    def _chosen(self, period: tuple[date, date], budget: StepBudget) -> list[date]:
        days = sorted(day for day in self._candidates(period, budget) if self._fits(day))
        if not self.positions:
            return days
        return sorted({days[index] for index in _indices(self.positions, len(days))})

    def _candidates(self, period: tuple[date, date], budget: StepBudget) -> Iterator[date]:
        """The dates of the period that BYMONTH and BYMONTHDAY leave, found without trying all of them."""
        for first, last in self._parts(period):
            if self.month_days and first.day == 1 and last.day == _month_length(first):
                budget.spend(len(self.month_days))
                length = _month_length(first)
                days = {day if day > 0 else length + 1 + day for day in self.month_days}
                yield from (first.replace(day=day) for day in days if 1 <= day <= length)
            else:
                budget.spend((last - first).days + 1)
                for ordinal in range(first.toordinal(), last.toordinal() + 1):
                    yield date.fromordinal(ordinal)

    def _parts(self, period: tuple[date, date]) -> Iterator[tuple[date, date]]:
        """The period by months where the rule speaks of months, else as a whole."""
        if self.frequency is Frequency.YEARLY and (self.months or self.month_days):
            yield from (_month(period[0].year, month) for month in sorted(self.months or range(1, 13)))
        else:
            yield period

    def _fits(self, day: date) -> bool:
        return (
            (not self.months or day.month in self.months)
            and (not self.month_days or self._fits_month_day(day))
            and (not self.weekdays or any(self._fits_weekday(day, part) for part in self.weekdays))
            and (not self.year_days or self._fits_year_day(day))
            and (not self.weeks or self._fits_week(day))
        )

    def _fits_month_day(self, day: date) -> bool:
        return day.day in self.month_days or day.day - _month_length(day) - 1 in self.month_days

    def _fits_year_day(self, day: date) -> bool:
        number, length = day.timetuple().tm_yday, _year_length(day)
        return number in self.year_days or number - length - 1 in self.year_days

    def _fits_weekday(self, day: date, part: WeekdayPart) -> bool:
        if day.weekday() != part.weekday:
            return False
        if part.nth == 0 or self.frequency in (Frequency.WEEKLY, Frequency.DAILY):
            return True
        in_year = self.frequency is Frequency.YEARLY and not self.months
        number = day.timetuple().tm_yday if in_year else day.day
        length = _year_length(day) if in_year else _month_length(day)
        nth = (number - 1) // _WEEK + 1 if part.nth > 0 else -((length - number) // _WEEK) - 1
        return nth == part.nth

    def _fits_week(self, day: date) -> bool:
        """Weeks may reach into the year before or after: a date belongs to the year of its week."""
        week = self._week_of(day)
        year = date.fromordinal(min(week + 3, LAST_DATE.toordinal())).year
        begins = self._first_week(year)
        number = (week - begins) // _WEEK + 1
        last = (self._first_week(year + 1) - begins) // _WEEK if year < MAXYEAR else number
        return number in self.weeks or number - last - 1 in self.weeks

    def _first_week(self, year: int) -> int:
        return self._week_of(date(year, 1, _JANUARY_4))


def _indices(positions: frozenset[int], length: int) -> Iterator[int]:
    """BYSETPOS counts from 1, and from the end if negative."""
    for position in positions:
        index = position - 1 if position > 0 else length + position
        if 0 <= index < length:
            yield index


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, first.replace(day=_month_length(first))


def _month_length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _year_length(day: date) -> int:
    return 366 if calendar.isleap(day.year) else 365


def _span(ordinal: int, length: int) -> tuple[date, date] | None:
    """``length`` dates from ``ordinal`` on, clipped to the calendar; ``None`` beyond it."""
    if ordinal > LAST_DATE.toordinal():
        return None
    last = min(ordinal + length - 1, LAST_DATE.toordinal())
    return date.fromordinal(max(ordinal, 1)), date.fromordinal(last)


def shifted(day: date, days: int) -> date | None:
    """``days`` later; ``None`` beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
