"""Random histories of money through the API: the books add up, whoever merges, parts or replays."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.dynamodb.models import dynamodb_backends

from functions.table_events.app import lambda_handler
from roster import bootstrap
from roster.adapters.dynamodb import keys, record_keys
from roster.bootstrap import sales, stream
from roster.domain.customer import Customer, Status
from roster.domain.standing import Standing
from tests.support import aws
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.money import RECORDS, Day, act, billed, new_customer, places

if TYPE_CHECKING:
    from roster.domain.invoice import Invoice
    from roster.domain.payment import Payment

CUSTOMERS = Api("customers_api")
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["bill", "bill", "bill", "pay", "pay", "receipt", "spread", "apply", "reverse",
             "cancel", "edit", "send", "merge", "merge", "merge", "undo", "days", "delete"]
        ),
        st.integers(0, 60),
        st.sampled_from([1, 30, 100, 250]),
    ),
    min_size=10,
    max_size=18,
)  # fmt: skip


class Office:
    """Three customers and somebody who does all kinds of things to their money."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.paths = [new_customer(name) for name in ("Acme", "Brown", "Crest")]
        self.invoices: list[tuple[str, Any]] = []
        self.payments: list[tuple[str, Any]] = []
        self.merges: list[str] = []

    def do(self, action: str, n: int, amount: int) -> None:  # noqa: C901
        path = self.paths[n % 3]
        where, invoice = self.invoices[n % len(self.invoices)] if self.invoices else (path, None)
        at, payment = self.payments[n % len(self.payments)] if self.payments else (path, None)
        if action == "days":
            self.day.now += timedelta(days=n % 5)
        elif action == "bill":
            due = (self.day.now + timedelta(days=n - 20)).date()
            body = {"date": "2026-10-01", "due_date": f"{max(due, due.replace(2026, 10, 1))}"}
            if RECORDS.get(path + "/standing").status == 200:
                self.invoices.append((path, billed(path, amount, **body)))
        elif action in ("pay", "receipt", "spread"):
            self.pay(path, action, n, amount)
        elif action == "merge":
            loser = self.paths[(n + 1) % 3].rpartition("/")[2]
            done = CUSTOMERS.post(f"{path}/merge", {"loser_id": loser}, if_match="*")
            if done.status == 200:
                self.merges.append(done.json["merge_id"])
        elif action == "undo" and self.merges:
            CUSTOMERS.post(f"/v1/merges/{self.merges[-1]}/undo", {})
        elif action == "delete" and n % 4 == 0:
            CUSTOMERS.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
            query = {"confirm": "true", "confirm_open_work": "true" if n % 8 else "false"}
            CUSTOMERS.call("DELETE", path, query=query, headers={"if-match": "*"})
        elif invoice is None or payment is None:
            return
        elif action == "apply":
            act(at, "payments", payment, "apply", {"invoice_id": invoice["id"]})
        elif action == "reverse":
            act(at, "payments", payment, "reverse")
        elif action in ("cancel", "send"):
            act(where, "invoices", invoice, action)
        elif action == "edit":
            lines = [{"description": "Other", "quantity": 2, "unit_price": amount}]
            RECORDS.patch(f"{where}/invoices/{invoice['id']}", {"lines": lines})

    def pay(self, path: str, action: str, n: int, amount: int) -> None:
        body: dict[str, Any] = {"amount": amount * 2}
        if action == "pay" and self.invoices:
            body["invoice_id"] = self.invoices[n % len(self.invoices)][1]["id"]
        elif action == "spread":
            ids = {invoice["id"] for _, invoice in self.invoices[:3]}
            body["allocations"] = [{"invoice_id": i, "amount": amount // 3 + 1} for i in ids]
        made = RECORDS.post(f"{path}/payments", body)
        if made.status == 201:
            self.payments.append((path, made.json))
        else:
            assert made.status in (404, 410, 422), made.text


class Found:
    """Everything that lies in the table, read past the functions."""

    def __init__(self, office: Office) -> None:
        self.today = office.day.now.date()
        ids = [path.rpartition("/")[2] for path in office.paths]
        self.heads = bootstrap.customers().get_many("acme", ids)
        self.invoices: dict[str, list[Invoice]] = {i: all_of(sales.invoices(), i) for i in ids}
        self.payments: dict[str, list[Payment]] = {i: all_of(sales.payments(), i) for i in ids}
        self.standings = sales.ledger().standings("acme", ids)

    def check(self) -> None:
        for owner in self.heads:
            self.check_owner(owner)
        self.check_allocations()
        living = [c for c in self.heads.values() if c.status in (Status.ACTIVE, Status.INACTIVE)]
        by_order: dict[str, list[tuple[int, str]]] = {"outstanding": [], "revenue": []}
        for customer in living:
            owed, earned = self.sums(customer)
            by_order["outstanding"] += [(owed, customer.id)] if owed else []
            by_order["revenue"] += [(earned, customer.id)] if earned else []
            shown = RECORDS.get(f"/v1/customers/{customer.id}/standing").json
            assert (shown["outstanding"], shown["revenue"]) == (owed, earned)
            late = [
                i for o in group(customer) for i in self.invoices[o] if i.is_overdue(self.today)
            ]
            assert shown["overdue"] == sum(i.outstanding for i in late)
        for order, rows in by_order.items():
            assert places(order) == sorted(rows, reverse=True)
        self.check_shelves(living)

    def sums(self, customer: Customer) -> tuple[int, int]:
        own = [i for o in group(customer) for i in self.invoices[o] if not i.cancelled_at]
        return sum(i.total - i.paid for i in own), sum(i.paid for i in own)

    def check_owner(self, owner: str) -> None:
        kept = self.standings.get(owner, Standing())
        counted = [i for i in self.invoices[owner] if not i.cancelled_at]
        assert kept.billed == sum(i.total for i in counted)
        assert kept.received == sum(i.paid for i in counted)
        assert kept.billed - kept.received == kept.outstanding
        assert kept.open_invoices == sum(i.outstanding > 0 for i in counted)
        assert kept.unapplied == sum(p.unapplied for p in self.payments[owner])

    def check_allocations(self) -> None:
        paid = {i.id: 0 for own in self.invoices.values() for i in own}
        for payment in (p for own in self.payments.values() for p in own):
            for allocation in () if payment.reversed_at else payment.allocations:
                paid[allocation.invoice_id] += allocation.amount
        assert {i.id: i.paid for own in self.invoices.values() for i in own} == paid

    def check_shelves(self, living: list[Customer]) -> None:
        """What lists across customers show, and what is open, is what the records say."""
        shown = {o for customer in living for o in group(customer)}
        rows = RECORDS.get("/v1/invoices", limit=200).json["data"]
        invoices = [i for owner in shown for i in self.invoices[owner]]
        assert {(r["id"], r["status"], r["paid"], r["version"]) for r in rows} == {
            (i.id, i.status, i.paid, i.version) for i in invoices
        }
        rows = RECORDS.get("/v1/payments", limit=200).json["data"]
        payments = [p for owner in shown for p in self.payments[owner]]
        assert {(r["id"], r["status"], r["unapplied"]) for r in rows} == {
            (p.id, p.status, p.unapplied) for p in payments
        }
        for owner in self.heads:
            partition = keys.customer_partition("acme", owner)
            opened = bootstrap.table().query_all(partition, prefix=record_keys.OPEN_PREFIX)
            both = [*self.invoices[owner], *self.payments[owner]]
            assert sorted(str(row["sk"]).rpartition("#")[2] for row in opened) == sorted(
                record.id for record in both if record.open_by
            )


def group(customer: Customer) -> tuple[str, ...]:
    return (customer.id, *customer.absorbed)


def all_of(records: Any, owner: str) -> list[Any]:
    return list(records.page("acme", [owner], limit=200, after=None).items)


def stream_records() -> list[dict[str, Any]]:
    """Everything the table's stream would have told, from moto itself: it has no shards to read."""
    table = dynamodb_backends["123456789012"]["us-east-1"].tables[aws.TABLE]
    return [record.to_json() for record in table.stream_shard.items]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=_STEPS, seed=st.randoms(use_true_random=False))
def test_the_books_add_up_after_any_history(
    steps: list[tuple[str, int, int]], seed: random.Random
) -> None:
    with aws.cloud(), mock.patch.object(bootstrap, "clock", Day()) as day:
        office = Office(day)
        for step in steps:
            office.do(*step)
        Found(office).check()
        records = stream_records()
        again = records * 2
        seed.shuffle(again)
        with mock.patch.object(stream, "event_bus") as bus:
            answer = lambda_handler({"Records": again}, LambdaContext("table_events"))
        assert answer == {"batchItemFailures": []}
        assert bus.called or not records
        Found(office).check()
