"""Answer a parsed query from the book."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import columns, entities, faults, wire
from infra.local.quickbooks.clock import parse_stamp
from infra.local.quickbooks.shelf import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.query import Condition, Query

    Row = Entry | Record

# Entities of the real service that this book never has a row of.
EMPTY_ENTITIES = frozenset(
    name.lower()
    for name in (
        "Attachable",
        "Bill",
        "BillPayment",
        "Budget",
        "CompanyCurrency",
        "CustomerType",
        "Department",
        "Deposit",
        "Estimate",
        "ExchangeRate",
        "JournalCode",
        "JournalEntry",
        "Purchase",
        "PurchaseOrder",
        "RefundReceipt",
        "SalesReceipt",
        "TimeActivity",
        "Transfer",
        "VendorCredit",
    )
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ALLOWED = {
    "id": {"=", "IN"},
    "flag": {"=", "IN"},
    "reference": {"=", "IN"},
    "text": {*_COMPARE, "IN", "LIKE"},
    "number": {*_COMPARE, "IN"},
    "day": {*_COMPARE, "IN"},
    "time": {*_COMPARE},
}
_REMEMBERED = 8


def answer(company: Company, query: Query) -> dict[str, Any]:
    """Return `{"QueryResponse": …}`; ServiceFault 4001 when the query asks the impossible."""
    kind = entities.KINDS.get(query.entity.lower())
    if kind is None:
        return {"QueryResponse": _single(company, query)}
    named = None
    if query.columns is not None:
        named = [columns.selectable(kind, name) for name in query.columns]
    rows = _found(company, query, kind)
    if query.count:
        return {"QueryResponse": {"totalCount": len(rows)}}
    page = rows[query.start - 1 : query.start - 1 + query.limit]
    shown = [entities.show(company, row, "list") for row in page]
    if named is not None:
        shown = [_narrow(row, named) for row in shown]
    return {"QueryResponse": _page(kind, shown, query.start)}


def rows_of(company: Company, kind: str) -> Iterable[Row]:
    """Iterate over everything of a kind that is not deleted, in the order it was entered."""
    if kind in entities.NAMES:
        return company.of_kind(kind)  # type: ignore[arg-type] # one of NAMES
    return (one for one in company.shelf(kind).records.values() if not one.deleted)


def _found(company: Company, query: Query, kind: str) -> list[Row]:
    # A client pages through one query: its rows are kept until the book changes.
    key = (kind, query.where, query.order)
    if company.found_at != company.version:
        company.found.clear()
        company.found_at = company.version
    if key in company.found:
        return company.found[key]
    tests = _tests(query, kind)
    rows = [row for row in rows_of(company, kind) if all(test(company, row) for test in tests)]
    if not query.count:
        _sort(company, rows, query, kind)
        while len(company.found) >= _REMEMBERED:
            del company.found[next(iter(company.found))]
        company.found[key] = rows
    return rows


def _page(name: str, rows: list[dict[str, Any]], start: int) -> dict[str, Any]:
    if not rows:
        return {}
    return {name: rows, "startPosition": start, "maxResults": len(rows)}


def _single(company: Company, query: Query) -> dict[str, Any]:
    name = query.entity.lower()
    singles = {"companyinfo": wire.company_info, "preferences": wire.preferences}
    if name not in EMPTY_ENTITIES | singles.keys():
        raise faults.query_invalid(f"invalid context declaration: {query.entity}")
    render = singles.get(name)
    rows = [render(company)] if render else []
    if query.count:
        return {"totalCount": len(rows)}
    label = "CompanyInfo" if name == "companyinfo" else "Preferences"
    return _page(label, rows[query.start - 1 :], query.start)


def _narrow(row: dict[str, Any], named: list[str]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name in {"Id", "domain", *named}}
    return kept | {"sparse": True}


def _tests(query: Query, kind: str) -> list[Callable[[Company, Row], bool]]:
    tests = []
    listed = False
    for condition in query.where:
        test = _test(condition, kind)
        if condition.name.lower() == "active":
            listed = True
            if condition.operator == "IN" and {one.lower() for one in condition.values} == {
                "true",
                "false",
            }:
                continue
        tests.append(test)
    if not listed:
        tests.append(lambda _, row: row.active)
    return tests


def _value(of: str, name: str, text: str) -> Any:
    converted: Any = None
    if of in {"text", "id", "reference"}:
        return text.casefold()
    if of == "flag" and text.lower() in {"true", "false"}:
        converted = text.lower() == "true"
    elif of == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        converted = float(text)
    elif of == "time":
        converted = parse_stamp(text)
    elif of == "day" and parse_stamp(text) is not None:
        converted = text[:10]
    if converted is None:
        raise faults.query_invalid(f"value '{text}' is not valid for property '{name}'")
    return converted


def _test(condition: Condition, kind: str) -> Callable[[Company, Row], bool]:
    name = columns.filterable(kind, condition.name)
    of = columns.COLUMNS[kind][name]
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
        several = frozenset(wanted)

        def matches(actual: Any) -> bool:
            return actual in several

    else:
        compare = _COMPARE[condition.operator]

        def matches(actual: Any) -> bool:
            return compare(actual, wanted[0])

    folded = of in {"text", "id", "reference"}

    def test(company: Company, row: Row) -> bool:
        actual = columns.read(company, row, name)
        if actual is None:
            return False
        return matches(str(actual).casefold() if folded else actual)

    return test


def _sort(company: Company, rows: list[Row], query: Query, kind: str) -> None:
    if not query.order and kind in entities.TRANSACTIONS:
        # Captured: the latest day first.
        rows.sort(key=lambda row: (row.fields["TxnDate"], int(row.id)), reverse=True)
    elif not query.order and kind == "TaxCode":
        # Captured: TAX and NON come before the others.
        rows.sort(key=lambda row: (str(row.id).isdigit() and _full_name(company, row)) or "")
    elif not query.order:
        # Real lists come in byte order of the full name ("PG&E" before "Pam Seitz"), not by Id.
        rows.sort(key=lambda row: (_full_name(company, row), row.created))
    if [(name.lower(), down) for name, down in query.order] == [("id", False)]:
        # The order they were entered in.
        return
    for name, descending in reversed(query.order):
        rows.sort(key=_sort_key(company, columns.filterable(kind, name)), reverse=descending)


def _full_name(company: Company, row: Row) -> str:
    if isinstance(row, Record):
        return str(row.fields.get("Name", row.fields.get("DisplayName")))
    if row.kind == "Customer":
        return company.full_name(row)
    return str(row.fields["DisplayName"])


def _sort_key(company: Company, name: str) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = columns.read(company, row, name)
        if name == "Id":
            # TAX and NON come before the numbers.
            return str(value).isdigit(), int(value) if str(value).isdigit() else 0
        return value is not None, "" if value is None else value

    return key
