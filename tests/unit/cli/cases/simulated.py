"""``simulate`` and ``compare``: of results that are made by hand, so that no simulated chance is in them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from controller.sim.aws.faults import Faults
from controller.sim.policies.compare import PolicyComparison
from controller.sim.result import Messages, Simulation
from tests.support.desk import Desk
from tests.support.results import VIOLATION, a_comparison, a_result, a_simulation
from tests.support.screens import Screen, screen
from tests.unit.cli.cases.files import NO_PIPELINES

LOST = Messages(arrived=10, processed=5, failed_receives=9, dead_lettered=3, expired=1, waiting=1)


def simulated(result: Simulation) -> Screen:
    return _instead("controller.sim.simulate.simulate", result, "simulate --to 2026-11-24")


def compared(result: PolicyComparison) -> Screen:
    return _instead("controller.sim.policies.compare.compare", result, "compare --to 2026-11-24")


def _instead(of: str, result: object, command: str) -> Screen:
    def arrange(_desk: Desk, stack: ExitStack) -> None:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(of, lambda *_, **__: result)

    return Screen(commands=(command,), arrange=arrange)


SIMULATE = {
    "a day": simulated(a_simulation(a_result())),
    "a day with losses and violations": simulated(
        a_simulation(
            a_result(violations=(VIOLATION,) * 22, messages=LOST, starts=3, failed_starts=2, delays_s=None)
        )
    ),
    "a day with faults": simulated(a_simulation(a_result(), faults=Faults(throttled=0.25))),
    "a comparison": compared(a_comparison()),
    "a comparison with faults and a violation": compared(
        a_comparison(faults=Faults(), violations=(VIOLATION,))
    ),
    "no file": Screen(
        commands=("simulate --to 2026-11-24 --tick 1h --arrivals 0",),
        arrange=lambda desk, _: (desk.home / "config/schedule.yaml").unlink(),
        env={"SCHEDULER_CONFIG": None},
    ),
    "no pipelines": screen("simulate", "compare", file=NO_PIPELINES),
    "what cannot be meant": screen(
        "simulate --from 2026-12-01 --to 2026-11-01",
        "simulate --tick 0s",
        "simulate --tick soon",
        "simulate --arrivals 1e-320",
        "simulate --arrivals 1000000 --to 2027-12-01",
        "simulate --start-minutes 30..5",
        "simulate --start-minutes 5-30",
        "simulate --start-minutes 0..1e9",
        "simulate --from 1970-01-01 --to 2199-12-31",
        "compare --html page.html --week 2026-12-24",
        "compare --html page.html --week soon",
        "compare --week 2026-11-23",
        "compare --html -",
        "compare --html nowhere/page.html",
    ),
}
