"""Laws of the embedded AWS, under whatever is done to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.aws.cloudwatch import CloudWatch
from controller.sim.aws.faults import Faults
from controller.sim.aws.pipeline import ManualChange
from controller.sim.aws.sqs import Place
from controller.sim.aws.traffic import Traffic
from tests.support.embedded import HERE, MONDAY, a_pipeline, an_aws

STATES = ("STOPPED", "STARTING", "RUNNING", "FAILED")
MAPPING_STATES = ("Disabled", "Enabling", "Enabled", "Disabling")

steps = st.lists(
    st.tuples(
        st.sampled_from((*ManualChange, *STATES, *MAPPING_STATES)),
        st.sampled_from((1.0, 30.0, 300.0, 3600.0, 40_000.0)),
    ),
    max_size=40,
)
seeds = st.integers(0, 1000)


def live(pipeline, act):
    match act:
        case ManualChange():
            pipeline.change_by_hand(act)
        case _ if act in STATES:
            pipeline.model.become(act)
        case _:
            pipeline.mapping.become(act)


def accounted(queue):
    return queue.deleted + queue.dead_lettered + queue.expired + queue.waiting + queue.in_flight


@settings(deadline=None, max_examples=60)
@given(steps=steps, seed=seeds, retention_h=st.sampled_from((1, 24, 96)))
def test_no_message_is_lost_or_made(steps, seed, retention_h):
    usual = a_pipeline()
    consumer = replace(usual.consumer, retention=timedelta(hours=retention_h))
    aws = an_aws(replace(usual, consumer=consumer), seed=seed, traffic=Traffic(per_day=2000), faults=Faults())
    logos = aws.pipelines["logos"]
    dead = logos.queue.settings.dead_letters
    for act, seconds in steps:
        live(logos, act)
        aws.sleep(seconds)
        assert logos.queue.arrived == accounted(logos.queue)
        assert logos.queue.dead_lettered == dead.arrived == accounted(dead)
        assert min(logos.queue.waiting, logos.queue.in_flight) >= 0
        assert waiting_one_by_one(logos.queue) == logos.queue.waiting


def waiting_one_by_one(queue):
    return sum(message.place is Place.WAITING for message in queue._visible)


@settings(deadline=None, max_examples=60)
@given(steps=steps, seed=seeds, units=st.integers(1, 3))
def test_the_bill_is_the_time_spent_running(steps, seed, units):
    aws = an_aws(a_pipeline(inference_units=units), seed=seed, start_minutes=(5, 30), faults=Faults())
    logos = aws.pipelines["logos"]
    logos.model.units = units
    for act, seconds in steps:
        live(logos, act)
        aws.sleep(seconds)
    spans = pairwise([*(change for change in aws.changes if change.resource == "model"), None])
    hours = sum(
        ((following.at if following else aws.now()) - change.at).total_seconds() / 3600
        for change, following in spans
        if change.state == "RUNNING"
    )
    assert logos.accounting().billed_unit_hours == pytest.approx(units * hours)


@settings(deadline=None, max_examples=40)
@given(steps=steps, seed=seeds, units=st.integers(1, 3))
def test_the_metric_tells_the_bill_up_to_five_minutes_at_the_ends_of_each_run(steps, seed, units):
    aws = an_aws(a_pipeline(inference_units=units), seed=seed, start_minutes=(5, 30), faults=Faults(deaths=2))
    logos = aws.pipelines["logos"]
    logos.model.units = units
    for act, seconds in steps:
        live(logos, act)
        aws.sleep(seconds)
    aws.end_faults()
    metrics, name = CloudWatch(aws.clients("cloudwatch", HERE)), logos.model.name
    told = metrics.unit_hours("logos", name, since=MONDAY, until=aws.now() + timedelta(hours=1))
    runs = sum(change.state == "RUNNING" for change in aws.changes)
    assert abs(told - logos.model.unit_hours) <= runs * units * timedelta(minutes=10) / timedelta(hours=1)


@settings(deadline=None, max_examples=40)
@given(steps=steps, seed=seeds)
def test_served_time_lies_within_running_time_and_enabled_time(steps, seed):
    aws = an_aws(seed=seed, start_minutes=(5, 30), faults=Faults())
    logos = aws.pipelines["logos"]
    begun = aws.now()
    for act, seconds in steps:
        live(logos, act)
        aws.sleep(seconds)
    served = logos.accounting().served
    assert all(start < end for start, end in served)
    assert all(before[1] <= after[0] for before, after in pairwise(served))
    expected = sum(
        seconds for seconds, model, polls in timeline(aws, begun) if model == "RUNNING" and polls == "Enabled"
    )
    assert sum((end - start).total_seconds() for start, end in served) == pytest.approx(expected, abs=0.01)


def timeline(aws, begun):
    """Every stretch between two changes: how long, what the model was, what the mapping did meanwhile."""
    at, model, mapping = begun, "TRAINING_COMPLETED", "Disabled"
    for change in aws.changes:
        yield (change.at - at).total_seconds(), model, mapping
        at = change.at
        if change.resource == "model":
            model = change.state
        elif change.state != "Updating":
            # What is updated by hand without being turned goes on as it was.
            mapping = change.state
    yield (aws.now() - at).total_seconds(), model, mapping


@settings(deadline=None, max_examples=15)
@given(steps=steps, seed=seeds)
def test_the_same_steps_under_the_same_seed_end_the_same(steps, seed):
    def run():
        aws = an_aws(seed=seed, traffic=Traffic(), start_minutes=(5, 30), faults=Faults())
        for act, seconds in steps:
            live(aws.pipelines["logos"], act)
            aws.sleep(seconds)
        return aws.changes, aws.pipelines["logos"].accounting()

    assert run() == run()


@settings(deadline=None, max_examples=30)
@given(cuts=st.lists(st.floats(0, 86_400), max_size=30), seed=seeds)
def test_time_passes_alike_in_one_step_and_in_many(cuts, seed):
    def day(stops):
        aws = an_aws(seed=seed, traffic=Traffic(), start_minutes=(5, 30), faults=Faults(manual_changes=50))
        begun = aws.now()
        for stop in stops:
            aws.advance_to(begun + timedelta(seconds=stop))
        return aws.changes, aws.pipelines["logos"].accounting()

    assert day([86_400]) == day([*sorted(cuts), 86_400])
