"""A text that several may edit: a file, and an object in S3, by the same table."""

from __future__ import annotations

import errno
import os
import stat
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from controller.config.yaml_tree import MAX_BYTES
from controller.errors import ConfigError, ConflictError, TerminalError
from controller.schedule.ics import MAX_ICS_BYTES
from controller.storage.documents import document_at, open_document
from controller.storage.sources import MAX_BYTES as MAX_STORED_BYTES
from controller.storage.sources import beside


@pytest.fixture(params=["path", "url", "s3"])
def place(request, tmp_path):
    """A location, and how somebody else writes and reads there."""
    if request.param == "s3":
        bucket = request.getfixturevalue("bucket")
        key = "prod/schedule.yaml"
        return bucket.url(key), lambda text: bucket.put(key, text), lambda: bucket.get(key)
    path = tmp_path / "a b.yaml"
    location = str(path) if request.param == "path" else path.as_uri()
    return location, path.write_text, path.read_text


def test_what_was_read_is_replaced(place):
    location, write, read = place
    write("one")
    document = open_document(location)
    assert (document.text, document.exists) == (b"one", True)
    document.replace(b"two")
    assert read() == "two"


def test_what_was_written_can_be_replaced_again(place):
    location, write, read = place
    write("one")
    open_document(location).replace(b"two").replace(b"three")
    assert read() == "three"


def test_an_edit_of_somebody_else_is_not_lost(place):
    location, write, read = place
    write("one")
    document = open_document(location)
    write("somebody else's")
    with pytest.raises(ConflictError) as caught:
        document.replace(b"mine")
    assert "read it again" in str(caught.value)
    assert read() == "somebody else's"


def test_of_two_who_replace_the_same_text_one_is_told(place):
    location, write, read = place
    write("one")
    first, second = open_document(location), open_document(location)
    first.replace(b"first")
    with pytest.raises(ConflictError):
        second.replace(b"second")
    assert read() == "first"


def test_what_is_not_there_is_created(place):
    location, _write, read = place
    document = document_at(location)
    assert (document.text, document.exists) == (b"", False)
    document.replace(b"one").replace(b"two")
    assert read() == "two"


def test_what_somebody_else_has_created_meanwhile_is_not_overwritten(place):
    location, write, read = place
    document = document_at(location)
    write("somebody else's")
    with pytest.raises(ConflictError):
        document.replace(b"mine")
    assert read() == "somebody else's"


def test_what_must_be_there_and_is_not_is_an_error(place):
    with pytest.raises(ConfigError, match="there is no such file"):
        open_document(place[0])


def test_a_text_that_is_too_large_to_be_read_whole_is_not_opened(place):
    location, write, _read = place
    write("x" * (512 * 1024 + 1))
    with pytest.raises(ConfigError, match="too large"):
        open_document(location)


def test_what_lies_beside_it_is_a_document_too(place):
    location, write, _read = place
    write("one")
    calendar = document_at(beside(location, "closures of 2026.ics"))
    assert not calendar.exists
    calendar.replace(b"BEGIN")
    assert document_at(beside(location, "closures of 2026.ics")).text == b"BEGIN"


def test_an_object_that_was_deleted_meanwhile_is_a_conflict(bucket):
    bucket.put("schedule.yaml", "one")
    document = open_document(bucket.url("schedule.yaml"))
    bucket.delete("schedule.yaml")
    with pytest.raises(ConflictError):
        document.replace(b"two")


def test_a_file_that_was_deleted_meanwhile_is_a_conflict(tmp_path):
    path = tmp_path / "schedule.yaml"
    path.write_text("one")
    document = open_document(str(path))
    path.unlink()
    with pytest.raises(ConflictError):
        document.replace(b"two")
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    path, link = tmp_path / "schedule.yaml", tmp_path / "link.yaml"
    path.write_text("one")
    path.chmod(0o640)
    link.symlink_to(path)
    open_document(str(link)).replace(b"two")
    assert link.is_symlink()
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o440])
def test_a_read_only_file_is_refused_also_to_root(tmp_path, mode):
    path, link = tmp_path / "schedule.yaml", tmp_path / "link.yaml"
    path.write_text("one")
    path.chmod(mode)
    link.symlink_to(path)
    for location in (path, link):
        with pytest.raises(PermissionError) as caught:
            open_document(str(location)).replace(b"two")
        assert (caught.value.filename, caught.value.strerror) == (
            str(location),
            f"it is read-only (chmod u+w {path} makes it writable)",
        )
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("one", mode)
    assert sorted(tmp_path.iterdir()) == [link, path]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may write it then")
@pytest.mark.parametrize("mode", [0o200, 0o460, 0o462])
def test_a_file_that_anybody_may_write_is_not_read_only(tmp_path, mode):
    path = tmp_path / "schedule.yaml"
    path.write_text("one")
    path.chmod(mode)
    open_document(str(path)).replace(b"two")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("two", mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_root_takes_no_file_from_its_owner(tmp_path):
    path = tmp_path / "schedule.yaml"
    path.write_text("one")
    os.chown(path, 4242, 4343)
    path.chmod(0o660)
    open_document(str(path)).replace(b"two")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (4242, 4343, 0o660)
    assert path.read_text() == "two"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become another")
def test_who_may_write_a_file_but_not_give_it_away_keeps_its_group(open_folder):
    """A shared folder: whoever edits becomes the owner, and the others can edit on."""
    path = open_folder / "schedule.yaml"
    path.write_text("one")
    os.chown(path, 4242, 4343)
    path.chmod(0o660)
    as_another(5151, (5151, 4343), lambda: open_document(str(path)).replace(b"two"))
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (5151, 4343, 0o660)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become another")
def test_a_file_that_its_folder_would_let_be_replaced_is_refused_to_who_may_not_write_it(open_folder):
    path = open_folder / "schedule.yaml"
    path.write_text("one")
    path.chmod(0o644)

    def replace():
        with pytest.raises(PermissionError, match="may not write it"):
            open_document(str(path)).replace(b"two")

    as_another(5151, (5151,), replace)
    assert path.read_text() == "one"


@pytest.fixture
def open_folder():
    """That everybody may come to, and write to."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o777)
        yield folder


def as_another(user, groups, work):
    """In a process of another user; what fails there fails here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child of a process with threads has one
        child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        return
    try:
        os.setgroups(groups)
        os.setgid(groups[0])
        os.setuid(user)
        work()
    except BaseException:  # noqa: BLE001 - whatever it is, the child ends here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    path = tmp_path / "schedule.yaml"
    document = document_at(str(path))
    path.mkdir()
    with pytest.raises(OSError, match="directory") as caught:
        document.replace(b"two")
    assert caught.value.filename == str(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_half_way_leaves_what_was_there_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "schedule.yaml"
    path.write_text("one")
    document = open_document(str(path))

    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("controller.storage.atomic_file.os.fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        document.replace(b"two")
    assert caught.value.filename == str(path)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("schedule.yaml", "one")]


def test_no_edit_of_many_at_once_is_lost(tmp_path):
    path = tmp_path / "counter"
    path.write_text("0")

    def count(_: int) -> None:
        for _ in range(10):
            while True:
                document = open_document(str(path))
                try:
                    document.replace(b"%d" % (int(document.text) + 1))
                except ConflictError:
                    continue
                break

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(count, range(4)))
    assert path.read_text() == "40"


def test_a_bucket_that_does_not_exist_is_told(bucket):  # noqa: ARG001 - it makes an account without this one
    document = document_at("s3://another-bucket/schedule.yaml")
    with pytest.raises(TerminalError, match="NoSuchBucket"):
        document.replace(b"one")


def test_enough_is_read_of_every_kind_of_file_to_tell_that_it_is_too_large():
    assert max(MAX_BYTES, MAX_ICS_BYTES) < MAX_STORED_BYTES


@pytest.mark.parametrize(
    ("location", "said"),
    [
        pytest.param("s3://", '"" is not the name of a bucket', id="nothing"),
        pytest.param("s3://bucket", "names no object", id="no key"),
        pytest.param("s3://bucket/", "names no object", id="empty key"),
        pytest.param("s3://bucket/folder/", "names no object", id="folder"),
        pytest.param("s3:///schedule.yaml", '"" is not the name of a bucket', id="no bucket"),
        pytest.param("s3://Bucket/s.yaml", '"Bucket" is not the name of a bucket', id="upper case"),
        pytest.param("s3://a_b/s.yaml", '"a_b" is not the name of a bucket', id="underscore"),
        pytest.param("s3://10.0.0.1/s.yaml", '"10.0.0.1" is not the name of a bucket', id="address"),
        pytest.param("s3://a..b/s.yaml", '"a..b" is not the name of a bucket', id="two dots"),
        pytest.param("s3://user@bucket/s.yaml", '"user@bucket" is not the name of a bucket', id="user"),
        pytest.param("s3://bucket/a/../s.yaml", "is not the key of a file", id="upward"),
        pytest.param("s3://bucket/s\n.yaml", "is not the key of a file", id="line break"),
        pytest.param(f"s3://bucket/{'ü' * 513}", "longer than the 1024 bytes", id="long key"),
        pytest.param("S3://bucket/s.yaml", "not a path, a file:// URL", id="upper case scheme"),
    ],
)
def test_a_location_that_is_no_proper_one_is_told(location, said):
    with pytest.raises(ConfigError) as caught:
        document_at(location)
    assert said in str(caught.value)
