"""``compare``: a result made by hand, as it is printed, and drawn so that its parts are found again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import typer

from controller.cli.render.comparison import print_result
from controller.cli.render.html import comparison_page
from controller.cli.render.times import ZonedRange
from controller.core.timefmt import interval
from controller.schedule import load_zone
from controller.sim.aws.faults import Faults
from controller.sim.policies.compare import Policy, PolicyComparison
from tests.support.config_file import understood
from tests.support.desk import FILE, TWO_SCHEDULES
from tests.support.results import DAY, MIDNIGHT, VIOLATION, ZONE, a_comparison
from tests.unit.cli.test_cli_json import SIMULATE, many, obj

COMPARE = obj(
    **{"from": SIMULATE["properties"]["from"]},
    to=SIMULATE["properties"]["to"],
    seed={"type": "integer"},
    policies=many(
        obj(
            name={"enum": ["controller", "two-crons", "two-crons-careful", "always-on", "oracle"]},
            pipelines=SIMULATE["properties"]["pipelines"],
        )
    ),
)

POLICIES = [
    ["controller", "9.2", "$37.00", "1.09", "8", "h", "30", "min", "0", "min", "1"],
    ["two-crons", "9.0", "$36.00", "1.06", "8", "h", "30", "min", "1", "h", "30", "min", "1"],
    ["two-crons-careful", "10.0", "$40.00", "1.18", "8", "h", "30", "min", "0", "min", "1"],
    ["always-on", "24.0", "$96.00", "2.82", "8", "h", "30", "min", "0", "min", "1"],
    ["oracle", "8.5", "$34.00", "1.00", "8", "h", "30", "min", "0", "min", "1"],
]
AND_MESSAGES = [
    ["controller", "1,400", "2", "0", "0", "3", "s", "8", "h"],
    ["two-crons", "1,400", "20", "3", "1", "3", "s", "8", "h"],
    ["two-crons-careful", "1,400", "2", "0", "0", "3", "s", "8", "h"],
    ["always-on", "1,400", "2", "0", "0", "3", "s", "8", "h"],
    ["oracle", "1,400", "2", "0", "0", "-", "-"],
]


def test_a_comparison_is_told_with_its_answer_first(capsys):
    print_result(a_comparison(), ZONE)
    answer, money, messages, *_ = (part.splitlines() for part in capsys.readouterr().out.split("\n\n"))
    cost, loss, crons = (re.findall(r"\$?\d[\d,.]*\b", line) for line in answer[:3])
    assert (cost, loss, crons) == (
        ["$37.00", "1.09", "$34.00"],
        ["0", "1,400", "0", "8", "30"],
        ["$36.00", "4", "1", "30"],
    )
    assert [row.split() for row in money[2:]] == POLICIES
    assert [row.split() for row in messages[1:]] == AND_MESSAGES


def test_faults_and_violations_are_told_at_the_end(capsys):
    print_result(a_comparison(faults=Faults(), violations=(VIOLATION,)), ZONE)
    *_, last_fault, broken = capsys.readouterr().out.splitlines()
    assert last_fault.split() == ["doubled", "ticks", "0.02", "of", "the", "ticks"]
    assert broken.startswith("violation of S1 ")
    assert broken.endswith(": enabled while STARTING")


def test_where_the_oracle_has_nothing_to_bill_nothing_is_compared(capsys):
    nothing = a_comparison()
    runs = tuple(
        replace(run, pipelines=(replace(run.pipelines[0], billed_unit_hours=0.0, cost_usd=0.0),))
        for run in nothing.runs
    )
    print_result(replace(nothing, runs=runs), ZONE)
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "This controller costs $0.00"
    assert told[7].split()[:4] == ["controller", "0.0", "$0.00", "-"]


def test_the_json_has_the_shape_of_the_contract(desk):
    said = desk("compare", "--to", "2026-11-24", "--faults", "--json")
    jsonschema.validate(said.data, COMPARE)
    assert (said.code, said.err) == (0, "")
    assert [each["name"] for each in said.data["policies"]] == [policy.value for policy in Policy]


def test_the_controllers_part_is_what_simulate_says(desk):
    args = ("--to", "2026-11-24", "--seed", "5", "--arrivals", "100", "--start-minutes", "7..9", "--json")
    compared, simulated = desk("compare", *args).data, desk("simulate", *args).data
    assert compared["policies"][0]["pipelines"] == simulated["pipelines"]
    assert {key: compared[key] for key in ("from", "to", "seed")} == {
        key: simulated[key] for key in ("from", "to", "seed")
    }


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ("--html", "page.html", "--week", "2026-12-24"),
            "2026-12-24 is not simulated",
            id="a week outside",
        ),
        pytest.param(
            ("--html", "page.html", "--week", "soon"),
            '--week: "soon" is not a time',
            id="no date",
        ),
        pytest.param(("--week", "2026-11-23"), "--week: it chooses what ", id="nothing drawn"),
        pytest.param(("--html", "-"), "- is no file: name one", id="a page to stdout"),
        pytest.param(("--html", "nowhere/page.html"), "nowhere is no directory", id="no directory"),
        pytest.param(("--start-minutes", "9..3"), '"9..3" ends before it', id="no range"),
        pytest.param(("--arrivals", "nan"), "'--arrivals'", id="no number"),
        pytest.param(("--arrivals", "1e-9"), "--arrivals", id="next to none"),
        pytest.param(("--from", "1970-01-01", "--to", "2199-12-31"), "--to", id="centuries"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_simulated(desk, args, said):
    refused = desk("compare", *args)
    assert (refused.code, refused.out) == (2, "")
    assert said in " ".join(refused.err.replace("│", " ").split())


def test_the_page_is_written_beside_the_tables(desk):
    said = desk("compare", "--to", "2026-11-24", "--html", "page.html")
    assert (said.code, said.err.count("\n")) == (0, 1)
    assert said.err.startswith("page.html is drawn")
    assert said.out.splitlines()[0] in unescape(desk.home.joinpath("page.html").read_text(encoding="utf-8"))


def over(start: str, end: str, zone: str = "America/New_York") -> ZonedRange:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=load_zone(zone)) for text in (start, end))
    return ZonedRange(start=first.astimezone(UTC), end=last.astimezone(UTC), zone=load_zone(zone))


@pytest.mark.parametrize(
    ("start", "end", "date", "expected"),
    [
        pytest.param(
            "2026-11-23",
            "2026-11-30",
            None,
            "Mon 2026-11-23 00:00 EST to Mon 2026-11-30 00:00 EST",
            id="it is a week",
        ),
        pytest.param(
            "2026-11-19",
            "2026-12-03",
            None,
            "Mon 2026-11-23 00:00 EST to Mon 2026-11-30 00:00 EST",
            id="first whole one",
        ),
        pytest.param(
            "2026-11-19",
            "2026-11-29",
            None,
            "Thu 2026-11-19 00:00 EST to Thu 2026-11-26 00:00 EST",
            id="no whole one",
        ),
        pytest.param(
            "2026-11-23", "2026-11-24", None, "Mon 2026-11-23 00:00-24:00 EST", id="less than a week"
        ),
        pytest.param(
            "2026-11-01",
            "2026-12-01",
            "2026-11-11",
            "Wed 2026-11-11 00:00 EST to Wed 2026-11-18 00:00 EST",
            id="chosen",
        ),
        pytest.param(
            "2026-10-01",
            "2026-12-01",
            "2026-10-26",
            "Mon 2026-10-26 00:00 EDT to Mon 2026-11-02 00:00 EST",
            id="clocks change",
        ),
        pytest.param(
            "2026-11-01", "2026-12-01", "2026-11-30", "Mon 2026-11-30 00:00-24:00 EST", id="cut at the end"
        ),
    ],
)
def test_the_week_that_is_drawn(start, end, date, expected):
    shown = comparison_page.week(date, over(start, end))
    assert interval(shown.start, shown.end, shown.zone) == expected


def test_a_week_that_is_not_simulated_is_refused():
    with pytest.raises(typer.BadParameter, match="2026-10-31 is not simulated"):
        comparison_page.week("2026-10-31", over("2026-11-01", "2026-12-01"))


def a_page(comparison: PolicyComparison, text: str = FILE) -> ET.Element:
    """Parsed as XML, but for the few elements of HTML that have no end."""
    drawn = comparison_page.page(
        comparison, understood(text), ZonedRange(start=MIDNIGHT, end=MIDNIGHT + DAY, zone=ZONE)
    )
    return ET.fromstring(  # noqa: S314 - our own page
        re.sub(r"<((?:meta|link)[^>]*)>", r"<\1/>", drawn.removeprefix("<!doctype html>"))
    )


def drawn(root: ET.Element, figure: str, kind: str) -> list[ET.Element]:
    """The boxes of a kind in the figure of that title."""
    (found,) = [each for each in root.iter("figure") if "".join(each.itertext()).startswith(figure)]
    return [box for box in found.iter("rect") if box.get("class") == kind]


def test_the_page_asks_for_nothing_and_runs_nothing():
    root = a_page(a_comparison())
    assert not [each for each in root.iter() if each.tag in {"script", "img", "iframe", "object"}]
    assert {each.get("href") for each in root.iter() if each.get("href")} == {"data:,"}
    style = "".join(root.find("head").find("style").itertext())
    assert "url(" not in style
    assert "@import" not in style


def test_every_kind_is_told_apart_by_its_lines_too():
    root = a_page(a_comparison())
    lines = {path.get("class"): path.get("d") for path in root.iter("path") if "lines" in path.get("class")}
    kinds = {"starting", "idle", "stopping", "down", "vain"}
    assert set(lines) == {f"{kind}-lines" for kind in kinds}
    assert len(set(lines.values())) == len(kinds)


def test_bars_are_as_long_as_their_numbers():
    bars = drawn(a_page(a_comparison()), "Billed", "consuming")
    assert [float(bar.get("width")) for bar in bars] == pytest.approx([250 * 8.5 / 24] * 5, abs=0.01)
    besides = [float(bar.get("width")) for bar in drawn(a_page(a_comparison()), "Billed", "idle")]
    assert besides == pytest.approx([250 * hours / 24 for hours in (0.75, 0.5, 1.5, 15.5)], abs=0.01)


def test_a_bar_says_what_the_table_says():
    """2.05 minutes are 2 min 3 s in both."""
    root = a_page(a_comparison(unserved_minutes=2.05))
    told = [text.strip() for text in root.itertext() if text.strip().startswith("2 min")]
    assert told == ["2 min 3 s", "2 min 3 s"]


def test_a_loss_is_drawn_and_none_is_not():
    root = a_page(a_comparison())
    assert [float(each.get("width")) for each in drawn(root, "Messages lost", "vain")] == [187.5]
    assert [float(each.get("width")) for each in drawn(root, "Messages lost", "starting")] == [62.5]
    assert [float(each.get("width")) for each in drawn(root, "Open time", "stopping")] == [250]


def test_a_day_is_drawn_where_it_happened():
    """Half an hour is 1120 / 48 wide; the first of the five lanes is the controller's."""
    root = a_page(a_comparison())
    open_, starting, vain = (drawn(root, "One day", kind)[0] for kind in ("open", "starting", "vain"))
    assert (float(open_.get("x")), float(open_.get("width"))) == pytest.approx(
        (178 + 1120 * 8.5 / 24, 1120 * 8.5 / 24), abs=0.01
    )
    assert (float(starting.get("x")), float(starting.get("width"))) == pytest.approx(
        (178 + 1120 * 8 / 24, 1120 * 0.25 / 24), abs=0.01
    )
    assert float(vain.get("width")) == pytest.approx(1120 * 0.25 / 24, abs=0.01)
    told = {title.text for title in root.iter("title")}
    (when,) = [text.rpartition(", ")[2] for text in told if text.startswith("receiving in vain: the model")]
    assert when.split() == ["Mon", "2026-11-23", "08:30-08:45", "EST"]


def test_the_backlog_is_as_high_as_the_most_of_any_policy():
    root = a_page(a_comparison())
    (area,) = [path for path in root.iter("path") if path.get("class") == "backlog"][:1]
    heights = [float(number) for number in re.findall(r"[ V](\d+\.\d)", area.get("d"))]
    assert max(heights) - min(heights) == pytest.approx(38, abs=0.1)


def test_every_pipeline_has_its_section_and_its_zone():
    both = a_comparison()
    runs = tuple(
        replace(
            run,
            pipelines=(replace(run.pipelines[0], name="stamps", timezone="Europe/Berlin"), *run.pipelines),
        )
        for run in both.runs
    )
    heads = ["".join(each.itertext()) for each in a_page(replace(both, runs=runs), TWO_SCHEDULES).iter("h2")]
    assert heads == ["stamps Europe/Berlin", "logos America/New_York", "The policies"]


def test_what_the_file_says_is_text_on_the_page():
    reason = "<script>alert('x')</script> & \"more\""
    hours = f"{{date: 2026-11-23, hours: 09:00-10:00, reason: {json.dumps(reason)}}}"
    overridden = FILE.replace("    holidays:", f"    overrides: [{hours}]\n    holidays:")
    root = a_page(a_comparison(), overridden)
    assert not list(root.iter("script"))
    (told,) = {each.text for each in root.iter("title") if each.text and "alert" in each.text}
    assert reason in told
