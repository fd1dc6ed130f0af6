"""What a process keeps of a configuration in a versioned bucket, and of one in a file."""

from __future__ import annotations

from datetime import date

import pytest

from controller.errors import ConfigError, TerminalError, TransientError
from controller.storage import last_good as kept_module
from controller.storage.last_good import LastGoodConfig
from tests.support.config_file import MINIMAL, edited
from tests.support.ics import calendar
from tests.unit.storage.cases import BROKEN, ICS, INVENTORY, KEY, MEETING, WITH_CALENDAR

HOURS = "schedules.office.hours.mon-fri"
OLD, NEW = MINIMAL, edited("08:30-17:00", "09:00-18:00")
SAID = '"25:00" is not a time of day'


@pytest.fixture
def kept(bucket):
    return LastGoodConfig(bucket.url(KEY), bucket.clients)


def hours(kept: LastGoodConfig) -> str:
    return kept.current().config.specs["office"].week[0].label


def holiday(kept: LastGoodConfig) -> list[str]:
    """The names of the holidays on the 27th."""
    return list(kept.current().config.specs["office"].holidays[0].names(date(2026, 11, 27)))


def rejected(kept: LastGoodConfig) -> list[str]:
    return [each.located("f") for each in kept.current().rejected]


def test_a_steady_look_is_one_conditional_read_for_each_file(bucket, kept):
    bucket.put(KEY, WITH_CALENDAR)
    bucket.put(ICS, INVENTORY)
    first = kept.current()
    assert bucket.asked() == ["GetObject", "GetObject"]
    assert kept.current() is first
    assert bucket.asked() == ["GetObject", "GetObject"]


def test_the_reads_of_a_steady_look_are_answered_with_not_modified(bucket, kept):
    statuses = []
    bucket.put(KEY, WITH_CALENDAR)
    bucket.put(ICS, INVENTORY)
    kept.current()
    bucket.listen(
        "response-received.s3", lambda response_dict, **_: statuses.append(response_dict["status_code"])
    )
    kept.current()
    assert statuses == [304, 304]


BRACES = edited("08:30-17:00", "08:30-17:00 }}\n      sat: {a: b}}")


@pytest.mark.parametrize("broken", [BRACES, "{a: b}}", "''{", "{0}: [{"])
def test_braces_in_a_newer_version_leave_the_last_good_one_in_use(bucket, kept, broken):
    bucket.put(KEY, OLD)
    hours(kept)
    bucket.put(KEY, broken)
    assert hours(kept) == "mon-fri 08:30-17:00"
    assert "not valid YAML" in rejected(kept)[0]
    fresh = LastGoodConfig(bucket.url(KEY), bucket.clients)
    assert hours(fresh) == "mon-fri 08:30-17:00"


@pytest.mark.parametrize(
    "error", [KeyError("x"), OverflowError("y"), RecursionError(), ArithmeticError("{}")]
)
def test_whatever_a_newer_version_raises_the_last_good_one_is_used(bucket, kept, monkeypatch, error):
    real = kept_module.parse

    def parse(data: bytes, **rest: object) -> object:
        if b"09:00" in data:
            raise error
        return real(data, **rest)

    bucket.put(KEY, OLD)
    bucket.put(KEY, NEW)
    monkeypatch.setattr(kept_module, "parse", parse)
    assert hours(kept) == "mon-fri 08:30-17:00"
    (told,) = rejected(kept)
    assert type(error).__name__ in told


def test_the_newest_valid_version_is_found_behind_any_number_of_invalid_ones(bucket, kept):
    bucket.put(KEY, OLD)
    for number in range(45):
        bucket.put(KEY, f"{BROKEN}# {number}\n")
    assert hours(kept) == "mon-fri 08:30-17:00"


def test_a_version_that_is_known_to_be_invalid_is_not_read_again(bucket, kept):
    bucket.put(KEY, OLD)
    for number in range(3):
        bucket.put(KEY, f"{BROKEN}# {number}\n")
    hours(kept)
    bucket.asked()
    bucket.put(KEY, f"{BROKEN}# 3\n")
    assert hours(kept) == "mon-fri 08:30-17:00"
    assert bucket.asked() == ["GetObject", "ListObjectVersions", "GetObject"]


def test_a_change_is_used_at_the_next_look(bucket, kept):
    bucket.put(KEY, OLD)
    before = kept.current()
    version = bucket.put(KEY, NEW)
    assert hours(kept) == "mon-fri 09:00-18:00"
    assert (kept.current().version, kept.current().rejected) == (version, ())
    assert kept.current().config.digest != before.config.digest


def test_a_version_that_does_not_validate_is_passed_over_for_the_newest_that_does(bucket, kept):
    bucket.put(KEY, edited("08:30", "07:30"))
    good = bucket.put(KEY, OLD)
    bucket.put(KEY, BROKEN)
    broken = bucket.put(KEY, edited("08:30-17:00", "25:00-27:00"))
    assert hours(kept) == "mon-fri 08:30-17:00"
    assert kept.current().version == good
    (problem,) = kept.current().rejected
    assert (problem.line, problem.column, problem.path) == (6, 16, HOURS)
    assert problem.message.startswith(SAID)
    assert f"version {broken} is passed over for version {good}" in rejected(kept)[0]


def test_what_was_passed_over_is_a_doubt_of_the_configuration(bucket, kept):
    bucket.put(KEY, OLD)
    bucket.put(KEY, BROKEN)
    assert kept.current().config.degraded == kept.current().rejected != ()


def test_a_version_that_came_and_went_between_two_looks_is_found(bucket, kept):
    bucket.put(KEY, OLD)
    kept.current()
    bucket.put(KEY, NEW)
    bucket.put(KEY, BROKEN)
    assert hours(kept) == "mon-fri 09:00-18:00"


@pytest.mark.parametrize(
    "break_it", [lambda b: b.put(KEY, BROKEN), lambda b: b.delete(KEY)], ids=["bad", "gone"]
)
def test_what_is_passed_over_is_told_at_every_look_and_looked_into_once(bucket, kept, break_it):
    bucket.put(KEY, OLD)
    kept.current()
    break_it(bucket)
    bucket.asked()
    told = kept.current()
    assert told.rejected != ()
    assert bucket.asked() == ["GetObject", "ListObjectVersions", "GetObject"]
    assert kept.current() is told
    assert bucket.asked() == ["GetObject"]


def test_a_deleted_object_is_passed_over_for_its_newest_version(bucket, kept):
    bucket.put(KEY, OLD)
    bucket.put(KEY, NEW)
    bucket.delete(KEY)
    assert hours(kept) == "mon-fri 09:00-18:00"
    assert "no such file any more" in rejected(kept)[0]


def test_what_was_passed_over_is_forgotten_when_it_is_mended(bucket, kept):
    bucket.put(KEY, OLD)
    bucket.put(KEY, BROKEN)
    kept.current()
    bucket.put(KEY, NEW)
    assert (hours(kept), rejected(kept)) == ("mon-fri 09:00-18:00", [])


def test_an_object_that_is_put_back_is_used(bucket, kept):
    bucket.put(KEY, OLD)
    bucket.delete(KEY)
    kept.current()
    bucket.put(KEY, OLD)
    assert rejected(kept) == []


def test_other_objects_that_begin_alike_are_not_taken_for_versions(bucket, kept):
    bucket.put(f"{KEY}.bak", OLD)
    bucket.put(KEY, BROKEN)
    with pytest.raises(ConfigError, match=SAID):
        kept.current()


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (503, "SlowDown"), (500, "InternalError")], ids=str
)
def test_trouble_with_s3_leaves_the_configuration_that_was_read(bucket, kept, status, code):
    bucket.put(KEY, OLD)
    healthy = kept.current()
    bucket.failing["GetObject"] = (status, code)
    assert hours(kept) == "mon-fri 08:30-17:00"
    assert code in rejected(kept)[0]
    assert kept.current() is kept.current()
    bucket.failing.clear()
    assert kept.current().config == healthy.config


def test_a_version_that_was_rejected_stays_so_while_s3_is_in_trouble(bucket, kept):
    bucket.put(KEY, OLD)
    bucket.put(KEY, BROKEN)
    kept.current()
    bucket.failing["GetObject"] = (503, "SlowDown")
    assert [SAID in each for each in rejected(kept)] == [True, False]


def test_versions_that_may_not_be_listed_leave_the_configuration_that_was_read(bucket, kept):
    bucket.put(KEY, OLD)
    kept.current()
    bucket.put(KEY, BROKEN)
    bucket.failing["ListObjectVersions"] = (403, "AccessDenied")
    assert hours(kept) == "mon-fri 08:30-17:00"
    told = rejected(kept)
    assert SAID in told[0]
    assert "allow s3:ListBucketVersions" in told[1]
    bucket.failing.clear()
    assert [SAID in each for each in rejected(kept)] == [True]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(403, "AccessDenied", TerminalError), (503, "SlowDown", TransientError)],
    ids=str,
)
def test_a_configuration_that_was_never_had_is_an_error(bucket, kept, status, code, kind):
    bucket.put(KEY, OLD)
    bucket.failing["GetObject"] = (status, code)
    with pytest.raises(kind):
        kept.current()
    bucket.failing.clear()
    assert hours(kept) == "mon-fri 08:30-17:00"


def test_an_object_that_never_was_is_an_error(kept):
    with pytest.raises(ConfigError, match="nothing is here yet: rekognition-scheduler push"):
        kept.current()


def test_an_invalid_one_without_an_earlier_version_is_an_error_until_it_is_mended(bucket, kept):
    bucket.put(KEY, BROKEN)
    for _ in range(2):
        with pytest.raises(ConfigError, match=SAID):
            kept.current()
    bucket.put(KEY, NEW)
    assert hours(kept) == "mon-fri 09:00-18:00"


def test_an_invalid_one_whose_versions_may_not_be_listed_says_both(bucket, kept):
    bucket.put(KEY, BROKEN)
    bucket.failing["ListObjectVersions"] = (403, "AccessDenied")
    with pytest.raises(ConfigError) as caught:
        kept.current()
    assert SAID in str(caught.value)
    assert "s3:ListBucketVersions" in str(caught.value)


def test_a_calendar_has_its_own_last_good_contents(bucket, kept):
    bucket.put(ICS, INVENTORY)
    bucket.put(ICS, MEETING)
    bucket.put(KEY, WITH_CALENDAR)
    assert holiday(kept) == ["Inventory"]
    assert rejected(kept)[0].startswith("f: closures.ics: ")
    assert "(1 timed)" in rejected(kept)[0]


def test_a_calendar_that_changes_is_used_at_the_next_look(bucket, kept):
    bucket.put(ICS, INVENTORY)
    bucket.put(KEY, WITH_CALENDAR)
    kept.current()
    bucket.put(ICS, calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Stocktaking"))
    assert holiday(kept) == ["Stocktaking"]
    bucket.delete(ICS)
    assert holiday(kept) == ["Stocktaking"]
    assert rejected(kept)[0].startswith("f: closures.ics: ")
    assert "no such file any more" in rejected(kept)[0]


@pytest.mark.parametrize("found", [None, (403, "AccessDenied")], ids=["gone", "denied"])
def test_a_calendar_that_was_never_had_is_a_doubt_and_the_rest_is_used(bucket, kept, found):
    bucket.put(KEY, WITH_CALENDAR)
    with_trouble(bucket, found)
    doubt = kept.current().config.degraded[0]
    assert doubt.path == "calendars.c.ics"
    assert doubt.message.startswith("closures.ics cannot be read: ")
    assert ("AccessDenied" in doubt.message) == (found is not None)


def with_trouble(bucket, found):
    """Only the calendar is refused."""
    if found is None:
        return

    def refuse(params, **_):
        bucket.failing = {"GetObject": found} if params["Key"] == ICS else {}

    bucket.listen("before-parameter-build.s3.GetObject", refuse)


def test_a_calendar_that_was_never_good_is_used_as_far_as_it_goes(bucket, kept):
    bucket.put(ICS, MEETING)
    bucket.put(KEY, WITH_CALENDAR)
    assert holiday(kept) == []
    assert [each.path for each in kept.current().config.degraded] == ["calendars.c.ics"]


def test_a_calendar_that_is_not_asked_for_any_more_is_not_read(bucket, kept):
    bucket.put(ICS, INVENTORY)
    bucket.put(KEY, WITH_CALENDAR)
    kept.current()
    bucket.put(KEY, OLD)
    kept.current()
    bucket.asked()
    kept.current()
    assert bucket.asked() == ["GetObject"]


@pytest.mark.parametrize("as_location", [str, lambda path: path.as_uri()], ids=["path", "url"])
def test_a_file_is_kept_in_the_same_way(tmp_path, as_location):
    path = tmp_path / "schedule.yaml"
    path.write_text(OLD)
    kept = LastGoodConfig(as_location(path))
    first = kept.current()
    assert kept.current() is first
    path.write_text(BROKEN)
    assert hours(kept) == "mon-fri 08:30-17:00"
    assert SAID in rejected(kept)[0]
    assert "for what was read before" in rejected(kept)[0]
    path.unlink()
    assert "no such file" in rejected(kept)[0]
    path.write_text(NEW)
    assert (hours(kept), rejected(kept)) == ("mon-fri 09:00-18:00", [])
