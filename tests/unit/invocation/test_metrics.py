"""Minutes, worked by hand: the look is at 10:00, the tick takes five minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.memory import Condition, Memory
from controller.core.observed import Observed, QueueCounts
from controller.core.rules import DesiredState
from controller.core.settings import Settings
from controller.core.states import Desired, MappingState, ModelStatus
from controller.invocation.metrics import (
    Metric,
    Sample,
    pipeline_metrics,
    unserved_minutes,
    unserved_streak_minutes,
    unwanted_minutes,
    worst,
)
from controller.loop.report import PipelineReport
from controller.schedule.model import Moment
from tests.support.loop import utc

FIVE = timedelta(minutes=5)


def at(time):
    return utc(f"2026-11-23T{time}") if time else None


def a_look(
    *,
    desired="ON",
    model="STARTING",
    ready="False",
    since="09:00",
    started="08:30",
    last="09:55",
    drain=None,
    **observed,
) -> Sample:
    """``started`` is the opening's start, for OFF the closure's."""
    condition = Condition(type="Ready", status=ready, reason="x", message="y", since=at(since))
    report = PipelineReport(
        name="logos",
        desire=DesiredState(desired=Desired(desired), rule="open", reason="z"),
        observed=Observed(model=ModelStatus(model), mapping=MappingState.DISABLED, **observed),
        actions=(),
        reason="",
        conditions=(condition,),
    )
    moment = Moment(open=desired != "OFF", started_at=at(started), ends_at=None, reason="", line=1)
    return Sample(
        at=at("10:00"),
        report=report,
        moment=moment,
        settings=Settings(drain=drain),
        tick=FIVE,
        last_at=at(last),
    )


@pytest.mark.parametrize(
    ("look", "minutes"),
    [
        pytest.param(a_look(), 5, id="the whole tick"),
        pytest.param(a_look(last=None), 5, id="a new process"),
        pytest.param(a_look(last="09:40"), 5, id="no more than a tick"),
        pytest.param(a_look(last="09:59"), 1, id="doubled"),
        pytest.param(a_look(last="10:00"), 0, id="doubled at once"),
        pytest.param(a_look(since="09:58"), 2, id="since the state is known"),
        pytest.param(a_look(since="10:00"), 0, id="just begun"),
        pytest.param(a_look(started="09:57"), 3, id="since the opening"),
        pytest.param(a_look(ready="True"), 0, id="served"),
        pytest.param(a_look(ready="Unknown"), 0, id="not known"),
        pytest.param(a_look(desired="WARM"), 0, id="not wanted"),
        pytest.param(a_look(desired="OFF", model="RUNNING"), 0, id="closed"),
    ],
)
def test_unserved_minutes(look, minutes):
    assert unserved_minutes(look) == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("look", "minutes"),
    [
        pytest.param(a_look(desired="OFF", model="RUNNING", started="09:00"), 5, id="the whole tick"),
        pytest.param(a_look(desired="OFF", model="RUNNING", started="09:28"), 2, id="beyond half an hour"),
        pytest.param(a_look(desired="OFF", model="RUNNING", started="09:31"), 0, id="within half an hour"),
        pytest.param(a_look(desired="OFF", model="RUNNING", since="09:27"), 3, id="wanted until later"),
        pytest.param(a_look(desired="OFF", model="RUNNING", started=None), 5, id="closed since long ago"),
        pytest.param(
            a_look(desired="OFF", model="RUNNING", drain=timedelta(minutes=43)), 2, id="a longer drain"
        ),
        pytest.param(
            a_look(desired="OFF", model="RUNNING", drain=timedelta(minutes=1)), 5, id="a shorter drain"
        ),
        pytest.param(a_look(desired="OFF", model="STOPPING"), 0, id="stopping"),
        pytest.param(a_look(desired="AS_IS", model="RUNNING"), 0, id="hands off"),
        pytest.param(a_look(model="RUNNING"), 0, id="wanted"),
    ],
)
def test_unwanted_minutes(look, minutes):
    assert unwanted_minutes(look) == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("look", "minutes"),
    [
        pytest.param(a_look(), 60, id="not ready since nine"),
        pytest.param(a_look(since="08:00"), 90, id="since the opening"),
        pytest.param(a_look(since="10:00"), 0, id="just begun"),
        pytest.param(a_look(since="10:01"), 0, id="in the future, by another clock"),
        pytest.param(a_look(ready="True"), 0, id="served"),
        pytest.param(a_look(ready="Unknown"), 0, id="not known"),
        pytest.param(a_look(desired="WARM"), 0, id="not wanted"),
        pytest.param(a_look(desired="OFF", model="RUNNING"), 0, id="closed"),
    ],
)
def test_for_how_long_consumption_has_not_been_possible(look, minutes):
    assert unserved_streak_minutes(look) == pytest.approx(minutes)


def test_under_the_service_alone_stands_the_worst_of_all_pipelines():
    one = {Metric.UNSERVED_MINUTES: 4.2, Metric.CONVERGED: 1, Metric.DESIRED_RUNNING: 0, Metric.WAITING: 7}
    two = {Metric.UNSERVED_MINUTES: 4.2, Metric.CONVERGED: 0, Metric.DESIRED_RUNNING: 1}
    three = {Metric.UNSERVED_MINUTES: 0, Metric.CONVERGED: 1, Metric.HOURS_TO_EXPIRY: 5}
    four = {Metric.HOURS_TO_EXPIRY: 9, Metric.DESIRED_RUNNING: 1}
    assert worst([one, two, three, four]) == {
        Metric.UNSERVED_MINUTES: (4.2,),
        Metric.CONVERGED: (0,),
        Metric.DESIRED_RUNNING: (0, 1),
        Metric.WAITING: (7,),
        Metric.HOURS_TO_EXPIRY: (5,),
    }
    assert worst([]) == {}


@pytest.mark.parametrize(
    ("desired", "told"), [("ON", {1}), ("WARM", {1}), ("OFF", {0}), ("AS_IS", set()), (None, set())]
)
def test_desired_running_is_told_unless_hands_are_off_or_the_tick_broke_down(desired, told):
    look = a_look(desired=desired or "ON", model="RUNNING")
    if desired is None:
        look = replace(look, report=replace(look.report, desire=None, observed=None))
    assert {
        value for figure, value in pipeline_metrics((look,)).items() if figure is Metric.DESIRED_RUNNING
    } == told


def test_desired_running_is_that_of_the_last_look():
    assert pipeline_metrics((a_look(), a_look(desired="OFF")))[Metric.DESIRED_RUNNING] == 0
    assert pipeline_metrics((a_look(desired="OFF"), a_look()))[Metric.DESIRED_RUNNING] == 1


@pytest.mark.parametrize(
    ("look", "units"),
    [
        pytest.param(a_look(model="RUNNING", units=3), 3, id="as started"),
        pytest.param(a_look(model="RUNNING"), 1, id="at least one"),
        pytest.param(a_look(model="STARTING", units=3), 0, id="not billed yet"),
        pytest.param(a_look(model="UNREADABLE"), None, id="not known"),
    ],
)
def test_units_are_counted_from_what_was_seen(look, units):
    assert pipeline_metrics((look,)).get(Metric.UNITS_RUNNING) == units


def test_what_was_not_read_is_not_told():
    told = pipeline_metrics((a_look(model="UNREADABLE"),))
    assert not {Metric.WAITING, Metric.IN_FLIGHT, Metric.HOURS_TO_EXPIRY, Metric.START_DURATION} & told.keys()
    assert Metric.OTHER_VERSIONS_RUNNING not in told


def test_what_an_earlier_look_read_is_told_and_minutes_add_up():
    queue = QueueCounts(waiting=7, in_flight=2, delayed=0, retention=timedelta(days=4))
    first = a_look(last="09:59", queue=queue, oldest_age=timedelta(days=1))
    told = pipeline_metrics((first, a_look(last="09:58")))
    assert (told[Metric.WAITING], told[Metric.IN_FLIGHT], told[Metric.HOURS_TO_EXPIRY]) == (7, 2, 72)
    assert told[Metric.UNSERVED_MINUTES] == pytest.approx(3)


STARTS = {
    "none yet": ((), (), None),
    "the first": ((), (600.0,), 600.0),
    "another": ((600.0,), (600.0, 900.0), 900.0),
    "known before": ((600.0,), (600.0,), None),
    "another, and the oldest is forgotten": ((600.0, 700.0), (700.0, 900.0), 900.0),
}


@pytest.mark.parametrize(("before", "after", "told_s"), STARTS.values(), ids=STARTS.keys())
def test_a_start_is_told_by_the_look_that_saw_its_end(before, after, told_s):
    look = a_look()
    report = replace(
        look.report, before=Memory(start_durations_s=before), memory=Memory(start_durations_s=after)
    )
    assert pipeline_metrics((replace(look, report=report),)).get(Metric.START_DURATION) == told_s


def without_conditions(look: Sample) -> Sample:
    return replace(look, report=replace(look.report, conditions=()))


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(without_conditions(a_look()), id="open"),
        pytest.param(without_conditions(a_look(desired="OFF", model="RUNNING")), id="closed"),
        pytest.param(
            replace(a_look(), report=replace(a_look().report, desire=None, observed=None)), id="nothing known"
        ),
    ],
)
def test_a_look_that_knows_little_has_figures_all_the_same(look):
    told = pipeline_metrics((look,))
    assert (told[Metric.CONVERGED], told[Metric.UNSERVED_MINUTES]) == (0, 0)
    assert told[Metric.UNWANTED_RUNNING_MINUTES] == 0


def test_the_measured_starts_of_another_model_are_gone_and_no_start_is_told():
    """The pipeline has a new model: what was remembered of the old one is lost."""
    report = replace(a_look().report, before=Memory(start_durations_s=(600.0, 660.0)), memory=Memory())
    assert Metric.START_DURATION not in pipeline_metrics((replace(a_look(), report=report),))


DAY = timedelta(days=1)
QUEUE = QueueCounts(waiting=1, in_flight=0, delayed=0, retention=4 * DAY)


@pytest.mark.parametrize(
    ("changes", "empty_at", "hours"),
    [
        pytest.param({"oldest_age": DAY}, None, 72, id="an age, and nothing else is known"),
        pytest.param({"oldest_age": DAY}, "23T09:00", 72, id="an age that is older than the bound"),
        pytest.param({"oldest_age": DAY}, "21T10:00", 48, id="the bound: an age leaves messages out"),
        pytest.param({}, "21T10:00", 48, id="the bound alone"),
        pytest.param({}, "01T10:00", 0, id="it may be lost at any moment"),
        pytest.param({}, None, None, id="nothing is known"),
        pytest.param({"queue": replace(QUEUE, waiting=0)}, "21T10:00", None, id="nothing is there"),
        pytest.param({"desired": "ON"}, "21T10:00", 48, id="open, and not consumed"),
        pytest.param(
            {"desired": "ON", "model": "RUNNING", "mapping": MappingState.ENABLED},
            "21T10:00",
            None,
            id="consumed in an opening: no bound of use",
        ),
        pytest.param(
            {"model": "RUNNING", "mapping": MappingState.ENABLED}, "21T10:00", 48, id="a rescue consumes"
        ),
    ],
)
def test_hours_to_expiry_follow_the_bound_of_the_rescue(changes, empty_at, hours):
    mapping = changes.get("mapping", MappingState.DISABLED)
    others = {name: value for name, value in changes.items() if name != "mapping"}
    look = a_look(**{"desired": "OFF", "model": "STOPPED", "queue": QUEUE, **others})
    memory = Memory(oldest_after=utc(f"2026-11-{empty_at}") if empty_at else None)
    report = replace(look.report, observed=replace(look.report.observed, mapping=mapping), memory=memory)
    assert pipeline_metrics((replace(look, report=report),)).get(Metric.HOURS_TO_EXPIRY) == hours
