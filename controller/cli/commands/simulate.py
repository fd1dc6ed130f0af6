"""``simulate``: runs the real loop against an embedded AWS; prints a timeline, costs and messages."""

from __future__ import annotations

from functools import partial

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.options.shared import (
    ConfigOption,
    FileArgument,
    FromOption,
    JsonOption,
    TickOption,
    ToOption,
    chosen_file,
)
from controller.cli.options.simulation import (
    ARRIVALS,
    START_MINUTES,
    ArrivalsOption,
    FaultsOption,
    SeedOption,
    SimulationOptions,
    StartMinutesOption,
    load,
    watched,
)
from controller.cli.render.simulation import as_data, print_result
from controller.cli.render.terminal import print_json
from controller.core.settings import DEFAULT_TICK
from controller.sim import simulate as sim


@command_boundary
def simulate(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument = None,
    from_: FromOption = None,
    to: ToOption = None,
    seed: SeedOption = 1,
    faults: FaultsOption = False,
    arrivals: ArrivalsOption = ARRIVALS,
    start_minutes: StartMinutesOption = START_MINUTES,
    every: TickOption = DEFAULT_TICK,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Simulate days with the real loop and an embedded AWS.

    A timeline, the money, the messages; without --to the seven days from --from. Nothing real is touched.
    """
    options = SimulationOptions(
        from_=from_,
        to=to,
        seed=seed,
        faults=faults,
        arrivals=arrivals,
        start_minutes=start_minutes,
        tick=every,
    )
    loaded = load(chosen_file(ctx, file, config), ctx.obj.clients)
    over = options.over(loaded, ctx.obj.clock())
    run = partial(sim.simulate, loaded, options.request(over))
    result = watched(options.steps(over, loaded), lambda progress: run(progress=progress))
    if as_json:
        print_json(as_data(result))
    else:
        print_result(result, loaded, over.zone)
    return Exit.FAILED if any(each.violations for each in result.pipelines) else Exit.OK
