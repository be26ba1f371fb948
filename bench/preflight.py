"""What a preflight reads here and asks of QuickBooks, in a small book and in a large one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from bench import company
from bench.bulk import at_once
from bench.report import Table, figure
from roster import bootstrap
from roster.domain.customer import Customer
from roster.domain.sync.policy import ItemsDirection, Mode, Primary
from roster.domain.sync.records import Link, LinkKind, LinkStatus
from tests.support import aws, request_units
from tests.support.api import Api
from tests.support.request_units import budgeted
from tests.support.sync import Office, office

SIZES = (1_000, 10_000)
# It looks at no more than 10,000 names and 500 links, so this holds at any size.
BUDGET, QUESTIONS = 1_250, 13


def table() -> Table:
    """Read units, requests and questions; over where they pass the budget."""
    rows, over = [], []
    for size in SIZES:
        units, requests, asked = measure(size)
        met = units <= BUDGET and asked <= QUESTIONS
        verdict = "met" if met else "**over**"
        name = f"{size:,} customers on both sides"
        rows.append([name, figure(units), figure(requests), figure(asked), verdict])
        if not met:
            over.append(f"preflight of {name}: {figure(units)} units, {asked} questions")
    head = ["preflight", "read units", "requests", "questions to QuickBooks", "budget"]
    return Table("preflight", head, rows, over)


def measure(size: int) -> tuple[float, int, int]:
    """Read units, requests, and questions to QuickBooks, with every check to be made."""
    with _synced(size) as one:
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        one.control.reset_counters()
        answer = Api("quickbooks_api", tenant=company.TENANT).get("/v1/quickbooks/preflight")
        assert answer.status == 200, answer.text
        assert "could not be checked" not in answer.text
        asked = one.control.counters()
        return meter.read(budgeted(aws.TABLE)), meter.requests, asked["query"] + asked["read"]


@contextmanager
def _synced(size: int) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.ENVIRONMENT.items():
            patch.setenv(name, value)
        # What it costs is asked here, and not how fast a simulated table answers.
        patch.setattr("roster.usecases.quickbooks.questions._ASK_FOR", timedelta(hours=1))
        with office(patch) as one:
            one.choose(
                Mode.TWO_WAY, primary=Primary.QUICKBOOKS, items=ItemsDirection.QUICKBOOKS_TO_ROSTER
            )
            one.connect()
            one.control.seed(size, jobs=size // 5)
            with at_once():
                company.fill(size, change=_linked)
                one.ports.state.save_links(
                    company.TENANT, one.intuit.realm, [_link(n) for n in range(size)]
                )
            yield one


def _linked(n: int, customer: Customer) -> Customer:
    """Half of them; of the others QuickBooks does not take some names."""
    if n % 2:
        return replace(customer, quickbooks=f"{n}")
    return replace(customer, display_name=f"{customer.display_name}: {n}") if n % 40 else customer


def _link(n: int) -> Link:
    """A record of QuickBooks as a run has kept it."""
    now, values = datetime.now(UTC), company.values(n)
    base = {k: values[k] for k in ("company_name", "email", "phone", "website")}
    return Link(
        quickbooks_id=f"{n}",
        kind=LinkKind.CUSTOMER,
        status=LinkStatus.LINKED if n % 2 else LinkStatus.SKIPPED,
        customer_id=f"cus_{n}" if n % 2 else None,
        name=values["company_name"],
        full_name=values["company_name"],
        sync_token="0",  # noqa: S106 — a version
        their_hash=f"{n:032}",
        base_theirs=base,
        base_ours=base,
        first_seen=now,
        created_at=now,
    )
