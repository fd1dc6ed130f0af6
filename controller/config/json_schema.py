"""The JSON Schema of the file, for editors; ``config/schedule.schema.json`` is its text."""

from __future__ import annotations

import json
from typing import TypeAlias

from controller.config.schema_models import FileSchema

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def schema() -> dict[str, Json]:
    """Draft 2020-12; definitions are named after the classes of ``schema_models``, less ``Schema``."""
    made: dict[str, Json] = FileSchema.model_json_schema(by_alias=True)
    head: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return head | {key: _tidy(value) for key, value in made.items()}


_PRIVATE = frozenset({"default", "propertyNames", "title"})


def _tidy(node: Json) -> Json:
    """Without what only the code knows: defaults that no file can write, and titles that head diagnostics."""
    match node:
        case dict():
            kept = {_named(key): _tidy(value) for key, value in node.items() if key not in _PRIVATE}
            return kept | {"additionalProperties": False} if "patternProperties" in kept else kept
        case list():
            return [_tidy(item) for item in node]
        case str():
            return _named(node) if node.startswith("#/$defs/") else node
        case _:
            return node


def _named(definition: str) -> str:
    """``Budget`` for ``BudgetSchema``: the suffix only tells classes of the code apart."""
    return definition.removesuffix("Schema")


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
