"""No loop goes on in vain without a person being told, and no transition without an end.

From every state of model and mapping, under every desire, with every operation that writes refused in each
way, or accepted and without effect, from then on: within ``TOLD_WITHIN`` the pipeline is as desired, or
``Stalled`` is True, and that stays so until eight hours have passed. Nothing in transition ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from controller.core.states import Desired
from controller.loop.report import PipelineReport
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.pipeline import ManualChange
from controller.sim.aws.transport import OK_METADATA
from tests.simulation.test_every_state import (
    AGES,
    MAPPINGS,
    MODELS,
    NOW,
    Operation,
    a_stage,
    answer_lost,
    busy,
    denied,
    gone,
    over_quota,
    throttled,
    unreached,
)
from tests.support.loop import TICK, Stage, condition

TOLD_WITHIN = timedelta(minutes=75)
"""The longest bound is an hour, and it is seen at a tick; a drain of a quarter of an hour may come before."""
HOURS = timedelta(hours=8)
WRITES = {
    "StartProjectVersion": "rekognition",
    "StopProjectVersion": "rekognition",
    "UpdateEventSourceMapping": "lambda",
}


def without_effect(aws: EmbeddedAws, operation: Operation) -> None:
    attempt = aws._transport._attempt

    def accept(request, act):
        return (
            {"ResponseMetadata": OK_METADATA} if request.operation == operation[1] else attempt(request, act)
        )

    aws._transport._attempt = accept


REFUSALS = (busy, throttled, denied, gone, over_quota, unreached, answer_lost, without_effect)


def is_told(report: PipelineReport) -> bool:
    return condition(report, "Ready").status == "True" or condition(report, "Stalled").status == "True"


def untold(stage: Stage, until: datetime) -> list[str]:
    """The times of ticks, from ``TOLD_WITHIN`` on, at which nothing was right and nobody was told."""
    return [
        f"{report.at:%H:%M}"
        for report in stage.ticks(until)
        if report.at - NOW >= TOLD_WITHIN and not is_told(report.pipelines[0])
    ]


def faults(
    desired: Desired, model: str, mapping: str
) -> Iterator[tuple[str, Callable[[EmbeddedAws, Operation], None]]]:
    """Each refusal of each write that is made where nothing is refused."""
    stage, called = a_stage(desired, model, mapping, AGES["long ago"], 0), set[str]()
    stage.aws.listen(lambda call: called.add(call.request.operation))
    list(stage.ticks(NOW + TOLD_WITHIN))
    return product(sorted(called & set(WRITES)), REFUSALS)


@pytest.mark.parametrize(("desired", "model"), [*product((Desired.ON, Desired.WARM, Desired.OFF), MODELS)])
def test_whatever_is_refused_or_has_no_effect_a_person_is_told_within_the_bound(desired, model):
    for mapping in MAPPINGS:
        for operation, refuse in faults(desired, model, mapping):
            stage = a_stage(desired, model, mapping, AGES["long ago"], 0)
            refuse(stage.aws, (WRITES[operation], operation))
            late = untold(stage, NOW + TOLD_WITHIN + TICK)
            assert late == [], (mapping, operation, refuse.__name__, stage.reports[-1])
            assert stage.monitor.violations == []


def dies_after(seconds: float) -> Callable[[Stage], None]:
    """A model that fails so long after each RUNNING."""
    return on_model("RUNNING", seconds, "FAILED")


def on_model(status: str, seconds: float, then: str) -> Callable[[Stage], None]:
    def befall(stage: Stage) -> None:
        model = stage.pipeline.model
        stage.pipeline.on_change.append(lambda _: model.status == status and model._later(seconds, then))

    return befall


def on_mapping(state: str, seconds: float, then: str) -> Callable[[Stage], None]:
    def befall(stage: Stage) -> None:
        mapping = stage.pipeline.mapping
        stage.pipeline.on_change.append(lambda _: mapping.state == state and mapping._later(seconds, then))

    return befall


def refuses(operation: str, fault: Callable[[EmbeddedAws, Operation], None]) -> Callable[[Stage], None]:
    return lambda stage: fault(stage.aws, (WRITES[operation], operation))


def nothing(_stage: Stage) -> None:
    """What is in transition stays in it."""


@pytest.mark.parametrize(
    ("desired", "model", "mapping", "befall", "reason"),
    [
        pytest.param(
            *(Desired.ON, "FAILED", "Disabled", refuses("StartProjectVersion", busy), "StartsFail"),
            id="a failed model whose start is refused as in use",
        ),
        pytest.param(
            *(
                Desired.ON,
                "STOPPED",
                "Disabled",
                refuses("StartProjectVersion", throttled),
                "StartHasNoEffect",
            ),
            id="a start that is throttled for ever",
        ),
        pytest.param(
            *(Desired.ON, "STOPPED", "Disabled", refuses("StartProjectVersion", without_effect)),
            "StartHasNoEffect",
            id="a start without effect",
        ),
        pytest.param(
            *(Desired.ON, "STOPPED", "Disabled", on_model("STARTING", 60, "STOPPED"), "StartHasNoEffect"),
            id="a start that ends stopped",
        ),
        pytest.param(
            *(Desired.ON, "STOPPED", "Disabled", on_model("STARTING", 60, "FAILED"), "StartsFail"),
            id="a start that fails",
        ),
        pytest.param(*(Desired.ON, "STARTING", "Disabled", nothing, "StartTakesTooLong"), id="a start"),
        pytest.param(*(Desired.ON, "STOPPING", "Disabled", nothing, "StopTakesTooLong"), id="a stop"),
        pytest.param(
            *(Desired.OFF, "STOPPING", "Disabled", nothing, "StopTakesTooLong"), id="a stop that is wanted"
        ),
        pytest.param(
            *(Desired.OFF, "RUNNING", "Disabled", refuses("StopProjectVersion", busy), "StopHasNoEffect"),
            id="a stop that is refused as busy",
        ),
        pytest.param(
            *(Desired.OFF, "RUNNING", "Disabled", refuses("StopProjectVersion", without_effect)),
            "StopHasNoEffect",
            id="a stop without effect",
        ),
        *(
            pytest.param(desired, "RUNNING", state, nothing, "MappingTakesTooLong", id=f"{state}, {desired}")
            for state, desired in (
                *(("Disabling", Desired.OFF), ("Updating", Desired.OFF), ("Creating", Desired.OFF)),
                *(("Disabling", Desired.ON), ("Updating", Desired.ON), ("Enabling", Desired.ON)),
            )
        ),
        pytest.param(
            *(Desired.ON, "RUNNING", "Disabled", refuses("UpdateEventSourceMapping", without_effect)),
            "EnableHasNoEffect",
            id="an enable without effect",
        ),
        pytest.param(
            *(Desired.ON, "RUNNING", "Disabled", on_mapping("Enabling", 5, "Disabled"), "EnableHasNoEffect"),
            id="an enable that is undone",
        ),
        pytest.param(
            *(Desired.OFF, "RUNNING", "Enabled", refuses("UpdateEventSourceMapping", busy)),
            "DisableHasNoEffect",
            id="a disable that is refused as busy",
        ),
        pytest.param(
            *(Desired.OFF, "RUNNING", "Enabled", on_mapping("Disabling", 5, "Enabled"), "DisableHasNoEffect"),
            id="a disable that is undone",
        ),
        pytest.param(
            *(Desired.ON, "HIBERNATING", "Enabled", nothing, "ModelUnreadable"),
            id="a status that is not known",
        ),
        pytest.param(
            *(Desired.ON, "RUNNING", "Dreaming", nothing, "MappingUnreadable"), id="a state that is not known"
        ),
    ],
)
def test_for_eight_hours_a_person_is_told(desired, model, mapping, befall, reason):
    stage = a_stage(desired, model, mapping, AGES["long ago"], 0)
    befall(stage)
    assert untold(stage, NOW + HOURS) == []
    stalled = condition(stage.reports[-1].pipelines[0], "Stalled")
    assert (stalled.status, stalled.reason) == ("True", reason)
    assert stage.monitor.violations == []


@pytest.mark.parametrize("minutes", [1, 5, 9, 14])
def test_a_model_that_dies_soon_after_each_start_is_started_ever_more_rarely(minutes):
    stage = a_stage(Desired.ON, "STOPPED", "Disabled", AGES["long ago"], 0)
    stage.pipeline.model.next_start_s = 300
    stage.pipeline.model._draw_start_s = lambda: 300
    dies_after(minutes * 60)(stage)
    reports = list(stage.ticks(NOW + HOURS))
    reasons = {
        condition(each.pipelines[0], "Stalled").reason for each in reports if each.at - NOW >= 2 * TOLD_WITHIN
    }
    assert reasons == {"StartsFail"}
    assert stage.pipeline.model.starts <= 11


@pytest.mark.parametrize("by", ["the controller", "hand", "a start whose answer is lost"])
def test_a_model_that_lives_on_after_failed_starts_is_stalled_no_more(by):
    stage = a_stage(Desired.ON, "STOPPED", "Disabled", AGES["long ago"], 0)
    if by == "hand":
        stage.pipeline.change_by_hand(ManualChange.START)
    elif by != "the controller":
        answer_lost(stage.aws, ("rekognition", "StartProjectVersion"))
    stage.memories.save("logos", replace(stage.memories.load("logos"), failed_starts=3, last_failure_at=NOW))
    reports = list(stage.ticks(NOW + timedelta(minutes=60)))
    stalled = [condition(each.pipelines[0], "Stalled").status for each in reports]
    running = [each.pipelines[0].observed.model == "RUNNING" for each in reports]
    first = running.index(True)
    assert stalled == ["True"] * (first + 3) + ["False"] * (len(reports) - first - 3)


def test_what_is_stuck_is_not_looked_at_again_and_again_within_an_invocation():
    stage = a_stage(Desired.OFF, "RUNNING", "Disabling", AGES["long ago"], 0)
    *_, last = stage.ticks(NOW + timedelta(hours=1))
    assert last.next_check is None or last.next_check - last.at >= TICK


def test_a_retired_version_that_cannot_be_stopped_is_told():
    stage = a_stage(Desired.OFF, "STOPPED", "Disabled", AGES["long ago"], 0)
    old = stage.pipeline.model.arn.replace("logos.2026", "logos.2022")
    stage.pipeline.add_version(old, "RUNNING")
    (own,) = stage.config.pipelines
    retiring = replace(own, model=replace(own.model, retired=(old,)))
    stage.configure(replace(stage.config, pipelines=(retiring,)))
    without_effect(stage.aws, ("rekognition", "StopProjectVersion"))
    list(stage.ticks(NOW + TOLD_WITHIN))
    stalled = condition(stage.reports[-1].pipelines[0], "Stalled")
    assert (stalled.status, stalled.reason) == ("True", "StopHasNoEffect")
    assert old in stalled.message
