"""What a simulated year of one pipeline costs: ``python -m tests.benchmarks.simulation``."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime

from controller.sim.simulate import SimulationRequest, simulate
from controller.storage.load import read
from tests.generated import ROOT

YEAR = SimulationRequest(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 1, 1, tzinfo=UTC), seed=1)


def main() -> None:
    config = read(str(ROOT / "config" / "schedule.yaml"))
    begun = time.perf_counter()
    simulation = simulate(config, YEAR)
    lasted_s = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"a simulated year of one pipeline at five-minute ticks: {lasted_s:.1f} s, peak {peak_mb:.0f} MB")  # noqa: T201 - its output
    print(f"    {simulation.ticks:,} looks, {lasted_s / simulation.ticks * 1e6:.0f} us each")  # noqa: T201


if __name__ == "__main__":
    main()
