"""The loop through days worked by hand: Monday 2026-11-23, schedules in UTC unless said otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.core.actions import Action, ActionKind, FailureKind
from controller.core.memory import unit_hours
from controller.core.settings import Budget, Hold
from controller.core.states import Desired
from controller.loop.act import execute
from controller.loop.reconcile import reconcile
from controller.loop.report import as_json
from controller.loop.workers import SideBySide
from controller.schedule.model import Spec
from controller.sim.aws.faults import NONE
from controller.sim.aws.rekognition import ProjectVersion
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline, model_arn
from tests.support.loop import TICK, Stage, a_config, condition, is_ready, utc, with_settings
from tests.support.schedules import span, spec

WARM = with_settings(a_pipeline(), warm_up=timedelta(minutes=30))
DAY = spec(daily="08:30-17:00")


def a_stage(
    *, start: str = "2026-11-23T07:00", hours: Spec = DAY, pipeline=WARM, traffic: Traffic = QUIET, **scenario
) -> Stage:
    named = replace(hours, name="office")
    usual = Scenario(start=utc(start), seed=1, traffic=traffic, start_minutes=(10, 10))
    return Stage(config=a_config(pipeline, specs=(named,)), scenario=replace(usual, **scenario))


def states(stage: Stage, until: str) -> list[tuple[str, str, str]]:
    """Every state the pipeline came into by then, with its time of day."""
    stage.until(utc(until))
    return [(f"{change.at:%H:%M}", change.resource, change.state) for change in stage.aws.changes]


def test_a_day_opens_and_closes_in_the_safe_order():
    assert [(resource, state) for _, resource, state in states(a_stage(), "2026-11-23T18:00")] == [
        ("model", "STARTING"),
        ("model", "RUNNING"),
        ("mapping", "Enabling"),
        ("mapping", "Enabled"),
        ("mapping", "Disabling"),
        ("mapping", "Disabled"),
        ("model", "STOPPING"),
        ("model", "STOPPED"),
    ]


def test_the_model_starts_a_lead_before_the_opening_and_stops_within_two_ticks_of_closing():
    at = {(resource, state): time for time, resource, state in states(a_stage(), "2026-11-23T18:00")}
    assert at["model", "STARTING"] == "08:00"
    assert at["model", "RUNNING"] == "08:10"
    assert at["mapping", "Disabling"] == "17:00"
    assert at["model", "STOPPING"] == "17:10"


@pytest.mark.parametrize("start", ["12:00", "20:00"], ids=["open", "closed"])
def test_a_steady_tick_acts_on_nothing_and_one_in_an_hour_reads_the_queue_and_writes_the_memory(start):
    """That the queue was empty, and while the model runs that it did."""
    stage = a_stage().until(utc(f"2026-11-23T{start}"))
    calls, written = Counter(), 0
    stage.aws.listen(lambda call: calls.update([call.request.operation]))
    for _ in range(12):
        before = stage.memories.load("logos")
        report = stage.tick()
        assert is_ready(report)
        assert report.pipelines[0].outcomes == ()
        written += stage.memories.load("logos") is not before
        stage.aws.sleep(TICK.total_seconds())
    assert written == 1
    assert calls == {"DescribeProjectVersions": 12, "GetEventSourceMapping": 12, "GetQueueAttributes": 1}


def test_an_explicit_closure_in_the_lead_keeps_the_model_warm_and_consumption_off():
    hours = spec(daily="08:30-17:00", overrides=(span("2026-11-23T00:00", "2026-11-23T08:30", "closed"),))
    stage = a_stage(hours=hours).until(utc("2026-11-23T08:25"))
    assert stage.state == ("RUNNING", "Disabled")
    assert stage.until(utc("2026-11-23T08:40")).state == ("RUNNING", "Enabled")


def test_a_short_closure_is_bridged_and_a_long_one_is_not():
    bridged = a_stage(hours=spec(daily="08:30-12:00, 12:40-17:00")).until(utc("2026-11-23T12:20"))
    assert bridged.state == ("RUNNING", "Enabled")
    stopped = a_stage(hours=spec(daily="08:30-12:00, 14:00-17:00")).until(utc("2026-11-23T12:20"))
    assert stopped.state == ("STOPPED", "Disabled")


def test_two_openings_closer_than_the_lead_with_an_explicit_closure_between_them_stay_warm():
    lunch = span("2026-11-23T12:00", "2026-11-23T12:25", "closed")
    stage = a_stage(hours=spec(daily="08:30-17:00", overrides=(lunch,))).until(utc("2026-11-23T12:20"))
    assert stage.state == ("RUNNING", "Disabled")
    assert stage.until(utc("2026-11-23T12:35")).state == ("RUNNING", "Enabled")


@pytest.mark.parametrize(
    ("desired", "expected"),
    [(Desired.OFF, ("STOPPED", "Disabled")), (Desired.AS_IS, ("RUNNING", "Disabled"))],
)
def test_a_hold_governs_until_it_ends_and_then_the_opening_goes_on(desired, expected):
    hold = Hold(desired=desired, until=utc("2026-11-23T12:00"), reason="incident 42")
    stage = a_stage().until(utc("2026-11-23T10:00"))
    stage.configure(replace(stage.config, pipelines=(with_settings(WARM, hold=hold),)))
    if desired is Desired.AS_IS:
        stage.pipeline.mapping.update(enabled=False)
    assert stage.until(utc("2026-11-23T11:55")).state == expected
    assert stage.until(utc("2026-11-23T12:25")).state == ("RUNNING", "Enabled")


def test_a_file_edited_in_the_middle_of_an_opening_closes_within_three_ticks():
    stage = a_stage().until(utc("2026-11-23T10:00"))
    edited = replace(spec(daily="08:30-10:00"), name="office")
    stage.configure(a_config(WARM, specs=(edited,)))
    assert stage.until(utc("2026-11-23T10:20")).state == ("STOPPED", "Disabled")


def test_a_queue_that_is_never_empty_is_rescued_again_and_again_over_a_long_closure():
    """More arrives than a rescue takes in its time: it ends with messages left, and they must not expire."""
    short = replace(WARM, consumer=replace(WARM.consumer, retention=timedelta(hours=6)))
    stage = a_stage(hours=spec(daily="closed"), pipeline=short, traffic=Traffic(per_day=80_000))
    stage.until(stage.aws.now() + timedelta(days=1))
    assert stage.pipeline.accounting().messages.expired == 0


def test_a_rescue_outlives_an_edit_of_the_file():
    """Found by the state machine: a pipeline that never opens is closed since nobody knows when."""
    stage = a_stage(hours=spec(daily="closed"), traffic=Traffic(per_day=2000))
    stage.aws.sleep(3600)
    stage.until(stage.aws.now() + TICK)
    assert stage.memories.load("logos").rescue_since is not None
    night = replace(spec(daily="22:00-06:00"), name="office")
    stage.configure(a_config(stage.config.pipelines[0], specs=(night,)))
    stage.until(stage.aws.now() + timedelta(hours=1))
    assert stage.pipeline.accounting().messages.processed > 0
    assert stage.state == ("STOPPED", "Disabled")


def test_messages_that_were_received_three_times_are_rescued_though_their_age_is_never_told():
    """Closed for 111 hours, kept for 96: at the closing one old message, 66 hours later a younger one."""
    hours = spec(daily="closed", overrides=(span("2026-11-20T08:30", "2026-11-20T17:00", "open"),))
    stage = a_stage(start="2026-11-20T08:00", hours=hours).until(utc("2026-11-20T16:58"))
    stage.pipeline.queue.send()
    (_, _, message), *_ = stage.pipeline.queue._by_age
    message.receives = 3
    stage.pipeline.model.become("FAILED")
    stage.until(utc("2026-11-23T11:00"))
    stage.pipeline.queue.send()
    stage.until(utc("2026-11-25T08:00"))
    messages = stage.pipeline.accounting().messages
    assert (messages.arrived, messages.processed, messages.expired) == (2, 2, 0)


def test_a_retention_that_is_cut_in_a_closure_is_seen_within_the_hour():
    """From 14 days to one, on Saturday morning; what arrived on Friday night is not lost on Saturday."""
    kept = replace(WARM, consumer=replace(WARM.consumer, retention=timedelta(days=14)))
    hours = spec(days={"fri": "08:30-17:00"})
    stage = a_stage(start="2026-11-20T08:00", hours=hours, pipeline=kept).until(utc("2026-11-20T20:00"))
    for _ in range(50):
        stage.pipeline.queue.send()
    stage.until(utc("2026-11-21T08:00"))
    queue = stage.pipeline.queue
    queue.settings = replace(queue.settings, retention_s=86_400.0)
    queue._by_age = [(message.first_at_s + 86_400.0, order, message) for _, order, message in queue._by_age]
    queue._schedule_expiry(queue._by_age[0][0])
    stage.until(utc("2026-11-22T12:00"))
    messages = stage.pipeline.accounting().messages
    assert (messages.processed, messages.expired) == (50, 0)


def test_a_queue_that_is_deleted_shows_within_the_hour_though_the_mapping_stays_enabled():
    stage = a_stage().until(utc("2026-11-23T12:00"))
    assert is_ready(stage.reports[-1])
    account, name = stage.pipeline.queue.settings.arn.split(":")[4:]
    sqs = stage.aws._queues["us-east-1"]
    queue = sqs.queues.pop((account, name))
    stage.until(utc("2026-11-23T13:05"))
    report = stage.reports[-1].pipelines[0]
    assert stage.state == ("RUNNING", "Enabled")
    assert (condition(report, "Stalled").status, condition(report, "Stalled").reason) == (
        "True",
        "QueueMissing",
    )
    assert condition(report, "Ready").status == "False"
    assert condition(report, "Drifted").status == "False"
    sqs.queues[account, name] = queue
    assert is_ready(stage.tick())


def test_another_arn_starts_the_other_version_and_reports_the_old_one_that_runs_on():
    stage = a_stage().until(utc("2026-11-23T10:00"))
    newer = model_arn("logos", created_ms=1778468215000).replace("2026-01-15", "2026-05-11")
    model = replace(WARM.model, arn=newer, version=newer.split("/")[3])
    other = stage.pipeline.add_version(newer, status="TRAINING_COMPLETED")
    stage.configure(a_config(replace(WARM, model=model), specs=tuple(stage.config.specs.values())))
    report = stage.tick()
    assert stage.pipeline.mapping.state == "Disabling"
    assert other.status == "STARTING"
    assert condition(report.pipelines[0], "Drifted").reason == "OtherVersionRunning"
    stage.until(utc("2026-11-23T10:20"))
    assert (other.status, stage.pipeline.mapping.state) == ("RUNNING", "Enabled")


# What the design with two crons gets wrong, one by one.


def test_consumption_is_never_enabled_while_the_model_is_starting():
    stage = a_stage(start_minutes=(29, 29))
    for _ in stage.ticks(utc("2026-11-23T08:40")):
        if stage.pipeline.model.status == "STARTING":
            assert stage.pipeline.mapping.state == "Disabled"
    assert stage.state == ("RUNNING", "Enabled")


def test_the_model_is_never_stopped_before_consumption_is_off_and_drained():
    stage = a_stage(traffic=Traffic(per_day=20_000)).until(utc("2026-11-23T18:00"))
    at = {(change.resource, change.state): change.at for change in stage.aws.changes}
    assert at["model", "STOPPING"] - at["mapping", "Disabled"] >= timedelta(seconds=180)
    assert stage.pipeline.accounting().messages.failed_receives == 0


def test_a_start_that_is_refused_because_it_runs_already_still_leads_to_consumption():
    stage = a_stage(start="2026-11-23T08:30")

    def beaten_to_it(context, action):
        stage.pipeline.model.become("STARTING")
        return execute(context, action)

    report = reconcile(stage.world, act=beaten_to_it)
    assert report.pipelines[0].outcomes[0].refusal is FailureKind.BUSY
    stage.pipeline.model.become("RUNNING")
    assert stage.until(utc("2026-11-23T08:40")).state == ("RUNNING", "Enabled")


def test_a_model_that_somebody_stopped_has_its_consumption_off_within_a_tick():
    stage = a_stage().until(utc("2026-11-23T12:00"))
    stage.pipeline.model.become("STOPPED")
    report = stage.tick()
    assert [(each.action.kind, each.ok) for each in report.pipelines[0].outcomes] == [
        (ActionKind.DISABLE_MAPPING, True),
        (ActionKind.START_MODEL, True),
    ]
    assert condition(report.pipelines[0], "Drifted").status == "True"


def test_a_missed_tick_costs_a_tick_and_not_a_day():
    stage = a_stage().until(utc("2026-11-23T07:55"))
    stage.aws.advance_to(utc("2026-11-23T08:15"))
    assert stage.until(utc("2026-11-23T08:35")).state == ("RUNNING", "Enabled")


def test_nothing_of_the_mapping_but_enabled_is_ever_written():
    stage = a_stage()
    stage.pipeline.mapping.batch_size = 7
    function = stage.pipeline.mapping.function_arn
    stage.until(utc("2026-11-23T18:00"))
    assert (stage.pipeline.mapping.batch_size, stage.pipeline.mapping.function_arn) == (7, function)


@pytest.mark.parametrize(
    ("day", "starts_at"),
    [("2026-03-06", "13:00"), ("2026-03-09", "12:00"), ("2026-10-30", "12:00"), ("2026-11-02", "13:00")],
)
def test_the_opening_follows_local_time_through_daylight_saving(day, starts_at):
    stage = a_stage(start=f"{day}T10:00", hours=spec(zone="America/New_York", daily="08:30-17:00"))
    assert (starts_at, "model", "STARTING") in states(stage, f"{day}T14:00")


def test_a_model_that_failed_is_started_again():
    stage = a_stage().until(utc("2026-11-23T12:00"))
    stage.pipeline.model.become("FAILED")
    stage.tick()
    assert stage.state == ("STARTING", "Disabling")
    assert stage.until(utc("2026-11-23T12:20")).state == ("RUNNING", "Enabled")


def test_throttling_delays_and_does_not_break():
    stage = a_stage(start="2026-11-23T08:00", faults=replace(NONE, throttled=0.5))
    stage.wait_for(is_ready, ticks=60)
    assert stage.monitor.violations == []
    assert stage.state == ("RUNNING", "Enabled")


# Failures of one pipeline, and what they do to the others: nothing.

FIRST = with_settings(a_pipeline("logos", 1), warm_up=timedelta(minutes=30))
SECOND = with_settings(a_pipeline("labels", 2), warm_up=timedelta(minutes=30))


def two_pipelines() -> Stage:
    scenario = Scenario(start=utc("2026-11-23T08:30"), seed=1, traffic=QUIET, start_minutes=(10, 10))
    return Stage(config=a_config(FIRST, SECOND, specs=(replace(DAY, name="office"),)), scenario=scenario)


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda aws: aws.deny("DescribeProjectVersions", pipeline="logos"), id="describe denied"),
        pytest.param(lambda aws: aws.deny("GetEventSourceMapping", pipeline="logos"), id="get denied"),
        pytest.param(lambda aws: aws.deny("StartProjectVersion", pipeline="logos"), id="start denied"),
        pytest.param(lambda aws: aws.cut_off(pipeline="logos"), id="no endpoint answers"),
        pytest.param(lambda aws: aws.pipelines["logos"].delete_mapping(), id="the mapping is gone"),
        pytest.param(lambda aws: aws.pipelines["logos"].model.become("DELETING"), id="the model is going"),
    ],
)
def test_one_pipelines_failure_never_touches_another(harm):
    stage = two_pipelines()
    harm(stage.aws)
    stage.until(utc("2026-11-23T09:00"))
    assert stage.aws.pipelines["labels"].model.status == "RUNNING"
    assert stage.aws.pipelines["labels"].mapping.state == "Enabled"
    assert stage.aws.pipelines["logos"].model.status != "RUNNING"
    broken = next(each for each in stage.reports[-1].pipelines if each.name == "logos")
    assert condition(broken, "Stalled").status in {"True", "Unknown"}


def test_an_error_that_nobody_foresaw_is_reported_and_the_others_go_on(monkeypatch):
    stage = two_pipelines()
    broken = stage.world.contexts[0]
    monkeypatch.setattr(broken.mappings, "get", lambda _uuid: 1 / 0)
    report = stage.tick()
    assert [each.failed for each in report.pipelines] == [True, False]
    assert "ZeroDivisionError" in report.pipelines[0].reason
    assert stage.aws.pipelines["labels"].model.status == "STARTING"


def test_a_memory_that_cannot_be_kept_does_not_stop_the_tick(monkeypatch):
    stage = two_pipelines()

    def full(_name, _memory):
        raise OSError("no space")

    monkeypatch.setattr(stage.memories, "save", full)
    report = stage.tick()
    assert all("OSError" in each.reason for each in report.pipelines)
    assert {each.model.status for each in stage.aws.pipelines.values()} == {"STARTING"}


def test_pipelines_are_observed_side_by_side_with_the_same_result():
    serial, threaded = two_pipelines(), two_pipelines()
    threaded.world = replace(threaded.world, workers=SideBySide())
    for stage in (serial, threaded):
        stage.until(utc("2026-11-23T09:00"))
    assert [each.pipelines for each in serial.reports] == [each.pipelines for each in threaded.reports]


def test_stops_come_before_starts_so_that_the_quota_frees_first():
    third = with_settings(a_pipeline("early", 3), warm_up=timedelta(minutes=30))
    late = replace(spec(daily="08:30-17:00"), name="office")
    early = replace(spec(daily="00:00-08:00"), name="early")
    config = a_config(FIRST, replace(third, schedule="early"), specs=(late, early))
    stage = Stage(config=config, scenario=Scenario(start=utc("2026-11-23T08:30"), seed=1, traffic=QUIET))
    stage.aws.pipelines["early"].model.become("RUNNING")
    report = stage.tick()
    assert [each.actions for each in report.pipelines] == [
        (Action.own(ActionKind.START_MODEL),),
        (Action.own(ActionKind.STOP_MODEL),),
    ]
    calls = []
    stage.aws.listen(lambda call: calls.append(call.request.operation))
    stage.aws.pipelines["early"].model.become("RUNNING")
    stage.aws.pipelines["logos"].model.become("STOPPED")
    stage.tick()
    assert [name for name in calls if name.startswith(("Start", "Stop"))] == [
        "StopProjectVersion",
        "StartProjectVersion",
    ]


def test_a_quota_that_is_full_is_reported_and_tried_again_every_tick():
    third = with_settings(a_pipeline("third", 3), warm_up=timedelta(minutes=30))
    config = a_config(FIRST, SECOND, third, specs=(replace(DAY, name="office"),))
    stage = Stage(
        config=config,
        scenario=Scenario(start=utc("2026-11-23T08:30"), seed=1, traffic=QUIET, start_minutes=(10, 10)),
    )
    stage.until(utc("2026-11-23T09:30"))
    refused = stage.reports[-1].pipelines[2]
    assert condition(refused, "Stalled").reason == "QuotaExceeded"
    assert refused.outcomes[0].refusal is FailureKind.QUOTA
    stage.aws.pipelines["logos"].model.become("STOPPED")
    stage.configure(a_config(SECOND, third, specs=tuple(config.specs.values())))
    assert stage.until(utc("2026-11-23T09:50")).aws.pipelines["third"].model.status == "RUNNING"


def test_a_dry_run_writes_nothing_to_aws_or_to_memory():
    stage = a_stage(start="2026-11-23T08:30")
    report = reconcile(stage.world, act=None)
    assert report.pipelines[0].actions == (Action.own(ActionKind.START_MODEL),)
    assert report.pipelines[0].outcomes == ()
    assert stage.state == ("TRAINING_COMPLETED", "Disabled")
    assert stage.memories.load("logos").conditions == ()


def test_what_is_known_once_is_not_asked_again():
    stage = a_stage()
    calls = []
    stage.aws.listen(lambda call: calls.append(call.request.operation))
    stage.until(utc("2026-11-23T07:30"))
    assert Counter(calls) == {
        "DescribeProjects": 1,
        "GetQueueUrl": 1,
        "GetQueueAttributes": 1,
        "DescribeProjectVersions": 6,
        "GetEventSourceMapping": 6,
    }


def test_a_project_arn_that_no_longer_exists_is_looked_up_again():
    stage = a_stage().until(utc("2026-11-23T07:10"))
    gone = f"{WARM.model.arn.partition('/version/')[0]}/1"
    stage.memories.save("logos", replace(stage.memories.load("logos"), project_arn=gone))
    report = stage.tick()
    assert condition(report.pipelines[0], "Stalled").reason == "ModelUnusable"
    assert is_ready(stage.tick())
    assert condition(stage.reports[-1].pipelines[0], "Stalled").status == "False"


def test_the_clock_is_read_once_a_tick():
    stage = a_stage()
    readings: list[datetime] = []

    def clock() -> datetime:
        readings.append(stage.aws.now())
        return readings[-1]

    reconcile(replace(stage.world, clock=clock), act=None)
    assert len(readings) == 1


# A retired version, with the model up in its place.

OLD = model_arn("logos", created_ms=1668468215000).replace("2026-01-15", "2022-11-15")


def a_promoted_stage(environment: dict[str, str]) -> Stage:
    """At 09:00 the model and its retired version run, and the function's ``environment`` is this."""
    retiring = replace(WARM, model=replace(WARM.model, retired=(OLD,)))
    stage = a_stage(pipeline=retiring).until(utc("2026-11-23T09:00"))
    stage.pipeline.function.environment.clear()
    stage.pipeline.function.environment.update(environment)
    stage.pipeline.retired[0].become("RUNNING")
    return stage


def retired_state(stage: Stage) -> tuple[str, str]:
    """Its status, and the reason of the condition Stalled."""
    stalled = condition(stage.reports[-1].pipelines[0], "Stalled")
    return stage.pipeline.retired[0].status, stalled.reason


@pytest.mark.parametrize(
    ("environment", "open_", "closed"),
    [
        pytest.param(
            {"M": WARM.model.arn}, ("STOPPED", "NotStalled"), "STOPPED", id="the function uses this one"
        ),
        pytest.param({"M": OLD}, ("RUNNING", "RetiredVersionInUse"), "STOPPED", id="the function uses it"),
        pytest.param(
            {"M": WARM.model.arn, "FALLBACK": f"also {OLD}"},
            ("RUNNING", "RetiredVersionInUse"),
            "STOPPED",
            id="the function may use both",
        ),
        pytest.param({}, ("RUNNING", "RetiredVersionUnproven"), "STOPPED", id="the function names none"),
        pytest.param(
            {"M": f"{WARM.model.arn}0"}, ("RUNNING", "RetiredVersionUnproven"), "STOPPED", id="a longer ARN"
        ),
    ],
)
def test_a_retired_version_is_stopped_only_when_the_function_no_longer_uses_it(environment, open_, closed):
    stage = a_promoted_stage(environment)
    stage.until(utc("2026-11-23T16:00"))
    assert retired_state(stage) == open_
    assert stage.state == ("RUNNING", "Enabled")
    stage.until(utc("2026-11-23T18:00"))
    assert (stage.pipeline.retired[0].status, retired_state(stage)[1]) == (closed, "NotStalled")


def test_a_retired_version_runs_on_while_the_function_cannot_be_read():
    stage = a_promoted_stage({"M": WARM.model.arn})
    stage.aws.deny("GetFunctionConfiguration")
    stage.until(utc("2026-11-23T10:00"))
    assert retired_state(stage) == ("RUNNING", "RetiredVersionUnproven")


def set_timeout(stage: Stage, seconds: int) -> None:
    function = stage.pipeline.function
    functions = stage.aws._accounts["123456789012", "us-east-1"].lambda_.functions
    functions[function.name] = replace(function, timeout_s=seconds)


@pytest.mark.parametrize("before_min", [60, 61, 600, 900])
@pytest.mark.parametrize("timeout_s", [60, 300, 900])
def test_a_function_whose_timeout_was_raised_an_hour_ago_is_waited_for(before_min, timeout_s):
    """Its invocations go on for the whole of it, so that the count of what is in flight is never zero."""
    closing = utc("2026-11-24T17:00")
    stage = a_stage().until(utc("2026-11-23T18:00"))
    assert (stage.pipeline.model.status, stage.memories.load("logos").function_timeout_s) == ("STOPPED", 60)
    stage.until(closing - timedelta(minutes=before_min))
    set_timeout(stage, timeout_s)
    stage.pipeline.queue.counts = lambda: (0, 3)
    stage.until(closing + timedelta(hours=1))
    off, stopping = (
        next(each.at for each in stage.aws.changes if each.state == state and each.at >= closing)
        for state in ("Disabled", "STOPPING")
    )
    own = timedelta(seconds=120 + timeout_s + 60)
    assert own <= stopping - off <= own + 2 * TICK


@pytest.mark.parametrize("minutes", [5, 30, 59, 60, 61, 90, 240])
def test_a_timeout_that_is_raised_between_two_closings_is_seen_within_an_hour(minutes):
    first = utc("2026-11-23T10:00")
    second = first + timedelta(minutes=45 + minutes)
    hours = spec(daily=f"08:30-10:00, 10:45-{second:%H:%M}")
    pipeline = with_settings(WARM, warm_up=timedelta(minutes=10), bridge=timedelta(0))
    stage = a_stage(hours=hours, pipeline=pipeline).until(first + timedelta(minutes=20))
    read_at = stage.memories.load("logos").function_read_at
    assert read_at is not None
    set_timeout(stage, 900)
    stage.pipeline.queue.counts = lambda: (0, 3)
    stage.until(second + timedelta(minutes=40))
    off, stopping = (
        next(each.at for each in stage.aws.changes if each.state == state and each.at >= second)
        for state in ("Disabled", "STOPPING")
    )
    if off - read_at >= timedelta(hours=1):
        assert stopping - off >= timedelta(seconds=120 + 900 + 60)


def test_two_closings_within_an_hour_read_the_function_once():
    hours = spec(daily="08:30-10:00, 10:30-10:40")
    pipeline = with_settings(WARM, warm_up=timedelta(minutes=10), bridge=timedelta(0))
    stage, calls = a_stage(hours=hours, pipeline=pipeline), Counter()
    stage.aws.listen(lambda call: calls.update([call.request.operation]))
    stage.until(utc("2026-11-23T12:00"))
    assert (stage.state, stage.pipeline.model.starts) == (("STOPPED", "Disabled"), 2)
    assert calls["GetFunctionConfiguration"] == 1


def test_no_value_of_the_functions_environment_is_told_or_kept(caplog):
    stage = a_promoted_stage({"M": f"{OLD} hunter2", "PASSWORD": "hunter2"})
    stage.until(utc("2026-11-23T09:30"))
    assert "hunter2" not in f"{stage.reports} {stage.memories.load('logos')} {caplog.text}"


def test_a_retired_version_that_fills_the_quota_is_stopped_before_the_model_runs():
    stage = a_promoted_stage({"M": WARM.model.arn})
    stage.pipeline.model.become("STOPPED")
    stage.pipeline.add_version(model_arn("logos", created_ms=1600000000000), status="RUNNING")
    assert stage.until(utc("2026-11-23T09:40")).state == ("RUNNING", "Enabled")


@pytest.mark.parametrize(
    ("model", "mapping", "seen"),
    [
        ("HIBERNATING", "Enabled", {"model": "UNKNOWN", "model_word": "HIBERNATING", "mapping": "Enabled"}),
        ("RUNNING", "Dreaming", {"model": "RUNNING", "mapping": "UNKNOWN", "mapping_word": "Dreaming"}),
        ("RUNNING", "Enabled", {"model": "RUNNING", "mapping": "Enabled"}),
    ],
)
def test_the_report_keeps_aws_own_word_for_a_state_that_is_not_known(model, mapping, seen):
    stage = a_stage(start="2026-11-23T09:00")
    stage.pipeline.model.become(model)
    stage.pipeline.mapping.become(mapping)
    (report,) = as_json(stage.tick())["pipelines"]
    states = {name: value for name, value in report["observed"].items() if name.startswith("m")}
    assert states == seen


# A memory of something else.


def of_project(stage: Stage, project: str):
    """The same pipeline with a version of another project, which nobody has started yet."""
    arn = model_arn(project)
    stage.aws._project(replace(WARM.model, arn=arn, project=project)).versions.append(
        ProjectVersion(stage.aws.world, arn, status="TRAINING_COMPLETED", on_change=lambda *_: None)
    )
    return replace(WARM, model=replace(WARM.model, arn=arn, project=project, version=arn.split("/")[3]))


def test_a_pipeline_that_gets_a_version_of_another_project_starts_that():
    stage = a_stage().until(utc("2026-11-23T10:00"))
    known = stage.memories.load("logos")
    assert (known.project_arn, len(known.start_durations_s)) == (stage.pipeline.project.arn, 1)
    stage.configure(a_config(of_project(stage, "stamps"), specs=tuple(stage.config.specs.values())))
    report = stage.tick().pipelines[0]
    assert report.observed.model == "TRAINING_COMPLETED"
    assert (ActionKind.START_MODEL, True) in [(each.action.kind, each.ok) for each in report.outcomes]
    known = stage.memories.load("logos")
    assert "project/stamps/" in known.project_arn
    assert known.start_durations_s == ()


def test_failed_starts_of_the_old_version_hold_a_promoted_one_back_by_nothing():
    stage = a_stage(start="2026-11-23T08:30")
    stage.aws.deny("StartProjectVersion", code="InvalidParameterException")
    for _ in stage.ticks(utc("2026-11-23T10:30")):
        pass
    assert stage.memories.load("logos").next_start_at > stage.aws.now()
    stage.aws.unblock()
    newer = model_arn("logos", created_ms=1778468215000).replace("2026-01-15", "2026-05-11")
    other = stage.pipeline.add_version(newer, status="TRAINING_COMPLETED")
    model = replace(WARM.model, arn=newer, version=newer.split("/")[3])
    stage.configure(a_config(replace(WARM, model=model), specs=tuple(stage.config.specs.values())))
    stage.tick()
    assert other.status == "STARTING"


def test_what_is_known_of_a_queue_is_forgotten_with_it():
    """The mapping reads from another queue, in which messages wait that may be of any age."""
    stage = a_stage().until(utc("2026-11-23T20:00"))
    known = stage.memories.load("logos")
    assert known.oldest_after > utc("2026-11-23T16:00")
    other = stage.pipeline._add_queue("more", 86_400.0)
    other.send()
    stage.aws.sleep(120)
    stage.pipeline.feed_from(other.settings.arn)
    stage.tick()
    known = stage.memories.load("logos")
    assert (known.retention_s, known.oldest_after) == (86_400.0, None)
    assert stage.pipeline.model.status == "STARTING"


def test_a_budget_is_enforced_though_cloudwatch_has_no_figure_of_the_model(monkeypatch):
    """Models trained before August 2022 have none: eight and a half hours a day are counted here."""
    limited = with_settings(WARM, budget=Budget(unit_hours_per_month=10, enforce=True))
    stage = a_stage(pipeline=limited)
    monkeypatch.setattr(stage.world.contexts[0].model_metrics, "unit_hours", lambda *_, **__: 0.0)
    stage.until(utc("2026-11-24T18:00"))
    hours = stage.pipeline.accounting().billed_unit_hours
    assert unit_hours(stage.memories.load("logos"), stage.aws.now()) == pytest.approx(hours, abs=0.5)
    stage.until(utc("2026-11-25T12:00"))
    assert stage.pipeline.accounting().billed_unit_hours == hours
    assert stage.reports[-1].pipelines[0].condition("Stalled").reason == "OverBudget"
