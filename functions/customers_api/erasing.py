"""What remains of a deleted customer, and the erasure of what is personal in it."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from functions.customers_api.record import answer
from functions.customers_api.schemas import Confirmed, EventOut, HistoryPage
from roster import bootstrap
from roster.bootstrap import whole
from roster.runtime import cursors
from roster.runtime.callers import ADMIN, VIEWER, caller
from roster.runtime.wire.customer import CustomerOut
from roster.usecases import erasing as usecases

router = APIGatewayHttpRouter()


class ArchiveOut(BaseModel):
    """A deleted customer as it was last, and a page of its history."""

    customer: CustomerOut
    history: HistoryPage


@router.get("/v1/customers/<customer_id>/archive", middlewares=VIEWER, tags=["customers"])
def read_archive(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ArchiveOut:
    """What remains of a deleted customer: its last values and its history."""
    who = caller(router)
    scope = ("archive", customer_id)
    after = cursors.decode(cursor, *scope)
    customers = bootstrap.customers()
    customer = usecases.read_archive(who.tenant, customer_id, customers=customers)
    page = usecases.archived_history(
        who.tenant, customer_id, limit=limit, after=after, customers=customers
    )
    return ArchiveOut(
        customer=CustomerOut.of(customer),
        history=HistoryPage(
            data=[EventOut.of(event) for event in page.items],
            next_cursor=cursors.encode(page.next, *scope),
        ),
    )


@router.post("/v1/customers/<customer_id>/erase", middlewares=ADMIN, tags=["customers"])
def erase_customer(customer_id: str, body: Confirmed) -> Response[CustomerOut]:
    """Erase the personal data of a deleted customer, in its history too. This is for good.

    Number, external id and QuickBooks id stay for the books; a `reason` is not kept.
    """
    _ = body
    who = caller(router)
    customer = usecases.erase_customer(
        who.tenant,
        customer_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        traces=whole.traces(),
        clock=bootstrap.clock,
    )
    return answer(customer)
