"""Which faults are injected into the embedded AWS, how often, and the random draws that decide when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from random import Random

from controller.sim.aws.chance import stream

THROTTLED = 0.02
"""Share of the calls that are refused as too many."""
INTERNAL_ERRORS = 0.01
"""Share of the calls that fail with an error of the server, without effect."""
UNREACHED = 0.01
"""Share of the calls that never reach AWS."""
LOST_ANSWERS = 0.01
"""Share of the calls that take effect, but whose answer does not come."""
STALE_READS = 0.02
"""Share of the reads of a model or a mapping that answer with an earlier state."""
STALE_S = 20.0
"""How old, in seconds, the state in a stale read is at most."""
FAILED_STARTS = 0.1
"""Share of the starts that end in FAILED."""
DEATHS = 0.01
"""Models that come to FAILED while they run, per running hour."""
MANUAL_CHANGES = 2.0
"""Times a day that an operator starts, stops, enables or disables a pipeline by hand."""
SKIPPED_TICKS = 0.03
"""Share of the ticks that never happen."""
DOUBLED_TICKS = 0.02
"""Share of the ticks that happen twice."""

RESTART_REFUSALS = ("ResourceInUseException", "InvalidParameterException", "InternalServerError")
"""With which a start of a FAILED model may be refused: AWS says nowhere that such a model can be started."""
SLOW_START_MINUTES = (60.0, 180.0)
STUBBORN_RECEIVES = 4
"""At most so many receives of a message fail though the model is RUNNING."""


class Shortage(StrEnum):
    """How a region without capacity answers a start, all day long."""

    FAILS = "fails"
    LIMIT = "LimitExceededException"
    ERROR = "InternalServerError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The rate of each fault; the constants of this module say of what each is a share.

    From ``polls_on_s`` on these are things that AWS does or may do, seldom enough to be off by default: how
    long pollers go on after Disabled at most, shares of the starts of a FAILED model that are refused, of the
    starts that take an hour and more, of the days of a region without capacity, and of the messages that fail
    though the model is RUNNING; and how far AWS's clock is from the controller's at most.
    """

    throttled: float = THROTTLED
    internal_errors: float = INTERNAL_ERRORS
    unreached: float = UNREACHED
    lost_answers: float = LOST_ANSWERS
    stale_reads: float = STALE_READS
    stale_s: float = STALE_S
    failed_starts: float = FAILED_STARTS
    deaths: float = DEATHS
    manual_changes: float = MANUAL_CHANGES
    skipped_ticks: float = SKIPPED_TICKS
    doubled_ticks: float = DOUBLED_TICKS
    polls_on_s: float = 0.0
    refused_restarts: float = 0.0
    slow_starts: float = 0.0
    dry_days: float = 0.0
    stubborn_messages: float = 0.0
    clock_difference_s: float = 0.0

    def table(self) -> tuple[tuple[str, float, str], ...]:
        """Name, rate and unit of each that is not 0, in order, to print beside a result."""
        rates = ((item.name, getattr(self, item.name), UNITS[item.name]) for item in fields(self))
        return tuple(each for each in rates if each[1])


UNITS = {
    "throttled": "of the calls",
    "internal_errors": "of the calls",
    "unreached": "of the calls",
    "lost_answers": "of the calls",
    "stale_reads": "of the reads",
    "stale_s": "seconds at most",
    "failed_starts": "of the starts",
    "deaths": "per running hour",
    "manual_changes": "a day and pipeline",
    "skipped_ticks": "of the ticks",
    "doubled_ticks": "of the ticks",
    "polls_on_s": "seconds at most",
    "refused_restarts": "of the starts from FAILED",
    "slow_starts": "of the starts",
    "dry_days": "of the days of a region",
    "stubborn_messages": "of the messages",
    "clock_difference_s": "seconds at most",
}

NONE = Faults(
    throttled=0,
    internal_errors=0,
    unreached=0,
    lost_answers=0,
    stale_reads=0,
    failed_starts=0,
    deaths=0,
    manual_changes=0,
    skipped_ticks=0,
    doubled_ticks=0,
)
"""No fault at all; to be varied with ``dataclasses.replace``."""

HARSH = Faults(
    polls_on_s=120.0,
    refused_restarts=0.3,
    slow_starts=0.02,
    dry_days=0.03,
    stubborn_messages=0.03,
    clock_difference_s=180.0,
)
"""The usual faults and all the others."""


class CallFault(StrEnum):
    """The fault of one call."""

    NONE = "none"
    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal error"
    UNREACHED = "unreached"
    LOST_ANSWER = "lost answer"


class FaultInjector:
    """Draws the faults of a run. Each concern and each resource has a random stream of its own.

    The texts that name the streams seed them: a change of one changes which faults a seed gives.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self._seed = seed
        self._streams: dict[tuple[str, str], Random] = {}

    @property
    def enabled(self) -> bool:
        """Whether any fault may happen."""
        return self.faults is not NONE

    def disable(self) -> None:
        """No fault happens from now on."""
        self.faults = NONE

    def call_fault(self, resource: str) -> CallFault:
        faults = self.faults
        roll = self._stream("calls", resource).random()
        for share, fault in (
            (faults.throttled, CallFault.THROTTLED),
            (faults.internal_errors, CallFault.INTERNAL_ERROR),
            (faults.unreached, CallFault.UNREACHED),
            (faults.lost_answers, CallFault.LOST_ANSWER),
        ):
            if roll < share:
                return fault
            roll -= share
        return CallFault.NONE

    def staleness_s(self, resource: str) -> float:
        """How many seconds ago the state that a read answers with was true; mostly 0."""
        if not self._happens(self.faults.stale_reads, "reads", resource):
            return 0.0
        return self._stream("ages", resource).uniform(0, self.faults.stale_s)

    def start_fails(self, model: str) -> bool:
        return self._happens(self.faults.failed_starts, "starts", model)

    def restart_refusal(self, model: str) -> str | None:
        """The code with which a start of a FAILED model is refused; ``None`` if it is not."""
        if not self._happens(self.faults.refused_restarts, "restarts", model):
            return None
        return self._stream("restart codes", model).choice(RESTART_REFUSALS)

    def slow_start_s(self, model: str) -> float | None:
        """Seconds that the next start takes, if it is one of the slow ones."""
        if not self._happens(self.faults.slow_starts, "slow starts", model):
            return None
        return self._stream("slow minutes", model).uniform(*SLOW_START_MINUTES) * 60

    def shortage(self, region: str, day: date) -> Shortage | None:
        """How a region without capacity answers starts on a date of UTC; ``None`` if it has capacity."""
        chance = stream(self._seed, "faults", "dry days", region, day.isoformat())
        if chance.random() >= self.faults.dry_days:
            return None
        return chance.choice(tuple(Shortage))

    def stubborn_receives(self, queue: str) -> int:
        """How many receives of a message fail though the model is RUNNING; mostly 0."""
        if not self._happens(self.faults.stubborn_messages, "stubborn", queue):
            return 0
        return self._stream("receives", queue).randint(1, STUBBORN_RECEIVES)

    def polls_on_s(self, mapping: str) -> float:
        """For how many seconds pollers go on after the mapping came to be Disabled."""
        longest_s = self.faults.polls_on_s
        return self._stream("pollers", mapping).uniform(0, longest_s) if longest_s else 0.0

    def clock_difference_s(self, region: str) -> float:
        """How far ahead AWS's clock is of the controller's."""
        furthest_s = self.faults.clock_difference_s
        if not furthest_s:
            return 0.0
        return stream(self._seed, "faults", "clocks", region).uniform(-furthest_s, furthest_s)

    def death_after_s(self, model: str) -> float | None:
        """Seconds that a model which comes up now will run before it fails."""
        return self._gap_s(self.faults.deaths / 3600, "deaths", model)

    def manual_change_after_s(self, pipeline: str) -> float | None:
        """Seconds until an operator next changes the pipeline by hand."""
        return self._gap_s(self.faults.manual_changes / 86_400, "hands", pipeline)

    def manual_change_chance(self, pipeline: str) -> Random:
        """The stream that chooses what the operator does."""
        return self._stream("acts", pipeline)

    def skips_tick(self) -> bool:
        return self._happens(self.faults.skipped_ticks, "skipped", "ticks")

    def doubles_tick(self) -> bool:
        return self._happens(self.faults.doubled_ticks, "doubled", "ticks")

    def _happens(self, share: float, concern: str, of: str) -> bool:
        return share > 0 and self._stream(concern, of).random() < share

    def _gap_s(self, per_second: float, concern: str, of: str) -> float | None:
        return self._stream(concern, of).expovariate(per_second) if per_second else None

    def _stream(self, concern: str, of: str) -> Random:
        key = concern, of
        if key not in self._streams:
            self._streams[key] = stream(self._seed, "faults", concern, of)
        return self._streams[key]
