"""The only place that builds adapters. Each is built at first use and kept for the next call.

This module has what every family stands on, the others one family each, so that a function starts
with those it names: `parts` (locations, contacts), `records` (what hangs on customers), `sales`,
`duplicates`, `imports`, `exports`, `quickbooks`, `stream` (what the table's stream is handed on to)
and `whole` (a customer with all of it). Families import each other inside functions only.
"""

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
    from mypy_boto3_s3 import S3Client

# Standard mode retries throttling and 5xx; timeouts are far below a function's own.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15
)


def clock() -> datetime:
    """Now, in UTC, to the millisecond, which is what the table keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def table() -> Table:
    """The business table."""
    return Table(dynamodb(), settings.read(settings.TableSettings).table_name)


@cache
def s3() -> "S3Client":
    """The S3 client; what it signs holds in every region."""
    signing = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=CONFIG.merge(signing))


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
