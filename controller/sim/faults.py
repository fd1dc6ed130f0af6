"""What goes wrong, how often, and the dice that say when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random

from controller.sim.streams import stream

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
"""Models that fail, per running hour."""
HANDS = 2.0
"""Times a day that a person starts, stops, enables or disables a pipeline by hand."""
SKIPPED_TICKS = 0.03
"""Share of the ticks that never happen."""
DOUBLED_TICKS = 0.02
"""Share of the ticks that happen twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often each thing goes wrong; the constants of this module say of what each is a share."""

    throttled: float = THROTTLED
    internal_errors: float = INTERNAL_ERRORS
    unreached: float = UNREACHED
    lost_answers: float = LOST_ANSWERS
    stale_reads: float = STALE_READS
    stale_s: float = STALE_S
    failed_starts: float = FAILED_STARTS
    deaths: float = DEATHS
    hands: float = HANDS
    skipped_ticks: float = SKIPPED_TICKS
    doubled_ticks: float = DOUBLED_TICKS

    def table(self) -> tuple[tuple[str, float, str], ...]:
        """Name, rate and unit of each, in order, to print beside a result."""
        return tuple((item.name, getattr(self, item.name), UNITS[item.name]) for item in fields(self))


UNITS = {
    "throttled": "of the calls",
    "internal_errors": "of the calls",
    "unreached": "of the calls",
    "lost_answers": "of the calls",
    "stale_reads": "of the reads",
    "stale_s": "seconds at most",
    "failed_starts": "of the starts",
    "deaths": "per running hour",
    "hands": "a day and pipeline",
    "skipped_ticks": "of the ticks",
    "doubled_ticks": "of the ticks",
}

NONE = Faults(
    throttled=0,
    internal_errors=0,
    unreached=0,
    lost_answers=0,
    stale_reads=0,
    failed_starts=0,
    deaths=0,
    hands=0,
    skipped_ticks=0,
    doubled_ticks=0,
)
"""A world in which nothing goes wrong; to be varied with ``dataclasses.replace``."""


class Strike(StrEnum):
    """What becomes of a call."""

    SPARED = "spared"
    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal error"
    UNREACHED = "unreached"
    LOST_ANSWER = "lost answer"


class Trouble:
    """The dice of a run. Each concern and each resource has a stream of its own."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self._seed = seed
        self._streams: dict[tuple[str, str], Random] = {}

    @property
    def abroad(self) -> bool:
        """Whether anything may go wrong at all."""
        return self.faults is not NONE

    def cease(self) -> None:
        """From now on nothing goes wrong."""
        self.faults = NONE

    def strike(self, resource: str) -> Strike:
        faults = self.faults
        roll = self._stream("calls", resource).random()
        for share, strike in (
            (faults.throttled, Strike.THROTTLED),
            (faults.internal_errors, Strike.INTERNAL_ERROR),
            (faults.unreached, Strike.UNREACHED),
            (faults.lost_answers, Strike.LOST_ANSWER),
        ):
            if roll < share:
                return strike
            roll -= share
        return Strike.SPARED

    def staleness_s(self, resource: str) -> float:
        """How many seconds ago the state that a read answers with was true; mostly 0."""
        if not self._happens(self.faults.stale_reads, "reads", resource):
            return 0.0
        return self._stream("ages", resource).uniform(0, self.faults.stale_s)

    def start_fails(self, model: str) -> bool:
        return self._happens(self.faults.failed_starts, "starts", model)

    def death_after_s(self, model: str) -> float | None:
        """Seconds that a model which comes up now will run before it fails."""
        return self._gap_s(self.faults.deaths / 3600, "deaths", model)

    def hand_after_s(self, pipeline: str) -> float | None:
        """Seconds until a person lays a hand on the pipeline."""
        return self._gap_s(self.faults.hands / 86_400, "hands", pipeline)

    def hand(self, pipeline: str) -> Random:
        """Chooses what the person does."""
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
