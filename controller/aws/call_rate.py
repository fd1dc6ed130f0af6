"""Keeps the rate of calls below AWS's quotas, for each account, region and operation.

A call waits in its own thread for its turn; a retry of botocore's is a call of its own. So no tick loses an
observation to throttling that it caused itself, however many pipelines share an account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.client import BaseClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate of calls: ``per_s`` a second on average, ``burst`` at once after a pause.

    No second has more than ``per_s + burst - 1`` calls, so that a quota is kept however AWS counts it.
    """

    per_s: float
    burst: int


REKOGNITION: Final = Rate(per_s=4.0, burst=2)
"""The quota is 5 a second for each control-plane operation; others may call, too.

Source: https://docs.aws.amazon.com/general/latest/gr/rekognition.html
"""
LAMBDA: Final = Rate(per_s=12.0, burst=4)
"""The quota is 15 a second for all control-plane operations together that have none of their own.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
"""
CLOUDWATCH: Final = Rate(per_s=40.0, burst=10)
"""The quota of GetMetricData is 50 a second.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
"""
_PER_OPERATION: Final = {"rekognition": REKOGNITION, "cloudwatch": CLOUDWATCH}
_PER_SERVICE: Final = {"lambda": LAMBDA}


@dataclass(slots=True, kw_only=True)
class TokenBucket:
    """Delays callers so that they keep to a rate; ``monotonic`` and ``sleep`` are in seconds."""

    rate: Rate
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    _lock: Lock = field(default_factory=Lock)
    _full_at_s: float = float("-inf")
    """When the bucket is full again, if nobody calls until then."""

    def take(self) -> None:
        """Returns when it is the caller's turn; callers have theirs in the order in which they ask."""
        with self._lock:
            now_s, interval_s = self.monotonic(), 1 / self.rate.per_s
            self._full_at_s = max(self._full_at_s, now_s) + interval_s
            wait_s = self._full_at_s - self.rate.burst * interval_s - now_s
        if wait_s > 0:
            self.sleep(wait_s)


@dataclass(slots=True, kw_only=True)
class CallRates:
    """The buckets of a process, made as they are needed; safe to share between threads."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    _lock: Lock = field(default_factory=Lock)
    _buckets: dict[tuple[str, str, str, str], TokenBucket] = field(default_factory=dict)

    def limit(self, client: BaseClient, account: str) -> None:
        """From now on each request of ``client`` waits for its turn among those of ``account``.

        A service without a rate here has quotas that a scheduler does not reach.
        """
        service, region = client.meta.service_model.service_name, client.meta.region_name
        if service not in _PER_OPERATION and service not in _PER_SERVICE:
            return

        def wait(event_name: str, **_request: Any) -> None:  # noqa: ANN401 - what botocore hands over
            self.bucket(service, event_name.rpartition(".")[2], account, region).take()

        client.meta.events.register(f"before-send.{service}", wait)

    def bucket(self, service: str, operation: str, account: str, region: str) -> TokenBucket:
        shared = service in _PER_SERVICE
        key = (account, region, service, "" if shared else operation)
        with self._lock:
            if key not in self._buckets:
                rate = _PER_SERVICE[service] if shared else _PER_OPERATION[service]
                self._buckets[key] = TokenBucket(rate=rate, monotonic=self.monotonic, sleep=self.sleep)
            return self._buckets[key]
