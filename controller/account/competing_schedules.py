"""Checks for rules and schedules of EventBridge that start or stop the same things: leftovers of two crons.

What names a model or a mapping in its input, or in a variable of the function that it calls, is known to be
one. Of the others the code is not read; what their role may do, and how they are named, says which of them to
look into first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from controller.account.cron_hours import Weekly, in_words, together, weekly
from controller.account.facts import PipelineFacts, ScheduledCaller
from controller.account.findings import Remark, Unreadable, advice, require, serious, unknown
from controller.aws.timers import Timed
from controller.config.arns import unqualified
from controller.config.model import Pipeline

MOST_NAMED: Final = 5
"""In a line for a person."""
CONTROLLER: Final = "SCHEDULER_CONFIG"
"""A variable that the controller's own function has, which runs by the clock, too."""
_STARTS: Final = re.compile(r"start|open|enable|wake|\bon\b", re.IGNORECASE)
_STOPS: Final = re.compile(r"stop|clos|disable|shut|\boff\b", re.IGNORECASE)
_TELLING: Final = re.compile(r"start|stop|shut|enable|disable|rekog|label|model|infer", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"model|project.?version|rekog|label|mapping", re.IGNORECASE)


def other_rules(facts: PipelineFacts) -> Iterator[Remark]:
    return _others(require(facts.rules), facts)


def other_schedules(facts: PipelineFacts) -> Iterator[Remark]:
    return _others(require(facts.schedules), facts)


def _others(callers: tuple[ScheduledCaller, ...], facts: PipelineFacts) -> Iterator[Remark]:
    found = [(caller, where) for caller in callers if (where := _mention(caller, facts)) is not None]
    enabled = [each for each in found if each[0].timed.enabled]
    disabled = [each for each in found if not each[0].timed.enabled]
    if enabled:
        hours = _hours([caller.timed for caller, _ in enabled])
        yield serious(
            f"{_told(enabled)}{hours}: two that start and stop the same undo each other's work",
            "disable it, and delete it when the controller has had its first day",
        )
    if disabled:
        yield advice(
            f"{_told(disabled)}; it is disabled"
            if len(disabled) == 1
            else f"{_told(disabled)}; disabled, all",
            "delete it, so that nobody enables it again",
        )
    known = {caller.timed for caller, _ in found}
    yield from _unread([caller for caller in callers if caller.timed not in known])


def _told(found: list[tuple[ScheduledCaller, str]]) -> str:
    return "; ".join(
        f"{caller.timed.name} ({_when(caller.timed)}) calls {caller.timed.target_arn}, and {where}"
        for caller, where in found
    )


def _when(timed: Timed) -> str:
    return in_words(timed.expression, timed.zone)


def _hours(timed: list[Timed]) -> str:
    """``; together mon-fri 07:30-17:00 UTC``, of one that starts and one that stops."""
    times = [weekly(each.expression, each.zone) for each in timed]
    match times:
        case [Weekly() as one, Weekly() as other]:
            in_order = is_stop(timed[1]) or not (is_stop(timed[0]) or one.times > other.times)
            said = together(one, other) if in_order else together(other, one)
            return f"; together {said}" if said else ""
        case _:
            return ""


def is_stop(timed: Timed) -> bool:
    """By its name, or the name of what it calls."""
    return bool(_STOPS.search(_called(timed))) and not _STARTS.search(_called(timed))


def is_start(timed: Timed) -> bool:
    """As ``is_stop``."""
    return bool(_STARTS.search(_called(timed))) and not _STOPS.search(_called(timed))


def _called(timed: Timed) -> str:
    return f"{timed.name} {timed.target_arn.rpartition(':')[2]}"


def _unread(callers: list[ScheduledCaller]) -> Iterator[Remark]:
    """Those whose function may not be read, as one."""
    blind = [
        (each.timed, each.environment)
        for each in callers
        if isinstance(each.environment, Unreadable) and not each.environment.absent
    ]
    if blind:
        why = blind[0][1]
        names = _listed([f"{timed.name} calls {timed.target_arn}" for timed, _ in blind])
        yield unknown(f"of what is called by the clock nothing is known: {names}: {why.why}", why.remedy)


def _listed(texts: list[str]) -> str:
    more = len(texts) - MOST_NAMED
    return "; ".join(texts[:MOST_NAMED]) + (f"; and {more} more (--json has them all)" if more > 0 else "")


def _mention(caller: ScheduledCaller, facts: PipelineFacts) -> str | None:
    """Where the pipeline's model or mapping stands in what is called, if it does.

    The inference function knows its model, whoever calls it. A variable is shown by its name alone.
    """
    words = _words(facts.pipeline)
    for word in words:
        if word in caller.timed.input:
            return f"its input names {word}"
    if isinstance(caller.environment, Unreadable) or _is_consumer(caller, facts):
        return None
    for name, value in caller.environment.items():
        for word in words:
            if word in value:
                return f"the function's variable {name} names {word}"
    return None


def _words(pipeline: Pipeline) -> tuple[str, ...]:
    """The versions of the project, this one first, and the mapping."""
    model = pipeline.model
    mapping = (pipeline.mapping_uuid,) if pipeline.mapping_uuid is not None else ()
    return (model.arn, *mapping, f"{model.arn.split('/version/')[0]}/version/")


def _is_consumer(caller: ScheduledCaller, facts: PipelineFacts) -> bool:
    """Whichever version or alias is called."""
    own = None if isinstance(facts.function, Unreadable) else facts.function.arn
    return own is not None and unqualified(own) == unqualified(caller.timed.target_arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A scheduled caller, with ``signs`` that it starts or stops the same things; ordered by ``weight``."""

    timed: Timed
    signs: tuple[str, ...]
    weight: int

    def __str__(self) -> str:
        signs = f" ({', '.join(self.signs)})" if self.signs else ""
        return f"{self.timed.name} calls {self.timed.target_arn} {_when(self.timed)}{signs}"


def leftover_crons(pipelines: tuple[PipelineFacts, ...]) -> Iterator[Remark]:
    """One finding, however many there are: an account has many scheduled callers."""
    found = [each for each in suspects(pipelines) if each.signs and each.timed.enabled]
    if found:
        hours = _hours([each.timed for each in found])
        yield advice(
            f"{len(found)} that run by the clock may start or stop the same, the likeliest first: "
            f"{_listed(list(map(str, found)))}{hours}; what their code does is not searched",
            "look into them, and disable what starts or stops a model or a mapping of the file",
        )


def suspects(pipelines: tuple[PipelineFacts, ...]) -> tuple[Suspect, ...]:
    """Scheduled callers whose effect cannot be read from their configuration, the likeliest first."""
    unclear = dict.fromkeys(caller.timed for caller in _callers(pipelines) if _is_unclear(caller, pipelines))
    callers = {caller.timed: caller for caller in _callers(pipelines)}
    return tuple(sorted((_suspect(callers[timed]) for timed in unclear), key=lambda each: -each.weight))


def _callers(pipelines: Iterable[PipelineFacts]) -> Iterator[ScheduledCaller]:
    for facts in pipelines:
        for found in (facts.rules, facts.schedules):
            yield from () if isinstance(found, Unreadable) else found


def _is_unclear(caller: ScheduledCaller, pipelines: tuple[PipelineFacts, ...]) -> bool:
    """A call of the Scheduler straight into an API says all of it in its input."""
    if ":aws-sdk:" in caller.timed.target_arn:
        return False
    if not isinstance(caller.environment, Unreadable) and CONTROLLER in caller.environment:
        return False
    return not any(_is_consumer(caller, facts) or _mention(caller, facts) is not None for facts in pipelines)


def _suspect(caller: ScheduledCaller) -> Suspect:
    """Without a sign where its role is known to be allowed nothing that matters."""
    may = caller.may
    if not isinstance(may, Unreadable) and not may:
        return Suspect(timed=caller.timed, signs=(), weight=0)
    named = _TELLING.search(f"{caller.timed.name} {caller.timed.target_arn.rpartition(':')[2]}")
    variable = None if isinstance(caller.environment, Unreadable) else _telling_variable(caller.environment)
    signs = (
        (4, None if isinstance(may, Unreadable) else f"its role may {', '.join(may)}"),
        (2, f'"{named[0]}" in its name' if named else None),
        (1, f"its variable {variable}" if variable else None),
    )
    found = [(weight, sign) for weight, sign in signs if sign is not None]
    return Suspect(
        timed=caller.timed,
        signs=tuple(sign for _, sign in found),
        weight=sum(weight for weight, _ in found),
    )


def _telling_variable(environment: dict[str, str]) -> str | None:
    return next((name for name in environment if _VARIABLE.search(name)), None)
