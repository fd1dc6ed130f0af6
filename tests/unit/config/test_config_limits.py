"""What is no YAML that a schedule needs: one diagnostic, at its place, at once."""

from __future__ import annotations

import re
import sys

import pytest

from controller.config.build import parse
from controller.config.values import nearest
from controller.config.yaml_tree import compose
from controller.errors import ConfigError
from tests.support.config_file import ARN, MINIMAL, UUID, diagnostics, doubts, edited
from tests.unit.config.cases import LARGEST

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{this}: &{this} [{','.join([f'*{before}'] * 10)}]\n"
    for before, this in zip("abcdefgh", "bcdefghi", strict=True)
)

UNREADABLE = [
    pytest.param("", "the file is empty; it holds such as version: 1, ", id="empty"),
    pytest.param("# nothing\n\n", "the file is empty; ", id="comments"),
    pytest.param("---\n", "the file is empty; ", id="an empty document"),
    pytest.param("null\n", "the file is empty; ", id="null"),
    pytest.param("- a\n", "1:1: a list stands here; the file is a mapping such as version: 1, ", id="a list"),
    pytest.param("[]", "1:1: an empty list stands here; ", id="an empty list"),
    pytest.param("office", '1:1: "office" stands here; ', id="a scalar"),
    pytest.param(
        "a:\n\tb: c\n", "2:1: not valid YAML: a tab cannot indent or start a value; use spaces", id="a tab"
    ),
    pytest.param("a: b: c\n", "1:5: not valid YAML: a second ':' in one line, or ", id="two values"),
    pytest.param("a: b\n c: d\n", "2:3: not valid YAML: a second ':' in one line, or ", id="one too deep"),
    pytest.param("a: [b\n", "1:6: not valid YAML: the [ in line 1 is not closed", id="a bracket left open"),
    pytest.param("a: {b: c\nd: e\n", "2:2: not valid YAML: the { in line 1 is not", id="a brace left open"),
    pytest.param("a: 'b\nc: d\n", "1:4: not valid YAML: the quotation mark that", id="a quote left open"),
    pytest.param("a: b\nc\nd: e\n", "2:1: not valid YAML: this needs a ':'", id="a key alone"),
    pytest.param("a:\n  b: c\n d: e\n", "3:2: not valid YAML: this does not line up with", id="between two"),
    pytest.param("a: b\n}\n", "2:1: not valid YAML: expected <block end>, but found '}'", id="a stray brace"),
    pytest.param("a: }\n", "1:4: not valid YAML: ", id="a bracket that was not opened"),
    pytest.param("a: @b\n", "1:4: not valid YAML: ", id="a reserved character"),
    pytest.param('"\\U99999999": 1\n', "1:2: not valid YAML: an escape", id="an escape beyond Unicode"),
    pytest.param(
        'a: "x\\ud800"\n', "1:4: not valid YAML: an escape", id="an escape that is half a character"
    ),
    pytest.param('a: 1\n"\\udfff": 1\n', "2:1: not valid YAML: an escape", id="such a key"),
    pytest.param(
        f"a: 1\n? {'k' * 201}\n: 1\n", "2:3: a key longer than 200 characters, which", id="a long key"
    ),
    pytest.param("a: 1\n---\nb: 2\n", "2:1: a second document starts here; ", id="two documents"),
    pytest.param("%YAML 1.2\n---\na: 1\n", "1:1: a YAML directive; remove the line", id="a directive"),
    pytest.param(
        "# c\n%TAG ! x:\n---\na: 1\n", "2:1: a YAML directive; remove the line", id="a tag directive"
    ),
    pytest.param(
        "# c\n%FOO bar\n---\na: 1\n", "2:1: a YAML directive; remove the line", id="an unknown directive"
    ),
    pytest.param("a: !!int 1\n", '1:4: a tag ("tag:yaml.org,2002:int"); remove it', id="a tag"),
    pytest.param("a: !!python/object:os.system x\n", "1:4: a tag (", id="a tag of Python"),
    pytest.param("a: !x {}\n", '1:4: a tag ("!x"); remove it', id="a tag on a mapping"),
    pytest.param("a: *b\n", '1:4: alias "*b" has no anchor before it (&b)', id="an alias of nothing"),
    pytest.param("a: &a [*a]\n", '1:8: alias "*a" is still being defined here (&a)', id="an alias of itself"),
    pytest.param("? [a]\n: b\n", "1:3: a key must be a plain name", id="a key that is a list"),
    pytest.param("~: b\n", "1:1: a key must be a plain name", id="a key that is null"),
    pytest.param(
        LAUGHS,
        "5:29: more than 100,000 values, aliases followed, which no schedule needs",
        id="a billion laughs",
    ),
    pytest.param("a: [" + "x," * 125_000 + "]", "1:199999: more than 100,000 values", id="125,000 values"),
    pytest.param("[" * 5_000, "1:33: nested more than 32 deep, which no schedule needs", id="5,000 brackets"),
    pytest.param(
        "{" * 130_000, "1:33: nested more than 32 deep, which no schedule needs", id="130,000 braces"
    ),
    pytest.param("- " * 5_000, "1:65: nested more than 32 deep, which no schedule needs", id="5,000 hyphens"),
    pytest.param("a: \0\n", "1:4: character U+0000 cannot stand in a YAML file", id="NUL"),
    pytest.param("é: \x07\n", "1:4: character U+0007 cannot stand in a YAML file", id="a bell"),
    pytest.param("a: 1\n" * 105_200, "larger than 512 KiB, which no schedule needs", id="514 KiB"),
    pytest.param(b"a" * 10_000_000, "larger than 512 KiB, which no schedule needs", id="10 MB"),
    pytest.param(b"a: b\nc: d\xe4\n", "2:5: not UTF-8: byte 0xe4; save the file as UTF-8", id="Latin-1"),
    pytest.param("a: ü\n".encode("utf-16"), "1:1: not UTF-8: byte 0x", id="UTF-16"),
    pytest.param(b"a: \xed\xa0\x80\n", "1:4: not UTF-8: byte 0xed", id="a lone surrogate"),
]


@pytest.mark.parametrize(("text", "diagnostic"), UNREADABLE)
def test_a_file_that_is_no_schedule_gets_one_diagnostic(text, diagnostic):
    (found,) = diagnostics(text)
    assert found.startswith(diagnostic)


def nested(depth: int) -> str:
    return "{a: " * (depth - 1) + "{}" + "}" * (depth - 1)


@pytest.mark.parametrize(("depth", "too_deep"), [(32, False), (33, True)])
def test_32_levels_are_read(depth, too_deep):
    assert any("nested more than" in found for found in diagnostics(nested(depth))) is too_deep


@pytest.mark.parametrize(("levels", "too_deep"), [(16, False), (17, True)])
def test_levels_behind_an_alias_count(levels, too_deep):
    text = f"a: &a {'[' * levels}{']' * levels}\nb: {'[' * 15}*a{']' * 15}\n"
    assert any("nested more than" in found for found in diagnostics(text)) is too_deep


@pytest.mark.parametrize(("items", "too_many"), [(99_997, False), (99_998, True)])
def test_100_000_values_are_read(items, too_many):
    text = f"a: [{'x,' * items}]"  # the mapping, its key and the list are three more
    assert any("more than 100,000" in found for found in diagnostics(text)) is too_many


def test_512_kib_are_read():
    assert diagnostics(LARGEST) == []
    (told,) = diagnostics(f"#{LARGEST}")
    assert "larger than 512 KiB" in told


def zones(many: int) -> str:
    return "version: 1\nschedules:\n" + "".join(
        f"  s{n}: {{timezone: Europe/Brelin{n}, hours: {{}}}}\n" for n in range(many)
    )


def keys(many: int) -> str:
    return MINIMAL + "".join(f"    worm_up{n}: 1\n" for n in range(many))


def schedules(many: int) -> str:
    return "version: 1\nschedules: {office: {timezone: UTC, hours: {}}}\npipelines:\n" + "".join(
        f"  p{n}:\n    schedule: ofice{n}\n    model: {{arn: {ARN}{n}, inference_units: 1}}\n"
        f"    consumer: {{event_source_mapping: {UUID[:-4]}{n:04}}}\n"
        for n in range(many)
    )


@pytest.mark.parametrize(
    ("text", "last"),
    [
        pytest.param(zones(100), '102:19: schedules.s99.timezone: "Europe/Brelin99" is not', id="a hundred"),
        pytest.param(zones(101), "and 1 more", id="one more"),
        pytest.param(zones(2_200), "and 2,100 more", id="zones"),
        pytest.param(keys(4_000), "and 3,900 more", id="keys"),
        pytest.param(schedules(400), "and 300 more", id="schedules"),
    ],
)
def test_of_very_many_mistakes_a_hundred_are_told_with_what_is_meant(text, last):
    *first, end = diagnostics(text)
    assert end.startswith(last)
    assert len(first) == (100 if end.startswith("and ") else 99)
    assert all("(did you mean " in each for each in first)


@pytest.mark.parametrize(
    "calendars",
    [
        pytest.param([f"c{n}: {{country: Germany{n}}}" for n in range(1_500)], id="countries"),
        pytest.param(
            [f"us: {{country: US, except: [{', '.join(f'Labor Days {n}' for n in range(1_500))}]}}"],
            id="holidays",
        ),
    ],
)
def test_of_very_many_doubts_a_hundred_are_told_with_what_is_meant(calendars):
    *first, end = doubts("version: 1\ncalendars:\n" + "".join(f"  {each}\n" for each in calendars))
    assert end == "and 1,400 more"
    assert len(first) == 100
    assert all("(did you mean " in each for each in first)


def test_the_last_of_very_many_stands_for_the_others():
    with pytest.raises(ConfigError) as caught:
        parse(zones(150).encode(), file="schedule.yaml", calendar_files={}.__getitem__)
    assert sum(each.count for each in caught.value.diagnostics) == 150


def test_a_long_list_of_what_there_is_ends_early():
    text = "version: 1\nschedules:\n" + "".join(
        f"  s{n}: {{timezone: UTC, hours: {{}}}}\n" for n in range(30)
    )
    (found,) = [
        one for one in diagnostics(f"{text}pipelines: {{a: {{schedule: night}}}}\n") if "night" in one
    ]
    assert found.endswith(f"(there are: {', '.join(f's{n}' for n in range(20))}, …)")


def test_an_error_names_its_file():
    with pytest.raises(ConfigError) as caught:
        parse(b"version: 2\n", file="s3://bucket/schedule.yaml", calendar_files={}.__getitem__)
    assert caught.value.file == "s3://bucket/schedule.yaml"
    assert str(caught.value).startswith(f"{caught.value.file}:1:10: version: ")


def test_of_a_key_that_occurs_twice_the_first_counts():
    root = compose(b"a: 1\nb: 2\na: 3\n", "schedule.yaml").root
    assert (root.get("a").text, root.key("a").line, root.get("c"), root.key("c")) == ("1", 1, None, None)


MISTAKES = {
    "unknown keys of the file": lambda number: (
        MINIMAL + "".join(f"key{index}: 1\n" for index in range(number))
    ),
    "unknown keys of a pipeline": lambda number: (
        MINIMAL + "".join(f"    key{index}: 1\n" for index in range(number))
    ),
    "pipelines that lack everything": lambda number: (
        "version: 1\npipelines:\n" + "".join(f"  p{index}: {{}}\n" for index in range(number))
    ),
    "schedules without a zone": lambda number: (
        "version: 1\nschedules:\n"
        + "".join(f"  s{index}: {{timezone: X, hours: {{mon: open}}}}\n" for index in range(number))
    ),
    "days that are none": lambda number: edited(
        "      mon-fri: 08:30-17:00\n", "".join(f"      x{index}: open\n" for index in range(number))
    ),
    "calendars that there are not": lambda number: edited(
        "pipelines:\n",
        f"    holidays: {{calendars: [{', '.join(f'c{index}' for index in range(number))}]}}\npipelines:\n",
    ),
    "schedules that there are not": lambda number: (
        MINIMAL[: MINIMAL.index("pipelines:")]
        + "pipelines:\n"
        + "".join(
            f"  p{index}: {{schedule: x, model: {{arn: {ARN}{index}, inference_units: 1}}, consumer: "
            f"{{event_source_mapping: {index:08}{UUID[8:]}}}}}\n"
            for index in range(number)
        )
    ),
    "one mapping of many pipelines": lambda number: (
        MINIMAL[: MINIMAL.index("pipelines:")]
        + "pipelines:\n"
        + "".join(
            f"  p{index}: {{schedule: office, model: {{arn: {ARN}, inference_units: 1}}, consumer: "
            f"{{event_source_mapping: {UUID}}}}}\n"
            for index in range(number)
        )
    ),
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=[name.replace(" ", "-") for name in MISTAKES])
def test_twice_the_mistakes_are_twice_the_work(text):
    """Beyond the hundred that are told, each of which may have near names looked for."""
    least, usual, most = (lines_run(lambda size=size: diagnostics(text(size))) for size in (150, 300, 600))
    assert most - usual < 2.5 * (usual - least)


def many(number):
    return [f"office-of-branch-{index}" for index in range(number)]


def test_of_very_many_names_few_are_compared_letter_by_letter():
    few, more = (
        lines_run(lambda size=size: nearest("x-of-branch", many(size)), "difflib") for size in (200, 2000)
    )
    assert few <= more < 1.5 * few


@pytest.mark.parametrize("word", ["office-of-brnch-1234", "Office-of-Branch-1234", "ofice-of-branch-1234"])
def test_among_very_many_names_the_nearest_is_found(word):
    first, *_ = re.findall(r'"([^"]+)"', nearest(word, many(5000)))
    assert first == "office-of-branch-1234"


def lines_run(work, where="controller"):
    """Of the modules whose path says so; each turn of a loop counts, also of one in a line."""
    run = 0

    def trace(frame, event, _argument):
        nonlocal run
        run += event == "line"
        return trace if where in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return run
