"""The cloud of the integration tests: moto in process, tables created from the template."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import boto3
from moto import mock_aws

from roster import bootstrap
from roster.runtime import settings
from tests.support import rights
from tests.support.moto_tables import cheap_tables
from tests.support.template import properties

TABLE, IDEMPOTENCY_TABLE = "roster-business", "roster-idempotency"
IMPORTS_BUCKET, DOCUMENTS_BUCKET = "roster-imports", "roster-documents"
EXPORTS_BUCKET, EXPORT_QUEUE = "roster-exports", "roster-export"
PAPERS_BUCKET, SYNC_INPUTS_BUCKET = "roster-papers", "roster-sync-inputs"
_CREATE_TABLE_KEYS = (
    "BillingMode", "AttributeDefinitions", "KeySchema", "StreamSpecification",
    "GlobalSecondaryIndexes", "LocalSecondaryIndexes",
)  # fmt: skip

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "roster",
    "POWERTOOLS_METRICS_NAMESPACE": "Roster",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "TABLE_NAME": TABLE,
    "IDEMPOTENCY_TABLE_NAME": IDEMPOTENCY_TABLE,
    "IMPORTS_BUCKET_NAME": IMPORTS_BUCKET,
    "DOCUMENTS_BUCKET_NAME": DOCUMENTS_BUCKET,
    "DUPLICATES_SCAN_FUNCTION_NAME": "duplicates-scan",
    "EXPORTS_BUCKET_NAME": EXPORTS_BUCKET,
    "PAPERS_BUCKET_NAME": PAPERS_BUCKET,
    "SYNC_INPUTS_BUCKET_NAME": SYNC_INPUTS_BUCKET,
    "EXPORT_QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/123456789012/{EXPORT_QUEUE}",
    "MAIL_FROM": "Acme Service <service@acme.example>",
    "REMINDER_SCHEDULE_PREFIX": "roster-reminder-",
    "REMINDERS_FUNCTION_ARN": "arn:aws:lambda:us-east-1:123456789012:function:reminders-fire",
    "REMINDERS_ROLE_ARN": "arn:aws:iam::123456789012:role/reminders",
    "REMINDERS_DEAD_LETTER_ARN": "arn:aws:sqs:us-east-1:123456789012:unfired-reminders",
    "IMPORT_STATE_MACHINE_ARN": (
        "arn:aws:states:us-east-1:123456789012:stateMachine:customer-import"
    ),
}


def create_table(logical_id: str, name: str) -> None:
    """Create one of the template's tables."""
    wanted: dict[str, Any] = {
        k: v for k, v in properties(logical_id).items() if k in _CREATE_TABLE_KEYS
    }
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"] = {"StreamEnabled": True, **wanted["StreamSpecification"]}
    boto3.client("dynamodb").create_table(TableName=name, **wanted)


def create_bucket(logical_id: str, name: str) -> None:
    """Create one of the template's buckets; it keeps versions where the template says so."""
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    if "VersioningConfiguration" in properties(logical_id):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def forget_clients() -> None:
    """Make the next use of the composition root build its adapters afresh."""
    families = [m for name, m in sys.modules.items() if name.startswith("roster.bootstrap.")]
    for module in (bootstrap, *families):
        for made in vars(module).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()
    settings.read.cache_clear()


@contextmanager
def cloud(*, as_allowed: bool = True) -> Iterator[None]:
    """An empty cloud with the template's tables and buckets; the environment must be set.

    `as_allowed`: functions may do what the template lets them. To look costs time of its own.
    """
    with mock_aws(), cheap_tables(), rights.enforced() if as_allowed else nullcontext():
        forget_clients()
        create_table("BusinessTable", TABLE)
        create_table("IdempotencyTable", IDEMPOTENCY_TABLE)
        create_bucket("ImportsBucket", IMPORTS_BUCKET)
        create_bucket("DocumentsBucket", DOCUMENTS_BUCKET)
        create_bucket("ExportsBucket", EXPORTS_BUCKET)
        create_bucket("PapersBucket", PAPERS_BUCKET)
        create_bucket("SyncInputsBucket", SYNC_INPUTS_BUCKET)
        boto3.client("sqs").create_queue(QueueName=EXPORT_QUEUE)
        yield
    forget_clients()
