"""Finds the rules and schedules that start and stop a model or a mapping, and the hours that they mean.

For ``init``, which proposes those hours. What a role or a name alone suggests is left to ``doctor``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.account.competing_schedules import CONTROLLER, is_start, is_stop
from controller.account.cron_hours import CronHours, in_words, together, weekly
from controller.account.reader import FUNCTION
from controller.aws.clients import ClientFactory
from controller.aws.function import Functions
from controller.aws.timers import Rules, Schedules, Timed
from controller.config.arns import unqualified
from controller.config.model import Target
from controller.errors import AwsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Crons:
    """``timed`` start or stop the model or the mapping, in AWS's order.

    ``hours`` are those of the enabled ones; ``None`` where they are not one start and one stop of the same
    days. ``unread`` are the calls that failed: what they would have listed is missing.
    """

    timed: tuple[Timed, ...] = ()
    hours: CronHours | None = None
    unread: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        """Each in words: ``rule stop-at-17 (mon-fri 17:00 UTC)``."""
        return (f"{each.name} ({in_words(each.expression, each.zone)})" for each in self.timed)


def crons_of(
    clients: ClientFactory, target: Target, words: tuple[str, ...], consumer_arn: str | None
) -> Crons:
    """The rules and schedules whose input, or whose function's variables, have one of ``words`` in them.

    ``words`` are ARNs and UUIDs; ``consumer_arn`` is the function that polls the queue, which names the model
    and starts nothing.
    """
    found: list[Timed] = []
    unread: list[str] = []
    for listed in (Rules(clients("events", target)), Schedules(clients("scheduler", target))):
        try:
            found += listed.timed()
        except AwsError as error:
            unread.append(error.call)
    functions = Functions(clients("lambda", target))
    own = tuple(each for each in found if _names(each, words, functions, consumer_arn))
    return Crons(timed=own, hours=hours(tuple(each for each in own if each.enabled)), unread=tuple(unread))


def hours(timed: tuple[Timed, ...]) -> CronHours | None:
    """Those of one start and one stop; of several at the same times, too, as of a model and its mapping."""
    starts = {weekly(each.expression, each.zone) for each in timed if is_start(each)}
    stops = {weekly(each.expression, each.zone) for each in timed if is_stop(each)}
    if len(starts) != 1 or len(stops) != 1 or not all(is_start(each) or is_stop(each) for each in timed):
        return None
    (start,), (stop,) = starts, stops
    return together(start, stop) if start is not None and stop is not None else None


def _names(timed: Timed, words: tuple[str, ...], functions: Functions, consumer_arn: str | None) -> bool:
    if any(word in timed.input for word in words):
        return True
    arn = timed.target_arn
    if not FUNCTION.fullmatch(arn) or (consumer_arn and unqualified(arn) == unqualified(consumer_arn)):
        return False
    environment = _environment(functions, arn)
    return CONTROLLER not in environment and any(
        word in value for value in environment.values() for word in words
    )


def _environment(functions: Functions, arn: str) -> Mapping[str, str]:
    try:
        return functions.settings(arn).environment
    except AwsError:  # then it is not known to be one
        return {}
