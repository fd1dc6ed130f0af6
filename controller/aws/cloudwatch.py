"""CloudWatch metrics that the services themselves do not have: a queue's oldest message, a model's units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from controller.aws.calls import MOST_PAGES, Call, bounded, next_token, presentable, seconds, utc
from controller.aws.codes import classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import (
        DimensionTypeDef,
        GetMetricDataInputTypeDef,
        GetMetricDataOutputTypeDef,
        MetricDataResultTypeDef,
    )

MINUTE: Final = timedelta(minutes=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
"""The finest period that reaches over a month: 60 s are kept for 15 days, 300 s for 63.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
"""
RECENT: Final = timedelta(minutes=15)
"""How old the newest datapoint may be: one comes every minute, and some minutes late.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
"""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AGE: Final = timedelta(days=365)
MOST_UNITS: Final = 1e6
"""Bounds of what is believed: SQS keeps a message for 14 days, and an account has some dozens of units."""
QUERY: Final = "q"
USABLE_STATUSES: Final = frozenset({"Complete", "PartialData"})
"""The rest of what is partial comes with the next page.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metric:
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: Literal["Average", "Maximum"]
    period: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class _Datapoint:
    """``value`` is of ``[start, start + period)``."""

    start: datetime
    value: float


class CloudWatch:
    """Both methods may raise ``TransientError`` or ``TerminalError``.

    A metric lives in the account and the region of what it tells of; CloudWatch does not say whether that
    exists, it just has no datapoint.
    """

    def __init__(self, client: CloudWatchClient) -> None:
        self._client = client

    def oldest_message_age(self, queue_arn: str, *, now: datetime) -> timedelta | None:
        """The age of the oldest message, some minutes ago; ``None`` where nothing was told lately.

        That is no proof that the queue is empty. Messages received three times and more are left out, and a
        queue that nobody has touched for six hours tells nothing at all.

        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
        """
        call = Call(name="cloudwatch:GetMetricData", resource=queue_arn)
        metric = _Metric(
            namespace="AWS/SQS",
            name="ApproximateAgeOfOldestMessage",
            dimensions=(("QueueName", queue_arn.rsplit(":", 1)[-1]),),
            statistic="Maximum",
            period=MINUTE,
        )
        points = self._points(call, metric, now - RECENT, now)
        newest = max(points, key=lambda point: point.start, default=None)
        with call.reading():
            return None if newest is None else seconds(newest.value, MOST_AGE, metric.name)

    def unit_hours(self, project: str, version: str, *, since: datetime, until: datetime) -> float:
        """Inference units in service, integrated over ``[since, until)``; at most 63 days back.

        Up to five minutes too much for each start and each stop, since the average of a period knows only
        the minutes in which the model ran. AWS reckons alike, with hours. The last minutes may be missing.

        Source: https://docs.aws.amazon.com/rekognition/latest/dg/cloudwatch-metricsdim.html
        Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/rm-model-usage.html
        """
        if since >= until:
            return 0.0
        call = Call(name="cloudwatch:GetMetricData", resource=f"{project}/{version}")
        metric = _Metric(
            namespace="AWS/Rekognition",
            name="InServiceInferenceUnits",
            dimensions=(("ProjectName", project), ("VersionName", version)),
            statistic="Average",
            period=FIVE_MINUTES,
        )
        points = self._points(call, metric, since, until)
        with call.reading():
            return sum(
                bounded(point.value, MOST_UNITS, metric.name) * _hours(point, since, until)
                for point in points
            )

    def _points(
        self, call: Call, metric: _Metric, since: datetime, until: datetime
    ) -> tuple[_Datapoint, ...]:
        results = tuple(self._results(call, _request(metric, since, until)))
        with call.reading():
            if not results:
                raise ValueError("no result for the query")
            return tuple(point for result in results for point in _datapoints(result))

    def _results(self, call: Call, request: GetMetricDataInputTypeDef) -> Iterator[MetricDataResultTypeDef]:
        """Page after page."""
        for _ in range(MOST_PAGES):
            with call.sending():
                page = self._client.get_metric_data(**request)
            with call.reading():
                results = _of_query(page)
                token = next_token(page.get("NextToken"), after=request.get("NextToken"))
            _require_good(call, results)
            yield from results
            if token is None:
                return
            request["NextToken"] = token
        raise call.endless()


def _request(metric: _Metric, since: datetime, until: datetime) -> GetMetricDataInputTypeDef:
    """Bounds are moved outward to those of periods, which CloudWatch answers faster.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """
    dimensions: list[DimensionTypeDef] = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {
        "MetricDataQueries": [
            {
                "Id": QUERY,
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": dimensions,
                    },
                    "Period": int(metric.period.total_seconds()),
                    "Stat": metric.statistic,
                },
            }
        ],
        "StartTime": since - (since - EPOCH) % metric.period,
        "EndTime": until + (EPOCH - until) % metric.period,
    }


def _of_query(page: GetMetricDataOutputTypeDef) -> list[MetricDataResultTypeDef]:
    return [result for result in page["MetricDataResults"] if result["Id"] == QUERY]


def _require_good(call: Call, results: Iterable[MetricDataResultTypeDef]) -> None:
    """A call may succeed and its query fail."""
    for result in results:
        status = result.get("StatusCode", "Complete")
        if status not in USABLE_STATUSES:
            said = "; ".join(each.get("Value", "") for each in result.get("Messages", ()))
            raise classify(status)(
                call=call.name,
                resource=call.resource,
                code=status,
                message=presentable(said or "the query failed"),
            )


def _datapoints(result: MetricDataResultTypeDef) -> Iterator[_Datapoint]:
    for start, value in zip(result["Timestamps"], result["Values"], strict=True):
        yield _Datapoint(start=utc(start, "a timestamp"), value=float(value))


def _hours(point: _Datapoint, since: datetime, until: datetime) -> float:
    """How much of the datapoint's five minutes lies in ``[since, until)``."""
    within = min(point.start + FIVE_MINUTES, until) - max(point.start, since)
    return max(within, timedelta(0)) / timedelta(hours=1)
