"""The only place that builds adapters. Each is built at first use and kept for the next call."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.adapters.dynamodb.settings import DynamoSettings
from roster.adapters.dynamodb.table import Table
from roster.runtime import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
    from mypy_boto3_dynamodb import DynamoDBClient

# Standard mode retries throttling and 5xx; timeouts are far below a function's own.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15
)


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@cache
def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client."""
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def table() -> Table:
    """The business table."""
    return Table(dynamodb(), settings.read(settings.TableSettings).table_name)


@cache
def customers() -> DynamoCustomers:
    """The repository of customers."""
    return DynamoCustomers(table())


@cache
def company_settings() -> DynamoSettings:
    """What each company has set."""
    return DynamoSettings(table())


@cache
def idempotency_store() -> "DynamoDBPersistenceLayer":
    """Where answers by Idempotency-Key are kept."""
    from roster.runtime import idempotency

    name = settings.read(settings.IdempotencySettings).idempotency_table_name
    return idempotency.store(name, dynamodb())
