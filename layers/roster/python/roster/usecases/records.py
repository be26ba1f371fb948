"""What hangs on a customer: its documents."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import Any

from roster.domain import document as rules
from roster.domain.activities import document_activity
from roster.domain.document import (
    Content,
    ContentType,
    Document,
    DocumentKind,
    DocumentStatus,
    Place,
)
from roster.domain.errors import Invalid, NotFound, StaleVersion
from roster.domain.events import Actor
from roster.domain.ids import new_id
from roster.usecases.customers import read_customer
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

    Raises Invalid (all broken rules at once), NotFound or Gone.
    """
    customer = read_customer(tenant, customer_id, customers=customers)
    if errors := rules.check_announcement(filename, content_type, size):
        raise Invalid(errors)
    now = clock()
    content = Content(
        filename=filename,
        content_type=content_type,
        size=size,
        announced_at=now,
        announced_by=actor,
    )
    document = Document(
        id=new_id("doc", now),
        tenant=tenant,
        customer_id=customer.id,
        kind=kind,
        created_at=now,
        created_by=actor,
        content=content,
    )
    documents.add(document)
    return document, files.permit_upload(document.place(content), content, now=now)


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


def permit_download(
    document: Document, number: int | None, *, files: DocumentFiles, clock: Clock
) -> Download | None:
    """Where to fetch one content from, `number` None meaning what the document is now.

    None while there is nothing to fetch; raises NotFound for a number that was never served.
    """
    if number is None and document.content.status is not DocumentStatus.ACTIVE:
        return None
    wanted = document.content.number if number is None else number
    content = next((one for one in document.served if one.number == wanted), None)
    if content is None:
        raise NotFound(f"document {document.id} has no version {number}")
    return files.permit_download(document.place(content), content, now=clock())


def edit_document(
    tenant: str,
    customer_id: str,
    document_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> tuple[Document, Upload | None]:
    """Set `values` (kind, filename, content_type, size); a size announces a replacement to upload.

    Until that has been judged the content stays what it is. Raises Invalid, WrongState for one
    version too many, StaleVersion, NotFound, Gone.
    """
    for _ in range(_ATTEMPTS):
        before = _of_version(
            read_document(
                tenant, customer_id, document_id, customers=customers, documents=documents
            ),
            if_version,
        )
        now = clock()
        after = rules.edit(before, values, actor=actor, now=now)
        try:
            if after is not before:
                documents.save(before, after)
        except StaleVersion:
            # It may have been judged meanwhile, which whoever gave no version does not mind.
            if if_version is not None:
                raise
            continue
        announced = after.replacement
        if announced is None or announced == before.replacement:
            return after, None
        return after, files.permit_upload(after.place(announced), announced, now=now)
    raise StaleVersion(f"document {document_id} keeps changing")


def _of_version(document: Document, if_version: int | None) -> Document:
    if if_version is not None and document.version != if_version:
        raise StaleVersion(
            f"document {document.id} is at version {document.version}, not {if_version}"
        )
    return document


def delete_document(
    tenant: str,
    customer_id: str,
    document_id: str,
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> None:
    """Delete the document and all its contents; `if_version` None means whatever version.

    The record goes first, for it may refuse: the files of a document that stays are not touched.
    """
    for _ in range(_ATTEMPTS):
        document = _of_version(
            read_document(
                tenant, customer_id, document_id, customers=customers, documents=documents
            ),
            if_version,
        )
        told = None
        if document.served:
            told = document_activity(document, "removed", actor, clock())
        try:
            documents.remove(document, told)
        except StaleVersion:
            # It may have been judged meanwhile, which whoever gave no version does not mind.
            if if_version is not None:
                raise
            continue
        for place in document.places:
            files.discard(place)
        return
    raise StaleVersion(f"document {document_id} keeps changing")


def judge_upload(
    place: Place,
    *,
    object_version: str | None,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> Outcome:
    """Judge a file that arrived for a document; however often and however late, with one effect."""
    for _ in range(_ATTEMPTS):
        document = documents.get(place.tenant, place.customer_id, place.document_id)
        if document is None:
            _discard_what_nobody_owns(place, files)
            return Outcome.NO_DOCUMENT
        try:
            return _judge(
                document, place, object_version, documents=documents, files=files, clock=clock
            )
        except StaleVersion:
            # Somebody else judged or deleted it meanwhile: look again.
            continue
    raise StaleVersion(f"document {place.document_id} keeps changing")


def _discard_what_nobody_owns(place: Place, files: DocumentFiles) -> None:
    """Delete what was sent after its document had gone.

    What a deletion has hidden is not seen here, and can be brought back as long as any other.
    """
    arrival = files.look(place, None)
    if arrival is not None:
        files.discard(place, arrival.object_version)


def _judge(
    document: Document,
    place: Place,
    object_version: str | None,
    *,
    documents: Documents,
    files: DocumentFiles,
    clock: Clock,
) -> Outcome:
    if document.awaited(place.number) is None:
        _forget_what_came_later(document, place, object_version, files)
        return Outcome.ALREADY_JUDGED
    arrival = files.look(place, object_version)
    if arrival is None:
        return Outcome.NO_FILE
    now = clock()
    judged = rules.judge(document, place.number, arrival, now=now)
    served = any(content.number == place.number for content in judged.served)
    told = None
    if served:
        verb = "replaced" if document.served else "added"
        told = document_activity(judged, verb, judged.content.announced_by, now)
    documents.save(document, judged, told)
    _discard_what_is_not_served(judged, place, arrival.object_version, files)
    return Outcome.ACTIVATED if served else Outcome.REFUSED


def _forget_what_came_later(
    document: Document, place: Place, object_version: str | None, files: DocumentFiles
) -> None:
    """Discard what arrived and is not awaited, unless it is what is served.

    Not every event tells the stored version; then the newest is meant.
    """
    if object_version is None:
        arrival = files.look(place, None)
        if arrival is None:
            return
        object_version = arrival.object_version
    _discard_what_is_not_served(document, place, object_version, files)


def _discard_what_is_not_served(
    document: Document, place: Place, object_version: str | None, files: DocumentFiles
) -> None:
    """Delete a refused file, and one that was sent after what it was announced as was judged."""
    served = {(content.number, content.object_version) for content in document.served}
    if (place.number, object_version) not in served:
        files.discard(place, object_version)
