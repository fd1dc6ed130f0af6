"""Checks whether a closure is longer than the queue keeps a message, and what is lost or rescued then.

Pure: the clock is an argument. ``validate`` passes the retention that the file assumes; commands that call
AWS pass the queue's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from controller.core.settings import DEFAULT_LEAD, DEFAULT_RESCUE, LONGEST_RETENTION
from controller.core.states import Desired
from controller.core.timefmt import compact, local_minute
from controller.schedule.timeline import HORIZON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.config.model import Pipeline
    from controller.schedule import Schedule

USUAL_START = DEFAULT_LEAD
"""A start takes up to so long: a rescue that begins later before a message expires is too late for it.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-start.html
"""

_DAY = timedelta(days=1)
_LONGEST = compact(LONGEST_RETENTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionFinding:
    """Closures of the 400 days ahead are longer than the queue keeps a message: the first, and how many.

    Instants are aware UTC. What arrives at ``closed_at`` expires at ``expires_at``, before ``opens_at``
    (``None``: no opening within 400 days). ``more`` closures follow that are too long as well, and
    ``longest`` is the length of the longest of all (``None``: one without an end within 400 days).
    ``margin`` is how long before a message expires the rescue begins; ``None``: there is none. ``assumed``:
    the retention is the file's, not one that was read from AWS. ``hold`` is the reason of a hold that causes
    it; without one it is ``None``.
    """

    closed_at: datetime
    opens_at: datetime | None
    more: int
    longest: timedelta | None
    retention: timedelta
    margin: timedelta | None
    assumed: bool
    zone: ZoneInfo
    hold: str | None = None

    @property
    def expires_at(self) -> datetime:
        return self.closed_at + self.retention

    @property
    def rescued_at(self) -> datetime | None:
        """About when the model runs for the first messages to expire; ``None``: they are lost."""
        if self.margin is None or self.margin < USUAL_START:
            return None
        return self.expires_at - self.margin

    @property
    def lost(self) -> bool:
        return self.rescued_at is None

    @property
    def message(self) -> str:
        """One line for a person: the dates, the messages, the remedies; times are the schedule's."""
        return f"{self.outcome}; {self.remedy}"

    @property
    def outcome(self) -> str:
        return f"{_closure(self)}: {_outcome(self)}"

    @property
    def remedy(self) -> str:
        return ", or ".join(_remedies(self))


def retention_finding(
    pipeline: Pipeline, schedule: Schedule, now: datetime, retention: timedelta | None = None
) -> RetentionFinding | None:
    """The closures of the 400 days from ``now`` (aware) for which the queue keeps no message long enough.

    ``None`` also without a consumer, where no queue is known.

    ``retention`` is the queue's own; ``None``: the one that the file assumes.
    """
    settings = pipeline.settings
    if not settings.consumer:
        return None
    kept = settings.retention if retention is None else retention
    if held := _held(pipeline, schedule, now, kept, assumed=retention is None):
        return held
    too_long = [(start, end) for start, end in _closures(schedule, now) if end is None or end - start > kept]
    if not too_long:
        return None
    closed_at, opens_at = too_long[0]
    return RetentionFinding(
        closed_at=closed_at,
        opens_at=opens_at,
        more=len(too_long) - 1,
        longest=_longest(too_long),
        retention=kept,
        margin=None if settings.rescue is None else settings.rescue_margin(kept),
        assumed=retention is None,
        zone=schedule.zone,
    )


def _longest(closures: Iterable[tuple[datetime, datetime | None]]) -> timedelta | None:
    lengths = [None if end is None else end - start for start, end in closures]
    return None if None in lengths else max(filter(None, lengths))


def _held(
    pipeline: Pipeline, schedule: Schedule, now: datetime, kept: timedelta, *, assumed: bool
) -> RetentionFinding | None:
    """Of a hold ``off`` that outlasts the messages: under it nothing is rescued."""
    settings, hold = pipeline.settings, pipeline.settings.hold
    if hold is None or hold.desired is not Desired.OFF or hold.until <= now:
        return None
    moment, then = schedule.at(now), schedule.at(hold.until)
    closed_at = now if moment.open else moment.started_at or now
    opens_at = hold.until if then.open or settings.rescue is not None else then.ends_at
    if opens_at is not None and opens_at - closed_at <= kept:
        return None
    return RetentionFinding(
        closed_at=closed_at,
        opens_at=opens_at,
        retention=kept,
        margin=None,
        assumed=assumed,
        zone=schedule.zone,
        more=0,
        longest=None if opens_at is None else opens_at - closed_at,
        hold=hold.reason,
    )


@lru_cache(maxsize=8)  # of a schedule that many pipelines have
def _closures(schedule: Schedule, now: datetime) -> tuple[tuple[datetime, datetime | None], ...]:
    """Each at its full length: one that goes on already from its beginning."""
    moments = ((closure, schedule.at(closure.start)) for closure in schedule.closures(now, now + HORIZON))
    return tuple((moment.started_at or closure.start, moment.ends_at) for closure, moment in moments)


def _closure(found: RetentionFinding) -> str:
    """The closure with its length; without an end where that lies beyond 400 days."""
    until = " on"
    if found.opens_at is not None:
        length = compact(found.opens_at - found.closed_at)
        until = f" until {local_minute(found.opens_at, found.zone)} ({length})"
    word = "closed" if found.hold is None else f"held off ({found.hold}) or closed"
    closed = f"{word} from {local_minute(found.closed_at, found.zone)}{until}"
    return f"{closed}, longer than the queue keeps a message ({compact(found.retention)}){_more(found)}"


def _more(found: RetentionFinding) -> str:
    if not found.more:
        return ""
    longest = f", the longest {compact(found.longest)}" if found.longest else ""
    return f", and {found.more} more in {HORIZON.days} days{longest}"


def _outcome(found: RetentionFinding) -> str:
    expires_at, rescued_at = local_minute(found.expires_at, found.zone), found.rescued_at
    if rescued_at is not None:
        return (
            f"messages that arrived since the closing would be lost from {expires_at} on, so rescue runs the "
            f"model for them at about {local_minute(rescued_at, found.zone)}{_again(found, rescued_at)}"
        )
    why = "rescue is never" if found.hold is None else "under a hold nothing is rescued"
    if found.margin is not None:
        before, start = compact(found.margin), compact(USUAL_START)
        why = f"rescue begins {before} before, too late for a start of {start}"
    return f"from {expires_at} on, messages that arrived since the closing are lost ({why})"


def _again(found: RetentionFinding, rescued_at: datetime) -> str:
    every = rescued_at - found.closed_at
    once = found.opens_at is not None and rescued_at + every >= found.opens_at
    return "" if once else f" and every {compact(every)} after it"


def _remedies(found: RetentionFinding) -> Iterator[str]:
    if found.hold is not None:
        yield f"let the hold end before {local_minute(found.expires_at, found.zone)}"
        return
    enough = found.longest and _enough(found.longest)
    if enough:
        and_write = " and write it into consumer.retention" if found.assumed else ""
        yield f"let the queue keep messages for {compact(enough)}{and_write}"
    opened = _opened_weekly(found) if found.more else _opened_once(found)
    yield f"{opened}{'' if enough else f' (no queue keeps a message for longer than {_LONGEST})'}"
    if found.lost and found.retention >= 4 * USUAL_START:
        yield f"let rescue run the model in time (rescue: {compact(DEFAULT_RESCUE)})"


def _opened_once(found: RetentionFinding) -> str:
    before = f"open an hour before {local_minute(found.expires_at, found.zone)} by an override"
    once = found.opens_at is not None and found.opens_at - found.expires_at <= found.retention
    return before if once else f"{before}, and one every {compact(found.retention)} after it"


def _opened_weekly(found: RetentionFinding) -> str:
    return (
        f"open an hour at least every {compact(found.retention)}: in hours for closures of every week, by "
        "overrides for the others"
    )


def _enough(length: timedelta) -> timedelta | None:
    """Whole days of retention that are longer than the closure, if a queue can have them."""
    enough = (length // _DAY + 1) * _DAY
    return enough if enough <= LONGEST_RETENTION else None
