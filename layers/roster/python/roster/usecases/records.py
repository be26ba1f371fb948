"""What hangs on a customer: its documents."""

from enum import StrEnum
from functools import partial
from operator import attrgetter

from roster.domain import document as rules
from roster.domain.document import ContentType, Document, DocumentKind, DocumentStatus
from roster.domain.errors import Invalid, NotFound, StaleVersion
from roster.domain.events import Actor
from roster.domain.ids import new_id
from roster.usecases.customers import own_customer, read_customer
from roster.usecases.joining import joined_one, joined_page
from roster.usecases.ports import (
    Clock,
    Customers,
    DocumentFiles,
    Documents,
    Download,
    Page,
    Upload,
)

_ATTEMPTS = 3


class Outcome(StrEnum):
    """What the arrival of a file came to."""

    ACTIVATED = "activated"
    REFUSED = "refused"
    ALREADY_JUDGED = "already_judged"
    NO_DOCUMENT = "no_document"
    NO_FILE = "no_file"


def announce_document(
    tenant: str,
    customer_id: str,
    *,
    filename: str,
    content_type: ContentType,
    size: int,
    kind: DocumentKind,
    actor: Actor,
    customers: Customers,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> tuple[Document, Upload]:
    """A new document of the customer, and the permission to upload it.

    Raises Invalid (all broken rules at once), WrongState for one merged away, NotFound or Gone.
    """
    own_customer(tenant, customer_id, if_version=None, customers=customers)
    if errors := rules.check_announcement(filename, content_type, size):
        raise Invalid(errors)
    now = clock()
    document = Document(
        id=new_id("doc", now),
        tenant=tenant,
        customer_id=customer_id,
        kind=kind,
        filename=filename,
        content_type=content_type,
        size=size,
        created_at=now,
        created_by=actor,
    )
    documents.add(document)
    return document, files.permit_upload(document, now=now)


def list_documents(
    tenant: str,
    customer_id: str,
    *,
    limit: int,
    after: str | None,
    customers: Customers,
    documents: Documents,
) -> Page[Document]:
    """The customer's documents, newest first; raises NotFound or Gone."""
    return joined_page(
        read_customer(tenant, customer_id, customers=customers),
        partial(documents.list, tenant),
        position=attrgetter("id"),
        limit=limit,
        after=after,
    )


def read_document(
    tenant: str, customer_id: str, document_id: str, *, customers: Customers, documents: Documents
) -> Document:
    """One document of the customer; raises NotFound or Gone."""
    customer = read_customer(tenant, customer_id, customers=customers)
    document = joined_one(customer, lambda owner: documents.get(tenant, owner, document_id))
    if document is None:
        raise NotFound(f"the customer has no document {document_id}")
    return document


def permit_download(document: Document, *, files: DocumentFiles, clock: Clock) -> Download | None:
    """Where to fetch the document from; None while there is nothing to fetch."""
    if document.status is not DocumentStatus.ACTIVE:
        return None
    return files.permit_download(document, now=clock())


def delete_document(
    tenant: str,
    customer_id: str,
    document_id: str,
    *,
    if_version: int | None,
    customers: Customers,
    documents: Documents,
    files: DocumentFiles,
) -> None:
    """Delete the document and its content; `if_version` None means whatever version.

    The record goes first, for it may refuse: the file of a document that stays is not touched.
    """
    document = read_document(
        tenant, customer_id, document_id, customers=customers, documents=documents
    )
    if if_version is not None and document.version != if_version:
        raise StaleVersion(
            f"document {document_id} is at version {document.version}, not {if_version}"
        )
    documents.remove(document, if_version=if_version)
    files.discard(document)


def judge_upload(
    tenant: str,
    customer_id: str,
    document_id: str,
    *,
    object_version: str | None,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> Outcome:
    """Judge a file that arrived for a document; however often and however late, with one effect."""
    for _ in range(_ATTEMPTS):
        document = documents.get(tenant, customer_id, document_id)
        if document is None:
            return Outcome.NO_DOCUMENT
        try:
            return _judge(document, object_version, documents=documents, files=files, clock=clock)
        except StaleVersion:
            # Somebody else judged or deleted it meanwhile: look again.
            continue
    raise StaleVersion(f"document {document_id} keeps changing")


def _judge(
    document: Document,
    object_version: str | None,
    *,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> Outcome:
    if document.status is not DocumentStatus.AWAITING_UPLOAD:
        _forget_what_came_later(document, object_version, files)
        return Outcome.ALREADY_JUDGED
    arrival = files.look(document, object_version)
    if arrival is None:
        return Outcome.NO_FILE
    judged = rules.judge(document, arrival, now=clock())
    documents.save(document, judged)
    _discard_what_is_not_served(judged, arrival.object_version, files)
    return Outcome.REFUSED if judged.refusal else Outcome.ACTIVATED


def _forget_what_came_later(
    document: Document, object_version: str | None, files: DocumentFiles
) -> None:
    """Discard what arrived for a judged document, unless it is what is served.

    Not every event tells the stored version; then the newest is meant.
    """
    if object_version is None:
        arrival = files.look(document, None)
        if arrival is None:
            return
        object_version = arrival.object_version
    _discard_what_is_not_served(document, object_version, files)


def _discard_what_is_not_served(
    document: Document, object_version: str | None, files: DocumentFiles
) -> None:
    """Delete a refused file, and one that was sent after the document had been judged."""
    served = document.status is DocumentStatus.ACTIVE
    if not served or object_version != document.object_version:
        files.discard(document, object_version)
