"""Commands about the file alone."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from tests.support.desk import FILE, TWO_SCHEDULES, Desk
from tests.support.screens import Screen, screen
from tests.unit.cli.cases.files import DATED, HELD, NIGHTS, NO_PIPELINES, QUEUE_RULES


def _broken_clock(desk: Desk, _stack: ExitStack) -> None:
    def clock() -> datetime:
        raise RuntimeError("a bug")

    desk.cli = replace(desk.cli, clock=clock)


EXPLAIN = {
    "before an opening": screen("explain logos"),
    "in an opening": screen("explain --at 2026-11-23T09:00"),
    "on a holiday": screen("explain --at 2026-11-26T10:00"),
    "the last second of an opening": screen("explain --at 2026-11-23T16:59:59"),
    "an hour that the clocks skip, and one that they repeat": screen(
        "explain --at 2026-03-08T02:30", "explain --at 2026-11-01T01:30"
    ),
    "under a hold": screen("explain", file=HELD),
    "after an opening that a holiday cuts": screen("explain --at 2026-12-25T05:59", file=NIGHTS),
    "on demand": screen("explain --at 2026-11-23T09:00", file=QUEUE_RULES),
    "in overtime": screen("explain --at 2026-11-23T17:44:59", file=QUEUE_RULES),
    "after overtime": screen("explain --at 2026-11-23T17:45", file=QUEUE_RULES),
    "before a rescue": screen("explain --at 2026-12-10T00:00", file=QUEUE_RULES),
    "in a rescue": screen("explain --at 2026-12-17T16:00", file=QUEUE_RULES),
    "in a rescue, with an opening that is certain": screen(
        "explain --at 2026-12-20T00:00",
        file=QUEUE_RULES.replace("    on_demand: {idle: 20m}\n", "    warm_up: 0m\n"),
    ),
    "without a rescue": screen(
        "explain --at 2026-12-20T00:00", file=QUEUE_RULES.replace("rescue: 1d", "rescue: never")
    ),
    "started by hand": screen(
        "explain --at 2026-11-23T09:00", file=QUEUE_RULES.replace("rescue: 1d", "start: manual")
    ),
    "with a budget that is enforced": screen(
        "explain --at 2026-11-23T09:00",
        file=QUEUE_RULES.replace("rescue: 1d", "budget: {unit_hours_per_month: 20, enforce: true}"),
    ),
    "a whole day": screen("explain logos --at 2026-12-04"),
    "a pipeline that is not in the file": screen("explain lgos"),
    "one of several pipelines": screen("explain", file=TWO_SCHEDULES),
    "what nobody foresaw": Screen(commands=("explain",), arrange=_broken_clock),
    "no such time": screen(
        "explain --at someday", "explain --at 2026-02-30", "explain --at 2026-11-23T25:00"
    ),
}

VALIDATE = {
    "a valid file": screen("validate"),
    "two errors": screen(
        "validate",
        file=FILE.replace("mon-thu: 08:30-17:00", "mon-thu: 25:00-26:00").replace("warm_up", "warmup"),
    ),
    "a warning": screen("validate", file=NO_PIPELINES),
    "a warning that is an error": screen(
        "validate --strict", file=FILE.replace("retention: 14d", "retention: 1d")
    ),
    "a holiday that the library does not know": screen(
        "validate", "calendar", file=FILE.replace("Veterans Day", "Veterens Day")
    ),
    "several files": Screen(
        commands=("validate one.yaml two.yaml",),
        arrange=lambda desk, _: (
            desk.write(FILE, "one.yaml"),
            desk.write(FILE.replace("fri: ", "fry: "), "two.yaml"),
        ),
    ),
    "a file that is not there": screen(
        "validate --config nowhere.yaml", "plan --config nowhere.yaml", "plan -q --config nowhere.yaml"
    ),
    "a file that is not valid, for a command that needs it": screen("plan", file="version: 7\n"),
    "a file that is not named": Screen(commands=("validate",), env={"SCHEDULER_CONFIG": None}),
    "a file that is named twice": screen("validate other.yaml --config nowhere.yaml"),
}

CALENDAR = {
    "around Thanksgiving": screen("calendar --from 2026-11-25 --to 2026-12-01T12:00"),
    "no opening": screen("calendar --from 2026-11-28 --to 2026-11-30"),
    "an opening that a holiday cuts": screen(
        "calendar --from 2026-12-24T12:00 --to 2026-12-26", "calendar --month 2026-12", file=NIGHTS
    ),
    "a month": screen("calendar --month 2026-12", file=DATED),
    "a year": screen("calendar --year 2026", file=DATED),
    "files": screen(
        "calendar --from 2026-11-27 --to 2026-11-28 --ics open.ics",
        "calendar --from 2026-11-27 --to 2026-11-28 --html page.html",
        "calendar -q --from 2026-11-27 --to 2026-11-28 --ics open.ics",
    ),
    "files that cannot be written": screen(
        "calendar --ics nowhere/open.ics",
        f"calendar -q --ics {'x' * 300}",
        "calendar --html nowhere/page.html",
        "calendar --from 2026-11-28 --to 2026-11-29 --ics x.ics",
    ),
    "files that are there already": Screen(
        commands=(
            "calendar --ics config/schedule.yaml",
            "calendar --html other.html",
            "calendar --ics one --html one",
            "calendar --ics - --json",
        ),
        arrange=lambda desk, _: desk.write("by hand", "other.html"),
    ),
    "one of several schedules": screen("calendar", file=TWO_SCHEDULES),
    "a schedule that is not in the file": screen("calendar --schedule ofice"),
    "no such time": screen(
        "calendar --from 2026-12-01 --to 2026-12-01",
        "calendar --to 2026-11-01",
        "calendar --month 2026-13",
        "calendar --month 12/2026",
        "calendar --year 26",
        "calendar --year 9999",
        "calendar --month 2026-12 --year 2026",
        "calendar --year 2026 --to 2026-12-01",
        "calendar --from 1990-01-01 --to 2199-01-01",
    ),
}
