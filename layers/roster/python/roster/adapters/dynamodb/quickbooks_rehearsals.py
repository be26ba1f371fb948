"""What links and customers would be after a run that only plans, and what its plan holds."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from roster.adapters.dynamodb import keys, quickbooks_keys
from roster.adapters.dynamodb.customer_items import customer_from, head
from roster.adapters.dynamodb.quickbooks_state import link_from, link_text
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.sync.connection import Run
from roster.domain.sync.records import Link, LinkStatus
from roster.domain.sync.steps import NameHolder
from roster.domain.text import fold
from roster.usecases.ports import Page

_LINK, _CUSTOMER, _NAMED, _HOLDER, _WAITING, _OWED, _TAKEN, _STEP, _LIKELY = (
    "LINK", "CUSTOMER", "NAMED", "HOLDER", "WAITING", "OWED", "TAKEN", "STEP", "LIKELY",
)  # fmt: skip
_KEPT = timedelta(days=30)
_IN_KEY = 100


class DynamoRehearsals:
    """Implements `quickbooks.ports.Rehearsals`; everything lies beside the run and expires."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save_links(self, run: Run, links: Sequence[Link]) -> None:
        """See `quickbooks.ports.Rehearsals.save_links`."""
        puts: list[Item] = []
        gone: list[keys.Key] = []
        for link in links:
            quickbooks_id = link.quickbooks_id
            puts.append(self._item(run, _LINK, quickbooks_id, doc=link_text(link)))
            likely = (f"{customer_id}#{quickbooks_id}" for customer_id in link.likely)
            puts += (self._item(run, _LIKELY, one) for one in likely)
            if link.status is LinkStatus.WAITING:
                puts.append(self._item(run, _WAITING, quickbooks_id))
            elif link.parent_id is not None:
                gone.append(self._key(run, _WAITING, quickbooks_id))
            if link.to_push and link.customer_id:
                puts.append(self._item(run, _OWED, link.customer_id))
        self._table.write_batch(puts, gone)

    def links(self, run: Run, ids: Iterable[str]) -> dict[str, Link]:
        """See `quickbooks.ports.Rehearsals.links`."""
        found = self._table.get_many(self._key(run, _LINK, i) for i in ids)
        return {_rest(item): link_from(item["doc"]) for item in found}

    def waiting(self, run: Run) -> Sequence[Link]:
        """See `quickbooks.ports.Rehearsals.waiting`."""
        return list(self.links(run, [_rest(i) for i in self._all(run, _WAITING)]).values())

    def resembling(self, run: Run, customer_id: str) -> Sequence[str]:
        """See `quickbooks.ports.Rehearsals.resembling`."""
        found = self._all(run, _LIKELY, f"{customer_id}#")
        return [_rest(item).removeprefix(f"{customer_id}#") for item in found]

    def save_customer(self, run: Run, customer: Customer) -> None:
        """See `quickbooks.ports.Rehearsals.save_customer`."""
        whole = head(customer)
        kept = {"status": whole["status"], "v": whole["v"], "doc": whole["doc"]}
        named = f"{fold(customer.display_name)[:_IN_KEY]}#{customer.id}"
        puts = [
            self._item(run, _CUSTOMER, customer.id, of=whole["pk"], **kept),
            self._item(run, _NAMED, named, customer=customer.id),
        ]
        if customer.quickbooks:
            puts.append(self._item(run, _HOLDER, customer.quickbooks, customer=customer.id))
        self._table.write_batch(puts)

    def customers(self, run: Run, ids: Iterable[str]) -> dict[str, Customer]:
        """See `quickbooks.ports.Rehearsals.customers`."""
        found = self._table.get_many(self._key(run, _CUSTOMER, i) for i in ids)
        return {_rest(item): customer_from({**item, "pk": item["of"]}) for item in found}

    def named(self, run: Run, name: str) -> Sequence[str]:
        """See `quickbooks.ports.Rehearsals.named`."""
        found = self._all(run, _NAMED, f"{fold(name)[:_IN_KEY]}#" if name else "")
        return [item["customer"] for item in found]

    def holders(self, run: Run, ids: Iterable[str]) -> dict[str, str]:
        """See `quickbooks.ports.Rehearsals.holders`."""
        found = self._table.get_many(self._key(run, _HOLDER, i) for i in ids)
        return {_rest(item): item["customer"] for item in found}

    def owed(self, run: Run, *, limit: int, after: str | None) -> Page[str]:
        """See `quickbooks.ports.Rehearsals.owed`."""
        pk = self._key(run, "", "")["pk"]
        start = f"{_OWED}#{after}" if after else None
        found, last = self._table.query(pk, prefix=f"{_OWED}#", after=start, limit=limit)
        return Page([_rest(i) for i in found], last.removeprefix(f"{_OWED}#") if last else None)

    def take_names(self, run: Run, holders: Iterable[NameHolder]) -> None:
        """See `quickbooks.ports.Rehearsals.take_names`."""
        self._table.write_batch(
            self._item(
                run, _TAKEN, f"{fold(h.name)[:_IN_KEY]}#{h.kind}#{h.id}", kind=h.kind, id=h.id,
                name=h.name, active=h.active,
            )
            for h in holders
        )  # fmt: skip

    def takers(self, run: Run, name: str) -> Sequence[NameHolder]:
        """See `quickbooks.ports.Rehearsals.takers`."""
        found = self._all(run, _TAKEN, f"{fold(name)[:_IN_KEY]}#")
        return [
            NameHolder(kind=i["kind"], id=i["id"], name=i["name"], active=bool(i["active"]))
            for i in found
        ]

    def plan(self, run: Run, fingerprints: Iterable[str]) -> None:
        """See `quickbooks.ports.Rehearsals.plan`."""
        self._table.write_batch(self._item(run, _STEP, one) for one in sorted(set(fingerprints)))

    def planned(self, tenant: str, run_id: str, fingerprints: Iterable[str]) -> set[str]:
        """See `quickbooks.ports.Rehearsals.planned`."""
        wanted = (quickbooks_keys.rehearsed(tenant, run_id, _STEP, one) for one in fingerprints)
        return {_rest(item) for item in self._table.get_many(wanted)}

    def _key(self, run: Run, kind: str, name: str) -> keys.Key:
        return quickbooks_keys.rehearsed(run.tenant, run.id, kind, name)

    def _item(self, run: Run, kind: str, name: str, /, **values: object) -> Item:
        until = int((run.started_at + _KEPT).timestamp())
        return {**self._key(run, kind, name), **values, "ttl": until}

    def _all(self, run: Run, kind: str, prefix: str = "") -> Iterable[Item]:
        pk = self._key(run, "", "")["pk"]
        return self._table.query_all(pk, prefix=f"{kind}#{prefix}")


def _rest(item: Item) -> str:
    return str(item["sk"]).partition("#")[2]
