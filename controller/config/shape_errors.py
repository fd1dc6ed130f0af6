"""Turns the errors of pydantic into diagnostics with the words and the places of the file.

The JSON Schema is walked beside the nodes: what completes the keys in an editor names the keys and the
examples in a diagnostic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

from controller.config.reference_errors import NO_KEYS_OF_DATES
from controller.config.schema_models import FileSchema
from controller.config.values import HintedError, WrongError, nearest, wrong
from controller.config.yaml_tree import Mapping, Node, Placed, Scalar, Sequence, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from controller.errors import Diagnostic

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"
Schema: TypeAlias = "dict[str, Json]"
Loc: TypeAlias = tuple[int | str, ...]

_MERGE = "<<"
_OVERRIDE_KINDS = "an override has date and hours, or dates and hours, or from, until and state"
_OVERRIDE_KEYS = frozenset({"date", "dates", "hours", "from", "until", "state"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Location:
    """``node`` is the value; ``named_at`` its key, or the value itself where no key names it."""

    node: Node
    named_at: Placed
    schema: Schema
    path: str = ""

    @property
    def value_at(self) -> Placed:
        """Where nothing is written, the parser's place is that of whatever comes next: the key is nearer."""
        return self.named_at if isinstance(self.node, Scalar) and self.node.null else self.node


def shape_errors(error: ValidationError, root: Node) -> Iterator[Diagnostic]:
    """The diagnostics of ``error``, which ``root`` has raised."""
    whole = _Location(node=root, named_at=root, schema=_file_schema())
    for found in error.errors(include_url=False):
        yield from _diagnostics(found, whole)


@cache
def _file_schema() -> Schema:
    made: Schema = FileSchema.model_json_schema(by_alias=True)
    return made


def _diagnostics(found: ErrorDetails, whole: _Location) -> Iterator[Diagnostic]:
    loc = found["loc"]
    match found["type"]:
        case "missing":
            spot = _walk(whole, loc[:-1])
            if isinstance(spot.node, Mapping) and spot.node.key(_MERGE):
                return  # the key may be in what is merged
            yield spot.named_at.diagnostic(_missing(str(loc[-1]), spot), spot.path)
        case "extra_forbidden":
            spot = _walk(whole, loc)
            yield _unknown(str(loc[-1]), spot, _walk(whole, loc[:-1]))
        case "value_error":
            yield from _wrong(found["ctx"]["error"], _walk(whole, loc))
        case _:
            spot = _walk(whole, loc)
            yield spot.value_at.diagnostic(_other_kind(spot), spot.path)


def _wrong(error: ValueError, spot: _Location) -> Iterator[Diagnostic]:
    match error:
        case WrongError():
            for index, message in error.problems:
                item = _walk(spot, (index,))
                yield item.value_at.diagnostic(message, item.path)
        case HintedError():
            yield spot.value_at.diagnostic(str(error), spot.path, error.hint)
        case _:
            yield spot.value_at.diagnostic(str(error), spot.path)


def _walk(spot: _Location, loc: Loc) -> _Location:
    for step in loc:
        spot = _step(spot, step)
    return spot


def _step(spot: _Location, step: int | str) -> _Location:
    schema = _followed(spot.schema)
    match step, spot.node:
        case str(), _ if "oneOf" in schema:  # the name of the one that was chosen, nothing in the file
            return replace(spot, schema={"$ref": f"#/$defs/{step}"})
        case str(), Mapping() as mapping if (key := mapping.key(step)) and (value := mapping.get(step)):
            path = f"{spot.path}.{step}" if spot.path else step
            return _Location(node=value, named_at=key, schema=_property(schema, step), path=path)
        case int(), Sequence() as sequence:
            item = sequence.items[step]
            return _Location(
                node=item, named_at=item, schema=_part(schema, "items"), path=f"{spot.path}[{step}]"
            )
        case "[key]", _ if isinstance(spot.named_at, Node):
            return replace(spot, node=spot.named_at)
        case _:
            return spot


def _followed(schema: Schema) -> Schema:
    match schema.get("$ref"):
        case str() as reference:
            return _part(_part(_file_schema(), "$defs"), reference.rpartition("/")[2])
        case _:
            return schema


def _part(schema: Schema, key: str) -> Schema:
    found = schema.get(key)
    return found if isinstance(found, dict) else {}


def _property(schema: Schema, key: str) -> Schema:
    """A property's own schema, with the keywords of the place where it is used."""
    patterns = _part(schema, "patternProperties").values()
    by_pattern = next((value for value in patterns if isinstance(value, dict)), {})
    return _part(_part(schema, "properties"), key) or by_pattern


def _missing(key: str, spot: _Location) -> str:
    example = _example(_property(_followed(spot.schema), key))
    return f'"{key}" is missing{f" ({key}: {example})" if example else ""}'


def _unknown(key: str, spot: _Location, parent: _Location) -> Diagnostic:
    keys = _part(_followed(parent.schema), "properties")
    if key == _MERGE:
        message = "YAML 1.2 has no merge keys; write the keys out"
        return spot.named_at.diagnostic(message, spot.path)
    if key in _OVERRIDE_KEYS and _followed(parent.schema).get("title") == "override":
        own_key = next((name for name in ("date", "dates", "from") if name in keys), "")
        return spot.named_at.diagnostic(f"does not go with {own_key} ({_OVERRIDE_KINDS})", spot.path)
    if key in NO_KEYS_OF_DATES and _followed(parent.schema).get("title") == "calendar":
        message = f'"{key}" is not a known key; dates stand under also: (also: {{12-24: Christmas Eve}})'
        return spot.named_at.diagnostic(message, spot.path)
    message = f'"{key}" is not a known key'
    return spot.named_at.diagnostic(message, spot.path, partial(_known, key, tuple(keys)))


def _known(key: str, keys: tuple[str, ...]) -> str:
    return nearest(key, keys) or f"; known here: {', '.join(keys)}"


def _other_kind(spot: _Location) -> str:
    schema = _followed(spot.schema)
    if "oneOf" in schema:
        return str(wrong(plain(spot.node), "an override", _OVERRIDE_KINDS))
    title = str(schema.get("title", ""))
    what = title if title.islower() else {"array": "list"}.get(str(schema.get("type")), "mapping")
    return str(wrong(plain(spot.node), f"a {what}", _example(schema | spot.schema)))


def _example(schema: Schema) -> str:
    match (_followed(schema) | schema).get("examples"):
        case [first, *_]:
            return _flow(first)
        case _:
            return ""


def _flow(example: Json) -> str:
    """As it could stand in the file, on one line."""
    match example:
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(value)}' for key, value in example.items())}}}"
        case list():
            return f"[{', '.join(map(_flow, example))}]"
        case _:
            return str(example)
