"""The allowed imports between the folders of the package, and one place for each class name."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "controller"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(PACKAGE.rglob("*.py"))
}

BELOW = {
    "errors": set(),
    "schedule": {"errors"},
    "core": {"errors", "schedule"},
    "config": {"errors", "schedule", "core"},
    "aws": {"errors", "schedule", "core", "config"},
    "storage": {"errors", "schedule", "core", "config", "aws"},
    "costs": {"errors", "schedule", "core", "config"},
    "loop": {"errors", "schedule", "core", "config", "aws", "storage"},
}
"""What each folder may import, beside itself."""
LOOP = {*BELOW}
BELOW |= dict.fromkeys(("invocation", "editing", "account", "sim"), LOOP)
BELOW |= {
    "cli": {*LOOP, "invocation", "editing", "account", "sim"},
    "lambda_handler": {*LOOP, "invocation"},
}
THIRD_PARTY = {
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"cli"},
    "boto3": {"aws"},
    "botocore": {"aws"},
    "aws_lambda_powertools": {"invocation", "lambda_handler"},
}
PURE = {"schedule": {"calendars": {"holidays"}, "ics": {"icalendar"}}, "core": {}, "errors": {}}
"""Folders of the standard library alone, but for the modules named here."""
CLOCK = re.compile(
    r"(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|localtime|sleep))"
)


def imports(tree: ast.Module) -> set[str]:
    """Absolute names of modules; what is imported from a package may be a module of it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            found |= {
                name if (name := f"{node.module}.{alias.name}") in MODULES else str(node.module)
                for alias in node.names
            }
    return found


def folder(module: str) -> str | None:
    """``cli`` of ``controller.cli.render.days``; ``None`` of the package itself and of others."""
    parts = module.split(".")
    return parts[1] if parts[0] == "controller" and len(parts) > 1 else None


@pytest.mark.parametrize("module", [each for each in MODULES if folder(each)])
def test_every_import_follows_an_allowed_arrow(module):
    home = folder(module)
    reached = {folder(each) for each in imports(MODULES[module])} - {None, home}
    assert reached <= BELOW[home]


@pytest.mark.parametrize("module", [each for each in MODULES if folder(each)])
def test_a_third_party_package_is_imported_in_its_folder_alone(module):
    reached = {each.split(".")[0] for each in imports(MODULES[module])}
    assert {each for each in reached & THIRD_PARTY.keys() if folder(module) not in THIRD_PARTY[each]} == set()


@pytest.mark.parametrize("module", [each for each in MODULES if folder(each) in PURE])
def test_the_core_and_the_schedule_import_the_standard_library_alone(module):
    foreign = {each.split(".")[0] for each in imports(MODULES[module])} - sys.stdlib_module_names
    allowed = PURE[folder(module)].get(module.split(".")[-1], set())
    assert foreign - {"controller"} <= allowed


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: imports(tree) & MODULES.keys() for module, tree in MODULES.items()}
    while leaves := [module for module, reached in graph.items() if not reached & graph.keys() - {module}]:
        for module in leaves:
            del graph[module]
    assert sorted(graph) == []


@pytest.mark.parametrize("home", ["aws", "config", "core", "schedule", "sim", "editing"])
def test_the_clock_is_an_argument(home):
    for module, tree in MODULES.items():
        if folder(module) != home:
            continue
        read = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        assert not {name for name in read if CLOCK.fullmatch(name)}, module


def test_a_class_name_stands_in_one_module():
    names = Counter(
        node.name for tree in MODULES.values() for node in tree.body if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} == set()


def test_the_command_line_has_few_files_beside_its_folders():
    assert len(list((PACKAGE / "cli").glob("*.py"))) <= 8


AWS_ERRORS = {"AwsError", "TransientError", "TerminalError"}


def catching(node: ast.AST, place: str) -> Iterator[str]:
    """Dotted places, below ``place``, of the functions with a handler that names an error of AWS."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler) and child.type is not None:
            caught = {part.id for part in ast.walk(child.type) if isinstance(part, ast.Name)}
            if caught & AWS_ERRORS:
                yield place
        inner = f"{place}.{child.name}" if isinstance(child, ast.ClassDef | ast.FunctionDef) else place
        yield from catching(child, inner)


def test_the_functions_that_catch_an_error_of_aws_are_those_that_the_docstring_lists():
    listed = set()
    home = ""
    for quoted in re.findall(r"``([\w.]+)``", (ast.get_docstring(MODULES["controller.errors"]) or "")):
        if "." in quoted:
            listed.add(f"controller.{home}.{quoted}")
        else:
            home = quoted
    found = {place for module, tree in MODULES.items() for place in catching(tree, module)}
    assert found == listed


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in PACKAGE.rglob("*.py")}), ids=lambda path: path.name
)
def test_each_folder_says_in_its_docstring_what_it_is_for(folder):
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))


def test_where_contributing_sends_people_is_there():
    text = (PACKAGE.parent / ".github/CONTRIBUTING.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")][2:]
    (*named,) = (part for line in table for part in re.findall(r"`([a-z_]+/[a-z_/.]*)`", line))
    there = [place for place in named if (PACKAGE / place).exists() or (PACKAGE.parent / place).exists()]
    assert len(named) > len(table)
    assert named == there
