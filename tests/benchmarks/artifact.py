"""The built function under Lambda's own runtime: ``python -m tests.benchmarks.artifact BUILT``.

``BUILT`` is the folder that ``sam build`` made, ``.aws-sam/build/ControllerFunction`` where none is named;
``tests/e2e/conftest.py`` says which tools it needs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.artifact.conftest import Account, an_account, schedule
from tests.e2e.artifact.runtime import Function, Runtime
from tests.e2e.conftest import ROOT

ROUNDS = 5
WARM_TICKS = 20


def _runtime(artifact: Path) -> Runtime | None:
    """``None`` where something is missing."""
    tools = ROOT / os.environ.get("SCHEDULER_TOOLS", ".venv-tools")
    emulator = next((tools / "aws-sam-cli").rglob("aws-lambda-rie-x86_64"), None)
    interpreter, client = shutil.which("python3.13"), tools / "awslambdaric"
    if emulator is None or interpreter is None or not client.exists() or not artifact.exists():
        return None
    return Runtime(emulator=emulator, interpreter=Path(interpreter), client=client, artifact=artifact)


def _zipped_mb(artifact: Path, folder: Path) -> float:
    return Path(shutil.make_archive(str(folder / "function"), "zip", artifact)).stat().st_size / 2**20


@contextlib.contextmanager
def _account(runtime: Runtime, folder: Path) -> Iterator[Account]:
    with an_account(runtime, folder) as account:
        account.push(schedule())
        yield account


def _invoked_s(function: Function) -> float:
    begun = time.perf_counter()
    function.invoke()
    return time.perf_counter() - begun


def _round(account: Account) -> tuple[float, float, float, list[str]]:
    """Seconds of the first and of a later tick, megabytes at the peak, the calls of a steady tick."""
    function = account.start()
    cold_s = _invoked_s(function)
    warm_s = statistics.median(_invoked_s(function) for _ in range(WARM_TICKS))
    account.server.asked.clear()
    function.invoke()
    return cold_s, warm_s, function.peak_memory_mb(), sorted(each.name for each in account.server.asked)


def main() -> None:
    built = sys.argv[1] if sys.argv[1:] else ROOT / ".aws-sam" / "build" / "ControllerFunction"
    runtime = _runtime(Path(built))
    if runtime is None:
        print(f"{built} or a tool is missing")  # noqa: T201 - its output
        return
    with tempfile.TemporaryDirectory() as scratch, _account(runtime, Path(scratch)) as account:
        rounds = [_round(account) for _ in range(ROUNDS)]
        zipped_mb = _zipped_mb(runtime.artifact, Path(scratch))
    cold_s, warm_s, peak_mb = (statistics.median(each[part] for each in rounds) for part in range(3))
    print(f"zipped {zipped_mb:.1f} MB, peak memory {peak_mb:.0f} MB")  # noqa: T201 - as above
    print(f"cold start and first tick {cold_s:.2f} s, a later tick {warm_s * 1e3:.0f} ms")  # noqa: T201 - as above
    print(f"calls of a steady tick: {', '.join(rounds[-1][3])}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
