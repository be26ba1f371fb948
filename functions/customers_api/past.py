"""The past of a customer: as it was, who set what, what differs, and bringing a part of it back."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from functions.customers_api.moments import point
from functions.customers_api.record import answer
from functions.customers_api.schemas import ChangeOut, Strict
from roster import bootstrap
from roster.bootstrap import parts, quickbooks, records
from roster.domain import history as rules
from roster.domain.customer import Customer
from roster.domain.events import Source
from roster.domain.history import Provenance
from roster.runtime import conditional, cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.runtime.wire.customer import CustomerOut
from roster.runtime.wire.timeline import TimelineEntry
from roster.usecases import history as usecases
from roster.usecases.timeline import customer_timeline as customer_timeline_page

router = APIGatewayHttpRouter()


class OverrideOut(BaseModel):
    """What QuickBooks has in a field that was edited here and is left alone: a local override.

    `since` is when it was first edited here after QuickBooks set it, in the sync run `run` (null:
    never). The next change of the field in QuickBooks overwrites it.
    """

    theirs: Any
    since: datetime
    run: str | None


class ProvenanceOut(BaseModel):
    """One field, and who set it to what it holds; `run` is the import or sync run behind it."""

    field: str
    value: Any
    old: Any
    by: str
    source: Source
    run: str | None
    at: datetime
    event_id: str
    local_override: OverrideOut | None

    @classmethod
    def of(cls, found: Provenance) -> Self:
        """The wire form."""
        return cls(
            field=found.field,
            value=found.value,
            old=found.old,
            by=found.actor.user,
            source=found.actor.source,
            run=found.actor.run,
            at=found.at,
            event_id=found.event_id,
            local_override=OverrideOut(**asdict(found.override)) if found.override else None,
        )


class ProvenanceList(BaseModel):
    """Every field that was ever set."""

    data: list[ProvenanceOut]


class PointOut(BaseModel):
    """A version of the customer, and when it came to be."""

    version: int
    at: datetime

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The wire form."""
        return cls(version=customer.version, at=customer.updated_at)


class DiffOut(BaseModel):
    """What differs between two points of a customer's life."""

    start: Annotated[PointOut, Field(serialization_alias="from")]
    end: Annotated[PointOut, Field(serialization_alias="to")]
    changes: list[ChangeOut]


class TimelinePage(BaseModel):
    """A page of the timeline, newest first."""

    data: list[TimelineEntry]
    next_cursor: str | None


class RestoreIn(Strict):
    """Which fields of the event to set back, by their names in it; all of them when left out."""

    fields: Annotated[list[str] | None, Field(min_length=1, max_length=100)] = None


@router.get("/v1/customers/<customer_id>/provenance", middlewares=VIEWER, tags=["history"])
def customer_provenance(customer_id: str) -> ProvenanceList:
    """Who set each field, when, by which road, and what it held before.

    A field that was edited here though QuickBooks leads has a `local_override`.
    """
    who = caller(router)
    found = usecases.customer_provenance(
        who.tenant,
        customer_id,
        overrides=quickbooks.local_overrides,
        customers=bootstrap.customers(),
    )
    return ProvenanceList(data=[ProvenanceOut.of(one) for one in found])


@router.get("/v1/customers/<customer_id>/diff", middlewares=VIEWER, tags=["history"])
def customer_diff(
    customer_id: str,
    start: Annotated[str, Query(alias="from", max_length=40)],
    end: Annotated[str, Query(alias="to", max_length=40)],
) -> DiffOut:
    """What differs between two versions or times. A date means the end of that day in UTC."""
    who = caller(router)
    one, other, changes = usecases.customer_diff(
        who.tenant,
        customer_id,
        point(start, "from"),
        point(end, "to"),
        customers=bootstrap.customers(),
    )
    return DiffOut(
        start=PointOut.of(one),
        end=PointOut.of(other),
        changes=[
            ChangeOut(field=c.field, old=rules.plain(c.old), new=rules.plain(c.new))
            for c in changes
        ],
    )


@router.get("/v1/customers/<customer_id>/timeline", middlewares=VIEWER, tags=["history"])
def customer_timeline(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> TimelinePage:
    """What happened to a customer and to all merged into it, one line each, newest first."""
    who = caller(router)
    scope = ("timeline", customer_id)
    page = customer_timeline_page(
        who.tenant,
        customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        activities=records.activities(),
    )
    return TimelinePage(
        data=[TimelineEntry.of(entry, who.modules) for entry in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(
    "/v1/customers/<customer_id>/history/<event_id>/restore", middlewares=OFFICE, tags=["history"]
)
def restore_event(customer_id: str, event_id: str, body: RestoreIn) -> Response[CustomerOut]:
    """Set back what one event changed, or only some fields of it. Needs If-Match.

    A location or contact that the event added goes, one that it removed comes back under its id.
    """
    who = caller(router)
    customer = usecases.restore_event(
        who.tenant,
        customer_id,
        event_id,
        body.fields,
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        locations=parts.locations(),
        contacts=parts.contacts(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    return answer(customer)
