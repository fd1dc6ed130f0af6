"""Real boto3 clients against an endpoint on loopback: what is sent, and what bad answers become."""

from __future__ import annotations

import json
import socket
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from controller.aws.clients import BotoClients
from controller.aws.cloudwatch import CloudWatch
from controller.aws.codes import is_absent, is_quota
from controller.aws.function import Functions
from controller.aws.mapping import Mappings
from controller.aws.queue import Queues
from controller.aws.quotas import RUNNING_MODELS, ServiceQuotas
from controller.aws.rekognition import Models
from controller.aws.retries import RetryConfig
from controller.config.model import Target
from controller.core.states import MappingState
from controller.errors import AwsError, TerminalError, TransientError

HERE = Target(region="us-east-1")
ROLE = "arn:aws:iam::210987654321:role/pipeline"
THERE = Target(region="us-east-1", role_arn=ROLE, external_id="x-42")
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/logos/1767950000000"
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:images"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:inference"
UUID = "8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6"
HTML = (200, {"Content-Type": "text/html"}, "<html>Please sign in to the guest network</html>")
ONCE = RetryConfig(attempts=1, connect_timeout_s=2, read_timeout_s=2)


@dataclass
class Endpoint:
    """Gives ``answers`` in their order, the last one for ever, and keeps what it was asked."""

    url: str
    answers: list = field(default_factory=list)
    requests: list = field(default_factory=list)

    def answer(self, request):
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: str

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.body).items()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def parse_request(self):
        """Whatever the method is, it is answered alike."""
        parsed = super().parse_request()
        self.method, self.command = self.command, "ANY"
        return parsed

    def do_ANY(self):
        length = int(self.headers.get("Content-Length", 0))
        request = Request(self.method, self.path, dict(self.headers), self.rfile.read(length).decode())
        status, headers, body = self.server.endpoint.answer(request)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def endpoint(monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint.url)
        yield server.endpoint
        server.shutdown()


def refusal(code, message="No.", status=400, **headers):
    return status, headers, json.dumps({"__type": code, "message": message})


def fine(**members):
    return 200, {}, json.dumps(members)


def credentials(lifetime):
    expiration = (datetime.now(UTC) + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        "<AccessKeyId>ASIATHEIRS</AccessKeyId><SecretAccessKey>fake</SecretAccessKey>"
        f"<SessionToken>their-token</SessionToken><Expiration>{expiration}</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    return 200, {"Content-Type": "text/xml"}, body


def models(target=HERE, patience=ONCE):
    return Models(BotoClients(patience)("rekognition", target))


def mappings():
    return Mappings(BotoClients(ONCE)("lambda", HERE))


def queues():
    return Queues(BotoClients(ONCE)("sqs", HERE))


def functions():
    return Functions(BotoClients(ONCE)("lambda", HERE))


def cloudwatch():
    return CloudWatch(BotoClients(ONCE)("cloudwatch", HERE))


READS = {
    "rekognition:DescribeProjects": lambda: models().project_arn("logos"),
    "rekognition:DescribeProjectVersions": lambda: models().versions(PROJECT),
    "lambda:GetEventSourceMapping": lambda: mappings().get(UUID),
    "lambda:GetFunctionConfiguration": lambda: functions().timeout(FUNCTION),
    "sqs:GetQueueUrl": lambda: queues().counts(QUEUE),
    "cloudwatch:GetMetricData": lambda: cloudwatch().oldest_message_age(QUEUE, now=datetime.now(UTC)),
}
WRITES = {
    "rekognition:StartProjectVersion": lambda: models().start(VERSION, units=1, max_units=None),
    "rekognition:StopProjectVersion": lambda: models().stop(VERSION),
    "lambda:UpdateEventSourceMapping": lambda: mappings().set_enabled(UUID, enabled=True),
}
EVERY_CALL = [pytest.param(name, call, id=name) for name, call in (READS | WRITES).items()]
EVERY_READ = [pytest.param(name, call, id=name) for name, call in READS.items()]


WHOLE = {
    "lambda:GetEventSourceMapping": {
        "UUID": UUID,
        "State": "Enabled",
        "EventSourceArn": QUEUE,
        "LastModified": 1_795_000_000.0,
        "MaximumBatchingWindowInSeconds": 5,
        "BatchSize": 10,
        "ScalingConfig": {"MaximumConcurrency": 2},
        "ProvisionedPollerConfig": {"MaximumPollers": 20},
    },
    "lambda:GetFunctionConfiguration": {"Timeout": 60},
    "lambda:GetFunctionConcurrency": {"ReservedConcurrentExecutions": 3},
    "rekognition:DescribeProjectVersions": {
        "ProjectVersionDescriptions": [
            {
                "ProjectVersionArn": VERSION,
                "Status": "RUNNING",
                "MinInferenceUnits": 1,
                "MaxInferenceUnits": 2,
                "CreationTimestamp": 1_768_468_215.0,
            }
        ]
    },
    "servicequotas:ListServiceQuotas": {"Quotas": [{"QuotaCode": RUNNING_MODELS, "Value": 2.0}]},
    "sqs:GetQueueAttributes": {
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/images",
        "Attributes": {
            "ApproximateNumberOfMessages": "7",
            "ApproximateNumberOfMessagesNotVisible": "2",
            "ApproximateNumberOfMessagesDelayed": "1",
            "MessageRetentionPeriod": "345600",
            "VisibilityTimeout": "30",
        },
    },
}
"""Answers with every member that is a number or an instant; that of a queue answers both of its calls."""
MEASURED = {
    "lambda:GetEventSourceMapping": lambda: mappings().get(UUID),
    "lambda:GetFunctionConfiguration": lambda: functions().timeout(FUNCTION),
    "lambda:GetFunctionConcurrency": lambda: functions().reserved_concurrency(FUNCTION),
    "rekognition:DescribeProjectVersions": lambda: models().versions(PROJECT),
    "servicequotas:ListServiceQuotas": lambda: ServiceQuotas(
        BotoClients(ONCE)("service-quotas", HERE)
    ).rekognition(),
    "sqs:GetQueueAttributes": lambda: (queues().counts(QUEUE), queues().settings(QUEUE)),
}


def numbers(value, path=()):
    """The places of the numbers in an answer: ``ScalingConfig.MaximumConcurrency``."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            yield from numbers(item, (*path, str(name)))
    elif str(value).replace(".", "", 1).isdigit():
        yield ".".join(path)


MEASURES = [(name, member) for name, answer in WHOLE.items() for member in numbers(answer)]
JUNK = [-1e18, 1e18, float("inf"), float("nan"), 10**400, "many", [], {}]


class TestWhatIsSent:
    @pytest.mark.parametrize("enabled", [False, True])
    def test_an_update_carries_enabled_and_nothing_else(self, endpoint, enabled):
        endpoint.answers = [fine()]
        mappings().set_enabled(UUID, enabled=enabled)
        (request,) = endpoint.requests
        assert (request.method, request.path) == ("PUT", f"/2015-03-31/event-source-mappings/{UUID}")
        assert json.loads(request.body) == {"Enabled": enabled}

    def test_a_call_names_the_program_and_is_signed_for_its_region(self, endpoint):
        endpoint.answers = [fine(Status="STOPPING")]
        models(Target(region="eu-west-1")).stop(VERSION)
        (request,) = endpoint.requests
        assert "rekognition-scheduler" in request.headers["User-Agent"].split()
        assert "/eu-west-1/rekognition/aws4_request" in request.headers["Authorization"]

    def test_a_blip_is_tried_again_until_patience_ends(self, endpoint):
        endpoint.answers = [refusal("InternalServerError", status=500), fine(ProjectVersionDescriptions=[])]
        assert models(patience=RetryConfig(attempts=2)).versions(PROJECT) == ()
        assert len(endpoint.requests) == 2

    def test_a_refusal_is_not_tried_again(self, endpoint):
        endpoint.answers = [refusal("AccessDeniedException")]
        with pytest.raises(TerminalError):
            models(patience=RetryConfig(attempts=3)).versions(PROJECT)
        assert len(endpoint.requests) == 1


class TestRoles:
    def test_a_role_is_assumed_under_our_name_with_the_external_id(self, endpoint):
        endpoint.answers = [credentials(timedelta(hours=1)), fine(Status="STOPPING")]
        models(THERE).stop(VERSION)
        assume, stop = endpoint.requests
        assert assume.form == {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": ROLE,
            "RoleSessionName": "rekognition-scheduler",
            "ExternalId": "x-42",
        }
        assert stop.headers["X-Amz-Security-Token"] == "their-token"

    def test_no_external_id_sends_none(self, endpoint):
        endpoint.answers = [credentials(timedelta(hours=1)), fine(Status="STOPPING")]
        models(Target(region="us-east-1", role_arn=ROLE)).stop(VERSION)
        assert "ExternalId" not in endpoint.requests[0].form

    @pytest.mark.parametrize(
        ("lifetime", "assumed"),
        [
            pytest.param(timedelta(hours=1), 1, id="kept while they last"),
            pytest.param(timedelta(minutes=5), 3, id="asked for anew before they expire"),
        ],
    )
    def test_the_roles_credentials_outlive_none_of_a_long_watch(self, endpoint, lifetime, assumed):
        endpoint.answer = lambda request: (
            endpoint.requests.append(request)
            or (credentials(lifetime) if "AssumeRole" in request.body else fine(Status="STOPPING"))
        )
        watching = models(THERE)
        for _ in range(3):
            watching.stop(VERSION)
        assert sum("AssumeRole" in request.body for request in endpoint.requests) == assumed

    def test_the_clients_of_a_role_share_its_credentials(self, endpoint):
        endpoint.answers = [credentials(timedelta(hours=1)), fine(Status="STOPPING"), fine()]
        clients = BotoClients(ONCE)
        Models(clients("rekognition", THERE)).stop(VERSION)
        Mappings(clients("lambda", THERE)).set_enabled(UUID, enabled=False)
        assert ["AssumeRole" in request.body for request in endpoint.requests] == [True, False, False]

    def test_the_clients_of_a_factory_keep_their_roles_apart(self, endpoint):
        endpoint.answers = [
            fine(),
            credentials(timedelta(hours=1)),
            fine(),
            credentials(timedelta(hours=1)),
            fine(),
        ]
        clients = BotoClients(ONCE)
        other = Target(region="us-east-1", role_arn=f"{ROLE}-2")
        for target in (HERE, THERE, other):
            Mappings(clients("lambda", target)).set_enabled(UUID, enabled=False)
        ours, theirs, _, others, _ = endpoint.requests
        assert "X-Amz-Security-Token" not in ours.headers
        assert (theirs.form["RoleArn"], others.form["RoleArn"]) == (ROLE, f"{ROLE}-2")

    def test_a_role_that_may_not_be_assumed_is_what_the_error_names(self, endpoint):
        answer = (
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>"
        )
        endpoint.answers = [(403, {"Content-Type": "text/xml"}, answer)]
        with pytest.raises(TerminalError, match=f"sts:AssumeRole on {ROLE}: AccessDenied: No."):
            models(THERE).stop(VERSION)


class TestRefusals:
    def test_the_quota_of_running_models_is_told_apart(self, endpoint):
        endpoint.answers = [refusal("LimitExceededException")]
        with pytest.raises(TransientError) as caught:
            models().start(VERSION, units=1, max_units=None)
        assert is_quota(caught.value)

    def test_a_queue_that_is_gone_keeps_its_older_code(self, endpoint):
        code = "AWS.SimpleQueueService.NonExistentQueue"
        endpoint.answers = [
            refusal("com.amazonaws.sqs#QueueDoesNotExist", **{"x-amzn-query-error": f"{code};Sender"})
        ]
        with pytest.raises(TerminalError) as caught:
            queues().counts(QUEUE)
        assert caught.value.code == code
        assert is_absent(caught.value)

    def test_a_mapping_that_is_gone_is_absent(self, endpoint):
        headers = {"x-amzn-ErrorType": "ResourceNotFoundException"}
        endpoint.answers = [refusal("", "The resource you requested does not exist.", 404, **headers)]
        assert mappings().get(UUID).state is MappingState.ABSENT

    def test_a_mapping_that_is_changing_is_transient(self, endpoint):
        endpoint.answers = [refusal("", "Busy.", 409, **{"x-amzn-ErrorType": "ResourceConflictException:"})]
        with pytest.raises(TransientError) as caught:
            mappings().set_enabled(UUID, enabled=True)
        assert caught.value.code == "ResourceConflictException"

    @pytest.mark.parametrize(("status", "kind"), [(400, TerminalError), (503, TransientError)])
    @pytest.mark.parametrize(("name", "call"), EVERY_CALL)
    def test_a_code_of_the_future_is_judged_by_its_status(self, endpoint, name, call, status, kind):
        endpoint.answers = [refusal("AddedLater", status=status, **{"x-amzn-ErrorType": "AddedLater"})]
        with pytest.raises(kind) as caught:
            call()
        assert (caught.value.call, caught.value.code) == (name, "AddedLater")

    @pytest.mark.parametrize(("name", "call"), EVERY_CALL)
    def test_a_page_of_a_proxy_is_transient_and_short(self, endpoint, name, call):
        endpoint.answers = [(502, {"Content-Type": "text/html"}, "<html>" + "bad gateway " * 500 + "</html>")]
        with pytest.raises(TransientError) as caught:
            call()
        assert caught.value.call == name
        assert len(str(caught.value)) < 1_000


class TestAnswersThatMakeNoSense:
    @pytest.mark.parametrize(
        "answer", [HTML, fine(), fine(Surprise=1)], ids=["html", "empty", "another answer"]
    )
    @pytest.mark.parametrize(("name", "call"), EVERY_READ)
    def test_nothing_is_taken_for_absent(self, endpoint, name, call, answer):
        endpoint.answers = [answer]
        with pytest.raises(TransientError) as caught:
            call()
        assert (caught.value.call, caught.value.code) == (name, "MalformedAnswer")

    @pytest.mark.parametrize("junk", JUNK, ids=str)
    @pytest.mark.parametrize(("name", "member"), MEASURES)
    def test_a_number_or_an_instant_that_no_arithmetic_bears_cannot_be_read(
        self, endpoint, name, member, junk
    ):
        *path, last = member.split(".")
        answer = holder = deepcopy(WHOLE[name])
        for step in path:
            holder = holder[int(step) if step.isdigit() else step]
        assert last in holder
        holder[last] = str(junk) if name == "sqs:GetQueueAttributes" else junk
        endpoint.answers = [fine(**answer)]
        with pytest.raises(TransientError) as caught:
            MEASURED[name]()
        assert (caught.value.call, caught.value.code) == (name, "MalformedAnswer")

    @pytest.mark.parametrize("name", WHOLE)
    def test_the_same_answer_with_plain_numbers_is_read(self, endpoint, name):
        endpoint.answers = [fine(**WHOLE[name])]
        MEASURED[name]()

    @pytest.mark.parametrize("body", ["[]", "3", "null", '"text"', "[" * 100_000], ids=lambda body: body[:6])
    @pytest.mark.parametrize(("name", "call"), EVERY_READ)
    def test_another_document_than_an_answer_cannot_be_read(self, endpoint, name, call, body):
        endpoint.answers = [(200, {}, body)]
        with pytest.raises(TransientError) as caught:
            call()
        assert (caught.value.call, caught.value.code) == (name, "MalformedAnswer")

    def test_a_version_without_an_arn_is_no_version(self, endpoint):
        endpoint.answers = [fine(ProjectVersionDescriptions=[{"Status": "RUNNING"}])]
        with pytest.raises(TransientError, match="ProjectVersionArn"):
            models().versions(PROJECT)


def hang_up(server):
    connection, _ = server.accept()
    connection.close()


class TestNoAnswer:
    @pytest.mark.parametrize(("name", "call"), EVERY_CALL)
    def test_a_closed_port_is_transient(self, monkeypatch, name, call):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
            with pytest.raises(TransientError) as caught:
                call()
        assert (caught.value.call, caught.value.code) == (name, "EndpointConnectionError")

    def test_an_endpoint_that_never_answers_is_left_in_time(self, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(
                TransientError, match=r"rekognition:DescribeProjectVersions.*ReadTimeoutError"
            ):
                models(patience=RetryConfig(attempts=1, read_timeout_s=0.05)).versions(PROJECT)

    def test_an_endpoint_that_hangs_up_is_transient(self, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as rude:
            Thread(target=hang_up, args=(rude,), daemon=True).start()
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{rude.getsockname()[1]}")
            with pytest.raises(TransientError) as caught:
                models().versions(PROJECT)
        assert isinstance(caught.value, AwsError)
        assert caught.value.code in {"ConnectionClosedError", "EndpointConnectionError"}
