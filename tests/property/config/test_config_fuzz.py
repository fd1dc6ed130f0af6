"""Whatever stands in a file: a configuration or diagnostics, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.config.build import parse
from controller.config.warnings import warnings
from controller.errors import ConfigError, Diagnostic
from controller.schedule.ics import read_ics
from tests.environment import examples
from tests.support.config_file import EXAMPLE, MINIMAL

QUICK = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])

MARKS = [
    *"[]{}:,-?&*!|>#~%@`'\"\\\t\r\n \0",
    "<<: ",
    "&a ",
    "*a",
    "24:00",
    "\\U99999999",
    "\u2028",
    "\x85",
    "\ufeff",
]
WORDS = [
    "open",
    "closed",
    "auto",
    "never",
    "0",
    "null",
    "date",
    "dates",
    "from",
    "until",
    "hours",
    "9999-12-31",
    "0001-01-01T00:00",
]


RULES = f"""{MINIMAL}\
      retention: 1d
    on_demand: {{idle: 20m}}
    overtime: 45m
    rescue: 12h
    budget: {{unit_hours_per_month: 200, enforce: true}}
"""
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def outcome(data: bytes) -> tuple[Diagnostic, ...]:
    try:
        config = parse(data, file="schedule.yaml", calendar_files={}.__getitem__)
    except ConfigError as error:
        return error.diagnostics
    return (*config.degraded, *warnings(config, NOW))


def assert_points_into(diagnostic: Diagnostic, lines: list[bytes]) -> None:
    assert "\n" not in diagnostic.message
    if diagnostic.line is not None:
        assert 1 <= diagnostic.line <= len(lines)
        column = diagnostic.column or 1  # a warning is of its line
        assert 1 <= column <= len(lines[diagnostic.line - 1].decode("utf-8-sig", "replace")) + 1


def assert_a_configuration_or_diagnostics(data: bytes) -> None:
    lines = data.splitlines() or [b""]  # of bytes: at CR and LF only
    for diagnostic in outcome(data):
        assert_points_into(diagnostic, lines)


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_give_a_configuration_or_complaints_that_point_into_the_file(data):
    assert_a_configuration_or_diagnostics(data)


@QUICK
@given(st.lists(st.sampled_from([*MARKS, *WORDS, "\n  ", "\n- "]), max_size=40).map("".join))
def test_any_marks_of_yaml_give_a_configuration_or_diagnostics(text):
    assert_a_configuration_or_diagnostics(text.encode())


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from([EXAMPLE, RULES]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from([0, 0, 1, 5, 30]))
        new = draw(st.sampled_from([*MARKS, *WORDS, "", "\n", *text.splitlines(keepends=True)]))
        text = text[:at] + new + text[at + gone :]
    return text


@settings(QUICK, max_examples=examples(300))
@given(mutations())
def test_any_mutation_of_the_example_gives_a_configuration_or_diagnostics(text):
    assert_a_configuration_or_diagnostics(text.encode())


@QUICK
@given(mutations())
def test_the_same_text_means_the_same_again(text):
    data = text.encode()
    assert outcome(data) == outcome(data)


ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261127\r\n"
    b"DTEND;VALUE=DATE:20261130\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@QUICK
@given(
    st.integers(0, len(ICS)),
    st.integers(0, 12),
    st.sampled_from(
        [b"", b"\r\n", b":", b";", b"=", b"0", b"99999999", b"T", b"\xff", b"\0", b"BEGIN:VEVENT\r\n"]
    ),
)
def test_any_mutation_of_a_calendar_file_gives_events_or_problems(at, gone, new):
    reading = read_ics(ICS[:at] + new + ICS[at + gone :])
    assert reading.events is not None or reading.errors
    assert not any("\n" in each or "Error" in each for each in (*reading.errors, *reading.warnings))
