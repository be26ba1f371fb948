"""Whatever comes in, the stand-in answers as QuickBooks would or refuses with a fault."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.local.quickbooks import customers, fields, query, search, wire
from infra.local.quickbooks.company import Company
from infra.local.quickbooks.faults import ServiceFault
from infra.local.quickbooks.lists import chart

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
