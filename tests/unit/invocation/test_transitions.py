"""What stands after a look, by what was told before it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from controller.core.memory import Condition
from controller.core.observed import Observed, OtherVersion
from controller.core.rules import DesiredState
from controller.core.states import Desired, MappingState, ModelStatus
from controller.errors import Diagnostic
from controller.invocation.transitions import (
    WANTS_PERSON,
    AnnouncedState,
    Event,
    PipelineState,
    Transition,
    event_detail,
    pipeline_state,
    state_after,
    transition_events,
)
from controller.loop.report import PipelineReport, Report
from tests.support.embedded import MONDAY, a_pipeline
from tests.support.loop import a_config

ARN = a_pipeline().model.arn
OTHER = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/old/1"
BROKEN = PipelineReport(
    name="logos",
    desire=None,
    observed=None,
    actions=(),
    reason="this tick broke down",
    conditions=(Condition(type="Stalled", status="True", reason="TickBroke", message="broke", since=MONDAY),),
)
BEFORE = PipelineState(arn=ARN, phase=Transition.CONSUMING)


def a_report(model="RUNNING", mapping="Enabled", desired="ON", *, others=(), **statuses) -> PipelineReport:
    """``statuses`` by condition: ``stalled="True"``, ``drifted="True ChangedElsewhere"``."""
    texts = {"ready": "True", "stalled": "False", "drifted": "False", **statuses}
    conditions = [
        Condition(
            type=name.title(),
            status=text.partition(" ")[0],
            reason=text.partition(" ")[2] or "Because",
            message=f"{name} it is",
            since=MONDAY,
        )
        for name, text in texts.items()
    ]
    return PipelineReport(
        name="logos",
        desire=DesiredState(desired=Desired(desired), rule="open", reason="open"),
        observed=Observed(
            model=ModelStatus(model),
            mapping=MappingState(mapping),
            others=tuple(OtherVersion(arn=arn, units=1) for arn in others),
        ),
        actions=(),
        reason="open: as it should be",
        conditions=tuple(conditions),
    )


@pytest.mark.parametrize(
    ("was", "report", "phase"),
    [
        pytest.param(None, a_report("STOPPED", "Disabled", "OFF"), "Stopped", id="at rest"),
        pytest.param(None, a_report("TRAINING_COMPLETED", "Disabled"), "Stopped", id="never started"),
        pytest.param("Starting", a_report("FAILED", "Disabled"), "Stopped", id="failed"),
        pytest.param("Consuming", a_report("ABSENT", "Enabled"), "Stopped", id="gone"),
        pytest.param("Stopped", a_report("STARTING", "Disabled"), "Starting", id="starting"),
        pytest.param("Starting", a_report("RUNNING", "Disabled"), "Running", id="running"),
        pytest.param("Starting", a_report("RUNNING", "Enabling"), "Running", id="about to consume"),
        pytest.param("Starting", a_report("RUNNING", "Updating"), "Running", id="never consumed yet"),
        pytest.param("Running", a_report("RUNNING", "Enabled"), "Consuming", id="consuming"),
        pytest.param("Stopped", a_report("RUNNING", "Disabled", "WARM"), "Running", id="warm"),
        pytest.param("Consuming", a_report("RUNNING", "Updating"), "Consuming", id="an update on the way"),
        pytest.param("Consuming", a_report("RUNNING", "Disabling", "OFF"), "Consuming", id="going off"),
        pytest.param("Consuming", a_report("RUNNING", "UNREADABLE"), "Consuming", id="a blind look"),
        pytest.param("Consuming", a_report("UNREADABLE", "Enabled"), "Consuming", id="another blind look"),
        pytest.param("Consuming", a_report("RUNNING", "Disabled", "OFF"), "Draining", id="draining"),
        pytest.param("Running", a_report("RUNNING", "ABSENT", "OFF"), "Draining", id="nothing to drain"),
        pytest.param("Draining", a_report("STOPPING", "Disabled", "OFF"), "Draining", id="stopping"),
        pytest.param("Draining", a_report("RUNNING", "Disabled", "ON"), "Running", id="wanted again"),
        pytest.param("Consuming", BROKEN, "Consuming", id="a tick that broke down"),
        pytest.param(None, a_report("UNREADABLE", "UNREADABLE"), None, id="never seen"),
    ],
)
def test_the_phase_after(was, report, phase):
    before = PipelineState(arn=ARN, phase=Transition(was) if was else None)
    assert pipeline_state(before, ARN, report).phase == phase


@pytest.mark.parametrize(
    ("was", "report", "now"),
    [
        pytest.param({}, a_report(stalled="True"), {"stalled": True}, id="stalled"),
        pytest.param({"stalled": True}, a_report(stalled="Unknown"), {"stalled": True}, id="still, perhaps"),
        pytest.param({}, a_report(stalled="Unknown"), {}, id="not known to be stalled"),
        pytest.param({"stalled": True}, a_report(), {}, id="recovered"),
        pytest.param({}, BROKEN, {"stalled": True}, id="broke down"),
        pytest.param({}, a_report(drifted="True ChangedElsewhere"), {"drifted": True}, id="drifted"),
        pytest.param({}, a_report(drifted="True UnitsDiffer"), {}, id="not by somebody"),
        pytest.param({"drifted": True}, a_report(ready="False"), {"drifted": True}, id="being healed"),
        pytest.param({"drifted": True}, a_report(), {}, id="healed"),
        pytest.param({}, a_report(others=(OTHER,)), {"others": (OTHER,)}, id="another version"),
        pytest.param({"others": (OTHER,)}, a_report(), {}, id="no other any more"),
        pytest.param({"others": (OTHER,)}, BROKEN, {"others": (OTHER,), "stalled": True}, id="not seen"),
        pytest.param(
            {"others": (OTHER,)}, a_report("UNREADABLE"), {"others": (OTHER,)}, id="versions unreadable"
        ),
    ],
)
def test_what_stands_after(was, report, now):
    assert pipeline_state(replace(BEFORE, **was), ARN, report) == replace(BEFORE, **now)


def test_of_another_model_nothing_was_told():
    before = replace(BEFORE, arn=OTHER, stalled=True)
    assert pipeline_state(before, ARN, BROKEN) == PipelineState(arn=ARN, stalled=True)


def test_nothing_is_told_twice():
    config = replace(a_config(a_pipeline(), specs=()), degraded=(Diagnostic(message="no", line=1),))
    report = Report(at=MONDAY, pipelines=(a_report(stalled="True", others=(OTHER,)),))
    told = state_after(AnnouncedState(), config, report)
    assert len(transition_events(AnnouncedState(), told, config, report)) == 4
    assert state_after(told, config, report) == told
    assert transition_events(told, told, config, report) == ()


def test_an_event_names_the_command_that_fits_what_happened():
    file = "s3://bucket/schedule.yaml"
    config = replace(a_config(a_pipeline(), specs=()), file=file, degraded=(Diagnostic(message="no"),))
    report = Report(at=MONDAY, pipelines=(a_report(stalled="True", others=(OTHER,)),))
    told = state_after(AnnouncedState(), config, report)
    dropped = transition_events(
        told, AnnouncedState(), replace(config, pipelines=()), Report(at=MONDAY, pipelines=())
    )
    found = [*transition_events(AnnouncedState(), told, config, report), *dropped]
    commands = {
        each.transition.value: each.command.split() for each in found if each.transition in WANTS_PERSON
    }
    ours = "rekognition-scheduler"
    assert commands == {
        "ConfigurationRejected": [ours, "validate", file],
        "Stalled": [ours, "status", "--config", file],
        "OtherVersionRunning": [ours, "versions", "logos", "--config", file],
        "PipelineDropped": [
            *("aws", "rekognition", "stop-project-version"),
            *("--project-version-arn", ARN, "--region", "us-east-1"),
        ],
    }


def test_the_detail_is_as_documented():
    event = Event(
        transition=Transition.STALLED,
        at=MONDAY,
        reason="QuotaExceeded",
        message="m" * 2000,
        command="rekognition-scheduler status",
        pipeline="logos",
        arn=ARN,
        report=a_report("STOPPED", "Disabled"),
    )
    shown = event_detail(event, "one-stack")
    assert len(shown["message"]) == 1000
    assert json.loads(json.dumps(shown | {"message": "…"})) == {
        "version": 1,
        "service": "one-stack",
        "transition": "Stalled",
        "wants_person": True,
        "at": "2026-11-23T08:00:00Z",
        "pipeline": "logos",
        "model_arn": ARN,
        "reason": "QuotaExceeded",
        "message": "…",
        "command": "rekognition-scheduler status",
        "desired": {"power": "ON", "consume": True},
        "observed": {"model": "STOPPED", "mapping": "Disabled"},
    }


def test_the_detail_of_what_nobody_looked_at_has_the_same_members():
    said = {"at": MONDAY, "reason": "x", "message": "y", "command": "z"}
    without_report = Event(transition=Transition.CONFIGURATION_REJECTED, **said)
    with_report = Event(transition=Transition.STALLED, **said, report=a_report())
    assert event_detail(without_report, "one").keys() == event_detail(with_report, "one").keys()


def test_what_wants_a_person_is_what_no_tick_can_mend():
    assert {transition.value for transition in WANTS_PERSON} == {
        "Stalled",
        "OtherVersionRunning",
        "PipelineDropped",
        "ConfigurationRejected",
    }
