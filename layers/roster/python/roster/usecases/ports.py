"""What the use cases need from the outside, as protocols; `roster.bootstrap` supplies them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from roster.domain.activities import Activity
from roster.domain.contact import Contact
from roster.domain.counts import Counts
from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, Sort
from roster.domain.document import Arrival, Content, Document, Place
from roster.domain.events import Event
from roster.domain.location import Location
from roster.domain.matching import MatchCard
from roster.domain.settings import TenantSettings
from roster.domain.terms import Term, TermKind

type Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A page of a list; `next` is the position to go on from, None at the end."""

    items: Sequence[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """Everything that is written when a customer is created; the head is its first event."""

    customer: Customer
    locations: tuple[Location, ...] = ()
    contacts: tuple[Contact, ...] = ()


class Customers(Protocol):
    """The one repository of customers; every road in ends here."""

    def get(self, tenant: str, customer_id: str) -> Customer | None:
        """The customer as of now (a strongly consistent read), tombstones included."""

    def get_many(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Those of the customers that exist, by id, strongly consistent."""

    def add(self, new: NewCustomer, *, request_key: str | None = None) -> Customer:
        """Write a new customer whole, or raise Taken.

        `request_key` makes it happen once: a second call with the same key returns the first's
        customer and writes nothing.
        """

    def save(self, before: Customer, after: Customer, event: Event) -> None:
        """Write `after` if the stored version is still `before`'s; raises StaleVersion or Taken."""

    def forget(self, states: Sequence[Customer], redacted: Sequence[Event]) -> None:
        """Put `redacted` in the place of those events; remove the places of the customer.

        `states` are all that the deleted customer ever was: what led to any of them goes too.
        """

    def search(
        self, tenant: str, query: str, statuses: Sequence[Status], *, limit: int, after: str | None
    ) -> Page[Customer]:
        """Customers of whose names some word begins with each word of `query`."""

    def find(
        self,
        tenant: str,
        wanted: CustomerFilter,
        *,
        limit: int,
        after: str | None,
        sort: Sort = Sort.NAME,
    ) -> Page[Customer]:
        """Customers that are as `wanted`; a page may be short and still go on.

        By name, each holds what a list row shows. A query has an order of its own.
        """

    def history(
        self,
        tenant: str,
        customer_id: str,
        *,
        limit: int,
        after: str | None,
        head: Customer | None = None,
    ) -> Page[Event]:
        """The customer's events, newest first; `after` is the id of one of them.

        `head` spares a read to whoever has just made it: the creation is told from it.
        """

    def event(self, tenant: str, customer_id: str, event_id: str) -> Event | None:
        """One entry of the history."""

    def locations(self, tenant: str, customer_id: str) -> Sequence[Location]:
        """All service locations of the customer."""

    def add_location(
        self, before: Customer, after: Customer, location: Location, event: Event
    ) -> None:
        """Write a service location with `after`, if the stored version is still `before`'s.

        The same one twice is one. Raises StaleVersion.
        """

    def counts(self, tenant: str, owners: Iterable[str]) -> Mapping[str, Counts]:
        """What is counted in the partition of each, by customer id."""

    def position(self, customer: Customer) -> str:
        """Where the customer stands in the list of its status, by name, as `find` takes it."""

    def reserve_numbers(self, tenant: str, count: int) -> int:
        """Take `count` customer numbers as one block, no two calls the same; the first of them."""

    def same_name(self, tenant: str, display_name: str) -> Sequence[MatchCard]:
        """Those of `match_cards` whose folded display name equals this one's."""

    def match_cards(self, tenant: str) -> Iterable[MatchCard]:
        """The card of every customer that is not deleted, read once.

        One that was merged away has one too, with the id of the customer that it is a part of.
        """

    def listed(self, tenant: str) -> Iterable[Customer]:
        """Every customer that is not deleted, read once, as lists show it: without its address.

        One that was merged away says by `merged_into` which living customer it is a part of.
        """

    def claim_values(
        self, new: Sequence[NewCustomer], fields: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """Make unique values of `fields` the new customers' own, before they are loaded.

        Returns by customer id the fields whose value belongs to somebody else; harmless twice.
        """

    def holders(
        self, tenant: str, values: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Customer]:
        """Who has these values of unique fields, given as field and value."""

    def load_first(
        self, new: Sequence[NewCustomer], *, claimed: Sequence[str] = (), batch: str | None = None
    ) -> None:
        """Write many new customers unconditionally: the first, claimed attempt of a chunk only.

        `claimed` names the unique fields that `claim_values` has written. `batch` names these
        customers, in every attempt alike; ids will do where there is one attempt only.
        """

    def load_all_first(
        self,
        batches: Iterable[tuple[str | None, Sequence[NewCustomer]]],
        *,
        claimed: Sequence[str] = (),
    ) -> None:
        """`load_first` of one named batch after the other, each asked for when it is its turn."""

    def load_again(self, new: Sequence[NewCustomer], *, batch: str | None = None) -> None:
        """Make sure many new customers are there whole, whatever an earlier attempt left.

        What exists is never overwritten: an edit made in between survives.
        """


class Settings(Protocol):
    """What each company has set."""

    def get(self, tenant: str) -> TenantSettings:
        """The company's settings, defaults where it has set nothing."""

    def save(self, tenant: str, values: Mapping[str, Any]) -> bool:
        """Set what `values` holds (names of SETTABLE) and nothing else; None is the default.

        False, with nothing set, for another currency than there is money in.
        """

    def keep_currency(self, tenant: str, currency: str) -> bool:
        """Note that there is money in `currency`; False when the company has another one."""

    def next_number(self, tenant: str) -> int:
        """The number that the next customer gets, while numbers are automatic."""

    def raise_next_number(self, tenant: str, number: int) -> bool:
        """Let the next customer get `number`; False when that would go back."""

    def term(self, tenant: str, kind: TermKind, term_id: str) -> Term | None:
        """One tax rate or payment term as of now."""

    def terms(self, tenant: str, kind: TermKind) -> Sequence[Term]:
        """All of the company's, inactive ones included."""

    def add_term(self, tenant: str, term: Term) -> None:
        """Write a new one."""

    def save_term(self, tenant: str, term: Term) -> bool:
        """Write name, value and whether it is active; False when it is gone."""

    def use_term(self, tenant: str, kind: TermKind, term_id: str) -> bool:
        """Note that a customer chooses it; False when there is no active one of that id."""

    def remove_unused_term(self, tenant: str, kind: TermKind, term_id: str) -> bool:
        """Remove it, or False when a customer has chosen it at some time."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A permission to send one file: a form POST to `url` with `fields` before the file."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Download:
    """An address that anybody who has it can download a file from for a while."""

    url: str
    expires_at: datetime


class Documents(Protocol):
    """The records of customers' documents."""

    def get(self, tenant: str, customer_id: str, document_id: str) -> Document | None:
        """The document as of now."""

    def list(self, tenant: str, owner: str, *, limit: int, after: str | None) -> Page[Document]:
        """The documents beside one customer, newest first; a position is a document's id."""

    def add(self, document: Document) -> None:
        """Write a new document."""

    def add_once(self, customer: Customer, document: Document) -> None:
        """Write a new document of an import, unless it is or was there.

        Raises StaleVersion when `customer`, beside whom it is read, does not live.
        """

    def take_back(self, document: Document) -> None:
        """Remove what `add_once` wrote, as if it never was; raises StaleVersion if it moved."""

    def save(self, before: Document, after: Document, told: Activity | None = None) -> None:
        """Write `after`, and its entry of the timeline with it.

        Raises StaleVersion unless the stored version is still `before`'s.
        """

    def remove(self, document: Document, told: Activity | None = None) -> None:
        """Remove the record, and tell the timeline with it; raises StaleVersion if it moved."""


class DocumentFiles(Protocol):
    """The contents of documents."""

    def permit_upload(self, place: Place, content: Content, *, now: datetime) -> Upload:
        """Let the holder send exactly this content: its size, its type, its place."""

    def permit_download(self, place: Place, content: Content, *, now: datetime) -> Download:
        """Let the holder fetch the judged content, as an attachment under its name."""

    def keep(self, place: Place, content: Content, path: Path) -> str | None:
        """Store a local file as the content; its stored version, where the bucket keeps them."""

    def look(self, place: Place, object_version: str | None) -> Arrival | None:
        """What arrived, by its first bytes; None when it is gone."""

    def discard(self, place: Place, object_version: str | None = None) -> None:
        """Delete one stored version for good; without one, the file as a reader sees it."""


class Traces(Protocol):
    """One kind of what a customer leaves beside its head and its history."""

    def forget(self, customer: Customer) -> None:
        """Remove what is personal of a deleted customer; harmless twice."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event for others: `kind` as "customer.edited", `detail` a JSON object.

    `subject` is the id of the customer, or of the import, that it is about.
    """

    kind: str
    subject: str
    at: datetime
    detail: dict[str, object]


class Announcements(Protocol):
    """The bus others listen on."""

    def publish(self, announcements: Sequence[Announcement]) -> None:
        """Publish all of them, or raise."""


class Sweeping(Protocol):
    """A repository that can tidy up behind a write."""

    def sweep(self, before: Customer, after: Customer) -> None:
        """Remove lookups that no longer hold; mend a list row that was left behind."""
