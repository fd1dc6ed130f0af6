from __future__ import annotations

from datetime import timedelta

import pytest

from controller.sim.aws.traffic import Traffic
from tests.support.embedded import MONDAY, a_pipeline, an_aws

VISIBILITY_S = 360
FIRST_S = 3.25
"""One image at four a second, after three seconds on the way."""


def serving(*, units=1, **scenario):
    """A pipeline whose model runs and whose mapping is enabled, since the very start."""
    aws = an_aws(a_pipeline(inference_units=units), **scenario)
    logos = aws.pipelines["logos"]
    logos.model.units = units
    logos.model.become("RUNNING")
    logos.mapping.become("Enabled")
    return aws, logos


def send(pipeline, count):
    for _ in range(count):
        pipeline.queue.send()


def test_a_message_is_in_flight_for_seconds_and_then_done():
    aws, logos = serving()
    send(logos, 1)
    aws.sleep(FIRST_S - 0.01)
    assert (logos.queue.in_flight, logos.queue.deleted) == (1, 0)
    aws.sleep(0.01)
    assert (logos.queue.in_flight, logos.queue.deleted) == (0, 1)
    assert logos.accounting().delays_s == pytest.approx([FIRST_S])


@pytest.mark.parametrize(("units", "done"), [(1, 4 * 60), (2, 8 * 60)])
def test_a_backlog_is_worked_off_at_four_images_a_second_and_unit(units, done):
    aws, logos = serving(units=units)
    send(logos, 1000)
    aws.sleep(60 + 3)
    assert logos.queue.deleted == done


def test_nothing_is_received_before_the_mapping_is_to_be_enabled():
    aws, logos = serving()
    logos.mapping.become("Disabled")
    send(logos, 3)
    aws.sleep(60)
    assert (logos.queue.waiting, logos.queue.in_flight) == (3, 0)
    logos.mapping.update(enabled=True)
    assert (logos.queue.waiting, logos.queue.in_flight) == (0, 3)
    aws.sleep(4)
    assert logos.queue.deleted == 3


def test_what_was_received_before_the_mapping_is_disabled_is_finished_and_no_more():
    aws, logos = serving()
    logos.mapping.update(enabled=False)
    send(logos, 30)
    assert (logos.queue.in_flight, logos.queue.waiting) == (20, 10)
    logos.mapping.become("Disabled")
    aws.sleep(600)
    assert (logos.queue.deleted, logos.queue.waiting) == (20, 10)


def test_a_model_that_does_not_run_burns_receives_until_the_message_is_dead():
    aws, logos = serving()
    logos.model.become("STARTING")
    send(logos, 1)
    aws.sleep(4 * VISIBILITY_S + 10)
    assert logos.accounting().messages.failed_receives == 5
    assert logos.accounting().messages.dead_lettered == 0
    aws.sleep(VISIBILITY_S)
    assert (logos.accounting().messages.failed_receives, logos.accounting().messages.dead_lettered) == (5, 1)


def test_a_model_stopped_under_work_in_flight_fails_it_and_it_comes_back():
    aws, logos = serving()
    send(logos, 1)
    aws.sleep(1)
    logos.model.stop()
    logos.mapping.become("Disabled")
    aws.sleep(VISIBILITY_S - 2)
    assert (logos.queue.in_flight, logos.queue.waiting) == (1, 0)
    aws.sleep(1)
    assert (logos.queue.in_flight, logos.queue.waiting, logos.consumer.failed_receives) == (0, 1, 1)


def test_messages_waiting_count_those_in_flight_too():
    _, logos = serving()
    send(logos, 30)
    assert logos.accounting().messages.waiting == 30


def test_served_time_is_when_the_model_runs_and_the_mapping_receives():
    aws, logos = serving()
    aws.sleep(60)
    logos.mapping.become("Disabling")
    aws.sleep(60)
    logos.mapping.become("Enabled")
    aws.sleep(60)
    logos.model.become("FAILED")
    aws.sleep(60)
    logos.model.become("RUNNING")
    aws.sleep(60)
    minutes = [MONDAY + timedelta(minutes=minute) for minute in range(6)]
    assert logos.accounting().served == (
        (minutes[0], minutes[1]),
        (minutes[2], minutes[3]),
        (minutes[4], minutes[5]),
    )


def test_traffic_is_served_as_it_comes():
    aws, logos = serving(traffic=Traffic(per_day=400))
    aws.sleep(7 * 86_400)
    messages = logos.accounting().messages
    assert messages.processed == messages.arrived - messages.waiting > 2000
    assert max(logos.accounting().delays_s) < 10
