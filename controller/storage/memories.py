"""Stores what each pipeline remembers between ticks: ``status/<pipeline>.json`` beside the configuration.

A document is read when its memory is first needed, and after another process has written it. Whatever
happens to it, the tick goes on: a memory that is lost is an empty one.
"""

from __future__ import annotations

import json
import logging
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from controller.core.memory import Memory
from controller.errors import AwsError, ConflictError
from controller.storage.sources import beside, is_s3
from controller.storage.state import JsonFormat, JsonStore, type_adapter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.aws.clients import ClientFactory

_LOG = logging.getLogger(__name__)

FORMAT_VERSION: Final = 1
_DAY_S: Final = 86_400
_MAX_NUMBERS: Final = {
    "function_timeout_s": _DAY_S,
    "retention_s": 365 * _DAY_S,
    "start_durations_s": 7 * _DAY_S,
}
"""The largest number that is believed, by field; beyond it, and for NaN, the field counts as lost."""
_MAX_OTHER_NUMBER: Final = 1e7
"""So many seconds, minutes or hours from now still are an instant."""
_MAX_ITEMS: Final = 200
_YEARS: Final = range(2000, 2200)
_NAMES: Final = tuple(field.name for field in fields(Memory))


class ProcessMemories:
    """Memories that live as long as the process."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}

    def load(self, pipeline: str, /) -> Memory:
        return self._memories.get(pipeline, Memory())

    def save(self, pipeline: str, memory: Memory, /) -> None:
        self._memories[pipeline] = memory


def memories_beside(location: str, clients: ClientFactory) -> S3Memories | ProcessMemories:
    """The memories of the pipelines of the configuration at ``location``.

    Those of a file live as long as the process.
    """
    return S3Memories(location, clients) if is_s3(location) else ProcessMemories()


class S3Memories:
    """Memories in S3, safe beside another process: of two writers, one is refused and reads again."""

    def __init__(self, location: str, clients: ClientFactory) -> None:
        self._location = location
        self._clients = clients
        self._stores: dict[str, JsonStore[Memory]] = {}
        self._memories: dict[str, Memory] = {}

    def load(self, pipeline: str, /) -> Memory:
        """Empty where there is none, none that can be decoded, or none that can be read now."""
        if pipeline not in self._memories:
            try:
                self._memories[pipeline] = self._store(pipeline).read() or Memory()
            except AwsError as error:
                _LOG.warning("the memory of pipeline %s cannot be read, and is empty: %s", pipeline, error)
                return Memory()
        return self._memories[pipeline]

    def save(self, pipeline: str, memory: Memory, /) -> None:
        """Never raises; what cannot be written is kept in this process all the same."""
        self._memories[pipeline] = memory
        try:
            self._store(pipeline).write(memory)
        except ConflictError:
            # Another invocation's memory counts, and the next tick begins with that.
            del self._memories[pipeline]
            _LOG.warning("the memory of pipeline %s was written by somebody else meanwhile", pipeline)
        except AwsError as error:
            _LOG.warning("the memory of pipeline %s cannot be written: %s", pipeline, error)

    def _store(self, pipeline: str) -> JsonStore[Memory]:
        if pipeline not in self._stores:
            location = beside(self._location, f"status/{pipeline}.json")
            self._stores[pipeline] = JsonStore(location, _memory_format(pipeline), self._clients)
        return self._stores[pipeline]


def _memory_format(pipeline: str) -> JsonFormat[Memory]:
    name = f"the memory of pipeline {pipeline}"
    return JsonFormat(name=name, encode=encode_memory, decode=partial(_decode, name))


def _decode(name: str, data: bytes) -> Memory:
    memory, lost = decode_memory(data)
    if lost:
        _LOG.warning("of %s, %s counts as lost", name, ", ".join(lost))
    return memory


def encode_memory(memory: Memory) -> bytes:
    fields = type_adapter(Memory).dump_python(memory, mode="json")
    return json.dumps({"version": FORMAT_VERSION, **fields}, indent=2).encode()


def decode_memory(data: bytes) -> tuple[Memory, tuple[str, ...]]:
    """The memory, and the names of the fields in it that no tick can have written: these count as lost.

    Fields that are not known are left out, those that are missing have their defaults.

    Raises:
        ValueError: no memory at all.
        RecursionError: the same, and deep.
    """
    document = json.loads(data)
    if not isinstance(document, dict) or document.get("version") != FORMAT_VERSION:
        raise ValueError(f'it is no JSON object with "version": {FORMAT_VERSION}')
    raw = {name: document[name] for name in _NAMES if name in document}
    good = {name: value for name, value in raw.items() if _is_possible(name, value)}
    return type_adapter(Memory).validate_python(good), tuple(name for name in raw if name not in good)


def _is_possible(name: str, raw: object) -> bool:
    """Whether it has the field's type, its numbers lie in bounds, and its instants are aware."""
    try:
        value = getattr(type_adapter(Memory).validate_python({name: raw}), name)
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        return False
    if isinstance(value, tuple) and len(value) > _MAX_ITEMS:
        return False
    maximum = _MAX_NUMBERS.get(name, _MAX_OTHER_NUMBER)
    return all(_is_within(leaf, maximum) for leaf in _leaves(value))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name))
    else:
        yield value


def _is_within(value: object, maximum: float) -> bool:
    """Arithmetic on it cannot overflow."""
    match value:
        case datetime():
            return value.tzinfo is not None and value.year in _YEARS
        case bool():
            return True
        case int() | float():
            return 0 <= value <= maximum
        case _:
            return True
