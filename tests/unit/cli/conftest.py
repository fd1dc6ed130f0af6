"""A desk for each test, and somebody else who edits at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from controller.cli.context import CliContext
from tests.support.desk import FILE, Desk
from tests.support.desk import meanwhile as edit_meanwhile


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    """It is Monday, 2026-11-23, 08:10 in New York."""
    monkeypatch.chdir(tmp_path)
    made = Desk(home=tmp_path, cli=CliContext())
    made.is_at("2026-11-23T13:10:00")
    made.write(FILE)
    return made


@pytest.fixture
def meanwhile(desk, monkeypatch):
    """Between reading and writing somebody else writes each of the texts in turn."""
    return partial(edit_meanwhile, desk, monkeypatch)
