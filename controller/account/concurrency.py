"""Checks whether more instances of the consumer function run than the model has inference units for.

Three settings limit it, and the least of them holds: the mapping's ``MaximumConcurrency``, the pollers of
its provisioned mode (which excludes the former), and the concurrency that is reserved for the function. What
the mapping may call beyond the reserved concurrency is throttled, and each throttled message has been
received once more.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from controller.account.facts import PipelineFacts
from controller.account.findings import Remark, advice, require
from controller.config.arns import unqualified

LEAST: Final = 2
"""``MaximumConcurrency`` may be no less; reserved concurrency may."""
MOST: Final = 1000
"""``MaximumConcurrency`` may be no more."""
CALLS_PER_POLLER: Final = 10
"""Invocations at once of a poller of the provisioned mode, which has two pollers at least.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
INSTANCES_PER_UNIT: Final = 2
"""An instance asks for one image at a time, two to five a second; a unit answers three to five a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a function's instances (``None``: no limit). ``pollers`` is provisioned mode's maximum."""

    maximum: int | None
    pollers: int | None
    reserved: int | None

    @property
    def offered(self) -> int | None:
        """What the mapping may call at once, whatever is reserved."""
        polled = None if self.pollers is None else self.pollers * CALLS_PER_POLLER
        return _least(self.maximum, polled)

    @property
    def instances(self) -> int | None:
        """What may run at once. Nothing runs where 0 is reserved, which another check reports."""
        return _least(self.offered, self.reserved or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyTarget:
    """Settings that AWS accepts; ``reserved``: the reservation is to be raised to it (``None``: it stays)."""

    maximum: int
    reserved: int | None = None

    def commands(self, uuid: str, function: str, limits: Limits) -> str:
        """For a shell, in their order. A mapping has pollers of its own or a maximum, never both."""
        update = f"aws lambda update-event-source-mapping --uuid {uuid}"
        steps = (
            self.reserved is not None
            and f"aws lambda put-function-concurrency --function-name {function} "
            f"--reserved-concurrent-executions {self.reserved}",
            limits.pollers is not None and f"{update} --provisioned-poller-config '{{}}'",
            limits.maximum != self.maximum and f"{update} --scaling-config MaximumConcurrency={self.maximum}",
        )
        return "; then ".join(step for step in steps if step)


def most_instances(units: int) -> int:
    """The instances with which ``units`` keep up."""
    return max(LEAST, INSTANCES_PER_UNIT * units)


def overload(limits: Limits, units: int) -> ConcurrencyTarget | None:
    """What to set where more instances run than ``units`` keep up with."""
    if limits.instances is not None and limits.instances <= most_instances(units):
        return None
    return ConcurrencyTarget(maximum=min(max(LEAST, units), MOST))


def throttled(limits: Limits, units: int) -> ConcurrencyTarget | None:
    """What to set where the mapping may call more instances than are reserved.

    A reservation of 1 is raised, since no mapping can be limited to that.
    """
    if not limits.reserved or (limits.offered is not None and limits.offered <= limits.reserved):
        return None
    if overload(limits, units) is not None:
        return None  # its remedy brings the mapping below what is reserved
    if limits.reserved < LEAST:
        return ConcurrencyTarget(maximum=LEAST, reserved=LEAST)
    return ConcurrencyTarget(maximum=min(limits.reserved, MOST))


def concurrency(facts: PipelineFacts) -> Iterator[Remark]:
    mapping, units = require(facts.mapping), _units(facts)
    require(facts.queue)
    if mapping.maximum_concurrency is not None and mapping.maximum_concurrency <= most_instances(units):
        return  # whatever is reserved
    limits = _limits(facts)
    target = overload(limits, units)
    if target is not None:
        any_number = limits.instances is None
        told = "as many instances as Lambda likes" if any_number else f"{limits.instances} instances"
        yield advice(
            f"{told} ask {units} inference {'unit' if units == 1 else 'units'} at once, which keeps up with "
            f"{most_instances(units)}: the rest is throttled, and receive counts burn",
            _remedy(target, facts, limits),
        )


def reserved(facts: PipelineFacts) -> Iterator[Remark]:
    limits, units = _limits(facts), _units(facts)
    target = throttled(limits, units)
    if target is not None:
        offered = "any number of" if limits.offered is None else limits.offered
        yield advice(
            f"the mapping may call {offered} instances at once and {limits.reserved} are reserved for the "
            "function: Lambda throttles the rest, and receive counts burn",
            _remedy(target, facts, limits),
        )


def _limits(facts: PipelineFacts) -> Limits:
    mapping = require(facts.mapping)
    return Limits(
        maximum=mapping.maximum_concurrency,
        pollers=mapping.maximum_pollers,
        reserved=require(facts.reserved),
    )


def _units(facts: PipelineFacts) -> int:
    return facts.pipeline.model.max_inference_units or facts.pipeline.model.inference_units


def _remedy(target: ConcurrencyTarget, facts: PipelineFacts, limits: Limits) -> str:
    uuid = facts.pipeline.own_consumer.event_source_mapping
    return target.commands(uuid, unqualified(require(facts.mapping).function_arn or ""), limits)


def _least(*limits: int | None) -> int | None:
    return min((each for each in limits if each is not None), default=None)
