"""Runs every check of ``doctor`` over an account and collects the findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from controller.account import pipeline_checks
from controller.account.competing_schedules import leftover_crons, suspects
from controller.account.data_versions import data_versions
from controller.account.facts import AccountFacts, PipelineFacts
from controller.account.findings import (
    Check,
    Finding,
    Remark,
    Severity,
    Unreadable,
    advice,
    require,
    run_all,
    serious,
)
from controller.account.permissions import refusals
from controller.account.reader import AccountReader
from controller.aws.clients import ClientFactory
from controller.config.model import Config
from controller.config.warnings import RUNNING_MODELS_QUOTA, quota_warnings
from controller.core.timefmt import utc
from controller.loop.context import Clock
from controller.storage.sources import bucket_of

CLOCK_CHECKS: Final[dict[str, Check[tuple[PipelineFacts, ...]]]] = {"leftovers": leftover_crons}
"""Of all pipelines together: what runs by the clock is the account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The result of ``doctor``: ``findings`` in file order, the account's last.

    ``not_seen`` names what no check can read.
    """

    at: datetime
    account: AccountFacts
    pipelines: tuple[PipelineFacts, ...]
    findings: tuple[Finding, ...]
    not_seen: tuple[str, ...]

    @property
    def checks(self) -> tuple[tuple[str | None, str], ...]:
        """Every check that was made, by its pipeline (``None``: of the account) and its name."""
        of_pipelines = (
            (facts.pipeline.name, name) for facts in self.pipelines for name in pipeline_checks.CHECKS
        )
        return (*of_pipelines, *((None, name) for name in (*ACCOUNT_CHECKS, *CLOCK_CHECKS)))

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def blind(self) -> bool:
        """Whether AWS was not reached: ``sts:GetCallerIdentity``, which needs no permission, failed."""
        return isinstance(self.account.identity, Unreadable)


def diagnose(config: Config, clients: ClientFactory, clock: Clock, role: str | None = None) -> Diagnosis:
    """``role`` is the ARN of the role that the controller runs as; ``None``: whoever calls."""
    return run_checks(AccountReader(config=config, clients=clients, clock=clock, role=role))


def run_checks(look: AccountReader) -> Diagnosis:
    return Diagnosis(
        at=look.account.asked_at,
        account=look.account,
        pipelines=look.pipelines,
        findings=tuple(_findings(look)),
        not_seen=tuple(_not_seen(look.pipelines)),
    )


def _findings(look: AccountReader) -> Iterator[Finding]:
    for facts in look.pipelines:
        yield from run_all(pipeline_checks.CHECKS, facts, facts.pipeline.name)
    yield from run_all(ACCOUNT_CHECKS, look.account)
    yield from run_all(CLOCK_CHECKS, look.pipelines)


def _not_seen(pipelines: tuple[PipelineFacts, ...]) -> Iterator[str]:
    yield from (f"{each}: what its code does is not searched" for each in suspects(pipelines))


SKEW_REFUSED: Final = timedelta(minutes=5)
"""AWS refuses a request whose time is further off.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""
SKEW_NOTICED: Final = timedelta(seconds=30)


def running_quota(facts: AccountFacts) -> Iterator[Remark]:
    for place, quotas in facts.quotas.items():
        here = (
            each for each in facts.config.pipelines if (each.model.account, each.model.target.region) == place
        )
        quota = None if isinstance(quotas, Unreadable) else quotas.running_models
        config = replace(facts.config, pipelines=tuple(here))
        for crowd in quota_warnings(
            config, facts.asked_at, quota if quota is not None else RUNNING_MODELS_QUOTA
        ):
            message, _, remedy = crowd.message.rpartition("; ")
            assumed = " (AWS's default: the account's own could not be read)" if quota is None else ""
            yield serious(f"{message}{assumed}", remedy)


def bucket(facts: AccountFacts) -> Iterator[Remark]:
    if require(facts.versioned) is False:
        name = bucket_of(facts.config.file)
        yield serious(
            f"the bucket {name} keeps no versions: after a bad edit there is no valid file to go on with",
            f"aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled",
        )


def dry_run(facts: AccountFacts) -> Iterator[Remark]:
    deployment = require(facts.deployment)
    if deployment is not None and deployment.dry_run_since is not None:
        yield advice(
            f"the controller has been in dry run since {utc(deployment.dry_run_since)}: it starts, stops and "
            "switches nothing",
            "once its log says what it should: rekognition-scheduler stack-parameters --set DryRun=false, "
            "then deploy",
        )


def shards(facts: AccountFacts) -> Iterator[Remark]:
    absent = require(facts.absent_shards)
    if absent:
        names = ", ".join(map(str, absent))
        own = [each.name for each in facts.config.pipelines if any(one.owns(each.name) for one in absent)]
        yield serious(
            f"no function has run shard {names}: {', '.join(own) or 'no pipeline'} waits for it",
            f"deploy a stack with Shard={absent[0]}, or one with Shard= (empty) that runs all pipelines",
        )


def clock(facts: AccountFacts) -> Iterator[Remark]:
    answered_at = require(facts.identity).answered_at
    if answered_at is None:
        return
    off = skew(facts.asked_at, facts.heard_at, answered_at)
    side = "behind" if off > timedelta(0) else "ahead of"
    told = f"this machine's clock is {abs(off).total_seconds():.0f} seconds {side} AWS's"
    remedy = "set it by NTP (`timedatectl set-ntp true`, or chrony)"
    if abs(off) > SKEW_REFUSED:
        yield serious(f"{told}: requests signed with it are refused", remedy)
    elif abs(off) > SKEW_NOTICED:
        yield advice(told, remedy)


def skew(asked_at: datetime, heard_at: datetime, answered_at: datetime) -> timedelta:
    """How far AWS's clock is ahead of ours, at least; its time has no fractions of a second."""
    if answered_at > heard_at:
        return answered_at - heard_at
    earliest = asked_at.replace(microsecond=0)
    return min(answered_at - earliest, timedelta(0))


def permissions(facts: AccountFacts) -> Iterator[Remark]:
    found = require(facts.permissions)
    if found is not None:
        yield from refusals(found)


ACCOUNT_CHECKS: Final[dict[str, Check[AccountFacts]]] = {
    "clock": clock,
    "running-quota": running_quota,
    "bucket": bucket,
    "dry-run": dry_run,
    "shards": shards,
    "data-versions": data_versions,
    "permissions": permissions,
}
