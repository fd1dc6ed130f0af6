"""Commands in named situations; what each prints stands in tests/golden/screens/, a file for each group."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.memory import Memory
from controller.sim.aws.account import EmbeddedAws
from controller.storage.memories import ProcessMemories
from tests.support.desk import FILE, TWO_SCHEDULES, Desk, at
from tests.support.s3 import Bucket
from tests.support.screens import MONDAY, Screen, in_bucket, on_account, screen

SATURDAY = "2026-11-28T15:00:00"
MAPPING = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
KEY = "prod/schedule.yaml"
URL = f"s3://configuration/{KEY}"

HELD = FILE + "    hold: {state: as-is, until: 2026-11-23T18:00, reason: incident 42}\n"
NO_PIPELINES = FILE[: FILE.index("pipelines:")]
NIGHTS = FILE.replace(
    "      mon-thu: 08:30-17:00\n      fri: [08:30-12:00, 13:00-16:00]\n", "      mon-fri: 22:00-06:00\n"
)
"""The night before Christmas Day is cut at midnight."""
QUEUE_RULES = FILE.replace(
    "    warm_up: 30m\n", "    on_demand: {idle: 20m}\n    overtime: 45m\n    rescue: 1d\n"
).replace("    holidays:", "    overrides: [{dates: 2026-12-07..2026-12-24, hours: closed}]\n    holidays:")
"""Closed from Fri 2026-12-04 16:00 on; 14 days are kept, of which the rescue takes one."""
DATED = FILE.replace(
    "pipelines:\n",
    """\
    overrides:
      - {date: 2026-12-24, hours: 08:30-12:00, reason: Christmas Eve}
      - {dates: 2026-12-28..2026-12-31, hours: closed, reason: Shutdown}
      - {from: 2026-12-05T20:00, until: 2026-12-06T02:00, state: open, reason: Backlog}
pipelines:
""",
)

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
    "with a budget that is enforced": screen(
        "explain --at 2026-11-23T09:00",
        file=QUEUE_RULES.replace("rescue: 1d", "budget: {unit_hours_per_month: 20, enforce: true}"),
    ),
    "a whole day": screen("explain logos --at 2026-12-04"),
    "a pipeline that is not in the file": screen("explain lgos"),
    "one of several pipelines": screen("explain", file=TWO_SCHEDULES),
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
        "calendar -q --ics nowhere/open.ics",
        "calendar --html nowhere/page.html",
        "calendar --from 2026-11-28 --to 2026-11-29 --ics x.ics",
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


def several(number: int) -> str:
    """The file with ``number`` pipelines, ``logos0`` and on."""
    head, _, pipeline = FILE.partition("  logos:")
    made = (
        f"  logos{index}:{pipeline}".replace("project/logos", f"project/logos{index}").replace(
            "2e6f6", f"2e6f{index}"
        )
        for index in range(number)
    )
    return head + "".join(made)


def with_backlog(aws: EmbeddedAws) -> None:
    """Two messages, the older one since three hours."""
    aws.pipelines["logos"].queue.send()
    aws.advance_to(aws.now() + timedelta(hours=3))
    aws.pipelines["logos"].queue.send()
    aws.advance_to(aws.now() + timedelta(minutes=10))


def broken(aws: EmbeddedAws) -> None:
    """Every call raises what nobody foresaw."""
    aws.listen(lambda _call: 1 / 0)


def _unmetered(aws: EmbeddedAws) -> None:
    with_backlog(aws)
    aws.deny("GetMetricData")


def _unheard_of(aws: EmbeddedAws) -> None:
    aws.pipelines["logos"].model.become("HIBERNATING")
    aws.pipelines["logos"].mapping.become("Dreaming")


def _run_by_hand(aws: EmbeddedAws) -> None:
    aws.pipelines["logos"].model.become("RUNNING")
    aws.advance_to(aws.now() + timedelta(hours=3))


def _consuming(desk: Desk, _stack: ExitStack) -> None:
    """Since 08:20; it is 10:00 in New York."""
    aws = desk.embed(FILE, MONDAY)
    desk("reconcile", "--settle", "15m")
    aws.advance_to(at("2026-11-23T15:00:00"))


def _counted_here(desk: Desk, stack: ExitStack) -> None:
    """The controller has counted nine unit-hours, and CloudWatch may not be asked."""
    aws = desk.embed(FILE, "2026-11-23T15:00:00")
    aws.deny("GetMetricData")
    aws.pipelines["logos"].model.become("RUNNING")
    kept = ProcessMemories()
    kept.save("logos", Memory(unit_hours=9.0, counted_to=aws.now(), counted_units=1))
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setattr("controller.cli.render.tick.memories_beside", lambda *_: kept)


def _watched(desk: Desk, _stack: ExitStack) -> None:
    """A person presses Ctrl-C in the second pause."""
    aws = desk.embed(FILE, SATURDAY)
    pauses = iter([aws.sleep])

    def sleep(seconds: float) -> None:
        pause = next(pauses, None)
        if pause is None:
            raise KeyboardInterrupt
        pause(seconds)

    desk.cli = replace(desk.cli, sleep=sleep)


def _another(file: str) -> Screen:
    """The file names what is not in the account."""
    return Screen(
        commands=("plan",),
        arrange=lambda desk, _: (desk.embed(FILE, MONDAY), desk.write(file)),
    )


def _broken_since(_desk: Desk, bucket: Bucket) -> None:
    bucket.put(KEY, FILE.replace("08:30", "25:30"))


PLAN = {
    "two models to start": on_account("plan", file=TWO_SCHEDULES),
    "nothing to do": on_account("plan", at="2026-11-22T12:00:00"),
    "another time": on_account("plan --at 2026-11-23T09:00", at="2026-11-22T12:00:00"),
    "no such time": screen("plan --at noon"),
    "no pipelines": on_account("plan", "reconcile", "status", file=NO_PIPELINES),
    "a call that is refused": on_account(
        "reconcile",
        file=TWO_SCHEDULES,
        spoil=lambda aws: aws.deny("StartProjectVersion", pipeline="stamps"),
    ),
    "an endpoint that does not answer": on_account(
        "plan", file=TWO_SCHEDULES, spoil=lambda aws: aws.cut_off("lambda", pipeline="stamps")
    ),
    "a model that does not exist": _another(FILE.replace("version/v1/", "version/v2/")),
    "a mapping that does not exist": _another(FILE.replace(MAPPING, "00000000-0000-0000-0000-000000000000")),
    "states that AWS has added": on_account("plan", "status", spoil=_unheard_of),
    "a tick": on_account("reconcile"),
    "a tick in dry run": on_account("reconcile --dry-run"),
    "until nothing moves any more": on_account("reconcile --settle 15m"),
    "a tick that breaks down": on_account("reconcile", spoil=broken),
    "a file in S3 that is not valid any more": in_bucket(
        f"plan --config {URL}", objects={KEY: FILE}, also=_broken_since
    ),
    "a file in S3 that is not there any more": in_bucket(
        f"plan --config {URL}",
        f"reconcile --dry-run --config {URL}",
        objects={KEY: FILE},
        also=lambda desk, bucket: (desk("plan", "--config", URL), bucket.delete(KEY)),
    ),
    "a file in S3 that may not be read": in_bucket(
        f"plan --config {URL}",
        also=lambda _, bucket: bucket.failing.update(GetObject=(403, "AccessDenied")),
    ),
}

STATUS = {
    "in an opening": Screen(commands=("status",), arrange=_consuming),
    "with messages on a Saturday": on_account("status", at=SATURDAY, spoil=with_backlog),
    "metrics that may not be read": on_account("status", at="2026-11-23T15:00:00", spoil=_unmetered),
    "a month without its bill": on_account(
        "status", at="2026-11-03T14:00:00", spoil=lambda aws: aws.deny("GetMetricData")
    ),
    "a month as counted here": Screen(commands=("status",), arrange=_counted_here),
    "a month with more than its openings": on_account("status", at="2026-11-01T15:00:00", spoil=_run_by_hand),
    "a tick that breaks down": on_account("status", at=SATURDAY, spoil=broken),
    "a queue that keeps less than the file says": Screen(
        commands=("status",),
        arrange=lambda desk, _: (
            desk.embed(FILE.replace("retention: 14d", "retention: 1d"), SATURDAY),
            desk.write(FILE),
        ),
    ),
    "a model of no use": on_account(
        "status", spoil=lambda aws: aws.pipelines["logos"].model.become("TRAINING_FAILED")
    ),
    "four pipelines": on_account("status", file=several(4), at=SATURDAY),
    "two warnings about the file": on_account(
        "status -q",
        "status",
        file=FILE.replace(
            "pipelines:\n",
            "    overrides: [{date: 2026-11-20, hours: closed}, {date: 2026-11-19, hours: closed}]\n"
            "pipelines:\n",
        ),
        at="2026-11-23T13:40:00",
    ),
    "a watch": Screen(commands=("status --watch --tick 10m",), arrange=_watched),
    "a controller in dry run": in_bucket(
        f"status --config {URL}",
        objects={
            KEY: FILE,
            "prod/status/_deployment.json": json.dumps(
                {
                    "dry_run_since": "2026-11-20T09:00:00Z",
                    "versions": {"tzdata": "2026.2", "holidays": "0.112"},
                }
            ),
        },
    ),
}

SCREENS = {
    "explain": EXPLAIN,
    "validate": VALIDATE,
    "calendar": CALENDAR,
    "plan": PLAN,
    "status": STATUS,
}
