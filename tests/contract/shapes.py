"""Whether calls have the shapes of botocore's service models."""

from __future__ import annotations

from collections import Counter
from functools import cache

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

BEYOND = {
    "AccessDenied",
    "AccessDeniedException",
    "InternalError",
    "InternalFailure",
    "Throttling",
    "ValidationError",
    "AWS.SimpleQueueService.NonExistentQueue",
}
"""Codes that the models leave out: those that every operation may answer with, and the code of SQS's older
protocol, which botocore prefers to QueueDoesNotExist.
"""


@cache
def operation_of(service, name):
    return botocore.session.get_session().get_service_model(service).operation_model(name)


class Shapes:
    """Listens, and keeps every fault it finds: ``aws.listen(shapes.check)``."""

    def __init__(self):
        self.faults = []
        self.seen = Counter()

    def check(self, call):
        request = call.request
        operation = operation_of(request.endpoint.service, request.operation)
        self.seen[request.operation, call.code] += 1
        self._compare(request.operation, dict(request.parameters), operation.input_shape)
        if call.answer is not None:
            answer = {name: value for name, value in call.answer.items() if name != "ResponseMetadata"}
            self._compare(request.operation, answer, operation.output_shape)
            self.faults += strangers(answer, operation.output_shape)
        elif isinstance(call.error, ClientError):
            self._check_code(operation, call.error)

    def _compare(self, name, members, shape):
        report = ParamValidator().validate(members, shape)
        if report.has_errors():
            self.faults.append(f"{name}: {report.generate_report()}")

    def _check_code(self, operation, error):
        code = error.response["Error"]["Code"]
        known = {shape.error_code for shape in operation.error_shapes}
        if code not in known | BEYOND or error.operation_name != operation.name:
            self.faults.append(f"{operation.name}: {code} in {error.operation_name}")


def strangers(value, shape):
    """Strings where the model knows a closed set of others."""
    match shape.type_name:
        case "structure":
            known = [name for name in value if name in shape.members]
            return [found for name in known for found in strangers(value[name], shape.members[name])]
        case "list":
            return [found for member in value for found in strangers(member, shape.member)]
        case "map":
            return [found for name in value for found in strangers(name, shape.key)]
        case "string" if shape.enum and value not in shape.enum:
            return [f"{shape.name}: {value!r}"]
        case _:
            return []
