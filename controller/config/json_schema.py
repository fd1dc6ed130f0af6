"""The JSON Schema of the file, for editors; ``config/schedule.schema.json`` is its text."""

from __future__ import annotations

import json
from typing import TypeAlias

from controller.config.schema_models import File

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def schema() -> dict[str, Json]:
    """Draft 2020-12; definitions are named after the models of ``shape``."""
    made: dict[str, Json] = File.model_json_schema(by_alias=True)
    head: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return head | {key: _tidy(value) for key, value in made.items()}


_PRIVATE = frozenset({"default", "propertyNames", "title"})


def _tidy(node: Json) -> Json:
    """Without what only the code knows: defaults that no file can write, and titles that head complaints."""
    match node:
        case dict():
            kept = {key: _tidy(value) for key, value in node.items() if key not in _PRIVATE}
            return kept | {"additionalProperties": False} if "patternProperties" in kept else kept
        case list():
            return [_tidy(item) for item in node]
        case _:
            return node


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
