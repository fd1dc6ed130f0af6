"""Runs every check of ``doctor`` over an account and collects the findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.account import account_checks, pipeline_checks
from controller.account.competing_schedules import leftover_crons, suspects
from controller.account.facts import AccountFacts, PipelineFacts
from controller.account.findings import Check, Finding, Severity, Unreadable, run_all
from controller.account.reader import AccountReader
from controller.aws.clients import ClientFactory
from controller.config.model import Config
from controller.loop.context import Clock

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
        return (*of_pipelines, *((None, name) for name in (*account_checks.CHECKS, *CLOCK_CHECKS)))

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
    yield from run_all(account_checks.CHECKS, look.account)
    yield from run_all(CLOCK_CHECKS, look.pipelines)


def _not_seen(pipelines: tuple[PipelineFacts, ...]) -> Iterator[str]:
    yield from (f"{each}: what its code does is not searched" for each in suspects(pipelines))
