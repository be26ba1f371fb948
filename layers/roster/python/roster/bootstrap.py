"""The only place that builds adapters. Each is built at first use and kept for the next call."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.adapters.dynamodb.settings import DynamoSettings
from roster.adapters.dynamodb.table import Table
from roster.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

    from roster.adapters.dynamodb.assets import DynamoAssets
    from roster.adapters.dynamodb.documents import DynamoDocuments
    from roster.adapters.dynamodb.duplicates import DynamoDuplicates
    from roster.adapters.dynamodb.exports import DynamoExports
    from roster.adapters.dynamodb.import_changes import DynamoImportChanges
    from roster.adapters.dynamodb.imports import DynamoImports
    from roster.adapters.dynamodb.items import DynamoItems
    from roster.adapters.dynamodb.ledger import DynamoLedger
    from roster.adapters.dynamodb.mappings import DynamoMappings
    from roster.adapters.dynamodb.merges import DynamoMerges
    from roster.adapters.dynamodb.open_work import DynamoOpenWork
    from roster.adapters.dynamodb.parts import DynamoParts
    from roster.adapters.dynamodb.places import DynamoPlaces
    from roster.adapters.dynamodb.projects import DynamoProjects
    from roster.adapters.dynamodb.quickbooks_conflicts import DynamoConflicts
    from roster.adapters.dynamodb.quickbooks_hints import DynamoHints
    from roster.adapters.dynamodb.quickbooks_policies import DynamoPolicies
    from roster.adapters.dynamodb.records import DynamoActivities, DynamoRecords
    from roster.adapters.dynamodb.taking_back import DynamoTakingBack
    from roster.adapters.dynamodb.visits import DynamoSightings, DynamoVisits
    from roster.adapters.dynamodb.whole_customers import DynamoWholeCustomers
    from roster.adapters.eventbridge import EventBridge
    from roster.adapters.export_queue import SqsExportQueue
    from roster.adapters.lambda_scans import LambdaScanStarter
    from roster.adapters.quickbooks.auth import AppKeys
    from roster.adapters.quickbooks.client import QuickBooksClient
    from roster.adapters.s3.documents import S3DocumentFiles
    from roster.adapters.s3.exports import S3ExportFiles
    from roster.adapters.s3.spreadsheets import S3ImportFiles
    from roster.adapters.s3.sync_inputs import S3SyncInputs
    from roster.adapters.scheduler import SchedulerReminders
    from roster.adapters.sqs import Queue
    from roster.adapters.stepfunctions import StepFunctionsExecutions
    from roster.domain.contact import Contact
    from roster.domain.customer import Customer
    from roster.domain.imports.job import ImportKind
    from roster.domain.invoice import Invoice
    from roster.domain.job import Job
    from roster.domain.location import Location
    from roster.domain.message import Message
    from roster.domain.note import Note
    from roster.domain.payment import Payment
    from roster.domain.quote import Quote
    from roster.domain.record import Record
    from roster.domain.sync.steps import NameHolder
    from roster.domain.task import Task
    from roster.runtime.callers import Caller
    from roster.usecases.imports.kinds import RecordPorts
    from roster.usecases.imports.ports import OpenSpreadsheet, WriteSheet, WriteTable
    from roster.usecases.imports.record_rows import RecordRows
    from roster.usecases.messages import Mailer
    from roster.usecases.papers import PrintOffice
    from roster.usecases.part_ports import Geocoder
    from roster.usecases.parts import Call as PartCall
    from roster.usecases.payments import Till
    from roster.usecases.ports import Traces
    from roster.usecases.profile import Sources
    from roster.usecases.quickbooks.money_ports import MoneyPorts
    from roster.usecases.quickbooks.ports import QuickBooksPorts
    from roster.usecases.record_keeping import Call as RecordCall
    from roster.usecases.sales import Books

# Standard mode retries throttling and 5xx; timeouts are far below a function's own.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15
)
# A call that was taken and not answered must not be made again by itself: it would send twice.
_ONCE = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def clock() -> datetime:
    """Now, in UTC, to the millisecond, which is what the table keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


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
def merges() -> "DynamoMerges":
    """The records of merges."""
    from roster.adapters.dynamodb.merges import DynamoMerges

    return DynamoMerges(table(), customers())


def locations() -> "DynamoParts[Location]":
    """The service locations of customers."""
    from roster.adapters.dynamodb import parts

    return parts.locations(table(), customers())


@cache
def contacts() -> "DynamoParts[Contact]":
    """The contacts of customers."""
    from roster.adapters.dynamodb import parts

    return parts.contacts(table(), customers())


def part_call[P: Location | Contact](
    who: "Caller", customer_id: str, kept: "DynamoParts[P]"
) -> "PartCall[P]":
    """What it takes to change a customer's locations or contacts for somebody."""
    from roster.usecases.parts import Call

    return Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=customers(),
        parts=kept,
        clock=clock,
    )


def record_call[R: Record](
    who: "Caller", customer_id: str, kept: "DynamoRecords[R]"
) -> "RecordCall[R]":
    """What it takes to change one family of a customer's records for somebody."""
    from roster.usecases.record_keeping import Call

    return Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=customers(),
        records=kept,
        clock=clock,
    )


@cache
def activities() -> "DynamoActivities":
    """The timeline's own entries."""
    from roster.adapters.dynamodb.records import DynamoActivities

    return DynamoActivities(table())


@cache
def notes() -> "DynamoRecords[Note]":
    """Internal remarks."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.note import Note

    return DynamoRecords(table(), Note)


@cache
def invoices() -> "DynamoRecords[Invoice]":
    """Invoices."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.invoice import INVOICE_NOT_IN_ROWS, Invoice

    return DynamoRecords(table(), Invoice, row_omits=INVOICE_NOT_IN_ROWS)


@cache
def payments() -> "DynamoRecords[Payment]":
    """Payments."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.payment import Payment

    return DynamoRecords(table(), Payment, row_omits=("notes", "reverse_reason"))


@cache
def ledger() -> "DynamoLedger":
    """Movements of money, and what they add up to."""
    from roster.adapters.dynamodb.ledger import DynamoLedger

    return DynamoLedger(table(), invoices(), payments(), quotes())


@cache
def till() -> "Till":
    """What moving money needs beside the payments."""
    from roster.usecases.payments import Till

    return Till(invoices=invoices(), ledger=ledger(), settings=company_settings())


@cache
def open_work() -> "DynamoOpenWork":
    """The open records of all families."""
    from roster.adapters.dynamodb.open_work import DynamoOpenWork

    return DynamoOpenWork(table())


@cache
def quotes() -> "DynamoRecords[Quote]":
    """Quotes."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.quote import Quote
    from roster.domain.sales import NOT_IN_ROWS

    return DynamoRecords(table(), Quote, row_omits=NOT_IN_ROWS)


@cache
def books() -> "Books":
    """What writing quotes and invoices needs beside their records."""
    from roster.adapters.dynamodb.numbers import DynamoNumbers
    from roster.usecases.sales import Books

    return Books(
        settings=company_settings(),
        numbers=DynamoNumbers(table()),
        items=items(),
        projects=projects(),
    )


@cache
def print_office() -> "PrintOffice":
    """What it takes to hand papers over."""
    from roster.adapters.papers import PdfPrinter
    from roster.adapters.s3.papers import S3PaperFiles
    from roster.usecases.papers import PrintOffice

    bucket = settings.read(settings.PaperSettings).papers_bucket_name
    return PrintOffice(
        settings=company_settings(), files=S3PaperFiles(s3(), bucket), printer=PdfPrinter()
    )


@cache
def tasks() -> "DynamoRecords[Task]":
    """What is to be done for customers."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.task import Task

    return DynamoRecords(table(), Task, row_omits=["notes"])


@cache
def reminder_schedule() -> "SchedulerReminders":
    """What calls back when a reminder is due."""
    from roster.adapters.scheduler import SchedulerReminders

    known = settings.read(settings.ReminderSettings)
    return SchedulerReminders(
        boto3.client("scheduler", config=_CONFIG),
        prefix=known.reminder_schedule_prefix,
        target=known.reminders_function_arn,
        role=known.reminders_role_arn,
        dead_letters=known.reminders_dead_letter_arn,
    )


@cache
def jobs() -> "DynamoRecords[Job]":
    """Work at customers' locations."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.job import Job

    return DynamoRecords(table(), Job, row_omits=["description"])


@cache
def places() -> "DynamoPlaces":
    """Locations, many at once."""
    from roster.adapters.dynamodb.places import DynamoPlaces

    return DynamoPlaces(table())


@cache
def messages() -> "DynamoRecords[Message]":
    """Messages to customers."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.message import Message

    return DynamoRecords(table(), Message, row_omits=["body"])


@cache
def mailer() -> "Mailer":
    """Who sends messages to customers."""
    known = settings.read(settings.MailSettings)
    if known.mailer == "mailbox":
        from roster.adapters.mail.mailbox import MailboxFolder

        return MailboxFolder(known.mailbox_folder, known.mail_from)
    from roster.adapters.mail.ses import SesMailer

    return SesMailer(boto3.client("sesv2", config=_ONCE), known.mail_from)


@cache
def assets() -> "DynamoAssets":
    """Equipment."""
    from roster.adapters.dynamodb.assets import DynamoAssets

    return DynamoAssets(table(), customers())


@cache
def projects() -> "DynamoProjects":
    """Projects of customers."""
    from roster.adapters.dynamodb.projects import DynamoProjects

    return DynamoProjects(table())


@cache
def items() -> "DynamoItems":
    """Products and services."""
    from roster.adapters.dynamodb.items import DynamoItems

    return DynamoItems(table())


@cache
def profile_sources() -> "Sources":
    """What the page of a customer is read from."""
    from roster.adapters.dynamodb.sums import DynamoSums
    from roster.usecases.profile import Sources

    return Sources(
        customers=customers(),
        settings=company_settings(),
        sums=DynamoSums(table()),
        tasks=tasks(),
        quotes=quotes(),
        invoices=invoices(),
        projects=projects(),
        documents=documents(),
        activities=activities(),
        clock=clock,
    )


@cache
def sightings() -> "DynamoSightings":
    """Where devices were seen from the fences of locations."""
    from roster.adapters.dynamodb.visits import DynamoSightings

    return DynamoSightings(table())


@cache
def visits() -> "DynamoVisits":
    """Who came and went, by day."""
    from roster.adapters.dynamodb.visits import DynamoVisits

    return DynamoVisits(table())


@cache
def geocoder() -> "Geocoder":
    """Who finds addresses on the map."""
    if settings.read(settings.GeocoderSettings).geocoder == "amazon_location":
        from roster.adapters.geocoding.amazon_location import AmazonLocation

        return AmazonLocation(geo_places())
    from roster.adapters.geocoding.embedded import ZipCentroids

    return ZipCentroids()


@cache
def geo_places() -> Any:
    """The Amazon Location client for places."""
    return boto3.client("geo-places", config=_CONFIG)


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


@cache
def event_bus() -> "EventBridge":
    """The bus that others listen on."""
    from roster.adapters.eventbridge import EventBridge

    bus = settings.read(settings.StreamSettings).event_bus_name
    return EventBridge(boto3.client("events", config=_CONFIG), bus)


@cache
def parked_records() -> "Queue":
    """Where stream records go that could not be handled."""
    from roster.adapters.sqs import Queue

    url = settings.read(settings.StreamSettings).parked_records_queue_url
    return Queue(boto3.client("sqs", config=_CONFIG), url)


@cache
def s3() -> "S3Client":
    """The S3 client; what it signs holds in every region."""
    signing = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=_CONFIG.merge(signing))


@cache
def documents() -> "DynamoDocuments":
    """The records of customers' documents."""
    from roster.adapters.dynamodb.documents import DynamoDocuments

    return DynamoDocuments(table())


@cache
def document_files() -> "S3DocumentFiles":
    """The contents of customers' documents."""
    from roster.adapters.s3.documents import S3DocumentFiles

    return S3DocumentFiles(s3(), settings.read(settings.DocumentSettings).documents_bucket_name)


@cache
def stepfunctions() -> "SFNClient":
    """The Step Functions client."""
    return boto3.client("stepfunctions", config=_CONFIG)


@cache
def imports() -> "DynamoImports":
    """The record of every import."""
    from roster.adapters.dynamodb.imports import DynamoImports

    return DynamoImports(table())


@cache
def saved_mappings() -> "DynamoMappings":
    """How a company's files are read."""
    from roster.adapters.dynamodb.mappings import DynamoMappings

    return DynamoMappings(table())


@cache
def import_changes() -> "DynamoImportChanges":
    """What changes customers together with their parts."""
    from roster.adapters.dynamodb.import_changes import DynamoImportChanges

    return DynamoImportChanges(table(), customers())


@cache
def taking_back() -> "DynamoTakingBack":
    """What removes customers that an import made."""
    from roster.adapters.dynamodb.taking_back import DynamoTakingBack

    return DynamoTakingBack(table())


@cache
def import_files() -> "S3ImportFiles":
    """Uploaded spreadsheets and working files of imports."""
    from roster.adapters.s3.spreadsheets import S3ImportFiles

    bucket = settings.read(settings.ImportBucketSettings).imports_bucket_name
    return S3ImportFiles(s3(), bucket)


@cache
def import_executions() -> "StepFunctionsExecutions":
    """The workflow that carries imports out."""
    from roster.adapters.stepfunctions import StepFunctionsExecutions

    arn = settings.read(settings.ImportWorkflowSettings).import_state_machine_arn
    return StepFunctionsExecutions(stepfunctions(), arn)


def open_spreadsheet() -> "OpenSpreadsheet":
    """The reader of spreadsheets."""
    from roster.adapters.spreadsheets.reader import open_spreadsheet

    return open_spreadsheet


def record_ports() -> "RecordPorts":
    """What it takes to plan notes and documents of an import."""
    from roster.adapters.spreadsheets.bundle import open_bundle
    from roster.usecases.imports.kinds import RecordPorts

    return RecordPorts(notes=notes, documents=documents, open_bundle=open_bundle)


@cache
def record_rows(kind: "ImportKind") -> "RecordRows":
    """What loads rows that hang on customers, and takes them back."""
    from roster.domain.imports.job import ImportKind

    if kind is ImportKind.NOTES:
        from roster.usecases.imports.notes import NoteRows

        return NoteRows(notes(), customers())
    from roster.usecases.imports.attachments import DocumentRows

    return DocumentRows(documents(), document_files(), import_files(), customers(), clock)


def write_sheet() -> "WriteSheet":
    """The writer of small spreadsheets."""
    from roster.adapters.spreadsheets.writing import whole_sheet

    return whole_sheet


def write_table() -> "WriteTable":
    """The writer of spreadsheets of any length."""
    from roster.adapters.spreadsheets.writing import table_file

    return table_file


@cache
def duplicates() -> "DynamoDuplicates":
    """Candidates, pairs to review and the last search for them."""
    from roster.adapters.dynamodb.duplicates import DynamoDuplicates

    return DynamoDuplicates(table())


@cache
def duplicate_scans() -> "LambdaScanStarter":
    """What starts a search for duplicates."""
    from roster.adapters.lambda_scans import LambdaScanStarter

    name = settings.read(settings.DuplicateScanSettings).duplicates_scan_function_name
    return LambdaScanStarter(boto3.client("lambda", config=_CONFIG), name)


@cache
def exports() -> "DynamoExports":
    """The record of every export."""
    from roster.adapters.dynamodb.exports import DynamoExports

    return DynamoExports(table())


@cache
def whole_customers() -> "DynamoWholeCustomers":
    """Customers with what an export says of them."""
    from roster.adapters.dynamodb.whole_customers import DynamoWholeCustomers

    return DynamoWholeCustomers(customers(), locations(), contacts())


@cache
def export_files() -> "S3ExportFiles":
    """The files of exports."""
    from roster.adapters.s3.exports import S3ExportFiles

    bucket = settings.read(settings.ExportBucketSettings).exports_bucket_name
    return S3ExportFiles(s3(), bucket)


@cache
def export_queue() -> "SqsExportQueue":
    """The queue that workers take exports from."""
    from roster.adapters.export_queue import SqsExportQueue

    url = settings.read(settings.ExportQueueSettings).export_queue_url
    return SqsExportQueue(boto3.client("sqs", config=_CONFIG), url)


def traces() -> "Sequence[Traces]":
    """Everything a customer leaves beside its head, history and parts, for an erasure to remove.

    What the books need (invoices, payments) is not among it.
    """
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.adapters.dynamodb.redacting import RedactedRecords
    from roster.domain import job, quote

    # Records of documents after their files: they are what a person would look for them by.
    return (
        document_files(),
        documents(),
        sightings(),
        duplicates(),
        notes(),
        tasks(),
        messages(),
        RedactedRecords(table(), jobs(), job.redacted),
        RedactedRecords(table(), quotes(), quote.redacted),
        projects(),
        DynamoSyncState(table()),
        sync_inputs(),
    )


@cache
def sync_inputs() -> "S3SyncInputs":
    """What plans of the sync with QuickBooks were made from."""
    from roster.adapters.s3.sync_inputs import S3SyncInputs

    bucket = settings.read(settings.SyncInputsSettings).sync_inputs_bucket_name
    return S3SyncInputs(s3(), bucket)


@cache
def sync_policies() -> "DynamoPolicies":
    """How companies have their sync with QuickBooks go."""
    from roster.adapters.dynamodb.quickbooks_policies import DynamoPolicies

    return DynamoPolicies(table())


def local_overrides(customer: "Customer") -> "Mapping[str, Any]":
    """What QuickBooks has in the fields that were edited here and stay here."""
    if customer.quickbooks is None:
        return {}
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.usecases.quickbooks import overriding

    links = DynamoSyncState(table())
    return overriding.local_overrides(customer, links=links, policies=sync_policies())


def tell_sync_of_deletion(customer: "Customer") -> None:
    """Have the next sync look at a customer that is about to be deleted, if it is in one."""
    if customer.quickbooks is None and not customer.absorbed:
        return
    realm = sync_policies().get(customer.tenant).realm
    if realm is None:
        return
    from roster.adapters.dynamodb.quickbooks_outbox import DynamoOutbox

    DynamoOutbox(table()).owe(customer.tenant, realm, [customer.id])


def namesakes_in_quickbooks(tenant: str, name: str) -> "tuple[NameHolder, ...]":
    """Who has a name in the QuickBooks company that is synced; most companies sync with none."""
    chosen = sync_policies().get(tenant, consistent=False)
    if not chosen.connected:
        return ()
    from roster.adapters.dynamodb.quickbooks_names import DynamoNames
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.usecases.quickbooks.namesakes import KnownNames, namesakes

    known = KnownNames(DynamoNames(table()), DynamoSyncState(table()), customers())
    return namesakes(tenant, name, chosen, known)


@cache
def quickbooks_api() -> "QuickBooksClient":
    """QuickBooks' accounting API; one, so that it keeps its calls apart."""
    from roster.adapters.quickbooks.client import QuickBooksClient

    return QuickBooksClient(settings.read(settings.QuickBooksSettings).quickbooks_api_url)


@cache
def quickbooks() -> "QuickBooksPorts":
    """Everything the QuickBooks use cases work with; clients are made, nothing is called yet."""
    import time

    from roster.adapters.dynamodb.quickbooks import DynamoConnections
    from roster.adapters.dynamodb.quickbooks_decisions import DynamoDecisions
    from roster.adapters.dynamodb.quickbooks_names import DynamoNames
    from roster.adapters.dynamodb.quickbooks_outbox import DynamoOutbox
    from roster.adapters.dynamodb.quickbooks_rehearsals import DynamoRehearsals
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.adapters.kms import KmsVault
    from roster.adapters.quickbooks import reading
    from roster.adapters.quickbooks.auth import IntuitOAuth
    from roster.adapters.quickbooks.likeness import LikelyCustomers
    from roster.adapters.quickbooks.mapping import read_customer
    from roster.adapters.quickbooks.writing import customer_write
    from roster.adapters.slice_queue import SqsSliceQueue
    from roster.usecases.quickbooks.ports import QuickBooksPorts, Wire

    intuit = settings.read(settings.QuickBooksSettings)
    vault = settings.read(settings.TokenVaultSettings)
    queue = settings.read(settings.SyncQueueSettings)
    kms: Any = boto3.client("kms", config=_CONFIG)
    return QuickBooksPorts(
        connections=DynamoConnections(table(), KmsVault(kms, vault.token_key_id)),
        state=DynamoSyncState(table()),
        policies=sync_policies(),
        decisions=DynamoDecisions(table()),
        outbox=DynamoOutbox(table()),
        names=DynamoNames(table()),
        merges=sync_hints(),
        likeness=LikelyCustomers(duplicates),
        rehearsals=DynamoRehearsals(table()),
        kept=sync_inputs(),
        customers=customers(),
        settings=company_settings(),
        money=quickbooks_money(),
        oauth=IntuitOAuth(_app_keys, intuit.quickbooks_discovery_url, clock),
        api=quickbooks_api(),
        queue=SqsSliceQueue(boto3.client("sqs", config=_CONFIG), queue.sync_queue_url),
        wire=Wire(
            customer=read_customer,
            code=reading.read_tax_code,
            rate=reading.read_tax_rate,
            term=reading.read_term,
            name=reading.read_name,
            write=customer_write,
        ),
        clock=clock,
        sleep=time.sleep,
    )


@cache
def sync_conflicts() -> "DynamoConflicts":
    """What was edited on both sides of the sync with QuickBooks."""
    from roster.adapters.dynamodb.quickbooks_conflicts import DynamoConflicts

    return DynamoConflicts(table())


@cache
def quickbooks_money() -> "MoneyPorts":
    """Everything that carrying items, invoices and payments works with."""
    from roster.adapters.dynamodb.quickbooks_others import DynamoOtherLinks
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.adapters.quickbooks import reading, writing
    from roster.usecases.quickbooks.money_ports import MoneyPorts
    from roster.usecases.quickbooks.money_ports import Wire as MoneyWire

    return MoneyPorts(
        customers=customers(),
        customer_links=DynamoSyncState(table()),
        links=DynamoOtherLinks(table()),
        invoices=invoices(),
        payments=payments(),
        locations=locations(),
        books=books(),
        till=till(),
        api=quickbooks_api(),
        wire=MoneyWire(
            read_item=reading.read_item,
            read_account=reading.read_account,
            read_invoice=reading.read_invoice,
            read_payment=reading.read_payment,
            read_company=reading.read_company,
            new_item=writing.new_item,
            changed_item=writing.changed_item,
            new_invoice=writing.new_invoice,
            changed_invoice=writing.changed_invoice,
        ),
        clock=clock,
    )


@cache
def sync_hints() -> "DynamoHints":
    """What was heard of changes in QuickBooks."""
    from roster.adapters.dynamodb.quickbooks_hints import DynamoHints

    return DynamoHints(table())


def webhook_verifier() -> str:
    """What Intuit signs webhooks with; empty where none is set, and then none is genuine."""
    return _app_secret().get("webhook_verifier_token", "")


@cache
def _app_secret() -> "dict[str, str]":
    """JSON with `client_id`, `client_secret` and `webhook_verifier_token`."""
    import json

    secret_id = settings.read(settings.QuickBooksSettings).quickbooks_secret_id
    client = boto3.client("secretsmanager", config=_CONFIG)
    found: dict[str, str] = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    return found


@cache
def _app_keys() -> "AppKeys":
    """Our app's keys at Intuit."""
    from roster.adapters.quickbooks.auth import AppKeys

    found = _app_secret()
    return AppKeys(client_id=found["client_id"], client_secret=found["client_secret"])
