"""Lambda's init phase: what is loaded in it, in processes of their own, and what it must not do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from controller.aws.clients import BotoClients
from controller.invocation.preload import SERVICES, preload

HEAVY = {"botocore.client", "pydantic", "ruamel.yaml", "holidays", "aws_lambda_powertools"}
LOADED = f"""
import controller.lambda_handler, sys
print(sorted({HEAVY!r} & set(sys.modules)))
"""


def imported(**environment: str) -> str:
    own = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", LOADED], env=own | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_in_lambda_everything_heavy_is_loaded_before_the_first_event():
    where = {"AWS_LAMBDA_FUNCTION_NAME": "controller", "AWS_REGION": "us-east-1"}
    assert imported(**where) == str(sorted(HEAVY))


def test_elsewhere_an_import_of_the_handler_stays_cheap():
    assert not set(eval(imported())) & (HEAVY - {"pydantic"})  # noqa: S307 - a list that our own code printed


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no region"),
        pytest.param({"AWS_REGION": "us east 1"}, id="no such region"),
        pytest.param({"AWS_PROFILE": "nobody", "AWS_REGION": "us-east-1"}, id="no such profile"),
    ],
)
def test_what_cannot_be_made_then_is_left_to_the_first_event(environment):
    assert imported(AWS_LAMBDA_FUNCTION_NAME="controller", **environment).startswith("[")


def test_nothing_is_sent(monkeypatch):
    sent = []

    def send(*_args):
        sent.append(1)
        raise AssertionError

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", send)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    clients = BotoClients()
    preload(clients, "us-east-1")
    assert sent == []
    made = {service for service, _ in clients._clients}
    assert made == {*SERVICES, "s3", "events"}
