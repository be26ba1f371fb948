"""Which entities there are, and what may be done to each through the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import customers, faults, others, validation, wire
from infra.local.quickbooks.lists import rendering as lists_rendering
from infra.local.quickbooks.lists import taxes, writing
from infra.local.quickbooks.lists.items import ITEM
from infra.local.quickbooks.lists.kinds import ACCOUNT, CLASS, PAYMENT_METHOD, TERM
from infra.local.quickbooks.sales import bills, payments
from infra.local.quickbooks.sales import rendering as sales_rendering
from infra.local.quickbooks.settings import ENDED
from infra.local.quickbooks.shelf import Record

if TYPE_CHECKING:
    from collections.abc import Collection

    from infra.local.quickbooks.company import Company, Entry

Fields = dict[str, Any]
NAMES = ("Customer", "Vendor", "Employee")
LISTS = {kind.name: kind for kind in (ACCOUNT, CLASS, ITEM, PAYMENT_METHOD, TERM)}
BILLS = ("Invoice", "CreditMemo")
TRANSACTIONS = (*BILLS, "Payment")
TAXES = ("TaxAgency", "TaxCode", "TaxRate")
KINDS: dict[str, str] = {kind.lower(): kind for kind in (*NAMES, *LISTS, *TRANSACTIONS, *TAXES)}
# Change data capture leaves these out, and no webhook tells of them.
UNCAPTURED = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})


@dataclass(frozen=True, slots=True)
class Write:
    """One write as the API or a batch item asks for it.

    `operation` is create, update, delete or void; without one, an Id makes it an update.
    """

    kind: str
    body: Fields
    operation: str = ""
    include: Collection[str] = ()


def write(company: Company, one: Write, now: float) -> Fields:
    """Carry out a write; return `{kind: …}`. ServiceFault when refused."""
    if company.settings.subscription_status in ENDED:
        raise faults.subscription_ended()
    operation = one.operation.lower()
    has_id = one.body.get("Id") not in (None, "")
    if operation in {"", "create"}:
        operation = "update" if has_id else "create"
    if operation == "update" and "void" in one.include:
        operation = "void"
    if operation == "update" and not has_id:
        operation = "create"
    if operation in {"delete", "void"} and one.kind in TRANSACTIONS:
        return _end(company, one, operation, now)
    if operation not in {"create", "update"}:
        raise faults.unsupported(one.operation or operation)
    saved = _save(company, one, now, fresh=operation == "create")
    return {one.kind: show(company, saved, "write")}


def find(company: Company, kind: str, text: str) -> Entry | Record:
    """Return what is read by Id; ServiceFault 610 or 2030."""
    if kind in NAMES:
        found: Entry | Record | None = company.find(
            kind,  # type: ignore[arg-type] # one of NAMES
            validation.number_of(text),
        )
    else:
        plain = kind == "TaxCode" and company.shelf(kind).find(text) is not None
        found = company.shelf(kind).find(text if plain else validation.number_of(text))
    if found is None:
        raise faults.not_found()
    return found


def show(company: Company, one: Entry | Record, view: wire.View) -> Fields:
    """Return any entity as a JSON object."""
    if not isinstance(one, Record):
        return wire.entity(company, one, view)
    if one.kind in BILLS:
        return sales_rendering.bill(company, one)
    if one.kind == "Payment":
        return sales_rendering.payment(company, one)
    return lists_rendering.show(company, one, listed=view == "list")


def _save(company: Company, one: Write, now: float, *, fresh: bool) -> Entry | Record:
    if one.kind == "Customer":
        act = customers.create if fresh else customers.update
        return act(company, one.body, now)
    if one.kind in NAMES:
        return others.save(company, one.kind, one.body, now, fresh=fresh)
    if one.kind in BILLS:
        bill = bills.create if fresh else bills.update
        return bill(company, one.kind, one.body, now, one.include)
    if one.kind == "Payment":
        return (payments.create if fresh else payments.update)(company, one.body, now)
    if one.kind == "TaxAgency" and fresh:
        return writing.create(taxes.AGENCY, company, one.body, now)
    if one.kind in TAXES:
        raise faults.unsupported("Create" if fresh else "Update")
    return (writing.create if fresh else writing.update)(LISTS[one.kind], company, one.body, now)


def _end(company: Company, one: Write, operation: str, now: float) -> Fields:
    record = bills.named(company, one.kind, one.body)
    module = payments if one.kind == "Payment" else bills
    if operation == "delete":
        module.delete(company, record, now)
        return {one.kind: {"domain": "QBO", "status": "Deleted", "Id": record.id}}
    return {one.kind: show(company, module.void(company, record, now), "write")}
