"""Lists every value of a schedule file by its path, so that two files can be compared.

The walk follows the models of ``schema_models``: a key that is added there is compared without being named
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from pydantic import BaseModel, RootModel

from controller.config import schema_models
from controller.config.times import DateRange, Hours
from controller.config.yaml_tree import Mapping, Scalar, Sequence, entries, find, items, plain
from controller.core.timefmt import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.config.model import Config
    from controller.config.yaml_tree import Node, YamlTree

NOT_WRITTEN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileValue:
    """One value of a file, or one item of a list.

    ``meaning`` is the same for two values that mean the same (``90m``, ``1h30m``), ``shown`` is as written in
    the file. ``is_written`` is false for a default.
    """

    path: str
    meaning: str
    shown: str
    is_written: bool


def file_values(config: Config) -> tuple[FileValue, ...]:
    """In the order of the format's keys; a list has a value for each of its items, all of the same path."""
    file, root = _read(config.tree)
    return tuple(_values(file, root, ()))


def file_of(config: Config) -> schema_models.FileSchema:
    """The file of a configuration, which is valid."""
    return _read(config.tree)[0]


def last_date(config: Config) -> date | None:
    """The last date that the schedules and calendars of the file name; ``None`` if they name none."""
    file = file_of(config)
    return max((*_dates(file.schedules), *_dates(file.calendars)), default=None)


@lru_cache(maxsize=2)  # of the two files that are compared
def _read(tree: YamlTree) -> tuple[schema_models.FileSchema, Node | None]:
    root = tree.root
    return schema_models.FileSchema.model_validate(plain(root) if root is not None else {}), root


def _values(value: object, node: Node | None, path: tuple[str, ...]) -> Iterator[FileValue]:
    if isinstance(value, RootModel):
        yield from _of_a_list(value.root, node, path)
        return
    for key, inner in _children(value):
        yield from _values(inner, find(node, key), (*path, key))
    match value:
        case BaseModel() | dict():
            return
        case tuple():
            for item, written in zip_longest(value, items(node)):
                yield _value(item, written, path)
        case _:
            yield _value(value, node, path)


def _of_a_list(rules: tuple[BaseModel, ...], node: Node | None, path: tuple[str, ...]) -> Iterator[FileValue]:
    """A list of one rule means what the rule means by itself."""
    if len(rules) == 1:
        yield from _values(rules[0], next(iter(items(node)), None), path)
    else:
        yield from _values(rules, node, path)


def _children(value: object) -> Iterator[tuple[str, object]]:
    match value:
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield field.alias or name, getattr(value, name)
        case dict():
            for key, inner in value.items():
                yield str(key), inner
        case _:
            return


def _value(value: object, node: Node | None, path: tuple[str, ...]) -> FileValue:
    shown = _default(value) if node is None else _flat(node)
    return FileValue(path=".".join(path), meaning=repr(value), shown=shown, is_written=node is not None)


def _flat(node: Node) -> str:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return ", ".join(_flat(item) for item in node.items)
        case Mapping():
            return ", ".join(f"{key.text}: {_flat(value)}" for key, value in entries(node))


def _default(value: object) -> str:
    """As it would be written."""
    match value:
        case None:
            return NOT_WRITTEN
        case timedelta():
            return f"{compact(value)} (default)"
        case Hours():
            return f"{value.label} (default)"
        case float():
            return f"{value:.2f} (default)"
        case _:
            return f"{str(value).lower()} (default)"


def _dates(value: object) -> Iterator[date]:
    match value:
        case datetime():
            yield value.date()
        case date():
            yield value
        case DateRange():
            yield value.last
        case BaseModel() | dict():
            yield from _keys(value)
            for _, inner in _children(value):
                yield from _dates(inner)
        case tuple():
            for item in value:
                yield from _dates(item)
        case _:
            return


def _keys(value: object) -> Iterable[date]:
    return (key for key in value if isinstance(key, date)) if isinstance(value, dict) else ()
