"""Commands that look at an account, or work on it."""

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
from tests.unit.cli.cases.files import KEY, MAPPING, NO_PIPELINES, URL, several

SATURDAY = "2026-11-28T15:00:00"


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


def _edited_wrongly(desk: Desk, _stack: ExitStack) -> None:
    """While a watch sleeps the file becomes invalid; then Ctrl-C is pressed."""
    aws = desk.embed(FILE, SATURDAY)

    def sleep(seconds: float) -> None:
        if aws.now() > at(SATURDAY):
            raise KeyboardInterrupt
        desk.write(FILE.replace("mon-thu: 08:30-17:00", "mon-thu: 08:30-99:00"))
        aws.sleep(seconds)

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
    "a watch, and a file that is not valid any more": Screen(
        commands=("reconcile --watch",), arrange=_edited_wrongly
    ),
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
    "a schedule that never opens": on_account(
        "status",
        file=FILE.replace("mon-thu: 08:30-17:00", "mon-thu: closed").replace(
            "fri: [08:30-12:00, 13:00-16:00]", "fri: closed"
        ),
    ),
    "several functions": in_bucket(
        f"status --config {URL}",
        objects={
            KEY: FILE,
            "prod/status/_deployment.json": json.dumps({"dry_run_since": None, "versions": {}, "shards": 2}),
        },
    ),
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
