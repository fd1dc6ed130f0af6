"""Every state that AWS can be in, under every desire, with every single fault of every call that is made.

Safety: whatever one call does (refused for now, refused for good, never arrived, answered but the answer
lost), the tick breaks none of S1 to S8, and the monitor that judges it shares no code with the table.
Liveness (L1): from every state that can be left without a person, once faults cease, the pipeline is as
desired within ``CONVERGES_WITHIN`` ticks of five minutes, without settling in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from botocore.exceptions import ReadTimeoutError

from controller.core.memory import Memory
from controller.core.settings import Hold
from controller.core.states import Desired
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.transport import SERVICE_ERRORS, CallBlock
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import Stage, a_config, utc, with_settings
from tests.support.schedules import span, spec

NOW = utc("2026-11-23T12:00")
CONVERGES_WITHIN = 9
"""Ticks: a stop under way (2) before a start of half an hour (6), and the tick that enables (1)."""

SCHEDULES = {
    Desired.ON: spec(daily="06:00-22:00"),
    Desired.WARM: spec(
        daily="06:00-22:00", overrides=(span("2026-11-23T03:00", "2026-11-23T12:20", "closed"),)
    ),
    Desired.OFF: spec(daily="02:00-03:00"),
    Desired.AS_IS: spec(daily="06:00-22:00"),
}
HELD = Hold(desired=Desired.AS_IS, until=utc("2026-11-24T12:00"), reason="incident 42")
MODELS = (
    *("TRAINING_IN_PROGRESS", "TRAINING_COMPLETED", "TRAINING_FAILED", "STARTING", "RUNNING", "FAILED"),
    *("STOPPING", "STOPPED", "DELETING", "COPYING_IN_PROGRESS", "COPYING_COMPLETED", "COPYING_FAILED"),
    *("DEPRECATED", "EXPIRED", "HIBERNATING", "(absent)"),
)
MAPPINGS = (
    *("Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"),
    *("Dreaming", "(absent)", "(fed by Kinesis)"),
)
AGES = {"just changed": timedelta(seconds=20), "quiet": timedelta(minutes=3), "long ago": timedelta(hours=1)}
IN_FLIGHT = (0, 3)
NEEDS_A_PERSON = {"Creating", "Updating", "Deleting", "Dreaming", "(absent)", "(fed by Kinesis)"}
"""Mappings that this test sets and nobody ends; and those that only a person can mend."""


def a_stage(desired: Desired, model: str, mapping: str, age: timedelta, in_flight: int) -> Stage:
    pipeline = with_settings(a_pipeline(), warm_up=timedelta(minutes=30), **_held(desired))
    hours = replace(SCHEDULES[desired], name="office")
    scenario = Scenario(start=NOW - timedelta(hours=2), seed=1, traffic=QUIET, start_minutes=(30, 30))
    stage = Stage(config=a_config(pipeline, specs=(hours,)), scenario=scenario)
    stage.aws.advance_to(NOW - age)
    _set_model(stage, model)
    _set_mapping(stage, mapping)
    stage.aws.advance_to(NOW)
    _put_in_flight(stage.aws, in_flight)
    stage.memories.save("logos", replace(Memory(), oldest_after=NOW))
    return stage


def _held(desired: Desired) -> dict[str, Hold]:
    return {"hold": HELD} if desired is Desired.AS_IS else {}


def _set_model(stage: Stage, status: str) -> None:
    if status == "(absent)":
        stage.pipeline.project.versions.remove(stage.pipeline.model)
    else:
        stage.pipeline.model.become(status)


def _set_mapping(stage: Stage, state: str) -> None:
    if state == "(absent)":
        stage.pipeline.delete_mapping()
    elif state == "(fed by Kinesis)":
        stage.pipeline.mapping.become("Enabled")
        stage.pipeline.feed_from("arn:aws:kinesis:us-east-1:123456789012:stream/images")
    else:
        stage.pipeline.mapping.become(state)


def _put_in_flight(aws: EmbeddedAws, messages: int) -> None:
    queue = aws.pipelines["logos"].queue
    queue.counts = lambda: (0, messages)


STATES = [
    pytest.param(desired, model, id=f"{desired}-{model}") for desired, model in product(SCHEDULES, MODELS)
]


@pytest.mark.parametrize(("desired", "model"), STATES)
def test_no_single_fault_of_any_call_makes_a_tick_unsafe(desired, model):
    for mapping, age, in_flight in _mappings(desired):
        state = (desired, model, mapping, age, in_flight)
        for operation in sorted(_operations(*state)):
            for fault in FAULTS:
                stage = a_stage(*state)
                fault(stage.aws, operation)
                stage.tick()
                assert stage.monitor.violations == [], (*state, operation, fault.__name__)


def _mappings(desired: Desired) -> Iterator[tuple[str, timedelta, int]]:
    """With every age and count where they decide; elsewhere once."""
    for mapping in MAPPINGS:
        if desired is Desired.OFF and mapping == "Disabled":
            yield from product([mapping], AGES.values(), IN_FLIGHT)
        else:
            yield mapping, AGES["long ago"], 0


def _operations(*state) -> set[tuple[str, str]]:
    """What the tick calls in this state when nothing goes wrong; which must be safe as well."""
    stage, called = a_stage(*state), set()
    stage.aws.listen(lambda call: called.add((call.request.endpoint.service, call.request.operation)))
    stage.tick()
    assert stage.monitor.violations == [], state
    return called


Operation = tuple[str, str]


def throttled(aws: EmbeddedAws, operation: Operation) -> None:
    aws.deny(operation[1], code=SERVICE_ERRORS[operation[0]].throttled[0])


def denied(aws: EmbeddedAws, operation: Operation) -> None:
    aws.deny(operation[1])


def busy(aws: EmbeddedAws, operation: Operation) -> None:
    aws.deny(operation[1], code="ResourceInUseException")


def gone(aws: EmbeddedAws, operation: Operation) -> None:
    aws.deny(operation[1], code="ResourceNotFoundException")


def over_quota(aws: EmbeddedAws, operation: Operation) -> None:
    aws.deny(operation[1], code="LimitExceededException")


def unreached(aws: EmbeddedAws, operation: Operation) -> None:
    aws._transport.blocks.append(CallBlock(operation=operation[1]))


def answer_lost(aws: EmbeddedAws, operation: Operation) -> None:
    attempt = aws._transport._attempt

    def attempt_and_lose(request, act):
        answer = attempt(request, act)
        if request.operation == operation[1]:
            raise ReadTimeoutError(endpoint_url=request.endpoint.url)
        return answer

    aws._transport._attempt = attempt_and_lose


FAULTS: tuple[Callable[[EmbeddedAws, Operation], None], ...] = (
    *(throttled, denied, busy, gone, over_quota, unreached, answer_lost),
)

ALIVE = ("TRAINING_COMPLETED", "COPYING_COMPLETED", "STARTING", "RUNNING", "FAILED", "STOPPING", "STOPPED")
LEAVABLE = [
    pytest.param(desired, model, mapping, id=f"{desired}-{model}-{mapping}")
    for desired, model, mapping in product(
        (Desired.ON, Desired.OFF), ALIVE, [each for each in MAPPINGS if each not in NEEDS_A_PERSON]
    )
]


@pytest.mark.parametrize(("desired", "model", "mapping"), LEAVABLE)
def test_from_every_state_that_needs_no_person_the_pipeline_converges(desired, model, mapping):
    stage = a_stage(desired, model, mapping, AGES["just changed"], 0)
    _go_on(stage, model, mapping)
    del stage.pipeline.queue.counts
    assert stage.wait_for(stage.converged, ticks=CONVERGES_WITHIN) <= CONVERGES_WITHIN
    assert stage.monitor.violations == []


def _go_on(stage: Stage, model: str, mapping: str) -> None:
    """What is in transition ends: as late as it may."""
    if model in {"STARTING", "STOPPING"}:
        seconds = 30 * 60 if model == "STARTING" else 6 * 60
        stage.pipeline.model._later(seconds, "RUNNING" if model == "STARTING" else "STOPPED")
    if mapping in {"Enabling", "Disabling"}:
        stage.pipeline.mapping._later(60, "Enabled" if mapping == "Enabling" else "Disabled")
