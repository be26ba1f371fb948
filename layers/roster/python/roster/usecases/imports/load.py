"""Load one chunk of a plan, as often as it takes, to the same end."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from typing import Any

import orjson

from roster.domain.customer import Customer
from roster.domain.imports.job import Import, ImportStatus, Tally
from roster.domain.job import Job
from roster.domain.settings import TenantSettings
from roster.domain.terms import CUSTOMER_FIELD
from roster.usecases.imports import names
from roster.usecases.imports.ports import Changing, ChunkHeld, ImportFiles, Imports
from roster.usecases.imports.record_rows import RowsOf, load_records
from roster.usecases.imports.rows import PlannedRow, batch_name, batches, planned_row, rows_of
from roster.usecases.imports.updates import Ports, Updates, is_update, told_holder
from roster.usecases.ports import Clock, Customers, NewCustomer, Settings
from roster.usecases.record_ports import Records

# The first attempt writes without conditions, and only while its lease runs; it looks at the clock
# before every slice. A replay waits the lease out, so that no write of a worker thought dead can
# land on an edit that a person made after the replay.
LEASE = timedelta(seconds=30)
_LAST_WRITE = timedelta(seconds=10)


def load_chunk(
    tenant: str,
    import_id: str,
    chunk: int,
    *,
    imports: Imports,
    files: ImportFiles,
    customers: Customers,
    changing: Changing,
    jobs: Callable[[], Records[Job]],
    settings: Settings,
    records: RowsOf,
    clock: Clock,
) -> Tally:
    """Make the chunk's rows customers, change those they are, or add to them; count them, once.

    Any attempt may die anywhere: the next one completes what is missing and overwrites nothing.
    Raises ChunkHeld while an earlier attempt may still be writing.
    """
    job = imports.get(tenant, import_id)
    if job is None or job.status is not ImportStatus.LOADING:
        return Tally()
    started = clock()
    attempt = imports.claim_chunk(tenant, import_id, chunk, now=started, lease=LEASE)
    if attempt is None:
        return Tally()
    planned = orjson.loads(files.read(job, names.chunk(chunk)) or b"[]")
    if job.stop and attempt == 1:
        tally = Tally(cancelled=sum(map(rows_of, planned)), chunks=1)
        imports.finish_chunk(tenant, import_id, chunk, tally, issues=0)
        return tally
    if job.kind is not None and job.hangs_on_customers:
        tally, found = load_records(job, chunk, planned, rows=records(job.kind), files=files)
        imports.finish_chunk(tenant, import_id, chunk, tally, issues=found)
        return tally
    ours = settings.get(tenant)
    loading = _Loading(job, customers, ours)
    gone = _unusable_terms(tenant, planned, settings)
    creates = [one for one in planned if not is_update(one)]
    rows = [
        planned_row(
            job, loading.without_terms(one, gone), ours, batch=batch_name(job, chunk, position)
        )
        for position, one in enumerate(creates)
    ]
    ready = loading.settle(rows, replay=attempt > 1)
    there = {one.customer.id: one for one in ready}

    def together() -> Iterator[tuple[str, Sequence[NewCustomer]]]:
        for batch, planned_together in batches(job, chunk, rows):
            if attempt == 1 and clock() > started + LEASE - _LAST_WRITE:
                raise ChunkHeld(f"chunk {chunk} took too long; the next attempt completes it")
            ids = (row.new.customer.id for row in planned_together)
            if some := [there[i] for i in ids if i in there]:
                yield batch, some

    if attempt == 1:
        customers.load_all_first(together(), claimed=loading.claimed)
    else:
        for batch, some in together():
            customers.load_again(some, batch=batch)
    updates = Updates(job, ours, Ports(
        customers=customers, changing=changing, jobs=jobs, settings=settings, clock=clock
    ))  # fmt: skip
    changed = updates.load([one for one in planned if is_update(one)], gone)
    issues = sorted([*loading.issues, *updates.issues], key=itemgetter("line"))
    if issues:
        files.write(job, names.result(chunk), orjson.dumps(issues))
    tally = _tally(rows, there, changed)
    imports.finish_chunk(tenant, import_id, chunk, tally, issues=len(issues))
    return tally


def _tally(rows: Sequence[PlannedRow], written: Container[str], changed: Tally) -> Tally:
    """Rows joined to another share its fate."""
    created = [row for row in rows if row.new.customer.id in written]
    joined = sum(row.joined for row in created)
    failed = sum(1 + row.joined for row in rows) - len(created) - joined
    return Tally(
        created=len(created),
        updated=changed.updated,
        joined=joined + changed.joined,
        failed=failed + changed.failed,
        chunks=1,
    )


def _unusable_terms(
    tenant: str, planned: Sequence[Mapping[str, Any]], settings: Settings
) -> set[str]:
    """Tax rates and payment terms of the rows that were retired since the plan.

    The others are marked as chosen: a read for each of them, not for each row.
    """
    chosen = {
        (kind, term)
        for one in planned
        for kind, field in CUSTOMER_FIELD.items()
        if (term := (one["set"] if is_update(one) else one["values"]).get(field))
    }
    return {term for kind, term in sorted(chosen) if not settings.use_term(tenant, kind, term)}


def _clashes(
    row: PlannedRow, there: Mapping[str, Customer], lost: Mapping[str, Sequence[str]]
) -> Sequence[str]:
    """The fields whose values somebody else has, as an earlier attempt has found it."""
    customer = row.new.customer
    known = there.get(customer.id)
    if known is None:
        return lost.get(customer.id, ())
    dropped = known.version == 1 and known.external_id is None and customer.external_id
    return ("external_id",) if dropped else ()


class _Loading:
    """What the table says to the rows' unique values; `issues` is what there is to report."""

    def __init__(self, job: Import, customers: Customers, ours: TenantSettings) -> None:
        self._job, self._customers, self._ours = job, customers, ours
        self.claimed: Sequence[str] = ("number", "external_id")
        self.issues: list[dict[str, Any]] = []

    def without_terms(self, planned: Mapping[str, Any], gone: set[str]) -> Mapping[str, Any]:
        """The planned row without the terms that can be chosen no more, and a warning of each."""
        values = planned["values"]
        lost = [field for field in CUSTOMER_FIELD.values() if values.get(field) in gone]
        if not lost:
            return planned
        for field in lost:
            self._say(planned["line"], field, values[field], "warning",
                      "left out: it was retired since the plan was made", "retired")  # fmt: skip
        kept = {name: value for name, value in values.items() if name not in lost}
        return {**planned, "values": kept}

    def settle(self, rows: Sequence[PlannedRow], *, replay: bool) -> list[NewCustomer]:
        """The customers to write, their unique values their own; of the rest, why not.

        What an earlier attempt wrote is taken as it is now.
        """
        there = self._customers.get_many(
            self._job.tenant, (r.new.customer.id for r in rows) if replay else ()
        )
        fresh = [r.new for r in rows if r.new.customer.id not in there]
        lost = self._customers.claim_values(fresh, self.claimed)
        return list(self._settled(rows, there, lost))

    def _settled(
        self,
        rows: Sequence[PlannedRow],
        there: Mapping[str, Customer],
        lost: Mapping[str, Sequence[str]],
    ) -> Iterator[NewCustomer]:
        clashes = {row.new.customer.id: _clashes(row, there, lost) for row in rows}
        asked = [
            (field, str(getattr(row.new.customer, field)))
            for row in rows
            for field in clashes[row.new.customer.id]
        ]
        holders = self._customers.holders(self._job.tenant, asked) if asked else {}
        for row in rows:
            customer = row.new.customer
            fields = clashes[customer.id]
            if "external_id" in fields:
                holder = told_holder(holders.get(("external_id", str(customer.external_id))))
                self._say(row.line, "external_id", customer.external_id, "warning",
                          f"left out: the id now belongs to {holder}")  # fmt: skip
                customer = replace(customer, external_id=None)
            if "number" in fields:
                if row.typed_number:
                    holder = told_holder(holders.get(("number", row.typed_number)))
                    self._say(row.line, "number", row.typed_number, "error",
                              f"the number now belongs to {holder}")  # fmt: skip
                    continue
                customer = self._renumbered(customer)
            is_same = customer is row.new.customer
            yield row.new if is_same else replace(row.new, customer=customer)

    def _renumbered(self, customer: Customer) -> Customer:
        """The customer with a number of its own: somebody typed the one that was reserved."""
        while True:
            number = self._customers.reserve_numbers(self._job.tenant, 1)
            customer = replace(customer, number=self._ours.format_number(number))
            if not self._customers.claim_values([NewCustomer(customer)], ("number",)):
                return customer

    def _say(
        self,
        line: int,
        field: str,
        value: str | None,
        severity: str,
        detail: str,
        what: str = "taken",
    ) -> None:
        heading = next((h for h, f in self._job.columns if f == field), None)
        self.issues.append(
            {
                "line": line,
                "column": heading,
                "value": value,
                "rule": f"{field}_{what}",
                "detail": detail,
                "severity": severity,
                "suggestion": None,
            }
        )
