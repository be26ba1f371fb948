"""The rows of a chunk as the customers they become: the same ones in every attempt."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import batched
from math import ceil
from typing import Any

from roster.domain.contact import CONTACT_FIELDS, Contact
from roster.domain.counts import totals
from roster.domain.events import Actor, Source
from roster.domain.ids import derived_id
from roster.domain.imports.draft import new_row_customer
from roster.domain.imports.job import Import
from roster.domain.location import Location, address_from
from roster.domain.quick import quick_dataclass
from roster.domain.settings import TenantSettings
from roster.usecases.ports import NewCustomer

_SLICE, _GROUP = 25, 200


@quick_dataclass(frozen=True, slots=True)
class PlannedRow:
    """A planned row as the new customer it is, with what `joined` other rows add to it."""

    line: int
    typed_number: str | None
    new: NewCustomer
    joined: int = 0


def rows_of(planned: Mapping[str, Any]) -> int:
    """How many rows of the file one entry of a chunk stands for."""
    return 1 + len(planned.get("joined", ()))


def planned_row(
    job: Import, planned: Mapping[str, Any], ours: TenantSettings, *, batch: str | None = None
) -> PlannedRow:
    """The customer of one entry of the plan; its ids follow from the import and the lines.

    `batch` is what it is loaded with: see `batch_name`.
    """
    line, started = str(planned["line"]), job.load_started_at or job.created_at
    values = dict(planned["values"])
    if job.number_first is not None:
        values["number"] = ours.format_number(job.number_first + planned["n"])
    customer_id = derived_id("cus", job.created_at, job.id, line)
    rows = [planned, *planned.get("joined", ())]
    locations = tuple(places_of(job, customer_id, rows))
    customer = new_row_customer(
        values,
        id=customer_id,
        tenant=job.tenant,
        actor=Actor(job.created_by.user, Source.IMPORT, job.id),
        now=started,
        region=ours.country,
        # By the plan.
        checked=True,
        # The first place goes with the customer itself: no item of its own before it is touched.
        also={
            **totals(locations),
            "first_place": next(iter(locations), None),
            "batch": batch,
        },
    )
    contacts = tuple(people_of(job, customer_id, rows))
    return PlannedRow(
        planned["line"],
        planned["values"].get("number"),
        NewCustomer(customer, locations, contacts),
        len(rows) - 1,
    )


def places_of(
    job: Import, customer_id: str, rows: Sequence[Mapping[str, Any]]
) -> Iterator[Location]:
    """The places that rows of one customer bring, under the ids that follow from the lines."""
    count = 0
    for row in rows:
        for position, place in enumerate(_places(row)):
            if address := address_from(place):
                yield Location(
                    id=_part_id("loc", job, row["line"], position, count),
                    customer_id=customer_id,
                    address=address,
                    name=place.get("name"),
                    primary=count == 0,
                )
                count += 1


def _places(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if "locations" in row:
        places: Sequence[Mapping[str, Any]] = row["locations"]
        return places
    # A chunk written before rows had several places; undo reads it for as long as it is kept.
    return [place] if (place := row.get("location")) else []


def people_of(
    job: Import, customer_id: str, rows: Sequence[Mapping[str, Any]]
) -> Iterator[Contact]:
    """The contacts that rows of one customer bring, under such ids."""
    people = (
        (row["line"], position, person)
        for row in rows
        for position, person in enumerate(row.get("contacts", ()))
    )
    for count, (line, position, person) in enumerate(people):
        yield Contact(
            id=_part_id("con", job, line, position, count),
            customer_id=customer_id,
            primary=count == 0,
            **{name: person.get(name) for name in CONTACT_FIELDS},
        )


def _part_id(prefix: str, job: Import, line: int, position: int, count: int) -> str:
    """The id of a part; those of one customer are in the order of the file.

    The first part of a row is named by its line alone, as when there was no other.
    """
    where = (str(line), str(position)) if position else (str(line),)
    at = job.created_at + timedelta(milliseconds=count) if count else job.created_at
    return derived_id(prefix, at, job.id, *where)


def batches(
    job: Import, chunk: int, rows: Sequence[PlannedRow]
) -> Iterator[tuple[str, Sequence[PlannedRow]]]:
    """The rows of a chunk in slices that are written together, and what each is called."""
    for number, some in enumerate(batched(rows, _SLICE, strict=False)):
        yield batch_name(job, chunk, number * _SLICE), some


def batch_name(job: Import, chunk: int, position: int) -> str:
    """What the customers around that position of a chunk are loaded as.

    Its parts are a group of rows, of which a chunk has several, and a slice of that.
    """
    group, place = divmod(position, _GROUP)
    group += (chunk - 1) * ceil(job.chunk_rows / _GROUP) + 1
    return f"{job.id}#{group:06d}#{place // _SLICE:03d}"
