"""``diff``: whole outputs, worked by hand. It is Monday, 2026-11-23, 08:10 in New York."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import FILE, TWO_SCHEDULES

CLOSED = """\
    overrides:
      - {from: 2026-11-24T12:00, until: 2026-11-24T14:00, state: closed, reason: "<b>|@ana"}
pipelines:
"""
NEW = FILE.replace("pipelines:\n", CLOSED)
V1 = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"


@pytest.fixture
def between(desk):
    def run(old: str, new: str, *options: str):
        desk.write(old, "old.yaml")
        desk.write(new, "new.yaml")
        return desk("diff", "old.yaml", "new.yaml", *options)

    return run


def test_what_changes_is_told_and_nothing_else(between):
    said = between(FILE, NEW)
    label = "override 2026-11-24T12:00..2026-11-24T14:00 closed (<b>|@ana) (line 12)"
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Openings of the next 60 days",
        "   pipeline  when                            before                        after",
        f"-  logos     Tue 2026-11-24 12:00-14:00 EST  mon-thu 08:30-17:00 (line 8)  {label}",
        "",
        "An average month of the year ahead (open hours; warm-up and drain are not in it)",
        "pipeline  hours before  USD before  hours after  USD after  USD more",
        # in a year 203 Mondays to Thursdays of 8.5 h and 49 Fridays of 6.5 h are no holidays
        "logos            170.3      681.33        170.2     680.67     -0.67",
    ]


def test_the_same_on_many_dates_is_told_once(between):
    said = between(FILE, FILE.replace("fri: [08:30-12:00,", "fri: [08:00-12:00,"))
    first, cut, end = said.out.splitlines()[2:5]
    # two of the Fridays are holidays; the 60 days end on a Friday at 08:10
    assert first.startswith(
        "+  logos     Fri 2026-11-27 08:00-08:30 EST, and 5 times more until Fri 2027-01-15  "
    )
    assert cut.startswith("+  logos     Fri 2027-01-22 08:00-08:10 EST  ")
    assert end == ""


def test_a_file_against_itself_changes_nothing(between):
    same = "No opening, no cost and no value changes.\n"
    assert between(FILE, FILE).out == same
    assert between(FILE, FILE, "--markdown").out == same
    data = between(FILE, FILE, "--json").data
    assert (data["values"], data["models"]) == ([], {"added": [], "removed": []})


def test_markdown_is_a_table_in_which_text_is_text(between):
    lines = between(FILE, NEW, "--markdown").out.splitlines()
    assert lines[:4] == [
        "### Openings of the next 60 days",
        "",
        "|  | pipeline | when | before | after |",
        "| --- | --- | --- | --- | --- |",
    ]
    assert "&lt;b&gt;\\|&#64;ana" in lines[4]
    assert "| pipeline | hours before | USD before | hours after | USD after | USD more |" in lines
    assert "| --- | --: | --: | --: | --: | --: |" in lines


def test_messages_that_would_be_lost_are_told_for_both(between):
    said = between(FILE, FILE.replace("14d", "1d"), "--json")
    (logos,) = said.data["pipelines"]
    assert logos["before"]["continuity"] is None
    assert logos["after"]["continuity"]["lost"] is False  # rescue works
    assert said.data["values"] == [
        {"path": "pipelines.logos.consumer.retention", "before": "14d", "after": "1d"}
    ]
    assert "Messages that wait for the next opening" in between(FILE, FILE.replace("14d", "1d")).out


def test_a_model_that_nobody_names_any_more_is_told(between):
    said = between(FILE, FILE.replace("/v1/", "/v2/"))
    assert said.out.splitlines()[:3] == [
        "Models",
        f"   pipeline  model{' ' * (len(V1) - 5)}".rstrip(),
        f"+            {V1.replace('/v1/', '/v2/')}",
    ]
    assert f"-  logos     {V1}  named no more: stop it first, or keep it under retired" in said.out


def test_a_pipeline_that_comes_has_no_before(between):
    data = between(FILE, TWO_SCHEDULES, "--json").data
    assert [each["name"] for each in data["pipelines"] if each["before"] is None] == ["stamps"]
    assert len(data["models"]["added"]) == 1
    stamps = next(each for each in data["pipelines"] if each["name"] == "stamps")
    assert stamps["after"]["month"]["usd"] == round(261 * 8 / 12 * 2 * 4, 2)


def test_pipelines_that_change_alike_stand_together(between):
    both = FILE + FILE[FILE.index("  logos:") :].replace("logos", "coins").replace("a2e6f6", "a2e6f9")
    said = between(both, both.replace("pipelines:\n", CLOSED))
    assert said.out.splitlines()[2].startswith("-  logos, coins  Tue 2026-11-24 12:00-14:00 EST")
    assert said.out.count("Tue 2026-11-24") == 1


def test_one_form_at_a_time(between):
    said = between(FILE, FILE, "--json", "--markdown")
    assert (said.code, said.out) == (2, "")


def test_a_file_that_is_not_valid_is_told_by_its_own_lines(between):
    said = between(FILE, FILE.replace("08:30-17:00", "25:00-26:00"))
    assert said.code == 2
    assert said.err.startswith("new.yaml:8:16: ")


def test_a_file_in_s3_can_be_compared_with_one_here(desk, bucket):
    bucket.put("schedule.yaml", FILE)
    desk.write(NEW, "new.yaml")
    data = desk("diff", bucket.url("schedule.yaml"), "new.yaml", "--json").data
    assert data["old"] == bucket.url("schedule.yaml")
    assert [each["change"] for each in data["pipelines"][0]["openings"]] == ["removed"]
