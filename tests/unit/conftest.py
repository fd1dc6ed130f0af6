from __future__ import annotations

import pytest

from tests.s3 import a_bucket


@pytest.fixture
def bucket(monkeypatch):
    with a_bucket(monkeypatch) as made:
        yield made
