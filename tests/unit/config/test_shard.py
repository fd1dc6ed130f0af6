"""Shards by hand: ``printf NAME | sha256sum``, its first sixteen digits, and the remainder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config.shard import ALL, Shard, shard, shard_of


@pytest.mark.parametrize(("name", "of_two", "of_three"), [("logos", 2, 1), ("stamps", 1, 1), ("coins", 1, 1)])
def test_a_name_has_its_shard_for_good(name, of_two, of_three):
    assert shard_of(name, 2) == Shard(number=of_two, count=2)
    assert shard_of(name, 3) == Shard(number=of_three, count=3)
    assert ALL.owns(name)


@given(name=st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True), count=st.integers(1, 99))
def test_every_name_is_in_just_one_shard(name, count):
    owners = [number for number in range(1, count + 1) if Shard(number=number, count=count).owns(name)]
    assert owners == [shard_of(name, count).number]


def test_a_thousand_names_are_shared_evenly():
    names = [f"pipeline-{number}" for number in range(1000)]
    sizes = [sum(Shard(number=number, count=4).owns(name) for name in names) for number in range(1, 5)]
    assert min(sizes) > 200


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ALL), ("1/1", ALL), ("2/3", Shard(number=2, count=3)), ("99/99", Shard(number=99, count=99))],
)
def test_a_shard_is_written_as_a_fraction(text, found):
    assert shard(text) == found
    assert not text or str(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "0/3",
        "4/3",
        "x",
        "1",
        "1/",
        "/3",
        "01/3",
        "1/100",
        " 1/3",
        "1/3\n",
        "-1/3",
        "\N{ARABIC-INDIC DIGIT ONE}/\N{ARABIC-INDIC DIGIT THREE}",
    ],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"2/3"):
        shard(text)


def test_what_a_shard_stores_is_its_own_and_the_first_keeps_the_usual_names():
    assert [Shard(number=number, count=3).suffix for number in (1, 2, 3)] == ["", "-2-of-3", "-3-of-3"]
