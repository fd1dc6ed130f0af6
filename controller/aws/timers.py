"""Rules with a schedule expression, and schedules, of EventBridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import RuleTypeDef, TargetOutputTypeDef
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A rule or schedule that calls ``target_arn`` with ``input``; ``name`` is such as ``rule stop-at-17``.

    ``zone`` is that of the expression's times.
    """

    name: str
    expression: str
    enabled: bool
    target_arn: str
    input: str
    zone: str = "UTC"


class Rules:
    """Those of the default bus: the only one on which a rule may have a schedule expression.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
    """

    def __init__(self, client: EventBridgeClient) -> None:
        self._client = client

    def timed(self) -> tuple[Timed, ...]:
        """Raises ``TransientError`` or ``TerminalError``."""
        call = Call(name="events:ListRules", resource="*")
        pages = call.pages(self._client.get_paginator("list_rules").paginate())
        with call.reading():
            rules = [rule for page in pages for rule in page["Rules"] if rule.get("ScheduleExpression")]
        return tuple(timed for rule in rules for timed in self._of(rule))

    def _of(self, rule: RuleTypeDef) -> tuple[Timed, ...]:
        call = Call(name="events:ListTargetsByRule", resource=rule.get("Arn", "a rule"))
        paginator = self._client.get_paginator("list_targets_by_rule")
        with call.reading():
            pages = call.pages(paginator.paginate(Rule=rule["Name"]))
            return tuple(_of_rule(rule, target) for page in pages for target in page["Targets"])


class Schedules:
    def __init__(self, client: EventBridgeSchedulerClient) -> None:
        self._client = client

    def timed(self) -> tuple[Timed, ...]:
        """Of all groups. Raises ``TransientError`` or ``TerminalError``.

        Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
        """
        call = Call(name="scheduler:ListSchedules", resource="*")
        pages = call.pages(self._client.get_paginator("list_schedules").paginate())
        with call.reading():
            found = [
                (each["Arn"], each["GroupName"], each["Name"]) for page in pages for each in page["Schedules"]
            ]
        return tuple(self._schedule(arn, group, name) for arn, group, name in found)

    def _schedule(self, arn: str, group: str, name: str) -> Timed:
        call = Call(name="scheduler:GetSchedule", resource=arn)
        with call.sending():
            answer = self._client.get_schedule(GroupName=group, Name=name)
        with call.reading():
            return Timed(
                name=f"schedule {group}/{name}",
                expression=answer["ScheduleExpression"],
                enabled=answer.get("State", "ENABLED") == "ENABLED",
                target_arn=answer["Target"]["Arn"],
                input=answer["Target"].get("Input", ""),
                zone=answer.get("ScheduleExpressionTimezone", "UTC"),
            )


def _of_rule(rule: RuleTypeDef, target: TargetOutputTypeDef) -> Timed:
    """An input that is made from a template stands in the template."""
    transformer = target.get("InputTransformer")
    return Timed(
        name=f"rule {rule['Name']}",
        expression=rule["ScheduleExpression"],
        enabled=rule.get("State") != "DISABLED",
        target_arn=target["Arn"],
        input=target.get("Input") or (transformer["InputTemplate"] if transformer else ""),
    )
