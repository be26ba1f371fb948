"""Imports against a book in memory, by the real plan and load: for thousands of random files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from roster.adapters.dynamodb import customer_items
from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.counts import totals
from roster.domain.customer import Customer, Origin, Status, new_customer
from roster.domain.errors import StaleVersion, Taken
from roster.domain.events import Actor, Event
from roster.domain.imports.job import Import, ImportKind, ImportStatus, Run, Tally
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy, Options
from roster.domain.location import Address, Location
from roster.domain.matching import MatchCard
from roster.domain.settings import TenantSettings
from roster.usecases.imports import names
from roster.usecases.imports.load import load_chunk
from roster.usecases.imports.plan import PlanPorts, plan_import
from roster.usecases.imports.ports import WholeChange
from roster.usecases.ports import NewCustomer

type Json = dict[str, Any]
_UNIQUE = ("number", "external_id")
_AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
TENANT = "acme"


class Book:
    """Customers by id with their places and events: `Customers`, `Changing` and `People` in one."""

    def __init__(self) -> None:
        self.heads: dict[str, Customer] = {}
        self.places: dict[str, list[Location]] = {}
        self.events: dict[str, list[Event]] = {}
        self._claimed: dict[tuple[str, str], str] = {}
        self._number = count(1000)

    def make(self, values: Json, **keys: str | None) -> None:
        """Have a customer, as if somebody had made it."""
        given = {**values, **{name: key for name, key in keys.items() if key}}
        address = given.pop("service_location", None)
        customer_id = f"cus_{len(self.heads):03d}"
        place = Location(id=f"loc_{customer_id}", customer_id=customer_id,
                         address=Address(**(address or {})), primary=True)  # fmt: skip
        places = (place,) if address else ()
        customer = new_customer(
            id=customer_id, tenant=TENANT, values=given, source=Origin.MANUAL, actor=Actor("olga"),
            now=_AT, also=totals(places),
        )  # fmt: skip
        new = NewCustomer(customer, places)
        assert not self.claim_values([new], _UNIQUE)
        self._write(new)

    def state(self) -> Json:
        """Everything an import could change, versions included."""
        return {
            i: (head, tuple(self.places.get(i, ())), len(self.events.get(i, ())))
            for i, head in self.heads.items()
        }

    def match_cards(self, _: str) -> Iterable[MatchCard]:
        living = (Status.ACTIVE, Status.INACTIVE)
        for status in living:
            found = [one for one in self.heads.values() if one.status is status]
            yield from map(customer_items.card, sorted(found, key=lambda c: (c.display_name, c.id)))

    def get(self, _: str, customer_id: str) -> Customer | None:
        return self.heads.get(customer_id)

    def get_many(self, _: str, ids: Iterable[str]) -> dict[str, Customer]:
        return {i: self.heads[i] for i in ids if i in self.heads}

    def locations(self, _: str, customer_id: str) -> Sequence[Location]:
        return self.places.get(customer_id, ())

    def event(self, _: str, customer_id: str, event_id: str) -> Event | None:
        return next((e for e in self.events.get(customer_id, ()) if e.id == event_id), None)

    def reserve_numbers(self, _: str, wanted: int) -> int:
        first, *_rest = [next(self._number) for _ in range(wanted)]
        return first

    def all(self, _: str, __: str) -> Sequence[Any]:
        return ()

    def claim_values(self, new: Sequence[NewCustomer], wanted: Sequence[str]) -> Any:
        lost: dict[str, list[str]] = {}
        for one in new:
            for field in wanted:
                value = getattr(one.customer, field)
                holder = value and self._claimed.setdefault((field, value), one.customer.id)
                if value and holder != one.customer.id:
                    lost.setdefault(one.customer.id, []).append(field)
        return lost

    def holders(self, _: str, values: Iterable[tuple[str, str]]) -> Mapping[Any, Customer]:
        return {v: self.heads[self._claimed[v]] for v in values if v in self._claimed}

    def load_all_first(self, together: Iterable[Any], *, claimed: Sequence[str]) -> None:
        del claimed
        for _, new in together:
            for one in new:
                self._write(one)

    def load_again(self, new: Sequence[NewCustomer], *, batch: str | None = None) -> None:
        del batch
        for one in new:
            if one.customer.id not in self.heads:
                self._write(one)

    def _write(self, one: NewCustomer) -> None:
        self.heads[one.customer.id] = one.customer
        self.places[one.customer.id] = list(one.locations)

    def add(self, change: WholeChange) -> None:
        before, after = change.before, change.after
        if self.heads[before.id].version != before.version:
            raise StaleVersion(before.id)
        for field in _UNIQUE:
            value = getattr(after, field)
            holder = self._claimed.get((field, value))
            if value and holder not in (None, after.id):
                raise Taken(field, value, holder)
        for field in _UNIQUE:
            old, new = getattr(before, field), getattr(after, field)
            if old != new:
                self._claimed.pop((field, old), None)
                if new:
                    self._claimed[field, new] = after.id
        self.heads[after.id] = after
        self.places.setdefault(after.id, []).extend(change.locations)
        self.events.setdefault(after.id, []).append(change.event)


class _Records:
    """The import's own record, and its files."""

    def __init__(self, job: Import) -> None:
        self.job, self.files = job, cast(dict[str, bytes], {})
        self.finished: set[int] = set()

    def get(self, _: str, __: str) -> Import:
        return self.job

    def save(self, before: Import, after: Import) -> None:
        assert before.revision == self.job.revision
        self.job = replace(after, tally=self.job.tally)

    def end_turn(self, *_: str) -> None:
        pass

    def claim_chunk(self, _: str, __: str, chunk: int, **___: Any) -> int | None:
        return None if chunk in self.finished else 1

    def finish_chunk(
        self, _: str, __: str, chunk: int, tally: Tally, *, issues: int, run: Run = Run.LOAD
    ) -> None:
        del issues, run
        self.finished.add(chunk)
        sums = {
            f.name: getattr(self.job.tally, f.name) + getattr(tally, f.name) for f in fields(Tally)
        }
        self.job = replace(self.job, tally=Tally(**sums))

    def write(self, _: Import, name: str, content: bytes) -> None:
        self.files[name] = content

    def write_from(self, _: Import, name: str, path: Path) -> None:
        self.files[name] = path.read_bytes()

    def read(self, _: Import, name: str) -> bytes | None:
        return self.files.get(name)

    def fetch(self, _: Import, into: Path) -> None:
        into.write_bytes(self.files["source"])


class _Company:
    """The settings of a company that has no terms and no saved mappings."""

    def __init__(self, ours: TenantSettings) -> None:
        self._ours = ours

    def get(self, _: str) -> TenantSettings:
        return self._ours

    def terms(self, _: str, __: object) -> Sequence[Any]:
        return ()

    def find(self, _: str, __: object) -> Mapping[str, Any]:
        return {}


@contextmanager
def _no_table(*_: Any, **__: Any) -> Iterator[Any]:
    class Nobody:
        def row(self, _: Sequence[str]) -> None:
            pass

    _[0].write_bytes(b"")
    yield Nobody()


def asked(mode: str = "create", match_by: str = "auto", blank_cells: str = "keep") -> Options:
    """Options as a request says them."""
    return Options(
        mode=ImportMode(mode), match_by=MatchBy(match_by), blank_cells=BlankCells(blank_cells)
    )


_NUMBERS = count(1)


def imported(
    book: Book, content: bytes, options: Options, ours: TenantSettings
) -> tuple[list[Json], Tally]:
    """Import a file: the rows of the plan, and what the load counted."""
    n = next(_NUMBERS)
    at = _AT + timedelta(seconds=n)
    job = Import(
        id=f"imp_{n}", tenant=TENANT, status=ImportStatus.PLANNING, filename="a.csv",
        key="acme/inbox/a.csv", created_at=at, updated_at=at, created_by=Actor("olga"),
        needs_confirmation=False, kind=ImportKind.CUSTOMERS, options=options,
    )  # fmt: skip
    records: Any = _Records(job)
    records.files["source"] = content
    company: Any = _Company(ours)
    anything: Any = book
    nothing: Any = SimpleNamespace(open_bundle=None)
    ports = PlanPorts(
        imports=records, files=records, customers=anything, people=anything, settings=company,
        mappings=company, open_spreadsheet=open_spreadsheet, records=nothing,
        write_table=_no_table, clock=lambda: at,
    )  # fmt: skip
    plan_import(TENANT, job.id, ports=ports)
    rows = [orjson.loads(line) for line in records.files.get(names.PLAN, b"").splitlines()]
    for chunk in range(1, records.job.chunks + 1):
        load_chunk(
            TENANT, job.id, chunk, imports=records, files=records, customers=anything,
            changing=anything, jobs=nothing, settings=company, records=nothing, clock=lambda: at,
        )  # fmt: skip
    return rows, records.job.tally
