"""Holds, promotions and overrides, as they are written or refused."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.support.desk import FILE, TWO_SCHEDULES, Desk, meanwhile
from tests.support.screens import Screen, in_bucket, on_account, screen
from tests.unit.cli.cases.files import KEY, OVERRIDDEN, URL, V1, V2, as_anchor

WHY = "--reason 'incident 42' --by ana"
BACKLOG = "--reason Backlog --by ana"
OFF = FILE + "    hold: {state: off, until: 2026-11-24T12:00, reason: incident 42, by: ana}\n"
THEIRS = FILE + "    hold: {state: on, until: 2026-11-23T12:00, reason: Theirs}\n"


def _together(*texts: str) -> Screen:
    """While a hold is taken back somebody else writes the texts."""

    def arrange(desk: Desk, stack: ExitStack) -> None:
        meanwhile(desk, stack.enter_context(pytest.MonkeyPatch.context()), *texts)

    return Screen(commands=("hold logos --clear",), file=THEIRS, arrange=arrange)


HOLD = {
    "off": screen(f"hold logos off --until 2026-11-24T12:00 {WHY}"),
    "on": screen(f"hold logos on --until 20:00 {WHY}"),
    "as it is": screen(f"hold logos as-is --for 2h {WHY}"),
    "off for longer than the queue keeps a message": screen(f"hold logos off --for 20d {WHY}"),
    "in a dry run": screen(f"hold logos off --for 1h {WHY} --dry-run"),
    "a hold is in force": screen(f"hold logos on --for 1h {WHY}", file=OFF),
    "a hold is taken back, and none": screen("hold logos --clear", "hold logos --clear", file=OFF),
    "a hold that is another one now": _together(THEIRS.replace("T12:00", "T13:00")),
    "what cannot be meant": screen(
        "hold logos",
        "hold logos off --clear",
        "hold logos off --reason x",
        "hold logos off --for 1h",
        "hold logos off --until 2026-11-23T08:00 --reason x",
        "hold logos off --for 40d --reason x",
        f"hold logo off --for 1h {WHY}",
    ),
    "in a file in S3": in_bucket(f"hold logos off --for 1h {WHY} --config {URL}", objects={KEY: FILE}),
    "promote": screen(f"promote logos {V2}", file=OFF),
    "promote a version by its name": on_account("promote logos v1", "promote logos v9 --force", file=OFF),
    "promote without a hold": screen(f"promote logos {V2}", f"promote logos {V2} --force"),
    "promote and back": screen(f"promote logos {V2} --force", f"promote logos {V1} --force"),
    "promote what is there": screen(f"promote logos {V1}"),
    "promote what is no version of the project": screen(
        f"promote logos {V2.replace('project/logos', 'project/stamps')}",
        f"promote logos {V2.replace('123456789012', '210987654321')}",
        "promote logos arn:aws:rekognition:us-east-1:123456789012:project/logos/1",
        "promote logos v2:1",
        f"promote logo {V2}",
    ),
}

OVERRIDE = {
    "open longer": screen(f"override open logos --from 17:00 --until 20:00 {BACKLOG}"),
    "closed, in a dry run": screen(f"override closed office --until 18:00 {BACKLOG} --dry-run"),
    "open where it is open": screen(f"override open logos --from 09:00 --for 1h {BACKLOG}"),
    "closed for longer than the queue keeps a message": screen(
        f"override closed logos --from 2026-11-30T00:00 --until 2026-12-04T00:00 {BACKLOG}",
        file=FILE.replace("14d", "6d\n    rescue: never"),
    ),
    "over another one": screen(
        f"override open office --from 2026-12-24T16:00 --for 1h {BACKLOG}",
        f"override open office --for 1h {BACKLOG}",
        file=OVERRIDDEN,
    ),
    "list": screen("override list", file=OVERRIDDEN),
    "list of none": screen("override list"),
    "clear": screen("override clear logos", file=OVERRIDDEN),
    "clear a line": screen("override clear office --line 13", file=OVERRIDDEN),
    "clear what is not in force": screen(
        "override clear office --line 12",
        "override clear office",
        file=OVERRIDDEN,
        at="2026-11-23T20:00:00",
    ),
    "prune": screen("override prune", "override prune", file=OVERRIDDEN, at="2026-11-23T20:00:00"),
    "a target that is none, or two": screen(
        f"override open logo --for 1h {BACKLOG}",
        f"override open x --for 1h {BACKLOG}",
        f"override open berlin --for 1h {BACKLOG}",
        file=TWO_SCHEDULES.replace("  logos:\n", "  berlin:\n", 1).replace("  stamps:\n", "  logos:\n", 1),
    ),
    "a list that is repeated": screen(
        f"override open logos --for 1h {BACKLOG}", file=as_anchor(TWO_SCHEDULES)
    ),
    "a file that is not valid": screen(
        f"override open logos --for 1h {BACKLOG}", file=FILE.replace("08:30-17:00", "25:00-26:00")
    ),
    "what cannot be meant": screen(
        *(
            f"override open logos {BACKLOG} {options}".rstrip()
            for options in (
                "",
                "--for 3h --until 18:00",
                "--from 2026-11-23T06:00 --until 2026-11-23T08:00",
                "--from 18:00 --until 2026-11-23T17:00",
                "--for 32d",
                "--until 2027-03-14T02:30 --force",
                "--from 2027-03-14T02:30 --for 1h",
                "--until 2026-12-01",
                "--until 2026-02-30T10:00",
                "--until soon",
                "--for soon",
                "--for 1h --reason ' '",
                "--for 1h --reason ''",
            )
        )
    ),
}
