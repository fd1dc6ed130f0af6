"""Laws of the edits, over files in any style: what is edited is edited, and every other byte is as it was."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from controller.config.yaml_tree import compose
from controller.editing.edits import Append, RemoveItems, RemoveKey, SetValue, edited

OVERRIDES = ("schedules", "office", "overrides")
HOLD = ("pipelines", "logos", "hold")
ITEM = {"from": "2026-12-05T20:00", "until": "2026-12-06T02:00", "state": "open", "reason": "why: not"}
OFF = {"state": "off", "until": "2026-12-06T02:00"}

TEXTS = ("plain", '"a: b # c"', "'it''s a'", "a-b  c", '"- x"', "08:30-12:00", '"Über"', "''", "[x, y]")
COMMENTS = ("# c", "#", "# - a: [b", "# key: {", '# "', "# overrides:", "#\ttab")


@dataclass(frozen=True, kw_only=True)
class File:
    """A file in a style of its own; ``items`` are its overrides, in brackets or with dashes."""

    text: bytes
    items: int
    brackets: bool

    @property
    def data(self):
        return meaning(self.text)


def meaning(text: bytes):
    """By another reader of YAML: every scalar a string."""
    return YAML(typ="base", pure=True).load(text.decode("utf-8-sig"))


def changed(text: bytes, *edits: object) -> bytes:
    return edited(compose(text, "schedule.yaml"), *edits).data


class Writer:
    """Somebody with habits: ``step`` blanks for a level, ``dash`` before a dash; comments where they fit."""

    def __init__(self, seed: int, least: int) -> None:
        self.any = Random(seed)  # noqa: S311 - to make files, not secrets
        self.step, self.dash = self.any.randint(1, 5), self.any.randint(0, 4)
        self.brackets, self.in_lines = self.any.random() < 0.4, self.any.random() < 0.5
        self.items = self.any.randint(least, 4)

    def file(self) -> File:
        pick = self.any.choice
        lines = (line for section in self.mixed(*self.sections()) for line in (*section, *self.noise(0)))
        line_break = pick(["\n", "\r\n"])
        text = line_break.join(lines) + pick([line_break, "", line_break * 3])
        bom = pick([b"", b"", b"\xef\xbb\xbf"])
        return File(text=bom + text.encode(), items=self.items, brackets=self.brackets)

    def sections(self) -> list[list[str]]:
        indent = 2 * self.step
        office = [self.entry(indent, "timezone", "UTC"), self.entry(indent, "note", self.text())]
        if self.brackets:
            office.append(self.bracketed(indent))
        elif self.items:
            office.append(self.dashed(indent))
        logos = [self.entry(indent, "schedule", "office"), self.entry(indent, "warm_up", "30m")]
        level = " " * self.step
        return [
            ["version: 1"],
            ["schedules:", f"{level}office:", *chain.from_iterable(self.mixed(*office))],
            ["pipelines:", f"{level}logos:", *chain.from_iterable(self.mixed(*logos))],
        ]

    def mixed(self, *parts: list[str]) -> list[list[str]]:
        return self.any.sample(parts, len(parts))

    def text(self) -> str:
        anchor = self.any.choice(["", "", "", f"&n{self.any.randrange(10**6)} "])
        return anchor + self.any.choice(TEXTS)

    def noise(self, indent: int) -> list[str]:
        """Comments and blank lines, at any column."""
        kinds = ("", "   ", " " * indent + self.any.choice(COMMENTS), self.any.choice(COMMENTS))
        return self.any.choices(kinds, k=self.any.choice([0, 0, 1, 2]))

    def entry(self, indent: int, key: str, value: str) -> list[str]:
        end = self.any.choice(["", "", " ", "  # end", " # [x]: {y"])
        return [*self.noise(indent), f"{' ' * indent}{key}:{' ' * self.any.randint(1, 3)}{value}{end}"]

    def bracketed(self, indent: int) -> list[str]:
        items = [f"{{k{number}: {self.text()}}}" for number in range(self.items)]
        if not self.in_lines or not items:
            return self.entry(indent, "overrides", f"[{', '.join(items)}]")
        commas = [*([","] * (len(items) - 1)), self.any.choice(["", ","])]
        ends = self.any.choices(["", "  # of this one"], k=len(items))
        inner = " " * (indent + self.step)
        lines = [f"{inner}{item}{comma}{end}" for item, comma, end in zip(items, commas, ends, strict=True)]
        return [f"{' ' * indent}overrides: [ # dated", *lines, f"{' ' * indent}]"]

    def dashed(self, indent: int) -> list[str]:
        at = " " * (indent + self.dash)
        lines = [f"{' ' * indent}overrides:{self.any.choice(['', ' # dated'])}"]
        for number in range(self.items):
            keys = [f"k{number}: {self.text()}", *(f"l{more}: {self.text()}" for more in range(number))]
            lines += self.noise(len(at))
            if self.any.random() < 0.3:
                lines += [
                    f"{at}-{self.any.choice(['', ' # - x'])}",
                    *self.noise(len(at) + 2),
                    f"{at}  {keys[0]}",
                ]
            else:
                lines.append(f"{at}- {keys[0]}")
            lines += [line for key in keys[1:] for line in (*self.noise(len(at) + 2), f"{at}  {key}")]
        return lines


def files(least: int = 0):
    return st.integers(0, 2**32).map(lambda seed: Writer(seed, least).file())


def is_inserted_once(before: bytes, after: bytes) -> bool:
    """Whether ``after`` is ``before`` with one run of bytes put in."""
    same = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    return after.endswith(before[same:]) and len(after) > len(before)


def is_thinned(before: bytes, after: bytes) -> bool:
    """Whether ``after`` is ``before`` with bytes taken out, the others in their order."""
    left = iter(before)
    return all(byte in left for byte in after)


def is_as_before(before: bytes, after: bytes) -> bool:
    """But for the line break that a last line may have got when another came after it."""
    return after.rstrip(b"\r\n") == before.rstrip(b"\r\n") and after.startswith(before)


@settings(deadline=None, max_examples=150)
@given(files())
def test_an_override_is_appended_and_every_byte_of_before_is_still_there(file):
    note(file.text.decode())
    after = changed(file.text, Append(path=OVERRIDES, item=ITEM))
    expected = file.data
    expected["schedules"]["office"].setdefault("overrides", []).append(ITEM)
    assert meaning(after) == expected
    if file.brackets and file.items:
        assert is_thinned(after, file.text)
    elif not file.brackets:
        assert is_inserted_once(file.text, after)


@settings(deadline=None, max_examples=100)
@given(files(least=1))
def test_what_was_appended_is_taken_back_to_the_byte(file):
    note(file.text.decode())
    there = changed(file.text, Append(path=OVERRIDES, item=ITEM))
    back = changed(there, RemoveItems(path=OVERRIDES, indexes=frozenset({file.items})))
    assert meaning(back) == file.data
    if not file.brackets:
        assert is_as_before(file.text, back)


@settings(deadline=None, max_examples=100)
@given(files(least=2), st.data())
def test_items_are_taken_out_and_nothing_is_put_in(file, data):
    note(file.text.decode())
    taken = data.draw(st.sets(st.integers(0, file.items - 1), min_size=1, max_size=file.items - 1))
    after = changed(file.text, RemoveItems(path=OVERRIDES, indexes=frozenset(taken)))
    expected = file.data
    items = expected["schedules"]["office"]["overrides"]
    left = [each for number, each in enumerate(items) if number not in taken]
    expected["schedules"]["office"]["overrides"] = left
    assert meaning(after) == expected
    assert is_thinned(file.text, after)


@settings(deadline=None, max_examples=100)
@given(files())
def test_a_hold_is_put_and_taken_back_to_the_byte(file):
    note(file.text.decode())
    there = changed(file.text, SetValue(path=HOLD, value=OFF))
    assert is_inserted_once(file.text, there)
    assert meaning(there)["pipelines"]["logos"].pop("hold") == OFF
    assert is_as_before(file.text, changed(there, RemoveKey(path=HOLD)))
