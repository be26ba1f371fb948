"""What a sync remembers: links, runs and their reports, each as its keys and one JSON text."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from roster.adapters.dynamodb import keys, quickbooks_keys
from roster.adapters.dynamodb.customer_items import event_from
from roster.adapters.dynamodb.quickbooks_conflicts import DynamoConflicts
from roster.adapters.dynamodb.quickbooks_decisions import DynamoDecisions
from roster.adapters.dynamodb.quickbooks_names import DynamoNames
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.erasure import emptied
from roster.domain.events import Source
from roster.domain.location import Address
from roster.domain.sync.books import TheirName
from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.records import ACTIVE, COMPARED, Link, LinkKind, LinkStatus
from roster.usecases.ports import Page

_LINK, _RUN, _ROW = TypeAdapter(Link), TypeAdapter(Run), TypeAdapter(ReportRow)
_ADDRESSES = ("billing_address", "shipping_address")
_ROWS_KEPT = timedelta(days=400)


def link_text(link: Link) -> str:
    """A link as it is stored."""
    return _dump(_LINK, link)


def _dump(adapter: TypeAdapter[Any], value: object) -> str:
    return adapter.dump_json(value, exclude_defaults=True).decode()


def run_item(run: Run) -> Item:
    """A run; its slice stands outside the text because a condition looks at it."""
    key = quickbooks_keys.run(run.tenant, run.id)
    return {**key, "at_slice": run.slice, "is_over": run.is_over, "doc": _dump(_RUN, run)}


def link_from(text: str) -> Link:
    """A stored link. Those of the first version had one base, which both sides had agreed on."""
    doc = json.loads(text)
    if (base := doc.pop("base", None)) is not None:
        both = {**base, ACTIVE: doc.get("active", True)}
        doc |= {"base_theirs": both}
        if doc["kind"] == LinkKind.CUSTOMER:
            doc |= {"base_ours": {k: v for k, v in both.items() if k in COMPARED}}
    link: Link = _LINK.validate_python(doc)
    return replace(
        link,
        base_theirs=_base(link.base_theirs),
        base_ours=_base(link.base_ours),
        taking=_base(link.taking),
    )


def _base(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(values) | {n: Address(**values[n]) for n in _ADDRESSES if values.get(n)}


def _link(item: Item) -> Link:
    return link_from(item["doc"])


def _is_of(row: ReportRow, customer: Customer, links: Sequence[Link]) -> bool:
    ids = {link.quickbooks_id for link in links}
    return row.customer_id == customer.id or row.quickbooks_id in ids


class DynamoSyncState:
    """Implements `quickbooks.ports.SyncState`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> dict[str, Link]:
        """Links by QuickBooks id, strongly consistent."""
        found = self._table.get_many(quickbooks_keys.link(tenant, realm, i) for i in ids)
        return {item["sk"]: _link(item) for item in found}

    def known(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Link]:
        """See `quickbooks.ports.SyncState.known`."""
        pk = quickbooks_keys.link(tenant, realm, "")["pk"]
        found, last = self._table.query(pk, limit=limit, after=after)
        return Page([_link(item) for item in found], last)

    def waiting(self, tenant: str, realm: str) -> Sequence[Link]:
        """The jobs that wait, found by their marks."""
        marks = self._table.query_all(quickbooks_keys.waiting(tenant, realm, "")["pk"])
        found = self.links(tenant, realm, [mark["sk"] for mark in marks])
        return [link for link in found.values() if link.status is LinkStatus.WAITING]

    def save_links(self, tenant: str, realm: str, links: Sequence[Link]) -> None:
        """Write links, with the marks of who waits, who is owed a push, and who they may be.

        The push itself takes the second away; the last count while their link says the same.
        """
        puts: list[Item] = []
        deletes: list[keys.Key] = []
        for link in links:
            if link.to_push and link.customer_id:
                puts.append({**quickbooks_keys.owed(tenant, realm, link.customer_id)})
            key = quickbooks_keys.link(tenant, realm, link.quickbooks_id)
            mark = quickbooks_keys.waiting(tenant, realm, link.quickbooks_id)
            puts.append({**key, "doc": _dump(_LINK, link)})
            for customer_id in link.likely:
                may_be = quickbooks_keys.likely(tenant, realm, customer_id, link.quickbooks_id)
                puts.append({**may_be})
            if link.status is LinkStatus.WAITING:
                puts.append({**mark})
            elif link.parent_id is not None:
                deletes.append(mark)
        self._table.write_batch(puts, deletes)

    def resembling(self, tenant: str, realm: str, customer_id: str) -> Sequence[str]:
        """See `quickbooks.ports.SyncState.resembling`: one query."""
        key = quickbooks_keys.likely(tenant, realm, customer_id, "")
        found = self._table.query_all(key["pk"], prefix=key["sk"])
        return [item["sk"].removeprefix(key["sk"]) for item in found]

    def run(self, tenant: str, run_id: str) -> Run | None:
        """A run, strongly consistent."""
        item = self._table.get(quickbooks_keys.run(tenant, run_id))
        return _RUN.validate_json(item["doc"]) if item else None

    def runs(self, tenant: str, *, limit: int, after: str | None) -> Page[Run]:
        """The runs, newest first."""
        found, last = self._table.query(
            quickbooks_keys.run(tenant, "")["pk"], limit=limit, after=after, forward=False
        )
        return Page([_RUN.validate_json(item["doc"]) for item in found], last)

    def checkpoint(self, before: Run, after: Run) -> bool:
        """Move the run on; False when another attempt has, or the run is over."""
        return self._table.put(
            run_item(after),
            condition="at_slice = :slice AND is_over = :no",
            slice=before.slice,
            no=False,
        )

    def add_rows(
        self, run: Run, rows: Sequence[ReportRow], *, instead_of: Iterable[str] = ()
    ) -> None:
        """Write lines, which go with the years; a position that is written is not taken away."""
        gone = set(instead_of) - {row.position for row in rows}
        until = int((run.started_at + _ROWS_KEPT).timestamp())
        items = [
            {
                **quickbooks_keys.row(run.tenant, run.id, row.position),
                "verb": row.counted_as,
                # Without a report the lines are only counted.
                **({"doc": _dump(_ROW, row)} if run.policy.report else {}),
                "ttl": until,
            }
            for row in rows
        ]
        deletes = [quickbooks_keys.row(run.tenant, run.id, position) for position in sorted(gone)]
        self._table.write_batch(items, deletes)

    def count_rows(self, run: Run, prefix: str) -> Mapping[str, int]:
        """Lines by verb among those whose position begins so."""
        pk = quickbooks_keys.row(run.tenant, run.id, "")["pk"]
        return Counter(item["verb"] for item in self._table.query_all(pk, prefix=prefix))

    def holders(self, tenant: str, ids: Iterable[str]) -> dict[str, str]:
        """See `quickbooks.ports.SyncState.holders`: the sentinels of the ids."""
        wanted = {keys.unique(tenant, "quickbooks", i)["pk"]: i for i in ids}
        found = self._table.get_many(keys.unique(tenant, "quickbooks", i) for i in wanted.values())
        return {wanted[item["pk"]]: item["customer"] for item in found}

    def save_conflicts(self, run: Run, rows: Sequence[ReportRow]) -> None:
        """See `quickbooks.ports.SyncState.save_conflicts`."""
        DynamoConflicts(self._table).save(run, rows)

    def digest(self, run: Run, prefix: str) -> str:
        """See `quickbooks.ports.SyncState.digest`."""
        pk = quickbooks_keys.row(run.tenant, run.id, "")["pk"]
        found = hashlib.sha256()
        for item in self._table.query_all(pk, prefix=prefix):
            found.update(f"{item['sk']} {item['doc']}\n".encode())
        return found.hexdigest()

    def reads(self, tenant: str, month: str) -> int:
        """See `quickbooks.ports.SyncState.reads`."""
        item = self._table.get(quickbooks_keys.meter(tenant, month))
        return int(item["reads"]) if item else 0

    def forget(self, customer: Customer) -> None:
        """Empty the links to the customer and its jobs, and take it out of reports.

        A link stays, without names and values: without it the next pull would create the customer
        anew. Reports of runs that its history does not name only hold that it was left alone.
        """
        tenant = customer.tenant
        connection = self._table.get(quickbooks_keys.connection(tenant))
        if connection is None:
            return
        everything = self._table.query_all(
            quickbooks_keys.link(tenant, connection["realm"], "")["pk"]
        )
        links = [link for link in map(_link, everything) if link.customer_id == customer.id]
        for run_id in sorted(self._runs_of(customer)):
            rows = self._table.query_all(quickbooks_keys.row(tenant, run_id, "")["pk"])
            gone = [
                i
                for i in rows
                if "doc" in i and _is_of(_ROW.validate_json(i["doc"]), customer, links)
            ]
            self._table.write_batch(deletes=[keys.of(i) for i in gone])
        ids = [link.quickbooks_id for link in links]
        DynamoDecisions(self._table).forget(tenant, connection["realm"], ids)
        DynamoConflicts(self._table).forget(tenant, connection["realm"], ids)
        named = [TheirName(id=o.quickbooks_id, entity="customer", name=o.name) for o in links]
        DynamoNames(self._table).forget(tenant, connection["realm"], named)
        self.save_links(tenant, connection["realm"], [emptied(link) for link in links])

    def _runs_of(self, customer: Customer) -> set[str]:
        """The runs that created or changed the customer."""
        partition = keys.customer_partition(customer.tenant, customer.id)
        events = self._table.query_all(partition, prefix=keys.EVENT_PREFIX)
        actors = [customer.created_by, *(event_from(item).actor for item in events)]
        return {a.run for a in actors if a.run and a.source is Source.QUICKBOOKS}

    def rows(self, tenant: str, run_id: str, positions: Sequence[str]) -> Mapping[str, ReportRow]:
        """See `quickbooks.ports.SyncState.rows`."""
        wanted = dict.fromkeys(positions)
        found = self._table.get_many(quickbooks_keys.row(tenant, run_id, p) for p in wanted)
        return {i["sk"]: _ROW.validate_json(i["doc"]) for i in found if "doc" in i}

    def report(self, tenant: str, run_id: str, *, limit: int, after: str | None) -> Page[ReportRow]:
        """The lines in the order of slices and ids."""
        pk = quickbooks_keys.row(tenant, run_id, "")["pk"]
        found, last = self._table.query(pk, limit=limit, after=after)
        return Page([_ROW.validate_json(i["doc"]) for i in found if "doc" in i], last)
