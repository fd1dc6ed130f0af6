"""``compare``: simulates the same days under this controller, two crons, always on and an oracle."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.options.outputs import PAGE, HtmlOption, check_output
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
from controller.cli.render import comparison
from controller.cli.render.html import comparison_page
from controller.cli.render.terminal import print_info, print_json
from controller.core.settings import DEFAULT_TICK
from controller.sim.policies import compare as sim

WeekOption = Annotated[
    str | None,
    typer.Option(
        "--week",
        metavar="D",
        help="First date of the week that --html draws; default: the first whole week.",
    ),
]


@command_boundary
def compare(  # noqa: PLR0913, PLR0917 - one parameter for each option
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
    html: HtmlOption = None,
    week: WeekOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Compare with crons, always on and an oracle.

    The same simulated days, arrivals and start durations under two crons as usually built, two built
    carefully, always on, and an oracle that knows every duration in advance. Nothing real is touched.
    """
    if week is not None and html is None:
        raise typer.BadParameter("it chooses what --html FILE draws", param_hint="--week")
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
    if html is not None:
        check_output(html, PAGE, loaded)
    over = options.over(loaded, ctx.obj.clock())
    shown = comparison_page.week(week, over)
    run = partial(sim.compare, loaded, options.request(over))
    result = watched(options.steps(over, loaded), lambda progress: run(progress=progress))
    if html is not None:
        html.write_text(comparison_page.page(result, loaded, shown), encoding="utf-8")
        print_info(f"{html} is drawn: open it in a browser")
    if as_json:
        print_json(comparison.as_data(result))
    else:
        comparison.print_result(result, over.zone)
    controller = result.under(sim.Policy.CONTROLLER)
    return Exit.FAILED if any(each.violations for each in controller.pipelines) else Exit.OK
