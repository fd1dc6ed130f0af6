"""The options and the progress bar of ``simulate`` and ``compare``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias, TypeVar

import typer
from rich.progress import Progress

from controller.aws.clients import ClientFactory
from controller.cli.inputs import common_zone, load_or_example
from controller.cli.options.shared import whole_number
from controller.cli.render.terminal import console
from controller.cli.render.times import ZonedRange, stretch
from controller.config.model import Config
from controller.sim.simulate import SimulationRequest

T = TypeVar("T")

DEFAULT_DAYS = 7
ARRIVALS = 400.0
MOST_A_DAY = 1_000_000
FEWEST = 0.01
"""A message in a hundred days."""
START_MINUTES = "5..30"
MOST_TICKS = 1_200_000
"""Of all the days: eleven years of a tick every five minutes."""
MOST_MESSAGES = 20_000_000
"""Of all pipelines and days: they are simulated one by one."""
WORTH_A_BAR = 10_000
"""Fewer ticks and messages are simulated in a second or two."""


def _arrivals(text: str | float) -> float:
    """Parses messages a day; Typer passes the default through it, too."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (found == 0 or FEWEST <= found <= MOST_A_DAY):
        raise typer.BadParameter(f"{text} is not a number of messages a day (0, or {FEWEST} to {MOST_A_DAY})")
    return found


SeedOption: TypeAlias = Annotated[
    int,
    typer.Option("--seed", metavar="N", parser=whole_number, help="Seed of arrivals, durations and faults."),
]
FaultsOption: TypeAlias = Annotated[
    bool, typer.Option("--faults", help="Inject faults in calls, starts and models, and manual changes.")
]
ArrivalsOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--arrivals", metavar="N", parser=_arrivals, help="Messages a day, most of them in the daytime."
    ),
]
StartMinutesOption: TypeAlias = Annotated[
    str, typer.Option("--start-minutes", metavar="A..B", help="Duration of a start, drawn for each.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationOptions:
    """The options of a simulation: its days, arrivals, start durations, faults and tick."""

    from_: str | None
    to: str | None
    seed: int
    faults: bool
    arrivals: float
    start_minutes: str
    tick: timedelta

    def __post_init__(self) -> None:
        _minutes(self.start_minutes)

    def over(self, config: Config, now: datetime) -> ZonedRange:
        found = stretch(self.from_, self.to, common_zone(config), now, days=DEFAULT_DAYS)
        length = found.end - found.start
        if length / self.tick > MOST_TICKS:
            message = f"{length.days} days are more than {MOST_TICKS:,} ticks; a longer --tick has fewer"
            raise typer.BadParameter(message, param_hint="--to")
        if self.arrivals * len(config.pipelines) * (length / timedelta(days=1)) > MOST_MESSAGES:
            message = f"{self.arrivals:g} a day come to more than {MOST_MESSAGES:,} messages in these days"
            raise typer.BadParameter(message, param_hint="--arrivals")
        return found

    def steps(self, over: ZonedRange, config: Config) -> float:
        """How many ticks and messages are simulated, about."""
        length = over.end - over.start
        return len(config.pipelines) * (length / self.tick + self.arrivals * (length / timedelta(days=1)))

    def request(self, over: ZonedRange) -> SimulationRequest:
        return SimulationRequest(
            start=over.start,
            end=over.end,
            seed=self.seed,
            arrivals=self.arrivals,
            start_minutes=_minutes(self.start_minutes),
            tick=self.tick,
            faults=self.faults,
        )


def load(location: str | None, clients: ClientFactory) -> Config:
    """The file, or the built-in example; it has pipelines."""
    loaded = load_or_example(location, clients)
    if not loaded.pipelines:
        raise typer.BadParameter(f"{loaded.file} has no pipelines to simulate", param_hint="--config")
    return loaded


def watched(steps: float, work: Callable[[Callable[[float], None] | None], T]) -> T:
    """Runs ``work`` with a progress bar on stderr, if that is a terminal and there are many ``steps``."""
    shown = console(errors=True)
    if not shown.is_terminal or steps < WORTH_A_BAR:
        return work(None)
    with Progress(console=shown, transient=True) as bar:
        task = bar.add_task("simulating", total=1.0)
        return work(lambda share: bar.update(task, completed=share))


def _minutes(text: str) -> tuple[float, float]:
    """``A..B``."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\.\.(\d{1,4}(?:\.\d{1,3})?)", text)
    if found is None:
        raise typer.BadParameter(f'"{text}" is not a range of minutes (5..30)', param_hint="--start-minutes")
    low, high = float(found[1]), float(found[2])
    if low > high:
        message = f'"{text}" ends before it begins ({high:g}..{low:g})'
        raise typer.BadParameter(message, param_hint="--start-minutes")
    return low, high
