"""``diff``: whole outputs, worked by hand. It is Monday, 2026-11-23, 08:10 in New York."""

from __future__ import annotations

import pytest

from tests.support.desk import FILE, TWO_SCHEDULES

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
    item = "from: 2026-11-24T12:00, until: 2026-11-24T14:00, state: closed, reason: <b>|@ana"
    assert (said.code, said.err) == (0, "")
    first, *rest = said.out.splitlines()
    assert first == "open shorter on 1 day, the same cost, no message at risk"
    assert rest == [
        "",
        "Openings of the next 400 days",
        "   pipeline  when                            before                        after",
        f"-  logos     Tue 2026-11-24 12:00-14:00 EST  mon-thu 08:30-17:00 (line 8)  {label}",
        "",
        "An average month of the year ahead (openings and warm-ups; no drain, overtime, rescue, hold)",
        "pipeline  hours before  USD before  hours after  USD after  USD more",
        # in a year 203 Mondays to Thursdays of 9 h and 49 Fridays of 7.5 h are
        # no holidays; less the 10 minutes since 08:00
        "logos            182.9      731.44        182.7     730.94     -0.50",
        "",
        "Values of the file",
        "key                         before  after",
        f"schedules.office.overrides  -       {item}",
    ]


def test_the_same_on_many_dates_is_told_once(between):
    said = between(FILE, FILE.replace("fri: [08:30-12:00,", "fri: [08:00-12:00,"))
    # the Fridays of 400 days, less two of 2026 and two of 2027 that are holidays
    (row,) = said.data_of("Openings of")
    assert row.startswith("+ logos Fri 2026-11-27 08:00-08:30 EST, and 52 times more until Fri 2027-12-17 ")


def test_a_file_against_itself_changes_nothing(between):
    same = "No opening, no cost and no value changes.\n"
    assert between(FILE, FILE).out == same
    assert between(FILE, FILE, "--markdown").out == f"**{same.strip()}**\n"
    data = between(FILE, FILE, "--json").data
    assert (data["values"], data["models"]) == ([], {"added": [], "removed": []})


FORGOTTEN = {
    "a closed day from one date in June to the next": (
        FILE.replace("pipelines:\n", "    overrides: [{date: 2027-06-03, hours: closed}]\npipelines:\n"),
        ("2027-06-03", "2027-06-04"),
        "schedules.office.overrides",
        ["- Fri 2027-06-04", "- Fri 2027-06-04", "+ Thu 2027-06-03"],
    ),
    "a date of also": (
        FILE.replace("country: US,", "country: US, also: {2028-01-03: Inventory},"),
        ("2028-01-03", "2028-01-04"),
        "calendars.us.also",
        ["+ Mon 2028-01-03", "- Tue 2028-01-04"],
    ),
    "a reason": (
        FILE.replace(
            "pipelines:\n", "    overrides: [{date: 2027-06-03, hours: closed, reason: Move}]\npipelines:\n"
        ),
        ("Move", "Works"),
        "schedules.office.overrides",
        [],
    ),
    "a calendar that no schedule names": (
        FILE.replace("schedules:", "  more: {also: {2027-06-03: Move}}\nschedules:", 1),
        ("Move", "Works"),
        "calendars.more.also",
        [],
    ),
    "the end of a range in 2031": (
        FILE.replace(
            "pipelines:\n", "    overrides: [{dates: 2031-06-03..2031-06-05, hours: closed}]\npipelines:\n"
        ),
        ("06-05", "06-06"),
        "schedules.office.overrides",
        ["- Fri 2031-06-06", "- Fri 2031-06-06"],
    ),
}


@pytest.mark.parametrize(
    ("file", "change", "path", "dates"),
    FORGOTTEN.values(),
    ids=[name.replace(" ", "-") for name in FORGOTTEN],
)
def test_every_opening_and_every_value_that_changes_is_told(between, file, change, path, dates):
    after = file.replace(*change)
    data = between(file, after, "--json").data
    assert all(each["path"].startswith(path) for each in data["values"])
    assert data["values"]
    assert path in between(file, after).out
    assert path in between(file, after, "--markdown").out
    rows = between(file, after).data_of("Openings of") if dates else []
    assert sorted(f"{sign} {day} {date}" for sign, _, day, date, *_ in map(str.split, rows)) == sorted(dates)
    assert bool(data["pipelines"][0]["openings"]) == bool(dates)


HOLD = "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n"


def test_what_is_taken_away_is_told(between):
    said = between(NEW + HOLD, FILE)
    assert said.data_of("Holds in force") == [
        "hold logos AS_IS until Mon 2026-11-23 18:00 EST (incident 42) (line 23)",
        "override office override 2026-11-24T12:00..2026-11-24T14:00 closed (<b>|@ana) (line 12)",
    ]
    lost = between(NEW + HOLD, FILE, "--json").data["lost"]
    assert ([each["line"] for each in lost["holds"]], [each["line"] for each in lost["overrides"]]) == (
        [23],
        [12],
    )


def test_units_that_rekognition_may_scale_to_are_in_the_price(between):
    said = between(FILE, FILE.replace("units: 1\n", "units: 1\n      max_inference_units: 3\n"))
    assert said.data_of("An average month") == [
        "logos 182.9 731.44 182.9 731.44 to 2,194.33 +0.00 to +1,462.89"
    ]


def test_markdown_is_a_table_in_which_text_is_text(between):
    lines = between(FILE, NEW, "--markdown").out.splitlines()[2:]
    assert lines[:4] == [
        "### Openings of the next 400 days",
        "",
        "|  | pipeline | when | before | after |",
        "| --- | --- | --- | --- | --- |",
    ]
    assert "<b>`&#124;`@ana" in lines[4]
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
    assert said.out.splitlines()[2:5] == [
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
    assert stamps["after"]["month"]["usd"] == round(261 * 8.5 / 12 * 2 * 4, 2)  # half an hour of warm-up each


def test_pipelines_that_change_alike_stand_together(between):
    both = FILE + FILE[FILE.index("  logos:") :].replace("logos", "coins").replace("a2e6f6", "a2e6f9")
    said = between(both, both.replace("pipelines:\n", CLOSED))
    assert said.out.splitlines()[4].startswith("-  logos, coins  Tue 2026-11-24 12:00-14:00 EST")
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


FRIDAYS = "fri: [08:30-12:00, 13:00-16:00]"


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        # 53 Fridays of the 400 days are no holidays; 49 of a year, 1.5 hours of 4 USD each
        (FRIDAYS, "fri: [08:00-12:00, 13:00-17:00]", "open longer on 53 days, +$24 a month"),
        (FRIDAYS, "fri: [09:00-12:00, 13:00-15:00]", "open shorter on 53 days, -$24 a month"),
        (FRIDAYS, "fri: [08:00-12:00, 13:00-15:30]", "open at other times on 53 days, the same cost"),
        # 401 dates, less 14 holidays and their observed days
        (f"mon-thu: 08:30-17:00\n      {FRIDAYS}", "daily: open", "open longer on 387 days"),
    ],
    ids=["at both ends", "shorter at both ends", "earlier", "always"],
)
def test_the_first_line_counts_days_not_ends(between, before, after, first):
    assert between(FILE, FILE.replace(before, after)).out.startswith(first)


def test_a_calendar_file_that_cannot_be_read_is_one_error(between):
    said = between(FILE, FILE.replace("{country: US,", "{ics: none.ics,"))
    assert (said.code, said.out) == (2, "")
    assert said.err.count("none.ics cannot be read") == 1
    assert "warning" not in said.err
