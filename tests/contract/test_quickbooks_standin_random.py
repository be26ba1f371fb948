"""Whatever comes in, the stand-in answers as QuickBooks would or refuses with a fault."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.local.quickbooks import cdc, customers, entities, fields, query, search, wire
from infra.local.quickbooks.company import Company
from infra.local.quickbooks.entities import Write
from infra.local.quickbooks.faults import ServiceFault
from infra.local.quickbooks.lists import chart, taxes
from infra.local.quickbooks.sales import bills, payments

WORDS = (
    "select", "from", "where", "and", "or", "in", "like", "orderby", "order", "by", "asc", "desc",
    "startposition", "maxresults", "count", "*", "(", ")", ",", "=", "<", ">", "<=", ">=", "%",
    "'", "''", "'x'", "'1'", "0", "1", "1.5", "-2", "2000", "true", "Customer", "Id", "Active",
    "DisplayName", "Balance", "Notes", "Job", "MetaData.LastUpdatedTime",
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["0", "1", "3", "true", "²", "Print"]),
)  # fmt: skip
KEYS = st.sampled_from(["value", "name", "Line1", "City", "FreeFormNumber", "Address", "Id"])
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(KEYS, SCALARS, max_size=3)
)
BODIES = st.dictionaries(st.sampled_from(fields.CUSTOMER.known), VALUES, max_size=4)
NAMES = st.sampled_from(["Amy", "amy", "Bob", "Amy (deleted)"])


SCHEMAS = {
    "Customer": fields.CUSTOMER,
    "Vendor": fields.VENDOR,
    "Employee": fields.EMPLOYEE,
    "Payment": payments.SCHEMA,
    "TaxAgency": taxes.AGENCY.schema,
    **bills.SCHEMAS,
    **{name: kind.schema for name, kind in entities.LISTS.items()},
}
LINES = st.lists(
    st.dictionaries(
        st.sampled_from(["Amount", "DetailType", "SalesItemLineDetail", "LinkedTxn", "Id"]),
        st.one_of(
            SCALARS,
            st.sampled_from(["SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly"]),
            st.dictionaries(
                st.sampled_from(["ItemRef", "Qty", "UnitPrice", "TaxCodeRef", "PercentBased"]),
                st.one_of(SCALARS, st.just({"value": "1"}), st.just({"value": "TAX"})),
                max_size=3,
            ),
            st.just([{"TxnId": "1", "TxnType": "Invoice"}]),
        ),
        max_size=4,
    ),
    max_size=3,
)
SOLD = [{"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}]
DETAILS = st.dictionaries(
    st.sampled_from(["ItemRef", "Qty", "UnitPrice", "TaxCodeRef", "PercentBased", "ClassRef"]),
    st.one_of(SCALARS, st.just({"value": "1"}), st.just({"value": "TAX"})),
    max_size=2,
)
LINE = st.fixed_dictionaries(
    {
        "Amount": st.one_of(SCALARS, st.just(5)),
        "DetailType": st.sampled_from(
            ["SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly"]
        ),
        "SalesItemLineDetail": st.one_of(SCALARS, DETAILS),
        "DiscountLineDetail": st.one_of(SCALARS, DETAILS),
    }
)
BILLS = st.tuples(
    st.sampled_from(["Invoice", "CreditMemo"]),
    st.just({"CustomerRef": {"value": "1"}}),
    st.fixed_dictionaries({"Line": st.lists(LINE, min_size=1, max_size=2)}),
    st.just("create"),
)
# Enough for a write to get past the first refusal now and then.
STARTS = st.sampled_from(
    [
        {},
        {"DisplayName": "Zed"},
        {"Name": "Zed", "DueDays": 3},
        {"Name": "Zed", "IncomeAccountRef": {"value": "1"}},
        {"Name": "Zed", "AccountType": "Income"},
        {"CustomerRef": {"value": "1"}, "TotalAmt": 5},
        {"CustomerRef": {"value": "1"}, "Line": [{"Amount": 1, "DetailType": "DescriptionOnly"}]},
        {"CustomerRef": {"value": "1"}, "Line": SOLD},
        {"Id": "1", "SyncToken": "0", "sparse": True},
        {"Id": "1", "SyncToken": "0"},
    ]
)
WRITES = st.sampled_from(sorted(SCHEMAS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        STARTS,
        st.dictionaries(st.sampled_from(SCHEMAS[kind].known), st.one_of(VALUES, LINES), max_size=3),
        st.sampled_from(["", "create", "update", "void", "delete", "DELETE", "x"]),
    )
)


def book() -> Company:
    company = Company("9341450000000001", opened=0.0)
    chart.fill(company)
    for number, name in enumerate(("Carl", "Dora", "Emil")):
        customers.create(company, {"DisplayName": name}, 1_700_000_000.0 + number)
    return company


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14)))
def test_queries(text: str | list[str]) -> None:
    asked = text if isinstance(text, str) else " ".join(["select * from Customer", *text])
    with suppress(ServiceFault):
        answer = search.answer(book(), query.parse(asked))
        assert list(answer) == ["QueryResponse"]


@given(st.lists(st.tuples(BODIES, st.integers(0, 4), st.booleans(), NAMES), max_size=6))
def test_the_book_stays_whole(writes: list[tuple[dict[str, Any], int, bool, str]]) -> None:
    company = book()
    for body, number, sparse, name in writes:
        sent = body | {"sparse": sparse, "DisplayName": name}
        entry = company.find("Customer", number)
        if entry is not None:
            sent |= {"Id": str(number), "SyncToken": str(entry.sync_token)}
        with suppress(ServiceFault):
            if entry is None:
                customers.create(company, sent, 1_800_000_000.0)
            else:
                customers.update(company, sent, 1_800_000_000.0)
    rows = [wire.entity(company, one, "read") for one in company.of_kind("Customer")]
    full_names = [row["FullyQualifiedName"].casefold() for row in rows]
    assert len(set(full_names)) == len(full_names)
    for row in rows:
        assert None not in row.values()
        assert row["Job"] == ("ParentRef" in row)
        assert row["Active"] or "(deleted" in row["DisplayName"]
    assert Company.load(json.loads(json.dumps(company.dump()))) == company


@given(
    st.sampled_from(sorted(entities.KINDS.values())),
    st.lists(st.sampled_from(WORDS), max_size=10),
)
def test_queries_of_every_entity(kind: str, words: list[str]) -> None:
    with suppress(ServiceFault):
        text = " ".join(["select * from", kind, *words])
        assert list(search.answer(book(), query.parse(text))) == ["QueryResponse"]


@given(st.lists(st.one_of(WRITES, BILLS), max_size=5))
def test_any_body_is_saved_or_refused_and_can_be_read_again(
    writes: list[tuple[str, dict[str, Any], dict[str, Any], str]],
) -> None:
    company, now = book(), 1_800_000_000.0
    for kind, start, body, operation in writes:
        before = json.dumps(company.dump(), sort_keys=True)
        sent = Write(kind, start | body, operation)
        try:
            (saved,) = entities.write(company, sent, now).values()
        except ServiceFault:
            assert json.dumps(company.dump(), sort_keys=True) == before
            continue
        if "status" not in saved:
            assert entities.find(company, kind, saved["Id"]) is not None
    for kind in entities.KINDS.values():
        found = search.answer(company, query.parse(f"select * from {kind}"))  # noqa: S608 — fixed words
        rows = found["QueryResponse"].get(kind, [])
        assert all(None not in row.values() for row in rows)
        if kind not in entities.UNCAPTURED:
            cdc.answer(company, kind, "2027-01-14T00:00:00Z", now)
    assert Company.load(json.loads(json.dumps(company.dump()))) == company
