"""Customers that may be one, and the merges of those that were."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.dynamodb.duplicates import DynamoDuplicates
    from roster.adapters.dynamodb.merges import DynamoMerges
    from roster.adapters.lambda_scans import LambdaScanStarter


@cache
def repository() -> "DynamoDuplicates":
    """Candidates, pairs to review and the last search for them."""
    from roster.adapters.dynamodb.duplicates import DynamoDuplicates

    return DynamoDuplicates(bootstrap.table())


@cache
def scans() -> "LambdaScanStarter":
    """What starts a search for duplicates."""
    from roster.adapters.lambda_scans import LambdaScanStarter

    name = settings.read(settings.DuplicateScanSettings).duplicates_scan_function_name
    return LambdaScanStarter(boto3.client("lambda", config=bootstrap.CONFIG), name)


@cache
def merges() -> "DynamoMerges":
    """The records of merges."""
    from roster.adapters.dynamodb.merges import DynamoMerges

    return DynamoMerges(bootstrap.table(), bootstrap.customers())
