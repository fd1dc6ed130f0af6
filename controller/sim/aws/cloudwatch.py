"""Embedded CloudWatch: the age of a queue's oldest message, and a model's inference units in service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from statistics import fmean
from typing import TYPE_CHECKING, TypeAlias, Unpack

from controller.sim.aws.clock import instant
from controller.sim.aws.rekognition import ProjectVersion, Rekognition
from controller.sim.aws.sqs import Sqs
from controller.sim.aws.transport import Answer, Endpoint, Transport
from controller.sim.aws.world import Refused, SimulatedWorld

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import (
        GetMetricDataInputTypeDef,
        MetricDataQueryUnionTypeDef,
        MetricUnionTypeDef,
    )

MINUTE_S = 60
DELAY_S = (0.0, 120.0)
"""How late a sample can be read, drawn per call; AWS says minutes."""

UNITS_SINCE = datetime(2022, 9, 1, tzinfo=UTC)
"""A model that was made before has no units metric.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-model-usage.html
"""

Sample: TypeAlias = tuple[float, float]
"""When, in seconds since 1970, and the value."""

STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": fmean,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Sum": sum,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The service in one account and region, with samples of every whole minute.

    A metric that does not exist has no sample, and so has a model that does not run, or is too old.
    """

    account: str
    rekognition: Rekognition
    sqs: Sqs

    def samples(self, metric: MetricUnionTypeDef, start_s: float, end_s: float) -> Iterable[Sample]:
        """Of ``[start_s, end_s)``."""
        dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
        match (metric.get("Namespace"), metric.get("MetricName"), dimensions):
            case ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": name, **rest}) if not rest:
                queue = self.sqs.queues.get((self.account, name))
                return queue.oldest_ages(_minutes(start_s, end_s)) if queue else ()
            case (
                "AWS/Rekognition",
                "InServiceInferenceUnits",
                {"ProjectName": project, "VersionName": name, **rest},
            ) if not rest:
                return (
                    sample
                    for version in self.rekognition.named(project, name)
                    for sample in _units(version, start_s, end_s)
                )
            case _:
                return ()


class CloudWatchClient:
    """A client like ``boto3.client("cloudwatch")``, for metric data; an answer is always one page."""

    def __init__(
        self, transport: Transport, endpoint: Endpoint, service: Metrics, world: SimulatedWorld
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._service = service
        self._clock = world.clock
        self._chance = world.stream("metrics", str(endpoint.client))

    def get_metric_data(self, **request: Unpack[GetMetricDataInputTypeDef]) -> Answer:
        """The call's resource is the subject of its first query: a queue's name, or ``project/version``."""
        return self._transport.send(
            self._endpoint.request("GetMetricData", _subject(request), request), lambda: self._answer(request)
        )

    def _answer(self, request: GetMetricDataInputTypeDef) -> Answer:
        if "NextToken" in request:
            raise Refused("InvalidNextToken", f"{request['NextToken']!r} continues no listing")
        if _seconds(request["StartTime"]) >= _seconds(request["EndTime"]):
            raise Refused("ValidationError", "StartTime must be less than EndTime")
        known_until_s = self._clock.now_s - self._chance.uniform(*DELAY_S)
        return {
            "MetricDataResults": [
                self._result(query, request, known_until_s) for query in request["MetricDataQueries"]
            ],
            "Messages": [],
        }

    def _result(
        self, query: MetricDataQueryUnionTypeDef, request: GetMetricDataInputTypeDef, known_until_s: float
    ) -> Answer:
        stat = query["MetricStat"]
        if stat["Stat"] not in STATISTICS:
            raise Refused("ValidationError", f"Stat {stat['Stat']} is not one of {', '.join(STATISTICS)}")
        end_s = min(_seconds(request["EndTime"]), known_until_s)
        samples = self._service.samples(stat["Metric"], _seconds(request["StartTime"]), end_s)
        points = _datapoints(samples, stat["Period"], STATISTICS[stat["Stat"]])
        points.sort(reverse=request.get("ScanBy") != "TimestampAscending")
        return {
            "Id": query["Id"],
            "Label": stat["Metric"]["MetricName"],
            "Timestamps": [instant(at_s) for at_s, _ in points],
            "Values": [value for _, value in points],
            "StatusCode": "Complete",
        }


def _subject(request: GetMetricDataInputTypeDef) -> str:
    dimensions = request["MetricDataQueries"][0]["MetricStat"]["Metric"].get("Dimensions", ())
    return "/".join(each["Value"] for each in dimensions)


def _seconds(at: datetime | str) -> float:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).timestamp()


def _minutes(start_s: float, end_s: float) -> range:
    """The whole minutes of ``[start_s, end_s)``."""
    return range(ceil(start_s / MINUTE_S) * MINUTE_S, ceil(end_s / MINUTE_S) * MINUTE_S, MINUTE_S)


def _units(version: ProjectVersion, start_s: float, end_s: float) -> Iterator[Sample]:
    if version.created_at < UNITS_SINCE:
        return
    for run in version.runs():
        for at_s in _minutes(max(run.start_s, start_s), min(run.end_s, end_s)):
            yield at_s, float(run.units)


def _datapoints(
    samples: Iterable[Sample], period_s: int, statistic: Callable[[Sequence[float]], float]
) -> list[Sample]:
    """One per period that has a sample, each at the period's start."""
    by_period = defaultdict[float, list[float]](list)
    for at_s, value in samples:
        by_period[at_s - at_s % period_s].append(value)
    return [(start_s, float(statistic(values))) for start_s, values in by_period.items()]
