"""Spreadsheets that go out."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from roster import bootstrap
from roster.bootstrap import parts
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.dynamodb.exports import DynamoExports
    from roster.adapters.dynamodb.whole_customers import DynamoWholeCustomers
    from roster.adapters.export_queue import SqsExportQueue
    from roster.adapters.s3.exports import S3ExportFiles


@cache
def repository() -> "DynamoExports":
    """The record of every export."""
    from roster.adapters.dynamodb.exports import DynamoExports

    return DynamoExports(bootstrap.table())


@cache
def whole_customers() -> "DynamoWholeCustomers":
    """Customers with what an export says of them."""
    from roster.adapters.dynamodb.whole_customers import DynamoWholeCustomers

    return DynamoWholeCustomers(bootstrap.customers(), parts.locations(), parts.contacts())


@cache
def files() -> "S3ExportFiles":
    """The files of exports."""
    from roster.adapters.s3.exports import S3ExportFiles

    bucket = settings.read(settings.ExportBucketSettings).exports_bucket_name
    return S3ExportFiles(bootstrap.s3(), bucket)


@cache
def queue() -> "SqsExportQueue":
    """The queue that workers take exports from."""
    from roster.adapters.export_queue import SqsExportQueue

    url = settings.read(settings.ExportQueueSettings).export_queue_url
    return SqsExportQueue(boto3.client("sqs", config=bootstrap.CONFIG), url)
