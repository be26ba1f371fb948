"""The rows of a chunk as the customers they become: the same ones in every attempt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from roster.domain.counts import totals
from roster.domain.events import Actor, Source
from roster.domain.ids import derived_id
from roster.domain.imports.draft import new_row_customer
from roster.domain.imports.job import Import
from roster.domain.location import Location, address_from
from roster.domain.settings import TenantSettings
from roster.usecases.ports import NewCustomer

_SLICE = 25


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A planned row as the new customer it is."""

    line: int
    typed_number: str | None
    new: NewCustomer


def planned_row(
    job: Import, planned: Mapping[str, Any], ours: TenantSettings, *, batch: str | None = None
) -> PlannedRow:
    """The customer of one row of the plan; its ids follow from the import and the line.

    `batch` is what it is loaded with: see `batch_name`.
    """
    line, started = str(planned["line"]), job.load_started_at or job.created_at
    values = dict(planned["values"])
    if job.number_first is not None:
        values["number"] = ours.format_number(job.number_first + planned["n"])
    customer_id = derived_id("cus", job.created_at, job.id, line)
    place = planned["location"]
    address = address_from(place) if place else None
    locations = (
        (
            Location(
                id=derived_id("loc", job.created_at, job.id, line),
                customer_id=customer_id,
                address=address,
                name=place.get("name"),
            ),
        )
        if address
        else ()
    )
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
    typed = planned["values"].get("number")
    return PlannedRow(planned["line"], typed, NewCustomer(customer, locations))


def batches(
    job: Import, chunk: int, rows: Sequence[PlannedRow]
) -> Iterator[tuple[str, Sequence[PlannedRow]]]:
    """The rows of a chunk in slices that are written together, and what each is called."""
    for number, some in enumerate(batched(rows, _SLICE, strict=False)):
        yield batch_name(job, chunk, number * _SLICE), some


def batch_name(job: Import, chunk: int, position: int) -> str:
    """What the customers around that position of a chunk are loaded as."""
    return f"{job.id}#{chunk:06d}#{position // _SLICE:03d}"
