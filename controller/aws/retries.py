"""Timeouts and retries of calls to AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryConfig:
    """Timeouts and retries of one call, pinned because botocore's defaults changed between versions.

    ``attempts`` counts the first one. A tick that gives up is followed by another within minutes, so retries
    need only bridge a blip. It is the same for every service: the standard mode also repeats a start refused
    with LimitExceededException, which seldom helps so soon, but it costs two small requests and no harm.

    A connection within AWS takes milliseconds, and the calls made here answer in a second or two. One that
    hangs ends after some 40 s with all its attempts; with botocore's own timeouts it would be over 3 minutes.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """

    attempts: int = 3
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 10.0


DEFAULT_RETRIES: Final = RetryConfig()
