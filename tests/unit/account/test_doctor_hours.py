"""Schedule expressions in words, worked by hand; AWS counts days from Sunday, which is 1."""

from __future__ import annotations

import itertools

import pytest

from controller.account.cron_hours import DAYS, in_words, together, weekly


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("cron(0 17 ? * MON-FRI *)", "mon-fri 17:00 UTC"),
        ("cron(30 7 ? * 2-6 *)", "mon-fri 07:30 UTC"),
        ("cron(30 7 ? * 2,4,6 *)", "mon, wed, fri 07:30 UTC"),
        ("cron(0 7,12 * * ? *)", "every day 07:00, 12:00 UTC"),
        ("cron(0,30 7 ? * SAT-SUN *)", "sat, sun 07:00, 07:30 UTC"),
        ("cron(0 22 ? * FRI-MON *)", "mon, fri-sun 22:00 UTC"),
        ("cron(0 22 ? * sun *)", "sun 22:00 UTC"),
        ("rate(5 minutes)", "every 5 minutes"),
        ("rate(1 hour)", "every hour"),
        ("rate(2 days)", "every 2 days"),
        ("at(2026-11-23T17:00:00)", "once, 2026-11-23 17:00 UTC"),
        ("cron(0 17 L * ? *)", "cron(0 17 L * ? *) UTC"),
        ("cron(0 17 1 * ? *)", "cron(0 17 1 * ? *) UTC"),
        ("cron(0 17 ? 12 MON-FRI *)", "cron(0 17 ? 12 MON-FRI *) UTC"),
        ("cron(0/5 17 ? * MON-FRI *)", "cron(0/5 17 ? * MON-FRI *) UTC"),
        ("cron(0 17 ? * 6L *)", "cron(0 17 ? * 6L *) UTC"),
        ("cron(0 17 ? * MON-FRI 2026)", "cron(0 17 ? * MON-FRI 2026) UTC"),
        ("cron(60 17 ? * MON *)", "cron(60 17 ? * MON *) UTC"),
        ("cron(0,10,20,30,40,50 7,8 ? * MON *)", "cron(0,10,20,30,40,50 7,8 ? * MON *) UTC"),
        ("nonsense", "nonsense UTC"),
    ],
)
def test_an_expression_is_told_in_words(expression, words):
    assert in_words(expression, "UTC") == words


def test_a_schedule_may_have_a_zone_of_its_own():
    assert in_words("cron(0 17 ? * MON-FRI *)", "Europe/Berlin") == "mon-fri 17:00 Europe/Berlin"


@pytest.mark.parametrize(("first", "last"), [*itertools.product(range(7), repeat=2)])
def test_a_range_of_days_has_every_day_from_the_first_to_the_last(first, last):
    wanted, day = {first}, first
    while day != last:
        day = (day + 1) % 7
        wanted.add(day)
    for ends in ((DAYS[first].upper(), DAYS[last].upper()), (first + 1, last + 1)):
        found = weekly(f"cron(0 17 ? * {ends[0]}-{ends[1]} *)", "UTC")
        assert found is not None
        assert set(found.days) == wanted
        assert list(found.days) == sorted(wanted, key=lambda day: (day - 1) % 7)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("cron(30 7 ? * MON-FRI *)", "cron(0 17 ? * MON-FRI *)", "mon-fri 07:30-17:00 UTC"),
        ("cron(0 22 ? * MON-FRI *)", "cron(0 6 ? * TUE-SAT *)", "mon-fri 22:00-06:00 UTC"),
        ("cron(0 22 ? * MON-FRI *)", "cron(0 6 ? * MON-FRI *)", None),
        ("cron(30 7 ? * MON-FRI *)", "cron(0 17 ? * MON-SAT *)", None),
        ("cron(30 7,9 ? * MON-FRI *)", "cron(0 17 ? * MON-FRI *)", None),
    ],
)
def test_a_start_and_a_stop_on_the_same_days_are_hours(one, other, words):
    found = together(weekly(one, "UTC"), weekly(other, "UTC"))
    assert (found and str(found)) == words
