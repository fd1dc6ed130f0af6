"""Many simulated weeks in which everything goes wrong: ``python -m tests.simulation.soak --runs 1000``.

Each run draws from its seed what a file may say: schedules in any zone with days of any shape and overrides,
one or two pipelines with any settings, holds and units; then a tick, a start and a week with faults. S1 to S8
must hold at every step. Then the faults cease, and once the schedule and the holds ask for the same long
enough, every pipeline must come to be as desired. Exits with 1 if one run fails, and prints its seed:
``--seed N --runs 1`` repeats it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time as clock
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from controller.config.model import Config, Pipeline
from controller.core.settings import Budget, Hold, OnDemand, Settings
from controller.core.states import Desired
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.workers import InTurn
from controller.schedule.model import DateOverride, SpanOverride, Spec
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import HARSH, Faults
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.result import Violation
from controller.sim.simulate import SimulationRequest, drive, monitored, scenario
from controller.storage.memories import ProcessMemories
from tests.support.embedded import a_pipeline, model_arn
from tests.support.loop import a_config, condition
from tests.support.schedules import DAYS, dated, span, spec

WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)
TICKS = (1, 2, *[5] * 6, *[10] * 6, *[15] * 6)
"""Minutes: those that the stack offers; the short ones seldom, since weeks of them take much longer."""
SLOWEST = timedelta(minutes=100)
"""A backoff of an hour, a stop under way and a start of half an hour."""
LOOKS = 4
"""Ticks that it may take beside that to see what has come about, and to act on it."""
CALM = timedelta(hours=8)
"""How long is watched after the faults have ceased."""
PROGRESS = 100
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
)
CREATED_MS = (1640995200000, *[1768468215000] * 4)
"""Of models: 2022-01-01, of which AWS has no units metric, and 2026-01-15."""
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run: the longest that a pipeline took to be as desired, and what went wrong."""

    seed: int
    steps: int = 0
    took: timedelta = timedelta(0)
    late: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    error: str | None = None

    @property
    def fine(self) -> bool:
        return not (self.late or self.violations or self.error)


def soak(seed: int) -> Ended:
    try:
        return _soak(seed)
    except Exception:  # noqa: BLE001 - a run that breaks down is a finding, and the others go on
        return Ended(seed=seed, error=traceback.format_exc())


def _soak(seed: int) -> Ended:
    chance = Random(seed)  # noqa: S311 - a simulation, not a secret
    config, request = a_configuration(chance), a_request(chance, seed)
    config = seldom_settings(config, Random(f"seldom {seed}"))  # noqa: S311 - as above
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, faults(chance)))
    made = pipeline_contexts(config, aws.clients)
    bounds = ExpectedBounds(aws, config, request.tick)
    monitor = monitored(aws, config, bounds)
    world = LoopContext(
        contexts=made, memories=ProcessMemories(), clock=aws.now, tick=request.tick, workers=InTurn()
    )
    steps = sum(1 for _ in drive(aws, world, monitor, request))
    aws.end_faults()
    waits = [Waiting(name=pipeline.name, since=request.end) for pipeline in config.pipelines]
    for report in drive(aws, world, monitor, replace(request, start=request.end, end=request.end + CALM)):
        steps += 1
        for wait, each in zip(waits, report.pipelines, strict=True):
            ready, so = condition(each, "Ready").status == "True", bounds.is_so(wait.name, report.at)
            wait.see(each.desire and each.desire.desired, report.at, ready=ready and so)
            wait.lied_at = report.at if ready and not so else wait.lied_at
    held = [
        wait for wait, pipeline in zip(waits, config.pipelines, strict=True) if not _may_never_be(pipeline)
    ]
    return Ended(
        seed=seed,
        steps=steps,
        took=max((wait.most for wait in held), default=timedelta(0)),
        late=tuple(
            f"{wait.name} was not {wait.desired} after {wait.most}, by ticks of {request.tick}"
            for wait in held
            if wait.most > SLOWEST + LOOKS * request.tick
        )
        + tuple(
            f"{wait.name} was told Ready at {wait.lied_at}, and was not" for wait in waits if wait.lied_at
        ),
        violations=tuple(monitor.violations),
    )


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The longest that ``name`` took to be as desired, counted anew when something else is desired."""

    name: str
    since: datetime
    desired: Desired | None = None
    ready: bool = False
    most: timedelta = timedelta(0)
    lied_at: datetime | None = None

    def see(self, desired: Desired | None, at: datetime, *, ready: bool) -> None:
        if desired is not self.desired:
            self.since, self.desired, self.ready = max(self.since, at), desired, False
        self.ready = self.ready or ready
        if not self.ready:
            self.most = max(self.most, at - self.since)


def _may_never_be(pipeline: Pipeline) -> bool:
    """An enforced budget that is used up starts nothing, and ``start: manual`` waits for a person."""
    budget = pipeline.settings.budget
    return pipeline.settings.manual_start or (budget is not None and budget.enforce)


def a_configuration(chance: Random) -> Config:
    names = ("logos", "stamps")[: chance.choice((1, 1, 2))]
    pipelines, specs = [], []
    for number, name in enumerate(names, start=1):
        arn = model_arn(name, created_ms=chance.choice(CREATED_MS))
        pipeline = replace(
            a_pipeline(name, number, arn=arn, inference_units=chance.randint(1, 3)), schedule=name
        )
        retention = timedelta(hours=chance.choice((6, 24, 96, 336)))
        pipelines.append(
            replace(
                pipeline,
                consumer=replace(pipeline.consumer, retention=retention),
                settings=some_settings(chance, retention),
            )
        )
        specs.append(replace(a_schedule(chance), name=name))
    return a_config(*pipelines, specs=tuple(specs))


def seldom_settings(config: Config, chance: Random) -> Config:
    """Some pipelines without a consumer or with ``start: manual``, drawn apart: a seed keeps the rest."""
    return replace(config, pipelines=tuple(_seldom(pipeline, chance) for pipeline in config.pipelines))


def _seldom(pipeline: Pipeline, chance: Random) -> Pipeline:
    settings = replace(pipeline.settings, manual_start=chance.random() < 0.1)
    if chance.random() >= 0.15:
        return replace(pipeline, settings=settings)
    bare = replace(settings, consumer=False, on_demand=None, overtime=timedelta(0), rescue=None)
    return replace(pipeline, consumer=None, settings=bare)


def a_request(chance: Random, seed: int) -> SimulationRequest:
    start = YEAR + timedelta(minutes=chance.randrange(365 * 24 * 60))
    return SimulationRequest(
        start=start,
        end=start + WEEK,
        seed=seed,
        arrivals=chance.choice((0, 20, 400)),
        tick=timedelta(minutes=chance.choice(TICKS)),
        faults=True,
    )


def faults(chance: Random) -> Faults:
    """As usual, or several times as bad."""
    usual, times = HARSH, chance.choice((1, 1, 2, 4))
    return replace(
        usual,
        **{name: rate * times for name, rate, _ in usual.table() if not name.endswith("_s")},
    )


def a_schedule(chance: Random) -> Spec:
    first = YEAR.date()
    return spec(
        chance.choice(ZONES),
        days={day: some_hours(chance) for day in DAYS if chance.random() < 0.7},
        overrides=tuple(an_override(chance, first) for _ in range(chance.choice((0, 0, 3, 60)))),
    )


def some_hours(chance: Random) -> str:
    """Windows in order, the last of them perhaps over midnight; or all day, or never."""
    times = sorted(
        chance.sample(range(0, 24 * 60, chance.choice((1, 5, 30))), 2 * chance.choice((1, 1, 2, 3)))
    )
    if chance.random() < 0.2:
        return chance.choice(("open", "closed"))
    if chance.random() < 0.2:
        times = [*times[1:], times[0]]
    written = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in times]
    return ", ".join(f"{start}-{end}" for start, end in zip(written[::2], written[1::2], strict=True))


def an_override(chance: Random, first: date) -> DateOverride | SpanOverride:
    day = first + timedelta(days=chance.randrange(372))
    if chance.random() < 0.5:
        return dated(day.isoformat(), some_hours(chance))
    start = datetime.combine(day, time(chance.randrange(24), chance.randrange(60)))
    end = start + timedelta(minutes=chance.choice((5, 20, 90, 600, 3000)))
    return span(start.isoformat(), end.isoformat(), chance.choice(("open", "closed")))


def some_settings(chance: Random, retention: timedelta) -> Settings:
    on_demand = chance.choice((None, None, OnDemand(idle=timedelta(minutes=chance.choice((1, 20, 120))))))
    return Settings(
        warm_up=None if on_demand else minutes(chance, None, None, 1, 10, 30, 120),
        bridge=minutes(chance, None, 0, 20, 90),
        drain=minutes(chance, None, None, 1, 6, 15),
        overtime=minutes(chance, 0, 0, 10, 120) or timedelta(0),
        rescue=minutes(chance, None, 60, 720),
        hold=a_hold(chance),
        on_demand=on_demand,
        budget=chance.choice((None, None, Budget(unit_hours_per_month=40, enforce=chance.random() < 0.3))),
        retention=retention,
    )


def a_hold(chance: Random) -> Hold | None:
    if chance.random() < 0.8:
        return None
    until = YEAR + timedelta(minutes=chance.randrange(372 * 24 * 60))
    return Hold(desired=chance.choice((Desired.AS_IS, Desired.OFF, Desired.ON)), until=until, reason="soak")


def minutes(chance: Random, *choices: float | None) -> timedelta | None:
    chosen = chance.choice(choices)
    return None if chosen is None else timedelta(minutes=chosen)


def told(ended: Ended) -> Iterator[str]:
    for violation in ended.violations[:3]:
        yield f"seed {ended.seed}: {violation}"
    yield from (f"seed {ended.seed}: {late}" for late in ended.late)
    if ended.error is not None:
        yield f"seed {ended.seed}: {ended.error}"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Simulated weeks with faults, of random configurations.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the others count on")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def main() -> int:
    given, begun = options(), clock.perf_counter()
    runs = steps = violations = 0
    longest = timedelta(0)
    failed: list[int] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for ended in pool.map(soak, range(given.seed, given.seed + given.runs), chunksize=4):
            runs, steps, violations = runs + 1, steps + ended.steps, violations + len(ended.violations)
            longest = max(longest, ended.took)
            if not ended.fine:
                failed.append(ended.seed)
                print("\n".join(told(ended)), flush=True)  # noqa: T201 - its output
            if runs % PROGRESS == 0 or runs == given.runs:
                print(  # noqa: T201 - as above
                    f"{runs:,} weeks from seed {given.seed}: {steps:,} steps, {violations} violations, "
                    f"{len(failed)} failed {failed}, at most {longest / MINUTE:.0f} min to converge, "
                    f"{clock.perf_counter() - begun:,.0f} s",
                    flush=True,
                )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
