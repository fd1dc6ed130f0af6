"""What an invocation does and tells, before the embedded AWS."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from importlib import import_module

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from controller.errors import ConfigError, Diagnostic, TransientError
from controller.invocation.runtime import EventError
from controller.loop.workers import InTurn
from controller.sim.aws import rekognition
from tests.support.embedded import a_pipeline, model_arn
from tests.support.loop import utc, with_settings
from tests.unit.invocation.world import LOGOS, LONG, STAMPS, Scene, figures

MINUTE = timedelta(minutes=1)
NEW = model_arn("logos", created_ms=1790000000000)
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents")


def calls(aws):
    heard = []
    aws.listen(lambda call: heard.append(call.request.operation))
    return heard


def test_a_day_is_told_transition_by_transition():
    scene = Scene()
    scene.ticks("2026-11-23T18:00")
    day = ["Stopped", "Starting", "Running", "Consuming", "Draining", "Stopped"]
    assert scene.bus.told == [(transition, "logos") for transition in day]


def test_a_steady_tick_asks_twice_for_each_pipeline_and_tells_nothing():
    """Between two of the hourly reads of the queue."""
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:20")
    heard, told = calls(scene.aws), list(scene.bus.told)
    scene.invoke()
    assert sorted(heard) == ["DescribeProjectVersions"] * 2 + ["GetEventSourceMapping"] * 2
    assert scene.bus.told == told


def test_an_invocation_that_may_settle_looks_again_until_it_is_settled():
    scene = Scene(start="2026-11-23T10:00", settle=10 * MINUTE)
    scene.aws.pipelines["logos"].model.become("RUNNING")
    scene.invoke()
    assert [transition for transition, _ in scene.bus.told] == ["Running", "Consuming"]


@pytest.mark.parametrize(
    ("settle_s", "available_s", "ended_after_s"),
    [
        pytest.param(15, 600, 10, id="the budget"),
        pytest.param(600, 15, 10, id="what is left of the function's time"),
        pytest.param(600, 10, 10, id="just enough for another look"),
        pytest.param(600, 9, 0, id="not enough"),
        pytest.param(600, -5, 0, id="nothing is left"),
    ],
)
def test_an_invocation_ends_with(settle_s, available_s, ended_after_s):
    """A mapping that moves is looked at every ten seconds."""
    scene = Scene(start="2026-11-23T10:00", settle=timedelta(seconds=settle_s))
    scene.aws.pipelines["logos"].model.become("RUNNING")
    scene.aws.pipelines["logos"].mapping.become("Updating")
    scene.invoke(available=timedelta(seconds=available_s))
    assert scene.aws.now() - utc("2026-11-23T10:00") == timedelta(seconds=ended_after_s)


def test_the_time_for_reading_the_configuration_is_a_part_of_what_there_is(monkeypatch):
    """Of fifteen seconds ten are gone: the mapping that moves is not looked at again after ten more."""
    scene = Scene(start="2026-11-23T10:00", settle=MINUTE)
    scene.aws.pipelines["logos"].model.become("RUNNING")
    scene.aws.pipelines["logos"].mapping.become("Updating")
    read = scene.configs.current

    def slowly():
        scene.aws.sleep(10)
        return read()

    monkeypatch.setattr(scene.configs, "current", slowly)
    scene.invoke(available=timedelta(seconds=15))
    assert scene.aws.now() - utc("2026-11-23T10:00") == timedelta(seconds=10)


class Timed(InTurn):
    """Notes how much time each run is given."""

    def __init__(self, monotonic):
        self.given_s, self._monotonic = [], monotonic

    def run(self, jobs, *, patience_s, until_s=None):
        self.given_s.append(until_s - self._monotonic())
        return super().run(jobs, patience_s=patience_s, until_s=until_s)


@pytest.mark.parametrize("available_s", [-5, 0, 10])
def test_the_last_look_has_time_to_observe_and_to_act_too(available_s):
    scene = Scene(start="2026-11-23T10:00", settle=MINUTE)
    scene.aws.pipelines["logos"].model.become("RUNNING")
    scene.aws.pipelines["logos"].mapping.become("Updating")
    scene.runtime.workers = Timed(scene.aws.monotonic)
    scene.invoke(available=timedelta(seconds=available_s))
    assert min(scene.runtime.workers.given_s) >= 9


def test_the_figures_of_several_looks_are_told_once(capsys):
    scene = Scene(start="2026-11-23T10:00", settle=MINUTE)
    scene.aws.pipelines["logos"].model.become("RUNNING")
    scene.aws.pipelines["logos"].mapping.become("Updating")
    scene.invoke(available=LONG)
    assert figures(capsys, "UnservedMinutes") == [[pytest.approx(1)]]


def test_only_the_pipelines_that_are_asked_for_are_touched():
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    report = scene.invoke("stamps")
    assert [each.name for each in report.pipelines] == ["stamps"]
    assert scene.aws.pipelines["stamps"].model.status == "STARTING"
    assert scene.aws.pipelines["logos"].model.status == "TRAINING_COMPLETED"


def test_unknown_pipelines_are_named_and_nothing_is_done():
    scene = Scene(start="2026-11-23T10:00")
    with pytest.raises(EventError, match="no such pipeline: blots, stamps; the file has logos"):
        scene.invoke("stamps", "logos", "blots")
    assert scene.aws.changes == ()


@pytest.mark.parametrize("of_the_event", [True, False])
def test_a_dry_run_changes_nothing_and_tells_nobody(of_the_event):
    scene = Scene(start="2026-11-23T10:00", dry_run=not of_the_event)
    report = scene.invoke(dry_run=of_the_event)
    assert [action.kind.value for action in report.pipelines[0].actions] == ["StartModel"]
    assert (scene.aws.changes, scene.bus.told) == ((), [])


def test_one_pipelines_failure_is_a_figure_and_no_exception(capsys):
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    scene.aws.cut_off("rekognition", pipeline="logos")
    scene.invoke()
    output = capsys.readouterr().out
    errors = {
        line["pipeline"]: line["ReconcileErrors"]
        for line in map(json.loads, output.splitlines())
        if "ReconcileErrors" in line and "pipeline" in line
    }
    assert errors == {"logos": [1.0], "stamps": [0.0]}
    assert scene.aws.pipelines["stamps"].model.status == "STARTING"


def test_a_figure_stands_under_the_pipeline_and_under_the_service_alone(capsys):
    Scene().invoke()
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    (metrics,) = first["_aws"]["CloudWatchMetrics"]
    assert metrics["Namespace"] == "RekognitionScheduler"
    assert metrics["Dimensions"] == [["service", "pipeline"]]
    assert (first["service"], first["pipeline"]) == ("rekognition-scheduler", "logos")
    assert last["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (last["Heartbeat"], last["ConfigurationValid"], last["EventsFailed"]) == ([1.0], [1.0], [0.0])


def test_a_start_is_told_once_with_its_duration(capsys):
    scene = Scene(start="2026-11-23T08:00")
    scene.ticks("2026-11-23T09:00")
    assert figures(capsys, "StartDuration") == [[pytest.approx(600, abs=150)]]


def test_a_late_start_is_told_as_the_open_minutes_that_it_cost(capsys):
    """Open at 08:30, first tick at 08:20, RUNNING at 08:35, seen and enabled then, consuming at 08:40."""
    scene = Scene(pipelines=(with_settings(LOGOS, warm_up=MINUTE),), start="2026-11-23T08:25")
    scene.ticks("2026-11-23T09:00")
    assert sum(value for (value,) in figures(capsys, "UnservedMinutes")) == pytest.approx(5)


def test_five_pipelines_that_are_late_by_five_minutes_do_not_add_up(capsys, monkeypatch):
    monkeypatch.setattr(rekognition, "RUNNING_MODELS", 5)
    names = ("one", "two", "three", "four", "five")
    late = tuple(
        with_settings(a_pipeline(name, place), warm_up=MINUTE) for place, name in enumerate(names, 1)
    )
    scene = Scene(pipelines=late, start="2026-11-23T08:25")
    scene.ticks("2026-11-23T09:00")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    whole = [line for line in lines if "pipeline" not in line]
    assert sum(sum(line["UnservedMinutes"]) for line in whole) == pytest.approx(5)
    assert max(max(line["UnservedStreakMinutes"]) for line in whole) == pytest.approx(5)
    assert sum(sum(line["UnservedMinutes"]) for line in lines if "pipeline" in line) == pytest.approx(25)


def test_a_model_that_cannot_be_stopped_is_told_minute_by_minute_after_half_an_hour(capsys):
    scene = Scene(start="2026-11-23T16:00")
    scene.ticks("2026-11-23T17:00")
    scene.aws.deny("StopProjectVersion")
    scene.ticks("2026-11-23T18:00")
    assert sum(value for (value,) in figures(capsys, "UnwantedRunningMinutes")) == pytest.approx(25)


def test_a_doubled_tick_adds_no_minutes(capsys):
    scene = Scene(pipelines=(with_settings(LOGOS, warm_up=MINUTE),), start="2026-11-23T08:25")
    while scene.aws.now() < utc("2026-11-23T09:00"):
        scene.invoke()
        scene.invoke()
        scene.aws.sleep(300)
    assert sum(value for (value,) in figures(capsys, "UnservedMinutes")) == pytest.approx(5)


def test_what_could_not_be_told_is_told_by_the_next_tick(capsys):
    scene = Scene()
    for refusal in (DENIED, EndpointConnectionError(endpoint_url="https://events.example")):
        scene.bus.refuses = refusal
        assert scene.invoke().pipelines[0].failed is False
    scene.bus.refuses = None
    scene.invoke()
    scene.invoke()
    assert scene.bus.told == [("Stopped", "logos")]
    assert figures(capsys, "EventsFailed") == [[1.0], [1.0], [0.0], [0.0]]


def test_a_new_process_tells_nothing_again():
    scene = Scene(start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    told = list(scene.bus.told)
    scene.renew()
    scene.invoke()
    assert scene.bus.told == told


def test_a_process_that_knows_too_little_reads_before_it_tells():
    """Two processes take turns, as Lambda may have it."""
    scene = Scene(start="2026-11-23T08:00")
    scene.invoke()
    first = scene.runtime
    scene.renew()
    scene.ticks("2026-11-23T09:00")
    told = list(scene.bus.told)
    scene.runtime = first
    scene.invoke()
    assert scene.bus.told == told


def test_no_configuration_at_all_is_an_exception_and_a_figure(capsys):
    scene = Scene()
    for error in (
        ConfigError("schedule.yaml", (Diagnostic(message="gone"),)),
        TransientError(call="s3:GetObject", resource="x", code="SlowDown", message="slow"),
        FileNotFoundError(2, "no such file"),
    ):
        scene.configs.now = error
        with pytest.raises(type(error)):
            scene.invoke()
    assert figures(capsys, "ConfigurationValid") == [[0.0]] * 3


def test_a_rejected_file_is_told_once_as_long_as_it_stands(capsys):
    scene = Scene()
    wrong = (Diagnostic(message="no time of day", path="schedules.office", line=4, column=2),)
    scene.configure(LOGOS, degraded=wrong)
    scene.invoke()
    scene.invoke()
    scene.configure(LOGOS)
    scene.invoke()
    assert scene.bus.told == [("ConfigurationRejected", None), ("Stopped", "logos")]
    detail = scene.bus.entries[0]["Detail"]
    assert wrong[0].located("schedule.yaml") in detail
    assert figures(capsys, "ConfigurationValid") == [[0.0], [0.0], [1.0]]


def test_one_broken_file_is_one_event_however_many_pipelines_work_on_with_it(capsys):
    names = ("one", "two", "three", "four", "five")
    five = tuple(
        with_settings(a_pipeline(name, place), warm_up=MINUTE) for place, name in enumerate(names, 1)
    )
    scene = Scene(pipelines=five)
    scene.invoke()
    scene.bus.entries.clear()
    scene.configure(*five, degraded=(Diagnostic(message="no time of day", line=4),))
    scene.invoke()
    scene.invoke()
    assert scene.bus.told == [("ConfigurationRejected", None)]
    assert {value for (value,) in figures(capsys, "Stalled", "one")} == {0}


def test_a_model_that_the_file_no_longer_names_is_a_figure_of_that_invocation(capsys):
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    capsys.readouterr()
    scene.configure(STAMPS)
    scene.bus.refuses = DENIED
    scene.invoke()
    scene.bus.refuses = None
    scene.invoke()
    scene.invoke()
    assert figures(capsys, "PipelinesDropped") == [[1.0], [1.0], [0.0]]


@pytest.mark.parametrize("dry_run", [True, False])
def test_whether_the_stack_is_in_dry_run_is_a_figure(capsys, dry_run):
    Scene(dry_run=dry_run).invoke()
    assert figures(capsys, "DryRun") == [[float(dry_run)]]


@pytest.mark.parametrize(
    ("asked", "most", "started"),
    [(5, 2, (2, None)), (2, 2, (2, None)), (5, None, (5, None)), ((1, 4), 3, (1, 3)), ((4, 5), 3, (3, 3))],
)
def test_no_model_is_started_with_more_units_than_the_stack_allows(asked, most, started):
    units, scaled = asked if isinstance(asked, tuple) else (asked, None)
    pipeline = a_pipeline(inference_units=units, max_inference_units=scaled)
    scene = Scene(
        pipelines=(with_settings(pipeline, warm_up=30 * MINUTE),), start="2026-11-23T10:00", max_units=most
    )
    asked_for = []
    scene.aws.listen(lambda call: asked_for.append(call.request))
    scene.invoke()
    (start,) = [each for each in asked_for if each.operation == "StartProjectVersion"]
    given = start.parameters
    assert (given["MinInferenceUnits"], given.get("MaxInferenceUnits")) == started
    told = [json.loads(each["Detail"]) for each in scene.bus.entries]
    rejected = [each["message"] for each in told if each["transition"] == "ConfigurationRejected"]
    over = most is not None and max(units, scaled or 0) > most
    assert [f"started with {most}" in each for each in rejected] == [True] * over


def test_a_pipeline_that_is_dropped_while_its_model_is_up_is_told_even_after_a_cold_start():
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    scene.renew()
    scene.configure(STAMPS)
    scene.invoke()
    scene.invoke()
    assert scene.bus.told.count(("PipelineDropped", "logos")) == 1
    dropped = json.loads(scene.bus.entries[-1]["Detail"])
    assert dropped["model_arn"] == LOGOS.model.arn
    assert "last seen Consuming" in dropped["message"]


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param((a_pipeline("other", 9, arn=LOGOS.model.arn),), id="under another name"),
        pytest.param(
            (a_pipeline(arn=model_arn("logos", created_ms=1600000000000), retired=(LOGOS.model.arn,)),),
            id="retired",
        ),
    ],
)
def test_a_model_that_the_file_still_names_is_not_dropped(kept):
    scene = Scene(start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    scene.configure(*kept)
    scene.invoke(available=LONG)
    assert "PipelineDropped" not in [transition for transition, _ in scene.bus.told]


def test_another_version_that_runs_is_told_once_by_its_arn():
    scene = Scene()
    old = model_arn("logos", created_ms=1700000000000)
    scene.aws.pipelines["logos"].add_version(old, "RUNNING")
    scene.invoke()
    scene.invoke()
    assert scene.bus.told.count(("OtherVersionRunning", "logos")) == 1
    assert scene.bus.entries[-1]["Resources"] == [old]


def test_a_stall_and_its_end_are_told():
    scene = Scene(start="2026-11-23T10:00")
    scene.aws.deny("StartProjectVersion")
    scene.invoke()
    scene.aws.unblock()
    scene.aws.sleep(3600)
    scene.ticks("2026-11-23T12:00")
    told = [transition for transition, _ in scene.bus.told]
    assert told[:4] == ["Stopped", "Stalled", "Recovered", "Starting"]


def test_a_drift_that_is_healed_is_told():
    scene = Scene(start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    scene.aws.pipelines["logos"].mapping.become("Disabled")
    scene.ticks("2026-11-23T11:30")
    assert [transition for transition, _ in scene.bus.told][-3:] == ["Running", "Consuming", "DriftHealed"]


def test_the_first_line_of_a_process_names_the_function_and_the_queue(caplog):
    scene = Scene()
    with caplog.at_level(logging.INFO, logger="controller"):
        scene.invoke()
        scene.invoke()
    _started, first, second = caplog.records
    assert (first.message, first.pipeline, first.levelname) == ("tick", "logos", "INFO")
    mapping = scene.aws.pipelines["logos"].mapping
    assert (first.function, first.queue) == (mapping.function_arn, mapping.source_arn)
    assert first.function.endswith(":function:logos-inference")
    assert not hasattr(second, "function")
    assert {"desired", "observed", "actions", "reason", "conditions", "outcomes", "next_check"} <= vars(
        second
    ).keys()


def events_of(scene, name):
    return [transition for transition, pipeline in scene.bus.told if pipeline == name]


def test_an_invocation_for_some_pipelines_forgets_nothing_of_what_was_told_of_the_others():
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    scene.ticks("2026-11-23T11:00")
    told = list(scene.bus.told)
    scene.invoke("stamps")
    scene.invoke()
    scene.renew()
    scene.invoke("stamps")
    scene.renew()
    scene.invoke()
    assert scene.bus.told == told


def a_broken_tick(scene, monkeypatch):
    scene.invoke()
    context = scene.runtime.contexts(scene.configs.now.config)[0]
    monkeypatch.setattr(context.mappings, "get", lambda _uuid: 1 / 0)


def another_model(scene, _monkeypatch):
    """The same pipeline's name, and a model that nobody has trained."""
    scene.ticks("2026-11-23T11:00")
    scene.configure(with_settings(a_pipeline("logos", arn=NEW), warm_up=30 * MINUTE), STAMPS)


@pytest.mark.parametrize("happens", [a_broken_tick, another_model])
def test_everything_is_told_of_all_pipelines_when_of_one(happens, capsys, monkeypatch, caplog):
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    happens(scene, monkeypatch)
    capsys.readouterr()
    with caplog.at_level(logging.INFO, logger="controller"):
        scene.invoke()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    converged = {line.get("pipeline"): line["Converged"] for line in lines}
    assert (converged.keys(), converged["logos"]) == ({"logos", "stamps", None}, [0.0])
    assert [line["Heartbeat"] for line in lines if "Heartbeat" in line] == [[1.0]]
    assert [line["EventsFailed"] for line in lines if "EventsFailed" in line] == [[0.0]]
    assert {record.pipeline for record in caplog.records if record.message == "tick"} == {"logos", "stamps"}
    assert "Stalled" in events_of(scene, "logos")


def failing_for(name, real):
    """``real``, with a fault in what it does for one pipeline."""

    def function(*given):
        looks = given[0] if isinstance(given[0], tuple) else given
        if any(name == getattr(getattr(each, "report", each), "name", None) for each in looks):
            raise ZeroDivisionError("a bug")
        return real(*given)

    return function


@pytest.mark.parametrize(
    "function",
    [
        "controller.invocation.runtime.pipeline_metrics",
        "controller.invocation.runtime.pipeline_as_json",
        "controller.invocation.transitions.pipeline_state",
    ],
)
def test_what_cannot_be_told_of_one_pipeline_is_told_of_the_others(function, capsys, monkeypatch, caplog):
    module, _, attribute = function.rpartition(".")
    monkeypatch.setattr(function, failing_for("logos", getattr(import_module(module), attribute)))
    scene = Scene(pipelines=(LOGOS, STAMPS), start="2026-11-23T10:00")
    with caplog.at_level(logging.INFO, logger="controller"):
        scene.invoke()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (stamps,) = (line for line in lines if line.get("pipeline") == "stamps")
    (whole,) = (line for line in lines if "pipeline" not in line)
    assert (stamps["ReconcileErrors"], whole["Heartbeat"]) == ([0.0], [1.0])
    failed = whole["EventsFailed"] if "transitions" in function else whole["ReconcileErrors"]
    assert failed == [1.0]
    assert events_of(scene, "stamps") == ["Stopped"]
    assert "stamps" in {record.pipeline for record in caplog.records if record.message == "tick"}
    assert any("ZeroDivisionError" in str(vars(record).get("error")) for record in caplog.records)
