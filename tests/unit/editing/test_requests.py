"""Edits as library calls: a request that cannot be carried out names the option that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ruamel.yaml import YAML

from controller.aws.clients import no_clients
from controller.editing.draft import open_draft
from controller.editing.hold import set_hold
from controller.editing.override import add_override, in_force, in_lines, overrides_of
from controller.editing.promote import promote_version
from controller.editing.push import destination
from controller.editing.request import EditReason, EditRequest, TimeRangeOptions, edit_reason
from controller.errors import RequestError
from tests.support.config_file import MINIMAL

NOW = datetime(2026, 11, 23, 13, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = MINIMAL + "    hold: {state: off, until: 2026-11-23T18:00, reason: works}\n"


@pytest.fixture
def draft(tmp_path):
    def opened(text: str = MINIMAL):
        path = tmp_path / "schedule.yaml"
        path.write_text(text, encoding="utf-8")
        return open_draft(str(path), no_clients)

    return opened


def request(target="logos", since=None, until=None, length=None, *, state="open", force=False):
    times = TimeRangeOptions(since=since, until=until, length=length, force=force)
    return EditRequest(target=target, state=state, times=times, why=EditReason(reason="works", by=None))


@pytest.fixture
def parses(monkeypatch):
    """The texts that were parsed as YAML."""
    texts, parse = [], YAML.parse

    def counted(self, stream):
        texts.append(stream)
        return parse(self, stream)

    monkeypatch.setattr(YAML, "parse", counted)
    return texts


def test_an_edit_parses_the_text_before_and_the_text_after_once_each(draft, parses):
    after = add_override(draft(), request(length=HOUR), NOW).after
    assert (len(parses), parses[0], parses[-1].encode()) == (2, MINIMAL, after.text)


TIMES = {
    "no end": (request(), "--until"),
    "two ends": (request(until="18:00", length=HOUR), "--for"),
    "no time": (request(until="soon"), "--until"),
    "no start": (request(since="soon", length=HOUR), "--from"),
    "over by its end": (request(since="2026-11-20T08:00", until="2026-11-20T09:00"), "--until"),
    "over by its length": (request(since="2026-11-20T08:00", length=HOUR), "--for"),
    "empty": (request(length=timedelta(0)), "--for"),
    "too long": (request(length=timedelta(days=32)), "--for"),
    "skipped by the clocks": (request(until="2027-03-14T02:30", force=True), "--until"),
    "for nothing that the file has": (request(target="stamps", length=HOUR), None),
}


@pytest.mark.parametrize(("request_", "option"), TIMES.values(), ids=TIMES.keys())
def test_an_override_that_cannot_be_names_its_option(draft, request_, option):
    with pytest.raises(RequestError) as refused:
        add_override(draft(), request_, NOW)
    assert refused.value.option == option


def test_an_override_over_another_one_is_no_single_options_fault(draft):
    once = add_override(draft(), request(length=HOUR), NOW).after
    with pytest.raises(RequestError) as refused:
        add_override(once, request(length=HOUR), NOW)
    assert refused.value.option is None
    assert len(add_override(once, request(length=HOUR, force=True), NOW).after.overrides) == 2


def test_a_line_without_an_override_is_named_and_so_is_a_time_without_one(draft):
    after = add_override(draft(), request(since="18:00", length=HOUR), NOW).after
    (override,) = overrides_of(after, "logos")
    assert in_lines((override,), [override.line]) == (override,)
    with pytest.raises(RequestError) as refused:
        in_lines((override,), [1])
    assert refused.value.option == "--line"
    assert in_force((override,), override.start) == (override,)
    with pytest.raises(RequestError):
        in_force((override,), NOW)


def test_a_hold_of_another_pipeline_or_over_another_hold_is_refused(draft):
    with pytest.raises(RequestError) as refused:
        set_hold(draft(), request(target="stamps", state="off", length=HOUR), NOW)
    assert refused.value.option == "PIPELINE"
    with pytest.raises(RequestError):
        set_hold(draft(HELD), request(state="off", length=HOUR), NOW)
    assert (
        set_hold(draft(HELD), request(state="on", length=HOUR, force=True), NOW).held_after.desire.rule
        == "hold"
    )


@pytest.mark.parametrize("arn", ["v2", MINIMAL.split("arn: ")[1].split()[0].replace("project/", "project/x")])
def test_a_version_of_another_project_is_refused(draft, arn):
    with pytest.raises(RequestError) as refused:
        promote_version(draft(), "logos", arn)
    assert refused.value.option == "ARN"


@pytest.mark.parametrize(
    ("reason", "by", "option"),
    [(None, None, "--reason"), ("", "ana", "--reason"), ("a\nb", None, "--reason"), ("a", "b\nc", "--by")],
)
def test_a_reason_is_one_line_and_there_is_one(reason, by, option):
    with pytest.raises(RequestError) as refused:
        edit_reason(reason, by)
    assert refused.value.option == option


@pytest.mark.parametrize(
    ("to", "stack"), [(None, None), ("s3://bucket/key", "stack"), ("schedule.yaml", None)]
)
def test_a_push_has_one_destination_in_s3(to, stack):
    with pytest.raises(RequestError) as refused:
        destination(to, stack, no_clients)
    assert refused.value.option is None
