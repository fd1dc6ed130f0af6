"""Whatever a memory holds, it is the same after it was written and read."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import UnionType

from hypothesis import given
from hypothesis import strategies as st

from controller.core.memory import Memory
from controller.storage.memories import decode_memory, encode_memory

SIMPLE = {
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers(0, 10**4),
    float: st.floats(0, 1e4),
    str: st.text(),
    datetime: st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as hypothesis wants its bounds
}


def drawn(hint: object) -> st.SearchStrategy[object]:
    """Any value of a field with that type; a type that is not known here fails the test."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return st.one_of(*map(drawn, args))
    if origin is tuple:
        assert args[1:] == (...,)
        return st.lists(drawn(args[0]), max_size=4).map(tuple)
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: drawn(hints[field.name]) for field in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return SIMPLE[hint]


MEMORIES = drawn(Memory)


@given(MEMORIES)
def test_a_memory_survives_being_written_and_read(memory):
    assert decode_memory(encode_memory(memory)) == (memory, ())


@given(MEMORIES)
def test_every_field_of_a_memory_has_its_name_in_the_document(memory):
    assert set(json.loads(encode_memory(memory))) == {"version", *(field.name for field in fields(Memory))}


LITERALS = st.sampled_from(
    ["null", "true", "-1", "1e999", "NaN", "9e11", "9" * 400, '"0001-01-01T00:00:00Z"', '"x"', "[[]]", "{}"]
)


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Memory)]), LITERALS))
def test_whatever_a_field_holds_it_is_taken_or_lost_alone(texts):
    document = ", ".join(f'"{name}": {text}' for name, text in {"version": "1", **texts}.items())
    memory, lost = decode_memory(f"{{{document}}}".encode())
    assert set(lost) <= set(texts)
    assert all(getattr(memory, name) == getattr(Memory(), name) for name in lost)
    assert decode_memory(encode_memory(memory)) == (memory, ())


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_else_is_found_is_refused_as_garbled(data):
    try:
        decode_memory(data)
    except (ValueError, RecursionError):
        return
    raise AssertionError(data)
