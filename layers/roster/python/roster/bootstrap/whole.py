"""What reads or removes a customer with all that hangs on it."""

from functools import cache
from typing import TYPE_CHECKING

from roster import bootstrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roster.usecases.ports import Traces
    from roster.usecases.profile import Sources


@cache
def profile_sources() -> "Sources":
    """What the page of a customer is read from."""
    from roster.adapters.dynamodb.sums import DynamoSums
    from roster.bootstrap import records, sales
    from roster.usecases.profile import Sources

    return Sources(
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        sums=DynamoSums(bootstrap.table()),
        tasks=records.tasks(),
        quotes=sales.quotes(),
        invoices=sales.invoices(),
        projects=records.projects(),
        documents=records.documents(),
        activities=records.activities(),
        clock=bootstrap.clock,
    )


def traces() -> "Sequence[Traces]":
    """Everything a customer leaves beside its head, history and parts, for an erasure to remove.

    What the books need (invoices, payments) is not among it.
    """
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.adapters.dynamodb.redacting import RedactedRecords
    from roster.bootstrap import duplicates, parts, quickbooks, records, sales
    from roster.domain import job, quote

    # Records of documents after their files: they are what a person would look for them by.
    return (
        records.document_files(),
        records.documents(),
        parts.sightings(),
        duplicates.repository(),
        records.notes(),
        records.tasks(),
        records.messages(),
        RedactedRecords(bootstrap.table(), records.jobs(), job.redacted),
        RedactedRecords(bootstrap.table(), sales.quotes(), quote.redacted),
        records.projects(),
        DynamoSyncState(bootstrap.table()),
        quickbooks.inputs(),
    )
