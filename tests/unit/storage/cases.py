"""Places that cannot be read, and files that become wrong; the texts stand in tests/golden/config.txt."""

from __future__ import annotations

from controller.errors import ConfigError
from controller.storage.last_good import LastGoodConfig
from controller.storage.load import read
from tests.support.config_file import MINIMAL, edited, schedule
from tests.support.ics import calendar
from tests.support.screens import VERSION_ID

KEY, ICS = "prod/schedule.yaml", "prod/closures.ics"
BROKEN = edited("08:30-17:00", "25:00-26:00")
WITH_CALENDAR = edited(
    "      mon-fri: 08:30-17:00\n",
    "      mon-fri: 08:30-17:00\n    holidays: {calendars: [c]}\n",
    "calendars: {c: {ics: closures.ics}}\n" + MINIMAL,
)
WITH_ICS = schedule(
    "    hours: {}\n    holidays: {calendars: [c]}\n", also="calendars: {c: {ics: closures.ics}}\n"
)
INVENTORY = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory")
MEETING = calendar("DTSTART:20261127T090000Z SUMMARY:Meeting")


def with_calendar(folder):
    (folder / "schedule.yaml").write_text(WITH_ICS, encoding="utf-8")
    (folder / "closures.ics").write_bytes(INVENTORY)
    return folder


def without_calendar(folder):
    (with_calendar(folder) / "closures.ics").unlink()
    return str(folder / "schedule.yaml")


def with_a_folder_for_a_calendar(folder):
    file = without_calendar(folder)
    (folder / "closures.ics").mkdir()
    return file


def with_a_link_out_of_the_folder(folder):
    file = without_calendar(folder)
    (folder / "closures.ics").symlink_to("../elsewhere.ics")
    return file


def a_terabyte(folder):
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)  # of nothing
    return str(folder / "huge.yaml")


LOCATIONS = {
    "a file that is not there": lambda folder: str(folder / "schedule.yaml"),
    "a folder": str,
    "a site": lambda _folder: "https://example.com/schedule.yaml",
    "a terabyte": a_terabyte,
    "a file without its calendar": without_calendar,
    "a folder in place of a calendar": with_a_folder_for_a_calendar,
    "a calendar by a link": with_a_link_out_of_the_folder,
}
"""Each makes what is in the folder, and gives the location to be read."""


def broken(bucket):
    bucket.put(KEY, BROKEN)


def deleted(bucket):
    bucket.delete(KEY)


def unlistable(bucket):
    bucket.put(KEY, BROKEN)
    bucket.failing["ListObjectVersions"] = (403, "AccessDenied")


def denied(bucket):
    bucket.failing["GetObject"] = (403, "AccessDenied")


def of_meetings(bucket):
    bucket.put(ICS, MEETING)


def without_its_calendar(bucket):
    bucket.delete(ICS)


CHANGES = {
    "a version that is not valid": broken,
    "an object that is deleted": deleted,
    "versions that cannot be listed": unlistable,
    "an object that cannot be read": denied,
    "a calendar of which nothing counts": of_meetings,
    "a calendar that is deleted": without_its_calendar,
}


def unread(folder, arrange):
    """What is said of a place; the path of the folder is no part of it."""
    location = arrange(folder)
    try:
        found = [each.located(location) for each in read(location).degraded]
    except ConfigError as error:
        found = str(error).splitlines()
    return [each.replace(str(folder), "FOLDER") for each in found]


def rejected(bucket, change):
    """What is said of a valid object after ``change``; versions have other ids each time."""
    bucket.put(ICS, INVENTORY)
    bucket.put(KEY, WITH_CALENDAR)
    kept = LastGoodConfig(bucket.url(KEY), bucket.clients)
    kept.current()
    change(bucket)
    return [VERSION_ID.sub("ID", each.located("FILE")) for each in kept.current().rejected]
