"""What rescues cost: unit-hours of four weeks with `rescue` less those without it, and what each loses.

``python -m tests.benchmarks.rescues``: Monday to Friday 08:30 to 17:00 UTC from 2026-11-23 on, one unit.
No weekend is as long as the retention, so that every rescue of the first rows is a false one; in the last
row ten days are closed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from controller.config.model import Config
from controller.core.settings import DEFAULT_RESCUE, Settings
from controller.schedule.model import Spec
from controller.sim.result import PipelineResult
from controller.sim.simulate import SimulationRequest, simulate
from tests.support.embedded import a_pipeline
from tests.support.loop import a_config, utc
from tests.support.schedules import span, spec

WEEKS = 4
START = utc("2026-11-23T00:00")
MONTH = 365.25 / 12 / 7
"""Weeks."""
OFFICE = spec(days=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-17:00"))
HOLIDAYS = spec(
    days=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-17:00"),
    overrides=(span("2026-11-27T17:00", "2026-12-07T17:00", "closed"),),
)


def month_of(hours: Spec, days: float, arrivals: float, rescue: timedelta | None) -> PipelineResult:
    pipeline = replace(a_pipeline(), settings=Settings(rescue=rescue))
    pipeline = replace(pipeline, consumer=replace(pipeline.consumer, retention=timedelta(days=days)))
    config: Config = a_config(pipeline, specs=(replace(hours, name="office"),))
    until = START + timedelta(weeks=WEEKS)
    (result,) = simulate(config, SimulationRequest(start=START, end=until, arrivals=arrivals)).pipelines
    return result


def main() -> None:
    print("closed        retention  messages/day  unit-hours a month for rescues  expired without, with")  # noqa: T201 - its output
    for name, hours, days in (("weekends", OFFICE, 4), ("weekends", OFFICE, 14), ("ten days", HOLIDAYS, 4)):
        for arrivals in (400, 20_000):
            with_, without = (month_of(hours, days, arrivals, rescue) for rescue in (DEFAULT_RESCUE, None))
            more = (with_.billed_unit_hours - without.billed_unit_hours) / WEEKS * MONTH
            lost = f"{without.messages.expired:,}, {with_.messages.expired:,}"
            print(f"{name:<13} {days:>6} d {arrivals:>12,} {more:>30.2f} {lost:>24}")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
