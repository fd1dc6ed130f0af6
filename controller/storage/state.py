"""A pipeline's memory beside an ``s3://`` configuration: ``status/<pipeline>.json``, one small document each.

It is read when it is first asked for, and after somebody else has written it; in between the process knows.
Whatever happens to it, the tick goes on: a memory that is lost is an empty one.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from controller.core.memory import Memory
from controller.errors import AwsError, ConflictError
from controller.storage.sources import Source, StoredText, beside, is_s3, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.aws.clients import ClientFactory

logger = logging.getLogger(__name__)

FORMAT: Final = 1
_DAY_S: Final = 86_400
_MOST: Final = {
    "function_timeout_s": _DAY_S,
    "retention_s": 365 * _DAY_S,
    "start_durations_s": 7 * _DAY_S,
}
"""The largest number that is believed, by field; beyond it, and for NaN, the field counts as lost."""
_MOST_OF_ANY_OTHER: Final = 1e7
"""So many seconds, minutes or hours from now still are an instant."""
_MOST_ITEMS: Final = 200
_YEARS: Final = range(2000, 2200)
_ADAPTER: Final = TypeAdapter(Memory)
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
    """Where the memories of the pipelines of the configuration at ``location`` are kept.

    Those of a file live as long as the process.
    """
    return S3Memories(location, clients) if is_s3(location) else ProcessMemories()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """``tag`` is that of the document; ``None``: there is none."""

    memory: Memory
    tag: str | None


class S3Memories:
    """Safe beside another process that does the same: of two writers, one is refused and reads again."""

    def __init__(self, location: str, clients: ClientFactory) -> None:
        self._location = location
        self._clients = clients
        self._known: dict[str, _Known] = {}

    def load(self, pipeline: str, /) -> Memory:
        """Empty where there is none, none that can be understood, or none that can be had now."""
        known = self._known.get(pipeline)
        if known is None:
            try:
                known = self._known[pipeline] = self._read(pipeline)
            except AwsError as error:
                logger.warning("the memory of pipeline %s cannot be read, and is empty: %s", pipeline, error)
                return Memory()
        return known.memory

    def save(self, pipeline: str, memory: Memory, /) -> None:
        """Never raises; what could not be written is known to this process all the same."""
        known = self._known.get(pipeline)
        tag = known.tag if known else None
        self._known[pipeline] = _Known(memory=memory, tag=tag)
        try:
            written = self._source(pipeline).put(to_json(memory), over=tag)
        except ConflictError:
            # Another invocation's; what it learnt counts, and the next tick begins with that.
            del self._known[pipeline]
            logger.warning("the memory of pipeline %s was written by somebody else meanwhile", pipeline)
        except AwsError as error:
            logger.warning("the memory of pipeline %s cannot be written: %s", pipeline, error)
        else:
            self._known[pipeline] = _Known(memory=memory, tag=written.tag)

    def _read(self, pipeline: str) -> _Known:
        found = self._source(pipeline).get()
        if not isinstance(found, StoredText):
            return _Known(memory=Memory(), tag=None)
        try:
            memory, lost = understood(found.data)
        except Exception as error:  # noqa: BLE001 - whatever a document raises, its memory counts as lost
            logger.warning("the memory of pipeline %s is garbled, and is empty: %s", pipeline, error)
            return _Known(memory=Memory(), tag=found.tag)
        if lost:
            logger.warning("of the memory of pipeline %s, %s counts as lost", pipeline, ", ".join(lost))
        return _Known(memory=memory, tag=found.tag)

    def _source(self, pipeline: str) -> Source:
        return source_of(beside(self._location, f"status/{pipeline}.json"), self._clients)


def to_json(memory: Memory) -> bytes:
    fields = _ADAPTER.dump_python(memory, mode="json")
    return json.dumps({"version": FORMAT, **fields}, indent=2).encode()


def understood(data: bytes) -> tuple[Memory, tuple[str, ...]]:
    """The memory, and the names of the fields in it that no tick can have written: these count as lost.

    Fields that are not known are left out, those that are missing have their defaults.

    Raises:
        ValueError: no memory at all.
        RecursionError: the same, and deep.
    """
    document = json.loads(data)
    if not isinstance(document, dict) or document.get("version") != FORMAT:
        raise ValueError(f'it is no JSON object with "version": {FORMAT}')
    raw = {name: document[name] for name in _NAMES if name in document}
    good = {name: value for name, value in raw.items() if _is_possible(name, value)}
    return _ADAPTER.validate_python(good), tuple(name for name in raw if name not in good)


def _is_possible(name: str, raw: object) -> bool:
    """Whether it has the field's type, its numbers lie in bounds, and its instants are aware."""
    try:
        value = getattr(_ADAPTER.validate_python({name: raw}), name)
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        return False
    if isinstance(value, tuple) and len(value) > _MOST_ITEMS:
        return False
    most = _MOST.get(name, _MOST_OF_ANY_OTHER)
    return all(_is_within(leaf, most) for leaf in _leaves(value))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name))
    else:
        yield value


def _is_within(value: object, most: float) -> bool:
    """Arithmetic on it cannot overflow."""
    match value:
        case datetime():
            return value.tzinfo is not None and value.year in _YEARS
        case bool():
            return True
        case int() | float():
            return 0 <= value <= most
        case _:
            return True
