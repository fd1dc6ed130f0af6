"""The reason codes of conditions and of suppressed actions, beside the steps of the table.

They are part of the JSON output, of events and of alarms: a code keeps its meaning for ever.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a condition has its status; ``Step`` has the codes of the table's steps."""

    NOT_STALLED = "NotStalled"
    NOT_DRIFTED = "NotDrifted"
    UNDECIDED = "Undecided"
    """Facts are still to be read."""

    BUSY = "Busy"
    RETRYING = "Retrying"
    NOT_REACHED = "NotReached"
    """A call that this tick had no time for comes first in the next."""

    ALREADY_REQUESTED = "AlreadyRequested"
    BACKOFF = "Backoff"
    MANUAL_START = "ManualStart"
    """The file leaves the start to a person."""
    OVER_BUDGET = "OverBudget"

    MAPPING_UNUSABLE = "MappingUnusable"
    MODEL_UNUSABLE = "ModelUnusable"
    QUEUE_MISSING = "QueueMissing"
    QUOTA_EXCEEDED = "QuotaExceeded"
    REFUSED = "Refused"
    STARTS_FAIL = "StartsFail"
    RETIRED_IN_USE = "RetiredVersionInUse"
    RETIRED_UNPROVEN = "RetiredVersionUnproven"

    START_TOO_LONG = "StartTakesTooLong"
    STOP_TOO_LONG = "StopTakesTooLong"
    MAPPING_TOO_LONG = "MappingTakesTooLong"
    START_NO_EFFECT = "StartHasNoEffect"
    STOP_NO_EFFECT = "StopHasNoEffect"
    ENABLE_NO_EFFECT = "EnableHasNoEffect"
    DISABLE_NO_EFFECT = "DisableHasNoEffect"
    NOT_CONVERGING = "NotConverging"

    CHANGED_ELSEWHERE = "ChangedElsewhere"
    OTHER_VERSION_RUNNING = "OtherVersionRunning"
    UNITS_DIFFER = "UnitsDiffer"
    CONFIGURATION_DOUBTFUL = "ConfigurationDoubtful"
