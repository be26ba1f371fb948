"""A company whose QuickBooks is the stand-in and whose cloud is moto, and its workers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from functions.quickbooks_dispatch import app as dispatch
from functions.quickbooks_sync import app as worker
from roster.adapters.quickbooks.auth import AppKeys, IntuitOAuth
from roster.adapters.quickbooks.client import QuickBooksClient
from roster.bootstrap import quickbooks
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.events import Actor
from roster.domain.sync.connection import ReportRow, Run, SliceMessage, Trigger
from roster.domain.sync.policy import Mode, Primary
from roster.usecases.customers import create_customer, edit_customer
from roster.usecases.quickbooks import connecting as usecases
from roster.usecases.quickbooks.policies import choose_policy
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.runs import message_of, start_run, sync_slice
from tests.support import aws
from tests.support.context import LambdaContext
from tests.support.quickbooks import StandIn

TENANT = "acme"
REDIRECT = "https://api.example.com/v1/quickbooks/callback"


class Clock:
    """The real time, moved on by hand."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, **by: float) -> None:
        """Let time go by."""
        self.offset += timedelta(**by)


class Office:
    """One company (`tenant`), connected or not, with everything the sync needs."""

    def __init__(self, ports: QuickBooksPorts, intuit: StandIn, clock: Clock, queue: str) -> None:
        self.ports, self.intuit, self.clock, self.queue = ports, intuit, clock, queue
        self.control = intuit.control
        self.tenant = TENANT
        self.slept: list[float] = []

    def choose(self, mode: Mode = Mode.QUICKBOOKS_TO_ROSTER, **values: Any) -> None:
        """Choose how the sync goes."""
        choose_policy(self.tenant, {"mode": mode, **values}, policies=self.ports.policies)

    def connect(self, realm: str | None = None, mode: Mode = Mode.QUICKBOOKS_TO_ROSTER) -> None:
        """Go through the authorization as a person does, and choose which way the sync goes."""
        if self.ports.policies.get(self.tenant).policy is None:
            # Without the lists of a day, which tests of their own are about.
            pulls = {} if mode is Mode.TWO_WAY else {"sync_taxes": False, "sync_terms": False}
            both = {"primary": Primary.QUICKBOOKS} if mode is Mode.TWO_WAY else {}
            self.choose(mode, **pulls, **both)
        self.control.consent(realm=realm or self.intuit.realm)
        url = usecases.connect(self.tenant, user="ada", redirect_uri=REDIRECT, ports=self.ports)
        query = self.intuit.consent(url)
        usecases.complete_connection(
            state=query["state"],
            code=query["code"],
            realm=query["realmId"],
            error="",
            ports=self.ports,
        )

    def start(self, trigger: Trigger = Trigger.REQUEST) -> Run:
        """Begin a run without queueing it."""
        run = start_run(self.tenant, trigger=trigger, ports=self.ports)
        assert run is not None
        return run

    def pull(self, trigger: Trigger = Trigger.REQUEST) -> Run:
        """A whole run, slice after slice."""
        run = self.start(trigger)
        self.finish(message_of(run))
        return self.run(run.id)

    def finish(self, message: SliceMessage | None, ports: QuickBooksPorts | None = None) -> None:
        """Do this slice and those that follow."""
        while message is not None:
            message = sync_slice(message, ports=ports or self.ports)

    def finish_run(self, run: Run) -> None:
        """Do what is left of a run."""
        self.finish(message_of(self.run(run.id)))

    def run(self, run_id: str) -> Run:
        """A run as stored."""
        return usecases.run(self.tenant, run_id, ports=self.ports)

    def report(self, run: Run) -> list[ReportRow]:
        """The whole report of a run."""
        rows: list[ReportRow] = []
        after = None
        while True:
            page = usecases.run_report(
                self.tenant, run.id, limit=200, after=after, ports=self.ports
            )
            rows += page.items
            after = page.next
            if after is None:
                return rows

    def customers(self) -> dict[str, Customer]:
        """All customers with everything on them, by display name."""
        everyone = CustomerFilter(status=StatusFilter.ALL)
        page = self.ports.customers.find(self.tenant, everyone, limit=5000, after=None)
        ids = [row.id for row in page.items]
        found = self.ports.customers.get_many(self.tenant, ids)
        assert len(found) == len(ids)
        return {c.display_name: c for c in found.values()}

    def create(self, name: str, **values: Any) -> Customer:
        """A customer that somebody enters here."""
        return create_customer(
            self.tenant,
            {"display_name": name, **values},
            actor=Actor("olga"),
            customers=self.ports.customers,
            settings=self.ports.settings,
            clock=self.clock,
        )

    def edit(self, name: str, values: dict[str, Any]) -> Customer:
        """Somebody edits a customer here."""
        return self.edit_id(self.customers()[name].id, values)

    def edit_id(self, customer_id: str, values: dict[str, Any]) -> Customer:
        """Somebody edits the customer of that id."""
        return edit_customer(
            self.tenant,
            customer_id,
            values,
            if_version=None,
            actor=Actor("olga"),
            customers=self.ports.customers,
            settings=self.ports.settings,
            clock=self.clock,
        )

    def dispatch(self) -> Mapping[str, int]:
        """Let the schedule's function run once."""
        handler: Any = dispatch.lambda_handler
        answer: dict[str, int] = handler({}, LambdaContext("quickbooks_dispatch"))
        return answer

    def work(self) -> list[dict[str, Any]]:
        """Let the queue's function work until the queue is empty; returns what it left."""
        sqs = boto3.client("sqs")
        handler: Any = worker.lambda_handler
        left: list[dict[str, Any]] = []
        while True:
            found = sqs.receive_message(
                QueueUrl=self.queue, MaxNumberOfMessages=1, AttributeNames=["All"]
            ).get("Messages", [])
            if not found:
                return left
            answer = handler(sqs_event(found[0]), LambdaContext("quickbooks_sync"))
            left += answer["batchItemFailures"]
            if answer["batchItemFailures"]:
                return left
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=found[0]["ReceiptHandle"])


def sqs_event(message: Mapping[str, Any]) -> dict[str, Any]:
    """The event Lambda makes of a received message."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:sync.fifo",
                "awsRegion": "us-east-1",
            }
        ]
    }


@contextmanager
def office(monkeypatch: pytest.MonkeyPatch, *, as_allowed: bool = True) -> Iterator[Office]:
    """An office with an empty QuickBooks company, in an empty cloud (see `aws.cloud`)."""
    with StandIn() as intuit, aws.cloud(as_allowed=as_allowed):
        key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
        queue = boto3.client("sqs").create_queue(
            QueueName="sync.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "0"}
        )["QueueUrl"]
        secret = {
            "client_id": "client",
            "client_secret": "secret",
            "webhook_verifier_token": "webhooks",
        }
        arn = boto3.client("secretsmanager").create_secret(
            Name="quickbooks", SecretString=json.dumps(secret)
        )["ARN"]
        for name, value in {
            "QUICKBOOKS_DISCOVERY_URL": intuit.discovery_url,
            "QUICKBOOKS_API_URL": intuit.base_url,
            "QUICKBOOKS_SECRET_ID": arn,
            "QUICKBOOKS_REDIRECT_URL": REDIRECT,
            "TOKEN_KEY_ID": key,
            "SYNC_QUEUE_URL": queue,
        }.items():
            monkeypatch.setenv(name, value)
        clock = Clock()
        made = quickbooks.ports()
        client = QuickBooksClient(intuit.base_url, sleep=lambda _: None)
        keys = AppKeys(client_id="client", client_secret=secret["client_secret"])
        oauth = IntuitOAuth(lambda: keys, intuit.discovery_url, clock)
        ports = replace(made, clock=clock, sleep=lambda _: None, api=client, oauth=oauth)
        monkeypatch.setattr(quickbooks, "ports", lambda: ports)
        yield Office(ports, intuit, clock, queue)
