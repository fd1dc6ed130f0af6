"""A built function under Lambda's own runtime interface emulator, without docker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

START_S = 60.0
FAST = Path(__file__).parent / "fast"
INVOKE = "/2015-03-31/functions/function/invocations"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a-session-token-of-nobody",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """``interpreter`` is the runtime's Python, ``client`` the folder of ``awslambdaric``."""

    emulator: Path
    interpreter: Path
    client: Path
    artifact: Path


@dataclass
class Function:
    """One execution environment; ``with Function(…) as function:`` ends it at the end of the block."""

    runtime: Runtime
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    timeout_s: int = 60

    def __enter__(self) -> Self:
        self._port, api = _free_port(), _free_port()
        command = [
            *(self.runtime.emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
            *("--runtime-api-address", f"127.0.0.1:{api}"),
            *(self.runtime.interpreter, "-m", "awslambdaric", "fast_handler.handler"),
        ]
        self._output = self.log.open("ab")
        self._emulator = subprocess.Popen(  # noqa: S603 - our own tools, our own arguments
            command,
            cwd=self.runtime.artifact,
            env=self._environment(),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        os.killpg(self._emulator.pid, signal.SIGKILL)
        self._emulator.wait()
        self._output.close()

    def invoke(self, event: object = None) -> dict[str, object]:
        """Its answer; an exception of the handler is one, too, with ``errorType`` and ``errorMessage``."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{INVOKE}", data=json.dumps(event or {}).encode()
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s + 10) as answer:  # noqa: S310 - as above
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return {"errorType": f"HTTP {error.code}", "errorMessage": error.read().decode()}

    def kill(self) -> None:
        """The runtime's process, not the emulator, as when it runs out of memory."""
        for pid in self._children():
            os.kill(pid, signal.SIGKILL)

    def lines(self) -> list[dict[str, object]]:
        """What it logged as JSON: lines of the log, and metrics."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def peak_memory_mb(self) -> float:
        (pid,) = self._children()
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        peak_kb = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak_kb) / 1024

    def _children(self) -> list[int]:
        tasks = Path(f"/proc/{self._emulator.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text(encoding="utf-8").split()]

    def _environment(self) -> dict[str, str]:
        """Nothing of whoever runs the tests."""
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{self.runtime.artifact}:{self.runtime.client}:{FAST}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(self.runtime.artifact),
            "AWS_LAMBDA_FUNCTION_NAME": "controller",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout_s),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **CREDENTIALS,
            **self.environment,
        }

    def _wait(self) -> None:
        """Until the emulator listens; the function itself is started by the first invocation."""
        ends_at = time.monotonic() + START_S
        while time.monotonic() < ends_at:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError(self.log.read_text(encoding="utf-8", errors="replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
