"""Hours as money: worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.config.build import parse
from controller.core.settings import OnDemand
from controller.costs import average_month, hours_of, month_to_date, usd_of, usd_per_day, usd_per_hour
from controller.schedule import Schedule

FILE = b"""\
version: 1
pricing: {unit_hour_usd: 5.00}
schedules:
  office: {timezone: UTC, hours: {daily: 08:00-18:00}}
pipelines:
  logos:
    schedule: office
    model:
      arn: arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000
      inference_units: 2
      max_inference_units: 3
    consumer: {event_source_mapping: 8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6}
    warm_up: 30m
"""
CONFIG = parse(FILE, file="schedule.yaml", calendar_files=lambda _: b"")
(PIPELINE,) = CONFIG.pipelines
SCHEDULE = Schedule(CONFIG.specs["office"])
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_the_hours_of_intervals_are_the_sum_of_their_lengths():
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert hours_of(SCHEDULE.openings(start, start + timedelta(days=2, hours=9))) == 21.0
    assert hours_of(()) == 0.0


def test_a_price_is_of_a_unit_and_an_hour():
    assert usd_of(1.5, PIPELINE) == 7.5
    assert usd_per_hour(PIPELINE) == 10.0
    assert usd_per_day(PIPELINE, units=1) == 120.0


@pytest.mark.parametrize(
    ("billed", "unit_hours", "usd"),
    [
        pytest.param(None, 48.0, 240.0, id="not known: 10 + 10 + 4 hours of two units"),
        pytest.param(50.0, 50.0, 250.0, id="known"),
        pytest.param(0.0, 0.0, 0.0, id="known to be nothing"),
    ],
)
def test_the_month_so_far_is_what_was_billed_else_what_the_openings_have(billed, unit_hours, usd):
    month = month_to_date(PIPELINE, SCHEDULE, NOON, billed)
    assert (month.unit_hours, month.usd) == (unit_hours, usd)
    assert (month.planned, month.always_on, month.always_on_usd) == (48.0, 120.0, 600.0)


def test_an_average_month_is_a_twelfth_of_the_year_with_its_warm_ups():
    month = average_month(PIPELINE, SCHEDULE, NOON)
    # From noon to noon: ten hours a day, and 365 warm-ups of half an hour; the first opening is under way.
    assert month.hours == pytest.approx((365 * 10 + 365 * 0.5) / 12)
    assert month.usd == pytest.approx(month.hours * 10)
    assert month.usd_at_most == pytest.approx(month.hours * 15)


def test_a_model_on_demand_is_not_warmed_up_in_an_average_month():
    on_demand = replace(PIPELINE.settings, on_demand=OnDemand(idle=timedelta(minutes=20)))
    month = average_month(replace(PIPELINE, settings=on_demand), SCHEDULE, NOON)
    assert month.hours == pytest.approx(365 * 10 / 12)
