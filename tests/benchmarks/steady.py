"""What a pipeline in steady state asks of AWS in an hour: ``python -m tests.benchmarks.steady``.

Ticks of five minutes, daily from 08:30 to 17:00 UTC: each hour of 40, but for those in which the model is
started or stopped; the mean of the open ones and of the closed ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from tests.support.embedded import a_pipeline
from tests.support.loop import Stage, a_config, utc, with_settings
from tests.support.schedules import spec

HOURS = replace(spec(daily="08:30-17:00"), name="office")
BEGINS = utc("2026-11-23T06:00")
OPEN, CLOSED = range(10, 16), (*range(18, 24), *range(7))


def asked(per_day: float) -> dict[str, Counter[str]]:
    """Calls and writes of the memory, by whether the schedule is open."""
    pipeline = with_settings(a_pipeline(), warm_up=timedelta(minutes=30))
    scenario = Scenario(start=BEGINS, seed=1, traffic=Traffic(per_day=per_day), start_minutes=(10, 10))
    stage = Stage(config=a_config(pipeline, specs=(HOURS,)), scenario=scenario).until(utc("2026-11-23T10:00"))
    counts = {"open": Counter[str](), "closed": Counter[str]()}
    hours: Counter[str] = Counter()
    now: list[str | None] = [None]
    stage.aws.listen(lambda call: counts[now[0]].update([call.request.operation]) if now[0] else None)
    for _ in range(40):
        hour = stage.aws.now().hour
        now[0] = "open" if hour in OPEN else "closed" if hour in CLOSED else None
        hours[now[0] or ""] += 1
        for _ in stage.ticks(stage.aws.now() + timedelta(hours=1)):
            report = stage.reports[-1].pipelines[0]
            if now[0] and report.memory != report.before:
                counts[now[0]].update(["memory written"])
    return {
        when: Counter({name: number / hours[when] for name, number in told.items()})
        for when, told in counts.items()
    }


def main() -> None:
    for per_day in (0.0, 400.0, 20_000.0):
        for when, told in asked(per_day).items():
            said = ", ".join(f"{name} {number:.2f}" for name, number in sorted(told.items()))
            print(f"{per_day:>7,.0f} messages a day, {when:>6}, an hour: {said}")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
