"""The JSON Schema of the file, for editors; ``config/schedule.schema.json`` is its text."""

from __future__ import annotations

import json
from typing import TypeAlias

from controller.config.schema_models import DAYS_PATTERN, HOURS_JSON_SCHEMA, SPELLED_DAYS, FileSchema

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def schema() -> dict[str, Json]:
    """Draft 2020-12; definitions are named after the classes of ``schema_models``, less ``Schema``.

    ``patternErrorMessage`` is the one keyword beside the standard's: editors show it.
    Source: https://code.visualstudio.com/docs/languages/json
    """
    made: dict[str, Json] = FileSchema.model_json_schema(by_alias=True)
    head: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    found = head | {key: _tidy(value) for key, value in made.items()}
    definitions = found["$defs"]
    if isinstance(definitions, dict):
        definitions["Hours"] = HOURS_JSON_SCHEMA
    return found


_PRIVATE = frozenset({"default", "propertyNames", "title"})


def _tidy(node: Json) -> Json:
    """Without what only the code uses: defaults that no file can write, and titles that head diagnostics."""
    match node:
        case dict():
            kept = {_named(key): _tidy(value) for key, value in node.items() if key not in _PRIVATE}
            return _with_days(_by_reference(kept))
        case list():
            return [_tidy(item) for item in node]
        case str():
            return _named(node) if node.startswith("#/$defs/") else node
        case _:
            return node


def _by_reference(node: dict[str, Json]) -> dict[str, Json]:
    """Hours stand under every day of every week: defined once."""
    if node.get("anyOf") != HOURS_JSON_SCHEMA["anyOf"]:
        return node
    own = {key: value for key, value in node.items() if HOURS_JSON_SCHEMA.get(key) != value}
    return {"$ref": "#/$defs/Hours", **own}


def _with_days(node: dict[str, Json]) -> dict[str, Json]:
    match node.get("patternProperties"):
        case dict() as patterns:
            of_a_day = patterns.get(f"^(?:{DAYS_PATTERN})$")
            listed = dict.fromkeys(SPELLED_DAYS, of_a_day)
            return node | {"additionalProperties": False} | ({"properties": listed} if of_a_day else {})
        case _:
            return node


def _named(definition: str) -> str:
    """``Budget`` for ``BudgetSchema``: the suffix only tells classes of the code apart."""
    return definition.removesuffix("Schema")


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
