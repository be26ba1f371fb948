"""Whether a customer was touched since an import, and how that is told."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from roster.domain.customer import Customer, Origin, Status, new_customer
from roster.domain.events import Actor, Change, Event, EventKind, Source
from roster.domain.imports.touching import touched_by, why_touched

AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
ACME: Customer = new_customer(
    id="cus_1", tenant="acme", values={"company_name": "Acme"}, source=Origin.IMPORT,
    actor=Actor("olga"), now=AT,
)  # fmt: skip


def event(source: Source = Source.API, run: str | None = None, **more: Any) -> Event:
    """One entry of a history; what tells two apart here is who did it."""
    given = {"kind": EventKind.EDITED, **more}
    return Event(id="evt", customer_id="cus_1", version=2, at=AT,
                 actor=Actor("ann", source, run), **given)  # fmt: skip


def done(run: str) -> Event:
    return event(Source.IMPORT, run)


def undone(run: str) -> Event:
    return event(Source.IMPORT, run, reason="undo")


EDIT = event()


@pytest.mark.parametrize(
    ("newest_first", "last"),
    [
        ([], None),
        ([EDIT], EDIT),
        ([done("b")], done("b")),
        ([undone("b"), done("b")], None),
        ([undone("b"), undone("c"), done("c"), done("b")], None),
        ([undone("c"), done("c"), undone("b"), done("b")], None),
        ([undone("c"), done("c"), done("b")], done("b")),
        ([undone("b"), done("b"), EDIT], EDIT),
        ([undone("b"), EDIT, done("b")], EDIT),
        ([event(reason="undo"), done("b")], event(reason="undo")),
    ],
)
def test_what_an_undone_import_did_is_in_force_no_more(
    newest_first: list[Event], last: Event | None
) -> None:
    assert touched_by(newest_first) == last


LINK = event(Source.QUICKBOOKS, "run_1", changes=(Change("quickbooks", None, "77"),))
CASES: list[tuple[Customer, Event | None, tuple[str, ...], str, str]] = [
    (ACME, EDIT, (), "edited", "changed by ann on 2026-11-22"),
    (ACME, event(Source.QUICKBOOKS), (), "edited", "changed by the QuickBooks sync on 2026-11-22"),
    (ACME, event(kind=EventKind.DEACTIVATED), (), "edited", "made inactive by ann on 2026-11-22"),
    (ACME, LINK, (), "linked", "linked with QuickBooks on 2026-11-22"),
    (ACME, done("imp_2"), ("contact",), "imported",
     "changed by import imp_2 on 2026-11-22: undo that one first"),
    (ACME, None, ("job", "invoice", "job"), "added_to", "added to it since: invoice, job"),
    (replace(ACME, status=Status.DELETED), event(kind=EventKind.DELETED), (), "deleted",
     "deleted by ann on 2026-11-22"),
    (replace(ACME, status=Status.MERGED, merged_into="cus_2"), None, (), "merged",
     "merged into customer cus_2 since"),
]  # fmt: skip


@pytest.mark.parametrize(("customer", "last", "beside", "code", "detail"), CASES)
def test_why_it_stays_is_said_with_who_and_when(
    customer: Customer, last: Event | None, beside: tuple[str, ...], code: str, detail: str
) -> None:
    assert why_touched(customer, last, beside) == (code, detail)
