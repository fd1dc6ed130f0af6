"""Who may import whom: the core and the schedule know nothing of the world."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

CLOCK = re.compile(
    r"(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|localtime|sleep))"
)
PACKAGE = Path(__file__).parents[2] / "controller"


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(str(node.module))
    return found


def foreign(path: Path, home: str) -> set[str]:
    return {
        name
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not f"{name}.".startswith(f"controller.{home}.")
    }


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=lambda path: path.name)
def test_the_core_imports_the_standard_library_and_the_schedule_only(path):
    assert {name for name in foreign(path, "core") if not name.startswith("controller.schedule.")} == set()


@pytest.mark.parametrize("path", sorted((PACKAGE / "schedule").glob("*.py")), ids=lambda path: path.name)
def test_the_schedule_imports_the_standard_library_but_for_holidays_and_icalendar(path):
    allowed = {"calendars.py": {"holidays"}, "ics.py": {"icalendar"}}.get(path.name, set())
    assert {name.split(".")[0] for name in foreign(path, "schedule")} <= allowed


@pytest.mark.parametrize("room", ["aws", "config", "core", "schedule", "sim"])
def test_the_clock_is_an_argument(room):
    for path in sorted((PACKAGE / room).rglob("*.py")):
        read = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        assert not {name for name in read if CLOCK.fullmatch(name)}, path


@pytest.mark.parametrize(
    ("package", "home"),
    [("typer", "cli"), ("rich", "cli"), ("jinja2", "cli"), ("controller.cli", "cli"), ("boto3", "aws")],
)
def test_a_package_is_imported_in_its_own_folder_only(package, home):
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != home
        and any(f"{name}.".startswith(f"{package}.") for name in imports(path))
    }
    assert found == set()
