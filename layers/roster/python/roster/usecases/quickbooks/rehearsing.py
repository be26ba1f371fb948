"""A run that only plans: the same code over ports that keep what would be apart from what is.

So its report is that of the run it stands for, line by line, and nothing changes on either side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, cast

from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.domain.location import Location
from roster.domain.matching import MatchCard, match_card
from roster.domain.sync.books import TheirName
from roster.domain.sync.connection import Run, Written
from roster.domain.sync.connection import Write as WireWrite
from roster.domain.sync.records import Link
from roster.domain.sync.steps import NameHolder
from roster.domain.text import fold
from roster.usecases.ports import Customers, NewCustomer, Page
from roster.usecases.quickbooks.ports import (
    Batch,
    Names,
    Outbox,
    QuickBooksApi,
    QuickBooksPorts,
    Rehearsals,
    SyncState,
)

if TYPE_CHECKING:
    from roster.usecases.quickbooks.decisions import Decisions

# Marks of what would be owed come after those of what is.
_WOULD_BE = "~"
# What the id of a record begins with that would be created there.
_NEW = "new-"


def rehearsed(run: Run, ports: QuickBooksPorts) -> QuickBooksPorts:
    """Ports that change nothing but what belongs to the run itself."""
    book = ports.rehearsals
    state = cast("SyncState", _State(run, book, ports.state))
    return replace(
        ports,
        state=state,
        customers=cast("Customers", _Customers(run, book, ports.customers)),
        outbox=cast("Outbox", _Outbox(run, book, ports.outbox)),
        names=cast("Names", _Names(run, book, ports.names)),
        decisions=cast("Decisions", _Decisions(run, book, ports.decisions)),
        api=cast("QuickBooksApi", _Api(run, state, ports)),
    )


class _Over:
    """Passes on to the real port what it has no answer of its own to."""

    def __init__(self, run: Run, book: Rehearsals, real: Any) -> None:
        self._run, self._book, self._real = run, book, real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _State(_Over):
    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> dict[str, Link]:
        wanted = list(ids)
        real: dict[str, Link] = self._real.links(tenant, realm, wanted)
        return real | self._book.links(self._run, wanted)

    def waiting(self, tenant: str, realm: str) -> Sequence[Link]:
        real = {link.quickbooks_id: link for link in self._real.waiting(tenant, realm)}
        moved = self._book.links(self._run, real)
        still = {i: link for i, link in real.items() if i not in moved}
        return [*still.values(), *self._book.waiting(self._run)]

    def save_links(self, tenant: str, realm: str, links: Sequence[Link]) -> None:
        _ = tenant, realm
        self._book.save_links(self._run, links)

    def resembling(self, tenant: str, realm: str, customer_id: str) -> Sequence[str]:
        real: Sequence[str] = self._real.resembling(tenant, realm, customer_id)
        return sorted({*real, *self._book.resembling(self._run, customer_id)})

    def holders(self, tenant: str, ids: Iterable[str]) -> dict[str, str]:
        wanted = list(ids)
        real: dict[str, str] = self._real.holders(tenant, wanted)
        moved = self._book.customers(self._run, sorted(set(real.values())))
        # One that would be unlinked holds nothing any more.
        still = {i: c for i, c in real.items() if c not in moved or moved[c].quickbooks == i}
        return still | self._book.holders(self._run, wanted)

    def save_conflicts(self, *_: object) -> None:
        pass


class _Customers(_Over):
    def get(self, tenant: str, customer_id: str) -> Customer | None:
        return self.get_many(tenant, [customer_id]).get(customer_id)

    def get_many(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, Customer]:
        wanted = list(customer_ids)
        real: dict[str, Customer] = self._real.get_many(tenant, wanted)
        return real | self._book.customers(self._run, wanted)

    def find(self, *asked: object, **how: object) -> Page[Customer]:
        page: Page[Customer] = self._real.find(*asked, **how)
        moved = self._book.customers(self._run, [c.id for c in page.items])
        return replace(page, items=[moved.get(c.id, c) for c in page.items])

    def add(self, new: NewCustomer, **_: object) -> Customer:
        self._book.save_customer(self._run, new.customer)
        return new.customer

    def save(self, before: Customer, after: Customer, event: Event) -> None:
        _ = event
        if after is not before:
            self._book.save_customer(self._run, after)

    def add_location(
        self, before: Customer, after: Customer, location: Location, event: Event
    ) -> None:
        _ = before, location, event
        self._book.save_customer(self._run, after)

    def reserve_numbers(self, tenant: str, count: int) -> int:
        _ = tenant, count
        return 1

    def same_name(self, tenant: str, display_name: str) -> Sequence[MatchCard]:
        """The cards without those of customers that would be otherwise, and then these."""
        cards: Sequence[MatchCard] = self._real.same_name(tenant, display_name)
        ids = self._book.named(self._run, display_name)
        moved = self._book.customers(self._run, [*ids, *(card.id for card in cards)])
        named = (c for c in moved.values() if fold(c.display_name) == fold(display_name))
        return [
            *(card for card in cards if card.id not in moved),
            *(match_card(id=c.id, display_name=c.display_name) for c in named),
        ]

    def listed(self, tenant: str) -> Iterator[Customer]:
        moved = self._book.customers(self._run, self._book.named(self._run, ""))
        real: Iterable[Customer] = self._real.listed(tenant)
        yield from (one for one in real if (one.merged_into or one.id) not in moved)
        yield from moved.values()


class _Outbox(_Over):
    def batch(self, *_: object) -> Batch | None:
        return None

    def keep(self, *_: object) -> None:
        pass

    drop = settle = keep

    def owe(self, *_: object) -> None:
        pass

    def owed(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[str]:
        if after is None or not after.startswith(_WOULD_BE):
            real: Page[str] = self._real.owed(tenant, realm, limit=limit, after=after)
            return replace(real, next=real.next or _WOULD_BE)
        more = self._book.owed(self._run, limit=limit, after=after.removeprefix(_WOULD_BE) or None)
        return replace(more, next=_WOULD_BE + more.next if more.next else None)


class _Decisions(_Over):
    def carried_out(self, *_: object) -> None:
        pass


class _Names(_Over):
    def save(self, tenant: str, realm: str, names: Iterable[TheirName]) -> None:
        _ = tenant, realm
        self._book.take_names(self._run, map(_holder, names))

    def list_again(self, tenant: str, realm: str, kind: str, names: Sequence[TheirName]) -> None:
        known = {(o.id, o.name, o.active) for o in self._real.listed(tenant, realm, kind)}
        news = (one for one in names if (one.id, one.name, one.active) not in known)
        self._book.take_names(self._run, map(_holder, news))

    def want(self, *_: object) -> None:
        pass

    forget_wanted = want

    def holders(
        self, tenant: str, realm: str, names: Iterable[str]
    ) -> Mapping[str, tuple[NameHolder, ...]]:
        wanted = list(names)
        found = dict(self._real.holders(tenant, realm, wanted))
        for folded in {fold(name) for name in wanted}:
            more = self._coming(self._book.takers(self._run, folded))
            ids = {(one.kind, one.id) for one in more}
            real = [one for one in found.get(folded, ()) if (one.kind, one.id) not in ids]
            if real or more:
                found[folded] = (*real, *more)
        return found

    def _coming(self, takers: Sequence[NameHolder]) -> Sequence[NameHolder]:
        """The takers, with who of ours it is that would be created there."""
        ids = [one.id for one in takers if one.id.startswith(_NEW)]
        links = self._book.links(self._run, ids) if ids else {}
        return [
            replace(one, coming=link.customer_id) if (link := links.get(one.id)) else one
            for one in takers
        ]


def _holder(name: TheirName) -> NameHolder:
    return NameHolder(kind=name.entity, id=name.id, name=name.name, active=name.active)


class _Api:
    """Reads QuickBooks, and takes every write as if it had been taken there."""

    def __init__(self, run: Run, state: SyncState, ports: QuickBooksPorts) -> None:
        self._run, self._state, self._ports = run, state, ports

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ports.api, name)

    def write(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("a run that only plans writes nothing")

    def batch(
        self, realm: str, token: str, writes: Sequence[WireWrite], *, request_id: str
    ) -> tuple[Sequence[Written], int]:
        _ = token
        ids = [str(write.body["Id"]) for write in writes if "Id" in write.body]
        links = self._state.links(self._run.tenant, realm, ids)
        now = self._ports.clock().isoformat()
        stamps = {"MetaData": {"CreateTime": now, "LastUpdatedTime": now}}
        answers = []
        for write in writes:
            link = links.get(str(write.body.get("Id", "")))
            there = {"DisplayName": link.name, "Active": link.active} if link else {}
            there["Id"] = f"{_NEW}{request_id[:8]}-{write.id}"
            answers.append(Written(id=write.id, row={**there, **write.body, **stamps}))
        return answers, 0
