"""The result of ``compare`` as tables and as JSON data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from controller.cli.render.simulation import delays, fault_table, lost, pipeline_data, print_violations
from controller.cli.render.terminal import Grid, line, print_out, table
from controller.core.timefmt import local, spelled
from controller.loop.report import instant
from controller.sim.policies.compare import Policy, PolicyComparison
from controller.sim.policies.crons import CAREFUL_LEAD, CAREFUL_STOP_DELAY
from controller.sim.result import PipelineResult

EARLY_MIN, LATE_MIN = (round(length / timedelta(minutes=1)) for length in (CAREFUL_LEAD, CAREFUL_STOP_DELAY))

WAYS = {
    Policy.CONTROLLER: "looks at everything on every tick, and again while something settles",
    Policy.TWO_CRONS: (
        "start and enable together, stop and then disable; the first day's hours from Monday to Friday, in "
        "UTC, tried once"
    ),
    Policy.TWO_CRONS_CAREFUL: (
        f"start {EARLY_MIN} minutes early, enable at the opening, disable at the closing, stop {LATE_MIN} "
        "minutes later; local time, no holidays, tried once"
    ),
    Policy.ALWAYS_ON: "runs around the clock; whoever finds it down at an opening brings it on again",
    Policy.ORACLE: (
        "knows how long everything will take and sees every change at once: serves the openings to the "
        "minute, which no policy can do for less; knows no rule beyond the hours, such as on_demand or rescue"
    ),
}


def as_data(result: PolicyComparison) -> dict[str, object]:
    return {
        "from": instant(result.request.start),
        "to": instant(result.request.end),
        "seed": result.request.seed,
        "policies": [
            {"name": run.policy, "pipelines": [pipeline_data(each) for each in run.pipelines]}
            for run in result.runs
        ],
    }


def print_result(result: PolicyComparison, zone: ZoneInfo) -> None:
    first, *rest = answer(result)
    print_out(line((first, "bold")), *rest)
    print_out(setting(result, zone))
    for place, pipeline in enumerate(result.runs[0].pipelines):
        rows = [(run.policy, run.pipelines[place]) for run in result.runs]
        print_out("", line((pipeline.name, "bold"), f" ({pipeline.timezone})"))
        print_out(_money(rows), *(("", _post(rows)) if pipeline.consumer else ()))
    print_out("", table(("", ""), WAYS.items()))
    if result.faults is not None:
        print_out("", fault_table(result.faults))
    controller = result.under(Policy.CONTROLLER).pipelines
    print_violations([each for pipeline in controller for each in pipeline.violations])


def answer(result: PolicyComparison) -> tuple[str, ...]:
    """``This controller costs $601.84, 1.03 times …``; what it loses; what the usual crons cost and lose."""
    ours, usual = (result.under(policy) for policy in (Policy.CONTROLLER, Policy.TWO_CRONS))
    arrived = sum(each.messages.arrived for each in ours.pipelines)
    best = cost_usd(result.under(Policy.ORACLE).pipelines)
    least = f", {ratio(cost_usd(ours.pipelines), best)} times the oracle's ${best:,.2f}" if best else ""
    open_min = sum(each.open_minutes for each in ours.pipelines)
    consumes = any(each.consumer for each in ours.pipelines)
    loses = f"loses {lost(ours.pipelines):,} of {arrived:,} messages and " if consumes else ""
    lose = f", lose {lost(usual.pipelines):,}" if consumes else ""
    return (
        f"This controller costs ${cost_usd(ours.pipelines):,.2f}{least}",
        f"It {loses}leaves {_unserved(ours.pipelines)} of {spelled(open_min * 60)} unserved",
        (
            f"Two crons as usually built cost ${cost_usd(usual.pipelines):,.2f}{lose} and leave "
            f"{_unserved(usual.pipelines)}"
        ),
    )


def _unserved(results: Iterable[PipelineResult]) -> str:
    return spelled(sum(each.unserved_minutes for each in results) * 60)


def setting(result: PolicyComparison, zone: ZoneInfo) -> str:
    """Which days, how busy, how faulty."""
    request = result.request
    consumes = any(each.consumer for each in result.runs[0].pipelines)
    traffic = f"{request.arrivals:g} messages a day, " if consumes else ""
    return (
        f"{local(request.start, zone)} to {local(request.end, zone)}, seed {request.seed}: "
        f"{traffic}starts of {request.start_minutes[0]:g} to "
        f"{request.start_minutes[1]:g} minutes, {'with' if result.faults else 'without'} faults"
    )


def cost_usd(results: Iterable[PipelineResult]) -> float:
    return sum(each.cost_usd for each in results)


def ratio(value: float, least: float) -> str:
    """``1.03``, or ``-`` where there is nothing to compare with."""
    return f"{value / least:,.2f}" if least else "-"


MONEY = ("", "unit hours", "cost", "x oracle", "open", "unserved", "starts")


def _money(rows: list[tuple[Policy, PipelineResult]]) -> Grid:
    least = next(each.billed_unit_hours for policy, each in rows if policy is Policy.ORACLE)
    return table(MONEY, (money_row(policy, each, least) for policy, each in rows), right=MONEY[1:])


def money_row(policy: Policy, result: PipelineResult, least: float) -> tuple[str, ...]:
    return (
        policy,
        f"{result.billed_unit_hours:,.1f}",
        f"${result.cost_usd:,.2f}",
        ratio(result.billed_unit_hours, least),
        spelled(result.open_minutes * 60),
        spelled(result.unserved_minutes * 60),
        f"{result.starts:,}",
    )


POST = ("", "arrived", "failed", "dead-lettered", "expired", "median", "99 % in")


def _post(rows: list[tuple[Policy, PipelineResult]]) -> Grid:
    return table(POST, (post_row(policy, each) for policy, each in rows), right=POST[1:])


def post_row(policy: Policy, result: PipelineResult) -> tuple[str, ...]:
    messages = result.messages
    counts = (messages.arrived, messages.failed_receives, messages.dead_lettered, messages.expired)
    return (policy, *(f"{number:,}" for number in counts), *delays(result))
