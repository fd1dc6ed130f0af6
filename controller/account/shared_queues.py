"""Checks for other mappings of the same queue or function, and for the successor of a mapping that is gone.

The controller switches one mapping. A second one that is Enabled goes on while the model is off: each message
that it takes is refused, received again, and dead-lettered in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from controller.account.facts import Neighbour, PipelineFacts
from controller.account.findings import Remark, Unreadable, advice, require, serious
from controller.aws.mapping import MappingDescription
from controller.config.arns import unqualified
from controller.core.states import MappingState

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What ``other`` has in common with the pipeline's own mapping."""

    queue: bool
    function: bool

    def __str__(self) -> str:
        parts = (("the same queue", self.queue), ("the same function", self.function))
        return " and ".join(text for text, found in parts if found)


def other_mappings(facts: PipelineFacts) -> Iterator[Remark]:
    own = require(facts.mapping)
    for each in require(facts.neighbours):
        shared = _shared(own, each.mapping)
        if (shared.queue or shared.function) and each.mapping.state is not MappingState.DELETING:
            yield _beside(each, shared)


def _shared(own: MappingDescription, other: MappingDescription) -> _Shared:
    """An alias is of the same function."""
    functions = [unqualified(arn) if arn else None for arn in (own.function_arn, other.function_arn)]
    return _Shared(
        queue=own.queue_arn is not None and own.queue_arn == other.queue_arn,
        function=functions[0] is not None and functions[0] == functions[1],
    )


def _beside(other: Neighbour, shared: _Shared) -> Remark:
    mapping, uuid = other.mapping, other.uuid
    told = f"the mapping {uuid} ({mapping.source_arn} to {mapping.function_arn}) has {shared}"
    if mapping.state in (MappingState.DISABLED, MappingState.DISABLING):
        return advice(
            f"{told}, and is not in the file; it is {mapping.state}",
            f"aws lambda delete-event-source-mapping --uuid {uuid}, so that nobody enables it",
        )
    state = "may be enabled" if mapping.state is MappingState.NOT_SQS else f"is {mapping.state}"
    return serious(
        f"{told}, is not in the file and {state}: it goes on while the model is off, and its messages are "
        "refused until they are dead-lettered",
        f"aws lambda update-event-source-mapping --uuid {uuid} --no-enabled; then delete it, or give it a "
        "pipeline in the file",
    )


def successors(facts: PipelineFacts) -> str:
    """Which mapping may have taken the place of one that is gone, as the end of a remedy."""
    if isinstance(facts.neighbours, Unreadable):
        return "`aws lambda list-event-source-mappings` shows them"
    ranked = sorted(
        (each for each in facts.neighbours if each.mapping.queue_arn is not None),
        key=lambda each: (not each.names_model, each.uuid),
    )
    if not ranked:
        return "no other mapping of a queue is there: create one"
    best = [each for each in ranked if each.names_model] or ranked
    listed = "; ".join(map(_candidate, best[:_SHOWN]))
    more = f"; and {len(best) - _SHOWN} more" if len(best) > _SHOWN else ""
    return f"it may have been made anew as {listed}{more}"


def _candidate(each: Neighbour) -> str:
    model = ", whose function names the model" if each.names_model else ""
    return f"{each.uuid} ({each.mapping.queue_arn} to {each.mapping.function_arn}{model})"
