"""What can be asked for in a query: properties, their types and where each is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from infra.local.quickbooks import faults, fields
from infra.local.quickbooks.lists.items import ITEM, full_name
from infra.local.quickbooks.lists.kinds import ACCOUNT, CLASS, PAYMENT_METHOD, TERM
from infra.local.quickbooks.lists.taxes import AGENCY
from infra.local.quickbooks.sales import bills, payments
from infra.local.quickbooks.shelf import Record

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry

Type = Literal["text", "flag", "number", "time", "id", "day", "reference"]
_EVERY: dict[str, Type] = {
    "Id": "id",
    "MetaData.CreateTime": "time",
    "MetaData.LastUpdatedTime": "time",
}
_TEXT: Type = "text"
_NAMED: dict[str, Type] = {"Name": "text", "Active": "flag"}
_PERSON: dict[str, Type] = {
    "Balance": "number",
    "Active": "flag",
    "PrimaryEmailAddr": "text",
    "DisplayName": "text",
    "CompanyName": "text",
    "PrintOnCheckName": "text",
    **dict.fromkeys(fields.NAME_PARTS, _TEXT),
}
_BILL: dict[str, Type] = {
    "DocNumber": "text",
    "TxnDate": "day",
    "DueDate": "day",
    "CustomerRef": "reference",
    "TotalAmt": "number",
    "Balance": "number",
}
_OWN: dict[str, dict[str, Type]] = {
    "Customer": _PERSON
    | {
        "Job": "flag",
        "IsProject": "flag",
        "Taxable": "flag",
        "BillWithParent": "flag",
        "PreferredDeliveryMethod": "text",
        "FullyQualifiedName": "text",
        "ParentRef": "reference",
    },
    "Vendor": _PERSON,
    "Employee": _PERSON,
    "Account": _NAMED | {"AccountType": "text", "AccountSubType": "text", "Classification": "text"},
    "Class": _NAMED,
    "Item": _NAMED
    | {
        "Type": "text",
        "Sku": "text",
        "UnitPrice": "number",
        "FullyQualifiedName": "text",
        "ParentRef": "reference",
    },
    "PaymentMethod": _NAMED,
    "TaxAgency": {"DisplayName": "text"},
    "TaxCode": _NAMED | {"Taxable": "flag"},
    "TaxRate": _NAMED | {"RateValue": "number"},
    "Term": _NAMED | {"Type": "text", "DueDays": "number"},
    "Invoice": _BILL,
    "CreditMemo": _BILL,
    "Payment": {
        "TxnDate": "day",
        "CustomerRef": "reference",
        "TotalAmt": "number",
        "UnappliedAmt": "number",
        "PaymentRefNum": "text",
    },
}
COLUMNS: dict[str, dict[str, Type]] = {kind: _EVERY | own for kind, own in _OWN.items()}
_BY_NAME = {kind: {name.lower(): name for name in own} for kind, own in COLUMNS.items()}
_SCHEMAS = {
    one.name: {name.lower() for name in one.known}
    for one in (
        fields.CUSTOMER,
        fields.VENDOR,
        fields.EMPLOYEE,
        payments.SCHEMA,
        *bills.SCHEMAS.values(),
        *(kind.schema for kind in (ACCOUNT, AGENCY, CLASS, ITEM, PAYMENT_METHOD, TERM)),
    )
}


def filterable(kind: str, name: str) -> str:
    """Return a property a WHERE or ORDERBY may name, spelt rightly; else ServiceFault 4001."""
    found = _BY_NAME[kind].get(name.lower())
    if found is not None:
        return found
    if name.split(".", maxsplit=1)[0].lower() in _SCHEMAS.get(kind, ()):
        raise faults.query_invalid(f"property '{name}' is not queryable")
    raise faults.query_invalid(f"Property {name} not found for Entity {kind}")


def selectable(kind: str, name: str) -> str:
    """Return an attribute a SELECT may name; else ServiceFault 4001.

    Objects such as BillAddr come with `select *` only; naming them fails the whole query.
    """
    head = name.split(".", maxsplit=1)[0].lower()
    if head in {"metadata", "synctoken"}:
        return "MetaData" if head == "metadata" else "SyncToken"
    if head == "primaryemailaddr" and "PrimaryEmailAddr" in COLUMNS[kind]:
        return "PrimaryEmailAddr"
    found = _BY_NAME[kind].get(name.lower())
    if found is None:
        raise faults.query_invalid(f"Property {name} not found for Entity {kind}")
    return found


def read(company: Company, row: Entry | Record, name: str) -> Any:
    """Return the value of a property as it is compared; None when it has none."""
    match name:
        case "Id":
            return row.id
        case "MetaData.CreateTime":
            return int(row.created)
        case "MetaData.LastUpdatedTime":
            return int(row.updated)
        case "Active":
            return row.active
        case "CustomerRef" | "ParentRef":
            return row.fields.get(name, {}).get("value")
    return (
        _of_record(company, row, name) if isinstance(row, Record) else _of_name(company, row, name)
    )


def _of_name(company: Company, entry: Entry, name: str) -> Any:
    match name:
        case "Balance":
            return entry.balance / 100
        case "IsProject":
            return entry.project
        case "FullyQualifiedName":
            return company.full_name(entry)
        case "PrimaryEmailAddr":
            return entry.fields.get(name, {}).get("Address")
    return entry.fields.get(name)


def _of_record(company: Company, record: Record, name: str) -> Any:
    match name:
        case "TotalAmt":
            return record.total / 100
        case "Balance" | "UnappliedAmt":
            return record.open / 100
        case "FullyQualifiedName":
            return full_name(company, record)
    return record.fields.get(name)
