"""Checks beyond one pipeline: shared quotas, the file's bucket, the clock, the controller's permissions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from controller.account.data_versions import data_versions
from controller.account.facts import AccountFacts
from controller.account.findings import Check, Remark, Unreadable, advice, require, serious
from controller.account.permissions import refusals
from controller.config.warnings import RUNNING_MODELS_QUOTA, quota_warnings
from controller.core.timefmt import utc
from controller.storage.sources import bucket_of

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


CHECKS: Final[dict[str, Check[AccountFacts]]] = {
    "clock": clock,
    "running-quota": running_quota,
    "bucket": bucket,
    "dry-run": dry_run,
    "shards": shards,
    "data-versions": data_versions,
    "permissions": permissions,
}
