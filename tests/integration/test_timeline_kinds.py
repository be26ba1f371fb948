"""Everything that happens throughout a relationship is on the customer's timeline (A-07).

A family that joins adds what it does to HAPPENINGS.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from functions.reminders_fire.app import lambda_handler as fire
from roster import bootstrap
from roster.adapters.scheduler import message_of
from roster.bootstrap import records
from roster.domain.customer import Customer
from roster.domain.events import Actor, Source
from roster.usecases.customers import edit_customer
from roster.usecases.messages import send_message
from roster.usecases.record_keeping import Call
from roster.usecases.reminders import Reminder
from tests.support import documents as contents
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.imports import Machine, csv_of, drop
from tests.support.records import every_page, kinds
from tests.support.uploads import announce, send, tell

CUSTOMERS, RECORDS = Api("customers_api"), Api("records_api")
PLACE = {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"}


def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = RECORDS.post(path, body)
    assert answer.status == 201, answer.text
    record: dict[str, Any] = answer.json
    return record


def created(customer: str) -> None:
    assert CUSTOMERS.get(customer).status == 200


def edited(customer: str) -> None:
    assert CUSTOMERS.patch(customer, {"phone": "0171 1"}).status == 200


def archived(customer: str) -> None:
    assert CUSTOMERS.post(f"{customer}/deactivate", {"confirm": True}, if_match="*").status == 200


def unarchived(customer: str) -> None:
    archived(customer)
    assert CUSTOMERS.post(f"{customer}/activate", {"confirm": True}, if_match="*").status == 200


def merged(customer: str) -> None:
    loser = CUSTOMERS.post("/v1/customers", {"company_name": "Acme Ltd"}).json["id"]
    answer = CUSTOMERS.post(f"{customer}/merge", {"loser_id": loser}, if_match="*")
    assert answer.status == 200, answer.text


def placed(customer: str) -> None:
    assert CUSTOMERS.post(f"{customer}/locations", PLACE).status == 201


def noted(customer: str) -> None:
    made(f"{customer}/notes", {"text": "Beware of the dog"})


def task_done(customer: str) -> None:
    task = made(f"{customer}/tasks", {"title": "Call"})
    path = f"{customer}/tasks/{task['id']}"
    assert RECORDS.patch(path, {"status": "done"}).status == 200


def reminded(customer: str) -> None:
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    task = made(f"{customer}/tasks", {"title": "Call", "remind_at": due})
    (waiting,) = boto3.client("scheduler").list_schedules()["Schedules"]
    assert task["id"] in waiting["Name"]
    reminder = Reminder(
        tenant="acme",
        customer_id=task["customer_id"],
        task_id=task["id"],
        remind_at=datetime.fromisoformat(task["remind_at"]),
    )
    assert fire(json.loads(message_of(reminder)), LambdaContext("f")) == {"outcome": "told"}


def sent(customer: str) -> None:
    body = {"subject": "Hi", "body": "There", "to": "ann@x.example"}
    message = made(f"{customer}/messages", body)
    boto3.client("sesv2").create_email_identity(EmailIdentity="service@acme.example")
    call = Call(
        tenant="acme",
        customer_id=message["customer_id"],
        actor=Actor("roster"),
        customers=bootstrap.customers(),
        records=records.messages(),
        clock=bootstrap.clock,
    )
    assert send_message(call, message["id"], mailer=records.mailer()) == "sent"


def worked(customer: str) -> None:
    job = made(f"{customer}/jobs", {"title": "Fix the boiler"})
    assert RECORDS.patch(f"{customer}/jobs/{job['id']}", {"status": "done"}).status == 200


def documented(customer: str) -> None:
    customer_id = customer.rpartition("/")[2]
    document = announce(RECORDS, customer_id, contents.PDF).json
    told = send(document["upload"], contents.PDF)
    assert [tell(told), tell(told)] == ["activated", "already_judged"]
    path = f"{customer}/documents/{document['id']}"
    again = RECORDS.patch(path, {"size": len(contents.PDF)}).json
    assert tell(send(again["upload"], contents.PDF)) == "activated"
    assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204


LINES = [{"description": "Work", "quantity": "1", "unit_price": 100}]


def step(path: str, verb: str, **body: Any) -> dict[str, Any]:
    answer = RECORDS.post(f"{path}/{verb}", body)
    assert answer.status in (200, 201), answer.text
    moved: dict[str, Any] = answer.json
    return moved


def quoted(customer: str) -> None:
    path = f"{customer}/quotes/{made(f'{customer}/quotes', {'lines': LINES})['id']}"
    for verb in ("send", "accept", "convert"):
        step(path, verb)
    other = f"{customer}/quotes/{made(f'{customer}/quotes', {'lines': LINES})['id']}"
    for verb in ("send", "reject"):
        step(other, verb)


def invoiced(customer: str) -> None:
    path = f"{customer}/invoices/{made(f'{customer}/invoices', {'lines': LINES})['id']}"
    for verb in ("approve", "ready-for-sync", "send", "cancel"):
        step(path, verb)


def paid(customer: str) -> None:
    invoice = made(f"{customer}/invoices", {"lines": LINES})
    payment = made(f"{customer}/payments", {"amount": 100, "invoice_id": invoice["id"]})
    step(f"{customer}/payments/{payment['id']}", "reverse", reason="bounced")


# What is done, and the kinds of entries it leaves, newest first.
HAPPENINGS: list[tuple[Callable[[str], None], list[str]]] = [
    (created, ["created"]),
    (edited, ["edited"]),
    (archived, ["status_changed"]),
    (unarchived, ["status_changed", "status_changed"]),
    (merged, ["merged"]),
    (placed, ["location_added"]),
    (noted, ["note_added"]),
    (task_done, ["task_completed", "task_created"]),
    (reminded, ["reminder_fired", "task_created"]),
    (sent, ["message_sent", "message_queued"]),
    (worked, ["job_completed", "job_created"]),
    (quoted, [
        "quote_rejected", "quote_sent", "quote_drafted", "invoice_created", "quote_converted",
        "quote_accepted", "quote_sent", "quote_drafted",
    ]),
    (invoiced, [
        "invoice_cancelled", "invoice_sent", "invoice_marked_ready", "invoice_approved",
        "invoice_created",
    ]),
    (paid, [
        "payment_reversed", "invoice_reopened", "payment_recorded", "invoice_paid",
        "invoice_created",
    ]),
    (documented, ["document_removed", "document_replaced", "document_added"]),
]  # fmt: skip


# A-07, with imports, the sync and the deletion in the tests below.
@pytest.mark.shows("S1.44")
@pytest.mark.parametrize(
    ("happens", "told"), HAPPENINGS, ids=[one.__name__ for one, _ in HAPPENINGS]
)
def test_what_happens_is_told_on_the_timeline(
    customers_api: Api, happens: Callable[[str], None], told: list[str]
) -> None:
    customer_id = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    customer = f"/v1/customers/{customer_id}"
    happens(customer)
    entries = every_page(customers_api, f"{customer}/timeline")
    # What one step writes at once has no order.
    assert sorted(e["kind"] for e in entries[: len(told)]) == sorted(told)
    assert all(e["by"] and e["at"] for e in entries)


def test_imports_and_the_sync_are_told_with_the_road_they_came_by(customers_api: Api) -> None:
    Machine().run(drop(csv_of(["Company name", "Phone"], ["Zenith", "555 0100"])))
    (row,) = customers_api.get("/v1/customers").json["data"]
    customer = f"/v1/customers/{row['id']}"
    before = bootstrap.customers().get("acme", row["id"])
    assert isinstance(before, Customer)
    edit_customer(
        "acme",
        row["id"],
        {"phone": "555 0199"},
        if_version=None,
        actor=Actor("", Source.QUICKBOOKS, "run_1"),
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    entries = every_page(customers_api, f"{customer}/timeline")
    assert [(e["kind"], e["source"]) for e in entries] == [
        ("sync_update", "quickbooks"), ("created", "import"),
    ]  # fmt: skip


def test_a_deletion_is_told_in_what_remains(customers_api: Api) -> None:
    made_id = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    customer = f"/v1/customers/{made_id}"
    archived(customer)
    query, headers = {"confirm": "true"}, {"if-match": "*"}
    gone = customers_api.call("DELETE", customer, query=query, headers=headers)
    assert gone.status == 204, gone.text
    history = customers_api.get(f"{customer}/archive").json["history"]["data"]
    assert history[0]["kind"] == "deleted"


def test_a_document_that_was_never_served_leaves_no_entry(customers_api: Api) -> None:
    customer_id = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    customer = f"/v1/customers/{customer_id}"
    refused = announce(RECORDS, customer_id, contents.PDF).json
    wrong = contents.PNG.ljust(len(contents.PDF))[: len(contents.PDF)]
    assert tell(send(refused["upload"], wrong)) == "refused"
    path = f"{customer}/documents/{refused['id']}"
    assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
    assert kinds(customers_api, customer) == ["created"]
