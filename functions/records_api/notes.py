"""Internal remarks about a customer."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict

from functions.records_api.record_schemas import RecordIn, RecordOut
from roster.bootstrap import records
from roster.domain.note import Note
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import notes as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/notes"
_ONE = f"{_ALL}/<note_id>"


class NoteIn(RecordIn):
    """A remark; it is kept as it was typed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    text: str


class NoteOut(RecordOut):
    """A remark as stored; `author` is who wrote one that was imported, as the file told."""

    text: str
    author: str | None = None


class NotePage(BaseModel):
    """A page of remarks, newest first; `next_cursor` is null at the end."""

    data: list[NoteOut]
    next_cursor: str | None


def _call(customer_id: str) -> Call[Note]:
    return records.call(caller(router), customer_id, records.notes())


@router.get(_ALL, middlewares=VIEWER, tags=["notes"])
def list_notes(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> NotePage:
    """The remarks about a customer, newest first."""
    scope = ("notes", customer_id)
    page = keeping.of_customer(
        _call(customer_id), limit=limit, after=cursors.decode(cursor, *scope)
    )
    return NotePage(
        data=[NoteOut.of(note) for note in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["notes"], status_code=201)
def add_note(customer_id: str, body: NoteIn) -> Response[NoteOut]:
    """Add a remark."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    note = usecases.add_note(call, body.values(), request_key=key)
    path = f"/v1/customers/{note.customer_id}/notes/{note.id}"
    return conditional.tagged(NoteOut.of(note), note.version, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["notes"])
def read_note(customer_id: str, note_id: str) -> Response[NoteOut]:
    """Read a remark; 304 when If-None-Match holds its version."""
    note = keeping.read(_call(customer_id), note_id)
    conditional.unless_known(router, note.version)
    return conditional.tagged(NoteOut.of(note), note.version)


@router.patch(_ONE, middlewares=OFFICE, tags=["notes"])
def edit_note(customer_id: str, note_id: str, body: NoteIn) -> Response[NoteOut]:
    """Edit a remark. Needs If-Match."""
    version = conditional.if_match(router)
    note = usecases.edit_note(_call(customer_id), note_id, body.values(), if_version=version)
    return conditional.tagged(NoteOut.of(note), note.version)


@router.delete(_ONE, middlewares=OFFICE, tags=["notes"], status_code=204)
def remove_note(customer_id: str, note_id: str) -> Response[Any]:
    """Remove a remark. Needs If-Match."""
    keeping.remove(_call(customer_id), note_id, if_version=conditional.if_match(router))
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
