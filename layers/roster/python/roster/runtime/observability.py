"""Structured logs and metrics, the same everywhere; what is logged never holds a secret."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "Roster"


def logger() -> Logger:
    """The function's logger; append tenant, request, import and run ids to it."""
    return Logger(utc=True, log_uncaught_exceptions=True)


def metrics() -> Metrics:
    """The function's metrics, flushed as embedded JSON in the log."""
    return Metrics(namespace=NAMESPACE)


def count(into: Metrics, name: str, amount: int = 1, **dimensions: str) -> None:
    """Add `amount` to a count, with dimensions such as `source`, in a record of its own."""
    from aws_lambda_powertools import single_metric

    if not dimensions:
        into.add_metric(name=name, unit=MetricUnit.Count, value=amount)
        return
    with single_metric(
        name=name, unit=MetricUnit.Count, value=amount, namespace=NAMESPACE
    ) as metric:
        for dimension, value in dimensions.items():
            metric.add_dimension(dimension, value)
