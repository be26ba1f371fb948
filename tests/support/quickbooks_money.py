"""A company whose QuickBooks is the stand-in without HTTP: its items, invoices and payments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from infra.local.quickbooks.direct import Direct
from roster import bootstrap
from roster.adapters.dynamodb.quickbooks_state import DynamoSyncState
from roster.adapters.quickbooks.client import QuickBooksClient
from roster.adapters.quickbooks.mapping import read_customer
from roster.bootstrap import quickbooks
from roster.domain.sync.connection import ReportRow, Run, RunMode, RunStatus, Trigger
from roster.domain.sync.policy import Policy
from roster.domain.sync.steps import Look
from roster.usecases.quickbooks.apply import apply_page
from roster.usecases.quickbooks.money import FED, hear_books, send_books
from roster.usecases.quickbooks.money_calls import MoneyCall
from roster.usecases.quickbooks.money_ports import MoneyPorts
from tests.support import aws
from tests.support.money import RECORDS, Day, billed
from tests.support.quickbooks import DirectPool

TENANT = "acme"
# Neither is called: the client speaks to the stand-in itself, and no token is unsealed.
_ENVIRONMENT = {
    "QUICKBOOKS_DISCOVERY_URL": "http://quickbooks/discovery",
    "QUICKBOOKS_API_URL": "http://quickbooks",
    "QUICKBOOKS_SECRET_ID": "quickbooks",
    "QUICKBOOKS_REDIRECT_URL": "https://api.example.com/v1/quickbooks/callback",
    "TOKEN_KEY_ID": "key",
    "SYNC_QUEUE_URL": "http://queue",
}


class Shop:
    """A company in an empty cloud and its QuickBooks, to whose books both sides write."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self.day, self.policy = day, policy
        self.direct = Direct()
        self.direct.world.clock.freeze(day.now.timestamp())
        self.control = self.direct.control
        self.client = QuickBooksClient(
            "http://quickbooks", http=DirectPool(self.direct), sleep=lambda _: None
        )
        self.cursor: datetime | None = None
        self.slices = 0
        self.trigger = Trigger.SCHEDULE

    @property
    def ports(self) -> MoneyPorts:
        """What the use cases work with."""
        return replace(quickbooks.money(), api=self.client)

    def run(self) -> Run:
        """A run under way, in a slice of its own."""
        self.slices += 1
        now = bootstrap.clock()
        return Run(
            id="run_1", tenant=TENANT, realm=self.direct.realm, trigger=self.trigger,
            status=RunStatus.RUNNING, mode=RunMode.CHANGES, policy=Policy(),
            started_at=now, touched_at=now, slice=self.slices,
        )  # fmt: skip

    def call(self) -> MoneyCall:
        """A run's calls."""
        token = self.control.connect(realm=self.direct.realm)["access_token"]
        return MoneyCall(self.run(), token, self.ports)

    def join(self, name: str, **fields: Any) -> tuple[str, str]:
        """A customer of QuickBooks that came here: its path and QuickBooks' id."""
        made = self.control.create(name, **fields)
        self.pull()
        rows = DynamoSyncState(bootstrap.table()).links(TENANT, self.direct.realm, [made["Id"]])
        return f"/v1/customers/{rows[made['Id']].customer_id}", str(made["Id"])

    def pull(self) -> None:
        """Bring QuickBooks' customers here."""
        ports = replace(quickbooks.ports(), api=self.client, money=self.ports)
        theirs = [read_customer(row) for row in self.control.book()["Customer"]]
        apply_page(self.run(), theirs, Look(), ports=ports)

    def ready(self, customer: str, amount: int = 10_000, **values: Any) -> Any:
        """An invoice that is approved and ready."""
        invoice = billed(customer, amount, **values)
        return self.make_ready(customer, invoice)

    def make_ready(self, customer: str, invoice: Any) -> Any:
        """Approve an invoice and mark it as ready."""
        for verb in ("approve", "ready-for-sync"):
            done = RECORDS.call("POST", f"{customer}/invoices/{invoice['id']}/{verb}", {})
            assert done.status == 200, done.text
        return done.json

    def sync(self, *, whole: bool = False) -> list[ReportRow]:
        """One run's part of the books: by the change feed, or of everything."""
        self.pass_time()
        call = self.call()
        fed = None
        at = self.day.now - timedelta(seconds=1)
        if self.cursor is not None and not whole:
            token = self.control.connect(realm=self.direct.realm)["access_token"]
            fed = self.client.changes(self.direct.realm, token, self.cursor, FED).others
        self.cursor = at
        rows = hear_books(call, self.policy, fed)
        sent, left = send_books(call, self.policy)
        assert not left
        return rows + sent

    def pass_time(self, seconds: float = 60) -> None:
        """Let a minute go by on both sides."""
        self.day.now += timedelta(seconds=seconds)
        self.control.clock(advance=seconds)

    def bill(self, customer_id: str, amount: float) -> dict[str, Any]:
        """An invoice that a person writes in QuickBooks."""
        detail = {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": amount}
        line = {
            "DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail
        }  # fmt: skip
        return self.control.enter("invoices", CustomerRef={"value": customer_id}, Line=[line])

    def item(self, name: str, **fields: Any) -> dict[str, Any]:
        """An item that a person enters in QuickBooks, with both accounts unless it says other."""
        accounts = {"IncomeAccountRef": {"value": "1"}, "ExpenseAccountRef": {"value": "9"}}
        body = {"Name": name, "Type": "Service", **accounts, **fields}
        given = {name: value for name, value in body.items() if value is not None}
        return self.control.enter("items", **given)

    def invoices(self) -> list[dict[str, Any]]:
        """QuickBooks' invoices."""
        return self.control.rows("invoices")

    def set(self, **policy: Any) -> None:
        """Change how the sync goes."""
        self.policy = replace(self.policy, **policy)


@contextmanager
def shop(**policy: Any) -> Iterator[Shop]:
    """A shop in an empty cloud, on a day of its own."""
    with (
        aws.cloud(),
        mock.patch.dict("os.environ", _ENVIRONMENT),
        mock.patch.object(bootstrap, "clock", Day()) as day,
    ):
        yield Shop(day, Policy(**policy))


def verbs(rows: Sequence[ReportRow]) -> list[tuple[str, str]]:
    """Verb and name of each line."""
    return [(row.verb, row.name) for row in rows]
