"""Metrics of the pipeline ``logos``, and questions about them, to test with."""

from __future__ import annotations

AGE = ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "logos-images"})
UNITS = (
    "AWS/Rekognition",
    "InServiceInferenceUnits",
    {"ProjectName": "logos", "VersionName": "logos.2026-01-15T09.10.15"},
)


def dimensions(metric: tuple[str, str, dict[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric[2].items()]


def query(
    metric: tuple[str, str, dict[str, str]], *, stat: str = "Maximum", period: int = 60
) -> dict[str, object]:
    asked = {"Namespace": metric[0], "MetricName": metric[1], "Dimensions": dimensions(metric)}
    return {"Id": "q", "MetricStat": {"Metric": asked, "Period": period, "Stat": stat}}
