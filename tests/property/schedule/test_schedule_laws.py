"""Laws that hold for every schedule, in zones and around days where wall time is at its worst."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.schedule import Schedule
from controller.schedule.model import DAY_S, DateOverride, HolidayRule, Rule, SpanOverride, Spec, Window
from tests.property.schedule.oracle import assert_agrees_around
from tests.support.schedules import instant

CHANGES = [
    ("UTC", "2026-11-25T12:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("America/Havana", "2024-03-10T05:00"),
    ("America/Havana", "2024-11-03T05:00"),
    ("Africa/Cairo", "2026-10-29T21:00"),
    ("America/Sao_Paulo", "2018-02-18T02:00"),
    ("America/St_Johns", "2006-10-29T02:31"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Asia/Kathmandu", "2028-02-29T12:00"),
]
A_FEW_DAYS = 4


def seconds_of_day(last: int) -> st.SearchStrategy[int]:
    """Mostly quarters of an hour, so that ends meet; else any minute."""
    quarters, minutes = st.integers(0, last // 900), st.integers(0, last // 60)
    return quarters.map(lambda quarter: quarter * 900) | minutes.map(lambda minute: minute * 60)


@st.composite
def some_windows(draw) -> tuple[Window, ...]:
    starts = draw(st.lists(seconds_of_day(DAY_S - 900), max_size=3))
    lengths = [draw(seconds_of_day(DAY_S - 900)) + 60 for _ in starts]
    return tuple(
        Window(start_s=start, end_s=start + length) for start, length in zip(starts, lengths, strict=True)
    )


WHOLE = st.just((Window(start_s=0, end_s=DAY_S),))
WINDOWS = st.just(()) | WHOLE | some_windows()


@st.composite
def rules(draw, *, is_override: bool = False) -> Rule:
    found = draw(WINDOWS)
    line = draw(st.integers(1, 9))
    return Rule(label=f"rule {line}", line=line, windows=found, explicit=is_override and not found)


@st.composite
def overrides_near(draw, t: datetime) -> DateOverride | SpanOverride:
    near = st.integers(-A_FEW_DAYS * 96, A_FEW_DAYS * 96).map(lambda quarter: timedelta(minutes=15 * quarter))
    start, end = sorted((t.replace(tzinfo=None, minute=0) + draw(near), t.replace(tzinfo=None) + draw(near)))
    if draw(st.booleans()):
        week = draw(st.none() | st.tuples(*[rules()] * 7))
        return DateOverride(
            first=start.date(), last=end.date(), rule=draw(rules(is_override=True)), week=week
        )
    offset = draw(st.sampled_from([None, UTC]))
    is_open = draw(st.booleans())
    rule = Rule(label="span", line=20, explicit=not is_open)
    return SpanOverride(
        start=start.replace(tzinfo=offset), end=end.replace(tzinfo=offset), state_open=is_open, rule=rule
    )


@st.composite
def holiday_rules(draw, days: st.SearchStrategy[date]) -> HolidayRule:
    named = draw(st.frozensets(days, max_size=4))
    return HolidayRule(rule=draw(rules()), names=lambda day: ("Holiday",) if day in named else ())


@st.composite
def specs_near_a_change(draw) -> tuple[Spec, datetime]:
    zone, change = draw(st.sampled_from(CHANGES))
    t = instant(change)
    days = st.integers(-A_FEW_DAYS, A_FEW_DAYS).map(lambda ahead: (t + timedelta(days=ahead)).date())
    a_week = draw(st.tuples(*[rules()] * 7))
    found = Spec(
        name="any",
        zone=zone,
        week=a_week,
        holidays=tuple(draw(st.lists(holiday_rules(days), max_size=3))),
        overrides=tuple(draw(st.lists(overrides_near(t), max_size=3))),
    )
    return found, t


@st.composite
def nights_near_a_change(draw) -> tuple[Spec, datetime]:
    """Every evening begins a night, and holidays and overrides of any hours stand close together."""
    found, t = draw(specs_near_a_change())
    lengths = st.integers(3, 14).map(lambda hours: (Window(start_s=72_000, end_s=72_000 + hours * 3600),))
    nights = st.builds(Rule, label=st.just("night"), line=st.just(7), windows=lengths)
    named = {(t + timedelta(days=ahead)).date() for ahead in draw(st.sets(st.integers(-2, 2), min_size=1))}
    holidays = HolidayRule(rule=draw(rules()), names=lambda day: ("Holiday",) if day in named else ())
    week = draw(st.tuples(*[nights] * 7))
    return replace(found, week=week, holidays=(holidays,), overrides=found.overrides[:1]), t


@settings(max_examples=100, deadline=None)
@given(nights_near_a_change())
def test_nights_that_are_cut_agree_with_a_scan_of_the_minutes_and_are_named(near):
    found, t = near
    assert_agrees_around(Schedule(found), t)


@settings(max_examples=150, deadline=None)
@given(specs_near_a_change())
def test_any_schedule_agrees_with_a_scan_of_the_minutes(near):
    found, t = near
    assert_agrees_around(Schedule(found), t)


@settings(max_examples=100, deadline=None)
@given(specs_near_a_change(), st.integers(-10, 10), st.integers(-10, 10), st.integers(0, 100))
def test_openings_and_closures_tile_any_interval_wherever_it_is_cut(near, ahead, length, percent):
    found, t = near
    schedule = Schedule(found)
    a, b = sorted((t + timedelta(days=ahead, microseconds=1), t + timedelta(days=length, seconds=7)))
    middle = a + (b - a) * percent / 100
    whole = tiles(schedule, a, b)
    assert [end for _, end, _ in whole[:-1]] == [start for start, _, _ in whole[1:]]
    assert (whole[0][0], whole[-1][1]) == (a, b)
    assert all(earlier[2] != later[2] for earlier, later in pairwise(whole))
    cut = {start for start, _, _ in tiles(schedule, a, middle) + tiles(schedule, middle, b)}
    assert cut == {start for start, _, _ in whole} | ({middle} if a < middle < b else set())


def tiles(schedule: Schedule, a: datetime, b: datetime) -> list[tuple[datetime, datetime, bool]]:
    """Openings and closures together, in time order; the third says which."""
    openings = [(opening.start, opening.end, True) for opening in schedule.openings(a, b)]
    closures = [(closure.start, closure.end, False) for closure in schedule.closures(a, b)]
    return sorted(openings + closures)


@settings(max_examples=100, deadline=None)
@given(specs_near_a_change(), st.floats(-300, 300))
def test_the_next_change_flips_the_state_and_nothing_before_it_does(near, ahead):
    found, t = near
    schedule, t = Schedule(found), t + timedelta(days=ahead)
    change = schedule.next_change(t)
    if change is None:
        assert len(tiles(schedule, t, t + timedelta(days=400))) == 1
    else:
        assert t < change <= t + timedelta(days=400)
        assert (
            schedule.is_open(change) != schedule.is_open(t) == schedule.is_open(change - datetime.resolution)
        )
        assert len(tiles(schedule, t, change)) == 1


@st.composite
def sparse_specs(draw) -> Spec:
    """Hardly anything for years, so that the horizon of 400 days matters."""
    epoch = datetime(2026, 1, 1)  # noqa: DTZ001 - wall time
    starts = draw(st.lists(st.integers(0, 1500), min_size=1, max_size=4))
    spans = [
        SpanOverride(
            start=epoch + timedelta(days=start),
            end=epoch + timedelta(days=start + draw(st.integers(1, 500))),
            state_open=is_open,
            rule=Rule(label="span", line=20, explicit=not is_open),
        )
        for start in starts
        for is_open in [draw(st.booleans())]
    ]
    closed = Rule(label="closed", line=1)
    return Spec(name="sparse", zone="America/Havana", week=(closed,) * 7, overrides=tuple(spans))


@settings(max_examples=50, deadline=None)
@given(sparse_specs(), st.lists(st.integers(0, 4000), min_size=2, max_size=10))
def test_what_is_said_of_an_instant_does_not_depend_on_what_was_asked_before(found, half_days):
    asked_often = Schedule(found)
    for half_day in half_days:
        t = instant("2025-06-01T05:00") + timedelta(hours=12 * half_day)
        moment = asked_often.at(t)
        assert moment == Schedule(found).at(t)
        assert (moment.open, moment.ends_at) == (asked_often.is_open(t), asked_often.next_change(t))


@settings(max_examples=50, deadline=None)
@given(sparse_specs(), st.integers(0, 2000))
def test_the_bounds_of_an_instant_are_those_of_its_interval(found, days):
    schedule, t = Schedule(found), instant("2025-06-01T05:00") + timedelta(days=days)
    moment, horizon = schedule.at(t), timedelta(days=400)
    around = tiles(schedule, t - horizon, t + horizon + datetime.resolution)
    ((start, end, is_open),) = [tile for tile in around if tile[0] <= t < tile[1]]
    assert moment.open == is_open
    assert moment.started_at == (start if start > t - horizon else None)
    assert moment.ends_at == (end if end <= t + horizon else None)
