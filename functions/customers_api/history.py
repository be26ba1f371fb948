"""What happened to a customer."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.schemas import EventOut, HistoryPage
from roster import bootstrap
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, caller
from roster.usecases import customers as usecases

router = APIGatewayHttpRouter()


@router.get("/v1/customers/<customer_id>/history", middlewares=VIEWER, tags=["history"])
def customer_history(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> HistoryPage:
    """Every change with old and new value, who made it, when and by which road; newest first."""
    who = caller(router)
    scope = ("history", customer_id)
    page = usecases.customer_history(
        who.tenant,
        customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
    )
    return HistoryPage(
        data=[EventOut.of(event) for event in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )
