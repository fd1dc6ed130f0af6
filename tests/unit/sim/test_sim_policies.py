"""Two crons, a caretaker and an oracle: what each does to a model, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.actions import ActionKind
from controller.loop.context import PipelineContext, pipeline_contexts
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import NONE
from controller.sim.aws.pipeline import ManualChange
from controller.sim.aws.traffic import Traffic
from controller.sim.policies import crons
from controller.sim.policies.compare import AlwaysOn
from controller.sim.policies.oracle import Oracle
from tests.support.embedded import a_pipeline, an_aws
from tests.support.loop import a_config, utc
from tests.support.schedules import dated, spec

NEW_YORK = {"mon": "08:30-17:00", "tue": "08:30-17:00", "fri": "08:30-12:00, 13:00-16:00"}
WEEK = timedelta(days=7)


def a_bench(hours, aws: EmbeddedAws | None = None) -> PipelineContext:
    config = a_config(a_pipeline(), specs=(replace(hours, name="office"),))
    (context,) = pipeline_contexts(config, (aws or an_aws()).clients)
    return context


def told(firings) -> list[str]:
    """``07-06 13:30 StartModel+EnableMapping``."""
    return [f"{firing.at:%m-%d %H:%M} {'+'.join(firing.actions)}" for firing in firings]


USUAL = "StartModel+EnableMapping", "StopModel+DisableMapping"
CAREFUL = "StartModel", "EnableMapping", "DisableMapping", "StopModel"


@pytest.mark.parametrize(
    ("monday", "times"),
    [
        pytest.param("2026-01-05", ("13:30", "22:00"), id="winter"),
        pytest.param("2026-07-06", ("13:30", "22:00"), id="summer, an hour late"),
    ],
)
def test_usual_crons_fire_at_the_first_hours_from_monday_to_friday_in_standard_time(monday, times):
    start = utc(f"{monday}T04:00")
    context = a_bench(spec("America/New_York", days=NEW_YORK))
    days = [f"{start + timedelta(days=day):%m-%d}" for day in range(5)]
    expected = [f"{day} {time} {actions}" for day in days for time, actions in zip(times, USUAL, strict=True)]
    assert told(crons.usual(context, start, start + WEEK)) == expected


def test_careful_crons_fire_in_local_time_at_each_days_hours_without_a_break():
    context = a_bench(spec("America/New_York", days=NEW_YORK))
    start = utc("2026-07-06T04:00")
    hours = {"07-06": ("12:00", "12:30", "21:00", "21:15"), "07-07": ("12:00", "12:30", "21:00", "21:15")}
    hours["07-10"] = ("12:00", "12:30", "20:00", "20:15")
    expected = [
        f"{day} {at} {does}" for day, times in hours.items() for at, does in zip(times, CAREFUL, strict=True)
    ]
    assert told(crons.careful(context, start, start + WEEK)) == expected


def test_crons_know_no_override():
    closed = spec("UTC", "08:00-09:00", overrides=(dated("2026-07-06", "closed"),))
    start = utc("2026-07-06T00:00")
    firings = crons.careful(a_bench(closed), start, start + timedelta(days=1))
    assert told(firings)[0] == "07-06 07:30 StartModel"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(spec("UTC", "open"), ["07-06 00:00", "07-08 00:00"], id="never off: no stop between"),
        pytest.param(
            spec("UTC", "22:00-06:00"),
            ["07-05 22:00", "07-06 06:00", "07-06 22:00", "07-07 06:00"],
            id="over midnight",
        ),
        pytest.param(spec("UTC"), [], id="never open"),
    ],
)
def test_shifts_are_the_hours_that_touch_the_days(hours, expected):
    week, zone = tuple(map(crons.whole_hours, hours.week)), a_bench(hours).schedule.zone
    shifts = crons.shifts(week, zone, utc("2026-07-06T00:00"), utc("2026-07-07T12:00"))
    assert [f"{at:%m-%d %H:%M}" for shift in shifts for at in shift] == expected


def test_usual_crons_of_a_weekend_fire_at_the_weekend():
    start = utc("2026-07-06T00:00")
    firings = crons.usual(a_bench(spec("UTC", days={"sat": "10:00-12:00"})), start, start + WEEK)
    assert [each.rsplit(maxsplit=1) for each in told(firings)] == [
        ["07-11 10:00", "StartModel+EnableMapping"],
        ["07-11 12:00", "StopModel+DisableMapping"],
    ]


def firing(aws: EmbeddedAws, *actions: ActionKind) -> crons.Firing:
    return crons.Firing(at=aws.now() + timedelta(minutes=1), actions=actions)


def test_a_firing_does_its_actions_in_order_until_one_fails():
    aws = an_aws()
    crons.install(aws, a_bench(spec()), [firing(aws, ActionKind.STOP_MODEL, ActionKind.ENABLE_MAPPING)])
    aws.sleep(600)
    assert aws.pipelines["logos"].mapping.state == "Disabled"


@pytest.mark.parametrize(
    ("faults", "calls"),
    [
        pytest.param({}, 1, id="once"),
        pytest.param({"skipped_ticks": 1}, 0, id="missed"),
        pytest.param({"doubled_ticks": 1}, 2, id="doubled"),
    ],
)
def test_a_cron_fires_as_the_faults_have_it(faults, calls):
    aws = an_aws(faults=replace(NONE, **faults))
    heard: list[str] = []
    aws.listen(lambda call: heard.append(call.request.operation))
    crons.install(aws, a_bench(spec(), aws), [firing(aws, ActionKind.START_MODEL)])
    aws.sleep(600)
    assert heard == ["StartProjectVersion"] * calls


def test_what_would_have_fired_before_the_beginning_does_not_fire():
    aws = an_aws()
    past = crons.Firing(at=aws.now() - timedelta(minutes=1), actions=(ActionKind.START_MODEL,))
    crons.install(aws, a_bench(spec(), aws), [past])
    aws.sleep(600)
    assert aws.pipelines["logos"].model.status == "TRAINING_COMPLETED"


def test_a_caretaker_brings_model_and_mapping_on_at_each_visit_and_not_before():
    aws = an_aws()
    logos = aws.pipelines["logos"]
    AlwaysOn(aws, a_bench(spec(), aws), (aws.now(), aws.now() + timedelta(hours=10)))
    aws.sleep(1800)
    assert (logos.model.status, logos.mapping.state) == ("RUNNING", "Enabled")
    logos.change_by_hand(ManualChange.STOP)
    logos.change_by_hand(ManualChange.DISABLE)
    aws.sleep(9 * 3600)
    assert (logos.model.status, logos.mapping.state) == ("STOPPED", "Disabled")
    aws.sleep(3600)
    assert (logos.model.status, logos.mapping.state) == ("RUNNING", "Enabled")


def test_a_caretaker_gives_up_after_an_hour():
    aws = an_aws(start_minutes=(90, 90))
    AlwaysOn(aws, a_bench(spec(), aws), (aws.now(),))
    aws.sleep(3 * 3600)
    assert aws.pipelines["logos"].mapping.state == "Disabled"


def consulted(*wanted: tuple[str, str], **scenario: object) -> EmbeddedAws:
    """An oracle for these openings, from Monday 08:00 on."""
    aws = an_aws(**{"start_minutes": (5, 30), **scenario})
    Oracle(aws, a_bench(spec(), aws), [(utc(start), utc(end)) for start, end in wanted])
    return aws


def seconds_apart(served, wanted) -> float:
    pairs = [bounds for both in zip(served, wanted, strict=True) for bounds in zip(*both, strict=True)]
    return max(abs((ours - theirs).total_seconds()) for ours, theirs in pairs)


MONDAY, TUESDAY = ("2026-11-23T09:00", "2026-11-23T17:00"), ("2026-11-24T09:00", "2026-11-24T17:00")


@pytest.mark.parametrize("seed", range(5))
def test_an_oracle_serves_exactly_the_openings_and_bills_hardly_more(seed):
    aws = consulted(MONDAY, TUESDAY, seed=seed, traffic=Traffic(per_day=400))
    aws.advance_to(utc("2026-11-25T00:00"))
    ledger = aws.pipelines["logos"].accounting()
    assert seconds_apart(ledger.served, [tuple(map(utc, MONDAY)), tuple(map(utc, TUESDAY))]) < 0.001
    assert 16 <= ledger.billed_unit_hours < 16 + 2 * (60 + 60 + 10) / 3600
    assert (ledger.messages.failed_receives, ledger.starts) == (0, 2)


@pytest.mark.parametrize(
    ("until", "starts"),
    [
        pytest.param("2026-11-23T12:10", 1, id="no time to stop and start"),
        pytest.param("2026-11-23T13:00", 2, id="time enough"),
    ],
)
def test_an_oracle_keeps_a_model_over_a_closure_that_is_too_short_to_stop_it(until, starts):
    morning, afternoon = ("2026-11-23T09:00", "2026-11-23T12:00"), (until, "2026-11-23T17:00")
    aws = consulted(morning, afternoon, start_minutes=(10, 10))
    aws.advance_to(utc("2026-11-23T18:00"))
    ledger = aws.pipelines["logos"].accounting()
    assert ledger.starts == starts
    assert [end for _, end in ledger.served] == [utc("2026-11-23T12:00"), utc("2026-11-23T17:00")]


def test_an_oracle_starts_a_model_that_dies_at_once():
    aws = consulted(MONDAY, start_minutes=(10, 10))
    aws.advance_to(utc("2026-11-23T10:00"))
    aws.pipelines["logos"].model.become("FAILED")
    aws.sleep(1)
    assert aws.pipelines["logos"].model.status == "STARTING"
    assert aws.pipelines["logos"].mapping.state == "Disabling"
    aws.sleep(12 * 60)
    assert aws.pipelines["logos"].mapping.serves


def test_an_oracle_tries_again_at_once_what_was_refused():
    aws = consulted(MONDAY, start_minutes=(10, 10))
    aws.deny("StartProjectVersion", code="ThrottlingException")
    aws.advance_to(utc("2026-11-23T09:00"))
    aws.unblock()
    aws.sleep(2)
    assert aws.pipelines["logos"].model.status == "STARTING"


def test_an_oracle_undoes_what_a_person_starts_and_enables_at_night():
    aws = consulted(TUESDAY)
    logos = aws.pipelines["logos"]
    logos.change_by_hand(ManualChange.START)
    logos.change_by_hand(ManualChange.ENABLE)
    aws.sleep(3600)
    assert (logos.model.status, logos.mapping.state) == ("STOPPED", "Disabled")
    assert logos.accounting().billed_unit_hours < 0.1


def test_an_oracle_with_nothing_to_serve_rests():
    aws = consulted()
    aws.sleep(timedelta(days=1).total_seconds())
    assert aws.pipelines["logos"].changes == []
