from __future__ import annotations

from functools import cache

import botocore.session
import pytest


@pytest.fixture(scope="session", autouse=True)
def service_models_are_read_once():
    """botocore reads a service's model anew for every session, which is most of what a client costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield
