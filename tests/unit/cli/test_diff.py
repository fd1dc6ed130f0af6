"""``diff``: what changes and what it costs, worked by hand. It is Monday, 2026-11-23, 08:10 in New York."""

from __future__ import annotations

import pytest

from tests.support.desk import FILE, TWO_SCHEDULES
from tests.unit.cli.cases.delivery import BOTH
from tests.unit.cli.cases.files import HELD, NOON_CLOSED, OTHER_VERSION

V1 = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"


@pytest.fixture
def between(desk):
    def run(old: str, new: str, *options: str):
        desk.write(old, "old.yaml")
        desk.write(new, "new.yaml")
        return desk("diff", "old.yaml", "new.yaml", *options)

    return run


LABEL = "override 2026-11-24T12:00..2026-11-24T14:00 closed (<b>|@ana) (line 12)"
ITEM = "from: 2026-11-24T12:00, until: 2026-11-24T14:00, state: closed, reason: <b>|@ana"


def test_what_changes_is_told_and_nothing_else(between):
    said, data = between(FILE, NOON_CLOSED), between(FILE, NOON_CLOSED, "--json").data
    assert (said.code, said.err) == (0, "")
    first, *titles = (part.splitlines()[0] for part in said.out.split("\n\n"))
    assert first.split(", ") == ["open shorter on 1 day", "the same cost", "no message at risk"]
    assert [title.split()[0] for title in titles] == ["Openings", "An", "Values"]
    (logos,) = data["pipelines"]
    assert logos["openings"] == [
        {
            "change": "removed",
            "start": "2026-11-24T17:00:00Z",
            "end": "2026-11-24T19:00:00Z",
            "was": "mon-thu 08:30-17:00 (line 8)",
            "now": LABEL,
        }
    ]
    # in a year 203 Mondays to Thursdays of 9 h and 49 Fridays of 7.5 h are
    # no holidays; less the 10 minutes since 08:00
    months = (logos["before"]["month"], logos["after"]["month"])
    assert [(each["hours"], each["usd"]) for each in months] == [(182.86, 731.44), (182.74, 730.94)]
    assert data["values"] == [{"path": "schedules.office.overrides", "before": None, "after": ITEM}]
    assert data["models"] == {"added": [], "removed": []}
    assert data["lost"] == {"holds": [], "overrides": []}


def test_each_part_of_a_change_is_a_row(between):
    said = between(FILE, NOON_CLOSED)
    assert [row.split()[:6] for row in said.data_of("Openings of")] == [
        ["-", "logos", "Tue", "2026-11-24", "12:00-14:00", "EST"]
    ]
    assert [row.split() for row in said.data_of("An average month")] == [
        ["logos", "182.9", "731.44", "182.7", "730.94", "-0.50"]
    ]
    assert said.data_of("Values of") == [f"schedules.office.overrides - {ITEM}"]


def test_the_same_on_many_dates_is_told_once(between):
    said = between(FILE, FILE.replace("fri: [08:30-12:00,", "fri: [08:00-12:00,"))
    # the Fridays of 400 days, less two of 2026 and two of 2027 that are holidays
    (row,) = said.data_of("Openings of")
    assert row.startswith("+ logos Fri 2026-11-27 08:00-")
    assert "and 52 times more until Fri " in row
    assert "Fri 2027-12-17" in row


def test_a_file_against_itself_changes_nothing(between):
    (same,) = between(FILE, FILE).out.splitlines()
    assert same.startswith("No opening, no cost and no ")
    assert between(FILE, FILE, "--markdown").out == f"**{same}**\n"
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


def test_what_is_taken_away_is_told(between):
    both = NOON_CLOSED + HELD.removeprefix(FILE)
    hold, override = between(both, FILE).data_of("Holds in force")
    assert hold.startswith("hold logos AS_IS until ")
    assert hold.endswith("(incident 42) (line 23)")
    assert override == f"override office {LABEL}"
    lost = between(both, FILE, "--json").data["lost"]
    assert ([each["line"] for each in lost["holds"]], [each["line"] for each in lost["overrides"]]) == (
        [23],
        [12],
    )


def test_units_that_rekognition_may_scale_to_are_in_the_price(between):
    after = FILE.replace("units: 1\n", "units: 1\n      max_inference_units: 3\n")
    (row,) = between(FILE, after).data_of("An average month")
    assert row.split()[3:] == ["182.9", "731.44", "to", "2,194.33", "+0.00", "to", "+1,462.89"]
    (logos,) = between(FILE, after, "--json").data["pipelines"]
    month = logos["after"]["month"]
    assert (month["usd"], month["usd_at_most"]) == (731.44, 2194.33)


def test_markdown_is_a_table_in_which_text_is_text(between):
    lines = between(FILE, NOON_CLOSED, "--markdown").out.splitlines()[2:]
    assert lines[0].startswith("### Openings of ")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[2:4] == [["", "pipeline", "when", "before", "after"], ["---"] * 5]
    assert "<b>`&#124;`@ana" in lines[4]
    money = next(number for number, row in enumerate(cells) if row[-1:] == ["USD more"])
    assert cells[money + 1] == ["---", *["--:"] * 5]


def test_messages_that_would_be_lost_are_told_for_both(between):
    said = between(FILE, FILE.replace("14d", "1d"), "--json")
    (logos,) = said.data["pipelines"]
    assert logos["before"]["continuity"] is None
    assert logos["after"]["continuity"]["lost"] is False  # rescue works
    (value,) = said.data["values"]
    assert value["path"].endswith(".logos.consumer.retention")
    assert (value["before"], value["after"]) == ("14d", "1d")
    assert "\nMessages that wait" in between(FILE, FILE.replace("14d", "1d")).out


def test_a_model_that_nobody_names_any_more_is_told(between):
    v2 = V1.replace("/v1/", "/v2/")
    added, removed = between(FILE, OTHER_VERSION).data_of("Models")
    assert added == f"+ {v2}"
    assert removed.startswith(f"- logos {V1} named no more: ")
    models = between(FILE, OTHER_VERSION, "--json").data["models"]
    assert models["added"] == [v2]
    assert models["removed"] == [{"pipeline": "logos", "arn": V1, "retired": False}]


def test_a_pipeline_that_comes_has_no_before(between):
    data = between(FILE, TWO_SCHEDULES, "--json").data
    assert [each["name"] for each in data["pipelines"] if each["before"] is None] == ["stamps"]
    assert len(data["models"]["added"]) == 1
    stamps = next(each for each in data["pipelines"] if each["name"] == "stamps")
    assert stamps["after"]["month"]["usd"] == round(261 * 8.5 / 12 * 2 * 4, 2)  # half an hour of warm-up each


def test_pipelines_that_change_alike_stand_together(between):
    said = between(BOTH, NOON_CLOSED + BOTH.removeprefix(FILE))
    assert said.out.splitlines()[4].startswith("-  logos, coins  Tue 2026-11-")
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
    desk.write(NOON_CLOSED, "new.yaml")
    data = desk("diff", bucket.url("schedule.yaml"), "new.yaml", "--json").data
    assert data["old"] == bucket.url("schedule.yaml")
    assert [each["change"] for each in data["pipelines"][0]["openings"]] == ["removed"]


NIGHT = ("mon-thu: 08:30-17:00", "mon-thu: 22:00-06:00")
EARLIER = ("mon-thu: 08:30-17:00", "mon-thu: 08:00-17:00")


@pytest.mark.parametrize(("before", "after"), [EARLIER, NIGHT])
@pytest.mark.parametrize("now", ["2026-11-23T13:10:00", "2026-11-23T22:23:17", "2026-11-24T13:45:59"])
def test_the_last_opening_of_the_horizon_is_whole(desk, between, before, after, now):
    desk.is_at(now)
    data = between(FILE, FILE.replace(before, after), "--json").data
    (logos,) = data["pipelines"]
    *_, last = [each for each in logos["openings"] if each["change"] == "added"]
    first = next(each for each in logos["openings"] if each["change"] == "added" and each["start"] > now)
    ends = {each["end"][11:] for each in logos["openings"] if each["change"] == "added"}
    assert last["end"][11:] == first["end"][11:]
    assert all(end.endswith(":00Z") for end in ends)
    assert data["to"][11:] == "05:00:00Z"
    assert last["start"] < data["to"]


FRIDAYS = "fri: [08:30-12:00, 13:00-16:00]"


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        # 53 Fridays of the 400 days are no holidays; 49 of a year, 1.5 hours of 4 USD each
        (FRIDAYS, "fri: [08:00-12:00, 13:00-17:00]", "open longer on 53 days, +$24 a month"),
        (FRIDAYS, "fri: [09:00-12:00, 13:00-15:00]", "open shorter on 53 days, -$24 a month"),
        (FRIDAYS, "fri: [08:00-12:00, 13:00-15:30]", "open at other times on 53 days, the same cost"),
        # 402 dates, the night of the last one included, less 14 holidays and their observed days
        (f"mon-thu: 08:30-17:00\n      {FRIDAYS}", "daily: open", "open longer on 388 days"),
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


WORKS = FILE + "    hold: {state: off, until: 2026-12-13T12:00, reason: works}\n"
CONSUMER = """\
    consumer:
      event_source_mapping: 8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6
      retention: 14d
"""


@pytest.mark.parametrize(
    ("after", "said", "risk"),
    [
        # 14 openings in 20 days, less Thanksgiving
        (WORKS, ["open shorter on 14 days"], "messages of 1 pipeline at risk"),
        (WORKS.replace("12-13", "11-24"), ["open shorter on 2 days"], "no message at risk"),
        (
            WORKS.replace("off", "on").replace("12-13", "11-24"),
            ["open longer on 2 days"],
            "no message at risk",
        ),
        (WORKS.replace("off", "as-is"), ["the same openings", "the same cost"], "no message at risk"),
        (FILE + "    start: manual\n", ["1 model started by hand"], "messages of 1 pipeline at risk"),
        (
            FILE + "    budget: {unit_hours_per_month: 10, enforce: true}\n",
            ["-$691 a month"],  # 731.44 less 10 hours of $4
            "messages of 1 pipeline at risk",
        ),
        (FILE + "    budget: {unit_hours_per_month: 10}\n", ["the same cost"], "no message at risk"),
        (FILE.replace(CONSUMER, ""), ["the same openings"], "1 mapping no longer named"),
        (
            FILE.partition("pipelines:")[0] + "pipelines: {}\n",
            ["-$731 a month"],
            "1 mapping no longer named",
        ),
    ],
    ids=["off", "off, short", "on", "as-is", "manual", "enforced", "budget", "no consumer", "no pipeline"],
)
def test_the_first_line_knows_what_no_opening_shows(between, after, said, risk):
    first = between(FILE, after).out.partition("\n\n")[0].replace("\n", " ").split(", ")
    assert [part for part in said if part in first] == said
    assert first[-1] == risk


def test_what_the_file_had_before_is_no_change(between):
    assert between(WORKS, WORKS).out.startswith("No opening")
    manual = FILE + "    start: manual\n"
    assert "started" not in between(manual, manual.replace("08:30", "08:00")).out.splitlines()[0]


def test_a_mapping_that_is_named_no_more_is_a_row_and_in_the_data(between):
    other = FILE.replace("a2e6f6", "a2e6f9")
    (row,) = between(FILE, other).data_of("Event source mappings")
    uuid = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
    assert row.startswith(f"- logos {uuid} named no more: ")
    assert between(FILE, other, "--json").data["mappings"] == {
        "removed": [{"pipeline": "logos", "uuid": uuid}]
    }
