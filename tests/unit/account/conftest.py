"""An account built right, a file that fits it, and a person at a desk who asks the doctor."""

from __future__ import annotations

import pytest

from tests.support.practice import Practice, fresh_account, practice_in


@pytest.fixture
def account(monkeypatch):
    with fresh_account(monkeypatch) as made:
        yield made


@pytest.fixture
def practice(account, tmp_path, monkeypatch) -> Practice:
    monkeypatch.chdir(tmp_path)
    return practice_in(tmp_path, account)
