"""The share of the pipelines that one of several functions runs: ``2/3`` is the second of three."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

SHARDS_MAX: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Shard ``number`` of ``count``, both from 1. Every pipeline is in one shard, by its name alone."""

    number: int = 1
    count: int = 1

    def owns(self, pipeline: str) -> bool:
        """The same in every process and release; a new ``count`` moves most pipelines."""
        digest = hashlib.sha256(pipeline.encode()).digest()
        return int.from_bytes(digest[:8]) % self.count == self.number - 1

    @property
    def suffix(self) -> str:
        """Of the names of what each shard stores for itself; empty for the first, and so for the only one."""
        return "" if self.number == 1 else f"-{self.number}-of-{self.count}"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


ALL: Final = Shard()


def shard(text: str) -> Shard:
    """``K/N``; an empty text is the only shard.

    Raises:
        ValueError: it is something else, or K is greater than N.
    """
    if not text:
        return ALL
    found = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", text, re.ASCII)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f'"{text}" is not a shard: K/N with K from 1 to N, and N at most {SHARDS_MAX} (2/3)')
    return Shard(number=int(found[1]), count=int(found[2]))


def shard_of(pipeline: str, count: int) -> Shard:
    """The one of ``count`` shards that runs the pipeline."""
    shards = (Shard(number=number, count=count) for number in range(1, count + 1))
    return next(each for each in shards if each.owns(pipeline))
