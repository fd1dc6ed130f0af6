"""``simulate``: what is printed of a result made by hand; runs of the real loop are short."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from controller.cli import inputs
from controller.cli.render.simulation import print_result
from controller.cli.render.timeline import Canvas, SpanIndex, timeline
from controller.cli.render.times import ZonedRange
from controller.schedule import Schedule
from controller.sim.aws.faults import Faults
from controller.sim.result import Activity, Messages, Span
from controller.storage.load import read
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.support.results import MIDNIGHT, VIOLATION, ZONE, a_result, a_simulation, spans

BAR = "·" * 16 + "▴" + "█" * 17 + "▒▾✗✗✗✗" + "·" * 8
MONEY = ["logos", "8", "h", "30", "min", "0", "min", "1", "9.2", "$37.00", "$96.00"]
MESSAGES = ["logos", "1,400", "1,380", "20", "2", "0", "0", "3", "s", "8", "h"]


@pytest.mark.usefixtures("desk")
def test_a_day_is_told_with_its_timeline_its_money_and_its_messages(capsys):
    print_result(a_simulation(a_result()), read("config/schedule.yaml"), ZONE)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("$37.00 instead of $96.00 ")
    assert first.endswith("0 of 1,400 messages lost")
    assert [line.split()[2:] for line in lines if line.startswith("Mon 2026-11-23  ")] == [
        [BAR, "8.5", "/", "8.5", "h"]
    ]
    assert [line.split() for line in lines if line.startswith("logos  ")] == [MONEY, MESSAGES]


@pytest.mark.usefixtures("desk")
def test_violations_losses_and_failed_starts_are_told(capsys):
    lost = Messages(arrived=10, processed=5, failed_receives=9, dead_lettered=3, expired=1, waiting=1)
    result = a_result(violations=(VIOLATION,) * 22, messages=lost, starts=3, failed_starts=2, delays_s=None)
    print_result(a_simulation(result), read("config/schedule.yaml"), ZONE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("; ")[1:] == ["4 of 10 messages lost", "22 violations of the rules"]
    assert " 3 (2 failed) " in next(line for line in lines if line.startswith("logos  8 h"))
    told = [line for line in lines if line.startswith("violation of S1 ")]
    assert len(told) == 20
    assert told[0].endswith(": enabled while STARTING")
    assert "… and 2 more " in lines[-1]


@pytest.mark.usefixtures("desk")
def test_the_rates_of_the_faults_stand_below_the_result(capsys):
    print_result(a_simulation(a_result(), faults=Faults(throttled=0.25)), read("config/schedule.yaml"), ZONE)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["throttled", "0.25", "of", "the", "calls"] in rows


def a_bar(first: date, *, days: int = 1, cells: int = 48, canvas: Canvas | None = None) -> list[str]:
    """The lines of some days in which the model does nothing but consume, without the axis."""
    start = datetime(first.year, first.month, first.day, tzinfo=ZONE).astimezone(UTC)
    last = first + timedelta(days=days)
    end = datetime(last.year, last.month, last.day, tzinfo=ZONE).astimezone(UTC)
    result = a_result(spans=(Span(start=start, end=end, activity=Activity.CONSUMING),))
    over = ZonedRange(start=start, end=end, zone=ZONE)
    shown = canvas or Canvas(width=cells + 31)
    schedule = Schedule(read("config/schedule.yaml").specs["office"])
    return [line.plain for line in timeline(result, schedule, over, shown)][1:]


@pytest.mark.usefixtures("desk")
def test_an_hour_that_the_clocks_skip_is_blank():
    assert a_bar(date(2026, 3, 8)) == ["Sun 2026-03-08  " + "█" * 4 + "  " + "█" * 42]


@pytest.mark.usefixtures("desk")
def test_an_hour_that_the_clocks_repeat_is_one_hour_of_the_bar():
    assert a_bar(date(2026, 11, 1)) == ["Sun 2026-11-01  " + "█" * 48]


@pytest.mark.parametrize(
    ("width", "cells"), [(200, 96), (127, 96), (126, 48), (80, 48), (79, 48), (78, 24), (40, 12)]
)
def test_a_bar_is_as_fine_as_the_room_allows(width, cells):
    assert Canvas(width=width).cells == cells


@pytest.mark.usefixtures("desk")
def test_a_terminal_without_unicode_gets_letters():
    [line] = a_bar(date(2026, 11, 22), canvas=Canvas(width=80, ascii=True))
    assert line == "Sun 2026-11-22  " + "#" * 48


@pytest.mark.usefixtures("desk")
def test_a_long_time_has_a_line_for_each_week():
    lines = a_bar(date(2026, 10, 1), days=40)
    assert len(lines) == 7  # from the Monday before 1 October to 9 November, which is one, too
    assert lines[0] == "week 2026-09-28 " + " " * 21 + " ".join(["█" * 6] * 4)
    assert lines[1] == "week 2026-10-05 " + " ".join(["█" * 6] * 7)


@pytest.mark.usefixtures("desk")
def test_a_very_long_time_has_no_timeline():
    assert a_bar(date(2026, 1, 1), days=2000) == []


def test_what_is_brief_is_seen_in_a_short_cell_and_not_in_a_long_one():
    ribbon = SpanIndex(spans((8, Activity.STOPPED), (8.1, Activity.STARTING), (24, Activity.CONSUMING)))
    hour = timedelta(hours=1)
    assert ribbon.cell(MIDNIGHT + 8 * hour, MIDNIGHT + 8.5 * hour) is Activity.STARTING
    assert ribbon.cell(MIDNIGHT + 8 * hour, MIDNIGHT + 12 * hour) is Activity.CONSUMING
    assert ribbon.cell(MIDNIGHT - hour, MIDNIGHT) is None


def test_a_simulated_day_is_fine_and_the_same_with_the_same_seed(desk):
    day = ("simulate", "--from", "2026-11-23", "--to", "2026-11-24", "--arrivals", "50")
    first, second, other = desk(*day), desk(*day), desk(*day, "--seed", "2")
    assert (first.code, first.err) == (0, "")
    assert re.match(r"\$\d+\.\d\d instead of \$96\.00 ", first.out)
    assert re.search(r"; 0 of \d+ messages lost\n", first.out)
    assert second == first
    assert other.out != first.out


def test_a_week_from_today_is_simulated_unless_something_else_is_asked_for(desk):
    data = desk("simulate", "--arrivals", "0", "--tick", "30m", "--json").data
    assert (data["from"], data["to"], data["seed"]) == ("2026-11-23T05:00:00Z", "2026-11-30T05:00:00Z", 1)
    assert data["pipelines"][0]["messages"]["arrived"] == 0


def test_slower_starts_cost_served_time(desk):
    day = ("simulate", "--to", "2026-11-24", "--arrivals", "0", "--json")
    slow, quick = desk(*day, "--start-minutes", "60..60").data, desk(*day, "--start-minutes", "5..5").data
    assert slow["pipelines"][0]["unserved_minutes"] > 20
    assert quick["pipelines"][0]["unserved_minutes"] == 0


def test_dates_are_utc_where_several_zones_are_in_play(desk):
    desk.write(TWO_SCHEDULES)
    data = desk("simulate", "--to", "2026-11-24", "--tick", "1h", "--arrivals", "0", "--json").data
    assert (data["from"], data["to"]) == ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
    assert [each["name"] for each in data["pipelines"]] == ["stamps", "logos"]


def test_without_a_file_the_built_in_example_is_simulated(desk):
    (desk.home / "config/schedule.yaml").unlink()
    said = desk("simulate", "--to", "2026-11-24", SCHEDULER_CONFIG=None)
    assert said.code == 0
    assert said.err.endswith("the built-in example\n")
    assert "logos (America/New_York)\n" in said.out


def test_a_file_that_was_named_and_is_missing_is_not_replaced_by_the_example(desk):
    assert desk("simulate", "--config", "nowhere.yaml").code == 2
    assert desk("simulate", SCHEDULER_CONFIG="nowhere.yaml").code == 2


def test_the_example_is_found_in_an_installed_package_first(desk, monkeypatch):
    (desk.home / "config/schedule.yaml").unlink()
    installed = desk.write(FILE.replace("logos:", "installed:"), "default/schedule.yaml")
    monkeypatch.setattr(inputs, "_EXAMPLES", (installed, *inputs._EXAMPLES))
    said = desk("simulate", "--to", "2026-11-24", SCHEDULER_CONFIG=None)
    assert "\ninstalled (America/New_York)" in said.out


def test_a_violation_fails(desk, monkeypatch):
    result = a_simulation(a_result(violations=(VIOLATION,)))
    monkeypatch.setattr("controller.sim.simulate.simulate", lambda *_, **__: result)
    assert desk("simulate").code == 1


@pytest.mark.parametrize(
    ("args", "diagnostic"),
    [
        pytest.param(
            ("--from", "2026-12-01", "--to", "2026-11-01"), "--to: 2026-11-01 is not ", id="reversed"
        ),
        pytest.param(("--tick", "0s"), '"0s" is no time at all', id="no tick"),
        pytest.param(("--tick", "soon"), '"soon" is not a duration', id="no duration"),
        pytest.param(("--arrivals", "-1"), "--arrivals", id="negative arrivals"),
        pytest.param(("--arrivals", "nan"), "--arrivals", id="arrivals that are no number"),
        pytest.param(("--arrivals", "0.000000001"), "--arrivals", id="an arrival in three million years"),
        pytest.param(("--arrivals", "1e-320"), "--arrivals", id="arrivals next to none"),
        pytest.param(("--arrivals", "1e308"), "--arrivals", id="arrivals without number"),
        pytest.param(("--start-minutes", "0..1e9"), "--start-minutes", id="starts of centuries"),
        pytest.param(("--tick", "99999999999d"), "--tick", id="ticks of eternities"),
        pytest.param(("--to", "9999-12-31"), "--to", id="days without number"),
        pytest.param(("--from", "1970-01-01", "--to", "2199-12-31"), "--to", id="centuries"),
        pytest.param(("--tick", "1s", "--to", "2027-12-01"), "--to", id="ticks without number"),
        pytest.param(("--arrivals", "1000000", "--to", "2027-12-01"), "--arrivals", id="a flood"),
        pytest.param(("--arrivals", "inf"), "--arrivals", id="arrivals without end"),
        pytest.param(("--start-minutes", "nan..nan"), "--start-minutes", id="starts that are no number"),
        pytest.param(("--start-minutes", "-5..5"), "--start-minutes", id="starts before they begin"),
        pytest.param(("--tick", "-5m"), "--tick", id="ticks backwards"),
        pytest.param(("--start-minutes", "30..5"), '"30..5" ends before it', id="reversed start"),
        pytest.param(("--start-minutes", "5-30"), '"5-30" is not a range', id="no range"),
        pytest.param(("--seed", "x"), "--seed", id="no seed"),
    ],
)
def test_a_request_that_makes_no_sense_is_wrong_input(desk, args, diagnostic):
    said = desk("simulate", *args)
    assert (said.code, said.out) == (2, "")
    assert diagnostic in said.err


def test_a_file_without_pipelines_is_nothing_to_simulate(desk):
    desk.write(FILE[: FILE.index("pipelines:")])
    said = desk("simulate")
    assert said.code == 2
    assert "has no pipelines to simulate" in said.err


@pytest.mark.parametrize("command", ["simulate", "compare"])
def test_of_a_model_without_a_queue_no_message_is_counted(desk, command):
    head, _, rest = FILE.partition("    consumer:")
    desk.write(head + "    warm_up: 30m\n")
    assert "retention" in rest
    said = desk(command, "--to", "2026-11-24")
    assert said.code == 0
    assert "messages" not in said.out.split("\n\n")[0]
    assert "arrived" not in said.out
