"""Structured logs and metrics, the same everywhere; what is logged never holds a secret."""

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "Roster"


def logger() -> Logger:
    """The function's logger; append tenant, request, import and run ids to it."""
    return Logger(utc=True, log_uncaught_exceptions=True)


def count(name: str, amount: int = 1, **dimensions: str) -> None:
    """Add `amount` to a count, with dimensions such as `source`; a line of embedded metrics."""
    unit = MetricUnit.Count
    with single_metric(name=name, unit=unit, value=amount, namespace=NAMESPACE) as metric:
        for dimension, value in dimensions.items():
            metric.add_dimension(dimension, value)
