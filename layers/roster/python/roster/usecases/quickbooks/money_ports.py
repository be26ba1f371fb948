"""What carrying items, invoices and payments needs from the outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from roster.domain.invoice import Invoice
from roster.domain.location import Location
from roster.domain.payment import Payment
from roster.domain.sync.books import (
    TheirAccount,
    TheirCompany,
    TheirInvoice,
    TheirItem,
    TheirPayment,
)
from roster.domain.sync.invoices import OutInvoice
from roster.domain.sync.others import OtherLink
from roster.domain.sync.records import Link
from roster.usecases.part_ports import Parts
from roster.usecases.payments import Till
from roster.usecases.ports import Clock, Customers
from roster.usecases.record_ports import Records
from roster.usecases.sales import Books

type Row = Mapping[str, Any]


class OtherLinks(Protocol):
    """Links of what is no customer."""

    def by_ours(
        self, tenant: str, realm: str, entity: str, ids: Iterable[str]
    ) -> Mapping[str, OtherLink]:
        """Links by our id, strongly consistent."""

    def by_theirs(
        self, tenant: str, realm: str, entity: str, ids: Iterable[str]
    ) -> Mapping[str, OtherLink]:
        """Links by QuickBooks id, strongly consistent."""

    def all(
        self, tenant: str, realm: str, entity: str, *, by_theirs: bool = False
    ) -> Sequence[OtherLink]:
        """Every link of an entity that has an id of ours, or of theirs."""

    def save(self, tenant: str, realm: str, link: OtherLink) -> None:
        """Write a link under both its ids at once."""

    def forget(self, tenant: str, realm: str, link: OtherLink) -> None:
        """Remove a link; gone already is gone."""


class CustomerLinks(Protocol):
    """Links of customers and jobs."""

    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Link]:
        """Links by QuickBooks id."""


class QueuedInvoices(Records[Invoice], Protocol):
    """Invoices, of which some are to be carried to QuickBooks."""

    def awaiting(self, tenant: str, queue: str) -> Sequence[tuple[str, str]]:
        """Owner and id of all that stand in a queue, oldest first."""


class BooksApi(Protocol):
    """QuickBooks' accounting API; everything raises QuickBooksFault."""

    def rows(
        self, realm: str, token: str, entity: str, position: int = 1
    ) -> tuple[Sequence[Row], datetime, int]:
        """A page of all of an entity, QuickBooks' time, and the calls it took."""

    def by_ids(
        self, realm: str, token: str, entity: str, ids: Sequence[str]
    ) -> tuple[Sequence[Row], datetime, int]:
        """Those of at most a page of ids that are there."""

    def matching(
        self, realm: str, token: str, entity: str, field: str, value: str
    ) -> tuple[Sequence[Row], datetime, int]:
        """Those of which a field has just this value."""

    def read(self, realm: str, token: str, entity: str, entity_id: str) -> Row | None:
        """One as it is now; None where there is none."""

    def write(
        self,
        realm: str,
        token: str,
        entity: str,
        body: Row,
        *,
        request_id: str,
        operation: str = "",
    ) -> Row:
        """Write one; the same `request_id` again gets the first answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What makes records of rows, and bodies of what is to be written."""

    read_item: Callable[[Row], TheirItem]
    read_account: Callable[[Row], TheirAccount]
    read_invoice: Callable[[Row], TheirInvoice]
    read_payment: Callable[[Row], TheirPayment]
    read_company: Callable[[Row, Row], TheirCompany]
    new_item: Callable[[Row], dict[str, Any]]
    changed_item: Callable[[str, str, Row], dict[str, Any]]
    new_invoice: Callable[[OutInvoice], dict[str, Any]]
    changed_invoice: Callable[[str, str, OutInvoice], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPorts:
    """Everything that carrying items, invoices and payments works with."""

    customers: Customers
    customer_links: CustomerLinks
    links: OtherLinks
    invoices: QueuedInvoices
    payments: Records[Payment]
    locations: Parts[Location]
    books: Books
    till: Till
    api: BooksApi
    wire: Wire
    clock: Clock
