"""``reconcile``: one tick, or ticks until interrupted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from controller.cli import tick
from controller.cli.door import Door, Exit
from controller.cli.failures import failed
from controller.cli.inputs import common_zone, load, read
from controller.cli.instants import duration, local
from controller.cli.interruption import Interruption
from controller.cli.options import ConfigOption, JsonOption, TickOption
from controller.cli.terminal import line, note, say, say_json
from controller.config.model import Config
from controller.core.memory import Deed, Outcome
from controller.core.settings import DEFAULT_TICK
from controller.errors import AwsError, ConfigError
from controller.reconcile import Act, PipelineReport, Report, World, benches, carry_out, settle
from controller.reconcile import reconcile as one_tick
from controller.report import as_json as as_data

Sleep = Callable[[float], None]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Write nothing.")]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Go on until interrupted; the file is read again.")
]
SettleOption = Annotated[
    timedelta,
    typer.Option(
        "--settle",
        metavar="DURATION",
        parser=duration,
        show_default="0s",
        help="How long to look again while something settles.",
    ),
]


@dataclass(slots=True, kw_only=True)
class Shift:
    """Invocations one after another; between them the file may change."""

    door: Door
    location: str | None
    config: Config
    world: World
    act: Act | None
    budget: timedelta

    def invocation(self, sleep: Sleep) -> Iterator[Report]:
        look = partial(_look, self.world, self.act)
        return settle(look, clock=self.door.clock, sleep=sleep, budget=self.budget)

    def refresh(self) -> None:
        """With the file as it is now; one that cannot be used is complained of, and the last one stays."""
        try:
            config = read(self.location, self.door.clients)
            if config.digest != self.config.digest:
                self.world = replace(self.world, benches=benches(config, self.door.clients))
                self.config = config
        except (ConfigError, AwsError) as error:
            note(f"error: {error}\nThe last valid configuration stays in use.")


def reconcile(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    dry_run: DryRunOption = False,
    watch: WatchOption = False,
    budget: SettleOption = timedelta(0),
    every: TickOption = DEFAULT_TICK,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Move every pipeline a safe step onward.

    One tick, or with --watch ticks until interrupted. Every step is safe by itself, whoever else steps, too.
    """
    door: Door = ctx.obj
    loaded = load(config, door.clients)
    shift = Shift(
        door=door,
        location=config,
        config=loaded,
        world=tick.world(door, loaded, door.clock, every),
        act=None if dry_run else carry_out,
        budget=budget,
    )
    return _watch(shift, as_json) if watch else _told(shift, as_json, door.sleep)[0]


def _look(world: World, act: Act | None, started: frozenset[str]) -> Report:
    return one_tick(world, act=act, started=started)


def _watch(shift: Shift, as_json: bool) -> Exit:
    interruption = Interruption(shift.door.sleep)
    with interruption.heeded():
        while True:
            code, next_check = _told(shift, as_json, interruption.sleep, watching=True)
            try:
                interruption.sleep(_pause_s(shift.door.clock(), shift.world.tick, next_check))
            except KeyboardInterrupt:
                return code
            shift.refresh()


def _pause_s(now: datetime, every: timedelta, next_check: datetime | None) -> float:
    """Until the next multiple of the tick since 1970, or until something is expected, if that is nearer."""
    every_s, now_s = every.total_seconds(), now.timestamp()
    due_s = (math.floor(now_s / every_s) + 1) * every_s
    wake_s = due_s if next_check is None else min(due_s, next_check.timestamp())
    return max(wake_s - now_s, 1.0)


def _told(
    shift: Shift, as_json: bool, sleep: Sleep, *, watching: bool = False
) -> tuple[Exit, datetime | None]:
    """One invocation, told as it goes; its exit code, and when something is next expected."""
    reports: list[Report] = []
    told: set[str] = set()
    try:
        for report in shift.invocation(sleep):
            reports.append(report)
            if not as_json:
                _say(report, shift)
            tick.note_failures(report, shift.config.pipelines, told=told)
    except KeyboardInterrupt:
        if not watching or not reports:
            raise
    if as_json:
        say_json(as_data(_merged(reports)), compact=watching)
    return Exit.FAILED if any(map(failed, reports)) else Exit.FINE, reports[-1].next_check


def _merged(reports: list[Report]) -> Report:
    """The last look, with all that was done since the first; of what was tried again, the last outcome."""
    per_pipeline = zip(*(report.pipelines for report in reports), strict=True)
    return replace(reports[-1], pipelines=tuple(map(_with_all_deeds, per_pipeline)))


def _with_all_deeds(looks: tuple[PipelineReport, ...]) -> PipelineReport:
    return replace(
        looks[-1],
        deeds=tuple(dict.fromkeys(deed for look in looks for deed in look.deeds)),
        outcomes=tuple({outcome.deed: outcome for look in looks for outcome in look.outcomes}.values()),
    )


def _say(report: Report, shift: Shift) -> None:
    when = local(report.at.astimezone(UTC).replace(microsecond=0), common_zone(shift.config))
    if not report.pipelines:
        say(f"{when}: the file has no pipelines")
    for pipeline, each in zip(shift.config.pipelines, report.pipelines, strict=True):
        say(line(f"{when} ", (each.name, "bold"), ": ", tick.power(each.desire), f", {each.reason}"))
        for deed in each.deeds:
            say(line("  ", tick.action(pipeline, deed), ": ", _fate(deed, each.outcomes)))


def _fate(deed: Deed, outcomes: tuple[Outcome, ...]) -> tuple[str, str]:
    outcome = next((each for each in outcomes if each.deed == deed), None)
    if outcome is None:
        return "not done (dry run)", "dim"
    return ("done", "green") if outcome.ok else ("refused", "red")
