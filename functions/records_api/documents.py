"""Service contracts and other documents of a customer."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.schemas import (
    AnnouncedDocument,
    DocumentIn,
    DocumentOut,
    DocumentPage,
    DocumentPatch,
    DocumentRow,
    EditedDocument,
)
from roster import bootstrap
from roster.bootstrap import records
from roster.domain.document import Document
from roster.runtime import conditional, cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import records as usecases

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/documents"
_ONE = f"{_ALL}/<document_id>"


def _permitting[B](
    body: B, document: Document, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[B]:
    """An answer with an address that lets its holder in for a while, so nobody may keep it."""
    kept_by_nobody = {**headers, "Cache-Control": "no-store"}
    return conditional.tagged(body, document.version, status, **kept_by_nobody)


@router.post(_ALL, middlewares=OFFICE, tags=["documents"])
def announce_document(customer_id: str, body: DocumentIn) -> Response[AnnouncedDocument]:
    """Announce a document of at most 25 MB, then send the file as `upload` says.

    It is served once its content has been looked at: status `active`, or `refused` with a reason.
    """
    who = caller(router)
    document, upload = usecases.announce_document(
        who.tenant,
        customer_id,
        filename=body.filename,
        content_type=body.content_type,
        size=body.size,
        kind=body.kind,
        actor=who.actor,
        customers=bootstrap.customers(),
        documents=records.documents(),
        files=records.document_files(),
        clock=bootstrap.clock,
    )
    path = f"/v1/customers/{document.customer_id}/documents/{document.id}"
    made = AnnouncedDocument.awaiting(document, upload)
    return _permitting(made, document, HTTPStatus.CREATED, Location=path)


@router.get(_ALL, middlewares=VIEWER, tags=["documents"])
def list_documents(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> DocumentPage:
    """The customer's documents, newest first."""
    who = caller(router)
    scope = ("documents", customer_id)
    page = usecases.list_documents(
        who.tenant,
        customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        documents=records.documents(),
    )
    return DocumentPage(
        data=[DocumentRow.of(document) for document in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ONE, middlewares=VIEWER, tags=["documents"])
def read_document(
    customer_id: str,
    document_id: str,
    document_version: Annotated[int | None, Query(ge=1)] = None,
) -> Response[DocumentOut]:
    """A document, its versions, and where to download one of them from for the next minutes.

    `document_version` is the number of the one to download; without it, the current one.
    """
    who = caller(router)
    document = usecases.read_document(
        who.tenant,
        customer_id,
        document_id,
        customers=bootstrap.customers(),
        documents=records.documents(),
    )
    download = usecases.permit_download(
        document, document_version, files=records.document_files(), clock=bootstrap.clock
    )
    return _permitting(DocumentOut.served(document, download), document)


@router.patch(_ONE, middlewares=OFFICE, tags=["documents"])
def edit_document(
    customer_id: str, document_id: str, body: DocumentPatch
) -> Response[EditedDocument]:
    """Rename a document, set its kind, or announce a file to take its place. Needs If-Match.

    What is there stays served until the new file has been sent as `upload` says and looked at;
    then it becomes an earlier version. If the new file is refused, `replacement` tells why.
    """
    who = caller(router)
    document, upload = usecases.edit_document(
        who.tenant,
        customer_id,
        document_id,
        body.values(),
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        documents=records.documents(),
        files=records.document_files(),
        clock=bootstrap.clock,
    )
    return _permitting(EditedDocument.edited(document, upload), document)


@router.delete(_ONE, middlewares=OFFICE, tags=["documents"])
def delete_document(customer_id: str, document_id: str) -> Response[Any]:
    """Delete a document and all its versions. Needs If-Match."""
    who = caller(router)
    usecases.delete_document(
        who.tenant,
        customer_id,
        document_id,
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        documents=records.documents(),
        files=records.document_files(),
        clock=bootstrap.clock,
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
