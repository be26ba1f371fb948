"""Answer a parsed query from the book."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, fields, wire
from infra.local.quickbooks.clock import parse_stamp
from infra.local.quickbooks.company import KINDS, Company, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.query import Condition, Query

# Entities of the real service that this book never has a row of.
EMPTY_ENTITIES = frozenset(
    name.lower()
    for name in (
        "Account",
        "Attachable",
        "Bill",
        "BillPayment",
        "Budget",
        "Class",
        "CompanyCurrency",
        "CreditMemo",
        "CustomerType",
        "Department",
        "Deposit",
        "Estimate",
        "ExchangeRate",
        "Invoice",
        "Item",
        "JournalCode",
        "JournalEntry",
        "Payment",
        "PaymentMethod",
        "Purchase",
        "PurchaseOrder",
        "RefundReceipt",
        "SalesReceipt",
        "TaxAgency",
        "TaxCode",
        "TaxRate",
        "Term",
        "TimeActivity",
        "Transfer",
        "VendorCredit",
    )
)
_TEXT, _FLAG, _NUMBER, _TIME, _ID = "text", "flag", "number", "time", "id"
_FILTERS: dict[str, str] = {
    "Id": _ID,
    "MetaData.CreateTime": _TIME,
    "MetaData.LastUpdatedTime": _TIME,
    "Balance": _NUMBER,
    "Active": _FLAG,
    "Job": _FLAG,
    "IsProject": _FLAG,
    "Taxable": _FLAG,
    "BillWithParent": _FLAG,
    "PrimaryEmailAddr": _TEXT,
    "PreferredDeliveryMethod": _TEXT,
    "FullyQualifiedName": _TEXT,
    **dict.fromkeys(("DisplayName", "CompanyName", "PrintOnCheckName", *fields.NAME_PARTS), _TEXT),
}
_BY_NAME = {name.lower(): name for name in _FILTERS}
_KNOWN = {name.lower() for name in fields.CUSTOMER}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ALLOWED = {
    _ID: {"=", "IN"},
    _FLAG: {"=", "IN"},
    _TEXT: {*_COMPARE, "IN", "LIKE"},
    _NUMBER: {*_COMPARE, "IN"},
    _TIME: {*_COMPARE},
}


def answer(company: Company, query: Query) -> dict[str, Any]:
    """Return `{"QueryResponse": …}`; ServiceFault 4001 when the query asks the impossible."""
    kind = _kind(query.entity)
    if kind is None:
        return {"QueryResponse": _single(company, query)}
    if query.columns is not None:
        columns = [_column(name, kind) for name in query.columns]
    tests = [_test(condition, kind) for condition in query.where]
    if not any(condition.name.lower() == "active" for condition in query.where):
        tests.append(lambda _, entry: entry.active)
    rows = [entry for entry in company.of_kind(kind) if all(test(company, entry) for test in tests)]
    if query.count:
        return {"QueryResponse": {"totalCount": len(rows)}}
    _sort(company, rows, query, kind)
    page = rows[query.start - 1 : query.start - 1 + query.limit]
    shown = [wire.entity(company, entry, "list") for entry in page]
    if query.columns is not None:
        shown = [_narrow(row, columns) for row in shown]
    return {"QueryResponse": _page(kind, shown, query.start)}


def _page(name: str, rows: list[dict[str, Any]], start: int) -> dict[str, Any]:
    if not rows:
        return {}
    return {name: rows, "startPosition": start, "maxResults": len(rows)}


def _kind(name: str) -> Kind | None:
    for kind in KINDS:
        if kind.lower() == name.lower():
            return kind
    if name.lower() in EMPTY_ENTITIES | {"companyinfo", "preferences"}:
        return None
    raise faults.query_invalid(f"invalid context declaration: {name}")


def _single(company: Company, query: Query) -> dict[str, Any]:
    singles = {"companyinfo": wire.company_info, "preferences": wire.preferences}
    render = singles.get(query.entity.lower())
    rows = [render(company)] if render else []
    if query.count:
        return {"totalCount": len(rows)}
    name = {"companyinfo": "CompanyInfo"}.get(query.entity.lower(), "Preferences")
    return _page(name, rows[query.start - 1 :], query.start)


def _column(name: str, kind: Kind) -> str:
    # Objects such as BillAddr come with `select *` only; naming them fails the whole query.
    head = name.split(".", maxsplit=1)[0]
    if head.lower() in {"metadata", "primaryemailaddr", "synctoken"}:
        return {"metadata": "MetaData", "synctoken": "SyncToken"}.get(
            head.lower(), "PrimaryEmailAddr"
        )
    found = _BY_NAME.get(name.lower())
    if found is None:
        raise faults.query_invalid(f"Property {name} not found for Entity {kind}")
    return found


def _narrow(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name in {"Id", "domain", *columns}}
    return kept | {"sparse": True}


def _property(name: str, kind: Kind) -> str:
    found = _BY_NAME.get(name.lower())
    if found is not None:
        return found
    if name.split(".", maxsplit=1)[0].lower() in _KNOWN:
        raise faults.query_invalid(f"property '{name}' is not queryable")
    raise faults.query_invalid(f"Property {name} not found for Entity {kind}")


def _read(company: Company, entry: Entry, name: str) -> Any:
    match name:
        case "Id":
            return entry.id
        case "MetaData.CreateTime":
            return int(entry.created)
        case "MetaData.LastUpdatedTime":
            return int(entry.updated)
        case "Balance":
            return entry.balance / 100
        case "IsProject":
            return entry.project
        case "FullyQualifiedName":
            return company.full_name(entry)
        case "PrimaryEmailAddr":
            return entry.fields.get(name, {}).get("Address")
    return entry.fields.get(name)


def _value(kind: str, name: str, text: str) -> Any:
    converted: Any = None
    if kind == _TEXT:
        return text.casefold()
    if kind == _ID and text.isascii() and text.isdigit():
        converted = int(text)
    elif kind == _FLAG and text.lower() in {"true", "false"}:
        converted = text.lower() == "true"
    elif kind == _NUMBER and re.fullmatch(r"-?\d+(\.\d+)?", text):
        converted = float(text)
    elif kind == _TIME:
        converted = parse_stamp(text)
    if converted is None:
        raise faults.query_invalid(f"value '{text}' is not valid for property '{name}'")
    return converted


def _test(condition: Condition, kind: Kind) -> Callable[[Company, Entry], bool]:
    name = _property(condition.name, kind)
    of = _FILTERS[name]
    if condition.operator not in _ALLOWED[of]:
        raise faults.query_invalid(
            f"operator {condition.operator} is not supported for property '{condition.name}'"
        )
    wanted = [_value(of, condition.name, text) for text in condition.values]
    if condition.operator == "LIKE":
        parts = [re.escape(part) for part in wanted[0].split("%")]
        pattern = re.compile(".*".join(parts), re.DOTALL)

        def matches(actual: Any) -> bool:
            return pattern.fullmatch(actual) is not None

    elif condition.operator == "IN":

        def matches(actual: Any) -> bool:
            return actual in wanted

    else:
        compare = _COMPARE[condition.operator]

        def matches(actual: Any) -> bool:
            return compare(actual, wanted[0])

    def test(company: Company, entry: Entry) -> bool:
        actual = _read(company, entry, name)
        if actual is None:
            return False
        return matches(actual.casefold() if of == _TEXT else actual)

    return test


def _sort(company: Company, rows: list[Entry], query: Query, kind: Kind) -> None:
    # Real lists come in byte order of the full name ("PG&E" before "Pam Seitz"), not by Id.
    if not query.order:
        rows.sort(key=lambda entry: (company.full_name(entry), entry.id))
    for name, descending in reversed(query.order):
        rows.sort(key=_sort_key(company, _property(name, kind)), reverse=descending)


def _sort_key(company: Company, name: str) -> Callable[[Entry], tuple[bool, Any]]:
    def key(entry: Entry) -> tuple[bool, Any]:
        value = _read(company, entry, name)
        return value is not None, "" if value is None else value

    return key
