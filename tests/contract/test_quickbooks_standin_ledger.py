"""Whatever is billed, paid, changed, voided, deleted and merged: the stand-in's books balance."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from infra.local.quickbooks.direct import Direct
from infra.local.quickbooks.sales import ledger
from tests.support.quickbooks import ControlFailed

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company

KINDS = ("Invoice", "CreditMemo", "Payment")
NUMBER = st.integers(1, 6)
CENTS = st.integers(0, 5_000)
PARTS = st.lists(st.tuples(st.sampled_from(KINDS[:2]), NUMBER, CENTS), max_size=3)
ACTIONS = st.one_of(
    st.tuples(st.just("bill"), st.sampled_from(KINDS[:2]), st.integers(1, 3), CENTS),
    st.tuples(st.just("change"), st.sampled_from(KINDS[:2]), NUMBER, CENTS),
    st.tuples(st.just("move"), st.sampled_from(KINDS[:2]), NUMBER, st.integers(1, 3)),
    st.tuples(st.just("pay"), st.just("Payment"), st.integers(1, 3), CENTS, PARTS),
    st.tuples(st.just("apply"), st.just("Payment"), NUMBER, PARTS),
    st.tuples(st.just("void"), st.sampled_from(KINDS), NUMBER),
    st.tuples(st.just("delete"), st.sampled_from(KINDS), NUMBER),
    st.tuples(st.just("merge"), st.just("Customer"), st.integers(1, 3), st.integers(1, 3)),
)


def lines(cents: int) -> list[dict[str, Any]]:
    amount = {"Amount": cents / 100}
    return [amount | {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}]


def applied(parts: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    return [
        {"Amount": cents / 100, "LinkedTxn": [{"TxnId": str(number), "TxnType": kind}]}
        for kind, number, cents in parts
    ]


def act(direct: Direct, action: tuple[Any, ...]) -> bool:
    """Do one thing; return whether QuickBooks did it."""
    what, kind, number, *rest = action
    control, folder = direct.control, f"{kind.lower()}s"
    customer = {"CustomerRef": {"value": str(number)}}
    try:
        match what:
            case "bill":
                control.enter(folder, **customer, Line=lines(rest[0]))
            case "change":
                control.change(folder, number, Line=lines(rest[0]))
            case "move":
                control.change(folder, number, CustomerRef={"value": str(rest[0])})
            case "pay":
                paid = {"TotalAmt": rest[0] / 100, "Line": applied(rest[1])}
                control.enter(folder, **customer, **paid)
            case "apply":
                control.change(folder, number, Line=applied(rest[0]))
            case "merge":
                control.merge(number, rest[0])
            case _:
                getattr(control, what)(folder, number)
    except ControlFailed:
        return False
    return True


def require_balance(company: Company) -> None:
    owed: Counter[int] = Counter()
    settled: Counter[tuple[str, str]] = Counter()
    payers: dict[tuple[str, str], set[str]] = {}
    for kind in KINDS:
        for record in company.shelf(kind).records.values():
            if record.deleted:
                assert record.open == 0
                continue
            assert record.open >= 0
            sign = 1 if kind == "Invoice" else -1
            owed[int(record.fields["CustomerRef"]["value"])] += sign * record.open
            if kind == "Payment":
                parts = ledger.parts(record)
                assert record.open == ledger.unapplied(record.total, parts)
                for target, number, cents in parts:
                    settled[target, number] += cents
                    payers.setdefault((target, number), set()).add(record.id)
    for entry in company.of_kind("Customer"):
        assert entry.balance == owed[entry.id]
    for kind in KINDS[:2]:
        for record in company.shelf(kind).records.values():
            if not record.deleted:
                assert record.total - settled[kind, record.id] == record.open
                assert set(record.linked) == payers.get((kind, record.id), set())
    assert not [key for key in settled if company.shelf(key[0]).find(key[1]) is None]


def as_text(company: Company) -> str:
    return json.dumps(company.dump(), sort_keys=True)


@given(st.lists(ACTIONS, max_size=14))
def test_the_books_balance_and_a_refusal_changes_nothing(actions: list[tuple[Any, ...]]) -> None:
    direct = Direct()
    direct.control.create("Amy")
    direct.control.create("Lane", ParentRef={"value": "1"})
    direct.control.create("Bob")
    company = direct.world.companies[direct.realm]
    for action in actions:
        before = as_text(company)
        if not act(direct, action):
            assert as_text(company) == before
        require_balance(company)
    with suppress(ControlFailed):
        direct.control.merge("3", "1")
    require_balance(company)
