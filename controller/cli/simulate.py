"""``simulate``: the real loop against the embedded AWS, as a timeline with the money and the messages."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from controller.cli.door import Exit
from controller.cli.inputs import common_zone, load_or_example
from controller.cli.instants import stretch
from controller.cli.options import ConfigOption, FromOption, JsonOption, TickOption, ToOption
from controller.cli.simulated import as_data, say_result
from controller.cli.terminal import console, say_json
from controller.config.model import Config
from controller.core.settings import DEFAULT_TICK
from controller.sim.result import Simulation

if TYPE_CHECKING:
    from controller.sim.simulate import Request

DAYS = 7
ARRIVALS = 400.0
WORTH_A_BAR = timedelta(days=28)
"""A shorter time is simulated in the blink of an eye or two."""


def minutes(text: str) -> tuple[float, float]:
    """``A..B``."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\.\.(\d{1,4}(?:\.\d{1,3})?)", text)
    if found is None:
        raise typer.BadParameter(f'"{text}" is not a range of minutes (5..30)', param_hint="--start-minutes")
    low, high = float(found[1]), float(found[2])
    if low > high:
        message = f'"{text}" ends before it begins ({high:g}..{low:g})'
        raise typer.BadParameter(message, param_hint="--start-minutes")
    return low, high


SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed, the same days.")]
FaultsOption = Annotated[
    bool, typer.Option("--faults", help="Let calls, starts, models and people go wrong.")
]
ArrivalsOption = Annotated[
    float,
    typer.Option(
        "--arrivals", metavar="N", min=0, max=1_000_000, help="Messages a day, most of them by day."
    ),
]
StartMinutesOption = Annotated[
    str, typer.Option("--start-minutes", metavar="A..B", help="How long a start takes, drawn for each.")
]


def simulate(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    from_: FromOption = None,
    to: ToOption = None,
    seed: SeedOption = 1,
    faults: FaultsOption = False,
    arrivals: ArrivalsOption = ARRIVALS,
    start_minutes: StartMinutesOption = "5..30",
    every: TickOption = DEFAULT_TICK,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Run the real loop against an embedded AWS.

    A timeline, the money, the messages; without --to the seven days from --from. Nothing real is touched.
    """
    from controller.sim.simulate import Request  # noqa: PLC0415 - it brings botocore, and `--help` must be quick

    asked = minutes(start_minutes)
    if not math.isfinite(arrivals):
        raise typer.BadParameter(
            f"{arrivals} is not a number of messages a day (400)", param_hint="--arrivals"
        )
    now: datetime = ctx.obj.clock()
    loaded = load_or_example(config)
    if not loaded.pipelines:
        raise typer.BadParameter(f"{loaded.file} has no pipelines to simulate", param_hint="--config")
    over = stretch(from_, to, common_zone(loaded), now, days=DAYS)
    request = Request(
        start=over.start,
        end=over.end,
        seed=seed,
        arrivals=arrivals,
        start_minutes=asked,
        tick=every,
        faults=faults,
    )
    result = _run(loaded, request)
    if as_json:
        say_json(as_data(result))
    else:
        say_result(result, loaded, over.zone)
    return Exit.FAILED if any(each.violations for each in result.pipelines) else Exit.FINE


def _run(config: Config, request: Request) -> Simulation:
    """With a bar on stderr where that is a terminal and there is something to wait for."""
    from controller.sim.simulate import simulate as run  # noqa: PLC0415 - as above

    shown = console(errors=True)
    if not shown.is_terminal or request.end - request.start < WORTH_A_BAR:
        return run(config, request)
    with Progress(console=shown, transient=True) as bar:
        task = bar.add_task("simulating", total=1.0)
        return run(config, request, progress=lambda share: bar.update(task, completed=share))
