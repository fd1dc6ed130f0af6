"""Arrivals of messages: many by day, few at night and at weekends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from controller.schedule.zones import load_zone
from controller.sim.aws.clock import Clock

HOUR_S = 3600
END = datetime(2200, 1, 1, tzinfo=UTC)
"""No simulated day is later: the last year that an option may name is the one before."""

DAY, EVENING, NIGHT = 1.0, 0.25, 0.05
"""How busy an hour of a working day is, beside its busiest: 08-18, 06-08 and 18-22, the rest."""
HOURS = (NIGHT,) * 6 + (EVENING,) * 2 + (DAY,) * 10 + (EVENING,) * 4 + (NIGHT,) * 2
WEEKEND = 0.15
"""How busy an hour of Saturday or Sunday is beside the same hour of a working day."""
WEEK = HOURS * 5 + tuple(WEEKEND * weight for weight in HOURS * 2)
"""The 168 hours of a local week, from Monday 00:00."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """``per_day`` messages on the average day of a week: a Poisson process whose rate follows local hours."""

    per_day: float = 400.0

    def per_hour(self, local: datetime) -> float:
        return self.per_day * 7 / sum(WEEK) * WEEK[local.weekday() * 24 + local.hour]

    def arrivals(self, start_s: float, zone: str, chance: Random) -> Iterator[float]:
        """Rising instants up to ``END``; an hour of UTC has the rate of the local time at its start.

        Beginning anew at every hour is exact, since the gaps of a Poisson process have no memory.
        """
        if not self.per_day:
            return
        tz = load_zone(zone)
        for hour_s in range(int(start_s // HOUR_S) * HOUR_S, int(END.timestamp()), HOUR_S):
            per_second = self.per_hour(datetime.fromtimestamp(hour_s, tz)) / HOUR_S
            at_s = max(start_s, hour_s) + chance.expovariate(per_second)
            while at_s < hour_s + HOUR_S:
                yield at_s
                at_s += chance.expovariate(per_second)


def schedule_arrivals(arrivals: Iterator[float], clock: Clock, arrive: Callable[[], None]) -> None:
    """Do ``arrive`` at each of the instants, as the clock reaches them."""

    def schedule_next() -> None:
        at_s = next(arrivals, None)
        if at_s is not None:
            clock.at(at_s, arrive_and_continue)

    def arrive_and_continue() -> None:
        arrive()
        schedule_next()

    schedule_next()
