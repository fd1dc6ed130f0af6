"""A CloudFormation that makes nothing and remembers the parameters that it was given.

It answers as much as ``sam deploy`` asks for, so that the real SAM CLI decides, from the command and its
files, what is deployed. A parameter that is not sent has the template's default. Buckets are moto's, and the
one of SAM's own is there already.
"""

from __future__ import annotations

import re
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs

from moto.server import ThreadedMotoServer

from tests.support.stack import Stack, template

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
ARN = "arn:aws:cloudformation:us-east-1:123456789012"
MANAGED = "aws-sam-cli-managed-default"
BUCKET = "aws-sam-cli-managed-default-samclisourcebucket"


@dataclass
class RecordedStack:
    """``deployed`` are the parameters of each deployment, by name; use as a context manager."""

    name: str = "rekognition-scheduler"
    deployed: list[dict[str, str]] = field(default_factory=list)
    _proposed: dict[str, str] = field(default_factory=dict)
    _ended_at: datetime = datetime(2026, 11, 23, tzinfo=UTC)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stack": self}))
        Thread(target=self._server.serve_forever, daemon=True).start()
        self._buckets = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._buckets.start()
        host, port = self._buckets.get_host_and_port()
        made = urllib.request.Request(f"http://{host}:{port}/{BUCKET}", method="PUT")
        urllib.request.urlopen(made).close()  # noqa: S310 - as above
        return self

    def __exit__(self, *_exception: object) -> None:
        self._buckets.stop()
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """For a process that is to speak to it."""
        host, port = self._buckets.get_host_and_port()
        return {
            "AWS_ENDPOINT_URL_CLOUDFORMATION": f"http://127.0.0.1:{self._server.server_port}",
            "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        }

    @property
    def function(self) -> dict[str, str]:
        """The environment of the function that stands now."""
        properties = Stack(given=self.deployed[-1]).properties("ControllerFunction")
        return properties["Environment"]["Variables"]

    def answer(self, action: str, asked: dict[str, str]) -> tuple[int, str]:
        return getattr(self, f"_{re.sub(r'(?<!^)(?=[A-Z])', '_', action).lower()}")(asked)

    def _describe_stacks(self, asked: dict[str, str]) -> tuple[int, str]:
        if asked["StackName"] == MANAGED:
            return 200, _described(
                MANAGED,
                "CREATE_COMPLETE",
                "<Tags><member><Key>ManagedStackSource</Key><Value>AwsSamCli</Value></member></Tags>"
                "<Outputs><member><OutputKey>SourceBucket</OutputKey>"
                f"<OutputValue>{BUCKET}</OutputValue></member></Outputs>",
            )
        if not self.deployed:
            said = f"<Message>Stack with id {self.name} does not exist</Message>"
            return 400, f"<Error><Type>Sender</Type><Code>ValidationError</Code>{said}</Error>"
        return 200, _described(self.name, "CREATE_COMPLETE" if len(self.deployed) == 1 else "UPDATE_COMPLETE")

    def _create_change_set(self, asked: dict[str, str]) -> tuple[int, str]:
        before = self.deployed[-1] if self.deployed else {}
        self._proposed = _parameters(asked, before)
        return 200, f"<Id>{ARN}:changeSet/1/1</Id><StackId>{ARN}:stack/{self.name}/1</StackId>"

    def _describe_change_set(self, _asked: dict[str, str]) -> tuple[int, str]:
        return 200, (
            f"<ChangeSetName>1</ChangeSetName><ChangeSetId>{ARN}:changeSet/1/1</ChangeSetId>"
            "<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes/>"
        )

    def _execute_change_set(self, _asked: dict[str, str]) -> tuple[int, str]:
        self.deployed.append(self._proposed)
        self._ended_at = datetime.now(UTC)
        return 200, ""

    def _describe_stack_events(self, _asked: dict[str, str]) -> tuple[int, str]:
        """The last deployment's end, which is all that SAM waits for."""
        status = "CREATE_COMPLETE" if len(self.deployed) == 1 else "UPDATE_COMPLETE"
        identity = f"{ARN}:stack/{self.name}/1"
        return 200, (
            f"<StackEvents><member><StackId>{identity}</StackId><EventId>{len(self.deployed)}</EventId>"
            f"<StackName>{self.name}</StackName><LogicalResourceId>{self.name}</LogicalResourceId>"
            f"<PhysicalResourceId>{identity}</PhysicalResourceId><ResourceStatus>{status}</ResourceStatus>"
            "<ResourceType>AWS::CloudFormation::Stack</ResourceType>"
            f"<Timestamp>{self._ended_at.isoformat()}</Timestamp></member></StackEvents>"
        )

    def _get_template_summary(self, _asked: dict[str, str]) -> tuple[int, str]:
        return 200, "<Parameters/>"


def _described(name: str, status: str, more: str = "") -> str:
    return (
        f"<Stacks><member><StackId>{ARN}:stack/{name}/1</StackId><StackName>{name}</StackName>"
        f"<StackStatus>{status}</StackStatus><CreationTime>2026-11-23T08:00:00Z</CreationTime>{more}"
        "</member></Stacks>"
    )


def _parameters(asked: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """As CloudFormation takes them.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
    """
    found = {name: str(each.get("Default", "")) for name, each in template()["Parameters"].items()}
    numbers = {
        re.match(r"Parameters\.member\.(\d+)\.", key)[1] for key in asked if key.startswith("Parameters.m")
    }
    for number in numbers:
        prefix = f"Parameters.member.{number}"
        name = asked[f"{prefix}.ParameterKey"]
        assert name in found, f"CloudFormation refuses a parameter that the template has not: {name}"
        if asked.get(f"{prefix}.UsePreviousValue") == "true":
            found[name] = before[name]
        else:
            found[name] = asked[f"{prefix}.ParameterValue"]
    return found


class _Handler(BaseHTTPRequestHandler):
    stack: RecordedStack

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {key: values[0] for key, values in parse_qs(body, keep_blank_values=True).items()}
        action = asked["Action"]
        status, inner = self.stack.answer(action, asked)
        result = f"<{action}Result>{inner}</{action}Result>" if status == 200 else inner
        name = f"{action}Response" if status == 200 else "ErrorResponse"
        text = f'<{name} xmlns="{NAMESPACE}">{result}</{name}>'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""
