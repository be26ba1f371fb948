"""What tests of invoices and payments share: a clock, a customer, and the books as they lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from roster import bootstrap
from roster.adapters.dynamodb import keys
from roster.domain.events import Actor
from roster.domain.record import Record
from roster.usecases.record_keeping import Call
from roster.usecases.record_ports import Records
from tests.support.api import Answer, Api

RECORDS = Api("records_api")
_REQUEST = "_make_api_call"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Day:
    """A clock that goes on by a millisecond each time, and to where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@contextmanager
def one_call_at_a_time() -> Iterator[None]:
    """Each call of DynamoDB as a whole, as it is there: moto is not made for threads."""
    lock, call = Lock(), getattr(BaseClient, _REQUEST)

    def alone(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return call(*args, **kwargs)

    with mock.patch.object(BaseClient, _REQUEST, alone):
        yield


def call_of[R: Record](customer: str, records: Records[R]) -> Call[R]:
    """What a request about the customer calls the use cases with.

    Threads go in here: a function has its handler for one request at a time.
    """
    return Call(
        tenant="acme",
        customer_id=customer.rpartition("/")[2],
        actor=Actor("olga"),
        customers=bootstrap.customers(),
        records=records,
        clock=bootstrap.clock,
    )


def new_customer(name: str = "Acme", **values: Any) -> str:
    """The path of a new customer."""
    made = Api("customers_api").post("/v1/customers", {"company_name": name, **values})
    assert made.status == 201, made.text
    return f"/v1/customers/{made.json['id']}"


def billed(customer: str, amount: int, **values: Any) -> Any:
    """A new invoice over `amount` minor units."""
    line = {"description": "Work", "quantity": 1, "unit_price": amount}
    made = RECORDS.post(f"{customer}/invoices", {"lines": [line], **values})
    assert made.status == 201, made.text
    return made.json


def paid(customer: str, amount: int, invoice: Any = None, **values: Any) -> Any:
    """A new payment, of one invoice if it is given."""
    body = {"amount": amount, **values} | ({"invoice_id": invoice["id"]} if invoice else {})
    made = RECORDS.post(f"{customer}/payments", body)
    assert made.status == 201, made.text
    return made.json


def standing(customer: str) -> Any:
    """How the customer stands."""
    found = RECORDS.get(f"{customer}/standing")
    assert found.status == 200, found.text
    return found.json


def now(customer: str, family: str, record: Any) -> Any:
    """An invoice or payment as it is now."""
    found = RECORDS.get(f"{customer}/{family}/{record['id']}")
    assert found.status == 200, found.text
    return found.json


def act(customer: str, family: str, record: Any, verb: str, body: Any = None) -> Answer:
    """Take one step with an invoice or a payment."""
    return RECORDS.call("POST", f"{customer}/{family}/{record['id']}/{verb}", body)


def places(order: str, tenant: str = "acme") -> list[tuple[int, str]]:
    """Who stands in an order by money and with what, the largest first."""
    rows = bootstrap.table().query_all(keys.order_partition(tenant, order), forward=False)
    parts = (str(row["sk"]).split("#") for row in rows)
    return [(int(amount), customer) for amount, customer in parts]
