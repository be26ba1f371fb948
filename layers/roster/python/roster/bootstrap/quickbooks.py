"""The sync with QuickBooks."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from roster.adapters.dynamodb.quickbooks_conflicts import DynamoConflicts
    from roster.adapters.dynamodb.quickbooks_hints import DynamoHints
    from roster.adapters.dynamodb.quickbooks_policies import DynamoPolicies
    from roster.adapters.quickbooks.auth import AppKeys
    from roster.adapters.quickbooks.client import QuickBooksClient
    from roster.adapters.s3.sync_inputs import S3SyncInputs
    from roster.domain.customer import Customer
    from roster.domain.sync.steps import NameHolder
    from roster.usecases.quickbooks.money_ports import MoneyPorts
    from roster.usecases.quickbooks.ports import QuickBooksPorts


@cache
def ports() -> "QuickBooksPorts":
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
    from roster.bootstrap import duplicates
    from roster.usecases.quickbooks.ports import QuickBooksPorts, Wire

    intuit = settings.read(settings.QuickBooksSettings)
    vault = settings.read(settings.TokenVaultSettings)
    queue = settings.read(settings.SyncQueueSettings)
    kms: Any = boto3.client("kms", config=bootstrap.CONFIG)
    return QuickBooksPorts(
        connections=DynamoConnections(bootstrap.table(), KmsVault(kms, vault.token_key_id)),
        state=DynamoSyncState(bootstrap.table()),
        policies=policies(),
        decisions=DynamoDecisions(bootstrap.table()),
        outbox=DynamoOutbox(bootstrap.table()),
        names=DynamoNames(bootstrap.table()),
        merges=hints(),
        likeness=LikelyCustomers(duplicates.repository),
        rehearsals=DynamoRehearsals(bootstrap.table()),
        kept=inputs(),
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        money=money(),
        oauth=IntuitOAuth(_app_keys, intuit.quickbooks_discovery_url, bootstrap.clock),
        api=api(),
        queue=SqsSliceQueue(boto3.client("sqs", config=bootstrap.CONFIG), queue.sync_queue_url),
        wire=Wire(
            customer=read_customer,
            code=reading.read_tax_code,
            rate=reading.read_tax_rate,
            term=reading.read_term,
            name=reading.read_name,
            write=customer_write,
        ),
        clock=bootstrap.clock,
        sleep=time.sleep,
    )


@cache
def money() -> "MoneyPorts":
    """Everything that carrying items, invoices and payments works with."""
    from roster.adapters.dynamodb.quickbooks_others import DynamoOtherLinks
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.adapters.quickbooks import reading, writing
    from roster.bootstrap import parts, sales
    from roster.usecases.quickbooks.money_ports import MoneyPorts
    from roster.usecases.quickbooks.money_ports import Wire as MoneyWire

    return MoneyPorts(
        customers=bootstrap.customers(),
        customer_links=DynamoSyncState(bootstrap.table()),
        links=DynamoOtherLinks(bootstrap.table()),
        invoices=sales.invoices(),
        payments=sales.payments(),
        locations=parts.locations(),
        books=sales.books(),
        till=sales.till(),
        api=api(),
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
        clock=bootstrap.clock,
    )


@cache
def api() -> "QuickBooksClient":
    """QuickBooks' accounting API; one, so that it keeps its calls apart."""
    from roster.adapters.quickbooks.client import QuickBooksClient

    return QuickBooksClient(settings.read(settings.QuickBooksSettings).quickbooks_api_url)


@cache
def policies() -> "DynamoPolicies":
    """How companies have their sync with QuickBooks go."""
    from roster.adapters.dynamodb.quickbooks_policies import DynamoPolicies

    return DynamoPolicies(bootstrap.table())


@cache
def conflicts() -> "DynamoConflicts":
    """What was edited on both sides of the sync with QuickBooks."""
    from roster.adapters.dynamodb.quickbooks_conflicts import DynamoConflicts

    return DynamoConflicts(bootstrap.table())


@cache
def hints() -> "DynamoHints":
    """What was heard of changes in QuickBooks."""
    from roster.adapters.dynamodb.quickbooks_hints import DynamoHints

    return DynamoHints(bootstrap.table())


@cache
def inputs() -> "S3SyncInputs":
    """What plans of the sync with QuickBooks were made from."""
    from roster.adapters.s3.sync_inputs import S3SyncInputs

    bucket = settings.read(settings.SyncInputsSettings).sync_inputs_bucket_name
    return S3SyncInputs(bootstrap.s3(), bucket)


def local_overrides(customer: "Customer") -> "Mapping[str, Any]":
    """What QuickBooks has in the fields that were edited here and stay here."""
    if customer.quickbooks is None:
        return {}
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.usecases.quickbooks import overriding

    links = DynamoSyncState(bootstrap.table())
    return overriding.local_overrides(customer, links=links, policies=policies())


def tell_of_deletion(customer: "Customer") -> None:
    """Have the next sync look at a customer that is about to be deleted, if it is in one."""
    if customer.quickbooks is None and not customer.absorbed:
        return
    realm = policies().get(customer.tenant).realm
    if realm is None:
        return
    from roster.adapters.dynamodb.quickbooks_outbox import DynamoOutbox

    DynamoOutbox(bootstrap.table()).owe(customer.tenant, realm, [customer.id])


def namesakes(tenant: str, name: str) -> "tuple[NameHolder, ...]":
    """Who has a name in the QuickBooks company that is synced; most companies sync with none."""
    chosen = policies().get(tenant, consistent=False)
    if not chosen.connected:
        return ()
    from roster.adapters.dynamodb.quickbooks_names import DynamoNames
    from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
    from roster.usecases.quickbooks.namesakes import KnownNames, namesakes

    known = KnownNames(
        DynamoNames(bootstrap.table()), DynamoSyncState(bootstrap.table()), bootstrap.customers()
    )
    return namesakes(tenant, name, chosen, known)


def webhook_verifier() -> str:
    """What Intuit signs webhooks with; empty where none is set, and then none is genuine."""
    return _app_secret().get("webhook_verifier_token", "")


@cache
def _app_secret() -> "dict[str, str]":
    """JSON with `client_id`, `client_secret` and `webhook_verifier_token`."""
    import json

    secret_id = settings.read(settings.QuickBooksSettings).quickbooks_secret_id
    client = boto3.client("secretsmanager", config=bootstrap.CONFIG)
    found: dict[str, str] = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    return found


@cache
def _app_keys() -> "AppKeys":
    """Our app's keys at Intuit."""
    from roster.adapters.quickbooks.auth import AppKeys

    found = _app_secret()
    return AppKeys(client_id=found["client_id"], client_secret=found["client_secret"])
