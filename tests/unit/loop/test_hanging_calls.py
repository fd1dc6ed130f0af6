"""Calls that hang delay no other pipeline, and a tick that ends before them tells what it did not do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from controller.core.actions import ActionKind
from controller.loop import act as acting
from controller.loop import observe as observing
from controller.loop.act import execute
from controller.loop.reconcile import reconcile
from controller.loop.workers import SideBySide
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import Stage, a_config, condition, utc, with_settings
from tests.support.schedules import spec

HEALTHY = "z-healthy"


@pytest.fixture
def released() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Short, so that the tests are: the proportions are those of a tick."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 0.1)
    monkeypatch.setattr(acting, "PHASE_S", 0.3)
    monkeypatch.setattr(acting, "ANSWER_S", 0.5)
    monkeypatch.setattr(observing, "OBSERVE_S", 0.5)


def stage(hung: int) -> Stage:
    """Within an opening, every model at rest: all are to be started, the healthy one last in the file."""
    names = (*(f"hung-{number}" for number in range(hung)), HEALTHY)
    pipelines = [
        with_settings(a_pipeline(name, place), warm_up=timedelta(minutes=30))
        for place, name in enumerate(names, 1)
    ]
    hours = replace(spec(daily="08:30-17:00"), name="office")
    scenario = Scenario(start=utc("2026-11-23T10:00"), seed=1, traffic=QUIET)
    made = Stage(config=a_config(*pipelines, specs=(hours,)), scenario=scenario)
    made.world = replace(made.world, workers=SideBySide(at_once=4))
    return made


def hanging(released: Event, asked: list[str], *, hangs=lambda name: name != HEALTHY):
    def act(context, action):
        asked.append(context.pipeline.name)
        if hangs(context.pipeline.name):
            released.wait()
        return execute(context, action)

    return act


@pytest.mark.parametrize("hung", [0, 1, 3, 10])
def test_a_healthy_pipeline_is_started_whatever_number_of_starts_hangs(released, hung):
    on = stage(hung)
    report = reconcile(on.world, act=hanging(released, []))
    healthy = report.pipelines[-1]
    assert [outcome.ok for outcome in healthy.outcomes] == [True]
    assert on.aws.pipelines[HEALTHY].model.status == "STARTING"
    assert on.memories.load(HEALTHY).start_requested_at is not None
    for each in report.pipelines[:-1]:
        assert condition(each, "Progressing").reason == "Retrying"


def test_what_hangs_is_not_called_again_and_goes_on_when_it_has_ended(released):
    on, asked = stage(1), []
    act = hanging(released, asked)
    reconcile(on.world, act=act)
    reconcile(on.world, act=act)
    assert asked.count("hung-0") == 1
    released.set()
    on.world.workers.wait({"act hung-0"}, on.world.monotonic() + 30)
    assert on.aws.pipelines["hung-0"].model.status == "STARTING"
    report = reconcile(on.world, act=act)
    assert report.pipelines[0].actions == ()
    assert asked.count("hung-0") == 1


def test_a_tick_whose_time_is_over_tells_what_it_did_not_reach(released, monkeypatch):
    """One slot, and the first of the file holds it until the tick ends."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 30.0)
    monkeypatch.setattr(acting, "PHASE_S", 30.0)
    on, asked = stage(3), []
    world = replace(on.world, workers=SideBySide(at_once=1), until_s=on.world.monotonic() + 2)
    report = reconcile(world, act=hanging(released, asked, hangs=lambda name: name == "hung-0"))
    assert asked == ["hung-0"]
    assert {condition(each, "Progressing").reason for each in report.pipelines[1:]} == {"NotReached"}
    assert all(each.failed for each in report.pipelines)
    told = {each.name: on.memories.load(each.name).condition("Progressing") for each in report.pipelines[1:]}
    assert {each.reason for each in told.values()} == {"NotReached"}


def carry_out_noting(asked: list[str]):
    def act(context, action):
        asked.append(context.pipeline.name)
        return execute(context, action)

    return act


def test_those_that_were_not_reached_are_asked_for_before_the_others():
    on, asked = stage(3), []
    seen = reconcile(on.world, act=None)
    missed = replace(condition(seen.pipelines[2], "Progressing"), reason="NotReached")
    remembered = replace(on.memories.load("hung-2"), conditions=(missed,))
    on.memories.save("hung-2", remembered)
    reconcile(replace(on.world, workers=SideBySide(at_once=1)), act=carry_out_noting(asked))
    assert asked == ["hung-2", "hung-0", "hung-1", HEALTHY]


def test_a_pipeline_that_cannot_be_observed_holds_up_no_other(released):
    on = stage(3)
    for context in on.world.contexts[:-1]:
        vars(context)["models"] = Hanging(released)
    report = reconcile(replace(on.world, workers=SideBySide(at_once=2)), act=execute)
    assert on.aws.pipelines[HEALTHY].model.status == "STARTING"
    for each in report.pipelines[:-1]:
        assert (each.observed, condition(each, "Stalled").reason) == (None, "NotObserved")


class Hanging:
    def __init__(self, released: Event) -> None:
        self._released = released

    def project_arn(self, *_):
        self._released.wait()

    versions = project_arn


def test_an_action_that_raises_what_nobody_foresaw_is_a_refusal_of_its_pipeline_alone():
    on = stage(1)
    vars(on.world.contexts[0])["models"] = Broken(on.world.contexts[0].models)
    report = reconcile(on.world, act=execute)
    broken, healthy = report.pipelines
    assert [(each.action.kind, each.ok, each.error) for each in broken.outcomes] == [
        (ActionKind.START_MODEL, False, "ZeroDivisionError: a bug")
    ]
    assert [each.ok for each in healthy.outcomes] == [True]


class Broken:
    def __init__(self, real) -> None:
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)

    def start(self, *_args, **_rest):
        raise ZeroDivisionError("a bug")
