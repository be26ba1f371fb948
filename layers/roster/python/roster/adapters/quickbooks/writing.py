"""Ours → QuickBooks' wire: only fields we own, sparse, so that nothing else is blanked.

A cleared field is sent as an empty text. Lengths and forbidden characters were checked before
(`domain.sync`); what QuickBooks keeps beyond these fields is never written back, a masked tax
number least of all.
"""

from collections.abc import Mapping
from typing import Any

from roster.domain.location import Address
from roster.domain.sync.connection import Write as WireWrite
from roster.domain.sync.invoices import OutInvoice, OutLine
from roster.domain.sync.records import ACTIVE, PAYMENT_TERM, TAX_RATE
from roster.domain.sync.steps import Write

_TEXTS = {
    "display_name": "DisplayName",
    "company_name": "CompanyName",
    "first_name": "GivenName",
    "last_name": "FamilyName",
}
_INSIDE = {
    "phone": ("PrimaryPhone", "FreeFormNumber"),
    "mobile": ("Mobile", "FreeFormNumber"),
    "email": ("PrimaryEmailAddr", "Address"),
    "website": ("WebAddr", "URI"),
}
_ITEM_TEXTS = {"name": "Name", "sku": "Sku", "description": "Description", "type": "Type"}
_ITEM_ACCOUNTS = {
    "income_account": "IncomeAccountRef",
    "expense_account": "ExpenseAccountRef",
    "asset_account": "AssetAccountRef",
}
_ADDRESS = {
    "street": "Line1",
    "unit": "Line2",
    "city": "City",
    "state": "CountrySubDivisionCode",
    "zip": "PostalCode",
    "country": "Country",
}


def customer_write(write: Write, item_id: str) -> WireWrite:
    """A write of a customer as an item of a batch, under that id."""
    values = {**write.fields, **write.choices}
    fields = {name: value for name, value in values.items() if name != ACTIVE}
    active = write.fields.get(ACTIVE)
    if write.quickbooks_id is None:
        body = new_customer(fields)
        if active is not None:
            body["Active"] = active
        return WireWrite(id=item_id, operation="create", entity="Customer", body=body)
    body = changed_customer(write.quickbooks_id, write.sync_token or "0", fields, active=active)
    return WireWrite(id=item_id, operation="update", entity="Customer", body=body)


def new_customer(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body that creates a customer of `values`, keyed as `domain.sync.records.MAPPED`."""
    return _fields({name: value for name, value in values.items() if value})


def changed_customer(
    quickbooks_id: str,
    sync_token: str,
    values: Mapping[str, Any],
    *,
    active: bool | None = None,
) -> dict[str, Any]:
    """The sparse body that sets `values` (None clears) and nothing else.

    Making a customer active again sends its name too, which QuickBooks changed when it was not.
    """
    body = {"Id": quickbooks_id, "SyncToken": sync_token, "sparse": True, **_fields(values)}
    return body if active is None else {**body, "Active": active}


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        if name in _TEXTS:
            body[_TEXTS[name]] = value or ""
        elif name in _INSIDE:
            outer, inner = _INSIDE[name]
            body[outer] = {inner: value or ""}
        elif name == "billing_address":
            body["BillAddr"] = _address(value)
        elif name == PAYMENT_TERM:
            body["SalesTermRef"] = {"value": value or ""}
        elif name == TAX_RATE:
            # A customer that is not taxable has no code.
            body |= {"Taxable": True, "DefaultTaxCodeRef": {"value": value}}
        else:
            raise ValueError(f"{name} is not a field that QuickBooks gets from us")
    return body


def _address(address: Address | None) -> dict[str, str]:
    # All parts, with the lines that ours has none for: what is left out would stay as it was.
    parts = {wire: getattr(address, part, None) or "" for part, wire in _ADDRESS.items()}
    return {**parts, "Line3": "", "Line4": "", "Line5": ""}


def new_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body that creates an item; accounts by id, the price in major units.

    What is kept in stock begins with nothing: what there is of it, QuickBooks is told by a person.
    """
    body = _item_fields({name: value for name, value in values.items() if value is not None})
    if values.get("stock_since"):
        body |= {"TrackQtyOnHand": True, "QtyOnHand": 0, "InvStartDate": values["stock_since"]}
    return body


def changed_item(item_id: str, sync_token: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The sparse body that sets `values` of an item (None clears) and nothing else."""
    return {"Id": item_id, "SyncToken": sync_token, "sparse": True, **_item_fields(values)}


def _item_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        if name in _ITEM_TEXTS:
            body[_ITEM_TEXTS[name]] = value or ""
        elif name in _ITEM_ACCOUNTS:
            body[_ITEM_ACCOUNTS[name]] = {"value": value}
        elif name == "unit_price":
            body["UnitPrice"] = _amount(value)
        elif name in ("taxable", "active"):
            body[name.capitalize()] = bool(value)
    return body


def new_invoice(invoice: OutInvoice) -> dict[str, Any]:
    """The body that creates an invoice."""
    body = _invoice_fields(invoice)
    if invoice.number:
        body["DocNumber"] = invoice.number
    elif invoice.asks_for_number:
        body["AutoDocNumber"] = True
    return body


def changed_invoice(invoice_id: str, sync_token: str, invoice: OutInvoice) -> dict[str, Any]:
    """The sparse body that sets everything of an invoice that comes from us but its number."""
    own = {"Id": invoice_id, "SyncToken": sync_token, "sparse": True}
    return {**own, **_invoice_fields(invoice)}


def _invoice_fields(invoice: OutInvoice) -> dict[str, Any]:
    body: dict[str, Any] = {
        "CustomerRef": {"value": invoice.customer_id},
        "TxnDate": f"{invoice.date}",
        "DueDate": f"{invoice.due_date}",
        "PrivateNote": invoice.note,
        "Line": [_line(line) for line in invoice.lines],
    }
    if invoice.term_id:
        body["SalesTermRef"] = {"value": invoice.term_id}
    if invoice.memo:
        body["CustomerMemo"] = {"value": invoice.memo}
    if invoice.tax is not None:
        body["TxnTaxDetail"] = {"TotalTax": _amount(invoice.tax)}
        if invoice.tax_code_id:
            body["TxnTaxDetail"]["TxnTaxCodeRef"] = {"value": invoice.tax_code_id}
    if invoice.untaxed:
        body["GlobalTaxCalculation"] = "NotApplicable"
    return body


def _line(line: OutLine) -> dict[str, Any]:
    detail: dict[str, Any] = {"ItemRef": {"value": line.item_id}}
    if line.quantity is not None and line.unit_price is not None:
        detail |= {"Qty": _amount(line.quantity), "UnitPrice": _amount(line.unit_price)}
    if line.tax_code:
        detail["TaxCodeRef"] = {"value": line.tax_code}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": _amount(line.amount),
        "Description": line.description,
        "SalesItemLineDetail": detail,
    }


def _amount(text: str) -> int | float:
    """Decimal text as a number of JSON: up to 15 digits come out as they went in."""
    return float(text) if "." in text else int(text)
