# ruff: noqa: INP001 - make runs this file; it is no part of a package
"""Takes out of the built function what nothing in it can reach.

    python prune.py FOLDER

botocore describes every service of AWS, which is nearly half of all that is installed. A client is only ever
made for a service whose name stands as a string in the controller, so the descriptions of the others go, and
no second list of services is kept. The dependencies' own tests go too.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = {"test", "tests"}
INSTALLATION = {"RECORD", "direct_url.json"}
"""Files of a ``.dist-info`` that say where and how it was installed; they differ from build to build."""


def prune(folder: Path) -> None:
    for path in [*unreachable(folder), *own_tests(folder), *traces(folder)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def unreachable(folder: Path) -> Iterator[Path]:
    """The descriptions of services, botocore's and boto3's, of which the controller never speaks."""
    spoken_of = strings(folder / "controller")
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        yield from (path for path in data.iterdir() if path.is_dir() and path.name not in spoken_of)


def strings(package: Path) -> set[str]:
    """Every string that stands in the package's code."""
    trees = (ast.parse(path.read_bytes()) for path in package.rglob("*.py"))
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def own_tests(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*/*") if path.is_dir() and path.name in TESTS)


def traces(folder: Path) -> Iterator[Path]:
    """Commands, whose first line names this machine's Python, and records of the installation."""
    yield from folder.glob("bin")
    yield from (path for path in folder.glob("*.dist-info/*") if path.name in INSTALLATION)


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
