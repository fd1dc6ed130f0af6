"""Where the tools for templates and artifacts are, and what happens where they are not.

aws-sam-cli and checkov pin a great many packages, and not the same ones, so each has a virtual environment of
its own, and so has the client that Lambda's runtime is made of. ``$SCHEDULER_TOOLS`` (default ``.venv-tools``
in the checkout) has ``bin/sam``, ``bin/checkov`` and ``awslambdaric``:

    for tool in aws-sam-cli checkov; do
        python3 -m venv .venv-tools/$tool && .venv-tools/$tool/bin/pip install $tool
    done
    python3.13 -m pip install --target .venv-tools/awslambdaric awslambdaric
    mkdir -p .venv-tools/bin && ln -sf ../aws-sam-cli/bin/sam ../checkov/bin/checkov .venv-tools/bin/
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOW = f"see the first lines of {Path(__file__).relative_to(ROOT)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """``workspace`` is where it runs unless told: SAM leaves its files wherever it is started."""

    path: Path
    workspace: Path

    def run(self, *arguments, cwd=None):
        """The finished process, with all that it said in ``stdout``."""
        return subprocess.run(  # noqa: S603 - our own tools, our own arguments
            [self.path, *arguments],
            cwd=cwd or self.workspace,
            env=_environment(self.workspace),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="session")
def sam(workspace):
    return Tool(path=_required("sam"), workspace=workspace)


@pytest.fixture(scope="session")
def checkov(workspace):
    return Tool(path=_required("checkov"), workspace=workspace)


@pytest.fixture(scope="session")
def runtime_interpreter():
    """SAM builds with the runtime's own Python, and a pyenv shim that points nowhere is none."""
    found = shutil.which("python3.13")
    works = found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0  # noqa: S603 - as Tool.run
    if not works:
        _absent("python3.13 is not on PATH: install it, or put its folder there")
    return Path(found)


@pytest.fixture(scope="session")
def artifact(sam, runtime_interpreter, tmp_path_factory, worker_id):
    """The folder of the built function; built once in a run, whichever worker comes first."""
    assert runtime_interpreter.exists()
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "artifact"
    shared.mkdir(exist_ok=True)
    built = shared / "build" / "ControllerFunction"
    with (shared / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            template = ROOT / "deploy" / "template.yaml"
            done = sam.run("build", "--template", template, "--build-dir", built.parent, cwd=shared)
            assert done.returncode == 0, done.stdout
    return built


@pytest.fixture(scope="session")
def runtime_client():
    """The folder of ``awslambdaric``."""
    return _required("awslambdaric", folder=".")


@pytest.fixture(scope="session")
def emulator(sam):
    """Lambda's runtime interface emulator, which SAM brings along."""
    environment = sam.path.resolve().parents[1]
    if not (found := next(environment.rglob("aws-lambda-rie-x86_64"), None)):
        _absent(f"{environment} has no runtime interface emulator: {HOW}")
    return found


def _required(name, folder="bin"):
    tools = Path(os.environ.get("SCHEDULER_TOOLS") or ROOT / ".venv-tools")
    if not (path := ROOT / tools / folder / name).exists():
        _absent(f"{name} is not in {tools / folder}: {HOW}")
    return path


def _absent(reason):
    """Where tools are promised, a check that cannot run is a failure; elsewhere it says how to get them."""
    if os.environ.get("SCHEDULER_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)


def _environment(home):
    """No account, no telemetry, no configuration of whoever runs the tests."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    offline = {
        "SAM_CLI_TELEMETRY": "0",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    nobody = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(home / "none"),
    }
    return mine | offline | nobody
