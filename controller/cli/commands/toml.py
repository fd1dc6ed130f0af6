"""Tables, texts, numbers, booleans and lists of them as TOML, which the standard library only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping


def dumped(value: Mapping[str, object]) -> str:
    """``value`` is what ``tomllib`` reads: the same comes out when it is read again.

    Raises:
        TypeError: something in it is neither a table, a list, a text, a number nor a boolean.
    """
    return "".join(f"{line}\n" for line in _table(value, ())).lstrip("\n")


def _table(value: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    plain = {name: each for name, each in value.items() if not isinstance(each, Mapping)}
    tables = {name: each for name, each in value.items() if isinstance(each, Mapping)}
    if path and (plain or not tables):
        yield ""
        yield f"[{'.'.join(map(_key, path))}]"
    yield from (f"{_key(name)} = {_value(each)}" for name, each in plain.items())
    for name, each in tables.items():
        yield from _table(each, (*path, name))


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _text(name)


def _value(value: object) -> str:
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return _text(value)
        case list():
            return "[]" if not value else "\n".join(("[", *(f"  {_value(each)}," for each in value), "]"))
        case _:
            raise TypeError(f"{value!r} has no place in such a file")


def _text(text: str) -> str:
    """A basic string escapes as JSON does, and DEL as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
