"""Whatever numbers and instants a memory or AWS holds, a tick of the core comes to its end."""

from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import UnionType

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.conditions import assess
from controller.core.inputs import DecisionInputs, Fact
from controller.core.memory import Memory, after_facts, after_observation, after_outcomes, count_hours
from controller.core.observed import Observed
from controller.core.plan import plan
from controller.core.settings import Budget, OnDemand, Settings
from controller.schedule.model import Moment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INSTANTS = st.datetimes(timezones=st.just(UTC))
SIMPLE: dict[object, st.SearchStrategy[object]] = {
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers() | st.integers(0, 50),
    float: st.floats() | st.floats(0, 1e5),
    str: st.sampled_from(("", "arn:a", "ON@1")),
    datetime: INSTANTS | st.integers(-(10**6), 10**4).map(lambda s: NOW + timedelta(seconds=s)),
    timedelta: st.timedeltas(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=20)),
}


def drawn(hint: object) -> st.SearchStrategy[object]:
    """Any value of a field with that type; a type that is not known here fails the test."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return st.one_of(*map(drawn, args))
    if origin is tuple:
        return st.lists(drawn(args[0]), max_size=6).map(tuple)
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: drawn(hints[field.name]) for field in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return SIMPLE[hint]


EVERY_RULE = Settings(
    overtime=timedelta(hours=4),
    bridge=timedelta(hours=4),
    rescue=timedelta(days=2),
    budget=Budget(unit_hours_per_month=40, enforce=True),
)
SETTINGS = st.sampled_from(
    (Settings(), EVERY_RULE, replace(EVERY_RULE, on_demand=OnDemand(idle=timedelta(minutes=20)), budget=None))
)
MOMENTS = st.builds(
    Moment,
    open=st.booleans(),
    started_at=st.none() | st.just(NOW - timedelta(hours=3)) | st.just(NOW - timedelta(days=300)),
    ends_at=st.none() | st.just(NOW + timedelta(minutes=20)) | st.just(NOW + timedelta(days=300)),
    reason=st.just("by hand"),
    line=st.just(1),
)


@settings(deadline=None, max_examples=400)
@given(memory=drawn(Memory), observed=drawn(Observed), moment=MOMENTS, chosen=SETTINGS)
def test_no_number_breaks_a_tick(memory, observed, moment, chosen):
    since = moment.started_at if moment.open else None
    noticed = after_observation(memory, observed.model, observed.mapping, now=NOW, open_since=since)
    noticed = after_facts(count_hours(noticed, observed, NOW), observed, chosen, NOW)
    now = DecisionInputs(now=NOW, settings=chosen, moment=moment, observed=observed, memory=noticed)
    for asked in (frozenset[Fact](), frozenset(Fact)):
        inputs = replace(now, facts_read=asked)
        made = plan(inputs)
        assess(inputs, made, (), after_outcomes(noticed, (), NOW))
