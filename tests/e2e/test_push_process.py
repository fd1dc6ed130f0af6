"""``push`` as a person runs it: processes of their own, a terminal, and S3 behind HTTP."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.config_file import MINIMAL, edited

ROOT = Path(__file__).parents[2]
WHERE = "s3://configuration/schedule.yaml"
LATER = edited("08:30-17:00", "08:30-18:00")


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def person(endpoint, tmp_path, monkeypatch):
    """Runs a command in a folder with a schedule file; ``stdin`` is nobody unless it is given."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SCHEDULER_"))]:
        monkeypatch.delenv(name)
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "fake"),
        ("AWS_SECRET_ACCESS_KEY", "fake"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("PYTHONPATH", str(ROOT)),
    ):
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="configuration")
    s3.put_bucket_versioning(Bucket="configuration", VersioningConfiguration={"Status": "Enabled"})
    file = tmp_path / "schedule.yaml"

    def run(text, *arguments, stdin=subprocess.DEVNULL):
        file.write_text(text)
        program = "from controller.cli import main; main()"
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program, *arguments],
            cwd=tmp_path,
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_a_file_is_pushed_read_from_there_and_asked_about(person):
    push = ("push", "schedule.yaml", WHERE)
    assert person(MINIMAL, *push, "--yes").returncode == 0
    assert person("", "validate", "--config", WHERE).stdout.startswith(f"{WHERE} is valid")
    assert person(LATER, *push).returncode == 2
    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"y\n")
    said = person(LATER, *push, stdin=terminal)
    os.close(terminal)
    os.close(keyboard)
    assert said.returncode == 0
    assert f"Upload 1 file to {WHERE}?" in said.stderr
    assert person(LATER, *push).stderr == "Nothing to upload: this is what is there.\n"
