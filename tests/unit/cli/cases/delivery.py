"""What differs between two files, and what a push makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from controller.config.model import STANDARD
from controller.sim.aws.account import EmbeddedAws
from tests.support.desk import FILE, TWO_SCHEDULES, Desk
from tests.support.git import commit_all
from tests.support.s3 import Bucket
from tests.support.screens import Screen, in_bucket
from tests.unit.cli.cases.files import (
    DAY_CLOSED,
    FULL,
    HELD,
    KEY,
    LATER,
    LOSING,
    NO_PIPELINES,
    NOON_CLOSED,
    OTHER_VERSION,
    URL,
    WITH_ICS,
    ics,
)

BOTH = FILE + FILE[FILE.index("  logos:") :].replace("logos", "coins").replace("a2e6f6", "a2e6f9")


def between(old: str, new: str, options: str = "") -> Screen:
    return Screen(
        commands=(f"diff old.yaml new.yaml {options}".rstrip(),),
        arrange=lambda desk, _: (desk.write(old, "old.yaml"), desk.write(new, "new.yaml")),
    )


def _without_its_calendar(desk: Desk, _stack: ExitStack) -> None:
    """The commit lacks the calendar file."""
    desk.write(WITH_ICS)
    commit_all(desk)
    desk.write(ics(), "config/closures.ics")


def _new_file(desk: Desk, _stack: ExitStack) -> None:
    commit_all(desk)
    desk.write(FILE, "config/other.yaml")


DIFF = {
    "an hour that is closed": between(FILE, NOON_CLOSED),
    "an hour that is closed, in Markdown": between(FILE, NOON_CLOSED, "--markdown"),
    "the same change on many dates": between(FILE, FILE.replace("fri: [08:30-12:00,", "fri: [08:00-12:00,")),
    "nothing": between(FILE, FILE),
    "another mapping": between(FILE, FILE.replace("a2e6f6", "a2e6f9")),
    "a hold and an override that are taken away": between(NOON_CLOSED + HELD.removeprefix(FILE), FILE),
    "units that Rekognition may scale to": between(
        FILE, FILE.replace("units: 1\n", "units: 1\n      max_inference_units: 3\n")
    ),
    "a queue that keeps messages for less": between(FILE, FILE.replace("14d", "1d")),
    "a model that is named no more": between(FILE, OTHER_VERSION),
    "much that is lost": between(FULL, LOSING),
    "a person who starts the model from now on": between(FILE, f"{FILE}    start: manual\n"),
    "the schedule starts the model again": between(f"{FILE}    start: manual\n", FILE),
    "a budget that ends before the month": between(
        FILE, f"{FILE}    budget: {{unit_hours_per_month: 10, enforce: true}}\n"
    ),
    "a hold that outlasts the messages": between(
        FILE, f"{FILE}    hold: {{state: off, until: 2026-12-13T12:00, reason: works}}\n"
    ),
    "a pipeline that comes": between(FILE, TWO_SCHEDULES),
    "two pipelines that change alike": between(BOTH, NOON_CLOSED + BOTH.removeprefix(FILE)),
    "at other times": between(
        FILE, FILE.replace("fri: [08:30-12:00, 13:00-16:00]", "fri: [08:00-12:00, 13:00-15:30]")
    ),
    "a file that is not valid": between(FILE, FILE.replace("08:30-17:00", "25:00-26:00")),
    "a calendar file that cannot be read": between(FILE, FILE.replace("{country: US,", "{ics: none.ics,")),
    "two forms, and one file": Screen(
        commands=(
            "diff old.yaml new.yaml --json --markdown",
            "diff old.yaml",
        ),
        arrange=lambda desk, _: (desk.write(FILE, "old.yaml"), desk.write(FILE, "new.yaml")),
    ),
    "a file in S3 has no commits": in_bucket(f"diff --base main {URL}", objects={KEY: FILE}),
    "a calendar file that the commit lacks": Screen(
        commands=("diff --base HEAD",), arrange=_without_its_calendar
    ),
    "a file that is new since the commit": Screen(
        commands=("diff --base HEAD config/other.yaml",), arrange=_new_file
    ),
}


def pushed(
    new: str,
    options: str = "--yes",
    *,
    there: str | None = FILE,
    spoil: Callable[[EmbeddedAws], object] | None = None,
    also: Callable[[Desk, Bucket], object] | None = None,
) -> Screen:
    return in_bucket(
        f"push config/schedule.yaml {URL} {options}".rstrip(),
        file=new,
        objects={} if there is None else {KEY: there},
        spoil=spoil,
        also=also,
    )


def _runs(status: str) -> Callable[[EmbeddedAws], None]:
    def spoil(aws: EmbeddedAws) -> None:
        aws.pipelines["logos"].model.status = status

    return spoil


def make_stack(bucket: Bucket, name: str, outputs: dict[str, object]) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    bucket.clients("cloudformation", STANDARD).create_stack(StackName=name, TemplateBody=json.dumps(template))


def asked(screen_of: Screen) -> Screen:
    """At a terminal, where nothing is answered."""

    def arrange(desk: Desk, stack: ExitStack) -> None:
        screen_of.arrange(desk, stack)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
        patch.setattr("controller.cli.commands.push.sys", terminal)

    return Screen(commands=screen_of.commands, file=screen_of.file, arrange=arrange)


def answered_no(screen_of: Screen) -> Screen:
    def arrange(desk: Desk, stack: ExitStack) -> None:
        screen_of.arrange(desk, stack)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("controller.cli.commands.push.agreed", lambda *_, **__: False)

    return Screen(commands=screen_of.commands, file=screen_of.file, arrange=arrange)


def _meanwhile(desk: Desk, stack: ExitStack) -> None:
    """Somebody else writes while the person is asked."""
    in_bucket(file=LATER, objects={KEY: FILE}, also=lambda _, bucket: _edit(stack, bucket)).arrange(
        desk, stack
    )


def _edit(stack: ExitStack, bucket: Bucket) -> None:
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setattr(
        "controller.cli.commands.push.agreed", lambda *_, **__: bool(bucket.put(KEY, DAY_CLOSED)) or True
    )


DRY_RUN = {"dry_run_since": "2026-11-20T09:00:00Z", "versions": {}}
TWO_LOSSES = DAY_CLOSED + HELD.removeprefix(FILE)

PUSH = {
    "the first": pushed(FILE, there=None),
    "a day that is closed": pushed(DAY_CLOSED),
    "a price that changes": pushed(FILE.replace("inference_units: 1", "inference_units: 5")),
    "a change of layout": pushed(f"# by hand\n{FILE}"),
    "what is there already": pushed(FILE, ""),
    "a hold that would be lost": pushed(FILE, there=HELD),
    "a hold and an override that are lost by force": pushed(FILE, "--yes --force", there=TWO_LOSSES),
    "a file that is not valid": pushed(FILE.replace("08:30", "25:30")),
    "a file without its calendar": pushed(WITH_ICS),
    "a file with its calendar": pushed(
        WITH_ICS, also=lambda desk, _: desk.write(ics(), "config/closures.ics")
    ),
    "without --yes where nobody can be asked": pushed(LATER, ""),
    "a question": asked(pushed(LATER, "")),
    "a question about what will be lost": asked(pushed(LATER, "--force", there=TWO_LOSSES)),
    "a question about a model that runs on": asked(pushed(OTHER_VERSION, "--force", spoil=_runs("RUNNING"))),
    "a question that is answered with no": answered_no(pushed(LATER, "")),
    "a model that runs and is named no more": pushed(OTHER_VERSION, spoil=_runs("RUNNING")),
    "a model that is stopped and is named no more": pushed(OTHER_VERSION, spoil=_runs("STOPPED")),
    "a model that cannot be read and is named no more": pushed(
        OTHER_VERSION, spoil=lambda aws: aws.deny("DescribeProjectVersions")
    ),
    "an edit of somebody else": Screen(
        commands=(f"push config/schedule.yaml {URL}",), file=LATER, arrange=_meanwhile
    ),
    "a controller in dry run": pushed(
        FILE,
        also=lambda _, bucket: bucket.put("prod/status/_deployment.json", json.dumps(DRY_RUN)),
    ),
    "to the stack": in_bucket(
        "push config/schedule.yaml --yes --stack scheduler",
        objects={KEY: FILE},
        file=f"# by hand\n{FILE}",
        also=lambda _, bucket: make_stack(bucket, "scheduler", {"ConfigUri": {"Value": URL}}),
    ),
    "no such place": in_bucket(
        "push config/schedule.yaml --yes",
        "push config/schedule.yaml --yes s3://b/k --stack s",
        "push config/schedule.yaml --yes copy.yaml",
        "push config/schedule.yaml --yes s3://Bucket/s.yaml",
        "push config/schedule.yaml --yes --stack none",
        "push config/schedule.yaml --yes --stack other",
        also=lambda _, bucket: make_stack(bucket, "other", {"Topic": {"Value": "t"}}),
    ),
    "no such bucket": in_bucket(
        "push config/schedule.yaml --yes s3://another-bucket/schedule.yaml", file=NO_PIPELINES
    ),
}
