"""Messages to a customer: written, and what became of them."""

from datetime import datetime
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict

from functions.records_api.record_schemas import RecordIn, RecordOut
from roster.bootstrap import records
from roster.domain.message import Message, MessageStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import messages as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/messages"
_ONE = f"{_ALL}/<message_id>"


class MessageIn(RecordIn):
    """A message in plain text; `to` is the customer's e-mail address unless another is given."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    to: str | None = None
    cc: list[str] | None = None
    subject: str
    body: str


class MessageRow(RecordOut):
    """A message as a list shows it; `failure` says why one was not sent."""

    to: str
    cc: list[str]
    subject: str
    status: MessageStatus
    sent_at: datetime | None
    failure: str | None


class MessageOut(MessageRow):
    """A message as stored, its body as it was typed."""

    body: str


class MessagePage(BaseModel):
    """A page of messages, newest first; `next_cursor` is null at the end."""

    data: list[MessageRow]
    next_cursor: str | None


def _call(customer_id: str) -> Call[Message]:
    return records.call(caller(router), customer_id, records.messages())


@router.get(_ALL, middlewares=VIEWER, tags=["messages"])
def list_messages(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> MessagePage:
    """The messages to a customer, newest first."""
    scope = ("messages", customer_id)
    page = keeping.of_customer(
        _call(customer_id), limit=limit, after=cursors.decode(cursor, *scope)
    )
    return MessagePage(
        data=[MessageRow.of(message) for message in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["messages"], status_code=201)
def add_message(customer_id: str, body: MessageIn) -> Response[MessageOut]:
    """Write a message. It is recorded as `queued` and goes out at once; `status` says when it has.

    What was sent stays as it is: there is no PATCH and no DELETE.
    """
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    message = usecases.add_message(call, body.values(), request_key=key)
    path = f"/v1/customers/{message.customer_id}/messages/{message.id}"
    return conditional.tagged(
        MessageOut.of(message), message.version, HTTPStatus.CREATED, Location=path
    )


@router.get(_ONE, middlewares=VIEWER, tags=["messages"])
def read_message(customer_id: str, message_id: str) -> Response[MessageOut]:
    """Read a message; 304 when If-None-Match holds its version."""
    message = keeping.read(_call(customer_id), message_id)
    conditional.unless_known(router, message.version)
    return conditional.tagged(MessageOut.of(message), message.version)
