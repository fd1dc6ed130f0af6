"""``doctor``: problems of the AWS account, each with a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from controller.account import Diagnosis, Finding, Severity, diagnose
from controller.account.data_versions import deployed_versions
from controller.account.diagnosis import CLOCK_CHECKS
from controller.account.facts import PipelineFacts
from controller.account.findings import Unreadable
from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.inputs import load_in_force
from controller.cli.options.shared import ConfigOption, FileArgument, JsonOption, chosen_file
from controller.cli.render.terminal import count, line, print_info, print_json, print_out, table, words
from controller.config.arns import ROLE, ROLE_EXAMPLE
from controller.config.values import matched
from controller.loop.report import instant
from controller.storage.versions import listed, versions

_STYLES = {Severity.SERIOUS: "bold red", Severity.ADVICE: "yellow", Severity.UNKNOWN: "magenta"}


def _role(text: str) -> str:
    try:
        return matched(ROLE, text, "the ARN of a role", ROLE_EXAMPLE)[0]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@command_boundary
def doctor(
    ctx: typer.Context,
    file: FileArgument = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            metavar="ARN",
            parser=_role,
            help="The role that the controller runs as; default: the caller.",
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Check the AWS account; name a remedy for each problem.

    Nothing is written. Exit code 3 when something is serious.
    """
    cli: CliContext = ctx.obj
    diagnosis = diagnose(
        load_in_force(chosen_file(ctx, file, config), cli.clients), cli.clients, cli.clock, role
    )
    if as_json:
        print_json(_json(diagnosis))
    else:
        _print(diagnosis)
    if diagnosis.blind:
        return Exit.FAILED
    return Exit.ACTION_NEEDED if diagnosis.count(Severity.SERIOUS) else Exit.OK


def _json(diagnosis: Diagnosis) -> dict[str, object]:
    return {
        "at": instant(diagnosis.at),
        "pipelines": [_identities(facts) for facts in diagnosis.pipelines],
        "checks": [
            {"pipeline": pipeline, "check": check, "verdict": _verdict(diagnosis, pipeline, check)}
            for pipeline, check in diagnosis.checks
        ],
        "findings": [
            {
                "pipeline": each.pipeline,
                "check": each.check,
                "severity": each.severity.value,
                "message": each.message,
                "remedy": each.remedy,
            }
            for each in diagnosis.findings
        ],
        "not_seen": list(diagnosis.not_seen),
        "versions": {"here": versions(), "function": deployed_versions(diagnosis.account) or None},
    }


def _verdict(diagnosis: Diagnosis, pipeline: str | None, check: str) -> str:
    """The worst severity among the findings of the check; ``fine`` without one."""
    severities = {
        each.severity for each in diagnosis.findings if (each.pipeline, each.check) == (pipeline, check)
    }
    return next((severity.value for severity in Severity if severity in severities), "fine")


def _identities(facts: PipelineFacts) -> dict[str, object]:
    """The model, mapping, queue and function that the file's ARN and UUID refer to."""
    mapping = None if isinstance(facts.mapping, Unreadable) else facts.mapping
    return {
        "name": facts.pipeline.name,
        "model": facts.model.status.value if facts.model else None,
        "mapping": mapping.state.value if mapping else None,
        "queue_arn": mapping.queue_arn if mapping else None,
        "function_arn": mapping.function_arn if mapping else None,
    }


def _print(diagnosis: Diagnosis) -> None:
    shared = _shared(diagnosis.findings)
    own = [each for each in diagnosis.findings if not any(each in alike for alike in shared)]
    for facts in diagnosis.pipelines:
        print_out(line((facts.pipeline.name, "bold"), f": {_chain(facts)}"))
        _print_findings(each for each in own if each.pipeline == facts.pipeline.name)
    _print_findings(each for each in own if each.pipeline is None)
    for alike in shared:
        _print_shared(alike)
    print_out(line(("Checked", "bold"), f" {count(len(diagnosis.checks), 'thing')}: {_summary(diagnosis)}"))
    print_out(f"Versions: {_versions(diagnosis)}")
    if diagnosis.not_seen and not any(each.check in CLOCK_CHECKS for each in diagnosis.findings):
        things = count(len(diagnosis.not_seen), "thing")
        print_info(f"not searched: the code of {things} that run by the clock (--json)")


def _versions(diagnosis: Diagnosis) -> str:
    there = deployed_versions(diagnosis.account)
    function = listed(there) if there else "not known (it writes them beside an s3:// configuration)"
    return f"{listed(versions())}; in the function: {function}"


def _chain(facts: PipelineFacts) -> str:
    """``queue logos-images, mapping Enabled, function logos-inference, model RUNNING``."""
    identities = _identities(facts)
    arns = ("queue_arn", "function_arn")
    queue, function = (
        str(identities[arn]).rpartition(":")[2] if identities[arn] else "not known" for arn in arns
    )
    mapping, model = (identities[key] or "not known" for key in ("mapping", "model"))
    return f"queue {queue}, mapping {mapping}, function {function}, model {model}"


def _shared(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of several calls that failed alike and have one remedy, such as that of no credentials."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        if each.severity is Severity.UNKNOWN and each.remedy:
            alike.setdefault((_cause(each), each.remedy), []).append(each)
    return [found for found in alike.values() if len({each.message for each in found}) > 1]


def _cause(finding: Finding) -> str:
    """What follows the call: ``NoCredentialsError: Unable to locate credentials``."""
    return finding.message.partition(": ")[2].partition("; ")[0]


def _print_shared(alike: list[Finding]) -> None:
    """The remedy once, and every check that stays unknown."""
    checks: dict[str, list[str]] = {}
    for each in alike:
        named = checks.setdefault(each.pipeline or "the account", [])
        if each.check not in named:
            named.append(each.check)
    first = alike[0]
    word = words(first.severity.value, _STYLES[first.severity])
    rows = [("", word, f"{first.message}; what to do: {first.remedy}")]
    rows.extend(("", words(""), f"{name}: {', '.join(named)}") for name, named in checks.items())
    print_out(table(("",) * len(rows[0]), rows))


def _print_findings(findings: Iterable[Finding]) -> None:
    rows = [
        ("", words(severity.value, _STYLES[severity]), line((", ".join(checks), "bold"), f": {text}"))
        for severity, checks, text in _merged(findings)
    ]
    if rows:
        print_out(table(("",) * len(rows[0]), rows))


def _merged(findings: Iterable[Finding]) -> Iterator[tuple[Severity, list[str], str]]:
    """The worst first; checks with the same message (one read that failed) share a line."""
    rank = list(Severity)
    alike: dict[tuple[Severity, str], list[str]] = {}
    for each in findings:
        remedy = f"; what to do: {each.remedy}" if each.remedy else ""
        alike.setdefault((each.severity, f"{each.message}{remedy}"), []).append(each.check)
    for severity, text in sorted(alike, key=lambda key: rank.index(key[0])):
        yield severity, alike[severity, text], text


def _summary(diagnosis: Diagnosis) -> str:
    serious, advised, unknown = (diagnosis.count(severity) for severity in Severity)
    parts = ((serious, "serious"), (advised, "advised"), (unknown, "unknown"))
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "nothing to say"
