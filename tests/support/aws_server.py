"""The embedded AWS behind HTTP, beside moto: what a process with real clients can be pointed at.

Rekognition, Lambda and SQS are the embedded ones; S3, EventBridge and whatever else is asked for are moto's.
The embedded clock runs ``speed`` times as fast as the wall's, so that a start takes seconds. A process that
asks has a clock that runs along with it: ``began_s`` and ``speed`` tell it how.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from threading import RLock, Thread
from typing import Self

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import get_session
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from controller.config.model import Target
from controller.sim.aws.account import EmbeddedAws

TARGETS = {"RekognitionService": "rekognition", "AmazonSQS": "sqs"}
SERVICES = frozenset({*TARGETS.values(), "lambda"})
PATHS = (
    ("GET", r"/2015-03-31/event-source-mappings/([^/]+)/?", "get_event_source_mapping", "UUID"),
    ("PUT", r"/2015-03-31/event-source-mappings/([^/]+)/?", "update_event_source_mapping", "UUID"),
    ("GET", r"/2015-03-31/functions/([^/]+)/configuration", "get_function_configuration", "FunctionName"),
)
METHODS = {
    (service, operation): xform_name(operation)
    for service in TARGETS.values()
    for operation in get_session().get_service_model(service).operation_names
}
QUERY_CODES = {"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that came in; ``operation`` is the embedded client's method, for moto's the HTTP method."""

    service: str
    operation: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass
class AwsServer:
    """``with AwsServer(aws) as server:`` serves at ``server.url`` until the end of the block."""

    aws: EmbeddedAws
    speed: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    after: Callable[[Asked], None] = lambda _asked: None
    """Called when a request has been carried out, before it is answered."""

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._began, self._virtual = time.monotonic(), self.aws.now()
        self._clients: dict[tuple[str, str], object] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Forget what moto holds, which is one for the whole process."""
        urllib.request.urlopen(f"{self.url}/moto-api/reset", data=b"").close()  # noqa: S310 - to 127.0.0.1

    def __call__(self, environ, start_response):
        request = Request(environ)
        call = _call(request)
        if call is None:
            return self._passed_on(request, environ, start_response)
        service, method, parameters = call
        asked = _asked(request, service, method)
        with self._lock:
            self.catch_up()
            answer = self._answer(asked, _region(request), parameters)
        self.asked.append(asked)
        self.after(asked)
        return answer(environ, start_response)

    def catch_up(self) -> None:
        """Bring the embedded clock to what the wall's says."""
        with self._lock:
            passed_s = (time.monotonic() - self._began) * self.speed
            due_s = self._virtual.timestamp() + passed_s
            self.aws.advance_to(max(datetime.fromtimestamp(due_s, UTC), self.aws.now()))

    def _passed_on(self, request, environ, start_response):
        """The body is read here, so moto is given it again."""
        asked = _asked(request, _credential(request, 2) or "moto", request.method)
        self.asked.append(asked)
        environ["wsgi.input"] = BytesIO(asked.body)
        environ["CONTENT_LENGTH"] = str(len(asked.body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._moto(environ, start_response)

    def _answer(self, asked: Asked, region: str, parameters: dict[str, object]) -> Response:
        try:
            client = self._client(asked.service, region)
            answer = getattr(client, asked.operation)(**parameters)
        except ClientError as error:
            return _refusal(error)
        answer.pop("ResponseMetadata")
        return Response(json.dumps(answer, default=datetime.timestamp), mimetype="application/x-amz-json-1.1")

    def _client(self, service: str, region: str) -> object:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self.aws.clients(service, Target(region=region))
        return self._clients[key]


class _Quiet(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_arguments: object) -> None:
        """Nobody reads it."""


def _call(request: Request) -> tuple[str, str, dict[str, object]] | None:
    """Service, method and parameters, if the embedded AWS is asked."""
    prefix, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
    if service := TARGETS.get(prefix):
        method = METHODS[service, operation]
        return service, method, json.loads(request.get_data() or b"{}")
    for verb, path, method, name in PATHS:
        if request.method == verb and (found := re.fullmatch(path, request.path)):
            body = json.loads(request.get_data() or b"{}")
            return "lambda", method, {name: found[1], **body}
    return None


def _asked(request: Request, service: str, operation: str) -> Asked:
    return Asked(
        service=service,
        operation=operation,
        path=request.path,
        headers=dict(request.headers),
        body=request.get_data(),
    )


def _region(request: Request) -> str:
    return _credential(request, 1) or "us-east-1"


def _credential(request: Request, part: int) -> str | None:
    """``…Credential=KEY/DATE/REGION/SERVICE/aws4_request…``: the region is part 1, the service 2."""
    found = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", request.headers.get("Authorization", ""))
    return found[part] if found else None


def _refusal(error: ClientError) -> Response:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    shape = next((shape for shape, other in QUERY_CODES.items() if other == code), code)
    headers = {"x-amzn-ErrorType": shape}
    if shape != code:
        headers["x-amzn-query-error"] = f"{code};Sender"
    return Response(
        json.dumps({"__type": shape, "message": message}),
        status=error.response["ResponseMetadata"]["HTTPStatusCode"],
        headers=headers,
        mimetype="application/x-amz-json-1.1",
    )
