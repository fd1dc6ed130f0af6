"""The built function's handler on a clock that runs fast: the wall's, as if an hour were half a minute.

It lies on the path beside the artifact, which stays as it was built. What the function waits for (a drain, a
transition) then takes no longer than on the clock of the AWS that it asks.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from types import SimpleNamespace

from controller import lambda_handler

BEGAN_S = float(os.environ["CLOCK_BEGAN_S"])
SPEED = float(os.environ["CLOCK_SPEED"])


def _now() -> datetime:
    return datetime.fromtimestamp(BEGAN_S + (time.time() - BEGAN_S) * SPEED, UTC)


lambda_handler._now = _now
lambda_handler.time = SimpleNamespace(
    monotonic=time.monotonic, sleep=lambda seconds: time.sleep(seconds / SPEED)
)
handler = lambda_handler.handler
