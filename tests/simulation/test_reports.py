"""What is reported stays true from look to look: refused starts, idle models, versions of other pipelines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.settings import OnDemand
from controller.invocation.transitions import AnnouncedState, Transition, state_after, transition_events
from controller.loop.reconcile import settle
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from tests.support.embedded import a_pipeline, model_arn
from tests.support.loop import TICK, Stage, a_config, condition, utc, with_settings
from tests.support.schedules import spec

OFFICE = replace(spec(daily="08:30-17:00"), name="office")
PIPELINE = with_settings(a_pipeline(), warm_up=timedelta(minutes=30))


def stage(*pipelines, start="2026-11-23T07:55"):
    quiet = Scenario(start=utc(start), seed=1, traffic=Traffic(per_day=0), start_minutes=(10, 10))
    return Stage(config=a_config(*pipelines, specs=(OFFICE,)), scenario=quiet)


def until(staged, text):
    for _ in staged.ticks(utc(text)):
        pass
    return staged.reports


def stalled(report):
    found = condition(report.pipelines[0], "Stalled")
    return found.status, found.reason


def test_on_demand_that_is_switched_on_stops_an_idle_model_after_its_time():
    staged = stage(PIPELINE)
    until(staged, "2026-11-23T10:00")
    on_demand = with_settings(PIPELINE, on_demand=OnDemand(idle=timedelta(minutes=20)))
    staged.configure(a_config(on_demand, specs=(OFFICE,)))
    until(staged, "2026-11-23T10:16")
    assert staged.pipeline.model.status == "RUNNING"
    until(staged, "2026-11-23T11:00")
    assert staged.pipeline.model.status in {"STOPPING", "STOPPED"}


def test_a_start_that_is_denied_for_good_stays_stalled_from_tick_to_tick():
    staged = stage(PIPELINE)
    staged.aws.deny("StartProjectVersion")
    reports = until(staged, "2026-11-23T09:30")
    first = next(index for index, each in enumerate(reports) if stalled(each)[0] == "True")
    assert {stalled(each)[0] for each in reports[first:]} == {"True"}


def test_a_quota_stays_stalled_in_the_looks_of_one_invocation():
    other = with_settings(a_pipeline("other", 2), warm_up=timedelta(minutes=30))
    staged = stage(PIPELINE, other, start="2026-11-23T08:00")
    staged.aws.deny("StartProjectVersion", pipeline="logos", code="LimitExceededException")
    for number in range(3):
        staged.monitor.begin_invocation()
        looks = settle(
            staged.look,
            clock=staged.aws.now,
            monotonic=staged.aws.monotonic,
            sleep=staged.aws.sleep,
            budget=timedelta(seconds=240),
        )
        assert {stalled(each) for each in looks} == {("True", "QuotaExceeded")}
        staged.aws.advance_to(utc("2026-11-23T08:00") + TICK * (number + 1))


def test_a_start_that_a_quota_refused_for_hours_is_not_in_vain_once_it_is_accepted():
    staged = stage(PIPELINE)
    staged.aws.deny("StartProjectVersion", code="LimitExceededException")
    until(staged, "2026-11-23T10:00")
    staged.aws.unblock()
    accepted = len(staged.reports)
    reports = until(staged, "2026-11-23T10:30")[accepted + 1 :]
    assert {stalled(each) for each in reports} == {("False", "NotStalled")}
    assert staged.pipeline.model.status == "RUNNING"


def test_two_versions_of_a_project_in_two_pipelines_are_no_drift():
    arn = model_arn("logos", created_ms=1700000000000).replace("2026-01-15", "2025-01-15")
    second = replace(a_pipeline("second", 2), settings=PIPELINE.settings)
    second = replace(second, model=replace(PIPELINE.model, arn=arn, version=arn.split("/")[3]))
    report = until(stage(PIPELINE, second), "2026-11-23T10:00")[-1]
    assert [each.observed.model for each in report.pipelines] == ["RUNNING", "RUNNING"]
    assert [condition(each, "Drifted").status for each in report.pipelines] == ["False", "False"]


@pytest.mark.parametrize("names", [(), ("logos",)], ids=["left out", "looked at"])
def test_a_model_that_is_replaced_in_the_file_is_told_of_once_and_by_who_looks_at_it(names):
    staged = stage(PIPELINE)
    report = until(staged, "2026-11-23T10:00")[-1]
    announced = state_after(AnnouncedState(), staged.config, report)
    arn = PIPELINE.model.arn.replace("2026-01-15", "2027-01-15")
    config = a_config(replace(PIPELINE, model=replace(PIPELINE.model, arn=arn)), specs=(OFFICE,))
    looked = replace(report, pipelines=tuple(each for each in report.pipelines if each.name in names))
    dropped = []
    for _ in range(3):
        now = state_after(announced, config, looked)
        dropped += transition_events(announced, now, config, looked)
        announced = now
    told = [each.transition for each in dropped].count(Transition.PIPELINE_DROPPED)
    assert told == len(names)
