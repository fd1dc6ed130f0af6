"""``explain``: what is desired at an instant, and rule by rule why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from controller.cli.door import Exit
from controller.cli.inputs import bench, load
from controller.cli.instants import at, both, local
from controller.cli.options import AtOption, ConfigOption, JsonOption, PipelineArgument
from controller.cli.terminal import line, say, say_json, table
from controller.cli.tick import power
from controller.core.desired import Desire, Verdict, desire, verdicts
from controller.reconcile import Bench
from controller.report import desired, instant

AHEAD = 50
"""So many changes of what the rules look at are followed in search of one that decides otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    pipeline: str
    file: str
    zone: ZoneInfo
    at: datetime
    desire: Desire
    verdicts: tuple[Verdict, ...]
    next_change: datetime | None
    """The schedule's."""
    next_decision: tuple[datetime, Desire] | None


def explain(
    ctx: typer.Context,
    pipeline: PipelineArgument = None,
    when: AtOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Say what is desired, and rule by rule why."""
    now: datetime = ctx.obj.clock()
    loaded = load(config, ctx.obj.clients)
    chosen = bench(loaded, pipeline)
    account = _account(chosen, loaded.file, at(when, chosen.schedule.zone, now))
    if as_json:
        say_json(_json(account))
    else:
        _say(account)
    return Exit.FINE


def _account(chosen: Bench, file: str, when: datetime) -> Account:
    situation = chosen.unseen(when)
    return Account(
        pipeline=chosen.pipeline.name,
        file=file,
        zone=chosen.schedule.zone,
        at=when,
        desire=desire(situation),
        verdicts=verdicts(situation),
        next_change=chosen.schedule.next_change(when),
        next_decision=_next_decision(chosen, when),
    )


def _next_decision(chosen: Bench, when: datetime) -> tuple[datetime, Desire] | None:
    """When something else is first desired, the model and the queue being as scheduled."""
    first = wanted = desire(chosen.unseen(when))
    for _ in range(AHEAD):
        then = wanted.until
        if then is None:
            return None
        wanted = desire(chosen.unseen(then))
        if (wanted.desired, wanted.consume) != (first.desired, first.consume):
            return then, wanted
    return None


def _json(account: Account) -> dict[str, object]:
    return {
        "pipeline": account.pipeline,
        "at": instant(account.at),
        "desired": desired(account.desire),
        "reason": account.desire.reason,
        "rules": [
            {
                "rule": verdict.rule,
                "source": _source(account, verdict),
                "applies": verdict.applies,
                "reason": verdict.reason,
            }
            for verdict in account.verdicts
        ],
        "next_change": instant(account.next_change),
    }


def _source(account: Account, verdict: Verdict) -> str | None:
    return None if verdict.line is None else f"{account.file}:{verdict.line}"


def _say(account: Account) -> None:
    because = f" at {local(account.at, account.zone)}, because {account.desire.rule}: {account.desire.reason}"
    say(line((account.pipeline, "bold"), ": ", power(account.desire), because))
    rows = [
        (verdict.rule, _APPLIES[verdict.applies], _source(account, verdict) or "-", verdict.reason)
        for verdict in account.verdicts
    ]
    say(table(("rule", "applies", "source", "reason"), rows))
    following = both(account.next_change, account.zone)
    say(f"The first that applies decides. The schedule next changes: {following}")
    if account.next_decision is not None:
        then, wanted = account.next_decision
        say(line("Next desired: ", power(wanted), f" ({wanted.rule}) from {both(then, account.zone)}"))


_APPLIES = {True: "yes", False: "no", None: "depends"}
