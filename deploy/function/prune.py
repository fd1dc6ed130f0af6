# ruff: noqa: INP001 - make runs this file; it is no part of a package
"""Takes out of the built function what nothing in it can reach.

    python prune.py FOLDER

The package has commands, too, which the function never imports. botocore describes every service of AWS, in
nearly half of all that is installed; a client is only ever made for a service whose name stands as a string
in the code, so the descriptions of the others go. Both follow from the code, and no list is kept. The
dependencies' own tests go too.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ENTRY = "controller.lambda_handler"
TESTS = {"test", "tests"}
INSTALLATION = {"RECORD", "direct_url.json"}
"""Files of a ``.dist-info`` that say where and how it was installed; they differ from build to build."""


def prune(folder: Path) -> None:
    modules = reachable(folder)
    for path in [*others(folder, modules), *unspoken(folder, modules), *tests(folder), *traces(folder)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def reachable(folder: Path) -> dict[Path, ast.Module]:
    """The package's modules that the entry can come to import, wherever in a module the import stands."""
    found: dict[Path, ast.Module] = {}
    names = {ENTRY}
    while names:
        for path in files(folder, names.pop()):
            if path not in found:
                found[path] = ast.parse(path.read_bytes())
                names |= set(imported(found[path]))
    return found


def files(folder: Path, name: str) -> Iterator[Path]:
    """Of the module and of the packages that it is in; none for a name that is no module."""
    *packages, last = name.split(".")
    places = [folder.joinpath(*packages[: depth + 1]) for depth in range(len(packages))]
    own = folder.joinpath(*packages, last)
    yield from filter(
        Path.exists, [own.with_suffix(".py"), *(each / "__init__.py" for each in (*places, own))]
    )


def imported(module: ast.Module) -> Iterator[str]:
    """Absolute names within the package; what is imported from a package may be a module of it."""
    package = ENTRY.partition(".")[0]
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(package))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(package):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def others(folder: Path, modules: dict[Path, ast.Module]) -> Iterator[Path]:
    """The package's modules that are only the commands', and what lies beside them."""
    rooms = {path.parent for path in modules}
    for path in (folder / ENTRY.partition(".")[0]).rglob("*"):
        if path.is_file() and path not in modules and (path.suffix == ".py" or path.parent not in rooms):
            yield path


def unspoken(folder: Path, modules: dict[Path, ast.Module]) -> Iterator[Path]:
    """The descriptions of services, botocore's and boto3's, of which the code never speaks."""
    nodes = (node for module in modules.values() for node in ast.walk(module))
    spoken = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        yield from (path for path in data.iterdir() if path.is_dir() and path.name not in spoken)


def tests(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*/*") if path.is_dir() and path.name in TESTS)


def traces(folder: Path) -> Iterator[Path]:
    """Commands, whose first line names this machine's Python, and records of the installation."""
    yield from folder.glob("bin")
    yield from (path for path in folder.glob("*.dist-info/*") if path.name in INSTALLATION)


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
