"""Items, quotes, invoices, payments, what they add up to, and their papers."""

from functools import cache
from typing import TYPE_CHECKING

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.dynamodb.items import DynamoItems
    from roster.adapters.dynamodb.ledger import DynamoLedger
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.invoice import Invoice
    from roster.domain.payment import Payment
    from roster.domain.quote import Quote
    from roster.usecases.papers import PrintOffice
    from roster.usecases.payments import Till
    from roster.usecases.sales import Books


@cache
def items() -> "DynamoItems":
    """Products and services."""
    from roster.adapters.dynamodb.items import DynamoItems

    return DynamoItems(bootstrap.table())


@cache
def quotes() -> "DynamoRecords[Quote]":
    """Quotes."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.quote import Quote
    from roster.domain.sales import NOT_IN_ROWS

    return DynamoRecords(bootstrap.table(), Quote, row_omits=NOT_IN_ROWS)


@cache
def invoices() -> "DynamoRecords[Invoice]":
    """Invoices."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.invoice import INVOICE_NOT_IN_ROWS, Invoice

    return DynamoRecords(bootstrap.table(), Invoice, row_omits=INVOICE_NOT_IN_ROWS)


@cache
def payments() -> "DynamoRecords[Payment]":
    """Payments."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.payment import Payment

    return DynamoRecords(bootstrap.table(), Payment, row_omits=("notes", "reverse_reason"))


@cache
def ledger() -> "DynamoLedger":
    """Movements of money, and what they add up to."""
    from roster.adapters.dynamodb.ledger import DynamoLedger

    return DynamoLedger(bootstrap.table(), invoices(), payments(), quotes())


@cache
def till() -> "Till":
    """What moving money needs beside the payments."""
    from roster.usecases.payments import Till

    return Till(invoices=invoices(), ledger=ledger(), settings=bootstrap.company_settings())


@cache
def books() -> "Books":
    """What writing quotes and invoices needs beside their records."""
    from roster.adapters.dynamodb.numbers import DynamoNumbers
    from roster.bootstrap import records
    from roster.usecases.sales import Books

    return Books(
        settings=bootstrap.company_settings(),
        numbers=DynamoNumbers(bootstrap.table()),
        items=items(),
        projects=records.projects(),
    )


@cache
def print_office() -> "PrintOffice":
    """What it takes to hand papers over."""
    from roster.adapters.papers import PdfPrinter
    from roster.adapters.s3.papers import S3PaperFiles
    from roster.usecases.papers import PrintOffice

    bucket = settings.read(settings.PaperSettings).papers_bucket_name
    return PrintOffice(
        settings=bootstrap.company_settings(),
        files=S3PaperFiles(bootstrap.s3(), bucket),
        printer=PdfPrinter(),
    )
