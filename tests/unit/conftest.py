from __future__ import annotations

import pytest

from tests.support.s3 import a_bucket


@pytest.fixture
def bucket():
    with a_bucket() as made:
        yield made
