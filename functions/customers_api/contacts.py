"""The people one reaches a customer through."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.part_schemas import ContactIn, ContactList, ContactOut, ContactPatch
from roster.bootstrap import parts
from roster.domain.contact import Contact
from roster.runtime import conditional, cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import parts as usecases
from roster.usecases.parts import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/contacts"
_ONE = f"{_ALL}/<contact_id>"


def _call(customer_id: str) -> Call[Contact]:
    return parts.call(caller(router), customer_id, parts.contacts())


def _answer(
    contact: Contact, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[ContactOut]:
    return conditional.tagged(ContactOut.of(contact), contact.version, status, **headers)


@router.get(_ALL, middlewares=VIEWER, tags=["contacts"])
def customer_contacts(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ContactList:
    """The contacts of a customer, oldest first."""
    scope = ("contacts", customer_id)
    after = cursors.decode(cursor, *scope)
    page = usecases.list_parts(_call(customer_id), limit=limit, after=after)
    return ContactList(
        data=[ContactOut.of(contact) for contact in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["contacts"], status_code=201)
def add_contact(customer_id: str, body: ContactIn) -> Response[ContactOut]:
    """Add a contact. The first is the primary; a later one may take its place."""
    contact = usecases.add_contact(_call(customer_id), body.values())
    path = f"/v1/customers/{customer_id}/contacts/{contact.id}"
    return _answer(contact, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["contacts"])
def read_contact(customer_id: str, contact_id: str) -> Response[ContactOut]:
    """Read a contact; 304 when If-None-Match holds its version."""
    contact = usecases.read_part(_call(customer_id), contact_id)
    conditional.unless_known(router, contact.version)
    return _answer(contact)


@router.patch(_ONE, middlewares=OFFICE, tags=["contacts"])
def edit_contact(customer_id: str, contact_id: str, body: ContactPatch) -> Response[ContactOut]:
    """Edit a contact by merge patch. Needs If-Match."""
    contact = usecases.change_contact(
        _call(customer_id), contact_id, body.values(), if_version=conditional.if_match(router)
    )
    return _answer(contact)


@router.delete(_ONE, middlewares=OFFICE, tags=["contacts"], status_code=204)
def remove_contact(customer_id: str, contact_id: str) -> Response[Any]:
    """Remove a contact. Needs If-Match; 409 for the primary one while there are others."""
    usecases.remove_contact(_call(customer_id), contact_id, if_version=conditional.if_match(router))
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
