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
# What to settle: a kind, which of them, and how many quarters of what is open.
PARTS = st.lists(
    st.tuples(st.sampled_from(("Invoice", *KINDS[:2])), NUMBER, st.integers(1, 5)), max_size=3
)
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


def pick(company: Company, kind: str, number: int) -> str:
    """Return the Id of one that is there, or one that is not."""
    ids = [one.id for one in company.shelf(kind).records.values() if not one.deleted]
    return ids[number % len(ids)] if ids else "99"


def applied(company: Company, parts: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    found = []
    for kind, number, quarters in parts:
        target = company.shelf(kind).find(pick(company, kind, number))
        cents = (target.open * quarters) // 4 if target else 1
        link = {"TxnId": target.id if target else "99", "TxnType": kind}
        found.append({"Amount": cents / 100, "LinkedTxn": [link]})
    return found


def act(direct: Direct, action: tuple[Any, ...]) -> bool:
    """Do one thing; return whether QuickBooks did it."""
    what, kind, number, *rest = action
    control, folder = direct.control, f"{kind.lower()}s"
    company = direct.world.companies[direct.realm]
    chosen = pick(company, kind, number) if kind in KINDS else number
    customer = {"CustomerRef": {"value": str(number)}}
    try:
        match what:
            case "bill":
                control.enter(folder, **customer, Line=lines(rest[0]))
            case "change":
                control.change(folder, chosen, Line=lines(rest[0]))
            case "move":
                control.change(folder, chosen, CustomerRef={"value": str(rest[0])})
            case "pay":
                parts = applied(company, rest[1])
                for one in parts[:1]:
                    link = one["LinkedTxn"][0]
                    target = company.shelf(link["TxnType"]).find(link["TxnId"])
                    customer = {"CustomerRef": target.fields["CustomerRef"]} if target else customer
                total = rest[0] / 100 + sum(
                    one["Amount"] for one in parts if one["LinkedTxn"][0]["TxnType"] == "Invoice"
                )
                paid = {"TotalAmt": round(total, 2), "Line": parts}
                control.enter(folder, **customer, **paid)
            case "apply":
                control.change(folder, chosen, Line=applied(company, rest[0]))
            case "merge":
                control.merge(number, rest[0])
            case _:
                getattr(control, what)(folder, chosen)
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


def open_books(direct: Direct) -> None:
    direct.control.create("Amy")
    direct.control.create("Lane", ParentRef={"value": "1"})
    direct.control.create("Bob")
    for customer, cents in ((1, 100_00), (1, 30_00), (2, 60_00), (3, 80_00)):
        assert act(direct, ("bill", "Invoice", customer, cents))
    assert act(direct, ("bill", "CreditMemo", 1, 20_00))
    half = [("Invoice", 0, 2)]
    assert act(direct, ("pay", "Payment", 1, 10_00, half))
    # The credit pays part of the second invoice, with a payment of nothing.
    link = {"TxnId": "5", "TxnType": "CreditMemo"}, {"TxnId": "2", "TxnType": "Invoice"}
    settled = [{"Amount": 20, "LinkedTxn": [one]} for one in link]
    reference = {"value": "1"}
    direct.control.enter("payments", CustomerRef=reference, TotalAmt=0, Line=settled)


@given(st.lists(ACTIONS, min_size=4, max_size=16))
def test_the_books_balance_and_a_refusal_changes_nothing(actions: list[tuple[Any, ...]]) -> None:
    direct = Direct()
    open_books(direct)
    company = direct.world.companies[direct.realm]
    for action in actions:
        before = as_text(company)
        if not act(direct, action):
            assert as_text(company) == before
        require_balance(company)
    with suppress(ControlFailed):
        direct.control.merge("3", "1")
    require_balance(company)
