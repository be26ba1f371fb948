"""Links as they are stored: the form of today, and the first one, which had a single base."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from roster.adapters.dynamodb.quickbooks_state import link_from
from roster.domain import customer as rules
from roster.domain.customer import Customer, Origin
from roster.domain.events import Actor, Source
from roster.domain.location import Address
from roster.domain.sync.fields import overrides
from roster.domain.sync.policy import Policy
from roster.domain.sync.pull import plan_pull
from roster.domain.sync.records import Link, LinkKind, LinkStatus, TheirCustomer, our_values
from roster.domain.sync.steps import Here, Verb

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HOME = Address(street="1 Main St", city="Tucson")
SITE = Address(street="9 Site Rd")
FIRST = {
    "quickbooks_id": "7",
    "kind": "customer",
    "status": "linked",
    "customer_id": "cus_1",
    "name": "Acme",
    "full_name": "Acme",
    "sync_token": "3",
    "their_hash": "0" * 32,
    "our_hash": "1" * 32,
    "base": {
        "display_name": "Acme",
        "phone": "1",
        "billing_address": {"street": "1 Main St", "city": "Tucson"},
        "shipping_address": {"street": "9 Site Rd"},
    },
    "first_seen": "2026-11-20T05:00:00Z",
    "created_at": "2026-11-01T05:00:00Z",
}


def theirs() -> TheirCustomer:
    return TheirCustomer(
        id="7",
        sync_token="3",
        display_name="Acme",
        values={"display_name": "Acme", "phone": "1", "billing_address": HOME},
        shipping_address=SITE,
        created_at=NOW,
        last_updated=NOW,
    )


def customer(phone: str) -> Customer:
    made = rules.new_customer(
        id="cus_1",
        tenant="t",
        values={"display_name": "Acme", "phone": phone, "billing_address": HOME},
        source=Origin.QUICKBOOKS,
        actor=Actor("quickbooks", Source.QUICKBOOKS),
        now=NOW,
    )
    return replace(made, quickbooks="7")


def test_the_one_base_of_a_first_link_is_both_sides() -> None:
    link = link_from(json.dumps(FIRST))
    assert link.base_theirs == theirs().base
    assert link.base_ours == our_values(customer("1"))
    assert (link.leads, link.left, link.owed) == (True, (), ())


def test_a_first_link_makes_no_work_and_keeps_what_was_edited_here() -> None:
    link = link_from(json.dumps(FIRST))
    same = replace(link, their_hash=theirs().hash, first_seen=NOW, created_at=NOW)
    for ours in (customer("1"), customer("2")):
        here = Here(links={"7": same}, customers={"cus_1": ours})
        assert plan_pull([theirs()], here, Policy(), tenant="t", realm="1") == ()
    assert overrides(same, our_values(customer("2"))) == ("phone",)


def test_an_inactive_record_of_a_first_link_is_no_news() -> None:
    link = link_from(json.dumps({**FIRST, "active": False}))
    gone = replace(theirs(), active=False)
    here = Here(links={"7": link}, customers={"cus_1": customer("1")})
    steps = plan_pull([gone], here, Policy(), tenant="t", realm="1")
    assert [a.verb for s in steps for a in s.actions] == []
    back = replace(theirs(), sync_token="4")
    steps = plan_pull([back], here, Policy(), tenant="t", realm="1")
    assert Verb.DEACTIVATE_HERE not in [a.verb for s in steps for a in s.actions]


def test_a_job_of_the_first_form_has_no_side_of_ours() -> None:
    job = {**FIRST, "kind": "job", "parent_id": "6"}
    link = link_from(json.dumps(job))
    assert (link.kind, link.base_ours) == (LinkKind.JOB, {})
    assert link.base_theirs == theirs().base


def test_a_link_is_read_as_it_was_written() -> None:
    link = Link(
        quickbooks_id="7",
        kind=LinkKind.CUSTOMER,
        status=LinkStatus.LINKED,
        customer_id="cus_1",
        name="Acme",
        full_name="Acme",
        sync_token="4",
        their_hash=theirs().hash,
        base_theirs=theirs().base,
        base_ours=our_values(customer("2")),
        left=("email",),
        owed=("phone",),
        to_push=True,
        first_seen=NOW,
        looked=NOW,
        created_at=NOW,
    )
    text = TypeAdapter(Link).dump_json(link, exclude_defaults=True).decode()
    assert link_from(text) == link
