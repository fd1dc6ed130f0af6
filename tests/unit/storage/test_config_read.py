"""Files, and what lies beside them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from controller.errors import ConfigError
from controller.storage import sources
from controller.storage.load import read
from tests.support.config_file import EXAMPLE_PATH, MINIMAL
from tests.unit.storage.cases import (
    a_terabyte,
    with_a_folder_for_a_calendar,
    with_calendar,
    without_calendar,
)


@pytest.fixture
def folder(tmp_path):
    return with_calendar(tmp_path)


def diagnostic(location: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(location)
    assert len(caught.value.diagnostics) == 1
    return str(caught.value)


def test_a_path_is_read_with_the_calendar_files_beside_it(folder):
    config = read(str(folder / "schedule.yaml"))
    assert config.degraded == ()
    assert config.file == str(folder / "schedule.yaml")


@pytest.mark.parametrize("host", ["", "localhost"])
def test_a_url_is_read_like_its_path(folder, host):
    (folder / "a b.yaml").write_text(MINIMAL, encoding="utf-8")
    location = (folder / "a b.yaml").as_uri().replace("file://", f"file://{host}")
    assert read(location).specs == read(str(folder / "a b.yaml")).specs


def test_a_calendar_file_that_is_missing_is_a_doubt_and_the_rest_is_used(folder):
    config = read(without_calendar(folder))
    (doubt,) = config.degraded
    assert (doubt.line, doubt.column, doubt.path) == (2, 22, "calendars.c.ics")
    assert doubt.message.startswith("closures.ics cannot be read: ")
    assert doubt.message.endswith(os.strerror(errno.ENOENT))
    assert list(config.specs) == ["office"]


def test_a_calendar_file_that_is_a_directory_is_a_doubt(folder):
    (doubt,) = read(with_a_folder_for_a_calendar(folder)).degraded
    assert (doubt.path, doubt.message.endswith("Is a directory")) == ("calendars.c.ics", True)


def test_a_file_that_does_not_exist_is_told(tmp_path):
    location = str(tmp_path / "schedule.yaml")
    assert diagnostic(location) == f"{location}: cannot be read: {os.strerror(errno.ENOENT)}"


def test_a_directory_is_told_from_the_file_in_it(tmp_path):
    told = diagnostic(str(tmp_path))
    assert told.startswith(f"{tmp_path}: this is a directory; ")
    assert told.endswith("(schedule.yaml)")


def test_a_path_with_a_nul_is_told():
    assert "cannot be read: " in diagnostic("a\0b")


@pytest.mark.parametrize("location", ["https://example.com/s.yaml", "file://other/s.yaml"])
def test_a_place_that_cannot_be_read_from_is_told(location):
    told = diagnostic(location)
    assert told.startswith(f"{location}: not a path, ")
    assert told.endswith(" s3://bucket/schedule.yaml)")


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    huge = a_terabyte(tmp_path)
    assert diagnostic(huge).startswith(f"{huge}: larger than 512 KiB")


def test_the_example_is_read():
    assert [pipeline.name for pipeline in read(str(EXAMPLE_PATH)).pipelines] == ["logos"]


def test_the_package_costs_nothing_until_it_is_used():
    program = (
        "import sys, controller.config; print({'pydantic', 'ruamel.yaml', 'holidays'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    assert told.stdout.strip() == "set()"


def test_a_calendar_library_is_loaded_only_for_a_calendar_that_needs_it(tmp_path):
    (tmp_path / "s.yaml").write_text(MINIMAL, encoding="utf-8")
    program = (
        "import sys; from controller.storage.load import read; read(sys.argv[1]);"
        "print({'holidays', 'icalendar'} & set(sys.modules))"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "s.yaml")]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    assert told.stdout.strip() == "set()"


@pytest.fixture
def pipe(tmp_path):
    """A named pipe."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no named pipes")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(pipe, monkeypatch):
    monkeypatch.setattr(sources, "_PIPE_TIMEOUT_S", 0.01)
    told = diagnostic(str(pipe))
    assert told.startswith(f"{pipe}: cannot be read: ")
    assert "pipe that nobody writes to" in told


@pytest.mark.skipif(sys.platform == "win32", reason="it has no named pipes")
def test_a_pipe_is_read_to_its_end(pipe):
    # As of `validate <(git show HEAD:schedule.yaml)`.
    with subprocess.Popen(["/bin/sh", "-c", f"cat {EXAMPLE_PATH} > {pipe}"]):  # noqa: S603 - our own program
        assert read(str(pipe)).specs == read(str(EXAMPLE_PATH)).specs
