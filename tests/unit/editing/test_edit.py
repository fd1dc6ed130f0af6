"""Edits of the file's text: what stands there before and after, in every style that a file may have."""

from __future__ import annotations

from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from controller.config.yaml_tree import compose
from controller.editing.edits import Append, RemoveItems, RemoveKey, SetValue, edited
from controller.errors import ConfigError

OVERRIDES = ("schedules", "office", "overrides")
HOLD = ("pipelines", "logos", "hold")
ITEM = {"date": "2026-12-24", "reason": "Eve: half"}
CLOSED = {"state": "off", "until": "2026-12-24T18:00"}


def changed_bytes(before: bytes, *edits: object) -> bytes:
    return edited(compose(before, "schedule.yaml"), *edits).data


def changed(before: str, *edits: object) -> str:
    return changed_bytes(dedent(before).encode(), *edits).decode()


def held(before: str, after: str, *edits: object) -> None:
    assert changed(before, *edits) == dedent(after)


APPENDED = {
    "below the last item": (
        """\
        schedules:
          office:
            overrides: # dated
              - date: 2026-01-01 # first

              # about the second
              - dates: A
            # after the list
            timezone: UTC
        """,
        """\
        schedules:
          office:
            overrides: # dated
              - date: 2026-01-01 # first

              # about the second
              - dates: A
              - date: 2026-12-24
                reason: "Eve: half"
            # after the list
            timezone: UTC
        """,
    ),
    "dashes under the key": (
        "schedules:\n office:\n  overrides:\n  - a: b\n",
        'schedules:\n office:\n  overrides:\n  - a: b\n  - date: 2026-12-24\n    reason: "Eve: half"\n',
    ),
    "a dash above its item": (
        "schedules:\n  office:\n    overrides:\n    -\n      # - not this one\n      a: b\n",
        (
            "schedules:\n  office:\n    overrides:\n    -\n      # - not this one\n      a: b\n"
            '    - date: 2026-12-24\n      reason: "Eve: half"\n'
        ),
    ),
    "an anchored item": (
        "schedules:\n  office:\n    overrides:\n      - &one\n        a: b\n",
        (
            "schedules:\n  office:\n    overrides:\n      - &one\n        a: b\n"
            '      - date: 2026-12-24\n        reason: "Eve: half"\n'
        ),
    ),
    "no list yet": (
        "schedules:\n  office:\n    timezone: UTC # zone\n  # next\n  other: {}\n",
        (
            "schedules:\n  office:\n    timezone: UTC # zone\n    overrides:\n      - date: 2026-12-24\n"
            '        reason: "Eve: half"\n  # next\n  other: {}\n'
        ),
    ),
    "an empty list": (
        "schedules:\n  office:\n    overrides: [] # none\n    timezone: UTC\n",
        (
            "schedules:\n  office:\n    overrides: # none\n      - date: 2026-12-24\n"
            '        reason: "Eve: half"\n    timezone: UTC\n'
        ),
    ),
    "an empty list with a comment in it": (
        "schedules:\n  office:\n    overrides: [ # none\n    ]\n",
        'schedules:\n  office:\n    overrides: [{date: 2026-12-24, reason: "Eve: half"} # none\n    ]\n',
    ),
    "a list in a line": (
        "schedules: {office: {overrides: [{a: b}, {c: d}], timezone: UTC}}\n",
        (
            "schedules: {office: {overrides: [{a: b}, {c: d}, "
            '{date: 2026-12-24, reason: "Eve: half"}], timezone: UTC}}\n'
        ),
    ),
    "no list in a line": (
        "schedules: {office: {timezone: UTC}}\n",
        'schedules: {office: {timezone: UTC, overrides: [{date: 2026-12-24, reason: "Eve: half"}]}}\n',
    ),
    "a bracketed list in lines": (
        "schedules:\n  office:\n    overrides: [\n      {a: b}, # one\n      {c: d}, # two\n    ]\n",
        (
            "schedules:\n  office:\n    overrides: [\n      {a: b}, # one\n      {c: d}, # two\n"
            '      {date: 2026-12-24, reason: "Eve: half"},\n    ]\n'
        ),
    ),
    "a bracketed list in lines without a last comma": (
        "schedules:\n  office:\n    overrides: [\n      {a: b},\n      {c: d} # two\n    ]\n",
        (
            "schedules:\n  office:\n    overrides: [\n      {a: b},\n      {c: d}, # two\n"
            '      {date: 2026-12-24, reason: "Eve: half"}\n    ]\n'
        ),
    ),
    "no line break at the end": (
        "schedules:\n  office:\n    overrides:\n      - a: b # c",
        (
            "schedules:\n  office:\n    overrides:\n      - a: b # c\n"
            '      - date: 2026-12-24\n        reason: "Eve: half"'
        ),
    ),
    "a text in lines": (
        "schedules:\n  office:\n    overrides:\n      - a: >-\n          b\n          c\n\n  # end\n",
        (
            "schedules:\n  office:\n    overrides:\n      - a: >-\n          b\n          c\n"
            '      - date: 2026-12-24\n        reason: "Eve: half"\n\n  # end\n'
        ),
    ),
    "the document ends": (
        "---\nschedules:\n  office:\n    overrides:\n      - a: b\n...\n# end\n",
        (
            "---\nschedules:\n  office:\n    overrides:\n      - a: b\n"
            '      - date: 2026-12-24\n        reason: "Eve: half"\n...\n# end\n'
        ),
    ),
}


@pytest.mark.parametrize(("before", "after"), APPENDED.values(), ids=APPENDED.keys())
def test_an_item_is_appended_in_the_style_of_its_list(before, after):
    held(before, after, Append(path=OVERRIDES, item=ITEM))


def test_line_breaks_and_a_byte_order_mark_are_those_of_the_file():
    before = b"\xef\xbb\xbfschedules:\r\n  office:\r\n    overrides:\r\n      - a: b\r\n"
    after = changed_bytes(before, Append(path=OVERRIDES, item={"c": "d"}))
    assert after == before + b"      - c: d\r\n"


THREE = """\
    schedules:
      office:
        overrides: # dated
          # about one
          - a: 1 # one
            # within one
            b: 1
          # about two
          - c: 2

          - d: 3
        # after
        timezone: UTC
    """


@pytest.mark.parametrize(
    ("taken", "gone"),
    [
        pytest.param({0}, ["- a: 1 # one", "# within one", "b: 1"], id="the first"),
        pytest.param({1}, ["- c: 2"], id="in the middle"),
        pytest.param({2}, ["- d: 3"], id="the last"),
        pytest.param({0, 2}, ["- a: 1 # one", "# within one", "b: 1", "- d: 3"], id="two"),
    ],
)
def test_items_are_taken_with_their_lines_and_no_others(taken, gone):
    before = dedent(THREE).splitlines()
    after = changed(THREE, RemoveItems(path=OVERRIDES, indexes=frozenset(taken))).splitlines()
    assert after == [line for line in before if line.strip() not in gone]


def test_a_list_without_items_is_an_empty_one_and_keeps_its_comments():
    after = changed(THREE, RemoveItems(path=OVERRIDES, indexes=frozenset({0, 1, 2})))
    assert after.splitlines() == [
        "schedules:",
        "  office:",
        "    overrides: [] # dated",
        "      # about one",
        "      # about two",
        "",
        "    # after",
        "    timezone: UTC",
    ]


@pytest.mark.parametrize(
    ("taken", "after"),
    [
        pytest.param({0}, "[{b: 2}, {c: 3}]", id="the first"),
        pytest.param({1}, "[{a: 1}, {c: 3}]", id="in the middle"),
        pytest.param({2}, "[{a: 1}, {b: 2}]", id="the last"),
        pytest.param({1, 2}, "[{a: 1}]", id="the last two"),
        pytest.param({0, 2}, "[{b: 2}]", id="both ends"),
        pytest.param({0, 1, 2}, "[]", id="all"),
    ],
)
def test_items_are_taken_out_of_a_line_with_their_commas(taken, after):
    before = "schedules: {office: {overrides: [{a: 1}, {b: 2}, {c: 3}]}} # end\n"
    held(
        before,
        before.replace("[{a: 1}, {b: 2}, {c: 3}]", after),
        RemoveItems(path=OVERRIDES, indexes=frozenset(taken)),
    )


@pytest.mark.parametrize("comma", ["", ","])
def test_items_in_brackets_and_lines_are_taken_with_their_lines(comma):
    two = f"      {{b: 2}}{comma} # two\n"
    before = "schedules:\n  office:\n    overrides: [ # o\n      {a: 1}, # one\n" + two + "    ]\n"
    held(
        before,
        before.replace(two, ""),
        RemoveItems(path=OVERRIDES, indexes=frozenset({1})),
    )


def test_the_comment_of_an_item_that_stays_stays():
    held(
        "schedules: {office: {overrides: [{a: 1}, # one\n  {b: 2}]}}\n",
        "schedules: {office: {overrides: [{a: 1}, # one\n  ]}}\n",
        RemoveItems(path=OVERRIDES, indexes=frozenset({1})),
    )


PUT = {
    "where none is": (
        "pipelines:\n  logos:\n    warm_up: 30m # long\n    # hold: …\n  other: {}\n",
        (
            "pipelines:\n  logos:\n    warm_up: 30m # long\n    hold: {state: off, until: 2026-12-24T18:00}\n"
            "    # hold: …\n  other: {}\n"
        ),
    ),
    "in place of one in a line": (
        "pipelines:\n  logos:\n    hold: {state: on, reason: x} # why\n    warm_up: 30m\n",
        "pipelines:\n  logos:\n    hold: {state: off, until: 2026-12-24T18:00} # why\n    warm_up: 30m\n",
    ),
    "in place of one in lines": (
        "pipelines:\n  logos:\n    hold: # why\n      state: on\n      reason: x # y\n    warm_up: 30m\n",
        (
            "pipelines:\n  logos:\n    hold: # why\n      state: off\n      until: 2026-12-24T18:00 # y\n"
            "    warm_up: 30m\n"
        ),
    ),
    "in a pipeline in a line": (
        "pipelines: {logos: {warm_up: 30m}}\n",
        "pipelines: {logos: {warm_up: 30m, hold: {state: off, until: 2026-12-24T18:00}}}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), PUT.values(), ids=PUT.keys())
def test_a_hold_is_put(before, after):
    held(before, after, SetValue(path=HOLD, value=CLOSED))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "pipelines:\n  logos:\n    hold: {a: b} # x\n    # y\n    warm_up: 30m\n",
            "pipelines:\n  logos:\n    # y\n    warm_up: 30m\n",
            id="in a line",
        ),
        pytest.param(
            "pipelines:\n  logos:\n    warm_up: 30m\n    hold:\n      # x\n      a: b\n\n# y\n",
            "pipelines:\n  logos:\n    warm_up: 30m\n\n# y\n",
            id="in lines",
        ),
        pytest.param(
            "pipelines: {logos: {hold: {a: b}, warm_up: 30m}}\n",
            "pipelines: {logos: {warm_up: 30m}}\n",
            id="in brackets",
        ),
    ],
)
def test_a_hold_is_dropped(before, after):
    held(before, after, RemoveKey(path=HOLD))


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_value_is_replaced_and_nothing_around_it(quote):
    held(
        f"pipelines:\n  logos:\n    arn:   {quote}old{quote}   # why\n",
        "pipelines:\n  logos:\n    arn:   arn:aws:x:1   # why\n",
        SetValue(path=("pipelines", "logos", "arn"), value="arn:aws:x:1"),
    )


REFUSED = {
    "an alias for the list": (
        "x: &x\n  - a: b\nschedules:\n  office:\n    overrides: *x\n",
        Append(path=OVERRIDES, item=ITEM),
        "5:16: schedules.office.overrides: *x stands here, which repeats another part of the file",
    ),
    "a list that is repeated": (
        "schedules:\n  office:\n    overrides: &x\n      - a: b\n  other:\n    overrides: *x\n",
        Append(path=OVERRIDES, item=ITEM),
        "3:16: schedules.office.overrides: line 6 repeats this by *x",
    ),
    "a schedule that is repeated": (
        "schedules:\n  office: &o\n    timezone: UTC\n  other: *o\n",
        Append(path=OVERRIDES, item=ITEM),
        "2:11: schedules.office: line 4 repeats this by *o",
    ),
    "a pipeline that repeats another": (
        "pipelines:\n  a: &a\n    warm_up: 30m\n  logos: *a\n",
        SetValue(path=HOLD, value=CLOSED),
        "4:10: pipelines.logos: *a stands here",
    ),
    "an item that is repeated": (
        "schedules:\n  office:\n    overrides:\n      - &a {a: b}\n      - *a\n",
        RemoveItems(path=OVERRIDES, indexes=frozenset({0})),
        "schedules.office.overrides: this cannot be edited without changing something else",
    ),
    "explicit keys": (
        "? schedules\n: ? office\n  : ? timezone\n    : UTC\n",
        Append(path=OVERRIDES, item=ITEM),
        "schedules.office.overrides: this cannot be edited without changing something else",
    ),
}


@pytest.mark.parametrize(("before", "edit", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_an_edit_that_would_change_something_else_is_refused(before, edit, said):
    with pytest.raises(ConfigError) as caught:
        changed(before, edit)
    assert said in str(caught.value)


def test_an_anchor_that_nobody_repeats_is_in_nobodys_way():
    before = "schedules: &s\n  office: &o\n    overrides: &l\n      - a: b\n"
    assert changed(before, Append(path=OVERRIDES, item={"c": "d"})) == before + "      - c: d\n"


@pytest.mark.parametrize(
    "reason",
    [
        *("plain", "a: b", "a #b", "a:", "- a", "null", "~", "yes", "12:30", "[a]", "{a}", "&a", "*a", "!a"),
        *(
            "'a'",
            '"a"',
            "a\\b",
            "%a",
            "@a",
            "`a`",
            "Über Straße",
            "日本語",
            "a, b",
            "it's",
            "...",
            "---",
            "?",
            "#",
        ),
        *("a:b", "12:30, or so:", "=", "<<", "🙂", "é: è"),
    ],
)
@pytest.mark.parametrize(
    "before", ["schedules: {office: {timezone: UTC}}\n", "schedules:\n  office:\n    a: b\n"]
)
def test_a_text_means_itself_whatever_it_is(before, reason):
    after = changed(before, Append(path=OVERRIDES, item={"reason": reason}))
    assert YAML(typ="base", pure=True).load(after)["schedules"]["office"]["overrides"] == [{"reason": reason}]


ONE_LINE = {
    "no list yet": (
        "schedules: {office: {timezone: UTC}}",
        'schedules: {office: {timezone: UTC, overrides: [{date: 2026-12-24, reason: "Eve: half"}]}}',
        Append(path=OVERRIDES, item=ITEM),
    ),
    "an empty list": (
        "{schedules: {office: {overrides: []}}}",
        '{schedules: {office: {overrides: [{date: 2026-12-24, reason: "Eve: half"}]}}}',
        Append(path=OVERRIDES, item=ITEM),
    ),
    "a list": (
        "schedules: {office: {overrides: [{a: b}]}} # end",
        'schedules: {office: {overrides: [{a: b}, {date: 2026-12-24, reason: "Eve: half"}]}} # end',
        Append(path=OVERRIDES, item=ITEM),
    ),
    "the first of two items": (
        "schedules: {office: {overrides: [{a: b}, {c: d}]}}",
        "schedules: {office: {overrides: [{c: d}]}}",
        RemoveItems(path=OVERRIDES, indexes=frozenset({0})),
    ),
    "the last of two items": (
        "schedules: {office: {overrides: [{a: b}, {c: d}]}}",
        "schedules: {office: {overrides: [{a: b}]}}",
        RemoveItems(path=OVERRIDES, indexes=frozenset({1})),
    ),
    "the only item": (
        "schedules: {office: {overrides: [{a: b}]}}",
        "schedules: {office: {overrides: []}}",
        RemoveItems(path=OVERRIDES, indexes=frozenset({0})),
    ),
    "a new value": (
        "pipelines: {logos: {schedule: office}}",
        "pipelines: {logos: {schedule: office, hold: {state: off, until: 2026-12-24T18:00}}}",
        SetValue(path=HOLD, value=CLOSED),
    ),
    "another value": (
        "pipelines: {logos: {hold: {state: on}, schedule: office}}",
        "pipelines: {logos: {hold: {state: off, until: 2026-12-24T18:00}, schedule: office}}",
        SetValue(path=HOLD, value=CLOSED),
    ),
    "no value any more": (
        "pipelines: {logos: {schedule: office, hold: {state: on}}}",
        "pipelines: {logos: {schedule: office}}",
        RemoveKey(path=HOLD),
    ),
    "a new key below the only line": ("a: b", "a: b\nc: d", SetValue(path=("c",), value="d")),
    "a new list below the only line": ("a: b # c", "a: b # c\nd:\n  - e", Append(path=("d",), item="e")),
}


@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["no line break", "a line break", "one of Windows"])
@pytest.mark.parametrize(("before", "after", "edit"), ONE_LINE.values(), ids=ONE_LINE.keys())
def test_a_file_of_one_line_is_edited(before, after, edit, end):
    within = end or "\n"
    assert changed(before + end, edit) == after.replace("\n", within) + end


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_only_line_may_go_if_a_comment_stays(end):
    assert changed(f"# all\na: b{end}", RemoveKey(path=("a",))) == "# all\n"


BESIDE_ITS_KEY = {
    "an item is appended": (
        "schedules:\n  office:\n    overrides: [{a: b}\n    ]\n",
        'schedules:\n  office:\n    overrides: [{a: b}, {date: 2026-12-24, reason: "Eve: half"}\n    ]\n',
        Append(path=OVERRIDES, item=ITEM),
    ),
    "the first goes": (
        "schedules:\n  office:\n    overrides: [{a: b},\n      {c: d}\n    ]\n",
        "schedules:\n  office:\n    overrides: [{c: d}\n    ]\n",
        RemoveItems(path=OVERRIDES, indexes=frozenset({0})),
    ),
    "the last goes": (
        "schedules:\n  office:\n    overrides: [{a: b},\n      {c: d}\n    ]\n",
        "schedules:\n  office:\n    overrides: [{a: b}\n    ]\n",
        RemoveItems(path=OVERRIDES, indexes=frozenset({1})),
    ),
}


@pytest.mark.parametrize(("before", "after", "edit"), BESIDE_ITS_KEY.values(), ids=BESIDE_ITS_KEY.keys())
def test_an_item_that_stands_in_the_line_of_its_key_has_no_line_of_its_own(before, after, edit):
    assert changed(before, edit) == after


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Macintosh"])
def test_line_breaks_stay_what_they_are(line_break):
    before = "schedules:\n  office:\n    overrides:\n      - a: b\n      - c: d\n    timezone: UTC\n"
    more = before.replace(
        "    timezone", '      - date: 2026-12-24\n        reason: "Eve: half"\n    timezone'
    )
    written = {text: text.replace("\n", line_break).encode() for text in (before, more)}
    added = changed_bytes(written[before], Append(path=OVERRIDES, item=ITEM))
    assert added == written[more]
    assert changed_bytes(added, RemoveItems(path=OVERRIDES, indexes=frozenset({2}))) == written[before]
