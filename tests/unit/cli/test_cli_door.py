"""The cli itself: real processes, real clients without an AWS, and what becomes of the unforeseen."""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from freezegun import freeze_time
from packaging.requirements import Requirement

from controller import cli
from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.cli.context import CliContext, Exit
from tests.support.desk import FILE
from tests.unit.cli.explained import answer

ROOT = Path(__file__).parents[3]
NOBODY = "http://127.0.0.1:9"
COMMAND = [sys.executable, "-c", "from controller.cli import main; main()"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of a machine that has no AWS configuration, and whose own zone must not matter."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    aws = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(home / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
    }
    here = {"SCHEDULER_CONFIG": "config/schedule.yaml", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return {**kept, **aws, **here, "TZ": "Asia/Tokyo", **more}


def typed(desk, *args: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *args],
        cwd=desk.home,
        env=environment(desk.home, **env),
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_a_process_answers_like_the_runner(desk):
    args = ("explain", "--at", "2026-11-23T09:00")
    done, said = typed(desk, *args), desk(*args)
    assert (done.returncode, done.stdout, done.stderr) == (said.code, said.out, said.err)


@pytest.mark.parametrize("args", [(), ("--help",), ("validate",)], ids=" ".join)
@pytest.mark.parametrize("hidden", [("typer",), ("rich",), ("jinja2",), ("typer", "rich")], ids=" ".join)
def test_without_the_extra_one_line_says_what_to_install(desk, hidden, args):
    code = (
        "import importlib.util, sys; find = importlib.util.find_spec;"
        f"importlib.util.find_spec = lambda name: None if name in {hidden} else find(name);"
        f"sys.modules.update(dict.fromkeys({hidden}));"  # an import of it raises ModuleNotFoundError
        "from controller.cli import main; main()"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *args],
        cwd=desk.home,
        env=environment(desk.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert all(name in line for name in hidden)
    assert line.endswith("-scheduler[cli]'")
    assert "pip install" in line


def test_the_packages_without_which_there_is_no_command_line_are_those_of_the_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extra = {Requirement(each).name for each in project["optional-dependencies"]["cli"]}
    assert set(cli.EXTRA) == extra


def test_the_clock_is_the_machines_and_the_zone_is_the_schedules(desk):
    desk("explain")  # what it loads must not be loaded under a frozen clock: pydantic takes no fake datetime
    desk.cli = CliContext()
    # freezegun asks every loaded module for its names, and Powertools answers by loading models of pydantic.
    with freeze_time("2026-11-23T13:10:00Z", ignore=["aws_lambda_powertools"]):
        assert answer(desk("explain")) == ("ON", "Mon 2026-11-23 08:10 EST", "warm-up")


@pytest.mark.parametrize(
    ("env", "told"),
    [
        pytest.param({}, "NoCredentialsError: ", id="no credentials"),
        pytest.param({"AWS_PROFILE": "nobody"}, "ProfileNotFound: ", id="no such profile"),
        pytest.param({"AWS_ENDPOINT_URL": "nonsense"}, "InvalidConfiguration: ", id="no endpoint"),
    ],
)
def test_aws_that_cannot_be_asked_is_told_once_for_each_cause(desk, env, told):
    done = typed(desk, "plan", **env)
    first, *rest = done.stderr.splitlines()
    assert done.returncode == 1
    assert first.startswith("error: logos: ")
    assert told in first
    assert "what to do: " in first
    assert all("the same of 1 more call" in line or told in line for line in rest)
    assert done.stderr.count(told) == done.stderr.count("error: ")


def test_an_endpoint_where_nobody_listens_is_a_line_for_each_call(desk, monkeypatch):
    for name, value in {
        "AWS_ENDPOINT_URL": NOBODY,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    patience = RetryConfig(attempts=1, connect_timeout_s=0.5, read_timeout_s=0.5)
    desk.cli = CliContext(clients=BotoClients(patience))
    said = desk("status")
    assert said.code == 1
    assert [line.split(" on ")[0].split(": ") for line in said.err.splitlines()] == [
        ["error", "logos", "rekognition:DescribeProjects"],
        ["error", "logos", "lambda:GetEventSourceMapping"],
    ]
    assert said.err.count("EndpointConnectionError") == 2
    assert said.err.count("what to do: ") == 2


def failing(error: BaseException):
    def clock():
        raise error

    return CliContext(clock=clock)


def test_the_unforeseen_is_one_line(desk):
    desk.cli = failing(RuntimeError("a bug"))
    said = desk("explain")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: RuntimeError: a bug ")
    assert said.err.count("\n") == 1
    assert "--debug or SCHEDULER_DEBUG=1" in said.err


@pytest.mark.parametrize("args", [("--debug", "explain"), ("explain",)])
def test_the_unforeseen_has_a_traceback_when_asked_for(desk, args):
    desk.cli = failing(RuntimeError("a bug"))
    said = desk(*args, SCHEDULER_DEBUG="" if "--debug" in args else "1")
    assert said.err.startswith("Traceback (most recent call")
    assert said.code == 1


def test_an_interruption_is_quiet(desk):
    desk.cli = failing(KeyboardInterrupt())
    said = desk("explain")
    assert (said.code, said.out, said.err) == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_a_watch_that_sleeps_ends_at_once_and_cleanly(desk, number):
    watch = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "reconcile", "--watch", "--dry-run"],
        cwd=desk.home,
        env=environment(desk.home, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with watch:
        assert watch.stdout.readline().endswith("hands off\n")
        time.sleep(0.3)  # the failures are told, and then it sleeps
        watch.send_signal(number)
        _, err = watch.communicate(timeout=20)
    assert watch.returncode == 1  # no credentials: its last tick failed
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break in another way there")
def test_a_reader_that_goes_away_is_no_diagnostic(desk):
    day = "--from 2020-01-01 --to 2026-01-01"
    piped = f'"{sys.executable}" -c "from controller.cli import main; main()" calendar {day} | head -n 1'
    done = subprocess.run(  # noqa: S602 - a pipe is the point
        piped,
        shell=True,
        cwd=desk.home,
        env=environment(desk.home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("office opens ")
    assert done.stderr == ""


def test_help_names_every_command_and_needs_no_file(desk):
    said = desk("--help")
    commands = [line.split()[0] for line in said.out.partition("Commands:\n")[2].splitlines()]
    assert commands == [
        *("init", "validate", "schema", "calendar", "explain", "simulate", "compare", "plan", "status"),
        *("reconcile",),
        *("doctor", "versions", "diff", "push", "hold", "promote", "iam-policy"),
        *("stack-parameters", "override"),
    ]
    assert not [line for line in said.out.splitlines() if line.endswith("...") and "Usage" not in line]


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("nothing",)], ids=" ".join)
def test_what_needs_no_command_imports_no_command_and_nothing_heavy(desk, args):
    code = (
        "import contextlib, sys; from controller.cli.app import app\n"
        f"with contextlib.suppress(Exception): app({list(args)}, standalone_mode=False)\n"
        "heavy = {'boto3', 'botocore', 'holidays', 'icalendar', 'ruamel', 'rich'} & set(sys.modules);"
        "commands = [name for name in sys.modules if name.startswith('controller.cli.commands.')];"
        "print(sorted(heavy), commands)"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environment(desk.home), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] []"


def test_a_command_imports_no_other_command(desk):
    code = (
        "import sys; from controller.cli.commands import load_command; load_command('validate');"
        "print(sorted(name for name in sys.modules if name.startswith('controller.cli.commands.')))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environment(desk.home), capture_output=True, text=True, check=True
    )
    assert done.stdout == "['controller.cli.commands.validate']\n"


@pytest.mark.parametrize("args", [("nothing",), ("explain", "--nothing"), ("explain", "a", "b")])
def test_a_command_that_does_not_exist_is_wrong_input(desk, args):
    said = desk(*args)
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err


def test_the_versions_are_told_with_those_of_the_data_that_decide_when_something_is_open(desk):
    told = ", ".join(f"{name} {version(name)}" for name in ("rekognition-scheduler", "tzdata", "holidays"))
    assert desk("--version").out == f"{told}\n"


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        pytest.param({}, False, id="a pipe"),
        pytest.param({"FORCE_COLOR": "1"}, True, id="forced"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR"),
    ],
)
def test_colour_is_for_terminals(desk, env, coloured):
    out = typed(desk, "validate", **env).stdout
    assert ("\x1b[32m" in out or "\x1b[1;32m" in out) is coloured


def test_a_line_in_a_pipe_is_never_wrapped(desk):
    desk.write(
        FILE.replace(
            "mon-thu: 08:30-17:00", f"mon-thu: [{', '.join(f'{h:02}:00-{h:02}:30' for h in range(24))}]"
        )
    )
    assert max(map(len, desk("explain", COLUMNS="20").out.splitlines())) > 250


def test_what_comes_from_outside_cannot_steer_the_terminal(desk):
    desk.cli = failing(RuntimeError("\x1b[2J\x07gone"))
    assert "\x1b" not in desk("explain").err


def test_a_terminal_without_unicode_is_no_failure(desk):
    desk.write(FILE + "    hold: {state: off, until: 2026-11-23T18:00, reason: Café}\n")
    done = typed(desk, "explain", "--at", "2026-11-23T09:00", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2026-11-23 18:00 EST: Caf?\n" in done.stdout


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("args", "code"), [(("calendar", "--from", "2026-11-23"), 0), (("validate", "none.yaml"), 2)]
)
def test_a_closed_stream_changes_no_exit_code(desk, streams, args, code):
    shell = ["/bin/sh", "-c", f'exec "$@" {streams}', "sh", *COMMAND, *args]
    done = subprocess.run(shell, cwd=desk.home, env=environment(desk.home), capture_output=True, check=False)  # noqa: S603 - our own command
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it is Linux's")
def test_a_full_disk_is_told_in_words(desk):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603 - our own command
            [*COMMAND, "calendar"],
            cwd=desk.home,
            env=environment(desk.home),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "No space left on device" in done.stderr


def test_ctrl_c_while_the_command_is_being_loaded_is_no_traceback(monkeypatch):
    """An import that is interrupted, as in the first moment of a command."""

    def interrupted(name, *args, **kwargs):
        if name == "controller.cli.app":
            raise KeyboardInterrupt
        return import_(name, *args, **kwargs)

    import_ = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == Exit.INTERRUPTED


@pytest.mark.parametrize(
    "args", [("-q", "override", "list"), ("override", "-q", "list"), ("override", "list", "-q")], ids=" ".join
)
def test_a_common_option_stands_before_or_after_any_command(desk, args):
    desk.write(FILE, "schedule.yaml")
    said = typed(desk, *args, SCHEDULER_CONFIG="")
    assert (said.returncode, said.stderr) == (0, "")


def test_missing_credentials_are_told_once_on_each_stream(desk):
    said = typed(desk, "status")
    assert said.returncode == 1
    assert (said.stdout + said.stderr).count("give credentials") == 1
    assert said.stdout.count("NoCredentialsError") == 1


def test_doctor_without_credentials_prints_the_remedy_once_and_what_stays_unknown(desk):
    done = typed(desk, "doctor")
    assert done.returncode == 1
    assert done.stdout.count("`aws configure`") == 1
    named = next(line for line in done.stdout.splitlines() if line.strip().startswith("logos: model"))
    assert all(check in named for check in ("mapping", "queue", "retention"))
    account = next(line for line in done.stdout.splitlines() if line.strip().startswith("the account: "))
    assert account.count("permissions") == 1
    data = json.loads(typed(desk, "doctor", "--json").stdout)
    unknown = [each for each in data["findings"] if each["severity"] == "unknown"]
    assert len(unknown) > 10
    assert all(each["remedy"] for each in unknown)
