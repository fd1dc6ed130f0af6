from __future__ import annotations

from functools import cache

import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from tests.environment import USUAL_EXAMPLES, isolate

settings.register_profile("gate", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fresh", print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("fresh"), max_examples=10 * USUAL_EXAMPLES)


def pytest_configure(config):
    """The environment is isolated before a module is collected: some make clients when they are imported."""
    isolate(config.stash.setdefault(_PATCH, pytest.MonkeyPatch()))
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile("gate")


def pytest_unconfigure(config):
    config.stash[_PATCH].undo()


FAST = frozenset({"aws", "core", "config", "editing", "invocation", "loop", "schedule", "sim", "storage"})
"""Folders of ``unit/`` that take a minute together; the others start processes, or ask moto a lot."""


def pytest_collection_modifyitems(items):
    for item in items:
        parts = item.path.parts
        folder = parts[parts.index("unit") + 1] if "unit" in parts else ""
        if folder in FAST or item.path.name == "test_decision_table.py":
            item.add_marker("fast")


_PATCH = pytest.StashKey[pytest.MonkeyPatch]()


@pytest.fixture(scope="session", autouse=True)
def service_models_are_read_once():
    """botocore reads a service's model anew for every session, which is most of what a client costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield
