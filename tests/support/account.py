"""An account in moto with one pipeline in it, built right; a test builds it wrong in one way.

moto has no project versions, no quotas of Rekognition and no policy simulator: they are answered here, from
what ``Account`` holds, through moto's own doors (so that real boto3 clients ask and parse).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from moto import mock_aws
from moto.core.exceptions import JsonRESTError
from moto.iam.responses import IamResponse
from moto.rekognition.responses import RekognitionResponse
from moto.servicequotas.responses import ServiceQuotasResponse

from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.config.model import STANDARD, Target
from tests.environment import isolate

REGION = "us-east-1"
HERE = Target(region=REGION)
NUMBER = "123456789012"
PROJECT = f"arn:aws:rekognition:{REGION}:{NUMBER}:project/logos/1767950000000"
MODEL = f"arn:aws:rekognition:{REGION}:{NUMBER}:project/logos/version/v2/1768468215000"
OLD = f"arn:aws:rekognition:{REGION}:{NUMBER}:project/logos/version/v1/1768000000000"
ROLE = f"arn:aws:iam::{NUMBER}:role/rekognition-scheduler"
RUNNING, UNITS = "L-5E225387", "L-4FA65ECB"
QUOTAS = {RUNNING: 2, UNITS: 5}
QUOTA_NAMES = {
    RUNNING: "Maximum number of concurrently running Amazon Rekognition Custom Labels models per account",
    UNITS: "Maximum number of inference units per running Amazon Rekognition Custom Labels model",
}
"""So alike that words which are meant for one fit the other."""
SERVICES = (
    "rekognition",
    "lambda",
    "sqs",
    "sts",
    "iam",
    "events",
    "scheduler",
    "service-quotas",
    "s3",
    "cloudformation",
)
_OF_XML = ("iam", "sts", "s3", "cloudformation")
ZIP = b"PK\x05\x06" + bytes(18)
DAY_S = 86_400


class _RefusedError(JsonRESTError):
    code = 400


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


@dataclass
class Account:
    """``versions`` are the statuses of the project's versions; ``denied`` what the simulator refuses.

    ``denied_to`` is what it refuses to one principal.

    ``refused`` are operations (``GetQueueAttributes``) that the caller may not ask; ``clock_ahead`` is how
    far AWS's clock is ahead of this machine's.
    """

    clients: BotoClients
    versions: dict[str, str] = field(default_factory=lambda: {MODEL: "STOPPED", OLD: "STOPPED"})
    projects: list[str] = field(default_factory=lambda: [PROJECT])
    quotas: dict[str, int] = field(default_factory=lambda: dict(QUOTAS))
    denied: set[str] = field(default_factory=set)
    denied_to: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    asked: list[dict[str, object]] = field(default_factory=list)
    clock_ahead: timedelta = timedelta(0)
    uuid: str = ""

    def __post_init__(self) -> None:
        self.sqs, self.lambda_ = self.client("sqs"), self.client("lambda")

    def client(self, service: str):
        return self.clients(service, HERE)

    def build(self) -> None:
        """Queue, dead-letter queue, function and mapping as they should be."""
        dead = self.queue("logos-dead", retention_s=14 * DAY_S)
        self.queue("logos", retention_s=14 * DAY_S, VisibilityTimeout="360", dead=dead, receives=10)
        self.function("logos-inference", MODEL_ARN=MODEL)
        self.uuid = self.mapping("logos", "logos-inference")

    def queue(
        self, name: str, *, retention_s: int, dead: str | None = None, receives: int = 10, **more: str
    ) -> str:
        attributes = {"MessageRetentionPeriod": str(retention_s), **more}
        if dead is not None:
            policy = {"deadLetterTargetArn": dead, "maxReceiveCount": receives}
            attributes["RedrivePolicy"] = json.dumps(policy)
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return f"arn:aws:sqs:{REGION}:{NUMBER}:{name}"

    def set_queue(self, name: str, **attributes: str) -> None:
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)

    def function(self, name: str, *, timeout_s: int = 60, **environment: str) -> str:
        self.lambda_.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self._role(),
            Handler="handler.handler",
            Code={"ZipFile": ZIP},
            Timeout=timeout_s,
            Environment={"Variables": environment},
        )
        return f"arn:aws:lambda:{REGION}:{NUMBER}:function:{name}"

    def mapping(self, queue: str, function: str, **more: object) -> str:
        usual = {
            "Enabled": False,
            "BatchSize": 10,
            "ScalingConfig": {"MaximumConcurrency": 2},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
        answer = self.lambda_.create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:{REGION}:{NUMBER}:{queue}",
            FunctionName=function,
            **{name: value for name, value in (usual | more).items() if value is not None},
        )
        return answer["UUID"]

    def rule(
        self,
        name: str,
        target: str,
        *,
        enabled: bool = True,
        input_: str | None = None,
        when: str = "cron(0 17 ? * MON-FRI *)",
    ) -> None:
        events = self.client("events")
        events.put_rule(Name=name, ScheduleExpression=when, State="ENABLED" if enabled else "DISABLED")
        events.put_targets(
            Rule=name, Targets=[{"Id": "1", "Arn": target, **({"Input": input_} if input_ else {})}]
        )

    def schedule(self, name: str, target: str, input_: str = "{}") -> None:
        self.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": ROLE, "Input": input_},
        )

    def _role(self) -> str:
        iam = self.client("iam")
        if not any(role["RoleName"] == "inference" for role in iam.list_roles()["Roles"]):
            iam.create_role(RoleName="inference", AssumeRolePolicyDocument="{}")
        return f"arn:aws:iam::{NUMBER}:role/inference"

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Clients are refused what they may not ask, and told AWS's time."""
        places = [(service, target) for service in SERVICES for target in (HERE, STANDARD)]
        emitters = [self.clients(*place).meta.events for place in places]
        for events in emitters:
            events.register_first("before-send", self._refuse)
            events.register("after-call.sts.GetCallerIdentity", self._tell_time)
        yield
        for events in emitters:
            events.unregister("before-send", self._refuse)
            events.unregister("after-call.sts.GetCallerIdentity", self._tell_time)

    def _refuse(self, request: AWSRequest, event_name: str, **_rest: object) -> AWSResponse | None:
        _, service, operation = event_name.split(".")
        if operation not in self.refused:
            return None
        code = "AccessDenied" if service in {*_OF_XML, "sqs"} else "AccessDeniedException"
        if service in _OF_XML:
            body = (
                f"<ErrorResponse><Error><Code>{code}</Code><Message>not you</Message></Error></ErrorResponse>"
            )
        else:
            body = json.dumps({"__type": code, "message": "not you"})
        return AWSResponse(request.url, 403, {"x-amzn-errortype": code}, _Raw(body.encode()))

    def _tell_time(self, parsed: dict[str, object], **_rest: object) -> None:
        at = datetime.now(UTC) + self.clock_ahead
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = f"{at:%a, %d %b %Y %H:%M:%S} GMT"

    def _describe_projects(self, body: dict[str, object]) -> str:
        wanted = body.get("ProjectNames")
        found = [arn for arn in self.projects if wanted is None or arn.split("/")[1] in wanted]
        return json.dumps({"ProjectDescriptions": [{"ProjectArn": arn} for arn in found]})

    def _describe_versions(self, body: dict[str, object]) -> str:
        if body["ProjectArn"] not in self.projects:
            raise _RefusedError("ResourceNotFoundException", "no such project")
        name = body["ProjectArn"].split("/")[1]
        found = [
            {"ProjectVersionArn": arn, "Status": status, "MinInferenceUnits": 2}
            for arn, status in self.versions.items()
            if f":project/{name}/" in arn
        ]
        return json.dumps({"ProjectVersionDescriptions": found})

    def _list_quotas(self, _body: dict[str, object]) -> str:
        quotas = [
            {"QuotaCode": code, "QuotaName": QUOTA_NAMES.get(code, "another"), "Value": float(value)}
            for code, value in self.quotas.items()
        ]
        return json.dumps({"Quotas": quotas})

    def _simulate(self, form: dict[str, list[str]]) -> str:
        actions, resources = (
            [values[0] for key, values in sorted(form.items()) if key.startswith(prefix)]
            for prefix in ("ActionNames.member.", "ResourceArns.member.")
        )
        self.asked.append({"principal": form["PolicySourceArn"][0], "actions": actions, "on": resources})
        denied = self.denied | self.denied_to.get(form["PolicySourceArn"][0], set())
        results = "".join(
            f"<member><EvalActionName>{action}</EvalActionName>"
            f"<EvalResourceName>{resource}</EvalResourceName><EvalDecision>"
            f"{'implicitDeny' if action in denied else 'allowed'}</EvalDecision></member>"
            for action in actions
            for resource in resources
        )
        return (
            '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            f"<SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>"
            "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        )


@contextmanager
def an_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Built right."""
    isolate(monkeypatch)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        account = Account(clients=_clients())
        _open_doors(monkeypatch, account)
        account.build()
        with account.guarded():
            yield account


@cache
def _clients() -> BotoClients:
    """Made once: they are most of a test's time."""
    return BotoClients(RetryConfig(attempts=1))


def _open_doors(monkeypatch: pytest.MonkeyPatch, account: Account) -> None:
    doors = {
        (RekognitionResponse, "describe_projects"): account._describe_projects,
        (RekognitionResponse, "describe_project_versions"): account._describe_versions,
        (ServiceQuotasResponse, "list_service_quotas"): account._list_quotas,
    }
    for (response, name), answer in doors.items():
        monkeypatch.setattr(
            response, name, lambda self, answer=answer: answer(json.loads(self.body)), raising=False
        )
    monkeypatch.setattr(
        IamResponse,
        "simulate_principal_policy",
        lambda self: account._simulate(self.querystring),
        raising=False,
    )
