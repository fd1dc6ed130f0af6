"""A simulated year under every policy, for many seeds: ``python -m tests.simulation.proof`` prints it.

``--readme`` puts the table in short into the README, ``--retention`` gives the queue other days than the
file's.

The year is 2026 of ``config/schedule.yaml`` with its default arrivals and starts of 5 to 30 minutes. A cell
is the median over the seeds, with the least and the most. Exits with 1 if a promise is not kept: without
faults at most 1.05 times the oracle's unit-hours and less than 1 % of the open minutes unserved; with and
without faults no message lost through the controller's doing, and no violation.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median

from controller.config.model import Config
from controller.sim.aws.account import EmbeddedAws
from controller.sim.policies.compare import Policy, least, run
from controller.sim.policies.oracle import Foresight
from controller.sim.result import PipelineResult
from controller.sim.simulate import SimulationRequest
from controller.storage.load import read
from tests.simulation.attribution import Attribution
from tests.support.config_file import EXAMPLE_PATH

START = datetime(2026, 1, 1, 5, tzinfo=UTC)
"""The year's 00:00 in the schedule's zone, where it is EST at both ends."""
YEAR = timedelta(days=365)
COLUMNS = (
    "unit-hours",
    "USD",
    "times the oracle's",
    "unserved, % of open",
    "receives failed",
    "dead-lettered",
    "by its own doing",
    "expired",
    "median delay",
    "99 % within",
)
LEAST = (Foresight.BUT_STARTS, Foresight.NOTHING)
"""No policies, but bounds of those that know no more in advance."""
IN_SHORT = ("running hours ÷ the oracle's", "% of open time unserved", "dead-lettered", "expired")
"""Of the README: medians, in every cell without faults, then with."""
BEGIN, END = "<!-- proof: generated -->", "<!-- /proof -->"
README = Path(__file__).parents[2] / "README.md"
MOST_OF_ORACLE = 1.05
MOST_UNSERVED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Job:
    faults: bool
    seed: int
    policy: Policy | Foresight
    days: int
    retention_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributedResult(PipelineResult):
    """``own_doing`` counts the dead-lettered messages that the policy itself caused."""

    own_doing: int


Results = dict[tuple[bool, Policy | Foresight], list[AttributedResult]]
"""By faults and policy; the seeds in order."""


@cache
def example() -> Config:
    return read(str(EXAMPLE_PATH))


def simulated(job: Job) -> AttributedResult:
    request = SimulationRequest(
        start=START, end=START + timedelta(days=job.days), seed=job.seed, faults=job.faults
    )
    config = with_retention(example(), job.retention_days)
    attributions: list[Attribution] = []

    def observe(aws: EmbeddedAws) -> None:
        attributions.extend(Attribution(aws, pipeline) for pipeline in config.pipelines)

    if isinstance(job.policy, Foresight):
        (result,) = least(config, request, job.policy)
    else:
        (result,) = run(job.policy, config, request, observe=observe).pipelines
    own_doing = sum(attribution.dead_lettered for attribution in attributions)
    given = {field.name: getattr(result, field.name) for field in fields(result)}
    return AttributedResult(**given, own_doing=own_doing)


def with_retention(config: Config, days: int | None) -> Config:
    """The queues, and what the file says of them."""
    if days is None:
        return config
    retention = timedelta(days=days)
    return replace(
        config,
        pipelines=tuple(
            replace(
                pipeline,
                consumer=replace(pipeline.consumer, retention=retention),
                settings=replace(pipeline.settings, retention=retention),
            )
            for pipeline in config.pipelines
        ),
    )


def results(jobs: Sequence[Job], workers: int) -> Results:
    """The longest jobs first, so that no worker is left alone with one."""
    by_job, begun = {}, time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        ordered = sorted(jobs, key=lambda job: job.policy is not Policy.CONTROLLER)
        waiting = {pool.submit(simulated, job): job for job in ordered}
        for done in as_completed(waiting):
            by_job[waiting[done]] = done.result()
            note(f"{len(by_job)} of {len(jobs)} years, {time.perf_counter() - begun:.0f} s")
    grouped: Results = defaultdict(list)
    for job in sorted(by_job):
        grouped[job.faults, job.policy].append(by_job[job])
    return grouped


def note(text: str) -> None:
    sys.stderr.write(f"\r{text} " if sys.stderr.isatty() else f"{text}\n")


def table(found: Results, *, faults: bool) -> Iterator[str]:
    """Markdown."""
    yield f"| | {' | '.join(COLUMNS)} |"
    yield f"|---{'|---:' * len(COLUMNS)}|"
    for policy in Policy:
        ours, oracles = found[faults, policy], found[faults, Policy.ORACLE]
        cells = (
            spread([each.billed_unit_hours for each in ours], "{:,.0f}"),
            spread([each.cost_usd for each in ours], "{:,.0f}"),
            spread(ratios(ours, oracles), "{:.3f}"),
            spread([100 * unserved(each) for each in ours], "{:.2f}"),
            spread([each.messages.failed_receives for each in ours], "{:,.0f}"),
            spread([each.messages.dead_lettered for each in ours], "{:,.0f}"),
            spread([each.own_doing for each in ours], "{:,.0f}"),
            spread([each.messages.expired for each in ours], "{:,.0f}"),
            spread([each.delays_s[0] for each in ours if each.delays_s], "{:,.0f} s"),
            spread([each.delays_s[1] / 3600 for each in ours if each.delays_s], "{:.1f} h"),
        )
        yield f"| {policy} | {' | '.join(cells)} |"


def in_short(found: Results) -> Iterator[str]:
    """Markdown; both worlds in one."""
    yield f"| without / with faults | {' | '.join(IN_SHORT)} |"
    yield f"|---{'|---' * len(IN_SHORT)}|"
    for policy in Policy:
        cells = zip(*(_in_short(found, policy, faults=faults) for faults in (False, True)), strict=True)
        yield f"| {policy} | {' | '.join(f'{without} / {with_}' for without, with_ in cells)} |"


def without_foresight(found: Results) -> str:
    """How near the controller comes to the least that can be reached without knowing how long things take."""
    ours, oracles = found[False, Policy.CONTROLLER], found[False, Policy.ORACLE]
    but_starts, nothing = (spread(ratios(found[False, each], oracles), "{:.4f}") for each in LEAST)
    nearness = spread(ratios(ours, found[False, Foresight.NOTHING]), "{:.4f}")
    rounded = [each.rounded_unit_hours / each.billed_unit_hours for each in ours]
    return (
        f"Without faults, a policy that serves every minute and cannot know how long a start takes needs at "
        f"least {but_starts} times the oracle's unit-hours; if it cannot know how long transitions take and "
        f"pollers go on either, {nothing} times. The controller bills {nearness} times that least. By begun "
        f"hours of every run, not by the second, its bill is {spread(rounded, '{:.3f}')} times as high."
    )


def _in_short(found: Results, policy: Policy, *, faults: bool) -> tuple[str, ...]:
    ours = found[faults, policy]
    messages = [each.messages for each in ours]
    return (
        f"{median(ratios(ours, found[faults, Policy.ORACLE])):.3f}",
        f"{median(100 * unserved(each) for each in ours):.2f}",
        f"{median(each.dead_lettered for each in messages):,.0f}",
        f"{median(each.expired for each in messages):,.0f}",
    )


def in_place(text: str, lines: Iterable[str]) -> str:
    """``text`` with ``lines`` between the marks."""
    before, rest = text.split(BEGIN)
    return "\n".join((f"{before}{BEGIN}", *lines, f"{END}{rest.split(END)[1]}"))


def spread(values: Sequence[float], form: str) -> str:
    """``1,945 (1,931 to 1,960)``; one number where all are the same."""
    least, middle, most = (form.format(value) for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def ratios(ours: Sequence[PipelineResult], oracles: Sequence[PipelineResult]) -> list[float]:
    return [one.billed_unit_hours / other.billed_unit_hours for one, other in zip(ours, oracles, strict=True)]


def unserved(result: PipelineResult) -> float:
    return result.unserved_minutes / result.open_minutes


def lost(result: AttributedResult, *, faults: bool) -> int:
    """With faults what the controller could have helped: people enable a mapping while the model is off."""
    messages = result.messages
    dead = result.own_doing if faults else messages.dead_lettered
    return dead + messages.expired


def broken(found: Results) -> Iterator[str]:
    """The promises that were not kept, seed by seed."""
    for faults in (False, True):
        ours, oracles = found[faults, Policy.CONTROLLER], found[faults, Policy.ORACLE]
        for seed, (one, times) in enumerate(zip(ours, ratios(ours, oracles), strict=True)):
            where = f"seed {seed} {'with' if faults else 'without'} faults"
            if one.violations:
                yield f"{where}: {len(one.violations)} violations, the first {one.violations[0]}"
            if lost(one, faults=faults):
                yield f"{where}: {lost(one, faults=faults)} messages lost"
            if not faults and times > MOST_OF_ORACLE:
                yield f"{where}: {times:.3f} times the oracle's unit-hours"
            if not faults and unserved(one) >= MOST_UNSERVED:
                yield f"{where}: {unserved(one):.2%} of the open minutes unserved"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The figures of the README's proof.")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--days", type=int, default=YEAR.days)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--retention", type=int, help="days, in place of the file's")
    parser.add_argument("--readme", action="store_true", help="put the table in short into the README")
    return parser.parse_args()


def main() -> int:
    given = options()
    jobs = [
        Job(faults=faults, seed=seed, policy=policy, days=given.days, retention_days=given.retention)
        for faults in (False, True)
        for seed in range(given.seeds)
        for policy in (*Policy, *(() if faults else LEAST))
    ]
    found = results(jobs, given.jobs)
    for faults in (False, True):
        print(f"{given.seeds} seeds of {given.days} days, {'with' if faults else 'without'} faults:\n")  # noqa: T201 - its output
        print("\n".join(table(found, faults=faults)), end="\n\n")  # noqa: T201 - as above
    print(without_foresight(found), end="\n\n")  # noqa: T201 - as above
    diagnostics = tuple(broken(found))
    print("\n".join(diagnostics) or "Every promise is kept.")  # noqa: T201 - as above
    if given.readme:
        README.write_text(in_place(README.read_text(encoding="utf-8"), in_short(found)), encoding="utf-8")
    return 1 if diagnostics else 0


if __name__ == "__main__":
    sys.exit(main())
